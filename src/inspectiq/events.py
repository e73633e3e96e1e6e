"""What observers see. Frozen, small, without photo bytes, keys or an engine's text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from inspectiq.domain.results import PhotoStatus, Status
    from inspectiq.domain.usage import Usage

__all__ = [
    "Event",
    "Observer",
    "PhotoExamined",
    "PhotoSettled",
    "RequestAnswered",
    "RequestFailed",
    "RequestSent",
    "RunCompleted",
    "RunStarted",
    "SinkFailed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events.

    Attributes:
        case_id: The case that it belongs to.
        tags: The host's labels of that case.
    """

    case_id: str
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """An inspection or a diagnosis begins, with so many photos."""

    photos: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoExamined(Event):
    """A photo was read, measured and prepared, or turned out to be unusable.

    Attributes:
        reason: Why it cannot be used (a `PhotoReason`), None if it can.
    """

    photo_id: str
    name: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSent(Event):
    """A request goes to the engine.

    Attributes:
        photo_ids: The photos that it is about.
        ask: How often they were asked about, this time included.
    """

    photo_ids: tuple[str, ...]
    ask: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAnswered(Event):
    """An engine answered.

    Attributes:
        photo_ids: The photos that it was asked about.
        provider, model: The engine, as it named itself.
        usage: What the answer cost.
        seconds: From sending to the checked answer.
        problems: How many of the photos have no usable answer in it.
    """

    photo_ids: tuple[str, ...]
    provider: str
    model: str
    usage: Usage
    seconds: float
    problems: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFailed(Event):
    """A request failed for good.

    Attributes:
        photo_ids: The photos that it was about.
        error: Class of the error.
        seconds: From sending to failing.
    """

    photo_ids: tuple[str, ...]
    error: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoSettled(Event):
    """A photo has its outcome; one for each photo of a run, when its result stands.

    Attributes:
        photo_id: The photo.
        status: Its outcome.
    """

    photo_id: str
    status: PhotoStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCompleted(Event):
    """The result stands and goes to the sinks.

    Attributes:
        result_id: Id of the result.
        status: Complete, partial or failed.
        findings: How many there are.
        usage: What the run cost.
        seconds: How long it took, sinks not included.
    """

    result_id: str
    status: Status
    findings: int
    usage: Usage
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkFailed(Event):
    """A sink raised; the result is not affected.

    Attributes:
        result_id: Id of the result that it was given.
        sink: Class of the sink.
        error: Class of the error.
    """

    result_id: str
    sink: str
    error: str


class Observer(Protocol):
    """Watches a run. Called on the event loop: be quick. What it raises is logged once."""

    def on_event(self, event: Event, /) -> None: ...
