"""Direct labels at the right ends of lines, moved apart where they would overlap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from numpy.typing import NDArray

FONT_SIZE = 8.5
SPACING = 11.5
"""Least distance between two labels, in points."""

_DISTANCE = 16.0
"""From the end of a line to its label, in points."""


@dataclass(frozen=True)
class EndLabel:
    """A label at the end of a line: what it says, where the line ends (in data), and its colours."""

    text: str
    end: tuple[float, float]
    colour: str
    text_colour: str


def signed(value: float, decimals: int = 2) -> str:
    """Return a number with its sign, a proper minus, and no sign where it rounds to 0."""
    text = f"{value:+.{decimals}f}"
    return text.replace("-", "−") if any(digit in "123456789" for digit in text) else text[1:]


def label_ends(ax: Axes, labels: Sequence[EndLabel]) -> list[Annotation]:
    """Write labels to the right of the axes, each tied to the end of its line by a thin leader; see `move_apart`."""
    return [
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
            arrowprops={"arrowstyle": "-", "color": label.colour, "linewidth": 0.8, "shrinkA": 1, "shrinkB": 1, "relpos": (0, 0.5)},
        )
        for label in labels
    ]


def move_apart(ax: Axes, annotations: Sequence[Annotation]) -> None:
    """Move labels up or down until none overlaps another.

    The axes must have their final height and limits, since distances on paper decide what overlaps.
    """
    if not annotations:
        return
    points = 72 / ax.figure.dpi
    frame = ax.get_window_extent()
    natural = np.array([ax.transData.transform(annotation.xy)[1] - frame.y0 for annotation in annotations]) * points
    for annotation, at, moved in zip(annotations, natural, spread(natural, SPACING, 0.0, frame.height * points), strict=True):
        annotation.set_position((_DISTANCE, float(moved - at)))


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
