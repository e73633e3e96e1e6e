"""Keeps one client for each event loop, since connections belong to the loop that opened them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from inspectiq._finishing import finish
from inspectiq._fork import ForkLock

__all__ = ["ClientPerLoop"]

T = TypeVar("T")


class ClientPerLoop(Generic[T]):
    """Makes a client when a loop first needs one, and closes all that it made.

    Args:
        make: Makes one, on the loop that is to use it.
        close: Closes one, on its own loop.
    """

    def __init__(
        self, make: Callable[[], T], close: Callable[[T], Coroutine[Any, Any, None]]
    ) -> None:
        self._make, self._close = make, close
        self._lock = ForkLock()
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()

    def get(self) -> T:
        """Returns the running loop's client."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if loop not in self._by_loop:
                # A client's connections may hold their loop, so a closed one is let go by hand.
                for closed in [other for other in self._by_loop if other.is_closed()]:
                    del self._by_loop[closed]
                self._by_loop[loop] = self._make()
            return self._by_loop[loop]

    async def aclose(self) -> None:
        """Closes all clients, each on its loop; that of a loop which no longer runs is dropped.

        Other loops are told and not waited for: one of them may be waiting for this very call. The
        next `get` makes a new one.
        """
        with self._lock:
            clients = dict(self._by_loop)
            self._by_loop.clear()
        here = asyncio.get_running_loop()
        for loop, client in clients.items():
            if loop is here:
                await finish(self._close(client))  # nobody else knows it any more
            elif loop.is_running():
                asyncio.run_coroutine_threadsafe(self._close(client), loop)
