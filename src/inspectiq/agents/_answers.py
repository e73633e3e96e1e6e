"""Answers: a request with what the engine sent back, or with the error that came instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inspectiq._usage import Usage
from inspectiq.errors import ConfigError, InspectIQError
from inspectiq.transports._base import VisionRequest, VisionResponse

__all__ = ["Answer", "sum_usage"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A request with its response or error.

    Attributes:
        request: What was asked.
        response: What the engine sent back; None where it failed.
        error: Why it failed; None where it answered.

    Raises:
        ConfigError: It has neither, or both.
    """

    request: VisionRequest
    response: VisionResponse | None = None
    error: InspectIQError | None = None

    def __post_init__(self) -> None:
        if (self.response is None) == (self.error is None):
            raise ConfigError("an answer has either a response or an error")

    @property
    def usage(self) -> Usage:
        """What it cost, also where it failed."""
        if self.response is not None:
            return self.response.usage
        assert self.error is not None
        return self.error.usage or Usage(requests=self.error.attempts)


def sum_usage(answers: Iterable[Answer]) -> Usage:
    """Adds up what answers cost, failed ones included."""
    return sum((answer.usage for answer in answers), Usage())
