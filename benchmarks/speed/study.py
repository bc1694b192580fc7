"""What is measured, one after another: the best array size of NumPy, both executions in turn, and how cost grows."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from simsme.execution import COMPILED, NUMPY
from speed.in_c import COMPILERS, compiler
from speed.measure import IN_C, NINE, SIX, WHOLE, Case, Measured, agree, demand_equal, described
from speed.stages import Shares, measure_stages_apart

THREADS = 2
COMPARED_DRAWS = 2
"""Draws in which firms are compared one by one between the engine and C; after that, what comes of all of them is."""

MEMORY_SHARE = 0.9
"""Share of the machine's memory that a run may be expected to take."""

COMPILED_TWO, NUMPY_BEST, COMPILED_ONE, NUMPY_WHOLE = "compiled", "NumPy at its best", "compiled, one thread", "NumPy, whole arrays"
C_TWO, C_ONE = "C, two threads", "C, one thread"
"""The executions, in the order in which they take turns."""


@dataclass(frozen=True)
class Size:
    """Number of draws, how many rounds the executions take turns, and how many of these whole arrays take part in."""

    draws: int
    rounds: int
    whole_rounds: int


@dataclass(frozen=True)
class Extent:
    """How much is measured.

    Attributes
    ----------
    firms
        In all but the runs that show how cost grows with firms. A power of two, so that arrays of NumPy are as large as they may be.
    sizes, fund_sizes
        Of the runs with six policies, and of those with public funds.
    lanes, search_draws
        Array sizes that NumPy is tried with, and on how many draws.
    growth_draws, growth_rounds, growth_firms, growth_weeks, growth_policies, growth_levers, growth_draw_numbers
        Runs that show how cost grows.
    """

    firms: int
    sizes: tuple[Size, ...]
    fund_sizes: tuple[Size, ...]
    lanes: tuple[int, ...]
    search_draws: int
    growth_draws: int
    growth_rounds: int
    growth_firms: tuple[int, ...]
    growth_weeks: tuple[int, ...]
    growth_policies: tuple[int, ...]
    growth_levers: tuple[int, ...]
    growth_draw_numbers: tuple[int, ...]


FULL = Extent(
    firms=8192,
    sizes=(Size(12, 2, 1), Size(122, 1, 0), Size(1221, 1, 0)),
    fund_sizes=(Size(12, 1, 0),),
    lanes=(2**13, 2**15, 2**16),
    search_draws=8,
    growth_draws=61,
    growth_rounds=1,
    growth_firms=(2048, 4096, 8192, 16384),
    growth_weeks=(13, 26, 52),
    growth_policies=(1, 2, 4, 6),
    growth_levers=(1, 2, 4, 8),
    growth_draw_numbers=(30, 61, 122, 244),
)
SHORT = replace(FULL, sizes=FULL.sizes[:2])
"""Up to a million firm paths, in six minutes: ten millions take NumPy twice as long again."""

QUICK = Extent(
    firms=8192,
    sizes=(Size(12, 1, 1),),
    fund_sizes=(Size(1, 1, 0),),
    lanes=(2**13,),
    search_draws=1,
    growth_draws=1,
    growth_rounds=0,
    growth_firms=(),
    growth_weeks=(),
    growth_policies=(),
    growth_levers=(),
    growth_draw_numbers=(),
)


