"""Makes columns of fields that a subclass of an agent asked for: one kind of value in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from inspectiq._text import replace_surrogates
from inspectiq._values import thaw, write_canonical_json
from inspectiq.reports._columns import Kind

__all__ = ["make_extra_columns"]

LARGEST = 2**63 - 1  # of a column of whole numbers


def make_extra_columns(
    fields: Sequence[dict[str, Any]],
) -> tuple[dict[str, Kind], list[dict[str, Any]]]:
    """Makes columns of the fields of some rows, in the order in which they are met.

    A column holds yes or no, whole numbers, numbers, or text. Where a field holds lists or
    mappings, or values of several kinds, each is written as JSON.

    Args:
        fields: The fields of each row, by name.

    Returns:
        What each column holds, and the values of each row.
    """
    names = dict.fromkeys(name for row in fields for name in row)
    rows: list[dict[str, Any]] = [{} for _ in fields]
    columns: dict[str, Kind] = {}
    for name in names:
        values = [row.get(name) for row in fields]
        kind, convert = _choose_kind([value for value in values if value is not None])
        column = f"extra.{replace_surrogates(name)}"
        columns[column] = kind
        for row, value in zip(rows, values, strict=True):
            row[column] = None if value is None else convert(value)
    return columns, rows


def _choose_kind(values: Sequence[Any]) -> tuple[Kind, Callable[[Any], Any]]:
    """Chooses what a column holds, and what makes a value of it."""
    kinds = {type(value) for value in values}
    fits = all(abs(value) <= LARGEST for value in values if isinstance(value, int))
    if kinds == {bool}:
        return "flag", bool
    if kinds == {int} and fits:
        return "whole", int
    if kinds and kinds <= {int, float} and fits:
        return "number", float
    if kinds <= {str}:
        return "text", replace_surrogates
    return "text", _write_json


def _write_json(value: Any) -> str:
    return replace_surrogates(write_canonical_json(thaw(value)))
