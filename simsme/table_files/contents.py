"""From a path to the table that lies there, whatever its format."""

import gzip
import zlib
from pathlib import Path

from simsme.firms_file import FirmsFile
from simsme.problems import InputError, Problem
from simsme.table_files.delimited import DelimitedTable, open_delimited
from simsme.table_files.raw_table import RawTable

FORMATS = "CSV (.csv, .tsv, .txt; gzipped or not), Parquet (.parquet) and Excel (.xlsx)"

_TEXT, _EXCEL, _PARQUET = "text", "Excel", "Parquet"

_ENDINGS = {".csv": _TEXT, ".tsv": _TEXT, ".tab": _TEXT, ".psv": _TEXT, ".txt": _TEXT, ".dat": _TEXT, "": _TEXT}
_ENDINGS |= {".xlsx": _EXCEL, ".xlsm": _EXCEL, ".parquet": _PARQUET, ".pq": _PARQUET}

_STRANGE: tuple[str, ...] = (".json", ".jsonl", ".ndjson", ".xml", ".html", ".htm", ".toml", ".yaml", ".yml")
_STRANGE += (".xls", ".xlsb", ".ods", ".feather", ".dta", ".sav")
"""Endings of formats that are known and not read."""

_SAID = {_TEXT: "text inside, not Excel or Parquet", _EXCEL: "an Excel file (or a zip archive) inside", _PARQUET: "Parquet inside"}

_FOREIGN = {
    b"\xd0\xcf\x11\xe0": "is an old Excel file (.xls) or one with a password; save it as .xlsx without a password, or as CSV",
    b"PARE": "is an encrypted Parquet file; store it without encryption",
    b"%PDF": "is a PDF",
    b"SQLite format 3": "is an SQLite database; export the table as CSV",
    b"ARROW1": "is a Feather (Arrow) file; store it as Parquet",
    b"\x1f\x9d": "is compressed by compress; gzip is read",
    b"BZh": "is compressed by bzip2; gzip is read",
    b"\xfd7zXZ": "is compressed by xz; gzip is read",
    b"\x28\xb5\x2f\xfd": "is compressed by zstd; gzip is read",
}
"""Beginnings of files that are something else, and what to do about it."""


def open_table(path: Path, file: FirmsFile) -> RawTable:
    """Open a file of firms and read its header.

    Parameters
    ----------
    path
        The file. Its content says what it is; an ending that says otherwise is an error.
    file
        What the scenario says of delimiter, encoding and sheet.

    Raises
    ------
    InputError
        Where there is no such file, it cannot be read, is of no known format, or what reads its format is not installed.
    """
    name = str(path)
    content = _content(path, name)
    kind = _kind(content, path, name)
    if kind == _PARQUET:
        from simsme.table_files.parquet import open_parquet

        return open_parquet(content, name)
    if kind == _EXCEL:
        from simsme.table_files.excel import open_excel

        return open_excel(content, name, file.sheet)
    table: DelimitedTable = open_delimited(content, name, file)
    return table


def _content(path: Path, name: str) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError([Problem(name, "", f"is not a whole gzip file: {error}")]) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError([Problem(name, "", f"cannot be read: {reason.lower()}")]) from None


def _kind(content: bytes, path: Path, name: str) -> str:
    for beginning, message in _FOREIGN.items():
        if content.startswith(beginning):
            raise InputError([Problem(name, "", f"{message} (read are {FORMATS})")])
    if not content:
        raise InputError([Problem(name, "", "is empty")])
    found = _PARQUET if content.startswith(b"PAR1") else _EXCEL if content.startswith(b"PK\x03\x04") else _TEXT
    if found == _EXCEL and b"mimetypeapplication/vnd.oasis.opendocument" in content[:120]:
        raise InputError([Problem(name, "", "is an OpenDocument file; save it as .xlsx or as CSV")])
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    ending = suffixes[-1] if suffixes else ""
    if found != _TEXT and ending == ".zip":
        raise InputError([Problem(name, "", f"is a zip archive; unpack it first (read are {FORMATS})")])
    claimed = _ENDINGS.get(ending, "" if ending in _STRANGE else found)
    if not claimed:
        raise InputError([Problem(name, "", f'has the ending "{ending}" of another format; read are {FORMATS}')])
    if claimed != found:
        raise InputError(
            [Problem(name, "", f'has the ending "{ending}" and is {_SAID[found]}; rename it, or save it in the format of its ending')]
        )
    return found
