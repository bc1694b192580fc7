"""Defects of how firms act on each other: each switched in by a patch, and the check of tests/coupling_checks.py that has to see it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simsme.engine import funds
from simsme.engine.contagion import Contagion
from simsme.engine.review import Reviewed
from simsme.engine.terms import Status
from tests.patches import Fault, before, number_is


def start_is_stronger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a lever go on where the conditions to start hold, whatever should stop it."""
    decided = Reviewed._decided

    def patched(self: Any, review: Any, on: Any, fund_books: Any) -> Any:
        starts = decided(self, replace(review, stop=()), np.zeros_like(on), fund_books)
        return decided(self, review, on, fund_books) | starts

    monkeypatch.setattr(Reviewed, "_decided", patched)


def any_window(rows: Any, draws: int) -> Any:
    """Let every lever be there all the time."""
    return np.full(draws, -np.inf), np.full(draws, np.inf)


def days_by_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a decision hold for all of the step in which it is taken."""
    note = Reviewed._note

    def patched(self: Any, place: int, number: int, clock: Any, status: Any) -> None:
        note(self, place, number, clock, status._replace(before=status.after))

    monkeypatch.setattr(Reviewed, "_note", patched)


def estates_infect_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what estates leave unpaid be nobody's loss."""
    note = Contagion.note

    def patched(self: Any, before: Any, after: Any, booked: Any) -> None:
        note(self, before, after, {item: amount for item, amount in booked.items() if item != "lost_by_suppliers"})

    monkeypatch.setattr(Contagion, "note", patched)


def nothing_out(holdings: Any) -> Any:
    """Let funds think that no loan has a place in a facility."""
    changed = np.array(holdings)
    changed[funds.FACILITY_LOAN] = 0.0
    return changed


def any_capital(numbers: Any) -> Any:
    """Let every facility have all the money there is."""
    changed = np.array(numbers)
    changed[changed[:, funds.KIND] == funds.FACILITY, funds.CAPITAL] = 1e15
    return changed


def asking_again(state: Any) -> Any:
    """Take the day of the last application of any firm for that of each."""
    return state._replace(last_application=np.where(state.last_application > 0.0, np.max(state.last_application), -np.inf))


COUPLING_FAULTS = (
    Fault("a review sees all exits since day 0", number_is("engine.review.EXIT_DAYS", 1e9), "known review"),
    Fault(
        "a decision of a review holds a step late",
        number_is("engine.review.Status", lambda day, first, then: Status(day + 7.0, first, then)),
        "known review",
    ),
    Fault(
        "a lever under review is told to be in force outside its window",
        number_is("engine.review._window", any_window),
        "known days in force",
    ),
    Fault("days in force are counted by whole steps", days_by_steps, "known days in force"),
    Fault("what starts a lever is stronger than what stops it", start_is_stronger, "couplings oracle"),
    Fault("a facility forgets what it has out", before("engine.funds.answer", "holdings", nothing_out), "known facility"),
    Fault("a facility has all the money there is", before("engine.funds.answer", "numbers", any_capital), "known facility"),
    Fault(
        "who asks a facility hangs on when others applied",
        before("engine.simulate.ask", "state", asking_again),
        "couplings oracle",
    ),
    Fault("contagion counts every firm once", before("engine.contagion.total_sums", "weight", np.ones_like), "known contagion"),
    Fault("contagion takes all", number_is("engine.contagion.MOST", 1.0), "known contagion"),
    Fault("estates infect nobody", estates_infect_nobody, "known contagion"),
)
"""Every defect; their names are unique."""
