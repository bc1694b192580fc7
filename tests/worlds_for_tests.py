"""Small worlds for tests: still ones, in which everything can be worked out by hand, and random ones, in which anything may happen.

A still world has one firm a row with nothing in it (no costs, no credit, no debt), no noise, nobody who loses patience or hope, and
no exit for other reasons. A test switches on what it is about and works out the rest by hand.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.engine.records import Clock, State, Weather
from simsme.engine.simulate import Block, Lives, simulate
from simsme.engine.step import Stepped
from simsme.firms import Firms
from simsme.levers import kinds
from simsme.levers.lever import Lever
from simsme.outcomes import Outcomes
from simsme.policy import Policy
from simsme.reference import Entry, entry
from simsme.runs import Plan, Run, execute
from simsme.scenario import LoadedScenario, Scenario
from simsme.world import World
from tests.engine_cases import firms_of, scenario_of
from tests.random_scenarios import (
    INDUSTRIES,
    MONTH,
    START,
    Case,
    Draw,
    random_behaviour,
    random_credit,
    random_exit,
    random_firm,
    random_lever,
    random_sales,
    random_shock,
)

# ------------------------------------------------------------------------------------------------------------------- still worlds

BARE_FIRM: dict[str, Any] = {
    "industry": "services",
    "size": "micro",
    "legal_form": "incorporated",
    "region": "all",
    "employees": 10.0,
    "weight": 1.0,
    "sales": 365_000.0,
    "loan_due_day": np.inf,
    "default_risk": 0.03,
    "payday": 15.0,
    "tax_day": 15.0,
    "interest_day": 21.0,
    "rent_day": MONTH,
    "rent_every_months": 1.0,
} | dict.fromkeys(
    (
        *("materials_share", "payroll", "social_share", "rent", "overheads", "tax_share", "vat_share", "cash"),
        *("inventory_days", "receivable_days", "payable_days", "credit_sales_share", "fixed_assets", "loan", "loan_rate"),
        *("credit_line", "owner_funds", "informal_credit", "sales_volatility"),
        *("large_buyer_share", "public_buyer_share", "state_landlord", "insured_payroll_share"),
    ),
    0.0,
)
"""Sells 1,000 a day and has nothing else."""

STILL: dict[str, dict[str, Any]] = {
    "time": {"step_days": 7, "horizon_days": 364, "headline_day": 91},
    "sales": {"slow_sd": 0.0},
    "behaviour": {
        "materials_elasticity": 0.0,
        "payroll_elasticity": 0.0,
        "dormant_payroll_share": 1.0,
        "buffer_days": 1e6,
        "drawing_threshold": 1e6,
    },
    "credit": {
        "renewal": 1.0,
        "renewal_risk_elasticity": 0.0,
        "kappa": 1.0,
        "norepay": 0.0,
        "bridge_access": 0.0,
        "bridge_call_days": 1e9,
        "workout": 0.0,
        "apply": 0.0,
        "informal_rate": 0.0,
    },
    "exit": {
        "patience_days": 1e6,
        "patience_sigma": 0.0,
        "hope_median": 1e6,
        "hope_sigma": 0.0,
        "background_rate": {"micro": 0.0, "small": 0.0, "medium": 0.0},
    },
}

NO_SALES: dict[str, Any] = {"duration_days": 3650.0, "sales": {"depth": 1.0, "scar": 0.0}}
"""A shock that takes all sales, for ten years. As sales are 0, so is what a firm would save by lying dormant: it goes on."""


def bare_firm(firm_id: str = "firm", **columns: Any) -> dict[str, Any]:
    """A row of a bare firm with the given columns."""
    unknown = set(columns) - set(BARE_FIRM)
    assert not unknown, unknown
    return {"firm_id": firm_id, **BARE_FIRM, **columns}


def still_scenario(policies: Sequence[Policy] = (), draws: int = 1, seed: int = 0, **tables: Mapping[str, Any]) -> Scenario:
    """A still scenario; each table given (``time``, ``shock``, ``credit`` ...) changes numbers of the still one."""
    merged = {name: {**STILL.get(name, {}), **tables.get(name, {})} for name in {*STILL, *tables}}
    return Scenario.model_validate(
        {"name": "still", "draws": draws, "seed": seed, "population": {}, "policy": (Policy(name="none"), *policies), **merged}
    )


def still_world(rows: Sequence[dict[str, Any]], policies: Sequence[Policy] = (), **tables: Any) -> World:
    """A still scenario with its firms."""
    scenario = still_scenario(policies, **tables)
    return World(scenario, firms_of(list(rows)), scenario.policies)


# ---------------------------------------------------------------------------------------------------------------- running a world

Watcher = Callable[[int, Clock, Weather, State, Stepped], None]


def plan_of(world: World) -> Plan:
    """The run of a world that was made in a test and not in a file."""
    return Plan(LoadedScenario(world.scenario, "", "test.toml", None, ()), world.scenario, world.policies, None, None)


def run_of(world: World, jobs: int = 1, lanes: int | None = None) -> Run:
    """Run a world as `simsme.run` does."""
    return execute(plan_of(world), jobs=jobs, lanes=lanes, firms=world.firms)


def outcomes_of_world(world: World, jobs: int = 1, lanes: int | None = None) -> Outcomes:
    """What comes of a world."""
    return run_of(world, jobs, lanes).outcomes


def block_of(world: World, draws: int | None = None) -> Block:
    """All firms of a world in its draws, as one block."""
    numbers = np.arange(world.scenario.draws if draws is None else draws, dtype=np.uint64)
    return world.block(numbers, slice(0, len(world.firms.key)))


@dataclass(repr=False)
class Film:
    """A world's block with every state and booking, by policy and step; shapes (draw, firm)."""

    world: World
    block: Block
    lives: Lives
    states: list[list[State]]
    booked: list[list[dict[str, NDArray[np.float64]]]]

    def total(self, item: str, policy: int = 0) -> NDArray[np.float64]:
        """All that was booked under a name, (draw, firm)."""
        shape = self.block.opening.cash.shape
        total: NDArray[np.float64] = np.sum([np.broadcast_to(step.get(item, 0.0), shape) for step in self.booked[policy]], axis=0)
        return total

    def day_of(self, steps: NDArray[np.int16]) -> NDArray[np.float64]:
        """Ends of the steps in which something happened; infinite where it never did."""
        return np.array([*(clock.b for clock in self.block.steps), np.inf])[steps]

    def position(self, firm_id: str) -> int:
        """Where a firm stands among the firms."""
        return self.world.firms.ids.index(firm_id)

    def after(self, day: float, policy: int = 0) -> State:
        """State at the end of the step that ends on a day."""
        return self.states[policy][[clock.b for clock in self.block.steps].index(day)]


