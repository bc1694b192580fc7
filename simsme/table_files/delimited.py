"""Text with a delimiter: CSV and its kin."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from simsme.firm_columns import ALL_NAMES
from simsme.firms_file import FirmsFile
from simsme.problems import InputError, Problem
from simsme.table_files.raw_table import RawColumn, RawRows
from simsme.textfile import decoded

MOST_ROWS = 5
"""So many rows with the same kind of fault are named."""

SAMPLE = 200
"""So many rows tell whether a delimiter fits."""

WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class DelimitedTable:
    """A text whose header has been read; see :class:`simsme.table_files.raw_table.RawTable`."""

    file: str
    text: str
    delimiter: str
    header: tuple[str, ...]
    header_line: int
    settings: dict[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def rows(self, positions: Sequence[int]) -> RawRows:
        """Return the rows that are not blank; InputError where the text is not CSV or a row does not fit the header."""
        columns = [RawColumn([], {}, []) for _ in positions]
        texts = [(position, column.texts) for position, column in zip(positions, columns, strict=True)]
        lines: list[int] = []
        ragged: dict[int, int] = {}
        for line, row in _records(self.text, self.delimiter, self.file):
            if line <= self.header_line:
                continue
            if len(row) != len(self.header):
                ragged[line] = len(row)
                continue
            lines.append(line)
            for position, column in texts:
                column.append(row[position].strip())
        if ragged:
            self._complain(ragged)
        return RawRows(lines, columns)

    def _complain(self, ragged: dict[int, int]) -> None:
        few = list(ragged)[: MOST_ROWS if len(ragged) <= MOST_ROWS else MOST_ROWS - 1]
        more = f" (and {len(ragged) - len(few)} more rows like this)" if len(few) < len(ragged) else ""
        raise InputError(
            Problem(self.file, f"row {line}", f"has {ragged[line]} cells, the header {len(self.header)}{more if line == few[-1] else ''}")
            for line in few
        )


def open_delimited(content: bytes, name: str, file: FirmsFile) -> DelimitedTable:
    """Return the table in a text.

    Parameters
    ----------
    content
        The bytes of the file.
    name
        The file as the user named it.
    file
        What the scenario says of encoding and delimiter, and of the names of columns, by which a delimiter is known.

    Raises
    ------
    InputError
        Where the content is not text in the encoding, is empty, or its header is no CSV.
    """
    text, settings = _text(content, name, file.encoding)
    stated: str | None = "\t" if file.delimiter == "tab" else file.delimiter
    first = re.match(r"\s*sep=(.)\r?\n", text)
    if stated is None and first is not None:
        # a line by which Excel is told the delimiter
        stated = first[1]
    delimiter = stated or _recognised(text, file)
    if delimiter not in WORDS:
        raise InputError([Problem(name, "line 1", f'names "{delimiter}" as delimiter; one of {", ".join(WORDS.values())} is needed')])
    if file.delimiter is None and delimiter != ",":
        settings["delimiter"] = "tab" if delimiter == "\t" else delimiter
    line, header = _header(text, delimiter, name, skipped=1 if first is not None else 0)
    remarks = {"encoding": f"the file is read as {settings.get('encoding')}", "delimiter": f"columns are separated by {WORDS[delimiter]}"}
    return DelimitedTable(name, text, delimiter, header, line, settings, tuple(remarks[key] for key in settings))


def _text(content: bytes, name: str, encoding: str | None) -> tuple[str, dict[str, str]]:
    if encoding is None and not content.startswith(_UTF16):
        hint = 'where it is text in another encoding, say so in the scenario, such as [firms] encoding = "cp1252" or "gb18030"'
        return decoded(content, name, hint), {}
    wanted = encoding or "utf-16"
    try:
        text = content.decode(wanted).removeprefix("\ufeff")
    except UnicodeError as error:
        place = f" (byte {error.start})" if isinstance(error, UnicodeDecodeError) else ""
        raise InputError([Problem(name, "", f"is not text in the encoding {wanted}{place}")]) from None
    if not text.strip():
        raise InputError([Problem(name, "", "is empty")])
    return text, {} if encoding else {"encoding": wanted}


def _records(text: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with its line."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if any(map(str.strip, row)):
                yield reader.line_num, row
    except csv.Error as error:
        raise InputError([Problem(name, f"row {reader.line_num}", f"is not CSV: {error}")]) from None


def _header(text: str, delimiter: str, name: str, skipped: int) -> tuple[int, tuple[str, ...]]:
    for line, row in _records(text, delimiter, name):
        if line > skipped:
            return line, tuple(cell.strip() for cell in row)
    raise InputError([Problem(name, "", "is empty")])


def _recognised(text: str, file: FirmsFile) -> str:
    """Return the delimiter under which most names of the header are known; where that decides nothing, the one that fits most rows."""
    known = {*ALL_NAMES, *file.columns.values()}
    scores = {}
    for delimiter in WORDS:
        rows = _sample(text, delimiter)
        if rows and len(rows[0]) > 1:
            fitting = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
            scores[delimiter] = (sum(cell.strip() in known for cell in rows[0]), fitting, len(rows[0]))
    return max(scores, key=lambda delimiter: scores[delimiter]) if scores else ","


def _sample(text: str, delimiter: str) -> list[list[str]]:
    """First rows as far as they are CSV; a delimiter that is none may cut a quoted cell in two."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if any(map(str.strip, row)):
                rows.append(row)
            if len(rows) == SAMPLE:
                break
    except csv.Error:
        return rows
    return rows
