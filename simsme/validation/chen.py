"""Source ``chen``: what reliefs change in the share of firms that have cash for less than a month, three months on.

Firms are asked as surveys ask: for how long does cash pay people, rent and overheads as they are now, and interest. Only firms that are
there can be asked, so that each policy's share is one of the firms alive under it. The scenario is ``three-months``, whose runway is
that of the survey of firms on which the estimates rest; all firms rent from the state, as those did for whom the effect of rent was
estimated.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.engine.records import Clock, State, Weather
from simsme.engine.simulate import simulate
from simsme.engine.step import Stepped
from simsme.plan import plan_run
from simsme.validation.estimates import mean_of_draws
from simsme.validation.rows import Simulated
from simsme.validation.setting import Setting
from simsme.world import World

Floats = NDArray[np.float64]

SCENARIO, ELSEWHERE = "three-months", "china-2020"
DRAWS, FIRMS, BATCH = 40, 1000, 20
DAY, MONTH = 91, 30.0
NONE = "none"

POLICIES = {
    "rent": f'{{kind="rent_relief", to_day={DAY}}}',
    "social-insurance": '{kind="social_insurance_relief", waived_share=0.0, deferred_share=1.0}',
    "loans": '{kind="loan_renewal", take_up=0.2}',
    "guarantee": '{kind="guarantee_fund", take_up=0.02}',
    "guarantee-for-all": '{kind="guarantee_fund", take_up=1.0}',
}
"""Levers by identifier of the published number; those that firms must ask for at their documented take-up."""

COSTS = ("people_expense", "rent_expense", "overheads_expense", "interest_expense")
"""What cash has to pay without sales; materials and taxes follow sales."""


def simulate_chen(setting: Setting) -> dict[str, Simulated]:
    """Return the simulated numbers by identifier: differences to no policy in points, paired by draw."""
    setting.tell("reliefs")
    count = setting.draws or DRAWS
    batches = [(scenario, first, min(first + BATCH, count)) for scenario in (SCENARIO, ELSEWHERE) for first in range(0, count, BATCH)]
    parts = setting.each(_short_by_draw, *batches)
    short: dict[str, dict[str, Floats]] = {}
    for scenario in (SCENARIO, ELSEWHERE):
        here = [part for (name, _, _), part in zip(batches, parts, strict=True) if name == scenario]
        short[scenario] = {policy: np.concatenate([part[policy] for part in here]) for policy in here[0]}
    found = {policy: _difference(short[SCENARIO], policy, NONE) for policy in POLICIES}
    found["rent-over-social-insurance"] = _difference(short[SCENARIO], "rent", "social-insurance")
    found |= {f"lockdown-{policy}": _difference(short[ELSEWHERE], policy, NONE) for policy in ("rent", "social-insurance", "guarantee")}
    return found | {"short": Simulated(*mean_of_draws(short[SCENARIO][NONE]))}


def _difference(short: dict[str, Floats], policy: str, other: str) -> Simulated:
    return Simulated(*mean_of_draws(short[policy] - short[other]))


def _short_by_draw(setting: Setting, scenario: str, first: int, last: int) -> dict[str, Floats]:
    """Firms with less than a month of cash, percent of those alive on the day, by policy and draw."""
    policies = ", ".join(f'{{name="{name}", levers=[{lever}]}}' for name, lever in POLICIES.items())
    overrides = [
        f"population.firms={setting.firms or FIRMS}",
        "population.state_landlord=1.0",
        f"time.horizon_days={DAY}",
        f"time.report_days=[{DAY}]",
        f'policy=[{{name="{NONE}"}}, {policies}]',
    ]
    plan = plan_run(scenario, draws=last, overrides=overrides)
    world = World(plan.scenario, plan.firms(), plan.policies)
    weight, end = world.firms.weight, world.steps[-1]
    short: dict[str, Floats] = {}

    def watch(policy: int, clock: Clock, weather: Weather, before: State, stepped: Stepped) -> None:
        if clock == end:
            short[plan.policies[policy].name] = percent_short(stepped, clock.h, weight)

    simulate(world.block(np.arange(first, last, dtype=np.uint64), slice(None)), watch)
    return short


def percent_short(stepped: Stepped, days: float, weight: Floats) -> Floats:
    """Firms whose cash pays less than a month of what they pay without sales, percent of firms alive, by draw.

    Parameters
    ----------
    stepped
        What a step did.
    days
        Its length.
    weight
        Of firms, (n,).
    """
    costs: Any = sum(stepped.bookings[item] for item in COSTS)
    alive = weight * stepped.state.alive
    lacking = stepped.state.cash < MONTH * costs / days
    share: Floats = 100.0 * (alive * lacking).sum(axis=1) / alive.sum(axis=1)
    return share
