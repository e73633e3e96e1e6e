"""The outcome of one case of many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from inspectiq.domain._results import Result, Status
from inspectiq.errors import InspectIQError

__all__ = ["CaseOutcome"]

ResultT = TypeVar("ResultT", bound=Result)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOutcome(Generic[ResultT]):
    """What became of one case of `run_many`: a result, or the error in place of one.

    Attributes:
        number: Its place among the cases that were given, from 1.
        case_id: Of the case; "" where it could not even be told.
        result: The result; None where there is an error.
        error: Why there is no result; None where there is one.
        resumed: Whether it stood in the checkpoint already, so that nothing was asked or paid now.
    """

    number: int
    case_id: str
    result: ResultT | None = None
    error: InspectIQError | None = None
    resumed: bool = False

    @property
    def status(self) -> Status:
        """The status of the result; `failed` where there is none."""
        return "failed" if self.result is None else self.result.status
