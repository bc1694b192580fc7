"""Policies compared by what they cost and what they save: dominance, the frontier, and the cost of one unit more along it.

The rules are those of health economics: a policy is *dominated* where another one saves at least as much for no more money, *extendedly
dominated* where a mixture of two others does, which shows in an incremental ratio that is higher than that of the next better policy.
What remains is the frontier. Which policies are on it is read off means; how sure that is, off resampled draws.

References
----------
Cantor, S. B. (1994), Cost-effectiveness analysis, extended dominance, and ethics: a quantitative assessment, Medical Decision Making 14,
259-265.
"""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simsme.costs import CostPer, Costs, cost_per, no_ratio
from simsme.survival import Estimate, over_draws

RESAMPLES = 1000
"""Sets of as many draws, drawn with replacement, in which the frontier is looked for again."""

EFFECTS = {"firms_saved": "firms", "jobs_saved": "jobs"}
"""What policies are compared by, and what its units are called."""

ON_FRONTIER, DOMINATED, EXTENDEDLY_DOMINATED, SAME = "frontier", "dominated", "extendedly dominated", "same"
STATUSES = (ON_FRONTIER, DOMINATED, EXTENDEDLY_DOMINATED, SAME)
"""What a policy can be: on the frontier, dominated in one of two ways, or the same in cost and effect as an earlier one."""


@dataclass(frozen=True)
class Place:
    """Where a policy stands.

    Attributes
    ----------
    status
        One of `STATUSES`.
    against
        Positions of the policies that decide: on the frontier the next cheaper one (none for the first), for a dominated policy the one
        that dominates it, for an extendedly dominated one the two whose mixture does, for the same the earlier one.
    """

    status: str
    against: tuple[int, ...]


def places(costs: ArrayLike, effects: ArrayLike) -> tuple[Place, ...]:
    """Say where each policy stands.

    Parameters
    ----------
    costs, effects : array, (P,)
        What each policy costs and saves, all against the same reference.

    Returns
    -------
    tuple of Place, (P,)
        At least one of them is on the frontier.
    """
    cost, effect = np.asarray(costs, dtype=np.float64), np.asarray(effects, dtype=np.float64)
    found: dict[int, Place] = {}
    for policy in range(cost.size):
        same = [other for other in range(policy) if cost[other] == cost[policy] and effect[other] == effect[policy]]
        better = [other for other in range(cost.size) if _dominates(cost, effect, other, policy)]
        if better:
            # the cheapest of them is dominated by nobody
            found[policy] = Place(DOMINATED, (min(better, key=lambda other: (cost[other], -effect[other], other)),))
        elif same:
            found[policy] = Place(SAME, (same[0],))
    left = sorted((policy for policy in range(cost.size) if policy not in found), key=lambda policy: effect[policy])
    out: list[int] = []
    while True:
        ratios = [(cost[b] - cost[a]) / (effect[b] - effect[a]) for a, b in zip(left, left[1:], strict=False)]
        falling = [k for k in range(1, len(ratios)) if ratios[k - 1] > ratios[k]]
        if not falling:
            break
        out.append(left.pop(falling[0]))
    for position, policy in enumerate(left):
        found[policy] = Place(ON_FRONTIER, (left[position - 1],) if position else ())
    for policy in out:
        above = next(k for k, other in enumerate(left) if effect[other] > effect[policy])
        found[policy] = Place(EXTENDEDLY_DOMINATED, (left[above - 1], left[above]))
    return tuple(found[policy] for policy in range(cost.size))


