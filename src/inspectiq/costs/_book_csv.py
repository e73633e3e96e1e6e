"""Reads a cost book from a CSV file, one row a rate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from inspectiq._files import read_text
from inspectiq._refusals import validate_raw
from inspectiq.costs._book import CostBook, merge_books
from inspectiq.costs._book_files import WHAT, find_first_fault, require_complete, validate_book
from inspectiq.costs._work import Work, WorkItem
from inspectiq.errors import ConfigError

__all__ = ["COLUMNS", "read_csv_book"]

COLUMNS = {
    "type": "type of issue; several, with spaces between, share the rate",
    "condition": "`wear` for work that is done instead where it is wear; else empty",
    "code": "code of the rate in a schedule of rates; each stands in one row",
    "label": "what is done, in plain words",
    "trade": "who does it",
    "unit": "what a quantity counts: each, sq_ft, lin_ft, sq_m, lin_m",
    "quantity": "how much there usually is",
    "rate": "money for one unit, all in; or leave it empty and give hours and materials",
    "hours": "hours for one unit",
    "material": "what is used up",
    "material_quantity": "how much of it for one unit",
    "material_price": "money for one unit of it",
    "waste": "what is bought for what is used, 1.1 for a tenth more",
    "disposal": "money for taking away, for one unit",
    "permit": "money for a permit, once for a finding",
    "currency": "ISO 4217; the same in every row",
    "source": "who published the figures; empty for the book itself",
    "year": "of which year they are",
    "mark": "V seen at the source, S in secondary sources only, A an assumption",
}
"""The columns, and what stands in them. Only `type` and `trade` must be there."""

_MATERIAL = {"label": "material", "quantity": "material_quantity", "price": "material_price"}
_WORK = ("code", "label", "rate", "hours", "disposal", "permit")
_ITEM = ("unit", "quantity", "trade")


def read_csv_book(path: Path, base: CostBook | None, fields: Mapping[str, Any]) -> CostBook:
    """Reads a book of the rates in a file, over a base if one is given.

    Args:
        path: The file.
        base: The book that the rates are merged over.
        fields: Fields of the book besides its rates, such as `version`.

    Raises:
        ConfigError: What is wrong, in which file, row and column, and how to mend it.
    """
    rates = _Rates(path, str(fields.get("name", path.stem)), fields.get("currency"))
    for number, row in _read_rows(path):
        rates.add(number, row)
    items = rates.build_items()
    raw = {"name": rates.name, "version": "1", **fields, "items": items}
    if rates.currency is not None:
        raw["currency"] = rates.currency
    elif base is None:
        raise ConfigError(f"{path}: which currency? add a column currency, or give currency=")
    if base is not None:
        raw = _merge(path, raw, base)
        raw["items"] = {**base.items, **items}  # a row is the whole work
    return require_complete(validate_book(raw, str(path)), str(path), rates.locate)


def _merge(path: Path, raw: Mapping[str, Any], base: CostBook) -> dict[str, Any]:
    try:
        return merge_books(raw, base)
    except ConfigError as error:
        raise ConfigError(f"{path}, column currency: {error}") from None


def _read_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Reads the lines of the file: the number and the filled cells of each."""
    import csv
    import io

    reader = csv.DictReader(io.StringIO(read_text(path, WHAT), newline=""), strict=True)
    try:
        _check_header(path, reader.fieldnames or ())
        for row in reader:
            number = reader.line_num
            if None in row:
                raise ConfigError(
                    f"{path}, row {number}: it has more cells than row 1; "
                    "put cells that hold a comma in double quotes"
                )
            yield number, {key: cell.strip() for key, cell in row.items() if cell and cell.strip()}
    except csv.Error as error:
        raise ConfigError(f"{path}: this is not CSV: {error}; mend it there") from None


def _check_header(path: Path, header: Sequence[str]) -> None:
    for column in header:
        if column not in COLUMNS:
            raise ConfigError(
                f"{path}, row 1: there is no column {column!r}; use {', '.join(COLUMNS)}"
            )
    if len(set(header)) < len(header):
        raise ConfigError(f"{path}, row 1: a column stands twice; keep one of each name")


@dataclass(slots=True)
class _Rates:
    """Collects the rates of a file, row by row.

    Attributes:
        path: The file.
        name: Of the book.
        currency: Of the rows so far; None until one is stated.
        items: Raw work by type.
        wear: Work by type where it is wear.
        codes: In which row each code stands.
        rows: In which row each type was last named.
    """

    path: Path
    name: str
    currency: str | None
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    wear: dict[str, Work] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def add(self, number: int, row: Mapping[str, str]) -> None:
        """Puts the work of a row under each type that it names."""
        place = f"{self.path}, row {number}"
        for column in ("type", "trade"):
            if not row.get(column):
                raise ConfigError(
                    f"{place}, column {column}: missing {column}; every row needs one"
                )
        self._take_code(row.get("code"), number, place)
        self._take_currency(row.get("currency"), place)
        work = _parse_work(row, self.name, place)
        for key in row["type"].split():
            self._take_work(key, work, place)
            self.rows[key] = number

    def build_items(self) -> dict[str, dict[str, Any]]:
        """Builds the raw work by type, each with its work for wear.

        Raises:
            ConfigError: There is no rate, or a type has one for wear only.
        """
        if not self.items and not self.wear:
            raise ConfigError(
                f"{self.path}: there are no rates; write one in each row under the columns"
            )
        for key, work in self.wear.items():
            if key not in self.items:
                raise ConfigError(
                    f"{self.path}: {key} has a row for wear only; add one with an empty condition"
                )
            self.items[key]["wear"] = work
        return self.items

    def locate(self, key: str, column: str) -> str:
        """Names the place of a figure of a type's work, for messages."""
        if key not in self.rows:
            return f"{self.path}: base: {key}"
        return f"{self.path}, row {self.rows[key]}, column {column}"

    def _take_code(self, code: str | None, number: int, place: str) -> None:
        if code is None:
            return
        if code in self.codes:
            raise ConfigError(
                f"{place}, column code: duplicate code {code!r}, as in row {self.codes[code]}; "
                "keep one row, and list several types in it with spaces between"
            )
        self.codes[code] = number

    def _take_currency(self, stated: str | None, place: str) -> None:
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


def _parse_work(row: Mapping[str, str], book: str, place: str) -> Work:
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
    try:
        return validate_raw(Work if condition else WorkItem, raw)
    except ValidationError as error:
        steps, message = find_first_fault(error)
        column = _find_column(steps)
        raise ConfigError(
            f"{place}{', column ' + column if column else ''}: {message}; mend it there"
        ) from None


def _parse_materials(row: Mapping[str, str]) -> dict[str, Any]:
    material = {field: row[column] for field, column in _MATERIAL.items() if column in row}
    if material and "waste" in row:
        material["waste"] = row["waste"]
    return {"materials": [material]} if material else {}


def _parse_source(row: Mapping[str, str], book: str) -> dict[str, Any]:
    origin = {column: row[column] for column in ("year", "mark") if column in row}
    if not origin and "source" not in row:
        return {}
    return {"source": {"name": row.get("source", book), **origin}}


def _find_column(steps: list[str]) -> str:
    """Finds the column of a field of the work; empty where the whole row is wrong."""
    if steps[:1] == ["materials"]:
        return _MATERIAL.get(steps[-1], steps[-1])
    return steps[-1] if steps else ""
