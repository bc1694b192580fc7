"""Seeded defects: each check of tests/checks.py, lever_checks.py and coupling_checks.py holds on the healthy code and fails on a defect."""

from collections import Counter
from functools import cache

import pytest

from tests import checks
from tests.coupling_checks import COUPLING_CHECKS
from tests.demands import Broken
from tests.faults import FAULTS
from tests.lever_checks import LEVER_CHECKS
from tests.open_claims_checks import OPEN_CLAIMS_CHECKS
from tests.patches import Fault

CHECKS = checks.CHECKS | LEVER_CHECKS | COUPLING_CHECKS | OPEN_CLAIMS_CHECKS


@cache
def holds_on_healthy_code(check: str) -> bool:
    """Whether a check passes; it is run once in a process."""
    CHECKS[check]()
    return True


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_a_defect_is_caught(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    assert holds_on_healthy_code(fault.caught_by)
    fault.patch(monkeypatch)
    with pytest.raises(Broken):
        CHECKS[fault.caught_by]()


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_holds_and_can_fail(check: str) -> None:
    """A check that no defect breaks checks nothing."""
    assert holds_on_healthy_code(check)
    assert check in {fault.caught_by for fault in FAULTS}


def test_defects_have_names_of_their_own() -> None:
    assert [name for name, times in Counter(fault.name for fault in FAULTS).items() if times > 1] == []
