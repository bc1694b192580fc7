"""Every term that a lever can change, at the level of the engine: the accounts close whatever is switched on, nothing changes at zero."""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simsme.engine.accounts import BALANCES, ENTRIES, MEMORANDA
from simsme.engine.opening import balances
from simsme.engine.records import Clock, State, Weather
from simsme.engine.simulate import Block, Lives, assets_less_liabilities, simulate
from simsme.engine.step import Stepped
from simsme.engine.terms import NO_LIMIT, NOTHING, LeverRow, Terms, terms_of_step
from tests.fund_worlds import lively_world
from tests.worlds_for_tests import Size, block_of

SIZE = Size(48, 2, 7, 273, (91,))
SEEDS = range(16)

HIGHEST: dict[str, float] = {
    "roll_days": 200.0,
    "grace_lift": 2.0,
    "deferral_day": 250.0,
    "interest_deferral_day": 250.0,
    "public_deferral_day": 250.0,
    "refund_share": 0.05,
    "grant_share": 0.05,
    "grant_amount": 20_000.0,
    "innovation_share": 0.05,
    "growth_share": 0.1,
    "public_advance_share": 0.1,
    "public_advance_days": 150.0,
    "outlay_share": 0.05,
    "demand_lift": 0.3,
    "order_demand": 0.3,
    "order_days": 60.0,
    "prompt_days": 40.0,
    "outlook_lift": 0.5,
    "informed_perceived": 0.1,
    "informed_prudent": 0.1,
    "compensation_max_risk": 0.5,
    "facility_rate": 0.05,
    "receivables_discount": 0.3,
    "receivables_fee": 0.05,
    "programme_cost": 1_000.0,
}
"""Largest value of a term that a test offers; 1 for a share."""

FUND_TERMS = (
    "advance_share",
    "advance_cap",
    "advance_fee_per_day",
    "advance_days",
    "cover",
    "guarantee_max_risk",
    "guarantee_fee_per_year",
)
FREE_TERMS = tuple(name for name in Terms._fields if name not in FUND_TERMS)
NEW_ITEMS = (*list(ENTRIES)[list(ENTRIES).index("wage_subsidies") : list(ENTRIES).index("credit_sales")], *MEMORANDA[1:])
MORE_ITEMS = ("investment_expense", "discount_expense", "social_deferred", "lost_by_financiers")


def row_of(
    offered: dict[str, float], from_day: float = 0.0, to_day: float = np.inf, max_cash_days: NDArray[np.float64] = NO_LIMIT
) -> LeverRow:
    """A lever that reaches all firms."""
    return LeverRow(
        reaches=np.ones((1, 1), dtype=np.bool_),
        from_day=np.asarray(from_day),
        to_day=np.asarray(to_day),
        min_sales_fall=np.asarray(-np.inf),
        max_interest_arrears=np.asarray(np.inf),
        terms=Terms(**{name: np.asarray(offered[name]) if name in offered else NOTHING for name in Terms._fields}),
        max_cash_days=max_cash_days,
    )


def random_rows(seed: int) -> tuple[LeverRow, ...]:
    """Two levers with random terms, most or a few of them, in windows of their own."""
    rng = np.random.default_rng(seed)
    chosen = [name for name in FREE_TERMS if rng.random() < (0.9 if seed % 2 else 0.4)]
    first = {name: float(HIGHEST.get(name, 1.0) * rng.uniform(0.05, 1.0)) for name in chosen}
    second = {name: value * float(rng.uniform(0.2, 1.0)) for name, value in first.items() if rng.random() < 0.5}
    # a lever that rolls every loan on, or defers it, leaves no story of repayment to test
    first |= {name: 0.0 for name in ("rolled", "deferral_day") if name in first and seed % 3}
    few_days = np.asarray(float(rng.uniform(5.0, 60.0)))
    return row_of(first), row_of(second, 60.0, 200.0, NO_LIMIT if seed % 4 else few_days)


def block_with(seed: int, rows: tuple[LeverRow, ...]) -> Block:
    """A lively world under no lever and under some; a central bank makes every new loan cheaper."""
    block = block_of(lively_world(seed, size=SIZE))
    cheaper = block.opening._replace(facility_rate_of=np.full_like(block.opening.cash, 0.02))
    return replace(block, opening=cheaper, levers=((), rows), funds=(None, None), reviews=((), ()), reference=0)


