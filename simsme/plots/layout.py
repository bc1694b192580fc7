"""Axes of a figure over days: ticks, the headline, what stands under the axis, and the margins that all of it needs."""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FixedLocator
from matplotlib.transforms import Affine2D, BboxTransformTo, ScaledTranslation, blended_transform_factory

from simsme.outcomes import Outcomes
from simsme.plots.labels import Label, move_apart
from simsme.plots.style import GREY, PALE

AXES_WIDTH, AXES_HEIGHT, MARGIN = 5.7, 3.7, 0.12
"""Size of the axes of a figure of ours, and empty margin around what it holds, in inches."""

SMALL, NOTE = 8.0, 7.5
"""Font sizes of ticks and tables, and of notes."""

_WEEK_MARK = 2.0
"""Length of the mark of a week, in points."""

_TICK_STEPS = (1, 2, 7, 14, 28, 91, 182, 364, 728)


def new_axes() -> Axes:
    """Axes in a new figure of pyplot, so that a notebook shows it."""
    from matplotlib import pyplot

    return pyplot.figure().add_subplot()


def prepare(ax: Axes, outcomes: Outcomes, title: str) -> None:
    """Set up the axis of days, a quiet frame and the title, and mark the headline day."""
    horizon = float(outcomes.days[-1])
    ax.set_title(title, loc="left", fontsize=10.5, pad=17)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set_xlim(0.0, horizon)
    ticks = tick_days(horizon, outcomes.headline_day)
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.set_xticks(ticks, labels=[_tick_label(day) for day in ticks])
    if horizon <= 7 * 80:
        _mark_weeks(ax, horizon)
    ax.tick_params(labelsize=SMALL)
    ax.set_xlabel("days since the start", fontsize=SMALL, labelpad=2)
    ax.axvline(outcomes.headline_day, color=GREY, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
    ax.annotate(
        f"headline: day {outcomes.headline_day:g}",
        xy=(outcomes.headline_day, 1.0),
        xycoords=ax.get_xaxis_transform(),
        xytext=(0, 3),
        textcoords="offset points",
        ha="left" if outcomes.headline_day < 0.1 * horizon else "right" if outcomes.headline_day > 0.9 * horizon else "center",
        fontsize=SMALL,
        color=GREY,
        annotation_clip=False,
    )


def _mark_weeks(ax: Axes, horizon: float) -> None:
    """Short marks under the axis, one a week. Minor ticks, of which each is several artists, take as long as the rest of the axes."""
    weeks = np.arange(0.0, horizon + 0.5, 7.0)
    down = Affine2D().scale(1 / 72) + ax.figure.dpi_scale_trans + ScaledTranslation(0.0, 0.0, BboxTransformTo(ax.bbox))
    marks = Path(
        np.column_stack([np.repeat(weeks, 2), np.tile([0.0, -_WEEK_MARK], len(weeks))]), np.tile([Path.MOVETO, Path.LINETO], len(weeks))
    )
    transform = blended_transform_factory(ax.transData, down)
    ax.add_artist(PathPatch(marks, transform=transform, edgecolor="black", fill=False, linewidth=0.6, clip_on=False, zorder=2.01))


def tick_days(horizon: float, headline: float) -> list[float]:
    """Days of the ticks: whole weeks or quarters, the headline and the horizon among them."""
    step = next((step for step in _TICK_STEPS if horizon / step <= 8), 91 * int(np.ceil(horizon / (8 * 91))))
    ticks = [float(day) for day in np.arange(0.0, horizon, step)]
    for wanted in (headline, horizon):
        # a tick too near to leave room gives way
        ticks = [day for day in ticks if day == 0.0 or day == headline or abs(day - wanted) >= 0.6 * step]
        ticks.append(wanted)
    return sorted(set(ticks))


def write_below(ax: Axes, lines: Sequence[str], from_points: float) -> None:
    """Write small grey notes under the axes, as wide as these, the first of them this many points below."""
    width = ax.get_window_extent().width / ax.figure.dpi * 72
    # a character of these fonts is a little more than half as wide as high
    characters = max(int(width / (0.53 * NOTE)), 40)
    ax.annotate(
        "\n".join(textwrap.fill(line, characters) for line in lines),
        xy=(0.0, 0.0),
        xycoords="axes fraction",
        xytext=(0.0, -from_points),
        textcoords="offset points",
        ha="left",
        va="top",
        fontsize=NOTE,
        color=GREY,
        linespacing=1.35,
        annotation_clip=False,
        parse_math=False,
    )


def finish(ax: Axes, labels: Sequence[Label], lines: Sequence[str], from_points: float, *, own_figure: bool) -> None:
    """Write the notes, make room for all that stands around the axes where the figure is ours, and move the labels apart."""
    figure = ax.figure
    if own_figure and isinstance(figure, Figure):
        _set_size(ax, figure, 0.0, 0.0, 0.0, 0.0)
        write_below(ax, lines, from_points)
        # nothing but words reaches out of the axes, and to measure everything else takes a while
        words = [*ax.texts, *filter(None, (ax.get_legend(),))]
        inner, outer = ax.get_window_extent(), ax.get_tightbbox(bbox_extra_artists=words) or ax.get_window_extent()
        room = (inner.x0 - outer.x0, outer.x1 - inner.x1, inner.y0 - outer.y0, outer.y1 - inner.y1)
        _set_size(ax, figure, *(side / figure.dpi + MARGIN for side in room))
    else:
        write_below(ax, lines, from_points)
        root = figure.figure if isinstance(figure, SubFigure) else figure
        if isinstance(root, Figure):
            # a layout moves the axes when it is drawn; only then is their height known
            root.draw_without_rendering()
    move_apart(ax, labels)


def _set_size(ax: Axes, figure: Figure, left: float, right: float, below: float, above: float) -> None:
    """Give a figure's only axes their size, and the figure these margins, in inches."""
    width, height = left + AXES_WIDTH + right, below + AXES_HEIGHT + above
    figure.set_size_inches(width, height)
    ax.set_position((left / width, below / height, AXES_WIDTH / width, AXES_HEIGHT / height))


def _tick_label(day: float) -> str:
    if day and day % 91 == 0:
        return f"{day:g}\n{day / 91 * 3:g} months"
    if day and day % 7 == 0:
        return f"{day:g}\n{day / 7:g} week{'s' if day > 7 else ''}"
    return f"{day:g}\n"
