"""Outcomes with public funds made up: a bridge fund that fills up and comes free, a guarantee fund whose book only grows."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simsme.outcomes import FundName, Outcomes
from tests.synthetic_outcomes import synthetic_outcomes

LAYERS = (("local", 0.4), ("provincial", 0.2), ("national", 0.2))
FUNDS = (
    FundName("renewal", "emergency_relending", "bridge"),
    FundName("both", "emergency_relending", "bridge"),
    FundName("both", "guarantee_fund", "guarantee"),
)


def with_funds(outcomes: Outcomes, funds: Sequence[FundName] = FUNDS, *, tight: bool = True, seed: int = 2) -> Outcomes:
    """The outcomes with funds that are too small (or, not `tight`, ten times too large)."""
    rng = np.random.default_rng(seed)
    shape = (len(funds), outcomes.draws, len(outcomes.days))
    guarantees = np.array([fund.kind == "guarantee" for fund in funds])[:, None, None]
    wanted = rng.uniform(0.0, 2e6, shape) * (outcomes.days > 0)
    served = np.minimum(wanted, 1e6) if tight else wanted
    h = np.diff(outcomes.days, prepend=0.0)
    fees = np.cumsum(1e-4 * served, axis=-1)
    losses = np.cumsum(2e-4 * served, axis=-1)
    capital = (1e6 if tight else 1e7) + fees - losses
    leverage = np.where(guarantees[..., 0], 5.0, 1.0) * np.ones(shape[:2])
    book = np.minimum(np.cumsum(0.8 * served, axis=-1), 4.9e6)
    asked = np.cumsum(rng.uniform(0.0, 5.0, (*shape[:2], len(outcomes.report_days))), axis=-1)
    return replace(
        outcomes,
        funds=tuple(funds),
        fund_series={
            "capital": capital,
            "used": np.where(guarantees, book, 0.5 * served),
            "requested": wanted,
            "served": served,
            "passed_over": wanted - served,
            "exhausted_days": np.cumsum(h * (wanted > served), axis=-1),
            "fees": fees,
            "losses": losses,
        },
        fund_firms={"asked": asked, "served": 0.75 * asked, "turned_away": 0.25 * asked},
        fund_leverage=leverage,
        fund_layers=tuple(LAYERS if fund.kind == "guarantee" else () for fund in funds),
    )


def funded(*, tight: bool = True, draws: int = 10, firms: int = 50) -> Outcomes:
    """Synthetic outcomes of five policies, two of them with funds."""
    return with_funds(synthetic_outcomes(draws=draws, firms=firms), tight=tight)
