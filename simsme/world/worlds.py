"""A world: a scenario made concrete for its firms, cut into blocks that the engine can run."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Lanes
from simsme.engine.records import Clock
from simsme.engine.simulate import Block
from simsme.firms import Firms
from simsme.policy import Policy
from simsme.scenario import Scenario
from simsme.world.constants import adjusted, books_of_draw, constants_of_draw, static_runway_days
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.liquidation import liquidation_share
from simsme.world.luck import luck_of_firms
from simsme.world.reach import rows_of_policy
from simsme.world.rules import rules_of_draw
from simsme.world.shock import Shocked, weather_of_firms
from simsme.world.timetable import steps_of


@dataclass(frozen=True)
class World:
    """A scenario, its firms, and the policies to run, the reference among them.

    Attributes
    ----------
    scenario
        What to simulate.
    firms
        The firms, in canonical order.
    policies
        The policies to run.
    """

    scenario: Scenario
    firms: Firms
    policies: tuple[Policy, ...]

    @property
    def report_days(self) -> tuple[float, ...]:
        """Reported days, the headline and the horizon among them."""
        time = self.scenario.time
        return tuple(sorted({float(day) for day in (time.headline_day, time.horizon_days, *time.report_days)}))

    @property
    def steps(self) -> tuple[Clock, ...]:
        """Clock of every step."""
        time = self.scenario.time
        return steps_of(time.step_days, time.horizon_days, self.report_days)

    def liquidation_share(self, draws: NDArray[np.uint64]) -> Lanes:
        """What estates bring in these draws, see :func:`simsme.world.liquidation.liquidation_share`; it needs all firms."""
        return liquidation_share(self.scenario, self.firms, self._numbers(draws))

    def block(self, draws: NDArray[np.uint64], rows: slice, estates_bring: Lanes | None = None) -> Block:
        """Everything that the engine needs for some draws and rows of firms.

        ``estates_bring`` is :meth:`liquidation_share` of the draws, where it is known already.
        """
        if estates_bring is None:
            estates_bring = self.liquidation_share(draws)
        numbers = self._numbers(draws)
        firms, steps = self.firms, self.steps
        accounts = adjusted(firms, rows, numbers)
        firm = constants_of_draw(firms, rows, numbers, accounts)
        return Block(
            steps=steps,
            reported=tuple(number for number, clock in enumerate(steps) if clock.b in self.report_days),
            firm=firm,
            rules=rules_of_draw(self.scenario, numbers, estates_bring),
            luck=luck_of_firms(numbers, firms.key[rows]),
            weather=weather_of_firms(Shocked(self.scenario, numbers, firms, rows), firm, steps),
            levers=tuple(rows_of_policy(policy, numbers, firms, rows) for policy in self.policies),
            reference=[policy.name for policy in self.policies].index(self.scenario.reference),
            opening=books_of_draw(firms, rows, firm, accounts, len(draws)),
            weight=firms.weight[rows],
            employees=firms.employees[rows],
            default_risk=firms.default_risk[rows],
            lgd=numbers.number("credit.lgd"),
            distress_risk_factor=numbers.number("credit.distress_risk_factor"),
        )

    def runway_days(self, draws: NDArray[np.uint64]) -> Lanes:
        """Static runway of every firm, (draw, firm), days."""
        return static_runway_days(self.firms, self._numbers(draws))

    def _numbers(self, draws: NDArray[np.uint64]) -> DrawnNumbers:
        return DrawnNumbers(self.scenario, self.scenario.seed, draws)
