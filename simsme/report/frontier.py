"""Policies by what they save and what they cost: a chart with the frontier, and the table behind it."""

from collections.abc import Sequence
from typing import Any

from simsme.report.contents import Contents
from simsme.report.drawing import SHAPES, Frame, Shape, chart, round_ticks
from simsme.report.markup import Markup, joined, table, tag
from simsme.report.numbers import NOTHING, UNITS, count, day, money, money_column

LETTER, LINE = 6.3, 14.0
"""Width of a letter and distance of lines of the names in the chart, about."""

STATUS = {
    "frontier": "on the frontier",
    "dominated": "dominated: another one saves more for less",
    "extendedly dominated": "dominated by a mix of two others",
    "extended": "dominated by a mix of two others",
}


def frontier_section(contents: Contents) -> Markup:
    """Return the chart of firms saved against net cost on the last day, and the table."""
    last = contents.days[-1]
    if not contents.others:
        return tag("p", "There is no policy to compare with the reference.")
    note = (
        f"Firms saved and net cost by {day(last)}, against {contents.reference}. Net cost is the wealth that banks, public funds, the "
        "state and others lack against the reference; below zero they gain. Crosses are 95 % intervals of the paired means (Monte Carlo)."
    )
    charts = [_chart(contents, shape, last) for shape in SHAPES]
    return joined([tag("figure", *charts, tag("figcaption", note)), _table(contents, last)])


def _chart(contents: Contents, shape: Shape, last: int) -> Markup:
    entries = [(entry, entry["by_day"][str(last)]) for entry in contents.others]
    spots = [(entry["policy"], _interval(at["firms_saved"]), _interval(at["cost"]["net_estimate"]), at) for entry, at in entries]
    unit, word = next(((size, word) for size, word in UNITS if max(abs(x) for _, _, cost, _ in spots for x in cost) >= size), (1.0, ""))
    frame = Frame(shape, _limits([saved for _, saved, _, _ in spots], 1.0), _limits([cost for _, _, cost, _ in spots], unit))
    y_ticks = [(value, f"{value:g}".replace("-", "−")) for value in round_ticks(*frame.y_limits)]
    x_ticks = [(value, count(value) if value else "0") for value in round_ticks(*frame.x_limits, about=4)]
    parts = [frame.axes(x_ticks, y_ticks, "firms saved, less firms harmed", f"net cost,{word} {contents.currency}")]
    none = (0.0, 0.0, 0.0)
    marks = [(none, none, "#000000", contents.title_of(contents.reference))]
    marks += [(saved, cost, contents.looks[policy].colour, contents.title_of(policy)) for policy, saved, cost, _ in spots]
    parts += [_cross(frame, saved, cost, unit, colour, name) for saved, cost, colour, name in marks]
    parts += _names(frame, [(frame.x(saved[0]), frame.y(cost[0] / unit), name) for saved, cost, _, name in marks])
    front = sorted((saved[0], cost[0] / unit) for _, saved, cost, at in spots if at["effectiveness"]["firms_saved"]["status"] == "frontier")
    if len(front) > 1:
        path = "M" + "L".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in front)
        parts.append(tag("path", of={"d": path, "class": "front"}))
    title = "Firms saved and net cost by policy"
    return chart(
        "frontier", title, "One point a policy; the line joins those on the frontier. The table below holds the numbers.", parts, shape
    )


def _interval(estimate: dict[str, Any]) -> tuple[float, float, float]:
    error = estimate["mc_error"] or 0.0
    return float(estimate["mean"]), float(estimate["mean"] - 1.96 * error), float(estimate["mean"] + 1.96 * error)


def _limits(intervals: list[tuple[float, float, float]], unit: float) -> tuple[float, float]:
    values = [0.0, *(value / unit for interval in intervals for value in interval)]
    low, high = min(values), max(values)
    room = 0.08 * (high - low or 1.0)
    return low - room, high + room


def _cross(frame: Frame, saved: tuple[float, ...], cost: tuple[float, ...], unit: float, colour: str, name: str) -> Markup:
    x, y = frame.x(saved[0]), frame.y(cost[0] / unit)
    lines = f"M{frame.x(saved[1]):.1f},{y:.1f}H{frame.x(saved[2]):.1f}M{x:.1f},{frame.y(cost[1] / unit):.1f}V{frame.y(cost[2] / unit):.1f}"
    return tag(
        "g",
        tag("path", of={"d": lines, "stroke": colour}),
        tag("circle", tag("title", name), of={"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "5", "fill": colour}),
    )


def _names(frame: Frame, spots: Sequence[tuple[float, float, str]]) -> list[Markup]:
    """Return the names beside their points, from the top down, each below those that it would cover."""
    placed: list[tuple[float, float, float]] = []
    names = []
    for x, y, name in sorted(spots, key=lambda spot: spot[1]):
        width = LETTER * len(name)
        left = x - 9 - width if x + 9 + width > frame.shape.width else x + 9
        left = max(left, 2.0)
        at = y - 6
        for begins, ends, taken in placed:
            if begins < left + width and left < ends and at < taken + LINE:
                at = taken + LINE
        placed.append((left, left + width, at))
        names.append(tag("text", name, of={"x": f"{left:.1f}", "y": f"{at:.1f}", "class": "spot"}))
    return names


def _table(contents: Contents, last: int) -> Markup:
    entries = [(entry, entry["by_day"][str(last)]) for entry in contents.others]
    costs = [at["cost"] for _, at in entries]
    displaced = [cost.get("displaced_sales") or 0.0 for cost in costs]
    columns: list[tuple[str, Sequence[str]]] = [
        ("policy", [entry["title"] or entry["policy"] for entry, _ in entries]),
        ("firms saved", [_with_error(at["firms_saved"]) for _, at in entries]),
        ("jobs saved", [count(at["jobs_saved"]["mean"]) for _, at in entries]),
        money_column("paid out", [cost["gross"] for cost in costs], contents.currency),
        money_column("net cost", [cost["net"] for cost in costs], contents.currency),
        *([money_column("gained at the cost of other firms' sales", displaced, contents.currency)] if any(displaced) else []),
        ("net cost per firm saved (95 % interval)", [_price(cost, contents.currency) for cost in costs]),
        ("place", [_place(at["effectiveness"]["firms_saved"]["status"]) for _, at in entries]),
    ]
    caption = f"By {day(last)}, against {contents.reference}; ± is the Monte Carlo error of the paired mean"
    return table(caption, [name for name, _ in columns], zip(*(cells for _, cells in columns), strict=True))


def _with_error(saved: dict[str, Any]) -> str:
    return count(saved["mean"]) if saved["mc_error"] is None else f"{count(saved['mean'])} ± {saved['mc_error']:.1f}"


def _price(cost: dict[str, Any], currency: str) -> str:
    """Return the cost per firm saved with its interval, or why there is none."""
    if cost["per_firm_saved"] is None:
        return str(cost["reason"] or NOTHING)
    interval = cost["per_firm_saved_interval"]
    shown = money(cost["per_firm_saved"], currency)
    return f"{shown} ({money(interval[0], '')} to {money(interval[1], '')})" if interval else shown


def _place(status: str) -> str:
    return STATUS.get(status, status)
