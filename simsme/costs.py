"""What a policy costs, and what a firm or a job saved by it costs. Read off the accounts, compared with the reference draw by draw.

A payer's wealth at a day is the money it received less the money it paid, plus what firms still owe it, less the expected loss on
that and on what it guarantees. What a policy costs a payer is how much less wealth it leaves it with. So lending does not look free
while the loans are open, and interest on loans that survive counts. Firms that survive also go on to owe taxes and rents: this return
of a policy is no part of its cost and stands beside it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simsme.engine.accounts import ITEMS
from simsme.flow_of_funds import sector_claims, sector_flows
from simsme.lever_entries import PAYERS, items_of
from simsme.outcomes import Outcomes
from simsme.survival import Estimate, differences, fieller_interval, over_draws

CONFIDENCE = 0.95
"""Level of the intervals of means and ratios."""

TAX_ITEMS = ("vat_in", "tax_expense", "social_paid", "estate_social", "social_deferred", "social_waived")
"""Taxes and social insurance that arise, before anything is waived; taxes when they accrue, social insurance when it is paid."""

RENT_ITEMS = ("rent_expense", "rent_waived")
"""Rents that accrue, before anything is waived."""


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
        """Money paid out under levers by anybody, claims included, (P, D, R); what comes back of it is not taken off."""
        return booked(self.outcomes, items_of("outlay") + items_of("claims"))

    @cached_property
    def repaid(self) -> NDArray[np.float64]:
        """Money that came back of it, (P, D, R): of advances of funds and of the state, and of receivables."""
        return booked(self.outcomes, items_of("repaid"))

    @cached_property
    def foregone(self) -> NDArray[np.float64]:
        """Social insurance and rent waived, (P, D, R)."""
        return booked(self.outcomes, items_of("foregone"))

    @cached_property
    def carried(self) -> NDArray[np.float64]:
        """Principal that ran on instead of falling due, (P, D, R)."""
        return booked(self.outcomes, ("rolled_principal", "deferred_principal"))

    @cached_property
    def by_payer(self) -> dict[str, NDArray[np.float64]]:
        """Cost to each of `simsme.lever_entries.PAYERS`, (P, D, R): wealth that it lacks against the reference; negative where it gains.

        Without what `returns` has.
        """
        costs = {payer: -self.wealth_change(payer) for payer in PAYERS}
        return {payer: cost + self.returns[payer] if payer in self.returns else cost + 0.0 for payer, cost in costs.items()}

    @cached_property
    def to_banks(self) -> NDArray[np.float64]:
        """Wealth that banks lack against the reference, (P, D, R); negative where they gain."""
        return self.by_payer["banks"]

    @cached_property
    def to_funds(self) -> NDArray[np.float64]:
        """Wealth that public funds lack against the reference, (P, D, R); negative where they gain."""
        return self.by_payer["funds"]

    @cached_property
    def net(self) -> NDArray[np.float64]:
        """Cost to all payers together, (P, D, R)."""
        total = np.zeros(self.gross.shape)
        for cost in self.by_payer.values():
            total += cost
        return total

    @cached_property
    def returns(self) -> dict[str, NDArray[np.float64]]:
        """Revenue that arises beyond that of the reference, (P, D, R), before waivers: ``government`` taxes, ``landlords`` rents.

        Firms that survive go on to owe both; what is waived for them is cost.
        """
        revenue = {"government": booked(self.outcomes, TAX_ITEMS), "landlords": booked(self.outcomes, RENT_ITEMS)}
        return {payer: differences(values, self.outcomes.reference_index) + 0.0 for payer, values in revenue.items()}

    @cached_property
    def displaced_sales(self) -> NDArray[np.float64]:
        """Sales gained under levers that are other firms' sales, (P, D, R); nobody's payment, and no part of any cost."""
        lost = np.zeros(self.gross.shape)
        for item, share in self.outcomes.displaced.items():
            lost += share * self.outcomes.flows[..., ITEMS.index(item)]
        return lost

    @cached_property
    def firms_saved(self) -> NDArray[np.float64]:
        """Firms saved less firms harmed, weighted, (P, D, R)."""
        return (self.outcomes.report["saved"] - self.outcomes.report["harmed"]) * self.outcomes.weight

    @cached_property
    def jobs_saved(self) -> NDArray[np.float64]:
        """Jobs more than under the reference, weighted, (P, D, R)."""
        return differences(self.outcomes.report["jobs"], self.outcomes.reference_index) * self.outcomes.jobs

    def wealth_change(self, sector: str) -> NDArray[np.float64]:
        """Wealth of a sector beyond that under the reference, (P, D, R), open claims at expected value.

        Over all sectors it adds up to what expected losses take off: money never appears.
        """
        return differences(wealth(self.outcomes, sector), self.outcomes.reference_index)

    def per_firm_saved(self, policy: int, report: int) -> CostPer:
        """Net cost per firm saved under a policy by a reported day (positions on their axes)."""
        return self._per(self.firms_saved, policy, report, "firms")

    def per_job_saved(self, policy: int, report: int) -> CostPer:
        """Net cost per job saved under a policy by a reported day (positions on their axes)."""
        return self._per(self.jobs_saved, policy, report, "jobs")

    def _per(self, saved: NDArray[np.float64], policy: int, report: int, what: str) -> CostPer:
        if policy == self.outcomes.reference_index:
            return no_ratio("this is the reference")
        return cost_per(self.net[policy, :, report], saved[policy, :, report], what)


def cost_per(money: NDArray[np.float64], units: NDArray[np.float64], what: str) -> CostPer:
    """Money per unit saved: a number only where the 95 % interval of the units saved lies above zero.

    Parameters
    ----------
    money, units : ndarray, (D,)
        One pair a draw, differences between two policies.
    what : str
        Name of the units, ``firms`` or ``jobs``, for the reason.
    """
    if units.size == 1:
        return no_ratio(f"one draw gives no interval for the {what} saved")
    if not units.any():
        return no_ratio(f"no {what} are saved or lost")
    critical = critical_value(units.size)
    estimate = over_draws(units, axis=0)
    low, high = float(estimate.mean - critical * estimate.mc_error), float(estimate.mean + critical * estimate.mc_error)
    if low <= 0 <= high:
        return no_ratio(indistinct(what, low, high))
    if high < 0:
        return no_ratio(f"{what} are lost, not saved")
    return CostPer(float(money.mean() / estimate.mean), *fieller_interval(money, units, critical), None)


def wealth(outcomes: Outcomes, sector: str) -> NDArray[np.float64]:
    """Money that a sector received less money that it paid since day 0, plus its claims on firms at expected value, (P, D, R).

    Firms' own is their cash, what customers owe them, less all that they owe. Stock and fixed assets are nobody's claim and not in it.
    What the state put into firms as equity is its claim as long as they are there.
    """
    return sector_flows(outcomes, sector) + sector_claims(outcomes, sector) + stake(outcomes, sector) - expected_loss(outcomes, sector)


def stake(outcomes: Outcomes, sector: str) -> NDArray[np.float64]:
    """Public equity in firms that are there, as it was paid in, (P, D, R): the government's, taken off what is firms' own; else 0."""
    share = {"government": 1.0, "firms": -1.0}.get(sector, 0.0)
    return share * outcomes.still_open["equity"] if "equity" in outcomes.still_open else np.zeros(outcomes.exposure_loss.shape)


def expected_loss(outcomes: Outcomes, sector: str) -> NDArray[np.float64]:
    """Expected loss on a sector's open claims and guarantees, (P, D, R); valued for those that lend or pay equity in, 0 for others."""
    by_sector = {
        "banks": outcomes.exposure_loss,
        "funds": outcomes.exposure_loss_funds,
        "government": outcomes.exposure_loss_state,
        "financiers": outcomes.exposure_loss_financiers,
    }
    return by_sector[sector] if sector in by_sector else np.zeros(outcomes.exposure_loss.shape)


