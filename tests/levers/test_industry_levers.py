"""Orders, investment, access, contracts, closures, services and training: what each lever does, worked out by hand.

The firms sell 1,000 a day and have only what the case is about; there is no noise, no credit and nobody leaves.
"""

import math

import pytest

from simsme.levers import (
    ContractEnforcement,
    DigitalTransformation,
    FairAccess,
    Grant,
    InnovationSupport,
    LargeFirmOrders,
    PublicServices,
    TargetedClosure,
    Training,
    WageSubsidy,
    kinds,
)
from simsme.levers.lever import Reach
from simsme.policy import Policy
from tests.levers.test_relief_levers import after, cash, cash_out_day, clock, each_step, gain, lives, total
from tests.worlds_for_tests import NO_SALES, bare_firm, film, still_world

# ----------------------------------------------------------------------------------------------------------------------------- orders

SELLER = bare_firm(cash=10_000.0)
"""Sells 1,000 a day for cash and has no costs. (Some cash on day 0, so that the owner draws none.)"""

MAKER = bare_firm(materials_share=0.5, cash=50_000.0)
"""Sells 1,000 a day for cash and pays 500 of it for materials, at once."""


@each_step
def test_orders_cost_first_and_pay_later(step_days: int) -> None:
    # 100 a day more, paid after 30 days on average: by day t 100 t - 3,000 (1 - exp(-t / 30)) have come in. Materials of 50 a day are
    # paid at once. Day 7: 75.7 - 350 = -274.3; day 28: 980.0 - 1,400 = -420; day 84: 5,582.4 - 4,200 = 1,382.4.
    lever = LargeFirmOrders(take_up=1.0, sales_share=0.1, payment_days=30.0)
    watched = lives(MAKER, clock(step_days, 84, 7, 28), (lever,))
    by_hand = [100.0 * day - 3_000.0 * (1.0 - math.exp(-day / 30.0)) - 50.0 * day for day in (7.0, 28.0, 84.0)]
    assert [gain(watched, day) for day in (7.0, 28.0, 84.0)] == pytest.approx(by_hand)
    assert by_hand[0] < 0.0 and by_hand[1] < 0.0 < by_hand[2]
    assert total(watched, "order_sales") == pytest.approx(100.0 * 84.0)
    owed = float(watched.after(84.0, 1).order_receivables[0, 0])
    assert owed == pytest.approx(3_000.0 * (1.0 - math.exp(-84.0 / 30.0)))


@each_step
def test_orders_need_people(step_days: int) -> None:
    # The firm can serve 60 % of what is wanted: 600 a day. Orders of 10 % of sales: 60 % of 1,100 are 660. Training removes half of the
    # shortage: 80 % of 1,000, 800. Both: 80 % of 1,100,
    # 880: of the gain of 280 orders bring 60 alone, training 200, and 20 only together.
    orders = LargeFirmOrders(take_up=1.0, sales_share=0.1, payment_days=0.0)
    training = Training(take_up=1.0, delay_days=0.0, labour_relief=0.5, programme_cost=3_650.0)
    shock = {"duration_days": 3650.0, "labour": {"affected_share": 1.0, "served_share": 0.6}}
    watched = lives(SELLER, clock(step_days), (orders,), (training,), (orders, training), shock=shock)
    sold = [(total(watched, "cash_sales", policy) + total(watched, "credit_sales", policy)) / 84.0 for policy in range(4)]
    assert sold == pytest.approx([600.0, 660.0, 800.0, 880.0])
    assert total(watched, "order_sales", 3) == pytest.approx(80.0 * 84.0)
    assert total(watched, "programme_costs", 2) == pytest.approx(10.0 * 84.0)
    assert gain(watched, 84.0, 2) == pytest.approx(200.0 * 84.0), "training costs the state, not the firm"


@each_step
def test_training_takes_its_time_and_helps_nobody_who_has_people(step_days: int) -> None:
    # In force from day 42 on; 600 a day before, 800 after.
    lever = Training(take_up=1.0, delay_days=42.0, labour_relief=0.5)
    shock = {"duration_days": 3650.0, "labour": {"affected_share": 1.0, "served_share": 0.6}}
    watched = lives(SELLER, clock(step_days, 84, 41), (lever,), shock=shock)
    begins = next(step.a for step in watched.block.steps if step.b >= 42.0)
    assert gain(watched, 84.0) == pytest.approx(200.0 * (84.0 - begins))
    assert gain(lives(SELLER, clock(step_days), (lever,)), 84.0) == 0.0


