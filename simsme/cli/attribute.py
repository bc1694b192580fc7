"""``simsme attribute``: share the effect of a policy out among its levers."""

import sys
from collections.abc import Iterator, Mapping, Sequence
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
    from simsme.coalitions import Game
    from simsme.plan import Plan
    from simsme.provenance import Provenance


def attribute_policy(
    scenario: ScenarioSource,
    policy: Annotated[
        str,
        typer.Option(
            "--policy",
            metavar="NAME",
            help="Policy whose effect against the reference is shared out.",
            show_default=False,
            autocompletion=complete_policy,
        ),
    ],
    day: Annotated[
        float | None, typer.Option("--day", metavar="DAY", help="By which day, one of the reported; the headline day by default.")
    ] = None,
    permutations: Annotated[
        int | None,
        typer.Option(
            "--permutations",
            metavar="N",
            help="Sample N orders of the levers, an even number. By default all coalitions of up to six levers, 20 orders of more.",
        ),
    ] = None,
    firms: FirmsPath = None,
    draws: Annotated[int | None, typer.Option("--draws", metavar="N", help="Draws, in place of the scenario's number.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed, in place of the scenario's.")] = None,
    override: Overrides = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", min=1, help="Threads; as many as cores by default. Results do not depend on it.")
    ] = None,
    engine: EngineName = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write attribution.csv, .json, .png and .svg into this folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on standard error but errors.")] = False,
) -> None:
    """Share the firms saved, the jobs saved and the net cost of a policy out among its levers.

    Runs the policy with every combination of its levers on the same draws.

    Prints what each lever brings alone, on top of all others, and on average over all orders (Shapley value), which adds up to the policy.
    """
    from simsme.attribution_files import check_place, write_attribution
    from simsme.coalitions import play
    from simsme.execution import check_engine, why_numpy

    talk = Talk(quiet)
    plan = planned(scenario, policies=[policy], firms=firms, draws=draws, seed=seed, step_days=None, overrides=override)
    game = _game(plan, policy, day, permutations)
    check_engine(engine, plan.scenario, plan.policies)
    if out is not None:
        check_place(out, replace=force)
    with talk.progress("reading firms" if firms else "drawing firms"):
        population = plan.firms()
    reason = why_numpy(engine, plan.scenario, plan.policies)
    if reason:
        talk.say(reason)
    with talk.progress("simulating", len(game.coalitions) - 1, "combinations of levers") as tell:

        def told(done: int, total: int) -> None:
            interrupts.raise_if_asked()
            tell(done, total)

        interrupts.raise_if_asked()
        shared = play(game, jobs=jobs, progress=told, firms=population, engine=engine, announce=partial(talk.say, COMPILING))
    found = shared.json()
    written: tuple[Path, ...] = ()
    if out is not None:
        with talk.progress("writing table and figure"):
            written = write_attribution(out, shared, _provenance(plan), replace=force)
    _print(found, plan, as_json)
    if written:
        talk.say(f"Table, numbers and figure: {', '.join(map(str, written))}.")
    talk.say(f"{found['coalitions']:,} policies on the same {found['draws']:,} draws ({seconds_running():.1f} s).")


def _game(plan: "Plan", policy: str, day: float | None, permutations: int | None) -> "Game":
    """Plan the game; what is wrong with an option is reported under the name of the option."""
    from simsme.coalitions import plan_game
    from simsme.problems import InputError, Problem

    options = {f"day={day:g}": f"--day {day:g}"} if day is not None else {}
    options |= {f"permutations={permutations}": f"--permutations {permutations}"}
    try:
        return plan_game(plan, policy, day=day, permutations=permutations)
    except InputError as error:
        raise InputError(
            Problem(options.get(problem.file, problem.file), problem.place, problem.message) for problem in error.problems
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


def _print(found: Mapping[str, Any], plan: "Plan", as_json: bool) -> None:
    """Print an attribution as data or for reading."""
    if as_json:
        from simsme.summary import as_json as json_text

        print(json_text(found), flush=True)
        return
    from simsme.cli.attribution_table import attribution_table
    from simsme.cli.screen import print_prose, screen

    console = screen()
    name = found["scenario"]
    print_prose(console, f"{name}: {plan.scenario.title}" if plan.scenario.title else name, bold=name)
    draws = f"{found['draws']:,} draw" + ("s" if found["draws"] > 1 else "")
    print_prose(
        console,
        f"What each lever of {found['policy']} adds to {found['reference']}: {found['firms']:,} firms, {draws}, seed {found['seed']}, "
        f"{found['coalitions']:,} combinations of levers" + (f" from {found['permutations']:,} orders" if found["permutations"] else ""),
        style="dim",
    )
    for row in attribution_table(found, console.width):
        console.print(row)
    console.print()
    for line in _how_to_read(found):
        print_prose(console, line, style="dim")


def _how_to_read(found: Mapping[str, Any]) -> list[str]:
    from simsme.cli.attribution_table import INTERACTION, TOGETHER

    reference, lines = found["reference"], []
    lines.append(
        f"alone: the lever on top of {reference} only; last in: the policy less the policy without the lever; Shapley: what the lever "
        f"brings on average over all orders in which the levers may come, which adds up to the policy ({TOGETHER}; in the other columns "
        f"the sum over the levers)."
    )
    lines.append(
        f"{INTERACTION}: sum of alone less the policy. Above zero the levers do in part the same (substitutes), below zero they need each "
        "other (complements)." + _said_of_interaction(found)
    )
    if found["draws"] > 1:
        second = "; the second ± is the error of sampling orders" if found["permutations"] else ""
        lines.append(f"± is the Monte Carlo standard error{second}. Below each number the 95 % interval of the mean.")
    return [*lines, *_without_ratio([*((lever["lever"], lever) for lever in found["levers"]), (TOGETHER, found["package"])])]


def _without_ratio(shares: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[str]:
    """Why there is no cost per firm or per job saved, the levers with one reason together."""
    from simsme.cli.reasons import without_ratio

    for what in ("firm", "job"):
        yield from without_ratio(what, ((name, share[f"cost_per_{what}_saved"]["reason"]) for name, share in shares))


def _said_of_interaction(found: Mapping[str, Any]) -> str:
    """Which of the two it is for the firms saved, where the interval tells."""
    interval = found["interaction"]["firms_saved"]["interval"]
    if len(found["levers"]) == 1 or interval is None:
        return ""
    low, high = interval
    if low <= 0.0 <= high:
        return " Firms saved: neither can be told from zero."
    return " Firms saved: substitutes." if low > 0.0 else " Firms saved: complements."
