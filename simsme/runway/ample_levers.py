"""Levers as one firm meets them that has them: a fund with money and time for everybody, no review that holds them back."""

from typing import Any

from simsme.firm_columns import MOST_MONEY
from simsme.levers.lever import Lever
from simsme.policy import Policy

_PLENTY: dict[str, Any] = {
    "capital": MOST_MONEY,
    "cases_per_week": float("inf"),
    "claim_limit": 1.0,
    "leverage": MOST_MONEY,
    "review_days": None,
    "start_when": None,
    "stop_when": None,
}


def ample(lever: Lever) -> Lever:
    """Return the lever with money and time for everybody where it has a fund, and in force in its window without review."""
    return lever.model_copy(update={name: value for name, value in _PLENTY.items() if name in type(lever).model_fields})


def given_to_all(lever: Lever) -> Lever:
    """Return the lever as `ample` does, reaching every eligible firm."""
    return ample(lever).model_copy(update={"take_up": 1.0})


def ample_policy(policy: Policy) -> Policy:
    """Return the policy with all its levers as `ample` has them."""
    return policy.model_copy(update={"levers": tuple(ample(lever) for lever in policy.levers)})