@each_step
def test_access_and_orders_add_up(step_days: int) -> None:
    # 5 % of ordinary demand, for cash, and 10 % of orders, here paid at once: 1,150 a day.
    access = FairAccess(take_up=1.0, sales_lift=0.05, opacity_relief=0.0)
    orders = LargeFirmOrders(take_up=1.0, sales_share=0.1, payment_days=0.0)
    watched = lives(SELLER, clock(step_days), (access,), (orders,), (access, orders))
    assert [gain(watched, 84.0, policy) for policy in (1, 2, 3)] == pytest.approx([50.0 * 84, 100.0 * 84, 150.0 * 84])
    assert total(watched, "lifted_sales", 3) == pytest.approx(50.0 * 84.0)
    assert total(watched, "order_sales", 3) == pytest.approx(100.0 * 84.0)


def test_what_is_gained_is_said_to_be_others_loss() -> None:
    assert (FairAccess().displaces(), LargeFirmOrders(displacement_share=0.2).displaces(), Training().displaces()) == (1.0, 0.2, 0.0)
    assert FairAccess(opacity_relief=0.3).acts_on() == Reach(opacity_relief=0.3)


# --------------------------------------------------------------------------------------------------------------------------- investment


@each_step
def test_digital_investment_costs_first_and_saves_later(step_days: int) -> None:
    # 3 % of 365,000 are 10,950, of which the state pays 30 %: 7,665 are gone in the first step. After 28 days a tenth of materials, 50 a
    # day, is saved: from the beginning of the first step that ends on day 28 or later.
    lever = DigitalTransformation(take_up=1.0, effect_days=28.0, failure_odds=0.0, materials_saving=0.1, sales_lift=0.0)
    watched = lives(MAKER, clock(step_days, 84, 14), (lever,))
    begins = next(step.a for step in watched.block.steps if step.b >= 28.0)
    assert gain(watched, 14.0) == pytest.approx(-7_665.0)
    assert gain(watched, 84.0) == pytest.approx(-7_665.0 + 50.0 * (84.0 - begins))
    assert total(watched, "investment_expense") == pytest.approx(10_950.0)
    assert total(watched, "digital_subsidies") == pytest.approx(3_285.0)


@each_step
def test_a_project_that_fails_costs_all_the_same(step_days: int) -> None:
    lever = DigitalTransformation(take_up=1.0, effect_days=28.0, failure_odds=1.0, materials_saving=0.1, sales_lift=0.1)
    watched = lives(MAKER, clock(step_days), (lever,))
    assert gain(watched, 84.0) == pytest.approx(-7_665.0)


def test_so_many_projects_fail_whatever_else_befalls_the_firm() -> None:
    rows = [bare_firm(f"firm-{number}", cash=50_000.0) for number in range(2_000)]
    lever = DigitalTransformation(take_up=1.0, effect_days=0.0, outlay_share=0.0, sales_lift=0.1)
    watched = film(still_world(rows, [Policy(name="digital", levers=(lever,))], time=clock(14, 14)))
    works = watched.total("lifted_sales", 1)[0] > 0.0
    assert abs(works.mean() - 0.7) < 4 * math.sqrt(0.7 * 0.3 / 2_000)


@each_step
def test_an_innovation_grant_is_spent(step_days: int) -> None:
    # 3 % of 365,000 come and go in the same step; of a grant that firms may keep half, 5,475 are left.
    tied, half = (InnovationSupport(take_up=1.0, delay_days=28.0, spent_share=share) for share in (1.0, 0.5))
    watched = lives(MAKER, clock(step_days), (tied,), (half,))
    assert total(watched, "innovation_grants") == pytest.approx(10_950.0)
    assert total(watched, "investment_expense") == pytest.approx(10_950.0)
    assert [gain(watched, 84.0, policy) for policy in (1, 2)] == pytest.approx([0.0, 5_475.0], abs=1e-6)


