"""What each lever of a policy contributes to firms saved, jobs saved and net cost: Shapley values with their errors, as tables.

Every number is a linear combination of policies' differences to the reference in the same draw, so that its Monte Carlo error is that
of a mean of paired differences. Where orders of the levers are sampled, the error of sampling is estimated from pairs of an order and
its reverse, and the squares of the two half-widths of an interval add up.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simsme.costs import CostPer, cost_per, critical_value, indistinct, no_ratio
from simsme.shown_as_table import ShownAsTable

MEASURES = ("firms_saved", "jobs_saved", "net_cost")
"""What is shared out among levers: firms saved less harmed, jobs, and money, all weighted and against the reference."""

ENTRANCES = ("alone", "shapley", "last_in")
"""When a lever comes: on top of the reference only; averaged over all orders of the levers; when all the others are there already."""

FIRMS, JOBS, MONEY = range(3)


@dataclass(frozen=True)
class Effect:
    """A mean over draws with its error.

    Attributes
    ----------
    mean
        In firms, jobs or money.
    mc_error
        Monte Carlo standard error over draws; None with one draw.
    permutation_error
        Standard error of sampling orders, over antithetic pairs; None where nothing was sampled.
    low, high
        95 % interval of the mean, see `effect_of`; None with one draw. Not a band over draws.
    """

    mean: float
    mc_error: float | None
    permutation_error: float | None
    low: float | None
    high: float | None

    @property
    def json(self) -> dict[str, Any]:
        """As a table for JSON."""
        interval = None if self.low is None else [self.low, self.high]
        return {"mean": self.mean, "mc_error": self.mc_error, "permutation_error": self.permutation_error, "interval": interval}


@dataclass(frozen=True, repr=False)
class Attribution(ShownAsTable):
    """A policy's effect shared out among its levers.

    Attributes
    ----------
    scenario, policy, reference
        Names. Nobody's coalition is the reference, everybody's the policy.
    digest
        Digest of a run of the two policies.
    currency
        Unit of money.
    day
        Day by which firms and jobs are saved and money is spent.
    seed
        Of the run, and of the orders where these are sampled.
    firms, weight
        Number of firms, and how many they stand for.
    levers : tuple of str, (L,)
        Labels of the levers among which the effect is shared out, in the order of the policy.
    alone, shapley, last_in : ndarray, (L, 3, D)
        Per lever, measure (see `MEASURES`) and draw.
    package : ndarray, (3, D)
        Effect of all levers together.
    pair_means : ndarray, (pairs, L, 3), or None
        Shapley values by antithetic pair of orders; None where all coalitions were run.
    coalitions
        Number of policies that were run, the reference included.
    """

    scenario: str
    policy: str
    reference: str
    digest: str
    currency: str
    day: float
    seed: int
    firms: int
    weight: float
    levers: tuple[str, ...]
    alone: NDArray[np.float64]
    shapley: NDArray[np.float64]
    last_in: NDArray[np.float64]
    package: NDArray[np.float64]
    pair_means: NDArray[np.float64] | None
    coalitions: int

    @property
    def draws(self) -> int:
        """Number of draws, D."""
        return int(self.package.shape[-1])

    @property
    def permutations(self) -> int | None:
        """Number of orders that were sampled; None where all coalitions were run."""
        return None if self.pair_means is None else 2 * len(self.pair_means)

    def effect(self, lever: str, measure: str, entrance: str = "shapley") -> Effect:
        """Effect of a lever on one of the `MEASURES` when it comes as one of the `ENTRANCES` says; ValueError where there is no such."""
        place, number = _place(lever, self.levers, "lever"), _place(measure, MEASURES, "measure")
        _place(entrance, ENTRANCES, "entrance")
        by_draw: NDArray[np.float64] = getattr(self, entrance)[place, number]
        pairs = self.pair_means[:, place, number] if entrance == "shapley" and self.pair_means is not None else None
        return effect_of(by_draw, pairs)

    def together(self, measure: str) -> Effect:
        """Effect of the whole policy; the Shapley values add up to it in every draw."""
        return effect_of(self.package[_place(measure, MEASURES, "measure")])

    def sum_of(self, measure: str, entrance: str) -> Effect:
        """Sum over the levers of what each brings as an entrance says."""
        _place(entrance, ENTRANCES, "entrance")
        return effect_of(getattr(self, entrance)[:, _place(measure, MEASURES, "measure")].sum(axis=0))

    def interaction(self, measure: str) -> Effect:
        """What is left over: the sum of what levers bring alone, less what they bring together.

        Above zero the levers do in part the same (substitutes), below zero they need each other (complements).
        """
        number = _place(measure, MEASURES, "measure")
        return effect_of(self.alone[:, number].sum(axis=0) - self.package[number])

    def cost_per(self, lever: str | None, measure: str = "firms_saved") -> CostPer:
        """Net cost per firm or per job saved, of a lever's Shapley values or, without one, of the whole policy.

        A value only where the 95 % interval of what is saved lies above zero; its interval is Fieller's, see `ratio_of`.
        """
        number = _place(measure, MEASURES[:MONEY], "measure")
        if lever is None:
            return ratio_of(self.package[number], self.package[MONEY], None, measure)
        place = _place(lever, self.levers, "lever")
        pairs = None if self.pair_means is None else self.pair_means[:, place, [number, MONEY]]
        return ratio_of(self.shapley[place, number], self.shapley[place, MONEY], pairs, measure)

    @cached_property
    def residual(self) -> float:
        """Largest difference, over measures and draws, of the sum of Shapley values from the package, as a share of its size."""
        size = np.maximum(np.abs(self.package), np.abs(self.shapley).sum(axis=0))
        gap = np.abs(self.shapley.sum(axis=0) - self.package)
        return float(np.max(np.where(size > 0.0, gap / np.where(size > 0.0, size, 1.0), 0.0)))

    def table(self) -> pd.DataFrame:
        """One row a lever, in the order of the policy.

        For each measure of `MEASURES` and entrance of `ENTRANCES` the mean and, with suffixes ``_low``, ``_high`` and ``_mc_error``, its
        95 % interval and its error over draws; for Shapley values ``_permutation_error`` too. Then the cost per firm and per job saved with
        interval, and the reason where there is none.
        """
        table = pd.DataFrame([self._row(lever) for lever in self.levers])
        texts = ("lever", "cost_per_firm_saved_reason", "cost_per_job_saved_reason")
        return table.astype({column: "float64" for column in table.columns if column not in texts})

    def json(self) -> dict[str, Any]:
        """Everything as one object of plain numbers, texts, lists and tables, as ``simsme attribute --json`` prints it."""
        return {
            "scenario": self.scenario,
            "digest": self.digest,
            "seed": self.seed,
            "firms": self.firms,
            "weight": self.weight,
            "draws": self.draws,
            "currency": self.currency,
            "policy": self.policy,
            "reference": self.reference,
            "day": int(self.day) if self.day == int(self.day) else self.day,
            "coalitions": self.coalitions,
            "permutations": self.permutations,
            "levers": [self._entry(lever) for lever in self.levers],
            "sums": {entrance: {name: self.sum_of(name, entrance).json for name in MEASURES} for entrance in ("alone", "last_in")},
            "package": {name: self.together(name).json for name in MEASURES} | self._costs(None),
            "interaction": {name: self.interaction(name).json for name in MEASURES},
            "residual": self.residual,
        }

    def _entry(self, lever: str) -> dict[str, Any]:
        effects = {name: {entrance: self.effect(lever, name, entrance).json for entrance in ENTRANCES} for name in MEASURES}
        return {"lever": lever} | effects | self._costs(lever)

    def _costs(self, lever: str | None) -> dict[str, Any]:
        found = {}
        for name, measure in (("cost_per_firm_saved", "firms_saved"), ("cost_per_job_saved", "jobs_saved")):
            cost = self.cost_per(lever, measure)
            interval = None if cost.low is None else [cost.low, cost.high]
            found[name] = {"value": cost.value, "interval": interval, "reason": cost.reason}
        return found

    def _row(self, lever: str) -> dict[str, Any]:
        row: dict[str, Any] = {"lever": lever}
        for measure in MEASURES:
            for entrance in ENTRANCES:
                name, effect = f"{measure}_{entrance}", self.effect(lever, measure, entrance)
                row |= {name: effect.mean, f"{name}_low": effect.low, f"{name}_high": effect.high, f"{name}_mc_error": effect.mc_error}
                if entrance == "shapley":
                    row[f"{name}_permutation_error"] = effect.permutation_error
        for name, measure in (("cost_per_firm_saved", "firms_saved"), ("cost_per_job_saved", "jobs_saved")):
            cost = self.cost_per(lever, measure)
            row |= {name: cost.value, f"{name}_low": cost.low, f"{name}_high": cost.high, f"{name}_reason": cost.reason}
        return row


def effect_of(by_draw: NDArray[np.float64], pairs: NDArray[np.float64] | None = None) -> Effect:
    """Mean over draws with errors and a 95 % interval.

    Each error gives a half-width by Student's t with its own degrees of freedom; where there are two, their squares add up, so that the
    error of sampling never makes an interval narrower.

    Parameters
    ----------
    by_draw : ndarray, (D,)
        One value a draw.
    pairs : ndarray, (pairs,), optional
        Means over draws by antithetic pair of orders, at least two, where orders were sampled.

    References
    ----------
    Zou, G. Y., Donner, A. (2008), Construction of confidence limits about effect measures: a general approach, Statistics in Medicine 27,
    1693-1702.
    """
    mean = float(by_draw.mean())
    sampled = None if pairs is None else _error(pairs)
    if by_draw.size == 1:
        return Effect(mean, None, sampled, None, None)
    error = _error(by_draw)
    half = critical_value(by_draw.size) * error
    if pairs is not None and sampled is not None:
        half = math.hypot(half, critical_value(pairs.size) * sampled)
    return Effect(mean, error, sampled, mean - half, mean + half)


def ratio_of(
    units: NDArray[np.float64], money: NDArray[np.float64], pairs: NDArray[np.float64] | None = None, measure: str = "firms_saved"
) -> CostPer:
    """Money per unit by the rules of `simsme.costs.cost_per`, with the error of sampling orders where there is one.

    Parameters
    ----------
    units, money : ndarray, (D,)
        One pair a draw.
    pairs : ndarray, (pairs, 2), optional
        Means over draws of units and money by antithetic pair of orders, where orders were sampled; their covariance is added.
    measure : str
        ``firms_saved`` or ``jobs_saved``, for the reason.

    References
    ----------
    Fieller, E. C. (1954), Some problems in interval estimation, Journal of the Royal Statistical Society B 16, 175-185.
    """
    what = measure.removesuffix("_saved")
    known = cost_per(money, units, what)
    if pairs is None or known.value is None:
        # a second error makes no interval narrower: what holds zero without it holds zero with it
        return known
    saved = effect_of(units, pairs[:, 0])
    low, high = saved.low or 0.0, saved.high or 0.0
    if low <= 0.0:
        return no_ratio(indistinct(what, low, high))
    spread = _squares(units, money) + _squares(pairs[:, 0], pairs[:, 1])
    down, up = saved.mean, float(money.mean())
    # Fieller's interval is where the quadratic a r^2 - 2 b r + c is not positive; a is positive, as the units' interval leaves out zero
    a, b, c = down**2 - spread[0, 0], up * down - spread[0, 1], up**2 - spread[1, 1]
    root = math.sqrt(max(b * b - a * c, 0.0))
    return CostPer(up / down, float((b - root) / a), float((b + root) / a), None)


def _squares(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Covariance of two means times the square of Student's quantile: the squares of half-widths on its diagonal, (2, 2)."""
    squares: NDArray[np.float64] = critical_value(one.size) ** 2 * np.cov(one, other, ddof=1) / one.size
    return squares


def _error(values: NDArray[np.float64]) -> float:
    """Standard error of a mean of independent values, at least two."""
    return float(values.std(ddof=1)) / math.sqrt(values.size)


def _place(name: str, known: tuple[str, ...], what: str) -> int:
    if name not in known:
        raise ValueError(f"no {what} {name!r}; there is {', '.join(known)}")
    return known.index(name)
