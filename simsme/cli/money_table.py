"""The table of money for a terminal: what policies cost whom, what a firm or a job saved costs, and which policies are on the frontier."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from simsme.cli.columns import Column, Group, band, decimals_for, number, percent, scale_of, table_lines

Entries = Sequence[Mapping[str, Any]]

PAYERS_TOGETHER = 3

SHORT = {"government": "state", "central_bank": "central bank"}
"""What a payer is called where there is little room."""

MOVED = {"paid out": "gross", "came back": "repaid", "waived": "foregone", "moved to later": "carried"}
"""Heads of columns of money, and what stands in them."""

LEAST_SHOWN = 0.01
"""The largest sum of a column is at least so many units: with fewer it would be read as nothing."""

STATUSES = {"frontier": "yes", "dominated": "no", "extendedly dominated": "no, mixed", "same": "same"}
"""How a policy's place is told: whether it is on the frontier."""


def money_table(summary: Mapping[str, Any], width: int) -> list[Text]:
    """Return the lines of the table of money of a summary, on the last reported day; none where there is only the reference.

    Parameters
    ----------
    summary
        Fresh or stored, see `simsme.summary.summarize`.
    width
        Characters of a line. Groups of columns that find no room come below the others.
    """
    policies = [entry for entry in summary["policies"] if entry["policy"] != summary["reference"]]
    if not policies:
        return []
    day = max(policies[0]["by_day"], key=float)
    entries = [entry["by_day"][day] for entry in policies]
    names = Column(("", "policy"), tuple((entry["policy"], "") for entry in policies))
    costs = [entry["cost"] for entry in entries]
    currency = summary["currency"]
    money = f"{currency}, day {day}".removeprefix(", ")
    groups = [*_moved(costs, money), _net_cost(costs, f"{currency} in all, day {day}".strip()), _per(entries, day, currency)]
    return table_lines(names, [*groups, *_payers(costs, money)], width)


def _moved(costs: Entries, title: str) -> list[Group]:
    """What is paid out, comes back, is waived or moved to later, as far as anything is."""
    told = {head: [cost[name] for cost in costs] for head, name in MOVED.items() if any(cost[name] for cost in costs)}
    unit = _unit(*told.values())
    columns = tuple(_amounts(head, values, unit) for head, values in told.items())
    return [Group(title, columns)] if columns else []


def _net_cost(costs: Entries, title: str) -> Group:
    """What of it is a cost in the end, and what stands beside that."""
    net, back = [cost["net_estimate"] for cost in costs], [cost["returns"]["government"] for cost in costs]
    displaced = [cost["displaced_sales"] for cost in costs]
    unit = _unit([estimate["mean"] or 0.0 for estimate in net], back, displaced)
    columns = [_net(net, unit), _amounts("taxes back", back, unit)]
    return Group(title, (*columns, _amounts("others' sales", displaced, unit)) if any(displaced) else tuple(columns))


def _per(entries: Entries, day: str, currency: str) -> Group:
    def column(name: str) -> Column:
        values = [entry["cost"][f"per_{name}_saved"] for entry in entries]
        intervals = [entry["cost"][f"per_{name}_saved_interval"] for entry in entries]
        scale, word = _scale(values)
        decimals = decimals_for([(value or 0.0) / scale for value in values])
        cells = tuple(
            (number(None if value is None else value / scale, decimals), _interval(interval, scale, decimals))
            for value, interval in zip(values, intervals, strict=True)
        )
        return Column((f"{word} {currency}".strip(), f"per {name}"), cells)

    places = [entry["effectiveness"]["firms_saved"] for entry in entries]
    shares = [place["frontier_share"] for place in places]
    sure = tuple(
        (STATUSES[place["status"]], "" if share is None else f"{percent(share)} %") for place, share in zip(places, shares, strict=True)
    )
    lost = [entry["cost"]["deadweight"] for entry in entries]
    columns = (
        column("firm"),
        column("job"),
        Column(("on the", "frontier"), sure),
        Column(("dead-", "weight %"), tuple((percent(None if share is None else share["mean"]), "") for share in lost)),
    )
    return Group(f"net cost per saved, day {day}", columns)


def _payers(costs: Entries, money: str) -> list[Group]:
    """Who pays, as far as anybody does; a few to a group, so that a narrow screen takes them."""
    payers = [payer for payer in costs[0]["by_payer"] if any(cost["by_payer"][payer] for cost in costs)]
    told = {SHORT.get(payer, payer): [cost["by_payer"][payer] for cost in costs] for payer in payers}
    unit = _unit(*told.values())
    columns = [_amounts(head, values, unit) for head, values in told.items()]
    return [
        Group(f"net cost to, {money}" if first == 0 else "and to", tuple(columns[first : first + PAYERS_TOGETHER]))
        for first in range(0, len(columns), PAYERS_TOGETHER)
    ]


Unit = tuple[float, str]
"""By what money is divided, and the name of that."""


def _unit(*columns: Sequence[float]) -> Unit:
    """One unit for columns that stand together: that of the largest sum, or a smaller one where a column would else show nothing."""
    largest = [max(map(abs, column), default=0.0) for column in columns]
    some = [amount for amount in largest if amount > 0.0] or [0.0]
    return scale_of(max(min(some) / LEAST_SHOWN, 1.0) if min(some) < LEAST_SHOWN * scale_of(max(some))[0] else max(some))


def _amounts(head: str, values: Sequence[float], unit: Unit) -> Column:
    """Money in a unit, which stands in the head."""
    scale, word = unit
    decimals = decimals_for([value / scale for value in values])
    return Column((head, word), tuple((number(value / scale, decimals), "") for value in values))


def _net(estimates: Sequence[Mapping[str, float | None]], unit: Unit) -> Column:
    means = [estimate["mean"] or 0.0 for estimate in estimates]
    scale, word = unit
    decimals = decimals_for([mean / scale for mean in means])
    cells = tuple(
        (number(mean / scale, decimals), band(estimate, 1.0 / scale, max(decimals - 1, 0)))
        for mean, estimate in zip(means, estimates, strict=True)
    )
    return Column(("net cost", word), cells)


def _scale(values: Sequence[float | None]) -> tuple[float, str]:
    return scale_of(max((abs(value or 0.0) for value in values), default=0.0))


def _interval(interval: Sequence[float] | None, scale: float, decimals: int) -> str:
    if interval is None:
        return ""
    low, high = interval
    return band({"low": low, "high": high}, 1.0 / scale, decimals)
