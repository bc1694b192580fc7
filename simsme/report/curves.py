"""Curves of a report: what is counted and under which policies is the reader's choice; below each chart the firms at risk."""

from typing import TYPE_CHECKING

from simsme.report.contents import Contents
from simsme.report.drawing import SHAPES, Frame, Shape, chart, round_ticks
from simsme.report.markup import Markup, joined, markup, table, tag
from simsme.report.numbers import count, day, points

if TYPE_CHECKING:
    import pandas as pd

GAIN = "gain"
MEANINGS = {
    "exit": "Firms that are not gone for good",
    GAIN: "The same, difference to the reference",
    "cash": "Firms that have not yet run short of cash",
    "open": "Firms that trade (may rise again)",
}
AT_RISK = ("exit", "cash")

BANDS = 2
"""Lines up to which all bands are shaded; of more, only the first and the best. The script in the page knows the same number."""


def curves_section(contents: Contents) -> Markup:
    """Return the choice of what is counted and of policies, the charts, and under each the firms at risk."""
    shown = [view for view in MEANINGS if view != GAIN or contents.gains is not None]
    parts = [_view_choice(shown), _policy_choice(contents)]
    for view in shown:
        charts = [_chart(contents, view, shape) for shape in SHAPES]
        below = [_at_risk(contents, view)] if view in AT_RISK else []
        of_first = {} if view == "exit" else {"class": "second"}
        parts.append(tag("figure", *charts, tag("figcaption", _caption(contents, view)), *below, of={"data-view": view, **of_first}))
    parts.append(tag("p", "", of={"class": "reading", "id": "reading", "aria-live": "polite"}))
    return joined([*parts, *_what_is_left(contents)])


def _what_is_left(contents: Contents) -> list[Markup]:
    """Return a line a policy: what of its gain by the headline day is left on the last reported day."""
    rows = [(entry["title"] or entry["policy"], entry["gain_left"]["words"]) for entry in contents.others if entry.get("gain_left")]
    if not rows:
        return []
    caption = f"What is left of the gain, in firms not gone for good, against {contents.reference}; ± is the Monte Carlo error"
    return [table(caption, ("policy", "gain in percentage points"), rows)]


def values_of(contents: Contents, view: str) -> "pd.DataFrame":
    """Return means and bands of a view, one row a policy and day."""
    if view == GAIN:
        assert contents.gains is not None
        return contents.gains
    curves = contents.record.curves
    return curves[curves["endpoint"] == view]


def _view_choice(shown: list[str]) -> Markup:
    options = [
        tag("label", Markup(f'<input type="radio" name="view" value="{view}"{" checked" if view == "exit" else ""}>'), f" {MEANINGS[view]}")
        for view in shown
    ]
    return tag("fieldset", tag("legend", "What to count"), *options, of={"class": "choice script"})


def _policy_choice(contents: Contents) -> Markup:
    labels = []
    for entry in contents.policies:
        policy = entry["policy"]
        box = Markup(f'<input type="checkbox" name="policy" value="{markup(policy)}" checked>')
        labels.append(tag("label", box, _sample(contents, policy), f" {entry['title'] or policy}"))
    return tag("fieldset", tag("legend", "Policies"), *labels, of={"class": "choice policies"})


def _sample(contents: Contents, policy: str) -> Markup:
    """Return a short piece of a policy's line."""
    line = tag(
        "line",
        of={
            "x1": "1",
            "y1": "6",
            "x2": "33",
            "y2": "6",
            "stroke": contents.looks[policy].colour,
            "stroke-width": "3",
            **_dashes(contents, policy),
        },
    )
    return tag("svg", line, of={"viewBox": "0 0 34 12", "class": "sample", "aria-hidden": "true"})


def _dashes(contents: Contents, policy: str) -> dict[str, str]:
    dashes = contents.looks[policy].dashes
    return {} if isinstance(dashes, str) else {"stroke-dasharray": " ".join(f"{2 * length:g}" for length in dashes[1])}


