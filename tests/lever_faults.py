"""Defects of what levers do: each switched in by a patch, and the check of :data:`tests.lever_checks.LEVER_CHECKS` that has to see it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from simsme.engine.bookings import split_people
from simsme.engine.credit import NEVER
from simsme.engine.terms import NOTHING
from simsme.levers import kinds
from tests.patches import Fault, Patch, after, around, before, combining, number_is


def terms_are(target: str, **changes: Callable[[Any], Any]) -> Patch:
    """Let a stage work with other terms, where a lever touches them."""

    def changed(terms: Any) -> Any:
        offered = {name: getattr(terms, name) for name in changes}
        return terms._replace(**{name: value if value is NOTHING else changes[name](value) for name, value in offered.items()})

    return before(target, "terms", changed)


def of_class(kind: str, name: str, value: Any) -> Patch:
    """Let all levers of a kind have something else under a name."""
    return lambda monkeypatch: monkeypatch.setattr(kinds()[kind], name, value)


def nothing(value: Any) -> Any:
    return 0.0 * value


def full(value: Any) -> Any:
    return np.where(value > 0.0, 1.0, value)


def plus(amount: Any, more: Any) -> Any:
    """A sum of which the second part may not be there."""
    return amount if more is NOTHING else amount + more


def state_without(target: str, *names: str) -> Patch:
    """Let a stage find nothing in some balances."""
    return before(target, "state", lambda state: state._replace(**{name: 0.0 * getattr(state, name) for name in names}))


def alive_again(state: Any) -> Any:
    """Take who is gone for alive."""
    return state._replace(alive=np.ones_like(state.alive))


def never_released(released: Any, at: Any) -> Any:
    """Let what was deferred wait for ever."""
    return released._replace(due=0.0 * released.due, kept=at.deferred, day=at.day)


def deferred_and_due(result: Any, at: Any) -> Any:
    """Let principal that is deferred be due all the same."""
    return result._replace(principal_due=np.where(result.deferred, at.loan.principal, result.principal_due))


def days_from_maturity(result: Any, at: Any) -> Any:
    """Take the day to which a loan is deferred for a number of days."""
    later = np.where(result.deferred, result.day + at.terms.deferral_day, result.loan.due_day)
    return result._replace(loan=result.loan._replace(due_day=later))


def financier_first(original: Any, gap: Any, line: Any, receivables: Any, bank_money: Any, owner_funds: Any, informal: Any) -> Any:
    """Find money with the financier before the line is drawn."""
    lent = np.minimum(gap, receivables)
    return original(gap - lent, line, 0.0 * receivables, bank_money, owner_funds, informal)._replace(receivables=lent)


def financiers_last(original: Any, firm: Any, rules: Any, state: Any) -> Any:
    """Wind firms up with financiers beside suppliers only: what customers pay is everybody's."""
    estate = original(firm, rules, state._replace(factored=0.0 * state.factored, payables=state.payables + state.factored))
    claim = state.payables + state.arrears.suppliers + state.factored
    part = np.where(claim > 0.0, state.factored / np.where(claim > 0.0, claim, 1.0), 0.0)
    return estate._replace(
        financiers=part * estate.suppliers,
        lost_by_financiers=part * estate.lost_by_suppliers,
        suppliers=(1.0 - part) * estate.suppliers,
        lost_by_suppliers=(1.0 - part) * estate.lost_by_suppliers,
    )


def whole_loss(result: Any, at: Any) -> Any:
    """Let the state bear its part of the bank's whole loss, whatever a fund bears of it."""
    return result._replace(compensation=at.state.compensated * result.lost_by_banks)


def compensated_for_ever(result: Any, at: Any) -> Any:
    """Let compensation outlive its loan."""
    before_step, state = at.state.compensated, result.state
    return result._replace(state=state._replace(compensated=np.maximum(state.compensated, before_step)))


def plain_view(original: Any, firm: Any, terms: Any) -> Any:
    """Let the bank know nothing of what it is told."""
    return original(firm, terms._replace(informed_perceived=NOTHING))


def after_each_other(found: Any, at: Any) -> Any:
    """Let a campaign reach firms from the first day of the lever that it spreads."""
    return [opening._replace(from_day=np.asarray(at.from_day)) for opening in found]


def at_work_from_the_start(original: Any, from_day: Any, delay_days: Any, services: Any) -> Any:
    """Let services shorten delays that ended before they were there."""
    early = [service._replace(opening=service.opening._replace(from_day=np.asarray(-np.inf))) for service in services]
    return original(from_day, delay_days, early)


def informed_of_all(original: Any, levers: Any, reached: Any, *rest: Any) -> Any:
    """Let information on some firms be information on all."""
    return original(levers, [np.ones_like(flags) for flags in reached], *rest)


def lever_numbers_without(name: str) -> Callable[..., Any]:
    """Take one number of all levers for 0."""
    return lambda original, lever, numbers, asked, value: original(lever, numbers, asked, value) * (0.0 if asked == name else 1.0)


