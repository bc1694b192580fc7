"""Taxes, social insurance, rent, wages and grants: what each lever does to a firm's cash, worked out by hand.

The firms sell 1,000 a day, or nothing under a shock that takes all sales; there is no noise, no credit and nobody leaves, so that cash
differs by what the lever moves and by nothing else. A month is 365/12 = 30.41667 days.
"""

import math
from typing import Any

import numpy as np
import pytest

from simsme.levers import Grant, RentRelief, SocialInsuranceRelief, TaxDeferral, TaxRefund, WageSubsidy
from simsme.levers.lever import Lever
from simsme.policy import Policy
from simsme.problems import InputError
from simsme.scenario import parse_scenario
from tests.worlds_for_tests import NO_SALES, Film, bare_firm, film, still_world

MONTH = 365.0 / 12.0

each_step = pytest.mark.parametrize("step_days", (3, 7, 14))


def clock(step_days: int, horizon_days: int = 84, *report_days: int) -> dict[str, Any]:
    """A table of time; a step ends on each reported day."""
    return {"step_days": step_days, "horizon_days": horizon_days, "headline_day": horizon_days, "report_days": [*report_days, horizon_days]}


def lives(firm: dict[str, Any], time: dict[str, Any], *policies: tuple[Lever, ...], **tables: Any) -> Film:
    """One firm under no policy and under each list of levers."""
    named = [Policy(name=f"policy{number}", levers=levers) for number, levers in enumerate(policies)]
    return film(still_world([firm], named, time=time, **tables))


def cash(watched: Film, day: float, policy: int = 0) -> float:
    """Cash at the end of the step that ends on a day."""
    return float(watched.after(day, policy).cash[0, 0])


def gain(watched: Film, day: float, policy: int = 1) -> float:
    """What a policy has brought in cash by a day."""
    return cash(watched, day, policy) - cash(watched, day)


def total(watched: Film, item: str, policy: int = 1) -> float:
    """All that was booked under a name."""
    return float(watched.total(item, policy)[0, 0])


def cash_out_day(watched: Film, policy: int = 0) -> float:
    """End of the first step in which cash is short."""
    return float(watched.day_of(watched.lives.cash_out_step[policy, 0])[0])


def first_end(watched: Film, day: float) -> float:
    """End of the first step that ends on a day or after it."""
    return next(step.b for step in watched.block.steps if step.b >= day)


def after(watched: Film, day: float) -> float:
    """End of the first step that ends after a day."""
    return next(step.b for step in watched.block.steps if step.b > day)


# ----------------------------------------------------------------------------------------------------------------- taxes: refund


@each_step
def test_a_refund_is_paid_once_and_lasts_as_long_as_it_pays(step_days: int) -> None:
    # 100 a day of overheads, nothing is sold. Cash of 2,070 lasts 20.7 days. 3 % of 365,000 of yearly sales are 10,950, which last
    # another 109.5: until day 130.2. The refund comes after 14 days, once, however long the window is.
    firm = bare_firm(overheads=36_500.0, cash=2_070.0)
    watched = lives(firm, clock(step_days, 182), (TaxRefund(take_up=1.0, refund_share=0.03, delay_days=14.0),), shock=NO_SALES)
    assert total(watched, "tax_refunds") == pytest.approx(10_950.0)
    assert cash_out_day(watched) == after(watched, 20.7)
    assert cash_out_day(watched, 1) == after(watched, 130.2)
    came = first_end(watched, 14.0)
    refunded = [float(state.refunded[0, 0]) for state in watched.states[1]]
    assert refunded == [10_950.0 if step.b >= came else 0.0 for step in watched.block.steps]


@each_step
def test_two_refunds_add_up(step_days: int) -> None:
    # 3 % on day 14 and 1 % more on day 50: 10,950, then 14,600 in all.
    levers = (
        TaxRefund(take_up=1.0, refund_share=0.03, delay_days=14.0),
        TaxRefund(name="late", take_up=1.0, refund_share=0.01, from_day=50.0, delay_days=0.0),
    )
    watched = lives(bare_firm(cash=100_000.0), clock(step_days, 84, 42, 49), levers, shock=NO_SALES)
    assert gain(watched, 42.0) == pytest.approx(10_950.0)
    assert gain(watched, 49.0) == pytest.approx(10_950.0)
    assert gain(watched, 84.0) == pytest.approx(14_600.0)


# --------------------------------------------------------------------------------------------------------------- taxes: deferral