def film(world: World, draws: int | None = None) -> Film:
    """Run a world's draws as one block and keep everything."""
    block = block_of(world, draws)
    states: list[list[State]] = [[] for _ in world.policies]
    booked: list[list[dict[str, NDArray[np.float64]]]] = [[] for _ in world.policies]

    def watch(policy: int, clock: Clock, weather: Weather, before: State, stepped: Stepped) -> None:
        states[policy].append(stepped.state)
        booked[policy].append(stepped.bookings)

    return Film(world, block, simulate(block, watch), states, booked)


# ------------------------------------------------------------------------------------------------------------------ random worlds


@dataclass(frozen=True)
class Size:
    """How large a random world is, and its clock."""

    firms: int = 8
    draws: int = 1
    step_days: int = 7
    horizon_days: int = 91
    report_days: tuple[int, ...] = ()


def random_tables(seed: int, size: Size) -> Case:
    """Tables and firms of a random scenario; a pure function of the seed and the size."""
    draw = Draw(seed)
    horizon = float(size.horizon_days)
    headline = min([day for day in size.report_days if day <= horizon], default=size.horizon_days)
    tables: dict[str, Any] = {
        "time": {
            "start_date": START.isoformat(),
            "step_days": size.step_days,
            "horizon_days": size.horizon_days,
            "headline_day": headline,
            "report_days": [day for day in size.report_days if day <= horizon],
        },
        "adjust": {
            "cash_factor": draw.number(0.5, 1.5, 1.0),
            "volatility_factor": draw.number(0.3, 1.6, 0.0, 1.0),
            "margin_shift": draw.number(-0.08, 0.08, 0.0),
            "informal_factor": draw.number(0.0, 2.0, 1.0),
        },
        "sales": random_sales(draw),
        "shock": random_shock(draw, horizon) if draw.chance(0.85) else None,
        "behaviour": random_behaviour(draw),
        "credit": random_credit(draw),
        "exit": random_exit(draw),
    }
    path = None
    if tables["shock"] is not None and tables["shock"]["sales"] is not None and draw.chance(0.2):
        weeks = size.horizon_days // 7 + 2
        path = {industry: [draw.number(0.0, 0.97, 0.0) for _ in range(weeks)] for industry in INDUSTRIES}
    rows = [random_firm(draw, f"firm-{seed}-{number}", horizon) for number in range(size.firms)]
    return Case(seed, tables, [], [], rows, [], path)


