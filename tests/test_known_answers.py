"""Cases in which the right answer is worked out by hand, each in the comment of its test.

The firms of most of them sell 1,000 a day, or nothing under a shock that takes all sales, and have only what the case is about.
A month is 365/12 = 30.41667 days.
"""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simsme.engine.records import Clock, State, Weather
from simsme.engine.simulate import simulate
from simsme.engine.step import Stepped
from simsme.engine.weather import white_noise
from simsme.levers import LendingForbearance, LoanRenewal
from simsme.policy import Policy
from simsme.runs import run
from simsme.streams import uniforms
from simsme.world import World
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.shock import Shocked, depth_of_firms
from tests.engine_cases import firms_of
from tests.worlds_for_tests import (
    NO_SALES,
    Film,
    bare_firm,
    block_of,
    film,
    in_draws,
    outcomes_of_world,
    run_of,
    still_scenario,
    still_world,
)

MONTH = 365.0 / 12.0
STEPS = (1, 3, 7, 14)
RENEWAL = Policy(name="renewal", levers=(LoanRenewal(take_up=1.0),))

each_step = pytest.mark.parametrize("step_days", STEPS)


def clock(step_days: int, horizon_days: int = 364, **more: Any) -> dict[str, Any]:
    """A table of time."""
    return {"step_days": step_days, "horizon_days": horizon_days, "headline_day": min(91, horizon_days), **more}


def end_of_step_with(day: float, film: Film) -> float:
    """End of the step that contains a day."""
    return next(step.b for step in film.block.steps if step.a < day <= step.b)


def exit_days(film: Film, policy: int = 0) -> dict[str, float]:
    """Day of each firm's exit in the first draw; infinite where it stays."""
    return dict(zip(film.world.firms.ids, film.day_of(film.lives.exit_step[policy, 0]), strict=True))


def cash_out_days(film: Film, policy: int = 0) -> dict[str, float]:
    """Day of each firm's first shortage of cash in the first draw."""
    return dict(zip(film.world.firms.ids, film.day_of(film.lives.cash_out_step[policy, 0]), strict=True))


# ---------------------------------------------------------------------------------------------------------------- cash and runway


@each_step
@pytest.mark.parametrize("days", [10.5, 28.0, 30.5, 45.0, 90.25])
def test_cash_lasts_as_many_days_as_it_pays(step_days: int, days: float) -> None:
    # 36,500 of overheads a year are 100 a day, with no sales and no credit. By the end b of a step 100 b has fallen due, which
    # exceeds 100 * days of cash for the first time in the step with b > days. (To pay the last cent is not to be out of cash.)
    world = still_world([bare_firm(overheads=36_500.0, cash=100.0 * days)], shock=NO_SALES, time=clock(step_days, 112))
    watched = film(world)
    expected = next(step.b for step in watched.block.steps if step.b > days)
    assert cash_out_days(watched) == {"firm": expected}
    assert world.runway_days(np.zeros(1, dtype=np.uint64))[0, 0] == pytest.approx(days)
    assert watched.total("suppliers_paid")[0, 0] == pytest.approx(100.0 * days)


@each_step
def test_cash_of_one_and_a_half_months_misses_the_second_payday(step_days: int) -> None:
    # Wages of 1,000 a day are paid on day 15 and then every month, always for a month (what accrued before day 0 included):
    # 30,417 on day 15, 30,417 on day 45.42. Cash for 1.5 months = 45,625 pays the first and not the second.
    world = still_world([bare_firm(payroll=365_000.0, cash=1.5 * 1000.0 * MONTH)], shock=NO_SALES, time=clock(step_days, 112))
    watched = film(world)
    assert cash_out_days(watched) == {"firm": end_of_step_with(15.0 + MONTH, watched)}
    assert float(watched.states[0][-1].cash[0, 0]) == 0.0
    assert watched.total("wages_paid")[0, 0] == pytest.approx(45_625.0)


@each_step
def test_cash_of_less_than_two_quarters_misses_the_second_rent(step_days: int) -> None:
    # Rent of 100 a day is due each quarter of 91.25 days on its day 20: 9,125 on day 20 and on day 111.25. Cash: 18,000.
    firm = bare_firm(rent=36_500.0, rent_every_months=3.0, rent_day=20.0, cash=18_000.0)
    watched = film(still_world([firm], shock=NO_SALES, time=clock(step_days, 140)))
    assert cash_out_days(watched) == {"firm": end_of_step_with(111.25, watched)}