def numbers_of(state: State) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Every number of a state by name."""
    for name in State._fields:
        value: Any = getattr(state, name)
        if isinstance(value, tuple):
            yield from ((f"{name}.{part}", getattr(value, part)) for part in getattr(value, "_fields"))  # noqa: B009
        else:
            yield name, value


SIGNED = ("equity", "last_application")
TOLERANCE = 1e-9


@pytest.fixture(scope="module")
def booked_at_all() -> dict[str, float]:
    """What was booked under each name in all cases of this module together."""
    return {}


@pytest.mark.parametrize("seed", SEEDS)
def test_accounts_close_with_any_terms(seed: int, booked_at_all: dict[str, float]) -> None:
    block = block_with(seed, random_rows(seed))
    scale = TOLERANCE * np.maximum(block.firm.sales, 1.0)

    def watch(policy: int, clock: Clock, _weather: Weather, before: State, stepped: Stepped) -> None:
        if policy == 0:
            return
        after, booked = stepped.state, stepped.bookings
        unknown = set(booked) - set(ENTRIES) - set(MEMORANDA)
        assert not unknown
        opening, closing = balances(block.firm, before), balances(block.firm, after)
        assert tuple(closing) == BALANCES
        for balance in BALANCES:
            moved = sum(
                sign * booked[item] for item, entry in ENTRIES.items() if item in booked for name, sign in entry.changes if name == balance
            )
            gap = np.abs(closing[balance] - opening[balance] - moved)
            assert (gap <= scale).all(), f"{balance} on day {clock.b}: {gap.max()}"
        assert (np.abs(after.equity - assets_less_liabilities(block.firm, after)) <= 10.0 * scale).all(), clock.b
        for name, value in numbers_of(after):
            assert not np.isnan(value).any(), name
            if name not in SIGNED:
                assert (value >= -scale).all(), f"{name} on day {clock.b}: {value.min()}"
        gone = np.broadcast_to(after.alive == 0.0, after.cash.shape)
        for name, value in numbers_of(after):
            if "_day" in name:
                assert np.isposinf(value[gone]).all(), name
            elif name not in ("last_application", "recall_hazard", "other_hazard"):
                assert (value[gone] == 0.0).all(), name
        long_gone = np.broadcast_to(before.alive == 0.0, after.cash.shape)
        for item, amount in booked.items():
            amounts = np.broadcast_to(amount, after.cash.shape)
            assert (amounts[long_gone] == 0.0).all(), item
            assert (amounts >= -scale).all() or item in ("bad_debt",), f"{item} on day {clock.b}: {amounts.min()}"
            booked_at_all[item] = booked_at_all.get(item, 0.0) + float(amounts.sum())
        assert (after.cash >= 0.0).all()

    simulate(block, watch)


def test_every_term_left_a_trace(booked_at_all: dict[str, float]) -> None:
    """The cases above would prove little if something never happened in them."""
    if len(booked_at_all) == 0:
        pytest.skip("the cases were not run")
    assert [item for item in (*NEW_ITEMS, *MORE_ITEMS) if not booked_at_all.get(item)] == []


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_terms_of_zero_change_no_bit(seed: int) -> None:
    """Terms of 0 are computed with, unlike terms that no lever touches, and leave everything as it is."""
    plain = block_with(seed, (row_of({"renewal_lift": 0.3}),))
    plain = replace(plain, opening=plain.opening._replace(facility_rate_of=np.zeros_like(plain.opening.cash)))
    idle = replace(plain, levers=((), (row_of(dict.fromkeys(FREE_TERMS, 0.0) | {"renewal_lift": 0.3}),)))
    refill = block_with(seed, ())
    idle = replace(idle, weather=refill.weather)
    first, second = simulate(plain), simulate(idle)
    for field in fields(Lives):
        here, there = getattr(first, field.name), getattr(second, field.name)
        assert here.tobytes() == there.tobytes(), field.name


def test_days_of_cash_decide_who_is_eligible() -> None:
    block = block_with(3, ())
    row = row_of({"wage_subsidy": 0.5}, max_cash_days=np.asarray(30.0))
    firm = block.firm._replace(normal_outflow=np.where(np.arange(48) == 7, 0.0, block.firm.normal_outflow))
    offered = terms_of_step((row,), block.steps[0], firm, block.opening).now.wage_subsidy
    few = block.opening.cash <= 30.0 * firm.normal_outflow
    few[:, 7] = False
    assert few.any() and not few.all()
    np.testing.assert_array_equal(offered > 0.0, few)
