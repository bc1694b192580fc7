"""What the explorer shows of a run: curves as a drawing, and what the policy saves and costs in a sentence."""

import math
from dataclasses import dataclass

import numpy as np

from simsme.costs import Costs
from simsme.curves import curve_estimate
from simsme.outcomes import Outcomes
from simsme.report.drawing import WIDE, Frame, chart, round_ticks
from simsme.report.markup import Markup, tag
from simsme.report.numbers import count, money, percent, points
from simsme.survival import Estimate, differences, over_draws

STYLE = (
    ".simsme .grid{stroke:#e2e2e2}.simsme .axis{stroke:#555}.simsme text{font:13px sans-serif;fill:#1c1c1c}"
    ".simsme svg{max-width:860px;width:100%;height:auto;background:#fff}.simsme p{max-width:860px;font-size:15px;line-height:1.45}"
)
COLOURS = ("#000000", "#0072B2")
DASHES = ("", "6 3")


@dataclass(frozen=True)
class Picture:
    """Two curves with their bands, and two sentences below them."""

    drawing: str
    words: str

    @property
    def html(self) -> str:
        """The picture as HTML that brings its own style."""
        return f'<div class="simsme"><style>{STYLE}</style>{self.drawing}{self.words}</div>'


def picture_of(outcomes: Outcomes, policy: str, currency: str) -> Picture:
    """Return the picture of a policy beside the reference, by the last day of the run."""
    reference = outcomes.reference
    names = tuple(dict.fromkeys((reference, policy)))
    curves = curve_estimate(outcomes, "exit", paired=False)
    shown = [curves[outcomes.policy_index(name)] for name in names]
    return Picture(_drawing(outcomes, names, shown).html, tag("p", _words(outcomes, policy, currency)).html)


def _drawing(outcomes: Outcomes, names: tuple[str, ...], curves: list[Estimate]) -> Markup:
    days = [float(day) for day in outcomes.days]
    lowest = min(float(curve.low.min()) for curve in curves)
    # steps of a tenth, so that the axis stands still while a slider moves
    floor = max(math.floor(10.0 * lowest - 1e-9) / 10.0, 0.0)
    frame = Frame(WIDE, (days[0], days[-1]), (min(floor, 0.9), 1.0))
    every = 7 if days[-1] <= 98 else 28 if days[-1] <= 200 else 91
    x_ticks = [(float(day), f"{day}") for day in range(0, int(days[-1]) + 1, every)]
    y_ticks = [(value, f"{100 * value:g} %") for value in round_ticks(*frame.y_limits)]
    parts = [
        frame.axes(
            x_ticks, y_ticks, "day since the start", f"firms that are not gone for good (axis starts at {100 * frame.y_limits[0]:g} %)"
        )
    ]
    for place, (name, curve) in enumerate(zip(names, curves, strict=True)):
        band = frame.band(days, [float(value) for value in curve.low], [float(value) for value in curve.high])
        line = frame.steps(days, [float(value) for value in curve.mean])
        dashes = {"stroke-dasharray": DASHES[place]} if DASHES[place] else {}
        parts.append(tag("path", of={"d": band, "fill": COLOURS[place], "fill-opacity": "0.1", "stroke": "none"}))
        parts.append(
            tag("path", of={"d": line, "fill": "none", "stroke": COLOURS[place], "stroke-width": "2", "class": f"curve-{place}", **dashes})
        )
        at = WIDE.height - WIDE.bottom - 14 - 20 * (len(names) - 1 - place)
        key = tag(
            "line",
            of={"x1": "76", "x2": "106", "y1": f"{at - 4}", "y2": f"{at - 4}", "stroke": COLOURS[place], "stroke-width": "2", **dashes},
        )
        parts += [
            key,
            tag("text", f"{_title(outcomes, name)}: {percent(float(curve.mean[-1]))} on day {days[-1]:g}", of={"x": "112", "y": f"{at}"}),
        ]
    described = "Stepped lines: share of firms that are not gone for good, mean over draws; shaded: 5th to 95th percentile over draws."
    return chart("explorer", "Firms that are not gone for good", described, parts, WIDE)


def _words(outcomes: Outcomes, policy: str, currency: str) -> str:
    day, draws = f"{outcomes.days[-1]:g}", outcomes.draws
    if policy == outcomes.reference:
        return f"{_title(outcomes, policy)} is what policies are compared with. {draws} draws; shaded: 5th to 95th percentile over draws."
    costs, place, report = Costs(outcomes), outcomes.policy_index(policy), len(outcomes.report_days) - 1
    saved, net = costs.firms_saved[place, :, report], costs.net[place, :, report]
    gained = over_draws(differences(outcomes.endpoint("exit")[:, :, -1], outcomes.reference_index)[place], axis=0)
    per = costs.per_firm_saved(place, report)
    price = f"{money(float(per.value), currency)} net for each" if per.value is not None else f"no cost per firm: {per.reason}"
    return (
        f"{_title(outcomes, policy)} saves {count(float(np.mean(saved)))} of {count(outcomes.weight)} firms by day {day} "
        f"({points(float(gained.mean))} ± {100 * float(gained.mc_error):.2f} points, Monte Carlo error of the paired difference), "
        f"at a net cost of {money(float(np.mean(net)), currency)} ({price}). "
        f"{draws} draws of {len(outcomes.firms_as_needed):,} firms; shaded: 5th to 95th percentile over draws."
    )


def _title(outcomes: Outcomes, policy: str) -> str:
    return outcomes.titles[outcomes.policy_index(policy)] or policy