@each_step
def test_a_committed_line_and_owner_postpone_the_end_but_only_the_line_postpones_cash(step_days: int) -> None:
    # 100 a day fall due. Cash 1,050 and a line of 1,000 last 20.5 days, owner's 2,000 another 20, informal credit of 500 another 5.
    # `cash` counts the line and not the owner: out after day 20.5; arrears begin after day 45.5. Then 100 a day are missing.
    firm = bare_firm(overheads=36_500.0, cash=1_050.0, credit_line=1_000.0, owner_funds=2_000.0, informal_credit=500.0)
    watched = film(still_world([firm], shock=NO_SALES, time=clock(step_days, 112)))
    assert cash_out_days(watched)["firm"] == next(step.b for step in watched.block.steps if step.b > 20.5)
    first_arrears = next(
        step.b for step, state in zip(watched.block.steps, watched.states[0], strict=True) if state.arrears.suppliers[0, 0] > 1e-6
    )
    assert first_arrears == next(step.b for step in watched.block.steps if step.b > 45.5)
    last = watched.states[0][-1]
    assert float(last.arrears.suppliers[0, 0]) == pytest.approx(100.0 * (112.0 - 45.5))
    assert [watched.total(item)[0, 0] for item in ("bank_lent", "owner_in", "informal_lent")] == pytest.approx([1_000.0, 2_000.0, 500.0])


def test_without_sales_the_cash_curve_is_the_runway_curve() -> None:
    # With even outflows, no collections and no credit the simulation can only repeat the static arithmetic: by the end of each step
    # the firms are out of cash whose runway is shorter than the day. Runway of firm i is i + 1/2 days, weight i.
    rows = [bare_firm(f"f{i}", overheads=36_500.0, cash=100.0 * (i + 0.5), weight=float(i)) for i in range(1, 120)]
    out = outcomes_of_world(still_world(rows, shock=NO_SALES, time=clock(7, 182)))
    by_hand = [sum(i for i in range(1, 120) if i + 0.5 > day) / (119 * 120 / 2) for day in out.days]
    np.testing.assert_allclose(out.runway[0], by_hand, atol=1e-12)
    np.testing.assert_allclose(out.survival["cash"][0, 0], by_hand, atol=1e-12)


def test_static_runway_is_cash_by_fixed_outflow_and_weighted() -> None:
    # Fixed outflow a day: wages with social insurance, rent, overheads, interest; no materials, taxes, principal or payables.
    # a: (182.5 * 1.2 + 73 + 36.5 + 0.1 * 365) thousand a year = 365 thousand, 1,000 a day; 60,000 last 60 days. Weight 1.
    # b: the same with 120,000: 120 days. Weight 2. c: no fixed outflow: for ever. Weight 5.
    fixed = {"payroll": 182_500.0, "social_share": 0.2, "rent": 73_000.0, "overheads": 36_500.0}
    debt = {"loan": 365_000.0, "loan_rate": 0.1, "loan_due_day": 100.0}
    other = {"materials_share": 0.5, "tax_share": 0.02, "payable_days": 40.0}
    rows = [
        bare_firm("a", **fixed, **debt, **other, cash=60_000.0, weight=1.0),
        bare_firm("b", **fixed, **debt, **other, cash=120_000.0, weight=2.0),
        bare_firm("c", **other, cash=1.0, weight=5.0),
    ]
    world = still_world(rows, time=clock(1, 182))
    assert sorted(world.runway_days(np.zeros(1, dtype=np.uint64))[0]) == pytest.approx([60.0, 120.0, np.inf])
    runway = outcomes_of_world(world).runway[0]
    assert [runway[day] for day in (0, 59, 61, 119, 121, 182)] == pytest.approx([1.0, 1.0, 7 / 8, 7 / 8, 5 / 8, 5 / 8])
    # The draw's factors act on it: cash doubled, costs up by a margin shift of -10 points of sales (materials included).
    moved = still_world(rows, time=clock(1, 182), adjust={"cash_factor": 2.0})
    assert sorted(moved.runway_days(np.zeros(1, dtype=np.uint64))[0]) == pytest.approx([120.0, 240.0, np.inf])


# ------------------------------------------------------------------------------------------------------------ working capital


@each_step
def test_receivables_decay(step_days: int) -> None:
    # All sales were on credit of 60 days: 60,000 are owed on day 0, nothing is sold any more, so 60,000 exp(-t / 60) are left on day t.
    # Of materials bought at 500 a day on 30 days, 15,000 are owed; 15,000 exp(-t / 30) are left, and nothing is bought.
    firm = bare_firm(credit_sales_share=1.0, receivable_days=60.0, materials_share=0.5, payable_days=30.0, cash=1e6)
    watched = film(still_world([firm], shock=NO_SALES, time=clock(step_days, 84)))
    last = watched.states[0][-1]
    assert float(last.receivables[0, 0]) == pytest.approx(60_000.0 * math.exp(-84 / 60), rel=1e-12)
    assert float(last.payables[0, 0]) == pytest.approx(15_000.0 * math.exp(-84 / 30), rel=1e-12)
    assert watched.total("collections")[0, 0] == pytest.approx(60_000.0 * (1 - math.exp(-84 / 60)), rel=1e-12)
    assert watched.total("suppliers_paid")[0, 0] == pytest.approx(15_000.0 * (1 - math.exp(-84 / 30)), rel=1e-12)


