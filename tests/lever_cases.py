"""The engine and the oracle on policies of all kinds of levers: real levers for the engine, the fields of their kinds for the oracle."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from simsme.engine.accounts import ITEMS
from simsme.levers import kinds
from simsme.levers.lever import Lever
from simsme.policy import Policy
from simsme.streams import firm_key, name_key, uniforms
from simsme.world import World
from tests.engine_cases import (
    CLOSE,
    EngineCase,
    firms_of,
    first_difference,
    first_difference_of_fund,
    lever_of,
    oracle_inputs,
    run_engine,
    scenario_of,
)
from tests.oracle import BALANCES, Together, Trace, simulate_together
from tests.oracle_levers import parts_of
from tests.random_scenarios import Case

WHO_AND_WHEN = (
    *("name", "take_up", "from_day", "to_day", "delay_days", "industries", "sizes", "legal_forms", "max_risk", "min_sales_fall"),
    *("without_bank_arrears", "min_margin", "max_cash_days"),
)
REVIEW = ("start_when", "stop_when", "review_days")


def real_lever(case: Case, number: int) -> Lever:
    """A lever of a case as the package knows it."""
    lever = case.levers[number]
    if "fields" not in lever:
        given = lever | ({} if "kind" in lever else {"label": None})
        return lever_of(replace(case, levers=[*case.levers[:number], given, *case.levers[number + 1 :]]), number)
    given = {name: lever[name] for name in WHO_AND_WHEN if lever[name] != math.inf}
    given |= {name: lever[name] for name in (*REVIEW, "observation_noise") if lever.get(name) is not None}
    return kinds()[lever["kind"]].model_validate({"kind": lever["kind"], **given, **lever["fields"]})


def world_of(case: Case) -> World:
    """The world of a case; the only policy is that of the case."""
    scenario = scenario_of(replace(case, levers=[]), case.seed)
    policy = Policy(name=scenario.reference, levers=tuple(real_lever(case, number) for number in range(len(case.levers))))
    return World(scenario, firms_of(case.firms), (policy,))


@dataclass
class Agreement:
    """What came of comparing a case: the first difference of each firm and fund, whether a decision was close, what was seen."""

    differences: list[str] = field(default_factory=list)
    skipped: int = 0
    paths: int = 0
    events: Counter[str] = field(default_factory=Counter)
    used: set[str] = field(default_factory=set)
    """Balances and entries that were not 0 somewhere."""


def luck_of_parts(case: Case, world: World, key: Any) -> dict[int, dict[str, float]]:
    """By number of a lever and name of its part, the luck with which it works at a firm."""
    seed = world.scenario.seed
    return {
        number: {
            part.name: float(np.ravel(uniforms(seed, 0, key, name_key(f"{lever['label']}.{part.name}"), "part"))[0])
            for part in parts_of(lever)
        }
        for number, lever in enumerate(case.levers)
        if "fields" in lever
    }


def luck_of_observation(case: Case, world: World, key: Any) -> dict[str, float]:
    """By label of a lever, the luck with which whoever decides on it sees a firm."""
    labels = [lever["label"] for lever in case.levers if lever.get("observation_noise")]
    return {label: float(np.ravel(uniforms(world.scenario.seed, 0, key, name_key(label), "observation"))[0]) for label in labels}


def lives_of(case: Case, done: EngineCase) -> tuple[list[tuple[Any, ...]], Together]:
    """Let the oracle live the lives of all firms under the case's levers, on the engine's luck."""
    inputs = [oracle_inputs(done, case, position) for position in range(len(done.world.firms.key))]
    for firm, _, luck, _ in inputs:
        key = np.array([firm_key(firm["firm_id"])], dtype=np.uint64)
        luck["parts"] = luck_of_parts(case, done.world, key)
        luck["observation"] = luck_of_observation(case, done.world, key)
    weights, queue = [firm["weight"] for firm, *_ in inputs], [float(place) for place in np.ravel(done.block.queue_luck)]
    queue = queue or [0.5] * len(weights)
    firms, lucks = [firm for firm, *_ in inputs], [luck for _, _, luck, _ in inputs]
    return inputs, simulate_together(firms, inputs[0][1], lucks, case.levers, inputs[0][3], weights, queue)


def compare_levers(case: Case, run: bool = True) -> Agreement:
    """Run a case on both, or on the oracle only, and compare every balance and booking of every step, the fates, and the funds."""
    world, found = world_of(case), Agreement()
    if run:
        done = run_engine(world, 0)
    else:
        done = EngineCase(world, world.block(np.array([0], dtype=np.uint64), slice(0, len(world.firms.key))), None, [], 0)
    inputs, together = lives_of(case, done)
    for lived in (*together.traces, *together.funds, *together.reviews):
        found.events.update(lived.events)
    found.events["contagion"] += any(together.hits)
    for trace in together.traces:
        found.used |= {name for name in BALANCES if any(0.0 < abs(value) < math.inf for value in trace.balances[name])}
        found.used |= {name for name in ITEMS if any(trace.flows[name])}
    found.paths = len(inputs)
    if run:
        lived = [
            *((trace, first_difference(done, 0, n, trace, inputs[n][0]["sales"])) for n, trace in enumerate(together.traces)),
            *((trace, difference_in_support(done, n, trace, inputs[n][0]["sales"])) for n, trace in enumerate(together.traces)),
            *((fund, first_difference_of_fund(done, number, fund)) for number, fund in enumerate(together.funds)),
        ]
        closest = min(life.close_call for life in (*together.traces, *together.funds, *together.reviews))
        for life, difference in lived:
            # Where firms share a fund, a decision on a knife's edge may move all of them.
            if difference and (closest if together.coupled else life.close_call) < CLOSE:
                found.skipped += 1
            elif difference:
                found.differences.append(f"case {case.seed}: {difference}")
    return found


SUPPORT = (
    *("wage_subsidies", "tax_refunds", "grants", "innovation_grants", "digital_subsidies", "public_equity", "public_advances"),
    *("receivables_lent", "interest_subsidised", "rate_relief", "overheads_subsidised", "social_waived", "rent_waived"),
    *("social_deferred", "tax_deferred", "interest_deferred", "deferred_principal", "rolled_principal", "advance_lent"),
)


def difference_in_support(done: EngineCase, position: int, trace: Trace, sales: float) -> str:
    """Whether the engine counts as support what the page does: empty where they agree."""
    assert done.lives is not None
    ours = float(done.lives.support[0, -1, 0, position])
    theirs = sum(sum(trace.flows[item]) for item in SUPPORT) + sum(step.get("guaranteed", 0.0) for step in trace.detail)
    return "" if abs(ours - theirs) <= 1e-9 * max(sales, theirs) else f"support: engine {ours!r}, oracle {theirs!r}"


def kinds_of(case: Case) -> Mapping[str, int]:
    """How many levers of each kind a case has."""
    return Counter(lever["kind"] for lever in case.levers if "fields" in lever)
