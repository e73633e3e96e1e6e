"""Rates from a CSV file, one row a rate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from inspectiq._files import read_text
from inspectiq.costs._book import CostBook, merge_books
from inspectiq.costs._book_files import WHAT, require_complete, validate_book
from inspectiq.costs._work import Work, WorkItem
from inspectiq.errors import ConfigError

__all__ = ["COLUMNS", "read_rows"]

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


def read_rows(path: Path, base: CostBook | None, fields: Mapping[str, Any]) -> CostBook:
    """A book of the rates in a file, over a base if one is given.

    Raises:
        ConfigError: What is wrong, in which file, row and column, and how to mend it.
    """
    items: dict[str, dict[str, Any]] = {}
    wear: dict[str, Work] = {}
    codes: dict[str, int] = {}
    rows: dict[str, int] = {}
    currency: str | None = fields.get("currency")
    name = str(fields.get("name", path.stem))
    for number, row in _rows(path):
        place = f"{path}, row {number}"
        for column in ("type", "trade"):
            if not row.get(column):
                raise ConfigError(
                    f"{place}, column {column}: missing {column}; every row needs one"
                )
        code = row.get("code")
        if code is not None and code in codes:
            raise ConfigError(
                f"{place}, column code: duplicate code {code!r}, as in row {codes[code]}; "
                "keep one row, and list several types in it with spaces between"
            )
        if code is not None:
            codes[code] = number
        money = row.get("currency", currency)
        if currency is not None and money != currency:
            raise ConfigError(
                f"{place}, column currency: two currencies, {money} here and {currency} before; "
                "a book has one, so make two books"
            )
        currency = money
        _add(row, place, name, items, wear)
        rows |= dict.fromkeys(row["type"].split(), number)
    if not items and not wear:
        raise ConfigError(f"{path}: there are no rates; write one in each row under the columns")
    for key, work in wear.items():
        if key not in items:
            raise ConfigError(
                f"{path}: {key} has a row for wear only; add one with an empty condition"
            )
        items[key]["wear"] = work
    raw = {"name": name, "version": "1", **fields, "items": items}
    if currency is not None:
        raw["currency"] = currency
    elif base is None:
        raise ConfigError(f"{path}: which currency? add a column currency, or give currency=")
    if base is not None:
        try:
            raw = merge_books(raw, base)
        except ConfigError as error:
            raise ConfigError(f"{path}, column currency: {error}") from None
        raw["items"] = {**base.items, **items}  # a row is the whole work

    def at(key: str, field: str) -> str:
        return f"{path}, row {rows[key]}, column {field}" if key in rows else f"{path}: base: {key}"

    return require_complete(validate_book(raw, str(path)), str(path), at)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Lines of the file by number, and their cells that are filled."""
    import csv
    import io

    reader = csv.DictReader(io.StringIO(read_text(path, WHAT), newline=""), strict=True)
    try:
        header = reader.fieldnames or ()
        for column in header:
            if column not in COLUMNS:
                raise ConfigError(
                    f"{path}, row 1: there is no column {column!r}; use {', '.join(COLUMNS)}"
                )
        if len(set(header)) < len(header):
            raise ConfigError(f"{path}, row 1: a column stands twice; keep one of each name")
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


def _add(
    row: Mapping[str, str],
    place: str,
    name: str,
    items: dict[str, dict[str, Any]],
    wear: dict[str, Work],
) -> None:
    """Puts the work of a row under each type that it names."""
    raw: dict[str, Any] = {field: row[field] for field in _WORK if field in row}
    material = {field: row[column] for field, column in _MATERIAL.items() if column in row}
    if material:
        if "waste" in row:
            material["waste"] = row["waste"]
        raw["materials"] = [material]
    if {"source", "year", "mark"} & set(row):
        origin = {column: row[column] for column in ("year", "mark") if column in row}
        raw["source"] = {"name": row.get("source", name), **origin}
    condition = row.get("condition", "")
    if condition not in ("", "wear"):
        raise ConfigError(f"{place}, column condition: write `wear`, or leave it empty")
    if not condition:
        raw |= {field: row[field] for field in ("unit", "quantity", "trade") if field in row}
    try:
        work = (Work if condition else WorkItem).model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        column = _column([str(step) for step in first["loc"]])
        message = first["msg"].removeprefix("Value error, ")
        raise ConfigError(
            f"{place}{', column ' + column if column else ''}: {message}; mend it there"
        ) from None
    for key in row["type"].split():
        if key in (wear if condition else items):
            raise ConfigError(f"{place}, column type: {key} has a row already; keep one of them")
        if condition:
            wear[key] = work
        else:
            items[key] = work.model_dump(exclude_unset=True)


def _column(loc: list[str]) -> str:
    if loc[:1] == ["materials"]:
        return _MATERIAL.get(loc[-1], loc[-1])
    return loc[-1] if loc else ""
