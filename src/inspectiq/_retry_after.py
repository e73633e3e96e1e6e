"""Reads how long a server asks to wait."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import pairwise

__all__ = ["parse_retry_after"]

_UNITS = {"retry-after": 1.0, "retry-after-ms": 0.001}  # in seconds
MOST_PARTS = 64  # of one header that are read; more than anyone sends


def parse_retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Reads the seconds that a server asks to wait; None if it does not, or not in a known form.

    A header that comes more than once, which clients join by commas, asks for the longest of its
    waits, so that nobody comes earlier than any of them says.

    Args:
        headers: Of its answer, by name in lower case or in any.
        now: Seconds since the epoch, for a date; this machine's clock if not given.
    """
    now = time.time() if now is None else now
    waits = [
        wait
        for name, value in headers.items()
        if (unit := _UNITS.get(name.lower())) is not None
        for part in _split(value)
        if (wait := _parse_wait(part, unit, now)) is not None
    ]
    return max(waits, default=None)


def _split(value: str) -> Iterator[str]:
    """Splits joined values at their commas; a date has one of its own."""
    parts = value.split(",", MOST_PARTS)[:MOST_PARTS]
    yield from parts
    yield from map(",".join, pairwise(parts))


def _parse_wait(text: str, unit: float, now: float) -> float | None:
    with suppress(ValueError):
        seconds = float(text) * unit
        return seconds if 0 <= seconds < float("inf") else None
    return _parse_date(text, now)


def _parse_date(date: str, now: float) -> float | None:
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    with suppress(ValueError, TypeError, OverflowError, IndexError):
        when = parsedate_to_datetime(date)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, when.timestamp() - now)
    return None
