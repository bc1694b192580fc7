"""Fates of firms against the reference and where support went, by group of firms: ``classes.csv`` of a results folder."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simsme.fund_tables import SUFFIXES
from simsme.outcomes import CLASSES, HasOutcomes, Outcomes, outcomes_of
from simsme.survival import Estimate, over_draws, ratio_over_draws

if TYPE_CHECKING:
    import pandas as pd

CLASS_MEASURES = (*CLASSES, "zombie", "support", "deadweight")
"""What is told of a group of firms, see `classes_table`."""


def classes_table(source: Outcomes | HasOutcomes) -> "pd.DataFrame":
    """Fates of firms against the reference and where support went, for all firms and by group.

    Returns
    -------
    DataFrame
        One row a policy, reported day and group: ``policy``, ``day``, ``column`` and ``group`` (``all`` and ``all`` for all firms;
        ``runway_decile`` 1 is the tenth with the shortest static runway), ``firms`` (weight), then for each of `CLASS_MEASURES` its
        mean over draws and, under ``_low``, ``_high``, ``_mc_error``, its band and error. Classes are shares of the group's firms and
        add up to 1; ``zombie`` is part of ``saved``. ``support`` is money that levers moved for them from day 0 to the day, ``deadweight``
        the share of it that went to firms of class ``always`` on the day; missing without support. Groups without firms are left out.
    """
    import pandas as pd

    outcomes = outcomes_of(source)
    names = [("all", "all"), *outcomes.group_names]
    weights = np.concatenate([[outcomes.weight], outcomes.group_weight])
    measured = {name: _with_all(outcomes.report[name], outcomes.group_classes[name]) for name in (*CLASSES, "zombie")}
    support = {name: _with_all(_of_all(outcomes, name), values) for name, values in outcomes.group_support.items()}
    estimates = {name: over_draws(values, axis=1) for name, values in (*measured.items(), ("support", support["paid"]))}
    rows = []
    for p, policy in enumerate(outcomes.policies):
        for r, day in enumerate(outcomes.report_days):
            for g in np.flatnonzero(weights):
                column, group = names[g]
                found = {name: estimate[p, r, g] for name, estimate in estimates.items()}
                found["deadweight"] = ratio_over_draws(support["deadweight"][p, :, r, g], support["paid"][p, :, r, g])
                row: dict[str, object] = {"policy": policy, "day": float(day), "column": column, "group": group, "firms": float(weights[g])}
                for name in CLASS_MEASURES:
                    row |= {name + suffix: float(getattr(found[name], part)) for suffix, part in SUFFIXES.items()}
                rows.append(row)
    columns = [name + suffix for name in CLASS_MEASURES for suffix in SUFFIXES]
    return pd.DataFrame(rows, columns=["policy", "day", "column", "group", "firms", *columns])


def support_paid(outcomes: Outcomes, policy: int, report: int) -> Estimate:
    """Money that levers moved for firms from day 0 to a reported day, all firms together."""
    return over_draws(_of_all(outcomes, "paid")[policy, :, report], axis=0)


def deadweight(outcomes: Outcomes, policy: int, report: int) -> Estimate:
    """Share of it that went to firms that are alive on a reported day in the reference as well as here; NaN without support."""
    return ratio_over_draws(*(_of_all(outcomes, name)[policy, :, report] for name in ("deadweight", "paid")))


def _of_all(outcomes: Outcomes, name: str) -> NDArray[np.float64]:
    """Support of all firms, (P, D, R): the groups of one column hold every firm once."""
    first = [g for g, (column, _) in enumerate(outcomes.group_names) if column == outcomes.group_names[0][0]]
    total: NDArray[np.float64] = outcomes.group_support[name][..., first].sum(axis=-1)
    return total


def _with_all(everyone: NDArray[np.float64], by_group: NDArray[np.float64]) -> NDArray[np.float64]:
    """All firms before the groups, (P, D, R, 1 + G)."""
    return np.concatenate([everyone[..., None], by_group], axis=-1)
