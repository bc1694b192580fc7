"""The page docs/evidence.md, written from what was found: no number is typed, and sentences that depend on numbers are chosen by them."""

import platform
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from polish_firms import (
    ARITHMETIC,
    CASH_MARGIN,
    CASH_OUT,
    CASH_PROFIT,
    EXIT,
    FILE,
    HORIZON,
    POLICY,
    RECORDED,
    RUNWAY,
    SCENARIO,
    Simulated,
    Variant,
    baselines,
    column,
    failed_of,
    margin_by_costs,
    margin_by_profit,
    missing_expenses,
    other_columns,
)
from ranking import REPETITIONS, SEED, Counts, Estimate, Flags, Floats, areas, classes_of, failed_share, jackknife_error, resamples

from simsme.provenance import versions

WIDTH = 140
P_CASH, P_EXIT = f"simulated P(cash out by day {HORIZON})", f"simulated P(exit by day {HORIZON})"
ONE_CASH, ONE_EXIT = "P(cash out) from one filling", "P(exit) from one filling"
SHORT = {
    RUNWAY: "bare runway",
    CASH_MARGIN: "cash plus margin",
    CASH_PROFIT: "cash plus operating profit",
    ARITHMETIC: "the arithmetic",
    P_CASH: "P(cash out)",
    P_EXIT: "P(exit)",
}
RECORDED_NAMES = tuple(RECORDED)
MARGIN_LIMITS = (0.0, 0.03, 0.08, 0.20)
AGREEMENT = 0.02
"""Share of sales within which costs and operating profit of a firm are taken to say the same margin."""


@dataclass(frozen=True)
class Evidence:
    """What the page is written from.

    Attributes
    ----------
    data
        The file.
    digest
        Of the file's content.
    shipped
        The scenario as shipped, many fillings.
    single
        The same number of draws in all from one filling.
    variants
        Changed scenarios and readings; each with the first fillings of ``shipped`` only.
    """

    data: pd.DataFrame
    digest: str
    shipped: Simulated
    single: Simulated
    variants: tuple[tuple[Variant, Simulated], ...]

    @cached_property
    def failed(self) -> Flags:
        """Who went bankrupt, (n,)."""
        return failed_of(self.data)

    @cached_property
    def counts(self) -> Counts:
        """Resamples of firms, (1 + repetitions, n)."""
        return resamples(len(self.data))

    @cached_property
    def scores(self) -> dict[str, Floats]:
        """All scores by name, (n,)."""
        return baselines(self.data) | {
            P_CASH: self.shipped.chance(CASH_OUT),
            P_EXIT: self.shipped.chance(EXIT),
            ONE_CASH: self.single.chance(CASH_OUT),
            ONE_EXIT: self.single.chance(EXIT),
        }

    @cached_property
    def found(self) -> dict[str, Floats]:
        """Area of every score in the sample and in the resamples, (1 + repetitions,)."""
        return {name: areas(score, self.failed, self.counts) for name, score in self.scores.items()}

    def area(self, score: Floats, rows: Flags | None = None, strata: Counts | None = None) -> Floats:
        """Area of a score in the sample and in the resamples, of all firms or of those that are marked."""
        here = np.ones(len(score), dtype=bool) if rows is None else rows
        return areas(score[here], self.failed[here], self.counts[:, here], None if strata is None else strata[here])


# ----------------------------------------------------------------------------------------------------------------------- text


def paragraph(text: str, first: str = "") -> str:
    """Text in lines of the page's width."""
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (header, *rows)]
    return "\n".join([lines[0], "|---" * len(header) + "|", *lines[1:]])


def percent(share: float, digits: int = 1) -> str:
    """A share in percent."""
    return f"{100 * share:.{digits}f} %"


def share_text(share: Estimate) -> str:
    """A share in percent with its interval."""
    return f"{100 * share.value:.1f} [{100 * share.low:.1f}, {100 * share.high:.1f}]"


