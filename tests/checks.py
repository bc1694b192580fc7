"""What must hold, as plain functions: each returns nothing where it holds and raises :class:`Broken` where it does not.

The tests of healthy code call them, and tests/test_faults.py shows of each of them that it can fail: a defect is switched in, and the
check that guards against it has to see it. A :class:`Recording` keeps every step of every policy, so that the accounts can
be checked firm by firm and step by step, and not only in their totals.
"""

import math
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme import gathering, streams
from simsme.draw_firms import draw_firms
from simsme.engine.accounts import BALANCES, ENTRIES, ITEMS
from simsme.engine.credit import NEVER
from simsme.engine.opening import balances
from simsme.engine.public_funds import SERIES
from simsme.engine.records import Clock, Events, State, Weather
from simsme.engine.simulate import Block, Lives, simulate
from simsme.engine.step import Stepped
from simsme.engine.weather import white_noise
from simsme.firms import Firms
from simsme.flow_of_funds import closure
from simsme.gathering import group_firms
from simsme.levers import kinds
from simsme.outcomes import CAUSES, CLASSES, Outcomes
from simsme.policy import Policy
from simsme.read_firms import read_firms
from simsme.runs import execute, plan_run
from simsme.sales_path import SalesPath
from simsme.scenario import Scenario, load_scenario
from simsme.world import World, shock, shutdowns
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.fund_sizes import levers_with_funds
from simsme.world.reach import rows_of_policy
from simsme.world.timetable import steps_of
from tests.engine_cases import AnyTerms, compare, firms_of, scenario_of
from tests.fund_worlds import both_funds, lively_world
from tests.random_scenarios import Case, random_case
from tests.worlds_for_tests import bare_firm, still_world

Array = NDArray[Any]

MONTH = 365.0 / 12.0
RELATIVE = 1e-9
"""Accounts close to this part of all that flowed."""

ROUND_OFF = 1e-11
"""Part of a year's sales that sums in another order may differ by."""

RANDOM_SEEDS = (1, 2, 5, 21, 44)
CREDIT_SEEDS = (30, 48, 2, 54, 18)
"""Random cases, and cases of credit, in which every fault of tests/faults.py shows that shows in cases."""

OWNED = ("cash", "receivables", "goods", "fixed_assets")
"""Balances that firms own; the others they owe."""


OF_LEVERS = (
    *("order_receivables", "factored", "deferred_tax", "deferred_interest", "compensated", "facility_rate_of"),
    *("refunded", "granted", "innovated", "growth_received", "advanced_publicly", "invested"),
)
"""What levers leave on the books of a firm that is there."""


class Broken(AssertionError):
    """Something that must hold does not."""


def demand(holds: Any, message: str) -> None:
    """Raise Broken unless all of it holds."""
    if not np.all(holds):
        raise Broken(message)


# ------------------------------------------------------------------------------------------------------------------------ recording


@dataclass(frozen=True)
class Moment:
    """One step under one policy; arrays are (draw, firm). The estates of firms that went are in ``after`` and ``booked``."""

    number: int
    policy: int
    clock: Clock
    weather: Weather
    before: State
    after: State
    booked: Mapping[str, Array]
    events: Events


@dataclass(frozen=True)
class Recording:
    """A block that was run, and every step of it."""

    world: World
    block: Block
    lives: Lives
    moments: tuple[Moment, ...]

    @property
    def sales(self) -> Array:
        """Normal sales of each firm, at least 1, as the scale of its money."""
        return np.maximum(self.world.firms.sales, 1.0)

    def of(self, policy: int) -> list[Moment]:
        """The steps under one policy."""
        return [moment for moment in self.moments if moment.policy == policy]


def recorded(world: World, draws: int = 1) -> Recording:
    """Run all firms and policies of a world in the first draws and keep everything."""
    block = world.block(np.arange(draws, dtype=np.uint64), slice(0, len(world.firms.key)))
    shape = block.opening.cash.shape
    numbers = {clock.b: number for number, clock in enumerate(world.steps)}
    moments: list[Moment] = []

    def watch(policy: int, clock: Clock, weather: Weather, before: State, stepped: Stepped) -> None:
        booked = {item: np.broadcast_to(amount, shape) for item, amount in stepped.bookings.items()}
        moments.append(Moment(numbers[clock.b], policy, clock, weather, before, stepped.state, booked, stepped.events))

    with np.errstate(all="ignore"):
        lives = simulate(block, watch)
    return Recording(world, block, lives, tuple(moments))


