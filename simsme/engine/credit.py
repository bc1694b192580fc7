"""Bank credit and the private bridge: what falls due (stage 7), the odds of being lent to again, new loans."""

from typing import Any, NamedTuple

import numpy as np

from simsme.arithmetic import Flags, Lanes, Number, least, most, where
from simsme.engine.records import Clock, Firm, Loan, Luck, Rules, State, Weather
from simsme.engine.terms import NOTHING, Terms, maturity_day, relieved
from simsme.engine.timing import YEAR

NEVER = float("inf")


class Maturing(NamedTuple):
    """What happens to a loan in the step before any money moves.

    ``day`` is the day in the step to which everything else refers; ``principal_due`` has to be found in stage 10, ``advance`` of it is
    granted by a public fund; ``loan`` is the loan with a new due day where it was deferred or ran on. ``again`` holds where an overdue loan
    falls due once more, because a fund helps; ``overdue_day`` is the day since which the loan is overdue where it is not repaid.
    ``relending_days`` pass until the bank lends again; ``fee_share`` is the fund's fee as a share of the advance.
    """

    loan: Loan
    day: Lanes
    principal_due: Lanes
    odds: Lanes
    coming: Lanes
    deferred: Flags
    rolled: Flags
    rolled_by_lever: Flags
    interest: Lanes
    again: Flags
    overdue_day: Lanes
    advance: Lanes
    relending_days: Lanes
    fee_share: Lanes


def crossed(before: Lanes, after: Lanes, threshold: Lanes) -> Flags:
    """Whether a cumulated hazard reaches its threshold in the step."""
    return (before < threshold) & (after >= threshold)


def tightened(rules: Rules, weather: Weather, terms: Terms) -> Lanes:
    """Tightening of credit that is left after the levers in force."""
    return rules.tightening * weather.intensity * (1.0 - terms.tightening_relief)


def bank_claims(state: State) -> Lanes:
    """All that a firm owes its bank."""
    loans = state.term_loan.principal + state.new_loan.principal + state.line_drawn
    return loans + state.interest_accrued + state.arrears.interest + state.deferred_interest


class BankView(NamedTuple):
    """What the bank makes of a firm under the terms in force: the risk it sees, that by which it lends, the odds of renewal."""

    perceived_risk: Lanes
    prudent_risk: Lanes
    renewal_by_risk: Lanes


def bank_view(firm: Firm, terms: Terms) -> BankView:
    """The plain view, or that of a better informed bank where a lever informs it; new loans are decided by a discounted risk."""
    perceived, prudent, renewal = firm.perceived_risk, firm.prudent_risk, firm.renewal_by_risk
    if terms.informed_perceived is not NOTHING:
        informed = terms.informed_perceived > 0.0
        perceived = where(informed, terms.informed_perceived, perceived)
        prudent = where(informed, terms.informed_prudent, prudent)
        renewal = where(informed, terms.informed_renewal, renewal)
    return BankView(perceived, relieved(prudent, terms.risk_discount), renewal)


def renewal_odds(firm: Firm, rules: Rules, weather: Weather, terms: Terms, interest_arrears: Lanes) -> Lanes:
    """Probability that the bank lends again after repayment, as it sees the firm."""
    in_arrears = where(interest_arrears > firm.negligible, rules.renewal_in_arrears, 1.0)
    odds = bank_view(firm, terms).renewal_by_risk * (1.0 - tightened(rules, weather, terms)) * in_arrears
    return where(terms.renewal_lift > 0.0, 1.0 - (1.0 - odds) * (1.0 - terms.renewal_lift), odds)


def performs(loan: Loan) -> Flags:
    """Whether a loan is owed and not overdue."""
    performing: Flags = (loan.principal > 0.0) & (loan.overdue_day == NEVER)
    return performing


class Recall(NamedTuple):
    """Cumulated hazard of an early recall after the step, and whether the bank recalls in it."""

    hazard: Lanes
    recalled: Flags


