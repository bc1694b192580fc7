"""``simsme optimize``: the mix of levers that saves the most for the public money."""

import sys
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsme.cli import interrupts
from simsme.cli.arguments import AsJson, EngineName, FirmsPath, Overrides, ScenarioSource
from simsme.cli.completion import complete_policy
from simsme.cli.planning import planned
from simsme.cli.process import seconds_running
from simsme.cli.run import COMPILING
from simsme.cli.talk import Talk

if TYPE_CHECKING:
    from simsme.frontier import Frontier
    from simsme.optimization.optimizing import Question
    from simsme.plan import Plan
    from simsme.provenance import Provenance


class Aim(StrEnum):
    """What is to be saved."""

    FIRMS = "firms"
    JOBS = "jobs"


class Robust(StrEnum):
    """By what a mix is judged over worlds."""

    MEAN = "mean"
    REGRET = "regret"
    WORST_DECILE = "worst-decile"


def optimize_policy(
    scenario: ScenarioSource,
    budget: Annotated[
        float | None,
        typer.Option("--budget", metavar="MONEY", help="Net cost to public payers at the most, mean over draws.", show_default=False),
    ] = None,
    budgets: Annotated[
        str | None, typer.Option("--budgets", metavar="A,B,C", help="Several budgets: the frontier.", show_default=False)
    ] = None,
    maximize: Annotated[Aim, typer.Option("--maximize", help="Firms saved, less those harmed, or jobs.")] = Aim.FIRMS,
    day: Annotated[
        float | None, typer.Option("--day", metavar="DAY", help="By which day, one of the reported; the last one by default.")
    ] = None,
    payer: Annotated[
        list[str] | None,
        typer.Option(
            "--payer",
            metavar="NAME",
            help="Whose net cost the budget holds; may be repeated. By default government, funds and central_bank.",
        ),
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            "--policy",
            metavar="NAME",
            help="Choose from the levers of this policy; may be repeated. All by default.",
            autocompletion=complete_policy,
        ),
    ] = None,
    search: Annotated[
        Path | None,
        typer.Option("--search", metavar="FILE", help="TOML file with tables optimize.levers.LEVER: what to choose from."),
    ] = None,
    levels: Annotated[
        list[str] | None,
        typer.Option("--levels", metavar="LEVER.NUMBER=[A,B]", help="The same on the command line; may be repeated."),
    ] = None,
    worlds: Annotated[
        int, typer.Option("--worlds", metavar="N", min=0, help="Judge mixes in N worlds, in which uncertain numbers have other values.")
    ] = 0,
    robust: Annotated[
        Robust | None,
        typer.Option("--robust", help="By what over worlds: mean (default), largest regret, or the worst tenth of the worlds."),
    ] = None,
    runners_up: Annotated[int, typer.Option("--runners-up", metavar="N", min=0, help="Mixes to show beside the best.")] = 5,
    firms: FirmsPath = None,
    draws: Annotated[
        int | None, typer.Option("--draws", metavar="N", help="Draws, in place of the scenario's number; half of them for the search.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed, in place of the scenario's.")] = None,
    override: Overrides = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", min=1, help="Threads; as many as cores by default. Results do not depend on it.")
    ] = None,
    engine: EngineName = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write optimum.toml (a scenario to run), optimum.json and frontier.csv, .png and .svg."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on standard error but errors.")] = False,
) -> None:
    """Search for the mix of levers that saves the most firms, or jobs, for the public money.

    Example: simsme optimize article-package --policy services --budgets 5e6,2e7 --out best

    Each lever of the scenario's policies is off, as the policies have it, more or less generous, or for firms in need only.

    Funds are finite and take-up is as it is. What is told of the best mix comes from draws that the search has not used.
    """
    from simsme.optimization.files import FILES, write_optimum
    from simsme.optimization.optimizing import answer_question
    from simsme.study_files import check_place

    talk = Talk(quiet)
    wanted = _budgets(budget, budgets)
    plan = planned(scenario, policies=None, firms=firms, draws=draws, seed=seed, step_days=None, overrides=override)
    question = _question(plan, wanted, maximize, day, payer, policy, search, levels, worlds, robust, runners_up)
    if out is not None:
        check_place(out, FILES, replace=force)
    for sentence in question.space.left_out:
        talk.say(f"Left out: {sentence} (who asks for a measure is not the payer's choice; --levels or --search brings it in).")
    talk.say(f"{len(question.space.candidates)} levers, {question.space.size:,} mixes.")
    count = 0
    with talk.progress("searching", None, "mixes run; how many it takes shows as it goes") as tell:

        def told(mixes: int) -> None:
            nonlocal count
            interrupts.raise_if_asked()
            count += mixes
            tell(count, 0)  # how many there will be nobody knows

        interrupts.raise_if_asked()
        found = answer_question(question, jobs=jobs, engine=engine, told=told, announce=partial(talk.say, COMPILING))
    written: tuple[Path, ...] = ()
    if out is not None:
        with talk.progress("writing scenario, table and figure"):
            written = write_optimum(out, plan.loaded, found, _provenance(plan, found), replace=force)
    _print(found, plan, as_json)
    if written:
        talk.say(f"Scenario, table, figure and numbers: {', '.join(map(str, written))}.")
    tried = sum(found.evaluations.values())
    talk.say(f"{tried:,} trials of mixes, {100 * found.work:.3g} % of the work of trying all {found.size:,} ({seconds_running():.1f} s).")


