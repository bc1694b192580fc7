"""``simsme report``: one page of HTML about a stored run."""

import json
from pathlib import Path
from typing import Annotated

import typer

from simsme.cli.arguments import AsJson
from simsme.cli.talk import Talk


def report_run(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A results folder of simsme run.", show_default=False)],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write here; report.html in the folder by default.")] = None,
    sensitivity: Annotated[
        Path | None,
        typer.Option("--sensitivity", metavar="DIR", help="Rank assumptions by a tornado that simsme sensitivity --out wrote here."),
    ] = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on standard error but errors.")] = False,
) -> None:
    """Write a report of a stored run: question, answer, curves, costs, who is saved and missed, assumptions, evidence.

    The report is one HTML file that opens in any browser, loads nothing from anywhere and prints well. Its path goes to standard output.

    Example: simsme report results/three-months-0123abcd
    """
    from simsme.report.files import write_report

    with Talk(quiet).progress("writing the report"):
        file = write_report(run, out, sensitivity)
    if as_json:
        print(json.dumps({"report": str(file), "run": str(run), "bytes": file.stat().st_size}, ensure_ascii=False, indent=1))
        return
    print(file)
