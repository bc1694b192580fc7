"""The engine against the oracle on policies of all kinds of levers, and the oracle against answers worked out by hand.

104 scenarios with two to eight levers each, in two of five with public funds besides: every balance and booking of every step agrees to
1e-9 of the firm's sales. Whatever sections 6b and 6c of docs/model.md make possible happens in them.
"""

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest

from simsme.engine.accounts import ITEMS
from simsme.levers import kinds
from tests.lever_cases import compare_levers, kinds_of
from tests.oracle import BALANCES, Life, Trace
from tests.random_levers import ALL_KINDS, LEVER_EVENTS, random_policy_case
from tests.test_oracle import NEVER, NO_SALES, a_firm, a_lever, a_scenario, a_shock, days, exactly, some_luck
from tests.test_oracle import live as live_with

CASES, FIRMS, GROUPS = 104, 6, 8
SHARE_OF_CLOSE_CALLS = 1e-3

OF_FACILITIES = ("facility_rate_of", "rate_relief")
"""Nobody has a place in a facility before facilities have a queue."""
OF_FUNDS = ("claims_paid",)
"""Seen in the cases of tests/test_engine_oracle.py."""


@pytest.mark.parametrize("group", range(GROUPS))
def test_engine_and_oracle_agree_on_levers(group: int) -> None:
    paths = skipped = 0
    with np.errstate(all="ignore"):
        for seed in range(group, CASES, GROUPS):
            found = compare_levers(random_policy_case(seed, FIRMS))
            assert not found.differences, found.differences[0]
            paths += found.paths
            skipped += found.skipped
    assert paths == len(range(group, CASES, GROUPS)) * FIRMS
    assert skipped <= max(1.0, SHARE_OF_CLOSE_CALLS * paths)


def test_the_cases_show_everything_that_levers_can_do() -> None:
    events: Counter[str] = Counter()
    levers: Counter[str] = Counter()
    used: set[str] = set()
    with np.errstate(all="ignore"):
        for seed in range(CASES):
            case = random_policy_case(seed, FIRMS)
            found = compare_levers(case, run=False)
            events.update(found.events)
            levers.update(kinds_of(case))
            used |= found.used
    missing = [event for event in LEVER_EVENTS if events[event] == 0]
    assert not missing, f"never seen: {', '.join(missing)}"
    idle = [name for name in (*BALANCES, *ITEMS) if name not in used | {*OF_FACILITIES, *OF_FUNDS}]
    assert not idle, f"always 0: {', '.join(idle)}"
    assert min(levers[kind] for kind in ALL_KINDS) >= 5


def test_all_kinds_of_levers_are_drawn() -> None:
    before = {"loan_renewal", "lending_forbearance", "emergency_relending", "guarantee_fund"}
    assert set(ALL_KINDS) == set(kinds()) - before - {"relending_facility"}


def test_a_case_is_a_function_of_its_seed() -> None:
    assert random_policy_case(3) == random_policy_case(3)
    assert random_policy_case(3) != random_policy_case(4)


# ------------------------------------------------------------------------------------------------------------------ by hand

WIDE = {"min_margin": None, "max_cash_days": None}


def of_kind(kind: str, name: str = "", **fields: Any) -> dict[str, Any]:
    """A lever of a kind that reaches everybody all the time."""
    lever = a_lever() | WIDE | {"kind": kind, "label": f"{kind}:{name}" if name else kind, "fields": fields}
    del lever["terms"]
    return lever


def live(firm: dict[str, Any], scenario: dict[str, Any], steps: Any, levers: list[dict[str, Any]], **luck: Any) -> Trace:
    parts = luck.pop("parts", 0.5)
    names = dict.fromkeys(("outlay", "works"), parts)
    return live_with(firm, scenario, steps, levers, parts=dict.fromkeys(range(len(levers)), names), **luck)