def _chart(contents: Contents, view: str, shape: Shape) -> Markup:
    curves = values_of(contents, view)
    days = sorted({float(at) for at in curves["day"]})
    lowest, highest = float(curves["low"].min()), float(curves["high"].max())
    if view == GAIN:
        limits, label = (min(lowest, 0.0), max(highest, 0.001)), "percentage points"
        y_ticks = [(value, points(value, 1)) for value in round_ticks(*limits)]
    else:
        floor = 0.0 if lowest < 0.55 else max(int((lowest - 0.01) * 20) / 20, 0.0)
        limits, label = (floor, 1.0), "Share of firms" + (f" (axis starts at {100 * floor:g} %)" if floor else "")
        y_ticks = [(value, f"{100 * value:g} %") for value in round_ticks(*limits)]
    frame = Frame(shape, (days[0], days[-1]), limits)
    every = 91 if days[-1] > 182 else 28 if days[-1] > 60 else 7
    parts = [frame.axes([(float(at), f"{at}") for at in range(0, int(days[-1]) + 1, every)], y_ticks, "day since the start", label)]
    drawn = [(entry["policy"], curves[curves["policy"] == entry["policy"]]) for entry in contents.policies]
    parts += [_line(contents, frame, curve, policy) for policy, curve in drawn if len(curve)]
    parts.append(tag("line", of={"class": "cursor", "y1": str(shape.top), "y2": str(shape.height - shape.bottom), "x1": "-9", "x2": "-9"}))
    described = f"{MEANINGS[view]} by day, one stepped line a policy. The tables on this page hold the numbers."
    scale = f"{frame.x(days[0]):.1f} {frame.x(days[-1]):.1f} {days[0]:g} {days[-1]:g}"
    return chart(f"curve-{view}", MEANINGS[view], described, parts, shape, of={"data-scale": scale, "tabindex": "0"})


def _line(contents: Contents, frame: Frame, curve: "pd.DataFrame", policy: str) -> Markup:
    of = {name: [float(value) for value in curve[name]] for name in ("day", "mean", "low", "high")}
    look = contents.looks[policy]
    class_ = "band" if policy in (contents.reference, contents.best) else "band more"
    band = tag("path", of={"d": frame.band(of["day"], of["low"], of["high"]), "fill": look.colour, "class": class_})
    path = frame.steps(of["day"], of["mean"])
    line = tag(
        "path", of={"d": path, "fill": "none", "stroke": look.colour, "stroke-width": f"{look.width:g}", **_dashes(contents, policy)}
    )
    return tag("g", band, line, of={"data-policy": policy})


def _caption(contents: Contents, view: str) -> str:
    draws = contents.summary["draws"]
    if draws == 1:
        return f"{MEANINGS[view]}. One draw: there is neither a band over draws nor a Monte Carlo error."
    curves = values_of(contents, view)
    at_headline = curves[curves["day"] == contents.summary["headline_day"]]
    errors = [100 * float(error) for error in at_headline["mc_error"]]
    low, high = f"{min(errors, default=0.0):.2f}", f"{max(errors, default=0.0):.2f}"
    size = high if low == high else f"{low} to {high}"
    of = "paired difference, draw by draw" if view == GAIN else "mean"
    return (
        f"{MEANINGS[view]}. Shaded, for the reference and the best policy or for the {BANDS} that you choose: 5th to 95th percentile over "
        f"{draws} draws (luck, shock, uncertain parameters). Not the band: the Monte Carlo standard error of the {of}, {size} percentage "
        f"points on {day(contents.summary['headline_day'])}."
    )


def _at_risk(contents: Contents, view: str) -> Markup:
    days = [0, *contents.days]
    weight = float(contents.summary["weight"])
    rows = []
    for entry in contents.policies:
        levels = [1.0, *(entry["by_day"][str(at)]["survival"][view]["mean"] for at in contents.days)]
        rows.append((entry["title"] or entry["policy"], *(count(weight * level) for level in levels)))
    words = "not gone for good" if view == "exit" else "not yet short of cash"
    return table(f"Firms {words} at the end of the day (weighted, mean over draws)", ("policy", *map(day, days)), rows, "atrisk")
