"""Tables as CSV that no spreadsheet takes for something else: a text that begins like a formula gets an apostrophe before it."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""Start of a text that a spreadsheet would take for a formula, guarded or not: what is guarded once more can be told from what was not."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def guarded(text: str) -> str:
    """Return a text as it may stand in a cell of CSV: unchanged, or with an apostrophe where a spreadsheet would see a formula."""
    return "'" + text if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Return the text that :func:`guarded` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def write_table(table: "pd.DataFrame", file: Path, digits: str | None = None) -> None:
    """Write a table as CSV, one row of names and no index, lines ended by a line feed.

    Parameters
    ----------
    table
        What to write. Its cells of text are guarded unless they are a number, such as a value of a sweep; names of columns are our own.
    file
        Where to; an existing file is written over.
    digits
        Format of numbers that are not whole, such as ``%.12g``; all their digits where not given.
    """
    texts = [place for place, kind in enumerate(table.dtypes) if kind.kind == "O" or str(kind) in ("string", "str", "category")]
    if texts:
        table = table.copy(deep=False)
        for place in texts:
            column = table.columns[place]
            table[column] = [
                guarded(cell) if isinstance(cell, str) and not _NUMBER.fullmatch(cell) else cell for cell in table[column].astype(object)
            ]
    table.to_csv(file, index=False, lineterminator="\n", float_format=digits)