def bank_wealth(outcomes: Outcomes) -> NDArray[np.float64]:
    """Wealth of banks, see `wealth`."""
    return wealth(outcomes, "banks")


def fund_wealth(outcomes: Outcomes) -> NDArray[np.float64]:
    """Wealth of public funds, see `wealth`."""
    return wealth(outcomes, "funds")


def open_claims(outcomes: Outcomes, payer: str) -> NDArray[np.float64]:
    """What firms still owe a payer beyond what they owe it under the reference, (P, D, R)."""
    return differences(sector_claims(outcomes, payer), outcomes.reference_index) + 0.0


def critical_value(draws: int) -> float:
    """Quantile of Student's t that bounds a two-sided 95 % interval of a mean over draws (at least 2)."""
    from scipy.special import stdtrit

    return float(stdtrit(draws - 1, (1 + CONFIDENCE) / 2))


def money_estimate(amounts: NDArray[np.float64], policy: int, report: int) -> Estimate:
    """Estimate over draws of one policy and reported day of an array (P, D, R)."""
    return over_draws(amounts[policy, :, report], axis=0)


def booked(outcomes: Outcomes, items: tuple[str, ...]) -> NDArray[np.float64]:
    """Sum of some entries and memoranda since day 0, (P, D, R)."""
    total = np.zeros(outcomes.flows.shape[:-1])
    # item by item, so that the order of adding up depends on nothing
    for item in items:
        total += outcomes.flows[..., ITEMS.index(item)]
    return total


def indistinct(what: str, low: float, high: float) -> str:
    """Say that what is saved cannot be told from nothing, with the 95 % interval of its mean over draws."""
    return f"{what} saved are not distinguishable from none (95 % interval {_two_digits(low)} to {_two_digits(high)} {what})"


def _two_digits(value: float) -> str:
    """A number in at least two digits, in groups of three, with a proper minus."""
    return (f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}").replace("-", "\N{MINUS SIGN}")


def no_ratio(reason: str) -> CostPer:
    """No number, and why."""
    return CostPer(None, None, None, reason)
