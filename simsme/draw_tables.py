"""Each draw by itself: what two stored runs need so that their difference can be taken draw by draw."""

from typing import TYPE_CHECKING

import numpy as np

from simsme.costs import Costs
from simsme.outcomes import HasOutcomes, Outcomes, outcomes_of

if TYPE_CHECKING:
    import pandas as pd

SHARES = ("runway", "cash", "open", "exit")
SUMS = ("firms_saved", "jobs_saved", "net_cost")
DRAW_COLUMNS = ("policy", "draw", "day", *SHARES, *SUMS)
"""Columns of `draws_table`."""

DIGITS = "%.12g"
"""How numbers are written: differences of shares are right to 1e-12."""


def draws_table(source: Outcomes | HasOutcomes) -> "pd.DataFrame":
    """One row a policy, draw and reported day.

    Returns
    -------
    DataFrame
        `DRAW_COLUMNS`: shares of firms not yet affected; firms and jobs saved and net cost against the run's reference in the same draw,
        weighted.
    """
    import pandas as pd  # loaded late: the command line is quick to answer without it

    outcomes = outcomes_of(source)
    costs, steps = Costs(outcomes), [outcomes.day_index(float(day)) for day in outcomes.report_days]
    policies, draws, reports = len(outcomes.policies), outcomes.draws, len(steps)
    sums = (costs.firms_saved, costs.jobs_saved, costs.net)
    columns = {name: outcomes.endpoint(name)[:, :, steps].reshape(-1) for name in SHARES}
    columns |= {name: np.asarray(values).reshape(-1) for name, values in zip(SUMS, sums, strict=True)}
    return pd.DataFrame(
        {
            "policy": np.repeat(np.array(outcomes.policies, dtype=object), draws * reports),
            "draw": np.tile(np.repeat(np.arange(draws), reports), policies),
            "day": np.tile(outcomes.report_days, policies * draws),
            **columns,
        }
    )