@each_step
def test_late_and_lost_payments(step_days: int) -> None:
    # In full shock receivables take 1.5 times as long, 90 days, payables half of that more, 37.5; 4 % of what matures is never paid.
    shock = {**NO_SALES, "payment": {"receivable_stretch": 1.5, "bad_debt_share": 0.04}}
    firm = bare_firm(credit_sales_share=1.0, receivable_days=60.0, materials_share=0.5, payable_days=30.0, cash=1e6)
    watched = film(still_world([firm], shock=shock, time=clock(step_days, 84)))
    matured = 60_000.0 * (1 - math.exp(-84 / 90))
    assert watched.total("collections")[0, 0] == pytest.approx(0.96 * matured, rel=1e-12)
    assert watched.total("bad_debt")[0, 0] == pytest.approx(0.04 * matured, rel=1e-12)
    assert watched.total("suppliers_paid")[0, 0] == pytest.approx(15_000.0 * (1 - math.exp(-84 / 37.5)), rel=1e-12)


@each_step
def test_a_calm_firm_without_noise_stays_where_it_is(step_days: int) -> None:
    # Steady state: 1,000 a day of sales on 60 days, materials of 400 on 30 days, stock of 45 days, wages 300, rent 50, overheads 50,
    # tax 20. What is left, 180 a day, is cash and profit; receivables, payables and stock do not move.
    costs = {"materials_share": 0.4, "payroll": 109_500.0, "rent": 18_250.0, "rent_day": 10.0, "overheads": 18_250.0, "tax_share": 0.02}
    working = {"credit_sales_share": 1.0, "receivable_days": 60.0, "payable_days": 30.0, "inventory_days": 45.0}
    # whole months: what accrues in the run is what is paid in it
    watched = film(still_world([bare_firm(**costs, **working, cash=50_000.0)], time=clock(step_days, 365)))
    last = watched.states[0][-1]
    balances = [float(getattr(last, name)[0, 0]) for name in ("receivables", "payables", "stock", "stock_cost", "smoothed", "staffing")]
    assert balances == pytest.approx([60_000.0, 12_000.0, 18_000.0, 18_000.0, 1.0, 1.0], rel=1e-9)
    assert float(last.cash[0, 0]) == pytest.approx(50_000.0 + 365 * 180.0, rel=1e-9)
    gain = float(last.equity[0, 0] - watched.block.opening.equity[0, 0])
    assert gain == pytest.approx(365 * 180.0, rel=1e-9)


# --------------------------------------------------------------------------------------------------------- loans that fall due


@each_step
def test_renewal_of_the_only_obligation(step_days: int) -> None:
    # Three firms with cash of 1,000, no sales and no costs. `due` (weight 1) owes 10,000 on day 50, has no bridge, and the bank enforces
    # after 90 days of grace: out of cash on day 50, gone on day 140 by `loan`. `later` (2) owes it after the run, `free` (5) owes nothing.
    # Renewal lets the loan run on for a year: nobody is out of cash or gone. Difference: 1/8, from day 50 on `cash`, from 140 on `exit`.
    rows = [
        bare_firm("due", cash=1_000.0, loan=10_000.0, loan_due_day=50.0, weight=1.0),
        bare_firm("later", cash=1_000.0, loan=10_000.0, loan_due_day=500.0, weight=2.0),
        bare_firm("free", cash=1_000.0, weight=5.0),
    ]
    days = [49, 50, 139, 140, 154]
    out = outcomes_of_world(still_world(rows, [RENEWAL], shock=NO_SALES, time=clock(step_days, 154, report_days=days)))
    at = [out.day_index(day) for day in days]
    none, renewal = out.policy_index("none"), out.policy_index("renewal")
    assert list(out.survival["cash"][none, 0, at]) == pytest.approx([1.0, 7 / 8, 7 / 8, 7 / 8, 7 / 8])
    assert list(out.survival["exit"][none, 0, at]) == pytest.approx([1.0, 1.0, 1.0, 7 / 8, 7 / 8])
    assert np.all(out.survival["cash"][renewal] == 1.0)
    assert np.all(out.survival["exit"][renewal] == 1.0)
    last = out.report_index(154)
    assert out.report["saved"][renewal, 0, last] == 1 / 8
    assert out.report["reached"][renewal, 0, last] == 1 / 8
    assert out.report["always"][renewal, 0, last] == 7 / 8
    assert out.report["loan"][none, 0, last] == 1 / 8
    assert out.report["harmed"][renewal, 0, last] == 0.0


@each_step
def test_interest_stops_while_the_bank_holds_the_money(step_days: int) -> None:
    # 10,000 at 7.3 % cost 2 a day for 50 days; repaid from cash, lent again 10 days later at nine tenths: 1.80 a day for 122 days.
    # 100 + 219.60 = 319.60 of interest by day 182. Renewed, the loan costs 2 a day for 182 days: 364.
    firm = bare_firm(cash=20_000.0, loan=10_000.0, loan_rate=0.073, loan_due_day=50.0)
    watched = film(still_world([firm], [RENEWAL], credit={"kappa": 0.9, "gap_days": 10.0}, shock=NO_SALES, time=clock(step_days, 182)))
    assert watched.total("interest_expense")[0, 0] == pytest.approx(319.6)
    assert watched.total("interest_expense", 1)[0, 0] == pytest.approx(364.0)
    assert (watched.total("principal_repaid")[0, 0], watched.total("bank_lent")[0, 0]) == pytest.approx((10_000.0, 9_000.0))
    assert watched.total("rolled_principal", 1)[0, 0] == pytest.approx(10_000.0)
    assert watched.total("principal_repaid", 1)[0, 0] == 0.0
    # a year later the renewed loan falls due again, on day 415, after the run
    assert float(watched.states[1][-1].term_loan.due_day[0, 0]) == 50.0 + 365.0


