"""The oracle against answers worked out by hand, and against what must hold in any scenario.

The firms here have flows of round numbers a day (sales of 365,000 a year are 1,000 a day), so that every expected number can be
checked on paper; the working stands beside it.
"""

import copy
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from simsme.engine.accounts import BALANCES, ENTRIES, ITEMS
from tests.oracle import MONTH, YEAR, Decisions, Firm, Life, Shock, Trace, simulate
from tests.random_scenarios import EVENTS, Case, path_mean, random_case, season_means

NEVER = math.inf


def exactly(value: float) -> Any:
    return pytest.approx(value, rel=1e-12, abs=1e-9)


def a_firm(**changes: Any) -> dict[str, Any]:
    """Return a firm that sells 1,000 a day and has no costs, no stock, no lags and no debt."""
    firm: dict[str, Any] = dict.fromkeys(
        (
            *("materials_share", "payroll", "social_share", "rent", "overheads", "tax_share", "vat_share", "cash", "inventory_days"),
            *("receivable_days", "payable_days", "credit_sales_share", "fixed_assets", "loan", "loan_rate", "credit_line"),
            *("owner_funds", "informal_credit", "sales_volatility"),
        ),
        0.0,
    )
    firm |= {"sales": 365_000.0, "loan_due_day": NEVER, "default_risk": 0.03, "rent_every_months": 1.0}
    firm |= {"payday": MONTH, "tax_day": MONTH, "interest_day": MONTH, "rent_day": MONTH}
    firm |= {"industry": "services", "size": "micro", "legal_form": "incorporated"}
    return firm | changes


def a_scenario(**changes: float) -> dict[str, Any]:
    """Return a world without noise, hope that never dies and creditors that wait; `changes` go to the table that has the name."""
    scenario: dict[str, Any] = {
        "adjust": {"cash_factor": 1.0, "volatility_factor": 1.0, "margin_shift": 0.0, "informal_factor": 1.0},
        "sales": {"slow_sd": 0.0, "slow_reversion_per_year": 1.0, "noise": "lognormal", "season": None},
        "shock": None,
        "behaviour": {
            "materials_elasticity": 0.5,
            "inventory_adjust_days": 60.0,
            "demand_smoothing_days": 28.0,
            "payroll_elasticity": 0.0,
            "payroll_lag_days": 60.0,
            "dormant_payroll_share": 1.0,
            "buffer_days": 30.0,
            "drawing_days": 91.0,
            "drawing_threshold": 1.5,
            "unsold_share_per_year": 0.0,
        },
        "credit": {
            "renewal": 1.0,
            "renewal_risk_elasticity": 0.5,
            "renewal_in_arrears": 0.5,
            "kappa": 1.0,
            "norepay": 0.0,
            "gap_days": 10.0,
            "term_days": 365.0,
            "bridge_fee_per_day": 0.002,
            "bridge_access": 1.0,
            "bridge_call_days": 1e9,
            "grace_days": 90.0,
            "workout": 0.0,
            "cover_days": 30.0,
            "reapply_days": 90.0,
            "apply": 0.0,
            "approval_days": 15.0,
            "loan_cap_share": 0.10,
            "bank_margin": 0.06,
            "lgd": 0.55,
            "opacity": 0.6,
            "risk_aversion": 1.0,
            "risk_median": 0.03,
            "risk_sigma": 0.8,
            "informal_rate": 0.0,
        },
        "exit": {
            "patience_days": 1e6,
            "patience_sigma": 0.0,
            "patience_min_days": 7.0,
            "patience_supplier_factor": 0.0,
            "patience_tolerance_days": 3.0,
            "hope_median": 1e9,
            "hope_sigma": 0.0,
            "outlook_days": 182.0,
            "collectable_share": 0.9,
            "stock_share": 0.0,
            "background_rate": {"micro": 0.0, "small": 0.0, "medium": 0.0},
        },
        "liquidation_share": 0.5,
    }
    for name, value in changes.items():
        homes = [table for table in scenario.values() if isinstance(table, dict) and name in table]
        assert len(homes) == 1, name
        homes[0][name] = value
    return scenario


def a_shock(**tables: Any) -> dict[str, Any]:
    """Return a shock from day 0 that does not end, with the given sub-tables."""
    names = ("sales", "closure", "shutdowns", "contracts", "costs", "labour", "payment", "credit", "unsold")
    return {"from_day": 0.0, "duration_days": 1e6, "recovery_half_life_days": 60.0} | dict.fromkeys(names) | tables


NO_SALES = {"shock": a_shock(sales={"scar": 0.0})}
"""With a depth of 1: nobody buys."""


def some_luck(steps: list[tuple[float, float]], levers: int = 0, **changes: Any) -> dict[str, Any]:
    """Return the luck of the median firm, without any shock to its sales; two years of it."""
    luck: dict[str, Any] = dict.fromkeys(("closure", "reopening", "cost_pressure", "labour", "line", "bridge"), 0.5)
    luck |= dict.fromkeys(("bridge_call", "recall", "other"), 0.5) | dict.fromkeys(("signal", "patience", "hope", "depth"), 0.0)
    luck |= {name: [0.5, 0.5] for name in ("renewal", "norepay", "apply", "approval", "workout")}
    luck |= {"take_up": [0.5] * levers} | {name: [0.0] * len(steps) for name in ("white", "slow", "down")}
    return luck | changes


def a_lever(**terms: float) -> dict[str, Any]:
    return {
        "from_day": 0.0,
        "to_day": NEVER,
        "delay_days": 0.0,
        "take_up": 1.0,
        "industries": None,
        "sizes": None,
        "legal_forms": None,
        "max_risk": None,
        "min_sales_fall": None,
        "without_bank_arrears": False,
        "terms": terms,
    }


def days(step: float, horizon: float) -> list[tuple[float, float]]:
    """Return equal steps."""
    count = round(horizon / step)
    return [(step * k, step * (k + 1)) for k in range(count)]


def live(
    firm: dict[str, Any],
    scenario: dict[str, Any],
    steps: list[tuple[float, float]],
    levers: list[dict[str, Any]] | None = None,
    **luck: Any,
) -> Trace:
    levers = levers or []
    return simulate(firm, scenario, some_luck(steps, len(levers), **luck), levers, steps)


# ------------------------------------------------------------------------------------------------------------ 1. A firm


