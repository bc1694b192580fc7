"""Jobs, worked out by hand: people on the books of the firms that are there, at work or not."""

import pytest

from simsme.levers import TargetedClosure
from simsme.policy import Policy
from tests.worlds_for_tests import bare_firm, outcomes_of_world, still_world

DAYS = {"step_days": 7, "horizon_days": 28, "headline_day": 28, "report_days": [14, 28]}
HALF = {"duration_days": 3650.0, "sales": {"depth": 0.5, "scar": 0.0}}
EAGER = {"payroll_elasticity": 0.4, "payroll_lag_days": 0.0, "dormant_payroll_share": 0.4}
"""Staffing follows demand at once, by 0.4 of it."""


def jobs(*rows: dict[str, object], policies: tuple[Policy, ...] = (), **tables: dict[str, object]) -> list[list[float]]:
    """Jobs by policy and reported day."""
    outcomes = outcomes_of_world(still_world(rows, policies, time=DAYS, behaviour=EAGER, **tables))
    assert outcomes.jobs == pytest.approx(sum(float(row["weight"]) * float(row["employees"]) for row in rows))
    return (outcomes.report["jobs"][:, 0] * outcomes.jobs).tolist()


def test_jobs_follow_demand_of_firms_that_are_there() -> None:
    # Sales are down by half: 1 - 0.4 * 0.5 = 80 % of the people of both. A firm that stands for three counts three times: 8 + 3 * 4 = 20.
    people = bare_firm("ten", employees=10.0, weight=1.0, payroll=36_500.0, cash=1e6), bare_firm("five", employees=5.0, weight=3.0)
    assert jobs(*people, shock=HALF)[0] == pytest.approx([20.0, 20.0])


def test_jobs_are_gone_with_their_firm() -> None:
    # 20,000 fall due on day 10, there is no grace and no work-out: the firm of ten is gone by day 14, that of five is not.
    rows = bare_firm("ten", employees=10.0, weight=1.0, loan=20_000.0, loan_due_day=10.0), bare_firm("five", employees=5.0, weight=1.0)
    assert jobs(*rows, shock={"duration_days": 3650.0, "sales": {"depth": 1.0, "scar": 0.0}}, credit={"grace_days": 0.0})[
        0
    ] == pytest.approx([3.0, 3.0])


def test_a_closed_firm_keeps_its_people_and_lays_off_when_it_opens() -> None:
    # Closed to day 21 it keeps ten people, at 40 % of their wages; then demand is half of normal and eight stay. Opened at once, eight
    # stay from the first step on: fewer jobs on day 14, as many on day 28.
    row = bare_firm(employees=10.0, weight=1.0, payroll=36_500.0, cash=1e6)
    shock = {**HALF, "closure": {"closed_share": 1.0, "closed_days": 21.0, "reopening_half_life_days": 0.0}}
    opened = Policy(name="opened", levers=(TargetedClosure(closure_relief=1.0),))
    closed, relieved = jobs(row, policies=(opened,), shock=shock)
    assert closed == pytest.approx([10.0, 8.0])
    assert relieved == pytest.approx([8.0, 8.0])