TAXED = bare_firm(tax_share=0.02, cash=10_000.0)
"""Sells 1,000 a day and owes 20 of it in taxes, on day 15 and each month after it: always a month's, 608.33."""


@each_step
def test_deferred_taxes_are_all_due_on_the_day(step_days: int) -> None:
    # Taxes of days 15, 45.4 and 75.8 are put off to day 100: 3 * 608.33 = 1,825. They are due in the step with day 100, from which on
    # the firm is where it would have been. Nothing is waived.
    watched = lives(TAXED, clock(step_days, 140, 14, 49, 98, 126), (TaxDeferral(take_up=1.0, until_day=100.0),))
    month = 20.0 * MONTH
    assert [gain(watched, day) for day in (14.0, 49.0, 98.0, 126.0, 140.0)] == pytest.approx([0.0, 2 * month, 3 * month, 0.0, 0.0])
    assert total(watched, "tax_deferred") == pytest.approx(3 * month)
    assert total(watched, "tax_paid") == pytest.approx(total(watched, "tax_paid", 0))
    owed = [float(watched.after(day, 1).deferred_tax[0, 0]) for day in (98.0, 126.0)]
    assert owed == pytest.approx([3 * month, 0.0])


@each_step
def test_the_cliff_of_a_deferral(step_days: int) -> None:
    # What taxes leave, 980, does not pay overheads of 1,000: cash of 400 cannot pay the taxes of day 15. Put off, they are due with
    # those of two other months on day 100, and the firm is out of cash in the step with day 100.
    firm = bare_firm(tax_share=0.02, overheads=365_000.0, cash=400.0)
    watched = lives(firm, clock(step_days, 140), (TaxDeferral(take_up=1.0, until_day=100.0),))
    assert cash_out_day(watched) == first_end(watched, 15.0)
    assert cash_out_day(watched, 1) == first_end(watched, 100.0)


@each_step
def test_half_of_the_taxes_put_off(step_days: int) -> None:
    # Half of two months' taxes: 608.33, from day 45.4 until day 60.
    watched = lives(TAXED, clock(step_days, 84, 49, 70), (TaxDeferral(take_up=1.0, deferred_share=0.5, until_day=60.0),))
    assert [gain(watched, day) for day in (49.0, 70.0)] == pytest.approx([20.0 * MONTH, 0.0], abs=1e-6)


@each_step
def test_a_deferral_and_a_refund_add_up(step_days: int) -> None:
    # The refund is the firm's money and does not pay what is put off: 10,950 on top of the deferral on every day.
    refund, deferral = TaxRefund(take_up=1.0, delay_days=0.0), TaxDeferral(take_up=1.0, until_day=100.0)
    watched = lives(TAXED, clock(step_days, 140, 14, 98), (refund,), (deferral,), (refund, deferral))
    for day in (14.0, 98.0, 140.0):
        assert gain(watched, day, 3) == pytest.approx(gain(watched, day, 1) + gain(watched, day, 2), abs=1e-6)
    assert gain(watched, 140.0, 3) == pytest.approx(10_950.0)


# ------------------------------------------------------------------------------------------------------------------ social insurance

EMPLOYER = bare_firm(payroll=73_000.0, social_share=0.25, cash=100_000.0)
"""200 a day of wages and 50 of social insurance, a fifth of the cost of people; paid on day 15 and each month after it."""

PAYDAYS = (15.0, 15.0 + MONTH, 15.0 + 2 * MONTH)


@each_step
def test_waived_social_insurance(step_days: int) -> None:
    # Half of 50 a day is waived as it is earned: 25 a day. On a payday what was earned since day 0 has been saved: 25 * 15 = 375 on day
    # 15, 25 * 75.83 = 1,896 on day 75.8. By day 84 25 * 84 = 2,100 have been waived.
    watched = lives(EMPLOYER, clock(step_days, 84, 21, 49), (SocialInsuranceRelief(waived_share=0.5),), shock=NO_SALES)
    assert [gain(watched, day) for day in (21.0, 49.0, 84.0)] == pytest.approx([25.0 * day for day in PAYDAYS])
    assert total(watched, "social_waived") == pytest.approx(2_100.0)


