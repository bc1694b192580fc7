"""Exit or carry on (stage 12), and the estate of a firm that goes."""

from typing import NamedTuple

import numpy as np

from simsme.arithmetic import Flags, Lanes, least, most, where
from simsme.engine.credit import NEVER, bank_claims, renewal_odds
from simsme.engine.records import Arrears, Clock, Firm, Loan, Rules, State, Weather
from simsme.engine.settlement import share_paid, total_arrears
from simsme.engine.terms import NOTHING, DueTerms
from simsme.engine.timing import YEAR


def out_of_patience(clock: Clock, firm: Firm, rules: Rules, dues_before: Lanes, dues_then: Lanes, state: State) -> Flags:
    """Whether the oldest arrear is older than the creditors' patience: first in, first out, from cumulated sums.

    Parameters
    ----------
    dues_before
        Cumulated dues at the start of the step.
    dues_then
        Cumulated dues at the day b - patience, or at the start of the step where that day lies in it.
    """
    day = clock.b - firm.patience
    inside = dues_before + (state.dues - dues_before) * (day - clock.a) / clock.h
    dues_at = where(day > clock.a, inside, dues_then)
    arrears = total_arrears(state.arrears)
    paid = state.dues - arrears
    return (arrears > firm.negligible) & (dues_at > paid + rules.patience_tolerance_days * firm.normal_outflow)


def gives_up(clock: Clock, firm: Firm, rules: Rules, weather: Weather, due_terms: DueTerms, state: State) -> Flags:
    """Whether the owner sees no way: in arrears, and what is left with what is expected is below minus the hope.

    A maturity to come is judged by the terms of its day.
    """
    arrears = total_arrears(state.arrears)
    at_risk = np.zeros(())
    for loan, terms in ((state.term_loan, due_terms.term_loan), (state.new_loan, due_terms.new_loan)):
        odds = renewal_odds(firm, rules, weather, terms, state.arrears.interest)
        runs_on = terms.rolled > 0.0
        runs_on = runs_on if terms.deferral_day is NOTHING else runs_on | (terms.deferral_day > loan.due_day)
        refused = where(runs_on, 0.0, 1.0 - odds)
        due_soon = where(loan.due_day <= clock.b + rules.outlook_days, refused * loan.principal, 0.0)
        overdue = where(loan.overdue_day < NEVER, (1.0 - rules.workout) * loan.principal, 0.0)
        at_risk = at_risk + due_soon + overdue
    margin = weather.sales_price * (1.0 - firm.tax_share) - firm.materials_share * weather.materials_price
    debt = state.term_loan.principal + state.new_loan.principal + state.line_drawn
    people = firm.people_cost * state.staffing * weather.wage_level
    at_work = weather.outlook_open * (1.0 - rules.dormant_payroll_share) * people
    traded = most(weather.outlook_demand * firm.sales * margin - at_work, 0.0)
    costs = rules.dormant_payroll_share * people + firm.rent * weather.rent_level + firm.overheads
    yearly = traded - costs - firm.loan_rate * debt
    worth = (
        state.cash
        + state.owner_funds
        + rules.collectable_share * (state.receivables + state.order_receivables)
        + rules.stock_share * (state.stock_cost + state.work_in_progress)
        + state.term_loan.coming
        + state.new_loan.coming
        - state.term_loan.advance
        - state.new_loan.advance
        - state.fund_accrued
        - state.factored
        - state.deferred_tax
        - state.deferred_interest
        - state.payables
        - arrears
        - state.bridge
        - at_risk
        + rules.outlook_days / YEAR * yearly
    )
    return (arrears > firm.negligible) & (worth < -firm.hope * firm.sales)


def loses_at_normal_demand(firm: Firm, weather: Weather, state: State) -> Flags:
    """Whether the firm would lose money even with normal sales and staff, at today's prices and with today's debt."""
    margin = weather.sales_price * (1.0 - firm.tax_share) - firm.materials_share * weather.materials_price
    costs = firm.people_cost * weather.wage_level + firm.rent * weather.rent_level + firm.overheads
    debt = state.term_loan.principal + state.new_loan.principal + state.line_drawn
    losing: Flags = firm.sales * margin - costs - firm.loan_rate * debt < 0.0
    return losing


def cause_of_exit(state: State, patience: Flags, loan: Flags, owner: Flags, other: Flags) -> Lanes:
    """First cause in the order patience, loan, owner, other (1 to 4); 0 for who carries on or is gone already."""
    cause = where(patience, 1.0, where(loan, 2.0, where(owner, 3.0, where(other, 4.0, 0.0))))
    return where(state.alive > 0.0, cause, 0.0)


class Leaving(NamedTuple):
    """What the end of a step needs of the step: whether the bank or a bridge enforced, and how far other hazards have come."""

    enforced: Flags
    other: Flags


def carry_on(
    clock: Clock,
    firm: Firm,
    rules: Rules,
    weather: Weather,
    due_terms: DueTerms,
    leaving: Leaving,
    dues_before: Lanes,
    dues_then: Lanes,
    state: State,
) -> Lanes:
    """Stage 12: the cause of exit of firms that go in the step, 0 for those that carry on.

    Parameters
    ----------
    due_terms
        Terms on the coming due days of the loans.
    leaving
        What the step says of enforcement and other hazards.
    dues_before, dues_then
        See :func:`out_of_patience`.
    state
        After the step.
    """
    patience = out_of_patience(clock, firm, rules, dues_before, dues_then, state)
    owner = gives_up(clock, firm, rules, weather, due_terms, state)
    return cause_of_exit(state, patience, leaving.enforced, owner, leaving.other)


