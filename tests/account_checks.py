"""What must hold of the accounts of every firm in every step: money, balances, caps, and what is told of a step."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.engine.accounts import BALANCES, ENTRIES, ITEMS
from simsme.engine.credit import NEVER
from simsme.engine.opening import balances
from simsme.engine.records import State
from simsme.flow_of_funds import closure
from simsme.outcomes import Outcomes
from simsme.runs import execute, plan_run
from tests.demands import Broken, demand
from tests.recordings import Moment, Recording
from tests.sum_checks import check_weights

Array = NDArray[Any]


RELATIVE = 1e-9
"""Accounts close to this part of all that flowed."""

ROUND_OFF = 1e-11
"""Part of a year's sales that sums in another order may differ by."""

OWNED = ("cash", "receivables", "goods", "fixed_assets")
"""Balances that firms own; the others they owe."""


OF_LEVERS = (
    *("order_receivables", "factored", "deferred_tax", "deferred_interest", "compensated", "facility_rate_of"),
    *("put_off_open", "advance_open"),
    *("refunded", "granted", "innovated", "growth_received", "advanced_publicly", "invested"),
)
"""What levers leave on the books of a firm that is there."""


def effect_on(balance: str, booked: Mapping[str, Array], kinds_of_entry: tuple[str, ...] = ("flow", "accrual", "revaluation")) -> Any:
    """What bookings make of a balance, by the chart of accounts."""
    total: Any = 0.0
    for item, entry in ENTRIES.items():
        if entry.kind in kinds_of_entry:
            for changed, sign in entry.changes:
                if changed == balance:
                    total = total + sign * booked.get(item, 0.0)
    return total


def money_moved(booked: Mapping[str, Array]) -> Any:
    """Sum of all flows, whichever way they went."""
    return sum(np.abs(booked.get(item, 0.0)) for item, entry in ENTRIES.items() if entry.kind == "flow")


def check_cash_identity(done: Recording) -> None:
    """The change in a firm's cash is the sum of its flows, every step, to the firm's last bit of round-off."""
    for moment in done.moments:
        gap = moment.after.cash - moment.before.cash - effect_on("cash", moment.booked, ("flow",))
        _small(gap, moment, done, "cash")


def check_closure(done: Recording) -> None:
    """Every balance is what its opening, its flows and its revaluations made of it: firm by firm, by draw, and in total."""
    for moment in done.moments:
        opening, closing = balances(done.block.firm, moment.before), balances(done.block.firm, moment.after)
        for balance in BALANCES:
            _small(closing[balance] - opening[balance] - effect_on(balance, moment.booked), moment, done, balance)
    unknown = {item for moment in done.moments for item in moment.booked} - set(ITEMS)
    demand(not unknown, f"booked under names that no account has: {unknown}")

    flows = np.moveaxis(done.lives.flows.sum(axis=-1), 2, 0)
    booked = dict(zip(ITEMS, flows, strict=True))
    change = np.moveaxis((done.lives.closing - done.lives.opening[None, None]).sum(axis=-1), 2, 0)
    moved = money_moved(booked)
    for balance, by_draw in zip(BALANCES, change, strict=True):
        gap = by_draw - effect_on(balance, booked)
        demand(np.abs(gap) <= RELATIVE * moved, f"{balance}: the matrix of flows does not close in a draw")
        demand(np.abs(gap.sum(axis=-1)) <= RELATIVE * moved.sum(axis=-1), f"{balance}: the matrix of flows does not close in total")


def check_closure_of_outcomes(outcomes: Outcomes) -> None:
    """The published flow of funds closes, by draw and in total."""
    gaps = closure(outcomes)
    demand(gaps.draw <= RELATIVE, f"flow of funds: gap of {gaps.draw:g} of all flows in a draw")
    demand(gaps.total <= RELATIVE, f"flow of funds: gap of {gaps.total:g} of all flows in total")
    demand(np.abs(outcomes.flows).sum() > 0.0, "flow of funds: nothing flowed")


def check_flow_of_funds() -> None:
    """The flow of funds of the shipped scenario closes, under all of its policies."""
    plan = plan_run("three-months", draws=3, overrides=["population.firms=300"])
    check_closure_of_outcomes(execute(plan, jobs=2).outcomes)


def check_equity_identity(done: Recording) -> None:
    """Equity, which moves with profit, is assets less liabilities on day 0 and after every step."""
    _equity_is_net_worth(done, done.block.opening, "on day 0")
    for moment in done.moments:
        _equity_is_net_worth(done, moment.after, f"on day {moment.clock.b:g}, policy {moment.policy}")


