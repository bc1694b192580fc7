"""One step of every firm, in economic order: read it aloud.

Stages 3 to 7 only establish what falls due; money leaves in stage 10. Everything here is elementwise: no firm sees another.
"""

from typing import NamedTuple

from simsme.arithmetic import Flags, Lanes, most, where
from simsme.engine.bookings import Bookings, split_relieved
from simsme.engine.conditions import Conditions, conditions_of
from simsme.engine.credit import (
    NEVER,
    Maturing,
    apply_for_loan,
    arrive,
    crossed,
    mature,
    recall,
    repay,
    repay_overdue,
    work_out,
)
from simsme.engine.deferrals import settle_with_state
from simsme.engine.leaving import Leaving
from simsme.engine.obligations import owe_advance, pay_interest, pay_people, pay_rent, pay_tax
from simsme.engine.receivables_finance import assign, offer, run_off
from simsme.engine.records import Answers, Clock, Events, Firm, Luck, Rules, State, Weather
from simsme.engine.requests import grant
from simsme.engine.settlement import (
    Dues,
    carry_arrears,
    draw,
    finance_gap,
    first_dues,
    line_available,
    rest_of_dues,
    settle_first,
    settle_rest,
    total_arrears,
)
from simsme.engine.support import income_of, receive_support
from simsme.engine.terms import NOTHING, LeverRow, StepTerms, added, untouched
from simsme.engine.timing import YEAR
from simsme.engine.trade import buy, collect, prefers_dormancy, sell


class Stepped(NamedTuple):
    """A step's result: the new state (firms that will go are still in it), what was booked, what happened, what stage 12 needs.

    ``conditions`` has the firm and the weather as the levers left them, by which stage 12 and reports judge the firm. ``step_terms`` and
    ``hit`` are what the step was taken with; so are ``levers``, which only who watches is told.
    """

    state: State
    bookings: Bookings
    events: Events
    leaving: Leaving
    conditions: Conditions
    step_terms: StepTerms
    hit: Lanes
    levers: tuple[LeverRow, ...] = ()


