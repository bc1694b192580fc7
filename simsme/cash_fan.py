"""The cash of one firm week by week: the middle of the draws, and what nine in ten stay above or below."""

import csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.intervals import quantile_ranks

QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}

Ends = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True)
class CashFan:
    """Quantiles over draws of cash at the end of each week, (w,) each, week 0 first.

    The band says how far draws spread (luck and the shock), not how well the quantiles are known: that say the intervals.

    Attributes
    ----------
    week
        Numbers of the weeks.
    p10, p50, p90, mean
        Over draws.
    mc_error
        Monte Carlo standard error of the mean; NaN from one draw.
    intervals
        95 % intervals of the quantiles, by name: both ends, by ranks; NaN where there are too few draws for an end.
    """

    week: NDArray[np.int64]
    p10: NDArray[np.float64]
    p50: NDArray[np.float64]
    p90: NDArray[np.float64]
    mean: NDArray[np.float64]
    mc_error: NDArray[np.float64]
    intervals: dict[str, Ends]

    @property
    def columns(self) -> dict[str, NDArray[Any]]:
        """All of it by name of column: week, p10, p50, p90, mean, mc_error, and for each quantile its ``_low`` and ``_high``."""
        plain = {name: getattr(self, name) for name in ("week", *QUANTILES, "mean", "mc_error")}
        ends = {f"{name}_{end}": values for name, both in self.intervals.items() for end, values in zip(("low", "high"), both, strict=True)}
        return plain | ends

    def csv(self) -> str:
        """One row a week: :attr:`columns`, money in cents, nothing where there are too few draws."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        for week, *money in zip(*self.columns.values(), strict=True):
            writer.writerow([int(week), *("" if np.isnan(value) else f"{round(float(value), 2) + 0.0:.2f}" for value in money)])
        return text.getvalue()


def fan_of(cash: NDArray[np.float64]) -> CashFan:
    """The fan of cash in each draw at the end of each week, (d, w)."""
    quantiles = {name: np.asarray(np.quantile(cash, share, axis=0)) for name, share in QUANTILES.items()}
    ends = {name: quantile_ends(cash, share) for name, share in QUANTILES.items()}
    return CashFan(np.arange(cash.shape[1]), **quantiles, mean=cash.mean(axis=0), mc_error=mean_error(cash), intervals=ends)


def mean_error(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Monte Carlo standard errors of the means over draws of numbers, (d, w) to (w,); NaN from one draw."""
    if len(values) < 2:
        return np.full(values.shape[1], np.nan)
    errors: NDArray[np.float64] = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    return errors


def quantile_ends(values: NDArray[np.float64], share: float) -> Ends:
    """Both ends of the 95 % intervals of a quantile over draws of numbers, (d, w) to (w,), by ranks; NaN with too few draws for an end."""
    ordered, ranks = np.sort(values, axis=0), quantile_ranks(share, len(values))
    low, high = (np.full(values.shape[1], np.nan) if rank is None else ordered[rank - 1] for rank in (ranks.low, ranks.high))
    return low, high
