"""Excel workbooks (.xlsx), where the extra ``excel`` (openpyxl) is installed."""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from simsme.messages import listed, shown
from simsme.problems import InputError, Problem, did_you_mean
from simsme.table_files.raw_table import RawColumn, RawRows, cell_text

ERROR = "e"
"""What openpyxl calls the type of a cell that holds an error such as #N/A."""


@dataclass(frozen=True)
class ExcelTable:
    """A sheet of a workbook, see :class:`simsme.table_files.raw_table.RawTable`. Rows have the numbers that Excel shows.

    Attributes
    ----------
    below
        The rows below the header, each with its number and its cells.
    content, title
        The bytes of the workbook and the name of the sheet, to look at formulas again.
    """

    file: str
    header: tuple[str, ...]
    header_line: int
    below: list[tuple[int, tuple[Any, ...]]]
    content: bytes
    title: str
    delimiter: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def rows(self, positions: Sequence[int]) -> RawRows:
        """Return the rows that are not blank."""
        formulas = self._formulas(positions)
        columns = [RawColumn([], {}, []) for _ in positions]
        for row, (line, cells) in enumerate(self.below):
            for position, column in zip(positions, columns, strict=True):
                cell = cells[position] if position < len(cells) else None
                text, fault = ("", "") if cell is None else cell_text(cell.value)
                if cell is not None and cell.data_type == ERROR:
                    text, fault = "", f"is the error {cell.value} of Excel (cell {_address(line, position)})"
                elif (line, position) in formulas:
                    fault = f"is a formula without its result (cell {_address(line, position)}); open the file in Excel and save it"
                column.texts.append(text)
                if fault:
                    column.refused[row] = fault
                elif text and cell is not None and isinstance(cell.value, str):
                    column.as_text.append(row)
        return RawRows([line for line, _ in self.below], columns)

    def _formulas(self, positions: Sequence[int]) -> set[tuple[int, int]]:
        """Row and position of cells whose formula has no stored result: they look empty and are not."""
        blank = {
            (line, position)
            for line, cells in self.below
            for position in positions
            if position < len(cells) and cells[position].value is None
        }
        if not blank:
            return set()
        sheet = next(sheet for sheet in _workbook(self.content, self.file, results=False).worksheets if sheet.title == self.title)
        return {
            (line, position)
            for line, cells in _lines(sheet)
            for position in positions
            if (line, position) in blank and position < len(cells) and cells[position].data_type == "f"
        }


def open_excel(content: bytes, name: str, sheet: str | int | None) -> ExcelTable:
    """Return the table on a sheet of a workbook: its first row that is not blank is the header.

    Parameters
    ----------
    content
        The bytes of the file.
    name
        The file as the user named it.
    sheet
        Name or number (from 1) of the sheet; the first one where None.

    Raises
    ------
    InputError
        Where openpyxl is not installed, the file is no workbook, there is no such sheet, or the sheet is empty.
    """
    sheets = _workbook(content, name, results=True).worksheets
    titles = [found.title for found in sheets]
    if isinstance(sheet, str) and sheet not in titles:
        nearest = did_you_mean(sheet, titles) or f"; there is {listed(titles)}"
        raise InputError([Problem(name, "", f"has no sheet {shown(sheet)}, which [firms] sheet names{nearest}")])
    if not sheets or (isinstance(sheet, int) and sheet > len(sheets)):
        raise InputError([Problem(name, "", f"has no sheet {sheet or 1}; there is {listed(titles) or 'none'}")])
    chosen = sheets[titles.index(sheet) if isinstance(sheet, str) else (sheet or 1) - 1]
    label = f'{name} (sheet "{chosen.title}")' if len(sheets) > 1 else name
    settings: dict[str, str] = {}
    remarks: tuple[str, ...] = ()
    if sheet is None and len(sheets) > 1:
        settings = {"sheet": str(chosen.title)}
        remarks = (f"the first of {len(sheets)} sheets is read, {shown(chosen.title)}; there is {listed(titles)}",)
    filled = [
        (line, cells)
        for line, cells in _lines(chosen)
        if any(cell.value is not None and (not isinstance(cell.value, str) or cell.value.strip()) for cell in cells)
    ]
    if not filled:
        raise InputError([Problem(label, "", "is an empty sheet")])
    line, names = filled[0]
    header = tuple(cell_text(cell.value)[0] for cell in names)
    return ExcelTable(label, header, line, filled[1:], content, str(chosen.title), settings=settings, remarks=remarks)


def _lines(sheet: Any) -> list[tuple[int, tuple[Any, ...]]]:
    """Return the rows of a sheet with their numbers."""
    # what a file says of its own size may be wrong
    sheet.reset_dimensions()
    with warnings.catch_warnings():
        # of a date outside the calendar, which becomes an error cell
        warnings.simplefilter("ignore", UserWarning)
        return list(enumerate(sheet.iter_rows(), start=1))


def _workbook(content: bytes, name: str, *, results: bool) -> Any:
    """Open a workbook, with the stored results of its formulas or with the formulas."""
    try:
        import openpyxl
    except ModuleNotFoundError:
        message = "is an Excel file, and reading it needs the extra excel: pip install 'simsme[excel]'"
        raise InputError([Problem(name, "", message)]) from None
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and extensions that it does not know, none of which is a cell
            warnings.simplefilter("ignore", UserWarning)
            return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=results)
    except Exception as error:
        # a damaged file makes its parsers raise anything
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError([Problem(name, "", f"is no Excel file that can be read: {reason}")]) from None


def _address(line: int, position: int) -> str:
    import openpyxl.utils

    return f"{openpyxl.utils.get_column_letter(position + 1)}{line}"
