"""Boxes of firms or worlds: how coverage and density trade off on the way to each box, and which part of the cases a box takes."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from simsme.discovery.features import Cases, Numeric
from simsme.discovery.result import Boxes, Discovery
from simsme.plots.files import save_figure
from simsme.plots.layout import NOTE, SMALL, new_axes
from simsme.plots.style import GREY, PALE
from simsme.provenance import Provenance

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
_MARKS = ("o", "s", "^", "D", "v")
_WIDTH, _HEIGHT, _BAR = 4.2, 3.3, 0.42
"""Width and height of a panel, and height of a bar, in inches."""


def plot_discovery(boxes: Boxes, ax: Axes | None = None) -> Axes:
    """Plot coverage and density on the way to each box, on both halves of the cases.

    Parameters
    ----------
    boxes : Boxes
        ``simsme.discover(...).firms`` or ``.worlds``.
    ax : Axes, optional
        Where to draw; axes in a new figure where not given.

    Examples
    --------
    >>> import simsme
    >>> found = simsme.discover("three-months", "package", draws=20)  # doctest: +SKIP
    >>> ax = simsme.plot_discovery(found)  # doctest: +SKIP
    """
    axes = new_axes() if ax is None else ax
    draw_paths(axes, boxes)
    return axes


def draw_paths(ax: Axes, boxes: Boxes) -> None:
    """Draw the ways: dashed on the half on which a box was found, solid on the other half, the box as a mark with its 95 % interval."""
    search = boxes.search
    shown = search.boxes or ((search.failed,) if search.failed is not None else ())
    for number, found in enumerate(shown):
        colour, mark = _COLOURS[number % len(_COLOURS)], _MARKS[number % len(_MARKS)]
        ax.plot(found.path[:, 0], found.path[:, 1], color=colour, linestyle="--", linewidth=0.9, alpha=0.7)
        ax.plot(found.path[:, 2], found.path[:, 3], color=colour, linewidth=1.4)
        measured = found.held_out
        density, coverage = measured.density, measured.coverage
        ax.plot([coverage.value] * 2, [density.low, density.high], color=colour, linewidth=1.2)
        name = f"box {number + 1}" if search.boxes else "no better than chance"
        ax.plot(
            [coverage.value], [density.value], marker=mark, color=colour, markersize=7, markeredgecolor="white", linestyle="", label=name
        )
    ax.axhline(search.overall, color=GREY, linewidth=0.9, linestyle=":")
    ax.annotate("all", (0.0, search.overall), xytext=(3, 3), textcoords="offset points", ha="left", fontsize=NOTE, color=GREY)
    ax.set_xlim(0.0, 1.0)
    ax.set_ylim(bottom=0.0)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
    ax.set_xlabel(f"coverage: part {boxes.subject.all_of_it} in the box", fontsize=SMALL, parse_math=False)
    ax.set_ylabel(f"density: {boxes.subject.cases} in the box that are {boxes.subject.happens}", fontsize=SMALL)
    ax.set_title(f"Boxes of {boxes.subject.cases}", loc="left", fontsize=10)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=SMALL)
    if shown:
        ax.legend(fontsize=NOTE, frameon=False, loc="best")


def draw_ranges(ax: Axes, boxes: Boxes) -> None:
    """Draw each restriction as the part of the cases that keeps to it, from the lowest value to the highest."""
    names: list[str] = []
    for number, found in enumerate(boxes.search.boxes):
        colour = _COLOURS[number % len(_COLOURS)]
        for restriction, words in zip(found.box, found.words, strict=True):
            place = len(names)
            ax.barh(place, 1.0, height=0.55, color=PALE, zorder=1)
            for begin, end in _parts(boxes.cases, restriction.feature, restriction.holds(boxes.cases)):
                ax.barh(place, end - begin, left=begin, height=0.55, color=colour, zorder=2)
            names.append(f"{number + 1}  {_wrapped(words)}")
    ax.set_yticks(range(len(names)), labels=names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(0.0, 1.0)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
    ax.set_xlabel(f"{boxes.subject.cases} from the lowest value to the highest, kinds one after the other", fontsize=SMALL)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(labelsize=SMALL)
    ax.tick_params(axis="y", length=0)
    if not names:
        ax.text(0.5, 0.5, "no box", ha="center", va="center", fontsize=SMALL, color=GREY, transform=ax.transAxes)
        ax.set_yticks([])


def write_discovery_figure(folder: Path, discovery: Discovery, provenance: Provenance) -> tuple[Path, ...]:
    """Write ``discovery.png`` and ``discovery.svg``, a row of panels for firms and one for worlds, into an existing folder."""
    parts = discovery.parts
    bars = [sum(len(found.box) for found in part.search.boxes) for part in parts]
    heights = [max(_HEIGHT, 1.0 + _BAR * count) for count in bars]
    figure = Figure(figsize=(2 * _WIDTH + 2.6, sum(heights) + 0.9), layout="constrained")
    panels = figure.subplots(len(parts), 2, squeeze=False, gridspec_kw={"height_ratios": heights})
    for (left, right), part in zip(panels, parts, strict=True):
        draw_paths(left, part)
        draw_ranges(right, part)
    title = f"{discovery.scenario}: where {discovery.policy} fails, day {discovery.day:g}"
    figure.suptitle(title, x=0.01, ha="left", fontsize=11.5, parse_math=False)
    note = (
        "A box: the firms (or worlds) that every row with its number, on the right, lets in; coloured: whom that row lets in. "
        "Solid lines, marks and 95 % intervals\n(over firms or worlds): the half on which boxes were not found. "
        "Dashed: the half on which they were, whose numbers flatter them."
    )
    figure.legend([], [], loc="outside lower left", frameon=False, title=note)
    figure.legends[0].get_title().set(fontsize=NOTE, color=GREY)
    figure.legends[0].set_alignment("left")
    return tuple(save_figure(figure, folder / "discovery", f"Where {discovery.policy} fails", provenance))


def _parts(cases: Cases, position: int, kept: np.ndarray) -> list[tuple[float, float]]:
    """Weighted parts of the cases that keep to a restriction, each as (begin, end) in [0, 1]."""
    feature = cases.features[position]
    values = feature.values if isinstance(feature, Numeric) else feature.codes
    order = np.argsort(values, kind="stable")
    ends = np.cumsum(cases.weight[order]) / cases.weight.sum()
    begins = np.concatenate([[0.0], ends[:-1]])
    inside = kept[order]
    switches = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(np.int8), [0]])))
    return [(float(begins[first]), float(ends[last - 1])) for first, last in switches.reshape(-1, 2)]


def _wrapped(words: str, width: int = 34) -> str:
    lines = [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
