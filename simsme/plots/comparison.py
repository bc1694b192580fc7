"""Two stored runs in one figure: the survival curves of each policy in both."""

import math
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter

from simsme.comparison.comparison import Comparison
from simsme.comparison.record import Record
from simsme.outcomes import ENDPOINTS
from simsme.plots.files import save_figure
from simsme.plots.labels import signed
from simsme.plots.layout import NOTE, SMALL, new_axes, tick_days
from simsme.plots.style import GREY, PALE
from simsme.provenance import Provenance

_LOOKS = (("#000000", "-", 1.9), ("#D55E00", (0, (5, 1.8)), 2.1))
"""Colour, dashes and width of A and of B; told apart without colour."""

MOST_PANELS = 12
_COLUMNS, _WIDTH, _HEIGHT, _AROUND = 3, 3.1, 2.2, 1.15
"""Panels in a row, their size and the height of what stands around them, in inches."""


def plot_comparison(comparison: Comparison, policy: str | None = None, endpoint: str = "exit", ax: Axes | None = None) -> Axes:
    """Plot the curves of one policy in two stored runs.

    Parameters
    ----------
    comparison : Comparison
        What `simsme.compare` returns.
    policy : str, optional
        One of the policies of both; the reference of A, or else the first, where not given.
    endpoint : str
        ``exit``, ``cash`` or ``open``.
    ax : Axes, optional
        Where to draw; axes in a new figure where not given.

    Raises
    ------
    ValueError
        When there is no such policy or endpoint.

    Examples
    --------
    >>> import simsme
    >>> found = simsme.compare("results/three-months-0123abcd", "results/three-months-4567cdef")  # doctest: +SKIP
    >>> ax = simsme.plot_comparison(found)  # doctest: +SKIP
    """
    axes = new_axes() if ax is None else ax
    chosen = policy or (comparison.a.reference if comparison.a.reference in comparison.policies else comparison.policies[0])
    if chosen not in comparison.policies:
        raise ValueError(f"no policy {chosen!r} in both runs; there is {', '.join(comparison.policies)}")
    if endpoint not in ENDPOINTS:
        raise ValueError(f"no curve of {endpoint!r}; there are curves of {', '.join(ENDPOINTS)}")
    draw_policy(axes, comparison, chosen, endpoint)
    axes.set_ylim(_bottom(comparison, (chosen,), endpoint), 1.005)
    axes.legend(loc="lower left", fontsize=NOTE, frameon=False)
    return axes


def draw_policy(ax: Axes, comparison: Comparison, policy: str, endpoint: str) -> None:
    """Draw both curves of a policy with their bands, and write the difference at the end into the title."""
    for record, name, (colour, dashes, width) in zip((comparison.a, comparison.b), "AB", _LOOKS, strict=True):
        days, mean, low, high = _curve(record, policy, endpoint)
        if record.draws > 1:
            ax.fill_between(days, low, high, step="post", color=colour, alpha=0.13, linewidth=0, zorder=1.5)
        ax.plot(
            days,
            mean,
            drawstyle="steps-post",
            color=colour,
            linestyle=dashes,
            linewidth=width,
            label=f"{name}: {record.folder}",
            zorder=3,
        )
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    horizon = max(record.days[-1] for record in (comparison.a, comparison.b))
    ax.set_xlim(0.0, horizon)
    ticks = [day for day in tick_days(horizon, comparison.a.headline_day) if day % 91 == 0 or horizon <= 182]
    ax.xaxis.set_major_locator(FixedLocator(ticks or [0.0, horizon]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{round(100 * share, 6):g} %"))
    ax.tick_params(labelsize=SMALL)
    ax.set_title(f"{policy}\n{_said(comparison, policy, endpoint)}", loc="left", fontsize=SMALL + 0.5, parse_math=False)


def write_comparison_figure(folder: Path, comparison: Comparison, provenance: Provenance, endpoint: str = "exit") -> tuple[Path, ...]:
    """Write ``comparison.png`` and ``comparison.svg``, a panel for each policy of both runs, into an existing folder."""
    shown = comparison.policies[:MOST_PANELS]
    columns = min(_COLUMNS, len(shown))
    rows = math.ceil(len(shown) / columns)
    figure = Figure(figsize=(max(columns * _WIDTH, 6.4), rows * _HEIGHT + _AROUND), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for number, ax in enumerate(panels.reshape(-1)):
        if number >= len(shown):
            ax.remove()
            continue
        draw_policy(ax, comparison, shown[number], endpoint)
        if number >= len(shown) - columns:
            ax.set_xlabel("day", fontsize=SMALL)
    panels[0, 0].set_ylim(_bottom(comparison, shown, endpoint), 1.005)
    figure.suptitle("Firms that are not gone for good (exit) in two runs", x=0.01, ha="left", fontsize=11.5)
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", fontsize=SMALL, frameon=False, handlelength=3.5, title=_note(comparison))
    figure.legends[0].get_title().set(fontsize=NOTE, color=GREY)
    figure.legends[0].set_alignment("left")
    return tuple(save_figure(figure, folder / "comparison", "Two runs compared", provenance))


def _curve(record: Record, policy: str, endpoint: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    table = record.curves
    rows = table[(table["policy"] == policy) & (table["endpoint"] == endpoint)].sort_values("day")
    day, mean, low, high = (rows[name].to_numpy(dtype=np.float64) for name in ("day", "mean", "low", "high"))
    return day, mean, low, high


def _bottom(comparison: Comparison, policies: tuple[str, ...], endpoint: str) -> float:
    """Where the vertical axis begins: at 0 unless nothing happens in its lower half."""
    records = (comparison.a, comparison.b)
    lowest = min(float(_curve(record, policy, endpoint)[2].min()) for record in records for policy in policies)
    return 0.0 if lowest < 0.5 else math.floor((lowest - 0.01) * 20) / 20


def _said(comparison: Comparison, policy: str, endpoint: str) -> str:
    day = comparison.days[-1]
    row = comparison.of(policy, day, endpoint)
    if row is None:
        return ""
    error = "" if row.mc_error is None else f" ± {100 * row.mc_error:.2f}"
    return f"day {day:g}: B less A {signed(100 * row.difference)}{error} points"


def _note(comparison: Comparison) -> str:
    left = len(comparison.policies) - MOST_PANELS
    lines = [
        "Shaded: 5th to 95th percentile over draws. ± is the Monte Carlo standard error of the mean difference, "
        + ("paired draw by draw." if comparison.paired else "not paired."),
    ]
    if _bottom(comparison, comparison.policies[:MOST_PANELS], "exit") > 0.0:
        lines.append("The vertical axis does not start at 0.")
    if left > 0:
        lines.append(f"{left} more policies are in comparison.csv.")
    return "\n".join(lines)