def test_adjustments_and_what_follows_from_them() -> None:
    # Costs of normal times per unit of sales: materials .4, payroll .2 * 1.25 = .25, rent .1, overheads .05, tax .05: margin .15.
    # A shift of +.08 leaves (.8 - .08) / .8 = .9 of each cost; taxes are not a cost of the firm's making, and the margin is .23.
    columns = a_firm(
        **{"materials_share": 0.4, "payroll": 73_000.0, "social_share": 0.25, "rent": 36_500.0, "overheads": 18_250.0},
        **{"tax_share": 0.05, "cash": 1_000.0, "informal_credit": 10.0, "sales_volatility": 0.4, "loan": 36_500.0, "loan_rate": 0.1},
    )
    scenario = a_scenario(margin_shift=0.08, cash_factor=2.0, informal_factor=0.5, volatility_factor=1.5)
    firm = Firm(columns, scenario["adjust"], scenario["behaviour"])
    assert firm.m == exactly(0.36)
    assert firm.people_cost == exactly(0.9 * 91_250)
    assert (firm.rent, firm.overheads) == (exactly(32_850), exactly(16_425))
    assert (firm.cash, firm.informal_credit, firm.sales_volatility) == (2_000.0, 5.0, exactly(0.6))
    # A day: people 225, rent 90, overheads 45, interest 10 are fixed; materials 360 and taxes 50 follow sales.
    assert firm.fixed_outflow == exactly(370)
    assert firm.normal_outflow == exactly(780)
    assert firm.target_buffer == exactly(30 * 780)
    assert firm.supplier_share == exactly((360 + 45) / 780)


def test_a_firm_without_sales_is_not_adjusted_and_divides_by_nothing() -> None:
    trace = live(a_firm(sales=0.0, cash=100.0), a_scenario(margin_shift=0.05), days(7, 28))
    assert trace.balances["cash"] == [100.0] * 4
    assert trace.exit_step is None


# ----------------------------------------------------------------------------------------------------------- 2. The shock


def weather_of(shock: dict[str, Any] | None, firm: dict[str, Any], steps: list[tuple[float, float]], **luck: Any) -> list[Any]:
    scenario = a_scenario() | {"shock": shock}
    adjusted = Firm(firm, scenario["adjust"], scenario["behaviour"])
    world = Shock(adjusted, scenario, some_luck(steps, **luck), Decisions())
    return [world.step(k, a, b) for k, (a, b) in enumerate(steps)]


def test_the_shape_of_the_shock_is_integrated_exactly() -> None:
    # From day 2, full for 6 days, then a half-life of 4 days. Over (0, 4]: 2 of 4 days. (4, 8]: all. (8, 12]: the mean of 2^(-t/4)
    # over its first half-life = (1 - 1/2) / ln 2 = .7213475; (12, 16]: half of that. Depth .5 with scar .1: active * .1 + g * .4.
    shock = a_shock(sales={"scar": 0.1}) | {"from_day": 2.0, "duration_days": 6.0, "recovery_half_life_days": 4.0}
    seen = weather_of(shock, a_firm(), days(4, 16), depth=0.5)
    decay = 0.5 / math.log(2)
    assert [w.intensity for w in seen] == [0.5, 1.0, exactly(decay), exactly(decay / 2)]
    assert [1 - w.demand for w in seen] == [exactly(0.25), exactly(0.5), exactly(0.1 + 0.4 * decay), exactly(0.1 + 0.2 * decay)]
    # What the owner expects at day 8 of the next 182 days: 4/ln 2 * (1 - 2^(-45.5)) of 182 days at g = 1.
    assert 1 - seen[1].outlook_demand == exactly(0.1 + 0.4 * 4 / math.log(2) * (1 - 2**-45.5) / 182)


def test_costs_ramp_up_and_customers_pay_a_part() -> None:
    # ramp(t) = t / 10: its mean is .2 over (0, 4], .6 over (4, 8], and over (8, 12] (2 days of mean .9, 2 days of 1) .95.
    costs = {"materials_rise": 0.1, "wage_rise": 0.2, "rent_rise": 0.3, "pass_through": 0.5, "ramp_days": 10.0, "affected_share": 0.8}
    seen = weather_of(a_shock(costs=costs), a_firm(materials_share=0.4), days(4, 12))
    assert [w.materials_price for w in seen] == [exactly(1.02), exactly(1.06), exactly(1.095)]
    assert [w.wage_level for w in seen] == [exactly(1.04), exactly(1.12), exactly(1.19)]
    assert [w.rent_level for w in seen] == [exactly(1.06), exactly(1.18), exactly(1.285)]
    assert [w.sales_price for w in seen] == [exactly(1 + 0.02 * ramp) for ramp in (0.2, 0.6, 0.95)]
    spared = weather_of(a_shock(costs=costs), a_firm(materials_share=0.4), days(4, 12), cost_pressure=0.8)
    assert {w.wage_level for w in spared} == {1.0}


def test_closure_by_order_ends_inside_a_step() -> None:
    # Closed for 3 days, then a half-life of 2 days at luck 1/4: reopens at 3 + 2 * 2 = 7. Steps of 4 days: shut, then 3 of 4 days.
    closure = {"closed_share": {"services": 0.6}, "closed_days": 3.0, "reopening_half_life_days": 2.0}
    seen = weather_of(a_shock(closure=closure), a_firm(), days(4, 12), reopening=0.25)
    assert [w.open_share for w in seen] == [0.0, exactly(0.25), 1.0]
    assert [w.closed_at_end for w in seen] == [True, False, False]
    # The owner counts on a mean closure of H (1 - 2^(-182/2)) of the 182 days, H = 2 / ln 2.
    assert seen[0].outlook_demand == exactly(1 - 2 / math.log(2) / 182)
    assert seen[1].outlook_demand == 1.0


def test_noise_has_mean_one_and_the_volatility_of_a_month() -> None:
    # Volatility .5 a month, steps of a tenth of a month: s2 = log(1 + .25 * 10). z = 1: exp(s - s2/2).
    s2 = math.log(3.5)
    seen = weather_of(None, a_firm(sales_volatility=0.5), days(MONTH / 10, MONTH / 5), white=[1.0, -1.0])
    assert [w.latent for w in seen] == [exactly(math.exp(z * math.sqrt(s2) - s2 / 2)) for z in (1, -1)]
    assert {w.demand for w in seen} == {1.0}