@each_step
@pytest.mark.parametrize("gap_days", [0.0, 3.0, 10.0, 37.5])
def test_a_bridge_of_b_for_d_days_costs_b_times_fee_times_d(step_days: int, gap_days: float) -> None:
    # 10,000 fall due on day 50, 4,000 are there: 6,000 from the bridge at 0.2 % a day, 12 a day, until the bank's 9,000 come, gap_days
    # later. In one step (the 3 days to day 53 in steps of 14) or over many. The owner pays the fee, since all cash went to the bank.
    firm = bare_firm(cash=4_000.0, owner_funds=1e6, loan=10_000.0, loan_due_day=50.0)
    credit = {"bridge_access": 1.0, "bridge_fee_per_day": 0.002, "kappa": 0.9, "gap_days": gap_days}
    watched = film(still_world([firm], credit=credit, shock=NO_SALES, time=clock(step_days, 140)))
    fee = 6_000.0 * 0.002 * gap_days
    assert watched.total("bridge_lent")[0, 0] == pytest.approx(6_000.0)
    assert watched.total("bridge_repaid")[0, 0] == pytest.approx(6_000.0)
    assert watched.total("private_fees_expense")[0, 0] == pytest.approx(fee, abs=1e-9)
    assert watched.total("private_fees_paid")[0, 0] == pytest.approx(fee, abs=1e-9)
    # what is left of 9,000 after the bridge, 3,000, pays the fees before the owner does, where they fall due after it has come
    last = watched.states[0][-1]
    assert float(last.bridge[0, 0]) == 0.0
    assert float(last.cash[0, 0]) - watched.total("owner_in")[0, 0] == pytest.approx(3_000.0 - fee)


@each_step
def test_a_bridge_that_nobody_repays_costs_its_fee_to_the_end(step_days: int) -> None:
    # The bank does not lend again: 6,000 at 0.2 % a day from day 50 to day 140 are 12 * 90 = 1,080. The last step's fee is not yet paid.
    firm = bare_firm(cash=4_000.0, owner_funds=1e6, loan=10_000.0, loan_due_day=50.0)
    credit = {"bridge_access": 1.0, "bridge_fee_per_day": 0.002, "renewal": 0.0}
    watched = film(still_world([firm], credit=credit, shock=NO_SALES, time=clock(step_days, 140)))
    last = watched.block.steps[-1].h
    assert watched.total("private_fees_expense")[0, 0] == pytest.approx(1_080.0)
    assert watched.total("private_fees_paid")[0, 0] == pytest.approx(1_080.0 - 12.0 * last)
    assert watched.total("owner_in")[0, 0] == pytest.approx(1_080.0 - 12.0 * last)
    assert float(watched.states[0][-1].bridge[0, 0]) == 6_000.0


def test_without_a_bridge_the_bank_comes_before_suppliers() -> None:
    # 10,000 fall due on day 50; 9,000 of cash, of which 700 are needed for the week's suppliers, a line of 500 and an owner with 600:
    # 8,300 + 500 + 600 = 9,400 beside the suppliers are not enough, with their 700 they are: 10,100. So 500 + 600 + 8,900 repay the loan,
    # and 100 of the 700 are left for suppliers. (The cash of 9,000 is what is left after 49 days of 100.)
    firm = bare_firm(overheads=36_500.0, cash=9_000.0 + 4_900.0, credit_line=500.0, owner_funds=600.0, loan=10_000.0, loan_due_day=50.0)
    watched = film(still_world([firm], credit={"renewal": 0.0}, shock=NO_SALES, time=clock(7)))
    state = watched.after(56.0)
    assert float(state.term_loan.principal[0, 0]) == 0.0
    assert (float(state.line_drawn[0, 0]), float(state.owner_funds[0, 0]), float(state.cash[0, 0])) == pytest.approx((500.0, 0.0, 0.0))
    assert float(state.arrears.suppliers[0, 0]) == pytest.approx(600.0)


# ------------------------------------------------------------------------------------------------------------- forbearance


def many(count: int, **columns: Any) -> list[dict[str, Any]]:
    """Equal firms with luck of their own."""
    return [bare_firm(f"firm-{number}", **columns) for number in range(count)]


