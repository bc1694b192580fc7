"""The middle of the page: how the scores rank, who failed by tenths, what fillings, days and causes have to do with it."""

import numpy as np
from ranking import Estimate, classes_of, failed_share

from poland.findings import ONE_CASH, ONE_EXIT, P_CASH, P_EXIT, RECORDED_NAMES, SHORT, Findings
from poland.firms import ARITHMETIC, column, margin_by_costs
from poland.simulated import CASH_OUT, EXIT, HORIZON
from poland.words import listed, paragraph, percent, points, table

MARGIN_LIMITS = (0.0, 0.03, 0.08, 0.20)
"""Between the rows of burn and buffer; between its columns stand the quartiles of runway."""

CAUSES = {"patience": "creditors' patience", "loan": "a loan that is not renewed", "owner": "the owner's decision"}


def scores(findings: Findings) -> list[str]:
    """The table of scores."""
    rows = []
    for name, values in findings.found.items():
        label = f"{name}, {findings.single.draws} draws" if name in (ONE_CASH, ONE_EXIT) else name
        others = (*RECORDED_NAMES, ARITHMETIC)
        gaps = ["" if name == other else Estimate.of(values - findings.found[other]).gap_text for other in others]
        rows.append([f"**{label}**" if name in (P_CASH, P_EXIT) else label, Estimate.of(values).text, *gaps])
    return [table(("score", "AUC", *(f"less {SHORT[other]}" for other in (*RECORDED_NAMES, ARITHMETIC))), rows)]


def tenths(findings: Findings) -> list[str]:
    """Bankruptcies by tenths of P(exit), and whether they rise from each to the next."""
    chance, failed = findings.scores[P_EXIT], findings.failed
    tenth = classes_of(chance, 10)
    rates = [failed_share(failed, findings.counts, tenth == k) for k in range(10)]
    rows = []
    for k, rate in enumerate(rates):
        here = tenth == k
        bankrupt = str(int(failed[here].sum()))
        rows.append([str(k + 1), f"{int(here.sum()):,}", percent(float(chance[here].mean())), bankrupt, points(Estimate.of(rate))])
    falls = {k: Estimate.of(rates[k + 1] - rates[k]) for k in range(9) if rates[k + 1][0] <= rates[k][0]}
    where = listed([f"{k + 1} to {k + 2} ({points(gap)} points)" for k, gap in falls.items()]) if falls else ""
    order = f"does not rise from tenth {where}, and at every other step it does" if falls else "rises from every tenth to the next"
    top, whole = int(failed[tenth >= 8].sum()), int(failed.sum())
    text = f"""
        The share of bankrupts {order}. From the lowest to the highest tenth it goes from {percent(rates[0][0])} to {percent(rates[9][0])},
        a difference of {points(Estimate.of(rates[9] - rates[0]))} points; the two highest tenths have {top} of the {whole} bankrupts
        ({percent(top / whole, 0)}). Firms with equal P(exit) stand in an order that was drawn.
    """
    return [table(("tenth by P(exit)", "firms", "mean P(exit)", "bankrupt", "bankrupt, %"), rows), paragraph(text)]


def burn_and_buffer(findings: Findings) -> list[str]:
    """Bankruptcies and P(exit) by margin and runway."""
    runway, chance = column(findings.data, "runway_days_zero_revenue"), findings.scores[P_EXIT]
    limits = [float(limit) for limit in np.quantile(runway, [0.25, 0.5, 0.75])]
    by_margin, by_runway = np.digitize(margin_by_costs(findings.data), MARGIN_LIMITS), np.digitize(runway, limits)
    edges = [f"{100.0 * limit:.0f}" for limit in MARGIN_LIMITS]
    labels = ["loss", *(f"{a} to {b} %" for a, b in zip(edges[:-1], edges[1:], strict=True)), f"{edges[-1]} % and more"]
    rows = []
    for i, label in enumerate(labels):
        cells = []
        for j in range(4):
            here = (by_margin == i) & (by_runway == j)
            bankrupt, firms = int(findings.failed[here].sum()), int(here.sum())
            share = (
                f"{bankrupt} of {firms} ({percent(bankrupt / max(firms, 1))}); {percent(float(chance[here].mean()), 0)}" if firms else ""
            )
            cells.append(share)
        rows.append([label, *cells])
    low, middle, high = (f"{limit:.1f}" for limit in limits)
    text = """
        Burn and buffer: bankrupts of all firms, their share; mean P(exit). Margin is sales less operating costs, as the scenario reads it;
        runway is cash over operating costs, in quarters of the firms. The shares have no intervals: the counts say how little some cells
    hold. """
    header = ("margin", f"runway under {low} days", f"{low} to {middle}", f"{middle} to {high}", f"{high} and more")
    return [paragraph(text), table(header, rows)]


