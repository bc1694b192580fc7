"""Survival and gains across worlds: what luck alone spreads, and what luck and uncertain parameters spread together."""

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simsme.plots.files import save_figure
from simsme.plots.layout import NOTE, SMALL, new_axes, tick_days
from simsme.plots.style import GREY, PALE
from simsme.provenance import Provenance
from simsme.robustness.across_worlds import AcrossWorlds

INNER, OUTER, LINE = "#5B9BC8", "#CFE3F1", "#0B3C5D"
"""Luck alone, luck and parameters together, and the mean; told apart in grey too."""

_ACROSS, _PANEL_WIDTH, _PANEL_HEIGHT = 3, 3.1, 2.2
_WIDTH, _ROW_HEIGHT, _AROUND = 7.6, 0.36, 1.7


def plot_worlds(found: AcrossWorlds, policy: str, endpoint: str = "exit", ax: Axes | None = None) -> Axes:
    """Plot the survival curve of a policy with its band of luck and its band of luck and parameters.

    Parameters
    ----------
    found : AcrossWorlds
        What `simsme.across_worlds` returns.
    policy : str
        Name of the policy.
    endpoint : str
        ``exit`` or ``cash``.
    ax : Axes, optional
        Where to draw; axes in a new figure where not given.

    Raises
    ------
    ValueError
        When there is no such policy or endpoint.

    Examples
    --------
    >>> import simsme
    >>> found = simsme.across_worlds("three-months", 10, policies=["renewal"], draws=5)  # doctest: +SKIP
    >>> ax = simsme.plot_worlds(found, "renewal")  # doctest: +SKIP
    """
    for name, known in ((policy, found.policies), (endpoint, tuple(found.curves))):
        if name not in known:
            raise ValueError(f"no {name!r} in these worlds; there is {', '.join(known)}")
    axes = new_axes() if ax is None else ax
    band = found.band(policy, endpoint)
    for zorder, (name, colour) in enumerate((("together", OUTER), ("luck", INNER)), start=1):
        low, high = band[name]
        axes.fill_between(found.days, low, high, step="post", color=colour, linewidth=0, zorder=zorder)
    if policy != found.reference:
        mean = found.band(found.reference, endpoint)["mean"]
        axes.plot(found.days, mean, drawstyle="steps-post", color="black", linewidth=1.0, linestyle=(0, (2, 1.5)), zorder=3)
    axes.plot(found.days, band["mean"], drawstyle="steps-post", color=LINE, linewidth=1.7, zorder=4)
    axes.axvline(found.headline_day, color=GREY, linewidth=0.9, linestyle=(0, (1, 2)), zorder=0.5)
    axes.set_xlim(0.0, float(found.days[-1]))
    axes.set_xticks([day for day in tick_days(float(found.days[-1]), found.headline_day) if day % 91 == 0 or found.days[-1] < 182])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{round(100 * share, 6):g} %"))
    axes.set_title(policy, loc="left", fontsize=9.5)
    _quiet(axes, "y")
    return axes


