"""Time for tests of waiting: it jumps to the next timer, so an hour takes no time."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any


class _JumpingSelector(selectors.SelectSelector):
    loop: "JumpingLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if not events:
            assert timeout is not None, "everyone waits, and nobody will ever wake"
            self.loop.now += timeout
        return events


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop that never waits: where nothing is left to do, its clock moves on."""

    def __init__(self) -> None:
        self.now = 1000.0
        selector = _JumpingSelector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


def now() -> float:
    """Seconds on the clock of the running loop, for a limiter."""
    return asyncio.get_running_loop().time()


def run(story: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(story)


def jumping(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Makes an async test one that runs on such a loop."""

    @wraps(test)
    def on_jumping_loop(*args: Any, **kwargs: Any) -> None:
        run(test(*args, **kwargs))

    return on_jumping_loop
