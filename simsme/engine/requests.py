"""What firms ask of public funds before a step, from their state at its start, and what a guarantee that is granted changes.

A request for an advance stands on a loan that falls due in the step, or is overdue, and that the bank is committed to lend again. A
request for a guarantee waits since the step in which the bank refused the firm without one. A new loan asks for a place in a facility
once, in the step after the one in which it was approved.
"""

from typing import NamedTuple

from simsme.arithmetic import Flags, Lanes, most, where
from simsme.engine.credit import NEVER, largest_advance, mature, recall
from simsme.engine.records import Answers, Clock, Firm, Loan, Luck, Rules, State, Weather
from simsme.engine.terms import NOTHING, StepTerms, Terms, relieved

__all__ = ["NO_ANSWERS", "Answers", "Requests", "ask", "grant"]

NO_ANSWERS = Answers(*(NOTHING for _ in Answers._fields))
"""Answers where there is no fund."""


class Requests(NamedTuple):
    """Sums that firms ask for, 0 where they ask for nothing, and the days from which they need them or since which they wait."""

    advance_term: Lanes
    day_term: Lanes
    advance_new: Lanes
    day_new: Lanes
    guarantee: Lanes
    asked_day: Lanes
    facility: Lanes
    approved_day: Lanes


def ask(clock: Clock, firm: Firm, rules: Rules, luck: Luck, weather: Weather, step_terms: StepTerms, state: State) -> Requests:
    """State the requests of every firm.

    Parameters
    ----------
    clock, firm, rules, luck, weather, step_terms, state
        As :func:`simsme.engine.step.step` takes them.
    """
    now = step_terms.now
    bank = recall(clock, rules, luck, weather, now, state)
    stands = bank.hazard < luck.recall_at

    def advance(terms: Terms, loan: Loan, no_recall: Flags) -> tuple[Lanes, Lanes]:
        maturing = mature(clock, firm, rules, luck, weather, terms, state, loan, bank.recalled, NOTHING)
        needs = (maturing.principal_due > 0.0) | ((loan.overdue_day < NEVER) & no_recall)
        largest = largest_advance(terms, loan.principal, maturing.coming)
        asks = needs & (luck.renewal < maturing.odds) & (largest > firm.negligible)
        return where(asks, largest, 0.0), maturing.day

    advance_term, day_term = advance(step_terms.term_loan, state.term_loan, stands)
    advance_new, day_new = advance(step_terms.new_loan, state.new_loan, stands)
    guarantee = where(now.cover > 0.0, state.asked, 0.0)
    # who applied at the end of the last step had no new loan: what is on its way now was approved then, and without a guarantee
    approved = (state.last_application == clock.a) & (state.new_loan.coming > 0.0) & (now.facility_rate > 0.0)
    facility = where(approved, state.new_loan.coming, 0.0)
    return Requests(advance_term, day_term, advance_new, day_new, guarantee, state.asked_day, facility, state.last_application)


def grant(clock: Clock, rules: Rules, terms: Terms, answers: Answers, state: State) -> State:
    """The state in which a step begins: a loan that got its guarantee is on its way, a request that waited too long has lapsed.

    A loan that got its place in a facility is cheaper.

    Parameters
    ----------
    terms
        Terms on the last day of the step.
    """
    if answers is NO_ANSWERS:
        return state
    granted = answers.guarantee > 0.0
    waits = ~granted & (terms.cover > 0.0) & (clock.b - state.asked_day < rules.reapply_days)
    paid_out = most(state.asked_day - 0.5 * clock.h + relieved(rules.approval_days, terms.approval_relief), clock.a)
    loan = state.new_loan
    if answers.facility is not NOTHING:
        state = state._replace(facility_rate_of=where(answers.facility > 0.0, terms.facility_rate, state.facility_rate_of))
    return state._replace(
        new_loan=loan._replace(coming=where(granted, state.asked, loan.coming), coming_day=where(granted, paid_out, loan.coming_day)),
        asked=where(waits, state.asked, 0.0),
        asked_day=where(waits, state.asked_day, NEVER),
        guaranteed=where(granted, terms.cover, state.guaranteed),
        guarantee_fee_rate=where(granted, terms.cover * terms.guarantee_fee_per_year, state.guarantee_fee_rate),
    )
