"""Delivers results to the host's sinks; a sink that fails is reported and fails no run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

from inspectiq._observers import Observers
from inspectiq._taking import require_all
from inspectiq.agents._sending import is_cancelled
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError
from inspectiq.events import SinkFailed
from inspectiq.run import Run

__all__ = ["ResultSink", "Sinks"]

ResultT = TypeVar("ResultT", bound=Result)
ResultT_contra = TypeVar("ResultT_contra", bound=Result, contravariant=True)


class ResultSink(Protocol[ResultT_contra]):
    """Takes each result once it is made. An error becomes an event and never fails the run."""

    async def accept(self, result: ResultT_contra, /) -> None:
        """Takes a result."""


class Sinks(Generic[ResultT]):
    """Delivers results to the sinks of an agent.

    Args:
        sinks: Each must be able to take a result.
        observers: Are told of one that fails.

    Raises:
        ConfigError: One of them cannot take a result.
    """

    def __init__(self, sinks: Iterable[ResultSink[ResultT]], observers: Observers) -> None:
        self._sinks = require_all(sinks, "sinks", "give a list of sinks")
        self._observers = observers
        for sink in self._sinks:
            if isinstance(sink, type) or not callable(getattr(sink, "accept", None)):
                raise ConfigError(
                    f"{sink!r} is no sink: pass an object with `async def accept(self, result)`"
                )

    async def deliver(self, result: ResultT, run: Run, seconds: float) -> None:
        """Delivers a result to all sinks at once.

        Args:
            result: The result.
            run: The run that it came from.
            seconds: How long each sink has for it.
        """

        async def deliver_to(sink: ResultSink[ResultT]) -> None:
            try:
                async with asyncio.timeout(seconds):
                    await sink.accept(result)
            except (Exception, asyncio.CancelledError) as error:
                if is_cancelled():
                    raise
                self._observers.log_failure("a sink failed", error, sink=type(sink).__name__)
                run.tell(
                    SinkFailed,
                    result_id=result.id,
                    sink=type(sink).__name__,
                    error=type(error).__name__,
                )

        await asyncio.gather(*map(deliver_to, self._sinks))