def test_the_slow_part_is_the_same_process_whatever_the_step() -> None:
    # One step of 10 days with z, or two of 5: the variance at day 10 is slow_sd^2 (1 - exp(-2 * 10 / 365)) either way.
    firm = a_firm()
    for steps in (days(10, 10), days(5, 10)):
        scenario = a_scenario(slow_sd=0.3, slow_reversion_per_year=1.0)
        world = Shock(Firm(firm, scenario["adjust"], scenario["behaviour"]), scenario, some_luck(steps, slow=[1.0, 0.0]), Decisions())
        last = [world.step(k, a, b) for k, (a, b) in enumerate(steps)][-1]
        rho = math.exp(-(steps[0][1] - steps[0][0]) / YEAR)
        x = 0.3 * math.sqrt(1 - rho**2) * (rho if len(steps) == 2 else 1)
        assert last.demand == exactly(math.exp(x - 0.09 * (1 - math.exp(-20 / YEAR)) / 2))


# ------------------------------------------------------------------------------------------------------- 3. Luck, 6. Levers


def test_risk_as_the_bank_sees_it() -> None:
    # risk_sigma .6 and opacity .8: w = .36 / (.36 + .64) = .36. Median .03, true risk .03 e, no signal noise: log mean = log .03 + .36.
    # variance = .64 * .36 = .2304, its root .48: perceived = .03 exp(.36 + .1152), prudent = perceived * exp(.48).
    scenario = a_scenario(risk_sigma=0.6, opacity=0.8, renewal=0.9)
    life = Life(a_firm(default_risk=0.03 * math.e), scenario, some_luck([]), [])
    assert life.character.prudent_risk == exactly(0.03 * math.exp(0.36 + 0.1152 + 0.48))
    assert life.character.renewal_by_risk == exactly(0.9 ** math.sqrt(math.exp(0.36 + 0.1152)))
    assert life.character.perceived_risk == exactly(0.03 * math.exp(0.36 + 0.1152))


def test_levers_combine_by_what_each_leaves() -> None:
    levers = [
        a_lever(renewal_lift=0.5, kappa_lift=0.5, grace_lift=0.5, rolled=1.0, roll_days=100.0),
        a_lever(renewal_lift=0.2, grace_lift=0.25, rolled=1.0, roll_days=50.0),
        a_lever(renewal_lift=1.0) | {"from_day": 5.0, "delay_days": 10.0},
        a_lever(kappa_lift=1.0) | {"to_day": 9.0},
        a_lever(tightening_relief=1.0) | {"take_up": 0.5},
        a_lever(tightening_relief=1.0) | {"sizes": ("small", "medium")},
        a_lever(tightening_relief=1.0) | {"max_risk": 0.02},
        a_lever(tightening_relief=1.0) | {"min_sales_fall": 0.1},
    ]
    life = Life(a_firm(), a_scenario(), some_luck([], len(levers)), levers)
    life.smoothed_before, life.interest_arrears_before = 0.95, 0.0
    terms = life.terms(10.0)
    assert terms.renewal_lift == exactly(0.6)  # 1 - .5 * .8
    assert terms.kappa_lift == exactly(0.5)  # the fourth ended on day 9
    assert (terms.rolled, terms.roll_days, terms.grace_lift) == (True, 100.0, 0.75)
    assert terms.tightening_relief == 0.0  # luck .5 is not below .5; too small; too risky; sales fell by 5 % only
    assert life.terms(14.9).renewal_lift == exactly(0.6)
    assert life.terms(15.0).renewal_lift == exactly(1.0)
    life.smoothed_before = 0.9 - 1e-6
    assert life.terms(10.0).tightening_relief == 1.0


# ------------------------------------------------------------------------------------------------------------ 4. One step


@pytest.mark.parametrize(("step", "cash_out_step", "short"), [(1, 10, 50), (7, 1, 350)])
def test_cash_endpoint_falls_when_cash_over_outflow_says(step: int, cash_out_step: int, short: float) -> None:
    # No sales, no credit, 100 a day: cash of 1,050 lasts 10.5 days, that is into the 11th step of a day or the second of 7 days.
    # In that step 100 is due and 50 is there; or 700 is due and 350 is there.
    firm = a_firm(overheads=36_500.0, cash=1_050.0)
    trace = live(firm, a_scenario() | NO_SALES, days(step, 28), depth=1.0)
    assert trace.cash_out_step == cash_out_step
    assert trace.balances["arrears_suppliers"][cash_out_step] == exactly(short)
    assert trace.balances["cash"][cash_out_step] == 0.0
    assert trace.exit_step is None


def test_what_just_lasts_is_not_out_of_cash() -> None:
    firm = a_firm(overheads=36_500.0, cash=1_400.0)
    trace = live(firm, a_scenario() | NO_SALES, days(7, 14), depth=1.0)
    assert trace.cash_out_step is None
    assert trace.balances["cash"] == [700.0, 0.0]


@pytest.mark.parametrize("step", [1, 2, 7, 14])
def test_receivables_decay_exactly_whatever_the_step(step: int) -> None:
    # Normal times: 500 of 1,000 a day on credit for 40 days: 20,000 outstanding. Without sales 20,000 e^(-t/40) is left after t days.
    firm = a_firm(credit_sales_share=0.5, receivable_days=40.0, payable_days=20.0, materials_share=0.3)
    trace = live(firm, a_scenario() | NO_SALES, days(step, 14), depth=1.0)
    assert trace.balances["receivables"][-1] == exactly(20_000 * math.exp(-14 / 40))
    assert sum(trace.flows["collections"]) == exactly(20_000 * (1 - math.exp(-14 / 40)))
    # Payables: 300 a day for 20 days. The firm buys nothing now (services hold no stock).
    assert trace.balances["payables"][-1] == exactly(6_000 * math.exp(-14 / 20))
    # In normal times nothing moves.
    calm = live(firm, a_scenario(), days(step, 14))
    assert calm.balances["receivables"] == [exactly(20_000)] * len(calm.open)
    assert calm.balances["payables"] == [exactly(6_000)] * len(calm.open)
    assert calm.balances["stock"] == [exactly(0.0)] * len(calm.open)


