"""Figures of a sensitivity study: a tornado for each outcome, or points for the effects of a screening and for Sobol' indices."""

import math
import textwrap
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simsme.plots.files import save_figure
from simsme.plots.layout import NOTE, SMALL, new_axes
from simsme.plots.style import GREY, PALE
from simsme.provenance import Provenance
from simsme.robustness.effects import Tornado
from simsme.robustness.indices import Decomposition
from simsme.robustness.screening import Screening
from simsme.robustness.study import Study

AT_LOW, AT_HIGH = "#E69F00", "#0072B2"
"""Number at the lower and at the upper end of its range; yellow and blue, which all common kinds of colour vision tell apart."""

SHOWN, SHOWN_OF_MANY, MANY = 15, 8, 4
"""Numbers of a panel, fewer where there are more panels than `MANY`."""

AnyStudy = Tornado | Screening | Decomposition

_ACROSS, _PANEL_WIDTH, _ROW_HEIGHT, _AROUND = 2, 6.4, 0.27, 0.9


def plot_tornado(found: Tornado, outcome: str = "exit", ax: Axes | None = None, *, count: int = SHOWN) -> Axes:
    """Plot what an outcome changes when one number after the other goes to either end of its range, the largest effect on top.

    Parameters
    ----------
    found : Tornado
        What `simsme.sensitivity` returns.
    outcome : str
        ``exit``, ``cash`` or ``gain:<policy>``.
    ax : Axes, optional
        Where to draw; axes in a new figure where not given.
    count : int
        How many numbers are shown.

    Raises
    ------
    ValueError
        When there is no such outcome.

    Examples
    --------
    >>> import simsme
    >>> found = simsme.sensitivity("three-months", policies=["renewal"], draws=5)  # doctest: +SKIP
    >>> ax = simsme.plot_tornado(found)  # doctest: +SKIP
    """
    axes = new_axes() if ax is None else ax
    # a number that changes nothing has no bar, and its name alone would look like a finding
    swings = [swing for swing in found.swings(outcome)[:count] if swing.change_low or swing.change_high]
    for row, swing in enumerate(swings):
        for change, error, colour, height in (
            (swing.change_low, swing.error_low, AT_LOW, 0.62),
            (swing.change_high, swing.error_high, AT_HIGH, 0.62),
        ):
            same_side = swing.change_low * swing.change_high > 0.0
            smaller = abs(change) == min(abs(swing.change_low), abs(swing.change_high))
            axes.barh(row, 100 * change, height=0.34 if same_side and smaller else height, color=colour, zorder=3 if smaller else 2)
            if error:
                axes.plot([100 * (change - error), 100 * (change + error)], [row, row], color="black", linewidth=1.0, zorder=4)
    labels = [f"{swing.subject.name}\n{_short(swing.subject.low)} – {_short(swing.subject.high)}" for swing in swings]
    _rows(axes, labels, found.study, outcome)
    axes.axvline(0.0, color="black", linewidth=0.9, zorder=2.5)
    axes.set_xlabel(_what(found.study, outcome), fontsize=SMALL)
    if found.study.draws > 1 and not any(swing.clear for swing in swings):
        said = "no number changes it by more than the Monte Carlo error" if swings else "no number changes it"
        axes.annotate(
            said,
            (0.98, 0.02),
            xycoords="axes fraction",
            ha="right",
            fontsize=NOTE,
            fontstyle="italic",
            color=GREY,
            zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.85},
        )
    return axes


def plot_indices(found: Decomposition, outcome: str = "exit", ax: Axes | None = None, *, count: int = SHOWN) -> Axes:
    """Plot first-order and total Sobol' indices of an outcome with 95 % intervals.

    Parameters
    ----------
    found : Decomposition
        What `simsme.sensitivity` returns with the method ``sobol``.
    outcome : str
        ``exit``, ``cash`` or ``gain:<policy>``.
    ax : Axes, optional
        Where to draw; axes in a new figure where not given.
    count : int
        How many numbers are shown.

    Returns
    -------
    Axes
        The axes drawn on.

    Raises
    ------
    ValueError
        When there is no such outcome.

    Examples
    --------
    >>> import simsme
    >>> found = simsme.sensitivity("three-months", "sobol", policies=["renewal"], draws=5)  # doctest: +SKIP
    >>> ax = simsme.plot_indices(found)  # doctest: +SKIP
    """
    axes = new_axes() if ax is None else ax
    place = found.study.outcome_index(outcome)
    entries = found.json()["outcomes"][place]["parameters"][:count]
    for row, entry in enumerate(entries):
        for name, colour, marker, shift in (("total", AT_HIGH, "o", -0.14), ("first", AT_LOW, "D", 0.14)):
            if entry[name] is not None:
                axes.plot(entry[f"{name}_interval"], [row + shift] * 2, color=colour, linewidth=1.4, zorder=2)
                axes.plot([entry[name]], [row + shift], color=colour, marker=marker, markersize=5, zorder=3)
    _rows(axes, [entry["name"] for entry in entries], found.study, outcome)
    axes.axvline(0.0, color="black", linewidth=0.9, zorder=1)
    axes.set_xlabel("part of the variance", fontsize=SMALL)
    return axes


