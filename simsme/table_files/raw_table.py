"""What every format of file comes down to: a header, and cells as text."""

import datetime
import decimal
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

EXACT = 2.0**53
"""Whole numbers below it have one float each."""


@dataclass(frozen=True)
class RawColumn:
    """Cells of one column.

    Attributes
    ----------
    texts
        The cells, one a row, without surrounding blanks; empty where there is nothing, or nothing that can be read.
    refused
        Row to what is wrong with its cell: a date, an error of a formula. A file of text has none.
    as_text
        Rows whose cell is text though the file could hold numbers. A file of text has none.
    """

    texts: list[str]
    refused: dict[int, str]
    as_text: list[int]


@dataclass(frozen=True)
class RawRows:
    """Columns, and where each row stands.

    Attributes
    ----------
    lines
        Number by which the user finds a row: the line of a text, the row of a sheet, the number of a record.
    columns
        The columns that were asked for, in that order.
    """

    lines: list[int]
    columns: list[RawColumn]


class RawTable(Protocol):
    """A table in a file, its header read and its rows not."""

    @property
    def file(self) -> str:
        """The file, and the sheet where there are several, for errors."""
        ...

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns, without surrounding blanks; empty where a column has none."""
        ...

    @property
    def header_line(self) -> int:
        """Where the header stands; 0 where names are no row of the file."""
        ...

    @property
    def delimiter(self) -> str:
        """What separates cells; empty in a file whose cells have types."""
        ...

    @property
    def settings(self) -> dict[str, str]:
        """What was recognised and is not the plain case, as keys of ``[firms]``."""
        ...

    @property
    def remarks(self) -> tuple[str, ...]:
        """The same in sentences."""
        ...

    def rows(self, positions: Sequence[int]) -> RawRows:
        """Return the rows that are not blank, in the columns at these positions.

        Raises
        ------
        InputError
            Where the file breaks off or its rows do not fit its header.
        """
        ...


def cell_text(value: object) -> tuple[str, str]:
    """Return the text of a cell that has a type, and what is wrong with it where no text stands for it.

    A number is written so that reading it gives the same bits; a whole number has no decimal point, so that ``1.0`` of one format and
    ``1`` of another name the same firm.
    """
    if value is None:
        return "", ""
    if isinstance(value, str):
        return value.strip(), ""
    if isinstance(value, bool):
        return ("true" if value else "false"), ""
    if isinstance(value, int):
        return str(value), ""
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < EXACT and not (value == 0.0 and math.copysign(1.0, value) < 0.0)
        return (str(int(value)) if whole else repr(value)), ""
    if isinstance(value, decimal.Decimal):
        return format(value, "f"), ""
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return "", f"is a date or time ({value}), which no column of firms is"
    return "", f"holds a {type(value).__name__}, which is neither a number nor text"
