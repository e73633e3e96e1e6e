"""Reads an error as a server said it: where it stands in a body, its status, codes and words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Self

__all__ = ["ServerError", "find_error"]

CODES = frozenset({"code", "type", "__type", "param", "status", "status_code", "reason", "reasons"})
"""Where a server writes codes; all other text is words."""

ERROR_KEYS = CODES | {"error", "errors", "message", "msg", "detail", "base_resp"}
"""Where a body tells an error."""

# Some servers repeat the request that they refuse, pictures and all.
REPEATED = frozenset({"input", "body", "request", "messages", "instructions"})
DEEPEST = 8  # of nested errors that are read; our assumptions
LONGEST = 1000  # characters of one text
MOST_TEXTS = 40
MOST_NODES = 2000


@dataclass(frozen=True, slots=True)
class ServerError:
    """An error as a server said it.

    Attributes:
        status: Of HTTP, or where that was a success, the one that the body names.
        codes: In lower case.
        words: All other text, in lower case.
    """

    status: int | None = None
    codes: tuple[str, ...] = ()
    words: str = ""

    @classmethod
    def from_body(cls, body: Any, status: int) -> Self:
        """Gathers the status, codes and words of a body that is an error."""
        codes: list[str] = []
        words: list[str] = []
        for name, value in islice(_walk(body), MOST_NODES):
            if isinstance(value, bool) or not isinstance(value, str | int):
                continue
            if name in CODES:
                codes.append(str(value)[:LONGEST].lower())
            elif isinstance(value, str):
                words.append(value[:LONGEST].lower())
        del codes[MOST_TEXTS:]
        told = status if status >= 400 else _find_status(codes)
        return cls(told, tuple(codes), "\n".join(words[:MOST_TEXTS]))


def find_error(body: Any) -> Mapping[str, Any] | None:
    """Finds the error in a body that should hold an answer; None where there is none."""
    if isinstance(body, list) and len(body) == 1:  # as Google's compatible endpoint writes it
        body = body[0]
    if not isinstance(body, Mapping):
        return None
    errors = (find(body) for find in FINDERS)
    return next((error for error in errors if error is not None), None)


def _find_failure(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Finds the error of an answer of the Responses API that failed."""
    return {"error": body.get("error")} if body.get("status") == "failed" else None


def _find_choice_error(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    choices = body.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, Mapping) and choice.get("error"):
            return {"error": choice["error"]}
    return None


def _find_plain_error(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return _pick_error_keys(body) if body.get("error") or body.get("errors") else None


def _find_base_response(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Finds MiniMax's error, which stands beside an answer that is null."""
    held = body.get("base_resp")
    return {"base_resp": held} if isinstance(held, Mapping) and held.get("status_code") else None


def _find_bare_error(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Finds an error that is told in words and with a code, in a body without an answer."""
    if body.get("choices") or body.get("output"):
        return None
    in_words = any(isinstance(body.get(name), str) for name in ("message", "detail", "msg"))
    has_code = "code" in body or "detail" in body or body.get("object") == "error"
    return _pick_error_keys(body) if in_words and has_code else None


FINDERS = (
    _find_failure,
    _find_choice_error,
    _find_plain_error,
    _find_base_response,
    _find_bare_error,
)
"""Find an error in a body, each in one of the forms that servers have; the first counts."""


def _pick_error_keys(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name in ERROR_KEYS}


def _find_status(codes: list[str]) -> int | None:
    return next((int(code) for code in codes if re.fullmatch(r"[45]\d\d", code)), None)


def _walk(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yields all values in JSON values, each with the key that it stands under."""
    yield name, value
    if depth == DEEPEST:
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key not in REPEATED:
                yield from _walk(item, str(key).lower(), depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item, name, depth + 1)
