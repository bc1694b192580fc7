"""The cash of one firm week by week: the middle of the draws, and what nine in ten stay above or below."""

import csv
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class CashFan:
    """Quantiles over draws of cash at the end of each week, (w,) each, week 0 first.

    The band says how far draws spread (luck and the shock), not how well the quantiles are known.
    """

    week: NDArray[np.int64]
    p10: NDArray[np.float64]
    p50: NDArray[np.float64]
    p90: NDArray[np.float64]
    mean: NDArray[np.float64]

    def csv(self) -> str:
        """One row a week: week, p10, p50, p90, mean."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("week", "p10", "p50", "p90", "mean"))
        for week, *money in zip(self.week, self.p10, self.p50, self.p90, self.mean, strict=True):
            writer.writerow([int(week), *(f"{round(float(value), 2) + 0.0:.2f}" for value in money)])
        return text.getvalue()
