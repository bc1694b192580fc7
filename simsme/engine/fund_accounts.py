"""What public funds have out with each firm, and what a step moved between a firm and its funds; elementwise, as the stages are."""

from typing import NamedTuple

from simsme.arithmetic import Flags, Lanes, where
from simsme.engine.bookings import Bookings
from simsme.engine.leaving import Estate
from simsme.engine.records import Answers, Firm, State
from simsme.engine.settlement import share_paid
from simsme.engine.terms import NOTHING, Terms, added

NO_OUTFLOW_DAYS = float("inf")


SUPPORTING = (
    "wage_subsidies",
    "tax_refunds",
    "grants",
    "innovation_grants",
    "digital_subsidies",
    "public_equity",
    "public_advances",
    "receivables_lent",
    "interest_subsidised",
    "rate_relief",
    "overheads_subsidised",
    "social_waived",
    "rent_waived",
    "social_deferred",
    "tax_deferred",
    "interest_deferred",
    "deferred_principal",
)
"""Entries and memoranda that are support, beside principal that ran on and what public funds do."""


class Holdings(NamedTuple):
    """What funds have out with a firm, and how long its cash lasts.

    ``cash_days`` is infinite for a firm without outflow. ``open`` is an advance that is not repaid, ``back`` the day on which the bank's
    money repays it; ``guaranteed`` is the share of the loss on ``guaranteed_loan``, paid out or on its way, that a fund bears;
    ``facility_loan`` is a loan, paid out or on its way, that has a place in a facility.
    """

    cash_days: Lanes
    open_term: Lanes
    back_term: Lanes
    open_new: Lanes
    back_new: Lanes
    guaranteed: Lanes
    guaranteed_loan: Lanes
    facility_loan: Lanes


def hold(firm: Firm, state: State) -> Holdings:
    """What funds have out with each firm in a state."""
    flows_out = firm.normal_outflow > 0.0
    cash = where(state.cash > firm.negligible, state.cash, 0.0)
    return Holdings(
        cash_days=where(flows_out, cash / where(flows_out, firm.normal_outflow, 1.0), NO_OUTFLOW_DAYS),
        open_term=state.term_loan.advance,
        back_term=state.term_loan.coming_day,
        open_new=state.new_loan.advance,
        back_new=state.new_loan.coming_day,
        guaranteed=state.guaranteed,
        guaranteed_loan=state.new_loan.principal + state.new_loan.coming,
        facility_loan=where(state.facility_rate_of > 0.0, state.new_loan.principal + state.new_loan.coming, 0.0),
    )


def support_of(bookings: Bookings, answers: Answers, terms: Terms, before: State) -> Lanes:
    """Money that levers moved for a firm in a step: what reached it, was paid for it or waived, what it owes later, what was guaranteed.

    Parameters
    ----------
    bookings, answers
        Of the step.
    terms
        Terms on the last day of the step.
    before
        At the start of the step.
    """
    guaranteed = where(answers.guarantee > 0.0, terms.cover * before.asked, 0.0)
    return added(
        bookings["rolled_principal"] + bookings["advance_lent"] + guaranteed, *(bookings.get(item, NOTHING) for item in SUPPORTING)
    )


class FundFlows(NamedTuple):
    """What a step moved between a firm and its funds: fees that they received, advances that they lost, claims that they paid."""

    advance_fees: Lanes
    guarantee_fees: Lanes
    lost_advances: Lanes
    claims: Lanes


def fund_flows(before: State, after: State, fees_paid: Lanes, goes: Flags, estate: Estate | None) -> FundFlows:
    """Attribute to the two kinds of fund what was booked for funds in a step: each gets the same share of what it was owed.

    Parameters
    ----------
    before
        At the start of the step.
    after
        At its end, before firms leave.
    fees_paid
        Fees that firms paid to funds in the step.
    goes
        Firms that leave.
    estate
        What their estates brought; None where nobody leaves.
    """
    to_guarantee = before.guarantee_accrued * share_paid(fees_paid, before.fund_accrued)
    to_bridge = fees_paid - to_guarantee
    if estate is None:
        nothing = 0.0 * fees_paid
        return FundFlows(to_bridge, to_guarantee, nothing, nothing)
    advances = after.term_loan.advance + after.new_loan.advance
    share = where(goes, share_paid(estate.funds, advances + after.fund_accrued), 0.0)
    return FundFlows(
        advance_fees=to_bridge + share * (after.fund_accrued - after.guarantee_accrued),
        guarantee_fees=to_guarantee + share * after.guarantee_accrued,
        lost_advances=where(goes, advances - share * advances, 0.0),
        claims=where(goes, estate.claims, 0.0),
    )