def test_an_innovation_grant_saves_nobody() -> None:
    # 100 a day of overheads, no sales, cash for 20.5 days: out of cash in the step with day 20.5 with the grant as without it; a grant
    # of 10,950 without strings keeps the firm going for 109.5 days more.
    firm = bare_firm(overheads=36_500.0, cash=2_050.0)
    tied, free = InnovationSupport(take_up=1.0, delay_days=7.0), Grant(take_up=1.0, sales_share=0.03, delay_days=7.0)
    watched = lives(firm, clock(7, 182), (tied,), (free,), shock=NO_SALES)
    assert [cash_out_day(watched, policy) for policy in range(3)] == [21.0, 21.0, after(watched, 130.0)]


def test_the_digital_subsidy_is_on_all_that_is_invested() -> None:
    # Outlays of 3 % and 2 % of 365,000, 18,250; the state pays 7,300 as a grant for innovation, and 30 % of all: 5,475.
    levers = (
        DigitalTransformation(take_up=1.0, effect_days=1e4),
        InnovationSupport(take_up=1.0, delay_days=0.0, sales_share=0.02),
    )
    watched = lives(MAKER, clock(7), levers)
    assert total(watched, "investment_expense") == pytest.approx(18_250.0)
    assert gain(watched, 84.0) == pytest.approx(-18_250.0 + 7_300.0 + 5_475.0)


# -------------------------------------------------------------------------------------------------------------------------- contracts

LATE = {**NO_SALES, "payment": {"receivable_stretch": 1.5, "bad_debt_share": 0.04}}
"""In full shock customers take half as long again, and 4 % never pay."""

CREDITOR = bare_firm(credit_sales_share=1.0, receivable_days=60.0, cash=1e6)
"""Is owed 60,000 on day 0 and sells nothing any more."""


@each_step
def test_contracts_that_are_enforced(step_days: int) -> None:
    # Half of the stretch removed: 75 days instead of 90. A quarter of bad debt removed: 3 % instead of 4 %.
    lever = ContractEnforcement(delay_days=0.0, stretch_relief=0.5, bad_debt_relief=0.25)
    watched = lives(CREDITOR, clock(step_days), (lever,), shock=LATE)
    matured = 60_000.0 * (1.0 - math.exp(-84.0 / 75.0))
    assert total(watched, "collections") == pytest.approx(0.97 * matured)
    assert total(watched, "bad_debt") == pytest.approx(0.03 * matured)
    # in normal times there is nothing to enforce
    calm = lives(CREDITOR, clock(step_days), (lever,))
    assert gain(calm, 84.0) == 0.0


@each_step
def test_enforcement_and_prompt_payment(step_days: int) -> None:
    # 75 days in the shock; two fifths of customers must pay within 45: 75 - 0.4 * 30 = 63 days.
    enforcement = ContractEnforcement(delay_days=0.0, stretch_relief=0.5, bad_debt_relief=0.25)
    prompt = kinds()["prompt_payment"].model_validate(
        {"kind": "prompt_payment", "take_up": 1.0, "delay_days": 0.0, "buyer_share": 0.4, "payment_days": 45.0}
    )
    watched = lives(CREDITOR, clock(step_days), (enforcement, prompt), shock=LATE)
    assert total(watched, "collections") == pytest.approx(0.97 * 60_000.0 * (1.0 - math.exp(-84.0 / 63.0)))


@each_step
def test_two_courts(step_days: int) -> None:
    # 1 - 0.5 * 0.6 = 70 % of the stretch of 30 days and of 4 % of bad debt removed: 69 days, 1.2 %.
    levers = (
        ContractEnforcement(delay_days=0.0, stretch_relief=0.5, bad_debt_relief=0.5),
        ContractEnforcement(name="city", delay_days=0.0, stretch_relief=0.4, bad_debt_relief=0.4),
    )
    watched = lives(CREDITOR, clock(step_days), levers, shock=LATE)
    assert total(watched, "collections") == pytest.approx(0.988 * 60_000.0 * (1.0 - math.exp(-84.0 / 69.0)))


# ---------------------------------------------------------------------------------------------------------------------------- closures

CLOSED = {"duration_days": 3650.0, "closure": {"closed_share": 1.0, "closed_days": 28.0, "reopening_half_life_days": 0.0}}
"""Everybody is closed by order for 28 days, and reopens on day 28."""


