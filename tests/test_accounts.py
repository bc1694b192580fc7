"""The accounts of healthy code: every firm, every step, every policy, in random scenarios and in the shipped one."""

from collections.abc import Callable

import numpy as np
import pytest

from simsme.engine.accounts import ITEMS
from simsme.levers import kinds
from simsme.policy import Policy
from tests.account_checks import ACCOUNTS, check_flow_of_funds
from tests.checks import check_oracle
from tests.fund_worlds import both_funds, lively_world
from tests.random_scenarios import Case, random_case
from tests.recordings import Recording, credit_case, ordinary_world, recorded, recording_of_case
from tests.worlds_for_tests import Size, random_levers, random_world

CASES, GROUPS = 40, 8
SHOCKED = [seed for seed in range(20) if random_case(seed, 1).scenario["shock"] is not None]


def cases_of(group: int) -> list[Case]:
    """Every eighth random case and case of credit."""
    shocked = SHOCKED[group::GROUPS]
    return [*(random_case(seed, 6) for seed in range(group, CASES, GROUPS)), *(credit_case(seed) for seed in shocked)]


@pytest.mark.parametrize("group", range(GROUPS))
def test_the_accounts_of_cases_are_in_order(group: int) -> None:
    for case in cases_of(group):
        done = recording_of_case(case)
        for check in ACCOUNTS.values():
            check(done)


@pytest.mark.parametrize("group", range(GROUPS))
def test_engine_and_oracle_agree_where_credit_matters(group: int) -> None:
    """Random cases seldom show several levers at work on one loan; these do."""
    check_oracle(credit_case(seed) for seed in SHOCKED[group::GROUPS])


@pytest.fixture(scope="module")
def three_months() -> Recording:
    """The shipped scenario under all of its policies, with few firms."""
    return recorded(ordinary_world(), draws=2)


@pytest.mark.parametrize("check", ACCOUNTS.values(), ids=ACCOUNTS)
def test_the_accounts_of_the_shipped_scenario_are_in_order(check: Callable[[Recording], None], three_months: Recording) -> None:
    check(three_months)


def all_levers(seed: int) -> Recording:
    """A random world in which a lever of every kind is in force for everybody all the time."""
    always = {"take_up": 1.0, "from_day": 0.0, "to_day": 3650.0, "delay_days": 0.0, "min_sales_fall": None, "max_cash_days": None}
    everybody = {"industries": None, "sizes": None, "legal_forms": None, "max_risk": None, "without_bank_arrears": False}
    levers = [lever.model_copy(update=always | everybody) for kind in sorted(kinds()) for lever in random_levers(kind, seed, 182, 1)]
    return recorded(random_world(seed, Size(30, 1, 14, 182), (Policy(name="all", levers=tuple(levers)),)))


RARE = {"public_advances", "public_advances_repaid", "estate_financiers", "compensation_paid"}
"""Bookings that the levers' own cases show (`tests/test_lever_oracle.py`)."""


def test_every_kind_of_booking_occurs(three_months: Recording) -> None:
    """Accounts in which nothing happens would be in order too."""
    funds = recorded(lively_world(0, Policy(name="funds", levers=both_funds("random", 0))))
    cases = [three_months, funds, *(all_levers(seed) for seed in range(8)), *(recording_of_case(case) for case in cases_of(0))]
    moments = [moment for done in cases for moment in done.moments]
    missing = {item for item in ITEMS if not any((np.asarray(moment.booked.get(item, 0.0)) > 0.0).any() for moment in moments)}
    assert missing <= RARE


def test_the_published_flow_of_funds_closes() -> None:
    check_flow_of_funds()