def step(
    clock: Clock,
    firm: Firm,
    rules: Rules,
    luck: Luck,
    weather: Weather,
    step_terms: StepTerms,
    answers: Answers,
    state: State,
    hit: Lanes = NOTHING,
) -> Stepped:
    """Advance firms by one step, up to the question who leaves (see :func:`simsme.engine.leaving.carry_on`).

    Parameters
    ----------
    clock, firm, rules, luck, weather, step_terms, answers, state
        See :mod:`simsme.engine.records`, :mod:`simsme.engine.terms` and :mod:`simsme.engine.requests`.
    hit
        Share of what customers would pay that is lost by contagion, see :mod:`simsme.engine.contagion`.
    """
    terms = step_terms.now
    state = grant(clock, rules, terms, answers, state)
    conditions = conditions_of(clock, firm, terms, weather)
    firm, weather = conditions.firm, conditions.weather
    alive = state.alive > 0.0
    dormant = prefers_dormancy(firm, rules, weather, state)
    trading = where(dormant, 0.0, state.alive * weather.open_share)

    # what comes in and what falls due
    sold = sell(clock, firm, rules, weather, state, trading, conditions.ordered_part)
    collected = collect(clock, firm, rules, weather, terms, state, sold, hit)
    bought = buy(clock, firm, rules, weather, terms, state, sold, trading)
    people = pay_people(clock, firm, rules, weather, terms, state, trading)
    rent = pay_rent(clock, firm, weather, terms, state)
    tax = pay_tax(clock, firm, terms, state, sold.revenue, collected.vat_in, people.deferred)

    # bank, bridge
    recall_hazard, recalled = recall(clock, rules, luck, weather, terms, state)
    answer_first, answer_second = answers.advance_term, answers.advance_new
    first = mature(clock, firm, rules, luck, weather, step_terms.term_loan, state, state.term_loan, recalled, answer_first)
    second = mature(clock, firm, rules, luck, weather, step_terms.new_loan, state, state.new_loan, recalled, answer_second)
    interest_expense = first.interest + second.interest + firm.loan_rate / YEAR * state.line_drawn * clock.h
    interest = pay_interest(clock, firm, terms, state, interest_expense, second.interest)
    waiting = (state.term_loan.coming_day < NEVER) | (state.new_loan.coming_day < NEVER)
    has_bridge = state.bridge > 0.0
    bridge_clock = state.bridge_clock + where((state.refused > 0.0) & ~waiting, clock.h / rules.bridge_call_days, 0.0)
    called = has_bridge & crossed(state.bridge_clock, bridge_clock, luck.bridge_call_at)
    dues = Dues(
        people=people.due,
        interest=interest.due,
        private=state.private_accrued,
        funds=state.fund_accrued,
        called=where(called, state.bridge, 0.0),
        rent=rent.due,
        suppliers=bought.suppliers_due,
        tax=tax.due,
    )

    # what the state gives, and what a financier takes of receipts and would lend
    support = receive_support(firm, terms, state, people.expense, bought.outlay)
    owed_later = owe_advance(clock, terms, tax.later, support)
    income = income_of(support)
    cash = state.cash + collected.receipts + collected.vat_in
    ended = run_off(terms, state, sold, collected)
    cash = cash if ended.repaid is NOTHING else cash - ended.repaid
    cash = added(cash, income, support.public_advances)
    offered = offer(terms, collected, ended.factored)

    # finance the gap
    line = line_available(firm, rules, luck, weather, terms, state)
    due_now = first_dues(dues) + total_arrears(state.arrears) + dues.called + rest_of_dues(dues)
    overdue_principal = where(first.loan.overdue_day < NEVER, first.loan.principal, 0.0) + where(
        second.loan.overdue_day < NEVER, second.loan.principal, 0.0
    )
    to_repay = (first.principal_due - first.advance), (second.principal_due - second.advance)
    to_pay = due_now + to_repay[0] + to_repay[1] + overdue_principal
    cash_out, short = alive & (to_pay > added(cash + line, offered.cash)), alive & (to_pay > cash)
    came_first = arrive(clock, firm, rules, first.loan, state.bridge, clock.a)
    came_second = arrive(clock, firm, rules, second.loan, state.bridge - came_first.to_bridge, clock.a)
    bank_money = came_first.left + came_second.left
    bridge = state.bridge - came_first.to_bridge - came_second.to_bridge
    gap = most(due_now - cash, 0.0)
    found = finance_gap(gap, line, offered.cash, bank_money, state.owner_funds, state.informal_credit)
    assigned = assign(terms, state, offered, found.receivables, ended.factored)
    cash = added(cash + found.line + bank_money + found.owner + found.informal, found.receivables)

    # settle
    paid = settle_first(firm, cash, dues, state.arrears)
    bridge = bridge - paid.called
    rest = rest_of_dues(dues)
    line_left, owner_left = line - found.line, state.owner_funds - found.owner
    repaid_first = repay(rules, luck, first, came_first.loan, paid.cash, line_left, owner_left, rest)
    line_left, owner_left = line_left - repaid_first.from_line, owner_left - repaid_first.from_owner
    repaid_second = repay(rules, luck, second, came_second.loan, paid.cash - repaid_first.from_cash, line_left, owner_left, rest)
    line_used = found.line + repaid_first.from_line + repaid_second.from_line
    owner_in = found.owner + repaid_first.from_owner + repaid_second.from_owner
    bridged_on = where(repaid_second.bridged > 0.0, second.day, where(repaid_first.bridged > 0.0, first.day, clock.a))
    paid_rest = settle_rest(paid.cash - repaid_first.from_cash - repaid_second.from_cash, dues)
    bridge = bridge + repaid_first.bridged + repaid_second.bridged
    refused_now = where(
        ((repaid_first.bridged > 0.0) & ~repaid_first.relent) | ((repaid_second.bridged > 0.0) & ~repaid_second.relent), 1.0, 0.0
    )
    arrears = carry_arrears(state.arrears, dues, paid, paid_rest)
    put_off = added(people.deferred, tax.moved)
    with_state = settle_with_state(terms, state, put_off, support.public_advances, owed_later.amount + arrears.tax)
    again_first = arrive(clock, firm, rules, repaid_first.loan, bridge, bridged_on)
    again_second = arrive(clock, firm, rules, repaid_second.loan, bridge - again_first.to_bridge, bridged_on)
    bridge = bridge - again_first.to_bridge - again_second.to_bridge
    cash = paid_rest.cash + again_first.left + again_second.left

    # interest and fees that accrue after their due day was fixed
    late_interest = came_first.interest + came_second.interest + again_first.interest + again_second.interest
    late_interest = late_interest + firm.loan_rate / YEAR * (
        where(repaid_first.overdue, first.principal_due * (clock.b - first.day), 0.0)
        + where(repaid_second.overdue, second.principal_due * (clock.b - second.day), 0.0)
    )
    fees = (
        rules.bridge_fee_per_day
        * (state.bridge * clock.h + repaid_first.bridged * (clock.b - first.day) + repaid_second.bridged * (clock.b - second.day))
        - (came_first.fee_saved + came_second.fee_saved + again_first.fee_saved + again_second.fee_saved)
        + rules.informal_rate / YEAR * state.informal_debt * clock.h
    )
    unpaid_private = dues.private * (1.0 - paid.share_of_first)
    informal_debt = state.informal_debt + found.informal + unpaid_private
    guarantee_fee = state.guarantee_fee_rate * state.new_loan.principal * clock.h / YEAR
    fund_fees = repaid_first.fund_fee + repaid_second.fund_fee + guarantee_fee
    unpaid_share = 1.0 - paid.share_of_first

    # repay from spare cash, draw
    reserve = rules.cover_days * firm.fixed_outflow
    term_loan, cleared_first = repay_overdue(again_first.loan, cash, reserve)
    new_loan, cleared_second = repay_overdue(again_second.loan, cash - cleared_first, reserve)
    cash = cash - cleared_first - cleared_second
    owing = total_arrears(arrears)
    behind = (term_loan.overdue_day < NEVER) | (new_loan.overdue_day < NEVER) | (owing > firm.negligible)
    drawn = draw(clock, firm, rules, cash, bridge, informal_debt, state.line_drawn + line_used, behind)

    # apply for a loan
    application = apply_for_loan(clock, firm, rules, luck, weather, terms, state, term_loan, new_loan, drawn.cash, owing)

    second_ends = repaid_second.repaid | (cleared_second > 0.0)

    # profit
    private_due = dues.private
    interest_expense = interest_expense + late_interest
    profit = (
        (sold.revenue - bought.materials_used - people.expense - rent.expense - bought.overheads - tax.expense)
        - interest_expense
        - fees
        - fund_fees
        - collected.bad_debt
        - bought.write_down
    )
    profit = added(profit, income, bought.overheads_subsidised, interest.subsidised, interest.cheaper, ended.lost)
    spent = added(bought.outlay, assigned.discount)
    profit = profit if spent is NOTHING else profit - spent

    # exit or carry on
    ended_first = work_out(clock, rules, luck, terms, term_loan)
    ended_second = work_out(clock, rules, luck, terms, application.loan)
    after = State(
        alive=state.alive,
        cash=drawn.cash,
        receivables=collected.receivables,
        undelivered=sold.undelivered,
        stock=bought.stock,
        stock_cost=bought.stock_cost,
        work_in_progress=bought.work_in_progress,
        payables=bought.payables,
        people_accrued=people.accrued,
        rent_accrued=rent.accrued,
        tax_accrued=tax.accrued,
        interest_accrued=interest.accrued + late_interest,
        private_accrued=fees,
        fund_accrued=dues.funds * unpaid_share + fund_fees,
        guarantee_accrued=state.guarantee_accrued * unpaid_share + guarantee_fee,
        arrears=arrears,
        dues=state.dues + dues.people + dues.interest + rest,
        term_loan=ended_first.loan,
        new_loan=ended_second.loan,
        line_drawn=state.line_drawn + line_used - drawn.line_repaid,
        bridge=bridge - drawn.bridge_repaid,
        refused=where(bridge - drawn.bridge_repaid > 0.0, most(state.refused, refused_now), 0.0),
        informal_debt=informal_debt - drawn.informal_repaid,
        owner_funds=state.owner_funds - owner_in,
        informal_credit=state.informal_credit - found.informal,
        smoothed=bought.smoothed,
        staffing=people.staffing,
        equity=state.equity + profit + owner_in - drawn.drawings,
        recall_hazard=recall_hazard,
        bridge_clock=where(has_bridge & ~called, bridge_clock, 0.0),
        other_hazard=state.other_hazard + firm.background_rate * clock.h / YEAR,
        last_application=where(application.applied, clock.b, state.last_application),
        asked=state.asked + application.asked,
        asked_day=where(application.asked > 0.0, clock.b, state.asked_day),
        guaranteed=where(second_ends, 0.0, state.guaranteed),
        guarantee_fee_rate=where(second_ends, 0.0, state.guarantee_fee_rate),
        order_receivables=collected.order_receivables,
        order_terms=collected.order_terms,
        factored=assigned.factored,
        recourse_of=assigned.recourse_of,
        deferred_tax=owed_later.amount,
        deferred_tax_day=owed_later.day,
        deferred_interest=interest.later.amount,
        deferred_interest_day=interest.later.day,
        compensated=_of_new_loan(terms.compensation, second_ends, state.compensated, application.compensated),
        facility_rate_of=_of_new_loan(terms.facility_rate, second_ends, state.facility_rate_of, NOTHING),
        put_off_open=with_state.put_off_open,
        advance_open=with_state.advance_open,
        refunded=support.refunded,
        granted=support.granted,
        innovated=support.innovated,
        growth_received=support.growth_received,
        advanced_publicly=support.advanced_publicly,
        invested=bought.invested,
    )
    leaving = Leaving(
        enforced=paid.call_failed | ended_first.enforced | ended_second.enforced,
        other=crossed(state.other_hazard, after.other_hazard, luck.other_at),
    )

    people_now = dues.people * paid.share_of_first
    wages, social = split_relieved(firm, people_now + state.arrears.people * paid.share_of_arrears, people_now, people.social_part)
    old = paid.share_of_arrears
    bookings: Bookings = {
        "cash_sales": sold.cash_sales,
        "collections": collected.collections,
        "vat_in": collected.vat_in,
        "wages_paid": wages,
        "social_paid": social,
        "suppliers_paid": paid_rest.suppliers + state.arrears.suppliers * old,
        "rent_paid": paid_rest.rent + state.arrears.rent * old,
        "tax_paid": paid_rest.tax + state.arrears.tax * old,
        "interest_paid": dues.interest * paid.share_of_first + state.arrears.interest * old,
        "principal_repaid": (
            where(repaid_first.repaid, first.principal_due, 0.0)
            + where(repaid_second.repaid, second.principal_due, 0.0)
            + cleared_first
            + cleared_second
            + drawn.line_repaid
        ),
        "bank_lent": came_first.amount + came_second.amount + again_first.amount + again_second.amount + line_used,
        "advance_lent": repaid_first.advanced + repaid_second.advanced,
        "advance_repaid": came_first.to_fund + came_second.to_fund + again_first.to_fund + again_second.to_fund,
        "fund_fees_paid": dues.funds * paid.share_of_first,
        "bridge_lent": repaid_first.bridged + repaid_second.bridged,
        "bridge_repaid": (
            came_first.to_bridge
            + came_second.to_bridge
            + again_first.to_bridge
            + again_second.to_bridge
            + paid.called
            + drawn.bridge_repaid
        ),
        "informal_lent": found.informal,
        "informal_repaid": drawn.informal_repaid,
        "private_fees_paid": private_due * paid.share_of_first,
        "owner_in": owner_in,
        "drawings": drawn.drawings,
        "credit_sales": added(sold.credit_sales, sold.order_sales),
        "purchases": bought.purchases,
        "materials_used": bought.materials_used,
        "people_expense": people.expense,
        "rent_expense": rent.expense,
        "overheads_expense": bought.overheads,
        "tax_expense": tax.expense,
        "interest_expense": interest_expense,
        "private_fees_expense": fees,
        "fund_fees_expense": fund_fees,
        "bad_debt": collected.bad_debt,
        "write_down": bought.write_down,
        "rolled_principal": (
            where(first.rolled_by_lever, state.term_loan.principal, 0.0) + where(second.rolled_by_lever, state.new_loan.principal, 0.0)
        ),
    }
    moved_by_levers: Bookings = {
        "wage_subsidies": support.wage_subsidies,
        "tax_refunds": support.tax_refunds,
        "grants": support.grants,
        "innovation_grants": support.innovation_grants,
        "digital_subsidies": support.digital_subsidies,
        "public_equity": support.public_equity,
        "public_advances": support.public_advances,
        "receivables_lent": found.receivables,
        "receivables_repaid": ended.repaid,
        "interest_subsidised": interest.subsidised,
        "rate_relief": interest.cheaper,
        "overheads_subsidised": bought.overheads_subsidised,
        "rent_compensation": NOTHING if untouched(rent.waived) else terms.rent_state_share * rent.waived,
        "programme_costs": NOTHING if untouched(terms.programme_cost) else state.alive * terms.programme_cost * clock.h / YEAR,
        "investment_expense": bought.outlay,
        "discount_expense": assigned.discount,
        "social_deferred": people.deferred,
        "lost_by_financiers": ended.lost,
        "social_waived": people.waived,
        "rent_waived": rent.waived,
        "tax_deferred": tax.moved,
        "interest_deferred": interest.moved,
        "deferred_principal": NOTHING if untouched(terms.deferral_day) else _deferred_principal(state, first, second),
        "order_sales": sold.order_sales,
        "lifted_sales": NOTHING if untouched(conditions.lifted_part) else conditions.lifted_part * sold.revenue,
        "deferred_paid": with_state.put_off_paid,
        "public_advances_repaid": with_state.advance_repaid,
    }
    bookings |= {item: amount for item, amount in moved_by_levers.items() if amount is not NOTHING}
    events = Events(
        cash_out=cash_out,
        short=short,
        trades=alive & ~dormant & ~weather.closed,
        dormant=alive & dormant,
        cause=where(alive, 0.0, 0.0),
        deferred=(first.deferred, second.deferred),
        rolled=(first.rolled, second.rolled),
        rolled_by_lever=(first.rolled_by_lever, second.rolled_by_lever),
        repaid=(repaid_first.repaid, repaid_second.repaid),
        bridged=(repaid_first.bridged, repaid_second.bridged),
        relent=(repaid_first.relent, repaid_second.relent),
        became_overdue=(repaid_first.overdue & ~first.again, repaid_second.overdue & ~second.again),
        arrived=(came_first.amount + again_first.amount, came_second.amount + again_second.amount),
        rescheduled=(ended_first.rescheduled, ended_second.rescheduled),
        recalled=alive & recalled,
        call_met=paid.call_met,
        call_failed=paid.call_failed,
        applied=application.applied,
        approved=application.approved,
        asks_guarantee=application.asked > 0.0,
        advanced=(repaid_first.advanced, repaid_second.advanced),
        answers=answers,
    )
    return Stepped(after, bookings, events, leaving, conditions, step_terms, hit)


def _of_new_loan(term: Lanes, ends: Flags, before: Lanes, begins: Lanes) -> Lanes:
    """A share or a rate that belongs to the new loan: it ends with the loan, and may begin with the next."""
    if term is NOTHING:
        return before
    left = where(ends, 0.0, before)
    return left if begins is NOTHING else where(begins > 0.0, begins, left)


def _deferred_principal(state: State, first: Maturing, second: Maturing) -> Lanes:
    """Principal that fell due and was put off to a day of a lever."""
    return where(first.deferred, state.term_loan.principal, 0.0) + where(second.deferred, state.new_loan.principal, 0.0)
