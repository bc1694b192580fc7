"""Survival by group of firms: industry, size, loan due or not, always by the group that a firm belongs to in the reference run."""

from typing import TYPE_CHECKING

from simsme.outcomes import ENDPOINTS, HasOutcomes, Outcomes, outcomes_of
from simsme.survival import differences, over_draws

if TYPE_CHECKING:
    import pandas as pd

GROUP_COLUMNS = (
    "policy",
    "day",
    "column",
    "group",
    "firms",
    "endpoint",
    "mean",
    "low",
    "high",
    "mc_error",
    "difference",
    "difference_low",
    "difference_high",
    "difference_mc_error",
)
"""Columns of `groups_table`."""


def groups_table(source: Outcomes | HasOutcomes) -> "pd.DataFrame":
    """Share of the firms of each group not yet affected, and its paired difference to the reference.

    Returns
    -------
    DataFrame
        `GROUP_COLUMNS`, one row a policy, reported day, group and endpoint (``runway``, ``cash``, ``open``, ``exit``). ``firms`` is the
        weight of the group. Groups without firms are left out.
    """
    import pandas as pd

    outcomes = outcomes_of(source)
    rows: list[tuple[object, ...]] = []
    for endpoint in ("runway", *ENDPOINTS):
        shares = outcomes.group_survival[endpoint]
        for g, (column, group) in enumerate(outcomes.group_names):
            if outcomes.group_weight[g] == 0:
                continue
            level = over_draws(shares[..., g], axis=1)
            gain = over_draws(differences(shares[..., g], outcomes.reference_index), axis=1)
            parts = [part for estimate in (level, gain) for part in (estimate.mean, estimate.low, estimate.high, estimate.mc_error)]
            for p, policy in enumerate(outcomes.policies):
                for r, day in enumerate(outcomes.report_days):
                    numbers = [float(part[p, r]) for part in parts]
                    rows.append((policy, float(day), column, group, float(outcomes.group_weight[g]), endpoint, *numbers))
    return pd.DataFrame(rows, columns=list(GROUP_COLUMNS))