def test_taxes_are_deferred_to_one_day_and_then_due() -> None:
    # Sales of 1,000 a day, taxes of a tenth, due on day 365/12 = 30.42 and 60.83 with M days of taxes each. All of both are put off to
    # day 70, then all is due in the step (63, 70]; the next is due on day 91.25 and is not put off, the window being closed.
    firm = a_firm(tax_share=0.1, cash=50_000.0)
    lever = of_kind("tax_deferral", deferred_share=1.0, until_day=70.0) | {"to_day": 69.0}
    trace = live(firm, a_scenario(drawing_threshold=1e9), days(7, 98), [lever])
    month = 100 * 365 / 12
    assert trace.balances["deferred_tax"] == [0.0] * 4 + [exactly(month)] * 4 + [exactly(2 * month)] + [0.0] * 5
    assert trace.balances["deferred_tax_day"][3:10] == [NEVER, *[70.0] * 5, NEVER]
    paid = {k: amount for k, amount in enumerate(trace.flows["tax_paid"]) if amount}
    assert paid == {9: exactly(2 * month), 13: exactly(month)}
    assert sum(trace.flows["tax_deferred"]) == exactly(2 * month)


def test_social_insurance_is_waived_and_put_off() -> None:
    # Payroll of 80 a day with a quarter for social insurance: 100 a day, of which 20 is social. 60 % of that is waived: 88 a day, of
    # which 8 is social insurance; a fifth of all 20 is put off, 4 of what is left. Wages are paid in full.
    firm = a_firm(payroll=29_200.0, social_share=0.25, cash=50_000.0, payday=7.0)
    lever = of_kind("social_insurance_relief", waived_share=0.6, deferred_share=0.2, until_day=21.0)
    trace = live(firm, a_scenario(), days(7, 28), [lever])
    assert trace.flows["people_expense"] == [exactly(616)] * 4
    assert trace.flows["social_waived"] == [exactly(84)] * 4
    # Due on day 7: the accrual of M - 7 days at 100 and 7 days at 88; of all that 8/88 is social insurance.
    due = 100 * (365 / 12 - 7) + 616
    assert trace.flows["social_deferred"][0] == exactly(due / 22)
    assert trace.flows["wages_paid"][0] == exactly(due * 80 / 88)
    assert trace.flows["social_paid"][0] == exactly(due / 22)
    assert trace.flows["tax_paid"][2] == exactly(due / 22)


def test_a_lump_sum_is_paid_once_and_two_add_up() -> None:
    levers = [of_kind("grant", "a", sales_share=0.01, amount=100.0), of_kind("grant", "b", sales_share=0.0, amount=50.0)]
    levers[1] |= {"from_day": 10.0}
    trace = live(a_firm(), a_scenario(), days(7, 35), levers)
    assert trace.flows["grants"] == [exactly(3_750), exactly(50), 0.0, 0.0, 0.0]
    assert trace.balances["granted"] == [exactly(3_750)] + [exactly(3_800)] * 4


def test_an_advance_of_the_state_is_paid_back() -> None:
    lever = of_kind("growth_fund", instrument="advance", sales_share=0.02, advance_days=14.0, risk_discount=0.0)
    trace = live(a_firm(), a_scenario(), days(7, 35), [lever])
    assert trace.flows["public_advances"] == [exactly(7_300), 0.0, 0.0, 0.0, 0.0]
    assert trace.balances["deferred_tax"] == [exactly(7_300)] * 2 + [0.0] * 3
    assert trace.flows["tax_paid"] == [0.0, 0.0, exactly(7_300), 0.0, 0.0]


def test_interest_and_principal_are_put_off() -> None:
    # A loan of 36,500 at 10 % costs 10 a day, due on day M; due on day 20, put off to day 50: not recalled, not repaid, not relent.
    firm = a_firm(loan=36_500.0, loan_rate=0.1, loan_due_day=20.0, cash=100_000.0)
    lever = of_kind("debt_deferral", until_day=50.0, interest_share=0.4)
    trace = live(firm, a_scenario(), days(7, 56), [lever])
    assert trace.balances["due_day_1"][:3] == [20.0, 20.0, 50.0]
    assert trace.flows["deferred_principal"] == [0.0, 0.0, 36_500.0] + [0.0] * 5
    month = 10 * 365 / 12
    assert trace.flows["interest_deferred"][4] == exactly(0.4 * month)
    assert trace.flows["interest_paid"][4] == exactly(0.6 * month)
    assert trace.flows["principal_repaid"] == [0.0] * 7 + [36_500.0]
    assert trace.flows["interest_paid"][7] == exactly(0.4 * month)
    assert trace.balances["deferred_interest_day"] == [NEVER] * 4 + [50.0] * 3 + [NEVER]


