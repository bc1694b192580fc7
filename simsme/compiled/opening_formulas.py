"""What a firm is in a draw, as a loop: its constants, its luck and its opening books, from its columns and its streams of luck.

The functions are those of :mod:`simsme.world`. They are called once with records in the place of firms and of numbers of a draw.
"""

from typing import Any

import numpy as np

from simsme.arithmetic import least
from simsme.compiled.recording import Symbol, Tape, leaves, symbols
from simsme.compiled.rows import LUCK_OF_YEAR, REPORTED
from simsme.compiled.text import Loop, write_function
from simsme.compiled.writer import Writer, firm_of, position_of, state_of
from simsme.engine.opening import balances, opening_books
from simsme.engine.weather import Exposure, Pressure
from simsme.streams import normals_of
from simsme.world.constants import adjusted, constants_of_draw, opening_sums
from simsme.world.luck import luck_of_firms
from simsme.world.shock import reopening_day


class _Column:
    """A column of firms, of which any rows are one and the same symbol."""

    def __init__(self, symbol: Any) -> None:
        self._symbol = symbol

    def __getitem__(self, rows: Any) -> Any:
        return self._symbol


class _Firms:
    """Firms whose columns are symbols."""

    size_names = ()

    def __init__(self, tape: Tape) -> None:
        self._tape = tape

    def __getattr__(self, name: str) -> Any:
        return _Column(np.zeros(1) if name == "size" else self._tape.input(f"column.{name}"))


class _Draws:
    """Draws whose luck is symbols."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape

    def __getitem__(self, part: Any) -> "_Draws":
        return self

    def __uniforms__(self, seed: int, keys: Any, step: int, name: str) -> Any:
        return self._tape.input(f"draw.u.{name}")

    def __normals__(self, seed: int, keys: Any, step: int, name: str) -> Any:
        u: Any = self._tape.input(f"draw.u.{name}")
        v: Any = self._tape.input(f"draw.v.{name}")
        return normals_of(u, v)[0]


class _Numbers:
    """Numbers of a draw that are symbols."""

    seed = 0

    def __init__(self, tape: Tape) -> None:
        self._tape, self.draws = tape, _Draws(tape)

    def number(self, name: str) -> Any:
        """The number of this name."""
        return self._tape.input(f"number.{name}")


def record_opening(writer: Writer) -> None:
    """Record what a firm is in a draw, and the balances with which it begins."""
    tape, rows = Tape(), slice(None)
    firms: Any = _Firms(tape)
    numbers: Any = _Numbers(tape)
    read: Any = tape.input
    accounts = adjusted(firms, rows, numbers)
    firm = constants_of_draw(firms, rows, numbers, accounts)._replace(background_rate=read("column.background_rate"))
    books = opening_books(firm, **opening_sums(firms, rows, accounts))
    luck = luck_of_firms(numbers, firms.key[rows])(0)._asdict()
    made: dict[str, Any] = {
        "volatility": firms.sales_volatility[rows] * numbers.number("adjust.volatility_factor"),
        **dict(leaves(firm, "firm")),
        **dict(leaves(_exposure(tape, numbers), "exposure")),
        **{f"luck.{name}": value for name, value in luck.items() if name not in LUCK_OF_YEAR},
        **{name: firms.__getattr__(name)[rows] for name in ("weight", "employees", "default_risk")},
        **dict(leaves(books, "after")),
    }
    outputs = {label: value.position for label, value in made.items() if isinstance(value, Symbol)}
    constants = {label: float(value) for label, value in made.items() if label not in outputs}
    writer.add(Loop("open_firms", tape, outputs, constants=constants))

    tape = Tape()
    owned = balances(firm_of(tape), state_of(tape, "after")).values()
    writer.add(Loop("opening_balances", tape, dict(zip(REPORTED, (position_of(value) for value in owned), strict=False))))


def record_normal(writer: Writer) -> None:
    """Record a normal number as a function of two uniform ones."""
    tape = Tape()
    u: Any = tape.input("u")
    v: Any = tape.input("v")
    writer.texts.append(write_function("normal_of", tape, position_of(normals_of(u, v)[0])))


def _exposure(tape: Tape, numbers: _Numbers) -> Exposure:
    """How the shock meets a firm; tables that are absent have the share 0."""
    pressure, read = symbols(tape, Pressure, "pressure"), numbers.draws.__uniforms__
    depth: Any = tape.input("column.depth")
    closed_share: Any = tape.input("column.closed_share")
    return Exposure(
        depth=depth,
        scar=least(numbers.number("shock.sales.scar"), depth),
        closed=read(0, None, 0, "closure") < closed_share,
        reopens=reopening_day(read(0, None, 0, "reopening"), pressure.from_day, pressure.closed_days, pressure.reopening_half_life_days),
        hit_by_costs=read(0, None, 0, "cost_pressure") < numbers.number("shock.costs.affected_share"),
        hit_by_labour=read(0, None, 0, "labour") < numbers.number("shock.labour.affected_share"),
    )