LEVER_FAULTS = (
    # conditions
    Fault(
        "closure relief counts from day 0",
        before("engine.conditions._reopen", "weather", lambda w: w._replace(closes_on=0.0 * w.closes_on)),
        "known closure",
    ),
    Fault(
        "closure relief ends shutdowns too",
        before("engine.conditions._reopen", "weather", lambda w: w._replace(running=np.ones_like(w.running))),
        "levers oracle",
    ),
    Fault(
        "a closure is shortened from a week before it begins",
        around(
            "engine.step.conditions_of", lambda f, clock, firm, terms, w: f(clock, firm, terms, w._replace(closes_on=w.closes_on - 7.0))
        ),
        "known closure",
    ),
    Fault("training finds nobody", terms_are("engine.step.conditions_of", labour_relief=nothing), "levers oracle"),
    Fault("orders are no demand", terms_are("engine.step.conditions_of", order_demand=nothing), "levers oracle"),
    Fault(
        "all that is sold was ordered",
        after("engine.step.conditions_of", lambda r, _: r._replace(ordered_part=full(r.ordered_part))),
        "levers oracle",
    ),
    Fault("less material is needed nowhere", after("engine.step.conditions_of", lambda r, at: r._replace(firm=at.firm)), "levers oracle"),
    # stages 1 to 3
    Fault("large firms pay at once", terms_are("engine.step.collect", order_days=nothing), "levers oracle"),
    Fault("all customers pay promptly", terms_are("engine.step.collect", prompt_share=full), "levers oracle"),
    Fault("prompt payment takes a week more", terms_are("engine.step.collect", prompt_days=lambda days: days + 7.0), "levers oracle"),
    Fault("contracts are enforced and customers pay late", terms_are("engine.step.collect", stretch_relief=nothing), "levers oracle"),
    Fault("enforced contracts turn bad all the same", terms_are("engine.step.collect", bad_debt_relief=nothing), "levers oracle"),
    Fault(
        "the sign of recourse is wrong",
        before("engine.step.run_off", "state", lambda state: state._replace(recourse_of=1.0 - state.recourse_of)),
        "known receivables",
    ),
    Fault(
        "who is repaid is still owed",
        after("engine.step.run_off", lambda r, at: r._replace(factored=at.state.factored)),
        "levers accounts",
    ),
    Fault(
        "a loss of financiers is not booked", after("engine.step.run_off", lambda r, _: r._replace(lost=0.0 * r.lost)), "levers accounts"
    ),
    Fault(
        "an outlay is made in every step", after("engine.step.buy", lambda r, at: r._replace(invested=at.state.invested)), "levers oracle"
    ),
    Fault(
        "what the state pays suppliers is paid to them again",
        after("engine.step.buy", lambda r, _: r._replace(suppliers_due=plus(r.suppliers_due, r.overheads_subsidised))),
        "levers accounts",
    ),
    # stages 4 to 7
    Fault(
        "retention keeps who would be laid off anyway", terms_are("engine.step.pay_people", retention=lambda r: 1.0 - r), "levers oracle"
    ),
    Fault(
        "waived social insurance is paid all the same",
        after("engine.step.pay_people", lambda r, _: r._replace(accrued=plus(r.accrued, r.waived))),
        "levers accounts",
    ),
    Fault(
        "households bear what is waived to the state",
        around("engine.step.split_relieved", lambda _, firm, paid, now, part: split_people(firm, paid)),
        "levers oracle",
    ),
    Fault(
        "waived rent falls due",
        after("engine.step.pay_rent", lambda r, _: r._replace(due=plus(r.due, r.waived))),
        "levers accounts",
    ),
    Fault("a deferral is never due", after("engine.obligations.release", never_released), "known deferral"),
    Fault(
        "a deferral is due a step late",
        before("engine.obligations.release", "clock", lambda clock: clock._replace(b=clock.a)),
        "known deferral",
    ),
    Fault("the sooner of two days of deferral holds", combining("public_deferral_day", np.minimum), "levers oracle"),
    Fault(
        "deferred taxes have no day",
        after("engine.obligations.put_off", lambda r, _: r._replace(day=np.full_like(r.day, NEVER))),
        "known deferral",
    ),
    Fault(
        "deferred taxes are due now as well",
        after("engine.step.pay_tax", lambda r, _: r._replace(due=plus(r.due, r.moved))),
        "levers accounts",
    ),
    Fault("deferred principal is due all the same", after("engine.step.mature", deferred_and_due), "known deferral"),
    Fault("a loan is deferred by days, not to a day", after("engine.step.mature", days_from_maturity), "known deferral"),
    Fault("deferred interest is waived", state_without("engine.step.pay_interest", "deferred_interest"), "levers accounts"),
    Fault(
        "who is subsidised pays the whole interest",
        after("engine.step.pay_interest", lambda r, _: r._replace(due=plus(r.due, r.subsidised))),
        "levers accounts",
    ),
    # stage 8
    Fault("an entitlement is paid in every step", state_without("engine.step.receive_support", "granted"), "known entitlement"),
    Fault("who is gone gets a refund", before("engine.step.receive_support", "state", alive_again), "known entitlement"),
    Fault("an advance of the state is a gift", after("engine.step.owe_advance", lambda _, at: at.later), "levers accounts"),
    Fault(
        "equity of the state is owed to it",
        around("engine.step.income_of", lambda f, s: f(s._replace(public_equity=NOTHING))),
        "levers accounts",
    ),
    Fault("two grants are one", combining("grant_share", np.maximum), "known entitlement"),
    Fault(
        "a subsidy is paid twice",
        after("engine.step.receive_support", lambda r, _: r._replace(wage_subsidies=2.0 * r.wage_subsidies)),
        "levers oracle",
    ),
    # stage 9
    Fault("a financier lends on what is lent on already", before("engine.step.offer", "factored", nothing), "known receivables"),
    Fault("a financier takes no discount", after("engine.step.offer", lambda r, _: r._replace(discount=0.0 * r.discount)), "levers oracle"),
    Fault("the discount is not paid", after("engine.step.assign", lambda r, _: r._replace(discount=0.0 * r.discount)), "levers accounts"),
    Fault("a discount takes nine tenths", number_is("engine.receivables_finance.DEAREST", 0.9), "levers oracle"),
    Fault("a financier lends before the line is drawn", around("engine.step.finance_gap", financier_first), "levers oracle"),
    # loans
    Fault("nobody is too risky for compensation", terms_are("engine.step.apply_for_loan", compensation_max_risk=full), "known loan"),
    Fault("compensation outlives its loan", after("engine.simulate.step", compensated_for_ever), "known loan"),
    Fault("compensation is not limited to the loan", after("engine.simulate.wind_up", whole_loss), "known compensation"),
    Fault(
        "the state is expected to lose nothing",
        after("engine.simulate.expected_loss", lambda r, _: r._replace(state=0.0 * r.state)),
        "known compensation",
    ),
    Fault("an approved loan takes as long as ever", terms_are("engine.step.apply_for_loan", approval_relief=nothing), "levers oracle"),
    Fault("banks do not listen", around("engine.credit.bank_view", plain_view), "levers oracle"),
    Fault(
        "the discount on risk is double",
        terms_are("engine.credit.bank_view", risk_discount=lambda d: 1.0 - (1.0 - d) ** 2),
        "levers oracle",
    ),
    # stages 11 and 12
    Fault("deferred taxes are no claim on an estate", state_without("engine.simulate.wind_up", "deferred_tax"), "known compensation"),
    Fault("financiers are no better than suppliers", around("engine.simulate.wind_up", financiers_last), "known estate"),
    Fault(
        "the owner forgets what is put off",
        before("engine.leaving.gives_up", "state", lambda s: s._replace(deferred_tax=0.0 * s.deferred_tax, factored=0.0 * s.factored)),
        "levers oracle",
    ),
    Fault(
        "the owner does not count on a deferral",
        before(
            "engine.leaving.gives_up",
            "due_terms",
            lambda due: due._replace(
                term_loan=due.term_loan._replace(deferral_day=NOTHING), new_loan=due.new_loan._replace(deferral_day=NOTHING)
            ),
        ),
        "known worth",
    ),
    # reach
    Fault("a part never fails", around("world.reach._works", lambda *_: np.ones((), dtype=np.bool_)), "reach of levers"),
    Fault(
        "a part has the luck of its lever",
        around("world.reach.uniforms", lambda f, seed, draws, keys, _, name: f(seed, draws, keys, 0, "take_up")),
        "levers oracle",
    ),
    Fault("a part starts with its lever", around("world.reach.lever_number", lever_numbers_without("after_days")), "reach of levers"),
    Fault("a campaign works before it begins", after("world.audience._told", after_each_other), "reach of levers"),
    Fault("a campaign spreads what nobody asks for", of_class("tax_refund", "automatic", False), "reach of levers"),
    Fault("a service works before it is there", around("world.audience._sooner", at_work_from_the_start), "reach of levers"),
    Fault("information on some is information on all", around("world.reach.informed_views", informed_of_all), "reach of levers"),
    Fault(
        "the margin is before taxes",
        after("world.audience.normal_margin", lambda margin, at: margin + at.firms.tax_share[at.rows]),
        "reach of levers",
    ),
    Fault("cash lasts twice as long", after("engine.terms.cash_lasts_days", lambda days, _: 2.0 * days), "levers oracle"),
    Fault("rent is waived for everybody", of_class("rent_relief", "least_columns", lambda _: {}), "levers oracle"),
)
"""Every defect; their names are unique."""
