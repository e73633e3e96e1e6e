"""Reads a cost book from a table of rates, CSV or a workbook: one row a rate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from inspectiq._files import FileGiven, read_given
from inspectiq._refusals import validate_raw
from inspectiq._taking import quote
from inspectiq.costs._book import CostBook
from inspectiq.costs._book_files import (
    WHAT,
    find_first_fault,
    require_complete,
    take_book,
    validate_book,
)
from inspectiq.costs._book_merging import merge_books
from inspectiq.costs._csv_tables import read_csv_table
from inspectiq.costs._figures import DecimalSign, read_decimal_sign, read_figure
from inspectiq.costs._rate_columns import COLUMNS, FIGURES, RECASED
from inspectiq.costs._tables import Cell, Table, TableRow
from inspectiq.costs._work import Work, WorkItem
from inspectiq.costs._xlsx_tables import read_xlsx_table
from inspectiq.errors import ConfigError

__all__ = ["read_house_rates", "read_rates"]

_MATERIAL = {"label": "material", "quantity": "material_quantity", "price": "material_price"}
_WORK = ("code", "label", "rate", "hours", "disposal", "permit")
_ITEM = ("unit", "quantity", "trade")


def read_rates(
    file: FileGiven,
    *,
    base: CostBook | Path | str | None = None,
    decimal: DecimalSign | None = None,
    sheet: str | None = None,
    workbook: bool = False,
    fields: Mapping[str, Any] = MappingProxyType({}),
) -> CostBook:
    """Reads a book of the rates in a CSV file or a workbook, over a base if one is given.

    Args:
        file: The file.
        base: The book that the rates are merged over.
        decimal: What stands before the fraction of a number.
        sheet: Of a workbook.
        workbook: Whether it is one.
        fields: Fields of the book besides its rates, such as `version`.

    Raises:
        ConfigError: What is wrong, in which file, row and column, and how to mend it.
    """
    if decimal not in (None, ".", ","):
        raise ConfigError(f'decimal: {quote(decimal)} is no sign before a fraction; give "." or ","')
    if "items" in fields:
        raise ConfigError("items: the rows are these; leave items= away")
    content, path = read_given(file, WHAT)
    if workbook:
        table = read_xlsx_table(content, path, tuple(COLUMNS), sheet)
    else:
        table = read_csv_table(content, path, tuple(COLUMNS))
    under = None if base is None else take_book(base, "base")
    return _build_book(table, path, under, decimal, fields)


def read_house_rates(path: Path) -> CostBook:
    """Reads rates over the shipped book, or alone where their currency is another."""
    content, _ = read_given(path, WHAT)
    shipped, workbook = CostBook.default(), path.suffix.lower() == ".xlsx"
    read = read_xlsx_table if workbook else read_csv_table
    currencies = {
        str(row.cells.get("currency", shipped.currency)).upper()
        for row in read(content, path, tuple(COLUMNS)).rows
    }
    base = shipped if currencies == {shipped.currency} else None
    return read_rates(path, base=base, workbook=workbook)


def _build_book(
    table: Table,
    path: Path,
    base: CostBook | None,
    decimal: DecimalSign | None,
    fields: Mapping[str, Any],
) -> CostBook:
    where = table.where
    rates = _Rates(
        where, str(fields.get("name", path.stem)), fields.get("currency"), _Signs(decimal)
    )
    for row in table.rows:
        rates.add(row)
    items = rates.build_items()
    raw = {"name": rates.name, "version": "1", **fields, "items": items}
    if rates.currency is not None:
        raw["currency"] = rates.currency
    elif base is None:
        raise ConfigError(f"{where}: which currency? add a column currency, or give currency=")
    if base is not None:
        raw = _merge(where, raw, base)
        raw["items"] = {**base.items, **items}  # a row is the whole work
    return require_complete(validate_book(raw, where), where, rates.locate)


def _merge(where: str, raw: Mapping[str, Any], base: CostBook) -> dict[str, Any]:
    try:
        return merge_books(raw, base)
    except ConfigError as error:
        raise ConfigError(f"{where}, column currency: {error}") from None


@dataclass(slots=True)
class _Signs:
    """The sign before a fraction: the stated one, or the one that the file keeps to.

    Attributes:
        stated: What the caller says.
        seen: The sign that was seen first, where nothing was said.
        at: Where, and in which figure.
    """

    stated: DecimalSign | None
    seen: DecimalSign | None = None
    at: str = ""

    def read(self, cell: Cell, place: str) -> Decimal:
        """Reads the figure of a cell.

        Raises:
            ConfigError: It is none, or the file has the other sign elsewhere.
        """
        if isinstance(cell, Decimal):
            return cell
        try:
            figure = read_figure(cell, self.stated)
        except ConfigError as error:
            raise ConfigError(f"{place}: {error}") from None
        sign = None if self.stated else read_decimal_sign(cell)
        if sign and self.seen and sign != self.seen:
            raise ConfigError(
                f"{place}: {quote(cell)} has another sign before its fraction than {self.at}; "
                "write all in one way"
            )
        if sign and not self.seen:
            self.seen, self.at = sign, f"{quote(cell)} in {place.partition(', ')[2]}"
        return figure


@dataclass(slots=True)
class _Rates:
    """Collects the rates of a table, row by row.

    Attributes:
        where: The file, for messages.
        name: Of the book.
        currency: Of the rows so far; None until one is stated.
        signs: What stands before fractions.
        items: Raw work by type.
        wear: Work by type where it is wear.
        codes: Where each code stands.
        places: Where each type was last named.
    """

    where: str
    name: str
    currency: str | None
    signs: _Signs
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    wear: dict[str, Work] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def add(self, row: TableRow) -> None:
        """Puts the work of a row under each type that it names."""
        for name in ("type", "trade"):
            if name not in row.cells:
                raise ConfigError(
                    f"{row.place}, column {name}: missing {name}; every row needs one"
                )
        cells = {column: self._read_cell(row, column) for column in row.cells}
        self._take_code(cells.get("code"), row.place)
        self._take_currency(cells.get("currency"), row.place)
        work = _make_work(cells, self.name, row.place)
        for key in _read_types(cells["type"], row.place):
            self._take_work(key, work, row.place)
            self.places[key] = row.place

    def build_items(self) -> dict[str, dict[str, Any]]:
        """Builds the raw work by type, each with its work for wear.

        Raises:
            ConfigError: There is no rate, or a type has one for wear only.
        """
        if not self.items and not self.wear:
            raise ConfigError(
                f"{self.where}: there are no rates; write one in each row under the columns"
            )
        for key, work in self.wear.items():
            if key not in self.items:
                raise ConfigError(
                    f"{self.where}: {key} has a row for wear only; add one with an empty condition"
                )
            self.items[key]["wear"] = work
        return self.items

    def locate(self, key: str, column: str) -> str:
        """Names the place of a figure of a type's work, for messages."""
        if key not in self.places:
            return f"{self.where}: base: {key}"
        return f"{self.places[key]}, column {column}"

    def _read_cell(self, row: TableRow, column: str) -> Any:
        cell, place = row.cells[column], f"{row.place}, column {column}"
        if column in FIGURES:
            return self.signs.read(cell, place)
        text = f"{cell:f}" if isinstance(cell, Decimal) else cell
        if column == "year" and not re.fullmatch("[0-9]{4}", text):
            raise ConfigError(f"{place}: {quote(text)} is no year; write it as 2026")
        return RECASED[column](text) if column in RECASED else text

    def _take_code(self, code: str | None, place: str) -> None:
        if code is None:
            return
        if code in self.codes:
            raise ConfigError(
                f"{place}, column code: duplicate code {quote(code)}, as in "
                f"{self.codes[code].rpartition(', ')[2]}; "
                "keep one row, and list several types in it with spaces between"
            )
        self.codes[code] = place

    def _take_currency(self, stated: str | None, place: str) -> None:
        if stated is not None and not re.fullmatch("[A-Z]{3}", stated):
            raise ConfigError(
                f"{place}, column currency: {quote(stated)} is no currency; write its code, such as EUR"
            )
        if None not in (stated, self.currency) and stated != self.currency:
            raise ConfigError(
                f"{place}, column currency: two currencies, {stated} here and {self.currency} "
                "before; a book has one, so make two books"
            )
        self.currency = stated or self.currency

    def _take_work(self, key: str, work: Work, place: str) -> None:
        is_item = isinstance(work, WorkItem)
        if key in (self.items if is_item else self.wear):
            raise ConfigError(f"{place}, column type: {key} has a row already; keep one of them")
        if is_item:
            self.items[key] = work.model_dump(exclude_unset=True)
        else:
            self.wear[key] = work