def on_frontier(costs: NDArray[np.float64], effects: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each policy is on the frontier, for many sets of numbers at once.

    Parameters
    ----------
    costs, effects : ndarray, (B, P)
        Sets of numbers.

    Returns
    -------
    ndarray of bool, (B, P)
        A policy that is the same as an earlier one is on the frontier where that is.
    """
    more_cost, more_effect = costs[:, :, None] - costs[:, None, :], effects[:, :, None] - effects[:, None, :]
    dominated = (more_cost >= 0.0) & (more_effect <= 0.0) & ((more_cost > 0.0) | (more_effect < 0.0))
    slope = more_cost / np.where(more_effect == 0.0, 1.0, more_effect)
    # a mixture of one that saves less and one that saves more passes below where the way there is steeper than the way on
    there = np.where(more_effect > 0.0, slope, -np.inf).max(axis=2)
    on = np.where(more_effect < 0.0, slope, np.inf).min(axis=2)
    kept: NDArray[np.bool_] = ~dominated.any(axis=2) & (there <= on)
    return kept


@dataclass(frozen=True)
class Comparison:
    """All policies of a run compared by one effect on one reported day.

    Attributes
    ----------
    costs
        Costs of the run.
    effect
        One of `EFFECTS`.
    report
        Position of the reported day.
    """

    costs: Costs
    effect: str
    report: int

    @cached_property
    def money(self) -> NDArray[np.float64]:
        """Net cost, (P, D)."""
        return self.costs.net[:, :, self.report]

    @cached_property
    def units(self) -> NDArray[np.float64]:
        """Firms or jobs saved, (P, D)."""
        saved: NDArray[np.float64] = self.costs.firms_saved if self.effect == "firms_saved" else self.costs.jobs_saved
        return saved[:, :, self.report]

    @cached_property
    def cost(self) -> Estimate:
        """Net cost, (P,)."""
        return over_draws(self.money, axis=1)

    @cached_property
    def saved(self) -> Estimate:
        """Firms or jobs saved, (P,)."""
        return over_draws(self.units, axis=1)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Where each policy stands, by means over draws, (P,)."""
        return places(self.cost.mean, self.saved.mean)

    @cached_property
    def frontier(self) -> tuple[int, ...]:
        """Positions of the policies on the frontier, from the cheapest to the most effective."""
        kept = [policy for policy, place in enumerate(self.places) if place.status == ON_FRONTIER]
        return tuple(sorted(kept, key=lambda policy: float(self.saved.mean[policy])))

    @cached_property
    def frontier_shares(self) -> NDArray[np.float64]:
        """Share of `RESAMPLES` resampled sets of draws in which each policy is on the frontier, (P,); NaN with one draw."""
        policies, draws = self.money.shape
        if draws == 1:
            return np.full(policies, np.nan)
        times = _resampled(draws)
        cost, saved = (np.stack([(times * values).sum(axis=1) for values in array], axis=1) for array in (self.money, self.units))
        shares: NDArray[np.float64] = on_frontier(cost, saved).mean(axis=0)
        return shares

    def against_reference(self, policy: int) -> CostPer:
        """Cost of a unit saved against the reference."""
        per = self.costs.per_firm_saved if self.effect == "firms_saved" else self.costs.per_job_saved
        return per(policy, self.report)

    def increment(self, policy: int) -> CostPer:
        """Cost of a unit more than the next cheaper policy on the frontier saves, paired over draws; only for policies on the frontier."""
        place = self.places[policy]
        if place.status != ON_FRONTIER:
            return no_ratio(self.why(policy))
        if not place.against:
            return no_ratio("the cheapest policy on the frontier")
        (before,) = place.against
        return cost_per(self.money[policy] - self.money[before], self.units[policy] - self.units[before], f"more {EFFECTS[self.effect]}")

    def why(self, policy: int) -> str:
        """Where a policy stands, in words."""
        place = self.places[policy]
        names = " and ".join(self.costs.outcomes.policies[other] for other in place.against)
        if place.status == ON_FRONTIER:
            return f"on the frontier, after {names}" if names else "on the frontier, the cheapest policy there"
        if place.status == SAME:
            return f"the same as {names}"
        return f"{place.status} by {names}" if place.status == DOMINATED else f"{place.status} by a mixture of {names}"


def _dominates(cost: NDArray[np.float64], effect: NDArray[np.float64], other: int, policy: int) -> bool:
    no_worse = cost[other] <= cost[policy] and effect[other] >= effect[policy]
    return bool(no_worse and (cost[other] < cost[policy] or effect[other] > effect[policy]))


@cache
def _resampled(draws: int) -> NDArray[np.float64]:
    """How often each draw is in each of the resampled sets, (B, D): the same sets for all policies, effects and days."""
    times = np.random.default_rng(0).multinomial(draws, np.full(draws, 1.0 / draws), size=RESAMPLES)
    return times.astype(np.float64)
