"""The table of public funds for a terminal: what each had, how far it was used, whom it served, what it earned and lost."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from simsme.cli.columns import Column, Group, band, decimals_for, number, percent, scale_of, table_lines

GAP = "  "
"""Between the policy and the fund."""


def fund_table(summary: Mapping[str, Any], width: int) -> list[Text]:
    """Return the lines of the table of public funds of a summary, one row a policy and fund; none where there are no funds.

    Parameters
    ----------
    summary
        Fresh or stored, see `simsme.summary.summarize`.
    width
        Characters of a line.
    """
    funds = summary["funds"]
    if not funds:
        return []
    groups: list[Group] = []
    for day in dict.fromkeys(f"{float(day):g}" for day in (summary["headline_day"], summary["horizon_days"])):
        by_day = [fund["by_day"][day] for fund in funds]
        groups += [_use(by_day, day), _money(by_day, day, summary["currency"])]
    return table_lines(_names(funds), groups, width)


def _names(funds: Sequence[Mapping[str, Any]]) -> Column:
    policies = max(len(text) for text in ("policy", *(fund["policy"] for fund in funds)))
    head = "policy".ljust(policies) + GAP + "fund"
    return Column(("", head), tuple((fund["policy"].ljust(policies) + GAP + _short(fund), "") for fund in funds))


def _short(fund: Mapping[str, Any]) -> str:
    """The kind of a fund, and the name that tells it from others of the kind."""
    name = str(fund["fund"]).partition(":")[2]
    return f"{fund['kind']}:{name}" if name else str(fund["kind"])


def _use(funds: Sequence[Mapping[str, Any]], day: str) -> Group:
    firms = [fund[name]["mean"] for fund in funds for name in ("firms_served", "firms_turned_away")]
    decimals = min(decimals_for(firms), 1)

    def counted(head: tuple[str, str], name: str, decimals: int) -> Column:
        return Column(head, tuple((number(fund[name]["mean"], decimals), band(fund[name], 1.0, 0)) for fund in funds))

    columns = (
        Column(("peak use", "%"), tuple((percent(fund["peak_use"]["mean"]), band(fund["peak_use"], 100.0, 0)) for fund in funds)),
        counted(("days", "exhausted"), "exhausted_days", 0),
        counted(("firms", "served"), "firms_served", decimals),
        counted(("turned", "away"), "firms_turned_away", decimals),
    )
    return Group(f"public funds, day {day}", columns)


def _money(funds: Sequence[Mapping[str, Any]], day: str, currency: str) -> Group:
    def column(name: str, least: float) -> Column:
        """Sums in one unit, of which the largest is at least so many: those of small funds would else round to nothing."""
        estimates = [fund[name] for fund in funds]
        largest = max(abs(estimate["mean"]) for estimate in estimates)
        scale, word = scale_of(largest / least)
        decimals = decimals_for([largest / scale])
        cells = tuple(
            (number(estimate["mean"] / scale, decimals), band(estimate, 1.0 / scale, max(decimals - 1, 0))) for estimate in estimates
        )
        return Column((name, word), cells)

    return Group(f"{currency}, day {day}".removeprefix(", "), (column("capital", 1.0), column("fees", 100.0), column("losses", 100.0)))
