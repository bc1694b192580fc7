"""What falls due to people, landlords, the state, and the bank in interest: stages 4 to 7 of a step."""

from typing import NamedTuple

from simsme.arithmetic import Lanes, least, most, where
from simsme.engine.deferrals import Deferred, moved, put_off, release
from simsme.engine.records import Clock, Firm, Rules, State, Weather
from simsme.engine.support import Support
from simsme.engine.terms import NOTHING, Terms, added, relieved, untouched
from simsme.engine.timing import MONTH, YEAR, approach, fall_due


class PeoplePaid(NamedTuple):
    """Stage 4: wages with social insurance, and staffing (1 = normal) after lay-offs.

    ``social_part`` is the part of social insurance in what is due now; ``waived`` and ``deferred`` are of social insurance.
    """

    expense: Lanes
    due: Lanes
    accrued: Lanes
    staffing: Lanes
    social_part: Lanes
    waived: Lanes
    deferred: Lanes


def pay_people(clock: Clock, firm: Firm, rules: Rules, weather: Weather, terms: Terms, state: State, trading: Lanes) -> PeoplePaid:
    """Payroll falls due on the payday; it follows demand with a lag, and a firm that does not trade pays a part of it."""
    elasticity = rules.payroll_elasticity
    if terms.retention is not NOTHING:
        elasticity = where(weather.wanted < 1.0, relieved(elasticity, terms.retention), elasticity)
    wanted = 1.0 + elasticity * (weather.wanted - 1.0)
    adjusted = trading * (wanted - state.staffing) * approach(clock.h, rules.payroll_lag_days)
    staffing = most(state.staffing + adjusted, 0.0)
    at_work = trading + (1.0 - trading) * rules.dormant_payroll_share
    expense = state.alive * (firm.people_cost * clock.h / YEAR * weather.wage_level) * staffing * at_work

    # of what is left of each yuan: all social insurance that there was, what is left of that; and the part of all that may be deferred
    there_was = social = firm.social_part
    relief, share, waived = terms.social_relief, terms.social_deferral_share, NOTHING
    if relief is not NOTHING:
        waived = relief * social * expense
        expense = expense - waived
        there_was = where(relief > 0.0, social / (1.0 - social * relief), social)
        social = relieved(there_was, relief)
        share = share if share is NOTHING else least(share, 1.0 - relief)
    due, accrued = fall_due(state.people_accrued, expense, firm.payday, MONTH, clock)
    deferred = moved(clock, there_was * due, share, terms.public_deferral_day)
    if deferred is not NOTHING:
        left = due - deferred
        still = most(social * due - deferred, 0.0)
        social = where(deferred > 0.0, still / where(deferred > 0.0, left, 1.0), social)
        due = left
    return PeoplePaid(expense, due, accrued, staffing, social, waived, deferred)


class RentPaid(NamedTuple):
    """Stage 5: rent of the step, the part of what accrued that falls due in it, what goes on accruing, what is waived."""

    expense: Lanes
    due: Lanes
    accrued: Lanes
    waived: Lanes


def pay_rent(clock: Clock, firm: Firm, weather: Weather, terms: Terms, state: State) -> RentPaid:
    """Rent falls due on its day of the month or quarter (stage 5; overheads are bought like materials, without delay)."""
    expense = state.alive * (firm.rent * clock.h / YEAR * weather.rent_level)
    waived = NOTHING if terms.rent_relief is NOTHING else terms.rent_relief * expense
    if waived is not NOTHING:
        expense = expense - waived
    due, accrued = fall_due(state.rent_accrued, expense, firm.rent_day, firm.rent_period, clock)
    return RentPaid(expense, due, accrued, waived)


class TaxPaid(NamedTuple):
    """Stage 6: taxes of the step, what falls due of them, what goes on accruing, and what is owed to the state later.

    ``moved`` is what of the taxes due moved to ``later``; what had been deferred until now is in ``due``.
    """

    expense: Lanes
    due: Lanes
    accrued: Lanes
    moved: Lanes
    later: Deferred


def pay_tax(clock: Clock, firm: Firm, terms: Terms, state: State, revenue: Lanes, vat_in: Lanes, social_deferred: Lanes) -> TaxPaid:
    """Taxes accrue with revenue, VAT with receipts; both fall due monthly (stage 6). VAT is no expense.

    ``social_deferred`` is owed to the state with the taxes that are deferred.
    """
    expense = firm.tax_share * revenue
    due, accrued = fall_due(state.tax_accrued, expense + vat_in, firm.tax_day, MONTH, clock)
    if untouched(terms.tax_deferral_share, terms.social_deferral_share, terms.public_advance_share):
        return TaxPaid(expense, due, accrued, NOTHING, Deferred(state.deferred_tax, state.deferred_tax_day))
    until_now = release(clock, state.deferred_tax, state.deferred_tax_day)
    tax_deferred = moved(clock, due, terms.tax_deferral_share, terms.public_deferral_day)
    later = put_off(Deferred(until_now.kept, until_now.day), added(social_deferred, tax_deferred), terms.public_deferral_day)
    due = until_now.due + (due if tax_deferred is NOTHING else due - tax_deferred)
    return TaxPaid(expense, due, accrued, tax_deferred, later)


def owe_advance(clock: Clock, terms: Terms, later: Deferred, support: Support) -> Deferred:
    """A repayable advance is owed to the state like deferred taxes."""
    return put_off(later, support.public_advances, clock.b + terms.public_advance_days)


class InterestPaid(NamedTuple):
    """Stage 7: interest that falls due, what goes on accruing, and what others pay of it or the firm pays later.

    ``cheaper`` is what the central bank pays as it accrues, ``subsidised`` what the state pays of what is due.
    """

    due: Lanes
    accrued: Lanes
    cheaper: Lanes
    subsidised: Lanes
    moved: Lanes
    later: Deferred


def pay_interest(clock: Clock, firm: Firm, terms: Terms, state: State, expense: Lanes, on_new_loan: Lanes) -> InterestPaid:
    """Interest falls due monthly; a part may move to a later day, and of the rest the state may pay a part.

    Parameters
    ----------
    expense, on_new_loan
        Interest of the step before anybody helps, and the part of it that is on the new loan.
    """
    cheaper = NOTHING
    if terms.facility_rate is not NOTHING:
        cheaper = least(state.facility_rate_of * state.new_loan.principal * clock.h / YEAR, on_new_loan)
        expense = expense - cheaper
    due, accrued = fall_due(state.interest_accrued, expense, firm.interest_day, MONTH, clock)
    later, interest_deferred = Deferred(state.deferred_interest, state.deferred_interest_day), NOTHING
    if terms.interest_deferral_share is not NOTHING:
        until_now = release(clock, state.deferred_interest, state.deferred_interest_day)
        interest_deferred = moved(clock, due, terms.interest_deferral_share, terms.interest_deferral_day)
        later = put_off(Deferred(until_now.kept, until_now.day), interest_deferred, terms.interest_deferral_day)
        due = until_now.due + (due - interest_deferred)
    subsidised = NOTHING if terms.interest_subsidy is NOTHING else terms.interest_subsidy * due
    return InterestPaid(due if subsidised is NOTHING else due - subsidised, accrued, cheaper, subsidised, interest_deferred, later)
