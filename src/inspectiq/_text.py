"""Removes or writes out invisible characters in texts that others wrote, and shortens them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, pairwise
from typing import Any

__all__ = [
    "escape_invisible",
    "find_hidden_runs",
    "replace_surrogates",
    "shorten_json",
    "strip_invisible",
    "strip_invisible_json",
    "to_one_line",
]

_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = frozenset("\n\t\r")
_BREAKS = frozenset("\n\t\r\u2028\u2029")  # what ends a line, or moves within it
_JOINERS = frozenset("\u200c\u200d")  # part of Persian, Hindi and emoji
_EMOJI_SELECTOR = "\ufe0f"
_BLACK_FLAG = "\U0001f3f4"  # which tags make the flag of a region

# Default_Ignorable_Code_Point of Unicode 16.0, DerivedCoreProperties.txt, besides category Cf.
_IGNORABLE = frozenset(
    chain(
        (0x034F, 0x3164, 0xFFA0, 0x2065),
        range(0x115F, 0x1161),
        range(0x17B4, 0x17B6),
        range(0x180B, 0x1810),
        range(0xFE00, 0xFE10),
        range(0xFFF0, 0xFFF9),
        range(0xE0000, 0xE1000),
    )
)
# Those of them that Python prints; all other hidden characters are not printable.
_PRINTED = frozenset(filter(str.isprintable, map(chr, _IGNORABLE)))
LONG = 4  # hidden characters in a row that could be a word; our assumption


def strip_invisible(text: str) -> str:
    """Removes invisible characters: control, format, bidi, tags, selectors.

    One emoji selector after an emoji stays, and one joiner after a character that is not ASCII.
    """
    if text.isprintable() and _PRINTED.isdisjoint(text):
        return text  # most are, and a look at each character takes long
    kept: list[str] = []
    for char, following in pairwise(chain(text, [""])):
        if _is_kept(kept[-1] if kept else "", char, following):
            kept.append(char)
    return "".join(kept)


def _write_code(char: str) -> str:
    return char.encode("unicode_escape").decode()


def escape_invisible(text: str, write: Callable[[str], str] = _write_code) -> str:
    """Writes out what `strip_invisible` removes, as `\\x1b`, and line breaks, so it is one line.

    What comes out is safe in a terminal and a log: it moves no cursor and begins no line.

    Args:
        text: The text.
        write: Writes one character; as Python does if not given.
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    before = ""  # the character that was kept last, "" after one that was not
    for char, following in pairwise(chain(text, [""])):
        kept = char not in _BREAKS and _is_kept(before, char, following)
        before = char if kept else ""
        shown.append(char if kept else write(char))
    return "".join(shown)


def _is_kept(before: str, char: str, following: str) -> bool:
    if char in "\n\t" or not _is_hidden(char):
        return True
    if char in _JOINERS:
        return not (before.isascii() or before in _JOINERS or _is_hidden(following))
    return char == _EMOJI_SELECTOR and _is_emoji(before)


def find_hidden_runs(text: str) -> Iterator[int]:
    """Finds runs of hidden characters that are long enough to be words; gives their lengths.

    The tags that make a black flag the flag of a region are none.
    """
    if text.isascii() and text.isprintable():
        return
    length, before = 0, ""
    for char in chain(text, " "):
        if char not in _SPACES and _is_hidden(char):
            length += 1
            continue
        if length >= LONG and before != _BLACK_FLAG:
            yield length
        length, before = 0, char


def _is_hidden(char: str) -> bool:
    if not char:
        return False
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") or ord(char) in _IGNORABLE


def _is_emoji(char: str) -> bool:
    """Tells whether a character can be an emoji, as far as its Unicode category says."""
    return bool(char) and (
        char in "#*0123456789" or unicodedata.category(char) in ("So", "Sm", "Po")
    )


def replace_surrogates(text: str) -> str:
    """Replaces lone surrogates, which odd file names contain, by U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def to_one_line(text: str, limit: int) -> str:
    """Puts the visible text on one line, cut to `limit` characters."""
    line = " ".join(strip_invisible(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def strip_invisible_json(value: Any) -> Any:
    """Removes invisible characters from every string of a JSON value; keys are left alone."""
    if isinstance(value, str):
        return strip_invisible(value)
    if isinstance(value, dict):
        return {key: strip_invisible_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [strip_invisible_json(item) for item in value]
    return value


def shorten_json(value: Any, limit: int) -> tuple[Any, int]:
    """Shortens every string of a JSON value that is over `limit` characters, and counts them.

    What is left ends by saying how much of how many characters it is; keys are left alone.
    """
    if isinstance(value, str):
        return (value, 0) if len(value) <= limit else (_shorten(value, limit), 1)
    if isinstance(value, dict):
        shortened, counts = _shorten_all(value.values(), limit)
        return dict(zip(value, shortened, strict=True)), counts
    if isinstance(value, list):
        return _shorten_all(value, limit)
    return value, 0


def _shorten_all(values: Iterable[Any], limit: int) -> tuple[list[Any], int]:
    both = [shorten_json(value, limit) for value in values]
    return [value for value, _ in both], sum(count for _, count in both)


def _shorten(text: str, limit: int) -> str:
    note = f" … [cut: {limit:,} of {len(text):,} characters]"
    return text[: limit - len(note)].rstrip() + note