def test_stock_follows_plans_and_never_limits_sales() -> None:
    # 500 a day of materials, 10 days of stock = 5,000. Demand halves: in the first 7 days 1,750 is used, plans are still normal
    # (smoothed = 1), so 3,500 is bought: stock 6,750. Smoothed demand is then .5 + .5 e^(-7/28), plan = 1 + .5 (smoothed - 1).
    firm = a_firm(materials_share=0.5, inventory_days=10.0)
    trace = live(firm, a_scenario() | NO_SALES, days(7, 14), depth=0.5)
    assert trace.balances["stock"][0] == exactly(6_750)
    smoothed = 0.5 + 0.5 * math.exp(-0.25)
    assert trace.balances["smoothed"][0] == exactly(smoothed)
    plan = 1 + 0.5 * (smoothed - 1)
    bought = 3_500 * plan + (5_000 * plan - 6_750) * (1 - math.exp(-7 / 60))
    assert trace.flows["purchases"][1] == exactly(bought)
    assert trace.balances["stock"][1] == exactly(6_750 + bought - 1_750)
    # One day of stock and sales of four times the normal: what is missing is bought at once.
    hurry = live(a_firm(materials_share=0.5, inventory_days=1.0), a_scenario() | NO_SALES, days(7, 7), depth=-3.0)
    assert hurry.flows["purchases"][0] == exactly(4 * 3_500 - 500)
    assert hurry.balances["stock"][0] == exactly(0.0)


def test_blocked_orders_wait_with_their_cost() -> None:
    # Half of the orders wait 7 days. In the first week 7,000 is ordered, 3,500 blocked; of it 3,500 (1 - e^-1) / 1 is still undelivered.
    # Materials are 40 %: the cost of 2,800 is spent, and what is undelivered holds 40 % of its value in work in progress.
    contracts = {"blocked_share": 0.5, "contract_delay_days": 7.0}
    steps = days(7, 28)
    scenario = a_scenario() | {"shock": a_shock(contracts=contracts) | {"duration_days": 7.0, "recovery_half_life_days": 0.0}}
    trace = live(a_firm(materials_share=0.4), scenario, steps)
    waits = 3_500 * (1 - math.exp(-1))
    assert trace.balances["undelivered"] == [exactly(waits * math.exp(-k)) for k in range(4)]
    assert trace.balances["work_in_progress"] == [exactly(0.4 * waits * math.exp(-k)) for k in range(4)]
    assert trace.flows["cash_sales"][0] == exactly(7_000 - waits)
    assert sum(trace.flows["cash_sales"]) == exactly(28_000 - waits * math.exp(-3))


def test_rent_falls_due_once_a_quarter() -> None:
    # 100 a day, paid every 91.25 days on day 30 of them: 9,125 on days 30 and 121.25, nothing between.
    firm = a_firm(rent=36_500.0, rent_every_months=3.0, rent_day=30.0, cash=50_000.0)
    trace = live(firm, a_scenario(), days(7, 182))
    paid = {k: amount for k, amount in enumerate(trace.flows["rent_paid"]) if amount}
    assert paid == {4: exactly(9_125), 17: exactly(9_125)}  # days (28, 35] and (119, 126]
    assert trace.opening["rent_accrued"] == exactly(6_125)
    assert trace.balances["rent_accrued"][4] == exactly(500)


def test_staff_follow_demand_and_the_dormant_pay_a_part() -> None:
    # Elasticity .4, lag 60, demand .5: staffing moves from 1 towards .8. Payroll 200 a day.
    scenario = a_scenario(payroll_elasticity=0.4, dormant_payroll_share=0.25) | NO_SALES
    trace = live(a_firm(payroll=73_000.0), scenario, days(7, 7), depth=0.5)
    staffing = 1 - 0.2 * (1 - math.exp(-7 / 60))
    assert trace.balances["staffing"] == [exactly(staffing)]
    assert trace.flows["people_expense"] == [exactly(1_400 * staffing)]
    # Trading earns 100 a day at a depth of .9, closing saves .75 * 200 = 150: the firm stays away, keeps its staff, pays a quarter.
    away = live(a_firm(payroll=73_000.0), scenario, days(7, 7), depth=0.9)
    assert away.dormant == [True] and away.open == [False]
    assert away.flows["people_expense"] == [exactly(350)]
    assert away.flows["cash_sales"] == [0.0]
    # At a depth of .8 it earns 200 and opens.
    assert live(a_firm(payroll=73_000.0), scenario, days(7, 7), depth=0.8).open == [True]


# ------------------------------------------------------------------------------------------------------------------ loans


def a_borrower(**changes: Any) -> dict[str, Any]:
    return a_firm(loan=10_000.0, loan_due_day=10.0) | changes


@pytest.mark.parametrize(("step", "gap"), [(7, 10.0), (14, 3.0), (1, 10.0), (14, 10.0), (3, 25.5), (14, 0.0)])
def test_a_bridge_costs_its_amount_times_fee_times_days(step: int, gap: float) -> None:
    # The loan of 10,000 is due on day 10 and the firm has nothing: a bridge of 10,000 from day 10 until the bank's money comes on day
    # 10 + gap costs 10,000 * .002 * gap, whether that is in the same step, the next, or many steps on. The owner pays the fees.
    firm = a_borrower(owner_funds=5_000.0)
    trace = live(firm, a_scenario(gap_days=gap) | NO_SALES, days(step, 84), depth=1.0)
    assert sum(trace.flows["private_fees_expense"]) == exactly(20 * gap)
    assert sum(trace.flows["private_fees_paid"]) == exactly(20 * gap)
    assert sum(trace.flows["owner_in"]) == exactly(20 * gap)
    assert trace.balances["bridge"][-1] == 0.0
    assert trace.balances["principal_1"][-1] == 10_000.0
    assert trace.balances["due_day_1"][-1] == exactly(10 + gap + 365)
    assert trace.cash_out_step == math.ceil(10 / step) - 1  # principal counts


def test_a_bridge_that_the_bank_does_not_redeem_is_called() -> None:
    # Not re-lent (renewal 0). The clock runs from the step after day 10: with a mean of 14 days and luck e^-1 it reaches 1 after two
    # weeks more, on day 28: 10,000 is asked for and not there. Until then 4 days of step 2 and 14 more accrued 20 a day; the fees,
    # unpaid, became informal debt.
    scenario = a_scenario(renewal=0.0, bridge_call_days=14.0) | NO_SALES
    trace = live(a_borrower(), scenario, days(7, 42), depth=1.0, bridge_call=math.exp(-1))
    assert trace.events["not_relent"] == trace.events["call_failed"] == 1
    assert (trace.exit_step, trace.cause) == (3, "loan")
    assert trace.balances["informal_debt"][:3] == [0.0, 0.0, exactly(80)]
    assert trace.flows["private_fees_expense"][:4] == [0.0, exactly(80), exactly(140), exactly(140)]
    assert trace.flows["lost_by_private"][3] == exactly(10_000 + 80 + 140 + 140)
    # With the money in the owner's pocket the call is met: 10,000 and the fees of the steps before.
    met = live(a_borrower(owner_funds=11_000.0), scenario, days(7, 42), depth=1.0, bridge_call=math.exp(-1))
    assert met.events["call_met"] == 1 and met.exit_step is None
    assert sum(met.flows["private_fees_paid"]) == exactly(80 + 140 + 140)
    assert met.balances["owner_funds"][-1] == exactly(11_000 - 10_000 - 360)