@pytest.mark.parametrize(
    ("lift", "relief", "odds"),
    [
        # renewal 0.6 in a full shock with a tightening of a quarter: 0.45
        (0.0, 0.0, 0.45),
        # a fifth of the refusals does not happen: 1 - 0.55 * 0.8 = 0.56
        (0.2, 0.0, 0.56),
        # no tightening: 0.6
        (0.0, 1.0, 0.6),
        # both: 1 - 0.4 * 0.8 = 0.68
        (0.2, 1.0, 0.68),
        # half of the tightening: 0.6 * (1 - 0.125) = 0.525, then 1 - 0.475 * 0.5 = 0.7625
        (0.5, 0.5, 0.7625),
        (1.0, 0.0, 1.0),
    ],
)
def test_odds_under_forbearance(lift: float, relief: float, odds: float) -> None:
    # Repaid from cash on day 50; lent again to exactly those whose luck is below the odds.
    lever = LendingForbearance(take_up=1.0, renewal_lift=lift, tightening_relief=relief, kappa_lift=0.0, grace_lift=0.0)
    shock = {"duration_days": 3650.0, "credit": {"tightening": 0.25, "line_cut": 0.0, "recall_rate": 0.0}}
    world = still_world(
        many(2000, cash=20_000.0, loan=10_000.0, loan_due_day=50.0),
        [Policy(name="forbearance", levers=(lever,))],
        credit={"renewal": 0.6, "kappa": 1.0},
        shock=shock,
        time=clock(7, 91),
    )
    watched = film(world)
    luck = uniforms(world.scenario.seed, 0, world.firms.key, 0, "renewal")
    for policy, chance in ((0, 0.45), (1, odds)):
        lent = watched.states[policy][-1].term_loan.principal[0] > 0.0
        assert np.array_equal(lent, luck < chance)
        assert abs(lent.mean() - chance) < 4 * math.sqrt(0.25 / 2000)


def test_the_whole_sum_again_under_forbearance() -> None:
    # The bank lends 80 % again; of the 20 % that it keeps back forbearance undoes half: 90 %.
    lever = LendingForbearance(take_up=1.0, kappa_lift=0.5)
    rows = [bare_firm(cash=20_000.0, loan=10_000.0, loan_due_day=50.0)]
    watched = film(still_world(rows, [Policy(name="forbearance", levers=(lever,))], credit={"kappa": 0.8}, time=clock(7, 91)))
    assert [float(states[-1].term_loan.principal[0, 0]) for states in watched.states] == pytest.approx([8_000.0, 9_000.0])


@each_step
def test_longer_grace_under_forbearance(step_days: int) -> None:
    # Overdue since day 50, no work-out: gone at the end of 90 days of grace, on day 140; with grace longer by 4/5, 162 days, on day 212.
    lever = LendingForbearance(take_up=1.0, grace_lift=0.8)
    rows = [bare_firm(cash=1_000.0, loan=10_000.0, loan_due_day=50.0)]
    watched = film(still_world(rows, [Policy(name="forbearance", levers=(lever,))], shock=NO_SALES, time=clock(step_days, 224)))
    assert exit_days(watched, 0)["firm"] == end_of_step_with(140.0, watched)
    assert exit_days(watched, 1)["firm"] == end_of_step_with(212.0, watched)


def test_no_cut_lines_and_no_recall_under_forbearance() -> None:
    # In the shock all undrawn lines are cut and loans are recalled at 5 a year. A line of 1,050 pays 100 a day for 10.5 days where it is
    # not cut. A recalled loan is repaid and not lent again; by day 182 all but exp(-5 * 182 / 365) = 8 % are recalled, under relief none.
    lever = LendingForbearance(take_up=1.0, tightening_relief=1.0)
    policy = Policy(name="forbearance", levers=(lever,))
    shock = {**NO_SALES, "credit": {"tightening": 0.0, "line_cut": 1.0, "recall_rate": 5.0}}
    line = film(still_world([bare_firm(overheads=36_500.0, credit_line=1_050.0)], [policy], shock=shock, time=clock(7)))
    assert (cash_out_days(line, 0)["firm"], cash_out_days(line, 1)["firm"]) == (7.0, 14.0)

    loans = film(still_world(many(2000, cash=20_000.0, loan=10_000.0, loan_due_day=400.0), [policy], shock=shock, time=clock(7, 182)))
    left = [float((states[-1].term_loan.principal > 0.0).mean()) for states in loans.states]
    assert left[1] == 1.0
    assert abs(left[0] - math.exp(-5 * 182 / 365)) < 4 * math.sqrt(0.08 * 0.92 / 2000)


# ------------------------------------------------------------------------------------------------------------- patience and weights


