"""Where results go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError

__all__ = ["ResultSink", "check_sinks"]

ResultT = TypeVar("ResultT", bound=Result)
ResultT_contra = TypeVar("ResultT_contra", bound=Result, contravariant=True)


class ResultSink(Protocol[ResultT_contra]):
    """Takes a result once it stands. What it raises is an event and never fails the run."""

    async def accept(self, result: ResultT_contra, /) -> None: ...


def check_sinks(sinks: Iterable[ResultSink[ResultT]]) -> tuple[ResultSink[ResultT], ...]:
    """The sinks, each of which can take a result.

    Raises:
        ConfigError: One of them cannot.
    """
    listed = tuple(sinks)
    for sink in listed:
        if isinstance(sink, type) or not callable(getattr(sink, "accept", None)):
            raise ConfigError(
                f"{sink!r} is no sink: pass an object with `async def accept(self, result)`"
            )
    return listed
