"""The summary of a run: what ``simsme run --json`` prints, and the table that a person reads.

Everything is a mean over draws with its band and its error, see `simsme.survival`. What cannot be said is None (null in JSON).
"""

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simsme.class_tables import deadweight, support_paid
from simsme.costs import CostPer, Costs, expected_loss, money_estimate
from simsme.curves import ABSORBING
from simsme.effectiveness import EFFECTS, Comparison
from simsme.flow_of_funds import closure
from simsme.fund_tables import fund_measures, layer_measures, use_estimate
from simsme.gain_left import GainLeft, gains_left
from simsme.lever_entries import PAYERS
from simsme.outcomes import CAUSES, CLASSES, ENDPOINTS, HasOutcomes, Outcomes, outcomes_of
from simsme.survival import Estimate, differences, over_draws, ratio_over_draws, restricted_mean_days

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("runway", *ENDPOINTS)
"""The four names of survival, in the order of every table."""

TEXT_COLUMNS = ("policy", "title", "reason")
"""Columns of `summary_table` that hold no numbers."""


def summarize(
    source: Outcomes | HasOutcomes,
    *,
    scenario: str,
    digest: str,
    seed: int,
    step_days: float,
    currency: str = "",
    seconds: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Summarize a run as one JSON object.

    Parameters
    ----------
    source : Outcomes or a run
        What happened.
    scenario, digest, seed, step_days
        What it came from.
    currency : str
        Name of the scenario's currency.
    seconds : mapping, optional
        Seconds spent, by stage: ``total`` and ``simulate``.

    Returns
    -------
    dict
        Plain numbers, strings, lists and tables. Every estimate is a table of ``mean``, ``low`` and ``high`` (5th and 95th percentile over
        draws; for a difference those of the paired difference) and ``mc_error`` (standard error of the mean, None with one draw).
        ``policies`` is what `policy_entries` returns, ``funds`` what `fund_entries` does and, where a lever is under review, ``reviews``
        what `review_entries` does.
    """
    outcomes = outcomes_of(source)
    horizon, firms = float(outcomes.days[-1]), len(outcomes.firms_as_needed)
    spent = {"total": None, "simulate": None} | dict(seconds or {})
    firm_weeks = firms * outcomes.draws * len(outcomes.policies) * horizon / 7
    simulate = spent["simulate"]
    gaps = closure(outcomes)
    return {
        "scenario": scenario,
        "digest": digest,
        "seed": seed,
        "firms": firms,
        "draws": outcomes.draws,
        "step_days": step_days,
        "horizon_days": _day(horizon),
        "headline_day": _day(outcomes.headline_day),
        "reference": outcomes.reference,
        "currency": currency,
        "weight": outcomes.weight,
        "policies": policy_entries(outcomes),
        "funds": fund_entries(outcomes),
        **({"reviews": review_entries(outcomes)} if outcomes.reviews else {}),
        "closure": {"draw": number(gaps.draw), "total": number(gaps.total)},
        "seconds": spent,
        "firm_weeks_per_second": number(firm_weeks / simulate) if simulate else None,
    }


def policy_entries(source: Outcomes | HasOutcomes) -> list[dict[str, Any]]:
    """One table for each policy: the headline, each reported day under ``by_day``, and the mean ``curve``.

    ``gain_left``: what of the gain at the headline day is left on the last reported day, see `simsme.gain_left.GainLeft`, and ``words``
    that say it; None for the reference and where there is no later day.
    """
    outcomes = outcomes_of(source)
    costs = Costs(outcomes)
    compared = [{effect: Comparison(costs, effect, r) for effect in EFFECTS} for r in range(len(outcomes.report_days))]
    left = {gain.policy: gain for gain in gains_left(outcomes)}
    entries = []
    for p, policy in enumerate(outcomes.policies):
        by_day = {f"{day:g}": _day_entry(outcomes, costs, compared[r], p, r) for r, day in enumerate(outcomes.report_days)}
        curve: dict[str, list[Any]] = {"day": [_day(day) for day in outcomes.days.tolist()]}
        curve |= {name: outcomes.endpoint(name)[p].mean(axis=0).tolist() for name in NAMES}
        entries.append(
            {"policy": policy, "title": outcomes.titles[p]}
            | by_day[f"{outcomes.report_days[outcomes.report_index()]:g}"]
            | {"restricted_mean_days": _restricted_means(outcomes, p), "gain_left": _gain_left(left.get(policy))}
            | {"by_day": by_day, "curve": curve}
        )
    return entries


def fund_entries(source: Outcomes | HasOutcomes) -> list[dict[str, Any]]:
    """One table for each public fund of each policy; an empty list without funds.

    ``policy``, ``fund``, ``kind`` (``bridge`` or ``guarantee``); at the headline, and at each reported day under ``by_day``: estimates of
    all that `simsme.fund_tables.fund_measures` tells, and under ``layers`` who bears a guarantee fund's claims and gets its fees;
    ``curve``: the mean use at the end of each day as a share of what the fund may have out.
    """
    outcomes = outcomes_of(source)
    measures, use = fund_measures(outcomes), use_estimate(outcomes).mean
    entries = []
    for f, fund in enumerate(outcomes.funds):
        by_day = {}
        for r, day in enumerate(outcomes.report_days):
            told: dict[str, Any] = {"day": _day(float(day))} | {name: _estimate(values[f, :, r]) for name, values in measures.items()}
            layers = []
            for layer, share in outcomes.fund_layers[f]:
                borne = {name: _estimate(values[:, r]) for name, values in layer_measures(outcomes, f, layer).items()}
                layers.append({"layer": layer, "share": share} | borne)
            by_day[f"{day:g}"] = told | {"layers": layers}
        curve = {"day": [_day(day) for day in outcomes.days.tolist()], "use": use[f].tolist()}
        names = {"policy": fund.policy, "fund": fund.label, "kind": fund.kind}
        headline = by_day[f"{outcomes.report_days[outcomes.report_index()]:g}"]
        entries.append(names | headline | {"by_day": by_day, "curve": curve})
    return entries


def review_entries(source: Outcomes | HasOutcomes) -> list[dict[str, Any]]:
    """One table for each lever under review of each policy; an empty list where there is none.

    ``policy``, ``lever``, and at each reported day under ``by_day``: ``in_force`` (share of draws in which the lever is in force on the
    day) and an estimate of ``days`` (on how many days since day 0 it was).
    """
    outcomes = outcomes_of(source)
    entries = []
    for v, lever in enumerate(outcomes.reviews):
        by_day = {}
        for day in outcomes.report_days:
            in_force, days = (outcomes.review_series[name][v, :, outcomes.day_index(float(day))] for name in ("in_force", "days"))
            by_day[f"{day:g}"] = {"day": _day(float(day)), "in_force": _mean(in_force), "days": _estimate(days)}
        entries.append({"policy": lever.policy, "lever": lever.label, "by_day": by_day})
    return entries


def summary_table(source: Outcomes | HasOutcomes | Mapping[str, Any], *, all_days: bool = False) -> "pd.DataFrame":
    """Table of policies: survival, differences, firms saved and costs.

    Parameters
    ----------
    source : Outcomes, a run, or a summary
        A summary, such as a stored one, gives the same table as the outcomes that it was made of.
    all_days : bool
        A row for each reported day rather than for the headline day only.

    Returns
    -------
    DataFrame
        One row a policy (and day). Shares in [0, 1], money in the scenario's currency, firms and jobs weighted; missing where nothing can
        be said.
    """
    import pandas as pd

    entries = source["policies"] if isinstance(source, Mapping) else policy_entries(source)
    parts = [(entry, part) for entry in entries for part in (entry["by_day"].values() if all_days else (entry,))]
    table = pd.DataFrame([_row(entry, part) for entry, part in parts])
    # a column without any number is still a column of numbers
    return table.astype({column: "float64" for column in table.columns if column not in TEXT_COLUMNS})


def as_json(value: Any, *, indent: int | None = None) -> str:
    """JSON text; refuses what JSON does not have (NaN, infinity)."""
    return json.dumps(value, allow_nan=False, ensure_ascii=False, indent=indent)


def number(value: float) -> float | None:
    """A plain number, None where it is not finite."""
    return float(value) if math.isfinite(value) else None


def estimate_entry(estimate: Estimate) -> dict[str, float | None]:
    """One estimate as a table for JSON."""
    return {name: number(float(getattr(estimate, name))) for name in ("mean", "low", "high", "mc_error")}


def _day_entry(outcomes: Outcomes, costs: Costs, compared: Mapping[str, Comparison], p: int, r: int) -> dict[str, Any]:
    """All that is said of one policy at one reported day."""
    step = outcomes.day_index(float(outcomes.report_days[r]))
    at_day = {name: outcomes.endpoint(name)[:, :, step] for name in NAMES}
    report = {name: values[:, :, r] for name, values in outcomes.report.items()}
    return {
        "day": _day(float(outcomes.report_days[r])),
        "survival": {name: _estimate(values[p]) for name, values in at_day.items()},
        "difference": {name: _estimate(differences(at_day[name], outcomes.reference_index)[p]) for name in ENDPOINTS},
        "reached": {
            "share": _mean(report["reached"][p]),
            "difference": {name: _ratio(report[f"reached_gain_{name}"][p], report["reached"][p]) for name in ABSORBING},
        },
        "causes": {cause: _mean(report[cause][p]) for cause in CAUSES},
        "classes": {fate: _mean(report[fate][p]) for fate in CLASSES},
        "zombie": _mean(report["zombie"][p]),
        "insolvent": _estimate(report["insolvent"][p]),
        "jobs": _estimate(report["jobs"][p]),
        "firms_saved": estimate_entry(money_estimate(costs.firms_saved, p, r)),
        "jobs_saved": estimate_entry(money_estimate(costs.jobs_saved, p, r)),
        "cost": _cost_entry(costs, p, r),
        "effectiveness": {effect: _effectiveness_entry(comparison, p) for effect, comparison in compared.items()},
    }


def _cost_entry(costs: Costs, p: int, r: int) -> dict[str, Any]:
    firm, job = costs.per_firm_saved(p, r), costs.per_job_saved(p, r)
    outcomes, lost = costs.outcomes, deadweight(costs.outcomes, p, r)
    at_risk = sum(differences(expected_loss(outcomes, payer), outcomes.reference_index)[p, :, r] for payer in PAYERS)
    return {
        "gross": _mean(costs.gross[p, :, r]),
        "repaid": _mean(costs.repaid[p, :, r]),
        "foregone": _mean(costs.foregone[p, :, r]),
        "net": _mean(costs.net[p, :, r]),
        "carried": _mean(costs.carried[p, :, r]),
        "expected_loss": _mean(np.asarray(at_risk)),
        "displaced_sales": _mean(costs.displaced_sales[p, :, r]),
        "net_estimate": estimate_entry(money_estimate(costs.net, p, r)),
        "by_payer": {payer: _mean(cost[p, :, r]) for payer, cost in costs.by_payer.items()},
        "returns": {payer: _mean(revenue[p, :, r]) for payer, revenue in costs.returns.items()},
        "support": number(float(support_paid(outcomes, p, r).mean)),
        "deadweight": estimate_entry(lost) if math.isfinite(float(lost.mean)) else None,
        "per_firm_saved": firm.value,
        "per_firm_saved_interval": _interval(firm),
        "reason": firm.reason,
        "per_job_saved": job.value,
        "per_job_saved_interval": _interval(job),
        "job_reason": job.reason,
    }


def _effectiveness_entry(comparison: Comparison, p: int) -> dict[str, Any]:
    place, increment = comparison.places[p], comparison.increment(p)
    return {
        "status": place.status,
        "against": [comparison.costs.outcomes.policies[other] for other in place.against],
        "icer": increment.value,
        "icer_interval": _interval(increment),
        "icer_reason": increment.reason,
        "frontier_share": number(float(comparison.frontier_shares[p])),
    }


def _gain_left(gain: GainLeft | None) -> dict[str, Any] | None:
    if gain is None:
        return None
    estimates = {name: estimate_entry(getattr(gain, name)) for name in ("gained", "left", "change")}
    return {"from_day": _day(gain.from_day), "to_day": _day(gain.to_day)} | estimates | {"words": gain.words}


def _restricted_means(outcomes: Outcomes, p: int) -> dict[str, Any]:
    """Mean days before the event, up to the horizon, by endpoint, and the paired gain against the reference."""
    entries: dict[str, Any] = {}
    for name in ABSORBING:
        days = restricted_mean_days(outcomes.days, outcomes.survival[name], float(outcomes.days[-1]))
        entries[name] = _estimate(days[p]) | {"difference": _estimate(differences(days, outcomes.reference_index)[p])}
    return entries


def _row(entry: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"policy": entry["policy"], "title": entry["title"], "day": part["day"]}
    for name in NAMES:
        row |= _spread(name, part["survival"][name])
    row |= _spread("difference_exit", part["difference"]["exit"])
    row["reached"] = part["reached"]["share"]
    row |= _spread("difference_exit_reached", part["reached"]["difference"]["exit"])
    row |= _spread("firms_saved", part["firms_saved"])
    cost = part["cost"]
    return row | {
        "cost_gross": cost["gross"],
        "cost_net": cost["net"],
        "cost_net_mc_error": cost["net_estimate"]["mc_error"],
        "carried": cost["carried"],
        "cost_per_firm_saved": cost["per_firm_saved"],
        "reason": cost["reason"],
    }


def _spread(name: str, estimate: Mapping[str, float | None] | None) -> dict[str, float | None]:
    """Four columns of one estimate, all missing where there is none."""
    parts = {"": "mean", "_low": "low", "_high": "high", "_mc_error": "mc_error"}
    return {name + suffix: None if estimate is None else estimate[key] for suffix, key in parts.items()}


def _estimate(values: NDArray[np.float64]) -> dict[str, float | None]:
    return estimate_entry(over_draws(values, axis=0))


def _ratio(numerator: NDArray[np.float64], denominator: NDArray[np.float64]) -> dict[str, float | None] | None:
    estimate = ratio_over_draws(numerator, denominator)
    return estimate_entry(estimate) if math.isfinite(float(estimate.mean)) else None


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean())


def _interval(cost: CostPer) -> list[float] | None:
    return None if cost.low is None or cost.high is None else [cost.low, cost.high]


def _day(day: float) -> float | int:
    """A day as a whole number where it is one."""
    return int(day) if day == int(day) else day
