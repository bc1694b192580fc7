"""Numbers that hold for all firms of a draw: how firms behave, what the credit market is like, how strongly the shock bears on it."""

import numpy as np

from simsme.arithmetic import Lanes
from simsme.engine.records import Rules
from simsme.scenario import Scenario
from simsme.world.drawn_numbers import DrawnNumbers

BEHAVIOUR = (
    "materials_elasticity",
    "inventory_adjust_days",
    "demand_smoothing_days",
    "payroll_elasticity",
    "payroll_lag_days",
    "dormant_payroll_share",
    "drawing_days",
    "drawing_threshold",
    "unsold_share_per_year",
)
CREDIT = (
    "renewal_in_arrears",
    "kappa",
    "norepay",
    "gap_days",
    "term_days",
    "bridge_fee_per_day",
    "bridge_access",
    "bridge_call_days",
    "grace_days",
    "workout",
    "cover_days",
    "reapply_days",
    "apply",
    "approval_days",
    "loan_cap_share",
    "informal_rate",
    "bank_margin",
    "lgd",
)
EXIT = ("patience_tolerance_days", "outlook_days", "collectable_share", "stock_share")


def shock_number(scenario: Scenario, numbers: DrawnNumbers, table: str, name: str, off: float) -> Lanes:
    """A number of one of the shock's tables, or the one that has no effect where the table is absent."""
    if scenario.shock is None or getattr(scenario.shock, table) is None:
        return np.asarray(off)
    return numbers.number(f"shock.{table}.{name}")


def rules_of_draw(scenario: Scenario, numbers: DrawnNumbers, liquidation_share: Lanes) -> Rules:
    """Gather the rules that the stages read.

    Parameters
    ----------
    scenario, numbers
        The scenario and its numbers in the draws.
    liquidation_share
        What stock and fixed assets bring when a firm is wound up, share of book value.
    """

    def shock(table: str, name: str, off: float = 0.0) -> Lanes:
        return shock_number(scenario, numbers, table, name, off)

    named = {name: numbers.number(f"behaviour.{name}") for name in BEHAVIOUR}
    named |= {name: numbers.number(f"credit.{name}") for name in CREDIT}
    named |= {name: numbers.number(f"exit.{name}") for name in EXIT}
    return Rules(
        blocked_share=shock("contracts", "blocked_share"),
        contract_delay_days=shock("contracts", "contract_delay_days"),
        receivable_stretch=shock("payment", "receivable_stretch", 1.0),
        bad_debt_share=shock("payment", "bad_debt_share"),
        tightening=shock("credit", "tightening"),
        line_cut=shock("credit", "line_cut"),
        recall_rate=shock("credit", "recall_rate"),
        shock_unsold_share_per_year=shock("unsold", "share_per_year"),
        liquidation_share=liquidation_share,
        **named,
    )
