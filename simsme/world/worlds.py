"""A world: a scenario made concrete for its firms, cut into blocks that the engine can run."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Lanes
from simsme.engine.records import Clock
from simsme.engine.simulate import Block, Valuation
from simsme.engine.terms import LeverRow
from simsme.firms import Firms
from simsme.policy import Policy
from simsme.scenario import Scenario
from simsme.world.constants import adjusted, books_of_draw, constants_of_draw, static_runway_days
from simsme.world.couplings import contagion_share, firms_meet, reviews_of_policy
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.fund_sizes import fund_leverage, funds_of_policy, queue_luck
from simsme.world.ground import Ground
from simsme.world.liquidation import estates_of, liquidation_share
from simsme.world.luck import luck_of_firms
from simsme.world.reach import rows_by_lever
from simsme.world.rules import rules_of_draw
from simsme.world.shock import Shocked, Sky, climate_over, sky_over
from simsme.world.timetable import report_days_of, steps_of_scenario


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
        return report_days_of(self.scenario)

    @property
    def steps(self) -> tuple[Clock, ...]:
        """Clock of every step."""
        return steps_of_scenario(self.scenario)

    @property
    def firms_meet(self) -> bool:
        """Whether firms act on each other under any policy, so that a block needs all of them."""
        return firms_meet(self.scenario, self.policies)

    def liquidation_share(self, draws: NDArray[np.uint64]) -> Lanes:
        """What estates bring in these draws, see :func:`simsme.world.liquidation.liquidation_share`; it needs all firms."""
        return liquidation_share(self.scenario, estates_of(self.scenario, self.firms), self._numbers(draws))

    def ground(self, draws: NDArray[np.uint64], rows: slice, estates_bring: Lanes | None = None) -> Ground:
        """What some firms stand on in some draws.

        ``estates_bring`` is :meth:`liquidation_share` of the draws, where it is known already.

        Raises
        ------
        ValueError
            Where firms act on each other and the rows are not all.
        """
        return self._ground_and_levers(draws, rows, estates_bring)[0]

    def block(self, draws: NDArray[np.uint64], rows: slice, estates_bring: Lanes | None = None) -> Block:
        """Everything that the engine needs for some draws and rows of firms; see :meth:`ground`."""
        return self.block_and_sky(draws, rows, estates_bring)[0]

    def block_and_sky(self, draws: NDArray[np.uint64], rows: slice, estates_bring: Lanes | None = None) -> tuple[Block, Sky]:
        """Everything that the engine needs for some draws and rows of firms, and what their weather is made of; see :meth:`ground`."""
        ground, levers = self._ground_and_levers(draws, rows, estates_bring)
        firms, numbers = self.firms, ground.at.numbers
        accounts = adjusted(firms, rows, numbers)
        firm = constants_of_draw(firms, rows, numbers, accounts)
        sky = sky_over(ground.at, ground.climate)
        block = Block(
            steps=ground.steps,
            reported=ground.reported,
            firm=firm,
            rules=ground.rules,
            luck=luck_of_firms(numbers, firms.key[rows]),
            weather=sky.by_step(firm),
            levers=ground.levers,
            funds=ground.funds,
            queue_luck=ground.queue_luck,
            reference=ground.reference,
            opening=books_of_draw(firms, rows, firm, accounts, len(draws)),
            weight=firms.weight[rows],
            employees=firms.employees[rows],
            default_risk=firms.default_risk[rows],
            valuation=ground.valuation,
            reviews=tuple(reviews_of_policy(policy, of_policy) for policy, of_policy in zip(self.policies, levers, strict=True)),
            contagion_share=contagion_share(self.scenario, numbers),
        )
        return block, sky

    def _ground_and_levers(
        self, draws: NDArray[np.uint64], rows: slice, estates_bring: Lanes | None
    ) -> tuple[Ground, tuple[tuple[tuple[LeverRow, ...], ...], ...]]:
        """The ground, and the rows of each lever of each policy."""
        if self.firms_meet and rows.indices(len(self.firms.key)) != (0, len(self.firms.key), 1):
            raise ValueError("firms that act on each other must be run together")
        if estates_bring is None:
            estates_bring = self.liquidation_share(draws)
        numbers, firms, steps = self._numbers(draws), self.firms, self.steps
        at = Shocked(self.scenario, numbers, firms, rows)
        levers = tuple(rows_by_lever(policy, numbers, firms, rows) for policy in self.policies)
        ground = Ground(
            at=at,
            climate=climate_over(at, steps),
            steps=steps,
            reported=tuple(number for number, clock in enumerate(steps) if clock.b in self.report_days),
            rules=rules_of_draw(self.scenario, numbers, estates_bring),
            valuation=Valuation(numbers.number("credit.lgd"), numbers.number("credit.distress_risk_factor")),
            levers=tuple(tuple(row for of_lever in of_policy for row in of_lever) for of_policy in levers),
            funds=tuple(
                funds_of_policy(policy, of_policy, numbers, firms) for policy, of_policy in zip(self.policies, levers, strict=True)
            ),
            queue_luck=queue_luck(numbers, firms) if self.firms_meet else np.zeros((len(draws), 0)),
            reference=[policy.name for policy in self.policies].index(self.scenario.reference),
        )
        return ground, levers

    def runway_days(self, draws: NDArray[np.uint64], rows: slice = slice(None)) -> Lanes:
        """Static runway of firms, of every one where no rows are given, (draw, firm), days."""
        return static_runway_days(self.firms, rows, self._numbers(draws))

    def fund_leverage(self, draws: NDArray[np.uint64]) -> Lanes:
        """What each fund, policy by policy, may have out at once in multiples of its capital, (fund, draw)."""
        return fund_leverage(self.policies, self._numbers(draws))

    def _numbers(self, draws: NDArray[np.uint64]) -> DrawnNumbers:
        return DrawnNumbers(self.scenario, self.scenario.seed, draws)
