"""Plan and do a search for the best mix of levers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from simsme.frontier import AIMS, PUBLIC, Frontier, Optimum, TriedMix
from simsme.lever_entries import PAYERS
from simsme.optimization.goals import Goal, Mix, told_apart
from simsme.optimization.robust import CRITERIA, judged_by_draw
from simsme.optimization.scenario_copy import lever_table, with_policies
from simsme.optimization.search import Search
from simsme.optimization.search_file import search_tables, space_of_tables
from simsme.optimization.space import Space, space_of_policies
from simsme.optimization.trials import FEWEST_DRAWS, Setting, Told, Trials
from simsme.plan import Plan, plan_run
from simsme.policy import Policy
from simsme.possible_worlds import draw_worlds
from simsme.problems import InputError, Problem, did_you_mean
from simsme.scenario import LoadedScenario, parse_scenario

RUNNERS_UP = 5
"""Mixes told of beside the winner."""

CHOSEN = "optimum"
"""Name of the winning policy; with several budgets a number follows."""


@dataclass(frozen=True)
class Question:
    """What is to be optimised.

    Attributes
    ----------
    plan
        A run of the scenario.
    space
        The mixes.
    budgets
        Money, from the smallest on.
    maximize
        One of `simsme.frontier.AIMS`.
    criterion
        One of `simsme.optimization.robust.CRITERIA`.
    day
        The reported day by which units are saved and money is spent.
    payers
        Whose cost is held to the budgets.
    worlds
        Overrides of each world; none for the scenario as it is.
    runners_up
        How many are told of.
    """

    plan: Plan
    space: Space
    budgets: tuple[float, ...]
    maximize: str
    criterion: str
    day: float
    payers: tuple[str, ...]
    worlds: tuple[tuple[str, ...], ...]
    runners_up: int


def plan_optimization(
    plan: Plan,
    budgets: Sequence[float],
    *,
    maximize: str = AIMS[0],
    day: float | None = None,
    payers: Sequence[str] = PUBLIC,
    policies: Sequence[str] | None = None,
    search: Path | None = None,
    levels: Sequence[str] = (),
    worlds: int | Sequence[Sequence[str]] = 0,
    robust: str | None = None,
    runners_up: int = RUNNERS_UP,
) -> Question:
    """Check everything that determines a search, before anything is computed; see :func:`optimize` for what it takes.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    scenario, file = plan.scenario, plan.loaded.file
    problems = [] if budgets else [Problem("budget", "", "is missing; give the public money that may be spent")]
    problems += [
        Problem(f"budget={budget:g}", "", "is not allowed; a budget is a sum of money from 0")
        for budget in budgets
        if not 0.0 <= budget < np.inf
    ]
    problems += _not_among("maximize", maximize, AIMS)
    for payer in payers:
        problems += _not_among("payer", payer, PAYERS)
    if robust is not None:
        problems += _not_among("robust", robust, CRITERIA)
        if robust in CRITERIA[1:] and not worlds:
            problems.append(Problem(f"robust={robust}", "", "needs worlds; say how many with worlds"))
    if isinstance(worlds, int) and worlds < 0:
        problems.append(Problem(f"worlds={worlds}", "", "is not allowed; a number from 0"))
    if runners_up < 0:
        problems.append(Problem(f"runners_up={runners_up}", "", "is not allowed; a number from 0"))
    time = scenario.time
    reported = sorted({time.headline_day, time.horizon_days, *time.report_days})
    wanted = float(reported[-1] if day is None else day)
    if wanted not in reported:
        known = ", ".join(f"{one:g}" for one in reported)
        problems.append(Problem(f"day={wanted:g}", "", f"is not reported; reported are {known} (time.report_days)"))
    if scenario.draws < FEWEST_DRAWS:
        message = f"must be {FEWEST_DRAWS} at least: half of the draws are kept for what is told of the result"
        problems.append(Problem(f"draws={scenario.draws}", "", message))
    space = _space(plan, policies, search, levels, problems)
    if space is not None and not space.candidates and not problems:
        message = "the policies have no lever beyond those of the reference, so that there is nothing to choose"
        problems.append(Problem(file, "policy", message))
    if problems or space is None:
        raise InputError(problems)
    # the levels are policies of their own, so that a world moves their numbers as it moves those of any policy
    plan = _with_levels(plan, space)
    if isinstance(worlds, int):
        drawn = tuple(world.overrides for world in draw_worlds(plan, worlds))
    else:
        drawn = tuple(tuple(world) for world in worlds)
    criterion = robust or CRITERIA[0]
    unique = tuple(sorted({float(budget) for budget in budgets}))
    return Question(plan, space, unique, maximize, criterion, wanted, tuple(dict.fromkeys(payers)), drawn, runners_up)


