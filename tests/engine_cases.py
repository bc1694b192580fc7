"""The engine and the oracle on the same case: one world, its luck read off the streams, every balance and booking of every step."""

import datetime
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from simsme.engine.accounts import ITEMS
from simsme.engine.public_funds import FIRMS, SERIES
from simsme.engine.records import CAUSES, Answers, Clock, State, Weather
from simsme.engine.simulate import Block, Lives, simulate
from simsme.engine.step import Stepped
from simsme.firms import Firms
from simsme.levers import EmergencyRelending, GuaranteeFund
from simsme.levers.lever import Lever
from simsme.policy import Policy
from simsme.sales_path import SalesPath
from simsme.scenario import Scenario
from simsme.streams import firm_key, name_key, normals, normals_pair, uniforms
from simsme.world import World
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.shock import Shocked, depth_of_firms, gamma_noise, path_mean, shutdowns_of_firms
from tests import oracle
from tests.oracle_funds import Fund
from tests.random_scenarios import INDUSTRIES, LEGAL_FORMS, SIZES, Case

YEARLY = ("renewal", "norepay", "apply", "approval", "workout")
ONCE = ("closure", "reopening", "cost_pressure", "labour", "line", "bridge", "bridge_call", "recall", "other")


class AnyTerms(Lever):
    """A lever that changes whatever terms a test wants."""

    kind: Literal["any_terms"] = "any_terms"
    offered: dict[str, float]

    def terms(self) -> Mapping[str, float]:
        """The terms as given."""
        return self.offered


def firms_of(rows: list[dict[str, Any]]) -> Firms:
    """Firms in canonical order from plain rows."""
    keys = [firm_key(row["firm_id"]) for row in rows]
    ordered = [rows[position] for position in np.argsort(np.array(keys, dtype=np.uint64))]
    codes = {"industry": INDUSTRIES, "size": SIZES, "legal_form": LEGAL_FORMS, "region": ("all",)}
    columns = {name: np.array([float(row[name]) for row in ordered]) for name in ordered[0] if name not in (*codes, "firm_id")}
    return Firms(
        ids=tuple(row["firm_id"] for row in ordered),
        key=np.sort(np.array(keys, dtype=np.uint64)),
        order=np.arange(len(rows)),
        **{name: np.array([names.index(row[name]) for row in ordered]) for name, names in codes.items()},
        **{f"{name}_names": names for name, names in codes.items()},
        **columns,
        filled=MappingProxyType({}),
    )


def scenario_of(case: Case, seed: int) -> Scenario:
    """The case's tables as a scenario."""
    tables = {name: case.scenario[name] for name in ("adjust", "sales", "behaviour", "credit", "exit")}
    tables["sales"] = {name: value for name, value in tables["sales"].items() if value is not None}
    if "contagion" in case.scenario:
        tables["contagion"] = case.scenario["contagion"]
    time = dict(case.scenario["time"])
    shock = case.scenario["shock"]
    if shock is not None:
        shock = {name: value for name, value in shock.items() if value is not None}
        if "sales" in shock:
            shock["sales"] = (
                {"path": SalesPath(file="path.csv", falls={name: tuple(falls) for name, falls in case.path.items()})}
                if case.path is not None
                else shock["sales"] | {"depth": {"dist": "uniform", "low": 0.0, "high": 0.97, "common": 0.4}}
            )
        tables["shock"] = shock
    start = datetime.date.fromisoformat(time.pop("start_date"))
    whole = {name: int(time[name]) or 1 for name in ("step_days", "horizon_days", "headline_day")}
    days = [int(day) for day in time["report_days"]]
    levers = tuple(lever_of(case, number) for number in range(len(case.levers)))
    return Scenario.model_validate(
        {
            "name": "case",
            "seed": seed,
            "draws": 1,
            "population": {},
            "time": {"start_date": start, **whole, "report_days": days},
            "policy": [{"name": "none"}, Policy(name="levers", levers=levers)],
            **tables,
        }
    )


