"""Calls that may hang (a network share, a host's storage, a name server), each in a thread.

The threads are daemons of their own, so that one that never returns blocks neither a pool nor the
end of the process.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

__all__ = ["HostCallError", "run_in_daemon_thread"]

T = TypeVar("T")


class HostCallError(Exception):
    """Carries what a called function raised, so that its TimeoutError is not taken for ours."""


async def run_in_daemon_thread(call: Callable[[], T], timeout: float | None, name: str) -> T:
    """Runs `call` in a daemon thread called `name`.

    Raises:
        TimeoutError: Only where `timeout` seconds have passed; the thread is left alone.
        CallError: Whatever `call` raised is the cause.
    """
    answer: Future[tuple[T | None, BaseException | None]] = Future()
    answer.set_running_or_notify_cancel()

    def work() -> None:
        try:
            answer.set_result((call(), None))
        except BaseException as error:  # a thread that gave no answer would be waited for
            answer.set_result((None, error))

    threading.Thread(target=work, name=name, daemon=True).start()
    async with asyncio.timeout(timeout):
        value, error = await asyncio.wrap_future(answer)
    if error is not None:
        raise HostCallError from error
    return value  # type: ignore[return-value]