def random_world(seed: int, size: Size, policies: Sequence[Policy] = (), changes: Mapping[str, Mapping[str, Any]] | None = None) -> World:
    """A random scenario with its firms and the given policies beside ``none``.

    ``changes`` sets numbers of its tables; a table of the shock that a change names is switched on by it only where there is a shock.
    """
    case = random_tables(seed, size)
    for table, numbers in (changes or {}).items():
        if isinstance(case.scenario[table], dict):
            case.scenario[table].update(numbers)
    scenario = scenario_of(case, seed).model_copy(update={"draws": size.draws, "policy": (Policy(name="none"), *policies)})
    return World(scenario, firms_of(case.firms), scenario.policies)


def with_policies(world: World, *policies: Policy) -> World:
    """The same world under ``none`` and other policies."""
    scenario = world.scenario.model_copy(update={"policy": (Policy(name="none"), *policies)})
    return World(scenario, world.firms, scenario.policies)


# ------------------------------------------------------------------------------------------------------------------------- levers


def numbers_of(kind: str) -> dict[str, Entry]:
    """Numbers of a lever's own, by field, as the reference table knows them; ``take_up`` is not one of them."""
    fields = kinds()[kind].model_fields
    extra = {name: field.json_schema_extra for name, field in fields.items() if name not in Lever.model_fields}
    return {name: entry(str(more["reference"])) for name, more in extra.items() if isinstance(more, dict) and "reference" in more}


def random_levers(kind: str, seed: int, horizon_days: float, count: int = 2) -> tuple[Lever, ...]:
    """Levers of a kind with any take-up, window, eligibility and numbers, told apart by name."""
    draw = Draw(seed)
    levers = []
    for number in range(count):
        drawn = random_lever(draw, max(horizon_days, 30.0))
        # "no last day" is said by leaving it out
        who_and_when = {name: value for name, value in drawn.items() if name != "terms" and value is not None and value != math.inf}
        own = {name: _random_number(draw, found) for name, found in numbers_of(kind).items() if isinstance(found.value, int | float)}
        # "no limit" and "not given" are said by leaving a number out
        own = {name: value for name, value in own.items() if np.isfinite(value)}
        fields = kinds()[kind].model_fields
        queue = {"queue": QUEUES[number % len(QUEUES)]} if "queue" in fields else {}
        landlords = {"landlords": "all"} if "landlords" in fields else {}  # no landlord of a random firm is the state
        own = _consistent(own, drawn["from_day"])
        if kind in SETTLED_BEFORE:
            who_and_when = {name: value for name, value in who_and_when.items() if name not in HANGS_ON_STATE}
        levers.append(kinds()[kind].model_validate({"kind": kind, "name": f"lever{number}", **who_and_when, **own, **queue, **landlords}))
    return tuple(levers)


SETTLED_BEFORE = ("policy_awareness", "streamlined_service")
"""Kinds that act on other levers: whom they reach cannot hang on how a firm fares."""

HANGS_ON_STATE = ("min_sales_fall", "max_cash_days", "without_bank_arrears")


def _consistent(own: dict[str, float], from_day: float) -> dict[str, float]:
    """Numbers that a lever takes together: what is put off is due after the start, and no more is put off than is left to pay."""
    if "until_day" in own:
        own = {**own, "until_day": own["until_day"] + from_day + 1.0}
    if "waived_share" in own and "deferred_share" in own:
        own = {**own, "deferred_share": own["deferred_share"] * (1.0 - own["waived_share"])}
    return own


def shares_a_fund(kind: str) -> bool:
    """Whether firms compete for what a lever of this kind has to give."""
    return kinds()[kind].model_validate({"kind": kind}).fund() is not None