def test_a_financier_lends_on_receivables_and_bears_bad_debt() -> None:
    # Receivables of 30,000 at 30 days, no cash, overheads of 2,000 a day. In the first week customers owe 30,000 q + 1,000 * 30 (1 - q) =
    # 30,000 and pay 7,000. The gap of 14,000 - 7,000 is financed on 80 % of 30,000 at a discount of 2 % + 12 % * 30 / 365.
    firm = a_firm(credit_sales_share=1.0, receivable_days=30.0, overheads=730_000.0)
    fields = {"confirmed_share": 1.0, "advance_share": 0.8, "receivables_discount": 0.12, "receivables_fee": 0.02, "recourse": 0.25}
    shock = {"shock": a_shock(payment={"receivable_stretch": 1.0, "bad_debt_share": 0.1})}
    plain = live(firm, a_scenario(), days(7, 7), [of_kind("receivables_finance", **fields)])
    discount = 0.02 + 0.12 * 30 / 365
    assert plain.flows["receivables_lent"] == [exactly(7_000)]
    assert plain.balances["factored"] == [exactly(7_000 / (1 - discount))]
    assert plain.flows["discount_expense"] == [exactly(7_000 / (1 - discount) - 7_000)]
    assert plain.cash_out_step is None
    # With bad debt of a tenth: 7,700 is lacking in the first week. In the second 1 - q of it runs off; three quarters of a tenth of that is
    # the financier's loss, the rest is repaid out of what customers paid.
    trace = live(firm, a_scenario() | shock, days(7, 14), [of_kind("receivables_finance", **fields)])
    first = 7_700 / (1 - discount)
    assert trace.balances["factored"][0] == exactly(first)
    ends = first * 7_000 / 37_000
    assert trace.flows["lost_by_financiers"][1] == exactly(0.075 * ends)
    assert trace.flows["receivables_repaid"][1] == exactly(0.925 * ends)


def test_large_firms_order_and_pay_later() -> None:
    # Nobody else buys: 200 a day are ordered, paid after 30 days on average; no bad debt on it.
    lever = of_kind("large_firm_orders", sales_share=0.2, payment_days=30.0, displacement_share=0.5)
    shock = {"shock": a_shock(sales={"scar": 0.0}, payment={"receivable_stretch": 1.0, "bad_debt_share": 0.3})}
    trace = live(a_firm(), a_scenario() | shock, days(7, 14), [lever], depth=1.0)
    q = math.exp(-7 / 30)
    assert trace.flows["order_sales"] == [exactly(1_400), exactly(1_400)]
    assert trace.flows["cash_sales"] == [0.0, 0.0]
    assert trace.balances["order_receivables"] == [exactly(6_000 * (1 - q)), exactly(6_000 * (1 - q * q))]
    assert trace.flows["collections"][0] == exactly(1_400 - 6_000 * (1 - q))
    assert trace.flows["bad_debt"] == [0.0, 0.0]
    prompt = of_kind("prompt_payment", buyer_share=0.5, payment_days=0.0)
    assert live(a_firm(), a_scenario() | shock, days(7, 7), [lever, prompt], depth=1.0).flows["collections"] == [exactly(1_400)]


def test_a_closure_is_shortened() -> None:
    # Closed on days 0 to 20 and, by luck of a half-life, 10 more: 30 days; half of that is 15.
    shock = {"shock": a_shock(closure={"closed_share": 1.0, "closed_days": 20.0, "reopening_half_life_days": 10.0})}
    lever = of_kind("targeted_closure", closure_relief=0.5)
    trace = live(a_firm(), a_scenario() | shock, days(10, 40), [lever])
    assert trace.flows["cash_sales"] == [0.0, exactly(5_000), exactly(10_000), exactly(10_000)]
    assert trace.open == [False, True, True, True]


