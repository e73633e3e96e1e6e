"""Holds the time still in tests, until somebody waits for it."""

from __future__ import annotations

import asyncio

__all__ = ["FakeClock"]


class FakeClock:
    """A clock whose time passes when somebody waits for it, or when a test says so.

        clock = FakeClock()
        notifier = WebhookNotifier(..., clock=clock, background=False)
        notifier.deliver_due()
        clock.advance(300)

    Waiting on it takes no time and moves it on by as much as was waited for.

    Args:
        start: Seconds since the epoch.
    """

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._time, self._monotonic = start, 0.0
        self.waits: list[float] = []
        """Seconds of each wait, in order."""

    def time(self) -> float:
        """Seconds since the epoch, as far as this clock was moved on."""
        return self._time

    def monotonic(self) -> float:
        """Seconds since the clock was made; `set` does not change them."""
        return self._monotonic

    async def sleep(self, seconds: float, /) -> None:
        """Moves the clock on, and waits no time."""
        self.waits.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        self._time += seconds
        self._monotonic += max(0.0, seconds)

    def set(self, time: float) -> None:
        """Sets the time of day, as an operator or NTP may; `monotonic` does not notice."""
        self._time = time
