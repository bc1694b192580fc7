"""A year of a scenario as an accountant sees it, firm by firm: the engine's own accruals, summed over all steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.engine.records import Clock, State, Weather
from simsme.engine.simulate import simulate
from simsme.engine.step import Stepped
from simsme.firms import Firms
from simsme.plan import plan_run
from simsme.world import World

Floats = NDArray[np.float64]

REVENUE = ("cash_sales", "credit_sales")
EXPENSES = ("materials_used", "people_expense", "rent_expense", "overheads_expense", "tax_expense")
SUBSIDIES = "wage_subsidies"


@dataclass(frozen=True)
class Accounts:
    """Operating accounts of each firm over the run, means over draws, (n,), in money.

    Attributes
    ----------
    firms
        Who.
    revenue, people_expense
        Sales; wages with social insurance.
    operating_profit
        Section 5 of docs/model.md.
    subsidies
        What the state pays towards wages.
    """

    firms: Firms
    revenue: Floats
    people_expense: Floats
    operating_profit: Floats
    subsidies: Floats

    @property
    def profit(self) -> Floats:
        """Operating profit with subsidies."""
        return self.operating_profit + self.subsidies


def accounts_of(scenario: str, overrides: Sequence[str]) -> dict[str, Accounts]:
    """Run a scenario and add up what the engine booked for each firm, by policy.

    Parameters
    ----------
    scenario
        Name of a shipped scenario, or a file.
    overrides
        Settings, ``key=value``.
    """
    plan = plan_run(scenario, overrides=overrides)
    firms = plan.firms()
    world = World(plan.scenario, firms, plan.policies)
    draws = np.arange(plan.scenario.draws, dtype=np.uint64)
    sums: list[dict[str, Any]] = [dict.fromkeys((*REVENUE, *EXPENSES, SUBSIDIES), 0.0) for _ in plan.policies]

    def add(policy: int, clock: Clock, weather: Weather, before: State, stepped: Stepped) -> None:
        of_policy = sums[policy]
        for item in of_policy:
            of_policy[item] = of_policy[item] + stepped.bookings.get(item, 0.0)

    simulate(world.block(draws, slice(None)), add)
    return {policy.name: _accounts(firms, len(draws), of_policy) for policy, of_policy in zip(plan.policies, sums, strict=True)}


def _accounts(firms: Firms, draws: int, sums: dict[str, Any]) -> Accounts:
    mean = {item: np.broadcast_to(np.asarray(money, dtype=np.float64), (draws, len(firms))).mean(axis=0) for item, money in sums.items()}
    revenue = sum((mean[item] for item in REVENUE), np.zeros(len(firms)))
    expenses = sum((mean[item] for item in EXPENSES), np.zeros(len(firms)))
    return Accounts(firms, revenue, mean["people_expense"], revenue - expenses, mean[SUBSIDIES])
