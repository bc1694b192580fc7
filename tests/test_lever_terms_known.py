"""Terms of levers with answers worked out by hand, at the level of the engine: no lever stands behind them yet.

The firm sells 1,000 a day and has nothing else but what the case is about. A month is 365/12 = 30.41667 days.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simsme.engine.conditions import conditions_of
from simsme.engine.leaving import wind_up
from simsme.engine.receivables_finance import assign, offer, run_off
from simsme.engine.records import Clock, State, Weather
from simsme.engine.simulate import Block, simulate
from simsme.engine.step import Stepped
from simsme.engine.terms import NEUTRAL, last_of
from simsme.engine.trade import Collected, Sold
from tests.test_lever_terms import row_of
from tests.worlds_for_tests import bare_firm, block_of, still_world

MONTH = 365.0 / 12.0
HORIZON = 182


def lived(offered: dict[str, float], step_days: int = 7, facility: float = 0.0, **columns: Any) -> tuple[Block, dict[str, list[float]]]:
    """One firm under some terms: what was booked and what it had, by step."""
    time = {"step_days": step_days, "horizon_days": HORIZON, "headline_day": 91}
    block = block_of(still_world([bare_firm(**columns)], time=time))
    opening = block.opening._replace(facility_rate_of=np.full_like(block.opening.cash, facility))
    block = replace(block, opening=opening, levers=((row_of(offered),),))
    seen: dict[str, list[float]] = {}

    def watch(_policy: int, _clock: Clock, _weather: Weather, _before: State, stepped: Stepped) -> None:
        plain = {name: value for name, value in stepped.state._asdict().items() if not isinstance(value, tuple)}
        for name, value in (*stepped.bookings.items(), *((f"after.{name}", value) for name, value in plain.items())):
            seen.setdefault(name, []).append(float(np.broadcast_to(value, (1, 1))[0, 0]))

    simulate(block, watch)
    return block, seen


@pytest.mark.parametrize("step_days", [1, 7])
def test_half_of_the_taxes_until_day_100_is_paid_on_that_day(step_days: int) -> None:
    """Tax is 100 a day and due every month: three months' tax fall due before day 100, half of 91.25 * 100 is put off."""
    terms = {"tax_deferral_share": 0.5, "public_deferral_day": 100.0}
    block, seen = lived(terms, step_days, tax_share=0.1, tax_day=MONTH)
    assert sum(seen["tax_deferred"]) == pytest.approx(0.5 * 100.0 * 3.0 * MONTH)
    on = next(number for number, clock in enumerate(block.steps) if clock.a < 100.0 <= clock.b)
    assert seen["after.deferred_tax"][on - 1] == pytest.approx(4562.5)
    assert seen["tax_paid"][on] == pytest.approx(4562.5)
    assert seen["after.deferred_tax"][on] == 0.0
    assert seen["after.deferred_tax_day"][on] == np.inf
    assert sum(seen["tax_paid"]) == pytest.approx(100.0 * 5.0 * MONTH)


def test_social_insurance_is_waived_and_put_off_and_households_are_paid_in_full() -> None:
    """Wages 100 a day and insurance 25: half is waived (12.5), three tenths (7.5) put off, 5 paid; five paydays, four before day 150."""
    terms = {"social_relief": 0.5, "social_deferral_share": 0.3, "public_deferral_day": 150.0}
    _, seen = lived(terms, payroll=36_500.0, social_share=0.25, payday=MONTH)
    assert sum(seen["social_waived"]) == pytest.approx(12.5 * HORIZON)
    assert sum(seen["social_deferred"]) == pytest.approx(7.5 * 4.0 * MONTH)
    assert sum(seen["wages_paid"]) == pytest.approx(100.0 * 5.0 * MONTH)
    assert sum(seen["social_paid"]) == pytest.approx((5.0 * 4.0 + 12.5) * MONTH)
    assert sum(seen["tax_paid"]) == pytest.approx(7.5 * 4.0 * MONTH)


def test_more_cannot_be_put_off_than_is_left() -> None:
    """Insurance 25 a day, four fifths waived: of a half that may be put off a fifth is left, and nothing is paid before day 150."""
    terms = {"social_relief": 0.8, "social_deferral_share": 0.5, "public_deferral_day": 150.0}
    _, seen = lived(terms, payroll=36_500.0, social_share=0.25, payday=MONTH)
    assert sum(seen["social_deferred"]) == pytest.approx(5.0 * 4.0 * MONTH)
    assert sum(seen["social_paid"][:17]) == pytest.approx(0.0, abs=1e-9)


def test_orders_of_large_firms_are_paid_on_their_terms() -> None:
    """200 a day beside 1,000 in cash, paid at the rate of 1/30 a day: 6,000 (1 - exp(-t/30)) are owed on day t."""
    block, seen = lived({"order_demand": 0.2, "order_days": 30.0})
    assert sum(seen["order_sales"]) == pytest.approx(200.0 * HORIZON)
    assert sum(seen["cash_sales"]) == pytest.approx(1000.0 * HORIZON)
    for number, clock in enumerate(block.steps):
        assert seen["after.order_receivables"][number] == pytest.approx(6000.0 * (1.0 - np.exp(-clock.b / 30.0)))


