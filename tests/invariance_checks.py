"""Checks of what must not matter: other policies, the order of levers and firms, how the work is cut."""

import math
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.engine.records import State
from simsme.engine.simulate import Lives, simulate
from simsme.levers import kinds
from simsme.outcomes import Outcomes
from simsme.policy import Policy
from simsme.read_firms import read_firms
from simsme.runs import execute, plan_run
from simsme.world import World
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.reach import rows_of_policy
from tests.demands import demand
from tests.engine_cases import AnyTerms
from tests.recordings import NO_POLICY, ordinary_firms, ordinary_scenario, ordinary_world, recorded, terms_lever

Array = NDArray[Any]


def _same_lives(left: Lives, right: Lives, pairs: Iterable[tuple[int, int]], what: str, skip: tuple[str, ...] = ()) -> None:
    """Policies by position in two runs have the same bits."""
    for name in (field.name for field in fields(Lives)):
        if name == "opening":
            demand(np.array_equal(left.opening, right.opening), f"{what}: opening balances differ")
        elif name not in skip and not name.startswith(("fund_", "review_")):
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
        try:
            whole, cut, small = (execute(plan, jobs=jobs, lanes=lanes, firms=firms).outcomes for jobs, lanes in ways)
        except ValueError as error:
            demand(False, f"chunks of firms do not fit together: {error}")
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