def _equity_is_net_worth(done: Recording, state: State, place: str) -> None:
    own = balances(done.block.firm, state)
    demand(set(own) == set(BALANCES), "balances that no account has")
    worth = sum((1.0 if name in OWNED else -1.0) * value for name, value in own.items())
    gross = sum(np.abs(value) for value in own.values())
    demand(np.abs(state.equity - worth) <= RELATIVE * gross + ROUND_OFF * done.sales, f"equity is not assets less liabilities {place}")


def _small(gap: Array, moment: Moment, done: Recording, balance: str) -> None:
    bound = RELATIVE * money_moved(moment.booked) + ROUND_OFF * done.sales
    if not np.all(np.abs(gap) <= bound):
        draw, firm = np.argwhere(~(np.abs(gap) <= bound))[0]
        place = f"{done.world.firms.ids[firm]}, day {moment.clock.b:g}, policy {moment.policy}, draw {draw}"
        raise Broken(f"{balance}: {gap[draw, firm]:g} unaccounted for ({place})")


def check_no_flow_after_exit(done: Recording) -> None:
    """Who has gone owns and owes nothing, pays and gets nothing, trades no more and never comes back."""
    for moment in done.moments:
        place = f"on day {moment.clock.b:g}, policy {moment.policy}"
        gone = done.lives.exit_step[moment.policy] < moment.number
        left = done.lives.exit_step[moment.policy] <= moment.number
        demand((moment.after.alive > 0.0) == ~left, f"alive and not gone are two things {place}")
        for item, amount in moment.booked.items():
            demand(amount[gone] == 0.0, f"{item} of a firm that is gone {place}")
        for balance, value in balances(done.block.firm, moment.after).items():
            demand(value[left] == 0.0, f"{balance} of a firm that is gone {place}")
        for name in ("equity", "owner_funds", "informal_credit", "undelivered", "stock", *OF_LEVERS):
            demand(getattr(moment.after, name)[left] == 0.0, f"{name} of a firm that is gone {place}")
        for loan in (moment.after.term_loan, moment.after.new_loan):
            demand(loan.coming[left] == 0.0, f"bank money for a firm that is gone {place}")
        demand(~np.broadcast_to(moment.events.trades, left.shape)[left], f"a firm that is gone trades {place}")
        demand(np.broadcast_to(moment.events.cause, gone.shape)[gone] == 0.0, f"a firm goes twice {place}")


def check_nonnegative_balances(done: Recording) -> None:
    """No balance, no debt and no booking is ever negative: the sign of an amount stands in the chart of accounts."""
    for moment in done.moments:
        place = f"on day {moment.clock.b:g}, policy {moment.policy}"
        floor = -ROUND_OFF * done.sales
        for item, amount in moment.booked.items():
            demand(amount >= floor, f"{item} is negative {place}")
        values = dict(moment.after._asdict())
        for name in ("equity", "last_application"):
            values.pop(name)
        for group in ("arrears", "term_loan", "new_loan"):
            values |= {f"{group}.{name}": value for name, value in values.pop(group)._asdict().items()}
        for name, value in values.items():
            demand(value >= floor, f"{name} is negative {place}")
        for loan in (moment.after.term_loan, moment.after.new_loan):
            demand(loan.principal >= 0.0, f"principal of a loan is negative {place}")


def check_caps(done: Recording) -> None:
    """What is finite is never exceeded: the line, the owner's and informal funds, a new loan, what is lent again, drawings."""
    rules, firm, sales = done.block.rules, done.block.firm, done.sales
    for policy in range(len(done.world.policies)):
        owner, informal = np.zeros(done.block.opening.cash.shape), np.zeros(done.block.opening.cash.shape)
        for moment in done.of(policy):
            place = f"on day {moment.clock.b:g}, policy {policy}"
            slack = ROUND_OFF * sales
            before, after, booked = moment.before, moment.after, moment.booked
            owner, informal = owner + booked["owner_in"], informal + booked["informal_lent"]
            demand(after.line_drawn <= firm.credit_line + slack, f"more drawn than the credit line {place}")
            demand(owner <= done.block.opening.owner_funds + slack, f"more from the owner than there was {place}")
            demand(informal <= done.block.opening.informal_credit + slack, f"more informal credit than there was {place}")
            granted = moment.events.approved & (after.alive > 0.0)
            demand(~granted | (after.new_loan.coming <= rules.loan_cap_share * sales + slack), f"a new loan above the cap {place}")
            demand(after.asked <= rules.loan_cap_share * sales + slack, f"a guarantee asked for more than the cap {place}")
            for loan in (after.term_loan, after.new_loan):
                demand(loan.advance <= loan.coming + slack, f"an advance above what repays it {place}")
            loans = ((before.term_loan, after.term_loan), (before.new_loan, after.new_loan))
            for (old, new), relent in zip(loans, moment.events.relent, strict=True):
                demand(~relent | (new.coming <= np.maximum(old.principal, old.coming) + slack), f"more lent again than was repaid {place}")
            stays = (booked["drawings"] > 0.0) & (after.alive > 0.0)
            demand(~stays | (after.cash >= rules.drawing_threshold * firm.target_buffer - slack), f"drawn below the threshold {place}")
            waiting = sum(np.asarray(value) for value in after.arrears) > firm.negligible
            for _, loan in loans:
                waiting = waiting | (loan.overdue_day < NEVER)
            demand(~(waiting & stays), f"drawn while a loan is overdue or there are arrears {place}")


