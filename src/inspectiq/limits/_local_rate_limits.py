"""`LocalRateLimiter`: keeps the calls of one process within rates, first come first served."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from inspectiq._fork import ForkLock
from inspectiq._taking import require_number
from inspectiq._token_bucket import TokenBucket
from inspectiq.errors import ConfigError, RateLimited
from inspectiq.limits._rate_limits import RateSnapshot
from inspectiq.limits._reservations import Reservation

__all__ = ["LocalRateLimiter", "NullRateLimiter"]


class LocalRateLimiter:
    """Keeps calls within requests and tokens a minute, first come first served.

    Each key has limits of its own. A bucket starts full. A call that takes more than a bucket
    holds goes alone, when the bucket is full, and leaves a debt. It serves threads and any number
    of event loops; its state is plain, so a forked child starts with a copy.

    It counts for this process only: with eight workers, a provider sees eight times as much. Give
    each its share, or bring a limiter that all of them share (`RateLimiter`).

    Args:
        rpm: Requests a minute; None for what the provider states, no limit until it does.
        tpm: Tokens a minute; likewise. Where the provider states less, that counts.
        burst_seconds: How much may go at once after a pause, in seconds' worth of the limit, at
            least one request. Ten is our assumption; 60 fits a provider that counts whole minutes.
        clock: Seconds, at the pace of the event loop's timers.

    Raises:
        ConfigError: A number is not above 0.
    """

    def __init__(
        self,
        *,
        rpm: float | None = None,
        tpm: float | None = None,
        burst_seconds: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for name, number in (("rpm", rpm), ("tpm", tpm), ("burst_seconds", burst_seconds)):
            if number is not None:
                require_number(number, name, above=0)
        self._settings = {"requests": rpm, "tokens": tpm}
        self._burst_seconds = burst_seconds
        self._clock = clock
        self._lines: dict[str, _Line] = {}

    async def acquire(
        self, key: str, amounts: Mapping[str, float], /, *, timeout: float | None = None
    ) -> Reservation:
        """Waits until a call of these amounts may go.

        Raises:
            RateLimited: Its turn would not come within `timeout` seconds; at once where that is
                plain. `retry_after` is when it may come, those ahead of it not counted; None where
                only they were in the way.
            ConfigError: An amount is negative or no number.
        """
        _check_amounts(amounts)
        amounts = dict(amounts)
        patience = math.inf if timeout is None else timeout
        began = self._clock()
        waiter = _Waiter()
        with _lock:
            line = self._get_line(key)
            line.waiting[waiter] = None
        try:
            while True:
                waiter.woken.clear()  # before looking, so that no wake-up is missed
                with _lock:
                    now = self._clock()
                    first = line.find_first() is waiter
                    wait, obstacle = line.compute_wait(amounts, now)
                    if first and not wait:
                        return Reservation(key, amounts, now - began, line.take(amounts))
                left = patience - (now - began)
                if left < MOMENT or (first and wait > left + MOMENT):
                    raise _make_timeout_error(wait, obstacle, patience)
                await waiter.sleep(min(wait, left) if first else left)
        finally:
            with _lock:
                line.waiting.pop(waiter, None)
                line.wake()

    async def settle(self, reservation: Reservation, actual: Mapping[str, float], /) -> None:
        """Gives back tokens that were not used, or takes those used beyond.

        A request counts once it was sent, so it is given back only where `actual` says 0. What
        `actual` does not name stays as it was reserved.

        Raises:
            ConfigError: An amount is negative or no number.
        """
        _check_amounts(actual)
        with _lock:
            line = self._get_line(reservation.key)
            line.refill(self._clock())
            for unit in reservation.handle.split():
                if unit in actual:
                    back = reservation.amounts.get(unit, 0.0) - actual[unit]
                    if unit == "requests" and actual[unit] > 0:
                        back = min(back, 0.0)
                    line.buckets[unit].add(back)
            line.wake()

    async def observe(
        self, key: str, headers: Mapping[str, str], retry_after: float | None, /
    ) -> None:
        """Learns the provider's limits and what is left; `retry_after` seconds pause the key.

        A limit that the provider states is taken as one for a minute. It knows nothing of calls on
        their way, so what remains can only lower our own count.
        """
        said = RateSnapshot.from_headers(headers)
        with _lock:
            line = self._get_line(key)
            now = self._clock()
            line.refill(now)
            line.buckets["requests"].learn(said.limit_requests, said.remaining_requests)
            line.buckets["tokens"].learn(said.limit_tokens, said.remaining_tokens)
            if retry_after is not None and 0 < retry_after < math.inf:
                line.paused_until = max(line.paused_until, now + retry_after)
            line.wake()

    def _get_line(self, key: str) -> _Line:
        if key not in self._lines:
            self._lines[key] = _Line(
                {
                    unit: _Limit(unit, setting, self._burst_seconds)
                    for unit, setting in self._settings.items()
                },
                self._clock(),
            )
        return self._lines[key]


class NullRateLimiter:
    """Lets every call go at once."""

    async def acquire(
        self, key: str, amounts: Mapping[str, float], /, *, timeout: float | None = None
    ) -> Reservation:
        """Reserves at once, without a limit."""
        return Reservation(key, dict(amounts))

    async def settle(self, reservation: Reservation, actual: Mapping[str, float], /) -> None:
        """Does nothing."""

    async def observe(
        self, key: str, headers: Mapping[str, str], retry_after: float | None, /
    ) -> None:
        """Does nothing."""


# Seconds that rounding and a timer may be off by.
MOMENT = 1e-6

# Held for a few steps only, so one serves all limiters. Re-entrant, because a forgotten waiter may
# be collected, and so leave its line, at any of them.
_lock = ForkLock()


@dataclass(eq=False, slots=True)
class _Waiter:
    """A call that waits for its turn, on an event loop of its own."""

    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    process: int = field(default_factory=os.getpid)

    @property
    def is_lost(self) -> bool:
        """Whether it can never wake: its loop ended, or is the parent's of a fork."""
        return self.process != os.getpid() or self.loop.is_closed()

    def wake(self) -> None:
        with suppress(RuntimeError):  # its loop ended just now
            self.loop.call_soon_threadsafe(self.woken.set)

    async def sleep(self, seconds: float) -> None:
        """Waits until it is woken, so many seconds at most."""
        timer = None if seconds == math.inf else self.loop.call_later(seconds, self.woken.set)
        try:
            await self.woken.wait()
        finally:
            if timer is not None:
                timer.cancel()


