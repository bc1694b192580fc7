"""Write recorded formulas as the text of loops over the firms of a chunk, for Numba to compile.

A loop reads its inputs from rows of a workspace, one number a firm, does what the tape says, and writes its outputs to rows. Rows lie
:data:`STRIDE` numbers apart, at distances that are known when the loop is compiled, so that the compiler can see that no two of them
overlap and packs several firms into one instruction. How many firms a loop is for is said when it is run: a multiple of
:data:`~simsme.engine.sums.SUMMANDS`, or any number where they are chosen one by one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from simsme.compiled.recording import Tape
from simsme.compiled.rows import STRIDE
from simsme.engine.sums import SUMMANDS

_SIGNS = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
    "equal": "==",
    "not_equal": "!=",
}
_WORDS = {"minimum": "least", "maximum": "most", "bitwise_and": "both", "bitwise_or": "either", "invert": "no"}
_WORDS |= {word: word for word in ("floor", "rint", "sqrt", "two_to", "exponent_of", "mantissa_of")}


@dataclass
class Layout:
    """Where numbers lie: rows of firms in arrays, by label, and scalars in arrays, by label."""

    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    scalars: dict[str, dict[str, int]] = field(default_factory=dict)

    def add_rows(self, array: str, labels: list[str]) -> None:
        """Append rows to an array of rows."""
        known = self.rows.setdefault(array, {})
        for label in labels:
            known.setdefault(label, len(known))

    def place(self, label: str) -> tuple[str, str, int]:
        """("row" or "scalar", array, position) of a label."""
        for array, known in self.rows.items():
            if label in known:
                return "row", array, known[label]
        for array, known in self.scalars.items():
            if label in known:
                return "scalar", array, known[label]
        raise KeyError(label)

    def size(self, array: str) -> int:
        """Numbers in an array of rows."""
        return len(self.rows[array]) * STRIDE


@dataclass(frozen=True)
class Loop:
    """A loop to be written.

    Attributes
    ----------
    name
        Of the function.
    tape
        The formula.
    outputs
        Position of a value, by the label of the row that it is written to.
    known
        Values that an earlier loop has left in rows, by position.
    few
        Whether the loop is run for a few firms only, whose numbers stand in ``chosen``.
    constants
        Rows that are the same number for all firms.
    """

    name: str
    tape: Tape
    outputs: Mapping[str, int]
    known: Mapping[int, str] = field(default_factory=dict)
    few: bool = False
    constants: Mapping[str, float] = field(default_factory=dict)

    def label(self, position: int) -> str:
        """Label of the row or number from which a value is read; empty where it is computed."""
        line = self.tape.lines[position]
        return self.known.get(position) or (str(line[1]) if line[0] == "input" else "")


def needed(loop: Loop) -> list[int]:
    """Positions of the lines that the outputs of a loop need, in order."""
    wanted, seen = [*loop.outputs.values()], set()
    while wanted:
        position = wanted.pop()
        if position in seen:
            continue
        seen.add(position)
        if position not in loop.known:
            wanted.extend(loop.tape.operands(position))
    return sorted(seen)


SHORT: Final = 100
"""Lines up to which a loop is left to the compiler to pack; a longer one is written in portions of as many firms as an instruction takes,
or it would be compiled once more, unpacked, for a remainder that there never is."""


def write(loop: Loop, layout: Layout, rows: tuple[str, ...], others: tuple[str, ...]) -> str:
    """Text of a function of a tuple of arrays of rows, and of other arguments, that runs a loop over firms."""
    tape = loop.tape
    once: list[str] = []
    each: list[str] = []
    scalar: dict[int, bool] = {}
    for position in needed(loop):
        line, value = tape.lines[position], f"v{position}"
        label = loop.label(position)
        if label:
            kind, array, place = layout.place(label)
            scalar[position] = kind == "scalar"
            read = f"{array}[{place}]" if kind == "scalar" else f"get_{array}({array}, U({place * STRIDE}) + j)"
            text = f"{read} != 0.0" if tape.flags[position] else read
        else:
            scalar[position] = all(scalar[operand] for operand in tape.operands(position))
            text = _operation(tape, line)
        (once if scalar[position] else each).append(f"{value} = {text}")
    for label, position in loop.outputs.items():
        _, array, place = layout.place(label)
        each.append(f"put_{array}({array}, U({place * STRIDE}) + j, {_as_number(tape, position)})")
    for label, number in loop.constants.items():
        _, array, place = layout.place(label)
        each.append(f"put_{array}({array}, U({place * STRIDE}) + j, {_literal(number)})")
    lines = [f"def {loop.name}(rows, {', '.join(others)}):", "    wide()", f"    {', '.join(rows)} = rows"]
    lines += [f"    {text}" for text in once]
    in_portions = not loop.few and len(each) > SHORT
    if loop.few:
        lines += ["    for i in range(U(count)):", "        j = chosen[i]"]
    elif in_portions:
        lines += [f"    for i in range(U(count) // U({SUMMANDS})):", f"        for k in range(U({SUMMANDS})):"]
        lines += [f"            j = i * U({SUMMANDS}) + k"]
    else:
        lines += ["    for j in range(U(count)):"]
    indent = "            " if in_portions else "        "
    lines += [indent + text for text in each]
    return "\n".join(lines) + "\n"


def copy_lanes(name: str, copied: list[int], rows: tuple[str, ...], others: tuple[str, ...]) -> str:
    """Text of a loop that copies rows of ``common`` to those of ``after``, column by column from the lanes that ``reach`` names."""
    lines = [f"def {name}(rows, {', '.join(others)}):", "    wide()", f"    {', '.join(rows)} = rows"]
    lines += [f"    for i in range(U(count) // U({SUMMANDS})):", f"        for k in range(U({SUMMANDS})):"]
    lines += [f"            j = i * U({SUMMANDS}) + k", "            lane = U(whole(get_reach(reach, j)))"]
    lines += [f"            put_after(after, U({row * STRIDE}) + j, get_common(common, U({row * STRIDE}) + lane))" for row in copied]
    return "\n".join(lines) + "\n"


def write_combination(name: str, tape: Tape, position: int, in_force: int, by_firm: bool) -> str:
    """Text of a function that combines one row of terms, which begins at ``at``, with what a lever offers.

    Parameters
    ----------
    name
        Of the rule.
    tape, position
        The rule, and its result.
    in_force
        Row of ``work`` that says where the lever is in force.
    by_firm
        Whether ``offered`` is the place of a row of ``reach`` and not a number.
    """
    given = {
        "term.so_far": "get_terms(terms, U(at) + j)",
        "lever.offered": "get_reach(reach, U(offered) + j)" if by_firm else "offered",
        "in_force": f"get_work(work, U({in_force * STRIDE}) + j) != 0.0",
    }
    lines = [f"def combine_{name}(work, reach, terms, at, offered, count):", "    wide()", "    for j in range(U(count)):"]
    for number, line in enumerate(tape.lines):
        lines.append(f"        v{number} = {given[line[1]] if line[0] == 'input' else _operation(tape, line)}")
    lines.append(f"        put_terms(terms, U(at) + j, v{position})")
    return "\n".join(lines) + "\n"


def write_function(name: str, tape: Tape, position: int) -> str:
    """Text of a function of the inputs of a tape, in their order, that returns one number."""
    inputs = {number: str(line[1]) for number, line in enumerate(tape.lines) if line[0] == "input"}
    lines = [f"def {name}({', '.join(inputs.values())}):"]
    lines += [f"    v{number} = {inputs.get(number) or _operation(tape, line)}" for number, line in enumerate(tape.lines)]
    return "\n".join([*lines, f"    return v{position}"]) + "\n"


def _as_number(tape: Tape, position: int) -> str:
    return f"select(v{position}, 1.0, 0.0)" if tape.flags[position] else f"v{position}"


def _operation(tape: Tape, line: tuple[Any, ...]) -> str:
    name = str(line[0])
    operands, flags = [], []
    for operand in line[1:]:
        kind, value = operand
        flags.append(tape.flags[value] if kind == "value" else kind == "flag")
        operands.append(f"v{value}" if kind == "value" else _literal(value))
    if name in _SIGNS:
        numbers = [f"select({text}, 1.0, 0.0)" if flag else text for text, flag in zip(operands, flags, strict=True)]
        return f"{numbers[0]} {_SIGNS[name]} {numbers[1]}"
    if name == "negative":
        return f"-{operands[0]}"
    if name == "where":
        word = "select_flag" if flags[1] and flags[2] else "select"
        mixed = zip(operands[1:], flags[1:], strict=True)
        chosen = [f"select({text}, 1.0, 0.0)" if flag and word == "select" else text for text, flag in mixed]
        return f"{word}({operands[0]}, {', '.join(chosen)})"
    if name not in _WORDS:
        raise TypeError(f"a stage uses {name!r}, which is not in the vocabulary")
    return f"{_WORDS[name]}({', '.join(operands)})"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value)
    text = repr(value)
    return {"inf": "INFINITY", "-inf": "-INFINITY"}.get(text, text)
