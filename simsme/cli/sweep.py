"""``simsme sweep``: a scenario over a grid of values, on the same draws."""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsme.cli import interrupts
from simsme.cli.arguments import AsJson, EngineName, FirmsPath, Overrides, PolicyNames, ScenarioSource
from simsme.cli.process import seconds_running
from simsme.cli.run import COMPILING
from simsme.cli.talk import Talk

if TYPE_CHECKING:
    from simsme.provenance import Provenance
    from simsme.sweeping.result import Sweep
    from simsme.sweeps import GridPlan


def sweep_scenario(
    scenario: ScenarioSource,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary", metavar="KEY=A,B,C", help="Values of a key of the scenario; once a key. All combinations run.", show_default=False
        ),
    ] = None,
    policy: PolicyNames = None,
    day: Annotated[
        float | None, typer.Option("--day", metavar="DAY", help="Reported day of the printed table; the headline day by default.")
    ] = None,
    firms: FirmsPath = None,
    draws: Annotated[int | None, typer.Option("--draws", metavar="N", help="Draws of each run, in place of the scenario's number.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed, in place of the scenario's.")] = None,
    override: Overrides = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", min=1, help="Threads; as many as cores by default. Results do not depend on it.")
    ] = None,
    engine: EngineName = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for the sweep's folder; results by default.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Run more than 200 runs.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Compute runs again that are kept.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on standard error but errors.")] = False,
) -> None:
    """Run a scenario for all combinations of some values, on the same firms, shocks and luck.

    Writes one tidy table with a row a combination, policy and day, and a figure: lines over one key, heat maps over two.
    Runs that are finished are kept: after Ctrl-C the same command goes on where it stopped, and a larger grid runs what is new.

    Example: simsme sweep three-months --policy renewal --vary credit.renewal=0.8,0.9 --vary shock.duration_days=49,91
    """
    from simsme.sweep_files import CELLS, check_sweep_place, sweep_folder, write_sweep
    from simsme.sweeps import run_sweep

    talk = Talk(quiet)
    grid = _planned(scenario, vary or (), policy, firms, draws, seed, override or (), yes)
    _check_day(grid, day)
    first = grid.plans[0]
    folder = sweep_folder(first.scenario.name, grid.digest, out)
    check_sweep_place(folder)
    kept = folder.parent / CELLS
    waiting = _still_to_run(grid, kept, force)
    with talk.progress("reading firms" if firms else "drawing firms"):
        count = len(first.firms().key)
    talk.say(_announced(grid, count, waiting, engine))
    done: list[int] = [0]
    try:
        with talk.progress("simulating", sum(plan.scenario.draws for plan in grid.plans), "draws") as tell:

            def told(draws_done: int, total: int) -> None:
                interrupts.raise_if_asked()
                tell(draws_done, total)

            interrupts.raise_if_asked()
            found = run_sweep(
                grid,
                jobs=jobs,
                engine=engine,
                progress=told,
                announce=partial(talk.say, COMPILING),
                keep=kept,
                afresh=force,
                finished=lambda runs: done.__setitem__(0, runs),
            )
    except BaseException:
        if interrupts.asked():
            talk.say(f"{done[0]:,} of {len(grid.plans):,} runs are finished and kept in {kept}; the same command goes on from there.")
        raise
    with talk.progress("writing table and figure"):
        written = write_sweep(folder, found, _provenance(grid))
    _print(found, day, first.scenario.title, as_json)
    talk.say(f"Table, numbers and figure: {', '.join(map(str, written))} ({seconds_running():.1f} s).")
    if len(found.axes) > 2:
        talk.say("A figure shows one key or two; this sweep has more.")


