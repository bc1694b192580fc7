"""The engine against the oracle: 200 random scenarios, every balance and booking of every step, to 1e-9 of the firm's sales.

The oracle is a second version of docs/model.md in plain Python. Both are fed the same shocks and luck. A path on which a decision
hangs on less than 1e-9 is counted and skipped.
"""

from collections import Counter

import numpy as np
import pytest

from tests.engine_cases import compare
from tests.random_scenarios import EVENTS, random_case

CASES, FIRMS, GROUPS = 200, 6, 8
SHARE_OF_CLOSE_CALLS = 1e-4


@pytest.mark.parametrize("group", range(GROUPS))
def test_engine_and_oracle_agree(group: int) -> None:
    paths = skipped = 0
    with np.errstate(all="ignore"):
        for seed in range(group, CASES, GROUPS):
            result = compare(random_case(seed, FIRMS), seed)
            assert not result.differences, result.differences[0]
            paths += result.paths
            skipped += result.skipped
    assert paths == CASES // GROUPS * FIRMS * 2
    assert skipped <= max(1.0, SHARE_OF_CLOSE_CALLS * paths)


def test_the_cases_show_everything_that_can_happen() -> None:
    # The events are those of the oracle on the engine's luck; half of the cases are enough to see every one.
    events: Counter[str] = Counter()
    with np.errstate(all="ignore"):
        for seed in range(CASES // 2):
            events.update(compare(random_case(seed, FIRMS), seed).events)
    missing = [event for event in EVENTS if events[event] == 0]
    assert not missing, f"never seen: {', '.join(missing)}"
