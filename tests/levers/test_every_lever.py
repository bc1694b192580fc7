"""What holds for every kind of lever: one that reaches nobody, or has nothing to give, changes nothing to the last bit."""

from typing import Any

import numpy as np
import pytest

from simsme.levers import Lever, kinds
from simsme.outcomes import Outcomes
from simsme.policy import Policy
from simsme.world import World
from tests.recordings import NO_POLICY, ordinary_firms, ordinary_scenario
from tests.worlds_for_tests import in_draws, of_policy, outcomes_of_world

NOTHING_TO_GIVE: dict[str, dict[str, float]] = {
    "contract_enforcement": {"stretch_relief": 0.0, "bad_debt_relief": 0.0},
    "credit_information": {"opacity_relief": 0.0, "approval_relief": 0.0, "programme_cost": 0.0},
    "debt_deferral": {"until_day": 0.0, "interest_share": 0.0},
    "digital_transformation": {"outlay_share": 0.0, "outlay_subsidy": 0.0, "materials_saving": 0.0, "sales_lift": 0.0},
    "emergency_relending": {"advance_share": 0.0},
    "fair_access": {"sales_lift": 0.0, "opacity_relief": 0.0},
    "grant": {"sales_share": 0.0, "amount": 0.0},
    "growth_fund": {"sales_share": 0.0, "risk_discount": 0.0},
    "guarantee_fund": {"guarantee_max_risk": 0.0},
    "innovation_support": {"sales_share": 0.0, "spent_share": 0.0, "sales_lift": 0.0},
    "interest_subsidy": {"subsidy_share": 0.0},
    "large_firm_orders": {"sales_share": 0.0},
    "lending_forbearance": {"renewal_lift": 0.0, "kappa_lift": 0.0, "tightening_relief": 0.0, "grace_lift": 0.0},
    "loan_renewal": {"term_days": 0.0, "take_up": 0.0},
    "policy_awareness": {"take_up_factor": 1.0, "outlook_lift": 0.0, "programme_cost": 0.0},
    "prompt_payment": {"buyer_share": 0.0},
    "public_services": {"paid_share": 0.0},
    "receivables_finance": {"confirmed_share": 0.0},
    "relending_facility": {"rate_cut": 0.0},
    "rent_relief": {"waived_share": 0.0},
    "risk_compensation": {"loss_share": 0.0},
    "social_insurance_relief": {"waived_share": 0.0, "deferred_share": 0.0},
    "streamlined_service": {"delay_cut": 0.0, "approval_relief": 0.0, "programme_cost": 0.0},
    "targeted_closure": {"closure_relief": 0.0},
    "tax_deferral": {"deferred_share": 0.0},
    "tax_refund": {"refund_share": 0.0},
    "training": {"labour_relief": 0.0, "programme_cost": 0.0},
    "wage_subsidy": {"subsidy_share": 0.0, "retention": 0.0},
}
"""Numbers with which a lever of a kind reaches everybody and gives nothing."""

SHIPPED = [kind for kind, lever in kinds().items() if lever.__module__.startswith("simsme.")]


def lever_of(kind: str, **numbers: Any) -> Lever:
    """A lever with everybody's take-up and other numbers, past the checks of a file."""
    return kinds()[kind].model_validate({"kind": kind}).model_copy(update={"take_up": 1.0, **numbers})


@pytest.fixture(scope="module")
def idle() -> Outcomes:
    """All kinds of lever in ways in which they do nothing, each in a policy of its own, and the policy without levers."""
    policies = [NO_POLICY]
    for kind in SHIPPED:
        policies += [
            Policy(name=f"nobody-{kind}", levers=(lever_of(kind, take_up=0.0),)),
            Policy(name=f"nothing-{kind}", levers=(lever_of(kind, **NOTHING_TO_GIVE[kind]),)),
        ]
    policies += [
        Policy(name="nobody", levers=tuple(lever_of(kind, take_up=0.0) for kind in SHIPPED)),
        Policy(name="nothing", levers=tuple(lever_of(kind, **NOTHING_TO_GIVE[kind]) for kind in SHIPPED)),
    ]
    scenario = ordinary_scenario(60, 182, overrides=("time.report_days=[28, 91, 182]",))
    return outcomes_of_world(in_draws(World(scenario, ordinary_firms(60), tuple(policies)), 3))


def test_every_kind_is_tried() -> None:
    assert set(NOTHING_TO_GIVE) == set(SHIPPED)


@pytest.mark.parametrize("policy", [f"{how}-{kind}" for kind in SHIPPED for how in ("nobody", "nothing")] + ["nobody", "nothing"])
def test_a_lever_that_reaches_nobody_or_gives_nothing_changes_no_bit(policy: str, idle: Outcomes) -> None:
    plain, found = of_policy(idle, "none"), of_policy(idle, policy)
    assert [name for name in plain if not np.array_equal(plain[name], found[name], equal_nan=True)] == []
