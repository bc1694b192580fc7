"""Figures as files: PNG and SVG that say what they came from, each with its data beside it."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simsme.figure_data import figure_names, write_figure_data
from simsme.outcomes import HasOutcomes, Outcomes, outcomes_of
from simsme.plots.difference import draw_difference
from simsme.plots.effectiveness import draw_effectiveness
from simsme.plots.funds import draw_funds
from simsme.plots.survival import draw_survival
from simsme.provenance import Provenance, version

DPI = 150
"""Pixels per inch of a PNG."""

COMPRESSION = 3
"""Of a PNG, 0 to 9: half the time of the usual 6 for a twentieth more bytes."""


def write_figures(folder: Path, source: Outcomes | HasOutcomes, provenance: Provenance, currency: str = "") -> tuple[Path, ...]:
    """Write all figures of a run and their data.

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

    Returns
    -------
    tuple of Path
        Each figure of `simsme.figure_data.figure_names` as ``.png``, ``.svg`` and ``.csv``.
    """
    outcomes = outcomes_of(source)
    drawn = (path for name in figure_names(outcomes) for path in write_figure(folder, name, outcomes, provenance, currency))
    return (*drawn, *write_figure_data(folder, outcomes))


def write_figure(folder: Path, name: str, outcomes: Outcomes, provenance: Provenance, currency: str = "") -> list[Path]:
    """Write one figure, by its name and without its data; returns the files."""
    figure = Figure()
    title = _draw(figure.add_subplot(), name, outcomes, currency)
    return save_figure(figure, folder / name, title, provenance)


def _draw(ax: Axes, name: str, outcomes: Outcomes, currency: str) -> str:
    """Draw a figure by its name and return its title."""
    match name.partition("-"):
        case ("survival", _, endpoint):
            draw_survival(ax, outcomes, endpoint, own_figure=True)
            return f"Survival ({endpoint})"
        case ("difference", _, endpoint):
            draw_difference(ax, outcomes, endpoint, own_figure=True)
            return f"Difference to {outcomes.reference} ({endpoint})"
        case ("effectiveness", _, _):
            draw_effectiveness(ax, outcomes, currency=currency, own_figure=True)
            return "Net cost and firms saved"
        case _:
            draw_funds(ax, outcomes, own_figure=True)
            return "Use of public funds"


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
