"""Differences to the reference: policy less reference, paired draw by draw, in percentage points."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from simsme.curves import curve_estimate
from simsme.outcomes import HasOutcomes, Outcomes, outcomes_of
from simsme.plots.labels import EndLabel, label_ends, signed
from simsme.plots.layout import SMALL, finish, new_axes, prepare
from simsme.plots.style import looks
from simsme.plots.survival import BELOW_AXIS, MOST_BANDS, banded_of, check_endpoint, draw_band, error_notes

TITLES = {
    "cash": "firms that have not yet run short of cash (cash)",
    "open": "firms that trade (open)",
    "exit": "firms that are not gone for good (exit)",
}


def plot_difference(
    source: Outcomes | HasOutcomes,
    endpoint: str = "exit",
    ax: Axes | None = None,
    *,
    policies: Sequence[str] | None = None,
    band: bool = True,
) -> Axes:
    """Plot what each policy adds to the survival of the reference.

    Parameters
    ----------
    source : Outcomes or a run
        What happened.
    endpoint : str
        ``exit``, ``cash`` or ``open``.
    ax : Axes, optional
        Where to draw; axes in a new figure where not given.
    policies : sequence of str, optional
        Which policies, all but the reference where not given.
    band : bool
        Whether to shade the 5th to 95th percentile of the paired difference over draws.

    Returns
    -------
    Axes
        The axes drawn on.

    Raises
    ------
    ValueError
        When there is no such endpoint or policy, or no policy but the reference.

    Examples
    --------
    >>> import simsme
    >>> out = simsme.run("three-months", policies=["renewal"], draws=2, overrides=["population.firms=60"])
    >>> ax = simsme.plot_difference(out, "exit")
    """
    axes = new_axes() if ax is None else ax
    draw_difference(axes, outcomes_of(source), endpoint, policies, band=band, own_figure=ax is None)
    return axes


def draw_difference(
    ax: Axes,
    outcomes: Outcomes,
    endpoint: str,
    policies: Sequence[str] | None = None,
    *,
    band: bool = True,
    own_figure: bool,
) -> None:
    """Draw what `plot_difference` describes; `own_figure`: the figure holds nothing else and may take the size that it needs."""
    check_endpoint(endpoint)
    chosen = [policy for policy in (outcomes.policies if policies is None else policies) if policy != outcomes.reference]
    if not chosen:
        raise ValueError(f"there is no policy to compare with the reference {outcomes.reference!r}")
    places = [outcomes.policy_index(policy) for policy in chosen]
    estimate, look = curve_estimate(outcomes, endpoint, paired=True), looks(outcomes)
    # of many only the best has its band shaded: bands of all would merge
    shaded = (chosen if len(chosen) <= MOST_BANDS else banded_of(outcomes, estimate, chosen)[-1:]) if band and outcomes.draws > 1 else ()
    horizon = float(outcomes.days[-1])

    prepare(ax, outcomes, f"Difference to {outcomes.reference}: {TITLES[endpoint]}")
    ax.axhline(0.0, color=look[outcomes.reference].colour, linewidth=1.2, zorder=2)
    ends = []
    for place, policy in zip(places, chosen, strict=True):
        style, mean = look[policy], 100 * estimate.mean[place]
        if policy in shaded:
            draw_band(ax, outcomes.days, 100 * estimate.low[place], 100 * estimate.high[place], style, len(shaded))
        ax.plot(
            outcomes.days,
            mean,
            drawstyle="steps-post",
            color=style.colour,
            linestyle=style.dashes,
            linewidth=style.width,
            label=policy,
            zorder=3,
        )
        ends.append(EndLabel(f"{policy}  {signed(float(mean[-1]))}", (horizon, float(mean[-1])), style.colour, style.text_colour))
    reference = look[outcomes.reference]
    ends.append(EndLabel(f"{outcomes.reference}  0", (horizon, 0.0), reference.colour, reference.text_colour))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+g}".replace("-", "−") if abs(value) > 1e-9 else "0"))
    ax.set_ylabel("percentage points of all firms", fontsize=SMALL)
    ax.margins(y=0.06)
    notes = error_notes(outcomes, estimate, places, banded=bool(shaded), of="difference", only=() if len(shaded) == len(chosen) else shaded)
    finish(ax, label_ends(ax, ends), notes, BELOW_AXIS, own_figure=own_figure)
