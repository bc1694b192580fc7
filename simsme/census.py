"""What a run has to know of all its firms together, found out once: sums of weights, deciles, what estates bring.

Firms that are held are looked at; those that are drawn when needed are drawn for it, block by block, and let go again.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Flags, Lanes
from simsme.draw_firms import DrawnFirms
from simsme.fates import decile_bounds, decile_of, reported_runway_days
from simsme.firms import Firms
from simsme.gathering import Grouping, Kinds, Whole, group_firms
from simsme.pairwise import PairwiseSum
from simsme.policy import Policy
from simsme.scenario import Scenario
from simsme.tally import add_by_code
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.lever_names import admitted_firms, levers_that_sell
from simsme.world.liquidation import Estates, estates_of, liquidation_share

FIRMS_AT_ONCE = 65_536
"""Firms whose weights are added up at a time, to spare memory; no bit depends on it."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Census:
    """What is known of all firms of a run together.

    Attributes
    ----------
    whole
        Their number, weights and groups.
    bounds
        Static runways that bound the deciles.
    estates_bring
        See :func:`simsme.world.liquidation.liquidation_share`, where it is the same in all draws.
    estates
        What it is found from where it is not; else nothing.
    """

    whole: Whole
    bounds: Floats
    estates_bring: Lanes | None
    estates: tuple[Estates, ...]

    def liquidation_share(self, scenario: Scenario, draws: NDArray[np.uint64]) -> Lanes:
        """What estates bring in these draws."""
        if self.estates_bring is not None:
            return self.estates_bring
        return liquidation_share(scenario, self.estates, DrawnNumbers(scenario, scenario.seed, draws))

    def grouping(self, scenario: Scenario, firms: Firms) -> Grouping:
        """How some of the firms are divided."""
        return group_firms(firms, scenario.time.horizon_days, self.bounds)


def take_census(scenario: Scenario, policies: Sequence[Policy], firms: Firms | DrawnFirms, workers: int = 1) -> Census:
    """Find out what has to be known of all firms of a run.

    Parameters
    ----------
    scenario, policies
        What is run.
    firms
        Its firms, held or not.
    workers
        Threads that draw them where they are not held. No bit depends on it.
    """
    estates = list[Estates]()
    weight, jobs = PairwiseSum(len(firms), FIRMS_AT_ONCE), PairwiseSum(len(firms), FIRMS_AT_ONCE)
    in_order, jobs_in_order = np.zeros(1), np.zeros(1)
    selling, sales, admitted = levers_that_sell(policies), list[Floats](), list[list[Flags]]()
    days, cells, kinds, end = np.empty(len(firms)), np.empty(0, dtype=np.uint32), Kinds(()), 0
    for block, found in _looked_at(scenario, firms, workers):
        begin, end = end, end + len(block)
        weight.add(block.weight)
        jobs.add(block.weight * block.employees)
        add_by_code(in_order, np.zeros(len(block), dtype=np.intp), block.weight)
        add_by_code(jobs_in_order, np.zeros(len(block), dtype=np.intp), block.weight * block.employees)
        # in which decile a firm is is known when all runways are
        undivided = group_firms(block, scenario.time.horizon_days, np.empty(0))
        if not begin:
            kinds, cells = undivided.kinds, np.empty(len(firms), dtype=np.min_scalar_type(undivided.kinds.size))
        cells[begin:end] = undivided.cells
        days[begin:end] = reported_runway_days(block)
        estates += found
        if selling:
            sales.append(block.weight * block.sales)
            admitted.append([admitted_firms(lever, scenario, block) for _, lever in selling])
    brings = liquidation_share(scenario, estates, DrawnNumbers(scenario, scenario.seed, np.arange(2, dtype=np.uint64)))
    if brings.shape[0] == 1:
        estates.clear()
    weights = firms.weight if isinstance(firms, DrawnFirms) else firms.weight.__getitem__
    bounds = decile_bounds(days, weights)
    by_cell = np.zeros(kinds.size)
    for first in range(0, len(firms), FIRMS_AT_ONCE):
        rows = slice(first, first + FIRMS_AT_ONCE)
        # the deciles are the last of the columns by which cells are numbered
        add_by_code(by_cell, cells[rows].astype(np.intp) + decile_of(days[rows], bounds), weights(rows))
    whole = Whole(
        count=len(firms),
        weight=float(weight.total),
        jobs=float(jobs.total),
        weight_in_order=float(in_order[0]),
        jobs_in_order=float(jobs_in_order[0]),
        kinds=kinds,
        group_weight=kinds.by_group(by_cell[:, None])[:, 0],
        admitted={
            (policy, lever.label): _sum([part[here[place]] for part, here in zip(sales, admitted, strict=True)]) / _sum(sales)
            for place, (policy, lever) in enumerate(selling)
        },
    )
    return Census(whole, bounds, brings if brings.shape[0] == 1 else None, tuple(estates))


def _sum(parts: Sequence[Floats]) -> float:
    """Sum of the parts of a row as that of the whole, of which there may be nothing."""
    length = sum(map(len, parts))
    if not length:
        return 0.0
    total = PairwiseSum(length, FIRMS_AT_ONCE)
    for part in parts:
        total.add(part)
    return float(total.total)


def _looked_at(scenario: Scenario, firms: Firms | DrawnFirms, workers: int) -> Iterator[tuple[Firms, Sequence[Estates]]]:
    """Blocks of firms in their order, with their estates; threads draw a few of them ahead."""
    if isinstance(firms, Firms):
        yield firms, list(estates_of(scenario, firms))
        return

    def look(rows: slice) -> tuple[Firms, Sequence[Estates]]:
        block = firms.take(rows)
        return block, list(estates_of(scenario, block))

    ahead: deque[Future[tuple[Firms, Sequence[Estates]]]] = deque()
    with ThreadPoolExecutor(max_workers=workers) as pool:
        try:
            for rows in firms.blocks():
                ahead.append(pool.submit(look, rows))
                if len(ahead) > workers:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()
