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
from inspectiq.costs._rate_columns import FIGURES
from inspectiq.costs._tables import Cell, Table, build_table, normalize_name
from inspectiq.costs._xlsx_formats import find_currencies, find_fault, find_text_fault
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
    content: str | bytes,
    path: Path,
    columns: Sequence[str],
    sheet: str | None = None,
    *,
    currency: str | None = None,
) -> Table:
    """Reads a table of the content of a workbook.

    Args:
        content: The bytes.
        path: The file, for messages.
        columns: The names of the columns that there may be.
        sheet: Name of the sheet; None for the only visible one that is not empty.
        currency: Of the prices, where no cell states it; None where that is not known.

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
    signs: list[_Sign] = []
    lines = list(_read_lines(shown, formulas[shown.title], where, signs))
    _check_signs(signs, lines, currency)
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


_Sign = tuple[str, str, frozenset[str]]
"""The place of a number, its format, and the currencies that the sign in it may mean."""


def _check_signs(
    signs: Sequence[_Sign], lines: Sequence[tuple[int, Sequence[Cell]]], currency: str | None
) -> None:
    """Refuses prices that are shown in another currency than the book's."""
    names = [normalize_name(str(cell)) for cell in lines[0][1]] if lines else []
    if "currency" in names:
        place = names.index("currency")
        stated = [str(cells[place]).strip().upper() for _, cells in lines[1:]]
        currency = next(filter(None, stated), currency)
    for place_told, form, meant in signs:
        if currency is not None and currency not in meant:
            raise ConfigError(
                f"{place_told}: its format shows another currency ({form}) than {currency}; write "
                f"the price in {currency} and format the cell so, or mend the currency"
            )


def _read_lines(
    shown: Worksheet, formulas: Worksheet, where: str, signs: list[_Sign]
) -> Iterator[tuple[int, list[Cell]]]:
    names: list[str] = []
    for row in shown.iter_rows():
        if not (_has_value(row) or _has_value(formulas[row[0].row])):
            continue
        number = row[0].row
        shape = shown.row_dimensions[number]
        if shape.hidden or (shape.height is not None and shape.height < 1):
            raise ConfigError(f"{where}, row {number}: the row is hidden; show it, or delete it")
        cells = [
            _read_cell(
                cell,
                formulas.cell(number, cell.column).value,
                names[place] if place < len(names) else "",
                where,
                signs,
            )
            for place, cell in enumerate(row)
        ]
        if not names:
            _refuse_hidden_columns(shown, where)
            names = [normalize_name(str(cell)) for cell in cells]
        yield number, cells


def _refuse_hidden_columns(sheet: Worksheet, where: str) -> None:
    for letter, column in sheet.column_dimensions.items():
        columns = range(column.min or 1, min(column.max or 1, sheet.max_column) + 1)
        unseen = column.hidden or (column.width is not None and column.width < 0.5)
        if unseen and any(map(_has_value, sheet.iter_cols(columns.start, columns.stop - 1))):
            raise ConfigError(f"{where}: column {letter} is hidden; show it, or delete it")


def _read_cell(cell: Any, formula: Any, column: str, where: str, signs: list[_Sign]) -> Cell:
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
        _check_format(cell, column, where, signs)
        return _to_decimal(value)
    return str(value)


def _check_format(cell: Any, column: str, where: str, signs: list[_Sign]) -> None:
    """Refuses a number that is shown as another one; notes the sign of a currency."""
    form: str = cell.number_format
    place = f"{where}, row {cell.row}, column {column or cell.column_letter}"
    find = find_fault if column in FIGURES else find_text_fault
    if fault := find(cell.value, form):
        raise ConfigError(f"{place}: {fault}")
    meant = find_currencies(form) if column in FIGURES else None
    if meant:
        signs.append((place, form, meant))


def _to_decimal(value: float) -> Decimal:
    """Takes a number as it is shown: fifteen digits, which is all that Excel keeps."""
    return Decimal(value) if isinstance(value, int) else Decimal(format(value, ".15g"))
