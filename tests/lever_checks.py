"""Checks of what levers do, like those of tests/checks.py: each raises :class:`~tests.demands.Broken` where something does not hold.

Random policies of all kinds against the second version of the model and in their accounts; and small worlds worked out by hand.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.engine import simulate as engine
from simsme.engine.credit import NEVER
from simsme.levers import kinds
from simsme.levers.lever import Lever
from simsme.policy import Policy
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.reach import rows_of_policy
from tests.account_checks import ACCOUNTS
from tests.demands import demand, demand_equal
from tests.known_checks import FIRM_WEIGHT
from tests.lever_cases import compare_levers, world_of
from tests.random_levers import random_policy_case
from tests.random_scenarios import Case
from tests.recordings import Recording, ordinary_world, recorded
from tests.worlds_for_tests import bare_firm, still_world

Array = NDArray[Any]

SEEDS = (3, 6, 7, 10, 11, 15, 30, 40, 54, 74, 84, 102)
"""Random policies in which every fault of tests/lever_faults.py shows that shows in cases."""


@cache
def standing_policies() -> tuple[Case, ...]:
    """Cases that stand for all where a check is run for each of many faults."""
    return tuple(random_policy_case(seed) for seed in SEEDS)


def check_levers_against_oracle() -> None:
    """The engine and the second version of the model agree on what all kinds of levers do."""
    with np.errstate(all="ignore"):
        for case in standing_policies():
            differences = compare_levers(case).differences
            demand(not differences, differences[0] if differences else "")


def check_accounts_under_levers() -> None:
    """The accounts are in order whatever the levers: cash, balances, equity, who is gone, signs, caps, events, sums."""
    for case in standing_policies():
        done = recorded(world_of(case))
        for check in ACCOUNTS.values():
            check(done)


# ------------------------------------------------------------------------------------------------------------------------- by hand


def lever(kind: str, name: str = "", **fields: Any) -> Lever:
    """A lever that everybody takes up at once, but for what is given."""
    return kinds()[kind].model_validate({"kind": kind, "name": name, "take_up": 1.0, "delay_days": 0.0} | fields)


def still(*levers: Lever, firm: Mapping[str, Any] | None = None, shock: Mapping[str, Any] | None = None, **tables: Any) -> Recording:
    """One firm in a still world under levers: sales of 1,000 a day, and what is given."""
    time = {"step_days": 7, "horizon_days": 98, "headline_day": 91, "report_days": (91, 98)}
    rows = [bare_firm(weight=FIRM_WEIGHT, **(firm or {}))]
    more = {"shock": shock} if shock is not None else {}
    return recorded(still_world(rows, [Policy(name="levers", levers=levers)], time=time, **more, **tables))


def booked(done: Recording, item: str) -> list[float]:
    """What the one firm booked under a name in each step, under the levers."""
    return [float(np.ravel(moment.booked.get(item, np.zeros(1)))[0]) for moment in done.of(1)]


def steps_with(done: Recording, item: str) -> dict[float, float]:
    """Amounts by the last day of their step, where there are any."""
    ends = [moment.clock.b for moment in done.of(1)]
    return {day: amount for day, amount in zip(ends, booked(done, item), strict=True) if amount != 0.0}


def _are(found: Mapping[float, float], expected: Mapping[float, float], what: str) -> None:
    demand(set(found) == set(expected), f"{what}: on days {sorted(found)}, by hand {sorted(expected)}")
    for day, amount in expected.items():
        demand_equal(found[day], amount, f"{what} by day {day:g}")


MONTH = 365.0 / 12.0


def check_known_deferral() -> None:
    """Taxes and interest of two months are put off to day 70 and due in that step, once; then each month is due again."""
    firm = {"cash": 50_000.0, "tax_share": 0.1, "loan": 36_500.0, "loan_rate": 0.1, "loan_due_day": 50.0}
    levers = (
        lever("tax_deferral", deferred_share=0.8, until_day=70.0, to_day=69.0),
        lever("debt_deferral", interest_share=0.5, until_day=77.0, to_day=69.0),
    )
    done = still(*levers, firm=firm)
    month = 100.0 * MONTH
    _are(steps_with(done, "tax_deferred"), {21.0: 0.8 * month, 49.0: 0.8 * month}, "taxes put off")
    expected = {21.0: 0.2 * month, 49.0: 0.2 * month, 70.0: 1.6 * month, 77.0: month}
    _are(steps_with(done, "tax_paid"), expected, "taxes paid")
    month = 10.0 * MONTH
    _are(
        steps_with(done, "interest_paid"), {21.0: 0.5 * month, 56.0: 0.5 * month, 77.0: month, 84.0: 10.0 * (56.0 - MONTH)}, "interest paid"
    )
    _are(steps_with(done, "deferred_principal"), {56.0: 36_500.0}, "principal put off")
    _are(steps_with(done, "principal_repaid"), {77.0: 36_500.0}, "principal repaid")


def check_known_entitlement() -> None:
    """A grant is paid once, a second one adds to it, and neither goes to who is gone."""
    gone = {"cash": 0.0, "loan": 1e6, "loan_due_day": 5.0}
    first, second = lever("grant", "a", sales_share=0.01, amount=100.0), lever("tax_refund", refund_share=0.02, from_day=10.0)
    more = lever("grant", "b", sales_share=0.02, amount=0.0, from_day=20.0)
    done = still(first, second, more)
    _are(steps_with(done, "grants"), {7.0: 3_750.0, 21.0: 7_300.0}, "grants")
    _are(steps_with(done, "tax_refunds"), {14.0: 7_300.0}, "refunds")
    leaves = still(first, second, more, firm=gone, credit={"grace_days": 0.0})
    demand(leaves.lives.exit_step[1, 0, 0] == 0, "the firm should go in the first step")
    _are(steps_with(leaves, "grants"), {7.0: 3_750.0}, "grants to a firm that goes")
    _are(steps_with(leaves, "tax_refunds"), {}, "refunds to a firm that is gone")


def check_known_compensation() -> None:
    """Of a loss of 1,000 a fund bears 80 % and the state half of the rest, and so they are expected to."""
    done = still()
    block = done.block
    owed = block.opening.new_loan._replace(principal=np.full((1, 1), 1_000.0), due_day=np.full((1, 1), 400.0))
    full = np.ones((1, 1))
    state = block.opening._replace(
        new_loan=owed, guaranteed=0.8 * full, compensated=0.5 * full, deferred_tax=365.0 * full, deferred_tax_day=30.0 * full
    )
    estate = engine.wind_up(block.firm, block.rules, state)
    demand_equal(float(estate.lost_by_banks[0, 0]), 1_000.0, "the bank's loss")
    demand_equal(float(estate.claims[0, 0]), 800.0, "claims on the fund")
    demand_equal(float(estate.compensation[0, 0]), 100.0, "compensation by the state")
    demand_equal(float(estate.lost_by_tax[0, 0]), 365.0, "deferred taxes lost")
    loss = engine.expected_loss(block.firm, block.rules, block.default_risk, block.valuation, state, 20.0, np.zeros(()))
    by_hand = float(np.ravel(block.valuation.lgd)[0]) * 0.03
    demand_equal(float(loss.banks[0, 0]), by_hand * 100.0, "expected loss of the bank")
    demand_equal(float(loss.funds[0, 0]), by_hand * 800.0, "expected loss of funds")
    demand_equal(float(loss.state[0, 0]), by_hand * (100.0 + 365.0 * 10.0 / 365.0), "expected loss of the state")


def check_known_estate() -> None:
    """A financier is paid out of what customers still owe, and with suppliers for the rest."""
    block = still().block
    full = np.ones((1, 1))
    state = block.opening._replace(
        cash=80.0 * full, receivables=100.0 * full, order_receivables=100.0 * full, factored=260.0 * full, payables=80.0 * full
    )
    estate = engine.wind_up(block.firm, block.rules, state)
    # 90 % of 200 is collected and goes to the financier; 80 in cash is left for the 80 that he and the suppliers each have still to get.
    demand_equal(float(estate.financiers[0, 0]), 220.0, "paid to the financier")
    demand_equal(float(estate.lost_by_financiers[0, 0]), 40.0, "lost by the financier")
    demand_equal(float(estate.suppliers[0, 0]), 40.0, "paid to suppliers")


def check_known_closure() -> None:
    """Closed for 30 days from day 14 on, or for half of that; shutdowns and firms that are not closed are as they were."""
    closed = {
        "from_day": 14.0,
        "duration_days": 365.0,
        "closure": {"closed_share": 1.0, "closed_days": 30.0, "reopening_half_life_days": 0.0},
    }
    relief = lever("targeted_closure", closure_relief=0.5)
    done = still(relief, shock=closed)
    sold = booked(done, "cash_sales")[:8]
    for amount, open_days in zip(sold, (7, 7, 0, 0, 6, 7, 7, 7), strict=True):
        demand_equal(amount, 1_000.0 * open_days, "sales of a firm whose closure was shortened")
    nobody = closed | {"closure": {"closed_share": 0.0, "closed_days": 30.0, "reopening_half_life_days": 0.0}}
    demand_equal(sum(booked(still(relief, shock=nobody), "cash_sales")), 98_000.0, "sales of a firm that was never closed")


def check_known_receivables() -> None:
    """7,700 is lent on receivables of 30,000 at its price; of what turns bad a quarter is the firm's, the rest the financier's."""
    firm = {"credit_sales_share": 1.0, "receivable_days": 30.0, "overheads": 730_000.0}
    fields = {"confirmed_share": 1.0, "advance_share": 0.5, "receivables_discount": 0.12, "receivables_fee": 0.02, "recourse": 0.25}
    done = still(
        lever("receivables_finance", **fields),
        firm=firm,
        shock={"duration_days": 365.0, "payment": {"bad_debt_share": 0.1, "receivable_stretch": 1.0}},
    )
    price = 0.02 + 0.12 * 30.0 / 365.0
    lent, repaid, lost = (booked(done, item) for item in ("receivables_lent", "receivables_repaid", "lost_by_financiers"))
    demand_equal(lent[0], 7_700.0, "lent in the first week")
    face = 7_700.0 / (1.0 - price)
    ends = face * 7.0 / 37.0
    # matured in a week: 30,000 + 7,000 - 30,000
    demand_equal(repaid[1], 0.925 * ends, "repaid in the second week")
    demand_equal(lost[1], 0.075 * ends, "lost in the second week")
    demand_equal(lent[1], (0.5 * 30_000.0 - (face - ends)) * (1.0 - price), "lent in the second week, up to the limit")


def check_known_loan() -> None:
    """Refused for its risk; approved where the state bears 80 % of the loss, for firms that are not too risky, and until it is repaid."""
    credit = {"risk_sigma": 0.8, "opacity": 0.0, "risk_aversion": 0.0, "bank_margin": 0.06, "lgd": 0.55, "apply": 1.0}
    leave = {"patience_days": 14.0, "patience_min_days": 1.0, "patience_supplier_factor": 0.0, "patience_tolerance_days": 0.0}
    shock = {"duration_days": 3650.0, "sales": {"depth": 1.0, "scar": 0.0}}
    for risk, limit, share in ((0.12, 0.13, 0.8), (0.12, 0.11, 0.0)):
        firm = {"cash": 2_000.0, "overheads": 36_500.0, "default_risk": risk}
        helped = lever("risk_compensation", loss_share=0.8, max_perceived_risk=limit)
        done = still(helped, firm=firm, shock=shock, credit=credit, exit=leave)
        borne = max(float(moment.after.compensated[0, 0]) for moment in done.of(1))
        demand_equal(borne, share, "share of the loss that the state bears")
        lost, paid = sum(booked(done, "lost_by_banks")), sum(booked(done, "compensation_paid"))
        demand_equal(paid, share * lost, "compensation")
        demand(share == 0.0 or paid > 0.0, "the loan should be lost")
    firm = {"cash": 2_000.0, "overheads": 36_500.0, "owner_funds": 50_000.0, "default_risk": 0.12}
    helped = lever("risk_compensation", loss_share=0.8, max_perceived_risk=1.0)
    done = still(helped, firm=firm, shock=shock, credit=credit | {"term_days": 14.0, "gap_days": 5.0})
    repaid = [moment.clock.b for moment in done.of(1) if np.any(moment.booked["principal_repaid"] > 0.0)]
    demand(len(repaid) > 0, "the loan should be repaid")
    for moment in done.of(1):
        borne = float(moment.after.compensated[0, 0])
        demand(moment.clock.b < repaid[0] or borne == 0.0, "what is lent again is compensated")


def check_known_worth() -> None:
    """An owner in arrears gives up when a loan is at risk in 30 days; where it will be deferred, two months of rent later."""
    # Worth: 182 days of rent to come are 1,820, a month in arrears is 304; the loan of 1,000 is at risk, since the bank never lends again.
    firm = {"rent": 3_650.0, "loan": 1_000.0, "loan_due_day": 60.0}
    leave = {"hope_median": 2_600.0 / 365_000.0, "outlook_days": 182.0}
    shock = {"duration_days": 3650.0, "sales": {"depth": 1.0, "scar": 0.0}}
    done = still(lever("debt_deferral", until_day=400.0), firm=firm, shock=shock, credit={"renewal": 0.0}, exit=leave)
    gone = [float(done.world.steps[int(step)].b) for step in done.lives.exit_step[:, 0, 0]]
    demand(gone == [35.0, 98.0], f"the owner gives up by days {gone}, by hand in the steps of one and of three months of rent")


def check_reach_of_levers() -> None:
    """Campaigns spread what has to be asked for, services shorten delays, parts fail at their odds, conditions on firms hold."""
    world = ordinary_world()
    numbers = DrawnNumbers(world.scenario, world.scenario.seed, np.arange(50, dtype=np.uint64))
    rows = slice(0, len(world.firms.key))

    def days(*levers: Lever, of: str = "grant", part: int = 0) -> Array:
        """First day at each firm of the rows that pay a grant or do what the part of another lever does; infinite where none."""
        found = rows_of_policy(Policy(name="any", levers=levers), numbers, world.firms, rows)
        first = np.full((50, rows.stop), NEVER)
        terms = {"grant": "grant_share", "digital_transformation": ("outlay_share", "materials_saving")[part]}
        for row in found:
            if np.any(np.asarray(getattr(row.terms, terms[of])) > 0.0):
                on = np.broadcast_to(row.reaches, first.shape)
                demand(~on | (first == NEVER), "two rows of a lever reach one firm")
                first = np.where(on, np.asarray(row.from_day), first)
        return first

    def share(flags: Array, expected: float, what: str) -> None:
        error = np.sqrt(max(expected * (1.0 - expected), 1e-12) / flags.size)
        demand(abs(flags.mean() - expected) <= 4.0 * error, f"{what}: {flags.mean():g}, stated {expected:g}")

    grant = lever("grant", sales_share=0.01, amount=0.0, take_up=0.3, delay_days=20.0)
    plain = days(grant)
    share(plain == 20.0, 0.3, "who takes a grant up")
    campaign = lever("policy_awareness", take_up_factor=2.0, from_day=50.0, take_up=0.5)
    told = days(grant, campaign)
    demand((plain == 20.0) <= (told == 20.0), "a campaign takes a grant away")
    share(told == 50.0, 0.15, "who takes a grant up thanks to a campaign, from its first day on")
    relief = lever("tax_refund", refund_share=0.01, take_up=0.3)
    refunds = rows_of_policy(Policy(name="any", levers=(relief, campaign)), numbers, world.firms, rows)
    share(
        np.logical_or.reduce([np.broadcast_to(row.reaches, plain.shape) for row in refunds if np.any(row.terms.refund_share > 0)]),
        0.3,
        "refunds",
    )
    service = lever("streamlined_service", delay_cut=0.5, take_up=0.5)
    share(days(grant, service) == 10.0, 0.15, "whose delay a service halves")
    late = lever("streamlined_service", delay_cut=0.5, from_day=10.5)
    share(days(grant, late) == 20.0, 0.3, "a service that comes too late")
    digital = lever("digital_transformation", failure_odds=0.4, effect_days=30.0, outlay_share=0.1, materials_saving=0.1)
    share(days(digital, of="digital_transformation") == 0.0, 1.0, "who invests")
    works = days(digital, of="digital_transformation", part=1)
    share(works == 30.0, 0.6, "where it works, later")
    share((works == 30.0) & (days(grant) == 20.0), 0.18, "the luck of a part beside that of take-up")
    clear = lever("fair_access", opacity_relief=0.5)
    some = lever("credit_information", opacity_relief=0.5, take_up=0.5)
    alone = _seen(rows_of_policy(Policy(name="any", levers=(clear,)), numbers, world.firms, rows)[-1].terms)
    *_, first, last = rows_of_policy(Policy(name="any", levers=(some, clear)), numbers, world.firms, rows)
    told = np.broadcast_to(first.reaches, plain.shape)
    share(_seen(last.terms) == alone, 0.5, "what banks see of firms on which one lever informs them")
    demand((_seen(last.terms) == alone) == ~told, "information on some is information on others")
    firms = world.firms
    fixed = (firms.payroll * (1.0 + firms.social_share) + firms.rent + firms.overheads) / firms.sales
    margin = 1.0 - firms.materials_share - fixed - firms.tax_share
    level = float(np.median(margin))
    better = days(grant.model_copy(update={"min_margin": level, "take_up": 1.0})) < NEVER
    demand(better == (margin >= level), "a grant for firms with a margin")


def _seen(terms: Any) -> Array:
    """The risk that an informed bank sees in each firm."""
    return np.asarray(terms.informed_perceived)


LEVER_CHECKS: dict[str, Callable[[], None]] = {
    "levers oracle": check_levers_against_oracle,
    "levers accounts": check_accounts_under_levers,
    "known deferral": check_known_deferral,
    "known entitlement": check_known_entitlement,
    "known compensation": check_known_compensation,
    "known estate": check_known_estate,
    "known closure": check_known_closure,
    "known receivables": check_known_receivables,
    "known loan": check_known_loan,
    "known worth": check_known_worth,
    "reach of levers": check_reach_of_levers,
}
"""Every check of levers by name, ready to call."""
