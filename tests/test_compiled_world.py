"""What surrounds the steps in the compiled execution: luck made in compiled code, firms opened in the kernel, weights added up."""

import numpy as np
import pytest

from simsme.compiled import tally as compiled
from simsme.compiled.draws import FEW, in_compiled_code
from simsme.compiled.formulas import ANY, FUNDED, PLAIN, program
from simsme.compiled.inputs import inputs_of
from simsme.compiled.lives import simulate_compiled
from simsme.compiled.rows import COLUMNS, LUCK_OF_YEAR, NUMBERS
from simsme.gathering import group_firms
from simsme.levers.emergency_relending import EmergencyRelending
from simsme.levers.loan_renewal import LoanRenewal
from simsme.levers.wage_subsidy import WageSubsidy
from simsme.policy import Policy
from simsme.streams import normals, uniforms
from simsme.tally import count, room
from simsme.world import World
from simsme.world.luck import YEARLY
from tests.worlds_for_tests import Size, random_levers, random_world

SIZE = Size(firms=300, draws=3, horizon_days=182, report_days=(91, 182))
DRAWS = np.arange(3, dtype=np.uint64)


def a_world(seed: int) -> World:
    """A world with a policy beside the reference."""
    return random_world(seed, SIZE, (Policy(name="renewal", levers=random_levers("loan_renewal", seed, 182)),))


@pytest.mark.parametrize("seed", [0, 7, -3, 2**70 + 11])
@pytest.mark.parametrize("make", [uniforms, normals])
def test_luck_made_in_compiled_code_has_the_same_bits(seed, make):
    keys = np.random.default_rng(1).integers(0, 2**63, 1000).astype(np.uint64) * np.uint64(2)
    draws = np.array([0, 5, 2**40], dtype=np.uint64)
    for firms in (keys, keys[:FEW], keys[:1]):
        for step, name in ((0, "depth"), (51, "noise"), (2**24 - 1, "take_up")):
            slow = make(seed, draws[:, None], firms, step, name)
            fast = make(seed, in_compiled_code(draws)[:, None], firms, step, name)
            np.testing.assert_array_equal(slow, fast)
            assert type(fast) is np.ndarray


def test_luck_that_is_not_by_draw_and_firm_is_made_too():
    keys = np.arange(100, dtype=np.uint64)
    draws = in_compiled_code(np.arange(100, dtype=np.uint64))
    np.testing.assert_array_equal(uniforms(1, draws, keys, 0, "depth"), uniforms(1, np.asarray(draws), keys, 0, "depth"))


@pytest.mark.parametrize("seed", range(4))
def test_a_world_of_compiled_luck_is_the_same_world(seed):
    world = a_world(seed)
    slow, fast = (inputs_of(world.ground(draws, slice(0, 300))) for draws in (DRAWS, in_compiled_code(DRAWS)))
    for name, left, right in zip(slow._fields, slow, fast, strict=True):
        np.testing.assert_array_equal(left, right, err_msg=name)


@pytest.mark.parametrize("seed", range(4))
def test_weights_are_added_up_to_the_same_bits(seed):
    world = a_world(seed)
    lives = simulate_compiled(world.ground(DRAWS, slice(0, 300)))
    grouping, reported = group_firms(world.firms, 182.0), np.array([12, 25], dtype=np.int64)
    weight = world.firms.weight * np.random.default_rng(seed).lognormal(0.0, 3.0, 300)
    policies, steps = lives.exit_step.shape[0], lives.trading.shape[1]
    for draw in range(3):
        slow, fast = (room(policies, steps, 2, grouping.kinds.size) for _ in range(2))
        count(slow, lives, weight, grouping.cells, reported, 0, draw)
        compiled.count(fast, lives, weight, grouping.cells, reported, 0, draw)
        for name, left, right in zip(slow._fields, slow, fast, strict=True):
            assert left.sum() > 0.0
            np.testing.assert_array_equal(left, right, err_msg=name)


def test_policies_have_the_step_of_their_family():
    relending = EmergencyRelending(take_up=0.5)
    policies = (
        Policy(name="plain", levers=(LoanRenewal(take_up=0.5),)),
        Policy(name="funded", levers=(LoanRenewal(take_up=0.5), relending)),
        Policy(name="any", levers=(relending, WageSubsidy(take_up=0.5))),
    )
    world = random_world(1, SIZE, policies)
    families = dict(zip((policy.name for policy in world.policies), inputs_of(world.ground(DRAWS, slice(None))).families, strict=True))
    assert families["plain"] == PLAIN
    assert families["funded"] == FUNDED
    assert families["any"] == ANY


def test_a_step_with_funds_reads_nothing_of_other_money():
    text = {part.split("(", 1)[0].strip(): part for part in program().text.split("def ") if part}
    place = program().layout.rows["own"]["state.deferred_tax"]
    assert f"get_own(own, U({place * 264}) + j)" in text["step_with_levers"]
    assert f"get_own(own, U({place * 264}) + j)" not in text["step_with_funds"]


def test_everything_that_is_opened_is_used():
    text = next(part for part in program().text.split("def ") if part.startswith("open_firms("))
    layout = program().layout
    for name in COLUMNS:
        assert f"get_work(work, U({layout.rows['work'][f'column.{name}'] * 264}) + j)" in text, name
    for name in NUMBERS:
        assert f"of_draw[{layout.scalars['of_draw'][f'number.{name}']}]" in text, name
    assert set(YEARLY) == set(LUCK_OF_YEAR)
