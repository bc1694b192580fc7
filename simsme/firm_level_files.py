"""The file of what happened to each firm, :class:`simsme.firm_level.FirmLevel`: Parquet, npz or CSV, all with the same rows and columns."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import numpy as np

from simsme.csv_text import guarded, unguarded
from simsme.firm_level import TEXTS, Columns, FirmLevel, table_of
from simsme.problems import InputError, Problem

if TYPE_CHECKING:
    import pandas as pd

FILES = {"parquet": "firms.parquet", "npz": "firms.npz", "csv": "firms.csv"}
"""Name of the file in a results folder, by format."""

FIRMS_AT_ONCE = 65_536
"""Firms of a policy that are written together: a row group of Parquet."""

NEEDS_PARQUET = "needs the extra parquet: pip install 'simsme[parquet]'"


def chosen_format(wanted: str | None = None) -> str:
    """Return the format to write: what was wanted, else Parquet where pyarrow is installed, else npz.

    Raises
    ------
    InputError
        Where there is no such format, or it is Parquet and pyarrow is not installed.
    """
    has_parquet = importlib.util.find_spec("pyarrow") is not None
    if wanted is None:
        return "parquet" if has_parquet else "npz"
    if wanted not in FILES:
        raise InputError([Problem("firm level", "", f'no format is called "{wanted}"; there is {", ".join(FILES)}')])
    if wanted == "parquet" and not has_parquet:
        raise InputError([Problem("firm level", "", f"writing Parquet {NEEDS_PARQUET}; npz and csv need nothing")])
    return wanted


def acceptable_files(wanted: str | None = None) -> tuple[str, ...]:
    """Names of the files any of which holds what is wanted: that of a format, or all where none is named."""
    return tuple(FILES.values()) if wanted is None else (FILES[chosen_format(wanted)],)


def write_firm_level(folder: Path, level: FirmLevel, wanted: str | None = None) -> Path:
    """Write the file into a folder and return its path; the format as in :func:`chosen_format`.

    Parquet (by row groups) and CSV are written policy by policy and some firms at a time; npz is put together in memory. In CSV a text
    that begins with = + - @, a tab or a carriage return gets an apostrophe before it, so that a spreadsheet that opens the file takes it
    for what it is.
    """
    chosen = chosen_format(wanted)
    path = folder / FILES[chosen]
    {"parquet": _write_parquet, "npz": _write_npz, "csv": _write_csv}[chosen](path, level)
    return path


def read_firm_level(path: str | Path) -> "pd.DataFrame":
    """Read what ``--firm-level`` wrote, in any of its formats: one row a firm and policy.

    Parameters
    ----------
    path : str or Path
        The file, or the results folder in which it lies.

    Returns
    -------
    DataFrame
        Columns as in :meth:`simsme.firm_level.FirmLevel.parts`, the same from every format; apostrophes that guard texts in CSV are gone.

    Raises
    ------
    InputError
        Where there is no such file, or it cannot be read.

    Examples
    --------
    >>> import simsme
    >>> simsme.read_firm_level("results/three-months-0123abcd")  # doctest: +SKIP
    """
    place = Path(path)
    if place.is_dir():
        found = [place / name for name in FILES.values() if (place / name).is_file()]
        if not found:
            raise InputError([Problem(str(place), "", f"holds none of {', '.join(FILES.values())}; run again with --firm-level")])
        place = found[0]
    read = {".parquet": _read_parquet, ".npz": _read_npz, ".csv": _read_csv}.get(place.suffix.lower())
    if read is None:
        raise InputError([Problem(str(place), "", f"is none of {', '.join(f'*.{name}' for name in FILES)}")])
    try:
        columns = read(place)
    except FileNotFoundError:
        raise InputError([Problem(str(place), "", "is not there")]) from None
    except ModuleNotFoundError:
        raise InputError([Problem(str(place), "", f"is a Parquet file, and reading it {NEEDS_PARQUET}")]) from None
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise InputError([Problem(str(place), "", f"cannot be read: {[*str(error).splitlines(), type(error).__name__][0]}")]) from error
    missing = [name for name in (*TEXTS, "weight", "draws") if name not in columns]
    if missing:
        raise InputError([Problem(str(place), "", f"is not a table of firms: it has no {', '.join(missing)}")])
    return table_of([columns])


def _write_parquet(path: Path, level: FirmLevel) -> None:
    import pyarrow as pa
    import pyarrow.parquet

    writer = None
    try:
        for part in level.parts(FIRMS_AT_ONCE):
            # a day that is not a number is a missing one
            table = pa.table({name: pa.array(values, from_pandas=True) for name, values in part.items()})
            writer = writer or pyarrow.parquet.ParquetWriter(path, table.schema)
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()


def _read_parquet(path: Path) -> Columns:
    import pyarrow.parquet

    with path.open("rb") as file:
        table = pyarrow.parquet.read_table(file)
    return {
        name: np.array(table.column(name).to_pylist(), dtype=object) if name in TEXTS else table.column(name).to_numpy()
        for name in table.column_names
    }


def _write_npz(path: Path, level: FirmLevel) -> None:
    parts = list(level.parts())
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name in parts[0]:
            values = np.concatenate([part[name] for part in parts])
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, values.astype(np.str_) if name in TEXTS else values, allow_pickle=False)


def _read_npz(path: Path) -> Columns:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name].astype(object) if name in TEXTS else file[name] for name in file.files}


def _write_csv(path: Path, level: FirmLevel) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, part in enumerate(level.parts(FIRMS_AT_ONCE)):
            texts = {name: np.array([guarded(text) for text in part[name]], dtype=object) for name in TEXTS}
            table_of([part | texts]).to_csv(file, index=False, header=number == 0, lineterminator="\n")


def _read_csv(path: Path) -> Columns:
    import pandas as pd

    # all as text first: a firm may be called NA, and numbers keep their last bit under any version of pandas
    table = pd.read_csv(path, encoding="utf-8", dtype=str, keep_default_na=False)
    columns: Columns = {}
    for name in table.columns:
        cells = table[name].to_numpy(dtype=object)
        if name in TEXTS:
            columns[name] = np.array([unguarded(text) for text in cells], dtype=object)
        else:
            columns[name] = np.where(cells == "", "nan", cells).astype(np.int64 if name == "draws" else np.float64)
    return columns