def credit_case(seed: int, firms: int = 6) -> Case:
    """A random case in which credit is what matters: loans fall due again and again, and three levers overlap for some time.

    Few of the random cases show how levers combine, or a second year of luck.
    """
    case = random_case(seed, firms)
    rng = np.random.default_rng([20240602, seed])
    horizon = case.scenario["time"]["horizon_days"]
    rows = []
    for row in case.firms:
        sales = row["sales"]
        loan = {"loan": sales * rng.uniform(0.03, 0.3), "loan_rate": rng.uniform(0.03, 0.1), "loan_due_day": rng.uniform(5.0, 100.0)}
        costs = {"materials_share": 0.45, "payroll": 0.2 * sales, "social_share": 0.1, "rent": 0.05 * sales, "overheads": 0.05 * sales}
        rows.append(row | loan | costs | {"cash": sales * rng.uniform(0.01, 0.15), "default_risk": rng.uniform(0.01, 0.2)})
    credit = {
        "renewal": 0.7,
        "kappa": 0.6,
        "norepay": 0.15,
        "gap_days": 9.0,
        "term_days": 40.0,
        "bridge_access": 0.5,
        "bridge_call_days": 40.0,
        "grace_days": 20.0,
        "workout": 0.7,
        "cover_days": 40.0,
        "reapply_days": 30.0,
        "apply": 0.6,
        "bank_margin": 0.15,
        "loan_cap_share": 0.05,
        "opacity": 0.8,
    }
    shock = {"duration_days": 60.0, "credit": {"tightening": 0.5, "line_cut": 0.3, "recall_rate": 0.5}}
    scenario = case.scenario | {
        "credit": case.scenario["credit"] | credit,
        "shock": case.scenario["shock"] | shock,
        "adjust": {"cash_factor": 1.0, "volatility_factor": 0.5, "margin_shift": 0.0, "informal_factor": 1.0},
        "exit": case.scenario["exit"]
        | {"hope_median": 0.5, "background_rate": dict.fromkeys(case.scenario["exit"]["background_rate"], 0.1)},
    }
    lifts = {"renewal_lift": 0.3, "kappa_lift": 0.4, "tightening_relief": 0.5, "grace_lift": 0.6}
    levers = [
        _plain_lever(lifts, from_day=0.0, to_day=0.6 * horizon),
        _plain_lever(lifts, from_day=0.1 * horizon, to_day=0.8 * horizon, take_up=0.8),
        _plain_lever({"rolled": 1.0, "roll_days": 30.0}, from_day=0.3 * horizon, to_day=0.5 * horizon, take_up=0.6, delay_days=5.0),
    ]
    return replace(case, scenario=scenario, firms=rows, levers=levers)


def _plain_lever(terms: Mapping[str, float], **window: float) -> dict[str, Any]:
    who: dict[str, Any] = dict.fromkeys(("industries", "sizes", "legal_forms", "max_risk", "min_sales_fall"))
    return who | {"take_up": 1.0, "delay_days": 0.0, "without_bank_arrears": False, "terms": dict(terms)} | window


@cache
def standing_cases() -> tuple[Case, ...]:
    """Cases that stand for all where a check is run for each of many faults: between them they show every fault of the engine."""
    pairs = zip(CREDIT_SEEDS, RANDOM_SEEDS, strict=True)
    return tuple(case for credit, other in pairs for case in (credit_case(credit), random_case(other, 6)))


def recording_of_case(case: Case) -> Recording:
    """A case, recorded; the policies are none and the case's levers."""
    scenario = scenario_of(case, case.seed)
    return recorded(World(scenario, firms_of(case.firms), scenario.policies))


@cache
def ordinary_scenario(firms: int = 120, horizon_days: int = 364, overrides: tuple[str, ...] = ()) -> Scenario:
    """The shipped scenario three-months with few firms."""
    days = ["time.headline_day=56", "time.report_days=[28, 56]"] if horizon_days < 91 else []
    return load_scenario("three-months", [f"population.firms={firms}", f"time.horizon_days={horizon_days}", *days, *overrides]).scenario


@cache
def ordinary_firms(firms: int = 120) -> Firms:
    """The firms of the scenario."""
    population = ordinary_scenario(firms).population
    assert population is not None
    return draw_firms(population)


def ordinary_world(policies: Sequence[Policy] | None = None, firms: int = 120, horizon_days: int = 364) -> World:
    """World of three-months with few firms, under its own policies or others."""
    scenario = ordinary_scenario(firms, horizon_days)
    return World(scenario, ordinary_firms(firms), scenario.policies if policies is None else tuple(policies))


NO_POLICY = Policy(name="none")


def terms_lever(name: str, terms: Mapping[str, float], take_up: float = 1.0, **window: float) -> AnyTerms:
    """A lever that changes some terms."""
    return AnyTerms.model_validate({"name": name, "take_up": take_up, "offered": dict(terms), **window})


# ------------------------------------------------------------------------------------------------------------------------- accounts


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


# --------------------------------------------------------------------------------------------------------------------------- oracle


def check_oracle(cases: Iterable[Case] | None = None) -> None:
    """The engine and the second version of the model agree on every balance and booking of every step."""
    with np.errstate(all="ignore"):
        for case in standing_cases() if cases is None else cases:
            differences = compare(case, case.seed).differences
            demand(not differences, differences[0] if differences else "")


# -------------------------------------------------------------------------------------------------------------------- sums, weights


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
                banks, public, state = _expected_loss(done, moment.after, moment.clock.b)
                _equal_sums(lives.exposure_loss[policy, report], banks, weight, "expected loss")
                _equal_sums(lives.exposure_loss_funds[policy, report], public, weight, "expected loss of funds")
                _equal_sums(lives.exposure_loss_state[policy, report], state, weight, "expected loss of the state")
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
    shares = gathering.weigh(lives, done.world.firms, grouping, ends, block.reported, reference, runway)
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


