"""How far the outcomes of two stored runs lie apart, draw by draw where the draws are the same."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.comparison.record import Record
from simsme.costs import critical_value

MEASURES = {
    "cash": "firms that have not yet run short of cash",
    "open": "firms that trade",
    "exit": "firms that are not gone for good",
    "gain_exit": "exit less that of the run's own reference",
    "firms_saved": "firms saved against the run's own reference",
    "jobs_saved": "jobs saved against the run's own reference",
    "net_cost": "net cost against the run's own reference",
}
"""What is compared. The first four are shares of firms, the last is money."""

GAINS = ("gain_exit", "firms_saved", "jobs_saved", "net_cost")
"""Measures that are nothing for a reference."""


@dataclass(frozen=True)
class Difference:
    """A measure of one policy on one day in two runs.

    Attributes
    ----------
    policy, day, measure
        Which; `measure` is one of `MEASURES`.
    a, b
        Means over draws.
    a_mc_error, b_mc_error
        Their Monte Carlo standard errors; None from one draw.
    difference
        b less a.
    mc_error
        Monte Carlo standard error of the difference; None where it cannot be said.
    low, high
        95 % interval of the mean difference. Not a band over draws.
    paired
        Whether the difference was taken draw by draw.
    """

    policy: str
    day: float
    measure: str
    a: float
    a_mc_error: float | None
    b: float
    b_mc_error: float | None
    difference: float
    mc_error: float | None
    low: float | None
    high: float | None
    paired: bool

    @property
    def json(self) -> dict[str, Any]:
        """As a table for JSON."""
        return dict(vars(self))


def pairing(a: Record, b: Record) -> tuple[bool, str]:
    """Whether two runs can be compared draw by draw, and a sentence that says why or why not."""
    if a.seed != b.seed:
        return False, f"The seeds differ ({a.seed} and {b.seed}), so that differences are not paired: the errors of both runs add up."
    if a.draws != b.draws:
        return False, f"The numbers of draws differ ({a.draws} and {b.draws}), so that differences are not paired: the errors add up."
    lacking = [record.folder for record in (a, b) if record.by_draw is None]
    if lacking:
        which = " and ".join(lacking)
        return False, f"No draws.csv in {which}: differences are not paired and their errors are too large; simsme run --force stores it."
    same = "the same firms" if same_firms(a, b) else "firms that differ"
    return True, f"Same seed and draws, {same}: differences are paired draw by draw."


def same_firms(a: Record, b: Record) -> bool:
    """Whether both runs are about the same firms with the same balance sheets."""
    keys = ("population", "firms", "adjust")
    drawn_alike = all(a.settings.get(key) == b.settings.get(key) for key in keys)
    return a.firms_digest == b.firms_digest and drawn_alike and a.summary["weight"] == b.summary["weight"]


def difference_of(a: Record, b: Record, policy: str, day: float, measure: str, *, paired: bool) -> Difference:
    """Compare one measure of a policy that both runs have, on a day that both report."""
    if paired:
        one, other = _by_draw(a, policy, day, measure), _by_draw(b, policy, day, measure)
        gap = other - one
        error = _error(gap)
        half = None if error is None else critical_value(gap.size) * error
        means, errors = (float(one.mean()), float(other.mean()), float(gap.mean())), (_error(one), _error(other))
    else:
        first, second = _estimate(a, policy, day, measure), _estimate(b, policy, day, measure)
        error, half = _added(first["mc_error"], second["mc_error"], a.draws, b.draws)
        means = first["mean"] or 0.0, second["mean"] or 0.0, (second["mean"] or 0.0) - (first["mean"] or 0.0)
        errors = first["mc_error"], second["mc_error"]
    low, high = (None, None) if half is None else (means[2] - half, means[2] + half)
    return Difference(policy, day, measure, means[0], errors[0], means[1], errors[1], means[2], error, low, high, paired)


def _error(by_draw: NDArray[np.float64]) -> float | None:
    return float(by_draw.std(ddof=1)) / math.sqrt(by_draw.size) if by_draw.size > 1 else None


def _by_draw(record: Record, policy: str, day: float, measure: str) -> NDArray[np.float64]:
    """One value a draw, in their order."""
    table = record.by_draw
    assert table is not None
    column = "exit" if measure == "gain_exit" else measure
    rows = table[(table["policy"] == policy) & (table["day"] == day)].sort_values("draw")
    values = rows[column].to_numpy(dtype=np.float64)
    return values - _by_draw(record, record.reference, day, "exit") if measure == "gain_exit" else values


def _estimate(record: Record, policy: str, day: float, measure: str) -> Mapping[str, float | None]:
    """Mean and error as the summary has them."""
    found = record.at(policy, day)
    if measure == "gain_exit":
        estimate = found["difference"]["exit"]
    elif measure == "net_cost":
        estimate = found["cost"]["net_estimate"]
    else:
        estimate = found[measure] if measure in found else found["survival"][measure]
    told: Mapping[str, float | None] = estimate
    return told


def _added(one: float | None, other: float | None, draws: int, other_draws: int) -> tuple[float | None, float | None]:
    """Error of a difference of independent means, and half of its 95 % interval with Welch's degrees of freedom."""
    if one is None or other is None:
        return None, None
    error = math.hypot(one, other)
    if error == 0.0:
        return 0.0, 0.0
    freedom = error**4 / (one**4 / (draws - 1) + other**4 / (other_draws - 1))
    return error, critical_value(int(freedom) + 1) * error
