"""Tells what a text is that was given for a path and is none: a photo's bytes, or words."""

from __future__ import annotations

import re
from pathlib import PurePath

from inspectiq._files import LONGEST_NAME
from inspectiq._text import to_one_line

__all__ = ["describe_encoded", "describe_words", "quote_path"]

QUOTED = 80  # characters of a path in a message
FEWEST_WORDS = 2  # of a text that is taken for somebody's words; our assumption
_HEX = re.compile(r"[0-9A-Fa-f\s]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_=\s-]+")
_ENDING = re.compile(r"\.\w{1,5}")


def describe_encoded(text: str) -> str | None:
    """Says how to decode a text that holds a file's bytes; None if it may be a path or words."""
    if len(text) <= LONGEST_NAME:
        return None
    told = f"a text of {len(text):,} characters"
    longest = max(map(len, text.split()), default=0)
    if longest < 60:  # of a line that encoders write: 64 or 76
        return None
    if _HEX.fullmatch(text):
        return f"{told} that looks like hex, not a path; decode it: bytes.fromhex(text)"
    if _BASE64.fullmatch(text):
        return f"{told} that looks like base64, not a path; decode it: base64.b64decode(text)"
    return None


def describe_words(text: str) -> str | None:
    """Says where words belong, if a text is words and not the path of something missing."""
    words = len(text.split())
    if "*" in text:  # a pattern
        return None
    begins_as_path = text.startswith(("/", "\\", "./", "../", "~")) or text[1:2] == ":"
    ends_as_file = _ENDING.fullmatch(PurePath(text).suffix)
    is_words = words >= FEWEST_WORDS or "\n" in text or len(text) > LONGEST_NAME
    if begins_as_path or ends_as_file or not is_words:
        return None
    return (
        f"a text of {words} words, and there is no file or folder of that name; give words as "
        "description=, and photos as a path"
    )


def quote_path(text: str) -> str:
    """Quotes a path in a message, cut to what can be read."""
    return repr(to_one_line(text, QUOTED))
