"""What an outbox keeps: messages, leases on them, and what became of each attempt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

__all__ = [
    "AttemptOutcome",
    "DeliveryRecord",
    "EndpointCounts",
    "Lease",
    "Message",
    "MessageState",
    "make_message_id",
]

MessageState = Literal["pending", "delivered", "dead"]

_NO_TAGS: Mapping[str, str] = MappingProxyType({})


def make_message_id(result_id: str, type: str, endpoint: str) -> str:
    """The `webhook-id`: the same for the same result, event and endpoint, whoever makes it."""
    told = f"{result_id}\n{type}\n{endpoint}".encode("utf-8", "surrogatepass")
    return f"msg_{hashlib.sha256(told).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event for one endpoint, as it is sent at every attempt. It holds no secret and no URL.

    Attributes:
        id: The `webhook-id`, of letters, digits, `_` and `-`.
        endpoint: Key of the endpoint.
        type: Of the event, such as `inspection.completed`.
        body: The exact bytes that are sent.
        result_id: The result that it tells of; "" for a test.
        case_id: The case.
        tags: The host's labels of the case.
    """

    id: str
    endpoint: str
    type: str
    body: bytes = field(repr=False)
    result_id: str = ""
    case_id: str = ""
    tags: Mapping[str, str] = field(default_factory=lambda: _NO_TAGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A message that one worker may attempt, until its time is over.

    Attributes:
        message: The message.
        attempts: How many were made before.
        token: Whoever holds another one may not settle it.
        accepted_at: Seconds since the epoch.
    """

    message: Message
    attempts: int
    token: str = field(repr=False)
    accepted_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptOutcome:
    """What an attempt came to. Make it with one of its constructors.

    Attributes:
        state: What the message is now.
        due: Seconds since the epoch from which it is to be attempted again.
        reason: Why it was not delivered, such as `http_500` or `timeout`; "" if it was.
        likely_permanent: Whether trying again is not likely to help.
    """

    state: MessageState
    due: float = 0.0
    reason: str = ""
    likely_permanent: bool = False

    @classmethod
    def delivered(cls) -> AttemptOutcome:
        return cls(state="delivered")

    @classmethod
    def retry(cls, due: float, reason: str, *, likely_permanent: bool = False) -> AttemptOutcome:
        """It is attempted again from `due` on."""
        return cls(state="pending", due=due, reason=reason, likely_permanent=likely_permanent)

    @classmethod
    def dead(cls, reason: str, *, likely_permanent: bool = False) -> AttemptOutcome:
        """It becomes a dead letter: kept, and sent again only when somebody says so."""
        return cls(state="dead", reason=reason, likely_permanent=likely_permanent)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """Where a message stands, for a person to look at.

    Attributes:
        id, endpoint, type, result_id, case_id: As in `Message`.
        state: Pending, delivered or dead.
        attempts: How many were made.
        accepted_at: Seconds since the epoch.
        due: From when it is to be attempted, or its lease is over.
        leased: Whether a worker has it.
        reason: Why the last attempt failed.
        likely_permanent: Whether trying again is not likely to help.
        size: Of the body, in bytes.
    """

    id: str
    endpoint: str
    type: str
    result_id: str
    case_id: str
    state: MessageState
    attempts: int
    accepted_at: float
    due: float
    leased: bool
    reason: str
    likely_permanent: bool
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointCounts:
    """How many messages of an endpoint stand where.

    Attributes:
        endpoint: Its key.
        pending, leased, delivered, dead: How many; leased ones are pending as well.
        oldest_pending: When the oldest pending one was accepted, seconds since the epoch; None
            where there is none.
        disabled: Why it is disabled; "" where it is not.
    """

    endpoint: str
    pending: int = 0
    leased: int = 0
    delivered: int = 0
    dead: int = 0
    oldest_pending: float | None = None
    disabled: str = ""
