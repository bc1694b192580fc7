"""What :mod:`simsme.engine.occasions` says is true: without an occasion on which a term matters, a firm's step is that without levers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from simsme.compiled.formulas import program
from simsme.compiled.recording import leaves
from simsme.engine import occasions
from simsme.engine.leaving import may_leave
from simsme.engine.occasions import Occasions, occasions_of
from simsme.engine.records import Clock, State, Weather
from simsme.engine.requests import NO_ANSWERS
from simsme.engine.simulate import simulate
from simsme.engine.step import Stepped, step
from simsme.engine.terms import NEUTRAL, NOTHING, LeverRow, StepTerms, in_force, maturity_day
from simsme.levers import kinds
from simsme.policy import Policy
from tests.worlds_for_tests import Size, random_levers, random_world

SIZE = Size(firms=120, draws=2, step_days=7, horizon_days=182, report_days=(182,))
SEEDS = range(8)


def differing(left: Any, right: Any, shape: tuple[int, int]) -> np.ndarray:
    """Firms for which any number of two records is not the same."""
    different = np.zeros(shape, dtype=np.bool_)
    for (name, here), (_, there) in zip(leaves(left, ""), leaves(right, ""), strict=True):
        if not name.endswith("recall_hazard"):  # carried along, see simsme.compiled.waking
            different |= np.broadcast_to(here, shape) != np.broadcast_to(there, shape)
    return different


def set_apart(row: LeverRow, clock: Clock, before: State, after: State, found: Occasions, shape: tuple[int, int]) -> np.ndarray:
    """Firms that a lever may set apart in a step."""
    days = {
        "terms.now": clock.b,
        "terms.term_loan": maturity_day(clock, before.term_loan.due_day),
        "terms.new_loan": maturity_day(clock, before.new_loan.due_day),
        "due_terms.term_loan": after.term_loan.due_day,
        "due_terms.new_loan": after.new_loan.due_day,
    }
    apart = np.zeros(shape, dtype=np.bool_)
    for kind, names in program().terms_read.items():
        on = in_force(row, days[kind], before.smoothed, before.arrears.interest) & (before.alive > 0.0)
        for name in names:
            if getattr(row.terms, name) is not NOTHING:
                known = occasions.MATTERS_ON.get(kind, {}).get(name)
                happens = [np.bool_(True)] if known is None else [getattr(found, occasion, np.bool_(False)) for occasion in known]
                apart |= on & np.logical_or.reduce([np.broadcast_to(one, shape) for one in happens])
    return apart


def violations(seed: int) -> int:
    """Firms and steps of a random world in which a policy changed something for a firm that nothing had set apart from the reference."""
    each = [Policy(name=kind, levers=random_levers(kind, seed, SIZE.horizon_days)) for kind in sorted(kinds())]
    every = tuple(lever for policy in each for lever in policy.levers)
    world = random_world(seed, SIZE, (*each, Policy(name="all", levers=every)))
    block = world.block(np.arange(SIZE.draws, dtype=np.uint64), slice(0, SIZE.firms))
    shape = block.opening.cash.shape
    apart = [np.zeros(shape, dtype=np.bool_) for _ in block.levers]
    model: dict[str, Any] = {}
    found = 0

    def observe(policy: int, clock: Clock, weather: Weather, before: State, stepped: Stepped) -> None:
        nonlocal found
        if policy == block.reference:
            luck = block.luck(int(clock.a // 365.0))
            neutral = StepTerms(NEUTRAL, NEUTRAL, NEUTRAL)
            plain = step(clock, block.firm, block.rules, luck, weather, neutral, NO_ANSWERS, before)
            leaving = may_leave(block.firm, plain.leaving, plain.state)
            events = plain.events.short, plain.events.applied, leaving
            happened = occasions_of(clock, block.firm, block.rules, luck, weather, before, plain.state, *events)
            model.update(stepped=stepped, before=before, plain=plain.state, occasions=happened)
            return
        for row in block.levers[policy]:
            apart[policy] |= set_apart(row, clock, model["before"], model["plain"], model["occasions"], shape)
        for _, answer in leaves(stepped.events.answers, ""):
            apart[policy] |= np.broadcast_to(answer, shape) > 0.0
        apart[policy] |= np.broadcast_to(stepped.events.recalled != model["stepped"].events.recalled, shape)
        changed = differing(stepped.state, model["stepped"].state, shape) | differing(
            dict(stepped.bookings), _filled(stepped, model), shape
        )
        found += int((changed & ~apart[policy]).sum())

    simulate(block, observe)
    return found


def _filled(stepped: Stepped, model: Mapping[str, Any]) -> dict[str, Any]:
    """Bookings of the reference under the names of a policy's: estates are booked in steps in which anybody leaves."""
    booked = model["stepped"].bookings
    return {name: booked.get(name, np.zeros(())) for name in stepped.bookings}


@pytest.mark.parametrize("seed", SEEDS)
def test_without_an_occasion_a_step_is_that_without_levers(seed: int) -> None:
    assert violations(seed) == 0


@pytest.mark.parametrize(
    ("kind", "forgotten"),
    [
        ("terms.now", {"tightening_relief"}),
        ("terms.now", {"grace_lift"}),
        ("terms.now", {"cover", "guarantee_max_risk", "guarantee_fee_per_year"}),
        ("terms.term_loan", {"rolled", "roll_days"}),
        ("terms.term_loan", {"renewal_lift", "kappa_lift", "tightening_relief"}),
        ("due_terms.term_loan", {"rolled"}),
    ],
)
def test_an_occasion_that_is_forgotten_is_found(kind: str, forgotten: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    names = {name: ("never",) if name in forgotten else known for name, known in occasions.MATTERS_ON[kind].items()}
    monkeypatch.setitem(occasions.MATTERS_ON, kind, names)
    assert any(violations(seed) for seed in range(40))
