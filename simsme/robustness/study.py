"""What a sensitivity study is about: which numbers move, which outcomes are looked at, on which runs."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Subject:
    """A number that moves.

    Attributes
    ----------
    name, text, unit
        Its dotted name, what it means, and its unit.
    own
        The scenario's own number; of what is spread over firms, and of what the scenario draws, the middle.
    low, high
        Ends of the range through which it moves.
    drawn
        Whether the scenario gives it as a distribution; its range is then the middle 95 % of that.
    """

    name: str
    text: str
    unit: str
    own: float
    low: float
    high: float
    drawn: bool = False


@dataclass(frozen=True)
class Study:
    """What was studied.

    Attributes
    ----------
    scenario, digest, reference
        Names; the digest is that of the runs and of the study.
    seed, firms, draws, day, evaluations
        Of the runs: seed, firms and draws of each, day of the outcomes, and how many were made.
    subjects : tuple of Subject, (K,)
        The numbers that move.
    outcomes : tuple of str, (S,)
        ``exit`` and ``cash``: survival under the reference. ``gain:<policy>``: exit survival under a policy less that under the reference.
    """

    scenario: str
    digest: str
    reference: str
    seed: int
    firms: int
    draws: int
    day: float
    evaluations: int
    subjects: tuple[Subject, ...]
    outcomes: tuple[str, ...]

    def outcome_index(self, outcome: str) -> int:
        """Position of an outcome; ValueError where there is no such outcome."""
        if outcome not in self.outcomes:
            raise ValueError(f"no outcome {outcome!r}; there is {', '.join(self.outcomes)}")
        return self.outcomes.index(outcome)

    def json(self, method: str) -> dict[str, Any]:
        """What was studied and by which method, as plain values."""
        return {
            "scenario": self.scenario,
            "digest": self.digest,
            "method": method,
            "reference": self.reference,
            "day": int(self.day) if self.day == int(self.day) else self.day,
            "seed": self.seed,
            "firms": self.firms,
            "draws": self.draws,
            "evaluations": self.evaluations,
        }