def test_a_part_that_fails_costs_and_brings_nothing() -> None:
    fields = {
        "outlay_share": 0.01,
        "outlay_subsidy": 0.3,
        "effect_days": 7.0,
        "failure_odds": 0.4,
        "materials_saving": 0.1,
        "sales_lift": 0.2,
    }
    lever = of_kind("digital_transformation", **fields)
    works = live(a_firm(), a_scenario(), days(7, 21), [lever], parts=0.59)
    fails = live(a_firm(), a_scenario(), days(7, 21), [lever], parts=0.61)
    for trace in (works, fails):
        assert trace.flows["investment_expense"] == [exactly(3_650), 0.0, 0.0]
        assert trace.flows["digital_subsidies"] == [exactly(1_095), 0.0, 0.0]
    assert works.flows["cash_sales"] == [exactly(8_400)] * 3  # in force on the last day of the first step
    assert works.flows["lifted_sales"] == [exactly(1_400)] * 3
    assert fails.flows["cash_sales"] == [exactly(7_000)] * 3


def test_a_campaign_spreads_a_grant_and_a_service_speeds_it_up() -> None:
    # Luck of .5: a take-up of .3 does not reach the firm, .3 * 2 does, from the campaign's day 10 on. A delay of 20 days is halved.
    grant = of_kind("grant", sales_share=0.01, amount=0.0) | {"take_up": 0.3}
    campaign = of_kind("policy_awareness", take_up_factor=2.0, outlook_lift=0.0, programme_cost=365.0) | {"from_day": 10.0}
    service = of_kind("streamlined_service", delay_cut=0.5, approval_relief=0.0, programme_cost=0.0)

    def paid_in(*levers: dict[str, Any]) -> list[int]:
        trace = live(a_firm(), a_scenario(), days(7, 35), list(levers))
        return [step for step, amount in enumerate(trace.flows["grants"]) if amount]

    assert paid_in(grant) == []
    assert paid_in(grant, campaign) == [1]
    assert paid_in(grant | {"from_day": 15.0}, campaign) == [2]
    assert paid_in(grant | {"take_up": 0.6, "delay_days": 20.0}) == [2]
    assert paid_in(grant | {"take_up": 0.6, "delay_days": 20.0}, service) == [1]
    assert paid_in(grant | {"take_up": 0.6, "delay_days": 20.0}, service | {"from_day": 10.5}) == [2]
    trace = live(a_firm(), a_scenario(), days(7, 14), [campaign])
    assert trace.flows["programme_costs"] == [0.0, exactly(7)]


def test_information_is_that_of_all_levers_up_to_the_last() -> None:
    # Opacity .6 and .8 of risk: half of it away leaves .3, and a third of that away .2. See test_oracle for the formula.
    levers = [
        of_kind("credit_information", opacity_relief=0.5, approval_relief=0.0, programme_cost=0.0),
        of_kind("fair_access", opacity_relief=1 / 3, sales_lift=0.0, displacement_share=0.5) | {"from_day": 10.0},
    ]
    risk = 0.09

    def seen(opacity: float) -> float:
        w = 0.64 / (0.64 + opacity**2)
        return math.exp(math.log(0.03) + w * math.log(risk / 0.03) + (1 - w) * 0.64 / 2)

    life = Life(a_firm(default_risk=risk), a_scenario(), some_luck([], 2), levers)
    assert life.terms(5.0).informed_perceived == exactly(seen(0.3))
    assert life.terms(10.0).informed_perceived == exactly(seen(0.2))


def test_the_state_bears_a_part_of_the_loss_on_a_loan_that_the_bank_would_refuse() -> None:
    # As in test_oracle_funds: prudent risk .0544, margin .02; with 80 % borne by the state the bank asks for .0063.
    needy = a_firm(overheads=36_500.0, cash=2_000.0)
    scenario = a_scenario(apply=1.0, bank_margin=0.02) | NO_SALES
    scenario["exit"]["background_rate"] = {"micro": 0.012}
    lever = of_kind("risk_compensation", loss_share=0.8, max_perceived_risk=1.0)
    trace = live(needy, scenario, days(7, 49), [lever], depth=1.0, other=math.exp(-0.012 * 40 / 365))
    assert trace.balances["coming_2"][0] == exactly(1_700)
    assert trace.balances["compensated"][:5] == [0.8] * 5
    assert trace.flows["lost_by_banks"][5] == exactly(1_700)
    assert trace.flows["compensation_paid"][5] == exactly(1_360)
    refused = live(needy, scenario, days(7, 14), [of_kind("risk_compensation", loss_share=0.8, max_perceived_risk=0.03)], depth=1.0)
    assert refused.balances["coming_2"] == [0.0, 0.0]
