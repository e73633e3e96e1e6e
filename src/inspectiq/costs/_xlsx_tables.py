"""Reads a sheet of an Excel workbook, by openpyxl: what its cells show, and no guess more."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from inspectiq._taking import quote
from inspectiq.costs._tables import Cell, Table, build_table
from inspectiq.errors import ConfigError

Workbook = Any  # openpyxl has no types of its own
Worksheet = Any

__all__ = ["read_xlsx_table"]

MOST_BYTES = 100_000_000
"""Of an unpacked workbook; far more than a schedule of rates takes. Our assumption."""

SHARES = ("waste",)
"""Columns in which a percentage is a number as any other: 110 % is 1.1."""

_SAVE_AGAIN = "save it as .xlsx without a password, or as CSV UTF-8"


def read_xlsx_table(
    content: str | bytes, path: Path, columns: Sequence[str], sheet: str | None = None
) -> Table:
    """Reads a table of the content of a workbook.

    Args:
        content: The bytes.
        path: The file, for messages.
        columns: The names of the columns that there may be.
        sheet: Name of the sheet; None for the only visible one that is not empty.

    Raises:
        ConfigError: What is wrong, in which sheet and cell, and how to mend it.
    """
    if isinstance(content, str):
        raise ConfigError(f"{path}: a workbook is bytes; open it with open(path, 'rb')")
    # Twice: once with the results of formulas, once with the formulas.
    results, formulas = _open(content, path, results=True), _open(content, path, results=False)
    shown = _choose_sheet(results, path, sheet)
    where = f"{path}, sheet {shown.title}"
    _refuse_merged(shown, where)
    lines = _read_lines(shown, formulas[shown.title], where)
    return build_table(where, lines, columns)


def _open(content: bytes, path: Path, *, results: bool) -> Workbook:
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise ConfigError(
            f"{path}: workbooks are read by openpyxl; pip install 'inspectiq[xlsx]', "
            "or save it as CSV UTF-8"
        ) from error
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size <= MOST_BYTES:
            with warnings.catch_warnings():  # of styles and the like, which do not matter here
                warnings.simplefilter("ignore")
                return load_workbook(io.BytesIO(content), data_only=results)
    except Exception as error:  # openpyxl raises what its parts raise
        raise ConfigError(
            f"{path}: this is no workbook that can be read ({type(error).__name__}); {_SAVE_AGAIN}"
        ) from error
    raise ConfigError(f"{path}: the workbook is too large; leave the sheet of rates in it alone")


def _choose_sheet(book: Workbook, path: Path, named: str | None) -> Worksheet:
    sheets: dict[str, Worksheet] = {sheet.title: sheet for sheet in book.worksheets}
    if named is not None:
        if named not in sheets:
            raise ConfigError(
                f"{path}: there is no sheet {quote(named)}; there is {', '.join(sheets)}"
            )
        return sheets[named]
    visible = [sheet for sheet in sheets.values() if sheet.sheet_state == "visible"]
    filled = [sheet for sheet in visible if any(_has_value(row) for row in sheet.iter_rows())]
    if len(filled) > 1:
        titles = ", ".join(sheet.title for sheet in filled)
        raise ConfigError(
            f"{path}: there is more than one sheet ({titles}); say which, "
            f"such as sheet={filled[0].title!r}, or hide the others"
        )
    if not filled:
        raise ConfigError(f"{path}: no visible sheet has anything in it; name one by sheet=")
    return filled[0]


def _has_value(row: Sequence[Any]) -> bool:
    return any(cell.value not in (None, "") for cell in row)


def _refuse_merged(sheet: Worksheet, where: str) -> None:
    for merged in sheet.merged_cells.ranges:
        raise ConfigError(
            f"{where}: the cells {merged.coord} are merged; unmerge them, and write in each row "
            "what counts for it"
        )


def _read_lines(
    shown: Worksheet, formulas: Worksheet, where: str
) -> Iterator[tuple[int, list[Cell]]]:
    names: list[str] = []
    for row in shown.iter_rows():
        if not (_has_value(row) or _has_value(formulas[row[0].row])):
            continue
        number = row[0].row
        if shown.row_dimensions[number].hidden:
            raise ConfigError(f"{where}, row {number}: the row is hidden; show it, or delete it")
        cells = [
            _read_cell(
                cell,
                formulas.cell(number, cell.column).value,
                names[place] if place < len(names) else "",
                where,
            )
            for place, cell in enumerate(row)
        ]
        if not names:
            _refuse_hidden_columns(shown, where)
            names = [str(cell).strip().casefold() for cell in cells]
        yield number, cells


def _refuse_hidden_columns(sheet: Worksheet, where: str) -> None:
    for letter, column in sheet.column_dimensions.items():
        columns = range(column.min or 1, min(column.max or 1, sheet.max_column) + 1)
        if column.hidden and any(map(_has_value, sheet.iter_cols(columns.start, columns.stop - 1))):
            raise ConfigError(f"{where}: column {letter} is hidden; show it, or delete it")


def _read_cell(cell: Any, formula: Any, column: str, where: str) -> Cell:
    """Reads a cell as text or number; refuses what Excel made of it by itself."""
    value, place = cell.value, f"{where}, cell {cell.coordinate}"
    if value is None:
        if formula is not None:
            raise ConfigError(
                f"{place}: the result of the formula was not saved; open it in the office program "
                "and save it, or write the result"
            )
        return ""
    if cell.data_type == "e":
        raise ConfigError(f"{place}: {value} is an error of a formula; mend it")
    if isinstance(value, bool):
        raise ConfigError(f"{place}: this is {str(value).upper()}; write text or a number")
    if isinstance(value, date | datetime | time | timedelta):
        raise ConfigError(
            f"{place}: this is a date, which office programs make of what looks like one; "
            "format the cell as text and write it again"
        )
    if isinstance(value, int | float):
        if "%" in cell.number_format and column not in SHARES:
            raise ConfigError(f"{place}: this is a percentage; write it as a number")
        return _to_decimal(value)
    return str(value)


def _to_decimal(value: float) -> Decimal:
    """Takes a number as it is shown: fifteen digits, which is all that Excel keeps."""
    return Decimal(value) if isinstance(value, int) else Decimal(format(value, ".15g"))