def with_money_for_all(lever: Lever) -> Lever:
    """The lever, and where it has a fund, a fund that is never short."""
    if lever.fund() is None:
        return lever
    ample = {"capital": 1e18, "cases_per_week": 1e18, "claim_limit": 1.0, "leverage": 1000.0}
    return lever.model_copy(update={name: value for name, value in ample.items() if name in type(lever).model_fields})


QUEUES = ("random", "first_come", "smallest", "neediest")

LARGE = {"money": 1e5, "cases a week": 5.0}
"""What is much, by unit, where a number is not given by default."""


def _random_number(draw: Draw, found: Entry) -> float:
    low, high = found.limits
    usual = LARGE[found.unit] if np.isinf(float(found.value)) else abs(float(found.value))
    top = high if np.isfinite(high) else 2.0 * max(usual, 1.0, *(found.range or ()))
    return draw.number(max(low, 0.0), top, max(low, 0.0), float(found.value))


def idle_levers(lever: Lever, horizon_days: float) -> dict[str, Lever]:
    """The same lever in every way in which it does nothing: nobody takes it up, it is never in force, nobody is eligible, no amounts."""
    never = float(horizon_days) + 1.0
    idle = {
        "no-take-up": lever.model_copy(update={"take_up": 0.0}),
        "too-late": lever.model_copy(update={"from_day": never, "to_day": never + 1.0}),
        "too-slow": lever.model_copy(update={"delay_days": never}),
        "over-before-it-works": lever.model_copy(update={"from_day": 0.0, "delay_days": 1e-9, "to_day": 0.0}),
        "no-size": lever.model_copy(update={"sizes": ()}),
        "no-risk": lever.model_copy(update={"max_risk": 0.0}),
    }
    amounts = {name: found for name, found in numbers_of(str(lever.kind)).items() if isinstance(found.value, int | float)}
    if amounts and all(found.limits[0] <= 0.0 for found in amounts.values()):
        idle["no-amounts"] = lever.model_copy(update=dict.fromkeys(amounts, 0.0))
    return idle


# --------------------------------------------------------------------------------------------------------------------------- bits


def same_bits(left: object, right: object) -> bool:
    """Whether two arrays are the same to the last bit, a not-a-number and the sign of a zero included."""
    first, second = np.asarray(left), np.asarray(right)
    return first.shape == second.shape and first.dtype == second.dtype and first.tobytes() == second.tobytes()


def differing_bits(left: Outcomes, right: Outcomes) -> list[str]:
    """Names of the arrays of two outcomes that are not the same to the last bit."""
    different = []
    for name in Outcomes.__dataclass_fields__:
        first, second = getattr(left, name), getattr(right, name)
        if isinstance(first, dict):
            different += [f"{name}.{key}" for key in {*first, *second} if not same_bits(first.get(key), second.get(key))]
        elif isinstance(first, np.ndarray):
            different += [] if same_bits(first, second) else [name]
        elif name != "firms_as_needed" and first != second:
            different.append(name)
    return different


def of_policy(outcomes: Outcomes, policy: str) -> dict[str, NDArray[Any]]:
    """Every array of the outcomes that belongs to one policy."""
    position = outcomes.policy_index(policy)
    tables = {"survival": outcomes.survival, "report": outcomes.report, "group": outcomes.group_survival}
    arrays = {f"{table}.{name}": value[position] for table, named in tables.items() for name, value in named.items()}
    for name in ("flows", "balances", "exposure_loss", "exposure_loss_funds", "loss_given_default"):
        arrays[name] = getattr(outcomes, name)[position]
    return arrays


def lives_of_policy(lives: Lives, policy: int) -> dict[str, NDArray[Any]]:
    """Every array of the lives that belongs to one policy."""
    # funds and reviews have axes of their own, opening books have no policy
    of_policies = [name for name in Lives.__dataclass_fields__ if name != "opening" and not name.startswith(("fund_", "review_"))]
    return {name: getattr(lives, name)[policy] for name in of_policies}


def write_firms(firms: Firms, path: Path, rows: NDArray[np.intp]) -> None:
    """Write firms to a CSV file in an order of rows."""
    firms.frame().iloc[rows].to_csv(path, index=False)


def in_draws(world: World, draws: int) -> World:
    """The same world in another number of draws."""
    return replace(world, scenario=world.scenario.model_copy(update={"draws": draws}))