class _Limit(TokenBucket):
    """Requests or tokens a minute of one key, as configured or as the provider states."""

    def __init__(self, unit: str, configured: float | None, burst_seconds: float) -> None:
        self.unit, self._configured, self._burst_seconds = unit, configured, burst_seconds
        self.learned: float | None = None
        super().__init__(*self._measure())

    @property
    def per_minute(self) -> float:
        return min(self._configured or math.inf, self.learned or math.inf)

    def learn(self, limit: int | None, remaining: int | None) -> None:
        """Takes over what the provider states; what remains can only lower our own count."""
        self.learned = limit or self.learned  # nobody allows 0; it stands for no statement
        self.resize(*self._measure())
        if remaining is not None and self.per_minute < math.inf:
            self.level = min(self.level, remaining)

    def _measure(self) -> tuple[float, float]:
        """Computes the rate and the capacity; one request always fits in."""
        capacity = self.per_minute * self._burst_seconds / 60
        return self.per_minute / 60, max(capacity, float(self.unit == "requests"))


@dataclass(slots=True)
class _Line:
    """The calls that wait for one key, in order, and the key's limits."""

    buckets: dict[str, _Limit]
    refilled: float
    paused_until: float = -math.inf
    waiting: OrderedDict[_Waiter, None] = field(default_factory=OrderedDict)

    def find_first(self) -> _Waiter | None:
        """Finds the first call that can still wake, and drops those before it."""
        while (waiter := next(iter(self.waiting), None)) is not None and waiter.is_lost:
            del self.waiting[waiter]
        return waiter

    def wake(self) -> None:
        """Wakes the first call to look again; only it may go, so only it keeps a timer."""
        if (waiter := self.find_first()) is not None:
            waiter.wake()

    def refill(self, now: float) -> None:
        for bucket in self.buckets.values():
            bucket.refill(max(0.0, now - self.refilled))
        self.refilled = max(self.refilled, now)

    def compute_wait(self, amounts: Mapping[str, float], now: float) -> tuple[float, _Limit | None]:
        """Computes the seconds until a call may go, and which limit it waits for, if any."""
        self.refill(now)
        longest: tuple[float, _Limit | None] = (self.paused_until - now, None)
        for unit, bucket in self.buckets.items():
            wait = bucket.compute_wait(amounts.get(unit, 0.0))
            if wait > longest[0]:
                longest = (wait, bucket)
        return longest if longest[0] > MOMENT else (0.0, None)

    def take(self, amounts: Mapping[str, float]) -> str:
        """Takes the amounts, and names the units that have a limit."""
        for unit, bucket in self.buckets.items():
            bucket.add(-amounts.get(unit, 0.0))
        return " ".join(u for u, bucket in self.buckets.items() if bucket.per_minute < math.inf)


def _check_amounts(amounts: Mapping[str, float]) -> None:
    for unit, amount in amounts.items():
        if not 0 <= amount < math.inf:
            raise ConfigError(f"{amount} {unit} cannot be counted; give a number of at least 0")


def _make_timeout_error(wait: float, obstacle: _Limit | None, patience: float) -> RateLimited:
    if not wait:
        why, mend = "others came first", "allow less at once"
    elif obstacle is None:
        why, mend = f"the provider asked to wait {wait:.1f} s more", "allow less at once"
    else:
        limit = f"{obstacle.per_minute:,.0f} {obstacle.unit} a minute"
        why = f"the limit of {limit} allows it in {wait:.1f} s"
        setting = {"requests": "rpm", "tokens": "tpm"}[obstacle.unit]
        learned = obstacle.per_minute == obstacle.learned
        raised = "ask the provider for a higher limit" if learned else f"raise {setting}"
        mend = f"{raised}, pack more photos into a request"
    return RateLimited(
        f"the call had no turn within {patience:g} s: {why}; {mend}, or give more time",
        attempts=0,
        retry_after=wait or None,
    )
