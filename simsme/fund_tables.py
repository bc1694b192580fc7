"""Public funds as tidy tables: what each had, how far it was used, whom it served and passed over, what it earned and lost.

Shares are shares, money is in the scenario's currency, days are days, firms are weighted. What a fund may have out at once, its capacity,
is its capital or, for guarantees, its capital times its leverage.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simsme.outcomes import HasOutcomes, Outcomes, outcomes_of
from simsme.survival import Estimate, over_draws

if TYPE_CHECKING:
    import pandas as pd

FUND_MEASURES = (
    "opening_capital",
    "capital",
    "use",
    "mean_use",
    "peak_use",
    "exhausted_days",
    "requested",
    "served",
    "passed_over",
    "firms_asked",
    "firms_served",
    "firms_turned_away",
    "fees",
    "losses",
)
"""What is told of a fund by a day, see `fund_measures`."""

FUND_USE_COLUMNS = ("policy", "fund", "day", "use", "low", "high", "mc_error", "passed_over")
"""Columns of `fund_use_table`."""

SUFFIXES = {"": "mean", "_low": "low", "_high": "high", "_mc_error": "mc_error"}
"""Columns of an estimate: what follows the name of the measure, and the part of the estimate that stands there."""


def funds_table(source: Outcomes | HasOutcomes) -> "pd.DataFrame":
    """What became of every fund by every reported day.

    Returns
    -------
    DataFrame
        One row a policy, fund and reported day: ``policy``, ``fund``, ``kind`` (``bridge``, ``guarantee`` or ``facility``), ``day``, then
        for each of `FUND_MEASURES` the mean over draws under its own name, the 5th and 95th percentile over draws under ``_low`` and
        ``_high``, and the Monte Carlo error of the mean under ``_mc_error`` (missing with one draw). No rows where there are no funds.
    """
    import pandas as pd

    outcomes = outcomes_of(source)
    estimates = _estimates(fund_measures(outcomes))
    rows = []
    for f, fund in enumerate(outcomes.funds):
        for r, day in enumerate(outcomes.report_days):
            row: dict[str, object] = {"policy": fund.policy, "fund": fund.label, "kind": fund.kind, "day": float(day)}
            rows.append(row | _columns(estimates, f, r))
    names = [measure + suffix for measure in FUND_MEASURES for suffix in SUFFIXES]
    return pd.DataFrame(rows, columns=["policy", "fund", "kind", "day", *names])


def fund_use_table(source: Outcomes | HasOutcomes) -> "pd.DataFrame":
    """Use of every fund over time, the data of its figure.

    Returns
    -------
    DataFrame
        `FUND_USE_COLUMNS`, one row a policy, fund and day of the curve. ``use`` is the mean over draws of what the fund has out as a share
        of its capacity, ``low`` and ``high`` are its 5th and 95th percentile over draws; ``passed_over`` is the share of draws in which
        somebody was passed over in the step that ends on the day.
    """
    import pandas as pd

    outcomes = outcomes_of(source)
    estimate, passed_over = use_estimate(outcomes), days_passed_over(outcomes)
    funds, days = len(outcomes.funds), len(outcomes.days)
    return pd.DataFrame(
        {
            "policy": np.repeat(np.array([fund.policy for fund in outcomes.funds], dtype=object), days),
            "fund": np.repeat(np.array([fund.label for fund in outcomes.funds], dtype=object), days),
            "day": np.tile(outcomes.days, funds),
            "use": estimate.mean.reshape(-1),
            "low": estimate.low.reshape(-1),
            "high": estimate.high.reshape(-1),
            "mc_error": estimate.mc_error.reshape(-1),
            "passed_over": passed_over.reshape(-1),
        }
    )


def fund_layers_table(source: Outcomes | HasOutcomes) -> "pd.DataFrame":
    """Fees and claims of guarantee funds by layer.

    Returns
    -------
    DataFrame
        One row a policy, fund, reported day and layer: ``policy``, ``fund``, ``day``, ``layer``, ``share`` (of the loss on a loan), then
        ``fees`` and ``claims`` with the columns of an estimate as in `funds_table`. No rows where no fund has layers.
    """
    import pandas as pd

    outcomes = outcomes_of(source)
    rows = []
    for f, fund in enumerate(outcomes.funds):
        for layer, share in outcomes.fund_layers[f]:
            estimates = _estimates(layer_measures(outcomes, f, layer))
            for r, day in enumerate(outcomes.report_days):
                row: dict[str, object] = {"policy": fund.policy, "fund": fund.label, "day": float(day), "layer": layer, "share": share}
                rows.append(row | _columns(estimates, r))
    names = [measure + suffix for measure in ("fees", "claims") for suffix in SUFFIXES]
    return pd.DataFrame(rows, columns=["policy", "fund", "day", "layer", "share", *names])


def fund_use(outcomes: Outcomes) -> NDArray[np.float64]:
    """What each fund has out at the end of each day as a share of its capacity, (F, D, T).

    Above 1 where claims or losses shrank the capital under what is out already; 1 where something is out and no capital is left, 0 where
    nothing is out. It is a look at the ends of steps: an advance that comes back within a step is not in it.
    """
    used, capital = outcomes.fund_series["used"], outcomes.fund_series["capital"]
    capacity = capital * outcomes.fund_leverage[:, :, None]
    use: NDArray[np.float64] = np.where(capacity > 0.0, used / np.where(capacity > 0.0, capacity, 1.0), (used > 0.0) * 1.0)
    return use


def use_estimate(outcomes: Outcomes) -> Estimate:
    """Estimate over draws of `fund_use`, (F, T)."""
    empty = np.zeros((0, len(outcomes.days)))
    return over_draws(fund_use(outcomes), axis=1) if outcomes.funds else Estimate(empty, empty, empty, empty)


def days_passed_over(outcomes: Outcomes) -> NDArray[np.float64]:
    """Share of draws in which a fund passed somebody over in the step that ends on a day, (F, T)."""
    if not outcomes.funds:
        return np.zeros((0, len(outcomes.days)))
    share: NDArray[np.float64] = (outcomes.fund_series["passed_over"] > 0.0).mean(axis=1)
    return share


def fund_measures(outcomes: Outcomes) -> dict[str, NDArray[np.float64]]:
    """What is told of each fund by each reported day, draw by draw, (F, D, R), under the names of `FUND_MEASURES`.

    ``opening_capital`` (money), and at the end of the day ``capital`` (money) and ``use`` (share of capacity, see `fund_use`). Since
    day 0: ``mean_use`` and ``peak_use`` (shares); ``exhausted_days`` (days of the steps in which somebody was passed over);
    ``requested``, ``served``, ``passed_over`` (money; a request that waits counts in every step); ``firms_asked``, ``firms_served`` and
    ``firms_turned_away`` (asked and never served; weighted); ``fees`` received and ``losses`` on advances, or claims paid (money).
    """
    if not outcomes.funds:
        return {name: np.zeros((0, outcomes.draws, len(outcomes.report_days))) for name in FUND_MEASURES}
    at = [outcomes.day_index(float(day)) for day in outcomes.report_days]
    series, use = outcomes.fund_series, fund_use(outcomes)
    lasted = np.diff(outcomes.days, prepend=0.0)
    elapsed = np.maximum(np.cumsum(lasted), lasted[1:2].sum())
    by_day = {
        "opening_capital": np.broadcast_to(series["capital"][..., :1], use.shape),
        "capital": series["capital"],
        "use": use,
        "mean_use": np.cumsum(use * lasted, axis=-1) / elapsed,
        "peak_use": np.maximum.accumulate(use, axis=-1),
    }
    by_day |= {name: np.cumsum(series[name], axis=-1) for name in ("requested", "served", "passed_over")}
    by_day |= {name: series[name] for name in ("exhausted_days", "fees", "losses")}
    found = {name: values[..., at] for name, values in by_day.items()}
    found |= {f"firms_{name}": values for name, values in outcomes.fund_firms.items()}
    return {name: found[name] for name in FUND_MEASURES}


def layer_measures(outcomes: Outcomes, fund: int, layer: str) -> dict[str, NDArray[np.float64]]:
    """What a layer got in ``fees`` and bore in ``claims`` since day 0, draw by draw, (D, R), by its share of the cover."""
    shares = dict(outcomes.fund_layers[fund])
    cover = sum(shares.values())
    part = shares[layer] / cover if cover > 0.0 else 0.0
    at = [outcomes.day_index(float(day)) for day in outcomes.report_days]
    return {name: part * outcomes.fund_series[series][fund][:, at] for name, series in (("fees", "fees"), ("claims", "losses"))}


def _estimates(measures: Mapping[str, NDArray[np.float64]]) -> dict[str, Estimate]:
    """Estimates over draws, the axis before that of days."""
    return {name: over_draws(values, axis=-2) for name, values in measures.items()}


def _columns(estimates: Mapping[str, Estimate], *place: int) -> dict[str, float]:
    return {
        name + suffix: float(getattr(estimate, part)[place]) for name, estimate in estimates.items() for suffix, part in SUFFIXES.items()
    }