def answer_question(
    question: Question,
    *,
    jobs: int | None = None,
    engine: str | None = None,
    told: Told | None = None,
    announce: Callable[[], None] | None = None,
) -> Frontier:
    """Search for the best mix for each budget, and try the winners and runners-up on fresh draws.

    Parameters
    ----------
    question
        What `plan_optimization` returns.
    jobs, engine
        As in :func:`simsme.runs.execute`; no result depends on them. The compiled engine, where it can run the scenario, by default.
    told
        Told how many mixes have been run.
    announce
        Called when the engine has to be compiled first.

    Raises
    ------
    InputError
        Where a budget allows no mix at all.
    """
    settings = _settings(question)
    trials = Trials(settings, question.space, question.maximize, question.day, question.payers, engine, jobs, told, announce)
    search = Search(question.space.levels, trials.measure, len(trials.rungs), question.plan.scenario.seed)
    rankings: list[list[Mix]] = []
    winners: list[Mix] = []
    for budget in question.budgets:
        goal = Goal(budget, question.criterion)
        try:
            winners.append(search.best(goal, tuple(dict.fromkeys(winners))))
        except IndexError:
            cheapest = min(one.cost for known in search.known for one in known.values())
            message = f"allows none of the mixes tried; the cheapest costs {cheapest:,.0f}"
            raise InputError([Problem(f"budget={budget:g}", "", message)]) from None
    # what was found for one budget may be affordable under another one too
    for budget in question.budgets:
        rankings.append(told_apart(search.ranked(Goal(budget, question.criterion)), search.known[-1]))
    evaluations = dict(trials.counted)
    finalists = list(dict.fromkeys(mix for ranking in rankings for mix in ranking[: question.runners_up + 1]))
    saved, costs = _fresh(trials, finalists)
    optima = []
    for number, (budget, ranking) in enumerate(zip(question.budgets, rankings, strict=True)):
        goal = Goal(budget, question.criterion)
        told_of = ranking[: question.runners_up + 1]
        rows = [finalists.index(mix) for mix in told_of]
        score, by_draw = judged_by_draw(question.criterion, saved[rows])
        keys = goal.keys(told_of, search.known[-1])
        mixes = []
        for place, mix in enumerate(told_of):
            seen = search.known[-1][mix]
            name = "" if place else CHOSEN if len(question.budgets) == 1 else f"{CHOSEN}-{number + 1}"
            mixes.append(
                TriedMix(
                    name=name,
                    words=question.space.words(mix),
                    levers={one.label: lever_table(level.lever) for one, level in question.space.chosen(mix) if level.lever is not None},
                    saved=saved[rows[place]],
                    costs=costs[rows[place]],
                    search_saved=float(seen.values.mean()),
                    search_cost=seen.cost,
                    search_score=float(keys[place][1]),
                    score=float(score[place]),
                    score_by_draw=by_draw[place],
                )
            )
        optima.append(Optimum(budget, tuple(mixes), len(ranking)))
    plan, last = question.plan, search.known[-1].values()
    firms = settings[0].firms
    return Frontier(
        scenario=plan.scenario.name,
        reference=plan.scenario.reference,
        digest=plan.digest,
        currency=plan.scenario.currency,
        seed=plan.scenario.seed,
        maximize=question.maximize,
        criterion=question.criterion,
        day=question.day,
        payers=question.payers,
        firms=len(firms.key),
        weight=float(firms.weight.sum()),
        worlds=len(question.worlds),
        search_draws=trials.rungs[-1],
        fresh_draws=trials.draws - trials.rungs[-1],
        optima=tuple(optima),
        tried=np.array([(one.cost, float(one.values.mean())) for one in last]),
        space={one.label: tuple(level.words for level in one.levels) for one in question.space.candidates},
        size=question.space.size,
        evaluations=evaluations,
        left_out=question.space.left_out,
    )


def optimize(
    scenario: str | LoadedScenario,
    budgets: float | Sequence[float],
    *,
    maximize: str = AIMS[0],
    day: float | None = None,
    payers: Sequence[str] = PUBLIC,
    policies: Sequence[str] | None = None,
    search: str | Path | None = None,
    levels: Sequence[str] = (),
    worlds: int | Sequence[Sequence[str]] = 0,
    robust: str | None = None,
    runners_up: int = RUNNERS_UP,
    firms: str | Path | None = None,
    draws: int | None = None,
    seed: int | None = None,
    overrides: Sequence[str] = (),
    jobs: int | None = None,
    engine: str | None = None,
) -> Frontier:
    """Search for the mix of levers that saves the most firms or jobs for the public money.

    Parameters
    ----------
    scenario, firms, draws, seed, overrides
        What to run, see :func:`simsme.plan.plan_run`. Half of the draws are for the search, half for what is told of its result.
    budgets
        Net cost at the most to the payers, mean over draws and worlds, in the scenario's money; one or several.
    maximize
        ``firms`` (saved less harmed) or ``jobs``.
    day
        Reported day by which units are saved and money is spent; the last one where not given.
    payers
        Whose net cost is held to the budget, of `simsme.lever_entries.PAYERS`; those of public money where not given.
    policies
        Policies whose levers may be in the mix; all where not given.
    search, levels
        A file with tables ``[optimize.levers.LEVER]``, and settings such as ``grant.sales_share=[0.02, 0.05]``: levers and levels, in
        place of those of the policies.
    worlds
        How many worlds to draw (see `simsme.possible_worlds.draw_worlds`), or the overrides of each world.
    robust
        By what a mix is judged over worlds: ``mean`` (by default), ``regret`` or ``worst-decile``.
    runners_up
        How many mixes to tell of beside the winner.
    jobs, engine
        As in :func:`simsme.run`; no result depends on them.

    Raises
    ------
    InputError
        With everything that is wrong.

    Examples
    --------
    >>> import simsme
    >>> small = ["population.firms=60"]
    >>> best = simsme.optimize("three-months", 1e5, policies=["package"], levels=["loan_renewal.take_up=[0.2]"], draws=4, overrides=small)
    >>> best.optima[0].winner.cost_to(best.payers).mean < 1e9
    True
    """
    plan = plan_run(scenario, firms=firms, draws=draws, seed=seed, overrides=overrides)
    question = plan_optimization(
        plan,
        [budgets] if isinstance(budgets, int | float) else budgets,
        maximize=maximize,
        day=day,
        payers=payers,
        policies=policies,
        search=None if search is None else Path(search),
        levels=levels,
        worlds=worlds,
        robust=robust,
        runners_up=runners_up,
    )
    return answer_question(question, jobs=jobs, engine=engine)


