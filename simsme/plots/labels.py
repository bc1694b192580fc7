"""Direct labels at the right ends of lines, moved apart where they would overlap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Annotation
from matplotlib.transforms import Affine2D, ScaledTranslation
from numpy.typing import NDArray

FONT_SIZE = 8.5
SPACING = 11.5
"""Least distance between two labels, in points."""

_DISTANCE = 16.0
"""From the end of a line to its label, in points."""

_TO_TEXT, _GAP = 15.0, 1.0
"""From the end of a line to where its leader ends, and what is left open at both ends of the leader, in points."""


@dataclass(frozen=True)
class EndLabel:
    """A label at the end of a line: what it says, where the line ends (in data), and its colours."""

    text: str
    end: tuple[float, float]
    colour: str
    text_colour: str


@dataclass(frozen=True)
class Label:
    """A label as drawn: its text, and the thin leader that ties it to the end of its line."""

    text: Annotation
    leader: PathPatch


def signed(value: float, decimals: int = 2) -> str:
    """Return a number with its sign, a proper minus, and no sign where it rounds to 0."""
    text = f"{value:+.{decimals}f}"
    return text.replace("-", "−") if any(digit in "123456789" for digit in text) else text[1:]


def label_ends(ax: Axes, labels: Sequence[EndLabel]) -> list[Label]:
    """Write labels to the right of the axes, each tied to the end of its line by a thin leader; see `move_apart`."""
    return [
        Label(
            ax.annotate(
                label.text,
                xy=label.end,
                xytext=(_DISTANCE, 0.0),
                textcoords="offset points",
                ha="left",
                va="center",
                fontsize=FONT_SIZE,
                color=label.text_colour,
                annotation_clip=False,
                parse_math=False,
            ),
            _leader(ax, label),
        )
        for label in labels
    ]


def _leader(ax: Axes, label: EndLabel) -> PathPatch:
    """A line in points from the end of a curve; the arrow of an annotation, which winds around the text, takes far longer."""
    at_end = ScaledTranslation(*label.end, ax.transData)  # type: ignore[arg-type]  # any transform can place a point
    transform = Affine2D().scale(1 / 72) + ax.figure.dpi_scale_trans + at_end
    leader = PathPatch(
        _path_of_leader(0.0), transform=transform, edgecolor=label.colour, fill=False, linewidth=0.8, clip_on=False, zorder=3
    )
    # not add_patch: a leader has no say in the limits of the axes
    ax.add_artist(leader)
    return leader


def _path_of_leader(moved: float) -> Path:
    length = float(np.hypot(_TO_TEXT, moved))
    return Path([(_GAP * _TO_TEXT / length, _GAP * moved / length), (_TO_TEXT - _GAP, moved)])


def move_apart(ax: Axes, labels: Sequence[Label]) -> None:
    """Move labels up or down until none overlaps another.

    The axes must have their final height and limits, since distances on paper decide what overlaps.
    """
    if not labels:
        return
    points = 72 / ax.figure.dpi
    frame = ax.get_window_extent()
    natural = np.array([ax.transData.transform(label.text.xy)[1] - frame.y0 for label in labels]) * points
    for label, at, to in zip(labels, natural, spread(natural, SPACING, 0.0, frame.height * points), strict=True):
        label.text.set_position((_DISTANCE, float(to - at)))
        label.leader.set_path(_path_of_leader(float(to - at)))


def spread(positions: NDArray[np.float64], spacing: float, low: float, high: float) -> NDArray[np.float64]:
    """Move positions apart, as little as possible (least squares), keeping their order, and inside the limits where there is room.

    Parameters
    ----------
    positions : ndarray, (n,)
        Where the labels want to be; the first of equal ones ends up highest.
    spacing : float
        Least distance of neighbours.
    low, high : float
        Limits.

    Returns
    -------
    ndarray, (n,)
        New positions in the order of `positions`.
    """
    order = np.argsort(positions[::-1], kind="stable")
    order = len(positions) - 1 - order
    steps = spacing * np.arange(len(positions))
    # less the spacing, positions need only not fall: the pool-adjacent-violators algorithm
    pools: list[tuple[float, int]] = []
    for wanted in positions[order] - steps:
        pools.append((float(wanted), 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (mean, count), (before, number) = pools.pop(), pools.pop()
            pools.append(((mean * count + before * number) / (count + number), count + number))
    level = np.concatenate([np.full(count, mean) for mean, count in pools])
    moved = np.empty(len(positions))
    moved[order] = np.clip(level, low, max(high - steps[-1], low)) + steps
    return moved
