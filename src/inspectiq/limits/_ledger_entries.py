"""`LedgerEntry`: one recorded event, a line of the ledger's file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from inspectiq._text import to_one_line
from inspectiq._usage import Usage
from inspectiq._values import FrozenMap, Moment, Value
from inspectiq.domain._results import Status
from inspectiq.events import (
    BudgetRefused,
    CacheHit,
    Event,
    RequestAnswered,
    RequestFailed,
    RunCompleted,
    WebhookAttemptFailed,
    WebhookDeadLettered,
    WebhookDelivered,
    WebhookEvent,
)

__all__ = ["LedgerEntry", "make_entry"]

Count = Annotated[int, Field(ge=0)]

# Our assumptions: what one entry holds, so that its line stays at a few KB.
MOST_TAGS, LONGEST_WORDS, LONGEST_ID = 16, 100, 200

_TIMED = (RequestAnswered, RequestFailed, RunCompleted, WebhookAttemptFailed, WebhookDelivered)


class LedgerEntry(Value):
    """One recorded event. No photos, no file names, no addresses, no words of an engine.

    Attributes:
        ts: When it was recorded, UTC.
        kind: `answered` or `failed` (a request, for good), `cached` (an answer that was paid for
            before), `refused` (by a budget), `run` (a whole run; its requests have their own),
            `webhook_delivered`, `webhook_failed` (an attempt), `webhook_dead` (given up).
        run_id: The run of the agent.
        case_id: The case.
        tags: The host's labels of the case.
        provider: The engine's provider; "" where the event does not say.
        model: The engine's model; "" where the event does not say.
        photos: How many photos the request was about; 0 for a run.
        usage: What a request cost, or what a cached answer saved; `usd` is None where that is not
            known.
        seconds: How long the request, the run or the attempt took; None for the others.
        error: Class of the error of a failed request, or why a webhook failed.
        endpoint: Of a webhook.
        status: Complete, partial or failed, for a run.
    """

    ts: Moment
    kind: Literal[
        "answered",
        "failed",
        "cached",
        "refused",
        "run",
        "webhook_delivered",
        "webhook_failed",
        "webhook_dead",
    ]
    run_id: str = ""
    case_id: str = ""
    tags: FrozenMap[str] = FrozenMap()
    provider: str = ""
    model: str = ""
    photos: Count = 0
    usage: Usage = Field(default_factory=Usage)
    seconds: Annotated[float | None, Field(ge=0)] = None
    error: str | None = None
    status: Status | None = None
    endpoint: str | None = None


def make_entry(event: Event, now: datetime) -> LedgerEntry | None:
    """Makes the entry of an event; None for an event that is not recorded.

    Args:
        event: What happened.
        now: When it is recorded, with a time zone.
    """
    fields = _read_fields(event)
    if fields is None:
        return None
    if isinstance(event, WebhookEvent):
        fields["endpoint"] = _shorten(event.endpoint)
    if isinstance(event, _TIMED):
        fields["seconds"] = round(event.seconds, 3)
    tags = list(event.tags.items())[:MOST_TAGS]
    return LedgerEntry(
        ts=now.astimezone(UTC),
        run_id=to_one_line(event.run_id, LONGEST_ID),
        case_id=to_one_line(event.case_id, LONGEST_ID),
        tags=FrozenMap({_shorten(name): _shorten(value) for name, value in tags}),
        # Not every event knows its engine.
        provider=_shorten(getattr(event, "provider", "")),
        model=_shorten(getattr(event, "model", "")),
        photos=len(getattr(event, "photo_ids", ())),
        **fields,
    )


def _read_fields(event: Event) -> dict[str, Any] | None:
    match event:
        case RequestAnswered():
            return {"kind": "answered", "usage": event.usage}
        case RequestFailed():
            usage = event.usage or Usage(usd=None)
            return {"kind": "failed", "usage": usage, "error": event.error}
        case CacheHit():
            return {"kind": "cached", "usage": event.saved}
        case BudgetRefused():
            return {"kind": "refused"}
        case RunCompleted():
            return {"kind": "run", "status": event.status}
        case WebhookDelivered():
            return {"kind": "webhook_delivered"}
        case WebhookAttemptFailed():
            return {"kind": "webhook_failed", "error": event.reason}
        case WebhookDeadLettered():
            return {"kind": "webhook_dead", "error": event.reason}
    return None


def _shorten(text: str) -> str:
    return to_one_line(text, LONGEST_WORDS)
