"""What a search looks for: the best mix of levers that a budget allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.optimization.robust import scores

Mix = tuple[int, ...]
"""The level of every lever, by its position; 0 is off."""


@dataclass(frozen=True)
class Measured:
    """What a mix saves and costs.

    Attributes
    ----------
    values : ndarray, (W,)
        Units saved in each world, mean over draws.
    cost : float
        Public money, mean over worlds and draws.
    """

    values: NDArray[np.float64]
    cost: float


@dataclass(frozen=True)
class Goal:
    """The best mix that a budget allows.

    Attributes
    ----------
    budget : float
        Public money at the most, on average over draws and worlds.
    criterion : str
        One of `simsme.optimization.robust.CRITERIA`.
    world : int, optional
        Only what is saved in this world counts.
    """

    budget: float
    criterion: str = "mean"
    world: int | None = None

    def plain(self, measured: Measured) -> float:
        """What a mix is worth by itself; under regret, which needs the others, its mean over worlds."""
        if self.world is not None:
            return float(measured.values[self.world])
        criterion = "mean" if self.criterion == "regret" else self.criterion
        return float(scores(criterion, measured.values[None, :], measured.values)[0])

    def keys(self, mixes: Sequence[Mix], known: Mapping[Mix, Measured]) -> list[tuple[Any, ...]]:
        """Keys by which mixes are sorted, the best one's the largest.

        Affordable mixes come before others; among these the higher score, then the lower cost, then the fewer levers. Mixes that are too
        dear are sorted by how little they exceed the budget.
        """
        if self.world is None and self.criterion == "regret":
            affordable = [one.values for one in known.values() if one.cost <= self.budget]
            benchmark = np.max(affordable, axis=0) if affordable else known[mixes[0]].values
            judged = scores("regret", np.stack([known[mix].values for mix in mixes]), benchmark).tolist()
        else:
            judged = [self.plain(known[mix]) for mix in mixes]
        return [self._key(mix, known[mix].cost, score) for mix, score in zip(mixes, judged, strict=True)]

    def best(self, mixes: Sequence[Mix], known: Mapping[Mix, Measured]) -> Mix:
        """The best of some mixes."""
        keys = self.keys(mixes, known)
        return mixes[max(range(len(mixes)), key=keys.__getitem__)]

    def ranked(self, mixes: Sequence[Mix], known: Mapping[Mix, Measured]) -> list[Mix]:
        """Mixes from the best on."""
        keys = self.keys(mixes, known)
        return [mixes[place] for place in sorted(range(len(mixes)), key=keys.__getitem__, reverse=True)]

    def _key(self, mix: Mix, cost: float, score: float) -> tuple[Any, ...]:
        affordable = cost <= self.budget
        last = (-same_digits(cost), -sum(level > 0 for level in mix), tuple(-level for level in mix))
        return (affordable, same_digits(score) if affordable else self.budget - cost, *last)


def same_digits(value: float) -> float:
    """A number without the last digits, which depend on the order of adding up and shall not decide between two mixes."""
    return float(f"{value:.10g}")


def told_apart(mixes: Sequence[Mix], known: Mapping[Mix, Measured]) -> list[Mix]:
    """Mixes without those that save and cost the same as an earlier one in every world."""
    found: dict[tuple[float, ...], Mix] = {}
    for mix in mixes:
        measured = known[mix]
        found.setdefault((same_digits(measured.cost), *map(same_digits, measured.values.tolist())), mix)
    return list(found.values())
