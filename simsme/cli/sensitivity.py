"""``simsme sensitivity``: which of the uncertain numbers matter, for survival and for what policies gain."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simsme.cli import interrupts
from simsme.cli.arguments import AsJson, EngineName, FirmsPath, Overrides, PolicyNames, ScenarioSource
from simsme.cli.process import seconds_running
from simsme.cli.run import COMPILING
from simsme.cli.talk import Talk
from simsme.cli.worlds import provenance_of

if TYPE_CHECKING:
    from simsme.plan import Plan


class Method(StrEnum):
    """How it is found which numbers matter."""

    TORNADO = "tornado"
    MORRIS = "morris"
    SOBOL = "sobol"


def find_sensitivity(
    scenario: ScenarioSource,
    policy: PolicyNames = None,
    method: Annotated[
        Method,
        typer.Option(
            "--method",
            metavar="NAME",
            help="tornado: one number at a time to both ends of its range. morris: screening, with all others off too. sobol: parts of the "
            "variance.",
        ),
    ] = Method.TORNADO,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="NAME,...",
            help="Only these defaults, by the names of simsme assumptions; a lever's number may be among them. All that is uncertain by "
            "default.",
        ),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(
            "--size", metavar="N", help="morris: trajectories, 10 by default. sobol: rows of the design, a power of two, 128 by default."
        ),
    ] = None,
    largest: Annotated[
        int, typer.Option("--largest", metavar="N", min=1, help="sobol without --only: the N numbers that matter most in a tornado.")
    ] = 8,
    draws: Annotated[
        int | None, typer.Option("--draws", metavar="N", help="Draws of each run; 20, or the scenario's number where that is smaller.")
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(
            "--sample",
            metavar="N",
            min=1,
            help="Firms of each run; 1,000, or the scenario's number where it is smaller. Not with --firms.",
        ),
    ] = None,
    firms: FirmsPath = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed, in place of the scenario's.")] = None,
    override: Overrides = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", min=1, help="Threads; as many as cores by default. Results do not depend on it.")
    ] = None,
    engine: EngineName = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for results folders; results by default.")] = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on standard error but errors.")] = False,
) -> None:
    """Find which uncertain numbers matter, for survival under the reference and for what each policy gains, at the headline day.

    Runs are short: they end on the headline day, with 1,000 firms and 20 draws, the same in all runs.

    Prints the numbers that matter most, the largest effect first, and stores all of them with a figure.

    Example: simsme sensitivity three-months --policy package
    """
    from simsme.provenance import content_digest
    from simsme.results import results_folder
    from simsme.sensitivity_files import FILES, write_sensitivity
    from simsme.sensitivity_runs import SIZES, study
    from simsme.study_files import check_place

    talk = Talk(quiet)
    plan = _planned(scenario, policy, firms, draws, sample, seed, override)
    names = None if not only else [name.strip() for names in only for name in names.split(",") if name.strip()]
    _check(plan, method, names, size)
    # the folder is known before the work is done, so that it can be checked
    asked = f"{plan.digest} {method.value} {sorted(names or [])} {size or SIZES[method.value]} {largest}"
    folder = results_folder(plan.scenario.name, content_digest(asked.encode()), out)
    folder = folder.with_name(f"{folder.name}-{method.value}")
    check_place(folder, FILES, replace=True)
    with talk.progress("reading firms" if firms else "drawing firms"):
        population = plan.firms()
    with talk.progress("simulating", 1, "runs") as tell:

        def told(done: int, total: int) -> None:
            interrupts.raise_if_asked()
            tell(done, total)

        interrupts.raise_if_asked()
        found = study(
            plan,
            method.value,
            only=names,
            size=size,
            largest=largest,
            jobs=jobs,
            progress=told,
            firms=population,
            engine=engine,
            announce=partial(talk.say, COMPILING),
        )
    provenance = provenance_of(plan, found.study.digest)
    with talk.progress("writing table and figure"):
        write_sensitivity(folder, found, provenance, replace=True)
    _print(found.json() | {"provenance": provenance.manifest()}, plan, as_json)
    talk.say(f"Table, numbers and figure of all {len(found.study.subjects)} numbers are in {folder} ({seconds_running():.1f} s).")


def _planned(
    scenario: str,
    policies: list[str] | None,
    firms: Path | None,
    draws: int | None,
    sample: int | None,
    seed: int | None,
    overrides: list[str] | None,
) -> "Plan":
    """Plan the runs; what is wrong with an option is reported under the name of the option."""
    from simsme.problems import InputError, Problem
    from simsme.sensitivity_runs import plan_sensitivity

    if sample is not None and firms is not None:
        raise InputError([Problem(f"--sample {sample}", "", "does not go with --firms, whose firms all take part")])
    try:
        return plan_sensitivity(
            scenario, policies=policies or None, firms=firms, draws=draws, sample=sample, seed=seed, overrides=overrides or ()
        )
    except InputError as error:
        options = {f"--set draws={draws}": f"--draws {draws}", f"--set seed={seed}": f"--seed {seed}"}
        options[f"--set population.firms={sample}"] = f"--sample {sample}"
        raise InputError(_renamed(error.problems, options)) from None


def _check(plan: "Plan", method: Method, names: list[str] | None, size: int | None) -> None:
    from simsme.problems import InputError
    from simsme.sensitivity_runs import check_study

    try:
        check_study(plan, method.value, names, size)
    except InputError as error:
        options = {f"size={size}": f"--size {size}"} | {f"only={name}": f"--only {name}" for name in names or ()}
        raise InputError(_renamed(error.problems, options)) from None


def _renamed(problems: Any, options: Mapping[str, str]) -> Iterator[Any]:
    from simsme.problems import Problem

    for problem in problems:
        known = options.get(problem.file)
        yield problem if known is None else Problem(known, "", problem.message)


def _print(found: Mapping[str, Any], plan: "Plan", as_json: bool) -> None:
    if as_json:
        from simsme.summary import as_json as json_text

        print(json_text(found), flush=True)
        return
    from simsme.cli.screen import print_prose, screen
    from simsme.cli.sensitivity_table import sensitivity_tables

    console = screen()
    name = found["scenario"]
    print_prose(console, f"{name}: {plan.scenario.title}" if plan.scenario.title else name, bold=name)
    numbers = len(found["outcomes"][0]["parameters"])
    moved = f"{numbers} number{'s' if numbers > 1 else ''}"
    ran = f"{moved}, {found['evaluations']:,} runs of {found['firms']:,} firms on the same {found['draws']:,} draws"
    print_prose(console, f"{ran}, seed {found['seed']}, to day {found['day']:g}", style="dim")
    for row in sensitivity_tables(found, console.width):
        console.print(row)
    console.print()
    for line in _how_to_read(found):
        print_prose(console, line, style="dim")


def _how_to_read(found: Mapping[str, Any]) -> list[str]:
    if found["method"] == "tornado":
        return [
            "low, high: ends of the plausible range (of a number that the scenario draws itself: the middle 95 % of its distribution); "
            "own: the scenario's number. Of what differs between firms it is the middle, and all firms move in proportion. change: outcome "
            "there less the outcome with the scenario's own number; width: from the lowest to the highest of the three. All else stays as "
            "it is.",
            "± is the Monte Carlo standard error of the difference, paired draw by draw; unclear: its 95 % interval holds zero.",
        ]
    if found["method"] == "morris":
        return [
            "mu*: mean absolute effect of a number on its way through its whole range, while the others stand anywhere in theirs; mu: the "
            "same with its sign; sigma: how much the effect depends on the others, or on where the number stands. ± is the standard error "
            f"over {found['trajectories']} trajectories.",
        ]
    return [
        "by itself: part of the variance of the outcome, over worlds, that comes from this number alone (first-order Sobol' index); with "
        "others: with all that it shares with other numbers (total index). These numbers vary in their plausible ranges, each "
        "independently; all others stay as the scenario has them. Intervals from resampling the "
        f"{found['size']} rows of the design; they leave out the luck of the draws, which all runs share.",
    ]
