"""The last sections of the page: what the ranking does not show, what the simulation ignores, what was tried, how to repeat it."""

import platform

import numpy as np
from ranking import Estimate, classes_of

from poland.findings import P_CASH, P_EXIT, RECORDED_NAMES, SHORT, Findings
from poland.firms import (
    AGREEMENT,
    ARITHMETIC,
    CASH_MARGIN,
    CASH_PROFIT,
    FILE,
    RUNWAY,
    agreeing,
    margin_by_costs,
    margin_by_profit,
    missing_expenses,
    other_columns,
)
from poland.simulated import CASH_OUT, EXIT, POLICY, SCENARIO
from poland.words import compared, listed, paragraph, percent, table
from simsme.provenance import versions

CLASSES = 50
"""Classes of nearly equal P(exit) within which other columns are looked at."""


def which_margin(findings: Findings) -> list[str]:
    """How much of the ranking is the margin, and which margin."""
    failed, agree = findings.failed, agreeing(findings.data)
    low_costs = margin_by_profit(findings.data) - margin_by_costs(findings.data) <= -AGREEMENT
    names = (RUNWAY, CASH_MARGIN, CASH_PROFIT, ARITHMETIC, P_CASH, P_EXIT)
    inside = {name: findings.area(findings.scores[name], agree) for name in names}
    rows = []
    for name, values in inside.items():
        gaps = ["" if name == other else Estimate.of(values - inside[other]).gap_text for other in RECORDED_NAMES]
        rows.append([name, Estimate.of(values).text, *gaps])
    return [
        paragraph(f"""
            **Much of it is the margin, and which margin.** The scenario reads margin as sales less `opex_annual`; the recorded baseline
            takes it from operating profit. The two disagree by {percent(AGREEMENT, 0)} of sales or more in {int((~agree).sum()):,} firms.
            In {int(low_costs.sum()):,} of those costs look too low, and {int(failed[low_costs].sum())} of them went bankrupt
            ({percent(float(failed[low_costs].mean()))}; of all firms {percent(float(failed.mean()))}). In the {int(agree.sum()):,} firms
            where the two agree ({int(failed[agree].sum())} bankrupt):
        """),
        table(("score, firms where both margins agree", "AUC", *(f"less {SHORT[other]}" for other in RECORDED_NAMES)), rows),
        paragraph(f"There, {compared(inside, P_CASH, RECORDED_NAMES)}; {compared(inside, P_EXIT, RECORDED_NAMES)}."),
    ]


def no_levels(findings: Findings) -> list[str]:
    """What the ranking does not speak of."""
    chance, rate = float(findings.scores[P_EXIT].mean()), float(findings.failed.mean())
    return [
        paragraph(f"""
            **It says nothing about levels.** The shock of the scenario did not happen to these firms, the credit market is China's, the
            simulation sees one year of five, and bankrupts are over-sampled: the mean P(exit) of {percent(chance)} is no forecast of the
            {percent(rate)} that went bankrupt. It says nothing about policies either: none was tried on these firms.
        """)
    ]


