"""The accounts of healthy code: every firm, every step, every policy, in random scenarios and in the shipped one."""

from collections.abc import Callable

import pytest

from simsme.runs import execute, plan_run
from tests.checks import ACCOUNTS, Recording, check_closure_of_outcomes, ordinary_world, recorded, recording_of_case

CASES, GROUPS = 40, 8


@pytest.mark.parametrize("group", range(GROUPS))
def test_the_accounts_of_random_cases_are_in_order(group: int) -> None:
    for seed in range(group, CASES, GROUPS):
        done = recording_of_case(seed)
        for check in ACCOUNTS.values():
            check(done)


@pytest.fixture(scope="module")
def three_months() -> Recording:
    """The shipped scenario under all of its policies, with few firms."""
    return recorded(ordinary_world(), draws=2)


@pytest.mark.parametrize("check", ACCOUNTS.values(), ids=ACCOUNTS)
def test_the_accounts_of_the_shipped_scenario_are_in_order(check: Callable[[Recording], None], three_months: Recording) -> None:
    check(three_months)


def test_every_kind_of_booking_occurs(three_months: Recording) -> None:
    """Accounts in which nothing happens would be in order too."""
    from simsme.engine.accounts import ITEMS

    cases = [three_months, *(recording_of_case(seed) for seed in range(8))]
    missing = [item for item in ITEMS if not any((moment.booked[item] > 0.0).any() for done in cases for moment in done.moments if item in moment.booked)]
    assert missing == []


@pytest.mark.parametrize("scenario", ["three-months"])
def test_the_published_flow_of_funds_closes(scenario: str) -> None:
    plan = plan_run(scenario, draws=3, overrides=["population.firms=300"])
    outcomes = execute(plan, jobs=2).outcomes
    check_closure_of_outcomes(outcomes)
