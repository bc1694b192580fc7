"""A fall of sales by week and industry, read from a CSV file in place of a distribution."""

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path

from simsme.messages import shown
from simsme.problems import InputError, Problem, did_you_mean
from simsme.tables import Table
from simsme.textfile import read_text

COLUMNS = ("week", "industry", "sales_fall")

ALL_INDUSTRIES = "all"
"""What stands in the column ``industry`` for the industries that the file does not name."""


class SalesPath(Table):
    """Fall of sales, as a share of normal sales, week by week.

    ``falls`` holds one sequence for each industry, or for ``all``: item *k* is the fall over the days 7 *k* to 7 (*k* + 1) of the run.
    After the last week its fall stays. An industry that is not named, where there is no ``all``, has no fall.
    """

    file: str
    falls: dict[str, tuple[float, ...]]


def read_sales_path(file: Path) -> SalesPath:
    """Read a path from a CSV file with the columns ``week`` (from 1, without gaps), ``industry`` and ``sales_fall`` (-1 to 1).

    Raises
    ------
    InputError
        With all that is wrong, by row and column.
    """
    name = file.name
    rows = list(csv.reader(io.StringIO(read_text(file, name))))
    header = [cell.strip().lstrip("\ufeff") for cell in rows[0]]
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise InputError(
            Problem(name, "row 1", f'no column "{column}"{did_you_mean(column, header) or "; found: " + ", ".join(header)}')
            for column in missing
        )
    positions = [header.index(column) for column in COLUMNS]
    problems: list[Problem] = []
    weeks: dict[str, dict[int, float]] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        week_text, industry, fall_text = ((row[at].strip() if at < len(row) else "") for at in positions)
        week, fall = _whole(week_text), _number(fall_text)
        problems += _problems_of_row(name, number, week_text, week, industry, fall_text, fall)
        if week is not None and fall is not None:
            if week in weeks.setdefault(industry, {}):
                problems.append(Problem(name, f"row {number}, week", f'week {week} of "{industry}" stands there twice'))
            weeks[industry][week] = fall
    for industry, known in weeks.items():
        absent = sorted(set(range(1, max(known) + 1)).difference(known))
        if absent:
            problems.append(Problem(name, f'industry "{industry}"', f"week {absent[0]} is missing; weeks run from 1 without gaps"))
    if not weeks and not problems:
        problems.append(Problem(name, "", "has no rows below its header"))
    if problems:
        raise InputError(problems)
    return SalesPath(file=name, falls={industry: tuple(known[week] for week in sorted(known)) for industry, known in weeks.items()})


def _problems_of_row(
    name: str, number: int, week_text: str, week: int | None, industry: str, fall_text: str, fall: float | None
) -> Iterator[Problem]:
    if week is None or week < 1:
        yield Problem(name, f"row {number}, week", f"must be a whole number, 1 or more, found {shown(week_text)}")
    if not industry:
        yield Problem(name, f"row {number}, industry", f'is missing; write "{ALL_INDUSTRIES}" for all')
    if fall is None or not -1.0 <= fall <= 1.0:
        yield Problem(name, f"row {number}, sales_fall", f"must be a number from -1 to 1, found {shown(fall_text)}")


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
