"""A published number beside the simulated one, with a verdict; and for a miss its measured cause."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from simsme.validation.targets import Target

PASS, MISS = "pass", "miss"

FITTED = "value fitted to close this gap"
FITTED_ELSEWHERE = "value fitted to another published number"
CHOSEN = "value chosen within its plausible range, with this gap in view"
FROM_SOURCE = "value taken from a source"
TAKEN_OUT = "a part changed or left out, no value chosen"
ORIGINS = (FITTED, FITTED_ELSEWHERE, CHOSEN, FROM_SOURCE, TAKEN_OUT)
"""Where the value comes from with which a cause is removed. A gap that closes with a fitted value shows that the cause is able to close it
and how much of it that takes, not that it is the cause."""


@dataclass(frozen=True)
class Cause:
    """Why a simulated number misses: what was taken away, and what the number is then.

    Attributes
    ----------
    text
        What stands between the simulation and the published number.
    removed
        What was changed in the run without it.
    simulated
        The number in that run.
    origin
        One of `ORIGINS`: whose value it is with which the cause was removed.
    """

    text: str
    removed: str
    simulated: float
    origin: str

    def json(self) -> dict[str, Any]:
        """The cause as plain texts and numbers."""
        return {"text": self.text, "removed": self.removed, "simulated": self.simulated, "origin": self.origin}


@dataclass(frozen=True)
class Simulated:
    """What a run says to a published number.

    Attributes
    ----------
    value
        The simulated number.
    error
        Its Monte Carlo standard error: over draws, or over the firms that were drawn where nothing else is random; None where it has none.
    causes
        For a miss: each cause that was looked for, with the run without it.
    note
        What else should be known of it.
    """

    value: float
    error: float | None = None
    causes: tuple[Cause, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Row:
    """A published number and what was simulated.

    Attributes
    ----------
    target
        The published number.
    simulated
        What the run says; None where it cannot be run here, for the reason in ``absent``.
    absent
        Why there is no simulated number; empty where there is one.
    """

    target: Target
    simulated: Simulated | None
    absent: str = ""

    @property
    def verdict(self) -> str | None:
        """``pass`` or ``miss``; None for what is not counted, or was not run."""
        if self.simulated is None or not self.target.is_counted:
            return None
        return PASS if self.target.is_met(self.simulated.value) else MISS

    @property
    def cause(self) -> Cause | None:
        """For a miss, the first cause without which the number is met; the others tell how far they go."""
        if self.simulated is None or self.verdict != MISS:
            return None
        closing = [cause for cause in self.simulated.causes if self.target.is_met(cause.simulated)]
        return closing[0] if closing else None

    def is_worse(self, grace: float = 0.0) -> bool:
        """Whether it was recorded as passing and does not pass any more, ``grace`` Monte Carlo errors allowed."""
        if self.simulated is None or not self.target.is_counted or self.target.recorded != PASS:
            return False
        return not self.target.is_met(self.simulated.value, grace * (self.simulated.error or 0.0))

    def json(self) -> dict[str, Any]:
        """The row as plain numbers, texts and lists."""
        target, simulated = self.target, self.simulated
        band = target.published is None
        cause = self.cause
        return {
            "source": target.source,
            "id": target.id,
            "what": target.what,
            "role": target.role,
            "published": [target.low, target.high] if band else target.published,
            "simulated": None if simulated is None else simulated.value,
            "mc_error": None if simulated is None else simulated.error,
            "low": target.low,
            "high": target.high,
            "tolerance": target.tolerance,
            "tolerance_from": target.tolerance_from,
            "unit": target.unit,
            "basis": target.basis,
            "source_quality": target.source_quality,
            "document": target.document,
            "verdict": self.verdict,
            "recorded": target.recorded or None,
            "cause": None if cause is None else cause.json(),
            "tried": [] if simulated is None else [tried.json() for tried in simulated.causes],
            "note": (simulated.note if simulated is not None else "") or self.absent,
        }


def pass_rates(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows that pass, of those that have a verdict, by source and role; never over sources together."""
    counts: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if row.verdict is not None:
            passed, counted = counts.setdefault((row.target.source, row.target.role), [0, 0])
            counts[row.target.source, row.target.role] = [passed + (row.verdict == PASS), counted + 1]
    return [{"source": source, "role": role, "passed": passed, "of": of} for (source, role), (passed, of) in counts.items()]


def rows_of(targets: Iterable[Target], simulated: Mapping[str, Simulated], absent: str = "") -> list[Row]:
    """Put simulated numbers beside the published ones.

    Parameters
    ----------
    targets
        Published numbers.
    simulated
        By the published number's identifier.
    absent
        Why the others have none.

    Raises
    ------
    ValueError
        Where a simulated number belongs to no published one.
    """
    by_id = {target.id: target for target in targets}
    unknown = sorted(set(simulated).difference(by_id))
    if unknown:
        raise ValueError(f"no published number is called {', '.join(unknown)}")
    return [Row(target, simulated.get(name), "" if name in simulated else absent) for name, target in by_id.items()]
