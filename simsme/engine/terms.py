"""Terms: the odds, dates and sums on which a firm meets its obligations, as the levers in force change them.

The set is closed: a lever can only name terms that stand here, so accounts and invariants hold for any lever. Each term has a
neutral value and a rule by which several levers combine; the order of levers changes nothing, and a term that no lever in force
touches is neutral to the last bit.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simsme.arithmetic import Flags, Lanes, Number, least, most, where
from simsme.engine.records import Clock, Firm, State


class Terms(NamedTuple):
    """Values in force for a firm on a day; 0 is neutral for every one.

    Attributes
    ----------
    rolled
        1 where a loan that falls due runs on.
    roll_days
        Days for which it runs on.
    renewal_lift
        Share of the odds of not being lent to again that is removed.
    kappa_lift
        Share of the reduction of a re-lent sum that is removed.
    tightening_relief
        Share of the tightening of credit in the shock that is removed.
    grace_lift
        Extra days of grace for an overdue loan, as a multiple of the usual ones.
    advance_share, advance_cap
        Share of a maturing loan, and largest sum, that a bridge fund advances.
    advance_fee_per_day, advance_days
        Its fee, as a share of the advance, and the days until the bank's money repays it.
    cover
        Share of the loss on a new loan that a guarantee fund bears.
    guarantee_max_risk
        Highest perceived risk that it guarantees.
    guarantee_fee_per_year
        Its fee, as a share of what it bears.
    deferral_day
        Day to which principal that falls due moves.
    interest_deferral_share, interest_deferral_day
        Part of the interest due that moves to a day.
    tax_deferral_share, social_deferral_share, public_deferral_day
        Part of taxes, and of social insurance, that moves to a day.
    social_relief
        Share of social insurance that is waived.
    rent_relief, rent_state_share
        Share of rent that is waived, and what of it the state makes good to landlords.
    overheads_relief
        Share of overheads that the state pays.
    wage_subsidy
        Share of the cost of people that the state pays.
    retention
        Share of lay-offs that do not happen.
    refund_share
        Entitlement to a refund of taxes, share of yearly sales.
    grant_share, grant_amount
        Entitlement to a grant, share of yearly sales and money.
    innovation_share
        Entitlement to an innovation grant, share of yearly sales.
    growth_share
        Public equity that a firm is entitled to, share of yearly sales.
    public_advance_share, public_advance_days
        Repayable advance that it is entitled to, share of yearly sales, and its term.
    outlay_share, outlay_subsidy
        Investment that it makes, share of yearly sales, and the part of it that the state pays.
    materials_saving
        Share of materials that is no longer needed.
    demand_lift
        More ordinary demand, share of normal sales.
    order_demand, order_days
        Orders of large firms, share of normal sales, and the days until they pay.
    prompt_share, prompt_days
        Share of customers who must pay within so many days.
    stretch_relief, bad_debt_relief
        Shares of the longer days of payment and of the bad debt of the shock that are removed.
    closure_relief
        Share of the days of a closure by order that is removed.
    labour_relief
        Share of the shortage of labour that is removed.
    outlook_lift
        Share by which the owner's outlook is brighter.
    informed_perceived, informed_prudent, informed_renewal
        Risk that the bank sees, risk by which it lends, and odds of renewal, with better information.
    risk_discount
        Share of the risk by which the bank decides on new loans that is removed.
    approval_relief
        Share of the days until approved money arrives that is removed.
    compensation, compensation_max_risk
        Share of the bank's loss on new loans that the state bears, and the highest perceived risk for which it does.
    interest_subsidy
        Share of the interest due that the state pays.
    facility_rate
        By how much a year a new loan is cheaper, paid by the central bank.
    receivables_advance, receivables_discount, receivables_fee, recourse
        Share of receivables that a financier lends against; its discount a year, its fee as a share; share of bad debt that the firm
        makes good.
    programme_cost
        What running the measures costs the state, money a year and firm.
    """

    rolled: Lanes
    roll_days: Lanes
    renewal_lift: Lanes
    kappa_lift: Lanes
    tightening_relief: Lanes
    grace_lift: Lanes
    advance_share: Lanes
    advance_cap: Lanes
    advance_fee_per_day: Lanes
    advance_days: Lanes
    cover: Lanes
    guarantee_max_risk: Lanes
    guarantee_fee_per_year: Lanes
    deferral_day: Lanes
    interest_deferral_share: Lanes
    interest_deferral_day: Lanes
    tax_deferral_share: Lanes
    social_deferral_share: Lanes
    public_deferral_day: Lanes
    social_relief: Lanes
    rent_relief: Lanes
    rent_state_share: Lanes
    overheads_relief: Lanes
    wage_subsidy: Lanes
    retention: Lanes
    refund_share: Lanes
    grant_share: Lanes
    grant_amount: Lanes
    innovation_share: Lanes
    growth_share: Lanes
    public_advance_share: Lanes
    public_advance_days: Lanes
    outlay_share: Lanes
    outlay_subsidy: Lanes
    materials_saving: Lanes
    demand_lift: Lanes
    order_demand: Lanes
    order_days: Lanes
    prompt_share: Lanes
    prompt_days: Lanes
    stretch_relief: Lanes
    bad_debt_relief: Lanes
    closure_relief: Lanes
    labour_relief: Lanes
    outlook_lift: Lanes
    informed_perceived: Lanes
    informed_prudent: Lanes
    informed_renewal: Lanes
    risk_discount: Lanes
    approval_relief: Lanes
    compensation: Lanes
    compensation_max_risk: Lanes
    interest_subsidy: Lanes
    facility_rate: Lanes
    receivables_advance: Lanes
    receivables_discount: Lanes
    receivables_fee: Lanes
    recourse: Lanes
    programme_cost: Lanes


NO_LIMIT: Lanes = np.asarray(np.inf)
"""Largest value where a lever asks for none."""


class Status(NamedTuple):
    """Whether a lever under review is in force in each draw: up to a day, the last on which it was reviewed, and after it."""

    day: float
    before: Flags
    after: Flags


class LeverRow(NamedTuple):
    """A lever as the engine meets it: whom it reaches, when it is in force, what it changes.

    ``max_cash_days`` is how long the firm's cash may last at the most at the start of the step. ``status`` is what the last review has
    come to; None where the lever is not under review.
    """

    reaches: Flags
    from_day: Lanes
    to_day: Lanes
    min_sales_fall: Lanes
    max_interest_arrears: Lanes
    terms: Terms
    max_cash_days: Lanes = NO_LIMIT
    status: Status | None = None


def any_of(left: Lanes, right: Lanes) -> Lanes:
    """Odds combine: 1 - (1 - p)(1 - q), and nothing happens to p where q is 0."""
    return where(right > 0.0, where(left > 0.0, 1.0 - (1.0 - left) * (1.0 - right), right), left)


def total_of(left: Lanes, right: Lanes) -> Lanes:
    """Sums add up."""
    return left + right


def last_of(so_far: Lanes, offered: Lanes) -> Lanes:
    """The last word counts, where there is one."""
    return where(offered > 0.0, offered, so_far)


RULES: dict[str, Callable[[Lanes, Lanes], Lanes]] = {
    "rolled": most,
    "roll_days": most,
    "renewal_lift": any_of,
    "kappa_lift": any_of,
    "tightening_relief": any_of,
    "grace_lift": total_of,
    # of the funds of a kind one at the most reaches a firm (see simsme.world.reach), so that these never meet
    "advance_share": most,
    "advance_cap": most,
    "advance_fee_per_day": most,
    "advance_days": most,
    "cover": most,
    "guarantee_max_risk": most,
    "guarantee_fee_per_year": most,
    "deferral_day": most,
    "interest_deferral_share": most,
    "interest_deferral_day": most,
    "tax_deferral_share": most,
    "social_deferral_share": most,
    "public_deferral_day": most,
    "social_relief": any_of,
    "rent_relief": any_of,
    "rent_state_share": most,
    "overheads_relief": any_of,
    "wage_subsidy": any_of,
    "retention": any_of,
    "refund_share": total_of,
    "grant_share": total_of,
    "grant_amount": total_of,
    "innovation_share": total_of,
    "growth_share": total_of,
    "public_advance_share": total_of,
    "public_advance_days": most,
    "outlay_share": total_of,
    "outlay_subsidy": most,
    "materials_saving": any_of,
    "demand_lift": total_of,
    "order_demand": total_of,
    "order_days": most,
    "prompt_share": most,
    "prompt_days": most,
    "stretch_relief": any_of,
    "bad_debt_relief": any_of,
    "closure_relief": any_of,
    "labour_relief": any_of,
    "outlook_lift": total_of,
    "informed_perceived": last_of,
    "informed_prudent": last_of,
    "informed_renewal": last_of,
    "risk_discount": any_of,
    "approval_relief": any_of,
    "compensation": most,
    "compensation_max_risk": most,
    "interest_subsidy": any_of,
    "facility_rate": most,
    "receivables_advance": most,
    "receivables_discount": most,
    "receivables_fee": most,
    "recourse": most,
    "programme_cost": total_of,
}
"""How each term combines where several levers are in force, by name, in the order of :class:`Terms`."""

NOTHING: Lanes = np.zeros(())
"""What a lever offers of a term that it does not change."""

NEUTRAL = Terms(*(NOTHING for _ in Terms._fields))


def untouched(*terms: Lanes) -> bool:
    """Whether no lever of the policy changes any of these terms, so that nothing need be computed."""
    return all(term is NOTHING for term in terms)


def relieved(amount: Lanes, relief: Lanes) -> Lanes:
    """What is left of an amount of which a share is removed; the amount itself, to the bit, where none is."""
    return amount if relief is NOTHING else where(relief > 0.0, amount * (1.0 - relief), amount)


def added(*amounts: Lanes) -> Lanes:
    """Sum of what is there; what no lever has touched costs nothing."""
    total = NOTHING
    for amount in amounts:
        if amount is not NOTHING:
            total = amount if total is NOTHING else total + amount
    return total


def cash_lasts_days(firm: Firm, state: State) -> Lanes:
    """Days of normal outflow that a firm's cash covers; infinite for a firm without outflow."""
    flows_out = firm.normal_outflow > 0.0
    return where(flows_out, state.cash / where(flows_out, firm.normal_outflow, 1.0), np.inf)