@each_step
def test_deferred_social_insurance_comes_back(step_days: int) -> None:
    # Two fifths of 50 a day, 20 a day, are put off on the paydays before day 70, each for a month: 2 * 608.33, due in the step with day
    # 70. The payday after it is paid in full.
    lever = SocialInsuranceRelief(waived_share=0.0, deferred_share=0.4, until_day=70.0)
    watched = lives(EMPLOYER, clock(step_days, 98, 21, 63, 77), (lever,), shock=NO_SALES)
    month = 20.0 * MONTH
    assert [gain(watched, day) for day in (21.0, 63.0, 77.0, 98.0)] == pytest.approx([month, 2 * month, 0.0, 0.0], abs=1e-6)
    assert total(watched, "social_deferred") == pytest.approx(2 * month)


def test_taxes_and_social_insurance_are_put_off_to_the_later_day() -> None:
    # Social insurance until day 70, taxes until day 100: a firm owes the state one sum, due on the later day. So the payday of day 75.8
    # is put off as well: 3 * 608.33 of social insurance and three months of taxes, again 3 * 608.33.
    firm = bare_firm(payroll=73_000.0, social_share=0.25, tax_share=0.02, cash=100_000.0)
    social = SocialInsuranceRelief(waived_share=0.0, deferred_share=0.4, until_day=70.0)
    taxes = TaxDeferral(take_up=1.0, until_day=100.0)
    watched = lives(firm, clock(7, 140, 77, 98), (social,), (taxes,), (social, taxes))
    month = 20.0 * MONTH
    assert [gain(watched, 77.0, policy) for policy in (1, 2, 3)] == pytest.approx([0.0, 3 * month, 6 * month], abs=1e-6)
    assert [gain(watched, 105.0, policy) for policy in (1, 2, 3)] == pytest.approx([0.0, 0.0, 0.0], abs=1e-6)


def test_waiving_and_putting_off_all_of_it_leaves_wages_alone() -> None:
    # 72.5 % waived, 27.5 % put off: of 250 a day 36.25 are waived and at most 13.75 put off, wages of 200 are paid.
    lever = SocialInsuranceRelief(waived_share=0.725, deferred_share=0.275, until_day=70.0)
    watched = lives(EMPLOYER, clock(7, 98, 63), (lever,), shock=NO_SALES)
    assert total(watched, "wages_paid") >= 3 * 200.0 * MONTH
    assert gain(watched, 98.0) == pytest.approx(36.25 * PAYDAYS[2])


# ------------------------------------------------------------------------------------------------------------------------------- rent

TENANT = bare_firm(rent=36_500.0, rent_day=20.0, cash=10_000.0, state_landlord=1.0)
"""100 a day of rent, paid on day 20 and each month after it."""


@each_step
def test_waived_rent(step_days: int) -> None:
    # All rent until day 42: of the rent of day 20 the 20 days since day 0, 2,000; of that of day 50.4 another 22. 4,200 in all, of
    # which the state makes good a quarter to the landlord.
    lever = RentRelief(waived_share=1.0, state_share=0.25, to_day=42.0)
    watched = lives(TENANT, clock(step_days, 84, 21, 42), (lever,), shock=NO_SALES)
    assert [gain(watched, day) for day in (21.0, 84.0)] == pytest.approx([2_000.0, 4_200.0])
    assert total(watched, "rent_waived") == pytest.approx(4_200.0)
    assert total(watched, "rent_compensation") == pytest.approx(1_050.0)
    assert total(watched, "rent_expense") == pytest.approx(total(watched, "rent_expense", 0) - 4_200.0)


@each_step
def test_rent_waived_twice(step_days: int) -> None:
    # 50 % and 40 % of what is left: 1 - 0.5 * 0.6 = 70 %, 70 a day. The state makes good the larger share, a quarter.
    levers = (RentRelief(waived_share=0.5, state_share=0.1), RentRelief(name="city", waived_share=0.4, state_share=0.25))
    watched = lives(TENANT, clock(step_days, 84), levers, shock=NO_SALES)
    assert total(watched, "rent_waived") == pytest.approx(70.0 * 84.0)
    assert total(watched, "rent_compensation") == pytest.approx(17.5 * 84.0)


def test_only_tenants_of_the_state_unless_all_are_meant() -> None:
    rows = [bare_firm("state", **_rent(1.0)), bare_firm("private", **_rent(0.0))]
    policies = [Policy(name="state", levers=(RentRelief(),)), Policy(name="all", levers=(RentRelief(landlords="all"),))]
    watched = film(still_world(rows, policies, shock=NO_SALES, time=clock(7)))
    waived = [dict(zip(watched.world.firms.ids, watched.total("rent_waived", policy)[0], strict=True)) for policy in (1, 2)]
    assert waived == [{"state": pytest.approx(8_400.0), "private": 0.0}, dict.fromkeys(("state", "private"), pytest.approx(8_400.0))]


