"""The cells of a user's file of firms, as text, under our names of the columns."""

import csv
import gzip
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simsme.firm_columns import ALL_NAMES, BY_NAME
from simsme.firms_file import FirmsFile
from simsme.messages import listed, shown
from simsme.problems import InputError, Problem, did_you_mean
from simsme.textfile import decoded

REQUIRED = ("firm_id", *(name for name, column in BY_NAME.items() if column.required))
"""Columns without which a file cannot be used."""

MOST_ROWS = 5
"""So many rows with the same kind of fault are named."""


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
        Line of the file in which each firm stands; the header is in line 1.
    ignored
        Columns of the file that are not used.
    """

    file: str
    columns: dict[str, list[str]]
    names: dict[str, str]
    lines: list[int]
    ignored: tuple[str, ...]

    def place(self, row: int, column: str) -> str:
        """Return where a cell stands, in the words of an error."""
        return f"row {self.lines[row]}, column {self.names[column]}"


def read_cells(path: Path, file: FirmsFile) -> Cells:
    """Read a CSV file, gzipped or not.

    Parameters
    ----------
    path
        The file.
    file
        The names that its columns have.

    Raises
    ------
    InputError
        Where there is no such file, it is not CSV in UTF-8, has no firms, or lacks a column that is required or mapped.
    """
    name = str(path)
    text = decoded(_content(path, name), name)
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        names = _used_columns(header, file, name)
        positions = [(header.index(theirs), ours) for ours, theirs in names.items()]
        columns: dict[str, list[str]] = {ours: [] for ours in names}
        lines: list[int] = []
        ragged: dict[int, int] = {}
        for row in reader:
            if not row or not any(map(str.strip, row)):
                continue
            if len(row) != len(header):
                ragged[reader.line_num] = len(row)
                continue
            lines.append(reader.line_num)
            for position, ours in positions:
                columns[ours].append(row[position].strip())
    except csv.Error as error:
        raise InputError([Problem(name, f"row {reader.line_num}", f"is not CSV: {error}")]) from None
    if ragged:
        few, more = first_few(tuple(ragged))
        raise InputError(
            Problem(name, f"row {line}", f"has {ragged[line]} cells, the header {len(header)}{more if line == few[-1] else ''}")
            for line in few
        )
    if not lines:
        raise InputError([Problem(name, "", "has a header and no firms")])
    used = set(names.values())
    return Cells(name, columns, names, lines, tuple(theirs for theirs in header if theirs and theirs not in used))


def first_few(rows: Sequence[int]) -> tuple[Sequence[int], str]:
    """Return the first rows with one kind of fault, and the words for those that are left out."""
    few = rows if len(rows) <= MOST_ROWS else rows[: MOST_ROWS - 1]
    return few, f" (and {len(rows) - len(few)} more rows like this)" if len(few) < len(rows) else ""


def _content(path: Path, name: str) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    except (EOFError, zlib.error) as error:
        raise InputError([Problem(name, "", f"is not a whole gzip file: {error}")]) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError([Problem(name, "", f"cannot be read: {reason.lower()}")]) from None


def _used_columns(header: list[str], file: FirmsFile, name: str) -> dict[str, str]:
    """Return our name to the file's name of each column that is there; InputError where one is wanted and is not."""
    problems = [
        Problem(name, f"column {theirs}", "stands in the header more than once")
        for theirs in dict.fromkeys(header)
        if theirs and header.count(theirs) > 1
    ]
    for separator, words in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and separator in header[0]:
            raise InputError([Problem(name, "row 1", f"the columns seem to be separated by {words}; save the file with commas")])
    names = {}
    for ours in ALL_NAMES:
        theirs = file.columns.get(ours, ours)
        if theirs in header:
            names[ours] = theirs
        elif ours in file.columns:
            nearest = did_you_mean(theirs, header) or f"; there is {listed(header)}"
            problems.append(Problem(name, "row 1", f"has no column {shown(theirs)}, which [firms] columns.{ours} names{nearest}"))
        elif ours in REQUIRED and ours not in file.constants:
            nearest = did_you_mean(ours, header) or f"; there is {listed(header)}"
            hint = f'where it has another name, say so in the scenario: [firms] columns = {{ {ours} = "..." }}'
            problems.append(Problem(name, "row 1", f"has no column {shown(ours)}, which is required{nearest}; {hint}"))
    if problems:
        raise InputError(problems)
    return names
