"""Finds the one JSON object in what an engine wrote; what is cut off is never completed."""

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
    """No JSON object in a text could be the answer; the message says why in our words."""


def find_object(text: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Finds the JSON object in a text, and what stood around it: `thinking`, `fence`, `prose`.

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
    rest, has_thoughts = _drop_thoughts(text)
    answer, outside = _find_only_object(rest)
    around = {
        "thinking": has_thoughts,
        "fence": "```" in outside or "~~~" in outside,
        "prose": bool(re.sub(r"(```|~~~)\w*", "", outside).strip()),
    }
    return answer, tuple(name for name, is_there in around.items() if is_there)


def _drop_thoughts(text: str) -> tuple[str, bool]:
    """Drops what a model thought in tags, and says whether there was any."""
    *thoughts, rest = _THOUGHT_ENDS.split(text)
    begun = _THOUGHT_BEGINS.search(rest)
    return (rest[: begun.start()] if begun else rest), bool(thoughts or begun)


def _find_only_object(text: str) -> tuple[dict[str, Any], str]:
    """Finds the one object in a text, also where it is repeated, and the text outside of it."""
    answer, last = None, 0
    outside = []
    for value, begins, ends in _find_objects(text):
        if answer is not None and value != answer:
            raise NoAnswer("two different JSON objects")
        outside.append(text[last:begins])
        answer, last = value, ends
    if answer is None:
        raise NoAnswer("not JSON")
    return answer, "".join([*outside, text[last:]])


def _find_objects(text: str) -> Iterator[tuple[dict[str, Any], int, int]]:
    """Yields whole JSON objects in prose, and their begins and ends; never one in a broken one."""
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
        at = text.find("{", ends or _skip_braces(text, at))


def _skip_braces(text: str, at: int) -> int:
    """Returns where braces that hold no JSON end; the end of the text if they never do."""
    depth = 0
    for found in _BRACE_OR_STRING.finditer(text, at):
        if found[0] in "{}":
            depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return found.end()
    return len(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _read_number(digits: str) -> float | str:
    """Reads a number; one too large for a float stays text, so only its finding is malformed."""
    number = float(digits)
    return number if math.isfinite(number) else digits


def _refuse_double_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # The later of two would silently replace the earlier, and whole lists of findings with it.
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


_DECODER = json.JSONDecoder(
    strict=False,
    parse_constant=_refuse_constant,
    parse_float=_read_number,
    object_pairs_hook=_refuse_double_keys,
)
