"""95 % intervals of what draws have shown, which say something even where no draw had it, or every one.

A standard error is 0 there, which would make sure what a handful of draws has shown.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

NORMAL_95 = 1.959963984540054
"""Half the width of a 95 % interval in standard errors."""

TAIL = 0.025
"""Chance that is left out on either side."""

FEWEST_TOLD = 6
"""Draws in which something has to be better, and none in which it is worse, before luck would show that in fewer than `TAIL` of cases."""


class Interval(NamedTuple):
    """Both ends, elementwise."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]


def share_interval(share: ArrayLike, draws: int) -> Interval:
    """Interval of a chance from the share of draws that had it (Wilson 1927), elementwise."""
    p = np.asarray(share, dtype=np.float64)
    squared = NORMAL_95**2 / draws
    middle = (p + squared / 2.0) / (1.0 + squared)
    half = NORMAL_95 / (1.0 + squared) * np.sqrt(p * (1.0 - p) / draws + squared / (4.0 * draws))
    return Interval(np.where(p > 0.0, np.maximum(middle - half, 0.0), 0.0), np.where(p < 1.0, np.minimum(middle + half, 1.0), 1.0))


def gain_interval(better: ArrayLike, worse: ArrayLike, draws: int) -> Interval:
    """Interval of a gain in chance between two paired runs, elementwise.

    The gain is the share of draws that are better less the share that are worse. Their Wilson intervals are put together as Newcombe (1998,
    Statistics in Medicine 17, 2635-2650) does for paired shares; where the sign test cannot tell the gain from luck, see
    :func:`beyond_chance`, the interval holds 0 in any case.

    Parameters
    ----------
    better, worse
        Whole numbers of draws.
    draws
        Number of draws.
    """
    ups, downs = np.asarray(better, dtype=np.int64), np.asarray(worse, dtype=np.int64)
    up, down = ups / draws, downs / draws
    of_up, of_down, gain = share_interval(up, draws), share_interval(down, draws), up - down
    # what is better in a draw is not worse in it: the two shares go against each other
    spread = np.sqrt(up * (1.0 - up) * down * (1.0 - down))
    against = np.divide(up * down, spread, out=np.zeros(np.shape(gain)), where=spread > 0.0)

    def reach(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
        reached: NDArray[np.float64] = np.sqrt(one**2 + other**2 + 2.0 * against * one * other)
        return reached

    low = np.maximum(gain - reach(up - of_up.low, of_down.high - down), -1.0)
    high = np.minimum(gain + reach(of_up.high - up, down - of_down.low), 1.0)
    low = np.where(beyond_chance(ups, downs), low, np.minimum(low, 0.0))
    return Interval(low, np.where(beyond_chance(downs, ups), high, np.maximum(high, 0.0)))


def beyond_chance(better: ArrayLike, worse: ArrayLike) -> NDArray[np.bool_]:
    """Whether draws tell that something is better, elementwise: the exact sign test on the draws that differ, one-sided at `TAIL`.

    Of m draws that differ, luck alone would make s or more better with the chance that a fair coin shows s heads or more in m throws. With
    fewer than `FEWEST_TOLD` draws nothing can be told.
    """
    ups, downs = np.asarray(better, dtype=np.int64), np.asarray(worse, dtype=np.int64)
    differ = ups + downs
    told: NDArray[np.bool_] = ups >= _heads_needed(int(differ.max(initial=0)))[differ]
    return told


def _heads_needed(throws: int) -> NDArray[np.int64]:
    """Fewest heads in 0, 1, ... throws that a fair coin reaches or passes in no more than `TAIL` of cases."""
    from scipy.special import bdtrc

    m = np.arange(throws + 1, dtype=np.intp)
    # the normal approximation is never off by more than a few; bdtrc is the chance of more than so many heads
    tried = np.maximum(np.ceil(m / 2.0 + NORMAL_95 / 2.0 * np.sqrt(m)).astype(np.int64)[:, None] + np.arange(-2, 5), 0)
    rare = (bdtrc(np.minimum(tried, m[:, None] + 1) - 1.0, m[:, None], 0.5) <= TAIL) & (2 * tried > m[:, None])
    needed: NDArray[np.int64] = tried[m, rare.argmax(axis=1)]
    return np.maximum(needed, 1)


class Ranks(NamedTuple):
    """Ranks, from 1, of a quantile among ordered draws and of its interval's ends; an end is None where there are too few draws for it."""

    of: int
    low: int | None
    high: int | None


def quantile_ranks(share: float, draws: int) -> Ranks:
    """Ranks of the quantile below which a share of draws lies."""
    spread = NORMAL_95 * math.sqrt(draws * share * (1.0 - share))
    low, high = math.floor(share * draws - spread), math.ceil(share * draws + spread) + 1
    return Ranks(max(math.ceil(share * draws), 1), low if low >= 1 else None, high if high <= draws else None)
