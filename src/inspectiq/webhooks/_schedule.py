"""`Schedule`: the waits between attempts; `Clock`: what measures them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Annotated, Protocol

from pydantic import Field

from inspectiq._taking import refuse
from inspectiq._values import Value

__all__ = ["Clock", "Schedule", "SystemClock", "resolve_clock"]

Seconds = Annotated[float, Field(ge=0, le=86_400)]

MINUTE, HOUR = 60.0, 3600.0


class Schedule(Value):
    """How long to wait before each attempt at a webhook, and so how many attempts there are.

    The default is that of the Standard Webhooks specification's recommendation: ten attempts over
    three days, so that an endpoint that is down for a weekend misses nothing.

    Attributes:
        waits: Seconds before each attempt, the first included; as many attempts as there are waits.
        jitter: Each wait is multiplied by a random number between 1 - jitter and 1 + jitter, so
            that what failed together does not come back together.
        busy_wait: At least so many seconds after 429, 503 and a timeout.
        longest_retry_after: An endpoint that asks for more is asked after so many seconds.
    """

    waits: Annotated[tuple[Seconds, ...], Field(min_length=1)] = (
        0.0,
        5.0,
        5 * MINUTE,
        30 * MINUTE,
        2 * HOUR,
        5 * HOUR,
        10 * HOUR,
        14 * HOUR,
        20 * HOUR,
        24 * HOUR,
    )
    jitter: Annotated[float, Field(ge=0, lt=1)] = 0.2
    busy_wait: Seconds = 60.0
    longest_retry_after: Seconds = 24 * HOUR

    def draw_wait(
        self,
        attempts: int,
        random: Callable[[], float],
        *,
        busy: bool = False,
        retry_after: float | None = None,
    ) -> float | None:
        """Draws the seconds until the next attempt; None where there is none.

        Args:
            attempts: How many were made.
            random: Gives numbers from 0 to 1.
            busy: Whether the endpoint said that it is busy, or timed out.
            retry_after: Seconds that it asked for.
        """
        if attempts >= len(self.waits):
            return None
        wait = self.waits[attempts] * (1 + self.jitter * (2 * random() - 1))
        if busy:
            wait = max(wait, self.busy_wait)
        if retry_after is not None:
            wait = max(wait, min(retry_after, self.longest_retry_after))
        return wait


class Clock(Protocol):
    """The clock by which a notifier reads the time and waits; `FakeClock` is one for tests."""

    def time(self) -> float:
        """Reads the seconds since the epoch, the same in all processes."""

    def monotonic(self) -> float:
        """Reads the seconds since some moment; nobody sets it."""

    async def sleep(self, seconds: float, /) -> None:
        """Waits so many seconds."""


class SystemClock:
    """This machine's clock."""

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some moment; nobody sets it."""
        return time.monotonic()

    async def sleep(self, seconds: float, /) -> None:
        """Waits."""
        await asyncio.sleep(seconds)


def resolve_clock(given: Clock | None) -> Clock:
    """Takes a host's clock, else this machine's.

    Raises:
        ConfigError: What is given is no clock.
    """
    if given is None:
        return SystemClock()
    asked = (getattr(given, name, None) for name in ("time", "monotonic", "sleep"))
    if isinstance(given, type) or not all(map(callable, asked)):
        refuse(given, "clock", "give SystemClock(), or one of yours with time, monotonic and sleep")
    return given
