"""`Gate`: bounds how much goes on at once in this process, first come first served."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager

__all__ = ["Gate"]


class Gate:
    """Lets holders in while their weights fit. Serves threads and any number of event loops.

    Whoever is heavier than the whole gate passes alone.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = self._free = capacity
        self._lock = threading.Lock()
        self._waiting: deque[tuple[int, Future[None]]] = deque()

    @contextmanager
    def hold(self, weight: int = 1) -> Iterator[None]:
        """Holds a place, waiting for it on this thread."""
        weight = min(weight, self._capacity)
        self._ask(weight).result()
        try:
            yield
        finally:
            self._give_back(weight)

    @asynccontextmanager
    async def ahold(self, weight: int = 1) -> AsyncIterator[None]:
        """Holds a place, waiting for it on the running loop; a cancelled wait leaves no trace."""
        weight = min(weight, self._capacity)
        ticket = self._ask(weight)
        try:
            if not ticket.done():
                await asyncio.wrap_future(ticket)
        except asyncio.CancelledError:
            # The place may have been granted while the cancellation was on its way.
            self._give_back(0 if ticket.cancel() else weight)
            raise
        try:
            yield
        finally:
            self._give_back(weight)

    def _ask(self, weight: int) -> Future[None]:
        ticket: Future[None] = Future()
        with self._lock:
            self._waiting.append((weight, ticket))
        self._give_back(0)
        return ticket

    def _give_back(self, weight: int) -> None:
        granted = []
        with self._lock:
            self._free += weight
            while self._waiting:
                needed, ticket = self._waiting[0]
                if not ticket.cancelled() and needed > self._free:
                    break
                self._waiting.popleft()
                if ticket.set_running_or_notify_cancel():
                    self._free -= needed
                    granted.append(ticket)
        for ticket in granted:
            ticket.set_result(None)
