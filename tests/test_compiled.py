"""The compiled execution: the same bits as NumPy on anything, packed instructions, and one compilation for all."""

import platform
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numba import float64, int64, njit, types, uint64

from simsme.arithmetic import exp, least, where
from simsme.compiled.formulas import program
from simsme.compiled.lives import kernel, simulate_compiled
from simsme.compiled.loops import recorded, stamp
from simsme.compiled.recording import Tape, symbols
from simsme.compiled.waking import WHOLE_FROM
from simsme.compiled.writer import OTHERS, ROWS
from simsme.engine.records import Clock
from simsme.engine.simulate import Lives, simulate
from simsme.execution import COMPILED, ENGINES, NUMPY, engine_for
from simsme.levers import kinds
from simsme.levers.lever import Lever
from simsme.policy import Policy
from simsme.runs import execute
from simsme.world import World
from tests.worlds_for_tests import Size, differing_bits, plan_of, random_levers, random_world

KINDS = sorted(set(kinds()) - {"relending_facility"})
"""All kinds of levers but the one that only NumPy executes."""
SIZES = (
    Size(firms=70, draws=2, step_days=7, horizon_days=182, report_days=(91, 182)),
    Size(firms=70, draws=1, step_days=5, horizon_days=400, report_days=(33, 364)),
    Size(firms=30, draws=2, step_days=14, horizon_days=91, report_days=(91,)),
    Size(firms=20, draws=1, step_days=1, horizon_days=60, report_days=(60,)),
)


def policies(seed: int, horizon_days: int) -> Sequence[Policy]:
    """A policy of each kind of lever, one of all of them, and one without any."""
    each = [Policy(name=kind, levers=random_levers(kind, seed, horizon_days)) for kind in KINDS]
    every = tuple(lever for policy in each for lever in policy.levers)
    return (*each, Policy(name="all", levers=every), Policy(name="nothing"))


def both(world: World) -> tuple[Lives, Lives]:
    """The lives of a world as NumPy and as the kernel see them."""
    draws, rows = np.arange(world.scenario.draws, dtype=np.uint64), slice(0, len(world.firms.key))
    return simulate(world.block(draws, rows)), simulate_compiled(world.ground(draws, rows))


def differing(left: Lives, right: Lives) -> list[str]:
    """Names of what is not the same in two lives."""
    names = Lives.__dataclass_fields__
    return [name for name in names if not np.array_equal(getattr(left, name), getattr(right, name), equal_nan=True)]


@pytest.mark.parametrize("seed", range(24))
def test_any_world_has_the_same_lives_in_both_executions(seed: int) -> None:
    size = SIZES[seed % len(SIZES)]
    world = random_world(seed, size, policies(seed, size.horizon_days))
    assert differing(*both(world)) == []


@pytest.mark.parametrize("firms", [1, 255, 256, 257, 600])
def test_chunks_need_not_be_full(firms: int) -> None:
    world = random_world(7, Size(firms=firms, draws=1, horizon_days=91), policies(7, 91))
    assert differing(*both(world)) == []


# --------------------------------------------------------------------------------------------------------- firms that are not set apart


HARD = Size(firms=300, draws=2, step_days=7, horizon_days=400, report_days=(91, 364))


def lever(kind: str, **numbers: object) -> Lever:
    """A lever of a kind that reaches everybody, and is in force always, unless something else is said."""
    return kinds()[kind].model_validate({"kind": kind, "take_up": 1.0, **numbers})


def reached(world: World) -> list[float]:
    """Share of firms that each policy reaches, after a check that both executions agree."""
    slow, fast = both(world)
    assert differing(slow, fast) == []
    return [float(np.mean(steps < len(world.steps))) for steps in fast.reached_step]


@pytest.mark.parametrize("seed", range(3))
def test_levers_that_are_in_force_for_some_days_only(seed: int) -> None:
    windows = ((0.0, 20.0), (35.0, 36.0), (60.0, 150.0), (170.0, 177.0))
    levers = [lever(kind, from_day=first, to_day=last) for kind in KINDS for first, last in windows]
    every = [Policy(name=f"{number}", levers=(one,)) for number, one in enumerate(levers)]
    shares = reached(random_world(seed, HARD, every))
    assert min(shares) == 0.0 < max(shares)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", KINDS)
def test_a_reference_with_levers_of_its_own(kind: str, seed: int) -> None:
    """Also a policy that is the reference under another name: nobody is reached by it."""
    levers = random_levers(kind, seed, HARD.horizon_days)
    others = (Policy(name="twin", levers=levers), Policy(name="less", levers=levers[:1]), *policies(seed, HARD.horizon_days)[:2])
    world = random_world(seed, HARD, (Policy(name="own", levers=levers), *others))
    world = World(world.scenario.model_copy(update={"reference": "own"}), world.firms, world.policies)
    shares = dict(zip([policy.name for policy in world.policies], reached(world), strict=True))
    assert shares["own"] == shares["twin"] == 0.0