def in_force(row: LeverRow, day: Number, smoothed: Lanes, interest_arrears: Lanes, cash_days: Lanes = NOTHING) -> Flags:
    """Whether a lever is in force for a firm on a day, given its smoothed sales (normal = 1), overdue interest and days of cash."""
    on: Flags = (
        row.reaches
        & (row.from_day <= day)
        & (day <= row.to_day)
        & (1.0 - smoothed >= row.min_sales_fall)
        & (interest_arrears <= row.max_interest_arrears)
        & (cash_days <= row.max_cash_days)
    )
    if row.status is None:
        return on
    return on & where(day > row.status.day, row.status.after, row.status.before)


def terms_in_force(levers: tuple[LeverRow, ...], day: Number, smoothed: Lanes, interest_arrears: Lanes, cash_days: Lanes) -> Terms:
    """Terms on a day: the neutral ones, changed in turn by every lever in force."""
    terms = NEUTRAL
    for row in levers:
        on = in_force(row, day, smoothed, interest_arrears, cash_days)
        offered = zip(RULES.values(), terms, row.terms, strict=True)
        terms = Terms(*(so_far if value is NOTHING else rule(so_far, where(on, value, 0.0)) for rule, so_far, value in offered))
    return terms


def _cash_days(levers: tuple[LeverRow, ...], firm: Firm, state: State) -> Lanes:
    """Days of cash where a lever asks for them; nothing where none does."""
    return NOTHING if all(row.max_cash_days is NO_LIMIT for row in levers) else cash_lasts_days(firm, state)