def plot_world_gains(found: AcrossWorlds, ax: Axes | None = None) -> Axes:
    """Plot what each policy gains at the headline day: mean, spread by luck, spread by luck and parameters.

    Parameters
    ----------
    found : AcrossWorlds
        What `simsme.across_worlds` returns.
    ax : Axes, optional
        Where to draw; axes in a new figure where not given.

    Examples
    --------
    >>> import simsme
    >>> found = simsme.across_worlds("three-months", 10, policies=["renewal"], draws=5)  # doctest: +SKIP
    >>> ax = simsme.plot_world_gains(found)  # doctest: +SKIP
    """
    axes = new_axes() if ax is None else ax
    policies = [policy for policy in found.policies if policy != found.reference]
    for row, policy in enumerate(policies):
        gain = found.gain(policy)
        for (low, high), colour, height in ((gain.together, OUTER, 0.62), (gain.luck, INNER, 0.36)):
            axes.barh(row, 100 * (high - low), left=100 * low, height=height, color=colour, linewidth=0, zorder=2)
        low, high = gain.parameters
        axes.plot([100 * low, 100 * high], [row, row], color=LINE, linewidth=1.2, marker="|", markersize=7, zorder=3)
        axes.plot([100 * gain.mean], [row], color=LINE, marker="o", markersize=5, zorder=4)
        axes.annotate(
            f"best in {round(found.best(policy).survival, 1):g} of {found.worlds}",
            xy=(1.01, row),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=SMALL,
            color=GREY,
        )
    axes.axvline(0.0, color="black", linewidth=0.9, zorder=2.5)
    axes.set_yticks(range(len(policies)), labels=policies)
    axes.set_ylim(len(policies) - 0.4, -0.6)
    axes.set_xlabel(f"firms kept alive on day {found.headline_day:g} beyond {found.reference}, percentage points", fontsize=SMALL)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda points, _: f"{round(points, 6):g}".replace("-", "−")))
    _quiet(axes, "x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return axes


def write_worlds_figures(folder: Path, found: AcrossWorlds, provenance: Provenance) -> tuple[Path, ...]:
    """Write ``worlds-exit`` and ``worlds-gain`` as PNG and SVG into an existing folder."""
    return (
        *save_figure(_curves(found), folder / "worlds-exit", f"Survival (exit) across {found.worlds} worlds", provenance),
        *save_figure(_gains(found), folder / "worlds-gain", f"Gains across {found.worlds} worlds", provenance),
    )


def _curves(found: AcrossWorlds) -> Figure:
    """A panel for each policy, all with one scale."""
    columns = min(len(found.policies), _ACROSS)
    rows = math.ceil(len(found.policies) / columns)
    figure = Figure(figsize=(0.4 + _PANEL_WIDTH * columns, 1.5 + _PANEL_HEIGHT * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).flatten()
    for ax, policy in zip(panels, found.policies, strict=False):
        plot_worlds(found, policy, ax=ax)
    for ax in panels[len(found.policies) :]:
        ax.set_visible(False)
    for ax in panels[max(len(found.policies) - columns, 0) : len(found.policies)]:
        ax.tick_params(labelbottom=True)
        ax.set_xlabel("days since the start", fontsize=SMALL)
    lowest = min(float(found.band(policy, "exit")["together"][0].min()) for policy in found.policies)
    panels[0].set_ylim(max(math.floor((lowest - 0.01) * 20) / 20, 0.0), 1.002)
    handles: list[Artist] = [
        Line2D([], [], color=LINE, linewidth=1.7, label="mean of worlds and draws"),
        Line2D([], [], color="black", linewidth=1.0, linestyle=(0, (2, 1.5)), label=f"mean of {found.reference}"),
        Patch(color=INNER, label="luck: draws of a world"),
        Patch(color=OUTER, label="luck and parameters: draws of all worlds"),
    ]
    _around(figure, found, handles, "firms that are not gone for good (exit)")
    return figure


def _gains(found: AcrossWorlds) -> Figure:
    policies = max(len(found.policies) - 1, 1)
    figure = Figure(figsize=(_WIDTH, _AROUND + _ROW_HEIGHT * policies), layout="constrained")
    plot_world_gains(found, figure.subplots())
    handles: list[Artist] = [
        Line2D([], [], color=LINE, marker="o", markersize=5, linewidth=0, label="mean"),
        Line2D([], [], color=LINE, marker="|", markersize=7, linewidth=1.2, label="parameters: means of worlds"),
        Patch(color=INNER, label="luck: draws of a world"),
        Patch(color=OUTER, label="luck and parameters: draws of all worlds"),
    ]
    _around(figure, found, handles, "what policies gain")
    return figure


def _around(figure: Figure, found: AcrossWorlds, handles: Sequence[Artist], what: str) -> None:
    """Title, legend, and a note that says what the bands are."""
    note = (
        f"Bands and lines from 5th to 95th percentile; luck on average over {found.worlds} worlds of {found.draws} draws, the same draws "
        "in all of them. Not a Monte Carlo error."
    )
    if found.drawn:
        note += f" {len(found.drawn)} numbers that the scenario itself draws anew in every draw count as luck."
    width = figure.get_size_inches()[0]
    figure.suptitle(f"{found.scenario}: {what}, {found.worlds} worlds", x=0.01, ha="left", fontsize=11.5, parse_math=False)
    figure.legend(
        handles=handles,
        loc="outside lower left",
        fontsize=SMALL,
        frameon=False,
        ncols=2,
        title=textwrap.fill(note, int(width * 72 / (0.53 * NOTE))),
    )
    legend = figure.legends[0]
    legend.get_title().set(fontsize=NOTE, color=GREY)
    legend.set_alignment("left")


def _quiet(ax: Axes, grid: str) -> None:
    ax.spines[["top", "right"]].set_visible(False)
    if grid == "x":
        ax.grid(axis="x", color=PALE, linewidth=0.6)
    else:
        ax.grid(axis="y", color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=SMALL)
