"""Tables of a user in files: CSV, gzipped CSV, Parquet, Excel. All give the same cells: text, under the names of the header."""

from simsme.table_files.contents import open_table
from simsme.table_files.numbers import PLAIN, NumberStyle
from simsme.table_files.raw_table import RawColumn, RawRows, RawTable

__all__ = ["PLAIN", "NumberStyle", "RawColumn", "RawRows", "RawTable", "open_table"]