@dataclass(frozen=True)
class Rounds:
    """Measurements of one size, by execution and round; ``skipped`` says of an execution why it is missing, where one is."""

    firms: int
    draws: int
    weeks: int
    policies: int
    by_execution: dict[str, list[Measured]]
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def paths(self) -> int:
        """Firms times draws."""
        return self.firms * self.draws

    def ratio(self, execution: str, to: str = COMPILED_TWO) -> float:
        """Median over rounds of the seconds of an execution against those of another."""
        pairs = zip(self.by_execution[execution], self.by_execution[to], strict=False)
        return median(one.seconds / other.seconds for one, other in pairs)

    def kernel_ratio(self, execution: str, to: str = COMPILED_TWO) -> float:
        """The same of the kernels alone."""
        pairs = zip(self.by_execution[execution], self.by_execution[to], strict=False)
        return median(one.kernel_seconds / other.kernel_seconds for one, other in pairs)

    def seconds(self, execution: str) -> float:
        """Median seconds of an execution."""
        return median(one.seconds for one in self.by_execution[execution])

    def speed(self, execution: str) -> float:
        """Million firm-weeks a second, in the median."""
        return median(one.speed for one in self.by_execution[execution])

    def peak_bytes(self, execution: str) -> int:
        """Most memory in any round."""
        return max(one.peak_bytes for one in self.by_execution[execution])


@dataclass(frozen=True)
class Findings:
    """All that was measured.

    Attributes
    ----------
    search, fund_search
        NumPy by array size and threads, six policies and nine.
    sizes, fund_sizes
        Executions in turn.
    firms, weeks, policies, levers, draws
        How the cost of the compiled execution grows: rounds of each.
    stages
        Where the time of runs goes.
    """

    search: list[Measured]
    fund_search: list[Measured]
    sizes: list[Rounds]
    fund_sizes: list[Rounds]
    firms: list[list[Measured]]
    weeks: list[list[Measured]]
    policies: list[list[Measured]]
    levers: list[list[Measured]]
    draws: list[list[Measured]]
    stages: list[Shares]


