"""Reads what an answer took in tokens, in whatever form a server counts them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspectiq._usage import Usage

__all__ = ["read_usage"]

MOST_TOKENS = 10**9  # more is no count, and would use up every budget at once; our assumption


def read_usage(body: Any) -> Usage | None:
    """Reads the tokens of one request; None where the server does not say.

    Both APIs' names are read, numbers also as text or as floats; what is negative or no number
    counts as not said.
    """
    counts = _find_counts(body)
    if counts is None:
        return None
    given = _find_count(counts, "input_tokens", "prompt_tokens")
    made = _find_count(counts, "output_tokens", "completion_tokens")
    total = _read_count(counts.get("total_tokens"))
    if given is None and made is None:
        return None if total is None else Usage(requests=1, input_tokens=total, usd=None)
    given, made = _complete_by_total(given, made, total)
    taken = _find_details(counts, "input_tokens_details", "prompt_tokens_details")
    written = _find_details(counts, "output_tokens_details", "completion_tokens_details")
    return Usage(
        requests=1,
        input_tokens=given,
        image_tokens=_count(taken, "image_tokens"),
        cached_tokens=min(given, _count(taken, "cached_tokens")),
        cache_write_tokens=min(given, _count(taken, "cache_write_tokens")),
        output_tokens=made,
        reasoning_tokens=_count(written, "reasoning_tokens"),
        usd=None,
    )


def _find_counts(body: Any) -> Mapping[str, Any] | None:
    """Finds the object that holds the counts, which some servers write into a list."""
    counts = body.get("usage") if isinstance(body, Mapping) else None
    items = counts if isinstance(counts, list) else [counts]
    return next((item for item in items if isinstance(item, Mapping)), None)


def _complete_by_total(given: int | None, made: int | None, total: int | None) -> tuple[int, int]:
    """Completes the tokens of input and output by their total."""
    if total is None:
        return given or 0, made or 0
    if given is None:
        given = max(0, total - (made or 0))
    # Some count only in the total what a model thought.
    return given, max(made or 0, total - given)


def _find_count(counts: Mapping[str, Any], *names: str) -> int | None:
    known = (_read_count(counts.get(name)) for name in names)
    return next((number for number in known if number is not None), None)


def _find_details(counts: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    known = (counts.get(name) for name in names)
    return next((one for one in known if isinstance(one, Mapping)), {})


def _count(details: Mapping[str, Any], name: str) -> int:
    return _read_count(details.get(name)) or 0


def _read_count(value: Any) -> int | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value) if 0 <= value <= MOST_TOKENS else None
