"""``simsme discover``: which firms a policy misses, and in which worlds it fails."""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simsme.cli import interrupts
from simsme.cli.arguments import AsJson, EngineName, FirmsPath, Overrides, ScenarioSource
from simsme.cli.completion import complete_policy
from simsme.cli.planning import planned
from simsme.cli.process import seconds_running
from simsme.cli.run import COMPILING
from simsme.cli.talk import Talk

if TYPE_CHECKING:
    from simsme.discoveries import Failure
    from simsme.plan import Plan
    from simsme.provenance import Provenance


def discover_failures(
    scenario: ScenarioSource,
    policy: Annotated[
        str,
        typer.Option(
            "--policy", metavar="NAME", help="Policy whose failures are looked for.", show_default=False, autocompletion=complete_policy
        ),
    ],
    day: Annotated[
        float | None, typer.Option("--day", metavar="DAY", help="By which day, one of the reported; the headline day by default.")
    ] = None,
    worlds: Annotated[int, typer.Option("--worlds", metavar="N", min=0, help="Run N possible worlds as well, 40 or more.")] = 0,
    gain_below: Annotated[
        float | None,
        typer.Option("--gain-below", metavar="POINTS", help="It fails in a world where its gain is below this, in percentage points."),
    ] = None,
    survival_below: Annotated[
        float | None,
        typer.Option("--survival-below", metavar="PERCENT", help="It fails in a world where fewer firms than this are not gone for good."),
    ] = None,
    boxes: Annotated[
        int, typer.Option("--boxes", metavar="N", min=1, max=10, help="Groups of firms or worlds (boxes) to tell of, at the most.")
    ] = 3,
    firms: FirmsPath = None,
    draws: Annotated[int | None, typer.Option("--draws", metavar="N", help="Draws, in place of the scenario's number.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed, in place of the scenario's.")] = None,
    override: Overrides = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", min=1, help="Threads; as many as cores by default. Results do not depend on it.")
    ] = None,
    engine: EngineName = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write discovery.csv, .json, .png and .svg into this folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on standard error but errors.")] = False,
) -> None:
    """Say in plain sentences which firms a policy misses and, with --worlds, in which worlds it fails.

    Boxes are found on one half of the firms (or worlds) and told by what they hold on the other half.

    Example: simsme discover three-months --policy package --day 364
    """
    from simsme.discoveries import run_discovery
    from simsme.discovery_files import FILES, write_discovery
    from simsme.study_files import check_place

    talk = Talk(quiet)
    plan = planned(scenario, policies=[policy], firms=firms, draws=draws, seed=seed, step_days=None, overrides=override)
    wanted, failure = _checked(plan, policy, day, worlds, gain_below, survival_below)
    if out is not None:
        check_place(out, FILES, replace=force)
    with talk.progress("simulating", plan.scenario.draws * (1 + worlds), "draws") as tell:

        def told(done: int, total: int) -> None:
            interrupts.raise_if_asked()
            tell(done, total)

        interrupts.raise_if_asked()
        found = run_discovery(
            plan,
            policy,
            wanted,
            worlds=worlds,
            failure=failure,
            boxes=boxes,
            jobs=jobs,
            engine=engine,
            progress=told,
            announce=partial(talk.say, COMPILING),
        )
    if out is not None:
        with talk.progress("writing table and figure"):
            written = write_discovery(out, found, _provenance(plan), replace=force)
    _print(found.json(), plan.scenario.title, as_json)
    if out is not None:
        talk.say(f"Table, numbers and figure: {', '.join(map(str, written))}.")
    talk.say(f"{plan.scenario.draws:,} draws{f' of {worlds + 1:,} runs' if worlds else ''} ({seconds_running():.1f} s).")


def _checked(
    plan: "Plan", policy: str, day: float | None, worlds: int, gain_below: float | None, survival_below: float | None
) -> tuple[float, "Failure"]:
    """Check what is asked for; what is wrong with an option is reported under the name of the option."""
    from simsme.discoveries import Failure, plan_discovery
    from simsme.problems import InputError, Problem

    option = "--gain-below" if gain_below is not None else "--survival-below"
    names = {"failure": option, f"worlds={worlds}": f"--worlds {worlds}"} | ({} if day is None else {f"day={day:g}": f"--day {day:g}"})
    failure = Failure(*(None if percent is None else percent / 100.0 for percent in (gain_below, survival_below)))
    try:
        return plan_discovery(plan, policy, day=day, worlds=worlds, failure=failure), failure
    except InputError as error:
        raise InputError(
            Problem(names.get(problem.file, problem.file), problem.place, problem.message) for problem in error.problems
        ) from None


def _provenance(plan: "Plan") -> "Provenance":
    from simsme.provenance import Provenance

    return Provenance(
        scenario=plan.scenario.name,
        digest=plan.digest,
        seed=plan.scenario.seed,
        draws=plan.scenario.draws,
        policies=tuple(policy.name for policy in plan.policies),
        overrides=plan.loaded.overrides,
        command=("simsme", *sys.argv[1:]),
        firm_file=None if plan.firms_file is None else plan.firms_file.name,
        firm_file_digest=plan.firms_digest,
    )


def _print(found: Mapping[str, Any], title: str, as_json: bool) -> None:
    """Print a discovery as data or for reading."""
    if as_json:
        from simsme.summary import as_json as json_text

        print(json_text(found), flush=True)
        return
    from simsme.cli.discovery_page import print_discovery

    print_discovery(found, title)
