"""SDK clients: one for each running loop, since a client's connections belong to its loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["Clients"]


class Clients:
    """Makes a client when a loop first needs one, and closes what it made.

    Args:
        make: Makes one.
    """

    def __init__(self, make: Callable[[], AsyncOpenAI]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncOpenAI] = (
            WeakKeyDictionary()
        )

    def current(self) -> AsyncOpenAI:
        """The running loop's client."""
        loop = asyncio.get_running_loop()
        with self._lock:
            client = self._by_loop.get(loop)
            if client is None:
                # A client's connections may hold their loop, so a closed one is let go by hand.
                for closed in [other for other in self._by_loop if other.is_closed()]:
                    del self._by_loop[closed]
                client = self._by_loop[loop] = self._make()
            return client

    async def aclose(self) -> None:
        """Closes all of them, each on its own loop; one that no longer runs took its own along.

        Other loops are told and not waited for: one of them may be waiting for this very call.
        """
        with self._lock:
            clients = dict(self._by_loop)
            self._by_loop.clear()
        here = asyncio.get_running_loop()
        for loop, client in clients.items():
            if loop is here:
                await client.close()
            elif loop.is_running():
                asyncio.run_coroutine_threadsafe(client.close(), loop)
