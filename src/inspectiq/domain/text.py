"""Text that others wrote: what cannot be seen is taken out before it is kept or sent."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

__all__ = ["one_line", "scrubbed", "visible", "visible_json"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_KEPT = frozenset("\n\t\u200c\u200d")  # joiners are part of Persian, Hindi and emoji


def visible(text: str) -> str:
    """The text without control, format, private-use and lone surrogate characters."""
    if text.isascii() and text.isprintable():
        return text  # most are, and a look at each character takes long
    return "".join(
        char
        for char in text
        if char in _KEPT or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")
    )


def scrubbed(text: str) -> str:
    """The text with a replacement sign for each lone surrogate, as odd file names have them."""
    return _SURROGATE.sub("\ufffd", text)


def one_line(text: str, limit: int) -> str:
    """The visible text on one line, cut to `limit` characters."""
    line = " ".join(visible(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def visible_json(value: Any) -> Any:
    """A JSON value with every string made visible; keys are left alone."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: visible_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [visible_json(item) for item in value]
    return value
