"""Record what the stages compute: call them once with symbols in the place of numbers, and keep the formula as a list of operations.

The stages are written once, as elementwise functions over the small vocabulary of :mod:`simsme.arithmetic`. NumPy runs them on arrays
of firms. Here they run on symbols: every operation appends one line to a tape, equal lines are kept once, and a branch on a symbol is
an error. What comes out are the same operations in the same order for one firm, from which :mod:`simsme.compiled.text` writes a loop.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Name = str
Operand = tuple[str, Any]
"""("value", position on the tape), or ("number", a float), or ("flag", a bool)."""

COMPARISONS = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"})
LOGIC = frozenset({"bitwise_and", "bitwise_or", "invert"})


class Symbol:
    """A number, or a yes or no, that is not known yet."""

    __slots__ = ("flag", "position", "tape")
    __hash__ = None  # type: ignore[assignment]  # as for any object with an equality of its own, and mypy knows only of hashes

    def __init__(self, tape: "Tape", position: int, flag: bool) -> None:
        self.tape, self.position, self.flag = tape, position, flag

    def __array_ufunc__(self, function: np.ufunc, method: str, *arguments: Any) -> "Symbol":
        if method != "__call__":
            raise TypeError(f"a stage calls numpy.{function.__name__} in a way that cannot be recorded")
        return self.tape.line(function.__name__, *arguments)

    def __array_function__(self, function: Callable[..., Any], _types: Any, arguments: Any, options: dict[str, Any]) -> "Symbol":
        if options:
            raise TypeError(f"a stage calls numpy.{function.__name__} in a way that cannot be recorded")
        return self.tape.line(function.__name__, *arguments)

    def __word__(self, name: str) -> "Symbol":
        """Record a word of the vocabulary that is not an operation of NumPy."""
        return self.tape.line(name, self)

    def __bool__(self) -> bool:
        raise TypeError("a stage branches on a firm's number; stages are elementwise, use where(...)")

    def __neg__(self) -> "Symbol":
        return self.tape.line("negative", self)

    def __pow__(self, exponent: int) -> "Symbol":
        if exponent != 2:
            raise TypeError("a stage takes a power that is not a square; use power(...)")
        return self.tape.line("multiply", self, self)

    def __invert__(self) -> "Symbol":
        return self.tape.line("invert", self)


def _binary(name: str, swapped: bool = False) -> Callable[[Any, Any], Any]:
    def operation(left: Any, right: Any) -> Any:
        symbol = left if isinstance(left, Symbol) else right
        return symbol.tape.line(name, right, left) if swapped else symbol.tape.line(name, left, right)

    return operation


_ARITHMETIC = {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "and": "bitwise_and", "or": "bitwise_or"}
for _method, _name in _ARITHMETIC.items():
    setattr(Symbol, f"__{_method}__", _binary(_name))
    setattr(Symbol, f"__r{_method}__", _binary(_name, swapped=True))
for _method, _name in {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal"}.items():
    setattr(Symbol, f"__{_method}__", _binary(_name))


class Tape:
    """A formula: inputs and operations in the order in which they were met.

    Attributes
    ----------
    lines
        Name of the operation and its operands; ``("input", label)`` for an input.
    flags
        Whether the line is a yes or no.
    """

    def __init__(self) -> None:
        self.lines: list[tuple[Any, ...]] = []
        self.flags: list[bool] = []
        self._known: dict[tuple[Any, ...], Symbol] = {}

    def input(self, label: Name, flag: bool = False) -> Symbol:
        """The input of this label, the same symbol each time."""
        return self._keep(("input", label), flag)

    def line(self, name: Name, *arguments: Any) -> Any:
        """Record an operation; what is known without looking at a firm is no operation."""
        known = _known(name, arguments)
        if known is not None:
            return known
        operands = tuple(_operand(argument) for argument in arguments)
        flag = name in COMPARISONS or name in LOGIC or (name == "where" and all(self._is_flag(operand) for operand in operands[1:]))
        return self._keep((name, *operands), flag)

    def _is_flag(self, operand: Operand) -> bool:
        kind, value = operand
        return self.flags[value] if kind == "value" else kind == "flag"

    def _keep(self, line: tuple[Any, ...], flag: bool) -> Symbol:
        if line not in self._known:
            self.lines.append(line)
            self.flags.append(flag)
            self._known[line] = Symbol(self, len(self.lines) - 1, flag)
        return self._known[line]

    def operands(self, position: int) -> Iterator[int]:
        """Positions of the values that a line reads."""
        line = self.lines[position]
        if line[0] != "input":
            yield from (value for kind, value in line[1:] if kind == "value")


def _known(name: Name, arguments: tuple[Any, ...]) -> Any:
    """The result where constants decide it, to the bit, for finite numbers; None otherwise."""
    if name == "where" and isinstance(arguments[0], bool | np.bool_):
        return arguments[1] if arguments[0] else arguments[2]
    if name in ("bitwise_and", "bitwise_or"):
        for flag, other in (arguments, arguments[::-1]):
            if isinstance(flag, bool | np.bool_):
                return other if bool(flag) == (name == "bitwise_and") else np.bool_(flag)
    left, right = (arguments[0], arguments[-1]) if len(arguments) == 2 else (None, None)
    if name in ("add", "subtract") and _is(right, 0.0):
        return left
    if name == "add" and _is(left, 0.0):
        return right
    if name == "multiply" and (_is(left, 0.0) or _is(right, 0.0)):
        return np.float64(0.0)
    if name == "multiply" and (_is(left, 1.0) or _is(right, 1.0)):
        return right if _is(left, 1.0) else left
    return None


def _is(argument: Any, number: float) -> bool:
    return not isinstance(argument, Symbol | bool | np.bool_) and np.shape(argument) == () and float(argument) == number


def _operand(argument: Any) -> Operand:
    if isinstance(argument, Symbol):
        return ("value", argument.position)
    if isinstance(argument, bool | np.bool_):
        return ("flag", bool(argument))
    number = np.asarray(argument, dtype=np.float64)
    if number.shape != ():
        raise TypeError("a stage mixes firms with an array")
    return ("number", float(number))


def symbols(
    tape: Tape, record: type[Any], prefix: str, flags: frozenset[str] = frozenset(), nested: dict[str, type[Any]] | None = None
) -> Any:
    """A record of inputs named ``prefix.field``; ``nested`` says which fields are records themselves."""
    inner = nested or {}
    fields = getattr(record, "_fields")  # noqa: B009
    return record(
        *(
            symbols(tape, inner[field], f"{prefix}.{field}") if field in inner else tape.input(f"{prefix}.{field}", field in flags)
            for field in fields
        )
    )


def leaves(record: Any, prefix: str) -> Iterator[tuple[Name, Any]]:
    """Every number of a record or mapping with its dotted name, nested ones included."""
    if isinstance(record, dict):
        for name, value in record.items():
            yield from leaves(value, f"{prefix}.{name}")
    elif hasattr(record, "_fields"):
        for name, value in zip(record._fields, record, strict=True):
            yield from leaves(value, f"{prefix}.{name}")
    elif isinstance(record, tuple):
        for number, value in enumerate(record):
            yield from leaves(value, f"{prefix}.{number}")
    else:
        yield prefix, record
