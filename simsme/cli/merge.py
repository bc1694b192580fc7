"""``simsme merge``: parts of a run, run by themselves, become its result."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from simsme.cli.arguments import AsJson, FirmLevelAs, FirmsPath
from simsme.cli.process import seconds_running
from simsme.cli.talk import Talk


def merge_batches(
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER...", help="Folders that simsme run --batches left, all of one run.", show_default=False)
    ],
    firms: FirmsPath = None,
    firm_level_as: FirmLevelAs = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for results folders; results by default.")] = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on standard error but errors.")] = False,
) -> None:
    """Put parts of a run together: the result is the same, to the last bit, as of one run.

    The parts come from simsme run SCENARIO --batches A:B, wherever they were run, and have to hold every draw once.

    Example: simsme merge results/three-months-0123abcd.draws-*
    """
    from simsme.cli.run import notes_of, print_summary
    from simsme.merging import merge
    from simsme.results import check_folder, results_folder, write_results
    from simsme.runs import timed

    talk = Talk(quiet)
    with talk.progress("reading"):
        merged = merge(folders, firms)
    plan = merged.plan
    folder = results_folder(plan.scenario.name, plan.digest, out)
    check_folder(folder)
    summary = timed(merged, seconds_running()).json | notes_of(plan, merged.outcomes.firms_as_needed)
    with talk.progress("writing tables and figures"):
        write_results(
            folder,
            merged,
            summary=summary,
            scenario_text=plan.loaded.text,
            provenance=merged.provenance(["simsme", *sys.argv[1:]]),
            by_firm=merged.by_firm,
            firm_format=firm_level_as,
        )
    print_summary(summary, plan, as_json)
    talk.say(f"Curves, tables and figures are in {folder} ({seconds_running():.1f} s).")
