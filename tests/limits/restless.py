"""Threads for tests of what they share: they take turns at almost every step."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def on_restless_threads(*stories: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs each on a thread and a loop of its own, all at once."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(len(stories)) as pool:
            running = [pool.submit(asyncio.run, story()) for story in stories]
            for future in running:
                future.result(20)
    finally:
        sys.setswitchinterval(usual)