def check_events(done: Recording) -> None:
    """What is told of a step is what happened in it: renewals, repayments, bridges, overdue loans, applications and money that came."""
    negligible = done.block.firm.negligible
    for moment in done.moments:
        place = f"on day {moment.clock.b:g}, policy {moment.policy}"
        before, after, booked, events = moment.before, moment.after, moment.booked, moment.events
        stays = after.alive > 0.0
        loans = ((before.term_loan, after.term_loan), (before.new_loan, after.new_loan))
        rolled = sum(np.where(lever, old.principal, 0.0) for (old, _), lever in zip(loans, events.rolled_by_lever, strict=True))
        demand(booked["rolled_principal"] == rolled, f"loans that ran on by a lever {place}")
        deferred = sum(np.where(put_off, old.principal, 0.0) for (old, _), put_off in zip(loans, events.deferred, strict=True))
        demand(booked.get("deferred_principal", 0.0) == deferred, f"loans that were deferred {place}")
        demand(np.abs(booked["bridge_lent"] - sum(events.bridged)) <= ROUND_OFF * done.sales, f"bridges taken {place}")
        demand(booked["bank_lent"] >= sum(events.arrived) - ROUND_OFF * done.sales, f"bank money that came {place}")
        for number, (old, new) in enumerate(loans):
            demand(~events.rolled_by_lever[number] | events.rolled[number], f"loans that ran on {place}")
            performs = (old.principal > 0.0) & (old.overdue_day == NEVER)
            later = stays & performs & (new.due_day > old.due_day) & (new.principal == old.principal) & (booked["principal_repaid"] == 0.0)
            told = events.deferred[number] | events.rolled[number] | events.rescheduled[number]
            demand(~(later & (new.due_day < NEVER)) | told, f"a loan ran on unseen {place}")
            overdue = stays & (new.overdue_day < NEVER) & (old.overdue_day == NEVER)
            demand(~overdue | events.became_overdue[number], f"a loan became overdue unseen {place}")
            demand(
                ~events.repaid[number] | (booked["principal_repaid"] >= old.principal - ROUND_OFF * done.sales), f"a loan repaid {place}"
            )
            demand(~events.relent[number] | events.repaid[number], f"lent again without being repaid {place}")
        demand(~events.approved | events.applied, f"approved without application {place}")
        guaranteed = events.answers.guarantee > 0.0
        granted = stays & (after.new_loan.coming > 0.0) & (before.new_loan.coming == 0.0) & ~events.relent[1] & ~guaranteed
        demand(~stays | (events.approved == granted), f"approved, and nothing granted {place}")
        demand(~(events.repaid[1] & stays) | (after.guaranteed == 0.0), f"a guarantee outlives its loan {place}")
        demand((after.guaranteed == 0.0) | (after.new_loan.principal + after.new_loan.coming > 0.0), f"a guarantee of no loan {place}")
        demand((after.compensated == 0.0) | (after.new_loan.principal + after.new_loan.coming > 0.0), f"compensation of no loan {place}")
        demand((after.compensated == 0.0) | (after.guaranteed == 0.0), f"a loan with two guarantors {place}")
        met = np.abs(after.bridge) <= negligible + sum(events.bridged)
        demand(~(events.call_met & stays) | met, f"a call was met and the bridge stays {place}")
        demand(~events.call_failed | ~stays, f"a call was not met and the firm stays {place}")


ACCOUNTS: dict[str, Callable[[Recording], None]] = {
    "cash identity": check_cash_identity,
    "closure": check_closure,
    "equity": check_equity_identity,
    "no flow after exit": check_no_flow_after_exit,
    "nonnegative balances": check_nonnegative_balances,
    "caps": check_caps,
    "events": check_events,
    "weights": check_weights,
}
"""Checks of a recording."""