def test_the_bank_comes_before_rent_but_the_bridge_spares_the_rest() -> None:
    # 12,000 in cash; overheads of 700 are due in the week of the loan. With a bridge or without, 11,300 is free for 10,000: paid.
    trace = live(a_borrower(cash=12_000.0 + 700.0, overheads=36_500.0), a_scenario(renewal=0.0) | NO_SALES, days(7, 14), depth=1.0)
    assert trace.events["repaid_in_cash"] == 1
    # 10,300 after the first week: 9,600 is free, 400 is lacking, a bridge of 400 keeps the 700 for suppliers.
    bridged = live(a_borrower(cash=11_000.0, overheads=36_500.0), a_scenario(renewal=0.0) | NO_SALES, days(7, 14), depth=1.0)
    assert bridged.balances["bridge"][1] == exactly(400)
    assert bridged.balances["arrears_suppliers"][1] == 0.0
    # Nobody lends a bridge: the bank gets its 10,000, suppliers 300 of 700.
    alone = a_scenario(renewal=0.0, bridge_access=0.5) | NO_SALES
    first = live(a_borrower(cash=11_000.0, overheads=36_500.0), alone, days(7, 14), depth=1.0)
    assert first.events["repaid_bank_first"] == 1
    assert first.balances["arrears_suppliers"][1] == exactly(400)
    # 9,000 after the first week and no bridge: overdue since day 10, suppliers are paid.
    overdue = live(a_borrower(cash=9_700.0, overheads=36_500.0), alone, days(7, 14), depth=1.0)
    assert overdue.balances["overdue_day_1"][1] == 10.0
    assert overdue.balances["principal_1"][1] == 10_000.0
    assert overdue.balances["cash"][1] == exactly(8_300)


def test_rolling_the_only_obligation_makes_the_difference_that_arithmetic_says() -> None:
    # 12,000 in cash, 10,000 due on day 10 at 3.65 % (1 a day), nobody re-lends. Without the lever: 2,000 left but interest to day 10.
    # With it the loan runs on to day 375 and costs 1 a day. Interest is paid monthly: on days 30.4 and 60.8 by day 84, so two months'
    # worth with the lever; without it, the accrual of days 0 to 10.
    firm = a_borrower(cash=12_000.0, loan_rate=0.0365)
    scenario = a_scenario(renewal=0.0, bridge_access=0.0) | NO_SALES
    none = live(firm, scenario, days(7, 84), depth=1.0)
    rolled = live(firm, scenario, days(7, 84), [a_lever(rolled=1.0, roll_days=365.0)], depth=1.0)
    assert none.balances["cash"][-1] == exactly(12_000 - 10_000 - 10)
    assert rolled.balances["cash"][-1] == exactly(12_000 - 2 * MONTH)
    assert rolled.balances["due_day_1"][-1] == 375.0
    assert sum(rolled.flows["rolled_principal"]) == 10_000.0
    assert rolled.balances["equity"][-1] - none.balances["equity"][-1] == exactly(-74)
    # 4,000 in cash: without the lever overdue on day 10, gone when grace ends on day 100, in the step (98, 105].
    poor = firm | {"cash": 4_000.0}
    gone = live(poor, scenario, days(7, 140), depth=1.0)
    assert (gone.cash_out_step, gone.exit_step, gone.cause) == (1, 14, "loan")
    kept = live(poor, scenario, days(7, 140), [a_lever(rolled=1.0, roll_days=365.0)], depth=1.0)
    assert (kept.cash_out_step, kept.exit_step) == (None, None)
    # Half as much grace again ends on day 145.
    assert live(poor, scenario, days(7, 147), [a_lever(grace_lift=0.5)], depth=1.0).exit_step == 20
    # A lever that starts the day after the loan was due, or misses the firm, or has no terms, changes nothing, to the last bit.
    for lever in (
        a_lever(rolled=1.0, roll_days=365.0) | {"from_day": 10.5},
        a_lever(rolled=1.0, roll_days=365.0) | {"take_up": 0.0},
        a_lever(renewal_lift=0.0, kappa_lift=0.0, tightening_relief=0.0, grace_lift=0.0),
    ):
        same = live(poor, scenario, days(7, 140), [lever], depth=1.0)
        assert (same.balances, same.flows) == (gone.balances, gone.flows)


def test_an_overdue_loan_is_rescheduled_or_repaid() -> None:
    # Worked out at day 100 for another year, to day 465.
    scenario = a_scenario(bridge_access=0.0, workout=0.6) | NO_SALES
    trace = live(a_borrower(), scenario, days(7, 140), depth=1.0)
    assert trace.events["rescheduled"] == 1 and trace.exit_step is None
    assert trace.balances["due_day_1"][-1] == 465.0 and trace.balances["overdue_day_1"][-1] == NEVER
    # A firm that earns 100 a day (depth .9) and starts with 4,000: 5,400 on day 14, 10,000 on day 60. It repays in the step that ends
    # on day 63 (reserve 0: no fixed outflow), and draws nothing before.
    earning = live(a_borrower(cash=4_000.0), scenario, days(7, 70), depth=0.9)
    assert earning.events["overdue_repaid"] == 1
    assert [k for k, principal in enumerate(earning.balances["principal_1"]) if principal == 0][0] == 8
    assert earning.balances["cash"][8] == exactly(300)
    assert sum(earning.flows["drawings"][:8]) == 0.0


