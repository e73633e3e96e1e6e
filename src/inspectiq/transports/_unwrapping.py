"""Finds the one JSON object in what an engine wrote. No text is invented: what is cut stays cut."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

__all__ = ["NoAnswer", "find_object"]

_THOUGHT_ENDS = re.compile(r"(?i)</(?:think|thinking|thought|reasoning)>")
_THOUGHT_BEGINS = re.compile(r"(?i)<(?:think|thinking|thought|reasoning)>")

_BEGINS = re.compile(r'\{\s*["}]')
_BRACE_OR_STRING = re.compile(r'[{}]|"(?:[^"\\]|\\.)*(?:"|$)', re.DOTALL)

LONGEST = 1_000_000  # characters that are searched for an object; our assumptions
MOST_OBJECTS = 50


class NoAnswer(ValueError):
    """A text holds no JSON object that could be the answer; its message says why in our words."""


def find_object(text: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The JSON object in a text, and what stood around it: `thinking`, `fence`, `prose`.

    Control characters within strings are read as they are. Of an object with a key twice, and of
    two objects that differ, nobody knows which was meant.

    Raises:
        NoAnswer: There is none, or more than one.
    """
    text = text.strip().removeprefix("\ufeff").strip()
    try:
        whole = _DECODER.decode(text)
    except (ValueError, RecursionError):
        pass
    else:
        if not isinstance(whole, dict):
            raise NoAnswer("not a JSON object")
        return whole, ()
    if len(text) > LONGEST:
        raise NoAnswer("not JSON")
    around = []
    *thoughts, rest = _THOUGHT_ENDS.split(text)
    begun = _THOUGHT_BEGINS.search(rest)
    if thoughts or begun:
        around.append("thinking")
        rest = rest[: begun.start()] if begun else rest
    answer, last = None, 0
    pieces = []
    for value, begins, ends in _objects(rest):
        if answer is not None and value != answer:
            raise NoAnswer("two different JSON objects")
        pieces.append(rest[last:begins])
        answer, last = value, ends
    if answer is None:
        raise NoAnswer("not JSON")
    outside = "".join([*pieces, rest[last:]])
    if "```" in outside or "~~~" in outside:
        around.append("fence")
    if re.sub(r"(```|~~~)\w*", "", outside).strip():
        around.append("prose")
    return answer, tuple(around)


def _objects(text: str) -> Iterator[tuple[dict[str, Any], int, int]]:
    """Whole JSON objects in prose, with where they begin and end; never one within a broken one."""
    tried = 0
    at = text.find("{")
    while at >= 0:
        ends = 0
        if _BEGINS.match(text, at):
            if (tried := tried + 1) > MOST_OBJECTS:
                raise NoAnswer("not JSON")
            try:
                value, ends = _DECODER.raw_decode(text, at)
            except (ValueError, RecursionError):
                pass
            else:
                yield value, at, ends
        at = text.find("{", ends or _past_braces(text, at))


def _past_braces(text: str, at: int) -> int:
    """Where braces that hold no JSON end; the end of the text if they never do."""
    depth = 0
    for found in _BRACE_OR_STRING.finditer(text, at):
        if found[0] in "{}":
            depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return found.end()
    return len(text)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(digits: str) -> float | str:
    """The number; one too large for a float stays text, so that only its finding is malformed."""
    number = float(digits)
    return number if math.isfinite(number) else digits


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # The later of two would silently replace the earlier, and whole lists of findings with it.
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


_DECODER = json.JSONDecoder(
    strict=False,
    parse_constant=_no_constant,
    parse_float=_finite,
    object_pairs_hook=_no_key_twice,
)
