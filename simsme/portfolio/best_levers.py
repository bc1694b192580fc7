"""Which lever would do the most for each firm of a portfolio, as far as the draws can tell it from luck."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.firm_level import Columns
from simsme.intervals import FEWEST_TOLD, beyond_chance, gain_interval
from simsme.portfolio.by_draw import ByDraw
from simsme.portfolio.errors import error_of_mean, jackknife

NO_LEVER = ""
"""Stands where no lever can be told from none."""


def of_levers(
    saved: NDArray[np.int64],
    harmed: NDArray[np.int64],
    draws: int,
    levers: list[str],
    support: NDArray[np.float64],
    support_error: NDArray[np.float64],
) -> Columns:
    """What each lever gains a firm by the headline day, and which gains it the most.

    Parameters
    ----------
    saved, harmed : (l, n)
        Draws in which a lever saves a firm, or harms it.
    draws
        Number of draws.
    levers
        Their names, at least one.
    support, support_error : (l, n)
        Money that the lever moves for the firm, and its standard error.
    """
    best, told = best_levers(saved, harmed)
    at = best, np.arange(best.size)
    gain = saved / draws - harmed / draws
    # paired: in each draw the firm is saved (1), harmed (-1) or neither (0)
    error = np.sqrt(np.maximum((saved + harmed) / draws - gain**2, 0.0) / draws)
    interval = gain_interval(saved[at], harmed[at], draws)
    return {
        "best_lever": np.where(told, np.array(levers, dtype=object)[best], NO_LEVER),
        "best_gain": gain[at],
        "best_gain_error": error[at],
        "best_gain_low": interval.low,
        "best_gain_high": interval.high,
        "best_support": support[at],
        "best_support_error": support_error[at],
        "saved_by_lever": told,
        **{name: values for number, lever in enumerate(levers) for name, values in _named(lever, gain[number], error[number])},
    }


def best_levers(saved: NDArray[np.int64], harmed: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Which lever gains a firm the most, (n,), and whether its gain can be told from luck; arguments as in :func:`of_levers`."""
    best = np.argmax(saved - harmed, axis=0)
    at = best, np.arange(best.size)
    return best, beyond_chance(saved[at], harmed[at])


def lever_answers(by_draw: ByDraw, names: Columns, saved: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
    """For how many firms each lever is the best, how many it saves if every firm has it alone, and for how many any lever helps.

    Parameters
    ----------
    by_draw
        What was counted for the firms.
    names
        Columns ``weight``, ``best_lever`` and ``saved_by_lever`` of their scores; none where no lever was tried.
    saved
        Firms saved less firms harmed by the headline day in each draw, weighted, by lever, (d,) each.

    Returns
    -------
    dict
        ``levers``: for each ``lever``, ``best_for`` with ``best_for_error`` and ``firms_saved`` (mean over draws) with ``mc_error``.
        ``saved_by_one_lever`` with ``saved_by_one_lever_error``: firms that have a best lever; None where none was tried.
        ``smallest_gain_told``: a smaller gain of a firm cannot be told from luck with so many draws; 1 or more: none can. Errors of counts
        are by the jackknife; None from one draw.
    """
    told: dict[str, Any] = {"levers": [], "saved_by_one_lever": None, "saved_by_one_lever_error": None}
    told["smallest_gain_told"] = FEWEST_TOLD / by_draw.draws
    if not saved:
        return told
    all_saved, all_harmed = (counts.sum(axis=1, dtype=np.int64) for counts in (by_draw.saved, by_draw.harmed))

    def statistic(part: int) -> list[float]:
        best, has_one = best_levers(all_saved - by_draw.saved[:, part], all_harmed - by_draw.harmed[:, part])
        counts = [float(by_draw.weight[has_one & (best == number)].sum()) for number in range(len(saved))]
        return [*counts, float(by_draw.weight[has_one].sum())]

    *errors, told["saved_by_one_lever_error"] = jackknife(by_draw, statistic)
    told["saved_by_one_lever"] = float(names["weight"][names["saved_by_lever"]].sum())
    for (lever, of_draws), error in zip(saved.items(), errors, strict=True):
        best_for = float(names["weight"][names["best_lever"] == lever].sum())
        gain = {"firms_saved": float(of_draws.mean()), "mc_error": error_of_mean(of_draws)}
        told["levers"].append({"lever": lever, "best_for": best_for, "best_for_error": error} | gain)
    return told


def _named(lever: str, gain: NDArray[np.float64], error: NDArray[np.float64]) -> tuple[tuple[str, NDArray[np.float64]], ...]:
    return (f"gain_{lever}", gain), (f"gain_{lever}_error", error)
