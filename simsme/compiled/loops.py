"""The recorded loops as functions that compiled code can call, and the stamp under which machine code is kept.

Recording and writing happens when something is compiled. Machine code that was kept from an earlier run is loaded without it.
"""

from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from numba.extending import overload

import simsme.compiled.words as words
from simsme.compiled.formulas import program

_PACKAGE = Path(__file__).parent.parent
_ROWS_IN_A_LOOP = 2000


@cache
def recorded() -> dict[str, Callable[..., Any]]:
    """The recorded loops as functions of Python, by name."""
    # more rows than that in one loop, and the compiler would no longer believe that they do not overlap: it would not pack instructions
    llvm.set_option("simsme", f"--alias-set-saturation-threshold={_ROWS_IN_A_LOOP}")
    names: dict[str, Any] = {name: getattr(words, name) for name in dir(words) if not name.startswith("_")}
    names |= {"U": np.uint64, "INFINITY": np.inf}
    # the text is written from our own stages by simsme.compiled.text, and from nothing else
    exec(compile(program().text, "<recorded stages>", "exec"), names)
    return names


def _loop(name: str) -> Callable[..., None]:
    """A stand-in for a recorded loop; Numba puts the loop in its place when it compiles."""

    # Numba compares the arguments with those of the loop, annotations included, and the loop has none
    def stand_in(rows, of_draw, of_step, of_lever, reach, terms, chosen, count):  # type: ignore[no-untyped-def]
        raise NotImplementedError(f"{name} runs in compiled code only")

    @overload(stand_in, jit_options={"error_model": "numpy", "forceinline": False})
    def _(rows, of_draw, of_step, of_lever, reach, terms, chosen, count):  # type: ignore[no-untyped-def]
        return recorded()[name]

    return stand_in


open_firms = _loop("open_firms")
opening_balances = _loop("opening_balances")
own_numbers_of_firms = _loop("own_numbers_of_firms")
weather_of_firms = _loop("weather_of_firms")
step_of_firms = _loop("step_of_firms")
step_with_aid = _loop("step_with_aid")
step_with_funds = _loop("step_with_funds")
step_with_levers = _loop("step_with_levers")
causes_of_exit = _loop("causes_of_exit")
estates = _loop("estates")
ask_funds = _loop("ask_funds")
hold_of_funds = _loop("hold_of_funds")
flows_of_funds = _loop("flows_of_funds")
concern_of_funds = _loop("concern_of_funds")
marks = _loop("marks")
report = _loop("report")
guard_term_loan = _loop("guard_term_loan")
guard_new_loan = _loop("guard_new_loan")
lever_in_force = _loop("lever_in_force")
lever_terms_now_of_few = _loop("lever_terms_now_of_few")
lever_terms_term_loan = _loop("lever_terms_term_loan")
lever_terms_new_loan = _loop("lever_terms_new_loan")
lever_due_terms_term_loan = _loop("lever_due_terms_term_loan")
lever_due_terms_new_loan = _loop("lever_due_terms_new_loan")
occasions_of_firms = _loop("occasions_of_firms")
woken_by_lever = _loop("woken_by_lever")
hazards_of_sleepers = _loop("hazards_of_sleepers")
gather_weather = _loop("gather_weather")


def normal_of(u: float, v: float) -> float:
    """Stand-in for the recorded normal number of two uniform ones, see :func:`simsme.streams.normals_of`."""
    raise NotImplementedError("normal_of runs in compiled code only")


@overload(normal_of, jit_options={"error_model": "numpy", "forceinline": True})
def _normal_of(u, v):  # type: ignore[no-untyped-def]
    return recorded()["normal_of"]


def _combination(name: str) -> Callable[..., None]:
    """A stand-in for a recorded rule by which terms combine."""

    # without annotations, like the loops above
    def stand_in(work, reach, terms, at, offered, count):  # type: ignore[no-untyped-def]
        raise NotImplementedError(f"{name} runs in compiled code only")

    @overload(stand_in, jit_options={"error_model": "numpy", "forceinline": False})
    def _(work, reach, terms, at, offered, count):  # type: ignore[no-untyped-def]
        return recorded()[name]

    return stand_in


combine_most = _combination("combine_most")
combine_any_of = _combination("combine_any_of")
combine_total_of = _combination("combine_total_of")
combine_last_of = _combination("combine_last_of")


def stamp() -> int:
    """A number that changes when anything changes that is compiled: kept machine code is looked up under it."""
    files = [file for folder in ("engine", "world", "compiled") for file in sorted((_PACKAGE / folder).glob("*.py"))]
    digest = blake2b(digest_size=7)
    for file in (*files, _PACKAGE / "arithmetic.py", _PACKAGE / "streams.py"):
        digest.update(file.read_bytes())
    return int.from_bytes(digest.digest(), "little")