def ignored(findings: Findings) -> list[str]:
    """What else tells who failed, among firms of nearly equal P(exit)."""
    strata = classes_of(findings.scores[P_EXIT], CLASSES)
    left = Estimate.of(findings.area(findings.scores[P_EXIT], strata=strata))
    columns = {"higher P(cash out)": findings.scores[P_CASH], **other_columns(findings.data)}
    found = {name: Estimate.of(findings.area(score, ~np.isnan(score), strata)) for name, score in columns.items()}
    sides = {side: [name for name, area in found.items() if area.side(0.5) == side] for side in (1, -1, 0)}
    said = [
        f"bankrupts more often have {listed(sides[1])}" if sides[1] else "",
        f"they less often have {listed(sides[-1])}" if sides[-1] else "",
        f"{listed(sides[0])} cannot be told from chance" if sides[0] else "",
    ]
    unknown = missing_expenses(findings.data)
    missing = [percent(float(unknown[rows].mean()), 0) for rows in (findings.failed, ~findings.failed)]
    return [
        paragraph(f"""
            The firms in {CLASSES} classes of nearly equal P(exit), and pairs of a bankrupt and another firm of the same class: the chance
            that the bankrupt is the one with less, or more, of something (the AUC within classes; of P(exit) itself, what the classes leave
            of it, {left.text}). Each interval stands for itself: with {len(found)} of them one may leave out 0.5 by chance.
        """),
        table(("the bankrupt has", "chance"), [[name, area.text] for name, area in found.items()]),
        paragraph(f"Within classes, {'; '.join(part for part in said if part)}."),
        paragraph("""
            Bankruptcies come within five years and the simulation sees one: what a firm earns year after year may count for more than what
            it has in the bank today. Depreciation is no outlay and counts as one, since the scenario takes it that worn-out plant is
        replaced. """),
        paragraph(f"""
            Not used although it ranks well: whether `financial_expenses` is missing ({missing[0]} of the bankrupts, {missing[1]} of the
            others). That tells how the file was made and not how a firm fares.
        """),
    ]


def tried(findings: Findings) -> list[str]:
    """Other readings of the file, and no shock."""
    number = min(simulated.fillings for _, simulated in findings.variants)
    shipped = {name: findings.area(findings.shipped.chance(name, range(number))) for name in (CASH_OUT, EXIT)}
    by_hand = findings.found[ARITHMETIC]
    first = (Estimate.of(shipped[CASH_OUT]).text, "", Estimate.of(shipped[EXIT]).text, "", Estimate.of(shipped[EXIT] - by_hand).gap_text)
    rows, sides = [["as shipped", *first]], dict[str, int]()
    for variant, simulated in findings.variants:
        found = {name: findings.area(simulated.chance(name)) for name in shipped}
        gaps = {name: Estimate.of(found[name] - shipped[name]) for name in shipped}
        plain = by_hand if variant.arithmetic is None else findings.area(variant.arithmetic(findings.data))
        cells = [text for name in shipped for text in (Estimate.of(found[name]).text, gaps[name].gap_text)]
        rows.append([variant.name, *cells, Estimate.of(found[EXIT] - plain).gap_text])
        sides[variant.name] = gaps[EXIT].side()
    better, worse = ([name for name, side in sides.items() if side == wanted] for wanted in (1, -1))
    header = ("change", "AUC of P(cash out)", "less as shipped", "AUC of P(exit)", "less as shipped", "P(exit) less cash and profit")
    return [
        paragraph(f"""
            One change at a time, {number} fillings of {findings.shipped.draws} draws each, against the scenario as shipped with the same
            fillings. None was taken over: a scenario that is set by this table would be fitted. The last column compares with cash and a
            year's profit as the change reads them, without simulation: the arithmetic, and where the margin is another one, cash plus that
            profit over sales.
        """),
        table(header, rows),
        paragraph(f"""
            P(exit) ranks better with {"; ".join(better) if better else "none of them"}. It ranks worse with
            {"; ".join(worse) if worse else "none of them"}.
        """),
    ]


def repeat(findings: Findings) -> list[str]:
    """How to get the page again."""
    known = ", ".join(f"{name} {number}" for name, number in versions().items())
    options = f"--policy {POLICY} --draws {findings.shipped.draws} --seed 3 --set population.seed=3 --firm-level"
    return [
        "```console\npython benchmarks/evidence.py --data FOLDER\n```",
        paragraph(f"""
            FOLDER holds `{FILE}`, which does not come with simsme (its SHA-256 begins with {findings.digest[:16]}); without `--data` it is
            the folder that the environment variable `SIMSME_DATA` names. The command stops where the recorded areas of bare runway and of
            cash plus margin are not reproduced. One of the fillings from the command line:
        """),
        f"```console\nsimsme run {SCENARIO} --firms {FILE} {options}\n```",
        paragraph(f"Versions: {known}. Machine: {platform.machine()}."),
    ]