def test_nobody_and_everybody_is_set_apart() -> None:
    """A lever that reaches nobody changes nothing; where most firms of a chunk are awake, all are."""
    shares = {"nobody": 0.0, "everybody": 1.0}
    levers = {name: lever("loan_renewal", take_up=share, from_day=0.0, to_day=400.0) for name, share in shares.items()}
    world = random_world(5, HARD, [Policy(name=name, levers=(one,)) for name, one in levers.items()])
    firms = replace(world.firms, loan=np.full(HARD.firms, 1000.0), loan_due_day=np.linspace(1.0, 60.0, HARD.firms))
    none, nobody, everybody = reached(World(world.scenario, firms, world.policies))
    assert (none, nobody) == (0.0, 0.0)
    assert everybody > WHOLE_FROM / 256


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("lanes", [256, 40960])
def test_a_run_has_the_same_bits_in_both_executions(jobs: int, lanes: int) -> None:
    levers = random_levers("loan_renewal", 3, 182)
    world = random_world(3, Size(firms=300, draws=4, horizon_days=182, report_days=(91,)), (Policy(name="renewal", levers=levers),))
    slow, fast = (execute(plan_of(world), jobs=jobs, lanes=lanes, firms=world.firms, engine=engine).outcomes for engine in ENGINES)
    assert differing_bits(slow, fast) == []


def test_the_kernel_is_compiled_for_one_set_of_types_only() -> None:
    for seed in range(3):
        size = SIZES[seed]
        world = random_world(100 + seed, size, policies(seed, size.horizon_days)[:seed])
        simulate_compiled(world.ground(np.arange(1, dtype=np.uint64), slice(0, size.firms)))
    assert len(kernel().signatures) == 1


def test_large_runs_are_compiled_and_small_ones_are_not() -> None:
    world = random_world(1, Size(firms=10, draws=1))
    assert engine_for(world) == NUMPY
    many = replace(world, scenario=world.scenario.model_copy(update={"draws": 100_000}))
    assert engine_for(many) == COMPILED


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="packed instructions are looked for on x86-64 only")
def test_the_step_runs_on_packed_instructions() -> None:
    """Several firms go into one instruction: a loop that is not packed is four times slower and nobody would notice."""
    array = types.Array(float64, 1, "C")
    kinds_of_argument = {"chosen": types.Array(uint64, 1, "C"), "count": int64}
    signature = types.void(types.UniTuple(array, len(ROWS)), *(kinds_of_argument.get(name, array) for name in OTHERS))
    for name in ("weather_of_firms", "step_of_firms", "step_with_funds"):
        compiled = njit(signature, error_model="numpy")(recorded()[name])
        assembly = compiled.inspect_asm(compiled.signatures[0])
        packed = sum(assembly.count(f"{word}pd") for word in ("mul", "add", "sub"))
        scalar = sum(assembly.count(f"{word}sd") for word in ("mul", "add", "sub"))
        assert packed > 2 * scalar, f"{name}: {packed} packed and {scalar} scalar instructions"


# ------------------------------------------------------------------------------------------------------------------- recording


def test_a_branch_on_a_firms_number_is_an_error() -> None:
    tape = Tape()
    with pytest.raises(TypeError, match="branches"):
        bool(tape.input("state.cash") > 0.0)


def test_arrays_and_odd_calls_cannot_be_recorded() -> None:
    cash = Tape().input("state.cash")
    with pytest.raises(TypeError, match="array"):
        least(cash, np.zeros(3))
    with pytest.raises(TypeError, match="cannot be recorded"):
        np.add.reduce(cash)  # type: ignore[arg-type]


def test_equal_lines_are_kept_once() -> None:
    tape = Tape()
    clock = symbols(tape, Clock, "clock")
    lines = len(tape.lines)
    first = exp(clock.a * clock.h)
    once = len(tape.lines)
    second = exp(clock.a * clock.h)
    assert once > lines
    assert len(tape.lines) == once
    assert first.position == second.position  # type: ignore[attr-defined]


def test_what_constants_decide_is_not_computed() -> None:
    tape = Tape()
    cash = tape.input("state.cash")
    lines = len(tape.lines)
    nothing = np.float64(0.0)
    assert cash + nothing is cash
    assert cash * nothing == 0.0
    assert where(np.False_, 1.0, cash) is cash
    assert len(tape.lines) == lines


def test_a_policy_without_funds_computes_nothing_about_funds() -> None:
    text = {part.split("(", 1)[0].strip(): part for part in program().text.split("def ") if part}
    assert len(text["step_with_funds"]) > len(text["step_of_firms"])
    for row in ("state.asked", "state.fund_accrued", "state.term_loan.advance"):
        place = program().layout.rows["own"][row]
        assert f"get_own(own, U({place * 264}) + j)" not in text["step_of_firms"], row
        assert f"get_own(own, U({place * 264}) + j)" in text["step_with_funds"], row


def test_kept_machine_code_depends_on_what_was_compiled() -> None:
    assert stamp() == stamp()
    assert stamp() != 0