def plot_screening(found: Screening, outcome: str = "exit", ax: Axes | None = None) -> Axes:
    """Plot how much each number matters (mu*) against how much that depends on the others (sigma).

    Parameters
    ----------
    found : Screening
        What `simsme.sensitivity` returns with the method ``morris``.
    outcome : str
        ``exit``, ``cash`` or ``gain:<policy>``.
    ax : Axes, optional
        Where to draw; axes in a new figure where not given.

    Returns
    -------
    Axes
        The axes drawn on.

    Raises
    ------
    ValueError
        When there is no such outcome.

    Examples
    --------
    >>> import simsme
    >>> found = simsme.sensitivity("three-months", "morris", policies=["renewal"], draws=5)  # doctest: +SKIP
    >>> ax = simsme.plot_screening(found)  # doctest: +SKIP
    """
    axes = new_axes() if ax is None else ax
    entries = found.json()["outcomes"][found.study.outcome_index(outcome)]["parameters"]
    axes.plot([100 * entry["mu_star"] for entry in entries], [100 * entry["sigma"] for entry in entries], "o", color=AT_HIGH, markersize=4)
    ends = [100 * max(entry[name] for entry in entries) for name in ("mu_star", "sigma")]
    axes.plot([0.0, min(ends)], [0.0, min(ends)], color=GREY, linewidth=0.8, linestyle=(0, (2, 2)))
    for entry in entries[:8]:
        axes.annotate(
            entry["name"], (100 * entry["mu_star"], 100 * entry["sigma"]), xytext=(4, 3), textcoords="offset points", fontsize=NOTE
        )
    axes.set_title(_title(found.study, outcome), loc="left", fontsize=9.5)
    axes.set_xlabel("mu*: mean absolute effect, percentage points", fontsize=SMALL)
    axes.set_ylabel("sigma: its spread over worlds", fontsize=SMALL)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color=PALE, linewidth=0.6)
    axes.tick_params(labelsize=SMALL)
    axes.margins(x=0.2)
    return axes


def write_sensitivity_figure(folder: Path, found: AnyStudy, provenance: Provenance) -> tuple[Path, ...]:
    """Write ``sensitivity.png`` and ``sensitivity.svg``, a panel for each outcome, into an existing folder."""
    study = found.study
    columns = min(len(study.outcomes), _ACROSS)
    rows = math.ceil(len(study.outcomes) / columns)
    shown = min(len(study.subjects), SHOWN if len(study.outcomes) <= MANY else SHOWN_OF_MANY)
    height = 3.4 if isinstance(found, Screening) else _AROUND + _ROW_HEIGHT * max(shown, 3) * (1.3 if isinstance(found, Tornado) else 1.0)
    figure = Figure(figsize=(_PANEL_WIDTH * columns, 1.3 + height * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).flatten()
    for ax, outcome in zip(panels, study.outcomes, strict=False):
        if isinstance(found, Tornado):
            plot_tornado(found, outcome, ax, count=shown)
        elif isinstance(found, Screening):
            plot_screening(found, outcome, ax)
        else:
            plot_indices(found, outcome, ax, count=shown)
    for ax in panels[len(study.outcomes) :]:
        ax.set_visible(False)
    figure.suptitle(
        f"{study.scenario}: what uncertain numbers change, day {study.day:g}", x=0.01, ha="left", fontsize=11.5, parse_math=False
    )
    _explain(figure, found)
    return tuple(save_figure(figure, folder / "sensitivity", "Sensitivity to uncertain numbers", provenance))


def _explain(figure: Figure, found: AnyStudy) -> None:
    study = found.study
    runs = f"{study.evaluations:,} runs of {study.firms:,} firms on the same {study.draws} draws."
    handles: list[Line2D | Patch] = []
    if isinstance(found, Tornado):
        note = f"Lines: Monte Carlo standard error of the paired difference. Under each name the range, in the number's own unit. {runs}"
        handles = [Patch(color=AT_LOW, label="at the lower end of its range"), Patch(color=AT_HIGH, label="at the upper end")]
    elif isinstance(found, Screening):
        note = (
            f"Effect of a number on its way through its whole range, on average over {len(found.effects.effects)} places; above the dashed "
            f"line it depends on the other numbers, or on where it stands, more than it is. {runs}"
        )
    else:
        note = f"Means over draws; lines: 95 % intervals from resampling {found.size} rows of the design. {runs}"
        handles = [
            Line2D([], [], color=AT_HIGH, marker="o", markersize=5, label="total: with all that it shares with others"),
            Line2D([], [], color=AT_LOW, marker="D", markersize=5, label="first order: by itself"),
        ]
    wrapped = textwrap.fill(note, int(figure.get_size_inches()[0] * 72 / (0.53 * NOTE)))
    figure.legend(handles=handles, loc="outside lower left", fontsize=SMALL, frameon=False, ncols=2, title=wrapped)
    legend = figure.legends[0]
    legend.get_title().set(fontsize=NOTE, color=GREY)
    legend.set_alignment("left")


def _rows(ax: Axes, labels: list[str], study: Study, outcome: str) -> None:
    ax.set_yticks(range(len(labels)), labels=labels, fontsize=NOTE - 0.5)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.set_title(_title(study, outcome), loc="left", fontsize=9.5)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=SMALL)
    ax.grid(axis="x", color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{round(value, 9):g}".replace("-", "−")))


def _title(study: Study, outcome: str) -> str:
    if outcome.startswith("gain:"):
        return f"gain by {outcome.removeprefix('gain:')}: firms not gone (exit) beyond {study.reference}"
    what = {"exit": "firms not gone for good (exit)", "cash": "firms never short of cash (cash)"}[outcome]
    return f"{what}, under {study.reference}"


def _what(study: Study, outcome: str) -> str:
    change = "change of the gain" if outcome.startswith("gain:") else "change of the share of firms"
    return f"{change} on day {study.day:g}, percentage points"


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−") if abs(value) < 1000 else f"{value:,.0f}"
