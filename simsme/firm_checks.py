"""From the text of a file of firms to numbers and names, with everything that is wrong in it."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simsme.firm_cells import REQUIRED, Cells, first_few
from simsme.firm_columns import BY_NAME, TINY, Column
from simsme.firms import firm_keys
from simsme.messages import listed, share_hint, shown, shown_range
from simsme.problems import Problem, did_you_mean
from simsme.table_files import PLAIN, NumberStyle

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_YES_NO = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}

MOST_WORDS = 10
"""So many unknown words of a column are named."""


@dataclass
class FirmChecks:
    """Reads columns of a file and gathers what is wrong with them, for all columns at once.

    Attributes
    ----------
    cells
        The text of the file.
    factors
        What one unit of the file is in ours, for columns where that is not 1.
    problems
        What has been found so far; of each kind the first few.
    """

    cells: Cells
    factors: Mapping[str, float] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def identifiers(self) -> list[str]:
        """Return the identifiers: present, printable, and no two alike."""
        ids = self.cells.columns["firm_id"]
        refused = self._refuse("firm_id")
        missing = [row for row, firm_id in enumerate(ids) if not firm_id and row not in refused]
        unprintable = [row for row, firm_id in enumerate(ids) if not firm_id.isprintable()]
        self._note("firm_id", missing, lambda row: "is missing; every firm needs an identifier")
        self._note("firm_id", unprintable, lambda row: f"{ids[row]!r} has characters that cannot be printed")
        first: dict[str, int] = {}
        twice = [row for row, firm_id in enumerate(ids) if firm_id and first.setdefault(firm_id, row) != row]
        self._note(
            "firm_id", twice, lambda row: f"{shown(ids[row])} stands in row {self.cells.lines[first[ids[row]]]} already; once is allowed"
        )
        if not twice and not missing and not refused:
            key = firm_keys(ids)
            by_key = np.argsort(key, kind="stable")
            same = by_key[1:][np.diff(key[by_key]) == 0]
            self._note(
                "firm_id", [int(row) for row in same], lambda row: f"{shown(ids[row])} has the key of another firm; rename one of them"
            )
        return ids

    def numbers(self, name: str) -> Floats:
        """Return a column of numbers, NaN where a cell is empty (or wrong, which is noted)."""
        column, texts = BY_NAME[name], self.cells.columns[name]
        style, factor, refused = self.cells.style, self.factors.get(name, 1.0), self._refuse(name)
        values = style.values(texts)
        if name == "state_landlord":
            values = [_YES_NO.get(text.lower(), value) for text, value in zip(texts, values, strict=True)]
        array = np.array([math.nan if value is None else value for value in values]) * factor
        if name in REQUIRED:
            missing = [row for row, text in enumerate(texts) if not text and row not in refused]
            self._note(name, missing, lambda row: f"is missing; every firm needs {column.meaning}")
        allowed = np.isfinite(array) & (array >= column.lowest) & (array <= column.highest)
        suspects = [row for row in np.flatnonzero(~allowed).tolist() if texts[row]]
        self._note(name, [row for row in suspects if values[row] is None], lambda row: _not_a_number(texts[row], style))
        empty_hint = "" if name in REQUIRED else "; leave the cell empty where it is not known"
        unknown = [row for row in suspects if (value := values[row]) is not None and math.isnan(value)]
        self._note(name, unknown, lambda row: f"{shown(texts[row])} is not a number{empty_hint}")
        outside = [row for row in suspects if (value := values[row]) is not None and not math.isnan(value)]
        times = "" if factor == 1.0 else f" times the factor {shown(factor)}"

        def hint(row: int) -> str:
            return share_hint(float(array[row]), column.lowest, column.highest) if factor == 1.0 else ""

        self._note(name, outside, lambda row: f"{texts[row]}{times} is outside the allowed range, {_allowed(column)}{hint(row)}")
        if name == "state_landlord":
            between = [row for row in range(len(texts)) if 0.0 < array[row] < 1.0]
            self._note(name, between, lambda row: f"{texts[row]} is not allowed; it must be 0 or 1")
        return array

    def codes(self, name: str, known: Sequence[str], words: Mapping[str, str]) -> Codes:
        """Return codes of a column of names, -1 where a cell is empty (or wrong, which is noted).

        Parameters
        ----------
        name
            Name of the column.
        known
            Names by code.
        words
            The file's words that stand for a name; those that stand for an empty text tell nothing.
        """
        self._refuse(name)
        position = {known_name: code for code, known_name in enumerate(known)}
        rows_of: dict[str, list[int]] = {}
        for row, text in enumerate(self.cells.columns[name]):
            rows_of.setdefault(text, []).append(row)
        codes = np.full(len(self.cells.lines), -1, dtype=np.int64)
        strange = []
        for text, rows in rows_of.items():
            meant = words.get(text, text)
            if not meant:
                continue
            code = position.get(meant)
            if code is None:
                strange.append((text, rows))
            else:
                codes[rows] = code
        for text, rows in strange[:MOST_WORDS]:
            nearest = did_you_mean(text, known) or f"; one of {listed(known)}"
            more = f" (in {len(rows)} rows)" if len(rows) > 1 else ""
            self.problems.append(Problem(self.cells.file, self.cells.place(rows[0], name), f"unknown {name} {shown(text)}{nearest}{more}"))
        if len(strange) > MOST_WORDS:
            self.problems.append(
                Problem(self.cells.file, f"column {self.cells.names[name]}", f"has {len(strange) - MOST_WORDS} more unknown words")
            )
        return codes

    def _refuse(self, name: str) -> Mapping[int, str]:
        """Note the cells that nothing can be made of, and return them by row."""
        refused = self.cells.refused.get(name, {})
        self._note(name, list(refused), lambda row: refused[row])
        return refused

    def _note(self, name: str, rows: Sequence[int], message: Callable[[int], str]) -> None:
        few, more = first_few(rows)
        for row in few:
            self.problems.append(Problem(self.cells.file, self.cells.place(row, name), message(row) + (more if row == few[-1] else "")))


def _not_a_number(text: str, style: NumberStyle) -> str:
    hint = ""
    if text.endswith("%"):
        hint = "; write shares as 0.12, or leave out the sign and say [firms] factors in the scenario"
    elif re.fullmatch(r"[+-]?\d[\d\s.,'’]*", text):
        hint = "; the other numbers are plain, such as 1234.5" if style == PLAIN else f"; the other numbers have {style.words}"
    return f"must be a number, found {shown(text)} (text){hint}"


def _allowed(column: Column) -> str:
    if column.lowest == TINY:
        return "above 0" if math.isinf(column.highest) else f"above 0, at most {shown(column.highest)}"
    return shown_range(column.lowest, column.highest)
