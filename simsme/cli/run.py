"""``simsme run``: run a scenario, print the table of policies, leave a results folder."""

import os
import sys
from collections.abc import Collection, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simsme.cli import interrupts
from simsme.cli.arguments import (
    AsJson,
    EngineName,
    FirmLevelAs,
    FirmLevelWanted,
    FirmsPath,
    Overrides,
    PolicyNames,
    ScenarioSource,
    Scheduler,
)
from simsme.cli.batches import keeping, population_that_fits, run_batches
from simsme.cli.planning import planned
from simsme.cli.process import is_ours, seconds_running
from simsme.cli.talk import Talk
from simsme.problems import InputError, Problem

if TYPE_CHECKING:
    from simsme.plan import Plan

COMPILING = "Compiling the engine: once on this machine, half a minute or so. Later runs load it in a second."

MOST_HANDS = 6
"""Of figures and tables that are made at a time, where there are so many cores."""


def run_scenario(
    scenario: ScenarioSource,
    policy: PolicyNames = None,
    firms: FirmsPath = None,
    draws: Annotated[int | None, typer.Option("--draws", metavar="N", help="Draws, in place of the scenario's number.")] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            "--precision", metavar="SHARE", help="Draws until differences in exit have this Monte Carlo error: 0.0005 is 0.05 points."
        ),
    ] = None,
    max_draws: Annotated[int | None, typer.Option("--max-draws", metavar="N", help="With --precision: no more draws than these.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed, in place of the scenario's.")] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", min=1, help="Threads; as many as cores by default. Results do not depend on it.")
    ] = None,
    step_days: Annotated[int | None, typer.Option("--step-days", metavar="N", help="Days of a step, 1 to 14.")] = None,
    override: Overrides = None,
    worlds: Annotated[
        int | None,
        typer.Option("--worlds", metavar="N", min=2, help="Run in N worlds, each with other plausible values of what is uncertain."),
    ] = None,
    firm_level: FirmLevelWanted = False,
    firm_level_as: FirmLevelAs = None,
    engine: EngineName = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for results folders; results by default.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Compute again where the same result is stored.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was stopped, with the draws that it had finished.")
    ] = False,
    batches: Annotated[
        str | None, typer.Option("--batches", metavar="A:B", help="Run only draws A to before B, from 0 on, for simsme merge.")
    ] = None,
    scheduler: Scheduler = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on standard error but errors.")] = False,
) -> None:
    """Run a scenario under its policies, print what they change, and store curves, tables and figures.

    Examples: simsme run three-months, simsme run three-months --policy package --worlds 20 --draws 20

    The reference policy runs in any case. A result that is stored already is printed and not computed again.
    """
    if worlds is not None:
        from simsme.cli.worlds import run_in_worlds

        if firm_level or firm_level_as is not None:
            raise InputError([Problem("--firm-level", "", "does not go with --worlds, which keeps no single firms")])
        if precision is not None or max_draws is not None:
            raise InputError([Problem("--precision", "", "does not go with --worlds, whose worlds all run the same draws; give --draws")])
        if resume or batches is not None or scheduler is not None:
            option = "--resume" if resume else "--scheduler" if batches is None else "--batches"
            raise InputError([Problem(option, "", "does not go with --worlds; run the worlds here and at once")])
        plan = planned(scenario, policies=policy, firms=firms, draws=draws, seed=seed, step_days=step_days, overrides=override)
        run_in_worlds(plan, worlds, jobs=jobs, engine=engine, out=out, force=force, as_json=as_json, quiet=quiet)
        return
    from simsme.painters import Painters

    painters, cores = Painters(), jobs or os.cpu_count() or 1
    if is_ours() and cores > 1:
        painters.hire(min(cores, MOST_HANDS))
    from simsme.execution import check_engine, why_numpy
    from simsme.firm_level_files import acceptable_files
    from simsme.kept_batches import batches_folder, check_batches_folder
    from simsme.results import check_folder, find_stored, results_folder, write_results
    from simsme.runs import execute, timed

    talk = Talk(quiet)
    by_firm = firm_level or firm_level_as is not None
    firm_files = acceptable_files(firm_level_as) if by_firm else ()
    plan = planned(
        scenario,
        policies=policy,
        firms=firms,
        draws=draws,
        precision=precision,
        max_draws=max_draws,
        seed=seed,
        step_days=step_days,
        overrides=override,
    )
    check_engine(engine, plan.scenario, plan.policies)
    folder = results_folder(plan.scenario.name, plan.digest, out)
    if batches is not None:
        painters.dismiss()
        run_batches(
            plan,
            batches,
            folder,
            by_firm=by_firm,
            resume=resume,
            talk=talk,
            jobs=jobs,
            engine=engine,
            scheduler=scheduler,
            announce=partial(talk.say, COMPILING),
        )
        return
    stored = None if force else find_stored(folder, plan.digest, firm_files)
    if stored is not None:
        painters.dismiss()
        print_summary(stored, plan, as_json)
        _say_notes(stored, talk)
        _say_where_firms_are(folder, firm_files, talk)
        talk.say(f"This result was stored in {folder}; --force computes it again.")
        return
    check_folder(folder)
    check_batches_folder(batches_folder(folder))

    population = population_that_fits(plan, by_firm, jobs, engine, scheduler, talk)
    notes = notes_of(plan, population)
    _say_notes(notes, talk)
    reason = why_numpy(engine, plan.scenario, plan.policies)
    if reason:
        talk.say(reason)
    if not painters.processes:
        # what writes tables and figures takes half a second to load: it does so while firms are simulated
        Thread(target=import_module, args=("simsme.plots",), daemon=True).start()
    with keeping(plan, batches_folder(folder), by_firm, resume, talk) as kept:
        with talk.progress("simulating", plan.scenario.draws, "draws") as tell:

            def told(done: int, total: int) -> None:
                interrupts.raise_if_asked()
                tell(done, total)

            interrupts.raise_if_asked()
            finished = execute(
                plan,
                jobs=jobs,
                progress=told,
                firms=population,
                firm_level=by_firm,
                engine=engine,
                announce=partial(talk.say, COMPILING),
                precise=True,
                scheduler=scheduler,
                kept=kept,
            )
        # the stored summary says how long it took to get this far, the printed one how long it took to store it as well
        summary = timed(finished, seconds_running()).json | notes
        with talk.progress("writing tables and figures"):
            write_results(
                folder,
                finished,
                summary=summary,
                scenario_text=plan.loaded.text,
                provenance=finished.provenance(["simsme", *sys.argv[1:]]),
                by_firm=finished.by_firm,
                firm_format=firm_level_as,
                painters=painters,
            )
        kept.remove()
    summary["seconds"]["total"] = seconds_running()
    print_summary(summary, plan, as_json)
    _say_where_firms_are(folder, firm_files, talk)
    talk.say(f"Curves, tables and figures are in {folder} ({summary['seconds']['total']:.1f} s).")


def notes_of(plan: "Plan", firms: Any) -> dict[str, list[str]]:
    """Notes on a scenario and remarks on its firms, as a summary has them."""
    from simsme.notes import notes_on

    return {"notes": list(notes_on(plan.scenario, firms)), "remarks": list(firms.remarks)}


def _say_notes(summary: Mapping[str, Any], talk: Talk) -> None:
    for note in summary.get("notes", ()):
        talk.say(f"Note: {note}.")
    for remark in summary.get("remarks", ()):
        talk.say(f"Remark: {remark}")


def _say_where_firms_are(folder: Path, files: Collection[str], talk: Talk) -> None:
    for name in files:
        if (folder / name).is_file():
            talk.say(f"What happened to each firm is in {folder / name}, one row a firm and policy.")


def print_summary(summary: Mapping[str, Any], plan: "Plan", as_json: bool) -> None:
    """Print a summary as data or for reading."""
    if as_json:
        from simsme.summary import as_json as json_text

        print(json_text(summary), flush=True)
        return
    from simsme.cli.result import print_result

    print_result(summary, title=plan.scenario.title)
