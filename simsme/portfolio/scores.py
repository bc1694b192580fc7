"""Scores of every firm of a portfolio: chances, expected loss, and the lever that would do the most for it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.firm_level import Columns, FirmLevel
from simsme.firms import Firms
from simsme.intervals import quantile_ranks, share_interval
from simsme.portfolio.best_levers import of_levers
from simsme.portfolio.by_draw import ByDraw
from simsme.portfolio.errors import error_of_mean, error_of_money

OF_REFERENCE = ("runway_out_by_", "cash_out_by_", "not_trading_on_", "gone_", "median_", "expected_trough")
"""Beginnings of the columns of `simsme.firm_level.FirmLevel.parts` that are taken over as they are."""

MEDIANS = {"median_cash_out_day": "cash_out", "median_exit_day": "exits"}
"""Columns of median days, and the counts of `simsme.firm_level.FirmLevel` from which they are."""


@dataclass(frozen=True)
class Scores:
    """One row a firm, the one at the highest risk first.

    Attributes
    ----------
    columns
        By name, (n,) each: ``rank``, ``firm_id``, ``industry``, ``size``, ``weight``, ``draws``, ``loan``; ``chance_gone`` (by the day of
        the loss), its ``mc_error`` and the ends of its 95 % interval ``chance_gone_low``, ``chance_gone_high``; ``expected_loss`` with
        ``expected_loss_error``, ``expected_loss_low``, ``expected_loss_high``; ``expected_loss_guarantor``, ``expected_loss_bank``; columns
        of the reference in `simsme.firm_level.FirmLevel.parts` whose names begin as in `OF_REFERENCE`; the ends of the intervals of the
        medians, 0 or missing where there are too few draws for one, and ``expected_trough_error``; ``best_lever``, ``best_gain``,
        ``best_gain_error``, ``best_gain_low``, ``best_gain_high``, ``best_support``, ``best_support_error``, ``saved_by_lever``; and for
        each lever ``gain_LEVER`` with ``gain_LEVER_error``.
    levers
        Names of the levers that were tried.
    """

    columns: Columns
    levers: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.columns["firm_id"])

    def records(self, first: int = 0, last: int | None = None) -> list[dict[str, Any]]:
        """Some of the rows as plain data; a number that is missing is None."""
        rows = {name: values[first:last].tolist() for name, values in self.columns.items()}
        return [{name: _plain(values[row]) for name, values in rows.items()} for row in range(len(rows["firm_id"]))]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and np.isnan(value) else value


def score_firms(level: FirmLevel, by_draw: ByDraw, day: str, loss_given_default: NDArray[np.float64], guarantee_share: float) -> Scores:
    """Score all firms.

    Parameters
    ----------
    level
        What happened to each firm under the reference and under a policy for each lever.
    by_draw
        What else was counted of the same run.
    day
        By which of the reported days being gone counts as a loss.
    loss_given_default : (d,) or (1,)
        Share of a loan that is lost with a firm that goes, in each draw; its mean counts.
    guarantee_share
        Share of a loss that the guarantor bears.
    """
    parts = {str(part["policy"][0]): part for part in level.parts()}
    reference = parts[level.policies[level.reference]]
    draws = level.draws
    rows = np.argsort(level.firms.order, kind="stable")
    loan = level.firms.all().loan[rows]
    gone = reference[f"gone_by_{day}"]
    error, interval = np.sqrt(gone * (1.0 - gone) / draws), share_interval(gone, draws)
    lost = float(np.mean(loss_given_default))
    loss = gone * lost * loan
    columns: Columns = {name: reference[name] for name in ("firm_id", "industry", "size", "weight", "draws")}
    columns |= {"loan": loan, "chance_gone": gone, "mc_error": error, "chance_gone_low": interval.low, "chance_gone_high": interval.high}
    columns |= {
        "expected_loss": loss,
        "expected_loss_error": np.hypot(error * lost, gone * (error_of_mean(loss_given_default) or 0.0)) * loan,
        "expected_loss_low": interval.low * lost * loan,
        "expected_loss_high": interval.high * lost * loan,
        "expected_loss_guarantor": guarantee_share * loss,
        "expected_loss_bank": (1.0 - guarantee_share) * loss,
    }
    columns |= {name: values for name, values in reference.items() if name.startswith(OF_REFERENCE)}
    for name, counts in MEDIANS.items():
        columns |= _ends_of_median(name, getattr(level, counts)[level.reference][:, rows], level.ends, draws)
    columns["expected_trough_error"] = error_of_money(by_draw.trough, by_draw.unit, draws)[rows]
    levers = [level.policies[number] for number in by_draw.levers]
    if levers:
        support = np.stack([parts[lever]["expected_support"] for lever in levers])
        support_error = np.stack([error_of_money(sums, by_draw.unit, draws)[rows] for sums in by_draw.support])
        saved, harmed = (counts.sum(axis=1, dtype=np.int64)[:, rows] for counts in (by_draw.saved, by_draw.harmed))
        columns |= of_levers(saved, harmed, draws, levers, support, support_error)
    names = np.argsort(columns["firm_id"].astype(str), kind="stable")
    short = columns[f"cash_out_by_{day}"]
    # the last key sorts first; firms that are alike in everything come by name
    order = names[np.lexsort((-loss[names], -short[names], -gone[names]))]
    ranked: Columns = {"rank": np.arange(1, len(order) + 1)} | {name: values[order] for name, values in columns.items()}
    return Scores(ranked, tuple(levers))


def loans_of(firms: Firms) -> float:
    """All bank loans of a portfolio, weighted."""
    return float((firms.weight * firms.loan).sum())


def _ends_of_median(name: str, counts: NDArray[Any], ends: NDArray[np.float64], draws: int) -> Columns:
    """Ends of the 95 % interval of a median day, (n,) each, by the ranks that it has among the draws.

    Parameters
    ----------
    name
        Of the median's column.
    counts : (s + 1, n)
        Draws in which it happened in a step; the last place is never.
    ends : (s,)
        Days on which steps end.
    draws
        Number of draws.
    """
    so_far, ranks = np.cumsum(counts[:-1], axis=0, dtype=np.int64), quantile_ranks(0.5, draws)

    def day(rank: int) -> NDArray[np.float64]:
        reached = so_far >= rank
        found: NDArray[np.float64] = np.where(reached.any(axis=0), ends[reached.argmax(axis=0)], np.nan)
        return found

    # with too few draws for an end, the day may be any from the first to never
    low = np.zeros(counts.shape[1]) if ranks.low is None else day(ranks.low)
    high = np.full(counts.shape[1], np.nan) if ranks.high is None else day(ranks.high)
    return {f"{name}_low": low, f"{name}_high": high}