def test_prompt_payment_brings_receivables_down() -> None:
    """Customers pay after 90 days; half of them must within 30: 60 days of sales are owed in the end."""
    _, seen = lived({"prompt_share": 0.5, "prompt_days": 30.0}, receivable_days=90.0, credit_sales_share=1.0)
    assert seen["after.receivables"][-1] == pytest.approx(60_000.0 + 30_000.0 * np.exp(-HORIZON / 60.0))


def test_a_loan_that_is_put_off_falls_due_on_the_day() -> None:
    block, seen = lived({"deferral_day": 120.0}, cash=1e6, loan=5_000.0, loan_due_day=50.0)
    moved = [clock.b for clock, amount in zip(block.steps, seen["deferred_principal"], strict=True) if amount > 0.0]
    repaid = [clock.b for clock, amount in zip(block.steps, seen["principal_repaid"], strict=True) if amount > 0.0]
    assert (moved, repaid) == ([56.0], [126.0])
    assert sum(seen["deferred_principal"]) == 5_000.0


def test_interest_is_put_off_and_then_half_of_what_is_due_is_paid_by_the_state() -> None:
    """Interest of 1 a day, a month's due each month. All of the first three months' is put off to day 100; of all that is due, half."""
    terms = {"interest_deferral_share": 1.0, "interest_deferral_day": 100.0, "interest_subsidy": 0.5}
    _, seen = lived(terms, cash=1e6, loan=3_650.0, loan_rate=0.1, loan_due_day=1e4, interest_day=MONTH)
    assert sum(seen["interest_deferred"]) == pytest.approx(3.0 * MONTH)
    assert sum(seen["interest_subsidised"]) == pytest.approx(2.5 * MONTH)
    assert sum(seen["interest_paid"]) == pytest.approx(2.5 * MONTH)


def test_lump_sums_are_paid_once() -> None:
    terms = {"refund_share": 0.01, "grant_share": 0.02, "grant_amount": 500.0, "innovation_share": 0.03, "growth_share": 0.04}
    _, seen = lived(terms | {"outlay_share": 0.1, "outlay_subsidy": 0.25, "programme_cost": 730.0})
    paid = {name: sum(seen[name]) for name in ("tax_refunds", "grants", "innovation_grants", "public_equity", "digital_subsidies")}
    expected = {"tax_refunds": 3650.0, "grants": 7800.0, "innovation_grants": 10_950.0, "public_equity": 14_600.0}
    assert paid == pytest.approx(expected | {"digital_subsidies": 9125.0})
    assert all(seen[name][0] == pytest.approx(total) for name, total in paid.items())
    assert sum(seen["suppliers_paid"]) == pytest.approx(36_500.0)
    assert sum(seen["programme_costs"]) == pytest.approx(2.0 * HORIZON)


def test_a_repayable_advance_goes_back_with_the_taxes() -> None:
    """10 % of sales in the first step (day 7), back 50 days later: in the step that ends on day 63."""
    block, seen = lived({"public_advance_share": 0.1, "public_advance_days": 50.0})
    assert seen["public_advances"][0] == pytest.approx(36_500.0)
    assert {clock.b: amount for clock, amount in zip(block.steps, seen["tax_paid"], strict=True) if amount} == pytest.approx(
        {63.0: 36_500.0}
    )


def test_waived_rent_and_overheads_that_the_state_pays() -> None:
    terms = {"rent_relief": 0.5, "rent_state_share": 0.2, "overheads_relief": 0.25, "wage_subsidy": 0.1}
    _, seen = lived(terms, rent=36_500.0, overheads=36_500.0, payroll=36_500.0)
    assert sum(seen["rent_expense"]) == sum(seen["rent_waived"]) == pytest.approx(50.0 * HORIZON)
    assert sum(seen["rent_compensation"]) == pytest.approx(10.0 * HORIZON)
    assert sum(seen["overheads_subsidised"]) == pytest.approx(25.0 * HORIZON)
    assert sum(seen["suppliers_paid"]) == pytest.approx(75.0 * HORIZON)
    assert sum(seen["wage_subsidies"]) == pytest.approx(10.0 * HORIZON)


def one(value: float) -> Any:
    """A number of one firm in one draw."""
    return np.full((1, 1), value)


