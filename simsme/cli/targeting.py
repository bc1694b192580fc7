"""``simsme targeting``: whom a policy reaches where need is seen with an error."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any

import typer

from simsme.cli import interrupts
from simsme.cli.arguments import AsJson, EngineName, FirmsPath, Overrides, ScenarioSource
from simsme.cli.columns import MISSING, Column, Group, band, decimals_for, number, percent, scale_of, table_lines
from simsme.cli.completion import complete_policy
from simsme.cli.planning import planned
from simsme.cli.process import seconds_running
from simsme.cli.run import COMPILING
from simsme.cli.talk import Talk

HEADS = {
    "reached_exact": ("reached", "exact sight"),
    "reached_seen": ("reached", "with errors"),
    "leakage": ("leakage,", "firms"),
    "leaked_support": ("leakage,", "support"),
    "exclusion": ("exclusion", ""),
}


def tell_targeting(
    scenario: ScenarioSource,
    policy: Annotated[
        str,
        typer.Option(
            "--policy", metavar="NAME", help="Policy whose levers ask for need.", show_default=False, autocompletion=complete_policy
        ),
    ],
    noise: Annotated[
        float | None,
        typer.Option(
            "--noise", metavar="SD", help="Standard deviation of the error with which its levers see need; the scenario's by default."
        ),
    ] = None,
    firms: FirmsPath = None,
    draws: Annotated[int | None, typer.Option("--draws", metavar="N", help="Draws, in place of the scenario's number.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed, in place of the scenario's.")] = None,
    override: Overrides = None,
    engine: EngineName = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on standard error but errors.")] = False,
) -> None:
    """Say how much of a policy leaks to firms that it is not meant for, and how many firms it leaves out, where need is seen with an error.

    Runs the policy with its errors and with exact sight on the same draws and compares them firm by firm.

    Example: simsme targeting article-package --policy services --noise 0.3
    """
    from simsme.problems import InputError, Problem
    from simsme.targeting import plan_targeting, run_targeting

    talk = Talk(quiet)
    plan = planned(scenario, policies=[policy], firms=firms, draws=draws, seed=seed, step_days=None, overrides=override)
    try:
        sighted = plan_targeting(plan, policy, noise)
    except InputError as error:
        named = "" if noise is None else f"noise={noise:g}"
        raise InputError(
            Problem(f"--noise {noise:g}", "", problem.message) if problem.file == named else problem for problem in error.problems
        ) from None
    with talk.progress("simulating", plan.scenario.draws, "draws") as tell:

        def told(done: int, total: int) -> None:
            interrupts.raise_if_asked()
            tell(done, total)

        interrupts.raise_if_asked()
        found = run_targeting(sighted, engine=engine, progress=told, announce=partial(talk.say, COMPILING)).json()
    _print(found, plan.scenario.title, as_json)
    talk.say(f"{len(sighted.policies)} policies on the same {found['draws']:,} draws ({seconds_running():.1f} s).")


def _print(found: Mapping[str, Any], title: str, as_json: bool) -> None:
    """Print what was found as data or for reading."""
    if as_json:
        from simsme.summary import as_json as json_text

        print(json_text(found), flush=True)
        return
    from simsme.cli.screen import print_prose, screen

    console, name = screen(), found["scenario"]
    print_prose(console, f"{name}: {title}" if title else name, bold=name)
    ran = f"{found['policy']} against {found['reference']}: {found['firms']:,} firms, {found['draws']:,} draws, seed {found['seed']}"
    print_prose(console, ran, style="dim")
    levers = found["levers"]
    names = Column(("", "lever"), tuple((f"{lever['lever']}, error {lever['observation_noise']:g}", "") for lever in levers))
    group = Group("each lever alone, %", tuple(_column(levers, measure) for measure in HEADS))
    for line in table_lines(names, [group], console.width):
        console.print(line)
    console.print()
    for sentence in _whole(found):
        print_prose(console, sentence)
    print_prose(
        console,
        "leakage: part of the firms reached, and of the support that they get, that exact sight would not reach; exclusion: part of the "
        "firms that exact sight would reach that are not. ± is the Monte Carlo standard error; below it the 5th to 95th percentile over "
        "draws.",
        style="dim",
    )


def _column(levers: Sequence[Mapping[str, Any]], measure: str) -> Column:
    def cell(estimate: Mapping[str, float | None]) -> tuple[str, str]:
        if estimate["mean"] is None:
            return MISSING, ""
        error = "" if estimate["mc_error"] is None else f" ± {percent(estimate['mc_error'])}"
        return percent(estimate["mean"]) + error, band(estimate, 100.0, 0)

    return Column(HEADS[measure], tuple(cell(lever[measure]) for lever in levers))


def _whole(found: Mapping[str, Any]) -> list[str]:
    """What errors do to the policy as a whole, in two sentences."""
    gain, support = found["policy_as_a_whole"]["gain"], found["policy_as_a_whole"]["support"]
    scale, word = scale_of(max(abs(support[name]["mean"]) for name in ("exact", "seen")))
    decimals = decimals_for([support["exact"]["mean"] / scale])
    unit = f" {word} {found['currency']}".rstrip()

    def points(estimate: Mapping[str, float | None]) -> str:
        error = "" if estimate["mc_error"] is None else f" ± {number(100.0 * estimate['mc_error'], 2)}"
        return number(None if estimate["mean"] is None else 100.0 * estimate["mean"], 2, "+") + error

    changed = f"errors change it by {points(gain['difference'])} (paired)"

    def moved(name: str) -> str:
        mean, error = support[name]["mean"] / scale, support[name]["mc_error"]
        return number(mean, decimals) + ("" if error is None else f" ± {number(error / scale, decimals)}")

    return [
        f"{found['policy']} as a whole gains {points(gain['seen'])} points of firms not gone for good by day {found['day']:g}; with exact "
        f"sight it would gain {points(gain['exact'])}, so that {changed}.",
        f"It moves {moved('seen')}{unit} for firms; with exact sight {moved('exact')}{unit}: {moved('difference')} by errors (paired).",
    ]