def lever_of(case: Case, number: int) -> Lever:
    """A lever of a case; that of a fund is one of the package's own, its capital is a share of what falls due in every third case."""
    given = {key: value for key, value in case.levers[number].items() if value is not None and value != math.inf}
    terms, kind = dict(given.pop("terms")), given.pop("kind", "any_terms")
    if kind == "any_terms":
        return AnyTerms(name=f"lever{number}", offered=terms, **given)
    given.pop("label")
    falls_due = sum(row["weight"] * row["loan"] for row in case.firms if row["loan_due_day"] <= 365.0)
    if case.seed % 3 == 0 and given["capital"] <= falls_due:
        given["capital_share"] = given.pop("capital") / falls_due
    if kind == "emergency_relending":
        return EmergencyRelending(**given, **terms)
    terms.pop("cover")
    return GuaranteeFund(**given, **terms)


@dataclass
class Record:
    """Everything that the engine did under one policy: states after each step and amounts booked, by step; shape (firm,)."""

    states: list[State]
    booked: list[dict[str, NDArray[np.float64]]]
    dormant: list[NDArray[np.bool_]]
    trades: list[NDArray[np.bool_]]
    answers: list[list[NDArray[np.float64]]]


@dataclass
class EngineCase:
    """A case that the engine has run (`lives` is None where it has not)."""

    world: World
    block: Block
    lives: Lives | None
    records: list[Record]
    draw: int


def run_engine(world: World, draw: int) -> EngineCase:
    """Run all policies on one draw and keep everything."""
    block = world.block(np.array([draw], dtype=np.uint64), slice(0, len(world.firms.key)))
    records = [Record([], [], [], [], []) for _ in world.policies]

    def watch(policy: int, clock: Clock, weather: Weather, before: State, stepped: Stepped) -> None:
        shape = before.cash.shape

        def row(value: Any) -> NDArray[Any]:
            return np.broadcast_to(value, shape)[0]

        records[policy].states.append(stepped.state)
        records[policy].booked.append({item: row(stepped.bookings.get(item, 0.0)) for item in ITEMS})
        records[policy].dormant.append(row(stepped.events.dormant))
        records[policy].trades.append(row(stepped.events.trades))
        records[policy].answers.append([row(answer) for answer in stepped.events.answers])

    lives = simulate(block, watch)
    return EngineCase(world, block, lives, records, draw)


def oracle_inputs(done: EngineCase, case: Case, position: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], list[Any]]:
    """What the oracle needs for one firm: columns, scenario, luck, steps; the luck is that of the streams."""
    world, draw = done.world, done.draw
    firms, seed = world.firms, world.scenario.seed
    rows = slice(position, position + 1)
    key, draws = firms.key[rows], np.array([draw], dtype=np.uint64)
    at = Shocked(world.scenario, DrawnNumbers(world.scenario, seed, draws), firms, rows)
    firm = next(row for row in case.firms if row["firm_id"] == firms.ids[position])
    steps = [(clock.a, clock.b) for clock in world.steps]
    years = math.floor(steps[-1][1] / 365.0) + 1

    def one(value: Any) -> float:
        return float(np.ravel(value)[0])

    luck: dict[str, Any] = {name: one(uniforms(seed, draw, key, 0, name)) for name in ONCE}
    luck |= {name: [one(uniforms(seed, draw, key, year, name)) for year in range(years)] for name in YEARLY}
    luck |= {name: one(normals(seed, draw, key, 0, name)) for name in ("signal", "patience", "hope")}
    luck["take_up"] = [
        one(uniforms(seed, draw, key, name_key(lever.get("label", f"any_terms:lever{number}")), "take_up"))
        for number, lever in enumerate(case.levers)
    ]
    noise = [normals_pair(seed, draw, key, number, "noise") for number in range(len(steps))]
    luck["white"], luck["slow"] = [one(pair[0]) for pair in noise], [one(pair[1]) for pair in noise]
    luck["depth"] = one(depth_of_firms(at))
    down = shutdowns_of_firms(at, world.steps)
    luck["down"] = [one(down[number]) for number in range(len(steps))]
    if world.scenario.sales.noise == "gamma":
        volatility = firm["sales_volatility"] * case.scenario["adjust"]["volatility_factor"]
        luck["gamma_noise"] = [
            one(gamma_noise(np.array(volatility), b - a, np.array(z))) for (a, b), z in zip(steps, luck["white"], strict=True)
        ]
    if case.path is not None:
        path = world.scenario.shock.sales.path  # type: ignore[union-attr]  # a case with a path has a shock
        assert path is not None
        ahead = world.scenario.exit.outlook_days
        luck["depth_path"] = [float(path_mean(path, (firm["industry"],), a, b)[0]) for a, b in steps]
        luck["depth_path_outlook"] = [float(path_mean(path, (firm["industry"],), b, b + ahead)[0]) for _, b in steps]
    scenario = {**case.scenario, "liquidation_share": one(done.block.rules.liquidation_share)}
    return firm, scenario, luck, steps


