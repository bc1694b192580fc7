"""Use of public funds over time, as a share of what each may have out, and the steps in which they passed somebody over."""

from collections import Counter
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import Rectangle
from matplotlib.transforms import Affine2D, BboxTransformTo, ScaledTranslation, blended_transform_factory
from numpy.typing import NDArray

from simsme.fund_tables import days_passed_over, use_estimate
from simsme.outcomes import HasOutcomes, Outcomes, outcomes_of
from simsme.plots.frame import percent_axis, write_under
from simsme.plots.labels import EndLabel, label_ends
from simsme.plots.layout import finish, new_axes, prepare
from simsme.plots.style import DASHES, GREY, PALE, Look, looks
from simsme.plots.survival import BELOW_AXIS
from simsme.survival import HIGH, LOW

_ROW, _STRIP = 11.0, 7.0
"""Distance of strips and their height, in points."""

_NAME = -6.0
"""Where the names of strips end, in points right of the axes' left edge."""


def plot_funds(source: Outcomes | HasOutcomes, ax: Axes | None = None, *, band: bool = True) -> Axes:
    """Plot how far every public fund is used.

    A line is the mean over draws of what a fund has out at the end of each step, as a share of its capacity: its capital, or its capital
    times its leverage for guarantees. A strip under the axes shows when a fund passed somebody over, darker in more of the draws.

    Parameters
    ----------
    source : Outcomes or a run
        What happened.
    ax : Axes, optional
        Where to draw; axes in a new figure where not given. What stands around given axes needs room, which a constrained layout makes
        by itself.
    band : bool
        Whether to shade the 5th to 95th percentile over draws.

    Returns
    -------
    Axes
        The axes drawn on.

    Raises
    ------
    ValueError
        When there are no funds.

    Examples
    --------
    >>> import simsme
    >>> out = simsme.run("three-months", policies=["package"], draws=2, overrides=["population.firms=60"])
    >>> ax = simsme.plot_funds(out)
    """
    axes = new_axes() if ax is None else ax
    draw_funds(axes, outcomes_of(source), band=band, own_figure=ax is None)
    return axes


def draw_funds(ax: Axes, outcomes: Outcomes, *, band: bool = True, own_figure: bool) -> None:
    """Draw what `plot_funds` describes; `own_figure`: the figure holds nothing else and may take the size that it needs."""
    if not outcomes.funds:
        raise ValueError("there are no public funds in this run")
    estimate, style = use_estimate(outcomes), fund_looks(outcomes)
    names = fund_names(outcomes)
    banded = band and outcomes.draws > 1
    horizon = float(outcomes.days[-1])

    prepare(ax, outcomes, "Public funds: what is out, of what each may have out at once")
    ends = []
    for place, name in enumerate(names):
        look, mean = style[place], estimate.mean[place]
        if banded:
            # what is out goes up and down within a step too, so that values are joined and not held as those of a curve of survival are
            low, high = estimate.low[place], estimate.high[place]
            ax.fill_between(outcomes.days, low, high, color=look.colour, alpha=0.5 / max(len(names), 3), linewidth=0, zorder=1.5)
        ax.plot(outcomes.days, mean, color=look.colour, linestyle=look.dashes, linewidth=look.width, label=name, zorder=3)
        ends.append(EndLabel(f"{name}  {100 * mean[-1]:.1f} %", (horizon, float(mean[-1])), look.colour, look.text_colour))
    _percent_axis(ax, float(np.max(estimate.high if banded else estimate.mean)))
    below = _write_strips(ax, outcomes, names, style)
    finish(ax, label_ends(ax, ends), _notes(outcomes, banded=banded), below, own_figure=own_figure)


def fund_names(outcomes: Outcomes) -> tuple[str, ...]:
    """What each fund is called in a figure: its policy and, where that has several funds, its kind and the name of its lever."""
    of_policy = Counter(fund.policy for fund in outcomes.funds)
    names = []
    for fund in outcomes.funds:
        kind = " ".join(text for text in (fund.kind, fund.label.partition(":")[2]) if text)
        names.append(fund.policy if of_policy[fund.policy] == 1 else f"{fund.policy}: {kind}")
    return tuple(names)


