"""Statistics of survival and of draws: pure functions of arrays.

Every firm is observed to the end of the run, so nothing is censored and the share not yet affected is a weighted empirical
distribution, not a product-limit estimate. Bands over draws and the Monte Carlo error of the mean are different things and
never share a name: the band tells how far single draws lie apart, the error how far the mean over draws may lie from the mean
over infinitely many.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

LOW, HIGH = 0.05, 0.95
"""Quantiles over draws that bound a band."""


@dataclass(frozen=True)
class Estimate:
    """A mean over draws, the band of the draws and the error of the mean, elementwise.

    Attributes
    ----------
    mean, low, high
        Mean, 5th and 95th percentile over draws.
    mc_error
        Monte Carlo standard error of the mean; NaN where there is one draw.
    """

    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    mc_error: NDArray[np.float64]

    def __getitem__(self, index: Any) -> "Estimate":
        """Take a part of all four."""
        return Estimate(*(np.asarray(part[index]) for part in (self.mean, self.low, self.high, self.mc_error)))


def share_surviving(event_day: ArrayLike, weight: ArrayLike, days: ArrayLike) -> NDArray[np.float64]:
    """Weighted share of firms not yet affected at the end of each day.

    Parameters
    ----------
    event_day : array, (n,)
        Day on which each firm is affected; infinite where it never is.
    weight : array, (n,)
        Weights, not negative, not all zero.
    days : array, (T,)
        Days at which the curve is wanted, in any order.

    Returns
    -------
    ndarray, (T,)
        Share with ``event_day`` after the day; a right-continuous step function.
    """
    event, weights = np.asarray(event_day, dtype=np.float64), np.asarray(weight, dtype=np.float64)
    if event.ndim != 1 or event.shape != weights.shape:
        raise ValueError(f"event_day and weight must be of one length, not {event.shape} and {weights.shape}")
    if np.isnan(event).any():
        raise ValueError("event_day holds NaN; a firm that is never affected has an infinite day")
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
        raise ValueError("weights must be finite, not negative and not all zero")
    order = np.argsort(event, kind="stable")
    # what is left is summed from the last firm backwards, so that a curve that ends at nobody ends at exactly 0
    left = np.append(np.cumsum(weights[order][::-1])[::-1], 0.0)
    affected = np.searchsorted(event[order], np.asarray(days, dtype=np.float64), side="right")
    share: NDArray[np.float64] = left[affected] / left[0]
    return share


def restricted_mean_days(days: ArrayLike, survival: ArrayLike, horizon_day: float) -> NDArray[np.float64]:
    """Restricted mean survival time: the mean number of days before the event, counted up to a horizon.

    The area under the step function that keeps each value until the next day. Only for endpoints that absorb: a prevalence such
    as ``open`` has none.

    Parameters
    ----------
    days : array, (T,)
        Increasing days.
    survival : array, (..., T)
        Shares not yet affected.
    horizon_day : float
        Between the first and the last of `days`.

    Returns
    -------
    ndarray, (...)
        Days between the first of `days` and the horizon spent not yet affected.
    """
    edges, curve = np.asarray(days, dtype=np.float64), np.asarray(survival, dtype=np.float64)
    if edges.ndim != 1 or curve.shape[-1:] != edges.shape or not (np.diff(edges) > 0).all():
        raise ValueError("days must increase and match the last axis of survival")
    if not edges[0] <= horizon_day <= edges[-1]:
        raise ValueError(f"horizon day {horizon_day:g} outside the curve, {edges[0]:g} to {edges[-1]:g}")
    widths = np.diff(np.minimum(edges, horizon_day))
    area: NDArray[np.float64] = (curve[..., :-1] * widths).sum(axis=-1)
    return area


def at_risk(days: ArrayLike, survival: ArrayLike, weight: float, at_days: ArrayLike) -> NDArray[np.float64]:
    """Weighted number of firms not yet affected at the end of given days: the table under a survival curve.

    Parameters
    ----------
    days : array, (T,)
        Increasing days of the curve.
    survival : array, (..., T)
        Shares not yet affected.
    weight : float
        Total weight.
    at_days : array, (K,)
        Days of the table, none before the first of `days`.

    Returns
    -------
    ndarray, (..., K)
        Weighted numbers; those of the last day of the curve that is not later.
    """
    edges = np.asarray(days, dtype=np.float64)
    last = np.searchsorted(edges, np.asarray(at_days, dtype=np.float64), side="right") - 1
    if (last < 0).any():
        raise ValueError(f"the curve starts on day {edges[0]:g}, later than a day of the table")
    return np.asarray(survival, dtype=np.float64)[..., last] * weight


def over_draws(values: ArrayLike, axis: int) -> Estimate:
    """Mean, 5th and 95th percentile and Monte Carlo error over the axis of draws.

    Parameters
    ----------
    values : array, (..., D, ...)
        Finite numbers, at least one draw.
    axis : int
        The axis of draws, which the result no longer has.
    """
    numbers = np.asarray(values, dtype=np.float64)
    draws = numbers.shape[axis]
    if draws == 0:
        raise ValueError("no draws")
    if not np.isfinite(numbers).all():
        raise ValueError("values over draws must be finite")
    mean = np.asarray(numbers.mean(axis=axis))
    low, high = np.quantile(numbers, (LOW, HIGH), axis=axis)
    error = np.asarray(numbers.std(axis=axis, ddof=1)) / np.sqrt(draws) if draws > 1 else np.full_like(mean, np.nan)
    return Estimate(mean, np.asarray(low), np.asarray(high), error)


def differences(values: ArrayLike, reference: int) -> NDArray[np.float64]:
    """Each policy less the reference, draw by draw.

    Parameters
    ----------
    values : array, (P, D, ...)
        One value a policy and draw.
    reference : int
        Position of the reference on the first axis, whose differences are exactly 0.
    """
    numbers = np.asarray(values, dtype=np.float64)
    paired: NDArray[np.float64] = numbers - numbers[reference]
    return paired


def ratio_over_draws(numerator: ArrayLike, denominator: ArrayLike) -> Estimate:
    """Ratio of two sums over draws, with the error of a ratio by the delta method.

    Parameters
    ----------
    numerator, denominator : array, (D,)
        One pair a draw, denominators not negative.

    Returns
    -------
    Estimate
        ``mean`` is the ratio of the sums; ``low`` and ``high`` are percentiles of the ratios of those draws that have a denominator.
        All NaN where no draw has one.
    """
    top, bottom = _pairs(numerator, denominator)
    draws, total = bottom.size, float(bottom.sum())
    if total == 0:
        nothing = np.asarray(np.nan)
        return Estimate(nothing, nothing, nothing, nothing)
    ratio = float(top.sum()) / total
    single = top[bottom > 0] / bottom[bottom > 0]
    low, high = np.quantile(single, (LOW, HIGH))
    # the residuals of the ratio have mean zero by construction
    error = np.sqrt(np.sum((top - ratio * bottom) ** 2) / (draws - 1) / draws) / (total / draws) if draws > 1 else np.nan
    return Estimate(np.asarray(ratio), np.asarray(low), np.asarray(high), np.asarray(error))


def fieller_interval(numerator: ArrayLike, denominator: ArrayLike, critical: float) -> tuple[float, float]:
    """Confidence interval of the ratio of two means over draws, by Fieller's theorem.

    Parameters
    ----------
    numerator, denominator : array, (D,)
        One pair a draw.
    critical : float
        Quantile of Student's t with D - 1 degrees of freedom.

    Returns
    -------
    low, high : float
        NaN where there is one draw, or where the interval of the denominator's mean holds zero, so that the ratio is unbounded.

    References
    ----------
    Fieller, E. C. (1954), Some problems in interval estimation, Journal of the Royal Statistical Society B 16, 175-185.
    """
    top, bottom = _pairs(numerator, denominator)
    draws = top.size
    if draws < 2:
        return float("nan"), float("nan")
    up, down = float(top.mean()), float(bottom.mean())
    # covariances of the means; the interval is where the quadratic a r^2 - 2 b r + c is not positive
    (var_up, cov), (_, var_down) = np.cov(top, bottom, ddof=1) / draws
    a, b, c = down**2 - critical**2 * var_down, up * down - critical**2 * cov, up**2 - critical**2 * var_up
    if a <= 0:
        return float("nan"), float("nan")
    root = float(np.sqrt(max(b * b - a * c, 0.0)))
    return float((b - root) / a), float((b + root) / a)


def _pairs(numerator: ArrayLike, denominator: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    top, bottom = np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    if top.ndim != 1 or top.shape != bottom.shape or top.size == 0:
        raise ValueError(f"numerator and denominator must be of one length, at least 1, not {top.shape} and {bottom.shape}")
    if not (np.isfinite(top).all() and np.isfinite(bottom).all()):
        raise ValueError("values over draws must be finite")
    return top, bottom
