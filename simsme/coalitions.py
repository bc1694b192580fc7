"""Run a policy's levers in coalitions on the same draws, and share its effect out among them.

A coalition is a policy: the players' levers that belong to it as the policy has them, and all else as the reference has it. So nobody's
coalition is the reference and everybody's the policy. A firm's luck with a lever depends on the lever's label only, so that a firm
reached in one coalition is reached in every other one that has the lever.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simsme.attribution import MEASURES, Attribution
from simsme.costs import Costs
from simsme.execution import engine_for
from simsme.firms import Firms
from simsme.levers.lever import Lever
from simsme.outcomes import Outcomes
from simsme.plan import Plan, plan_run
from simsme.policy import Policy
from simsme.problems import InputError, Problem
from simsme.runs import Progress, execute
from simsme.scenario import LoadedScenario
from simsme.shapley import (
    Orders,
    all_coalitions,
    alone_and_last,
    antithetic_orders,
    coalitions_of_orders,
    shapley_of_all,
    shapley_of_orders,
)
from simsme.streams import firm_key, uniforms
from simsme.world import World

EXACT_UP_TO = 6
"""Levers up to which all coalitions are run where nobody asks for permutations."""

PERMUTATIONS = 20
"""Orders of more levers than that, pairs of an order and its reverse."""

POLICIES_AT_ONCE = 16
"""Coalitions of one batch. Each batch runs the reference too, on the same luck, so that batches change no bit."""


@dataclass(frozen=True)
class Game:
    """What is to be run to attribute a policy's effect.

    Attributes
    ----------
    plan
        A run of the reference and the policy.
    reference, policy
        The two policies.
    players
        Levers of the policy that the reference does not have in the same form, in the order of the policy.
    day
        The reported day of interest.
    orders
        Orders in which players come; None where all coalitions are run.
    """

    plan: Plan
    reference: Policy
    policy: Policy
    players: tuple[Lever, ...]
    day: float
    orders: Orders | None

    @property
    def coalitions(self) -> tuple[int, ...]:
        """Every coalition that is run, as in `simsme.shapley`; the first is the empty one, which is the reference."""
        return all_coalitions(len(self.players)) if self.orders is None else coalitions_of_orders(self.orders)

    def levers_of(self, coalition: int) -> tuple[Lever, ...]:
        """Levers of a coalition: its players' and, under any other label, the reference's."""
        chosen = {player.label: player for position, player in enumerate(self.players) if coalition >> position & 1}
        kept = {lever.label: lever for lever in self.reference.levers}
        return tuple((kept | chosen).values())


def plan_game(plan: Plan, policy: str, *, day: float | None = None, permutations: int | None = None) -> Game:
    """Check everything that determines an attribution, before anything is computed.

    Parameters
    ----------
    plan
        A run of the reference and the policy.
    policy
        Name of the policy, one of the plan's.
    day
        A reported day; the headline day where not given.
    permutations
        Orders to sample, an even number from 4. Where not given, all coalitions of up to `EXACT_UP_TO` players are run, and
        `PERMUTATIONS` orders of more. Where there are no more orders than that in all, all coalitions are run.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    by_name = {known.name: known for known in plan.policies}
    chosen, reference = by_name[policy], by_name[plan.scenario.reference]
    players = tuple(lever for lever in chosen.levers if lever not in reference.levers)
    file, problems = plan.loaded.file, []
    labels = {lever.label for lever in chosen.levers}
    lacking = [lever.label for lever in reference.levers if lever.label not in labels]
    if lacking:
        message = (
            f'lacks {", ".join(lacking)} of the reference "{reference.name}"; a policy can be attributed where it adds to the reference'
        )
        problems.append(Problem(file, f"policy {policy}", message))
    elif not players:
        same = "is the reference" if chosen is reference else f'has the same levers as the reference "{reference.name}"'
        problems.append(Problem(file, f"policy {policy}", f"{same}, so that there is nothing to attribute"))
    time = plan.scenario.time
    reported = sorted({time.headline_day, time.horizon_days, *time.report_days})
    wanted = float(time.headline_day if day is None else day)
    if wanted not in reported:
        listed = ", ".join(f"{known:g}" for known in reported)
        problems.append(Problem(f"day={wanted:g}", "", f"is not reported; reported are {listed} (time.report_days)"))
    if permutations is not None and (permutations < 4 or permutations % 2):
        message = "must be an even number from 4: an error needs two pairs of an order and its reverse"
        problems.append(Problem(f"permutations={permutations}", "", message))
    if problems:
        raise InputError(problems)
    return Game(plan, reference, chosen, players, wanted, _orders(players, plan.scenario.seed, permutations))