@each_step
def test_a_closure_that_is_half_as_long(step_days: int) -> None:
    # Cash of 10,000. 56 of 84 days open; half of the closure does not happen: 70.
    watched = lives(SELLER, clock(step_days), (TargetedClosure(closure_relief=0.5),), shock=CLOSED)
    assert [cash(watched, 84.0, policy) for policy in (0, 1)] == pytest.approx([66_000.0, 80_000.0])


@each_step
def test_two_measures_against_closures(step_days: int) -> None:
    # 1 - 0.5 * 0.5 = 75 % of 28 days do not happen: 77 days open, and 10,000 on day 0.
    levers = (TargetedClosure(closure_relief=0.5), TargetedClosure(name="city", closure_relief=0.5))
    assert cash(lives(SELLER, clock(step_days), levers, shock=CLOSED), 84.0, 1) == pytest.approx(87_000.0)


@each_step
def test_no_closure_is_left_of_it(step_days: int) -> None:
    # Relief of 1 is the world without closure, in every balance after every step; with working capital, people and sales down by a half.
    firm = bare_firm(
        **{"materials_share": 0.4, "inventory_days": 30.0, "credit_sales_share": 0.5, "receivable_days": 45.0, "payable_days": 30.0},
        **{"payroll": 73_000.0, "rent": 36_500.0, "tax_share": 0.02, "cash": 50_000.0},
    )
    shock = {**CLOSED, "sales": {"depth": 0.5, "scar": 0.0}}
    shock["closure"] = {"closed_share": 1.0, "closed_days": 28.0, "reopening_half_life_days": 14.0}
    behaviour = {"dormant_payroll_share": 0.4, "payroll_elasticity": 0.4}
    relieved = lives(firm, clock(step_days), (TargetedClosure(closure_relief=1.0),), shock=shock, behaviour=behaviour)
    open_ = lives(firm, clock(step_days), shock={name: table for name, table in shock.items() if name != "closure"}, behaviour=behaviour)
    for name in ("cash", "receivables", "stock", "payables", "smoothed", "staffing", "equity"):
        here = [float(getattr(state, name)[0, 0]) for state in relieved.states[1]]
        assert here == pytest.approx([float(getattr(state, name)[0, 0]) for state in open_.states[0]], rel=1e-12), name
    assert cash(relieved, 84.0) != pytest.approx(cash(open_, 84.0))


# ---------------------------------------------------------------------------------------------------------------------------- services

BUYER = bare_firm(overheads=36_500.0, cash=5_000.0)
"""100 a day of overheads."""


@each_step
def test_services_that_the_state_pays(step_days: int) -> None:
    # A fifth of 100 a day: 80 are left, and 5,000 last 62.5 days instead of 50.
    watched = lives(BUYER, clock(step_days), (PublicServices(take_up=1.0, paid_share=0.2),), shock=NO_SALES)
    assert (cash_out_day(watched), cash_out_day(watched, 1)) == (after(watched, 50.0), after(watched, 62.5))
    assert total(watched, "overheads_subsidised") == pytest.approx(20.0 * 84.0)


@each_step
def test_services_paid_twice(step_days: int) -> None:
    # 1 - 0.8 * 0.5 = 60 % of 100 a day.
    levers = (PublicServices(take_up=1.0, paid_share=0.2), PublicServices(name="city", take_up=1.0, paid_share=0.5))
    watched = lives(BUYER, clock(step_days, 42), levers, shock=NO_SALES)
    assert total(watched, "overheads_subsidised") == pytest.approx(60.0 * 42.0)
    assert gain(watched, 42.0) == pytest.approx(60.0 * 42.0)


@each_step
def test_services_and_wages_are_paid_side_by_side(step_days: int) -> None:
    # A fifth of 100 a day of overheads, and three tenths of 200 a day of wages: 80 a day.
    firm = bare_firm(overheads=36_500.0, payroll=73_000.0, cash=50_000.0)
    levers = (PublicServices(take_up=1.0, paid_share=0.2), WageSubsidy(take_up=1.0, subsidy_share=0.3))
    watched = lives(firm, clock(step_days), levers, shock=NO_SALES)
    assert gain(watched, 84.0) == pytest.approx(80.0 * 84.0)