def recall(clock: Clock, rules: Rules, luck: Luck, weather: Weather, terms: Terms, state: State) -> Recall:
    """Performing loans are recalled early at a hazard while the shock lasts; it cumulates only while the firm has one."""
    added = rules.recall_rate * weather.intensity * clock.h / YEAR * (1.0 - terms.tightening_relief)
    has_performing = performs(state.term_loan) | performs(state.new_loan)
    hazard = where(has_performing, state.recall_hazard + added, state.recall_hazard)
    return Recall(hazard, crossed(state.recall_hazard, hazard, luck.recall_at))


def largest_advance(terms: Terms, principal: Lanes, coming: Lanes) -> Lanes:
    """What a bridge fund would lend on a loan: never more than the bank's money that repays it."""
    advance: Lanes = least(least(terms.advance_share * principal, terms.advance_cap), coming)
    return advance


def mature(
    clock: Clock,
    firm: Firm,
    rules: Rules,
    luck: Luck,
    weather: Weather,
    terms: Terms,
    state: State,
    loan: Loan,
    recalled: Flags,
    answer: Lanes,
) -> Maturing:
    """Principal that falls due: not where it is deferred, or the loan runs on, by a lever or because the bank rolls it over anyway.

    An overdue loan falls due once more, at the start of the step, where a public fund answers its request. ``terms`` are those of the
    loan's maturity day, for an overdue loan those of the last day of the step.
    """
    overdue = loan.overdue_day < NEVER
    again = overdue & (answer > 0.0)
    performing = (loan.principal > 0.0) & ~overdue
    matures = performing & ((loan.due_day <= clock.b) | recalled)
    day = where(overdue, clock.a, maturity_day(clock, loan.due_day))
    may_run_on = matures & ~recalled
    deferred: Any = np.False_ if terms.deferral_day is NOTHING else may_run_on & (terms.deferral_day > day)
    rolled_by_lever = may_run_on & ~deferred & (terms.rolled > 0.0)
    rolled_anyway = may_run_on & ~deferred & ~rolled_by_lever & (luck.norepay < rules.norepay)
    falls_due = (matures & ~deferred & ~rolled_by_lever & ~rolled_anyway) | again

    due_day = where(rolled_by_lever, day + terms.roll_days, where(rolled_anyway, day + rules.term_days, loan.due_day))
    due_day = due_day if terms.deferral_day is NOTHING else where(deferred, terms.deferral_day, due_day)
    share = rules.kappa + (1.0 - rules.kappa) * terms.kappa_lift
    coming = share * loan.principal
    # where there is no fund, as under most policies, nothing is computed
    advance = NOTHING if answer is NOTHING else where(answer > 0.0, largest_advance(terms, loan.principal, coming), 0.0)
    owed_days = where(falls_due, day - clock.a, clock.h)
    return Maturing(
        loan=loan._replace(due_day=due_day, overdue_day=where(again, NEVER, loan.overdue_day)),
        day=day,
        principal_due=where(falls_due, loan.principal, 0.0),
        odds=where(recalled, 0.0, renewal_odds(firm, rules, weather, terms, state.arrears.interest)),
        coming=coming,
        deferred=deferred,
        rolled=rolled_by_lever | rolled_anyway,
        rolled_by_lever=rolled_by_lever,
        interest=firm.loan_rate / YEAR * loan.principal * owed_days,
        again=again,
        overdue_day=where(again, loan.overdue_day, day),
        advance=advance,
        relending_days=rules.gap_days if answer is NOTHING else where(advance > 0.0, terms.advance_days, rules.gap_days),
        fee_share=terms.advance_fee_per_day * terms.advance_days,
    )


class Arrival(NamedTuple):
    """Committed bank money that arrives in the step.

    The loan after it, the sum, what of it repaid a public fund and a bridge, what is left of it, and interest and fees from the day of
    arrival to the end of the step.
    """

    loan: Loan
    amount: Lanes
    to_fund: Lanes
    to_bridge: Lanes
    left: Lanes
    interest: Lanes
    fee_saved: Lanes


