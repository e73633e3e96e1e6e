"""Reads a cost book from a table of rates, CSV or a workbook: one row a rate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from inspectiq._files import FileGiven, read_given
from inspectiq._taking import quote
from inspectiq.costs._book import CostBook
from inspectiq.costs._book_files import (
    WHAT,
    require_complete,
    take_book,
    validate_book,
)
from inspectiq.costs._book_merging import merge_books
from inspectiq.costs._book_parts import Source
from inspectiq.costs._csv_tables import read_csv_table
from inspectiq.costs._figures import DecimalSign, read_decimal_sign, read_figure
from inspectiq.costs._rate_columns import COLUMNS, FIGURES, RECASED
from inspectiq.costs._row_work import lay_over, make_work
from inspectiq.costs._tables import Cell, Table, TableRow
from inspectiq.costs._trades import recase_trade, recase_trades, require_used
from inspectiq.costs._work import UNITS, Work, WorkItem
from inspectiq.costs._xlsx_tables import read_xlsx_table
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import ConfigError

__all__ = ["read_house_rates", "read_rates"]

_CODE = ', or say which sign stands before fractions, decimal="." or decimal=","'
_PERSON = ", in this way in all rows, or save the rates as .xlsx, where numbers are kept as numbers"
_CELL = ", or format the cell as a number and write it again"
_TWINS = {"sq_ft": "sq_m", "lin_ft": "lin_m", "sq_m": "sq_ft", "lin_m": "lin_ft"}


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
        raise ConfigError(
            f'decimal: {quote(decimal)} is no sign before a fraction; give "." or ","'
        )
    if "items" in fields:
        raise ConfigError("items: the rows are these; leave items= away")
    content, path = read_given(file, WHAT)
    under = None if base is None else take_book(base, "base")
    if workbook:
        currency = fields.get("currency") or (under.currency if under else None)
        currency = currency.strip().upper() if isinstance(currency, str) else None
        table = read_xlsx_table(content, path, tuple(COLUMNS), sheet, currency=currency)
    else:
        table = read_csv_table(content, path, tuple(COLUMNS))
    return _build_book(table, path, under, _Signs(decimal, _CODE), fields)


def read_house_rates(path: Path) -> CostBook:
    """Reads rates over the shipped book, or alone where their currency or units are others."""
    content, _ = read_given(path, WHAT)
    shipped, workbook = CostBook.default(), path.suffix.lower() == ".xlsx"
    if workbook:
        table = read_xlsx_table(content, path, tuple(COLUMNS), currency=shipped.currency)
    else:
        table = read_csv_table(content, path, tuple(COLUMNS))
    currencies = {str(row.cells.get("currency", shipped.currency)).upper() for row in table.rows}
    units = {str(row.cells.get("unit", "each")).lower() for row in table.rows}
    alone = currencies != {shipped.currency} or not units.isdisjoint({"sq_m", "lin_m"})
    signs = _Signs(None, _CELL if workbook else _PERSON)
    return _build_book(table, path, None if alone else shipped, signs, {})


def _build_book(
    table: Table,
    path: Path,
    base: CostBook | None,
    signs: _Signs,
    fields: Mapping[str, Any],
) -> CostBook:
    where, fields = table.where, recase_trades(fields, base)
    rates = _Rates(where, str(fields.get("name", path.stem)), signs, base)
    rates.take_fields(fields)
    for row in table.rows:
        rates.add(row)
    items = rates.build_items()
    inferred = {"units": rates.units} if base is None and rates.units else {}
    raw = {"name": rates.name, "version": "1", **inferred, **fields, "items": items}
    if rates.currency is not None:
        raw["currency"] = rates.currency
    elif base is None:
        raise ConfigError(f"{where}: which currency? add a column currency, or give currency=")
    if base is not None:
        raw = _merge(where, raw, base)
        raw["items"] = {**base.items, **items}  # laid over those already, row by row
    book = validate_book(raw, where, fields, ("base", "decimal"))
    book = require_complete(book, where, rates.locate)
    require_used(book, fields.get("trades", ()))
    return book


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
        more_cures: What helps where it cannot be told, as `read_figure` takes it.
        seen: The sign that was seen first, where nothing was said.
        at: Where, and in which figure.
    """

    stated: DecimalSign | None
    more_cures: str
    seen: DecimalSign | None = None
    at: str = ""

    def read(self, cell: Cell, place: str, *, factor: bool = False) -> Decimal:
        """Reads the figure of a cell, which may be a multiple such as 1.1.

        Raises:
            ConfigError: It is none, or the file has the other sign elsewhere.
        """
        if isinstance(cell, Decimal):
            return cell
        try:
            figure = read_figure(
                cell, self.stated, seen=self.seen, more_cures=self.more_cures, factor=factor
            )
        except ConfigError as error:
            raise ConfigError(f"{place}: {error}") from None
        sign = None if self.stated else read_decimal_sign(cell)
        if sign and self.seen and sign != self.seen:
            raise ConfigError(
                f"{place}: {quote(cell)} has another sign before its fraction than {self.at}; "
                f"write {cell.replace(sign, self.seen)}, or all in one way"
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
        signs: What stands before fractions.
        base: The book that the rates are merged over, if there is one.
        currency: Of the rows so far; None until one is stated.
        priced: Where that was stated, for messages.
        units: Imperial or metric; None until a row or somebody says so.
        counted: Who said so, for messages.
        recount: What else to do about a unit that does not go with that.
        items: Raw work by type.
        wear: Work by type where it is wear.
        codes: Where each code stands.
        places: Where each type was last named.
    """

    where: str
    name: str
    signs: _Signs
    base: CostBook | None
    currency: str | None = None
    priced: str = "before"
    units: str | None = None
    counted: str = ""
    recount: str = "count all rows in one way"
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    wear: dict[str, Work] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def take_fields(self, fields: Mapping[str, Any]) -> None:
        """Takes the currency and the units that a caller states, or that the base has."""
        self.currency = fields.get("currency")
        if isinstance(self.currency, str):
            self.currency, self.priced = self.currency.strip().upper(), "by currency="
            if not re.fullmatch("[A-Z]{3}", self.currency):
                raise ConfigError(
                    f"currency: {quote(fields['currency'])} is no currency; write its code, such "
                    "as EUR"
                )
        if fields.get("units") in UNITS:
            self.units, self.counted = fields["units"], f"units={fields['units']!r} was given"
            self.recount = "give the other units="
        elif self.base is not None:
            self.units = self.base.units
            self.counted = f"the base {self.base.label} is {self.units}"
            self.recount = "leave the base out"

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
        work = make_work(cells, self.name, row.place)
        self._take_unit(cells.get("unit", "each"), row.place)
        for key in self._read_types(cells["type"], row.place):
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
            return self.signs.read(cell, place, factor=column == "waste")
        text = f"{cell:f}" if isinstance(cell, Decimal) else cell
        if column == "year" and not re.fullmatch("[0-9]{4}", text):
            raise ConfigError(f"{place}: {quote(text)} is no year; write it as 2026")
        if column == "trade":
            return recase_trade(text, self.base)
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
                f"{place}, column currency: {quote(stated)} is no currency; "
                "write its code, such as EUR"
            )
        if None not in (stated, self.currency) and stated != self.currency:
            raise ConfigError(
                f"{place}, column currency: two currencies, {stated} here and {self.currency} "
                f"{self.priced}; a book has one, so make two books"
            )
        self.currency = stated or self.currency

    def _take_unit(self, unit: str, place: str) -> None:
        if unit == "each":
            return
        units = next(name for name, several in UNITS.items() if unit in several)
        if self.units is None:
            self.units, self.counted = units, f"{unit} in {place.rpartition(', ')[2]} is {units}"
        elif units != self.units:
            raise ConfigError(
                f"{place}, column unit: {unit} is {units}, and {self.counted}; write the price of "
                f"one {_TWINS[unit]}, or {self.recount}"
            )

    def _take_work(self, key: str, work: Work, place: str) -> None:
        is_item = isinstance(work, WorkItem)
        if key in (self.items if is_item else self.wear):
            raise ConfigError(f"{place}, column type: {key} has a row already; keep one of them")
        if isinstance(work, WorkItem):
            own = work.source or Source(name=self.name)
            self.items[key] = lay_over(work, own, self.base, key, place)
        else:
            self.wear[key] = work

    def _read_types(self, text: str, place: str) -> list[str]:
        keys = text.split()
        if odd := [key for key in keys if not re.fullmatch("[a-z][a-z0-9_]*", key)]:
            raise ConfigError(
                f"{place}, column type: {quote(odd[0])} is no key of a type; write it as "
                "`inspectiq taxonomy` lists it, and several with spaces between"
            )
        known = {kind.key for kind in Taxonomy.default().types}
        close = get_close_matches("_".join(keys), known, n=1, cutoff=0.85)
        if len(keys) > 1 and known.isdisjoint(keys) and close:
            raise ConfigError(
                f"{place}, column type: {quote(text)} reads as {len(keys)} types; write {close[0]}"
            )
        return keys
