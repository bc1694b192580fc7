"""A box: limits of a few features, and what lies inside."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsme.discovery.features import Cases, Category, Numeric

CRITICAL = 1.96
"""Quantile of the normal distribution that bounds a two-sided 95 % interval."""


@dataclass(frozen=True)
class Restriction:
    """A restriction of one feature.

    Attributes
    ----------
    feature
        Its position among the features.
    low, high
        ``low <= value < high`` of a number; infinite where open.
    kinds
        Codes that are inside, of a category; None of a number.
    """

    feature: int
    low: float = -math.inf
    high: float = math.inf
    kinds: frozenset[int] | None = None

    def holds(self, cases: Cases) -> NDArray[np.bool_]:
        """Cases that keep to it, (n,)."""
        feature = cases.features[self.feature]
        if isinstance(feature, Numeric):
            # what is infinite is inside an open upper end
            upper = np.ones(len(cases), dtype=np.bool_) if math.isinf(self.high) else feature.values < self.high
            return np.asarray((feature.values >= self.low) & upper)
        return np.isin(feature.codes, sorted(self.kinds or ()))

    def said(self, cases: Cases) -> str:
        """The restriction in words."""
        feature = cases.features[self.feature]
        if isinstance(feature, Category):
            return feature.said([feature.kinds[code] for code in sorted(self.kinds or ())])
        return feature.said(self.low, self.high)


Box = tuple[Restriction, ...]
"""Restrictions that all have to hold, one a feature at the most."""


@dataclass(frozen=True)
class Share:
    """A share with its standard error over cases.

    Attributes
    ----------
    value, error
        The share and its standard error.
    count
        Number of cases behind it.
    """

    value: float
    error: float
    count: int

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval, see `_interval`."""
        return self._interval()[0]

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval, see `_interval`."""
        return self._interval()[1]

    def _interval(self) -> tuple[float, float]:
        """Wilson's interval, which stays in [0, 1] and has a width at 0 and 1, for as many cases as would have this error."""
        if self.count == 0:
            return 0.0, 1.0
        share, square = self.value, CRITICAL**2
        cases = share * (1.0 - share) / self.error**2 if self.error > 0.0 and 0.0 < share < 1.0 else float(self.count)
        middle = (share + square / (2.0 * cases)) / (1.0 + square / cases)
        half = CRITICAL * math.sqrt(share * (1.0 - share) / cases + square / (4.0 * cases**2)) / (1.0 + square / cases)
        return max(middle - half, 0.0), min(middle + half, 1.0)


@dataclass(frozen=True)
class Measured:
    """How good a box is on some cases.

    Attributes
    ----------
    coverage
        Share of all that is looked for that lies inside the box.
    density
        Share of the cases inside the box in which it happens.
    mass, mass_share
        Share of the cases that lie inside the box; the same with its error.
    overall, overall_share
        Share of all cases in which it happens; the same with its error.
    count
        Number of cases inside, unweighted.
    score
        By how many standard errors the density inside lies above that outside, errors as they are where the box means nothing (all cases
        alike), among the cases that could lie inside; 0 where one of the two is empty.
    """

    coverage: Share
    density: Share
    mass: float
    overall: float
    count: int
    score: float
    mass_share: Share
    overall_share: Share


def inside(box: Box, cases: Cases) -> NDArray[np.bool_]:
    """Cases inside a box, (n,)."""
    found = np.ones(len(cases), dtype=np.bool_)
    for restriction in box:
        found &= restriction.holds(cases)
    return found


def measure(box: Box, cases: Cases, among: NDArray[np.bool_] | None = None) -> Measured:
    """Measure a box.

    Errors are those of sampling cases (ratios of weighted sums by the delta method). They hold for a box that was found on others.

    Parameters
    ----------
    box, cases
        What to measure, and on what.
    among
        Cases that may lie in the box, (n,): those outside the boxes that came before. Coverage and overall are of all cases.
    """
    found = inside(box, cases) if among is None else inside(box, cases) & among
    happens, weight = cases.weight * cases.outcome, cases.weight
    coverage = _ratio(happens * found, happens)
    density = _ratio(happens * found, weight * found)
    mass, overall = _ratio(weight * found, weight), share_of_all(cases)
    # a later box is held against the cases that the boxes before it have left
    rest = cases if among is None else cases.part(among)
    score = _score(found if among is None else found[among], rest)
    return Measured(coverage, density, mass.value, overall.value, int(found.sum()), score, mass, overall)


def share_of_all(cases: Cases) -> Share:
    """Share of all cases in which it happens."""
    return _ratio(cases.weight * cases.outcome, cases.weight)


def _score(found: NDArray[np.bool_], cases: Cases) -> float:
    """Difference of the densities inside and outside, over its standard error where the box means nothing."""
    weight, outcome = cases.weight, cases.outcome
    within, without = float(weight[found].sum()), float(weight[~found].sum())
    overall = float((weight * outcome).sum()) / (within + without)
    variance = float((weight * (outcome - overall) ** 2).sum()) / (within + without)
    if within == 0.0 or without == 0.0 or variance == 0.0:
        return 0.0
    rise = float((weight * outcome)[found].sum()) / within - float((weight * outcome)[~found].sum()) / without
    return rise / math.sqrt(variance * (float((weight[found] ** 2).sum()) / within**2 + float((weight[~found] ** 2).sum()) / without**2))


def _ratio(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> Share:
    total, count = float(bottom.sum()), int((bottom > 0.0).sum())
    if total == 0.0:
        return Share(0.0, 0.0, 0)
    value = float(top.sum()) / total
    residual = top - value * bottom
    return Share(value, math.sqrt(float((residual**2).sum())) / total, count)