def _expected_loss(done: Recording, state: State, day: float) -> tuple[Array, Array, Array]:
    """Loss given default times default risk, higher in distress, or the odds of enforcement where a loan is overdue and they are higher.

    Of banks, less what is guaranteed of the new loan and what the state bears of the rest of it; of funds, with that and with advances
    for the days that they are still out; and of the state, with what it is owed until its day.
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
    return loss - borne - compensated, borne + lgd * risk * out, compensated + lgd * risk * state.deferred_tax * until_due


def _equal_sums(found: Array, values: Any, weight: Array, name: str) -> None:
    """Sums over chunks, (draw, chunk), against weight times values, (draw, firm)."""
    values = np.asarray(values, dtype=np.float64)
    for draw in range(found.shape[0]):
        expected = math.fsum(weight * np.broadcast_to(values, (found.shape[0], weight.size))[draw])
        size = math.fsum(weight * np.abs(np.broadcast_to(values, (found.shape[0], weight.size))[draw]))
        demand(abs(math.fsum(found[draw]) - expected) <= 1e-12 * size, f"{name}: the sum is not that of weight times value")


def _close(found: float, expected: float, name: str) -> None:
    demand(abs(found - expected) <= 1e-12, f"{name}: {found!r}, by hand {expected!r}")


# ----------------------------------------------------------------------------------------------------------------------- invariance


def _same_lives(left: Lives, right: Lives, pairs: Iterable[tuple[int, int]], what: str, skip: tuple[str, ...] = ()) -> None:
    """Policies by position in two runs have the same bits."""
    for name in (field.name for field in fields(Lives)):
        if name == "opening":
            demand(np.array_equal(left.opening, right.opening), f"{what}: opening balances differ")
        elif name not in skip and not name.startswith("fund_"):
            for here, there in pairs:
                demand(np.array_equal(getattr(left, name)[here], getattr(right, name)[there]), f"{what}: {name} differs")


def _lives(world: World, draws: int = 2) -> Lives:
    with np.errstate(all="ignore"):
        return simulate(world.block(np.arange(draws, dtype=np.uint64), slice(0, len(world.firms.key))))


HALF = Policy(name="half", levers=(terms_lever("half", {"rolled": 1.0, "roll_days": 300.0}, take_up=0.5),))
ODDS = Policy(name="odds", levers=(terms_lever("odds", {"renewal_lift": 0.7, "kappa_lift": 0.6, "tightening_relief": 0.8}, take_up=0.7),))
BOTH = Policy(name="both", levers=(*HALF.levers, *ODDS.levers))


def check_policy_independence() -> None:
    """Policies that are added, left out or listed elsewhere change no bit of the others."""
    full = (NO_POLICY, HALF, ODDS, BOTH)
    lives = _lives(ordinary_world(full))
    demand((lives.reached_step[1:] < len(ordinary_world().steps)).any(axis=(1, 2)), "a policy that reaches nobody shows nothing")
    for others in ((NO_POLICY,), (NO_POLICY, BOTH), (ODDS, BOTH, HALF, NO_POLICY)):
        pairs = [(full.index(policy), others.index(policy)) for policy in others]
        _same_lives(lives, _lives(ordinary_world(others)), pairs, f"run beside {', '.join(policy.name for policy in others)}")


def check_zero_intensity() -> None:
    """A lever that reaches nobody, changes nothing or is never in force changes no bit, and nobody counts as reached."""
    strong = {"rolled": 1.0, "roll_days": 365.0, "renewal_lift": 1.0, "kappa_lift": 1.0, "tightening_relief": 1.0, "grace_lift": 1.0}
    gentle = {name: value for name, value in strong.items() if "roll" not in name}
    nothing = dict.fromkeys(strong, 0.0)
    idle = [
        NO_POLICY,
        Policy(name="nobody", levers=(terms_lever("nobody", strong, take_up=0.0),)),
        Policy(name="nothing", levers=(terms_lever("nothing", nothing),)),
        Policy(name="afterwards", levers=(terms_lever("afterwards", strong, from_day=1000.0, to_day=2000.0),)),
        Policy(name="too-slow", levers=(terms_lever("too-slow", strong, to_day=40.0, delay_days=41.0),)),
        Policy(name="not-eligible", levers=(AnyTerms.model_validate({"name": "not-eligible", "offered": strong, "max_risk": 0.0}),)),
        *(Policy(name=f"no-{kind}", levers=(lever.model_validate({"kind": kind, "take_up": 0.0}),)) for kind, lever in kinds().items()),
        Policy(name="strong", levers=(terms_lever("strong", strong),)),
        Policy(name="gentle", levers=(terms_lever("gentle", gentle),)),
    ]
    world = ordinary_world(idle)
    lives = _lives(world)
    never = len(world.steps)
    for position, policy in enumerate(idle[:-2]):
        _same_lives(lives, lives, [(0, position)], policy.name)
        demand(lives.reached_step[position] == never, f"{policy.name}: firms are reached")
    demand((lives.reached_step[-2:] < never).any(axis=(1, 2)), "levers of full strength change nothing: the check shows nothing")


def check_order_of_levers() -> None:
    """The order in which a file lists the levers of a policy changes no bit."""
    levers = tuple(
        terms_lever(name, {"renewal_lift": a, "kappa_lift": b, "tightening_relief": c, "grace_lift": d}, take_up=0.8)
        for name, a, b, c, d in (
            ("one", 0.31, 0.17, 0.23, 0.1),
            ("two", 0.07, 0.41, 0.29, 0.2),
            ("three", 0.53, 0.13, 0.37, 0.3),
            ("four", 0.11, 0.19, 0.43, 0.7),
        )
    )
    rolling = tuple(terms_lever(name, {"rolled": 1.0, "roll_days": days}, take_up=0.3) for name, days in (("short", 90.0), ("long", 270.0)))
    mixed = (levers[2], rolling[1], levers[0], rolling[0], levers[3], levers[1])
    orders = [(*levers, *rolling), (*reversed(rolling), *reversed(levers)), mixed]
    policies = (NO_POLICY, *(Policy(name=f"order-{number}", levers=order) for number, order in enumerate(orders)))
    scenario = ordinary_scenario(240, overrides=("credit.kappa=0.3", "credit.norepay=0.0", "credit.workout=1.0"))
    done = recorded(World(scenario, ordinary_firms(240), policies))
    _same_lives(done.lives, done.lives, [(1, 2), (1, 3)], "another order of levers")
    for moments in zip(*(done.of(policy) for policy in range(len(policies))), strict=True):
        _same_state(moments[1].after, moments[2].after, "another order of levers")
        _same_state(moments[1].after, moments[3].after, "another order of levers")
    demand((done.lives.reached_step[1] < len(done.world.steps)).mean() > 0.1, "the levers reach hardly anybody: the check shows nothing")


def _same_state(left: State, right: State, what: str) -> None:
    for name, value in left._asdict().items():
        demand(np.array_equal(np.asarray(value), np.asarray(getattr(right, name))), f"{what}: {name} differs")


def check_take_up_nested() -> None:
    """A higher take-up only adds firms; its share is right; two levers, and two draws, have luck of their own; policies share it."""
    world = ordinary_world()
    numbers = DrawnNumbers(world.scenario, world.scenario.seed, np.arange(50, dtype=np.uint64))
    rows = slice(0, len(world.firms.key))

    def reached(*levers: AnyTerms) -> list[Array]:
        policy = Policy(name="any", levers=levers)
        found = rows_of_policy(policy, numbers, world.firms, rows)
        return [np.broadcast_to(row.reaches, (50, rows.stop)) for row in found]

    before = np.zeros((50, rows.stop), dtype=bool)
    for take_up in (0.0, 0.1, 0.3, 0.6, 0.9, 1.0):
        (now,) = reached(terms_lever("a", {"rolled": 1.0}, take_up=take_up))
        demand(now | ~before, f"firms fall out as take-up rises to {take_up:g}")
        error = math.sqrt(take_up * (1.0 - take_up) / now.size)
        demand(abs(now.mean() - take_up) <= 4.0 * error, f"take-up of {take_up:g} reaches {now.mean():g}")
        before = now
    first, second = reached(terms_lever("a", {"rolled": 1.0}, take_up=0.5), terms_lever("b", {"rolled": 1.0}, take_up=0.5))
    (alone,) = reached(terms_lever("a", {"rolled": 1.0}, take_up=0.5))
    demand(first == alone, "the luck with a lever depends on the levers beside it")
    demand(abs((first & second).mean() - 0.25) < 4.0 * 0.433 / math.sqrt(first.size), "two levers reach the same firms")
    demand(abs((first[0] & first[1]).mean() - 0.25) < 4.0 * 0.433 / math.sqrt(rows.stop), "two draws reach the same firms")


def check_shuffled_firms() -> None:
    """Neither the order of a file nor the presence of other firms in it changes a firm's luck; the order changes no bit at all."""
    scenario = ordinary_scenario(60)
    table = ordinary_firms(60).frame()
    shuffled = np.random.default_rng(7).permutation(len(table))
    with tempfile.TemporaryDirectory() as folder:
        worlds = []
        for name, rows in (("file", np.arange(len(table))), ("shuffled", shuffled), ("some", shuffled[:40])):
            path = Path(folder) / f"{name}.csv"
            table.iloc[rows].to_csv(path, index=False)
            worlds.append(World(scenario, read_firms(path, scenario.population), (NO_POLICY, BOTH)))
    listed, mixed, some = (_lives(world) for world in worlds)
    demand(worlds[0].firms.ids == worlds[1].firms.ids, "the order of the file decides on the order of the firms")
    _same_lives(listed, mixed, [(0, 0), (1, 1)], "another order of the file")
    here = [worlds[0].firms.ids.index(firm) for firm in worlds[2].firms.ids]
    for name in ("exit_step", "cash_out_step", "reached_step", "cause"):
        demand(getattr(listed, name)[..., here] == getattr(some, name), f"{name} depends on which other firms there are")