def fillings(findings: Findings) -> list[str]:
    """What averaging over fillings does."""
    shipped, found = findings.shipped, findings.found
    sizes = [size for size in (1, 2, 5, 10, 20) if shipped.fillings % size == 0]
    rows: list[list[str]] = []
    for name, title in ((CASH_OUT, "AUC of P(cash out)"), (EXIT, "AUC of P(exit)")):
        rows.append([title])
        for size in sizes:
            groups = np.arange(shipped.fillings).reshape(-1, size)
            values = [findings.sample_area(name, group.tolist()) for group in groups]
            rows[-1].append(f"{np.mean(values):.3f}" + (f" ({min(values):.3f} to {max(values):.3f})" if len(values) > 1 else ""))
    gaps = {many: Estimate.of(found[many] - found[one]) for many, one in ((P_CASH, ONE_CASH), (P_EXIT, ONE_EXIT))}
    clear = {gap.side() for gap in gaps.values()} == {1}
    return [
        paragraph("""
            The file does not say what owners can put in, whether there is a line, or when the loan falls due. A run draws these once a
            firm, and the firm keeps them in all draws: its share of draws is then the chance of a firm with that luck. The chance of a firm
            *given what is known of it* is the mean over fillings. Means over groups of fillings that have none in common, and from the
            lowest to the highest group:
        """),
        table((f"fillings of {shipped.draws} draws", *(str(size) for size in sizes)), rows),
        paragraph(f"""
            More draws {"do not replace that" if clear else "do much the same here"}: one filling with {findings.single.draws} draws has
            {Estimate.of(found[ONE_CASH]).text} and {Estimate.of(found[ONE_EXIT]).text}. Many fillings change that
            {listed([f"by {gap.gap_text} for {SHORT[name]}" for name, gap in gaps.items()])}.
        """),
    ]


def days_and_causes(findings: Findings) -> list[str]:
    """Areas by reported day, and by cause of the exit."""
    shipped = findings.shipped
    days = sorted(int(name.rsplit("_", 1)[1]) for name in shipped.shares if name.startswith("cash_out_by_"))
    by_day = [
        [str(day), *(Estimate.of(findings.area(shipped.chance(f"{name}_by_{day}"))).text for name in ("cash_out", "gone"))] for day in days
    ]
    names = [name for name in shipped.shares if name.startswith("gone_") and not name.startswith("gone_by_")]
    chances = {CAUSES.get(cause := name.split("_")[1], f"{cause} causes"): shipped.chance(name) for name in names}
    found = {cause: Estimate.of(findings.area(chance)) for cause, chance in chances.items()}
    verbs = {1: "rank bankrupts higher", 0: "cannot be told from chance", -1: "rank bankrupts lower"}
    said = [
        f"exits by {listed(there)} {verb}"
        for side, verb in verbs.items()
        if (there := [cause for cause, area in found.items() if area.side(0.5) == side])
    ]
    return [
        table(("by day", "AUC of P(cash out)", "AUC of P(exit)"), by_day),
        table(
            (f"exits by day {HORIZON} by", "mean share of draws", "AUC"),
            [[cause, percent(float(chances[cause].mean())), area.text] for cause, area in found.items()],
        ),
        paragraph("By cause, " + "; ".join(said) + "."),
    ]