def _planned(
    scenario: str,
    vary: Sequence[str],
    policies: Sequence[str] | None,
    firms: Path | None,
    draws: int | None,
    seed: int | None,
    overrides: Sequence[str],
    yes: bool,
) -> "GridPlan":
    from simsme.problems import InputError, Problem
    from simsme.sweeps import MANY_RUNS, plan_sweep

    names = {f"--set {key}={value}": f"--{key} {value}" for key, value in (("draws", draws), ("seed", seed)) if value is not None}
    most = None if yes else MANY_RUNS
    try:
        return plan_sweep(
            scenario, vary, policies=policies or None, firms=firms, draws=draws, seed=seed, overrides=overrides, most_runs=most
        )
    except InputError as error:
        raise InputError(
            Problem(names[problem.file], "", problem.message) if problem.file in names else problem for problem in error.problems
        ) from None


def _check_day(grid: "GridPlan", day: float | None) -> None:
    from simsme.problems import InputError, Problem

    reported = [day for day in grid.plans[0].scenario.time.report_days if all(day in plan.scenario.time.report_days for plan in grid.plans)]
    if day is not None and day not in reported:
        message = f"is not reported by all runs; reported are {', '.join(map(str, reported)) or 'no common days'} (time.report_days)"
        raise InputError([Problem(f"--day {day:g}", "", message)])


def _still_to_run(grid: "GridPlan", kept: Path, force: bool) -> int:
    from simsme.sweeping.cell import cell_file

    return sum(force or not cell_file(kept, plan.digest).is_file() for plan in grid.plans)


def _announced(grid: "GridPlan", firms: int, waiting: int, engine: str | None) -> str:
    """How many runs, and roughly how long they take."""
    first, runs = grid.plans[0], len(grid.plans)
    policies = len(first.policies)
    size = f"{firms:,} firms, {first.scenario.draws:,} draws, {policies} {'policies' if policies > 1 else 'policy'}"
    if not waiting:
        return f"{runs:,} runs ({size}), all of them kept from before."
    already = f", {runs - waiting:,} of them kept from before" if waiting < runs else ""
    return f"{runs:,} runs ({size}){already}: {_duration(grid.estimated_seconds(firms, engine) * waiting / runs)}."


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"about {max(round(seconds, -1), 1):.0f} seconds" if seconds >= 5 else "a few seconds"
    return f"about {seconds / 60:.0f} minutes" if seconds < 5400 else f"about {seconds / 3600:.1f} hours"


def _provenance(grid: "GridPlan") -> "Provenance":
    from simsme.provenance import Provenance

    first = grid.plans[0]
    return Provenance(
        scenario=first.scenario.name,
        digest=grid.digest,
        seed=first.scenario.seed,
        draws=first.scenario.draws,
        policies=tuple(policy.name for policy in first.policies),
        overrides=tuple(override for override in first.loaded.overrides if override not in grid.points[0].overrides),
        command=("simsme", *sys.argv[1:]),
        firm_file=None if first.firms_file is None else first.firms_file.name,
        firm_file_digest=first.firms_digest,
    )


def _print(found: "Sweep", day: float | None, title: str, as_json: bool) -> None:
    if as_json:
        from simsme.summary import as_json as json_text

        print(json_text(found.json()), flush=True)
        return
    from simsme.cli.screen import print_prose, screen
    from simsme.cli.sweep_table import sweep_table

    console = screen()
    name, wanted = found.scenario, found.headline_day if day is None else day
    print_prose(console, f"{name}: {title}" if title else name, bold=name)
    keys = ", ".join(axis.key for axis in found.axes)
    ran = f"{len(found.cells)} runs over {keys}, day {wanted:g}: {found.firms:,} firms, {found.draws:,} draws, seed {found.seed}"
    print_prose(console, ran, style="dim")
    for line in sweep_table(found, wanted, console.width):
        console.print(line)
    console.print()
    print_prose(
        console,
        f"exit: share of firms that are not gone for good, under {found.reference}; gain: what a policy adds to it in the same run, "
        "paired draw by draw. ± is the Monte Carlo standard error of the mean, not the spread of draws. All runs have the same luck.",
        style="dim",
    )
