"""How long the cash of a firm lasts: chances by week, weeks until cash is short, and the fan of its cash."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.cash_fan import CashFan
from simsme.runway.case import DAYS_OF_WEEK, REPORT_WEEKS, Case
from simsme.runway.lives import Lived

SHARES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
NORMAL_95 = 1.959963984540054
"""Half the width of a 95 % interval in standard errors."""


def share(happens: NDArray[np.bool_]) -> dict[str, float]:
    """Share of draws in which something happens, with its Monte Carlo standard error and 95 % interval (Wilson 1927).

    Where no draw has it, or every one, the standard error is 0, which says too much; the interval does not.
    """
    p, draws = float(happens.mean()), happens.size
    squared = NORMAL_95**2 / draws
    middle = (p + squared / 2.0) / (1.0 + squared)
    half = NORMAL_95 / (1.0 + squared) * math.sqrt(p * (1.0 - p) / draws + squared / (4.0 * draws))
    interval = {"low": max(middle - half, 0.0) if p > 0.0 else 0.0, "high": min(middle + half, 1.0) if p < 1.0 else 1.0}
    return {"share": p, "mc_error": math.sqrt(p * (1.0 - p) / draws)} | interval


def paired(differences: NDArray[np.float64]) -> dict[str, float | None]:
    """Mean of a difference taken draw by draw, with its Monte Carlo standard error; none from one draw."""
    draws = differences.size
    error = None if draws < 2 else float(differences.std(ddof=1) / math.sqrt(draws))
    return {"mean": float(differences.mean()), "mc_error": error}


@dataclass(frozen=True)
class Chances:
    """What becomes of one firm over a year, in draws (d).

    Attributes
    ----------
    cash_out_week, exit_week : (d,)
        First week, from 1, in which it is short of cash, or leaves; `weeks` + 1 means not within the year.
    not_trading : (r, d)
        Whether it does not trade at the end of the reported weeks.
    cash : (w + 1, d)
        Its cash.
    static_weeks
        Weeks for which its cash pays fixed costs with no sales at all; infinite without fixed costs.
    """

    weeks: int
    cash_out_week: NDArray[np.int64]
    exit_week: NDArray[np.int64]
    not_trading: NDArray[np.bool_]
    cash: NDArray[np.float64]
    static_weeks: float

    def by_week(self) -> list[dict[str, Any]]:
        """Chances of being short of cash so far, not trading, and gone, by each reported week."""
        found = []
        for position, week in enumerate(REPORT_WEEKS):
            found.append(
                {
                    "week": week,
                    "short_of_cash": share(self.cash_out_week <= week),
                    "not_trading": share(self.not_trading[position]),
                    "gone": share(self.exit_week <= week),
                }
            )
        return found

    def weeks_of_cash(self) -> dict[str, Any]:
        """Week in which cash is first short: static, and quantiles over draws with 95 % intervals; null means not within the year."""
        quantiles = {name: self._quantile(of) for name, of in SHARES.items()}
        return {"static": self.static_weeks if math.isfinite(self.static_weeks) else None} | quantiles

    def fan(self) -> CashFan:
        """Cash by week: P10, P50, P90 over draws; a firm that is gone has none."""
        low, middle, high = np.quantile(self.cash, list(SHARES.values()), axis=1)
        return CashFan(np.arange(self.weeks + 1), low, middle, high, self.cash.mean(axis=1))

    def _quantile(self, of: float) -> dict[str, int | None]:
        """A quantile of the week of the first shortage, and the 95 % interval that its rank among the draws gives."""
        ordered, draws = np.sort(self.cash_out_week), self.cash_out_week.size
        spread = NORMAL_95 * math.sqrt(draws * of * (1.0 - of))
        ranks = {"week": math.ceil(of * draws), "low": math.floor(of * draws - spread), "high": math.ceil(of * draws + spread) + 1}

        def week(rank: int) -> int | None:
            found = int(ordered[min(max(rank, 1), draws) - 1])
            return found if found <= self.weeks else None

        return {name: week(rank) for name, rank in ranks.items()}


def chances_of(case: Case, lived: Lived) -> Chances:
    """Chances of the first variant under the reference."""
    return Chances(
        weeks=lived.weeks,
        cash_out_week=lived.cash_out_week[0, :, 0],
        exit_week=lived.exit_week[0, :, 0],
        not_trading=~lived.trades[0, [week - 1 for week in REPORT_WEEKS], :, 0],
        cash=lived.cash[0, :, :, 0],
        static_weeks=float(case.firms.static_runway_days[0]) / DAYS_OF_WEEK,
    )
