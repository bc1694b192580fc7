"""Figures as files: PNG and SVG that say what they came from, each with its data beside it."""

from pathlib import Path

import matplotlib as mpl
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

DPI = 150
"""Pixels per inch of a PNG."""


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
        ``survival-exit``, ``survival-cash``, ``survival-open``, where there is something to compare ``difference-exit`` and
        ``effectiveness-firms``, and where there are public funds ``funds``, each as ``.png``, ``.svg`` and ``.csv``.
    """
    outcomes = outcomes_of(source)
    written: list[Path] = []
    for endpoint in ("exit", "cash", "open"):
        figure = Figure()
        draw_survival(figure.add_subplot(), outcomes, endpoint, own_figure=True)
        written += save_figure(figure, folder / f"survival-{endpoint}", f"Survival ({endpoint})", provenance)
        written.append(folder / f"survival-{endpoint}.csv")
        curve_data(outcomes, endpoint).to_csv(written[-1], index=False, lineterminator="\n")
    if len(outcomes.policies) > 1:
        figure = Figure()
        draw_difference(figure.add_subplot(), outcomes, "exit", own_figure=True)
        written += save_figure(figure, folder / "difference-exit", f"Difference to {outcomes.reference} (exit)", provenance)
        written.append(folder / "difference-exit.csv")
        difference_data(outcomes, "exit").to_csv(written[-1], index=False, lineterminator="\n")
        figure = Figure()
        draw_effectiveness(figure.add_subplot(), outcomes, currency=currency, own_figure=True)
        written += save_figure(figure, folder / "effectiveness-firms", "Net cost and firms saved", provenance)
        written.append(folder / "effectiveness-firms.csv")
        table = effectiveness_table(outcomes)
        shown = (table["effect"] == "firms_saved") & (table["day"] == outcomes.report_days[-1])
        table[shown].to_csv(written[-1], index=False, lineterminator="\n")
    if outcomes.funds:
        figure = Figure()
        draw_funds(figure.add_subplot(), outcomes, own_figure=True)
        written += save_figure(figure, folder / "funds", "Use of public funds", provenance)
        written.append(folder / "funds.csv")
        fund_use_table(outcomes).to_csv(written[-1], index=False, lineterminator="\n")
    return tuple(written)


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
    figure.savefig(png, dpi=DPI, metadata={"Title": title, "Software": software} | facts)
    # no date and identifiers from the digest: the same result gives the same file
    with mpl.rc_context({"svg.hashsalt": provenance.digest}):
        described = "; ".join(f"{name}: {value}" for name, value in facts.items())
        figure.savefig(svg, metadata={"Title": title, "Creator": software, "Description": described, "Date": None})
    return [png, svg]
