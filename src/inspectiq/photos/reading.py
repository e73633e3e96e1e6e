"""Calls that may hang (a network share, a host's storage), kept away from the decode threads.

Each runs in a daemon thread of its own, so that one that never returns blocks neither the pool of
decoders nor the end of the process.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from inspectiq.photos.gate import Gate

__all__ = ["AT_ONCE", "call_in_thread", "called"]

T = TypeVar("T")

AT_ONCE = 8  # reads in the process; storage is quicker with a few, and a share is not flooded

_places = Gate(AT_ONCE)


def _forget_after_fork() -> None:
    global _places
    _places = Gate(AT_ONCE)


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget_after_fork)


async def called(load: Callable[[], Any], timeout: float) -> Any:
    """Calls a sync or async function without arguments and returns its value.

    Raises:
        TimeoutError: Only where `timeout` seconds have passed since it was called.
        CallError: Whatever it raised is the cause.
    """
    if inspect.iscoroutinefunction(load) or inspect.iscoroutinefunction(
        getattr(load, "__call__", None)  # noqa: B004 - the question is how it is defined
    ):
        async with _places.aheld():
            return await _awaited(load(), timeout)
    value = await call_in_thread(load, timeout)
    if inspect.isawaitable(value):
        async with _places.aheld():
            return await _awaited(value, timeout)
    return value


class CallError(Exception):
    """Carries what a called function raised, so that its TimeoutError is not taken for ours."""


async def _awaited(value: Awaitable[Any], timeout: float) -> Any:
    clock = asyncio.timeout(timeout)
    try:
        async with clock:
            return await value
    except Exception as error:
        if clock.expired():
            raise TimeoutError from None
        raise CallError from error


async def call_in_thread(call: Callable[[], T], timeout: float) -> T:
    """Runs `call` in a daemon thread; its place is free again at the timeout."""
    answer: Future[tuple[T | None, BaseException | None]] = Future()
    answer.set_running_or_notify_cancel()

    def work() -> None:
        try:
            answer.set_result((call(), None))
        except BaseException as error:  # a thread that gave no answer would be waited for
            answer.set_result((None, error))

    async with _places.aheld():
        threading.Thread(target=work, name="inspectiq-read", daemon=True).start()
        async with asyncio.timeout(timeout):
            value, error = await asyncio.wrap_future(answer)
    if error is not None:
        raise CallError from error
    return value  # type: ignore[return-value]
