"""The accounts of healthy code: every firm, every step, every policy, in random scenarios and in the shipped one."""

from collections.abc import Callable

import numpy as np
import pytest

from simsme.engine.accounts import ITEMS
from simsme.policy import Policy
from tests.checks import (
    ACCOUNTS,
    Recording,
    check_flow_of_funds,
    check_oracle,
    credit_case,
    ordinary_world,
    recorded,
    recording_of_case,
)
from tests.fund_worlds import both_funds, lively_world
from tests.random_scenarios import Case, random_case

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


def test_every_kind_of_booking_occurs(three_months: Recording) -> None:
    """Accounts in which nothing happens would be in order too."""
    funds = recorded(lively_world(0, Policy(name="funds", levers=both_funds("random", 0))))
    cases = [three_months, funds, *(recording_of_case(case) for case in cases_of(0))]
    moments = [moment for done in cases for moment in done.moments]
    assert [item for item in ITEMS if not any((np.asarray(moment.booked.get(item, 0.0)) > 0.0).any() for moment in moments)] == []


def test_the_published_flow_of_funds_closes() -> None:
    check_flow_of_funds()
