"""`RateLimiter`: the hook for rate limits, which let a call go when there is room for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from inspectiq.limits._reservations import Reservation

__all__ = ["RateLimiter", "RateSnapshot"]


@runtime_checkable
class RateLimiter(Protocol):
    """The hook for rate limits: implement it for limits that many processes share, say."""

    async def acquire(
        self, key: str, amounts: Mapping[str, float], /, *, timeout: float | None = None
    ) -> Reservation:
        """Waits until a call of these amounts may go.

        Raises:
            RateLimited: Its turn would not come within `timeout` seconds.
        """
        ...

    async def settle(self, reservation: Reservation, actual: Mapping[str, float], /) -> None:
        """Gives back amounts that were not used, or takes those used beyond.

        What `actual` does not name stays as it was reserved. Settle before you `observe` the
        headers of the same answer: what remains by them includes this call.
        """
        ...

    async def observe(
        self, key: str, headers: Mapping[str, str], retry_after: float | None, /
    ) -> None:
        """Learns the provider's limits from its rate headers, and how long it asks to wait."""
        ...


@dataclass(frozen=True, slots=True)
class RateSnapshot:
    """The rate limits that a provider's headers state; None for each that cannot be read.

    Attributes:
        limit_requests: Requests that it allows in its span of time, a minute as a rule.
        limit_tokens: Tokens that it allows in that time.
        remaining_requests: Requests that are left of these.
        remaining_tokens: Tokens that are left.
        reset_requests: Seconds until all requests are there again.
        reset_tokens: Seconds until all tokens are there again.
    """

    limit_requests: int | None = None
    remaining_requests: int | None = None
    reset_requests: float | None = None
    limit_tokens: int | None = None
    remaining_tokens: int | None = None
    reset_tokens: float | None = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> RateSnapshot:
        """Reads `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, as OpenAI sends them."""
        found = {name.lower(): str(value).strip() for name, value in headers.items()}

        def find(name: str) -> str:
            return found.get(f"x-ratelimit-{name}", "")

        return cls(
            limit_requests=_parse_count(find("limit-requests")),
            remaining_requests=_parse_count(find("remaining-requests")),
            reset_requests=_parse_seconds(find("reset-requests")),
            limit_tokens=_parse_count(find("limit-tokens")),
            remaining_tokens=_parse_count(find("remaining-tokens")),
            reset_tokens=_parse_seconds(find("reset-tokens")),
        )


# Bounded, so that no number is too large to count with.
_COUNT = re.compile(r"[0-9]{1,15}")
_SPAN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|us|µs|ns|d|h|m|s)")
_SPANS = re.compile(rf"(?:{_SPAN.pattern})+")
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


def _parse_count(text: str) -> int | None:
    return int(text) if _COUNT.fullmatch(text) else None


def _parse_seconds(text: str) -> float | None:
    """Parses a span such as `6m0s`, `12ms` or `1h2m3.5s`; a bare number names no unit."""
    if not _SPANS.fullmatch(text):
        return None
    return sum(float(n) * _UNITS[unit] for n, unit in _SPAN.findall(text))