def cause_name(code: int) -> str:
    """Name of a cause of exit; empty for none."""
    return CAUSES[code - 1] if code > 0 else ""


ORACLE_NAMES = {"term_loan": "1", "new_loan": "2"}


def balances_of(state: State, position: int) -> dict[str, float]:
    """A firm's balances under the names of the oracle."""
    row: dict[str, float] = {}
    for name in State._fields:
        value = getattr(state, name)
        if name == "arrears":
            row |= {f"arrears_{part}": float(getattr(value, part)[0, position]) for part in value._fields}
        elif name in ORACLE_NAMES:
            row |= {f"{part}_{ORACLE_NAMES[name]}": float(getattr(value, part)[0, position]) for part in value._fields}
        else:
            row[name] = float(value[0, position])
    return row


@dataclass
class Comparison:
    """What came of comparing the engine with the oracle: paths, those on a knife's edge, the first differences, events seen."""

    paths: int = 0
    skipped: int = 0
    differences: list[str] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)


def compare(case: Case, seed: int) -> Comparison:
    """Run a case on both and compare every balance and booking of every step, the fates, and the books of every fund."""
    scenario = scenario_of(case, seed)
    done = run_engine(World(scenario, firms_of(case.firms), scenario.policies), 0)
    result = Comparison()
    inputs = [oracle_inputs(done, case, position) for position in range(len(done.world.firms.key))]
    for policy, levers in enumerate(([], case.levers)):
        if any("kind" in lever for lever in levers):
            _compare_together(done, case, policy, inputs, result)
        else:
            for position, (firm, tables, luck, steps) in enumerate(inputs):
                trace = oracle.simulate(firm, tables, luck, levers, steps)
                result.paths += 1
                result.events.update(trace.events)
                difference = first_difference(done, policy, position, trace, float(firm["sales"]))
                if difference and trace.close_call < CLOSE:
                    result.skipped += 1
                elif difference:
                    result.differences.append(f"case {seed}, {firm['firm_id']}, policy {policy}: {difference}")
    return result


def fund_events(case: Case, seed: int) -> Counter[str]:
    """What happens in a case with funds, on the engine's luck but without running the engine."""
    scenario = scenario_of(case, seed)
    world = World(scenario, firms_of(case.firms), scenario.policies)
    block = world.block(np.array([0], dtype=np.uint64), slice(0, len(world.firms.key)))
    known = EngineCase(world, block, None, [], 0)
    together = live_together(known, case, [oracle_inputs(known, case, position) for position in range(len(world.firms.key))])
    return sum((lived.events for lived in (*together.traces, *together.funds)), Counter())


def live_together(done: EngineCase, case: Case, inputs: list[tuple[Any, ...]]) -> oracle.Together:
    """Let the oracle live the lives of all firms under the policy with funds."""
    firms, lucks = [firm for firm, *_ in inputs], [luck for _, _, luck, _ in inputs]
    weights, queue_luck = [firm["weight"] for firm in firms], [float(place) for place in done.block.queue_luck[0]]
    return oracle.simulate_together(firms, inputs[0][1], lucks, case.levers, inputs[0][3], weights, queue_luck)