def test_a_recalled_loan_is_not_lent_again() -> None:
    # Hazard 3.65 a year = .01 a day; luck e^-.2: recalled in the step that ends on day 21 although it is due on day 300.
    credit = {"tightening": 0.0, "line_cut": 0.0, "recall_rate": 3.65}
    scenario = a_scenario() | {"shock": a_shock(credit=credit)}
    trace = live(a_borrower(loan_due_day=300.0, cash=20_000.0), scenario, days(7, 28), recall=math.exp(-0.2))
    assert trace.balances["principal_1"] == [10_000.0, 10_000.0, 0.0, 0.0]
    assert (trace.events["recall"], trace.events["relent"], trace.events["not_relent"]) == (1, 0, 0)
    relief = live(a_borrower(loan_due_day=300.0), scenario, days(7, 28), [a_lever(tightening_relief=1.0)], recall=math.exp(-0.2))
    assert relief.balances["principal_1"] == [10_000.0] * 4


def test_a_loan_is_asked_for_granted_and_arrives() -> None:
    # 100 a day of overheads, no sales, 2,000 in cash, reserve of 30 days = 3,000. After a week 1,300: it asked, in the middle of the week,
    # for the 1,700 that it lacks of 30 days' outflow; they arrive on day 3.5 + 15 = 18.5, in the step (14, 21], which it enters with 600.
    firm = a_firm(overheads=36_500.0, cash=2_000.0)
    scenario = a_scenario(apply=0.6, bank_margin=0.9) | NO_SALES
    trace = live(firm, scenario, days(7, 28), depth=1.0)
    assert trace.balances["coming_2"] == [exactly(1_700)] * 2 + [0.0] * 2
    assert trace.balances["coming_day_2"][:2] == [18.5] * 2
    assert trace.balances["principal_2"][2] == exactly(1_700)
    assert trace.balances["due_day_2"][2] == exactly(383.5)
    assert trace.balances["cash"][2] == exactly(600 + 1_700 - 700)
    # Refused: too risky for a bank with a small margin. It asks again after 90 days at the earliest.
    refused = live(firm, a_scenario(apply=0.6, bank_margin=0.001) | NO_SALES, days(7, 105), depth=1.0)
    assert refused.events["loan_refused"] == 2
    # The cap: 10 % of sales.
    capped = live(a_firm(overheads=730_000.0, cash=14_000.0), scenario, days(7, 7), depth=1.0)
    assert capped.balances["coming_2"] == [exactly(36_500)]
    # Dead before it came.
    late = live(firm, a_scenario(apply=0.6, bank_margin=0.9, patience_days=1.0, patience_min_days=0.0) | NO_SALES, days(7, 28), depth=1.0)
    assert late.cause == "" and late.events["loan_arrived"] == 1  # one day of 100 is inside the tolerance of three
    slow = a_scenario(apply=0.6, bank_margin=0.9, approval_days=60.0, patience_days=1.0, patience_min_days=0.0) | NO_SALES
    assert live(firm, slow, days(7, 35), depth=1.0).events["late_loan"] == 1


# ------------------------------------------------------------------------------------------------------------------- exit


@pytest.mark.parametrize(("step", "factor", "gone_on"), [(1, 0.0, 24), (7, 0.0, 28), (1, 2.0, 64), (14, 0.0, 28)])
def test_patience_ends_when_the_oldest_arrear_is_too_old(step: int, factor: float, gone_on: int) -> None:
    # 100 a day falls due and nothing is paid. The oldest arrear beyond the tolerance of 3 days was due on day 3; with a patience of 20 days
    # creditors act in the step in which b - 20 > 3. Suppliers are the only creditors: with factor 2 their patience is 60 days.
    scenario = a_scenario(patience_days=20.0, patience_supplier_factor=factor) | NO_SALES
    trace = live(a_firm(overheads=36_500.0), scenario, days(step, 84), depth=1.0)
    assert trace.cause == "patience" and trace.exit_step is not None
    assert (trace.exit_step + 1) * step == gone_on


def test_the_owner_gives_up_when_hope_is_used_up() -> None:
    # No sales, no cash; overheads 100 a day. expected_profit over 182 days = -18,200 at all times. Worth at the end of week k =
    # -700 k - 18,200. Hope .0575 of sales = 20,987.5: given up when 700 k > 2,787.5, in the fourth week.
    scenario = a_scenario(hope_median=0.0575) | NO_SALES
    trace = live(a_firm(overheads=36_500.0), scenario, days(7, 56), depth=1.0)
    assert (trace.exit_step, trace.cause) == (3, "owner")
    assert trace.detail[3]["worth"] == exactly(-2_800 - 18_200)
    # While there are no arrears the owner goes on, however bleak it looks.
    assert live(a_firm(overheads=36_500.0, cash=5_600.0), scenario, days(7, 56), depth=1.0).exit_step is None


def test_background_exits_take_their_day_from_luck_alone() -> None:
    # 1.2 % a year; luck e^(-.012 * 20 / 365): reached on day 20.
    scenario = a_scenario()
    scenario["exit"]["background_rate"] = {"micro": 0.012, "small": 0.0}
    trace = live(a_firm(cash=100.0), scenario, days(7, 28), other=math.exp(-0.012 * 20 / 365))
    assert (trace.exit_step, trace.cause) == (2, "other")
    assert sum(trace.flows["estate_owner"]) == exactly(trace.balances["cash"][1] + 7_000 - trace.flows["drawings"][2])
    assert trace.flows["cash_sales"][3] == 0.0 and trace.balances["equity"][2:] == [0.0, 0.0]
    assert live(a_firm(size="small"), scenario, days(7, 28), other=1 - 1e-12).exit_step is None


def an_estate(cash: float, receivables: float, goods: float) -> dict[str, float]:
    """Divide the estate of a firm with given assets and 300 of fixed assets; everything is sold at half, receivables at 90 %."""
    life = Life(a_firm(social_share=0.25), a_scenario(), some_luck([]), [])
    life.number = 0
    for booked in life.trace.flows.values():
        booked.append(0.0)
    life.cash, life.receivables, life.fixed_assets = cash, receivables, 300.0
    life.stock_cost, life.work_in_progress = 0.6 * goods, 0.4 * goods
    life.slots[0].principal, life.slots[1].principal, life.line_drawn, life.interest_accrued = 150.0, 100.0, 30.0, 15.0
    life.people_accrued, life.tax_accrued, life.payables, life.rent_accrued = 40.0, 30.0, 70.0, 25.0
    life.bridge, life.informal_debt, life.private_accrued = 30.0, 15.0, 5.0
    life.arrears = {"people": 20.0, "interest": 5.0, "rent": 25.0, "suppliers": 30.0, "tax": 10.0}
    life.divide_the_estate()
    assert life.net_assets() == 0.0
    return {name: booked[0] for name, booked in life.trace.flows.items() if booked[0]}


