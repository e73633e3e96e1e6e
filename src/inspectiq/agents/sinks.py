"""Where results go."""

from __future__ import annotations

from typing import Protocol, TypeVar

from inspectiq.domain.results import Result

__all__ = ["ResultSink"]

ResultT_contra = TypeVar("ResultT_contra", bound=Result, contravariant=True)


class ResultSink(Protocol[ResultT_contra]):
    """Takes a result once it stands. What it raises is an event and never fails the run."""

    async def accept(self, result: ResultT_contra, /) -> None: ...
