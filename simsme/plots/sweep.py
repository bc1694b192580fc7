"""A grid of runs in a figure: lines over one key, heat maps over two."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from simsme.plots.files import save_figure
from simsme.plots.labels import signed
from simsme.plots.layout import NOTE, SMALL, new_axes
from simsme.plots.style import GREY, PALE, Look, looks_of
from simsme.provenance import Provenance
from simsme.reference import entry
from simsme.sweeping.result import Sweep, Told

NAMES = {
    "exit": "firms that are not gone for good",
    "cash": "firms that have not run short of cash",
    "open": "firms that trade",
    "gain_exit": "gain in firms not gone for good, percentage points",
    "firms_saved": "firms saved",
    "jobs_saved": "jobs saved",
    "net_cost": "net cost",
}
_BRIEFLY = {"exit": "not gone for good", "gain_exit": "gain, points"}
_SHARES = ("exit", "cash", "open")
_MOST_NUMBERS = 60
"""Cells of a heat map up to which each has its number written in it."""

_LONGEST = 14
"""Characters of a value under an axis at most."""


def plot_sweep(sweep: Sweep, policy: str | None = None, measure: str = "gain_exit", ax: Axes | None = None) -> Axes:
    """Plot a measure over the grid: lines over one key, a heat map over two.

    Parameters
    ----------
    sweep : Sweep
        What `simsme.sweep` returns, of one key or two.
    policy : str, optional
        Which policy; over one key all, over two the last one where not given.
    measure : str
        ``gain_exit``, ``exit``, ``cash``, ``open``, ``firms_saved``, ``jobs_saved`` or ``net_cost``.
    ax : Axes, optional
        Where to draw; axes in a new figure where not given.

    Raises
    ------
    ValueError
        When there is no such policy or measure, and for grids of more than two keys.

    Examples
    --------
    >>> import simsme
    >>> found = simsme.sweep("three-months", {"credit.renewal": [0.8, 0.9]}, policies=["renewal"], draws=5)  # doctest: +SKIP
    >>> ax = simsme.plot_sweep(found)  # doctest: +SKIP
    """
    if measure not in NAMES:
        raise ValueError(f"no measure {measure!r}; there is {', '.join(NAMES)}")
    if policy is not None and policy not in sweep.policies:
        raise ValueError(f"no policy {policy!r} in this sweep; it has {', '.join(sweep.policies)}")
    _refuse_many_keys(sweep)
    axes = new_axes() if ax is None else ax
    if len(sweep.axes) == 1:
        draw_lines(axes, sweep, measure, sweep.policies if policy is None else (policy,))
        axes.legend(fontsize=NOTE, frameon=False)
        return axes
    chosen = policy or sweep.policies[-1]
    image = draw_map(axes, sweep, chosen, measure, _norm(sweep, (chosen,), measure))
    axes.figure.colorbar(image, ax=axes, format=FuncFormatter(lambda value, _: _tick(value, measure)))
    return axes


def draw_lines(ax: Axes, sweep: Sweep, measure: str, policies: Sequence[str]) -> None:
    """Draw a line a policy over the only key, with 95 % intervals of the mean."""
    axis, style = sweep.axes[0], looks_of(sweep.policies, sweep.reference)
    places = np.array(axis.numbers if axis.numbers is not None else range(len(axis.texts)), dtype=np.float64)
    width = float(np.ptp(places)) or 1.0
    shown = [policy for policy in policies if measure in _SHARES or policy != sweep.reference]
    for position, policy in enumerate(shown):
        # a little apart, so that intervals do not cover each other
        moved = places + 0.008 * width * (position - (len(shown) - 1) / 2)
        _line(ax, moved, [sweep.told(number, policy, measure) for number in range(len(sweep.cells))], style[policy], policy)
    if measure not in _SHARES:
        ax.axhline(0.0, color=GREY, linewidth=0.8, zorder=1)
    if axis.numbers is None:
        ax.set_xticks(places, labels=[_short(text) for text in axis.texts])
    ax.set_xlabel(_with_unit(axis.key), fontsize=SMALL, parse_math=False)
    ax.set_title(f"{NAMES[measure]}, day {sweep.headline_day:g}", loc="left", fontsize=SMALL + 1)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value, measure)))
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=SMALL)


def draw_map(ax: Axes, sweep: Sweep, policy: str, measure: str, norm: Normalize) -> AxesImage:
    """Draw a heat map: the first key upwards, the second to the right; cells not told from zero in italics and brackets."""
    rows, columns = sweep.axes
    told = [sweep.told(number, policy, measure) for number in range(len(sweep.cells))]
    means = _means(told).reshape(len(rows.texts), len(columns.texts))
    image = ax.imshow(means, origin="lower", aspect="auto", cmap="viridis" if type(norm) is Normalize else "PuOr", norm=norm)
    ax.set_xticks(range(len(columns.texts)), labels=[_short(text) for text in columns.texts])
    ax.set_yticks(range(len(rows.texts)), labels=[_short(text) for text in rows.texts])
    ax.set_xlabel(_with_unit(columns.key), fontsize=SMALL, parse_math=False)
    ax.set_ylabel(_with_unit(rows.key), fontsize=SMALL, parse_math=False)
    ax.set_title(f"{policy}: {_BRIEFLY.get(measure, NAMES[measure])}", loc="left", fontsize=SMALL + 1, parse_math=False)
    ax.tick_params(labelsize=SMALL, length=0)
    if means.size <= _MOST_NUMBERS:
        for number, cell in enumerate(told):
            if cell is not None:
                _write_number(ax, image, cell, measure, divmod(number, len(columns.texts)))
    return image


def write_sweep_figure(folder: Path, sweep: Sweep, provenance: Provenance) -> tuple[Path, ...]:
    """Write ``sweep.png`` and ``sweep.svg`` into an existing folder; ValueError for more than two keys."""
    _refuse_many_keys(sweep)
    figure = _figure_of_lines(sweep) if len(sweep.axes) == 1 else _figure_of_maps(sweep)
    keys = " and ".join(axis.key for axis in sweep.axes)
    figure.suptitle(f"{sweep.scenario} over {keys}, day {sweep.headline_day:g}", x=0.01, ha="left", fontsize=11.5, parse_math=False)
    return tuple(save_figure(figure, folder / "sweep", f"over {keys}", provenance))


def _figure_of_lines(sweep: Sweep) -> Figure:
    measures = ("exit", "gain_exit") if len(sweep.policies) > 1 else ("exit",)
    figure = Figure(figsize=(4.4 * len(measures) + 0.4, 4.4 + 0.16 * math.ceil(len(sweep.policies) / 4)), layout="constrained")
    panels = figure.subplots(1, len(measures), squeeze=False)[0]
    for ax, measure in zip(panels, measures, strict=True):
        draw_lines(ax, sweep, measure, sweep.policies)
    handles, labels = panels[0].get_legend_handles_labels()
    _below(figure, _errors_of(sweep) + " Gains are paired with the reference of the same run.", handles, labels)
    return figure


def _figure_of_maps(sweep: Sweep) -> Figure:
    others = [policy for policy in sweep.policies if policy != sweep.reference]
    panels = [(sweep.reference, "exit"), *((policy, "gain_exit") for policy in others)]
    columns = min(3, len(panels))
    rows = math.ceil(len(panels) / columns)
    width = 1.6 + 0.52 * min(max(len(sweep.axes[1].texts), 3), 8)
    height = 1.0 + 0.34 * min(max(len(sweep.axes[0].texts), 3), 10)
    figure = Figure(figsize=(max(columns * width, 6.4), rows * height + 1.0), layout="constrained")
    places = figure.subplots(rows, columns, squeeze=False).reshape(-1)
    norm_of = {"exit": _norm(sweep, (sweep.reference,), "exit"), "gain_exit": _norm(sweep, others, "gain_exit")}
    for ax, (policy, measure) in zip(places, panels, strict=False):
        image = draw_map(ax, sweep, policy, measure, norm_of[measure])
        if measure == "exit" or policy == others[-1]:
            bar = figure.colorbar(image, ax=ax, format=FuncFormatter(lambda value, _, measure=measure: _tick(value, measure)))
            bar.ax.tick_params(labelsize=SMALL)
    for ax in places[len(panels) :]:
        ax.remove()
    note = "Gains in percentage points, in one colour scale, paired with the reference of the same run"
    note += "; in brackets those whose 95 % interval holds zero." if sweep.draws > 1 else "."
    _below(figure, note, [], [])
    return figure


def _below(figure: Figure, note: str, handles: Sequence[Artist], labels: Sequence[str]) -> None:
    figure.legend(
        list(handles), list(labels), loc="outside lower left", fontsize=SMALL, frameon=False, ncols=4, handlelength=3.2, title=note
    )
    figure.legends[0].get_title().set(fontsize=NOTE, color=GREY)
    figure.legends[0].set_alignment("left")


def _errors_of(sweep: Sweep) -> str:
    if sweep.draws == 1:
        return "One draw: there is no Monte Carlo error."
    return f"Bars: 95 % intervals of means over {sweep.draws} draws (Monte Carlo error, not the spread of draws)."


def _line(ax: Axes, places: NDArray[np.float64], told: Sequence[Told | None], look: Look, policy: str) -> None:
    mean = _means(told)
    ax.plot(
        places, mean, color=look.colour, linestyle=look.dashes, linewidth=look.width, marker="o", markersize=3.5, label=policy, zorder=3
    )
    for place, cell in zip(places, told, strict=True):
        if cell is not None and cell.low is not None and cell.high is not None:
            ax.plot([place, place], [cell.low, cell.high], color=look.colour, linewidth=1.0, alpha=0.8, zorder=2)


def _write_number(ax: Axes, image: AxesImage, cell: Told, measure: str, place: tuple[int, int]) -> None:
    text = _tick(cell.mean, measure)
    sure = measure in _SHARES or cell.low is None or cell.is_told_from_zero
    red, green, blue, _ = image.to_rgba(np.array([cell.mean]))[0]
    dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.55
    ax.text(
        place[1],
        place[0],
        text if sure else f"({text})",
        ha="center",
        va="center",
        fontsize=NOTE,
        color="white" if dark else "black",
        fontstyle="normal" if sure else "italic",
    )


def _norm(sweep: Sweep, policies: Sequence[str], measure: str) -> Normalize:
    """One scale for some policies; with a colour of its own below zero where something lies there."""
    found = [sweep.told(number, policy, measure) for number in range(len(sweep.cells)) for policy in policies]
    means = _means(found)
    low, high = (float(np.nanmin(means)), float(np.nanmax(means))) if np.isfinite(means).any() else (0.0, 1.0)
    if measure in _SHARES:
        return Normalize(low, high if high > low else low + 1e-9)
    if any(cell is not None and cell.mean < 0.0 and cell.is_told_from_zero for cell in found):
        reach = max(-low, high)
        return TwoSlopeNorm(0.0, -reach, reach)
    return Normalize(0.0, high if high > 0.0 else 1e-9)


def _means(told: Sequence[Told | None]) -> NDArray[np.float64]:
    return np.array([np.nan if cell is None else cell.mean for cell in told])


def _tick(value: float, measure: str) -> str:
    if measure in _SHARES:
        return f"{100 * value:.1f} %"
    if measure == "gain_exit":
        return signed(100 * value, 2)
    return f"{value:,.4g}".replace("-", "−")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _refuse_many_keys(sweep: Sweep) -> None:
    if len(sweep.axes) > 2:
        raise ValueError(f"a figure shows one key or two, and this sweep has {len(sweep.axes)}; take a part of its table")


def _with_unit(key: str) -> str:
    """A key with the unit of its default, where it has one."""
    try:
        unit = entry(key).unit
    except KeyError:
        unit = ""
    return f"{key} ({unit})" if unit else key
