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
    counts = body.get("usage") if isinstance(body, Mapping) else None
    if isinstance(counts, list):
        counts = next((item for item in counts if isinstance(item, Mapping)), None)
    if not isinstance(counts, Mapping):
        return None
    given = _find_count(counts, "input_tokens", "prompt_tokens")
    made = _find_count(counts, "output_tokens", "completion_tokens")
    total = _read_count(counts.get("total_tokens"))
    if given is None and made is None:
        return None if total is None else Usage(requests=1, input_tokens=total, usd=None)
    if total is not None and given is None:
        given = max(0, total - (made or 0))
    if total is not None:  # some count only here what a model thought
        made = max(made or 0, total - (given or 0))
    taken = _find_details(counts, "input_tokens_details", "prompt_tokens_details")
    written = _find_details(counts, "output_tokens_details", "completion_tokens_details")
    return Usage(
        requests=1,
        input_tokens=given or 0,
        image_tokens=_read_count(taken.get("image_tokens")) or 0,
        cached_tokens=min(given or 0, _read_count(taken.get("cached_tokens")) or 0),
        cache_write_tokens=min(given or 0, _read_count(taken.get("cache_write_tokens")) or 0),
        output_tokens=made or 0,
        reasoning_tokens=_read_count(written.get("reasoning_tokens")) or 0,
        usd=None,
    )


def _find_count(counts: Mapping[str, Any], *names: str) -> int | None:
    known = (_read_count(counts.get(name)) for name in names)
    return next((number for number in known if number is not None), None)


def _find_details(counts: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    known = (counts.get(name) for name in names)
    return next((one for one in known if isinstance(one, Mapping)), {})


def _read_count(value: Any) -> int | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value) if 0 <= value <= MOST_TOKENS else None
