"""Calls that may hang (a network share, a host's storage), kept away from the decode threads."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from inspectiq._threads import HostCallError, run_in_daemon_thread
from inspectiq.photos._gate import Gate

__all__ = ["AT_ONCE", "HostCallError", "call_host", "call_in_thread"]

T = TypeVar("T")

AT_ONCE = 8  # reads in the process; storage is quicker with a few, and a share is not flooded

_places = Gate(AT_ONCE)


def _forget_after_fork() -> None:
    global _places
    _places = Gate(AT_ONCE)


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget_after_fork)


async def call_host(load: Callable[[], Any], timeout: float) -> Any:
    """Calls a sync or async function without arguments and returns its value.

    Raises:
        TimeoutError: Only where `timeout` seconds have passed since it was called.
        HostCallError: Whatever it raised is the cause.
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


async def _awaited(value: Awaitable[Any], timeout: float) -> Any:
    clock = asyncio.timeout(timeout)
    try:
        async with clock:
            return await value
    except Exception as error:
        if clock.expired():
            raise TimeoutError from None
        raise HostCallError from error


async def call_in_thread(call: Callable[[], T], timeout: float) -> T:
    """Runs `call` in a daemon thread; its place is free again at the timeout."""
    async with _places.aheld():
        return await run_in_daemon_thread(call, timeout, "inspectiq-read")
