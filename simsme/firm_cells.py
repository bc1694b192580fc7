"""The cells of a user's file of firms, as text, under our names of the columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simsme.firm_columns import ALL_NAMES, BY_NAME
from simsme.firms_file import FirmsFile
from simsme.messages import listed, shown
from simsme.problems import InputError, Problem, did_you_mean
from simsme.table_files import PLAIN, NumberStyle, RawTable, open_table
from simsme.table_files.numbers import Recognised, recognise

REQUIRED = ("firm_id", *(name for name, column in BY_NAME.items() if column.required))
"""Columns without which a file cannot be used."""

MOST_ROWS = 5
"""So many rows with the same kind of fault are named."""

MOST_NAMES = 12
"""So many columns of the file are named where one is missing."""


@dataclass(frozen=True)
class Cells:
    """Text of the columns that are used.

    Attributes
    ----------
    file
        The file as the user named it.
    columns
        Our name of a column to its cells, one a firm, without surrounding blanks.
    names
        Our name of a column to its name in the file.
    lines
        Where each firm stands: its line in a text, its row in a sheet, its number in a Parquet file.
    ignored
        Columns of the file that are not used.
    style
        How its numbers are written.
    refused
        Our name of a column to what is wrong with its cells, by firm, where that shows before they are read: a date, an error of Excel.
    remarks
        What was recognised about the file, where it is not the plain case.
    """

    file: str
    columns: dict[str, list[str]]
    names: dict[str, str]
    lines: list[int]
    ignored: tuple[str, ...]
    style: NumberStyle
    refused: dict[str, dict[int, str]]
    remarks: tuple[str, ...]

    def place(self, row: int, column: str) -> str:
        """Return where a cell stands, in the words of an error."""
        return f"row {self.lines[row]}, column {self.names[column]}"


def read_cells(path: Path, file: FirmsFile) -> Cells:
    """Read a file in any of the formats of :mod:`simsme.table_files`.

    Parameters
    ----------
    path
        The file.
    file
        The names that its columns have, and what the scenario says of its format.

    Raises
    ------
    InputError
        Where there is no such file, it is of no known format, has no firms, lacks a column that is required or mapped, or its numbers
        can be read in two ways.
    """
    table = open_table(path, file)
    names = _used_columns(table, file)
    rows = table.rows([table.header.index(theirs) for theirs in names.values()])
    if not rows.lines:
        raise InputError([Problem(table.file, "", "has a header and no firms")])
    raw = dict(zip(names, rows.columns, strict=True))
    columns = {ours: column.texts for ours, column in raw.items()}
    remarks = list(table.remarks)
    style = PLAIN
    if table.delimiter:
        style = _style(table, names, columns, rows.lines, file, remarks)
    for ours, column in raw.items():
        if ours in BY_NAME and column.as_text:
            where = f"{len(column.as_text):,} rows, the first row {rows.lines[column.as_text[0]]}"
            remarks.append(f"column {shown(names[ours])} holds numbers as text ({where}); they are read with a decimal point")
    used = set(names.values())
    ignored = tuple(theirs for theirs in table.header if theirs and theirs not in used)
    refused = {ours: column.refused for ours, column in raw.items() if column.refused}
    return Cells(table.file, columns, names, rows.lines, ignored, style, refused, tuple(remarks))


def first_few(rows: Sequence[int]) -> tuple[Sequence[int], str]:
    """Return the first rows with one kind of fault, and the words for those that are left out."""
    few = rows if len(rows) <= MOST_ROWS else rows[: MOST_ROWS - 1]
    return few, f" (and {len(rows) - len(few)} more rows like this)" if len(few) < len(rows) else ""


def _style(
    table: RawTable, names: dict[str, str], columns: dict[str, list[str]], lines: Sequence[int], file: FirmsFile, remarks: list[str]
) -> NumberStyle:
    """Recognise how the numbers of a text are written; say so where it is not the plain way, refuse where it cannot be known."""
    found = recognise({ours: texts for ours, texts in columns.items() if ours in BY_NAME}, file.decimal, file.thousands)
    if found.example is None:
        return found.style
    column, row, text = found.example
    place = f"row {lines[row]}, column {names[column]}"
    number = f"{text} ({place})"
    if found.other is not None:
        if found.style != PLAIN or table.delimiter != ",":
            raise InputError([Problem(table.file, place, _two_ways(text, found))])
        # between commas a point stands before decimals, unless the user says otherwise
        remarks.append(f"{number} is read as {shown(found.style.value(text))}; {_say_so(text, found.other)}")
    elif file.decimal is None and file.thousands is None:
        remarks.append(f"numbers have {found.style.words}: {number} is read as {shown(found.style.value(text))}")
    return found.style


def _two_ways(text: str, found: Recognised) -> str:
    styles = [style for style in (found.style, found.other) if style is not None]
    return f"{shown(text)} can be read in two ways, and no other number of the file tells which; " + ", ".join(
        _say_so(text, style) for style in styles
    )


def _say_so(text: str, style: NumberStyle) -> str:
    keys = f'decimal = "{style.decimal}"' if not style.thousands else f'thousands = "{style.thousands}"'
    return f"where it is {shown(style.value(text))}, say [firms] {keys} in the scenario"


def _used_columns(table: RawTable, file: FirmsFile) -> dict[str, str]:
    """Return our name to the file's name of each column that is there; InputError where one is wanted and is not."""
    header, place = list(table.header), f"row {table.header_line}" if table.header_line else ""
    problems = [
        Problem(table.file, f"column {theirs}", "stands in the header more than once")
        for theirs in dict.fromkeys(header)
        if theirs and header.count(theirs) > 1
    ]
    named = [theirs for theirs in header if theirs]
    there = (listed(named[:MOST_NAMES]) or "none") + (f" and {len(named) - MOST_NAMES} more" if len(named) > MOST_NAMES else "")
    names = {}
    for ours in ALL_NAMES:
        theirs = file.columns.get(ours, ours)
        if theirs and theirs in header:
            names[ours] = theirs
        elif not theirs and ours not in REQUIRED:
            # the file has a column of this name which the user does not want
            continue
        elif theirs and ours in file.columns:
            nearest = did_you_mean(theirs, header) or f"; there is {there}"
            problems.append(Problem(table.file, place, f"has no column {shown(theirs)}, which [firms] columns.{ours} names{nearest}"))
        elif ours in REQUIRED and ours not in file.constants:
            nearest = did_you_mean(ours, header) or f"; there is {there}"
            hint = f'where it has another name, say so in the scenario: [firms] columns = {{ {ours} = "..." }} (simsme new guesses them)'
            problems.append(Problem(table.file, place, f"has no column {shown(ours)}, which is required{nearest}; {hint}"))
    if problems:
        raise InputError(problems)
    return names
