"""The cost-effectiveness plane: what policies cost against what they save, and the frontier of those that nothing dominates."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simsme.costs import Costs
from simsme.effectiveness import DOMINATED, EFFECTS, EXTENDEDLY_DOMINATED, ON_FRONTIER, Comparison
from simsme.outcomes import HasOutcomes, Outcomes, outcomes_of
from simsme.plots.layout import SMALL, finish, new_axes
from simsme.plots.style import GREY, PALE, looks

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "*")
"""Shapes of points, policy by policy, so that they can be told apart without colour."""

SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))

BELOW_AXIS = 34.0
"""Where notes begin, in points below the axes."""


def plot_effectiveness(
    source: Outcomes | HasOutcomes, effect: str = "firms_saved", ax: Axes | None = None, *, day: float | None = None, currency: str = ""
) -> Axes:
    """Plot net cost against firms or jobs saved, with the frontier.

    A policy to the right saves more, one further up costs more. Filled points are on the frontier, hollow ones are dominated: another
    policy, or a mixture of two, saves as much for less.

    Parameters
    ----------
    source : Outcomes or a run
        What happened.
    effect : str
        ``firms_saved`` or ``jobs_saved``.
    ax : Axes, optional
        Where to draw; axes in a new figure where not given. The legend to the right and the notes below need room, which a constrained
        layout makes by itself.
    day : float, optional
        A reported day; the last one where not given, since costs and effects come late.
    currency : str
        Unit of money.

    Returns
    -------
    Axes
        The axes drawn on.

    Raises
    ------
    ValueError
        When there is no such effect or day.

    Examples
    --------
    >>> import simsme
    >>> out = simsme.run("three-months", policies=["renewal"], draws=2, overrides=["population.firms=60"])
    >>> ax = simsme.plot_effectiveness(out)
    """
    axes = new_axes() if ax is None else ax
    draw_effectiveness(axes, outcomes_of(source), effect, day=day, currency=currency, own_figure=ax is None)
    return axes


def draw_effectiveness(
    ax: Axes, outcomes: Outcomes, effect: str = "firms_saved", *, day: float | None = None, currency: str = "", own_figure: bool
) -> None:
    """Draw what `plot_effectiveness` describes; `own_figure`: the figure holds nothing else and may take the size that it needs."""
    if effect not in EFFECTS:
        raise ValueError(f"no effect {effect!r}; the effects are {', '.join(EFFECTS)}")
    day = float(outcomes.report_days[-1]) if day is None else day
    compared = Comparison(Costs(outcomes), effect, outcomes.report_index(day))
    saved, cost, look = compared.saved, compared.cost, looks(outcomes)
    what = EFFECTS[effect]

    ax.set_title(f"Net cost and {what} saved against {outcomes.reference}, by day {day:g}", loc="left", fontsize=10.5, pad=8)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.axhline(0.0, color=GREY, linewidth=0.9, zorder=1)
    ax.axvline(0.0, color=GREY, linewidth=0.9, zorder=1)
    frontier = list(compared.frontier)
    if len(outcomes.policies) > 2:
        ax.plot(saved.mean[frontier], cost.mean[frontier], color=GREY, linewidth=1.2, zorder=2, label="frontier")
    order = sorted(range(len(outcomes.policies)), key=lambda policy: -float(saved.mean[policy]))
    for policy in order:
        style, marker, on = look[outcomes.policies[policy]], MARKERS[policy % len(MARKERS)], compared.places[policy].status == ON_FRONTIER
        ax.errorbar(
            saved.mean[policy],
            cost.mean[policy],
            xerr=None if outcomes.draws == 1 else saved.mc_error[policy],
            yerr=None if outcomes.draws == 1 else cost.mc_error[policy],
            color=style.colour,
            marker=marker,
            markersize=6.5,
            markerfacecolor=style.colour if on else "white",
            markeredgewidth=1.4,
            elinewidth=1.0,
            capsize=2.0,
            linestyle="none",
            zorder=4 if on else 3,
            label=outcomes.policies[policy],
        )
    ax.margins(0.08)
    ax.tick_params(labelsize=SMALL)
    scale, unit = next(((size, word) for size, word in SCALES if np.abs(cost.mean).max() >= size), (1.0, ""))
    ax.xaxis.set_major_locator(MaxNLocator(7))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}".replace("-", "−")))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / scale:,g}".replace("-", "−")))
    ax.set_xlabel(f"{what} saved, less those harmed" if effect == "firms_saved" else f"{what} saved", fontsize=SMALL, labelpad=2)
    ax.set_ylabel(", ".join(text for text in ("net cost to those who pay", f"{unit} {currency}".strip()) if text), fontsize=SMALL)
    _legend(ax, outcomes, order, compared)
    finish(ax, (), _notes(outcomes, compared), BELOW_AXIS, own_figure=own_figure)


def _legend(ax: Axes, outcomes: Outcomes, order: list[int], compared: Comparison) -> None:
    """Name the points to the right of the axes, those that save most first."""
    look = looks(outcomes)
    ending = {ON_FRONTIER: "frontier", DOMINATED: "dominated", EXTENDEDLY_DOMINATED: "dominated by a mixture"}
    points = [
        Line2D(
            [],
            [],
            color=look[outcomes.policies[policy]].colour,
            marker=MARKERS[policy % len(MARKERS)],
            markersize=6.5,
            markerfacecolor=look[outcomes.policies[policy]].colour if compared.places[policy].status == ON_FRONTIER else "white",
            markeredgewidth=1.4,
            linestyle="none",
        )
        for policy in order
    ]
    names = [f"{outcomes.policies[p]}: {ending.get(compared.places[p].status, compared.why(p))}".replace("$", r"\$") for p in order]
    ax.legend(
        points, names, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize=SMALL, borderaxespad=0.0, labelspacing=0.6
    )


def _notes(outcomes: Outcomes, compared: Comparison) -> list[str]:
    # the reference is a point of its own: with one policy beside it there is nothing to choose from
    several = len(outcomes.policies) > 2
    line = "" if not several else "Line: the frontier. " if len(compared.frontier) > 1 else "Filled: the only one on the frontier. "
    hollow = "Hollow: another policy, or a mixture of two, saves as much for less. " if several else ""
    lines = [f"{line}{hollow}Below zero those who pay gain."]
    if outcomes.draws == 1:
        return [*lines, "One draw: there is no Monte Carlo error."]
    lines.append(
        f"Bars: one Monte Carlo standard error of the mean over {outcomes.draws} draws, of the paired difference to {outcomes.reference}, "
        "each way; not the band over draws."
    )
    shares = compared.frontier_shares
    doubtful = [f"{policy} {100 * shares[p]:.0f}\u00a0%" for p, policy in enumerate(outcomes.policies) if 0.05 <= shares[p] <= 0.95]
    if doubtful:
        lines.append(f"On the frontier in this share of resampled sets of draws: {', '.join(doubtful)}; others in nearly all or none.")
    return lines
