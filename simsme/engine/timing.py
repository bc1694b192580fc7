"""When things fall due: accruals on their days, and balances that pass on with a lag."""

from typing import NamedTuple

import numpy as np

from simsme.arithmetic import Lanes, exp, most, where
from simsme.engine.records import Clock

YEAR = 365.0
MONTH = 365.0 / 12.0
_NO_LAG = 1e-9


class Accrual(NamedTuple):
    """What falls due in the step and what goes on accruing."""

    due: Lanes
    accrued: Lanes


def fall_due(accrued: Lanes, amount: Lanes, day: Lanes, period: Lanes | float, clock: Clock) -> Accrual:
    """Split an accrual and the even flow of a step at the last due day in it.

    Parameters
    ----------
    accrued
        Accrued before the step.
    amount
        Accrues evenly over the step.
    day
        First due day, in (0, period].
    period
        Days between due days, longer than a step.
    clock
        The step.
    """
    latest = np.floor((clock.b - day) / period)
    falls = latest > np.floor((clock.a - day) / period)
    due_day = day + period * latest
    a_day = 1.0 / clock.h
    due = where(falls, accrued + amount * ((due_day - clock.a) * a_day), 0.0)
    left = where(falls, amount * ((clock.b - due_day) * a_day), accrued + amount)
    return Accrual(due, left)


def lagged(balance: Lanes, inflow: Lanes, lag_days: Lanes, h: float) -> Lanes:
    """Balance at the end of a step that loses 1/lag a day while an inflow arrives evenly: the exact solution, for any step.

    A lag of no days keeps nothing.
    """
    days = most(lag_days, _NO_LAG)
    kept = exp(-h / days)
    return where(lag_days > 0.0, balance * kept + inflow * (days * (1.0 / h) * (1.0 - kept)), 0.0)


def approach(h: float, days: Lanes) -> Lanes:
    """Share of a gap that closes in h days at the rate 1/days; all of it where days is 0."""
    return where(days > 0.0, 1.0 - exp(-h / most(days, _NO_LAG)), 1.0)
