"""The events that tell how webhooks are delivered."""

from __future__ import annotations

from dataclasses import dataclass

from inspectiq._event import Event

__all__ = [
    "EndpointDisabled",
    "WebhookAccepted",
    "WebhookAttemptFailed",
    "WebhookDeadLettered",
    "WebhookDelivered",
    "WebhookEvent",
    "WebhooksPending",
]


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