def check_block_size() -> None:
    """The same bits whatever the blocks of firms and draws, and whatever the number of threads."""
    overrides = ["population.firms=700", "draws=3", "time.horizon_days=56", "time.headline_day=56", "time.report_days=[28, 56]"]
    plan = plan_run("three-months", policies=["renewal", "forbearance"], overrides=overrides)
    firms = ordinary_firms(700)
    with np.errstate(all="ignore"):
        ways = ((1, 8192), (2, 1400), (2, 256))
        whole, cut, small = (execute(plan, jobs=jobs, lanes=lanes, firms=firms).outcomes for jobs, lanes in ways)
    for name, value in _arrays(whole):
        for other in (cut, small):
            demand(np.array_equal(value, dict(_arrays(other))[name], equal_nan=True), f"{name} depends on the blocks")


def _arrays(outcomes: Outcomes) -> Iterator[tuple[str, Array]]:
    for field in fields(Outcomes):
        value = getattr(outcomes, field.name)
        if isinstance(value, np.ndarray):
            yield field.name, value
        elif isinstance(value, dict):
            yield from ((f"{field.name}, {key}", item) for key, item in value.items())


# ------------------------------------------------------------------------------------------------------------------ shock and numbers
# What the oracle is fed and so cannot check: random numbers, depth, shutdowns, gamma noise, paths, steps, liquidation value, uncertain
# numbers.


