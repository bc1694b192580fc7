"""Levers under review as a tidy table: on which days each was in force, in how many of the draws."""

from typing import TYPE_CHECKING

import numpy as np

from simsme.outcomes import HasOutcomes, Outcomes, outcomes_of
from simsme.survival import over_draws

if TYPE_CHECKING:
    import pandas as pd

REVIEW_COLUMNS = ("policy", "lever", "day", "in_force", "in_force_mc_error", "days", "days_low", "days_high", "days_mc_error")
"""Columns of `reviews_table`."""


def reviews_table(source: Outcomes | HasOutcomes) -> "pd.DataFrame":
    """When levers under review were in force.

    Returns
    -------
    DataFrame
        `REVIEW_COLUMNS`, one row a policy, lever under review and day on which a step ends, day 0 first. ``in_force`` is the share of draws
        in which both the lever's window and its review say so on the day; ``days`` is on how many days since day 0 that was so, mean over
        draws, ``days_low`` and ``days_high`` its 5th and 95th percentile over draws. The ``mc_error`` are those of the means (missing with
        one draw). The window is that of the firms for which the lever begins first and ends last. No rows where no lever is under review.
    """
    import pandas as pd

    outcomes = outcomes_of(source)
    if not outcomes.reviews:
        return pd.DataFrame(columns=list(REVIEW_COLUMNS))
    in_force, days = (over_draws(outcomes.review_series[name], axis=1) for name in ("in_force", "days"))
    levers, steps = len(outcomes.reviews), len(outcomes.days)
    columns = {
        "in_force": in_force.mean,
        "in_force_mc_error": in_force.mc_error,
        "days": days.mean,
        "days_low": days.low,
        "days_high": days.high,
        "days_mc_error": days.mc_error,
    }
    return pd.DataFrame(
        {
            "policy": np.repeat(np.array([lever.policy for lever in outcomes.reviews], dtype=object), steps),
            "lever": np.repeat(np.array([lever.label for lever in outcomes.reviews], dtype=object), steps),
            "day": np.tile(outcomes.days, levers),
            **{name: np.asarray(values).reshape(-1) for name, values in columns.items()},
        }
    )
