"""How long the cash of a firm lasts: chances by week, weeks until cash is short, and the fan of its cash."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.cash_fan import QUANTILES as SHARES
from simsme.cash_fan import CashFan, fan_of
from simsme.intervals import gain_interval, quantile_ranks, share_interval
from simsme.runway.case import DAYS_OF_WEEK, REPORT_WEEKS, Case
from simsme.runway.lives import Lived


def share(happens: NDArray[np.bool_]) -> dict[str, float]:
    """Share of draws in which something happens, with its Monte Carlo standard error and 95 % interval (Wilson 1927).

    Where no draw has it, or every one, the standard error is 0, which says too much; the interval does not.
    """
    p, draws = float(happens.mean()), happens.size
    interval = share_interval(p, draws)
    return {"share": p, "mc_error": math.sqrt(p * (1.0 - p) / draws), "low": float(interval.low), "high": float(interval.high)}


def paired(differences: NDArray[np.float64]) -> dict[str, float | None]:
    """Mean of a difference taken draw by draw, with its Monte Carlo standard error; none from one draw."""
    draws = differences.size
    error = None if draws < 2 else float(differences.std(ddof=1) / math.sqrt(draws))
    return {"mean": float(differences.mean()), "mc_error": error}


def gain_of(here: NDArray[np.bool_], there: NDArray[np.bool_]) -> dict[str, float | None]:
    """Rise of a chance, taken draw by draw: mean, Monte Carlo standard error, and 95 % interval, which has a width where the error is 0."""
    better, worse = int((here & ~there).sum()), int((there & ~here).sum())
    interval = gain_interval(better, worse, here.size)
    return paired(here.astype(float) - there) | {"low": float(interval.low), "high": float(interval.high)}


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
        """Week in which cash is first short: static, and quantiles over draws with 95 % intervals; null means not within the year.

        Where there are too few draws for an end of an interval, that end is the first week, or not within the year.
        """
        quantiles = {name: self._quantile(of) for name, of in SHARES.items()}
        return {"static": self.static_weeks if math.isfinite(self.static_weeks) else None} | quantiles

    def fan(self) -> CashFan:
        """Cash by week: P10, P50, P90 over draws; a firm that is gone has none."""
        return fan_of(self.cash.T)

    def _quantile(self, of: float) -> dict[str, int | None]:
        """A quantile of the week of the first shortage, and the 95 % interval that its rank among the draws gives."""
        ordered, ranks = np.sort(self.cash_out_week), quantile_ranks(of, self.cash_out_week.size)

        def week(rank: int | None) -> int | None:
            return None if rank is None or ordered[rank - 1] > self.weeks else int(ordered[rank - 1])

        return {"week": week(ranks.of), "low": 1 if ranks.low is None else week(ranks.low), "high": week(ranks.high)}


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
