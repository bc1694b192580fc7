"""What of the gain of a policy by the headline day is left on the last reported day: many effects come late, and many go."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsme.outcomes import Outcomes
from simsme.survival import Estimate, differences, over_draws


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
        """One line, in percentage points with the Monte Carlo error of what is left."""
        early, late = 100.0 * float(self.gained.mean), 100.0 * float(self.left.mean)
        digits = 1 if abs(early) >= 9.95 or abs(late) >= 9.95 else 2
        error = 100.0 * float(self.left.mc_error)
        after = f"{abs(late):.{digits}f}" + (f" ± {error:.{digits}f}" if np.isfinite(error) else "")
        before, from_day, to_day = f"{abs(early):.{digits}f}", f"day {self.from_day:g}", f"day {self.to_day:g}"
        if early == 0.0 and late == 0.0:
            return f"nothing gained at {from_day}, nothing at {to_day}"
        if late > early > 0.0:
            return f"{before} points gained at {from_day}, {after} at {to_day}"
        if early > 0.0:
            left = f"{after} are left at {to_day}" if late >= 0.0 else f"none are left at {to_day} ({after} lost)"
            return f"of {before} points gained at {from_day}, {left}"
        lost = "nothing gained" if early == 0.0 else f"{before} points lost"
        return f"{lost} at {from_day}, {after} {'points ' if early == 0.0 else ''}{'gained' if late >= 0.0 else 'lost'} at {to_day}"


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