class StepTerms(NamedTuple):
    """Terms on the days that matter in a step: on its last day, and on the days on which the two loans fall due in it."""

    now: Terms
    term_loan: Terms
    new_loan: Terms


class DueTerms(NamedTuple):
    """Terms on the coming due days of the two loans, as far as levers are announced."""

    term_loan: Terms
    new_loan: Terms


def maturity_day(clock: Clock, due_day: Lanes) -> Lanes:
    """Day of the step to which a maturity refers; its last day where the loan is recalled before it is due."""
    day: Lanes = least(most(due_day, clock.a), clock.b)
    return day


def terms_of_step(levers: tuple[LeverRow, ...], clock: Clock, firm: Firm, state: State) -> StepTerms:
    """Terms in a step for firms that are eligible as they were before it."""
    cash_days = _cash_days(levers, firm, state)

    def on(day: Number) -> Terms:
        return terms_in_force(levers, day, state.smoothed, state.arrears.interest, cash_days)

    return StepTerms(on(clock.b), on(maturity_day(clock, state.term_loan.due_day)), on(maturity_day(clock, state.new_loan.due_day)))


def terms_when_due(levers: tuple[LeverRow, ...], firm: Firm, before: State, after: State) -> DueTerms:
    """Terms on the due days of loans after a step, for firms that are eligible as they were before it."""
    cash_days = _cash_days(levers, firm, before)

    def on(day: Lanes) -> Terms:
        return terms_in_force(levers, day, before.smoothed, before.arrears.interest, cash_days)

    return DueTerms(on(after.term_loan.due_day), on(after.new_loan.due_day))