def _rent(state_landlord: float) -> dict[str, float]:
    return {"rent": 36_500.0, "cash": 100_000.0, "state_landlord": state_landlord}


# ------------------------------------------------------------------------------------------------------------------------------ wages


@each_step
def test_a_wage_subsidy_comes_as_wages_are_earned(step_days: int) -> None:
    # 30 % of 250 a day.
    watched = lives(EMPLOYER, clock(step_days), (WageSubsidy(take_up=1.0, subsidy_share=0.3),), shock=NO_SALES)
    assert gain(watched, 84.0) == pytest.approx(75.0 * 84.0)
    assert total(watched, "wage_subsidies") == pytest.approx(75.0 * 84.0)


@each_step
def test_the_subsidy_is_on_what_is_left_of_social_insurance(step_days: int) -> None:
    # Half of social insurance waived: 225 a day are left, of which the state pays 30 %, 67.50.
    levers = (WageSubsidy(take_up=1.0, subsidy_share=0.3), SocialInsuranceRelief(waived_share=0.5))
    watched = lives(EMPLOYER, clock(step_days), levers, shock=NO_SALES)
    assert total(watched, "wage_subsidies") == pytest.approx(67.5 * 84.0)
    assert gain(watched, 84.0) == pytest.approx(67.5 * 84.0 + 25.0 * PAYDAYS[2])


@each_step
def test_people_who_stay_cost_their_wages(step_days: int) -> None:
    # Half of demand is gone. Of it 40 % would go through lay-offs, with a lag of 60 days: staffing 1 - 0.2 (1 - exp(-84/60)). Half of
    # the lay-offs do not happen: 1 - 0.1 (1 - exp(-84/60)).
    shock = {"duration_days": 3650.0, "sales": {"depth": 0.5, "scar": 0.0}}
    behaviour = {"payroll_elasticity": 0.4, "payroll_lag_days": 60.0}
    lever = WageSubsidy(take_up=1.0, subsidy_share=0.0, retention=0.5)
    watched = lives(EMPLOYER, clock(step_days), (lever,), shock=shock, behaviour=behaviour)
    left = 1.0 - math.exp(-84.0 / 60.0)
    assert [float(watched.after(84.0, policy).staffing[0, 0]) for policy in (0, 1)] == pytest.approx([1.0 - 0.2 * left, 1.0 - 0.1 * left])
    assert gain(watched, 84.0) < 0.0, "jobs that are kept without money cost the firm"


# ----------------------------------------------------------------------------------------------------------------------------- grants


@each_step
def test_a_grant_is_paid_once(step_days: int) -> None:
    # 2 % of 365,000 and 1,000: 8,300, in the first step that ends on day 28 or after it.
    lever = Grant(take_up=1.0, sales_share=0.02, amount=1_000.0, delay_days=28.0)
    watched = lives(bare_firm(cash=1.0), clock(step_days), (lever,), shock=NO_SALES)
    came = first_end(watched, 28.0)
    gains = [float(state.cash[0, 0]) - 1.0 for state in watched.states[1]]
    assert gains == pytest.approx([8_300.0 if step.b >= came else 0.0 for step in watched.block.steps])


@each_step
def test_a_second_grant_is_on_top(step_days: int) -> None:
    # 2 % and, from day 50, 3 %: 7,300 and 10,950 more.
    levers = (Grant(take_up=1.0, delay_days=0.0), Grant(name="city", take_up=1.0, sales_share=0.03, from_day=50.0, delay_days=0.0))
    watched = lives(bare_firm(cash=1.0), clock(step_days, 84, 49), levers, shock=NO_SALES)
    assert [gain(watched, day) for day in (49.0, 84.0)] == pytest.approx([7_300.0, 18_250.0])


def test_a_grant_after_one_that_is_over_pays_the_difference() -> None:
    # An entitlement of 2 % until day 28, and one of 3 % from day 50 on, of which 2 % have been received: 7,300, then 3,650 more.
    levers = (
        Grant(take_up=1.0, delay_days=0.0, to_day=28.0),
        Grant(name="city", take_up=1.0, sales_share=0.03, from_day=50.0, delay_days=0.0),
    )
    watched = lives(bare_firm(cash=1.0), clock(7, 84, 49), levers, shock=NO_SALES)
    assert [gain(watched, day) for day in (49.0, 84.0)] == pytest.approx([7_300.0, 10_950.0])


