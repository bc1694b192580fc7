"""Sobol' indices: which part of the variance of an outcome comes from which number, alone and with all others.

The first-order index of a number is the part of the variance that would be gone if it were known; the total index adds all parts that it
shares with others. They are estimated by `scipy.stats.sobol_indices` (Saltelli and others 2010) from values on a low-discrepancy design;
intervals come from resampling the rows of the design.

References
----------
Sobol', I. M. (2001), Global sensitivity indices for nonlinear mathematical models and their Monte Carlo estimates, Mathematics and
Computers in Simulation 55, 271-280.
Saltelli, A., Annoni, P., Azzini, I., Campolongo, F., Ratto, M., Tarantola, S. (2010), Variance based sensitivity analysis of model output,
Computer Physics Communications 181, 259-270.
"""

from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simsme.robustness.screening import Function, Points
from simsme.robustness.study import Study
from simsme.shown_as_table import ShownAsTable

RESAMPLES = 300
"""Resampled designs behind an interval."""

CONFIDENCE = 0.95

_Indices = tuple[NDArray[np.float64], NDArray[np.float64]]
"""First-order and total indices, (S, K) each."""


@dataclass(frozen=True)
class Indices:
    """Sobol' indices with 95 % intervals; NaN for an outcome that does not vary.

    Attributes
    ----------
    first, total : ndarray, (S, K)
        Parts of the variance. Small ones may come out a little below 0.
    first_interval, total_interval : ndarray, (2, S, K)
        Of the estimates, over resampled designs.
    variance : ndarray, (S,)
        Variance of each outcome over the design.
    """

    first: NDArray[np.float64]
    total: NDArray[np.float64]
    first_interval: NDArray[np.float64]
    total_interval: NDArray[np.float64]
    variance: NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Decomposition(ShownAsTable):
    """Sobol' indices of a study; `size` is the number of rows of the design."""

    study: Study
    indices: Indices
    size: int

    def table(self) -> pd.DataFrame:
        """One row an outcome and number, the largest total index of each outcome first."""
        rows = []
        for entry in self.json()["outcomes"]:
            for rank, parameter in enumerate(entry["parameters"], start=1):
                row = {"outcome": entry["outcome"], "rank": rank, "variance": entry["variance"]} | parameter
                for name in ("first", "total"):
                    low, high = row.pop(f"{name}_interval") or (None, None)
                    row |= {f"{name}_low": low, f"{name}_high": high}
                rows.append(row)
        return pd.DataFrame(rows)

    def json(self) -> dict[str, Any]:
        """Everything as one object of plain values; None for the indices of an outcome that does not vary."""
        found = self.indices
        outcomes = []
        for place, outcome in enumerate(self.study.outcomes):
            varies = bool(found.variance[place] > 0.0)
            entries = []
            for number, subject in enumerate(self.study.subjects):
                entry: dict[str, Any] = {"name": subject.name, "text": subject.text, "unit": subject.unit}
                entry |= {"own": subject.own, "low": subject.low, "high": subject.high}
                for name in ("first", "total"):
                    interval = getattr(found, f"{name}_interval")[:, place, number]
                    entry[name] = float(getattr(found, name)[place, number]) if varies else None
                    entry[f"{name}_interval"] = [float(end) for end in interval] if varies else None
                entries.append(entry)
            entries.sort(key=lambda entry: (-(entry["total"] or 0.0), entry["name"]))
            outcomes.append({"outcome": outcome, "variance": float(found.variance[place]), "parameters": entries})
        return self.study.json("sobol") | {"size": self.size, "outcomes": outcomes}


def sobol_indices(function: Function, numbers: int, size: int, seed: int) -> Indices:
    """Find Sobol' indices of outcomes that depend on numbers spread evenly and independently over the unit cube.

    Parameters
    ----------
    function
        Outcomes at places of the unit cube; asked once, for ``size * (numbers + 2)`` places.
    numbers
        How many numbers there are, K.
    size
        Rows of the design, a power of two.
    seed
        Of the design's scrambling and of resampling.
    """
    first_rows, second_rows = design(numbers, size, seed)
    mixed = np.repeat(first_rows[None], numbers, axis=0)
    for number in range(numbers):
        mixed[number, :, number] = second_rows[:, number]
    values = function(np.concatenate([first_rows, second_rows, mixed.reshape(-1, numbers)]))
    a, b = values[:size].T, values[size : 2 * size].T
    ab = values[2 * size :].reshape(numbers, size, -1).transpose(0, 2, 1)
    variance = np.concatenate([a, b], axis=1).var(axis=1)
    varies = variance > 1e-18
    rng = np.random.default_rng([seed, size])
    samples = [_estimate(a[varies], b[varies], ab[:, varies], rng.integers(0, size, size)) for _ in range(RESAMPLES)]
    ends = (0.5 * (1.0 - CONFIDENCE), 0.5 * (1.0 + CONFIDENCE))
    found = _estimate(a[varies], b[varies], ab[:, varies], np.arange(size))

    def whole(part: NDArray[np.float64]) -> NDArray[np.float64]:
        filled = np.full((*part.shape[:-2], len(variance), numbers), np.nan)
        filled[..., varies, :] = part
        return filled

    return Indices(
        first=whole(found[0]),
        total=whole(found[1]),
        first_interval=whole(np.quantile([sample[0] for sample in samples], ends, axis=0)),
        total_interval=whole(np.quantile([sample[1] for sample in samples], ends, axis=0)),
        variance=np.where(varies, variance, 0.0),
    )


def design(numbers: int, size: int, seed: int) -> tuple[Points, Points]:
    """Return two independent sets of places, (size, K) each: one Sobol' sequence in twice the dimensions, scrambled.

    Raises
    ------
    ValueError
        Where the size is no power of two.
    """
    from scipy.stats import qmc

    if size < 2 or size & (size - 1):
        raise ValueError(f"the size must be a power of two, not {size}")
    rng = np.random.default_rng([seed, 0])
    # the argument has had two names; scrambling makes pairs of dimensions even, which a plain sequence leaves to much larger sizes
    named_rng = "rng" in signature(qmc.Sobol).parameters
    sequence = qmc.Sobol(d=2 * numbers, rng=rng) if named_rng else qmc.Sobol(d=2 * numbers, seed=rng)
    both = sequence.random(size)
    return both[:, :numbers], both[:, numbers:]


def _estimate(a: NDArray[np.float64], b: NDArray[np.float64], ab: NDArray[np.float64], rows: NDArray[np.int64]) -> _Indices:
    """Indices from outcomes at some rows of the design: `a`, `b` (S, n) and `ab` (K, S, n)."""
    from scipy import stats

    shape = len(a), len(ab)
    if not len(a):
        return np.empty(shape), np.empty(shape)
    found = stats.sobol_indices(func={"f_A": a[:, rows], "f_B": b[:, rows], "f_AB": ab[:, :, rows]}, n=len(rows))
    # scipy leaves out axes of length 1
    return np.reshape(found.first_order, shape), np.reshape(found.total_order, shape)
