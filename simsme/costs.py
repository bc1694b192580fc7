"""What a policy costs, and what a firm or a job saved by it costs. Read off the accounts, compared with the reference draw by draw.

A payer's wealth at a day is the money it received less the money it paid, plus what firms still owe it, less the expected loss on
that and on what it guarantees. What a policy costs a payer is how much less wealth it leaves it with. So lending does not look free
while the loans are open, and interest on loans that survive counts.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simsme.engine.accounts import BALANCES, ITEMS
from simsme.flow_of_funds import sector_flows
from simsme.outcomes import Outcomes
from simsme.survival import Estimate, differences, fieller_interval, over_draws

SUPPORT_ITEMS: tuple[str, ...] = ("advance_lent", "claims_paid")
"""Bookings that are support paid out under levers, by anybody; what comes back of it is not taken off."""

CONFIDENCE = 0.95
"""Level of the intervals of means and ratios."""


@dataclass(frozen=True)
class CostPer:
    """Cost per firm or per job saved.

    Attributes
    ----------
    value
        Money per unit; None where it would mean nothing.
    low, high
        95 % interval by Fieller's theorem; None with `value`.
    reason
        Why there is no value; None where there is one.
    """

    value: float | None
    low: float | None
    high: float | None
    reason: str | None


@dataclass(frozen=True)
class Costs:
    """Costs of all policies against the reference, by draw and reported day, in money.

    Attributes
    ----------
    outcomes : Outcomes
        Outcomes of a run.
    """

    outcomes: Outcomes

    @cached_property
    def gross(self) -> NDArray[np.float64]:
        """Support paid out under levers, (P, D, R)."""
        return _booked(self.outcomes, SUPPORT_ITEMS)

    @cached_property
    def carried(self) -> NDArray[np.float64]:
        """Principal that ran on instead of falling due, (P, D, R)."""
        return _booked(self.outcomes, ("rolled_principal",))

    @cached_property
    def to_banks(self) -> NDArray[np.float64]:
        """Wealth that banks lack against the reference, (P, D, R); negative where they gain."""
        lacking: NDArray[np.float64] = -differences(bank_wealth(self.outcomes), self.outcomes.reference_index)
        return lacking + 0.0

    @cached_property
    def to_funds(self) -> NDArray[np.float64]:
        """Wealth that public funds lack against the reference, (P, D, R); negative where they gain."""
        lacking: NDArray[np.float64] = -differences(fund_wealth(self.outcomes), self.outcomes.reference_index)
        return lacking + 0.0

    @cached_property
    def net(self) -> NDArray[np.float64]:
        """Cost to all who pay for levers, (P, D, R): banks and public funds."""
        return self.to_banks + self.to_funds

    @cached_property
    def firms_saved(self) -> NDArray[np.float64]:
        """Firms saved less firms harmed, weighted, (P, D, R)."""
        return (self.outcomes.report["saved"] - self.outcomes.report["harmed"]) * self.outcomes.weight

    @cached_property
    def jobs_saved(self) -> NDArray[np.float64]:
        """Jobs more than under the reference, weighted, (P, D, R)."""
        return differences(self.outcomes.report["jobs"], self.outcomes.reference_index) * self.outcomes.jobs

    def per_firm_saved(self, policy: int, report: int) -> CostPer:
        """Net cost per firm saved under a policy by a reported day (positions on their axes)."""
        return self._per(self.firms_saved, policy, report, "firms")

    def per_job_saved(self, policy: int, report: int) -> CostPer:
        """Net cost per job saved under a policy by a reported day (positions on their axes)."""
        return self._per(self.jobs_saved, policy, report, "jobs")

    def _per(self, saved: NDArray[np.float64], policy: int, report: int, what: str) -> CostPer:
        if policy == self.outcomes.reference_index:
            return _nothing("this is the reference")
        if self.outcomes.draws == 1:
            return _nothing(f"one draw gives no interval for the {what} saved")
        units, money = saved[policy, :, report], self.net[policy, :, report]
        if not units.any():
            return _nothing(f"no {what} are saved or lost against the reference")
        critical = critical_value(self.outcomes.draws)
        estimate = over_draws(units, axis=0)
        low, high = float(estimate.mean - critical * estimate.mc_error), float(estimate.mean + critical * estimate.mc_error)
        if low <= 0 <= high:
            return _nothing(f"the 95 % interval of the {what} saved, {low:,.3g} to {high:,.3g}, includes zero")
        if high < 0:
            return _nothing(f"there are fewer {what} than under the reference")
        return CostPer(float(money.mean() / estimate.mean), *fieller_interval(money, units, critical), None)


def bank_wealth(outcomes: Outcomes) -> NDArray[np.float64]:
    """Money that banks received from firms and funds less what they lent, plus open claims at expected value, (P, D, R)."""
    claims = outcomes.balances[..., BALANCES.index("owed_banks")]
    return sector_flows(outcomes, "banks") + claims - outcomes.exposure_loss


def fund_wealth(outcomes: Outcomes) -> NDArray[np.float64]:
    """Money that funds received less advances and claims, plus open advances and fees at expected value, (P, D, R)."""
    claims = outcomes.balances[..., BALANCES.index("owed_funds")]
    return sector_flows(outcomes, "funds") + claims - outcomes.exposure_loss_funds


def critical_value(draws: int) -> float:
    """Quantile of Student's t that bounds a two-sided 95 % interval of a mean over draws (at least 2)."""
    from scipy.special import stdtrit

    return float(stdtrit(draws - 1, (1 + CONFIDENCE) / 2))


def money_estimate(amounts: NDArray[np.float64], policy: int, report: int) -> Estimate:
    """Estimate over draws of one policy and reported day of an array (P, D, R)."""
    return over_draws(amounts[policy, :, report], axis=0)


def _booked(outcomes: Outcomes, items: tuple[str, ...]) -> NDArray[np.float64]:
    places = [ITEMS.index(item) for item in items]
    booked: NDArray[np.float64] = outcomes.flows[..., places].sum(axis=-1)
    return booked


def _nothing(reason: str) -> CostPer:
    return CostPer(None, None, None, reason)