@each_step
def test_a_grant_by_need_waits_for_need(step_days: int) -> None:
    # 100 a day of overheads, cash of 3,000: at most ten days are left from day 20 on. The grant comes in the first step that begins then.
    lever = Grant(take_up=1.0, delay_days=0.0, max_cash_days=10.0)
    watched = lives(bare_firm(overheads=36_500.0, cash=3_000.0), clock(step_days), (lever,), shock=NO_SALES)
    came = next(step.b for step in watched.block.steps if step.a >= 20.0)
    assert [float(state.granted[0, 0]) for state in watched.states[1]] == [
        7_300.0 if step.b >= came else 0.0 for step in watched.block.steps
    ]


@each_step
def test_a_grant_by_loss_of_sales_waits_for_it(step_days: int) -> None:
    # Without sales the smoothed fall on day t is 1 - exp(-t / 28): three tenths on day 9.99.
    lever = Grant(take_up=1.0, delay_days=0.0, min_sales_fall=0.3)
    watched = lives(bare_firm(cash=3_000.0), clock(step_days), (lever,), shock=NO_SALES)
    came = next(step.b for step in watched.block.steps if step.a >= -28.0 * math.log(0.7))
    assert [float(state.granted[0, 0]) for state in watched.states[1]] == [
        7_300.0 if step.b >= came else 0.0 for step in watched.block.steps
    ]


def test_who_gets_it_is_a_matter_of_luck_of_each_name() -> None:
    rows = [bare_firm(f"firm-{number}", cash=1.0) for number in range(2_000)]
    levers = (Grant(take_up=0.3, delay_days=0.0), Grant(name="city", take_up=0.3, delay_days=0.0))
    watched = film(still_world(rows, [Policy(name="both", levers=levers)], shock=NO_SALES, time=clock(14, 14)))
    got = np.rint(watched.total("grants", 1)[0] / 7_300.0)
    # two grants 9 %, one 42 %, none 49 %
    for count, share in ((2, 0.09), (1, 0.42), (0, 0.49)):
        assert abs((got == count).mean() - share) < 4 * math.sqrt(share * (1 - share) / 2_000)


# ----------------------------------------------------------------------------------------------------------------------- bad numbers


@pytest.mark.parametrize(
    ("lever", "message"),
    [
        (
            'kind = "tax_deferral", from_day = 91, until_day = 60',
            "policy.p.levers.0.until_day: 60 is not after from_day 91, so that nothing is put off; allowed: more than 91",
        ),
        (
            'kind = "tax_deferral", from_day = 91, until_day = { dist = "uniform", low = 10, high = 90 }',
            "policy.p.levers.0.until_day: 90 is not after from_day 91, so that nothing is put off; allowed: more than 91",
        ),
        (
            'kind = "social_insurance_relief", deferred_share = 0.5',
            "policy.p.levers.0.deferred_share: 0.5 deferred and 0.725 waived are more than all; allowed: 0.275 at the most",
        ),
        (
            'kind = "social_insurance_relief", waived_share = 0.7, deferred_share = 0.5',
            "policy.p.levers.0.deferred_share: 0.5 deferred and 0.7 waived are more than all; allowed: 0.3 at the most",
        ),
        (
            'kind = "social_insurance_relief", waived_share = 0, deferred_share = 1, from_day = 200',
            "policy.p.levers.0.until_day: 182 is not after from_day 200, so that nothing is put off; allowed: more than 200",
        ),
        ('kind = "rent_relief", landlords = "private"', 'policy.p.levers.0.landlords: "private" is not known; one of "state" or "all"'),
        ('kind = "grant", amont = 3', 'policy.p.levers.0.amont: unknown key; did you mean "amount"?'),
        ('kind = "wage_subsidy", subsidy_share = 1.2', "policy.p.levers.0.subsidy_share: 1.2 is outside the allowed range 0 to 1"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(lever: str, message: str) -> None:
    text = f'[population]\n[[policy]]\nname = "p"\nlevers = [{{ {lever} }}]\n'
    with pytest.raises(InputError) as refused:
        parse_scenario(text, "own.toml")
    assert [str(problem) for problem in refused.value.problems] == [f"own.toml: {message}"]


def test_a_day_counts_only_where_something_is_put_off() -> None:
    assert "public_deferral_day" not in SocialInsuranceRelief(from_day=200.0).terms()