def test_the_estate_is_divided_in_legal_order() -> None:
    # Cash 100, receivables 200 -> 180, goods 100 -> 50, fixed assets 300 -> 150: 480 in all.
    # Claims: banks 150 + 100 + 30 + 15 + 5 = 300, people 60, government 40, suppliers 100, landlords 50, private lenders 50.
    # The bank takes the 150 of the fixed assets; people 60, government 40; 230 is left for 150 + 100 + 50 + 50 = 350: a share of 23/35.
    share = 23 / 35
    assert an_estate(100.0, 200.0, 100.0) == {
        "estate_receivables": exactly(180),
        "lost_receivables": exactly(20),
        "estate_goods": exactly(50),
        "lost_goods": exactly(50),
        "estate_fixed_assets": 150.0,
        "lost_fixed_assets": 150.0,
        "estate_wages": exactly(48),
        "estate_social": exactly(12),
        "estate_tax": 40.0,
        "estate_banks": exactly(150 + 150 * share),
        "lost_by_banks": exactly(150 * (1 - share)),
        "estate_suppliers": exactly(100 * share),
        "lost_by_suppliers": exactly(100 * (1 - share)),
        "estate_rent": exactly(50 * share),
        "lost_by_landlords": exactly(50 * (1 - share)),
        "estate_private": exactly(50 * share),
        "lost_by_private": exactly(50 * (1 - share)),
    }
    # 700 more in cash: everybody is paid (600 in all of 1,180), the owner keeps 580.
    rich = an_estate(800.0, 200.0, 100.0)
    assert rich["estate_owner"] == exactly(580)
    assert not any(name.startswith("lost_by") for name in rich)
    # Nothing but fixed assets and 50 in cash: the bank takes its security, people 50 of 60, nobody else anything.
    poor = an_estate(50.0, 0.0, 0.0)
    assert (poor["estate_banks"], poor["lost_by_people"], poor["lost_by_government"]) == (150.0, exactly(10), 40.0)


# -------------------------------------------------------------------------------------------------------- eight days by hand


def test_eight_days_of_a_firm_by_hand() -> None:
    # A day in normal times: sales 1,000, materials 500, wages 200, rent 100, overheads 100, tax 100, interest 10. Sales fall by 40 %.
    # No lags. Payday 3, interest day 2, rent day 6, tax day 8, the loan of 36,500 (10 %) due on day 7. Cash 5,000, line 500, owner 300,
    # relatives 200.
    firm = a_firm(
        **{"materials_share": 0.5, "payroll": 73_000.0, "rent": 36_500.0, "overheads": 36_500.0, "tax_share": 0.1, "cash": 5_000.0},
        **{"loan": 36_500.0, "loan_rate": 0.1, "loan_due_day": 7.0, "credit_line": 500.0, "owner_funds": 300.0, "informal_credit": 200.0},
        **{"fixed_assets": 50_000.0, "payday": 3.0, "interest_day": 2.0, "rent_day": 6.0, "tax_day": 8.0},
    )
    trace = live(firm, a_scenario(kappa=0.9) | NO_SALES, days(4, 8), depth=0.4)

    # Accrued since the last payday, and so on: 200 (M - 3), 100 (M - 6), 100 (M - 8), 10 (M - 2).
    accrued = 200 * (MONTH - 3) + 100 * (MONTH - 6) + 100 * (MONTH - 8) + 10 * (MONTH - 2)
    assert trace.opening["equity"] == exactly(5_000 + 50_000 - accrued - 36_500)

    # Days 1 to 4. In: 4 * 600 = 2,400. Due: wages of a month 200 M on day 3, interest 10 M on day 2, suppliers 4 * (300 + 100) = 1,600.
    due = 200 * MONTH + 10 * MONTH + 1_600  # 7,987.50
    assert due == exactly(7_987.5)
    assert trace.flows["cash_sales"][0] == exactly(2_400)
    assert trace.flows["wages_paid"][0] == exactly(200 * MONTH)
    assert trace.flows["interest_paid"][0] == exactly(10 * MONTH)
    assert trace.flows["suppliers_paid"][0] == exactly(1_600)
    # 7,400 is there; 587.50 is lacking: the line gives 500 (so the firm is out of cash by the stress-test rule: 7,900 < 7,987.50), the
    # owner 87.50.
    assert trace.cash_out_step == 0
    assert trace.flows["bank_lent"][0] == 500.0
    assert trace.flows["owner_in"][0] == exactly(87.5)
    assert trace.balances["cash"][0] == exactly(0.0)
    assert trace.balances["people_accrued"][0] == exactly(200)  # one day since payday
    assert trace.balances["interest_accrued"][0] == exactly(20)
    assert trace.balances["tax_accrued"][0] == exactly(100 * (MONTH - 8) + 240)
    # Profit: 2,400 - 1,200 materials - 800 - 400 - 400 - 240 tax - 40 interest = -680.
    assert trace.balances["equity"][0] == exactly(trace.opening["equity"] - 680 + 87.5)

    # Days 5 to 8. In: 2,400. Due: suppliers 1,600; rent 100 M on day 6; taxes 100 (M - 8) + 60 * 8 on day 8; no wages, no interest.
    taxes = 100 * (MONTH - 8) + 480
    need = 1_600 + 100 * MONTH + taxes - 2_400
    assert trace.detail[1]["need"] == exactly(need)  # 4,963.33
    assert trace.flows["owner_in"][1] == exactly(212.5)
    assert trace.flows["informal_lent"][1] == 200.0
    # 2,812.50 in hand; rent, suppliers and taxes of 7,363.33 come first, so nothing is free for the bank: a bridge of 36,500 on day 7.
    assert trace.flows["bridge_lent"][1] == 36_500.0
    assert trace.flows["principal_repaid"][1] == 36_500.0
    # Rent gets the 2,812.50; the remainder of it, suppliers and taxes are arrears.
    assert trace.balances["arrears_rent"][1] == exactly(100 * MONTH - 2_812.5)
    assert trace.balances["arrears_suppliers"][1] == exactly(1_600)
    assert trace.balances["arrears_tax"][1] == exactly(taxes)
    assert trace.balances["cash"][1] == 0.0
    # The bank will lend 90 % again on day 17. The bridge cost one day: 73. Interest: 3 days on the loan, 4 on the line of 500.
    assert (trace.balances["coming_1"][1], trace.balances["coming_day_1"][1]) == (exactly(32_850), 17.0)
    assert trace.balances["private_accrued"][1] == exactly(73)
    assert trace.balances["interest_accrued"][1] == exactly(20 + 30 + 200 / 365)
    assert trace.balances["rent_accrued"][1] == exactly(200)
    assert trace.balances["people_accrued"][1] == exactly(1_000)
    # Profit: 2,400 - 1,200 - 800 - 400 - 400 - 240 - 30.55 - 73.
    assert trace.balances["equity"][1] == exactly(trace.balances["equity"][0] - 640 - 30 - 200 / 365 - 73 + 212.5)
    assert trace.exit_step is None and trace.open == [True, True]