KNOWN_PHILOX = (
    ((0, 0), 0, 0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((2**64 - 1, 2**32 - 1), 2**32 - 1, 2**64 - 1, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    ((0x85A308D3243F6A88, 0x13198A2E), 0x03707344, 0x299F31D0A4093822, (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)),
)
"""Counter (firm and draw), counter (step and channel), key (seed) and words, as published with Philox4x32-10 (Random123, kat_vectors)."""


def check_streams() -> None:
    """The generator gives its published words, and neither draws nor steps, channels, firms or seeds share luck."""
    for (firm, draw), last, seed, words in KNOWN_PHILOX:
        found = streams.philox(seed, draw, np.array([firm], dtype=np.uint64), last >> 8, last & 0xFF)
        demand(tuple(int(word[0]) for word in found) == words, "words of Philox4x32-10")
    keys = ordinary_firms().key
    draws = np.arange(40, dtype=np.uint64)[:, None]
    plain = streams.uniforms(5, draws, keys, 3, "renewal")
    error = 1.0 / math.sqrt(plain.size)
    demand((plain > 0.0) & (plain < 1.0), "uniform numbers outside (0, 1)")
    demand(abs(plain.mean() - 0.5) < 4.0 * 0.289 * error, "uniform numbers have another mean")
    others = {
        "draw": streams.uniforms(5, draws + np.uint64(1), keys, 3, "renewal"),
        "step": streams.uniforms(5, draws, keys, 4, "renewal"),
        "channel": streams.uniforms(5, draws, keys, 3, "workout"),
        "seed": streams.uniforms(6, draws, keys, 3, "renewal"),
        "firm": np.roll(plain, 1, axis=1),
        "pair": streams.uniforms_pair(5, draws, keys, 3, "renewal")[1],
    }
    for name, other in others.items():
        demand(abs(np.corrcoef(plain.ravel(), other.ravel())[0, 1]) < 4.0 * error, f"luck does not depend on the {name}")
    z = np.array(streams.normals_pair(5, draws, keys, 3, "noise")).reshape(2, -1)
    demand(np.abs(np.cov(z) - np.eye(2)) < 6.0 * error, "normal numbers are not independent with variance 1")
    demand(np.abs(z.mean(axis=1)) < 4.0 * error, "normal numbers have another mean")


def check_depths() -> None:
    """Depths have the stated distribution, and firms of a draw share the stated part of it."""
    world = ordinary_world()
    draws = 400
    numbers = DrawnNumbers(world.scenario, world.scenario.seed, np.arange(draws, dtype=np.uint64))
    depth = shock.depth_of_firms(shock.Shocked(world.scenario, numbers, world.firms, slice(0, len(world.firms.key))))
    low, high, common = 0.2, 0.5, 0.3
    demand((depth >= low) & (depth <= high), "depths outside their limits")
    uniform = (depth - low) / (high - low)
    for p in (0.1, 0.25, 0.5, 0.75, 0.9):
        demand(abs((uniform < p).mean() - p) < 0.04, f"share of depths below the {p:g}-quantile")
    score = np.vectorize(NormalDist().inv_cdf)(np.clip(uniform, 1e-12, 1.0 - 1e-12))
    within = score.var(axis=1, ddof=1).mean()
    between = score.mean(axis=1).var(ddof=1) - within / score.shape[1]
    demand(abs(between - common) < 0.08, f"common part of the depth: {between:g}, stated {common:g}")
    demand(abs(within - (1.0 - common)) < 0.05, f"own part of the depth: {within:g}, stated {1.0 - common:g}")


def check_noise() -> None:
    """White noise has mean 1 and, over a month, the stated coefficient of variation, whatever the step and the distribution."""
    points = 100_000
    z = np.array([NormalDist().inv_cdf((k + 0.5) / points) for k in range(points)])
    for step in (1.0, 7.0, 14.0):
        for volatility in (0.1, 0.4):
            for name, noise_of in (("lognormal", white_noise), ("gamma", shock.gamma_noise)):
                noise = noise_of(np.array(volatility), step, z)
                monthly = math.sqrt(noise.var() * step / MONTH)
                demand(abs(noise.mean() - 1.0) < 0.002, f"{name} noise has mean {noise.mean():g}")
                demand(abs(monthly / volatility - 1.0) < 0.02, f"{name} noise varies by {monthly:g} a month, stated {volatility:g}")
                demand(np.diff(noise) >= 0.0, f"{name} noise does not rise with luck")


def check_shutdowns() -> None:
    """Time lost to shutdowns is what their rate and length make it, begins with the shock, and does not depend on the step."""
    rate, length, days = 6.0, 10.0, 364.0
    keys = ordinary_firms().key
    draws = np.arange(40, dtype=np.uint64)[:, None]

    def lost(step_days: float) -> Array:
        steps = steps_of(step_days, days, ())
        shares = shutdowns.shutdown_shares(3, draws, keys, steps, 28.0, 500.0, np.array(rate), np.array(length))
        demand((shares >= 0.0) & (shares <= 1.0 + 1e-12), "a part of a step lost to shutdowns outside [0, 1]")
        by_day: Array = np.array([clock.h for clock in steps])[:, None, None] * shares
        return by_day

    weekly, daily = lost(7.0), lost(2.0)
    demand(weekly[:4] == 0.0, "shutdowns before the shock")
    demand(np.abs(weekly.sum(axis=0) - daily.sum(axis=0)) < 1e-9, "time lost to shutdowns depends on the step")
    fails, recovers, span = rate / 365.0, 1.0 / length, days - 28.0
    speed = fails + recovers
    expected = fails / speed * (span - (1.0 - math.exp(-speed * span)) / speed)
    found = weekly.sum(axis=0).mean()
    demand(abs(found / expected - 1.0) < 0.04, f"{found:g} days lost to shutdowns, expected {expected:g}")


def check_path() -> None:
    """The mean of a path of sales over some days is the mean of its days; its last week stays."""
    path = SalesPath(file="path.csv", falls={"all": (0.1, 0.5, 0.2), "catering": (0.9, 0.4)})
    for start, end in ((0.0, 7.0), (3.0, 10.0), (5.0, 6.0), (10.0, 40.0), (30.0, 44.0)):
        for name, falls in (("retail", (0.1, 0.5, 0.2)), ("catering", (0.9, 0.4))):
            days = [falls[min(int(day // 7), len(falls) - 1)] for day in range(int(start), int(end))]
            found = float(shock.path_mean(path, (name,), start, end)[0])
            demand(abs(found - math.fsum(days) / len(days)) < 1e-12, f"path of {name} over days {start:g} to {end:g}: {found:g}")


def check_timetable() -> None:
    """Steps follow on each other from day 0 to the horizon, at multiples of the step, and are cut on every reported day."""
    for case in standing_cases():
        scenario, seed = scenario_of(case, case.seed), case.seed
        world = World(scenario, firms_of(case.firms), scenario.policies)
        demand(tuple((clock.a, clock.b) for clock in world.steps) == tuple(case.steps), f"steps of case {seed}")
        demand(all(clock.h == clock.b - clock.a for clock in world.steps), f"length of the steps of case {seed}")
        demand(set(world.report_days) <= {clock.b for clock in world.steps}, f"reported days of case {seed}")


def check_liquidation() -> None:
    """At the liquidation share the bank's loss, over the opening balance sheets without cash, averages the loss given default."""
    world = ordinary_world()
    block, firms = world.block(np.zeros(1, dtype=np.uint64), slice(0, len(world.firms.key))), world.firms
    share, lgd = float(np.ravel(block.rules.liquidation_share)[0]), world.scenario.credit.lgd
    demand(0.0 < share < 1.0, "no liquidation share gives the loss")
    lost, weight = [], []
    for n in range(len(firms.key)):
        if firms.loan[n] > 0.0:
            day = firms.sales[n] / 365.0
            materials = firms.materials_share[n] * day
            stock, payables = materials * firms.inventory_days[n], materials * firms.payable_days[n]
            receivables = firms.credit_sales_share[n] * day * firms.receivable_days[n]
            money = 0.9 * receivables + share * (stock + firms.fixed_assets[n])
            bank = firms.loan[n] * (1.0 + firms.loan_rate[n] / 365.0 * (MONTH - firms.interest_day[n]))
            secured = min(bank, share * firms.fixed_assets[n])
            money -= secured
            people = firms.payroll[n] * (1.0 + firms.social_share[n]) / 365.0 * (MONTH - firms.payday[n])
            tax = (firms.tax_share[n] + firms.vat_share[n]) * day * (MONTH - firms.tax_day[n])
            money = max(money - people - tax, 0.0)
            rent = firms.rent[n] / 365.0 * (MONTH * firms.rent_every_months[n] - firms.rent_day[n])
            claims = bank - secured + payables + rent
            lost.append((bank - secured) * (1.0 - min(money / claims, 1.0) if claims > 0.0 else 0.0) / bank)
            weight.append(firms.weight[n] * firms.loan[n])
    mean = math.fsum(w * loss for w, loss in zip(weight, lost, strict=True)) / math.fsum(weight)
    demand(world.scenario.exit.collectable_share == 0.9, "the check assumes a collectable share of 0.9")
    demand(abs(mean - float(lgd)) < 1e-6, f"the bank loses {mean:g} on average, stated {lgd!r}")  # type: ignore[arg-type]  # a number in three-months


def check_uncertain_numbers() -> None:
    """An uncertain number is drawn once a draw from its distribution, and no two of them share their luck."""
    scenario = ordinary_scenario()
    numbers = DrawnNumbers(scenario, scenario.seed, np.arange(400, dtype=np.uint64))
    names = ("adjust.cash_factor", "adjust.volatility_factor", "adjust.informal_factor", "credit.renewal", "exit.hope_median")
    drawn = {name: np.ravel(numbers.number(name)) for name in names}
    scores = np.array([np.argsort(np.argsort(value)) for value in drawn.values()])
    tied = np.corrcoef(scores) - np.eye(len(names))
    demand(np.abs(tied) < 0.2, "two uncertain numbers share their luck")
    informal, renewal = drawn["adjust.informal_factor"], drawn["credit.renewal"]
    demand((informal >= 0.5) & (informal <= 1.5) & (renewal >= 0.88) & (renewal <= 0.96), "uncertain numbers outside their limits")
    demand(abs(informal.mean() - 1.0) < 0.06 and abs(renewal.mean() - 0.92) < 0.005, "uncertain numbers have another mean")
    alone = DrawnNumbers(scenario, scenario.seed, np.array([17], dtype=np.uint64))
    demand(np.ravel(alone.number("credit.renewal")) == renewal[17], "an uncertain number depends on the draws beside it")


# -------------------------------------------------------------------------------------------------------------------- known answers


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


def _is(found: float, expected: float, what: str) -> None:
    demand(abs(found - expected) < 1e-9 * max(abs(expected), 1.0), f"{what}: {found!r}, by hand {expected!r}")


def check_known_runway() -> None:
    """No sales, no noise, no credit: cash runs out in the step that cash / outflow says."""
    for cash in (150.0, 5_050.0, 10_120.0):
        for step_days in (2, 7):
            done = by_hand({"cash": cash, "overheads": 36_500.0}, {}, step_days=step_days)
            day = cash / 100.0
            found = done.world.steps[int(done.lives.cash_out_step[0, 0, 0])]
            demand(found.a < day <= found.b, f"cash runs out in the days ({found.a:g}, {found.b:g}], by hand on day {day:g}")
            _is(float(done.world.runway_days(np.zeros(1, dtype=np.uint64))[0, 0]), day, "static runway")


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
    _is(plain["rolled_principal"], 0.0, "principal that ran on without the lever")
    _is(renewed["rolled_principal"], 1_000.0, "principal that ran on")
    _is(plain["estate_banks"], 500.0, "what the bank got of the estate")
    _is(plain["lost_by_banks"], 500.0, "what the bank lost")


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
        _is(booked["bridge_lent"], 600.0, "bridge")
        _is(booked["bridge_repaid"], 600.0, "bridge repaid")
        _is(booked["private_fees_expense"], fees, "fees of the bridge")
        owed = float(done.lives.closing[0, -1, BALANCES.index("owed_private")].sum()) / FIRM_WEIGHT
        _is(booked["private_fees_paid"] + owed, fees, "fees paid, or owed by a firm that had no cash in the gap")
        _is(booked["principal_repaid"], 1_000.0, "principal repaid")
        _is(booked["bank_lent"], 1_000.0, "principal lent again")


def check_known_interest() -> None:
    """Interest runs while the bank has money out: until the loan is repaid, and again from the day on which it is lent again."""
    for due, gap in ((60.0, 10.0), (65.5, 20.0)):
        firm = {"cash": 5_000.0, "loan": 1_000.0, "loan_due_day": due, "loan_rate": 0.073}
        done = by_hand(firm, {"kappa": 0.5, "gap_days": gap})
        _is(_sums_of(done, 0)["interest_expense"], 0.0002 * (1_000.0 * due + 500.0 * (182.0 - due - gap)), "interest")


# ---------------------------------------------------------------------------------------------------------------------------- funds


@cache
def fund_world(seed: int) -> World:
    """Firms that compete for two small funds, of each kind one."""
    return lively_world(seed, Policy(name="funds", levers=both_funds("random", seed)))


def check_funds() -> None:
    """The accounts of worlds with funds are in order, no fund has out more than it has, and it has what flowed to it."""
    for seed in (0, 1):
        world = fund_world(seed)
        done = recorded(world, draws=2)
        for check in ACCOUNTS.values():
            check(done)
        check_fund_caps(done)
        check_fund_books(done)


def check_fund_caps(done: Recording) -> None:
    """Advances out at the end of a step, and for how many days in it, stay within the capital of the bridge fund; weights count."""
    weight = done.world.firms.weight
    bridge = [fund.kind for _, fund in levers_with_funds(done.world.policies[1])].index("bridge")
    capital = done.lives.fund_series[bridge, SERIES.index("capital")]
    for moment in done.of(1):
        place = f"on day {moment.clock.b:g}"
        out, days = np.zeros(len(capital[0])), np.zeros(len(capital[0]))
        for before, after in (
            (moment.before.term_loan, moment.after.term_loan),
            (moment.before.new_loan, moment.after.new_loan),
        ):
            out += (weight * after.advance).sum(axis=1)
            open_days = np.minimum(np.where(before.advance > 0.0, before.coming_day, moment.clock.a), moment.clock.b) - moment.clock.a
            days += (weight * before.advance * open_days).sum(axis=1)
            new = np.where((after.advance > 0.0) & (before.advance == 0.0), weight * after.advance, 0.0)
            term = done.block.levers[1][bridge].terms.advance_days
            given_on = np.where(after.advance > 0.0, after.coming_day - term, moment.clock.b)
            days += (new * (moment.clock.b - given_on)).sum(axis=1)
        used = done.lives.fund_series[bridge, SERIES.index("used"), moment.number + 1]
        demand(np.abs(used - out) <= RELATIVE * (1.0 + out), f"what a fund has out is not what firms owe it {place}")
        demand(out <= capital[moment.number + 1] * (1.0 + 1e-8), f"a fund has out more than it has {place}")
        had = capital[moment.number] * moment.clock.h
        demand(days <= had * (1.0 + 1e-8), f"a fund lends for more days than it has money {place}")


def check_fund_books(done: Recording) -> None:
    """What funds won and lost is what the flow of funds says, less what they still have out."""
    gained = done.lives.fund_series[:, SERIES.index("fees")] - done.lives.fund_series[:, SERIES.index("losses")]
    ends = [0.0, *(clock.b for clock in done.world.steps)]
    for report, number in enumerate(done.block.reported):
        booked = dict(zip(ITEMS, done.lives.flows[1, report].sum(axis=-1), strict=True))
        received = sum(
            ((entry.payee == "funds") * 1.0 - (entry.payer == "funds")) * booked[item]
            for item, entry in ENTRIES.items()
            if entry.kind == "flow"
        )
        state = next(moment.after for moment in done.of(1) if moment.number == number)
        out = (done.world.firms.weight * (state.term_loan.advance + state.new_loan.advance)).sum(axis=1)
        gap = gained[:, number + 1].sum(axis=0) - received - out
        demand(np.abs(gap) <= RELATIVE * money_moved(booked), f"books of funds do not agree with the flows on day {ends[number + 1]:g}")
    demand(gained[:, -1].any(), "funds won and lost nothing: the check shows nothing")


def check_known_fund() -> None:
    """A fund of one loan for 20 days serves one of two, the luckier one; the advance costs its fee, and the bank's money repays it."""
    rows = [bare_firm(name, loan=1_000.0, loan_due_day=60.0, cash=100.0, weight=FIRM_WEIGHT) for name in ("one", "two", "three")]
    lever = kinds()["emergency_relending"].model_validate(
        {"kind": "emergency_relending", "take_up": 1.0, "capital": FIRM_WEIGHT * 950.0, "advance_days": 20.0}
    )
    time = {"step_days": 7, "horizon_days": 182, "headline_day": 91, "report_days": (91, 182)}
    policies = [Policy(name="fund", levers=(lever,))]
    done = recorded(still_world(rows, policies, time=time, shock=NO_SALES, credit={"grace_days": 20.0}))
    firms, steps = done.world.firms, done.world.steps
    luck = np.ravel(streams.uniforms(0, 0, firms.key, 0, "queue"))
    stays = done.lives.exit_step[1, 0] == len(steps)
    demand(list(stays) == list(luck == luck.min()), "the fund should serve the first in the queue and nobody else")
    sums = {item: float(done.lives.flows[1, -1, position].sum()) / FIRM_WEIGHT for position, item in enumerate(ITEMS)}
    _is(sums["advance_lent"], 950.0, "advances")
    _is(sums["advance_repaid"], 950.0, "advances repaid")
    _is(sums["fund_fees_paid"], 950.0 * 0.0002 * 20.0, "fee of the fund")
    _is(float(done.lives.fund_series[0, SERIES.index("exhausted_days"), -1, 0]), 28.0, "days on which the fund passed firms over")


def check_known_guarantee() -> None:
    """Refused at a risk of 0.099, and not above 0.10: a guaranteed loan of 100 is lost, the fund pays 80 and guarantees nobody else."""
    credit = {"risk_sigma": 0.8, "opacity": 0.0, "risk_aversion": 0.0, "bank_margin": 0.06, "lgd": 0.55, "apply": 1.0}
    leave = {"patience_days": 14.0, "patience_min_days": 1.0, "patience_supplier_factor": 0.0, "patience_tolerance_days": 0.0}
    outlay = {"overheads": 36_500.0, "weight": FIRM_WEIGHT}
    rows = [
        bare_firm("first", cash=5_000.0, default_risk=0.099, **outlay),
        bare_firm("second", cash=15_000.0, default_risk=0.099, **outlay),
        bare_firm("risky", cash=5_000.0, default_risk=0.11, **outlay),
    ]
    lever = kinds()["guarantee_fund"].model_validate({"kind": "guarantee_fund", "take_up": 1.0, "capital": 1e6})
    time = {"step_days": 7, "horizon_days": 182, "headline_day": 91}
    world = still_world(rows, [Policy(name="fund", levers=(lever,))], time=time, shock=NO_SALES, credit=credit, exit=leave)
    done = recorded(world)
    ever = np.max([moment.after.guaranteed[0] for moment in done.of(1)], axis=0)
    covered = {name: float(cover) for name, cover in zip(world.firms.ids, ever, strict=True)}
    demand(covered["first"] == 0.8, "the first firm should be guaranteed with a cover of 0.8")
    demand(covered["second"] == 0.0, "claims above their limit should stop new guarantees")
    demand(covered["risky"] == 0.0, "a firm above the fund's own limit should get no guarantee")
    sums = {item: float(done.lives.flows[1, -1, position].sum()) / FIRM_WEIGHT for position, item in enumerate(ITEMS)}
    _is(sums["lost_by_banks"], 100.0, "balance written off")
    _is(sums["claims_paid"], 80.0, "claims: cover times the balance written off")


# ------------------------------------------------------------------------------------------------------------------------------- all


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


def _on_cases(check: Callable[[Recording], None]) -> Callable[[], None]:
    """A check of recordings, on the random cases that stand for all."""

    def on_cases() -> None:
        for case in standing_cases():
            check(recording_of_case(case))

    return on_cases


CHECKS: dict[str, Callable[[], None]] = {
    **{name: _on_cases(check) for name, check in ACCOUNTS.items()},
    "flow of funds": check_flow_of_funds,
    "oracle": check_oracle,
    "policy independence": check_policy_independence,
    "zero intensity": check_zero_intensity,
    "order of levers": check_order_of_levers,
    "take-up": check_take_up_nested,
    "shuffled firms": check_shuffled_firms,
    "block size": check_block_size,
    "streams": check_streams,
    "depths": check_depths,
    "noise": check_noise,
    "shutdowns": check_shutdowns,
    "path": check_path,
    "timetable": check_timetable,
    "liquidation": check_liquidation,
    "uncertain numbers": check_uncertain_numbers,
    "known runway": check_known_runway,
    "known renewal": check_known_renewal,
    "known causes": check_known_causes,
    "known bridge": check_known_bridge,
    "known interest": check_known_interest,
    "funds": check_funds,
    "known fund": check_known_fund,
    "known guarantee": check_known_guarantee,
}
"""Every check by name, ready to call."""
