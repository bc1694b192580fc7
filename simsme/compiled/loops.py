"""The recorded loops as functions that compiled code can call, and the stamp under which machine code is kept.

Recording and writing happens when something is compiled. Machine code that was kept from an earlier run is loaded without it.
"""

from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numba.extending import overload

import simsme.compiled.words as words
from simsme.compiled.formulas import program

_PACKAGE = Path(__file__).parent.parent


@cache
def recorded() -> dict[str, Callable[..., Any]]:
    """The recorded loops as functions of Python, by name."""
    names: dict[str, Any] = {name: getattr(words, name) for name in dir(words) if not name.startswith("_")}
    names |= {"U": np.uint64, "INFINITY": np.inf}
    # the text is written from our own stages by simsme.compiled.text, and from nothing else
    exec(compile(program().text, "<recorded stages>", "exec"), names)
    return names


def _loop(name: str) -> Callable[..., None]:
    """A stand-in for a recorded loop; Numba puts the loop in its place when it compiles."""

    def stand_in(common, own, of_draw, of_step, sums, model, of_lever, reach, terms, chosen, count):  # type: ignore[no-untyped-def]
        raise NotImplementedError(f"{name} runs in compiled code only")

    @overload(stand_in, jit_options={"error_model": "numpy", "forceinline": False})
    def _(common, own, of_draw, of_step, sums, model, of_lever, reach, terms, chosen, count):  # type: ignore[no-untyped-def]
        return recorded()[name]

    return stand_in


own_numbers_of_firms = _loop("own_numbers_of_firms")
weather_of_firms = _loop("weather_of_firms")
step_of_firms = _loop("step_of_firms")
step_with_funds = _loop("step_with_funds")
causes_of_exit = _loop("causes_of_exit")
estates = _loop("estates")
ask_funds = _loop("ask_funds")
hold_of_funds = _loop("hold_of_funds")
flows_of_funds = _loop("flows_of_funds")
concern_of_funds = _loop("concern_of_funds")
marks = _loop("marks")
reached = _loop("reached")
report = _loop("report")
guard_term_loan = _loop("guard_term_loan")
guard_new_loan = _loop("guard_new_loan")
lever_terms_now = _loop("lever_terms_now")
lever_terms_now_of_few = _loop("lever_terms_now_of_few")
lever_terms_term_loan = _loop("lever_terms_term_loan")
lever_terms_new_loan = _loop("lever_terms_new_loan")
lever_due_terms_term_loan = _loop("lever_due_terms_term_loan")
lever_due_terms_new_loan = _loop("lever_due_terms_new_loan")


def stamp() -> int:
    """A number that changes when anything changes that is compiled: kept machine code is looked up under it."""
    files = [*sorted((_PACKAGE / "engine").glob("*.py")), *sorted((_PACKAGE / "compiled").glob("*.py"))]
    digest = blake2b(digest_size=7)
    for file in (*files, _PACKAGE / "arithmetic.py", _PACKAGE / "streams.py"):
        digest.update(file.read_bytes())
    return int.from_bytes(digest.digest(), "little")
