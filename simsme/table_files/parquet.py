"""Parquet, where the extra ``parquet`` (pyarrow) is installed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from simsme.problems import InputError, Problem
from simsme.table_files.raw_table import RawColumn, RawRows, cell_text

_INDEX = re.compile(r"__index_level_\d+__")
"""How pandas calls an index without a name, which numbers the rows."""


@dataclass(frozen=True)
class ParquetTable:
    """A Parquet file; see :class:`simsme.table_files.raw_table.RawTable`. Rows are counted from 1: there is no row of names."""

    file: str
    content: Any
    header: tuple[str, ...]
    header_line: int = 0
    delimiter: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def rows(self, positions: Sequence[int]) -> RawRows:
        """Return all records; InputError where the file is damaged."""
        import pyarrow as pa

        try:
            names = [self.content.schema_arrow.names[position] for position in positions]
            table = self.content.read(columns=names)
        except (pa.ArrowException, OSError) as error:
            raise InputError([Problem(self.file, "", f"is a damaged Parquet file: {_first_line(error)}")]) from None
        columns = [_column(table.column(name)) for name in names]
        return RawRows(list(range(1, self.content.metadata.num_rows + 1)), columns)


def open_parquet(content: bytes, name: str) -> ParquetTable:
    """Return the table in a Parquet file.

    Raises
    ------
    InputError
        Where pyarrow is not installed, or the file is damaged.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ModuleNotFoundError:
        message = "is a Parquet file, and reading it needs the extra parquet: pip install 'simsme[parquet]'"
        raise InputError([Problem(name, "", message)]) from None
    try:
        opened = pyarrow.parquet.ParquetFile(pa.BufferReader(content))
        header = tuple("" if _INDEX.fullmatch(column) else column.strip() for column in opened.schema_arrow.names)
    except (pa.ArrowException, OSError) as error:
        raise InputError([Problem(name, "", f"is a damaged Parquet file: {_first_line(error)}")]) from None
    return ParquetTable(name, opened, header)


def _column(column: Any) -> RawColumn:
    import pyarrow.types as types

    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    if types.is_temporal(kind) or types.is_nested(kind) or types.is_binary(kind) or types.is_large_binary(kind):
        what = "is a date or time, which no column of firms is" if types.is_temporal(kind) else f"holds a value of type {kind}"
        there = column.is_valid().to_pylist()
        return RawColumn([""] * len(there), {row: what for row, valid in enumerate(there) if valid}, [])
    values = column.to_pylist()
    texts = [cell_text(value)[0] for value in values]
    return RawColumn(texts, {}, [row for row, value in enumerate(values) if isinstance(value, str) and texts[row]])


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
