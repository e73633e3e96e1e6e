"""A deliverer on its loop: in the background of the process, or where somebody waits for it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from inspectiq import _sync
from inspectiq.webhooks._delivering import Deliverer
from inspectiq.webhooks._settling import DeliveryCounts

__all__ = ["Worker"]

T = TypeVar("T")


class Worker:
    """A deliverer on its loop."""

    def __init__(self, deliverer: Deliverer, *, background: bool) -> None:
        self.background, self.pid = background, os.getpid()
        self._deliverer = deliverer
        self._loop: asyncio.AbstractEventLoop | None = None
        self._future: Future[Any] | None = None
        self._done = asyncio.Event()
        self._closed = False

    @property
    def ended(self) -> bool:
        return self._closed or (self._future is not None and self._future.done())

    def run_in_background(self, forget: Callable[[Worker], None]) -> None:
        self._future = _sync.start(self._run(self._deliverer.for_ever()))
        self._future.add_done_callback(lambda _: forget(self))

    async def deliver_due(self) -> DeliveryCounts:
        return await self._run(self._deliverer.until_idle())

    async def _run(self, work: Coroutine[Any, Any, T]) -> T:
        self._loop = asyncio.get_running_loop()
        try:
            return await work
        finally:
            self._done.set()

    def wake(self) -> None:
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._deliverer.wake)

    async def aclose(self, grace: float) -> None:
        """Ends it within so many seconds; also from another loop than its own."""
        self._closed = True
        if self._loop is None:
            self._deliverer.stop(grace)  # it has not begun, and will end at once
            return
        if not self._loop.is_running():
            return  # its loop took it along
        ending = asyncio.run_coroutine_threadsafe(self._end(grace), self._loop)
        await asyncio.shield(asyncio.wrap_future(ending))

    async def _end(self, grace: float) -> None:
        self._deliverer.stop(grace)
        await self._done.wait()
