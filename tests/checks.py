"""What must hold, as plain functions: each returns nothing where it holds and raises :class:`~tests.demands.Broken` where it does not.

The tests of healthy code call them, and tests/test_faults.py shows of each of them that it can fail: a defect is switched in, and the
check that guards against it has to see it. They stand by idea in files of their own: accounts, sums, invariance, chance, known answers,
funds; here they are put together, and the second version of the model is one of them."""

from collections.abc import Callable, Iterable

import numpy as np

from tests.account_checks import ACCOUNTS, check_flow_of_funds
from tests.chance_checks import (
    check_depths,
    check_liquidation,
    check_noise,
    check_path,
    check_shutdowns,
    check_streams,
    check_timetable,
    check_uncertain_numbers,
)
from tests.demands import demand
from tests.engine_cases import compare
from tests.fund_checks import check_funds, check_known_fund, check_known_guarantee
from tests.invariance_checks import (
    check_block_size,
    check_order_of_levers,
    check_policy_independence,
    check_shuffled_firms,
    check_take_up_nested,
    check_zero_intensity,
)
from tests.known_checks import check_known_bridge, check_known_causes, check_known_interest, check_known_renewal, check_known_runway
from tests.random_scenarios import Case
from tests.recordings import Recording, recording_of_case, standing_cases


def check_oracle(cases: Iterable[Case] | None = None) -> None:
    """The engine and the second version of the model agree on every balance and booking of every step."""
    with np.errstate(all="ignore"):
        for case in standing_cases() if cases is None else cases:
            differences = compare(case, case.seed).differences
            demand(not differences, differences[0] if differences else "")


def _on_cases(check: Callable[[Recording], None]) -> Callable[[], None]:
    """A check of recordings, on the random cases that stand for all."""

    def on_cases() -> None:
        for case in standing_cases():
            check(recording_of_case(case))

    return on_cases


CHECKS: dict[str, Callable[[], None]] = {
    **{name: _on_cases(check) for name, check in ACCOUNTS.items()},
    "flow of funds": check_flow_of_funds,
    "oracle": check_oracle,
    "policy independence": check_policy_independence,
    "zero intensity": check_zero_intensity,
    "order of levers": check_order_of_levers,
    "take-up": check_take_up_nested,
    "shuffled firms": check_shuffled_firms,
    "block size": check_block_size,
    "streams": check_streams,
    "depths": check_depths,
    "noise": check_noise,
    "shutdowns": check_shutdowns,
    "path": check_path,
    "timetable": check_timetable,
    "liquidation": check_liquidation,
    "uncertain numbers": check_uncertain_numbers,
    "known runway": check_known_runway,
    "known renewal": check_known_renewal,
    "known causes": check_known_causes,
    "known bridge": check_known_bridge,
    "known interest": check_known_interest,
    "funds": check_funds,
    "known fund": check_known_fund,
    "known guarantee": check_known_guarantee,
}
"""Every check by name, ready to call."""