def _read_types(text: str, place: str) -> list[str]:
    keys = text.split()
    if odd := [key for key in keys if not re.fullmatch("[a-z][a-z0-9_]*", key)]:
        raise ConfigError(
            f"{place}, column type: {quote(odd[0])} is no key of a type; write it as "
            "`inspectiq taxonomy` lists it, and several with spaces between"
        )
    return keys


def _make_work(row: Mapping[str, Any], book: str, place: str) -> Work:
    """Makes the work of a row: a `WorkItem`, or bare `Work` where it is for wear.

    Args:
        row: Its cells that are filled.
        book: Name of the book, which is the source where none is named.
        place: File and row, for messages.

    Raises:
        ConfigError: A cell is wrong; with its column.
    """
    condition = row.get("condition", "")
    if condition not in ("", "wear"):
        raise ConfigError(f"{place}, column condition: write `wear`, or leave it empty")
    columns = _WORK if condition else (*_WORK, *_ITEM)
    raw: dict[str, Any] = {column: row[column] for column in columns if column in row}
    raw |= _parse_materials(row) | _parse_source(row, book)
    form = Work if condition else WorkItem
    try:
        return validate_raw(form, raw)
    except ValidationError as error:
        steps, message = find_first_fault(form, error)
        column = _find_column(steps)
        raise ConfigError(
            f"{place}{', column ' + column if column else ''}: {message}; mend it there"
        ) from None


def _parse_materials(row: Mapping[str, Any]) -> dict[str, Any]:
    material = {field: row[column] for field, column in _MATERIAL.items() if column in row}
    if material and "waste" in row:
        material["waste"] = row["waste"]
    return {"materials": [material]} if material else {}


def _parse_source(row: Mapping[str, Any], book: str) -> dict[str, Any]:
    origin = {column: row[column] for column in ("year", "mark") if column in row}
    if not origin and "source" not in row:
        return {}
    return {"source": {"name": row.get("source", book), **origin}}


def _find_column(steps: list[str]) -> str:
    """Finds the column of a field of the work; empty where the whole row is wrong."""
    if steps[:1] == ["materials"]:
        return _MATERIAL.get(steps[-1], steps[-1])
    return steps[-1] if steps else ""
