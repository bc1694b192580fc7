"""Curves as tidy tables: one row a policy, day and endpoint. The data behind the figures."""

from typing import TYPE_CHECKING

import numpy as np

from simsme.outcomes import ENDPOINTS, HasOutcomes, Outcomes, outcomes_of
from simsme.survival import Estimate, at_risk, differences, over_draws

if TYPE_CHECKING:
    import pandas as pd

CURVE_COLUMNS = ("policy", "day", "endpoint", "mean", "low", "high", "mc_error")
"""Columns of `curves_table` and `differences_table`."""

ABSORBING = ("cash", "exit")
"""Endpoints that a firm reaches once and for all. Only they have numbers at risk and a restricted mean."""


def curves_table(source: Outcomes | HasOutcomes) -> "pd.DataFrame":
    """Share of firms not yet affected, for every policy, endpoint and day of the curve.

    Returns
    -------
    DataFrame
        `CURVE_COLUMNS`; ``endpoint`` is ``runway``, ``cash``, ``open`` or ``exit``; ``low`` and ``high`` are the 5th and 95th percentile
        over draws, ``mc_error`` the standard error of the mean over draws (missing with one draw).
    """
    import pandas as pd

    outcomes = outcomes_of(source)
    return pd.concat([_tidy(outcomes, endpoint, paired=False) for endpoint in ("runway", *ENDPOINTS)], ignore_index=True)


def differences_table(source: Outcomes | HasOutcomes) -> "pd.DataFrame":
    """Each policy less the reference, paired draw by draw, for every endpoint and day of the curve; columns as in `curves_table`."""
    import pandas as pd

    outcomes = outcomes_of(source)
    return pd.concat([_tidy(outcomes, endpoint, paired=True) for endpoint in ENDPOINTS], ignore_index=True)


def curve_data(source: Outcomes | HasOutcomes, endpoint: str) -> "pd.DataFrame":
    """The data of one figure of survival: the curve of each policy and, where the endpoint absorbs, the weighted number at risk."""
    outcomes = outcomes_of(source)
    table = _tidy(outcomes, endpoint, paired=False).drop(columns="endpoint")
    if endpoint in ABSORBING:
        numbers = at_risk(outcomes.days, outcomes.endpoint(endpoint).mean(axis=1), outcomes.weight, outcomes.days)
        table["at_risk"] = numbers.reshape(-1)
    return table


def difference_data(source: Outcomes | HasOutcomes, endpoint: str) -> "pd.DataFrame":
    """The data of one figure of differences: each policy but the reference, less the reference, in shares of firms."""
    outcomes = outcomes_of(source)
    table = _tidy(outcomes, endpoint, paired=True).drop(columns="endpoint")
    return table[table["policy"] != outcomes.reference].reset_index(drop=True)


def curve_estimate(outcomes: Outcomes, endpoint: str, *, paired: bool) -> Estimate:
    """Estimate over draws of the curves of an endpoint, (P, T); of the paired differences to the reference where `paired`."""
    curves = outcomes.endpoint(endpoint)
    return over_draws(differences(curves, outcomes.reference_index) if paired else curves, axis=1)


def _tidy(outcomes: Outcomes, endpoint: str, *, paired: bool) -> "pd.DataFrame":
    import pandas as pd

    estimate = curve_estimate(outcomes, endpoint, paired=paired)
    policies, days = len(outcomes.policies), len(outcomes.days)
    return pd.DataFrame(
        {
            "policy": np.repeat(np.array(outcomes.policies, dtype=object), days),
            "day": np.tile(outcomes.days, policies),
            "endpoint": endpoint,
            "mean": estimate.mean.reshape(-1),
            "low": estimate.low.reshape(-1),
            "high": estimate.high.reshape(-1),
            "mc_error": estimate.mc_error.reshape(-1),
        }
    )
