"""A batch: all firms of a run in some of its draws.

The luck of a draw is that of its number, and no sum goes over draws, so that what a batch leaves has the same bits whatever other draws
run with it, in which thread, process or machine.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from simsme.arithmetic import Lanes
from simsme.draw_range import DrawRange
from simsme.engine.simulate import Lives
from simsme.engine.sums import CHUNK
from simsme.execution import adder, live
from simsme.firm_tally import Tally
from simsme.gathering import Grouping, Shares, group_firms, join_firms, weigh
from simsme.world import World


def cut(ranges: Iterable[DrawRange], firms: int, lanes: int, workers: int) -> Iterator[DrawRange]:
    """Draws that are run together: as many as fill a block of firms times draws, in batches of nearly the same size for every worker."""
    ranges = list(ranges)
    draws = sum(part.draws for part in ranges)
    rounds = max(1, -(-draws * firms // (lanes * workers)))
    largest = max(1, -(-draws // (rounds * workers)))
    for part in ranges:
        bounds = np.linspace(part.first, part.end, -(-part.draws // largest) + 1).round().astype(int)
        yield from (DrawRange(int(first), int(end)) for first, end in zip(bounds[:-1], bounds[1:], strict=True))


@dataclass(frozen=True)
class Work:
    """What all batches of a run have in common, made once.

    Attributes
    ----------
    world, grouping
        The scenario, its firms and policies; how firms are divided.
    engine, lanes
        What runs them, and how many firms times draws a block has at the most; no result depends on either.
    estates_bring
        What estates bring, where it is the same in all draws; it takes a while to find.
    """

    world: World
    grouping: Grouping
    engine: str
    lanes: int
    estates_bring: Lanes | None

    @classmethod
    def on(cls, world: World, engine: str, lanes: int) -> "Work":
        """Prepare the work on a world."""
        share = world.liquidation_share(np.arange(2, dtype=np.uint64))
        grouping = group_firms(world.firms, world.scenario.time.horizon_days)
        return cls(world, grouping, engine, lanes, share if share.shape[0] == 1 else None)

    def run(self, batch: DrawRange, lived: Callable[[float], None], tally: Tally | None = None) -> Shares:
        """Run all firms in some draws and weigh what became of them; count it by firm where there is a tally.

        ``lived`` is told from time to time which share of the batch has been done since; an exception that it raises ends the batch.
        """
        world, draws, lives = self.world, np.arange(*batch, dtype=np.uint64), list[Lives]()
        estates_bring = world.liquidation_share(draws) if self.estates_bring is None else self.estates_bring
        for rows in self._row_blocks(len(draws)):
            part = (rows.stop - rows.start) / len(world.firms.key)
            lives.append(live(self.engine, world, draws, rows, estates_bring, partial(_part_lived, lived, part)))
        ends = np.array([0.0, *(clock.b for clock in world.steps)])
        reported = tuple(number for number, clock in enumerate(world.steps) if clock.b in world.report_days)
        reference = [policy.name for policy in world.policies].index(world.scenario.reference)
        joined, runway_days = join_firms(lives), world.runway_days(draws)
        shares = weigh(joined, world.firms, self.grouping, ends, reported, reference, runway_days, adder(self.engine))
        if tally is not None:
            tally.add(batch, joined, runway_days)
        return shares

    def _row_blocks(self, draws: int) -> Iterator[slice]:
        """Rows of firms that are run together: all where they meet, else multiples of a chunk, so that sums do not depend on it."""
        firms = len(self.world.firms.key)
        size = firms if self.world.firms_meet else max(CHUNK, self.lanes // draws // CHUNK * CHUNK)
        for first in range(0, firms, size):
            yield slice(first, min(first + size, firms))


def _part_lived(lived: Callable[[float], None], part: float, share: float) -> None:
    lived(part * share)
