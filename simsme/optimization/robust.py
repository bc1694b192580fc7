"""By what a mix of levers is judged where several worlds are possible: its mean, its largest regret, or its worst tenth of the worlds."""

import math

import numpy as np
from numpy.typing import NDArray

CRITERIA = ("mean", "regret", "worst-decile")
"""``mean``: mean over worlds. ``regret``: how far a mix falls behind the best affordable one, in the world in which it falls behind most;
the smaller, the better. ``worst-decile``: mean over the tenth of the worlds in which the mix saves least (at least one world)."""


def scores(criterion: str, values: NDArray[np.float64], benchmark: NDArray[np.float64]) -> NDArray[np.float64]:
    """Judge mixes: the higher, the better.

    Parameters
    ----------
    criterion : str
        One of `CRITERIA`.
    values : ndarray, (M, W)
        What each mix saves in each world.
    benchmark : ndarray, (W,)
        The most that any affordable mix saves in each world; only for regret.

    Returns
    -------
    ndarray, (M,)
        In units saved; regret with the sign turned, so that 0 is the best there can be.
    """
    if criterion == "regret":
        behind: NDArray[np.float64] = -(benchmark - values).max(axis=1)
        return behind
    if criterion == "worst-decile":
        worst: NDArray[np.float64] = np.sort(values, axis=1)[:, : math.ceil(values.shape[1] / 10)].mean(axis=1)
        return worst
    if criterion != "mean":
        raise ValueError(f"no criterion {criterion!r}; there is {', '.join(CRITERIA)}")
    mean: NDArray[np.float64] = values.mean(axis=1)
    return mean


def judged_by_draw(criterion: str, saved: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Judge mixes, and how each draw moves the judgement.

    Parameters
    ----------
    criterion : str
        One of `CRITERIA`.
    saved : ndarray, (M, W, D)
        What each mix saves in each world and draw. The best of these mixes in a world is the benchmark of regret.

    Returns
    -------
    score : ndarray, (M,)
        Criterion of the means over draws.
    pseudo : ndarray, (M, D)
        Jackknife pseudo-values over draws. The standard error of their mean is the Monte Carlo error of the score, and that of a
        difference of two rows the error of a paired difference; for the mean over worlds they are the means over worlds, draw by draw.

    References
    ----------
    Efron, B., Stein, C. (1981), The jackknife estimate of variance, The Annals of Statistics 9, 586-596.
    """
    draws = saved.shape[2]
    total = saved.sum(axis=2)
    score = _score(criterion, total / draws)
    if draws == 1:
        return score, score[:, None]
    without = np.stack([_score(criterion, (total - saved[:, :, d]) / (draws - 1)) for d in range(draws)], axis=1)
    return score, draws * score[:, None] - (draws - 1) * without


def _score(criterion: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    return scores(criterion, values, values.max(axis=0))
