"""The events that tell how webhooks are delivered."""

from __future__ import annotations

from dataclasses import dataclass

from inspectiq.events._base import Event

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
    """Base of the events of one webhook.

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
    """A webhook was stored in the outbox.

    Attributes:
        size: Of its body, in bytes.
    """

    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivered(WebhookEvent):
    """An endpoint accepted a webhook.

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

    is_notable = True

    attempt: int
    reason: str
    status_code: int | None
    seconds: float
    likely_permanent: bool
    wait: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDeadLettered(WebhookEvent):
    """A webhook became a dead letter: it is sent again only when replayed.

    Attributes:
        attempts: How many were made.
        reason: Why the last one failed.
    """

    is_notable = True

    attempts: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointDisabled(WebhookEvent):
    """An endpoint answered that it is gone; its webhooks wait until it is enabled again.

    Attributes:
        reason: Such as `http_410`.
    """

    is_notable = True

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhooksPending(Event):
    """The state of an endpoint's queue, reported from time to time while webhooks are delivered.

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