@pytest.mark.parametrize(("step_days", "first", "second"), [(1, 71.0, 91.0), (7, 77.0, 91.0), (14, 84.0, 98.0)])
def test_weighted_shares_of_three_firms(step_days: int, first: float, second: float) -> None:
    # 100 a day fall due to suppliers. `a` (weight 1) can pay 10.5 days, `b` (2) 30.5 days, `c` (5) owes nothing. Creditors wait 20 days,
    # three times as long where all that is due is due to suppliers (factor 2): 60. So `a` goes when day b - 60 > 10.5, `b` when > 30.5.
    # That is the first end of a step after 70.5 and after 90.5. Tolerance 0.
    rows = [
        bare_firm("a", overheads=36_500.0, cash=1_050.0, weight=1.0, employees=10.0),
        bare_firm("b", overheads=36_500.0, cash=3_050.0, weight=2.0, employees=20.0),
        bare_firm("c", cash=1.0, weight=5.0, employees=2.0),
    ]
    exits = {"patience_days": 20.0, "patience_min_days": 7.0, "patience_supplier_factor": 2.0, "patience_tolerance_days": 0.0}
    days = [14, 42, 70, 84, 98]
    # reported days that are ends of steps anyway, so that no step is cut
    world = still_world(rows, shock=NO_SALES, exit=exits, time=clock(step_days, 98, headline_day=98, report_days=days))
    watched = film(world)
    assert exit_days(watched) == {"a": first, "b": second, "c": math.inf}
    out = outcomes_of_world(world)

    def curve(days_of_firms: dict[str, float]) -> list[float]:
        weight = {"a": 1.0, "b": 2.0, "c": 5.0}
        return [sum(weight[name] for name, day in days_of_firms.items() if day > end) / 8.0 for end in out.days]

    assert list(out.survival["exit"][0, 0]) == pytest.approx(curve({"a": first, "b": second, "c": math.inf}), abs=1e-12)
    assert list(out.survival["cash"][0, 0]) == pytest.approx(curve(cash_out_days(watched)), abs=1e-12)
    # all shares at the end, by hand: 3 of 8 are gone, by patience; jobs 1 * 10 + 2 * 20 + 5 * 2 = 60, of which 10 are left
    assert out.report["patience"][0, 0, -1] == pytest.approx(3 / 8)
    assert out.report["jobs"][0, 0, -1] == pytest.approx(10 / 60)
    assert (out.weight, out.jobs) == (8.0, 60.0)


def test_monte_carlo_error_by_hand() -> None:
    # Error of the mean over D draws: the draws' standard deviation (D - 1) divided by the root of D; of a difference, draw by draw.
    result = run("three-months", draws=4, policies=["none", "forbearance"], overrides=["population.firms=300"], jobs=1)
    out, told = result.outcomes, result.json["policies"]
    day = out.day_index(91)
    for entry in told:
        policy = out.policy_index(entry["policy"])
        for endpoint in ("cash", "open", "exit"):
            here = [float(out.survival[endpoint][policy, draw, day]) for draw in range(4)]
            there = [float(out.survival[endpoint][0, draw, day]) for draw in range(4)]
            paired = [a - b for a, b in zip(here, there, strict=True)]
            survival = entry["survival"][endpoint]
            assert (survival["mean"], survival["mc_error"]) == pytest.approx(_mean_and_error(here))
            if entry["policy"] != "none":
                difference = entry["difference"][endpoint]
                assert (difference["mean"], difference["mc_error"]) == pytest.approx(_mean_and_error(paired), abs=1e-15)


def _mean_and_error(values: list[float]) -> tuple[float, float]:
    mean = sum(values) / len(values)
    return mean, math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1)) / math.sqrt(len(values))


# ------------------------------------------------------------------------------------------------------------------- closure


def test_open_may_rise_again() -> None:
    # All are closed for 30 days and reopen on day 30: none trades at the ends of the steps before it, all at those from day 30 on.
    # Services (weight 3) are ordered to close, retail (weight 1) is not. Firms have no costs, so that nobody goes.
    shock = {"closure": {"closed_share": {"services": 1.0}, "closed_days": 30.0, "reopening_half_life_days": 0.0}}
    rows = [bare_firm("closed", weight=3.0, cash=1.0), bare_firm("open", industry="retail", weight=1.0, cash=1.0)]
    out = outcomes_of_world(still_world(rows, shock=shock, time=clock(7, 91)))
    trading = dict(zip(out.days, out.survival["open"][0, 0], strict=True))
    assert [trading[day] for day in (7.0, 28.0, 35.0, 91.0)] == [0.25, 0.25, 1.0, 1.0]
    assert np.all(out.survival["exit"] == 1.0)
    # sold in 91 days: 61 of them, and all 91
    watched = film(still_world(rows, shock=shock, time=clock(7, 91)))
    sold = watched.total("cash_sales")[0]
    assert sold[watched.position("closed")] == pytest.approx(61_000.0)
    assert sold[watched.position("open")] == pytest.approx(91_000.0)


@pytest.mark.parametrize("closed_days", [0.0, 21.0])
def test_half_have_reopened_after_one_half_life(closed_days: float) -> None:
    # 80 % of 8,000 firms are closed; after the first days half of them reopen in each 35 days: 40 % closed then, 20 % after another 35.
    # Error of a share of 8,000 firms: at most 0.0056; allowed: 4 of them.
    shock = {"closure": {"closed_share": 0.8, "closed_days": closed_days, "reopening_half_life_days": 35.0}}
    out = outcomes_of_world(still_world(many(8000, cash=1.0), shock=shock, time=clock(7, 98)))
    trading = dict(zip(out.days, out.survival["open"][0, 0], strict=True))
    assert [trading[closed_days + day] for day in (35.0, 70.0)] == pytest.approx([0.6, 0.8], abs=0.0224)
    if closed_days > 0.0:
        assert trading[closed_days - 7.0] == pytest.approx(0.2, abs=0.0224)


