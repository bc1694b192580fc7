"""Run a scenario in many worlds: one run each, on the same luck."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simsme.costs import Costs
from simsme.execution import COMPILED, COMPILED_FROM, NUMPY
from simsme.firms import Firms
from simsme.outcomes import Outcomes
from simsme.plan import Plan, plan_run
from simsme.possible_worlds import PossibleWorld, draw_worlds
from simsme.problems import InputError, Problem
from simsme.provenance import digest
from simsme.robustness.across_worlds import AcrossWorlds
from simsme.runs import Progress, execute
from simsme.scenario import LoadedScenario
from simsme.uncertainty import uncertain_numbers
from simsme.world.couplings import beyond_compiled

MANY_RUNS = 50
"""Runs from which all are compiled, however small: NumPy takes a few tenths of a second for the smallest."""

CURVES = ("exit", "cash")
"""Endpoints that are kept of every world."""


def plan_in(plan: Plan, world: PossibleWorld) -> Plan:
    """Return the plan of a run in a world: the same policies and firms' file, the world's numbers.

    Raises
    ------
    InputError
        Where the world's numbers contradict each other in this scenario.
    """
    loaded = world.scenario_of(plan.loaded)
    names = {policy.name for policy in plan.policies}
    chosen = tuple(policy for policy in loaded.scenario.policies if policy.name in names)
    return replace(plan, loaded=loaded, scenario=loaded.scenario, policies=chosen)


def engine_of_many(plan: Plan, firms: int, runs: int) -> str:
    """The execution that suits many runs of a plan together: the compiler is waited for once."""
    if beyond_compiled(plan.scenario, plan.policies):
        return NUMPY
    weeks = plan.scenario.time.horizon_days / plan.scenario.time.step_days
    firm_weeks = firms * plan.scenario.draws * weeks * len(plan.policies) * runs
    return COMPILED if runs >= MANY_RUNS or firm_weeks >= COMPILED_FROM else NUMPY


def run_worlds(
    plan: Plan,
    count: int,
    *,
    only: Sequence[str] | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    firms: Firms | None = None,
    engine: str | None = None,
    announce: Callable[[], None] | None = None,
) -> AcrossWorlds:
    """Run a plan in many worlds.

    Parameters
    ----------
    plan
        What to run; its seed is also that of the worlds.
    count
        Worlds, 2 or more.
    only
        Names of the defaults that differ between worlds; all uncertainties where not given.
    jobs, engine, announce
        As in :func:`simsme.runs.execute`; no result depends on them.
    progress
        Told how many draws of how many, over all worlds.
    firms
        The plan's firms, where they have been read already; worlds that change them draw their own.

    Raises
    ------
    InputError
        For fewer than two worlds, an unknown name in `only`, or numbers that contradict each other in a world.
    """
    worlds = drawn_for(plan, count, only)
    firms = plan.firms() if firms is None else firms
    chosen = engine or engine_of_many(plan, len(firms.key), count)
    draws = plan.scenario.draws
    kept: dict[str, list[NDArray[np.float32]]] = {name: [] for name in CURVES}
    headline: dict[str, list[NDArray[np.float64]]] = {name: [] for name in CURVES}
    costs: list[list[float]] = []
    for world, in_world in worlds:
        own = in_world.firms() if world.changes_firms else firms
        told = None if progress is None else partial(_told, progress, world.number * draws, count * draws)
        outcomes = execute(in_world, jobs=jobs, progress=told, firms=own, engine=chosen, announce=announce).outcomes
        for name in CURVES:
            kept[name].append(outcomes.survival[name].astype(np.float32))
            headline[name].append(outcomes.survival[name][:, :, outcomes.day_index()])
        costs.append(_costs_per_firm(outcomes))
    return AcrossWorlds(
        scenario=plan.scenario.name,
        digest=digest_of_worlds(plan, count, only),
        currency=plan.scenario.currency,
        seed=plan.scenario.seed,
        firms=len(firms.key),
        weight=float(firms.weight.sum()),
        policies=outcomes.policies,
        titles=outcomes.titles,
        reference=outcomes.reference,
        headline_day=outcomes.headline_day,
        days=outcomes.days,
        parameters=tuple(worlds[0][0].values),
        drawn=tuple(uncertain_numbers(plan.scenario)),
        values=np.array([list(world.values.values()) for world, _ in worlds]),
        curves={name: np.stack(parts) for name, parts in kept.items()},
        headline={name: np.stack(parts) for name, parts in headline.items()},
        cost_per_firm=np.array(costs),
    )


def drawn_for(plan: Plan, count: int, only: Sequence[str] | None = None) -> tuple[tuple[PossibleWorld, Plan], ...]:
    """Draw the worlds of a plan, each with its own plan, and so check all of them before anything is computed.

    Raises
    ------
    InputError
        As `run_worlds`.
    """
    if count < 2:
        raise InputError([Problem(f"worlds={count}", "", "must be 2 or more: one world has no spread")])
    worlds = draw_worlds(plan, count, only=only)
    if not worlds[0].values:
        raise InputError([Problem(plan.loaded.file, "", "nothing in this scenario is declared uncertain, so that all worlds are alike")])
    return tuple((world, plan_in(plan, world)) for world in worlds)


def digest_of_worlds(plan: Plan, count: int, only: Sequence[str] | None = None) -> str:
    """Digest of all that determines the result of `run_worlds`."""
    worlds = {"count": count, "only": None if only is None else sorted(only)}
    return digest(
        plan.scenario.canonical() | {"worlds": worlds},
        overrides=(),
        firm_file_digest=plan.firms_digest,
        policies=[policy.name for policy in plan.policies],
    )


def across_worlds(
    scenario: str | LoadedScenario,
    worlds: int,
    *,
    only: Sequence[str] | None = None,
    policies: Sequence[str] | None = None,
    firms: str | Path | None = None,
    draws: int | None = None,
    seed: int | None = None,
    step_days: int | None = None,
    overrides: Sequence[str] = (),
    jobs: int | None = None,
    progress: Progress | None = None,
    engine: str | None = None,
) -> AcrossWorlds:
    """Run a scenario in many worlds: every uncertain number at another value of its plausible range, on the same luck.

    Parameters
    ----------
    scenario, policies, firms, draws, seed, step_days, overrides
        What to run, see :func:`simsme.plan.plan_run`.
    worlds, only
        How many worlds, and which numbers differ between them, see :func:`simsme.possible_worlds.draw_worlds`.
    jobs, engine
        As in :func:`simsme.run`; no result depends on them.
    progress
        Told how many draws are done, of how many, over all worlds.

    Raises
    ------
    InputError
        With everything that is wrong.

    Examples
    --------
    >>> import simsme
    >>> found = simsme.across_worlds("three-months", 2, draws=2, policies=["package"], overrides=["population.firms=50"])
    >>> found.policies
    ('none', 'package')
    """
    plan = plan_run(scenario, policies=policies, firms=firms, draws=draws, seed=seed, step_days=step_days, overrides=overrides)
    return run_worlds(plan, worlds, only=only, jobs=jobs, progress=progress, engine=engine)


def _costs_per_firm(outcomes: Outcomes) -> list[float]:
    """Net cost per firm saved of each policy by the headline day; NaN where it would mean nothing."""
    costs, report = Costs(outcomes), outcomes.report_index()
    found = [costs.per_firm_saved(policy, report).value for policy in range(len(outcomes.policies))]
    return [np.nan if value is None else value for value in found]


def _told(progress: Progress, before: int, total: int, done: int, draws: int) -> None:
    progress(before + done, total)
