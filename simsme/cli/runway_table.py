"""The answers about one firm on the screen: chances, the 13 weeks, what helps, how much is needed, what was assumed."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import isnan
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from simsme.cash_fan import QUANTILES
from simsme.cli.columns import MISSING, Column, Group, decimals_for, number, scale_of, table_lines
from simsme.cli.screen import print_pairs, print_prose, screen
from simsme.runway.needs_words import GOALS, NOT_REACHED, amount_in_words, day_with_interval, fall_in_words, rounded
from simsme.runway.own_firm import DRAWN, OWN_ID, TYPICAL

if TYPE_CHECKING:
    from simsme.cash_sheet import CashSheet, Row
    from simsme.runway.answer import Runway
    from simsme.runway.helps import Help
    from simsme.runway.own_firm import Assumed

UNITS = {"money": "", "money a year": " a year", "share": " %", "per year": " % a year"}
"""What stands behind a number of a firm; other units stand as they are."""


def print_runway(found: "Runway") -> None:
    """Print all answers for a reader."""
    console = screen()
    case, scenario = found.case, found.case.scenario
    firms, currency = case.firms, scenario.currency
    industry, size = firms.industry_names[int(firms.industry[0])], firms.size_names[int(firms.size[0])]
    name = "Your firm" if firms.ids[0] == OWN_ID else firms.ids[0]
    money = f"sales {firms.sales[0]:,.0f} {currency}".rstrip()
    print_prose(console, f"{name}: a {size} firm in {industry}, {money} a year, cash {firms.cash[0]:,.0f}", bold=name)
    title = f"{scenario.name}: {scenario.title}" if scenario.title else scenario.name
    print_prose(console, f"{title}; day 0 is {scenario.time.start_date}; {scenario.draws:,} draws, seed {scenario.seed}", style="dim")
    for remark in case.remarks:
        print_prose(console, f"Remark: {remark}.")

    _heading(console, "How long does the cash last?")
    for line in _how_long(found):
        print_prose(console, line)
    for row in _chances_lines(found, console.width):
        console.print(row)

    _heading(console, f"The next {found.sheet.weeks} weeks (means over draws{f', {currency}' if currency else ''})")
    for row in _sheet_lines(found.sheet, console.width):
        console.print(row)

    _heading(console, f"What helps, over {found.help_weeks} weeks")
    for row in _help_lines(found, console.width):
        console.print(row)
    idle = [help_.words for help_ in found.helps if help_.does_nothing]
    if idle:
        print_prose(console, f"Changed nothing for this firm in any of the {scenario.draws:,} draws: {', '.join(idle)}.")

    _heading(console, "How much is needed?")
    for row in _needs_lines(found, console.width):
        console.print(row)
    print_prose(console, fall_in_words(found))

    if case.assumed:
        # the numbers of a firm are all taken in one way, which need not be said in every line
        how = next((assumed.why for assumed in case.assumed if assumed.why.startswith((TYPICAL, DRAWN))), "")
        _heading(console, f"Assumed, because nobody said it{f'; numbers {how}' if how else ''}")
        print_pairs(console, {assumed.column: assumed_in_words(assumed, how) for assumed in case.assumed})
    console.print()
    for line in _how_to_read(found):
        print_prose(console, line, style="dim")


def assumed_in_words(assumed: "Assumed", how: str) -> str:
    """Value, meaning and basis in one line, and how it was found where that is not `how`."""
    if isinstance(assumed.value, str):
        return f"{assumed.value}: {assumed.why}"
    if assumed.column == "state_landlord":
        return f"{'yes' if assumed.value else 'no'}: whether the landlord is the state ({assumed.basis})"
    is_share = assumed.unit in ("share", "per year")
    value = 100.0 * assumed.value if is_share else assumed.value
    decimals = 0 if abs(value) >= 100 or float(value).is_integer() else 1
    unit = UNITS.get(assumed.unit, f" {assumed.unit}")
    shown = f"day {value:.0f}" if assumed.column.endswith("day") else f"{number(value, decimals)}{unit}"
    basis = {"scenario": "from the scenario", "assumption": "an assumption"}.get(assumed.basis, assumed.basis)
    why = assumed.why if assumed.why.startswith("none") else basis if assumed.why == how else f"{assumed.why}; {basis}"
    return f"{shown}: {assumed.meaning} ({why})"


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def _how_long(found: "Runway") -> list[str]:
    weeks = found.chances.weeks_of_cash()
    static = weeks["static"]
    lines = ["There are no fixed costs, so that cash lasts for ever without sales."]
    if static is not None:
        lines = [f"Without any sales, cash pays people, rent, other fixed costs and interest for {static:.1f} weeks (static)."]
    said = []
    for name, part in (("p10", "one draw in ten"), ("p50", "half of the draws"), ("p90", "nine in ten")):
        week = weeks[name]["week"]
        if week is None:
            early = weeks[name]["low"]
            said.append(f"fewer than {part} within {found.chances.weeks} weeks" + (f" (from week {early})" if early is not None else ""))
            break
        low, high = weeks[name]["low"], weeks[name]["high"]
        said.append(f"{part} by week {week} ({low} to {'never' if high is None else high})")
    return [*lines, f"In the scenario, this many are short of cash (95 % interval): {', '.join(said)}."]


def _chances_lines(found: "Runway", width: int) -> list[Text]:
    rows = {"short_of_cash": "short of cash by then", "not_trading": "not trading then", "gone": "gone for good by then"}
    by_week = found.chances.by_week()
    start = found.case.scenario.time.start_date

    def cell(entry: Mapping[str, float]) -> tuple[str, str]:
        if entry["share"] in (0.0, 1.0):
            # no draw, or every one: a standard error of 0 would say too much
            end = f"to {number(100 * entry['high'])}" if entry["share"] == 0.0 else f"from {number(100 * entry['low'])}"
            return f"{number(100 * entry['share'], 0)} ({end})", ""
        return f"{number(100 * entry['share'])} ± {number(100 * entry['mc_error'])}", ""

    columns = [
        Column((f"week {chance['week']}", f"{start + timedelta(days=7 * chance['week'])}"), tuple(cell(chance[row]) for row in rows))
        for chance in by_week
    ]
    names = Column(("", "chance in %"), tuple((words, "") for words in rows.values()))
    return table_lines(names, [Group("by the end of", tuple(columns))], width)


def _sheet_lines(sheet: "CashSheet", width: int) -> list[Text]:
    rows = {row.line: row for row in sheet.rows}
    shown = [("opening", "opening cash"), ("receipts", "all receipts"), ("payments", "all payments"), ("financing", "all financing")]
    if rows["all closing down"].by_week.any():
        shown.append(("closing down", "all closing down"))
    closing = rows["closing cash"]
    largest = max(float(abs(sheet.means(row)).max()) for row in sheet.rows)
    scale, word = scale_of(largest / 10.0)
    values = [sheet.quantile(closing, share)[:-1] / scale for share in QUANTILES.values()]
    decimals = decimals_for([float(value) for quantile in values for value in quantile], few=10.0) if scale > 1.0 else 0

    def column(head: str, amounts: Sequence[float], error: float) -> Column:
        cells = [number(float(amount), decimals) for amount in amounts]
        return Column((word, head), tuple((cell, "") for cell in (*cells, MISSING if isnan(error) else f"± {number(error, decimals)}")))

    def of(head: str, row: "Row") -> Column:
        return column(head, (sheet.means(row)[:-1] / scale).tolist(), float(sheet.errors(row)[:-1].max()) / scale)

    def quantile(head: str, share: float) -> Column:
        middle = sheet.quantile(closing, share)[:-1]
        reach = max(float(abs(end[:-1] - middle).max()) for end in sheet.ends(closing, share))
        return column(head, (middle / scale).tolist(), reach / scale)

    # a line for the largest error of each column: one beside each number would leave no room for the numbers
    weeks = (*((f"{week:2d}  to {last}", "") for week, (_, last) in enumerate(sheet.dates, start=1)), ("at most", ""))
    groups = [
        Group("mean: adds up", (*(of(head, rows[line]) for head, line in shown), of("closing", closing))),
        Group("closing, by itself", tuple(quantile(name.upper(), share) for name, share in QUANTILES.items())),
    ]
    return table_lines(Column(("", "week"), weeks), groups, width)


def _help_lines(found: "Runway", width: int) -> list[Text]:
    helps = [help_ for help_ in found.helps if not help_.does_nothing]
    if not helps:
        return [Text("Nothing of what was tried changes anything.")]
    names = Column(("", ""), tuple((f"{'' if help_.is_own else 'lever: '}{help_.words}", "") for help_ in helps))
    currency = found.case.scenario.currency
    cash = [abs(float(help_.gain_lowest_cash["mean"] or 0.0)) for help_ in helps]
    scale, word = scale_of(max([*cash, 0.0]) / 10.0)
    unit = f"{word} {currency}".strip()

    def gain(effect: Mapping[str, float | None], factor: float, decimals: int = 1) -> tuple[str, str]:
        mean, error = effect["mean"], effect["mc_error"]
        plus = "" if error is None else f" ± {number(factor * error, decimals)}"
        shown = number(None if mean is None else factor * mean, decimals, "+")
        if error == 0.0 and "high" in effect:
            # every draw says the same: the interval says how much that is worth
            return f"{shown} ({' to '.join(number(factor * float(effect[end] or 0.0), decimals) for end in ('low', 'high'))})", ""
        return f"{shown}{plus if error else ''}", ""

    def price(help_: "Help") -> tuple[str, str]:
        if help_.cost is None or help_.cost["mean"] is None:
            return MISSING, ""
        # from a fee to the sales of a quarter: no one unit suits all prices
        shown, error = rounded(help_.cost["mean"]).replace("-", "−"), help_.cost["mc_error"]
        return f"{shown} ± {rounded(float(f'{error:.2g}'))}" if error else shown, ""

    columns = (
        Column(("not gone", "points"), tuple(gain(help_.gain_not_gone, 100.0) for help_ in helps)),
        Column(("never short", "points"), tuple(gain(help_.gain_not_short, 100.0) for help_ in helps)),
        Column(("weeks of", "cash"), tuple(gain(help_.gain_weeks, 1.0) for help_ in helps)),
        Column(("lowest cash", unit), tuple(gain(help_.gain_lowest_cash, 1.0 / scale, 0 if scale == 1.0 else 1) for help_ in helps)),
        Column(("", currency), tuple(price(help_) for help_ in helps)),
    )
    return table_lines(names, [Group("gain, ± Monte Carlo error", columns[:4]), Group("price", columns[4:])], width)


def _needs_lines(found: "Runway", width: int) -> list[Text]:
    """Cash and credit line for a chance over the weeks, and the last day to apply for a loan."""
    firms = found.case.firms
    has = {"cash": ("cash", float(firms.cash[0])), "credit_line": ("credit line", float(firms.credit_line[0]))}
    names = [f"{words}, {goal} (it has {rounded(amount)})" for words, amount in has.values() for goal in GOALS.values()]
    names.append(f"apply for a loan, {found.loan_delay_days:.0f} days to money, by")
    columns = []
    for position, entry in enumerate(found.latest):
        cells = [amount_in_words(found.needs[name]["targets"][position][goal]) for name in has for goal in GOALS]
        cells.append(day_with_interval(found, entry))
        columns.append(Column(("", f"{100 * entry['target']:.0f} %"), tuple(cells)))
    title = f"for a chance over {found.help_weeks} weeks of; below: 95 % interval"
    lines = table_lines(Column(("", ""), tuple((name, "") for name in names)), [Group(title, tuple(columns))], width)
    if any(cell[0] == NOT_REACHED for column in columns for cell in column.cells):
        lines.append(Text(f"{NOT_REACHED}: not with half a year of normal outlays more; other things than cash decide."))
    return lines


def _how_to_read(found: "Runway") -> list[str]:
    weeks = found.help_weeks
    prices = {help_.words: help_.cost_words for help_ in found.helps if help_.is_own and not help_.does_nothing}
    lines = [
        "short of cash: more falls due in a week than cash and credit line pay. gone: closed for good. ± is the Monte Carlo standard error "
        "of a share or mean, (to) and (from) the end of its 95 % interval where no draw has it, or every one; "
        "the spread between P10 and P90 is luck and shock, and does not shrink with more draws.",
        "at most: the largest Monte Carlo standard error of the means above it; of percentiles, the farthest end of a 95 % interval. "
        "The means of the weeks add up: opening + receipts − payments + financing − closing down = closing. Percentiles are taken number "
        "by number, so that they do not. Payments are what is paid; bills that stay unpaid are carried over.",
        f"What helps: each by itself, from day 0, on the same draws as doing nothing; the largest gain in the chance of not being gone by "
        f"week {weeks} first. Where no draw is different the 95 % interval stands in brackets. Weeks of cash are counted to week {weeks}. "
        "The best of many looks a little better than it is.",
        "A lever is shown as if this firm got it (take-up 1), as if the fund behind it had money and time, and as if no review held it "
        "back; its price is what is given to the firm or for it: what is lent has no price here.",
    ]
    if prices:
        lines.append("Price of own measures: " + "; ".join(f"{words}: {price}" for words, price in prices.items()) + ".")
    return lines
