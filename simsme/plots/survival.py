"""Survival curves: the share of firms not yet affected, as steps, with bands over draws and the firms at risk under the axis."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from simsme.curves import ABSORBING, curve_estimate
from simsme.outcomes import ENDPOINTS, HasOutcomes, Outcomes, outcomes_of
from simsme.plots.at_risk import write_at_risk
from simsme.plots.frame import percent_axis
from simsme.plots.labels import EndLabel, label_ends
from simsme.plots.layout import finish, new_axes, prepare, tick_days
from simsme.plots.style import Look, looks
from simsme.survival import HIGH, LOW, Estimate

MOST_BANDS = 3
"""Curves up to which all bands are shaded; of more, only those of the reference and of the best, since bands of many merge."""

Days = NDArray[np.float64]
"""One number a day of the curve, (T,)."""

TITLES = {
    "cash": "Firms that have not yet run short of cash (cash)",
    "open": "Firms that trade, of all that started (open; may rise again)",
    "exit": "Firms that are not gone for good (exit)",
}

BELOW_AXIS = 42.0
"""Where what stands under the axis begins, in points below the axes: under the ticks and their label."""


def plot_survival(
    source: Outcomes | HasOutcomes,
    endpoint: str = "exit",
    ax: Axes | None = None,
    *,
    policies: Sequence[str] | None = None,
    band: bool = True,
    at_risk_table: bool = True,
) -> Axes:
    """Plot the share of firms not yet affected under each policy.

    Parameters
    ----------
    source : Outcomes or a run
        What happened.
    endpoint : str
        ``exit``, ``cash`` or ``open``.
    ax : Axes, optional
        Where to draw; axes in a new figure where not given. What stands around given axes (labels to the right, the table and the notes
        below) needs room, which a constrained layout makes by itself.
    policies : sequence of str, optional
        Which policies, all where not given.
    band : bool
        Whether to shade the 5th to 95th percentile over draws.
    at_risk_table : bool
        Whether to write the firms at risk under the axis (not for ``open``, which firms enter again).

    Returns
    -------
    Axes
        The axes drawn on.

    Raises
    ------
    ValueError
        When there is no such endpoint or policy.

    Examples
    --------
    >>> import simsme
    >>> out = simsme.run("three-months", policies=["renewal"], draws=2, overrides=["population.firms=60"])
    >>> ax = simsme.plot_survival(out, "exit")
    """
    axes = new_axes() if ax is None else ax
    draw_survival(axes, outcomes_of(source), endpoint, policies, band=band, at_risk_table=at_risk_table, own_figure=ax is None)
    return axes


def draw_survival(
    ax: Axes,
    outcomes: Outcomes,
    endpoint: str,
    policies: Sequence[str] | None = None,
    *,
    band: bool = True,
    at_risk_table: bool = True,
    own_figure: bool,
) -> None:
    """Draw what `plot_survival` describes; `own_figure`: the figure holds nothing else and may take the size that it needs."""
    check_endpoint(endpoint)
    chosen = outcomes.policies if policies is None else tuple(policies)
    places = [outcomes.policy_index(policy) for policy in chosen]
    estimate, look = curve_estimate(outcomes, endpoint, paired=False), looks(outcomes)
    shaded = banded_of(outcomes, estimate, chosen) if band and outcomes.draws > 1 else ()

    prepare(ax, outcomes, TITLES[endpoint])
    for place, policy in zip(places, chosen, strict=True):
        style = look[policy]
        if policy in shaded:
            draw_band(ax, outcomes.days, estimate.low[place], estimate.high[place], style, len(shaded))
        ax.plot(
            outcomes.days,
            estimate.mean[place],
            drawstyle="steps-post",
            color=style.colour,
            linestyle=style.dashes,
            linewidth=style.width,
            label=policy,
            zorder=3,
        )
    lowest = [estimate.low[outcomes.policy_index(policy)] for policy in shaded] or [estimate.mean[places]]
    _percent_axis(ax, min(float(np.min(values)) for values in (*lowest, estimate.mean[places])))
    ends = [
        EndLabel(
            f"{policy}  {100 * estimate.mean[place, -1]:.1f} %",
            (float(outcomes.days[-1]), float(estimate.mean[place, -1])),
            look[policy].colour,
            look[policy].text_colour,
        )
        for place, policy in zip(places, chosen, strict=True)
    ]
    labels = label_ends(ax, ends)
    below = BELOW_AXIS
    if at_risk_table and endpoint in ABSORBING:
        ticks = tick_days(float(outcomes.days[-1]), outcomes.headline_day)
        below = write_at_risk(ax, outcomes, endpoint, chosen, ticks, look, below) + 5
    notes = error_notes(outcomes, estimate, places, banded=bool(shaded), of="share", only=() if len(shaded) == len(chosen) else shaded)
    finish(ax, labels, notes, below, own_figure=own_figure)


def banded_of(outcomes: Outcomes, estimate: Estimate, policies: Sequence[str]) -> tuple[str, ...]:
    """Return the policies whose bands are shaded: all where they are few, else the reference (or the first) and the best at the end."""
    if len(policies) <= MOST_BANDS:
        return tuple(policies)
    first = outcomes.reference if outcomes.reference in policies else policies[0]
    best = max((policy for policy in policies if policy != first), key=lambda policy: estimate.mean[outcomes.policy_index(policy), -1])
    return first, best


def check_endpoint(endpoint: str) -> None:
    """Raise ValueError where there is no such curve; ``runway`` has none, since it is not simulated."""
    if endpoint not in ENDPOINTS:
        raise ValueError(f"no curve of {endpoint!r}; there are curves of {', '.join(ENDPOINTS)}")


def draw_band(ax: Axes, days: Days, low: Days, high: Days, style: Look, bands: int) -> None:
    """Shade one of several bands, so faintly that all together stay light, and draw its edges in the colour and dashes of its line."""
    ax.fill_between(days, low, high, step="post", color=style.colour, alpha=0.3 / max(bands, 3), linewidth=0, zorder=1.5)
    for edge in (low, high):
        ax.plot(days, edge, drawstyle="steps-post", color=style.colour, linestyle=style.dashes, linewidth=0.7, alpha=0.7, zorder=2)


def error_notes(
    outcomes: Outcomes, estimate: Estimate, places: Sequence[int], *, banded: bool, of: str, only: Sequence[str] = ()
) -> list[str]:
    """Say what the band is, of which policies where not of all, and, separately, how large the Monte Carlo error is."""
    if outcomes.draws == 1:
        return ["One draw: there is neither a band over draws nor a Monte Carlo error."]
    lines = []
    if banded:
        paired = "of the paired difference " if of == "difference" else ""
        band = f"{100 * LOW:.0f}th to {100 * HIGH:.0f}th percentile {paired}over {outcomes.draws} draws"
        of_whom = f", of {' and '.join(only)} only; the others have bands as well" if only else ""
        lines.append(f"Shaded, thin edges: {band} (luck, shock and uncertain parameters){of_whom}.".replace("$", r"\$"))
    errors = 100 * estimate.mc_error[list(places), outcomes.day_index()]
    low, high = f"{errors.min():.2f}", f"{errors.max():.2f}"
    size = high if low == high else f"{low} to {high}"
    lines.append(f"Not the band: Monte Carlo standard error of the mean {of} on day {outcomes.headline_day:g}, {size} percentage points.")
    return lines


def _percent_axis(ax: Axes, lowest: float) -> None:
    """From 0 to 100 %, or only the upper part where nothing happens below it, with a note that says so."""
    bottom = 0.0 if lowest < 0.55 else np.floor((lowest - 0.01) * 20) / 20
    bottom = min(max(float(bottom), 0.0), 0.95)
    cut_off = f"vertical axis starts at {100 * bottom:.0f} %" if bottom > 0 else ""
    percent_axis(ax, bottom, 1.0 + 0.005 * (1.0 - bottom), cut_off, above=False)
