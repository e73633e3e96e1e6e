"""`Outbox`: the protocol of stores that keep messages until they are delivered."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from inspectiq.webhooks._messages import Message

__all__ = [
    "FURTHEST",
    "AttemptOutcome",
    "DeliveryRecord",
    "EndpointCounts",
    "Lease",
    "MessageState",
    "Outbox",
    "make_lease_token",
]

MessageState = Literal["pending", "delivered", "dead"]

FURTHEST = 172_800.0
"""Seconds; nothing is ever put off by more, so what is due later was put off by a clock that was
wrong, and is taken at once. Twice the longest wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right of one worker to attempt a message, for a time.

    Attributes:
        message: The message.
        attempts: How many were made before.
        token: Whoever holds another one may not record an outcome.
        accepted_at: Seconds since the epoch.
    """

    message: Message
    attempts: int
    token: str = field(repr=False)
    accepted_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptOutcome:
    """The outcome of an attempt, as an outbox records it: delivered, due again, or a dead letter.

    Make it with one of its constructors.

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
        """Makes the outcome of a message that the endpoint accepted."""
        return cls(state="delivered")

    @classmethod
    def retry(cls, due: float, reason: str, *, likely_permanent: bool = False) -> AttemptOutcome:
        """Makes the outcome of a message that is attempted again from `due` on."""
        return cls(state="pending", due=due, reason=reason, likely_permanent=likely_permanent)

    @classmethod
    def dead(cls, reason: str, *, likely_permanent: bool = False) -> AttemptOutcome:
        """Makes the outcome of a dead letter: kept, and sent again only when replayed."""
        return cls(state="dead", reason=reason, likely_permanent=likely_permanent)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """How far a message has come, for a person to look at.

    Attributes:
        id: As in `Message`.
        endpoint: As in `Message`.
        type: As in `Message`.
        result_id: As in `Message`.
        case_id: As in `Message`.
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
    """How many messages of an endpoint are pending, leased, delivered or dead.

    Attributes:
        endpoint: Its key.
        pending: How many are still to be delivered.
        leased: How many of the pending ones a worker has.
        delivered: How many were delivered.
        dead: How many were given up.
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


@runtime_checkable
class Outbox(Protocol):
    """Keeps messages until they are delivered; `OutboxContract` says what it must keep to.

    All times are seconds since the epoch and are given, so that one clock decides. What cannot be
    done raises `DeliveryError`, and then nothing of it was done.
    """

    async def add(self, messages: Sequence[Message], /, *, now: float) -> tuple[bool, ...]:
        """Stores all messages or none; returns only once they are stored for good.

        Returns:
            For each whether it is new. One whose id is known is left as it is.
        """

    async def claim(
        self, wanted: Mapping[str, int], /, *, now: float, lease: float
    ) -> tuple[Lease, ...]:
        """Leases due messages, the longest due first, and none of a disabled endpoint.

        What is due more than `FURTHEST` seconds after `now`, leased or not, was put off by a clock
        that was wrong: it is due as well.

        Args:
            wanted: At most how many, by endpoint.
            now: The time.
            lease: Seconds until somebody else may have it.
        """

    async def record_outcome(self, lease: Lease, outcome: AttemptOutcome, /, *, now: float) -> bool:
        """Records the outcome of an attempt; False, and no record, if the lease was lost."""

    async def release(self, leases: Iterable[Lease], /, *, now: float) -> None:
        """Gives back leases whose messages were not attempted; they are due at once."""

    async def find_next_due(self, endpoints: Iterable[str], /) -> float | None:
        """Finds when the next pending message of these endpoints is due, disabled ones left out."""

    async def replay(
        self, *, ids: Iterable[str] | None = None, endpoint: str | None = None, now: float
    ) -> int:
        """Makes dead letters pending again, due at once, with the same id and all attempts anew.

        Args:
            ids: Which; those that were delivered are sent again as well. None for all dead ones.
            endpoint: Only those of this endpoint.
            now: The time.

        Returns:
            How many.
        """

    async def disable(self, endpoint: str, reason: str, /, *, now: float) -> None:
        """Parks the pending messages of an endpoint, and those that are added later."""

    async def enable(self, endpoint: str, /, *, now: float) -> None:
        """Enables an endpoint again; its parked messages are due at once."""

    async def list_records(
        self,
        *,
        state: MessageState | None = None,
        endpoint: str | None = None,
        limit: int = 100,
        now: float,
    ) -> tuple[DeliveryRecord, ...]:
        """Lists messages and how far they have come, the oldest first."""

    async def read_body(self, id: str, /) -> bytes | None:
        """Reads the body of a message; None where there is none of this id."""

    async def count(self, *, now: float) -> tuple[EndpointCounts, ...]:
        """Counts messages by endpoint, in the order of their keys.

        Disabled endpoints are among them, also where they have no messages.
        """

    async def purge(self, state: MessageState, /, *, before: float) -> int:
        """Deletes messages that were delivered or given up before a time; returns how many.

        Nothing that is pending is ever forgotten.
        """

    async def aclose(self) -> None:
        """Closes what this process has open; the next use opens it again."""


def make_lease_token() -> str:
    """Makes a token that nobody else has."""
    return secrets.token_hex(8)
