"""How an expected loss is concentrated: in few firms, in few industries."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.portfolio.scores import Scores

TOP = 10


def herfindahl(amounts: NDArray[np.float64]) -> float | None:
    """Sum of squared shares (Herfindahl and Hirschman): 1 / n for n equal parts, 1 where all is one; None where there is nothing."""
    total = float(amounts.sum())
    return float(((amounts / total) ** 2).sum()) if total > 0.0 else None


def concentration_of(scores: Scores) -> dict[str, Any]:
    """Concentration of the expected loss.

    Returns
    -------
    dict
        ``by_firm``: ``herfindahl``, ``top_10_share`` of the ten firms with the largest expected loss. ``by_industry``: ``herfindahl`` and
        ``industries``, the largest first, each with firms, loans and expected loss, weighted, and its shares of both.
    """
    weight, loss, loan = (np.asarray(scores.columns[name], dtype=np.float64) for name in ("weight", "expected_loss", "loan"))
    weighted, loans = weight * loss, weight * loan
    total, largest = float(weighted.sum()), np.sort(weighted)[::-1][:TOP]
    industries = scores.columns["industry"].astype(str)
    rows: list[dict[str, Any]] = []
    for name in np.unique(industries):
        here = industries == name
        rows.append(
            {
                "industry": str(name),
                "firms": float(weight[here].sum()),
                "loans": float(loans[here].sum()),
                "expected_loss": float(weighted[here].sum()),
                "share_of_loans": _share(float(loans[here].sum()), float(loans.sum())),
                "share_of_loss": _share(float(weighted[here].sum()), total),
            }
        )
    rows.sort(key=lambda row: (-row["expected_loss"], row["industry"]))
    return {
        "by_firm": {"herfindahl": herfindahl(weighted), "top_10_share": _share(float(largest.sum()), total)},
        "by_industry": {"herfindahl": herfindahl(np.array([row["expected_loss"] for row in rows])), "industries": rows},
    }


def _share(part: float, total: float) -> float | None:
    return part / total if total > 0.0 else None