def test_receivables_finance() -> None:
    """800 of 1,000 may be assigned, for 0.01 + 0.1 * 73/365 = 3 % off: 776. 388 in cash are 400 in face."""
    terms = NEUTRAL._replace(receivables_advance=one(0.8), receivables_discount=one(0.1), receivables_fee=one(0.01), recourse=one(0.25))
    block = block_of(still_world([bare_firm()]))
    nothing = dict.fromkeys(Collected._fields, one(0.0))
    offered = offer(terms, Collected(**nothing | {"receivables": one(1000.0), "days": one(73.0)}), one(0.0))
    assert float(offered.cash[0, 0]) == pytest.approx(776.0)
    assigned = assign(terms, block.opening, offered, one(388.0), one(0.0))
    assert [float(value[0, 0]) for value in assigned] == pytest.approx([12.0, 400.0, 0.25])

    # then a quarter of 1,000 matures, 50 of it never comes: 100 end, of which a fifth is lost, three quarters of that by the financier
    state = block.opening._replace(receivables=one(1000.0), factored=assigned.factored, recourse_of=assigned.recourse_of)
    sold = Sold(**dict.fromkeys(Sold._fields, one(0.0)))
    ended = run_off(terms, state, sold, Collected(**nothing | {"matured": one(250.0), "bad_debt": one(50.0)}))
    assert [float(value[0, 0]) for value in ended] == pytest.approx([85.0, 15.0, 300.0])


def test_a_closure_that_takes_half_as_long() -> None:
    """Closed from day 10 to day 50, by half to day 30: of the step (28, 35] five days are open; the owner expects to miss half as much."""
    block = block_of(still_world([bare_firm()]))
    weather = block.weather(0)._replace(
        open_share=one(0.0), closed=one(1.0) > 0.0, closes_on=one(10.0), reopens_on=one(50.0), outlook_open=one(0.6), running=one(1.0)
    )
    terms = NEUTRAL._replace(closure_relief=one(0.5))
    opened = conditions_of(Clock(28.0, 35.0, 7.0), block.firm, terms, weather).weather
    found = (opened.open_share, opened.closed, opened.outlook_open)
    assert [float(value[0, 0]) for value in found] == pytest.approx([5.0 / 7.0, 0.0, 1.0])
    closed = conditions_of(Clock(21.0, 28.0, 7.0), block.firm, terms, weather).weather
    assert [float(value[0, 0]) for value in (closed.open_share, closed.closed, closed.outlook_open)] == pytest.approx([0.0, 1.0, 0.8])


def test_orders_and_labour_together() -> None:
    """Wanted 0.5 with noise 1.2, half of it served: with 0.2 ordered and half the shortage gone (0.5 * 1.2 + 0.2) * 0.75 = 0.6 sold."""
    block = block_of(still_world([bare_firm(materials_share=0.4)]))
    plain = {"wanted": one(0.5), "noise": one(1.2), "served": one(0.5), "demand": one(0.25), "latent": one(0.3)}
    ahead = {"outlook_wanted": one(0.8), "outlook_served": one(0.5), "outlook_open": one(1.0), "outlook_demand": one(0.4)}
    terms = NEUTRAL._replace(order_demand=one(0.2), labour_relief=one(0.5), outlook_lift=one(0.1), materials_saving=one(0.25))
    met = conditions_of(Clock(0.0, 7.0, 7.0), block.firm, terms, block.weather(0)._replace(**plain, **ahead))
    found = (met.weather.wanted, met.weather.demand, met.weather.latent, met.ordered_part, met.weather.outlook_demand)
    assert [float(value[0, 0]) for value in found] == pytest.approx([0.7, 0.525, 0.6, 0.25, 0.825])
    assert float(np.ravel(met.firm.materials_share)[0]) == pytest.approx(0.3)


def test_the_state_bears_its_part_of_what_no_guarantee_covers() -> None:
    """Two loans of 100 and fixed assets that bring 80: the bank loses 120. Half of slot 2's 60, less the fifth that is guaranteed: 24."""
    block = block_of(still_world([bare_firm(fixed_assets=160.0)]))
    state, rules = block.opening, block.rules._replace(liquidation_share=one(0.5))
    loans = {name: getattr(state, name)._replace(principal=one(100.0)) for name in ("term_loan", "new_loan")}
    estate = wind_up(block.firm, rules, state._replace(**loans, cash=one(0.0), compensated=one(0.5), guaranteed=one(0.2)))
    assert float(estate.lost_by_banks[0, 0]) == pytest.approx(120.0)
    assert float(estate.claims[0, 0]) == pytest.approx(12.0)
    assert float(estate.compensation[0, 0]) == pytest.approx(24.0)


def test_a_financier_is_paid_from_what_customers_owe_before_anybody_else() -> None:
    block = block_of(still_world([bare_firm(receivable_days=10.0, credit_sales_share=1.0)]))
    rules = block.rules._replace(collectable_share=one(0.5), liquidation_share=one(0.0))
    state = block.opening._replace(receivables=one(600.0), order_receivables=one(400.0), factored=one(700.0), cash=one(100.0))
    estate = wind_up(block.firm, rules, state._replace(payables=one(200.0)))
    # 500 come in and go to the financier; his other 200 rank with the suppliers' 200 for the cash of 100
    found = (estate.financiers, estate.suppliers, estate.lost_by_financiers, estate.lost_receivables)
    assert [float(value[0, 0]) for value in found] == pytest.approx([550.0, 50.0, 150.0, 500.0])


def test_the_last_word_counts() -> None:
    assert last_of(np.array([0.1, 0.1]), np.array([0.0, 0.3])).tolist() == [0.1, 0.3]
