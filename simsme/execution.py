"""How blocks of firms are run: on arrays by NumPy, or compiled. Both execute the same stages and give the same bits."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from threading import Thread

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Lanes
from simsme.engine.simulate import Lives, simulate
from simsme.policy import Policy
from simsme.problems import InputError, Problem
from simsme.scenario import Scenario
from simsme.tally import count
from simsme.world import World
from simsme.world.couplings import beyond_compiled
from simsme.world.timetable import steps_of_scenario

NUMPY, COMPILED = "numpy", "compiled"
ENGINES = (NUMPY, COMPILED)

LANES = {NUMPY: 40960, COMPILED: 40960}
"""Firms times draws of a block at the most. For NumPy small arrays would stay in the cache, but threads then wait for each other between
the short passes over them: on two cores blocks of 8,192 are slower with two threads than with one, blocks of 32,768 half as fast again."""

FEWEST_LANES = 16384
"""Firms times draws that a thread of NumPy must have for another one to be of use: with two threads, 4,000 of them take twice as long as
with one, 32,000 as long."""

COMPILED_FROM = 5_000_000
"""Firm-weeks from which a run is compiled: with fewer, NumPy is done in the seconds that loading or compiling takes."""

ANNOUNCED_AFTER_SECONDS = 2.0
"""Loading kept machine code takes less, compiling takes more."""

NAMED = 2
"""Couplings between firms that a message names."""

WAKE_SECONDS = 0.1
"""How often somebody who waits for the compiler is told so."""


def engine_for(world: World) -> str:
    """The execution that is the faster one for a run of this size, of those that can run it."""
    return engine_by_size(world.scenario, world.policies, len(world.firms.key))


def engine_by_size(scenario: Scenario, policies: Sequence[Policy], firms: int) -> str:
    """The execution that is the faster one for a run of so many firms, of those that can run it."""
    if beyond_compiled(scenario, policies):
        return NUMPY
    firm_weeks = firms * scenario.draws * len(steps_of_scenario(scenario)) * len(policies)
    return COMPILED if firm_weeks >= COMPILED_FROM else NUMPY


def threads_of_use(engine: str, firms: int, draws: int) -> int:
    """How many threads a run takes where nobody says: as many as there are cores, fewer where they would wait for each other."""
    cores = os.cpu_count() or 1
    return max(1, min(cores, firms * draws // FEWEST_LANES)) if engine == NUMPY else cores


def why_numpy(engine: str | None, scenario: Scenario, policies: Sequence[Policy]) -> str:
    """Say why a run is executed by NumPy whatever its size; empty where it need not be, or somebody asked for it."""
    beyond = beyond_compiled(scenario, policies) if engine is None else ()
    return f"Executed by NumPy, since firms act on each other through {_some(beyond)}: slower than compiled." if beyond else ""


def _some(couplings: Sequence[str]) -> str:
    """A few of them, and how many more there are: a line is to stay a line."""
    more = len(couplings) - NAMED
    return ", ".join(couplings[:NAMED]) + (f" and {more} more" if more > 0 else "")


def check_engine(engine: str | None, scenario: Scenario, policies: Sequence[Policy]) -> None:
    """Refuse a run that an engine cannot execute.

    Raises
    ------
    InputError
        Where the compiled engine is asked for what only NumPy does.
    """
    beyond = beyond_compiled(scenario, policies) if engine == COMPILED else ()
    if beyond:
        why = f"firms act on each other through {_some(beyond)}, which only the engine numpy executes"
        raise InputError([Problem(f"--engine {COMPILED}", "", f"{why}; leave --engine away or give --engine {NUMPY}")])


def prepare(engine: str, announce: Callable[[], None], waiting: Callable[[], None]) -> None:
    """Have everything ready that a run needs.

    Parameters
    ----------
    engine
        One of `ENGINES`.
    announce
        Called when the engine has to be compiled first, which happens once on a machine.
    waiting
        Called every now and then while it is being compiled; an exception that it raises ends the wait.
    """
    if engine != COMPILED:
        return
    from simsme.compiled.lives import kernel

    done: Future[object] = Future()

    def load() -> None:
        try:
            done.set_result(kernel())
        except BaseException as error:
            done.set_exception(error)

    # a thread of its own, which nobody waits for, because a compiler does not let itself be interrupted
    Thread(target=load, daemon=True).start()
    started, announced = time.perf_counter(), False
    while True:
        try:
            done.result(timeout=WAKE_SECONDS)
            return
        except FutureTimeout:
            waiting()
        if not announced and time.perf_counter() - started > ANNOUNCED_AFTER_SECONDS:
            announce()
            announced = True


def adder(engine: str) -> Callable[..., None]:
    """What adds up the weights of firms, see :func:`simsme.tally.count`: an engine's own."""
    if engine == COMPILED:
        from simsme.compiled import tally as compiled

        return compiled.count
    return count


def live(engine: str, world: World, draws: NDArray[np.uint64], rows: slice, estates_bring: Lanes, lived: Callable[[float], None]) -> Lives:
    """Let some firms live through some draws.

    Parameters
    ----------
    engine
        One of `ENGINES`.
    world
        The scenario, its firms and policies.
    draws, rows
        Which draws, and which firms.
    estates_bring
        See :meth:`simsme.world.World.liquidation_share`.
    lived
        Told from time to time which share of this work has been done since it was last told; an exception that it raises ends the work.
    """
    if engine == COMPILED:
        from simsme.compiled.draws import in_compiled_code
        from simsme.compiled.lives import simulate_compiled

        return simulate_compiled(world.ground(in_compiled_code(draws), rows, estates_bring), lived)
    block = world.block(draws, rows, estates_bring)
    share = 1.0 / (len(block.steps) * len(block.levers))
    return simulate(block, lambda *_: lived(share))
