"""Means and ratios with their standard errors."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Estimate = tuple[float, float]
"""A number and its standard error."""


def mean_of_draws(by_draw: Floats) -> Estimate:
    """Mean over draws and its Monte Carlo error; the error is 0 with one draw."""
    error = float(by_draw.std(ddof=1)) / float(np.sqrt(len(by_draw))) if len(by_draw) > 1 else 0.0
    return float(by_draw.mean()), error


def mean_percent(values: Floats) -> Estimate:
    """Mean over firms in percent, and its error for the luck of which were drawn."""
    return 100.0 * float(values.mean()), 100.0 * float(values.std(ddof=1)) / float(np.sqrt(len(values)))


def ratio_percent(parts: Floats, wholes: Floats) -> Estimate:
    """Sum over sum in percent, and its error for the luck of which firms were drawn."""
    ratio = float(parts.sum() / wholes.sum())
    error = float(np.sqrt(np.square(parts - ratio * wholes).sum())) / float(wholes.sum())
    return 100.0 * ratio, 100.0 * error