def listed(names: Sequence[str]) -> str:
    """Names as in a sentence."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def compared(areas_of: Mapping[str, Floats], name: str, others: Sequence[str]) -> str:
    """How a score ranks against others, judged by the interval of the paired differences."""
    gaps = {other: Estimate.of(areas_of[name] - areas_of[other]) for other in others}
    words = {1: "ranks better than", 0: "cannot be told from", -1: "ranks worse than"}
    parts = []
    for side, verb in words.items():
        there = [f"{SHORT[other]} ({gap.gap_text})" for other, gap in gaps.items() if gap.side() == side]
        if there:
            parts.append(f"{verb} {listed(there)}")
    return f"{SHORT.get(name, name)} {listed(parts)}"


# -------------------------------------------------------------------------------------------------------------------- sections


def question(evidence: Evidence) -> list[str]:
    """What was asked, and the answer."""
    first, others = evidence.found, (RUNWAY, CASH_MARGIN, ARITHMETIC)
    beats = all(Estimate.of(first[name] - first[other]).side() == 1 for name in (P_CASH, P_EXIT) for other in RECORDED_NAMES)
    answer = "**Yes.** " if beats else "**Not in every comparison.** "
    return [
        paragraph(
            "Does the simulated chance that a firm runs out of cash, or is gone, within a year rank real firms by whether they went bankrupt "
            "later, and better than two things that need no simulation: bare runway, and cash plus margin?"
        ),
        paragraph(
            f"{answer}{compared(first, P_CASH, others)}. {compared(first, P_EXIT, others)}. "
            "The arithmetic is one line on the same three columns, cash, sales and costs, and is not fitted either."
        ),
        paragraph(
            "**Nothing is fitted.** No number of the scenario or of the engine was set by these bankruptcies; of all the scores only cash plus "
            "margin has seen them. **But they were looked at.** The first try was one filling of what the file does not say (see below): "
            f"{compared(first, ONE_CASH, RECORDED_NAMES)}. The cause was sought with the bankruptcies in view, by ranking other readings "
            "and other numbers of fillings against them. What was taken over is the averaging over fillings. It has a reason that needs no "
            "bankruptcies, but it was chosen after looking, no interval knows of that, and there is no second sample on which it was tried."
        ),
    ]


def material(evidence: Evidence) -> list[str]:
    """The data."""
    data, failed = evidence.data, evidence.failed
    twins = int(data.drop(columns="firm_id").duplicated().sum())
    small = float((data["sme_eu_financial_criteria"] == 1).mean())
    rebuilt = float((data["qa_attr5_reproduced"] == 1).mean())
    text = (
        "Polish Companies Bankruptcy, [UCI data set 365](https://archive.ics.uci.edu/dataset/365/polish+companies+bankruptcy+data), CC BY 4.0, "
        "file of the first year: balance sheets, and whether the firm was bankrupt five years later. The data set publishes ratios; "
        "levels in thousand zloty are rebuilt from them (`total_assets = 10**X29`, `sales = X63*X51*TA`, `cash = (X2 - X30*s)*TA`, and so "
        f"on; a ratio that was not used for it is reproduced in {percent(rebuilt, 0)} of rows). `{FILE}` has {len(data):,} firms, "
        f"{int(failed.sum())} of them bankrupt ({percent(float(failed.mean()))}); {percent(small, 0)} are small or medium by the European limits "
        f"of money. {twins} rows repeat another one."
    )
    cautions = (
        "Bankrupts are over-sampled, and from other years than the rest (2000 to 2012, and 2007 to 2013): a part of any ranking may be the "
        "difference of years. The fixed and the variable part of costs are not separated."
    )
    return [paragraph(text), paragraph(cautions)]


def definitions(evidence: Evidence) -> list[str]:
    """What is what."""
    shipped = evidence.shipped
    score = (
        f"**Score of the simulation.** `{SCENARIO}` under no policy. P(cash out) is the share of draws in which the firm is short of cash at "
        f"least once by day {HORIZON}, P(exit) that in which it has left for good. What the file does not say of a firm, such as what its "
        f"owner can put in, is filled in at random, once a run: the score is the mean over {shipped.fillings} fillings (`population.seed` = `seed` "
        f"= 0 to {shipped.fillings - 1}) of {shipped.draws} draws."
    )
    area = (
        "**AUC.** The chance that a bankrupt firm scores above one that was not bankrupt, ties counting half (Mann-Whitney); 0.5 is no better "
        "than chance."
    )
    errors = {name: jackknife_error(left_out(evidence, name)) for name in (CASH_OUT, EXIT)}
    noise = (
        ""
        if shipped.fillings < 2
        else (
            f" The Monte Carlo error comes on top (jackknife over fillings, standard error): {errors[CASH_OUT]:.3f} for P(cash out), "
            f"{errors[EXIT]:.3f} for P(exit)."
        )
    )
    interval = (
        f"**Intervals.** In square brackets, here and everywhere below: 95 %, percentiles of {REPETITIONS:,} resamples of firms with "
        f"replacement (bootstrap, seed {SEED}), the same resamples for all scores, so that differences are paired. Simulated shares, the "
        f"fitted baseline and classes of firms stay as they are in the whole sample.{noise} A difference counts here as one where its "
        "interval leaves out 0."
    )
    return [paragraph(score), paragraph(area), paragraph(interval)]


def left_out(evidence: Evidence, name: str) -> list[float]:
    """Area in the sample with one filling left out at a time."""
    every, once = range(evidence.shipped.fillings), evidence.counts[:1]
    kept = [[k for k in every if k != out] for out in every]
    return [float(areas(evidence.shipped.chance(name, part), evidence.failed, once)[0]) for part in kept if part]


def result(evidence: Evidence) -> list[str]:
    """The table of scores."""
    rows = []
    for name, values in evidence.found.items():
        gaps = ["" if name == other else Estimate.of(values - evidence.found[other]).gap_text for other in (*RECORDED_NAMES, ARITHMETIC)]
        label = f"{name}, {evidence.single.draws} draws" if name in (ONE_CASH, ONE_EXIT) else name
        rows.append([f"**{label}**" if name in (P_CASH, P_EXIT) else label, Estimate.of(values).text, *gaps])
    return [table(("score", "AUC", "less bare runway", "less cash plus margin", "less the arithmetic"), rows)]


def tenths(evidence: Evidence) -> list[str]:
    """Bankruptcies by tenths of P(exit)."""
    chance, parts = evidence.scores[P_EXIT], classes_of(evidence.scores[P_EXIT], 10)
    rates = [failed_share(evidence.failed, evidence.counts, parts == k) for k in range(10)]
    rows = [
        [
            str(k + 1),
            f"{int((parts == k).sum()):,}",
            percent(float(chance[parts == k].mean())),
            str(int(evidence.failed[parts == k].sum())),
            share_text(Estimate.of(rates[k])),
        ]
        for k in range(10)
    ]
    falls = [k for k in range(9) if rates[k + 1][0] <= rates[k][0]]
    if not falls:
        order = "The share of bankrupts rises from every tenth to the next."
    else:
        clear = [k for k in falls if Estimate.of(rates[k + 1] - rates[k]).side() == -1]
        where = listed([f"{k + 1} to {k + 2}" for k in falls])
        order = f"The share of bankrupts does not rise at every step: not from tenth {where}, " + (
            "where the interval of the difference holds 0." if not clear else "and not by chance of sampling alone."
        )
    whole = int(evidence.failed.sum())
    top = int(evidence.failed[parts >= 8].sum())
    ends = Estimate.of(rates[9] - rates[0])
    tail = (
        f"From the lowest to the highest tenth it goes from {percent(rates[0][0])} to {percent(rates[9][0])}, a difference of "
        f"{share_text(ends)} points; the two highest tenths have {top} of the {whole} bankrupts ({percent(top / whole, 0)})."
    )
    return [
        table(("tenth by P(exit)", "firms", "mean P(exit)", "bankrupt", "bankrupt, %"), rows),
        paragraph(f"{order} {tail} Firms with equal P(exit) stand in an order that was drawn."),
    ]


def burn_and_buffer(evidence: Evidence) -> list[str]:
    """Bankruptcies and P(exit) by margin and runway."""
    runway, margin = column(evidence.data, "runway_days_zero_revenue"), margin_by_costs(evidence.data)
    limits = [float(limit) for limit in np.quantile(runway, [0.25, 0.5, 0.75])]
    low, middle, high = (f"{limit:.1f}" for limit in limits)
    header = ["margin", f"under {low} days", f"{low} to {middle}", f"{middle} to {high}", f"{high} and more"]
    edges = [f"{100 * limit:.0f}" for limit in MARGIN_LIMITS]
    labels = ["loss", *(f"{a} to {b} %" for a, b in zip(edges[:-1], edges[1:], strict=True)), f"{edges[-1]} % and more"]
    by_margin, by_runway = np.digitize(margin, MARGIN_LIMITS), np.digitize(runway, limits)
    rows = []
    for i, label in enumerate(labels):
        cells = []
        for j in range(4):
            here = (by_margin == i) & (by_runway == j)
            failed, number = int(evidence.failed[here].sum()), int(here.sum())
            chance = evidence.scores[P_EXIT][here]
            cells.append(f"{failed} of {number} ({percent(failed / number)}); {percent(float(chance.mean()), 0)}" if number else "none")
        rows.append([label, *cells])
    text = (
        "Burn and buffer: bankrupts of all firms and their share; mean P(exit). Margin is sales less operating costs, as the scenario reads "
        "it; runway is cash over operating costs, in quarters of the firms. Shares have no intervals here: the counts say how little some cells hold."
    )
    return [paragraph(text), table(header, rows)]


def fillings(evidence: Evidence) -> list[str]:
    """What averaging over fillings does."""
    shipped, once = evidence.shipped, evidence.counts[:1]
    sizes = [size for size in (1, 2, 5, 10, 20) if shipped.fillings % size == 0]
    rows: list[list[str]] = []
    for name, title in ((CASH_OUT, "P(cash out)"), (EXIT, "P(exit)")):
        cells = []
        for size in sizes:
            groups = np.arange(shipped.fillings).reshape(-1, size)
            values = [float(areas(shipped.chance(name, group.tolist()), evidence.failed, once)[0]) for group in groups]
            cells.append(f"{np.mean(values):.3f}" + (f" ({min(values):.3f} to {max(values):.3f})" if len(values) > 1 else ""))
        rows.append([title, *cells])
    gaps = {
        P_CASH: Estimate.of(evidence.found[P_CASH] - evidence.found[ONE_CASH]),
        P_EXIT: Estimate.of(evidence.found[P_EXIT] - evidence.found[ONE_EXIT]),
    }
    words = listed([f"{SHORT[name]} by {gap.gap_text}" for name, gap in gaps.items()])
    helped = [gap.side() for gap in gaps.values()]
    verdict = "Averaging improves" if helped == [1, 1] else "Averaging does not clearly improve" if 1 not in helped else "Averaging changes"
    text = (
        "The file does not say what owners can put in, whether there is a line, or when the loan falls due. A run draws these once a firm, and "
        "a firm keeps them in all draws: its share of draws is then the chance of a firm with that luck. The chance of a firm *given what "
        "is known of it* is the mean over fillings. Means over disjoint groups of fillings, with the lowest and the highest group:"
    )
    more = (
        f"More draws do not replace that: one filling with {evidence.single.draws} draws has {Estimate.of(evidence.found[ONE_CASH]).text} and "
        f"{Estimate.of(evidence.found[ONE_EXIT]).text}. {verdict} on it: {words}."
    )
    return [
        paragraph(text),
        table((f"fillings of {shipped.draws} draws", *(str(size) for size in sizes)), rows),
        paragraph(more),
    ]


def days_and_causes(evidence: Evidence) -> list[str]:
    """Areas by reported day, and by cause of the exit."""
    shipped = evidence.shipped
    days = sorted(int(name.rsplit("_", 1)[1]) for name in shipped.shares if name.startswith("cash_out_by_"))
    by_day = [
        [str(day), *(Estimate.of(evidence.area(shipped.chance(f"{name}_by_{day}"))).text for name in ("cash_out", "gone"))] for day in days
    ]
    causes = {
        cause: shipped.chance(f"gone_{cause}_by_{HORIZON}")
        for cause in (name.split("_")[1] for name in shipped.shares if name.startswith("gone_") and not name.startswith("gone_by_"))
    }
    named = {"patience": "creditors' patience", "loan": "a loan that is not renewed", "owner": "the owner's decision"}
    found = {cause: Estimate.of(evidence.area(chance)) for cause, chance in causes.items()}
    by_cause = [[named.get(cause, f"{cause} causes"), percent(float(causes[cause].mean())), found[cause].text] for cause in causes]
    words = {1: "rank those who failed higher", 0: "cannot be told from chance", -1: "rank those who failed lower"}
    said = [
        f"exits by {listed(there)} {verb}"
        for side, verb in words.items()
        if (there := [named.get(cause, f"{cause} causes") for cause in causes if found[cause].side(0.5) == side])
    ]
    text = "; ".join(said) + "."
    return [
        table(("by day", "AUC of P(cash out)", "AUC of P(exit)"), by_day),
        table((f"exits by day {HORIZON} by", "mean share of draws", "AUC"), by_cause),
        paragraph(text[0].upper() + text[1:]),
    ]


def which_margin(evidence: Evidence) -> list[str]:
    """How much of it is the margin, and which margin."""
    gap = margin_by_profit(evidence.data) - margin_by_costs(evidence.data)
    agree, low_costs = np.abs(gap) < AGREEMENT, gap < -AGREEMENT
    names = (RUNWAY, CASH_MARGIN, CASH_PROFIT, ARITHMETIC, P_CASH, P_EXIT)
    inside = {name: evidence.area(evidence.scores[name], agree) for name in names}
    rows = [
        [
            name,
            Estimate.of(values).text,
            *("" if name == other else Estimate.of(values - inside[other]).gap_text for other in RECORDED_NAMES),
        ]
        for name, values in inside.items()
    ]
    failed = evidence.failed
    text = (
        "**Much of it is the margin, and which margin.** The scenario reads margin as sales less `opex_annual`; the recorded baseline takes it from "
        f"operating profit. The two disagree by more than {percent(AGREEMENT, 0)} of sales in {int((~agree).sum()):,} firms. In "
        f"{int(low_costs.sum()):,} of those costs look too low, and {int(failed[low_costs].sum())} of them went bankrupt "
        f"({percent(float(failed[low_costs].mean()))}, of all firms {percent(float(failed.mean()))}). In the {int(agree.sum()):,} firms where the two "
        f"agree ({int(failed[agree].sum())} bankrupt):"
    )
    verdict = f"There, {compared(inside, P_CASH, RECORDED_NAMES)}; {compared(inside, P_EXIT, RECORDED_NAMES)}."
    return [
        paragraph(text),
        table(("score, firms where both margins agree", "AUC", "less bare runway", "less cash plus margin"), rows),
        paragraph(verdict),
    ]


def no_levels(evidence: Evidence) -> list[str]:
    """What the ranking does not speak of."""
    chance, rate = float(evidence.scores[P_EXIT].mean()), float(evidence.failed.mean())
    text = (
        "**It says nothing about levels.** The shock of the scenario did not happen to these firms, the credit market is China's, the year is "
        f"one of five, and bankrupts are over-sampled: that the mean P(exit) is {percent(chance)} and the share of bankrupts {percent(rate)} "
        "has no meaning. It says nothing about policies either: no policy was tried on these firms."
    )
    return [paragraph(text)]


def ignored(evidence: Evidence) -> list[str]:
    """What else tells who failed, among firms of equal P(exit)."""
    strata = classes_of(evidence.scores[P_EXIT], 20)
    columns = {"more P(exit) itself": evidence.scores[P_EXIT], "more P(cash out)": evidence.scores[P_CASH], **other_columns(evidence.data)}
    found = {name: Estimate.of(evidence.area(score, ~np.isnan(score), strata)) for name, score in columns.items()}
    told = [name for name, area in found.items() if area.side(0.5) == 1]
    reverse = [name for name, area in found.items() if area.side(0.5) == -1]
    silent = [name for name in found if name not in told and name not in reverse]
    parts = [
        f"firms with {listed(told)} failed more often" if told else "",
        f"with {listed(reverse)} less often" if reverse else "",
        f"{listed(silent)} {'add' if len(silent) > 1 else 'adds'} nothing that could be told from chance" if silent else "",
    ]
    unknown = missing_expenses(evidence.data)
    hidden = [percent(float(unknown[rows].mean()), 0) for rows in (evidence.failed, ~evidence.failed)]
    intro = (
        "Twentieths of P(exit), and pairs of a bankrupt and another firm within the same twentieth: the chance that the bankrupt is the one "
        f"with less, or more, of something. Each interval stands alone: of {len(found)}, one may leave out 0.5 by chance."
    )
    rest = (
        "Bankruptcies come within five years and the simulation sees one: what a firm earns year after year can count for more than what it "
        "has in the bank today. Depreciation is no outlay and counts as one (the scenario takes it that worn-out plant is replaced)."
    )
    trap = (
        f"Not used although it ranks well: whether `financial_expenses` is missing ({hidden[0]} of the bankrupts, {hidden[1]} of the others). "
        "That tells how the file was made and not how a firm fares."
    )
    sentence = f"Among firms of equal P(exit), {'; '.join(part for part in parts if part)}."
    rows = [[name, area.text] for name, area in found.items()]
    return [paragraph(intro), table(("the bankrupt has", "chance"), rows), paragraph(sentence), paragraph(rest), paragraph(trap)]


def tried(evidence: Evidence) -> list[str]:
    """Other readings of the file and other shocks."""
    if not evidence.variants:
        return []
    number = evidence.variants[0][1].fillings
    first = list(range(number))
    base = {name: evidence.area(evidence.shipped.chance(name, first)) for name in (CASH_OUT, EXIT)}
    rows = [
        [
            "as shipped",
            Estimate.of(base[CASH_OUT]).text,
            "",
            Estimate.of(base[EXIT]).text,
            "",
            Estimate.of(base[EXIT] - evidence.found[ARITHMETIC]).gap_text,
        ]
    ]
    better, worse = [], []
    for variant, simulated in evidence.variants:
        found = {name: evidence.area(simulated.chance(name)) for name in base}
        gaps = {name: Estimate.of(found[name] - base[name]) for name in base}
        plain = evidence.found[ARITHMETIC] if variant.arithmetic is None else evidence.area(variant.arithmetic(evidence.data))
        cells = [cell for name in base for cell in (Estimate.of(found[name]).text, gaps[name].gap_text)]
        rows.append([variant.name, *cells, Estimate.of(found[EXIT] - plain).gap_text])
        better += [variant.name] if gaps[EXIT].side() == 1 else []
        worse += [variant.name] if gaps[EXIT].side() == -1 else []
    parts = [
        f"P(exit) ranks better with: {'; '.join(better)}." if better else "P(exit) ranks better with none of them.",
        f"It ranks worse with: {'; '.join(worse)}." if worse else "",
    ]
    intro = (
        f"One change at a time, {number} fillings of {evidence.variants[0][1].draws} draws each, against the scenario as shipped with the same "
        "fillings. None was taken over: a scenario that is set by this table would be fitted. The last column compares with cash and a year's "
        "profit as the change reads them, without simulation: the arithmetic, and for the other margins cash plus that profit over sales."
    )
    header = ("change", "AUC of P(cash out)", "less as shipped", "AUC of P(exit)", "less as shipped", "P(exit) less cash and profit")
    return [paragraph(intro), table(header, rows), paragraph(" ".join(parts))]


def repeat(evidence: Evidence) -> list[str]:
    """How to get the page again."""
    known = ", ".join(f"{name} {number}" for name, number in versions().items())
    text = (
        f"FOLDER holds `{FILE}`, which does not come with simsme (SHA-256 {evidence.digest[:16]}...); without `--data` it is the folder that "
        "the environment variable `SIMSME_DATA` names. The command stops where the recorded areas of bare runway and of cash plus margin are "
        f"not reproduced. One filling from the command line: `simsme run {SCENARIO} --firms {FILE} --policies {POLICY} --draws "
        f"{evidence.shipped.draws} --seed 3 --set population.seed=3 --firm-level`."
    )
    return [
        "```console\npython benchmarks/evidence.py --data FOLDER\n```",
        paragraph(text),
        paragraph(f"Versions: {known}; {platform.machine()}."),
    ]


def page(evidence: Evidence) -> str:
    """The whole page."""
    sections = {
        "## What was asked": question(evidence),
        "## Data": material(evidence),
        "## Definitions": definitions(evidence),
        "## Result": result(evidence) + tenths(evidence) + burn_and_buffer(evidence),
        "## One filling, and many": fillings(evidence),
        "## By day and cause": days_and_causes(evidence),
        "## What this does not show": which_margin(evidence) + no_levels(evidence),
        "## What the simulation ignores": ignored(evidence),
        "## What was tried beside it": tried(evidence),
        "## How to repeat it": repeat(evidence),
    }
    blocks = [
        "# Evidence: do firms that the simulation sees fail, fail?",
        "Written by `python benchmarks/evidence.py`.",
    ]
    for heading, parts in sections.items():
        if parts:
            blocks += [heading, *parts]
    return "\n\n".join(blocks) + "\n"
