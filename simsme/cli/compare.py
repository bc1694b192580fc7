"""``simsme compare``: two stored runs side by side."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from simsme.cli.arguments import AsJson
from simsme.cli.talk import Talk


def compare_runs(
    run_a: Annotated[Path, typer.Argument(metavar="RUN_A", help="A results folder of simsme run, or what --out was.", show_default=False)],
    run_b: Annotated[Path, typer.Argument(metavar="RUN_B", help="Another one; differences are B less A.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write comparison.csv, .json, .png and .svg into this folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on standard error but errors.")] = False,
) -> None:
    """Say what two stored runs differ in: scenario, policies, firms, version, and what came of it.

    Differences of outcomes are taken draw by draw where seed and number of draws are the same.

    Example, after simsme run three-months --draws 20 --out a and simsme run three-months --draws 20 --set credit.renewal=0.8 --out b:
    simsme compare a b
    """
    from simsme.comparison_files import FILES, write_comparison
    from simsme.stored_runs import compare
    from simsme.study_files import check_place

    talk = Talk(quiet)
    if out is not None:
        check_place(out, FILES, replace=force)
    found = compare(run_a, run_b)
    if out is not None:
        with talk.progress("writing table and figure"):
            written = write_comparison(out, found, replace=force)
    _print(found.json(), as_json)
    if out is not None:
        talk.say(f"Table, numbers and figure: {', '.join(map(str, written))}.")


def _print(found: Mapping[str, Any], as_json: bool) -> None:
    """Print a comparison as data or for reading."""
    if as_json:
        from simsme.summary import as_json as json_text

        print(json_text(found), flush=True)
        return
    from simsme.cli.comparison_table import change_lines, comparison_table
    from simsme.cli.screen import print_prose, screen

    console = screen()
    for name in ("a", "b"):
        record = found[name]
        ran = f"{record['firms']:,} firms, {record['draws']:,} draws, seed {record['seed']}, simsme {record['version']}"
        print_prose(console, f"{name.upper()}: {record['folder']} ({record['scenario']}; {ran})", bold=f"{name.upper()}:")
    console.print()
    print_prose(console, "What changed in the scenario (A → B)", bold="What changed in the scenario (A → B)")
    for line in change_lines(found, console.width):
        console.print(line)
    for line in comparison_table(found, console.width):
        console.print(line)
    console.print()
    print_prose(console, found["pairing"])
    for line in found["remarks"]:
        print_prose(console, line)
    print_prose(
        console,
        "exit: share of firms that are not gone for good. ± is the Monte Carlo standard error of the mean, or mean difference; below the "
        "latter its 95 % interval, which is not the spread of draws. Gains, firms and jobs saved and net cost are against each run's own "
        "reference.",
        style="dim",
    )
