"""The scores of a portfolio as files: written in parts, so that a large portfolio is never a text in memory."""

import csv
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.csv_text import guarded
from simsme.portfolio.answer import Portfolio
from simsme.portfolio.scores import Scores
from simsme.portfolio.table_format import TableFormat
from simsme.problems import InputError, Problem
from simsme.provenance import Provenance
from simsme.study_files import check_place, written_together
from simsme.summary import as_json

ROWS_AT_ONCE = 10_000
SUMMARY = "portfolio.json"


def files_of(kind: TableFormat) -> tuple[str, ...]:
    """Names of the files: table, figure, summary, which comes last and is there only where the others are."""
    return f"portfolio.{kind.value}", "portfolio.png", "portfolio.svg", SUMMARY


def check_portfolio_place(folder: Path, kind: TableFormat, *, replace: bool = False) -> None:
    """Check, before anything is computed, that the files can be written; InputError where not."""
    if kind is TableFormat.PARQUET and importlib.util.find_spec("pyarrow") is None:
        message = "writing Parquet needs the extra parquet: pip install 'simsme[parquet]'; csv needs nothing"
        raise InputError([Problem("--as parquet", "", message)])
    check_place(folder, files_of(kind), replace=replace)


def write_portfolio(
    folder: Path, found: Portfolio, provenance: Provenance, kind: TableFormat = TableFormat.CSV, *, replace: bool = False
) -> tuple[Path, ...]:
    """Write the table of all firms, the figure of how the loss is concentrated, and the summary.

    Parameters
    ----------
    folder
        Where; it is made where it is not there.
    found
        The portfolio.
    provenance
        Where it came from.
    kind
        Format of the table.
    replace
        Whether files of these names are written over.

    Raises
    ------
    InputError
        Where a file is there already or cannot be written; nothing is then left that looks finished.
    """
    files = files_of(kind)
    with written_together(folder, files, replace=replace) as unfinished:
        (_write_csv if kind is TableFormat.CSV else _write_parquet)(unfinished / files[0], found.scores)
        content = found.json(top=0) | {"provenance": provenance.manifest()}
        content.pop("firms")
        _write_figure(unfinished, found, provenance)
        (unfinished / SUMMARY).write_text(as_json(content, indent=1) + "\n", encoding="utf-8", newline="")
    return tuple(folder / name for name in files)


def _write_figure(folder: Path, found: Portfolio, provenance: Provenance) -> None:
    from simsme.plots.loss_concentration import write_loss_figure  # loads matplotlib, which nothing else here needs

    told = found.json(top=0)
    industries = told["concentration"]["by_industry"]["industries"]
    shares = [{row["industry"]: row[name] or 0.0 for row in industries} for name in ("share_of_loans", "share_of_loss")]
    losses = np.asarray(found.scores.columns["weight"] * found.scores.columns["expected_loss"], dtype=np.float64)
    errors = {row["industry"]: row["share_of_loss_error"] or 0.0 for row in industries}
    title = f"Expected loss by day {found.day:.0f} of {len(found.scores):,} firms in {found.plan.scenario.name}"
    loss, error = told["expected_loss"]["all"], told["expected_loss_error"]["all"]
    plus = "" if error is None else f" ± {100 * error / loss:.0f} % (Monte Carlo error)" if loss > 0.0 else ""
    total = f"{loss:,.0f} {told['currency']}".strip() + plus
    write_loss_figure(folder, losses, (shares[0], shares[1], errors), title, total, provenance)


def _write_csv(path: Path, scores: Scores) -> None:
    """Numbers as they are, to the last bit; a text that a spreadsheet would take for a formula gets an apostrophe before it."""
    columns = scores.columns
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for first in range(0, len(scores), ROWS_AT_ONCE):
            parts = [_cells(values[first : first + ROWS_AT_ONCE]) for values in columns.values()]
            writer.writerows(zip(*parts, strict=True))


def _cells(values: NDArray[Any]) -> list[Any]:
    if values.dtype == object:
        return [guarded(str(text)) for text in values]
    if values.dtype == np.bool_:
        return ["true" if value else "false" for value in values]
    return ["" if isinstance(value, float) and np.isnan(value) else value for value in values.tolist()]


def _write_parquet(path: Path, scores: Scores) -> None:
    import pyarrow as pa
    import pyarrow.parquet

    writer = None
    try:
        for first in range(0, max(len(scores), 1), ROWS_AT_ONCE):
            rows = slice(first, first + ROWS_AT_ONCE)
            # a day that is not a number is a missing one
            table = pa.table({name: pa.array(values[rows], from_pandas=True) for name, values in scores.columns.items()})
            writer = writer or pa.parquet.ParquetWriter(path, table.schema)
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()