# ------------------------------------------------------------------------------------------------------------ what is drawn


def depths(common: float, firms: int, draws: int) -> NDArray[np.float64]:
    """Depth of the fall of sales, U(0.2, 0.5), of firms in draws."""
    depth = {"dist": "uniform", "low": 0.2, "high": 0.5, "common": common}
    scenario = still_scenario(shock={"sales": {"depth": depth, "scar": 0.05}})
    numbers = DrawnNumbers(scenario, 0, np.arange(draws, dtype=np.uint64))
    drawn: NDArray[np.float64] = depth_of_firms(Shocked(scenario, numbers, firms_of(many(firms)), slice(0, firms)))
    return drawn


@pytest.mark.parametrize("common", [0.0, 0.3, 1.0])
def test_the_stated_depth_is_the_marginal_whatever_is_common(common: float) -> None:
    # Quantile p of U(0.2, 0.5) is 0.2 + 0.3 p. One firm in 40,000 draws: those are independent whatever the firms of a draw share.
    # The error of a quantile is 0.3 * sqrt(p (1 - p) / n) <= 0.00075.
    drawn = depths(common, 1, 40_000)[:, 0]
    p = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    np.testing.assert_allclose(np.quantile(drawn, p), 0.2 + 0.3 * p, atol=0.003)
    assert 0.2 <= drawn.min() < drawn.max() <= 0.5


def test_what_firms_share_of_the_depth() -> None:
    # With all in common the firms of a draw are equal; with nothing, they are not correlated; with 0.3, the normal scores correlate at 0.3
    # and the uniforms at 6 / pi * asin(0.3 / 2) = 0.2876. Over 20,000 draws the error of a correlation is below 0.0071.
    assert np.all(np.ptp(depths(1.0, 50, 20), axis=1) == 0.0)
    for common, correlation in ((0.0, 0.0), (0.3, 6 / math.pi * math.asin(0.15))):
        pair = depths(common, 2, 20_000)
        assert np.corrcoef(pair.T)[0, 1] == pytest.approx(correlation, abs=0.03)


def noise_of_world(step_days: int, horizon_days: int, count: int, volatility: float, **sales: Any) -> NDArray[np.float64]:
    """Sales of each step against those of normal times, (step, firm)."""
    world = still_world(many(count, sales_volatility=volatility), sales=sales, time=clock(step_days, horizon_days))
    rows: list[NDArray[np.float64]] = []

    def watch(policy: int, step: Clock, weather: Weather, before: State, stepped: Stepped) -> None:
        rows.append(np.asarray(stepped.bookings["cash_sales"])[0] / (1_000.0 * step.h))

    simulate(block_of(world), watch)
    return np.array(rows)


@pytest.mark.parametrize("noise", ["lognormal", "gamma"])
@pytest.mark.parametrize("step_days", [1, 7, 14])
def test_monthly_volatility_is_the_same_for_any_step(step_days: int, noise: str) -> None:
    # The white noise of steps is independent, so the variance of mean sales over T days is volatility^2 * month / T: over 28 days, made
    # of 28, 4 or 2 steps, the coefficient of variation is 0.25 * sqrt(30.41667 / 28). Of 8,000 such means the error of a coefficient of
    # variation is about 1 % of it, and somewhat more with the tails of single days (whose own is 1.38); allowed: 5 %.
    sales = noise_of_world(step_days, 56, 4000, 0.25, noise=noise)
    monthly = sales.reshape(2, -1, 4000).mean(axis=1)
    assert monthly.mean() == pytest.approx(1.0, abs=4 * 0.25 / math.sqrt(8000))
    assert monthly.std() / monthly.mean() == pytest.approx(0.25 * math.sqrt(MONTH / 28), rel=0.05)


@pytest.mark.parametrize("step_days", [1.0, 7.0, 14.0])
@pytest.mark.parametrize("volatility", [0.2, 0.6, 1.0])
def test_noise_has_mean_one_and_the_stated_variance(step_days: float, volatility: float) -> None:
    # The same without a sample, which cannot see the tails of a volatile day (a coefficient of variation of 5.5): mean and mean square
    # as integrals over the normal number, to 12 standard deviations in steps of 1/1000. Mean 1, variance volatility^2 * month / step.
    z = np.arange(-12.0, 12.0, 0.001) + 0.0005
    density = np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi) * 0.001
    noise = white_noise(np.asarray(volatility), step_days, z)
    assert float(density @ noise) == pytest.approx(1.0, rel=1e-9)
    assert float(density @ noise**2) - 1.0 == pytest.approx(volatility**2 * MONTH / step_days, rel=1e-6)