def fund_looks(outcomes: Outcomes) -> tuple[Look, ...]:
    """Look of each fund: that of its policy in all figures; a second fund of a policy has the colour of the first and other dashes."""
    of_policy, before, found = looks(outcomes), Counter[str](), []
    for fund in outcomes.funds:
        look, turn = of_policy[fund.policy], before[fund.policy]
        if turn:
            place = DASHES.index(look.dashes) if look.dashes in DASHES else -1
            look = replace(look, dashes=DASHES[(place + turn) % len(DASHES)])
        before[fund.policy] += 1
        found.append(look)
    return tuple(found)


def _write_strips(ax: Axes, outcomes: Outcomes, names: tuple[str, ...], style: tuple[Look, ...]) -> float:
    """Draw a strip for each fund that passed somebody over; return where they end, in points below the axes."""
    passed_over = days_passed_over(outcomes)
    shown = [place for place in range(len(names)) if passed_over[place].any()]
    if not shown:
        return BELOW_AXIS
    write_under(ax, "Somebody was passed over (darker: in more of the draws)", None, 0.0, BELOW_AXIS, GREY, "left")
    for row, place in enumerate(shown, start=1):
        below = BELOW_AXIS + row * _ROW
        write_under(ax, names[place], None, _NAME, below, style[place].text_colour, "right")
        _draw_strip(ax, outcomes.days, passed_over[place], below + 1.0, style[place].colour)
    return BELOW_AXIS + (len(shown) + 1) * _ROW + 5


def _draw_strip(ax: Axes, days: NDArray[np.float64], share: NDArray[np.float64], below: float, colour: str) -> None:
    """Draw a rectangle for each step, as dark as the share of draws says, this many points below the axes."""
    figure = ax.figure
    points = Affine2D().scale(1 / 72) + figure.dpi_scale_trans
    at = blended_transform_factory(ax.transData, points + ScaledTranslation(0.0, 0.0, BboxTransformTo(ax.bbox)))
    steps = [Rectangle((float(day), -below - _STRIP), float(width), _STRIP) for day, width in zip(days[:-1], np.diff(days), strict=True)]
    frame = Rectangle((float(days[0]), -below - _STRIP), float(days[-1] - days[0]), _STRIP)
    ax.add_collection(PatchCollection([frame], facecolor="none", edgecolor=PALE, linewidth=0.6, transform=at, clip_on=False), autolim=False)
    dark = PatchCollection(steps, facecolor=colour, edgecolor="none", alpha=_darkness(share[1:]), transform=at, clip_on=False)
    ax.add_collection(dark, autolim=False)


def _darkness(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Opacity of a step: nothing where nobody was passed over, and visible where that happened in one draw of many."""
    return np.where(share > 0.0, 0.15 + 0.85 * share, 0.0)


def _notes(outcomes: Outcomes, *, banded: bool) -> list[str]:
    lines = []
    if outcomes.draws == 1:
        lines.append("One draw: there is no band over draws.")
    if banded:
        band = f"{100 * LOW:.0f}th to {100 * HIGH:.0f}th percentile over {outcomes.draws} draws"
        lines.append(f"Shaded: the spread of the draws ({band}), not the error of the mean.")
    if not days_passed_over(outcomes).any():
        lines.append("Nobody was passed over.")
    kinds = {fund.kind for fund in outcomes.funds}
    if "bridge" in kinds:
        lines.append("Advances: open at the ends of steps, of the capital. They may come and go within a step.")
    if "guarantee" in kinds:
        lines.append("Guarantees: what the fund bears of open loans, of capital times leverage. Claims shrink it.")
    if "facility" in kinds:
        lines.append("Cheap loans: those with a place in the facility, paid out or on their way, of the capital.")
    return lines


def _percent_axis(ax: Axes, highest: float) -> None:
    """From 0 up to what is used, with a line where all is used if that comes into sight, and a note where it is not near."""
    top = max(1.06 * highest, 0.01)
    if top >= 0.8:
        ax.axhline(1.0, color=GREY, linewidth=0.9, zorder=1)
    cut_off = f"vertical axis ends at {100 * top:.2g} %" if top < 0.8 else ""
    percent_axis(ax, 0.0, top if top < 0.8 else max(top, 1.06), cut_off, above=True)
