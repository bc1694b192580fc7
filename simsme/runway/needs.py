"""How much one firm needs: cash or credit line for a chance of survival, the last day to apply for a loan, the fall of sales it stands."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.intervals import NORMAL_95, share_interval
from simsme.runway.case import DAYS_OF_WEEK, Case
from simsme.runway.chances import Chances
from simsme.runway.lives import Lived, Variant

TARGETS = (0.90, 0.95, 0.99)
WEEKS_OF_OUTLAYS = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 9.0, 13.0, 26.0)
"""Levels of cash below the firm's own, and of cash or line on top of its own, in weeks of normal outlays."""

FALLS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
ROUND_OFF = 1e-9
ENDPOINTS = ("not_gone", "not_short")


@dataclass(frozen=True)
class Crossing:
    """Where a chance crosses a target, with the 95 % interval that the Monte Carlo error leaves.

    ``value`` is None where it does not within the levels that were tried; ``at_most``: the lowest level is enough already.
    """

    value: float | None
    low: float | None
    high: float | None
    at_most: bool = False

    def json(self) -> dict[str, Any]:
        """As plain data."""
        return {"value": self.value, "low": self.low, "high": self.high, "at_most": self.at_most}


def crossing(levels: NDArray[np.float64], chances: NDArray[np.float64], target: float, draws: int) -> Crossing:
    """Where chances that rise with the level reach a target, straight between levels.

    Parameters
    ----------
    levels, chances : (k,)
        Levels in rising order, and shares of draws.
    target
        Share to be reached.
    draws
        Number of draws; the interval is where chances with 1.96 standard errors more and less reach the target.
    """
    # more never hurts but for luck in the third digit: what was reached stays reached
    rising = np.maximum.accumulate(chances)
    error = NORMAL_95 * math.sqrt(target * (1.0 - target) / draws)

    def where(wanted: float) -> float | None:
        reached = np.flatnonzero(rising >= wanted - ROUND_OFF)
        if reached.size == 0:
            return None
        first = int(reached[0])
        if first == 0:
            return float(levels[0])
        below, above = rising[first - 1], rising[first]
        return float(levels[first - 1] + (levels[first] - levels[first - 1]) * (wanted - below) / (above - below))

    return Crossing(where(target), where(target - error), where(target + error), bool(rising[0] >= target - ROUND_OFF))


@dataclass(frozen=True)
class Levels:
    """Variants of a firm along one quantity.

    Attributes
    ----------
    name
        ``cash``, ``credit_line`` or ``sales_fall``.
    levels : (k,)
        The quantity, rising.
    variants
        The firm at each level.
    """

    name: str
    levels: NDArray[np.float64]
    variants: tuple[Variant, ...]

    def chances(self, lived: Lived, first: int, endpoint: str) -> NDArray[np.float64]:
        """Share of draws in which the firm is not gone, or never short of cash, at each level; `first` is the first variant's place."""
        weeks = lived.exit_week if endpoint == "not_gone" else lived.cash_out_week
        found: NDArray[np.float64] = (weeks[0, :, first : first + len(self.levels)] > lived.weeks).mean(axis=0)
        return found


def levels_of(case: Case) -> tuple[Levels, ...]:
    """Levels of cash (in all), of credit line (in all) and, where the scenario has a fall of sales, of that."""
    firm = case.firms
    cash, line = float(firm.cash[0]), float(firm.credit_line[0])
    outlays = float(firm.fixed_outflow[0] + (firm.materials_share[0] + firm.tax_share[0]) * firm.sales[0]) / 365.0 * DAYS_OF_WEEK
    more = np.array(WEEKS_OF_OUTLAYS) * outlays
    of_cash = np.unique(np.concatenate([[0.0, cash], more[more < cash], cash + more]))
    of_line = np.unique(np.concatenate([[0.0, line], line + more]))
    found = [
        Levels("cash", of_cash, tuple(Variant({"cash": float(level)}, own_books=True) for level in of_cash)),
        Levels("credit_line", of_line, tuple(Variant({"credit_line": float(level)}, own_books=True) for level in of_line)),
    ]
    if has_fall(case):
        found.append(Levels("sales_fall", np.array(FALLS), tuple(Variant(sales_fall=fall) for fall in FALLS)))
    return tuple(found)


