"""What several figures have around their curves: an axis of percent that says where it is cut off, and words below the axes."""

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from simsme.plots.layout import SMALL
from simsme.plots.style import GREY

PERCENT = FuncFormatter(lambda share, _: f"{round(100 * share, 6):g} %")
"""Shares as percent, without digits that say nothing."""


def percent_axis(ax: Axes, bottom: float, top: float, cut_off: str, *, above: bool) -> None:
    """Let the vertical axis go from a share to a share, in percent.

    Parameters
    ----------
    cut_off
        Where the axis is cut off, in words; empty where it is not.
    above
        Whether that is above, and is said there.
    """
    ax.set_ylim(bottom, top)
    ax.yaxis.set_major_formatter(PERCENT)
    if not cut_off:
        return
    corner, inwards = (1.0, -5) if above else (0.0, 5)
    ax.annotate(
        cut_off,
        xy=(corner, corner),
        xycoords="axes fraction",
        xytext=(inwards, inwards),
        textcoords="offset points",
        ha="right" if above else "left",
        va="top" if above else "baseline",
        fontsize=SMALL,
        fontstyle="italic",
        color=GREY,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
    )


def write_under(ax: Axes, text: str, day: float | None, right: float, below: float, colour: str, align: str) -> None:
    """Write below the axes: so many points to the right of a day, or of the left edge where none is given, and so many points down."""
    ax.annotate(
        text,
        xy=(0.0 if day is None else day, 0.0),
        xycoords="axes fraction" if day is None else ax.get_xaxis_transform(),
        xytext=(right, -below),
        textcoords="offset points",
        ha=align,
        va="top",
        fontsize=SMALL,
        color=colour,
        annotation_clip=False,
        parse_math=False,
    )
