"""The rival in C, engine.c beside this file: compiled where there is a compiler, and run in the place of the compiled kernel.

All around the kernel is the same for both: the numbers of draws, whom levers reach, the threads, the sums by policy and group, so that
the outcomes of both can be compared to the last bit. What the C file does not know is refused.
"""

import ctypes
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.engine.accounts import BALANCES, ITEMS
from simsme.engine.simulate import Lives
from simsme.engine.sums import CHUNK
from simsme.engine.terms import NOTHING, LeverRow, Terms
from simsme.world.constants import background_rate
from simsme.world.ground import Ground
from simsme.world.shock import depth_of_firms

SOURCE = Path(__file__).with_name("engine.c")
COMPILERS = ("gcc",)
OPTIONS = ("-O3", "-march=native", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-std=c11", "-shared", "-fPIC")
ONE_AT_A_TIME = ("-DONE_AT_A_TIME",)
"""Asks for one firm at a time instead of eight, as processors without AVX-512 take them."""

_NOT_IN_C = ("closure", "shutdowns", "contracts", "labour")
_LIMITS = ("from_day", "to_day", "min_sales_fall", "max_cash_days")
_STEPS = {
    "a": "clock.a",
    "b": "clock.b",
    "h": "clock.h",
    "season": "season",
    "active": "shape.active",
    "intensity": "shape.intensity",
    "ramp": "shape.ramp",
    "outlook_active": "outlook.active",
    "outlook_intensity": "outlook.intensity",
}
_NUMBERS = {
    "adjust": ("margin_shift", "cash_factor", "informal_factor", "volatility_factor"),
    "behaviour": ("buffer_days",),
    "credit": ("opacity", "risk_sigma", "risk_median", "risk_aversion", "renewal", "renewal_risk_elasticity"),
    "exit": ("patience_days", "patience_sigma", "patience_min_days", "patience_supplier_factor", "hope_median", "hope_sigma"),
}
_OF_SHOCK = {"scar": "sales", "affected_share": "costs"}

Array = NDArray[Any]


class NotInCError(Exception):
    """A run has something that the C file does not know."""


def compiler() -> str | None:
    """The C compiler of this machine; None where there is none of those that are tried."""
    return next((found for name in COMPILERS if (found := shutil.which(name))), None)


def compiler_version() -> str:
    """Name and version of the compiler, as it tells them."""
    told = subprocess.run([compiler() or "", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return told.splitlines()[0]


@cache
def library(*more: str) -> Any:
    """Compile and load the C file; ``more`` options come after `OPTIONS`. Nothing is kept on disk."""
    found = compiler()
    if found is None:
        raise NotInCError(f"there is none of the compilers {', '.join(COMPILERS)} here")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "engine.so"
        subprocess.run([found, *OPTIONS, *more, str(SOURCE), "-o", str(target), "-lm"], check=True)
        return ctypes.CDLL(str(target))


@dataclass(frozen=True)
class Names:
    """Names of the numbers that the C file declares, list by list, in its order."""

    columns: tuple[str, ...]
    numbers: tuple[str, ...]
    steps: tuple[str, ...]
    levers: tuple[str, ...]
    items: tuple[str, ...]


@cache
def names() -> Names:
    """Read the names from the C file, so that what is handed over cannot stand in another order."""
    lists = {name: tuple(re.findall(r"X\((\w+)\)", text)) for name, text in _LISTS.findall(SOURCE.read_text(encoding="utf-8"))}
    # the last two rows of books, and the first of marks, are no items
    items = lists["BOOKS"][:-2] + lists["MARKS"][lists["MARKS"].index("trades") + 1 :]
    return Names(lists["COLUMNS"], lists["NUMBERS"], lists["STEPS"], lists["LEVERS"], items)


_LISTS = re.compile(r"^#define ([A-Z]+)\(X\)((?:[^\n]*\\\n)*[^\n]*)", re.MULTILINE)


class _Task(ctypes.Structure):
    """``struct task`` of the C file."""

    _numbers = ("draws", "firms", "chunks", "policies", "steps", "reports", "depths")
    _arrays = (
        *("draw_numbers", "keys", "columns", "depth", "background_rate", "numbers", "step", "report", "order", "levers_of", "lever"),
        *("reach", "when", "cause", "trough", "support", "flags", "trading", "opening", "items", "valued"),
    )
    _fields_ = (
        *((name, ctypes.c_int64) for name in _numbers),
        ("seed", ctypes.c_uint64),
        *((name, ctypes.c_void_p) for name in _arrays),
    )


def lives_in_c(ground: Ground, lived: Callable[[float], None] | None = None, options: tuple[str, ...] = ()) -> Lives:
    """Let the firms live in C: the same as :func:`simsme.compiled.lives.simulate_compiled`, to the bit.

    Raises
    ------
    NotInCError
        Where the run has something that the C file does not know, or there is no compiler.
    """
    refuse(ground)
    (draws, firms), policies, steps, reports = ground.at.shape, len(ground.levers), len(ground.steps), len(ground.reported)
    chunks = -(-firms // CHUNK)
    given = _given(ground, draws, chunks * CHUNK)
    found: dict[str, Array] = {
        "when": np.empty((3, policies, draws, firms), dtype=np.int16),
        "cause": np.empty((policies, draws, firms), dtype=np.int8),
        "trough": np.empty((policies, draws, firms)),
        "support": np.empty((policies, reports, draws, firms)),
        "flags": np.empty((3, policies, reports, draws, firms), dtype=np.bool_),
        "trading": np.empty((policies, steps, draws, chunks)),
        "opening": np.empty((draws, chunks, len(_OWNED))),
        "items": np.empty((policies, reports, draws, chunks, len(names().items))),
        "valued": np.empty((policies, reports, draws, chunks, len(_OWNED) + 2)),
    }
    sizes = draws, firms, chunks, policies, steps, reports, given["depth"].shape[0]
    # addresses only: the arrays live in the two dictionaries until the call is over
    addresses = {name: array.ctypes.data for name, array in (given | found).items()}
    task = _Task(*sizes, ground.climate.seed & 0xFFFFFFFFFFFFFFFF, **addresses)
    if library(*options).simulate(ctypes.byref(task)) != 0:
        raise MemoryError("no memory for the run in C")
    if lived is not None:
        lived(1.0)
    return _lives(found)


def refuse(ground: Ground) -> None:
    """Raise `NotInCError` where a run has something that the C file does not know."""
    scenario, reasons = ground.at.scenario, []
    if scenario.shock is None:
        reasons.append("no shock")
    else:
        reasons += [f"shock.{table}" for table in _NOT_IN_C if getattr(scenario.shock, table) is not None]
    reasons += ["gamma noise"] if ground.climate.noise != "lognormal" else []
    reasons += ["a path of sales"] if any(span.path_depth is not None for span in ground.climate.spans) else []
    reasons += ["public funds"] if any(fund is not None for fund in ground.funds) else []
    reasons += ["levers under the reference policy"] if ground.levers[ground.reference] else []
    offered = {name for levers in ground.levers for row in levers for name in _terms_of(row)}
    reasons += [f"the term {name}" for name in sorted(offered - set(names().levers))]
    if reasons:
        raise NotInCError(f"the C file does not know {', '.join(reasons)}")


def _terms_of(row: LeverRow) -> set[str]:
    """Terms that a lever changes, but for those that it leaves at 0 in all draws."""
    return {name for name in Terms._fields if getattr(row.terms, name) is not NOTHING and np.any(getattr(row.terms, name) != 0.0)}


_OWNED = tuple(name for name in BALANCES if name not in ("owed_funds", "owed_financiers"))


def _given(ground: Ground, draws: int, padded: int) -> dict[str, Array]:
    """What is given to C, with as many firms as fill chunks; the last firm stands in for those that are not there, without weight."""
    at, firms = ground.at, ground.at.shape[1]
    everybody = np.minimum(np.arange(padded), firms - 1)

    def filled(values: Any) -> Array:
        return np.asarray(values if padded == firms else np.take(values, everybody, axis=-1))

    columns = filled(np.array([getattr(at.firms, name)[at.rows] for name in names().columns], dtype=np.float64))
    columns[names().columns.index("weight"), firms:] = 0.0
    depth = np.atleast_2d(depth_of_firms(at))
    rates = background_rate(at.firms, at.rows, at.numbers)
    if rates.shape[0] > 1:
        raise NotInCError("the C file does not know a drawn exit.background_rate")
    rows = [row for of_policy in ground.levers for row in of_policy]
    reach = np.zeros((len(rows), draws, padded), dtype=np.bool_)
    for lever, row in enumerate(rows):
        reach[lever, :, :firms] = row.reaches
    given = {
        "draw_numbers": np.array(ground.climate.draws, dtype=np.uint64),
        "keys": filled(ground.climate.keys),
        "columns": columns,
        "depth": filled(depth),
        "background_rate": filled(rates[0]),
        "numbers": _numbers(ground, draws),
        "step": _steps(ground, draws),
        "report": np.array(ground.reported, dtype=np.int64),
        "order": np.array([ground.reference, *(p for p in range(len(ground.levers)) if p != ground.reference)], dtype=np.int64),
        "levers_of": np.cumsum([0, *(len(of_policy) for of_policy in ground.levers)]).astype(np.int64),
        "lever": _levers(rows, draws),
        "reach": reach,
    }
    return {name: np.ascontiguousarray(array) for name, array in given.items()}


def _numbers(ground: Ground, draws: int) -> Array:
    named = {**ground.climate.pressure._asdict(), **ground.valuation._asdict(), **ground.rules._asdict()}
    named |= {name: ground.at.numbers.number(f"{table}.{name}") for table, of_table in _NUMBERS.items() for name in of_table}
    named |= {name: ground.at.number(table, name) for name, table in _OF_SHOCK.items()}
    numbers = np.empty((draws, len(names().numbers)))
    for place, name in enumerate(names().numbers):
        numbers[:, place] = np.ravel(named[name])
    return numbers


def _steps(ground: Ground, draws: int) -> Array:
    steps = np.empty((draws, len(ground.steps), len(names().steps)))
    for number, span in enumerate(ground.climate.spans):
        for place, name in enumerate(names().steps):
            value: Any = span
            for part in _STEPS[name].split("."):
                value = getattr(value, part)
            steps[:, number, place] = np.ravel(value)
    return steps


def _levers(rows: list[LeverRow], draws: int) -> Array:
    numbers = np.zeros((len(rows), draws, len(names().levers)))
    for lever, row in enumerate(rows):
        for place, name in enumerate(names().levers):
            if name == "without_bank_arrears":
                value: Any = float(np.isfinite(row.max_interest_arrears).any())
            else:
                value = getattr(row if name in _LIMITS else row.terms, name)
            numbers[lever, :, place] = np.ravel(value)
    return numbers


def _lives(found: dict[str, Array]) -> Lives:
    """What became of the firms, where the engine has it; of what no lever here moves there is nothing."""
    policies, reports, draws, chunks, _ = found["items"].shape
    nothing = np.zeros((policies, reports, draws, chunks))

    def by_name(values: Array, own: tuple[str, ...], wanted: tuple[str, ...]) -> Array:
        """Sums with chunks on the last axis, by name on the second last but one."""
        laid_out = np.zeros((*values.shape[:-3], len(wanted), *values.shape[-3:-1]))
        for place, name in enumerate(own):
            laid_out[..., wanted.index(name), :, :] = values[..., place]
        return laid_out

    return Lives(
        cash_out_step=found["when"][0],
        exit_step=found["when"][1],
        reached_step=found["when"][2],
        cause=found["cause"],
        trough=found["trough"],
        support=found["support"],
        trades=found["flags"][0],
        insolvent=found["flags"][1],
        unsound=found["flags"][2],
        trading=found["trading"],
        flows=by_name(found["items"], names().items, tuple(ITEMS)),
        closing=by_name(found["valued"][..., : len(_OWNED)], _OWNED, tuple(BALANCES)),
        opening=by_name(found["opening"], _OWNED, tuple(BALANCES)),
        exposure_loss=np.ascontiguousarray(found["valued"][..., -2]),
        exposure_loss_funds=nothing,
        exposure_loss_state=nothing,
        exposure_loss_financiers=nothing,
        open_put_off=nothing,
        open_advances=nothing,
        open_equity=nothing,
        jobs=np.ascontiguousarray(found["valued"][..., -1]),
        fund_series=np.zeros((0, 8, found["trading"].shape[1] + 1, draws)),
        fund_firms=np.zeros((0, 3, reports, draws)),
        review_in_force=np.zeros((0, found["trading"].shape[1] + 1, draws)),
        review_days=np.zeros((0, found["trading"].shape[1] + 1, draws)),
    )


if __name__ == "__main__":
    sys.exit(f"{Path(__file__).name} is no command; see benchmarks/engine.py")