def may_leave(firm: Firm, leaving: Leaving, state: State) -> Flags:
    """Firms for which stage 12 has to be computed at all: nobody else can have a cause to go."""
    late: Flags = total_arrears(state.arrears) > firm.negligible
    return (state.alive > 0.0) & (late | leaving.enforced | leaving.other)


class Estate(NamedTuple):
    """What a firm's assets brought, what each creditor was paid, and what each lost.

    ``claims`` is what a guarantee fund pays the bank of its loss: of every claim of the bank the same share is lost. ``put_off`` and
    ``advance`` are parts of ``tax``: what comes back of taxes and social insurance that were put off, and of public advances.
    """

    receivables: Lanes
    goods: Lanes
    fixed_assets: Lanes
    people: Lanes
    tax: Lanes
    suppliers: Lanes
    rent: Lanes
    banks: Lanes
    private: Lanes
    funds: Lanes
    financiers: Lanes
    owner: Lanes
    lost_receivables: Lanes
    lost_goods: Lanes
    lost_fixed_assets: Lanes
    lost_by_people: Lanes
    lost_by_tax: Lanes
    lost_by_suppliers: Lanes
    lost_by_rent: Lanes
    lost_by_banks: Lanes
    lost_by_private: Lanes
    lost_by_funds: Lanes
    lost_by_financiers: Lanes
    bank_claim: Lanes
    claims: Lanes
    compensation: Lanes
    put_off: Lanes
    advance: Lanes


def wind_up(firm: Firm, rules: Rules, state: State) -> Estate:
    """Sell what is left and pay creditors in legal order: who is secured, people, the state, the others pro rata, the owner.

    The bank is secured by fixed assets, a financier by what customers still pay.
    """
    book = state.stock_cost + state.work_in_progress
    owed_by_customers = state.receivables + state.order_receivables
    receivables = rules.collectable_share * owed_by_customers
    goods = rules.liquidation_share * book
    fixed_assets = rules.liquidation_share * firm.fixed_assets
    money = state.cash + receivables + goods + fixed_assets

    bank_claim = bank_claims(state)
    people_claim = state.people_accrued + state.arrears.people
    tax_claim = state.tax_accrued + state.arrears.tax + state.deferred_tax
    suppliers_claim = state.payables + state.arrears.suppliers
    rent_claim = state.rent_accrued + state.arrears.rent
    private_claim = state.bridge + state.informal_debt + state.private_accrued
    funds_claim = state.term_loan.advance + state.new_loan.advance + state.fund_accrued

    secured = least(bank_claim, fixed_assets)
    money = money - secured
    assigned = least(receivables, state.factored)
    money = money - assigned
    people = least(money, people_claim)
    money = money - people
    tax = least(money, tax_claim)
    money = money - tax
    unsecured = bank_claim - secured
    unassigned = state.factored - assigned
    claims = unsecured + suppliers_claim + rent_claim + private_claim + funds_claim + unassigned
    paid = least(money, claims)
    share = share_paid(paid, claims)
    banks = secured + unsecured * share
    guaranteed_part = state.guaranteed * state.new_loan.principal / where(bank_claim > 0.0, bank_claim, 1.0)
    compensated = state.compensated * (1.0 - state.guaranteed)
    compensated_part = compensated * state.new_loan.principal / where(bank_claim > 0.0, bank_claim, 1.0)
    return Estate(
        receivables=receivables,
        goods=goods,
        fixed_assets=fixed_assets,
        people=people,
        tax=tax,
        suppliers=suppliers_claim * share,
        rent=rent_claim * share,
        banks=banks,
        private=private_claim * share,
        funds=funds_claim * share,
        financiers=assigned + unassigned * share,
        owner=money - paid,
        lost_receivables=owed_by_customers - receivables,
        lost_goods=book - goods,
        lost_fixed_assets=firm.fixed_assets - fixed_assets,
        lost_by_people=people_claim - people,
        lost_by_tax=tax_claim - tax,
        lost_by_suppliers=suppliers_claim * (1.0 - share),
        lost_by_rent=rent_claim * (1.0 - share),
        lost_by_banks=bank_claim - banks,
        lost_by_private=private_claim * (1.0 - share),
        lost_by_funds=funds_claim * (1.0 - share),
        lost_by_financiers=unassigned * (1.0 - share),
        bank_claim=bank_claim,
        claims=guaranteed_part * (bank_claim - banks),
        compensation=compensated_part * (bank_claim - banks),
        put_off=state.put_off_open * share_paid(tax, tax_claim),
        advance=state.advance_open * share_paid(tax, tax_claim),
    )


_DAYS = ("asked_day", "deferred_tax_day", "deferred_interest_day")
"""Days on which something of a firm ends or falls due; infinite where there is no such thing."""


def leave(state: State, goes: Flags) -> State:
    """The state after firms have gone: every balance and clock of theirs is empty."""

    def cleared(value: Lanes) -> Lanes:
        return where(goes, 0.0, value)

    def cleared_loan(loan: Loan) -> Loan:
        return Loan(
            principal=cleared(loan.principal),
            due_day=where(goes, NEVER, loan.due_day),
            coming=cleared(loan.coming),
            coming_day=where(goes, NEVER, loan.coming_day),
            overdue_day=where(goes, NEVER, loan.overdue_day),
            advance=cleared(loan.advance),
        )

    balances = {
        name: cleared(getattr(state, name))
        for name in State._fields
        if name not in ("arrears", "term_loan", "new_loan", "last_application", *_DAYS)
    }
    return State(
        **balances,
        arrears=Arrears(*(cleared(value) for value in state.arrears)),
        term_loan=cleared_loan(state.term_loan),
        new_loan=cleared_loan(state.new_loan),
        last_application=state.last_application,
        **{name: where(goes, NEVER, getattr(state, name)) for name in _DAYS},
    )
