"""How numbers are written in a text: decimal point or comma, and what stands between thousands."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

BETWEEN_THOUSANDS = ("", ",", ".", " ", "'")

_SAME = str.maketrans({"\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2019": "'"})
"""Spaces that do not break and the curly apostrophe count as the plain ones."""

_SHAPE = str.maketrans("23456789", "11111111")
_ZERO = str.maketrans("0", "1")

_DECIMALS = {".": "a decimal point", ",": "a decimal comma"}
_THOUSANDS = {"": "", ",": " and commas between thousands", ".": " and points between thousands"}
_THOUSANDS |= {" ": " and spaces between thousands", "'": " and apostrophes between thousands"}


@dataclass(frozen=True)
class NumberStyle:
    """A way to write numbers.

    Attributes
    ----------
    decimal
        Before the decimals: ``.`` or ``,``.
    thousands
        Between groups of three digits; empty where nothing may stand there.
    """

    decimal: str = "."
    thousands: str = ""

    def value(self, text: str) -> float | None:
        """Return the number that a cell holds, NaN where it is empty, None where it is not a number."""
        if not text:
            return math.nan
        if self._is_plain or text.lower().lstrip("+-") in ("nan", "inf", "infinity"):
            return _float(text)
        text = text.translate(_SAME)
        if not self._pattern.fullmatch(text):
            return None
        return _float(text.replace(self.thousands, "").replace(self.decimal, ".") if self.thousands else text.replace(self.decimal, "."))

    def values(self, texts: Sequence[str]) -> list[float | None]:
        """Return the numbers of many cells, see :meth:`value`."""
        if self._is_plain:
            return [_float(text) if text else math.nan for text in texts]
        return [self.value(text) for text in texts]

    @property
    def words(self) -> str:
        """The style in words."""
        return _DECIMALS[self.decimal] + _THOUSANDS[self.thousands]

    @cached_property
    def _is_plain(self) -> bool:
        return self.decimal == "." and not self.thousands

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        grouped = rf"[1-9]\d{{0,2}}(?:{re.escape(self.thousands)}\d{{3}})+|" if self.thousands else ""
        point = re.escape(self.decimal)
        return re.compile(rf"[+-]?(?:(?:{grouped}\d+)(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?")


PLAIN = NumberStyle()
"""As programs write numbers: ``1234.5``."""


@dataclass(frozen=True)
class Recognised:
    """The style of a file's numbers.

    Attributes
    ----------
    style
        The style in which they are to be read.
    example
        Column, row and text of a number that shows the style, or that hangs on it; None where all numbers are plain.
    other
        What the example would be in another style that fits all numbers as well; None where no other does.
    """

    style: NumberStyle
    example: tuple[str, int, str] | None = None
    other: NumberStyle | None = None

    @property
    def doubtful(self) -> bool:
        """Whether the numbers could be meant otherwise."""
        return self.other is not None


def recognise(columns: Mapping[str, Sequence[str]], decimal: str | None, thousands: str | None) -> Recognised:
    """Return the style in which the numbers of a file are written.

    The style is one for the whole file. Where some cells are in no style, or in another one than most, the style of most cells is
    taken; the others are then no numbers.

    Parameters
    ----------
    columns
        Columns of numbers, as text.
    decimal, thousands
        What the user says of the style; None where it is to be recognised.
    """
    if decimal is None and thousands is None and _all_plain(columns):
        return Recognised(PLAIN)
    shapes = _shapes(columns)
    decimals = [decimal] if decimal is not None else [mark for mark in (".", ",") if mark != thousands]
    fitting = []
    for mark in decimals:
        styles = [NumberStyle(mark, between) for between in BETWEEN_THOUSANDS if between != mark and thousands in (None, between)]
        fitting.append(max(styles, key=lambda style: sum(count for shape, (count, _) in shapes.items() if _reads(style, shape))))
    best = max(fitting, key=lambda style: sum(count for shape, (count, _) in shapes.items() if _reads(style, shape)))
    without_groups = NumberStyle(best.decimal)
    telling = [
        place
        for shape, (_, place) in sorted(shapes.items(), key=lambda item: _reads(without_groups, item[0]))
        if _reads(best, shape) and not _reads(PLAIN, shape)
    ]
    if len(fitting) == 1:
        return Recognised(best, telling[0] if telling else None)
    rival = fitting[1] if best is fitting[0] else fitting[0]
    # a cell that one style reads and the other does not tells them apart; where there is none, only the meaning of some cells may differ
    told_apart = any(_reads(best, shape) != _reads(rival, shape) for shape in shapes)
    unclear = [] if told_apart else [place for shape, (_, place) in shapes.items() if best.value(shape) != rival.value(shape)]
    if unclear:
        return Recognised(best, unclear[0], rival)
    return Recognised(best, telling[0] if telling else None)


def _all_plain(columns: Mapping[str, Sequence[str]]) -> bool:
    """Whether all cells are plain numbers and one of them shows that its point stands before decimals: the usual case, told quickly."""
    grouped = NumberStyle(",", ".")
    shown = False
    try:
        for texts in columns.values():
            for text in texts:
                if text:
                    float(text)
                    shown = shown or ("." in text and grouped.value(text) is None)
    except ValueError:
        return False
    return shown


def _shapes(columns: Mapping[str, Sequence[str]]) -> dict[str, tuple[int, tuple[str, int, str]]]:
    """Return each form of cell, digits made alike, with how often and where first it stands; plain whole numbers say nothing."""
    found: dict[str, tuple[int, tuple[str, int, str]]] = {}
    for column, texts in columns.items():
        for row, text in _not_whole(texts):
            shape = _shape_of(text)
            count, place = found.get(shape, (0, (column, row, text)))
            found[shape] = (count + 1, place)
    return {shape: seen for shape, seen in found.items() if any(_reads(style, shape) for style in _ALL)}


def _not_whole(texts: Iterable[str]) -> Iterable[tuple[int, str]]:
    return ((row, text) for row, text in enumerate(texts) if text and not text.isdigit())


def _shape_of(text: str) -> str:
    shape = text.translate(_SAME).translate(_SHAPE)
    first = 1 if shape[:1] in ("+", "-") else 0
    # a group of thousands does not begin with 0, so that the first digit counts; whether others are 0 says nothing
    return shape[: first + 1] + shape[first + 1 :].translate(_ZERO)


def _reads(style: NumberStyle, shape: str) -> bool:
    value = style.value(shape)
    return value is not None and math.isfinite(value)


def _float(text: str) -> float | None:
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        return None


_ALL = tuple(NumberStyle(decimal, thousands) for decimal in _DECIMALS for thousands in BETWEEN_THOUSANDS if decimal != thousands)
