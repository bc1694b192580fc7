"""How many draws a precision takes, and how precise a run turned out to be.

The error is the Monte Carlo standard error of a paired difference to the reference in the share of firms that are not gone for good, on
the headline day, and the largest over policies counts. A run for a precision has two stages: a pilot fixes the number of draws, and the
others follow. The number is not looked at again, so that nothing is gained by stopping at a lucky moment (Stein 1945).

References
----------
Stein, C. (1945), A two-sample test for a linear hypothesis whose power is independent of the variance, Annals of Mathematical Statistics
16, 243-258.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.costs import critical_value
from simsme.outcomes import HasOutcomes, Outcomes, outcomes_of
from simsme.survival import differences, over_draws

SURE = 0.95
"""How sure it is to be that the error, measured again with all draws, is below what was asked: the pilot knows it only roughly."""

POWER = 0.80
"""Chance with which the smallest difference that a run can tell from zero is told from zero."""

BY_DRAWS, BY_PILOT, BY_PRECISION, BY_MOST = "draws", "pilot", "precision", "max_draws"
"""What ended a run: its number of draws was given, the pilot was precise enough, the precision was reached, no more draws were allowed."""


def draws_wanted(pilot: NDArray[np.float64], precision: float, most: int) -> int:
    """Number of draws that a run for a precision takes, those of the pilot among them.

    Parameters
    ----------
    pilot : ndarray, (P, D)
        Difference of each policy to the reference in each draw of the pilot, D at least 2.
    precision : float
        The error wanted, in shares of firms.
    most : int
        No more than this, but never less than the pilot.

    Returns
    -------
    int
        D where the error of the pilot is small enough. Otherwise the variance of the pilot is taken at the upper end of its one-sided 95 %
        interval (that of a normal distribution), which takes a quarter more draws after a pilot of 100.
    """
    from scipy.special import chdtri

    draws = int(pilot.shape[1])
    variance = float(np.max(pilot.var(axis=1, ddof=1), initial=0.0))
    if variance <= draws * precision**2:
        return draws
    upper = variance * (draws - 1) / float(chdtri(draws - 1, SURE))
    return max(draws, min(most, math.ceil(upper / precision**2)))


@dataclass(frozen=True)
class Precision:
    """How precise a run turned out to be, and what ended it.

    Attributes
    ----------
    wanted
        The error that was asked for, in shares of firms; None where the number of draws was given.
    max_draws
        The most draws allowed; None with `wanted`.
    pilot_draws
        Draws of the pilot; None with `wanted`.
    draws
        Draws in all.
    ended_by
        `BY_DRAWS`, `BY_PILOT`, `BY_PRECISION` or `BY_MOST`.
    largest_error
        Largest Monte Carlo standard error of a paired difference in ``exit`` on the headline day; None with one draw or one policy.
    policy
        The policy that has it; None with `largest_error`.
    detectable
        Smallest true difference that the run could tell from zero, see `smallest_difference`; None with `largest_error`.
    """

    wanted: float | None
    max_draws: int | None
    pilot_draws: int | None
    draws: int
    ended_by: str
    largest_error: float | None
    policy: str | None
    detectable: float | None

    @property
    def json(self) -> dict[str, Any]:
        """As one JSON object."""
        return dict(vars(self))

    @property
    def words(self) -> str:
        """In a sentence or two, errors in percentage points; empty where there is nothing to compare."""
        if self.largest_error is None or self.detectable is None:
            return ""
        error, smallest = _points(self.largest_error), _points(self.detectable)
        size = f"the Monte Carlo error of the differences in exit is at most {error} points ({self.policy})"
        told = f"A true difference of {smallest} points would be told from zero with a chance of {100 * POWER:.0f} %."
        if self.wanted is None:
            return f"With these {self.draws:,} draws {size}. {told}"
        wanted = f"{_points(self.wanted)} asked for"
        if self.ended_by == BY_PILOT:
            return f"The {self.draws:,} draws of the pilot are enough: {size}, {wanted}. {told}"
        if self.ended_by == BY_PRECISION:
            return f"After a pilot of {self.pilot_draws:,} draws {self.draws:,} were run for the precision: {size}, {wanted}. {told}"
        return f"Ended by the limit of {self.max_draws:,} draws (--max-draws) and not by the precision: {size}, {wanted}. {told}"


def precision_of(
    source: Outcomes | HasOutcomes, *, wanted: float | None = None, max_draws: int | None = None, pilot_draws: int | None = None
) -> Precision:
    """Return how precise a run turned out to be.

    Parameters
    ----------
    source
        What happened.
    wanted, max_draws, pilot_draws
        What was asked for; None where the number of draws was given.
    """
    outcomes = outcomes_of(source)
    draws, ended_by = outcomes.draws, BY_DRAWS
    worst: int | None = None
    errors = over_draws(paired_exits(outcomes), axis=1).mc_error
    if draws > 1 and len(outcomes.policies) > 1:
        worst = int(np.argmax(errors))
    largest = None if worst is None else float(errors[worst])
    if wanted is not None:
        reached = largest is None or largest <= wanted
        ended_by = BY_PILOT if draws == pilot_draws and reached else BY_MOST if draws == max_draws and not reached else BY_PRECISION
    return Precision(
        wanted,
        max_draws,
        pilot_draws,
        draws,
        ended_by,
        largest,
        None if worst is None else outcomes.policies[worst],
        None if largest is None else smallest_difference(largest, draws),
    )


def paired_exits(outcomes: Outcomes) -> NDArray[np.float64]:
    """Difference of each policy to the reference in the share of firms not gone for good on the headline day, (P, D)."""
    return differences(outcomes.survival["exit"][:, :, outcomes.day_index()], outcomes.reference_index)


def smallest_difference(error: float, draws: int) -> float:
    """Smallest true difference that is told from zero, at 95 % and with a chance of 80 %.

    It is (t + z) times the error of the difference, t the quantile of Student's t that bounds a 95 % interval with D - 1 degrees of
    freedom, and z = 0.84 the 80 % quantile of the normal distribution: 2.83 times the error with 100 draws.
    """
    from scipy.special import ndtri

    return (critical_value(draws) + float(ndtri(POWER))) * error


def _points(share: float) -> str:
    """A share in percentage points, two digits that count and no more than four places."""
    points = 100.0 * share
    places = 2 if points == 0.0 else max(0, min(4, 1 - math.floor(math.log10(points))))
    return f"{points:.{places}f}"
