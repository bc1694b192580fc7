"""The axes of a grid: keys of a scenario and the values that each takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from simsme.overrides import parse_override
from simsme.problems import InputError, Problem

_OPENING, _CLOSING = "[{", "]}"


@dataclass(frozen=True)
class Axis:
    """A key and its values.

    Attributes
    ----------
    key
        Dotted, as ``--set`` takes it.
    texts
        The values as written.
    values
        The values as they are understood: numbers, texts, lists and tables.
    """

    key: str
    texts: tuple[str, ...]
    values: tuple[Any, ...]

    @property
    def numbers(self) -> tuple[float, ...] | None:
        """The values, where all of them are numbers."""
        if any(isinstance(value, bool) or not isinstance(value, int | float) for value in self.values):
            return None
        return tuple(float(value) for value in self.values)


@dataclass(frozen=True)
class Point:
    """A point of the grid: the position of its value on each axis, and the overrides that lead there."""

    places: tuple[int, ...]
    texts: tuple[str, ...]
    overrides: tuple[str, ...]


def parse_axis(text: str) -> Axis:
    """Return the axis that ``key=a,b,c`` describes; a value in brackets or quotes may hold commas.

    Raises
    ------
    InputError
        Where there is no key or no value, a value is not TOML, or a value comes twice.
    """
    key, equals, listed = text.partition("=")
    texts = [part.strip() for part in _split(listed)]
    if not equals or not key.strip() or not listed.strip():
        raise InputError([_problem(text, "must be key=a,b,c with a dotted key, such as credit.renewal=0.8,0.9")])
    if not all(texts):
        raise InputError([_problem(text, "a value between two commas is missing")])
    try:
        parts, values = zip(*(parse_override(f"{key.strip()}={value}") for value in texts), strict=True)
    except InputError as error:
        raise InputError(_problem(text, problem.message) for problem in error.problems) from None
    twice = [value for place, value in enumerate(texts) if values[place] in values[:place]]
    if twice:
        raise InputError([_problem(text, f"comes twice: {', '.join(twice)}")])
    return Axis(".".join(parts[0]), tuple(texts), tuple(values))


def parse_axes(texts: Sequence[str]) -> tuple[Axis, ...]:
    """Return all axes; InputError with everything that is wrong with any of them, and where there is none."""
    axes: list[Axis] = []
    problems: list[Problem] = []
    for text in texts:
        try:
            axis = parse_axis(text)
        except InputError as error:
            problems += error.problems
            continue
        if axis.key in [known.key for known in axes]:
            problems.append(_problem(text, f"{axis.key} is varied already; give all its values in one --vary"))
        axes.append(axis)
    if not texts:
        problems.append(Problem("--vary", "", "is missing: give key=a,b,c at least once, such as credit.renewal=0.8,0.9"))
    if problems:
        raise InputError(problems)
    return tuple(axes)


def points(axes: Sequence[Axis]) -> Iterator[Point]:
    """All points of the grid; the last axis runs fastest."""
    for places in product(*(range(len(axis.texts)) for axis in axes)):
        texts = tuple(axis.texts[place] for axis, place in zip(axes, places, strict=True))
        yield Point(places, texts, tuple(f"{axis.key}={text}" for axis, text in zip(axes, texts, strict=True)))


def _split(listed: str) -> list[str]:
    """Split at commas that stand in no brackets and no quotes."""
    parts, depth, quote = [""], 0, ""
    for sign in listed:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        else:
            depth += (sign in _OPENING) - (sign in _CLOSING)
        if sign == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _problem(text: str, message: str) -> Problem:
    return Problem(f"--vary {text}", "", message)
