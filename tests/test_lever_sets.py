"""Any levers together: some five hundred random sets of all kinds, in one policy, in any order, in both executions."""

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simsme.compiled.lives import simulate_compiled
from simsme.engine import funds
from simsme.engine.accounts import ITEMS
from simsme.engine.opening import balances
from simsme.engine.public_funds import SERIES
from simsme.engine.simulate import assets_less_liabilities
from simsme.levers import kinds
from simsme.levers.lever import Lever
from simsme.policy import Policy
from simsme.world import World
from simsme.world.couplings import beyond_compiled
from tests.test_properties import ROUND_OFF, assert_books_close, assert_debts_hold
from tests.worlds_for_tests import Film, Size, film, lives_of_policy, random_levers, random_world, same_bits

KINDS = sorted(kinds())
PARTS, EXAMPLES = 4, 130
SIZES = (Size(7, 1, 14, 98), Size(5, 2, 7, 42), Size(9, 1, 10, 60))

set_of_kinds = st.lists(st.sampled_from(KINDS), min_size=1, max_size=len(KINDS), unique=True)
often = settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])


def levers_of(chosen: list[str], seed: int, horizon_days: int) -> tuple[Lever, ...]:
    """A random lever of each kind; every third in force for everybody all the time, so that many meet."""
    levers = []
    for kind in chosen:
        (lever,) = random_levers(kind, seed, horizon_days, 1)
        if (seed + len(kind)) % 3 == 0:
            lever = lever.model_copy(
                update={"take_up": 1.0, "from_day": 0.0, "to_day": 3650.0, "min_sales_fall": None, "max_cash_days": None}
            )
        levers.append(lever)
    return tuple(levers)


@pytest.mark.parametrize("part", range(PARTS))
@often
@given(seed=st.integers(0, 10**6), chosen=set_of_kinds, size=st.sampled_from(SIZES))
def test_any_set_of_levers_keeps_the_books_in_any_order(part: int, seed: int, chosen: list[str], size: Size) -> None:
    # Each part gets the same examples: other kinds and another seed make them other sets.
    others = [KINDS[(KINDS.index(kind) + part * len(KINDS) // PARTS) % len(KINDS)] for kind in chosen]
    assert_set_holds(others, PARTS * seed + part, size)


@pytest.mark.parametrize("seed", range(6))
def test_all_kinds_in_one_policy(seed: int) -> None:
    assert_set_holds(KINDS, seed, SIZES[seed % len(SIZES)])


def assert_set_holds(chosen: list[str], seed: int, size: Size) -> None:
    """One lever of each of these kinds, in two orders: the same bits, books that close, debts and funds within their bounds."""
    levers = levers_of(chosen, seed, size.horizon_days)
    shuffled = list(levers)
    random.Random(seed).shuffle(shuffled)
    policies = Policy(name="policy", levers=levers), Policy(name="shuffled", levers=tuple(shuffled))
    world = random_world(seed, size, policies)
    watched = film(world)

    first, second = lives_of_policy(watched.lives, 1), lives_of_policy(watched.lives, 2)
    assert [name for name in first if not same_bits(first[name], second[name])] == []
    assert_compiled_agrees(world, watched.lives)
    assert_funds_keep_within_their_money(watched)

    firm, rules, before = watched.block.firm, watched.block.rules, watched.block.opening
    shape = before.cash.shape
    scale, cap = np.broadcast_to(firm.sales, shape), np.broadcast_to(rules.loan_cap_share * firm.sales, shape)
    for state, booked in zip(watched.states[1], watched.booked[1], strict=True):
        amounts = {item: np.broadcast_to(booked.get(item, 0.0), shape) for item in ITEMS}
        assert_books_close(balances(firm, before), balances(firm, state), amounts, scale)
        gone = before.alive == 0.0
        assert not any(amount[gone].any() for amount in amounts.values())
        assert not any(value[state.alive == 0.0].any() for value in balances(firm, state).values())
        assert_debts_hold(state, np.broadcast_to(firm.credit_line, shape), cap)
        for name in ("factored", "deferred_tax", "deferred_interest", "order_receivables", "fund_accrued"):
            assert np.all(getattr(state, name) >= -ROUND_OFF * scale), name
        for name in ("guaranteed", "compensated", "recourse_of"):
            assert np.all((getattr(state, name) >= 0.0) & (getattr(state, name) <= 1.0)), name
        living = state.alive > 0.0
        left = assets_less_liabilities(firm, state)
        assert np.all(np.abs(state.equity - left)[living] <= ROUND_OFF * 1000 * scale[living])
        before = state


def assert_funds_keep_within_their_money(watched: Film) -> None:
    """What a fund has out is never above its capital; what it guarantees is not above its multiple in a step in which it grants."""
    found = watched.block.funds[1]
    if found is None:
        return
    for fund in range(found.count):
        capital, used, served = (watched.lives.fund_series[fund, SERIES.index(name)] for name in ("capital", "used", "served"))
        kind, leverage = found.numbers[:, fund, funds.KIND], found.numbers[:, fund, funds.LEVERAGE]
        slack = 1.0 + 1e-8
        if np.all(kind == funds.GUARANTEE):
            granted = served[1:] > 0.0
            assert np.all((used[1:] <= capital[:-1] * leverage * slack)[granted])
        else:
            assert np.all(used <= capital * slack)


def assert_compiled_agrees(world: World, lives: object) -> None:
    """The kernel has the same bits, where it runs the world at all."""
    if beyond_compiled(world.scenario, world.policies):
        return
    draws = np.arange(world.scenario.draws, dtype=np.uint64)
    fast = simulate_compiled(world.ground(draws, slice(0, len(world.firms.key))))
    names = type(fast).__dataclass_fields__
    assert [name for name in names if not np.array_equal(getattr(lives, name), getattr(fast, name), equal_nan=True)] == []
