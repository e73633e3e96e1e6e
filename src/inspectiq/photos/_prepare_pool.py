"""Prepares photos on a few threads, in bounded memory, and keeps the most recent ones.

One for each process, made on first use, made anew in a child after `fork`, and bound to no event
loop, so that any number of threads and loops share it.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import OrderedDict
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, cast

from inspectiq._gate import Gate
from inspectiq.errors import PhotoError
from inspectiq.photos._open_picture import open_picture
from inspectiq.photos._opened import MAX_DECODED_BYTES
from inspectiq.photos._prepare import Prepare, PreparedPhoto, develop, estimate_memory
from inspectiq.photos._sources import BytesSource, PhotoSource

if TYPE_CHECKING:
    from inspectiq.photos._image_rule import ImageRule
    from inspectiq.photos._photo import Photo

__all__ = ["IN_HAND", "KEPT_BYTES", "hold_while_examining", "prepare_photo"]

KEPT_BYTES = 24_000_000
IN_HAND = 8  # photos whose original is in memory at once, read or being read
LOOKED_THROUGH = 20  # photos of all cases that are being looked through; the rest of them wait
LARGE_CASE = 10  # what a case of more counts as, so that it never keeps the others waiting
_MOST_THREADS = 4  # Pillow releases the GIL, yet past the cores a thread only costs memory


def hold_while_examining(photos: int) -> AbstractAsyncContextManager[None]:
    """Holds a place while a case of so many photos is examined, before any is sent.

    A few cases at a time: were all of them looked through at once, each picture would be pushed out
    of what is kept before it is sent, and would have to be decoded twice.
    """
    return _get_pool().cases.ahold(min(photos, LARGE_CASE))


async def prepare_photo(photo: Photo, rule: ImageRule) -> PreparedPhoto:
    """Prepares a photo for an engine with this rule. A cancelled call leaves nothing behind.

    A file is taken from what was kept only while its size and time of change are the same.

    Raises:
        PhotoError: It cannot be read or used, or its content changed since it was examined.
    """
    pool = _get_pool()
    state = await photo.source.read_state(photo.name)
    key = (_name_source(photo.source), state, photo.name, rule)
    result = pool.kept.get(key, photo.prepare)
    if result is None:
        async with pool.in_hand.ahold():
            data = await photo.aread()
            loop = asyncio.get_running_loop()
            result = await loop.run_in_executor(
                pool.threads, pool.prepare, data, rule, photo.name, photo.prepare
            )
        pool.kept.put(key, photo.prepare, result)
    seen = photo.examined.ref.original if photo.examined else None
    if seen is not None and seen.sha256 != result.original.sha256:
        raise PhotoError(
            f"{photo.name}: the photo changed after it was examined; inspect it again",
            photo=photo.name,
            reason="unreadable",
        )
    return result


def _name_source(source: PhotoSource) -> Hashable:
    """Names a source; bytes by their hash, since what is kept must not keep a photo's own bytes."""
    return cast("Hashable", source.sha256 if isinstance(source, BytesSource) else source)


class _PreparedCache:
    """Keeps the most recent pictures, up to a number of bytes."""

    def __init__(self, capacity: int) -> None:
        self._capacity, self._size = capacity, 0
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, tuple[Prepare | None, PreparedPhoto]] = OrderedDict()

    def get(self, key: Hashable, prepare: Prepare | None) -> PreparedPhoto | None:
        with self._lock:
            entry = self._entries.get(key)
            # Compared and not hashed: a callable need not be hashable.
            if entry is None or entry[0] != prepare:
                return None
            self._entries.move_to_end(key)
            return entry[1]

    def put(self, key: Hashable, prepare: Prepare | None, result: PreparedPhoto) -> None:
        with self._lock:
            if (old := self._entries.pop(key, None)) is not None:
                self._size -= len(old[1].jpeg)
            self._entries[key] = (prepare, result)
            self._size += len(result.jpeg)
            while self._size > self._capacity:
                _, (_, oldest) = self._entries.popitem(last=False)
                self._size -= len(oldest.jpeg)


class _PreparePool:
    """The threads of this process, and the gates before them."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(
            max_workers=min(_MOST_THREADS, os.cpu_count() or 1),
            thread_name_prefix="inspectiq-prepare",
        )
        self.in_hand = Gate(IN_HAND)
        self.cases = Gate(LOOKED_THROUGH)
        self.kept = _PreparedCache(KEPT_BYTES)
        self._memory = Gate(MAX_DECODED_BYTES)

    def prepare(
        self, data: bytes, rule: ImageRule, name: str, prepare: Prepare | None
    ) -> PreparedPhoto:
        opened = open_picture(data, name)
        del data
        # A huge picture decodes alone; those that come after it wait their turn.
        hold = self._memory.hold(estimate_memory(opened, rule, prepare))
        return develop(opened, rule, prepare=prepare, hold=hold)


_lock = threading.Lock()
_current: _PreparePool | None = None


def _get_pool() -> _PreparePool:
    global _current
    with _lock:
        if _current is None:
            _current = _PreparePool()
        return _current


def _forget_after_fork() -> None:
    global _lock, _current
    _lock, _current = threading.Lock(), None


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget_after_fork)
