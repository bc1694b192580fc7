"""What of the gain of a policy by the headline day is left on the last reported day: many effects come late, and many go."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsme.outcomes import Outcomes
from simsme.survival import Estimate, differences, over_draws

CLEAR = 2.0
"""Monte Carlo errors by which what is left must differ from zero to be called a gain or a loss."""


@dataclass(frozen=True)
class GainLeft:
    """Difference in the share of firms not gone for good, on two days, paired with the reference and with each other.

    Attributes
    ----------
    policy
        Name of the policy.
    from_day, to_day
        The headline day and the last reported day.
    gained, left
        Differences to the reference on these days, in shares of firms.
    change
        ``left`` less ``gained``, draw by draw.
    """

    policy: str
    from_day: float
    to_day: float
    gained: Estimate
    left: Estimate
    change: Estimate

    @property
    def words(self) -> str:
        """One line, in percentage points with the Monte Carlo error of what is left; a verb whose subject is the policy."""
        early, late, error = (100.0 * float(number) for number in (self.gained.mean, self.left.mean, self.left.mc_error))
        digits = 1 if abs(early) >= 9.95 or abs(late) >= 9.95 else 2
        least = 0.5 * 10.0**-digits
        from_day, to_day = f"day {self.from_day:g}", f"day {self.to_day:g}"
        before, after = f"{abs(early):.{digits}f}", f"{abs(late):.{digits}f}"
        said = f" ± {error:.{digits}f}" if np.isfinite(error) else ""
        first = "changes nothing" if abs(early) < least else f"{'gains' if early > 0.0 else 'loses'} {before} points"
        if abs(late) < least:
            return f"{first} by {from_day}{', nothing' if abs(early) < least else '; none are left'} by {to_day}"
        if np.isfinite(error) and abs(late) < CLEAR * error:
            sign = "\N{MINUS SIGN}" if late < 0.0 else "+"
            return f"{first} by {from_day}; by {to_day} nothing that can be told from zero ({sign}{after}{said})"
        if early >= least and late > 0.0:
            left = f", of which {after}{said} are left by {to_day}" if late < early else f", {after}{said} by {to_day}"
            return f"{first} by {from_day}{left}"
        if early >= least:
            return f"{first} by {from_day}; by {to_day} none of it is left, and {after}{said} are lost"
        if early <= -least and late < 0.0:
            return f"{first} by {from_day}, {after}{said} by {to_day}"
        points = " points" if abs(early) < least else ""
        return f"{first} by {from_day}; by {to_day} {'gains' if late > 0.0 else 'loses'} {after}{said}{points}"


def gains_left(outcomes: Outcomes) -> tuple[GainLeft, ...]:
    """What is left of the gain of each policy but the reference; nothing where the headline day is the last reported one."""
    last = float(outcomes.report_days[-1])
    if last == outcomes.headline_day:
        return ()
    gains: NDArray[np.float64] = differences(outcomes.survival["exit"], outcomes.reference_index)
    early, late = gains[:, :, outcomes.day_index()], gains[:, :, outcomes.day_index(last)]
    return tuple(
        GainLeft(
            policy,
            float(outcomes.headline_day),
            last,
            over_draws(early[place], axis=0),
            over_draws(late[place], axis=0),
            over_draws(late[place] - early[place], axis=0),
        )
        for place, policy in enumerate(outcomes.policies)
        if place != outcomes.reference_index
    )
