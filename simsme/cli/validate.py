"""``simsme validate``: published numbers beside simulated ones."""

import json
import os
from typing import Annotated

import typer

from simsme.cli.arguments import AsJson
from simsme.cli.talk import Talk

GRACE_ERRORS = 2.0
"""Monte Carlo errors that a row may lie outside its limits before it is worse than recorded, where the runs are not the usual ones."""


def validate_sources(
    source: Annotated[
        list[str] | None, typer.Option("--source", metavar="NAME", help="Only this source; may be repeated. All by default.")
    ] = None,
    role: Annotated[
        str | None, typer.Option("--role", metavar="ROLE", help="Only this role: input, calibration, validation or context.")
    ] = None,
    draws: Annotated[int | None, typer.Option("--draws", metavar="N", min=2, help="Draws of each run that has luck.")] = None,
    firms: Annotated[int | None, typer.Option("--firms", metavar="N", min=100, help="Firms of each run that draws them.")] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", min=1, help="Processes; as many as cores by default. Results do not depend on it.")
    ] = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on standard error but errors.")] = False,
) -> None:
    """Run scenarios against published numbers, and print what comes of it.

    Each number has had its role since before anything was fitted. Calibration (fitted to it) and validation (nothing fitted to it) are
    counted; input and context are shown. Exit code 1 where a number that was recorded as met no longer is.
    """
    from simsme.cli import interrupts
    from simsme.validation.rows import pass_rates
    from simsme.validation.setting import Setting
    from simsme.validation.sources import SOURCES, check_names, validate
    from simsme.validation.workers import processes

    chosen = list(SOURCES) if not source else list(dict.fromkeys(source))
    check_names(chosen, role)
    talk = Talk(quiet)
    with talk.progress("running", len(chosen), "sources") as tell:

        def told(done: int, total: int) -> None:
            interrupts.raise_if_asked()
            tell(done, total)

        with processes(jobs or os.cpu_count() or 1) as workers:
            rows = validate(chosen, role, Setting(draws=draws, firms=firms, jobs=jobs, workers=workers), told)
    if as_json:
        tables = {"targets": [row.json() for row in rows], "pass_rates": pass_rates(rows)}
        print(json.dumps(tables, allow_nan=False, ensure_ascii=False, indent=1))
    else:
        from simsme.cli.validation_table import print_validation

        print_validation(rows)
    grace = 0.0 if draws is None and firms is None else GRACE_ERRORS
    worse = [row for row in rows if row.is_worse(grace)]
    for row in worse:
        talk.say(f"Recorded as met and not met any more: {row.target.source} {row.target.id} ({row.target.what}).")
    if worse:
        raise typer.Exit(1)
