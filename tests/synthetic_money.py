"""Outcomes with levers' money made up: bookings added to books that stay closed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from simsme.engine.accounts import BALANCES, ENTRIES, ITEMS
from simsme.outcomes import LeverName, Outcomes
from tests.synthetic_outcomes import synthetic_outcomes

LEVERS = {
    "subsidy": (("wage_subsidy", ("wage_subsidy",)),),
    "relief": (("rent_relief", ("rent_relief", "rent_state_share")), ("social_insurance_relief", ("social_relief",))),
    "orders": (("fair_access", ("demand_lift",)), ("large_firm_orders", ("order_demand",))),
    "all": (
        ("credit_information", ("approval_relief", "programme_cost")),
        ("grant:needy", ("grant_share",)),
        ("grant:small", ("grant_amount",)),
        ("training", ("labour_relief", "programme_cost")),
        ("wage_subsidy", ("wage_subsidy",)),
    ),
}
"""Label and terms of each lever of each policy but the reference."""


def booked(outcomes: Outcomes, policy: int, amounts: Mapping[str, Any]) -> Outcomes:
    """The outcomes with more booked under a policy on every reported day, a number or one a draw, and the balances that follow."""
    flows, balances = outcomes.flows.copy(), outcomes.balances.copy()
    for item, amount in amounts.items():
        more = np.broadcast_to(np.asarray(amount, dtype=np.float64), outcomes.flows.shape[1])[:, None]
        flows[policy, :, :, ITEMS.index(item)] += more
        for balance, sign in ENTRIES[item].changes if item in ENTRIES else ():
            balances[policy, :, :, BALANCES.index(balance)] += sign * more
    return replace(outcomes, flows=flows, balances=balances)


def with_levers(outcomes: Outcomes, levers: Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]) -> Outcomes:
    """The outcomes with other levers behind the policies."""
    named = tuple(
        LeverName(policy, label, label.partition(":")[0], terms) for policy, of_policy in levers.items() for label, terms in of_policy
    )
    return replace(outcomes, levers=named)


def blank(policies: tuple[str, ...] = ("none", "both"), draws: int = 4, firms: int = 60) -> Outcomes:
    """Outcomes without any money."""
    outcomes = synthetic_outcomes(policies, draws=draws, firms=firms)
    empty = {name: np.zeros_like(getattr(outcomes, name)) for name in ("flows", "balances", "opening")}
    losses = ("exposure_loss", "exposure_loss_funds", "exposure_loss_state", "exposure_loss_financiers")
    return replace(outcomes, **empty, **{name: np.zeros_like(getattr(outcomes, name)) for name in losses})


def costly(draws: int = 20, firms: int = 200) -> Outcomes:
    """Four policies that pay for what they do."""
    outcomes = with_levers(synthetic_outcomes(("none", *LEVERS), draws=draws, firms=firms), LEVERS)
    saved = {p: outcomes.report["saved"][p, :, -1] for p in range(5)}
    outcomes = booked(outcomes, 1, {"wage_subsidies": 3e6 + 1e6 * saved[1], "tax_expense": 1e6 * saved[1], "tax_paid": 5e5 * saved[1]})
    outcomes = booked(outcomes, 2, {"rent_waived": 2e6, "rent_expense": -2e6, "rent_compensation": 1e6, "social_waived": 4e5})
    outcomes = booked(outcomes, 3, {"order_sales": 5e6, "lifted_sales": 2e6, "cash_sales": 7e6})
    outcomes = booked(outcomes, 4, {"grants": 4e6, "wage_subsidies": 3e6, "programme_costs": 1e5, "public_advances": 8e5})
    shares = {item: np.full((5, draws, len(outcomes.report_days)), share) for item, share in (("order_sales", 0.25), ("lifted_sales", 1.0))}
    return replace(outcomes, displaced=shares)
