"""Keeps cached answers: the protocol of a cache, and one in memory."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from inspectiq._fork import make_lock_held_over_fork

__all__ = ["Cache", "MemoryCache", "measure_entry"]


@runtime_checkable
class Cache(Protocol):
    """Keeps bytes by key for a while. It may forget anything at any time.

    `ttl` is in seconds, None for no end. Optional: `async aclose()`. `CacheContract` in
    `inspectiq.testing` tests one of your own.
    """

    async def get(self, key: str, /) -> bytes | None:
        """Returns the value of a key; None if it is not kept."""

    async def set(self, key: str, value: bytes, /, *, ttl: float | None = None) -> None:
        """Keeps a value for `ttl` seconds, in place of an earlier one."""

    async def delete(self, key: str, /) -> None:
        """Forgets a key; one that is not kept is no error."""


class MemoryCache:
    """Keeps answers in this process; the least recently used go first.

    Shared by threads and loops. A child after `fork` has a copy of its own.

    Args:
        max_bytes: Of keys and values together; what is larger by itself is not kept.
        clock: Seconds, for `ttl`.
    """

    def __init__(
        self, max_bytes: int = 64_000_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_bytes, self._clock = max_bytes, clock
        self._bytes = 0
        self._entries: OrderedDict[str, tuple[bytes, float]] = OrderedDict()

    async def get(self, key: str, /) -> bytes | None:
        """Returns the value of a key; None if it is not kept."""
        now = self._clock()
        with _memory_lock:
            if key not in self._entries:
                return None
            value, expires = self._entries[key]
            if expires <= now:
                self._forget(key)
                return None
            self._entries.move_to_end(key)
            return value

    async def set(self, key: str, value: bytes, /, *, ttl: float | None = None) -> None:
        """Keeps a value for `ttl` seconds, in place of an earlier one."""
        expires = math.inf if ttl is None else self._clock() + ttl
        size = measure_entry(key, value)
        with _memory_lock:
            self._forget(key)
            if size > self._max_bytes:
                return
            self._entries[key] = (value, expires)
            self._bytes += size
            while self._bytes > self._max_bytes:
                self._forget(next(iter(self._entries)))

    async def delete(self, key: str, /) -> None:
        """Forgets a key; one that is not kept is no error."""
        with _memory_lock:
            self._forget(key)

    def _forget(self, key: str) -> None:
        if (entry := self._entries.pop(key, None)) is not None:
            self._bytes -= measure_entry(key, entry[0])


def measure_entry(key: str, value: bytes) -> int:
    """Measures an entry, in bytes."""
    return len(key) + len(value)


_memory_lock = make_lock_held_over_fork()