# ------------------------------------------------------------------------------------------------------------ random lives

CASES = 60


def lives(case: Case) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    return zip(case.firms, case.lucks, strict=True)


@pytest.fixture(scope="module")
def random_lives() -> list[tuple[Case, list[Trace]]]:
    cases = [random_case(seed) for seed in range(CASES)]
    return [(case, [simulate(row, case.scenario, luck, case.levers, case.steps) for row, luck in lives(case)]) for case in cases]


def test_everything_that_can_happen_happens(random_lives: list[tuple[Case, list[Trace]]]) -> None:
    seen: Counter[str] = Counter()
    for _, traces in random_lives:
        for trace in traces:
            seen.update(trace.events)
    assert [event for event in EVENTS if seen[event] == 0] == []


def test_hardly_any_decision_hangs_on_round_off(random_lives: list[tuple[Case, list[Trace]]]) -> None:
    close = [(case.seed, trace.closest) for case, traces in random_lives for trace in traces if trace.close_call < 1e-9]
    assert close == []


def test_the_entries_explain_every_balance(random_lives: list[tuple[Case, list[Trace]]]) -> None:
    """The chart of accounts says which balances an entry changes; the oracle keeps its balances without it."""
    parts = {
        "cash": ("cash",),
        "receivables": ("receivables", "order_receivables"),
        "goods": ("stock_cost", "work_in_progress"),
        "fixed_assets": ("fixed_assets",),
        "owed_people": ("people_accrued", "arrears_people"),
        "owed_suppliers": ("payables", "arrears_suppliers"),
        "owed_landlords": ("rent_accrued", "arrears_rent"),
        "owed_government": ("tax_accrued", "arrears_tax", "deferred_tax"),
        "owed_banks": ("principal_1", "principal_2", "line_drawn", "interest_accrued", "arrears_interest", "deferred_interest"),
        "owed_private": ("bridge", "informal_debt", "private_accrued"),
        "owed_funds": ("advance_1", "advance_2", "fund_accrued"),
        "owed_financiers": ("factored",),
    }
    assert set(parts) == set(BALANCES)
    entries = {balance: [(name, sign) for name, entry in ENTRIES.items() for b, sign in entry.changes if b == balance] for balance in parts}
    for case, traces in random_lives:
        for row, trace in zip(case.firms, traces, strict=True):
            assert set(trace.flows) == set(ITEMS)
            for balance, names in parts.items():
                before = sum(trace.opening[name] for name in names)
                for k in range(len(case.steps)):
                    after = sum(trace.balances[name][k] for name in names)
                    booked = sum(sign * trace.flows[name][k] for name, sign in entries[balance])
                    assert abs(after - before - booked) <= 1e-9 * max(row["sales"], row["cash"], 1.0), (case.seed, k, balance)
                    before = after


def test_the_currency_does_not_matter() -> None:
    """A firm whose every amount is multiplied by a number that is no power of two lives the same life: no decision hangs on round-off."""
    money = ("sales", "payroll", "rent", "overheads", "cash", "fixed_assets", "loan", "credit_line", "owner_funds", "informal_credit")
    for seed in range(25):
        case = random_case(seed)
        for row, luck in lives(case):
            here = simulate(row, case.scenario, luck, case.levers, case.steps)
            there = simulate(row | {name: row[name] * 6.8137 for name in money}, case.scenario, luck, case.levers, case.steps)
            assert (here.cash_out_step, here.exit_step, here.cause, here.open) == (
                *(there.cash_out_step, there.exit_step, there.cause, there.open),
            )
            assert here.events == there.events
            cash = [6.8137 * amount for amount in here.balances["cash"]]
            assert there.balances["cash"] == pytest.approx(cash, rel=1e-8, abs=1e-8 * row["sales"])


def test_more_cash_never_runs_out_earlier() -> None:
    """With the same luck, and no new loans, which depend on need."""
    for seed in range(25):
        case = random_case(seed)
        scenario = copy.deepcopy(case.scenario)
        scenario["credit"]["apply"] = 0.0
        for row, luck in lives(case):
            ends = [
                simulate(row | {"cash": row["cash"] * factor + more * row["sales"]}, scenario, luck, case.levers, case.steps).cash_out_step
                for factor, more in ((1.0, 0.0), (1.05, 0.0), (2.0, 0.01))
            ]
            assert ends == sorted(ends, key=lambda step: math.inf if step is None else step)


def test_a_lever_without_intensity_changes_nothing(random_lives: list[tuple[Case, list[Trace]]]) -> None:
    idle = [
        a_lever(renewal_lift=0.0, kappa_lift=0.0, tightening_relief=0.0, grace_lift=0.0),
        a_lever(rolled=1.0, roll_days=365.0) | {"take_up": 0.0},
        a_lever(rolled=1.0, roll_days=365.0) | {"to_day": -1.0},
    ]
    for case, traces in random_lives[:15]:
        if case.levers:
            continue
        for (row, luck), trace in zip(lives(case), traces, strict=True):
            again = simulate(row, case.scenario, luck | {"take_up": [0.5] * 3}, idle, case.steps)
            assert (again.balances, again.flows, again.open) == (trace.balances, trace.flows, trace.open)


def test_a_case_is_a_function_of_its_seed() -> None:
    assert random_case(3) == random_case(3)
    assert random_case(3) != random_case(4)


def test_season_and_path_are_averaged_over_the_days_of_a_step() -> None:
    # The start is 1 February: days 0 to 27 are February (factor 1), then March (factor 3); the others 1 on average too.
    season = [1.0, 1.0, 3.0] + [7 / 9] * 9
    assert sum(season) == exactly(12)
    assert season_means(season, [(0.0, 14.0), (26.0, 30.0)]) == [exactly(1), exactly(2)]
    assert path_mean([0.1, 0.5], 5.0, 9.0) == exactly(0.3)