@each_step
def test_the_slow_part_has_mean_one_and_the_stated_spread(step_days: int) -> None:
    # log P on day t is normal with variance v = 0.3^2 (1 - exp(-2 * 2 t / 365)) and mean -v / 2, so P has mean 1: at reversion 2 a year
    # v is 0.0774 (sd 0.278) after 182 days. Of 4,000 firms the error of the mean is 0.0044, of the log sd 1.1 %.
    sales = noise_of_world(step_days, 182, 4000, 0.0, slow_sd=0.3, slow_reversion_per_year=2.0)
    for end, row in ((84, sales[84 // step_days - 1]), (182 // step_days * step_days, sales[182 // step_days - 1])):
        v = 0.09 * (1 - math.exp(-4 * end / 365))
        assert row.mean() == pytest.approx(1.0, abs=4 * math.sqrt(v / 4000))
        assert np.log(row).std() == pytest.approx(math.sqrt(v), rel=0.045)
        assert np.log(row).mean() == pytest.approx(-v / 2, abs=4 * math.sqrt(v / 4000))


def test_patience_and_hope_are_log_normal() -> None:
    # Median 20 days, log sd 0.8, at least 7 days: 7 is the quantile Phi(ln(7 / 20) / 0.8) = Phi(-1.3123) = 0.0947. All dues go to
    # suppliers: times 1 + 2. Half of them do: times 1 + 2 * 0.5. Hope: median 0.1, log sd 0.7.
    exits = {"patience_days": 20.0, "patience_sigma": 0.8, "patience_min_days": 7.0, "hope_median": 0.1, "hope_sigma": 0.7}
    suppliers, half = {"overheads": 1000.0}, {"overheads": 1000.0, "rent": 1000.0}
    rows = [*many(10_000, **suppliers), *(bare_firm(f"half-{number}", **half) for number in range(10_000))]
    world = still_world(rows, exit=exits)
    firm = block_of(world).firm
    is_half = np.array([name.startswith("half") for name in world.firms.ids])
    for factor, days in ((3.0, firm.patience[0, ~is_half]), (2.0, firm.patience[0, is_half])):
        # error of the median in logs: 0.8 * 1.2533 / 100 = 1 %
        assert np.median(days) == pytest.approx(20.0 * factor, rel=0.04)
        assert days.min() == 7.0 * factor
        assert np.mean(days == 7.0 * factor) == pytest.approx(0.0947, abs=0.012)
        above = np.log(days[days > 20.0 * factor] / (20.0 * factor))
        # upper half of a normal: mean 0.8 * sqrt(2 / pi)
        assert above.mean() == pytest.approx(0.8 * math.sqrt(2 / math.pi), rel=0.04)
    assert np.median(firm.hope) == pytest.approx(0.1, rel=0.03)
    assert np.log(firm.hope).std() == pytest.approx(0.7, rel=0.03)


def test_exits_for_other_reasons_come_at_their_rate() -> None:
    # 12 % a year for micro firms, 36 % for small ones, alone: exp(-0.12) = 88.69 % and exp(-0.36) = 69.77 % are there after a year.
    # Of 4,000 each the errors are 0.50 and 0.73 points.
    rows = [*many(4000, cash=1.0), *(bare_firm(f"small-{number}", size="small", cash=1.0) for number in range(4000))]
    exits = {"background_rate": {"micro": 0.12, "small": 0.36, "medium": 0.0}}
    out = outcomes_of_world(still_world(rows, exit=exits, time=clock(7, 365)))
    shares = dict(zip(out.group_names, out.group_survival["exit"][0, 0, -1], strict=True))
    assert shares["size", "micro"] == pytest.approx(math.exp(-0.12), abs=4 * 0.005)
    assert shares["size", "small"] == pytest.approx(math.exp(-0.36), abs=4 * 0.0073)
    assert out.report["other"][0, 0, -1] == pytest.approx(1.0 - out.survival["exit"][0, 0, -1])


def test_an_uncertain_number_is_drawn_once_a_draw() -> None:
    # Cash of 100 days of outflow times a factor that is 0.5 or 2, each in half of the draws: all firms of a draw are out of cash after
    # day 50, or all after day 200; never at once in one draw.
    factor = {"dist": "choice", "values": [0.5, 2.0], "weights": [1.0, 1.0]}
    rows = many(20, overheads=36_500.0, cash=10_000.0)
    world = in_draws(still_world(rows, shock=NO_SALES, adjust={"cash_factor": factor}, time=clock(7, 182)), 60)
    left = outcomes_of_world(world).survival["cash"][0, :, -1]
    assert set(left) == {0.0, 1.0}
    assert 10 <= left.sum() <= 50


def test_a_run_without_anything_that_can_happen() -> None:
    # Firms that sell and owe nothing: cash grows by 1,000 a day, nobody is affected, every difference is 0.
    world: World = still_world(many(3, cash=1.0), [RENEWAL], time=clock(7, 91))
    result = run_of(world)
    for curve in result.outcomes.survival.values():
        assert np.all(curve == 1.0)
    assert [entry["difference"]["exit"]["mean"] for entry in result.json["policies"] if entry["policy"] == "renewal"] == [0.0]
    assert list(result.outcomes.balances[0, 0, -1, :1]) == pytest.approx([3 * 91_001.0])
