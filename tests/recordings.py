"""Blocks that were run and recorded step by step, and the cases and worlds that checks look at.

A :class:`Recording` keeps every step of every policy, so that accounts can be checked firm by firm and step by step, and not only in
their totals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.draw_firms import draw_firms
from simsme.engine.records import Clock, Events, State, Weather
from simsme.engine.simulate import Block, Lives, simulate
from simsme.engine.step import Stepped
from simsme.firms import Firms
from simsme.policy import Policy
from simsme.scenario import Scenario, load_scenario
from simsme.world import World
from tests.engine_cases import AnyTerms, firms_of, scenario_of
from tests.random_scenarios import Case, random_case

Array = NDArray[Any]


RANDOM_SEEDS = (1, 2, 5, 21, 44)
CREDIT_SEEDS = (30, 48, 2, 54, 18)
"""Random cases, and cases of credit, in which every fault of tests/faults.py shows that shows in cases."""


@dataclass(frozen=True)
class Moment:
    """One step under one policy; arrays are (draw, firm). The estates of firms that went are in ``after`` and ``booked``."""

    number: int
    policy: int
    clock: Clock
    weather: Weather
    before: State
    after: State
    booked: Mapping[str, Array]
    events: Events


@dataclass(frozen=True)
class Recording:
    """A block that was run, and every step of it."""

    world: World
    block: Block
    lives: Lives
    moments: tuple[Moment, ...]

    @property
    def sales(self) -> Array:
        """Normal sales of each firm, at least 1, as the scale of its money."""
        return np.maximum(self.world.firms.sales, 1.0)

    def of(self, policy: int) -> list[Moment]:
        """The steps under one policy."""
        return [moment for moment in self.moments if moment.policy == policy]


def recorded(world: World, draws: int = 1) -> Recording:
    """Run all firms and policies of a world in the first draws and keep everything."""
    block = world.block(np.arange(draws, dtype=np.uint64), slice(0, len(world.firms.key)))
    shape = block.opening.cash.shape
    numbers = {clock.b: number for number, clock in enumerate(world.steps)}
    moments: list[Moment] = []

    def watch(policy: int, clock: Clock, weather: Weather, before: State, stepped: Stepped) -> None:
        booked = {item: np.broadcast_to(amount, shape) for item, amount in stepped.bookings.items()}
        moments.append(Moment(numbers[clock.b], policy, clock, weather, before, stepped.state, booked, stepped.events))

    with np.errstate(all="ignore"):
        lives = simulate(block, watch)
    return Recording(world, block, lives, tuple(moments))


def credit_case(seed: int, firms: int = 6) -> Case:
    """A random case in which credit is what matters: loans fall due again and again, and three levers overlap for some time.

    Few of the random cases show how levers combine, or a second year of luck.
    """
    case = random_case(seed, firms)
    rng = np.random.default_rng([20240602, seed])
    horizon = case.scenario["time"]["horizon_days"]
    rows = []
    for row in case.firms:
        sales = row["sales"]
        loan = {"loan": sales * rng.uniform(0.03, 0.3), "loan_rate": rng.uniform(0.03, 0.1), "loan_due_day": rng.uniform(5.0, 100.0)}
        costs = {"materials_share": 0.45, "payroll": 0.2 * sales, "social_share": 0.1, "rent": 0.05 * sales, "overheads": 0.05 * sales}
        rows.append(row | loan | costs | {"cash": sales * rng.uniform(0.01, 0.15), "default_risk": rng.uniform(0.01, 0.2)})
    credit = {
        "renewal": 0.7,
        "kappa": 0.6,
        "norepay": 0.15,
        "gap_days": 9.0,
        "term_days": 40.0,
        "bridge_access": 0.5,
        "bridge_call_days": 40.0,
        "grace_days": 20.0,
        "workout": 0.7,
        "cover_days": 40.0,
        "reapply_days": 30.0,
        "apply": 0.6,
        "bank_margin": 0.15,
        "loan_cap_share": 0.05,
        "opacity": 0.8,
    }
    shock = {"duration_days": 60.0, "credit": {"tightening": 0.5, "line_cut": 0.3, "recall_rate": 0.5}}
    scenario = case.scenario | {
        "credit": case.scenario["credit"] | credit,
        "shock": case.scenario["shock"] | shock,
        "adjust": {"cash_factor": 1.0, "volatility_factor": 0.5, "margin_shift": 0.0, "informal_factor": 1.0},
        "exit": case.scenario["exit"]
        | {"hope_median": 0.5, "background_rate": dict.fromkeys(case.scenario["exit"]["background_rate"], 0.1)},
    }
    lifts = {"renewal_lift": 0.3, "kappa_lift": 0.4, "tightening_relief": 0.5, "grace_lift": 0.6}
    levers = [
        _plain_lever(lifts, from_day=0.0, to_day=0.6 * horizon),
        _plain_lever(lifts, from_day=0.1 * horizon, to_day=0.8 * horizon, take_up=0.8),
        _plain_lever({"rolled": 1.0, "roll_days": 30.0}, from_day=0.3 * horizon, to_day=0.5 * horizon, take_up=0.6, delay_days=5.0),
    ]
    return replace(case, scenario=scenario, firms=rows, levers=levers)


def _plain_lever(terms: Mapping[str, float], **window: float) -> dict[str, Any]:
    who: dict[str, Any] = dict.fromkeys(("industries", "sizes", "legal_forms", "max_risk", "min_sales_fall"))
    return who | {"take_up": 1.0, "delay_days": 0.0, "without_bank_arrears": False, "terms": dict(terms)} | window


@cache
def standing_cases() -> tuple[Case, ...]:
    """Cases that stand for all where a check is run for each of many faults: between them they show every fault of the engine."""
    pairs = zip(CREDIT_SEEDS, RANDOM_SEEDS, strict=True)
    return tuple(case for credit, other in pairs for case in (credit_case(credit), random_case(other, 6)))


def recording_of_case(case: Case) -> Recording:
    """A case, recorded; the policies are none and the case's levers."""
    scenario = scenario_of(case, case.seed)
    return recorded(World(scenario, firms_of(case.firms), scenario.policies))


@cache
def ordinary_scenario(firms: int = 120, horizon_days: int = 364, overrides: tuple[str, ...] = ()) -> Scenario:
    """The shipped scenario three-months with few firms."""
    days = ["time.headline_day=56", "time.report_days=[28, 56]"] if horizon_days < 91 else []
    return load_scenario("three-months", [f"population.firms={firms}", f"time.horizon_days={horizon_days}", *days, *overrides]).scenario


@cache
def ordinary_firms(firms: int = 120) -> Firms:
    """The firms of the scenario."""
    population = ordinary_scenario(firms).population
    assert population is not None
    return draw_firms(population)


def ordinary_world(policies: Sequence[Policy] | None = None, firms: int = 120, horizon_days: int = 364) -> World:
    """World of three-months with few firms, under its own policies or others."""
    scenario = ordinary_scenario(firms, horizon_days)
    return World(scenario, ordinary_firms(firms), scenario.policies if policies is None else tuple(policies))


NO_POLICY = Policy(name="none")


def terms_lever(name: str, terms: Mapping[str, float], take_up: float = 1.0, **window: float) -> AnyTerms:
    """A lever that changes some terms."""
    return AnyTerms.model_validate({"name": name, "take_up": take_up, "offered": dict(terms), **window})
