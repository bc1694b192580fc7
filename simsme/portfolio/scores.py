"""Scores of every firm of a portfolio: chances, expected loss, and the lever that would do the most for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.firm_level import Columns, FirmLevel
from simsme.firms import Firms

NO_LEVER = ""
"""Stands where no lever can be told from none."""

OF_REFERENCE = ("runway_out_by_", "cash_out_by_", "not_trading_on_", "gone_", "median_", "expected_trough")
"""Beginnings of the columns of `simsme.firm_level.FirmLevel.parts` that are taken over as they are."""

NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class Scores:
    """One row a firm, the one at the highest risk first.

    Attributes
    ----------
    columns
        By name, (n,) each: ``rank``, ``firm_id``, ``industry``, ``size``, ``weight``, ``draws``, ``loan``; columns of the reference in
        `simsme.firm_level.FirmLevel.parts` whose names begin as in `OF_REFERENCE`; ``chance_gone`` (by the day of the loss) and its
        ``mc_error``; ``expected_loss``, ``expected_loss_error``, ``expected_loss_guarantor``, ``expected_loss_bank``; ``best_lever``,
        ``best_gain``, ``best_gain_error``, ``best_support``, ``saved_by_lever``; and for each lever ``gain_LEVER``.
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


def score_firms(level: FirmLevel, day: str, loss_given_default: float, guarantee_share: float) -> Scores:
    """Score all firms.

    Parameters
    ----------
    level
        What happened to each firm under the reference and under a policy for each lever.
    day
        By which of the reported days being gone counts as a loss.
    loss_given_default
        Share of a loan that is lost with a firm that goes.
    guarantee_share
        Share of a loss that the guarantor bears.
    """
    parts = {str(part["policy"][0]): part for part in level.parts()}
    reference = parts[level.policies[level.reference]]
    draws = level.draws
    rows = np.argsort(level.firms.order, kind="stable")
    loan = level.firms.loan[rows]
    gone = reference[f"gone_by_{day}"]
    error = np.sqrt(gone * (1.0 - gone) / draws)
    loss = gone * loss_given_default * loan
    levers = [policy for number, policy in enumerate(level.policies) if number != level.reference]
    columns: Columns = {name: reference[name] for name in ("firm_id", "industry", "size", "weight", "draws")}
    columns |= {"loan": loan, "chance_gone": gone, "mc_error": error}
    columns |= {
        "expected_loss": loss,
        "expected_loss_error": error * loss_given_default * loan,
        "expected_loss_guarantor": guarantee_share * loss,
        "expected_loss_bank": (1.0 - guarantee_share) * loss,
    }
    columns |= {name: values for name, values in reference.items() if name.startswith(OF_REFERENCE)}
    columns |= of_levers([parts[lever] for lever in levers], levers, f"{level.days[level.headline]}", draws)
    names = np.argsort(columns["firm_id"].astype(str), kind="stable")
    short = columns[f"cash_out_by_{day}"]
    # the last key sorts first; firms that are alike in everything come by name
    order = names[np.lexsort((-loss[names], -short[names], -gone[names]))]
    ranked: Columns = {"rank": np.arange(1, len(order) + 1)} | {name: values[order] for name, values in columns.items()}
    return Scores(ranked, tuple(levers))


def of_levers(parts: Sequence[Mapping[str, NDArray[Any]]], levers: Sequence[str], headline: str, draws: int) -> Columns:
    """What each lever gains a firm by the headline day, and which gains it the most.

    Parameters
    ----------
    parts
        Columns of `simsme.firm_level.FirmLevel.parts` for each lever.
    levers
        Their names.
    headline
        The headline day, as in the names of columns.
    draws
        Number of draws.
    """
    if not parts:
        return {}
    saved = np.stack([part[f"saved_on_{headline}"] for part in parts])
    harmed = np.stack([part[f"harmed_on_{headline}"] for part in parts])
    gain = saved - harmed
    # paired: in each draw the firm is saved (1), harmed (-1) or neither (0)
    error = np.sqrt(np.maximum(saved + harmed - gain**2, 0.0) / draws)
    best = np.argmax(gain, axis=0)
    firm = np.arange(gain.shape[1])
    told = gain[best, firm] > NORMAL_95 * error[best, firm]
    names = np.array(levers, dtype=object)
    support = np.stack([part["expected_support"] for part in parts])
    return {
        "best_lever": np.where(told, names[best], NO_LEVER),
        "best_gain": gain[best, firm],
        "best_gain_error": error[best, firm],
        "best_support": support[best, firm],
        "saved_by_lever": told,
        **{f"gain_{lever}": gain[number] for number, lever in enumerate(levers)},
    }


def lever_rows(scores: Scores, saved: Mapping[str, NDArray[np.float64]]) -> list[dict[str, Any]]:
    """For each lever: firms for which it is the best, and firms that it saves if every firm has it alone.

    Parameters
    ----------
    scores
        The scores.
    saved
        Firms saved less firms harmed by the headline day in each draw, weighted, by lever, (d,) each.

    Returns
    -------
    list of dict
        ``lever``, ``best_for``, ``firms_saved`` (mean over draws), ``mc_error`` (None from one draw).
    """
    weight = scores.columns["weight"]
    found = []
    for lever, by_draw in saved.items():
        is_best = scores.columns["best_lever"] == lever
        error = float(by_draw.std(ddof=1) / np.sqrt(by_draw.size)) if by_draw.size > 1 else None
        found.append({"lever": lever, "best_for": float(weight[is_best].sum()), "firms_saved": float(by_draw.mean()), "mc_error": error})
    return found


def loans_of(firms: Firms) -> float:
    """All bank loans of a portfolio, weighted."""
    return float((firms.weight * firms.loan).sum())
