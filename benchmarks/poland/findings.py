"""What the page is written from: the file, the runs, and the areas of all scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from ranking import Counts, Flags, Floats, areas, jackknife_error, resamples

from poland.firms import ARITHMETIC, CASH_MARGIN, CASH_PROFIT, RECORDED, RUNWAY, baselines, failed_of
from poland.simulated import CASH_OUT, EXIT, HORIZON, Simulated, Variant

P_CASH, P_EXIT = f"simulated P(cash out by day {HORIZON})", f"simulated P(exit by day {HORIZON})"
ONE_CASH, ONE_EXIT = "P(cash out) from one filling", "P(exit) from one filling"
RECORDED_NAMES = tuple(RECORDED)
SHORT = {
    RUNWAY: "bare runway",
    CASH_MARGIN: "cash plus margin",
    CASH_PROFIT: "cash plus operating profit",
    ARITHMETIC: "the arithmetic",
    P_CASH: "P(cash out)",
    P_EXIT: "P(exit)",
    ONE_CASH: ONE_CASH,
    ONE_EXIT: ONE_EXIT,
}
"""Scores as sentences name them."""


@dataclass(frozen=True)
class Findings:
    """The file, the runs, and what follows from both.

    Attributes
    ----------
    data
        The file.
    digest
        Of the file's content.
    shipped
        The scenario as shipped, many fillings.
    single
        As many draws in all from one filling.
    variants
        Changed scenarios and readings of the file, each with the first fillings of ``shipped``.
    """

    data: pd.DataFrame
    digest: str
    shipped: Simulated
    single: Simulated
    variants: tuple[tuple[Variant, Simulated], ...]

    @cached_property
    def failed(self) -> Flags:
        """Who went bankrupt, (n,)."""
        return failed_of(self.data)

    @cached_property
    def counts(self) -> Counts:
        """Resamples of firms, (1 + repetitions, n)."""
        return resamples(len(self.data))

    @cached_property
    def scores(self) -> dict[str, Floats]:
        """All scores by name, riskier is higher, (n,)."""
        return baselines(self.data) | {
            P_CASH: self.shipped.chance(CASH_OUT),
            P_EXIT: self.shipped.chance(EXIT),
            ONE_CASH: self.single.chance(CASH_OUT),
            ONE_EXIT: self.single.chance(EXIT),
        }

    @cached_property
    def found(self) -> dict[str, Floats]:
        """Area of every score in the sample and in the resamples, (1 + repetitions,)."""
        return {name: self.area(score) for name, score in self.scores.items()}

    def area(self, score: Floats, rows: Flags | None = None, strata: Counts | None = None) -> Floats:
        """Area of a score in the sample and in the resamples, (1 + repetitions,); of all firms, or of those that are marked."""
        here = np.ones(len(score), dtype=bool) if rows is None else rows
        return areas(score[here], self.failed[here], self.counts[:, here], None if strata is None else strata[here])

    def sample_area(self, name: str, fillings: Sequence[int]) -> float:
        """Area of a simulated share in the sample alone, averaged over some fillings."""
        return float(areas(self.shipped.chance(name, fillings), self.failed, self.counts[:1])[0])

    def monte_carlo_error(self, name: str) -> float:
        """Standard error of the area of a simulated share for the luck of fillings and draws; NaN with one filling."""
        every = range(self.shipped.fillings)
        return jackknife_error([self.sample_area(name, [k for k in every if k != out]) for out in every if len(every) > 1])