def _not_among(option: str, value: str, known: Sequence[str]) -> list[Problem]:
    if value in known:
        return []
    return [Problem(f"{option}={value}", "", f"is not known; one of {', '.join(known)}{did_you_mean(value, known)}")]


def _space(plan: Plan, policies: Sequence[str] | None, search: Path | None, levels: Sequence[str], problems: list[Problem]) -> Space | None:
    """The mixes to choose from; None where something is wrong, which is added to the problems."""
    known = {policy.name: policy for policy in plan.scenario.policies}
    unknown = [name for name in policies or () if name not in known]
    for name in unknown:
        hint = did_you_mean(name, known) or f"; there is {', '.join(known)}"
        problems.append(Problem(plan.loaded.file, "policy", f'no policy is called "{name}"{hint}'))
    chosen = [policy for name, policy in known.items() if policies is None or name in policies]
    try:
        if search is None and not levels:
            return space_of_policies(chosen, known[plan.scenario.reference])
        tables = search_tables(search, levels)
        return space_of_tables(tables, plan.scenario, chosen, "--levels" if search is None else str(search))
    except InputError as error:
        problems += error.problems
        return None


def _level_name(candidate: int, level: int) -> str:
    return f"lever-{candidate}-level-{level}"


def _with_levels(plan: Plan, space: Space) -> Plan:
    """The plan with the reference and, for every level of every lever, a policy that has nothing else."""
    single = [
        Policy(name=_level_name(number, place), levers=(level.lever,))
        for number, candidate in enumerate(space.candidates)
        for place, level in enumerate(candidate.levels)
        if level.lever is not None
    ]
    loaded = with_policies(plan.loaded, single)
    reference = next(policy for policy in loaded.scenario.policies if policy.name == plan.scenario.reference)
    names = {policy.name for policy in single}
    levels = tuple(policy for policy in loaded.scenario.policies if policy.name in names)
    return replace(plan, loaded=loaded, scenario=loaded.scenario, policies=(reference, *levels))


def _settings(question: Question) -> tuple[Setting, ...]:
    """The worlds, or the scenario as it is where there are none."""
    plan = question.plan
    plans = [plan]
    if question.worlds:
        loaded = plan.loaded
        moved = [parse_scenario(loaded.text, loaded.file, loaded.folder, (*loaded.overrides, *world)) for world in question.worlds]
        names = [policy.name for policy in plan.policies]
        plans = []
        for one in moved:
            there = {policy.name: policy for policy in one.scenario.policies}
            plans.append(replace(plan, loaded=one, scenario=one.scenario, policies=tuple(there[name] for name in names)))
    firms = plan.firms()
    settings = []
    for one_plan in plans:
        by_name = {policy.name: policy for policy in one_plan.policies}
        levers = tuple(
            tuple(
                by_name[_level_name(number, place)].levers[0] if level.lever is not None else None
                for place, level in enumerate(candidate.levels)
            )
            for number, candidate in enumerate(question.space.candidates)
        )
        same = one_plan.scenario.population == plan.scenario.population and one_plan.scenario.firms == plan.scenario.firms
        settings.append(Setting(one_plan, firms if same else one_plan.firms(), levers))
    return tuple(settings)


def _fresh(trials: Trials, mixes: Sequence[Mix]) -> tuple[np.ndarray, np.ndarray]:
    """What mixes save, (M, W, D), and cost, (M, payer, W, D), on draws that the search has not used."""
    first = trials.rungs[-1]
    parts = [trials.by_draw(mixes[start : start + 16], trials.draws) for start in range(0, len(mixes), 16)]
    return (
        np.concatenate([saved[..., first:] for saved, _ in parts]),
        np.concatenate([costs[..., first:] for _, costs in parts]),
    )