def arrive(clock: Clock, firm: Firm, rules: Rules, loan: Loan, bridge: Lanes, bridged_on: Number) -> Arrival:
    """Pay out what the bank had committed: it repays the fund that advanced it, then an outstanding bridge, being the dearest money.

    ``bridged_on`` is a day before which no fee is saved: the latest on which a bridge was taken in the step.
    """
    arrives = loan.coming_day <= clock.b
    amount = where(arrives, loan.coming, 0.0)
    to_fund = where(arrives, loan.advance, 0.0)
    for_firm = amount - to_fund
    to_bridge = least(bridge, for_firm)
    days_left = where(arrives, clock.b - loan.coming_day, 0.0)
    return Arrival(
        loan=loan._replace(
            principal=loan.principal + amount,
            due_day=where(arrives, loan.coming_day + rules.term_days, loan.due_day),
            coming=where(arrives, 0.0, loan.coming),
            coming_day=where(arrives, NEVER, loan.coming_day),
            advance=loan.advance - to_fund,
        ),
        amount=amount,
        to_fund=to_fund,
        to_bridge=to_bridge,
        left=for_firm - to_bridge,
        interest=firm.loan_rate / YEAR * amount * days_left,
        fee_saved=to_bridge * rules.bridge_fee_per_day * least(days_left, clock.b - bridged_on),
    )


class Repayment(NamedTuple):
    """How principal that fell due was met: from cash, with a bridge, or not at all.

    ``advanced`` is what a public fund paid of it, ``fund_fee`` what it takes for that.
    """

    loan: Loan
    from_cash: Lanes
    from_line: Lanes
    from_owner: Lanes
    bridged: Lanes
    advanced: Lanes
    fund_fee: Lanes
    repaid: Flags
    relent: Flags
    overdue: Flags


def repay(rules: Rules, luck: Luck, maturing: Maturing, loan: Loan, cash: Lanes, line: Lanes, owner_funds: Lanes, rest: Lanes) -> Repayment:
    """Repay from cash beyond the rest of the step's dues; else with a bridge for what lacks; else from line, owner and that rest; else not.

    A public fund's advance comes first; it goes back unused where the firm does not find the rest. Once repaid, the bank lends again
    after the gap where the firm's luck is below the odds.
    """
    due = maturing.principal_due > 0.0
    needed = maturing.principal_due - maturing.advance
    own = most(cash - rest, 0.0)
    lack = most(needed - own, 0.0)
    has_bridge = luck.bridge < rules.bridge_access
    in_cash = due & (own >= needed)
    by_bridge = due & ~in_cash & has_bridge
    by_purse = due & ~in_cash & ~has_bridge & (cash + line + owner_funds >= needed)
    from_line = where(by_purse, least(lack, line), 0.0)
    from_owner = where(by_purse, least(lack - from_line, owner_funds), 0.0)
    in_money = where(in_cash | by_purse, needed - from_line - from_owner, 0.0)
    repaid = in_cash | by_bridge | by_purse
    advanced = where(repaid, maturing.advance, 0.0)
    overdue = due & ~repaid
    relent = repaid & (luck.renewal < maturing.odds)
    return Repayment(
        loan=Loan(
            principal=where(repaid, 0.0, loan.principal),
            due_day=where(due, NEVER, loan.due_day),
            coming=where(relent, maturing.coming, loan.coming),
            coming_day=where(relent, maturing.day + maturing.relending_days, loan.coming_day),
            overdue_day=where(overdue, maturing.overdue_day, loan.overdue_day),
            advance=where(repaid, advanced, loan.advance),
        ),
        from_cash=where(by_bridge, own, least(in_money, cash)),
        from_line=from_line,
        from_owner=from_owner,
        bridged=where(by_bridge, lack, 0.0),
        advanced=advanced,
        fund_fee=advanced * maturing.fee_share,
        repaid=repaid,
        relent=relent,
        overdue=overdue,
    )


def repay_overdue(loan: Loan, cash: Lanes, reserve: Lanes) -> tuple[Loan, Lanes]:
    """Repay an overdue loan in full once cash covers it and the reserve; the bank does not lend it again."""
    pays = (loan.overdue_day < NEVER) & (cash >= loan.principal + reserve)
    paid = where(pays, loan.principal, 0.0)
    return loan._replace(principal=loan.principal - paid, overdue_day=where(pays, NEVER, loan.overdue_day)), paid


