"""Public funds over time: how much of each is in use."""

from simsme.report.contents import Contents
from simsme.report.drawing import SHAPES, Frame, Shape, chart, round_ticks
from simsme.report.markup import Markup, joined, table, tag
from simsme.report.numbers import count, day, money, percent


def funds_section(contents: Contents) -> Markup | None:
    """Return the chart and the table of funds; None where there are none."""
    if contents.fund_use is None or not contents.summary["funds"]:
        return None
    charts = [_chart(contents, shape) for shape in SHAPES]
    note = "Share of each fund's money or guarantees in use, mean over draws. A fund turns firms away where nothing is left."
    return joined([tag("figure", *charts, tag("figcaption", note)), _table(contents)])


def _chart(contents: Contents, shape: Shape) -> Markup:
    use = contents.fund_use
    assert use is not None
    days = sorted({float(at) for at in use["day"]})
    top = max(float(use["mean" if "mean" in use else "use"].max()), 0.01)
    frame = Frame(shape, (days[0], days[-1]), (0.0, min(1.1 * top, 1.02)))
    every = 91 if days[-1] > 182 else 28
    x_ticks = [(float(at), f"{at:g}") for at in range(0, int(days[-1]) + 1, every)]
    y_ticks = [(value, f"{100 * value:.3g} %") for value in round_ticks(*frame.y_limits)]
    parts = [frame.axes(x_ticks, y_ticks, "day since the start", "share of the fund in use")]
    for (policy, fund), curve in use.groupby(["policy", "fund"], sort=False):
        look = contents.looks[str(policy)]
        dashes = {} if "bridge" in str(fund) or "relending" in str(fund) else {"stroke-dasharray": "7 4"}
        path = frame.steps([float(at) for at in curve["day"]], [float(value) for value in curve["use"]])
        line = tag(
            "path",
            tag("title", f"{contents.title_of(str(policy))}: {fund}"),
            of={"d": path, "fill": "none", "stroke": look.colour, "stroke-width": "2", **dashes},
        )
        parts.append(tag("g", line, of={"data-policy": str(policy)}))
    return chart("funds", "Public funds in use", "One line a fund; the table below names them and holds the numbers.", parts, shape)


def _table(contents: Contents) -> Markup:
    rows = []
    for fund in contents.summary["funds"]:
        at = fund["by_day"][str(contents.days[-1])]
        rows.append(
            (
                f"{contents.title_of(fund['policy'])}: {fund['fund'].replace('_', ' ')}",
                money(at["opening_capital"]["mean"], contents.currency),
                percent(at["peak_use"]["mean"]),
                f"{at['exhausted_days']['mean']:.1f}",
                count(at["firms_served"]["mean"]),
                count(at["firms_turned_away"]["mean"]),
                money(at["losses"]["mean"], contents.currency),
            )
        )
    head = ("fund", "size", "peak use", "days exhausted", "firms served", "firms turned away", "losses")
    return table(f"Public funds by {day(contents.days[-1])}, means over draws", head, rows)
