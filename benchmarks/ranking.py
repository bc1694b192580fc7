"""How well a score ranks firms by who failed: areas under ROC curves, and intervals from resamples of firms. Pure functions of arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]

REPETITIONS = 1000
"""Resamples of firms behind every interval."""

SEED = 0
"""Of the resamples, and of the order of firms with equal scores where firms are put into classes."""


@dataclass(frozen=True)
class Estimate:
    """A number found in the sample, and the middle 95 % of what resamples of firms give for it (percentile bootstrap).

    Attributes
    ----------
    value
        In the sample itself.
    low, high
        The 2.5th and the 97.5th percentile over the resamples.
    """

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Floats) -> "Estimate":
        """From the value in the sample, which comes first, and those in the resamples, (1 + repetitions,)."""
        low, high = np.nanquantile(values[1:], [0.025, 0.975])
        return cls(float(values[0]), float(low), float(high))

    @property
    def text(self) -> str:
        """For a level, with three decimals."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"

    @property
    def gap_text(self) -> str:
        """For a difference, with its sign."""
        return f"{self.value:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"

    def side(self, of: float = 0.0) -> int:
        """1 where the whole interval lies above a number, -1 where below, 0 where it holds it."""
        return int(self.low > of) - int(self.high < of)


def resamples(firms: int, repetitions: int = REPETITIONS) -> Counts:
    """How often each firm is in the sample itself (once) and in resamples with replacement, (1 + repetitions, n).

    They are the same for every score, so that differences between scores are paired.
    """
    drawn = np.random.default_rng(SEED).multinomial(firms, np.full(firms, 1.0 / firms), size=repetitions)
    return np.concatenate([np.ones((1, firms), dtype=np.int64), drawn.astype(np.int64)])


def areas(score: Floats, failed: Flags, counts: Counts, strata: Counts | None = None) -> Floats:
    """Area under the ROC curve in each resample: the chance that a failed firm scores above another, ties counting half.

    Parameters
    ----------
    score
        Higher is riskier, (n,).
    failed
        Who failed, (n,).
    counts
        How often each firm is in each resample, (r, n).
    strata
        Number of each firm's class, (n,): only pairs within a class are compared. All pairs where not given.

    Returns
    -------
    numpy.ndarray
        Areas, (r,); NaN in a resample without a pair to compare.
    """
    classes = np.zeros(len(score), dtype=np.int64) if strata is None else strata
    won, pairs = np.zeros(len(counts)), np.zeros(len(counts))
    for number in np.unique(classes):
        rows = np.flatnonzero(classes == number)
        rows = rows[np.argsort(score[rows], kind="stable")]
        first = np.flatnonzero(np.r_[True, np.diff(score[rows]) > 0.0])
        here, bad = counts[:, rows], failed[rows]
        failed_at = np.add.reduceat(here * bad, first, axis=1).astype(np.float64)
        lived_at = np.add.reduceat(here * ~bad, first, axis=1).astype(np.float64)
        won += (failed_at * (np.cumsum(lived_at, axis=1) - 0.5 * lived_at)).sum(axis=1)
        pairs += failed_at.sum(axis=1) * lived_at.sum(axis=1)
    return np.where(pairs > 0.0, won / np.where(pairs > 0.0, pairs, 1.0), np.nan)


def failed_share(failed: Flags, counts: Counts, rows: Flags) -> Floats:
    """Share of some firms, (n,) of them marked, that failed in each resample, (r,); NaN where none of them is in it."""
    inside = counts[:, rows]
    number = inside.sum(axis=1)
    return np.where(number > 0, (inside * failed[rows]).sum(axis=1) / np.maximum(number, 1), np.nan)


def classes_of(score: Floats, number: int) -> Counts:
    """Put firms into classes of equal size by their score, 0 the lowest, (n,).

    Firms with equal scores stand in an order that is drawn, because that of the file knows who failed.
    """
    place = np.empty(len(score), dtype=np.int64)
    place[np.lexsort((np.random.default_rng(SEED).permutation(len(score)), score))] = np.arange(len(score))
    return place * number // len(score)


def jackknife_error(left_out: Sequence[float]) -> float:
    """Standard error of a number from its values with one part of the material left out at a time; NaN for fewer than two parts."""
    values = np.array(left_out)
    if len(values) < 2:
        return float("nan")
    return float(np.sqrt((len(values) - 1) * np.mean((values - values.mean()) ** 2)))


def logistic_score(failed: Flags, columns: Sequence[Floats]) -> Floats:
    """Score of a logistic regression on who failed, in the sample it was fitted to, (n,)."""
    design = np.column_stack([np.ones(len(failed)), *((column - column.mean()) / column.std() for column in columns)])
    weights = np.zeros(design.shape[1])
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-design @ weights))
        curvature = (design * (chance * (1.0 - chance))[:, None]).T @ design
        weights = weights + np.linalg.solve(curvature, design.T @ (failed - chance))
    score: Floats = design @ weights
    return score
