"""Figures as files: PNG and SVG that say what they came from, each with its data beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simsme.cost_tables import effectiveness_table
from simsme.curves import curve_data, difference_data
from simsme.fund_tables import fund_use_table
from simsme.outcomes import HasOutcomes, Outcomes, outcomes_of
from simsme.plots.difference import draw_difference
from simsme.plots.effectiveness import draw_effectiveness
from simsme.plots.funds import draw_funds
from simsme.plots.survival import draw_survival
from simsme.provenance import Provenance, version

if TYPE_CHECKING:
    import pandas as pd

DPI = 150
"""Pixels per inch of a PNG."""

COMPRESSION = 3
"""Of a PNG, 0 to 9: half the time of the usual 6 for a twentieth more bytes."""


def figure_names(outcomes: Outcomes) -> tuple[str, ...]:
    """Names of the figures of a run: ``difference-exit`` and ``effectiveness-firms`` need something to compare, ``funds`` public funds."""
    compared = ("difference-exit", "effectiveness-firms") if len(outcomes.policies) > 1 else ()
    return ("survival-exit", "survival-cash", "survival-open", *compared, *(("funds",) if outcomes.funds else ()))


def write_figures(
    folder: Path, source: Outcomes | HasOutcomes, provenance: Provenance, currency: str = "", names: Sequence[str] | None = None
) -> tuple[Path, ...]:
    """Write figures of a run and their data.

    Parameters
    ----------
    folder : Path
        An existing folder.
    source : Outcomes or a run
        What happened.
    provenance : Provenance
        Where the result came from; it goes into the files.
    currency : str
        Unit of money.
    names : sequence of str, optional
        Of `figure_names`; all where not given.

    Returns
    -------
    tuple of Path
        Each figure as ``.png``, ``.svg`` and ``.csv``.
    """
    outcomes = outcomes_of(source)
    written: list[Path] = []
    for name in figure_names(outcomes) if names is None else names:
        figure = Figure()
        title, data = _draw(figure.add_subplot(), name, outcomes, currency)
        written += [*save_figure(figure, folder / name, title, provenance), folder / f"{name}.csv"]
        data.to_csv(written[-1], index=False, lineterminator="\n")
    return tuple(written)


def _draw(ax: Axes, name: str, outcomes: Outcomes, currency: str) -> tuple[str, "pd.DataFrame"]:
    """Draw a figure by its name and return its title and its data."""
    match name.partition("-"):
        case ("survival", _, endpoint):
            draw_survival(ax, outcomes, endpoint, own_figure=True)
            return f"Survival ({endpoint})", curve_data(outcomes, endpoint)
        case ("difference", _, endpoint):
            draw_difference(ax, outcomes, endpoint, own_figure=True)
            return f"Difference to {outcomes.reference} ({endpoint})", difference_data(outcomes, endpoint)
        case ("effectiveness", _, _):
            draw_effectiveness(ax, outcomes, currency=currency, own_figure=True)
            table = effectiveness_table(outcomes)
            return "Net cost and firms saved", table[(table["effect"] == "firms_saved") & (table["day"] == outcomes.report_days[-1])]
        case _:
            draw_funds(ax, outcomes, own_figure=True)
            return "Use of public funds", fund_use_table(outcomes)


def save_figure(figure: Figure, stem: Path, title: str, provenance: Provenance) -> list[Path]:
    """Write a figure as PNG and SVG with where it comes from in both; returns the files."""
    software = f"simsme {version()}"
    title = f"{provenance.scenario}: {title}"
    facts = {
        "Scenario": provenance.scenario,
        "Digest": provenance.digest,
        "Seed": str(provenance.seed),
        "Draws": str(provenance.draws),
        "Policies": ", ".join(provenance.policies),
    }
    png, svg = stem.with_suffix(".png"), stem.with_suffix(".svg")
    figure.savefig(png, dpi=DPI, metadata={"Title": title, "Software": software} | facts, pil_kwargs={"compress_level": COMPRESSION})
    # no date and identifiers from the digest: the same result gives the same file
    with mpl.rc_context({"svg.hashsalt": provenance.digest}):
        described = "; ".join(f"{name}: {value}" for name, value in facts.items())
        figure.savefig(svg, metadata={"Title": title, "Creator": software, "Description": described, "Date": None})
    return [png, svg]
