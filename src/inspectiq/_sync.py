"""Runs the sync twins of async methods: one thread with one event loop for each process.

This works in scripts, threads, WSGI hosts, prefork workers (a child after `fork` makes its own
thread), and inside a running loop, so in a notebook cell; not under gevent or eventlet, which make
one thread of all. Ctrl-C cancels the call.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from inspectiq.errors import ConfigError

T = TypeVar("T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def _forget_after_fork() -> None:
    global _lock, _loop
    _lock, _loop = threading.Lock(), None


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget_after_fork)


def _get_loop() -> asyncio.AbstractEventLoop:
    global _loop
    with _lock:
        if _loop is None:
            _refuse_greenlets()
            loop = asyncio.new_event_loop()
            threading.Thread(target=_serve, args=(loop,), name="inspectiq", daemon=True).start()
            _loop = loop
        return _loop


def _refuse_greenlets() -> None:
    """Refuses threads that are greenlets: a loop beside them would stop every other loop.

    asyncio knows one running loop for each real thread, and all greenlets share one.

    Raises:
        ConfigError: gevent or eventlet has replaced Python's threads.
    """
    for library, module, thread in (
        ("gevent", "gevent.monkey", "is_module_patched"),
        ("eventlet", "eventlet.patcher", "is_monkey_patched"),
    ):
        asks = getattr(sys.modules.get(module), thread, None)
        if asks is not None and asks("threading" if library == "gevent" else "thread"):
            raise ConfigError(
                f"{library} has replaced Python's threads, and asyncio cannot run beside it; use "
                "workers of threads or processes (celery -P threads, gunicorn -k gthread), or call "
                "inspectiq in a process of its own"
            )


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    while True:
        try:
            loop.run_forever()
        except (SystemExit, KeyboardInterrupt):
            # asyncio lets these through after it has given them to the task, hence to the caller.
            continue
        return


def is_running_here() -> bool:
    """Tells whether the caller runs on this thread's loop, so for a sync method."""
    try:
        return asyncio.get_running_loop() is _loop
    except RuntimeError:
        return False


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end and returns its value; an exception here cancels it first."""
    try:
        loop = _get_loop()
    except ConfigError:
        coroutine.close()
        raise
    if is_running_here():
        coroutine.close()
        raise RuntimeError(
            "a sync method was called from inspectiq's own loop (an observer, a sink or a "
            "transport); await its async twin, or wrap the call in asyncio.to_thread"
        )
    future = asyncio.run_coroutine_threadsafe(coroutine, loop)
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def start(coroutine: Coroutine[Any, Any, T]) -> Future[T]:
    """Starts a coroutine on that loop and does not wait for it."""
    return asyncio.run_coroutine_threadsafe(coroutine, _get_loop())
