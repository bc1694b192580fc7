"""Monte Carlo errors of a portfolio: of totals, over draws; of what is no mean, by leaving out a part of the draws at a time."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from simsme.portfolio.by_draw import ByDraw

Floats = NDArray[np.float64]


def error_of_mean(by_draw: Floats) -> float | None:
    """Standard error of a mean over draws, (d,); None from one draw, or of one number."""
    return float(by_draw.std(ddof=1) / np.sqrt(by_draw.size)) if by_draw.size > 1 else None


def error_of_ratio(above: Floats, below: Floats) -> float | None:
    """Standard error of the ratio of two means over the same draws, (d,) each, by its slope; None where there is none."""
    share = above.mean() / below.mean() if below.mean() > 0.0 else None
    return None if share is None else error_of_mean((above - share * below) / below.mean())


def losses_by_draw(by_draw: ByDraw, loss_given_default: Floats) -> Floats:
    """What firms of each industry lose in each draw, (d, j), such that the mean is that of the firms' expected losses.

    An expected loss is a mean chance times the mean loss given default. Where the latter differs between draws, what it adds to the error
    of the product goes by the mean loans.

    Parameters
    ----------
    by_draw
        What was counted.
    loss_given_default : (d,) or (1,)
        Share of a loan that is lost with a firm.
    """
    mean = loss_given_default.mean()
    losses: Floats = mean * by_draw.loans_gone + (loss_given_default - mean)[:, None] * by_draw.loans_gone.mean(axis=0)
    return losses


def error_of_money(sums: NDArray[np.int64], unit: Floats, draws: int) -> Floats:
    """Standard error of mean money, (n,), from sums over draws of whole units and of their squares, (2, n); NaN from one draw."""
    if draws < 2:
        return np.full(sums.shape[1], np.nan)
    total, squares = sums.astype(np.float64)
    error: Floats = np.sqrt(np.maximum(squares - total * (total / draws), 0.0) / (draws - 1) / draws) * unit
    return error


def jackknife(by_draw: ByDraw, statistic: Callable[[int], Sequence[float]]) -> list[float | None]:
    """Standard errors of statistics that are no means over draws, by the jackknife that leaves out a part of the draws at a time.

    Parameters
    ----------
    by_draw
        Whose parts.
    statistic
        The statistics, from all draws but those of a part.

    Returns
    -------
    list of float or None
        One for each; None where there is one part.

    References
    ----------
    Quenouille (1956), Biometrika 43, 353-360; Efron and Tibshirani (1993), An introduction to the bootstrap, chapter 11.
    """
    parts = len(by_draw.gone)
    values = np.array([statistic(part) for part in range(parts)], dtype=np.float64)
    if parts < 2:
        return [None] * values.shape[1]
    errors = np.sqrt((parts - 1) / parts * ((values - values.mean(axis=0)) ** 2).sum(axis=0))
    return [float(error) for error in errors]
