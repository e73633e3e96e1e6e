"""Reads how long a server asks to wait."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress

__all__ = ["parse_retry_after"]


def parse_retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Reads the seconds that a server asks to wait; None if it does not, or not in a known form.

    Args:
        headers: Of its answer, by name in lower case or in any.
        now: Seconds since the epoch, for a date; this machine's clock if not given.
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        with suppress(ValueError):
            seconds = float(headers.get(name, "")) * unit
            if 0 <= seconds < float("inf"):
                return seconds
    return _parse_date(headers.get("retry-after", ""), time.time() if now is None else now)


def _parse_date(date: str, now: float) -> float | None:
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    with suppress(ValueError, TypeError, OverflowError, IndexError):
        when = parsedate_to_datetime(date)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, when.timestamp() - now)
    return None