def has_fall(case: Case) -> bool:
    """Whether the scenario has a fall of sales whose depth can be varied."""
    shock = case.scenario.shock
    return shock is not None and shock.sales is not None and shock.sales.path is None


def needs_of(levels: Sequence[Levels], lived: Lived, firsts: Sequence[int]) -> dict[str, Any]:
    """Cash and credit line for each target, and the fall of sales at which either chance drops below one half.

    Parameters
    ----------
    levels
        See `levels_of`.
    lived
        All their variants under the reference.
    firsts
        Place of the first variant of each.
    """
    draws = lived.exit_week.shape[1]
    found: dict[str, Any] = {}
    for along, first in zip(levels, firsts, strict=True):
        chances = {endpoint: along.chances(lived, first, endpoint) for endpoint in ENDPOINTS}
        tried = {"levels": along.levels.tolist()} | {endpoint: values.tolist() for endpoint, values in chances.items()}
        for endpoint, values in chances.items():
            interval = share_interval(values, draws)
            tried |= {f"{endpoint}_low": interval.low.tolist(), f"{endpoint}_high": interval.high.tolist()}
        if along.name == "sales_fall":
            # the chance falls with the level: seen from the other end it rises
            half = {endpoint: _mirrored(crossing(-along.levels[::-1], values[::-1], 0.5, draws)) for endpoint, values in chances.items()}
            found[along.name] = {"half": {endpoint: found_at.json() for endpoint, found_at in half.items()}, "tried": tried}
            continue
        targets = [
            {"target": target} | {endpoint: crossing(along.levels, values, target, draws).json() for endpoint, values in chances.items()}
            for target in TARGETS
        ]
        found[along.name] = {"targets": targets, "tried": tried}
    return found


def _mirrored(found: Crossing) -> Crossing:
    def turned(value: float | None) -> float | None:
        return None if value is None else abs(value)

    # an even chance at the deepest fall means that no fall is too deep
    if found.at_most:
        return Crossing(None, None, None, at_most=True)
    return Crossing(turned(found.value), turned(found.high), turned(found.low))


def latest_days(chances: Chances, delay_days: float) -> list[dict[str, Any]]:
    """Last day on which to apply for money that takes `delay_days`, for each target.

    Money is in time where it is there before the week in which cash is first short begins. The last safe week is the last one by whose end
    cash is short in no more than 1 - target of the draws; the interval takes that share with 1.96 standard errors more and less.

    Returns
    -------
    list of dict
        ``target``; ``arrive_by_day`` and ``apply_by_day`` (days from the start; null: there is time until the end of the year and beyond;
        below 0: it is too late by so many days); ``low`` and ``high`` of the latter.
    """
    draws = chances.cash_out_week.size
    by_week = np.array([(chances.cash_out_week <= week).mean() for week in range(chances.weeks + 1)])
    found: list[dict[str, Any]] = []
    for target in TARGETS:
        error = NORMAL_95 * math.sqrt(target * (1.0 - target) / draws)
        weeks = [_last_week(by_week, 1.0 - target + more) for more in (0.0, -error, error)]
        arrive = None if weeks[0] is None else float(weeks[0] * DAYS_OF_WEEK)
        apply_by, low, high = (None if week is None else week * DAYS_OF_WEEK - delay_days for week in weeks)
        found.append({"target": target, "arrive_by_day": arrive, "apply_by_day": apply_by, "low": low, "high": high})
    return found


def _last_week(by_week: NDArray[np.float64], allowed: float) -> int | None:
    """Last week by whose end no more than a share of draws is short; None where that is the last week of all."""
    # 1 - 0.9 is a little less than a tenth; where so few draws tell nothing, only week 0, by which nobody is short, is safe
    safe = int(np.flatnonzero(by_week <= allowed + ROUND_OFF).max(initial=0))
    return None if safe == len(by_week) - 1 else safe
