"""What public money can save: the best mix of levers for each budget, and all mixes that were tried."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simsme.frontier import Frontier
from simsme.plots.effectiveness import SCALES
from simsme.plots.files import save_figure
from simsme.plots.labels import EndLabel, label_ends
from simsme.plots.layout import SMALL, finish, new_axes
from simsme.plots.style import GREY, PALE
from simsme.provenance import Provenance

BLUE, TRIED = "#0072B2", "#BBBBBB"

BELOW_AXIS = 34.0
"""Where notes begin, in points below the axes."""


def plot_frontier(frontier: Frontier, ax: Axes | None = None) -> Axes:
    """Plot what the best mixes save against what they cost those whose money the budget is.

    Parameters
    ----------
    frontier : Frontier
        What `simsme.optimize` returns.
    ax : Axes, optional
        Where to draw; axes in a new figure where not given. Labels to the right and notes below need room.

    Returns
    -------
    Axes
        The axes drawn on.

    Examples
    --------
    >>> import simsme
    >>> best = simsme.optimize("three-months", [0.0, 1e5], policies=["package"], draws=20)  # doctest: +SKIP
    >>> ax = simsme.plot_frontier(best)  # doctest: +SKIP
    """
    axes = new_axes() if ax is None else ax
    draw_frontier(axes, frontier, own_figure=ax is None)
    return axes


def draw_frontier(ax: Axes, frontier: Frontier, *, own_figure: bool) -> None:
    """Draw what `plot_frontier` describes; `own_figure`: the figure holds nothing else and may take the size that it needs."""
    what, winners = frontier.maximize, [optimum.winner for optimum in frontier.optima]
    costs, saved = [winner.cost_to(frontier.payers) for winner in winners], [winner.effect for winner in winners]
    amounts = np.array([*(cost.mean for cost in costs), *(optimum.budget for optimum in frontier.optima)])
    scale, unit = next(((size, word) for size, word in SCALES if np.abs(amounts).max() >= size), (1.0, ""))
    ax.set_title(
        f"{what.capitalize()} saved against {frontier.reference} for public money, by day {frontier.day:g}", loc="left", fontsize=10.5
    )
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    affordable = frontier.tried[:, 0] <= max(amounts) * 1.1
    ax.plot(*frontier.tried[affordable].T / [[scale], [1.0]], color=TRIED, marker=".", markersize=3.0, linestyle="none", zorder=1)
    for optimum in frontier.optima:
        ax.axvline(optimum.budget / scale, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
    order = np.argsort([cost.mean for cost in costs])
    ax.plot([costs[k].mean / scale for k in order], [saved[k].mean for k in order], color=BLUE, linewidth=1.2, zorder=2)
    for cost, effect, winner in zip(costs, saved, winners, strict=True):
        ax.errorbar(
            cost.mean / scale,
            effect.mean,
            xerr=None if cost.mc_error is None else cost.mc_error / scale,
            yerr=effect.mc_error,
            color=BLUE,
            marker="o",
            markersize=6.5,
            elinewidth=1.0,
            capsize=2.0,
            linestyle="none",
            zorder=4,
        )
        ax.plot(winner.search_cost / scale, winner.search_saved, color=BLUE, marker="o", markersize=6.5, mfc="none", ls="none", zorder=3)
    ax.margins(0.08)
    ax.tick_params(labelsize=SMALL)
    ax.xaxis.set_major_locator(MaxNLocator(6))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}".replace("-", "−")))
    money = f"{unit} {frontier.currency}".strip()
    ax.set_xlabel(f"net cost to {', '.join(frontier.payers).replace('_', ' ')}, {money}".rstrip(", "), fontsize=SMALL, labelpad=2)
    ax.set_ylabel(f"{what} saved" + (", less those harmed" if what == "firms" else ""), fontsize=SMALL)
    right = ax.get_xlim()[1]
    labels = [
        EndLabel(f"{winner.name}, for {money_words(optimum.budget, frontier.currency)}", (right, effect.mean), BLUE, "#005280")
        for winner, effect, optimum in zip(winners, saved, frontier.optima, strict=True)
    ]
    finish(ax, label_ends(ax, labels), _notes(frontier), BELOW_AXIS, own_figure=own_figure)


def write_frontier_figure(folder: Path, frontier: Frontier, provenance: Provenance) -> tuple[Path, ...]:
    """Write ``frontier.png`` and ``frontier.svg`` into an existing folder."""
    figure = Figure()
    draw_frontier(figure.add_subplot(), frontier, own_figure=True)
    return tuple(save_figure(figure, folder / "frontier", "What public money can save", provenance))


def money_words(amount: float, currency: str) -> str:
    """A sum of money in few digits: ``30 million CNY``."""
    scale, word = next(((size, word) for size, word in SCALES if abs(amount) >= size), (1.0, ""))
    return " ".join(text for text in (f"{amount / scale:g}", word, currency) if text)


def _notes(frontier: Frontier) -> list[str]:
    lines = [f"{optimum.winner.name}: {optimum.winner.words}." for optimum in frontier.optima]
    lines += [
        f"Filled: the best mix for each budget (dotted lines) on {frontier.fresh_draws} draws that the search has not used, where it may "
        "cost a little more than the budget; hollow: what the search saw of it. "
        f"Grey: all mixes tried on the {frontier.search_draws} draws of the search."
    ]
    if frontier.fresh_draws > 1:
        lines.append(
            f"Bars: one Monte Carlo standard error of the mean, of the paired difference to {frontier.reference}, each way; not the band "
            "over draws."
        )
    if frontier.worlds:
        words = {"regret": "least regret", "worst-decile": "the worst tenth of the worlds", "mean": "the mean"}
        lines.append(f"Means over {frontier.worlds} worlds; the best by {words[frontier.criterion]}.")
    return lines
