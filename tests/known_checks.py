"""Checks of single firms whose fate is worked out by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simsme.engine.accounts import BALANCES, ITEMS
from simsme.outcomes import CAUSES
from simsme.policy import Policy
from tests.demands import demand, demand_equal
from tests.engine_cases import AnyTerms
from tests.recordings import Recording, recorded, terms_lever
from tests.worlds_for_tests import bare_firm, still_world

FIRM_WEIGHT = 2.0
"""Weight of the one firm whose fate is worked out by hand: sums that forget it are seen."""


NO_SALES: dict[str, Any] = {"duration_days": 3650.0, "sales": {"depth": 1.0, "scar": 0.0}}


def by_hand(
    firm: Mapping[str, Any],
    credit: Mapping[str, Any],
    levers: Sequence[AnyTerms] = (),
    step_days: int = 7,
    leave: Mapping[str, Any] | None = None,
) -> Recording:
    """One firm without sales in a still world, under none and under a policy of levers."""
    time = {"step_days": step_days, "horizon_days": 182, "headline_day": 91, "report_days": (91, 182)}
    row = bare_firm(weight=FIRM_WEIGHT, **firm)
    return recorded(
        still_world([row], [Policy(name="lever", levers=tuple(levers))], time=time, shock=NO_SALES, credit=credit, exit=leave or {})
    )


def _sums_of(done: Recording, policy: int) -> dict[str, float]:
    """All that the firm booked by the last day, by item."""
    return {item: float(done.lives.flows[policy, -1, position].sum()) / FIRM_WEIGHT for position, item in enumerate(ITEMS)}


def check_known_runway() -> None:
    """No sales, no noise, no credit: cash runs out in the step that cash / outflow says."""
    for cash in (150.0, 5_050.0, 10_120.0):
        for step_days in (2, 7):
            done = by_hand({"cash": cash, "overheads": 36_500.0}, {}, step_days=step_days)
            day = cash / 100.0
            found = done.world.steps[int(done.lives.cash_out_step[0, 0, 0])]
            demand(found.a < day <= found.b, f"cash runs out in the days ({found.a:g}, {found.b:g}], by hand on day {day:g}")
            demand_equal(float(done.world.runway_days(np.zeros(1, dtype=np.uint64))[0, 0]), day, "static runway")


def check_known_renewal() -> None:
    """A loan is all there is. It cannot be repaid and is enforced when grace ends; renewed, the firm lives on without it being due."""
    lever = terms_lever("renewal", {"rolled": 1.0, "roll_days": 365.0})
    done = by_hand({"cash": 500.0, "loan": 1_000.0, "loan_due_day": 60.0}, {"grace_days": 30.0}, [lever])
    steps, lives = done.world.steps, done.lives
    never = len(steps)
    out, gone = int(lives.cash_out_step[0, 0, 0]), int(lives.exit_step[0, 0, 0])
    demand(out < never and steps[out].a < 60.0 <= steps[out].b, "cash is not short in the step of day 60, when the loan is due")
    demand(gone < never and steps[gone].a < 90.0 <= steps[gone].b, "the loan is not enforced in the step of day 90")
    demand(lives.cause[0, 0, 0] == 1 + CAUSES.index("loan"), "the firm goes for another reason than its loan")
    demand(lives.exit_step[1] == never, "the firm goes though its loan was renewed")
    demand(lives.cash_out_step[1] == never, "cash is short though the loan was renewed")
    plain, renewed = _sums_of(done, 0), _sums_of(done, 1)
    demand_equal(plain["rolled_principal"], 0.0, "principal that ran on without the lever")
    demand_equal(renewed["rolled_principal"], 1_000.0, "principal that ran on")
    demand_equal(plain["estate_banks"], 500.0, "what the bank got of the estate")
    demand_equal(plain["lost_by_banks"], 500.0, "what the bank lost")


def check_known_causes() -> None:
    """Several causes in one step: creditors' patience comes before an enforced loan, the loan before the owner's giving up."""
    firm = {"overheads": 36_500.0, "loan": 1_000.0, "loan_due_day": 5.0}
    impatient, hopeless = {"patience_days": 5.0, "patience_min_days": 1.0, "patience_supplier_factor": 0.0}, {"hope_median": 1e-6}
    patient = {"patience_days": 1e4}
    for expected, grace, leave in (
        ("patience", 0.0, impatient | hopeless),
        ("loan", 0.0, patient | hopeless),
        ("owner", 100.0, patient | hopeless),
        ("patience", 0.0, impatient),
    ):
        done = by_hand(firm, {"grace_days": grace}, step_days=14, leave=leave)
        demand(done.lives.exit_step[0] == 0, f"the firm should go in the first step, by {expected}")
        demand(done.lives.cause[0] == 1 + CAUSES.index(expected), f"the firm should go by {expected}")


def check_known_bridge() -> None:
    """A bridge of B for d days costs B times d times the fee, once; then the bank's money repays it."""
    for gap in (10.0, 4.0, 16.5):
        credit = {"bridge_access": 1.0, "gap_days": gap, "bridge_fee_per_day": 0.002}
        done = by_hand({"cash": 400.0, "loan": 1_000.0, "loan_due_day": 60.0}, credit)
        booked = _sums_of(done, 0)
        fees = 600.0 * 0.002 * gap
        demand_equal(booked["bridge_lent"], 600.0, "bridge")
        demand_equal(booked["bridge_repaid"], 600.0, "bridge repaid")
        demand_equal(booked["private_fees_expense"], fees, "fees of the bridge")
        owed = float(done.lives.closing[0, -1, BALANCES.index("owed_private")].sum()) / FIRM_WEIGHT
        demand_equal(booked["private_fees_paid"] + owed, fees, "fees paid, or owed by a firm that had no cash in the gap")
        demand_equal(booked["principal_repaid"], 1_000.0, "principal repaid")
        demand_equal(booked["bank_lent"], 1_000.0, "principal lent again")


def check_known_interest() -> None:
    """Interest runs while the bank has money out: until the loan is repaid, and again from the day on which it is lent again."""
    for due, gap in ((60.0, 10.0), (65.5, 20.0)):
        firm = {"cash": 5_000.0, "loan": 1_000.0, "loan_due_day": due, "loan_rate": 0.073}
        done = by_hand(firm, {"kappa": 0.5, "gap_days": gap})
        demand_equal(_sums_of(done, 0)["interest_expense"], 0.0002 * (1_000.0 * due + 500.0 * (182.0 - due - gap)), "interest")
