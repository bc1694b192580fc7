"""Worlds in which public funds matter: loans fall due again and again, firms look for new ones, and funds are too small for all."""

from dataclasses import replace
from typing import Any

import numpy as np

from simsme.levers import EmergencyRelending, GuaranteeFund
from simsme.levers.lever import Lever
from simsme.policy import Policy
from simsme.world import World
from tests.worlds_for_tests import Size, random_world


def relending(**numbers: Any) -> EmergencyRelending:
    """A bridge fund for all, with the numbers of the shipped one but for those given."""
    return EmergencyRelending.model_validate({"take_up": 1.0, **numbers})


def guarantee(**numbers: Any) -> GuaranteeFund:
    """A guarantee fund for all."""
    return GuaranteeFund.model_validate({"take_up": 1.0, **numbers})


CREDIT = {
    "credit": {
        **{"renewal": 0.95, "kappa": 0.9, "norepay": 0.05, "bridge_access": 0.3, "term_days": 60.0, "grace_days": 40.0, "cover_days": 45.0},
        **{
            "apply": 1.0,
            "bank_margin": 0.06,
            "lgd": 0.6,
            "opacity": 0.2,
            "risk_sigma": 0.8,
            "risk_aversion": 0.5,
            "approval_days": 10.0,
            "loan_cap_share": 0.05,
        },
    },
    "exit": {"hope_median": 5.0},
}
SIZE = Size(60, 2, 7, 126, (56,))


def lively_world(seed: int, *policies: Policy, size: Size = SIZE) -> World:
    """A random world in which loans fall due again and again, and firms look for new ones."""
    world = random_world(seed, size, policies, CREDIT)
    firms, rng = world.firms, np.random.default_rng(seed)
    loan = firms.sales * rng.uniform(0.05, 0.3, len(firms))
    due = rng.uniform(3.0, 80.0, len(firms))
    risk = rng.uniform(0.03, 0.3, len(firms))
    return replace(world, firms=replace(firms, loan=loan, loan_due_day=due, cash=firms.cash + 0.1 * loan, default_risk=risk))


def both_funds(queue: str, seed: int, **numbers: Any) -> tuple[Lever, ...]:
    """A bridge fund and a guarantee fund that are too small."""
    rng = np.random.default_rng(seed)
    share = float(rng.uniform(0.005, 0.05))
    cases: dict[str, Any] = {} if seed % 2 else {"cases_per_week": float(rng.uniform(1.0, 6.0))}
    days = float(rng.choice([2.0, 3.42, 9.0, 20.0]))
    first = relending(take_up=0.8, capital_share=share, advance_days=days, queue=queue, **cases, **numbers)
    return first, guarantee(capital_share=0.5 * share, guarantee_max_risk=0.5, queue=queue, **cases, **numbers)
