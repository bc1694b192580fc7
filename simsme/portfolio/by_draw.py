"""What a portfolio loses draw by draw, and what parts of the draws say of each firm: from this come the Monte Carlo errors of totals.

Firms of a draw share its shock, so that the error of a total is not that of a sum of independent firms: it has to be taken over draws.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsme.draw_range import DrawRange
from simsme.engine.simulate import Lives
from simsme.world import World

PARTS = 20
"""Parts into which draws are dealt at the most: draw d goes to part d modulo this."""

RANGE_BITS, MOST_BITS = 10, 16
"""Money is squared in whole units of a firm's size, as in `simsme.firm_level`: at most 2**10 sizes, in units of 2**-16 of it or more."""


@dataclass(frozen=True)
class ByDraw:
    """Counts of a run, filled batch by batch by :meth:`add`; draws (d), industries (j), parts (k), levers (l), firms (n).

    All but ``loans_gone`` are whole numbers; a draw of ``loans_gone`` is summed over the firms in their order, so that no bit depends
    on how a run is cut or on the number of workers. Memory grows with the draws by j numbers for each; a firm takes 20 (1 + 2 l) bytes
    up to 5,000 draws, and 16 (2 + l) more.

    Attributes
    ----------
    weight, owed : (n,)
        Weight of each firm, and weight times loan, in canonical order.
    industry : (n,)
        Which of the ``industry_names`` it is in.
    levers
        Position of each lever's policy in the run.
    reference
        Position of the reference.
    day_step, headline_step
        Numbers of the steps that end on the day of the loss and on the headline day.
    unit : (n,)
        Money of a unit of sums of money and of their squares; an amount counts at most as ``most`` of them.
    loans_gone : (d, j)
        Weighted loans of the firms of an industry that have gone by the day of the loss.
    gone : (k, n)
        Draws of a part in which the firm has gone by then.
    saved, harmed : (l, k, n)
        Draws of a part in which the lever saves the firm by the headline day, or harms it.
    trough : (2, n)
        Sums over draws of the lowest cash of the reference, and of its square.
    support : (l, 2, n)
        The same of the money that a lever moved for the firm by the horizon.
    """

    weight: NDArray[np.float64]
    owed: NDArray[np.float64]
    industry: NDArray[np.int64]
    industry_names: tuple[str, ...]
    levers: tuple[int, ...]
    reference: int
    day_step: int
    headline_step: int
    unit: NDArray[np.float64]
    most: float
    loans_gone: NDArray[np.float64]
    gone: NDArray[np.unsignedinteger]
    saved: NDArray[np.unsignedinteger]
    harmed: NDArray[np.unsignedinteger]
    trough: NDArray[np.int64]
    support: NDArray[np.int64]

    @classmethod
    def of(cls, world: World, day: float) -> "ByDraw":
        """Return counts for a world's firms, to which nothing has been added yet, with the day of the loss."""
        firms, draws, names = world.firms, world.scenario.draws, [policy.name for policy in world.policies]
        reference = names.index(world.scenario.reference)
        levers = tuple(number for number in range(len(names)) if number != reference)
        ends, parts = [clock.b for clock in world.steps], min(draws, PARTS)
        counts = np.min_scalar_type(-(-draws // parts))
        # the squares of a draw take twice the bits of a number, and all draws together must stay below 2**63
        bits = min(MOST_BITS, (62 - int(np.ceil(np.log2(draws)))) // 2 - RANGE_BITS)
        _, exponent = np.frexp(firms.sales + firms.cash + firms.loan)
        return cls(
            weight=firms.weight,
            owed=firms.weight * firms.loan,
            industry=firms.industry,
            industry_names=firms.industry_names,
            levers=levers,
            reference=reference,
            day_step=ends.index(day),
            headline_step=ends.index(float(world.scenario.time.headline_day)),
            unit=np.ldexp(1.0, exponent - bits),
            most=2.0 ** (RANGE_BITS + bits),
            loans_gone=np.zeros((draws, len(firms.industry_names))),
            gone=np.zeros((parts, len(firms)), dtype=counts),
            saved=np.zeros((len(levers), parts, len(firms)), dtype=counts),
            harmed=np.zeros((len(levers), parts, len(firms)), dtype=counts),
            trough=np.zeros((2, len(firms)), dtype=np.int64),
            support=np.zeros((len(levers), 2, len(firms)), dtype=np.int64),
        )

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.loans_gone)

    @property
    def draws_of_parts(self) -> NDArray[np.int64]:
        """Draws that each part has, (k,)."""
        return np.bincount(np.arange(self.draws) % len(self.gone))

    def add(self, draws: DrawRange, lives: Lives) -> None:
        """Count what became of all firms in some draws; one batch at a time."""
        for place, draw in enumerate(range(draws.first, draws.end)):
            part = draw % len(self.gone)
            there = lives.exit_step[self.reference, place]
            gone, gone_by_headline = there <= self.day_step, there <= self.headline_step
            self.loans_gone[draw] = np.bincount(self.industry, weights=self.owed * gone, minlength=len(self.industry_names))
            self.gone[part] += gone
            self._add_money(self.trough, lives.trough[self.reference, place])
            for lever, policy in enumerate(self.levers):
                gone_here = lives.exit_step[policy, place] <= self.headline_step
                self.saved[lever, part] += gone_by_headline & ~gone_here
                self.harmed[lever, part] += gone_here & ~gone_by_headline
                self._add_money(self.support[lever], lives.support[policy, -1, place])

    def _add_money(self, sums: NDArray[np.int64], money: NDArray[np.float64]) -> None:
        units = np.rint(np.clip(money / self.unit, -self.most, self.most)).astype(np.int64)
        sums[0] += units
        sums[1] += units**2
