"""What observers see. Frozen, small, without photo bytes, keys or an engine's text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from inspectiq._usage import Usage
    from inspectiq.domain._results import PhotoStatus, Status

__all__ = [
    "AttemptFailed",
    "AttemptStarted",
    "BudgetRefused",
    "BudgetReserved",
    "CacheHit",
    "EmergencyDetected",
    "EndpointDisabled",
    "Event",
    "FellBack",
    "Observer",
    "PhotoCompleted",
    "PhotoExamined",
    "RateWaited",
    "RequestAnswered",
    "RequestFailed",
    "RequestSent",
    "RunCompleted",
    "RunStarted",
    "SinkFailed",
    "WebhookAccepted",
    "WebhookAttemptFailed",
    "WebhookDeadLettered",
    "WebhookDelivered",
    "WebhookEvent",
    "WebhooksPending",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events.

    Attributes:
        case_id: The case that it belongs to; "" for a call outside of a run.
        run_id: The run of the agent; another one each time, also for the same case.
        tags: The host's labels of that case.
    """

    case_id: str
    run_id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """An inspection or a diagnosis begins, with so many photos."""

    photos: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyDetected(Event):
    """The words that came with a case tell of an emergency; no engine has been asked yet.

    Attributes:
        kinds: Such as `gas_smell`, the most pressing first.
    """

    kinds: tuple[str, ...]


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
        provider, model: The engine that was asked.
        error: Class of the error.
        seconds: From sending to failing.
        usage: What was paid all the same; None where nothing is known of it.
    """

    photo_ids: tuple[str, ...]
    provider: str
    model: str
    error: str
    seconds: float
    usage: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStarted(Event):
    """One attempt at a request goes out.

    Attributes:
        photo_ids: The photos that it is about.
        provider, model: The engine that it goes to.
        attempt: 1, 2, … of the same request.
    """

    photo_ids: tuple[str, ...]
    provider: str
    model: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFailed(Event):
    """An attempt failed.

    Attributes:
        photo_ids: The photos that it was about.
        provider, model: The engine that it went to.
        attempt: 1, 2, … of the same request.
        error: Class of the error.
        status_code: HTTP status, None where there was none.
        wait: Seconds until the next attempt; None if there is none.
    """

    photo_ids: tuple[str, ...]
    provider: str
    model: str
    attempt: int
    error: str
    status_code: int | None = None
    wait: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateWaited(Event):
    """A request waited for its turn within the rate limits.

    Attributes:
        photo_ids: The photos that it is about.
        key: Which limits.
        seconds: How long it waited.
    """

    photo_ids: tuple[str, ...]
    key: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheHit(Event):
    """An answer came from the cache, or was shared with a call in flight for the same content.

    Attributes:
        photo_ids: The photos that it is about.
        provider, model: The engine whose answer it is.
        saved: What it cost when it was paid for.
    """

    photo_ids: tuple[str, ...]
    provider: str
    model: str
    saved: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetReserved(Event):
    """A budget set money aside for an attempt, until its real cost is known.

    Attributes:
        photo_ids: The photos that it is about.
        usd: Dollars held; None where the price is not known.
    """

    photo_ids: tuple[str, ...]
    usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRefused(Event):
    """A budget did not allow a request; it was not sent.

    Attributes:
        photo_ids: The photos that it was about.
        provider, model: The engine that it would have gone to.
        limit, spent, needed: In the budget's own unit.
    """

    photo_ids: tuple[str, ...]
    provider: str
    model: str
    limit: Decimal
    spent: Decimal
    needed: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FellBack(Event):
    """An engine failed and the next one is asked.

    Attributes:
        photo_ids: The photos that it is about.
        provider, model: The engine that failed.
        error: Class of the error.
        to_provider, to_model: The engine that is asked now.
    """

    photo_ids: tuple[str, ...]
    provider: str
    model: str
    error: str
    to_provider: str
    to_model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoCompleted(Event):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent(Event):
    """Base of what happens to a webhook.

    Attributes:
        webhook_id: The same at every attempt.
        endpoint: Its key.
        type: Of the webhook, such as `inspection.completed`.
    """

    webhook_id: str
    endpoint: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAccepted(WebhookEvent):
    """A webhook is in the outbox, for good.

    Attributes:
        size: Of its body, in bytes.
    """

    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivered(WebhookEvent):
    """An endpoint took a webhook.

    Attributes:
        attempt: Which one it was: 1, 2, …
        status_code: HTTP status; None where it did not go by HTTP.
        seconds: How long that attempt took.
        waited: Seconds since it was accepted.
    """

    attempt: int
    status_code: int | None
    seconds: float
    waited: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAttemptFailed(WebhookEvent):
    """An attempt at a webhook failed.

    Attributes:
        attempt: Which one it was: 1, 2, …
        reason: Such as `http_500` or `timeout`.
        status_code: HTTP status, None where there was none.
        seconds: How long it took.
        likely_permanent: Whether trying again is not likely to help.
        wait: Seconds until the next attempt; None if there is none.
    """

    attempt: int
    reason: str
    status_code: int | None
    seconds: float
    likely_permanent: bool
    wait: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDeadLettered(WebhookEvent):
    """A webhook is given up until somebody replays it.

    Attributes:
        attempts: How many were made.
        reason: Why the last one failed.
    """

    attempts: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointDisabled(WebhookEvent):
    """An endpoint said that it is gone; what is for it waits until it is enabled again.

    Attributes:
        reason: Such as `http_410`.
    """

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhooksPending(Event):
    """How an endpoint's queue stands; told from time to time while webhooks are delivered.

    Attributes:
        endpoint: Its key.
        pending: How many wait.
        oldest_seconds: How long the oldest of them has waited.
        dead: How many were given up.
        disabled: Why the endpoint is disabled; "" where it is not.
    """

    endpoint: str
    pending: int
    oldest_seconds: float
    dead: int
    disabled: str


class Observer(Protocol):
    """Watches a run. Called on the event loop: be quick. What it raises is logged once."""

    def on_event(self, event: Event, /) -> None: ...
