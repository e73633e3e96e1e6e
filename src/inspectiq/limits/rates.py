"""The hook for rate limits: ask before a call, tell what it took, and what the provider said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

__all__ = ["RateLimiter", "Reservation"]


@dataclass(frozen=True, slots=True)
class Reservation:
    """Leave to make one call.

    Attributes:
        key: Which limits it counts against.
        amounts: What was set aside, such as `{"requests": 1, "tokens": 5000}`.
        waited: Seconds that it took to get.
        handle: The limiter's own note.
    """

    key: str
    amounts: Mapping[str, float]
    waited: float = 0.0
    handle: str = ""


@runtime_checkable
class RateLimiter(Protocol):
    """What a host implements to bring limits of its own, such as ones shared by many processes."""

    async def acquire(
        self, key: str, amounts: Mapping[str, float], /, *, timeout: float | None = None
    ) -> Reservation:
        """Waits until a call that takes so much may go.

        Raises:
            RateLimited: Its turn would not come within `timeout` seconds.
        """
        ...

    async def settle(self, reservation: Reservation, actual: Mapping[str, float], /) -> None:
        """Gives back what was not used, or takes what was used beyond it."""
        ...

    async def observe(
        self, key: str, headers: Mapping[str, str], retry_after: float | None, /
    ) -> None:
        """Learns from what the provider said: its rate headers, and how long to wait."""
        ...
