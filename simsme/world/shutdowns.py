"""Unscheduled shutdowns: a renewal process of gaps and lengths, the same whatever the step."""

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Lanes, log
from simsme.engine.records import Clock
from simsme.streams import Keys, uniforms_pair

YEAR = 365.0


def shutdown_shares(
    seed: int,
    draws: NDArray[np.uint64],
    keys: Keys,
    steps: tuple[Clock, ...],
    from_day: float,
    until_day: float,
    rate_per_year: Lanes,
    mean_days: Lanes,
) -> Lanes:
    """Part of each step that is lost to shutdowns, (step, draw, firm).

    Parameters
    ----------
    seed, draws, keys
        Of the random stream; draws are (d, 1).
    steps
        The run's steps.
    from_day, until_day
        Shutdowns begin between these days; one that has begun goes on to its end.
    rate_per_year
        Shutdowns per year of running; scalar or (d, 1).
    mean_days
        Mean length of one; scalar or (d, 1).
    """
    shape = np.broadcast_shapes(draws.shape, keys.shape)
    lost = np.zeros((len(steps), *shape))
    end = np.full(shape, float(from_day))
    gap_days = YEAR / np.maximum(rate_per_year, 1e-12)
    event = 0
    while True:
        gap, length = uniforms_pair(seed, draws, keys, event, "shutdown")
        start = end - gap_days * log(gap)
        end = np.minimum(start - mean_days * log(length), 1e12)
        begins = start < until_day
        if not begins.any():
            return lost
        for number, clock in enumerate(steps):
            days = np.maximum(np.minimum(end, clock.b) - np.maximum(start, clock.a), 0.0)
            lost[number] += np.where(begins, days, 0.0) / clock.h
        event += 1
