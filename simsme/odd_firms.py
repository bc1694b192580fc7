"""Rows of a file of firms that are valid but odd: for the user to look at."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from simsme.firm_cells import Cells

Floats = NDArray[np.float64]

MANY_EMPLOYEES = 5.0
"""A firm with so many employees has a payroll."""

MOST_ROWS = 3
"""So many rows are named."""


def odd_rows(cells: Cells, order: NDArray[np.int64], given: Mapping[str, Floats], columns: Mapping[str, Floats]) -> tuple[str, ...]:
    """Return one remark a kind of oddity, with the first rows.

    Parameters
    ----------
    cells
        The file.
    order
        Position in the file of each firm, (n,).
    given
        What the file says, (n,) each, NaN where a cell is empty.
    columns
        The complete columns.
    """
    nothing = np.full(order.shape, np.nan)
    sales = columns["sales"]
    people = columns["payroll"] * (1.0 + columns["social_share"])
    costs = columns["materials_share"] * sales + people + columns["rent"] + columns["overheads"]
    employees = given.get("employees", nothing)
    kinds = (
        ("cash above a year's sales", columns["cash"] > sales),
        (f"{MANY_EMPLOYEES:g} employees or more and no payroll", (employees >= MANY_EMPLOYEES) & (given.get("payroll", nothing) == 0.0)),
        ("payroll and no employees", (employees == 0.0) & (given.get("payroll", nothing) > 0.0)),
        ("costs of more than twice their sales", costs > 2.0 * sales),
        ("costs of less than a tenth of their sales", costs < 0.1 * sales),
        ("a loan above twice their sales", columns["loan"] > 2.0 * sales),
        ("receivables above a year's sales", given.get("receivables", nothing) > sales),
    )
    return tuple(_remark(words, np.sort(order[odd]), cells) for words, odd in kinds if odd.any())


def _remark(words: str, rows: NDArray[np.int64], cells: Cells) -> str:
    named = ", ".join(f"{cells.lines[row]} ({cells.columns['firm_id'][row]})" for row in rows[:MOST_ROWS])
    if rows.size == 1:
        return f"1 firm has {words}: row {named}"
    return f"{rows.size:,} firms have {words}: rows {named}{' and more' if rows.size > MOST_ROWS else ''}"
