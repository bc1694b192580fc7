"""The engine against the oracle: random scenarios, every balance and booking of every step, to 1e-9 of the firm's sales.

200 scenarios in which every firm is on its own, and 120 in which the firms of a draw share public funds; there the answers and the
books of every fund agree too. The oracle is a second version of docs/model.md in plain Python. Both are fed the same shocks and luck. A
path on which a decision hangs on less than 1e-9 is counted and skipped.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.engine_cases import compare, fund_events
from tests.random_scenarios import EVENTS, EVENTS_WITH_FUNDS, FUND_EVENTS, Case, random_case, random_fund_case

CASES, FIRMS, GROUPS = 200, 6, 8
FUND_CASES, FIRMS_WITH_FUNDS = 120, 10
SHARE_OF_CLOSE_CALLS = 1e-4


def agree(random: Callable[[int, int], Case], seeds: range, firms: int) -> None:
    paths = skipped = 0
    with np.errstate(all="ignore"):
        for seed in seeds:
            result = compare(random(seed, firms), seed)
            assert not result.differences, result.differences[0]
            paths += result.paths
            skipped += result.skipped
    assert paths == len(seeds) * firms * 2
    assert skipped <= max(1.0, SHARE_OF_CLOSE_CALLS * paths)


@pytest.mark.parametrize("group", range(GROUPS))
def test_engine_and_oracle_agree(group: int) -> None:
    agree(random_case, range(group, CASES, GROUPS), FIRMS)


@pytest.mark.parametrize("group", range(GROUPS))
def test_engine_and_oracle_agree_where_firms_share_funds(group: int) -> None:
    agree(random_fund_case, range(group, FUND_CASES, GROUPS), FIRMS_WITH_FUNDS)


@pytest.mark.parametrize(("seed", "limit"), [(65, 0.037), (82, 0.104), (140, 0.083)])
def test_the_claim_limit_compares_claims_with_what_is_covered(seed: int, limit: float) -> None:
    # Claims pass these limits as a share of the guarantees granted, but not as a share of the loans; capital is no limit here.
    case = random_fund_case(seed, FIRMS_WITH_FUNDS)
    ample = [
        lever | ({"claim_limit": limit, "capital": 1e6 + 20.0 * lever["capital"]} if "claim_limit" in lever else {})
        for lever in case.levers
    ]
    with np.errstate(all="ignore"):
        result = compare(replace(case, levers=ample), seed)
    assert not result.differences, result.differences[0]
    assert result.events["claim_limit_stopped"] > 0


def test_the_cases_show_everything_that_can_happen() -> None:
    # The events are those of the oracle on the engine's luck; half of the cases are enough to see every one.
    events: Counter[str] = Counter()
    with np.errstate(all="ignore"):
        for seed in range(CASES // 2):
            events.update(compare(random_case(seed, FIRMS), seed).events)
    missing = [event for event in EVENTS if events[event] == 0]
    assert not missing, f"never seen: {', '.join(missing)}"


def test_the_cases_show_everything_that_funds_can_do() -> None:
    events: Counter[str] = Counter()
    with np.errstate(all="ignore"):
        for seed in range(FUND_CASES):
            events.update(fund_events(random_fund_case(seed, FIRMS_WITH_FUNDS), seed))
    missing = [event for event in (*FUND_EVENTS, *EVENTS_WITH_FUNDS) if events[event] == 0]
    assert not missing, f"never seen: {', '.join(missing)}"