def _compare_together(done: EngineCase, case: Case, policy: int, inputs: list[tuple[Any, ...]], result: Comparison) -> None:
    """Compare firms that share funds: a decision on a knife's edge may move all of them, from its step on."""
    firms, together = [firm for firm, *_ in inputs], live_together(done, case, inputs)
    result.paths += len(firms)
    for lived in (*together.traces, *together.funds):
        result.events.update(lived.events)
    differences = [
        f"case {case.seed}, {firm['firm_id']}, policy {policy}: {difference}"
        for position, (firm, trace) in enumerate(zip(firms, together.traces, strict=True))
        if (difference := first_difference(done, policy, position, trace, float(firm["sales"])))
    ]
    differences += [
        f"case {case.seed}, {fund.label}, policy {policy}: {difference}"
        for number, fund in enumerate(together.funds)
        if (difference := first_difference_of_fund(done, number, fund))
    ]
    if min(lived.close_call for lived in (*together.traces, *together.funds)) < CLOSE:
        result.skipped += len(differences)
    else:
        result.differences += differences


CLOSE = 1e-9
NO_MONEY = ("smoothed", "staffing", "guaranteed", "guarantee_fee_rate", "order_terms", "recourse_of", "compensated", "facility_rate_of")
TOLERANCE = 1e-9


def first_difference(done: EngineCase, policy: int, position: int, trace: oracle.Trace, scale: float) -> str:
    """Where the engine and the oracle part; empty where they agree to 1e-9 of the firm's sales."""
    record, lives = done.records[policy], done.lives
    assert lives is not None
    for number, clock in enumerate(done.world.steps):
        said = {name for name, answer in zip(ANSWERS, record.answers[number], strict=True) if answer[position] > 0.0}
        if said != trace.answers[number]:
            return f"answers in ({clock.a:g}, {clock.b:g}]: engine {said}, oracle {trace.answers[number]} of {trace.requests[number]}"
        ours = balances_of(record.states[number], position)
        for name in oracle.BALANCES:
            if name != "fixed_assets" and not _same(
                ours[name], trace.balances[name][number], 1.0 if name in NO_MONEY or "_day" in name else scale
            ):
                return f"{name} on day {clock.b:g}: engine {ours[name]!r}, oracle {trace.balances[name][number]!r}"
        for item in ITEMS:
            booked = float(record.booked[number][item][position])
            if not _same(booked, trace.flows[item][number], scale):
                return f"{item} in ({clock.a:g}, {clock.b:g}]: engine {booked!r}, oracle {trace.flows[item][number]!r}"
        if bool(record.trades[number][position]) != trace.open[number] or bool(record.dormant[number][position]) != trace.dormant[number]:
            return f"open or dormant on day {clock.b:g}"
    never = len(done.world.steps)
    fate = (int(lives.exit_step[policy, 0, position]), int(lives.cash_out_step[policy, 0, position]))
    expected = (never if trace.exit_step is None else trace.exit_step, never if trace.cash_out_step is None else trace.cash_out_step)
    cause = cause_name(int(lives.cause[policy, 0, position]))
    return "" if (*fate, cause) == (*expected, trace.cause) else f"fate: engine {fate} {cause}, oracle {expected} {trace.cause}"


ANSWERS = dict(zip(Answers._fields, (0, 1, "guarantee", "facility"), strict=True)).values()
"""Names of the oracle for what a firm can be granted, in the order of the engine."""


def first_difference_of_fund(done: EngineCase, number: int, fund: Fund) -> str:
    """Where the engine and the oracle part in the books of a fund of the one policy that has some; empty where they agree to 1e-9."""
    assert done.lives is not None
    scale = max(fund.capital, *(max(fund.series[name]) for name in SERIES if name != "exhausted_days"))
    for step, clock in enumerate(done.world.steps):
        for position, name in enumerate(SERIES):
            ours, theirs = float(done.lives.fund_series[number, position, step + 1, 0]), fund.series[name][step]
            if not _same(ours, theirs, 1.0 if name == "exhausted_days" else scale):
                return f"{name} on day {clock.b:g}: engine {ours!r}, oracle {theirs!r}"
    for report, step in enumerate(done.block.reported):
        for position, name in enumerate(FIRMS):
            ours, theirs = float(done.lives.fund_firms[number, position, report, 0]), fund.weight_of(name, step)
            if not _same(ours, theirs, sum(fund.weights)):
                return f"firms {name} by the end of step {step}: engine {ours!r}, oracle {theirs!r}"
    return ""


def _same(ours: float, theirs: float, scale: float) -> bool:
    return ours == theirs or abs(ours - theirs) <= TOLERANCE * max(scale, 1.0)
