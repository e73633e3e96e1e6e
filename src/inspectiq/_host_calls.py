"""Calls functions that may hang: a host's own, a read from a network share, a name server.

Each runs in a daemon thread of its own, so that one that never returns blocks neither a pool nor
the end of the process. How many go at once is for the caller to bound, each kind for itself.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, TypeVar

__all__ = ["HostCallError", "call_host", "call_in_thread"]

T = TypeVar("T")


class HostCallError(Exception):
    """Wraps an error of the called function, so that its TimeoutError is not taken for ours."""


async def call_host(function: Callable[[], Any], timeout: float) -> Any:
    """Calls a sync or async function of the host's without arguments and returns its value.

    Raises:
        TimeoutError: Only where `timeout` seconds have passed since it was called.
        HostCallError: Whatever it raised is the cause.
    """
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - the question is how it is defined
    ):
        return await _await(function(), timeout)
    value = await call_in_thread(function, timeout)
    return await _await(value, timeout) if inspect.isawaitable(value) else value


async def call_in_thread(
    function: Callable[[], T], timeout: float | None, thread: str = "inspectiq-host-call"
) -> T:
    """Runs a function in a daemon thread of that name.

    Raises:
        TimeoutError: Only where `timeout` seconds have passed; the thread is left alone.
        HostCallError: Whatever the function raised is the cause.
    """
    answer: Future[tuple[T | None, BaseException | None]] = Future()
    answer.set_running_or_notify_cancel()

    def work() -> None:
        try:
            answer.set_result((function(), None))
        except BaseException as error:  # a thread that gave no answer would be waited for
            answer.set_result((None, error))

    threading.Thread(target=work, name=thread, daemon=True).start()
    async with asyncio.timeout(timeout):
        value, error = await asyncio.wrap_future(answer)
    if error is not None:
        raise HostCallError from error
    return value  # type: ignore[return-value]


async def _await(value: Awaitable[Any], timeout: float) -> Any:
    clock = asyncio.timeout(timeout)
    try:
        async with clock:
            return await value
    except Exception as error:
        if clock.expired():
            raise TimeoutError from None
        raise HostCallError from error
