"""How an expected loss is concentrated: in few firms, in few industries."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.portfolio.by_draw import ByDraw
from simsme.portfolio.errors import error_of_mean, error_of_ratio, jackknife
from simsme.portfolio.scores import Scores

TOP = 10


def herfindahl(amounts: NDArray[np.float64]) -> float | None:
    """Sum of squared shares (Herfindahl and Hirschman): 1 / n for n equal parts, 1 where all is one; None where there is nothing."""
    total = float(amounts.sum())
    return float(((amounts / total) ** 2).sum()) if total > 0.0 else None


def concentration_of(scores: Scores, by_draw: ByDraw, losses: NDArray[np.float64]) -> dict[str, Any]:
    """Concentration of the expected loss, each number with its Monte Carlo error.

    Parameters
    ----------
    scores
        Of all firms.
    by_draw
        What was counted for the same firms.
    losses : (d, j)
        Losses of each industry in each draw, see `simsme.portfolio.errors.losses_by_draw`.

    Returns
    -------
    dict
        ``by_firm``: ``herfindahl``, ``top_10_share`` of the ten firms with the largest expected loss. ``by_industry``: ``herfindahl`` and
        ``industries``, the largest first, each with firms, loans and expected loss, weighted, and its shares of both. Names that end with
        ``_error`` are standard errors: of expected losses and their shares over draws, of the others by the jackknife.
    """
    weight, loss, loan = (np.asarray(scores.columns[name], dtype=np.float64) for name in ("weight", "expected_loss", "loan"))
    weighted, loans = weight * loss, weight * loan
    total = float(weighted.sum())
    industries = scores.columns["industry"].astype(str)
    rows: list[dict[str, Any]] = []
    for name in np.unique(industries):
        here, of_draws = industries == name, losses[:, by_draw.industry_names.index(str(name))]
        rows.append(
            {
                "industry": str(name),
                "firms": float(weight[here].sum()),
                "loans": float(loans[here].sum()),
                "expected_loss": float(weighted[here].sum()),
                "expected_loss_error": error_of_mean(of_draws),
                "share_of_loans": _share(float(loans[here].sum()), float(loans.sum())),
                "share_of_loss": _share(float(weighted[here].sum()), total),
                "share_of_loss_error": error_of_ratio(of_draws, losses.sum(axis=1)),
            }
        )
    rows.sort(key=lambda row: (-row["expected_loss"], row["industry"]))
    errors = _errors(by_draw)
    return {
        "by_firm": {
            "herfindahl": herfindahl(weighted),
            "herfindahl_error": errors[0],
            "top_10_share": _share(_largest(weighted), total),
            "top_10_share_error": errors[1],
        },
        "by_industry": {
            "herfindahl": herfindahl(np.array([row["expected_loss"] for row in rows])),
            "herfindahl_error": errors[2],
            "industries": rows,
        },
    }


def _errors(by_draw: ByDraw) -> list[float | None]:
    """Errors of the index and the share of the largest by firm, and of the index by industry; None where a part's draws lose nothing."""
    gone = by_draw.gone.sum(axis=0, dtype=np.int64)

    def statistic(part: int) -> list[float]:
        # the loss given default and the number of draws are the same for all, and leave shares as they are
        amounts = by_draw.owed * (gone - by_draw.gone[part]).astype(np.float64)
        of_industries = np.bincount(by_draw.industry, weights=amounts).astype(np.float64, copy=False)
        found = herfindahl(amounts), _share(_largest(amounts), float(amounts.sum())), herfindahl(of_industries)
        return [np.nan if value is None else value for value in found]

    return [None if error is None or np.isnan(error) else error for error in jackknife(by_draw, statistic)]


def _largest(amounts: NDArray[np.float64]) -> float:
    return float(np.sort(amounts)[::-1][:TOP].sum())


def _share(part: float, total: float) -> float | None:
    return part / total if total > 0.0 else None
