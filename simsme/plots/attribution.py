"""What each lever of a policy contributes: bars for the lever alone, averaged over all orders, and on top of all the others."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simsme.attribution import ENTRANCES, MEASURES, Attribution, Effect
from simsme.plots.files import save_figure
from simsme.plots.layout import NOTE, SMALL, new_axes
from simsme.plots.style import GREY, PALE
from simsme.provenance import Provenance

TITLES = {"firms_saved": "Firms saved", "jobs_saved": "Jobs saved", "net_cost": "Net cost"}
NAMES = {"alone": "alone, without the others", "shapley": "Shapley value: the lever's part", "last_in": "on top of all others"}

_LOOKS = {"alone": ("white", "#0072B2"), "shapley": ("#0072B2", "#0072B2"), "last_in": ("#BFDDEE", "#0072B2")}
"""Face and edge of the bars; told apart without colour, by white, dark and light."""

_HEIGHTS = {"alone": 0.2, "shapley": 0.34, "last_in": 0.2}
_PANEL_WIDTH, _LEVER_HEIGHT, _AROUND = 3.1, 0.62, 1.75
"""Width of a panel, height for a lever, and height of all that stands around the axes, in inches."""

_MANY, _LEVER_HEIGHT_OF_MANY = 8, 0.4
"""Levers from which on each takes less height, and how much, in inches."""

_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))


def plot_attribution(attribution: Attribution, measure: str = "firms_saved", ax: Axes | None = None) -> Axes:
    """Plot what each lever contributes to a measure.

    Parameters
    ----------
    attribution : Attribution
        What `simsme.attribute` returns.
    measure : str
        ``firms_saved``, ``jobs_saved`` or ``net_cost``.
    ax : Axes, optional
        Where to draw; axes in a new figure where not given.

    Returns
    -------
    Axes
        The axes drawn on. The legend and what is around given axes need room, which a constrained layout makes by itself.

    Raises
    ------
    ValueError
        When there is no such measure.

    Examples
    --------
    >>> import simsme
    >>> shared = simsme.attribute("three-months", "package", draws=20)  # doctest: +SKIP
    >>> ax = simsme.plot_attribution(shared, "firms_saved")  # doctest: +SKIP
    """
    if ax is None:
        axes = new_axes()
        figure = axes.figure
        if isinstance(figure, Figure):
            figure.set_layout_engine("constrained")
            figure.set_size_inches(2 * _PANEL_WIDTH, _height(attribution))
    else:
        axes = ax
    draw_attribution(axes, attribution, measure)
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, -0.16), fontsize=NOTE, frameon=False, ncols=1)
    return axes


def draw_attribution(ax: Axes, attribution: Attribution, measure: str, *, names: bool = True) -> None:
    """Draw the bars of one measure; `names`: whether the levers are named at the left."""
    if measure not in MEASURES:
        raise ValueError(f"no measure {measure!r}; there is {', '.join(MEASURES)}")
    places = np.arange(len(attribution.levers), dtype=np.float64)
    effects = {entrance: [attribution.effect(lever, measure, entrance) for lever in attribution.levers] for entrance in ENTRANCES}
    scale, unit = _scale([effect for found in effects.values() for effect in found], measure, attribution.currency)
    top = -sum(_HEIGHTS.values()) / 2
    for entrance in ENTRANCES:
        face, edge = _LOOKS[entrance]
        middle = top + _HEIGHTS[entrance] / 2
        top += _HEIGHTS[entrance]
        means = np.array([effect.mean for effect in effects[entrance]]) / scale
        ax.barh(
            places + middle,
            means,
            height=_HEIGHTS[entrance],
            facecolor=face,
            edgecolor=edge,
            linewidth=0.8,
            label=NAMES[entrance],
            zorder=2,
        )
        for place, effect in zip(places, effects[entrance], strict=True):
            if effect.low is not None and effect.high is not None:
                ax.plot(
                    [effect.low / scale, effect.high / scale],
                    [place + middle] * 2,
                    color="black",
                    linewidth=1.1 if entrance == "shapley" else 0.8,
                    marker="|",
                    markersize=5.0 if entrance == "shapley" else 3.5,
                    zorder=3,
                )
    ax.axvline(0.0, color="black", linewidth=0.9, zorder=2.5)
    ax.set_yticks(places, labels=attribution.levers if names else [])
    ax.set_ylim(len(places) - 0.45, -0.55)
    ax.set_title(TITLES[measure], loc="left", fontsize=10.5)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.grid(axis="x", color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=SMALL)
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_locator(MaxNLocator(5, min_n_ticks=3))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}".replace("-", "−")))
    ax.margins(x=0.06)
    ax.set_xlabel(_axis_label(attribution, measure, scale, unit), fontsize=SMALL)


def write_attribution_figure(folder: Path, attribution: Attribution, provenance: Provenance) -> tuple[Path, ...]:
    """Write ``attribution.png`` and ``attribution.svg``, a panel for each measure, into an existing folder."""
    # measured in inches, so that names of levers, however long, leave the panels their width
    figure = Figure(figsize=(len(MEASURES) * _PANEL_WIDTH + _names_width(attribution), _height(attribution)), layout="constrained")
    panels = figure.subplots(1, len(MEASURES), squeeze=False)[0]
    for number, (ax, measure) in enumerate(zip(panels, MEASURES, strict=True)):
        draw_attribution(ax, attribution, measure, names=number == 0)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.suptitle(
        f"{attribution.scenario}: what each lever of {attribution.policy} adds to {attribution.reference}, day {attribution.day:g}",
        x=0.01,
        ha="left",
        fontsize=11.5,
        parse_math=False,
    )
    figure.legend(handles, labels, loc="outside lower left", fontsize=SMALL, frameon=False, ncols=3, title=_note(attribution))
    legend = figure.legends[0]
    legend.get_title().set(fontsize=NOTE, color=GREY)
    legend.set_alignment("left")
    return tuple(save_figure(figure, folder / "attribution", f"Contributions of the levers of {attribution.policy}", provenance))


def _note(attribution: Attribution) -> str:
    if attribution.draws == 1:
        return "One draw: there is no Monte Carlo error."
    sampled = "" if attribution.permutations is None else f", and of {attribution.permutations} orders of levers"
    return (
        f"Lines: 95 % intervals of means over {attribution.draws} paired draws{sampled} (Monte Carlo error, not the spread of draws). "
        "Shapley values add up to the policy."
    )


def _axis_label(attribution: Attribution, measure: str, scale: float, unit: str) -> str:
    together = attribution.together(measure).mean / scale
    text = f"{together:,.{0 if abs(together) >= 100 else 1}f}".replace("-", "−")
    gains = " (below zero the payers gain)" if measure == "net_cost" and (attribution.shapley[:, -1].mean(axis=-1) < 0).any() else ""
    return f"{unit}{gains}\nall levers together: {text}"


def _scale(effects: list[Effect], measure: str, currency: str) -> tuple[float, str]:
    """By what numbers are divided so that ticks stay short, and the unit to go with it."""
    ends = [value for effect in effects for value in (effect.mean, effect.low, effect.high) if value is not None]
    largest = max(map(abs, ends), default=0.0)
    what = {"firms_saved": "firms", "jobs_saved": "jobs"}.get(measure, currency or "money")
    if measure != "net_cost":
        return 1.0, what
    scale, word = next(((scale, word) for scale, word in _SCALES if largest >= scale), (1.0, ""))
    return scale, f"{word} {what}".strip()


def _height(attribution: Attribution) -> float:
    levers = len(attribution.levers)
    return _AROUND + _LEVER_HEIGHT * min(levers, _MANY) + _LEVER_HEIGHT_OF_MANY * max(levers - _MANY, 0)


def _names_width(attribution: Attribution) -> float:
    """Inches that the longest name takes: a character of these fonts is a little more than half as wide as high."""
    return 0.2 + max(map(len, attribution.levers)) * 0.55 * SMALL / 72
