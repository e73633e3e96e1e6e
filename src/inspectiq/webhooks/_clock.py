"""Time as the notifier sees it, so that tests can hold it."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """What a notifier reads time from, and waits with."""

    def time(self) -> float:
        """Seconds since the epoch, the same in all processes."""

    def monotonic(self) -> float:
        """Seconds since some moment; nobody sets it."""

    async def sleep(self, seconds: float, /) -> None:
        """Waits."""


class SystemClock:
    """This machine's clock."""

    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float, /) -> None:
        await asyncio.sleep(seconds)