def play(
    game: Game,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
    firms: Firms | None = None,
    engine: str | None = None,
    announce: Callable[[], None] | None = None,
) -> Attribution:
    """Run all coalitions of a game and share the policy's effect out.

    Parameters
    ----------
    game
        What to run.
    jobs, engine, announce
        As in :func:`simsme.runs.execute`; no result depends on them.
    progress
        Told how many coalitions are done, of how many.
    firms
        The plan's firms, where they have been read already.
    """
    plan, coalitions = game.plan, game.coalitions
    firms = plan.firms() if firms is None else firms
    policies = tuple(_policy(game, coalition) for coalition in coalitions)
    # by the size of all batches together: the compiler is waited for once
    engine = engine or engine_for(World(plan.scenario, firms, policies))
    values = np.zeros((len(coalitions), len(MEASURES), plan.scenario.draws))
    for rows in _batches(len(coalitions)):
        batch = replace(plan, policies=(game.reference, *policies[rows]))
        told = None if progress is None else partial(_told, progress, rows, len(coalitions))
        run = execute(batch, jobs=jobs, progress=told, firms=firms, engine=engine, announce=announce)
        values[rows] = _values(run.outcomes, game.day)
    shapley = shapley_of_all(values) if game.orders is None else shapley_of_orders(values, coalitions, game.orders)
    alone, last_in = alone_and_last(values, coalitions, len(game.players))
    return Attribution(
        scenario=plan.scenario.name,
        policy=game.policy.name,
        reference=game.reference.name,
        digest=plan.digest,
        currency=plan.scenario.currency,
        day=game.day,
        seed=plan.scenario.seed,
        firms=len(firms.key),
        weight=float(firms.weight.sum()),
        levers=tuple(player.label for player in game.players),
        alone=alone,
        shapley=shapley.mean,
        last_in=last_in,
        package=values[-1] - values[0],
        pair_means=None if shapley.pair_means is None else np.ascontiguousarray(shapley.pair_means),
        coalitions=len(coalitions),
    )


def attribute(
    scenario: str | LoadedScenario,
    policy: str,
    *,
    day: float | None = None,
    permutations: int | None = None,
    firms: str | Path | None = None,
    draws: int | None = None,
    seed: int | None = None,
    step_days: int | None = None,
    overrides: Sequence[str] = (),
    jobs: int | None = None,
    progress: Progress | None = None,
    engine: str | None = None,
) -> Attribution:
    """Share the firms saved, the jobs saved and the net cost of a policy out among its levers, by the Shapley value on the same draws.

    Parameters
    ----------
    scenario, firms, draws, seed, step_days, overrides
        What to run, see :func:`simsme.plan.plan_run`.
    policy
        Name of the policy whose effect against the reference is shared out.
    day, permutations
        By which day, and how many orders to sample, see :func:`plan_game`.
    jobs, engine
        As in :func:`simsme.run`; no result depends on them.
    progress
        Told how many coalitions of levers are done, of how many.

    Raises
    ------
    InputError
        With everything that is wrong: among others a policy that is not there, lacks levers of the reference, or adds none.

    Examples
    --------
    >>> import simsme
    >>> shared = simsme.attribute("three-months", "package", draws=2, overrides=["population.firms=100"])
    >>> shared.levers
    ('loan_renewal', 'lending_forbearance', 'emergency_relending', 'guarantee_fund')
    """
    plan = plan_run(scenario, policies=[policy], firms=firms, draws=draws, seed=seed, step_days=step_days, overrides=overrides)
    game = plan_game(plan, policy, day=day, permutations=permutations)
    return play(game, jobs=jobs, progress=progress, engine=engine)


def _orders(players: Sequence[Lever], seed: int, permutations: int | None) -> Orders | None:
    """Antithetic orders, keyed by the levers' labels, so that the order in which a file lists levers changes nothing."""
    if permutations is None and len(players) <= EXACT_UP_TO:
        return None
    wanted = permutations or PERMUTATIONS
    if wanted >= math.factorial(len(players)):
        return None
    keys = np.array([firm_key(f"attribution:{player.label}") for player in players], dtype=np.uint64)
    pairs = np.arange(wanted // 2, dtype=np.uint64)[:, None]
    return antithetic_orders(uniforms(seed, pairs, keys, 0, "parameter"))


def _batches(coalitions: int) -> Iterator[slice]:
    """Positions of coalitions that are run together: all but the first, the reference, which every run has."""
    for first in range(1, coalitions, POLICIES_AT_ONCE):
        yield slice(first, min(first + POLICIES_AT_ONCE, coalitions))


def _policy(game: Game, coalition: int) -> Policy:
    return game.policy.model_copy(update={"name": f"coalition-{coalition}", "title": "", "levers": game.levers_of(coalition)})


def _values(outcomes: Outcomes, day: float) -> NDArray[np.float64]:
    """Values of the policies that were run but the reference, which comes first, (P - 1, measure, D)."""
    costs, report = Costs(outcomes), outcomes.report_index(day)
    measures = [measure[1:, :, report] for measure in (costs.firms_saved, costs.jobs_saved, costs.net)]
    return np.stack(measures, axis=1)


def _told(progress: Progress, rows: slice, coalitions: int, done: int, draws: int) -> None:
    # the reference is not run for itself
    progress(rows.start - 1 + (rows.stop - rows.start) * done // draws, coalitions - 1)
