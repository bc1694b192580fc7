"""The cash-flow sheet as a formatted Excel file, as lenders ask for it (extra ``excel``)."""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np

from simsme.cash_fan import QUANTILES
from simsme.cash_sheet import CLOSING, OPENING, CashSheet, Row
from simsme.problems import InputError, Problem

NEEDS_EXCEL = "needs the extra excel: pip install 'simsme[excel]'"

_TITLES = {
    "mean": "Mean of all draws",
    "mc_error": "Monte Carlo error of the mean",
    "p10": "10th percentile",
    "p50": "Median",
    "p90": "90th percentile",
}
_SAYS = {
    "mean": "Rows add up: opening cash + receipts - payments + financing - closing down = closing cash.",
    "mc_error": "Standard error of each mean over draws: how far it may be off for want of more draws. It is not the spread of draws.",
    "p10": "One draw in ten is below each number. Each number is taken by itself, so that rows and weeks do not add up; the mean does.",
    "p50": "Half of the draws are below each number. Each number is taken by itself, so that rows and weeks do not add up; the mean does.",
    "p90": "Nine draws in ten are below each number. Each number is taken by itself, so that rows and weeks do not add up; the mean does.",
}
_MONEY, _DATE = "#,##0;[Red]-#,##0;0", "d mmm yyyy"


def excel_is_there() -> bool:
    """Whether the extra is installed."""
    return importlib.util.find_spec("openpyxl") is not None


def write_workbook(file: Path, sheet: CashSheet, about: list[str], currency: str) -> Path:
    """Write a workbook with a sheet each for the mean, P10, P50, P90 and the mean's Monte Carlo error, and one that says what it is.

    Parameters
    ----------
    file
        Where; an existing file is written over.
    sheet
        The cash-flow sheet.
    about
        Lines that say what firm and scenario it is, and what was assumed.
    currency
        Unit of money.

    Raises
    ------
    InputError
        Where the extra is not installed.
    """
    if not excel_is_there():
        raise InputError([Problem(str(file), "", f"writing Excel {NEEDS_EXCEL}")])
    from openpyxl import Workbook

    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "mean"
    for name in ("mean", *QUANTILES, "mc_error"):
        page = first if name == "mean" else book.create_sheet(name)
        _fill(page, name, sheet, currency)
    text = book.create_sheet("about")
    text.column_dimensions["A"].width = 120
    for number, line in enumerate(about, start=1):
        # a text that begins with a sign is a text, not a formula
        text.cell(number, 1, line).data_type = "s"
    book.save(file)
    return file


def _fill(page: Any, name: str, sheet: CashSheet, currency: str) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    bold, pale = Font(bold=True), PatternFill("solid", start_color="E8EEF4")
    thin = Border(top=Side(style="thin"))
    weeks = sheet.weeks
    page.cell(1, 1, f"Cash flow over {weeks} weeks: {_TITLES[name]}{f', in {currency}' if currency else ''}").font = Font(
        bold=True, size=14
    )
    page.cell(2, 1, _SAYS[name]).font = Font(italic=True, color="555555")
    heads = (
        ("week", [*range(1, weeks + 1), "all"]),
        ("from", [dates[0] for dates in sheet.dates]),
        ("to", [dates[1] for dates in sheet.dates]),
    )
    for offset, (head, values) in enumerate(heads):
        page.cell(4 + offset, 1, head).font = bold
        for column, value in enumerate(values, start=2):
            cell = page.cell(4 + offset, column, value)
            cell.font, cell.fill, cell.alignment = bold, pale, Alignment(horizontal="right")
            if offset:
                cell.number_format = _DATE
    line = 7
    section = ""
    for row in sheet.rows:
        if row.section != section and not _is_sum(row) and row.section:
            page.cell(line, 1, row.section.capitalize()).font = bold
            line += 1
        section = row.section
        strong = _is_sum(row)
        page.cell(line, 1, row.line if strong else f"    {row.line}").font = bold if strong else Font()
        for column, value in enumerate(_values(sheet, row, name), start=2):
            cell = page.cell(line, column, None if np.isnan(value) else round(float(value), 2) + 0.0)
            cell.number_format = _MONEY
            if strong:
                cell.font, cell.border = bold, thin
        line += 1
    page.column_dimensions["A"].width = 36
    for column in range(2, weeks + 3):
        page.column_dimensions[page.cell(4, column).column_letter].width = 13
    page.freeze_panes = "B7"
    page.page_setup.orientation, page.page_setup.fitToWidth, page.page_setup.fitToHeight = "landscape", 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True


def _is_sum(row: Row) -> bool:
    return row.line in (OPENING, CLOSING) or row.line.startswith("all ")


def _values(sheet: CashSheet, row: Row, name: str) -> "np.ndarray[Any, np.dtype[np.float64]]":
    if name == "mc_error":
        return sheet.errors(row)
    return sheet.means(row) if name == "mean" else sheet.quantile(row, QUANTILES[name])