@dataclass
class Study:
    """Measures cases and lets none pass whose outcomes are not those of all earlier runs of the same world.

    Attributes
    ----------
    measure
        Runs a case.
    tell
        Told of each measurement in a line.
    clock
        Runs a case with a clock around every stage.
    compare
        Runs a case by the engine and in C, and raises `speed.measure.DifferenceError` where a firm does not end alike in both.
    """

    measure: Callable[[Case], Measured]
    tell: Callable[[str], None]
    clock: Callable[[Case], Shares] = measure_stages_apart
    compare: Callable[[Case], None] = agree
    seen: dict[object, Measured] = field(default_factory=dict)

    def run(self, case: Case) -> Measured:
        """Measure a case; raises `speed.measure.DifferenceError` where its outcomes are not those of an earlier run of the same world."""
        measured = self.measure(case)
        demand_equal(self.seen.setdefault(case.world, measured), measured)
        self.tell(f"{described(case)}: {measured.seconds:.2f} s, {measured.speed:.1f} M/s, {measured.peak_bytes / 2**20:.0f} MiB")
        return measured

    def find_best(self, extent: Extent, policies: tuple[str, ...]) -> list[Measured]:
        """Run NumPy at several array sizes, with one thread and more."""
        case = Case(NUMPY, 1, extent.firms, extent.search_draws, policies=policies)
        cases = [replace(case, lanes=lanes, threads=threads) for lanes in extent.lanes for threads in (1, THREADS)]
        # firms that share a fund are never cut into blocks, and a thread alone does not need two arrays
        least = extent.firms if policies == NINE else 0
        return [self.run(case) for case in cases if least <= case.lanes and case.lanes * case.threads <= max(case.paths, extent.lanes[0])]

    def take_turns(self, extent: Extent, size: Size, best: Case, earlier: Sequence[Rounds]) -> Rounds:
        """Run the executions one after another, and that again."""
        compiled = Case(COMPILED, THREADS, extent.firms, size.draws, policies=best.policies)
        cases = {COMPILED_TWO: compiled}
        skipped: dict[str, str] = {}
        if best.policies == SIX and compiler() is None:
            skipped[C_TWO] = skipped[C_ONE] = f"left out: there is no {' or '.join(COMPILERS)} here"
        elif best.policies == SIX:
            cases |= {C_TWO: replace(compiled, engine=IN_C), C_ONE: replace(compiled, engine=IN_C, threads=1)}
        cases |= {
            NUMPY_BEST: replace(best, draws=size.draws),
            COMPILED_ONE: replace(compiled, threads=1),
            NUMPY_WHOLE: replace(compiled, engine=NUMPY, threads=1, lanes=WHOLE),
        }
        reason = None if size.whole_rounds else "left out to save minutes"
        reason = reason or too_large([one for rounds in earlier for one in rounds.by_execution.get(NUMPY_WHOLE, [])], compiled)
        if reason is not None:
            skipped[NUMPY_WHOLE] = reason
        found: dict[str, list[Measured]] = {}
        for number in range(size.rounds):
            for execution, case in cases.items():
                if execution != NUMPY_WHOLE or (reason is None and number < size.whole_rounds):
                    found.setdefault(execution, []).append(self.run(case))
        return Rounds(extent.firms, size.draws, compiled.weeks, len(compiled.policies), found, skipped)

    def grow(self, cases: Sequence[Case], rounds: int) -> list[list[Measured]]:
        """Run cases in turn; the measurements of each."""
        turns = [[self.run(case) for case in cases] for _ in range(rounds)]
        return [list(of_case) for of_case in zip(*turns, strict=True)]

    def all(self, extent: Extent) -> Findings:
        """Measure everything."""
        # compiles where that is needed, so that nothing that is timed has to
        self.run(Case(COMPILED, 1, 256, 1))
        if compiler() is not None:
            self.compare(Case(IN_C, 1, extent.firms, COMPARED_DRAWS))
        search, fund_search = self.find_best(extent, SIX), self.find_best(extent, NINE)
        sizes: list[Rounds] = []
        for size in extent.sizes:
            sizes.append(self.take_turns(extent, size, best_of(search), sizes))
        fund_sizes: list[Rounds] = []
        for size in extent.fund_sizes:
            fund_sizes.append(self.take_turns(extent, size, best_of(fund_search), fund_sizes))
        base = Case(COMPILED, THREADS, extent.firms, extent.growth_draws)
        return Findings(
            search=search,
            fund_search=fund_search,
            sizes=sizes,
            fund_sizes=fund_sizes,
            firms=self.grow([replace(base, firms=firms) for firms in extent.growth_firms], extent.growth_rounds),
            weeks=self.grow([replace(base, weeks=weeks) for weeks in extent.growth_weeks], extent.growth_rounds),
            policies=self.grow([replace(base, policies=SIX[:number]) for number in extent.growth_policies], extent.growth_rounds),
            levers=self.grow([with_levers_in(base, number) for number in extent.growth_levers], extent.growth_rounds),
            draws=self.grow([replace(base, draws=draws) for draws in extent.growth_draw_numbers], extent.growth_rounds),
            stages=[
                self.clock(replace(base, draws=extent.sizes[0].draws, weeks=weeks, policies=policies))
                for policies, weeks in ((SIX, 13), (SIX, 52), (NINE, 52))
            ],
        )


def with_levers_in(case: Case, number: int) -> Case:
    """The case with the reference and one policy of so many levers."""
    return replace(case, policies=("none", f"levers-{number}"), levers=number)


def best_of(search: Sequence[Measured]) -> Case:
    """The case that was the fastest."""
    return min(search, key=lambda measured: measured.seconds).case


def too_large(smaller: Sequence[Measured], case: Case) -> str | None:
    """Why a case on whole arrays would not fit into memory, by what smaller ones took; None where it fits."""
    if not smaller:
        return None
    largest = max(smaller, key=lambda measured: measured.case.paths)
    expected = largest.peak_bytes / largest.case.paths * case.paths
    there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if expected <= MEMORY_SHARE * there:
        return None
    return f"would take some {expected / 2**30:.0f} GiB, as {largest.case.paths:,} paths took {largest.peak_bytes / 2**30:.1f}"


def tell_on_screen(line: str) -> None:
    """Write a line to standard error."""
    print(line, file=sys.stderr, flush=True)
