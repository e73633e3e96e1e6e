"""Agreement: in how many of several reads of the same photos a finding was seen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from inspectiq._values import Value

__all__ = ["Agreement", "Keep", "ReadCounts"]

Keep = Literal["union", "majority"]
"""What is kept of several reads: what one of them saw, or what more than half of them saw."""

Count = Annotated[int, Field(ge=0)]


class Agreement(Value):
    """In how many of several reads of the same photos a finding was seen.

    It says how steadily an engine repeats itself, not how likely it is right: what is wrong in
    every read agrees as well. It is no confidence, and depends on the temperature.

    Attributes:
        seen: Reads that saw it.
        reads: Reads of its photos that could be used.
        failed: Reads that were asked for besides, and could not be used.
        temperature: Of the sampling; None where the engine was given none and chose its own, or
            where several engines answered.
    """

    seen: Annotated[int, Field(ge=1)]
    reads: Annotated[int, Field(ge=1)]
    failed: Count = 0
    temperature: Annotated[float | None, Field(ge=0)] = None

    @model_validator(mode="after")
    def _check_seen(self) -> Agreement:
        if self.seen > self.reads:
            raise ValueError("a finding is seen in as many reads as there are, at most")
        return self

    @property
    def is_majority(self) -> bool:
        """Whether more than half of the reads that could be used saw it."""
        return self.seen * 2 > self.reads


class ReadCounts(Value):
    """What became of each of several reads of one photo.

    Attributes:
        assessed: Reads that assessed (or triaged) it.
        unclear: Reads that could not tell.
        failed: Reads without a usable answer.
    """

    assessed: Count = 0
    unclear: Count = 0
    failed: Count = 0

    @property
    def is_assessed(self) -> bool:
        """Whether more than half of the reads that could be used assessed it."""
        return self.assessed > self.unclear
