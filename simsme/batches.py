"""A batch: all firms of a run in some of its draws.

The luck of a draw is that of its number, and no sum goes over draws, so that what a batch leaves has the same bits whatever other draws
run with it, in which thread, process or machine.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from simsme.arithmetic import Lanes
from simsme.census import Census, take_census
from simsme.draw_firms import DrawnFirms
from simsme.draw_range import DrawRange
from simsme.engine.simulate import Lives
from simsme.engine.sums import CHUNK
from simsme.execution import adder, live
from simsme.firm_blocks import FirmBlocks
from simsme.firm_level import money_units
from simsme.firm_tally import Tally
from simsme.firms import Firms
from simsme.gathering import Shares, Weighing, join_firms
from simsme.policy import Policy
from simsme.scenario import Scenario
from simsme.world import World
from simsme.world.timetable import report_days_of, steps_of_scenario

STEPS_OF_A_BATCH, FEWEST_DRAWS, MOST_DRAWS = 600, 4, 25
"""Where firms are drawn for a batch, it runs them in so many draws that they live through this many steps, all policies together. To
draw a firm takes about as long as to let it live through 150."""


def cut(ranges: Iterable[DrawRange], firms: int, lanes: int, workers: int) -> Iterator[DrawRange]:
    """Draws that are run together: as many as fill a block of firms times draws, in batches of nearly the same size for every worker."""
    ranges = list(ranges)
    draws = sum(part.draws for part in ranges)
    rounds = max(1, -(-draws * firms // (lanes * workers)))
    largest = max(1, -(-draws // (rounds * workers)))
    for part in ranges:
        bounds = np.linspace(part.first, part.end, -(-part.draws // largest) + 1).round().astype(int)
        yield from (DrawRange(int(first), int(end)) for first, end in zip(bounds[:-1], bounds[1:], strict=True))


def draws_of_a_batch(scenario: Scenario, policies: int) -> int:
    """Draws that are run together where firms are drawn for it, no more than these."""
    return min(max(STEPS_OF_A_BATCH // (len(steps_of_scenario(scenario)) * policies), FEWEST_DRAWS), MOST_DRAWS)


@dataclass(frozen=True)
class Work:
    """What all batches of a run have in common, made once.

    Attributes
    ----------
    scenario, policies, firms
        What is run: firms that are held, or are drawn when they are needed.
    census, blocks
        What is known of all firms together, and the firms block after block.
    engine, lanes
        What runs them, and how many firms times draws a block has at the most; no result depends on either.
    """

    scenario: Scenario
    policies: tuple[Policy, ...]
    firms: Firms | DrawnFirms
    census: Census
    blocks: FirmBlocks
    engine: str
    lanes: int

    @classmethod
    def on(
        cls, scenario: Scenario, policies: tuple[Policy, ...], firms: Firms | DrawnFirms, engine: str, lanes: int, workers: int = 1
    ) -> "Work":
        """Prepare the work on firms, with some threads."""
        census = take_census(scenario, policies, firms, workers)
        return cls(scenario, policies, firms, census, FirmBlocks(scenario, firms, census), engine, lanes)

    def cut(self, ranges: Iterable[DrawRange], workers: int) -> Iterator[DrawRange]:
        """Draws that are run together, see :func:`cut`: more of them where their firms have to be drawn for it."""
        firms, lanes = len(self.firms), self.lanes
        if isinstance(self.firms, DrawnFirms):
            lanes = firms * draws_of_a_batch(self.scenario, len(self.policies))
        return cut(ranges, firms, lanes, workers)

    def run(self, batch: DrawRange, lived: Callable[[float], None], tally: Tally | None = None) -> Shares:
        """Run all firms in some draws and weigh what became of them; count it by firm where there is a tally.

        ``lived`` is told from time to time which share of the batch has been done since; an exception that it raises ends the batch.
        """
        scenario, policies, draws = self.scenario, self.policies, np.arange(*batch, dtype=np.uint64)
        estates_bring = self.census.liquidation_share(scenario, draws)
        steps, report_days = steps_of_scenario(scenario), report_days_of(scenario)
        weighing = Weighing(
            self.census.whole,
            len(policies),
            len(draws),
            ends=np.array([0.0, *(clock.b for clock in steps)]),
            reported=tuple(number for number, clock in enumerate(steps) if clock.b in report_days),
            reference=[policy.name for policy in policies].index(scenario.reference),
            add_up=adder(self.engine),
        )
        counted: list[tuple[Lives, Lanes]] = []
        done = 0
        for block in self.blocks:
            world = World(scenario, block.firms, policies)
            unit = money_units(block.firms)
            for rows in self._row_blocks(len(block.firms), len(draws), world.firms_meet):
                part = (rows.stop - rows.start) / len(self.firms)
                lives = live(self.engine, world, draws, rows, estates_bring, partial(_part_lived, lived, part))
                runway_days = world.runway_days(draws, rows)
                weighing.add(lives, block.firms.weight[rows], block.cells[rows], runway_days)
                if tally is not None and isinstance(self.firms, Firms):
                    counted.append((lives, runway_days))
                elif tally is not None:
                    tally.add_some(batch, lives, runway_days, slice(done + rows.start, done + rows.stop), unit[rows])
            done += len(block.firms)
        if tally is not None and isinstance(self.firms, Firms):
            # all at once, as they are held anyway: so a tally can be kept between two batches
            runway_days = np.concatenate([days for _, days in counted], axis=-1)
            tally.add(batch, join_firms([lives for lives, _ in counted]), runway_days)
        return weighing.shares()

    def _row_blocks(self, firms: int, draws: int, firms_meet: bool) -> Iterator[slice]:
        """Rows of firms that are run together: all where they meet, else multiples of a chunk, so that sums do not depend on it."""
        size = firms if firms_meet else max(CHUNK, self.lanes // draws // CHUNK * CHUNK)
        for first in range(0, firms, size):
            yield slice(first, min(first + size, firms))


def _part_lived(lived: Callable[[float], None], part: float, share: float) -> None:
    lived(part * share)
