"""Locks that do not stay shut in a child because the parent held them at `fork`."""

from __future__ import annotations

import os
import threading
from weakref import WeakSet

__all__ = ["ForkLock", "make_lock_held_over_fork"]


class ForkLock:
    """A re-entrant lock that is open in a child after `fork`. Hold it for a few steps only."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        _all.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def reopen(self) -> None:
        """Opens the lock in a child, since whoever held it is not in that process."""
        self._lock = threading.RLock()


_all: WeakSet[ForkLock] = WeakSet()


def _reopen_all() -> None:
    for lock in _all:
        lock.reopen()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_reopen_all)


def make_lock_held_over_fork() -> threading.Lock:
    """Makes a lock that `fork` waits for, so that the child copies no half-done work.

    It is for a module: it is never forgotten.
    """
    lock = threading.Lock()
    if hasattr(os, "register_at_fork"):  # not on Windows
        os.register_at_fork(
            before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release
        )
    return lock
