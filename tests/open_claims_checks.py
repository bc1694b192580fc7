"""Checks of what others have open with firms, as those of tests/checks.py: taxes put off, public advances and equity, factoring."""

from collections.abc import Callable

import numpy as np

from simsme.engine import simulate as engine
from simsme.engine import step as stages
from simsme.engine.terms import NEUTRAL
from tests.account_checks import ROUND_OFF
from tests.demands import demand, demand_equal
from tests.lever_cases import world_of
from tests.lever_checks import booked, lever, standing_policies, steps_with, still
from tests.recordings import Recording, recorded


def check_what_the_state_has_open() -> None:
    """In random policies what is open of taxes put off and of advances is what is left of them, and some of it is in arrears."""
    overdue = 0
    for case in standing_policies():
        done = recorded(world_of(case))
        _is_what_is_left(done)
        overdue += sum(int(((moment.after.put_off_open > 0.0) & (moment.after.deferred_tax == 0.0)).sum()) for moment in done.moments)
    demand(overdue, "nobody is in arrears with what was put off: the check shows nothing")


def _is_what_is_left(done: Recording) -> None:
    """What is open of taxes put off and of advances is what joined them less what was paid, and no more than is owed to the state."""
    for moment in done.moments:
        place = f"on day {moment.clock.b:g}, policy {moment.policy}"
        before, after, booked, stays = moment.before, moment.after, moment.booked, moment.after.alive > 0.0
        put_off = booked.get("tax_deferred", 0.0) + booked.get("social_deferred", 0.0) - booked.get("deferred_paid", 0.0)
        advances = booked.get("public_advances", 0.0) - booked.get("public_advances_repaid", 0.0)
        owed = after.deferred_tax + after.arrears.tax
        slack = ROUND_OFF * done.sales
        for name, was, joined, is_open in (
            ("taxes put off", before.put_off_open, put_off, after.put_off_open),
            ("advances", before.advance_open, advances, after.advance_open),
        ):
            demand(~stays | (np.abs(was + joined - is_open) <= slack), f"{name}: what is open is not what is left {place}")
            demand(stays | (was + joined >= -slack), f"{name}: more was paid than there was {place}")
        demand(after.put_off_open + after.advance_open <= owed + slack, f"more is open than is owed to the state {place}")
        demand(~stays | (owed - after.arrears.tax <= after.put_off_open + after.advance_open + slack), f"something is owed later {place}")


def check_known_open_claims() -> None:
    """What was put off counts as paid last, advances after that; an estate pays the same share of all that is owed to the state."""
    done = still(lever("growth_fund", instrument="advance", sales_share=0.02, advance_days=14.0, risk_discount=0.0))
    demand(steps_with(done, "public_advances_repaid") == {21.0: 7_300.0}, "an advance is repaid on its day")
    still_out = [float(moment.after.advance_open[0, 0]) for moment in done.of(1)][:4]
    demand(still_out == [7_300.0, 7_300.0, 0.0, 0.0], "an advance is open until it is repaid")
    deferral = lever("tax_deferral", deferred_share=0.8, until_day=70.0, to_day=69.0)
    done = still(deferral, firm={"cash": 50_000.0, "tax_share": 0.1})
    demand(sum(booked(done, "deferred_paid")) == sum(booked(done, "tax_deferred")), "all that was put off is paid")
    demand(set(steps_with(done, "deferred_paid")) == {70.0}, "what was put off is paid on its day")

    block, full = done.block, np.ones((1, 1))
    terms = NEUTRAL._replace(tax_deferral_share=0.5 * full)
    before = block.opening._replace(put_off_open=100.0 * full, advance_open=50.0 * full)
    for owed, put_off, advance in ((170.0, 120.0, 50.0), (130.0, 80.0, 50.0), (60.0, 10.0, 50.0), (30.0, 0.0, 30.0), (0.0, 0.0, 0.0)):
        after = stages.settle_with_state(terms, before, 20.0 * full, 0.0 * full, owed * full)
        demand_equal(float(after.put_off_open[0, 0]), put_off, f"put off and open of {owed:g}")
        demand_equal(float(after.advance_open[0, 0]), advance, f"advances open of {owed:g}")
        demand_equal(float(after.put_off_paid[0, 0]), 120.0 - put_off, f"put off and paid, {owed:g} being left")
        demand_equal(float(after.advance_repaid[0, 0]), 50.0 - advance, f"advances repaid, {owed:g} being left")

    empty = {name: 0.0 * full for name in ("receivables", "stock", "stock_cost", "tax_accrued", "people_accrued")}
    poor = before._replace(cash=40.0 * full, deferred_tax=160.0 * full, deferred_tax_day=90.0 * full, **empty)
    estate = engine.wind_up(block.firm._replace(fixed_assets=0.0 * full), block.rules, poor)
    demand_equal(float(estate.tax[0, 0]), 40.0, "what an estate pays the state")
    demand_equal(float(estate.put_off[0, 0]), 25.0, "what an estate pays of taxes put off")
    demand_equal(float(estate.advance[0, 0]), 12.5, "what an estate pays of advances")


def check_known_exposures() -> None:
    """Equity of 1,000 at a risk of 3 % and in an insolvent firm; 260 lent on receivables of 200 while a tenth may turn bad."""
    block, full = still(firm={"receivable_days": 36.5}).block, np.ones((1, 1))
    rules = block.rules._replace(bad_debt_share=np.asarray(0.1), collectable_share=np.asarray(0.9))

    def valued(intensity: float, **balances: float) -> engine.ExpectedLoss:
        state = block.opening._replace(**{name: value * full for name, value in balances.items()})
        return engine.expected_loss(block.firm, rules, block.default_risk, block.valuation, state, 20.0, np.asarray(intensity))

    demand_equal(float(valued(0.0, growth_received=1_000.0, equity=1.0).state[0, 0]), 30.0, "equity in a sound firm")
    demand_equal(float(valued(0.0, growth_received=1_000.0, equity=-1.0).state[0, 0]), 1_000.0, "equity in an insolvent firm")
    lent = {"factored": 260.0, "recourse_of": 0.25, "receivables": 100.0, "order_receivables": 100.0}
    demand_equal(float(valued(0.0, **lent).financiers[0, 0]), 80.0 * 0.03 * 0.1, "what receivables do not cover")
    demand_equal(float(valued(0.5, **lent).financiers[0, 0]), 0.24 + 0.1 * 0.5 * 0.75 * 260.0, "bad debt of financiers as well")
    demand_equal(float(valued(0.5, **(lent | {"recourse_of": 1.0})).financiers[0, 0]), 0.24, "no bad debt with recourse")


OPEN_CLAIMS_CHECKS: dict[str, Callable[[], None]] = {
    "what the state has open": check_what_the_state_has_open,
    "known open claims": check_known_open_claims,
    "known exposures": check_known_exposures,
}
"""Every check of open claims by name, ready to call."""
