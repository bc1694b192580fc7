"""Checks of published sums and shares: each is taken again in plain Python from what every firm did."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme import gathering
from simsme.census import take_census
from simsme.engine.accounts import BALANCES, ITEMS
from simsme.engine.credit import NEVER
from simsme.engine.opening import balances
from simsme.engine.records import State
from simsme.gathering import group_firms
from simsme.outcomes import CAUSES, CLASSES
from tests.demands import demand
from tests.recordings import Recording

Array = NDArray[Any]


def check_weights(done: Recording) -> None:
    """Every published sum is the sum over firms of weight times what the firm did, taken again in plain Python."""
    weight = done.world.firms.weight
    lives, block, steps = done.lives, done.block, len(done.world.steps)
    policies, draws, _ = lives.exit_step.shape
    demand(weight.max() > weight.min() or weight[0] != 1.0 or len(weight) == 1, "all weights are 1: nothing to check")

    for policy in range(policies):
        moments = done.of(policy)
        ledger = {item: np.zeros(lives.exit_step.shape[1:]) for item in ITEMS}
        for moment in moments:
            for item, amount in moment.booked.items():
                ledger[item] = ledger[item] + amount
            _equal_sums(lives.trading[policy, moment.number], moment.events.trades, weight, "firms that trade")
            if moment.number in block.reported:
                report = block.reported.index(moment.number)
                for position, item in enumerate(ITEMS):
                    _equal_sums(lives.flows[policy, report, position], ledger[item], weight, item)
                for position, value in enumerate(balances(block.firm, moment.after).values()):
                    _equal_sums(lives.closing[policy, report, position], value, weight, BALANCES[position])
                jobs = block.employees * moment.after.alive * moment.after.staffing
                _equal_sums(lives.jobs[policy, report], jobs, weight, "jobs")
                banks, public, state, financiers = _expected_loss(done, moment.after, moment.clock.b, moment.weather.intensity)
                _equal_sums(lives.exposure_loss[policy, report], banks, weight, "expected loss")
                _equal_sums(lives.exposure_loss_funds[policy, report], public, weight, "expected loss of funds")
                _equal_sums(lives.exposure_loss_state[policy, report], state, weight, "expected loss of the state")
                _equal_sums(lives.exposure_loss_financiers[policy, report], financiers, weight, "expected loss of financiers")
                _equal_sums(lives.open_put_off[policy, report], moment.after.put_off_open, weight, "taxes put off that are open")
                _equal_sums(lives.open_advances[policy, report], moment.after.advance_open, weight, "public advances that are open")
                _equal_sums(lives.open_equity[policy, report], moment.after.growth_received, weight, "public equity that is there")
                insolvent = (moment.after.alive > 0.0) & (moment.after.equity < 0.0)
                demand(lives.insolvent[policy, report] == insolvent, "insolvent firms")
        for name, happens in (
            ("cash_out_step", [moment.events.cash_out for moment in moments]),
            ("exit_step", [moment.events.cause > 0.0 for moment in moments]),
        ):
            flags = np.array([np.broadcast_to(flag, lives.exit_step.shape[1:]) for flag in happens])
            first = np.where(flags.any(axis=0), flags.argmax(axis=0), steps)
            demand(getattr(lives, name)[policy] == first, f"{name} is not the first step in which it happens")

    reference = block.reference
    runway = done.world.runway_days(np.arange(draws, dtype=np.uint64))
    ends = np.array([0.0, *(clock.b for clock in done.world.steps)])
    grouping = group_firms(done.world.firms, ends[-1])
    whole = take_census(done.world.scenario, done.world.policies, done.world.firms).whole
    weighing = gathering.Weighing(whole, policies, draws, ends, block.reported, reference)
    weighing.add(lives, weight, grouping.cells, runway)
    shares = weighing.shares()
    total = math.fsum(weight)

    def share(flags: Array) -> float:
        return math.fsum(weight[np.asarray(flags, dtype=bool)]) / total

    for policy in range(policies):
        for draw in range(draws):
            dead, out = lives.exit_step[policy, draw], lives.cash_out_step[policy, draw]
            there = lives.exit_step[reference, draw]
            for day in range(steps + 1):
                _close(shares.survival["exit"][policy, draw, day], share(dead >= day), "survival, exit")
                _close(shares.survival["cash"][policy, draw, day], share(out >= day), "survival, cash")
                _close(shares.runway[draw, day], share(runway[draw] > ends[day]), "survival, runway")
            for report, number in enumerate(block.reported):
                said = {name: values[policy, draw, report] for name, values in shares.report.items()}
                _close(sum(said[name] for name in CLASSES), 1.0, "fates add up")
                _close(sum(said[name] for name in CAUSES), share(dead <= number), "causes add up")
                _close(said["saved"] - said["harmed"], share(dead > number) - share(there > number), "saved less harmed is the difference")
                _close(said["saved"], share((dead > number) & (there <= number)), "saved")
                _close(said["insolvent"], share(lives.insolvent[policy, report, draw]), "insolvent")
                row = 0
                for _, values, codes in grouping.columns:
                    for code in range(len(values)):
                        members = codes == code
                        if members.any():
                            alive = math.fsum(weight[members & (dead > number)]) / math.fsum(weight[members])
                            _close(shares.group_survival["exit"][policy, draw, report, row], alive, "survival of a group")
                        row += 1


def _expected_loss(done: Recording, state: State, day: float, intensity: Array) -> tuple[Array, Array, Array, Array]:
    """Loss given default times default risk, higher in distress, or the odds of enforcement where a loan is overdue and they are higher.

    Of banks, less what is guaranteed of the new loan and what the state bears of the rest of it; of funds, with that and with advances
    for the days that they are still out; of the state, with what it is owed until its day and its equity, of which nothing is left where
    a firm is insolvent; and of financiers, with bad debt and what receivables do not cover until they are paid.
    """
    firm, rules = done.block.firm, done.block.rules
    owed = balances(firm, state)["owed_banks"]
    overdue = sum(np.where(loan.overdue_day < NEVER, loan.principal, 0.0) for loan in (state.term_loan, state.new_loan))
    in_arrears = sum(np.asarray(value) for value in state.arrears) > firm.negligible
    distressed = (state.cash < rules.cover_days * firm.fixed_outflow) | in_arrears | (state.bridge > 0.0)
    risk = np.minimum(np.where(distressed, done.block.valuation.distress_risk_factor, 1.0) * done.block.default_risk, 1.0)
    lgd = done.block.valuation.lgd
    loss: Array = lgd * ((owed - overdue) * risk + overdue * np.maximum(risk, 1.0 - rules.workout))
    new = state.new_loan
    risk_of_new = np.where(new.overdue_day < NEVER, np.maximum(risk, 1.0 - rules.workout), risk)
    borne = state.guaranteed * lgd * new.principal * risk_of_new
    compensated = state.compensated * (1.0 - state.guaranteed) * lgd * new.principal * risk_of_new
    until_due = np.where(state.deferred_tax > 0.0, np.minimum(state.deferred_tax_day, 1e9) - day, 0.0) / 365.0
    out = sum(
        loan.advance * np.where(loan.advance > 0.0, np.minimum(loan.coming_day, 1e9) - day, 0.0) / 365.0
        for loan in (state.term_loan, state.new_loan)
    )
    equity = np.where(state.equity < 0.0, state.growth_received, state.growth_received * risk)
    of_state = compensated + lgd * risk * state.deferred_tax * until_due + equity
    unpaid = rules.bad_debt_share * intensity * (1.0 - state.recourse_of)
    covered = rules.collectable_share * (state.receivables + state.order_receivables)
    uncovered = np.maximum(state.factored - covered, 0.0)
    of_financiers = np.minimum(state.factored * unpaid + uncovered * risk * firm.receivable_days / 365.0, state.factored)
    return loss - borne - compensated, borne + lgd * risk * out, of_state, of_financiers


def _equal_sums(found: Array, values: Any, weight: Array, name: str) -> None:
    """Sums over chunks, (draw, chunk), against weight times values, (draw, firm)."""
    values = np.asarray(values, dtype=np.float64)
    for draw in range(found.shape[0]):
        expected = math.fsum(weight * np.broadcast_to(values, (found.shape[0], weight.size))[draw])
        size = math.fsum(weight * np.abs(np.broadcast_to(values, (found.shape[0], weight.size))[draw]))
        demand(abs(math.fsum(found[draw]) - expected) <= 1e-12 * size, f"{name}: the sum is not that of weight times value")


def _close(found: float, expected: float, name: str) -> None:
    demand(abs(found - expected) <= 1e-12, f"{name}: {found!r}, by hand {expected!r}")
