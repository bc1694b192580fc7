"""Morris screening: elementary effects of each number at many places, where all the other numbers are off too.

Numbers stand on a scale from 0 to 1, the share of worlds in which they are lower. A trajectory starts at a random place of a grid and moves
one number after the other by two thirds of the scale, in random order; each move is an elementary effect. The mean of their absolute
values (mu*) tells how much a number matters, their standard deviation (sigma) how much that depends on the others or on where it stands.

References
----------
Morris, M. D. (1991), Factorial sampling plans for preliminary computational experiments, Technometrics 33, 161-174.
Campolongo, F., Cariboni, J., Saltelli, A. (2007), An effective screening design for sensitivity analysis of large models, Environmental
Modelling & Software 22, 1509-1518.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simsme.robustness.study import Study
from simsme.shown_as_table import ShownAsTable

Points = NDArray[np.float64]
"""Places on the scale of each number, (N, K)."""

Function = Callable[[Points], NDArray[np.float64]]
"""Outcomes at places, (N, S)."""

LEVELS = 4
"""Places on the scale of a number: 0, 1/3, 2/3, 1."""

STEP = LEVELS / (2 * (LEVELS - 1))
"""Length of a move."""


@dataclass(frozen=True)
class Effects:
    """Elementary effects, (trajectories, K, S), in units of the outcomes over the whole scale."""

    effects: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean effect (mu), (K, S); its sign says which way the number pushes."""
        return np.asarray(self.effects.mean(axis=0))

    @property
    def mean_error(self) -> NDArray[np.float64]:
        """Standard error of `mean` over trajectories, (K, S)."""
        return np.asarray(self.effects.std(axis=0, ddof=1) / math.sqrt(len(self.effects)))

    @property
    def size(self) -> NDArray[np.float64]:
        """Mean of absolute effects (mu*), (K, S)."""
        return np.asarray(np.abs(self.effects).mean(axis=0))

    @property
    def size_error(self) -> NDArray[np.float64]:
        """Standard error of `size` over trajectories, (K, S)."""
        return np.asarray(np.abs(self.effects).std(axis=0, ddof=1) / math.sqrt(len(self.effects)))

    @property
    def spread(self) -> NDArray[np.float64]:
        """Standard deviation of effects (sigma), (K, S)."""
        return np.asarray(self.effects.std(axis=0, ddof=1))

    @property
    def spread_error(self) -> NDArray[np.float64]:
        """Standard error of `spread` over trajectories, by the jackknife, (K, S); NaN with two."""
        count = len(self.effects)
        if count < 3:
            return np.full(self.effects.shape[1:], np.nan)
        without = np.stack([np.delete(self.effects, walk, axis=0).std(axis=0, ddof=1) for walk in range(count)])
        return np.asarray(np.sqrt((count - 1) * without.var(axis=0)))


@dataclass(frozen=True, repr=False)
class Screening(ShownAsTable):
    """Morris screening of a study."""

    study: Study
    effects: Effects

    def table(self) -> pd.DataFrame:
        """One row an outcome and number, the largest mu* of each outcome first."""
        rows = [
            {"outcome": entry["outcome"], "rank": rank} | parameter
            for entry in self.json()["outcomes"]
            for rank, parameter in enumerate(entry["parameters"], start=1)
        ]
        return pd.DataFrame(rows)

    def json(self) -> dict[str, Any]:
        """Everything as one object of plain values; effects are shares of firms."""
        outcomes = []
        for place, outcome in enumerate(self.study.outcomes):
            entries = [self._entry(number, place) for number in range(len(self.study.subjects))]
            entries.sort(key=lambda entry: (-entry["mu_star"], entry["name"]))
            outcomes.append({"outcome": outcome, "parameters": entries})
        return self.study.json("morris") | {"trajectories": len(self.effects.effects), "outcomes": outcomes}

    @cached_property
    def _spread_errors(self) -> NDArray[np.float64]:
        return self.effects.spread_error

    def _entry(self, number: int, place: int) -> dict[str, Any]:
        subject, effects, spread_errors = self.study.subjects[number], self.effects, self._spread_errors
        return {
            "name": subject.name,
            "text": subject.text,
            "unit": subject.unit,
            "own": subject.own,
            "low": subject.low,
            "high": subject.high,
            "mu_star": float(effects.size[number, place]),
            "mu_star_error": float(effects.size_error[number, place]),
            "mu": float(effects.mean[number, place]),
            "mu_error": float(effects.mean_error[number, place]),
            "sigma": float(effects.spread[number, place]),
            "sigma_error": None if math.isnan(spread_errors[number, place]) else float(spread_errors[number, place]),
        }


def elementary_effects(function: Function, numbers: int, trajectories: int, seed: int) -> Effects:
    """Find elementary effects.

    Parameters
    ----------
    function
        Outcomes at places of the unit cube.
    numbers
        How many numbers there are, K.
    trajectories
        2 or more; a trajectory is the same however many there are.
    seed
        Of the trajectories.
    """
    walks = [trajectory(numbers, seed, number) for number in range(trajectories)]
    outcomes = function(np.concatenate([places for places, _ in walks]))
    effects = np.empty((trajectories, numbers, outcomes.shape[1]))
    for number, (places, order) in enumerate(walks):
        here = outcomes[number * (numbers + 1) : (number + 1) * (numbers + 1)]
        moves = np.diff(places, axis=0)[np.arange(numbers), order]
        effects[number, order] = np.diff(here, axis=0) / moves[:, None]
    return Effects(effects)


def trajectory(numbers: int, seed: int, number: int) -> tuple[Points, NDArray[np.int64]]:
    """Return the places of a trajectory, (K + 1, K), and the number that each move moves, (K,)."""
    rng = np.random.default_rng([seed, number])
    start = rng.integers(0, LEVELS, numbers) / (LEVELS - 1)
    order = rng.permutation(numbers)
    places = np.tile(start, (numbers + 1, 1))
    for move, moved in enumerate(order):
        places[move + 1 :, moved] = start[moved] + STEP if start[moved] < 0.5 else start[moved] - STEP
    return np.clip(places, 0.0, 1.0), order