class WorkOut(NamedTuple):
    """What the bank did at the end of grace."""

    loan: Loan
    rescheduled: Flags
    enforced: Flags


def work_out(clock: Clock, rules: Rules, luck: Luck, terms: Terms, loan: Loan) -> WorkOut:
    """At the end of grace an overdue loan is rescheduled for another term, or the bank enforces it."""
    grace_end = loan.overdue_day + rules.grace_days * (1.0 + terms.grace_lift)
    ends = grace_end <= clock.b
    rescheduled = ends & (luck.workout < rules.workout)
    due_day = where(rescheduled, grace_end + rules.term_days, loan.due_day)
    overdue_day = where(rescheduled, NEVER, loan.overdue_day)
    return WorkOut(loan._replace(due_day=due_day, overdue_day=overdue_day), rescheduled, ends & ~rescheduled)


class Application(NamedTuple):
    """A firm's application for a new loan: the slot of the new loan after it, and what the bank said.

    ``asked`` is what the bank would lend with a guarantee, and the firm asks a guarantee fund to bear. ``compensated`` is the share of
    the loss that the state bears on a loan that was approved for that; 0 for all others.
    """

    loan: Loan
    applied: Flags
    approved: Flags
    asked: Lanes
    compensated: Lanes


def apply_for_loan(
    clock: Clock,
    firm: Firm,
    rules: Rules,
    luck: Luck,
    weather: Weather,
    terms: Terms,
    state: State,
    term_loan: Loan,
    new_loan: Loan,
    cash: Lanes,
    arrears: Lanes,
) -> Application:
    """A firm short of cash applies, not more often than allowed; the bank decides on the risk that it sees and its appetite.

    Where the risk is too high, the state may bear a part of the loss; where that does not do, but a guarantee would, the firm asks for
    one. Cash runs short somewhere in the step: the days of approval count from its middle, so that the step matters little.
    """
    reserve = rules.cover_days * firm.fixed_outflow
    free = (new_loan.principal == 0.0) & (new_loan.coming_day == NEVER) & (state.asked == 0.0)
    in_order = (term_loan.overdue_day == NEVER) & (new_loan.overdue_day == NEVER)
    due_again = clock.b - state.last_application >= rules.reapply_days
    applied = (state.alive > 0.0) & (cash < reserve - firm.negligible) & free & in_order & due_again & (luck.apply < rules.apply)
    good_luck = luck.approval < 1.0 - tightened(rules, weather, terms)
    view = bank_view(firm, terms)
    acceptable = view.prudent_risk * (rules.bank_margin + rules.lgd) <= rules.bank_margin
    compensated = NOTHING
    if terms.compensation is not NOTHING:
        shared = view.prudent_risk * (rules.bank_margin + (1.0 - terms.compensation) * rules.lgd) <= rules.bank_margin
        for_share = ~acceptable & shared & (view.perceived_risk <= terms.compensation_max_risk)
        compensated = where(applied & for_share & good_luck, terms.compensation, 0.0)
        acceptable = acceptable | for_share
    approved = applied & acceptable & good_luck
    need = most(rules.cover_days * firm.normal_outflow + arrears - cash, 0.0)
    amount = least(need, rules.loan_cap_share * firm.sales)
    paid_out = most(clock.b - 0.5 * clock.h + relieved(rules.approval_days, terms.approval_relief), clock.b)
    loan = new_loan._replace(coming=where(approved, amount, new_loan.coming), coming_day=where(approved, paid_out, new_loan.coming_day))
    if terms.cover is NOTHING:
        return Application(loan, applied, approved, NOTHING, compensated)
    with_cover = view.prudent_risk * (rules.bank_margin + (1.0 - terms.cover) * rules.lgd) <= rules.bank_margin
    asks = applied & ~acceptable & with_cover & (view.perceived_risk <= terms.guarantee_max_risk) & good_luck
    return Application(loan, applied, approved, where(asks, amount, 0.0), compensated)
