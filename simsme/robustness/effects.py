"""Tornado: what each uncertain number changes when it goes from one end of its range to the other, all else as in the scenario."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simsme.costs import critical_value
from simsme.robustness.study import Study, Subject
from simsme.shown_as_table import ShownAsTable


@dataclass(frozen=True)
class Swing:
    """What one number does to one outcome.

    Attributes
    ----------
    subject
        The number.
    at_low, at_high
        Mean of the outcome over draws with the number at either end of its range.
    change_low, change_high
        The same less the outcome with the scenario's own number, paired draw by draw.
    error_low, error_high
        Monte Carlo standard errors of these differences; None with one draw.
    width
        Distance of the lowest from the highest of the three outcomes: how much the number matters.
    width_error
        Monte Carlo standard error of that paired difference; None with one draw.
    clear
        Whether its 95 % interval leaves out zero.
    """

    subject: Subject
    at_low: float
    at_high: float
    change_low: float
    change_high: float
    error_low: float | None
    error_high: float | None
    width: float
    width_error: float | None
    clear: bool

    @property
    def json(self) -> dict[str, Any]:
        """As a table for JSON."""
        subject = self.subject
        return {
            "name": subject.name,
            "text": subject.text,
            "unit": subject.unit,
            "own": subject.own,
            "drawn_by_scenario": subject.drawn,
            "low": {"value": subject.low, "outcome": self.at_low, "change": self.change_low, "mc_error": self.error_low},
            "high": {"value": subject.high, "outcome": self.at_high, "change": self.change_high, "mc_error": self.error_high},
            "width": self.width,
            "width_mc_error": self.width_error,
            "clear": self.clear,
        }


@dataclass(frozen=True, repr=False)
class Tornado(ShownAsTable):
    """Outcomes with each number at either end of its range.

    Attributes
    ----------
    study
        What was studied.
    own : ndarray, (S, D)
        Outcomes of the scenario as it is, by draw.
    low, high : ndarray, (K, S, D)
        Outcomes with one number at the lower and at the upper end of its range.
    """

    study: Study
    own: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def swings(self, outcome: str) -> tuple[Swing, ...]:
        """What each number does to an outcome, the largest width first; ValueError where there is no such outcome."""
        place = self.study.outcome_index(outcome)
        found = [
            swing_of(subject, self.own[place], self.low[number, place], self.high[number, place])
            for number, subject in enumerate(self.study.subjects)
        ]
        return tuple(sorted(found, key=lambda swing: (-swing.width, swing.subject.name)))

    def table(self) -> pd.DataFrame:
        """One row an outcome and number, the largest effect on each outcome first."""
        rows = []
        for outcome in self.study.outcomes:
            for rank, swing in enumerate(self.swings(outcome), start=1):
                entry = swing.json
                ends = {f"{end}_{key}": entry[end][key] for end in ("low", "high") for key in entry[end]}
                rest = {key: item for key, item in entry.items() if key not in ("low", "high", "text")}
                rows.append({"outcome": outcome, "rank": rank} | rest | ends | {"text": entry["text"]})
        return pd.DataFrame(rows)

    def json(self) -> dict[str, Any]:
        """Everything as one object of plain values, as ``simsme sensitivity --json`` prints it; outcomes are shares of firms."""
        outcomes = []
        for place, outcome in enumerate(self.study.outcomes):
            by_draw = self.own[place]
            outcomes.append(
                {
                    "outcome": outcome,
                    "own": {"mean": float(by_draw.mean()), "mc_error": error_of(by_draw)},
                    "parameters": [swing.json for swing in self.swings(outcome)],
                }
            )
        return self.study.json("tornado") | {"outcomes": outcomes}

    def largest(self, count: int) -> tuple[str, ...]:
        """Names of so many numbers that matter most: of each outcome in turn the largest that is not yet chosen."""
        ranked = [[swing.subject.name for swing in self.swings(outcome) if swing.width > 0.0] for outcome in self.study.outcomes]
        chosen: dict[str, None] = {}
        for rank in range(len(self.study.subjects)):
            for names in ranked:
                if rank < len(names) and len(chosen) < count:
                    chosen.setdefault(names[rank])
        return tuple(chosen)


def swing_of(subject: Subject, own: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> Swing:
    """Return what a number does to an outcome.

    Parameters
    ----------
    subject
        The number.
    own, low, high : ndarray, (D,)
        The outcome in the same draws: with the scenario's own number, and at the two ends of its range.
    """
    three = sorted((own, low, high), key=lambda by_draw: float(by_draw.mean()))
    apart = three[-1] - three[0]
    width, error = float(apart.mean()), error_of(apart)
    clear = width > 0.0 and (error is not None and width > critical_value(own.size) * error)
    return Swing(
        subject=subject,
        at_low=float(low.mean()),
        at_high=float(high.mean()),
        change_low=float((low - own).mean()),
        change_high=float((high - own).mean()),
        error_low=error_of(low - own),
        error_high=error_of(high - own),
        width=width,
        width_error=error,
        clear=clear,
    )


def error_of(by_draw: NDArray[np.float64]) -> float | None:
    """Monte Carlo standard error of a mean over draws; None with one draw."""
    return None if by_draw.size == 1 else float(by_draw.std(ddof=1)) / math.sqrt(by_draw.size)
