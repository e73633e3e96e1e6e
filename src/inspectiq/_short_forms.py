"""Shortens what a value shows of itself, so that printing a few of them fills no screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["shorten"]

LONGEST_TEXT = 80  # characters
MOST_ITEMS = 3  # of a tuple
MOST_ENTRIES = 5  # of a mapping
DEEPEST = 2  # of mappings and tuples in each other

_HASH = re.compile("[0-9a-f]{64}")


class _Note:
    """Stands in a repr for what is left out, and says how much that is."""

    __slots__ = ("words",)

    def __init__(self, words: str) -> None:
        self.words = words

    def __repr__(self) -> str:
        return f"<{self.words}>"


def shorten(value: Any, depth: int = 0) -> Any:
    """Shortens a field's value for a repr; what is cut ends in `…` or is told by its number."""
    if isinstance(value, str):
        return _shorten_text(value)
    if isinstance(value, Mapping):
        if len(value) > MOST_ENTRIES or (depth >= DEEPEST and value):
            return _Note(f"{len(value)} entries")
        return {_shorten_text(key): shorten(item, depth + 1) for key, item in value.items()}
    if isinstance(value, tuple | list):
        if len(value) > MOST_ITEMS or (depth >= DEEPEST and value):
            return _Note(f"{len(value)} {_name_kind(value)}")
        return type(value)([shorten(item, depth + 1) for item in value])
    return value


def _shorten_text(text: str) -> str:
    if _HASH.fullmatch(text):
        return text[:12] + "…"
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _name_kind(items: Iterable[Any]) -> str:
    kinds = {type(item).__name__ for item in items}
    kind = kinds.pop()
    return "items" if kinds or kind in ("str", "tuple", "list", "dict") else kind
