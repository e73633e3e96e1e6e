"""Makes the work that a row of a table of rates stands for, alone or over that of a base."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from inspectiq._refusals import validate_raw
from inspectiq.costs._book import CostBook
from inspectiq.costs._book_files import find_first_fault
from inspectiq.costs._book_merging import cite_both
from inspectiq.costs._book_parts import Source
from inspectiq.costs._work import METRIC_UNITS, Work, WorkItem, is_priced
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import ConfigError

__all__ = ["lay_over", "make_work"]

_MATERIAL = {"label": "material", "quantity": "material_quantity", "price": "material_price"}
_WORK = ("code", "label", "rate", "hours", "disposal", "permit")
_ITEM = ("unit", "quantity", "trade")
_FIGURES = ("hours", "materials", "disposal", "permit")


def make_work(row: Mapping[str, Any], book: str, place: str) -> Work:
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
        work = validate_raw(form, raw)
    except ValidationError as error:
        steps, message = find_first_fault(form, error)
        column = _find_column(steps)
        raise ConfigError(
            f"{place}{', column ' + column if column else ''}: {message}; mend it there"
        ) from None
    if work.rate == 0:  # which office programs also make of an empty cell
        raise ConfigError(
            f"{place}, column rate: 0 makes the repair free; write a price, or take the row out "
            "(a book in TOML may say rate = 0, where that is meant)"
        )
    if condition:
        _require_price(work, place)
    return work


def lay_over(
    work: WorkItem, own: Source, base: CostBook | None, key: str, place: str
) -> dict[str, Any]:
    """Lays the work of a row over that of a base: what is empty in the row stays as it is there.

    A rate is all of the work; so are hours and materials where the base has a rate, or counts in
    another unit.

    Args:
        work: That of the row.
        own: Where the figures of the row come from.
        base: The base, if there is one.
        key: The type.
        place: File and row, for messages.

    Returns:
        Raw fields of a `WorkItem`.

    Raises:
        ConfigError: Nothing prices the work, or what its price is for cannot be told.
    """
    raw = work.model_dump(exclude_unset=True)
    under = base.items.get(key) if base else None
    if base is None or under is None:
        _require_price(work, place)
        _require_unit(raw, key, place)
        return raw
    if raw.get("unit", under.unit) != under.unit:
        if not is_priced(work):
            raise ConfigError(
                f"{place}, column unit: the base counts {key} in {under.unit}; write that, or "
                f"fill in the rate for one {work.unit}"
            )
        return raw
    if work.rate is not None or (under.rate is not None and is_priced(work)):
        return {"unit": under.unit, "quantity": under.quantity, **raw}
    merged = {**under.model_dump(exclude_unset=True), **raw}
    rest = base.get_source(under.source)
    if raw.keys().isdisjoint(_FIGURES):
        merged["source"] = rest
    elif any(getattr(under, name) and name not in raw for name in _FIGURES):
        merged["source"] = cite_both(own, rest)
    else:
        merged["source"] = work.source
    return merged


def _require_price(work: Work, place: str) -> None:
    if not is_priced(work):
        raise ConfigError(
            f"{place}, column rate: it is empty, and so are hours and material_price, so the "
            "repair would be free; write a rate, or what it takes"
        )


def _require_unit(raw: Mapping[str, Any], key: str, place: str) -> None:
    """Refuses an empty unit where findings of the type are measured: a price for a foot, or all."""
    taxonomy = Taxonomy.default()
    if "unit" in raw or key not in taxonomy or taxonomy[key].unit == "each":
        return
    unit = taxonomy[key].unit
    raise ConfigError(
        f"{place}, column unit: it is empty, and {key} is measured; write {unit} or "
        f"{METRIC_UNITS[unit]}, or each where one price is for all of it"
    )


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