def _budgets(budget: float | None, budgets: str | None) -> list[float]:
    from simsme.problems import InputError, Problem

    if budgets is None:
        if budget is None:
            raise InputError([Problem("--budget", "", "is missing; give the public money that may be spent, such as --budget 1e7")])
        return [budget]
    if budget is not None:
        raise InputError([Problem("--budget", "", "and --budgets cannot both be given")])
    found, problems = [], []
    for text in budgets.split(","):
        try:
            found.append(float(text))
        except ValueError:
            problems.append(Problem(f"--budgets {budgets}", "", f'"{text.strip()}" is not a number'))
    if problems:
        raise InputError(problems)
    return found


def _question(
    plan: "Plan",
    budgets: list[float],
    maximize: Aim,
    day: float | None,
    payers: list[str] | None,
    policies: list[str] | None,
    search: Path | None,
    levels: list[str] | None,
    worlds: int,
    robust: Robust | None,
    runners_up: int,
) -> "Question":
    """Plan the search; what is wrong with an option is reported under the name of the option."""
    from simsme.frontier import PUBLIC
    from simsme.optimization.optimizing import plan_optimization
    from simsme.problems import InputError, Problem

    try:
        return plan_optimization(
            plan,
            budgets,
            maximize=maximize.value,
            day=day,
            payers=payers or PUBLIC,
            policies=policies,
            search=search,
            levels=levels or (),
            worlds=worlds,
            robust=None if robust is None else robust.value,
            runners_up=runners_up,
        )
    except InputError as error:
        raise InputError(Problem(_option(problem.file), problem.place, problem.message) for problem in error.problems) from None


def _option(source: str) -> str:
    name, equals, value = source.partition("=")
    known = ("budget", "day", "payer", "robust", "runners_up", "draws", "worlds")
    return f"--{name.replace('_', '-')} {value}" if equals and name in known else source


def _provenance(plan: "Plan", found: "Frontier") -> "Provenance":
    from simsme.provenance import Provenance

    return Provenance(
        scenario=plan.scenario.name,
        digest=found.digest,
        seed=plan.scenario.seed,
        draws=plan.scenario.draws,
        policies=tuple(optimum.winner.name for optimum in found.optima),
        overrides=plan.loaded.overrides,
        command=("simsme", *sys.argv[1:]),
        firm_file=None if plan.firms_file is None else plan.firms_file.name,
        firm_file_digest=plan.firms_digest,
    )


def _print(found: "Frontier", plan: "Plan", as_json: bool) -> None:
    """Print what was found as data or for reading."""
    if as_json:
        from simsme.summary import as_json as json_text

        print(json_text(found.json()), flush=True)
        return
    from simsme.cli.optimum_table import print_optimum

    print_optimum(found.json(), plan.scenario.title)
