"""Where accepted messages wait: the protocol, and an outbox in memory."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from inspectiq._fork import ForkLock
from inspectiq.webhooks._messages import (
    AttemptOutcome,
    DeliveryRecord,
    EndpointCounts,
    Lease,
    Message,
    MessageState,
)

__all__ = ["FURTHEST", "MemoryOutbox", "Outbox", "make_lease_token"]

FURTHEST = 172_800.0
"""Seconds; nothing is ever put off by more, so what is due later was put off by a clock that was
wrong, and is taken at once. Twice the longest wait."""


def make_lease_token() -> str:
    """A token that nobody else has."""
    return secrets.token_hex(8)


@runtime_checkable
class Outbox(Protocol):
    """Keeps messages until they are delivered; `OutboxContract` says what it must keep to.

    All times are seconds since the epoch and are given, so that one clock decides. What cannot be
    done raises `DeliveryError`, and then nothing of it was done.
    """

    async def add(self, messages: Sequence[Message], /, *, now: float) -> tuple[bool, ...]:
        """Keeps all of them for good, or none; returns only once they are.

        Returns:
            For each whether it is new. One whose id is known is left as it is.
        """

    async def claim(
        self, wanted: Mapping[str, int], /, *, now: float, lease: float
    ) -> tuple[Lease, ...]:
        """Leases what is due, the longest due first, and nothing of a disabled endpoint.

        What is due more than `FURTHEST` seconds after `now`, leased or not, was put off by a clock
        that was wrong: it is due as well.

        Args:
            wanted: At most how many, by endpoint.
            now: The time.
            lease: Seconds until somebody else may have it.
        """

    async def record_outcome(self, lease: Lease, outcome: AttemptOutcome, /, *, now: float) -> bool:
        """Notes an attempt and what it came to; False, and nothing noted, if the lease was lost."""

    async def release(self, leases: Iterable[Lease], /, *, now: float) -> None:
        """Gives back leases whose messages were not attempted; they are due at once."""

    async def next_due(self, endpoints: Iterable[str], /) -> float | None:
        """When the next pending message of these endpoints is due, disabled ones left out."""

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
        """Parks what is pending for an endpoint and what will be accepted for it."""

    async def enable(self, endpoint: str, /, *, now: float) -> None:
        """Takes up an endpoint again; what was parked is due at once."""

    async def records(
        self,
        *,
        state: MessageState | None = None,
        endpoint: str | None = None,
        limit: int = 100,
        now: float,
    ) -> tuple[DeliveryRecord, ...]:
        """Where messages stand, the oldest first."""

    async def body(self, id: str, /) -> bytes | None:
        """The body of a message; None where there is none of this id."""

    async def counts(self, *, now: float) -> tuple[EndpointCounts, ...]:
        """How many stand where, by endpoint in the order of their keys.

        Disabled endpoints are among them, also where they have no messages.
        """

    async def purge(self, state: MessageState, /, *, before: float) -> int:
        """Forgets what was delivered, or given up, before a time; returns how many.

        Nothing that is pending is ever forgotten.
        """

    async def aclose(self) -> None:
        """Closes what this process has open; the next use opens it again."""


@dataclass(slots=True)
class _Entry:
    message: Message
    accepted_at: float
    due: float
    updated: float
    state: MessageState = "pending"
    attempts: int = 0
    token: str = ""
    reason: str = ""
    likely_permanent: bool = False


class MemoryOutbox:
    """Keeps messages in this process, for tests and for what may be lost when it ends."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._disabled: dict[str, str] = {}
        self._lock = ForkLock()

    async def add(self, messages: Sequence[Message], /, *, now: float) -> tuple[bool, ...]:
        with self._lock:
            return tuple(
                self._entries.setdefault(message.id, entry) is entry
                for message in messages
                for entry in (_Entry(message, now, now, now),)
            )

    async def claim(
        self, wanted: Mapping[str, int], /, *, now: float, lease: float
    ) -> tuple[Lease, ...]:
        left = {key: count for key, count in wanted.items() if key not in self._disabled}
        leases = []
        with self._lock:
            for entry in sorted(self._entries.values(), key=lambda entry: entry.due):
                key = entry.message.endpoint
                if entry.state != "pending" or now < entry.due <= now + FURTHEST:
                    continue
                if left.get(key, 0) > 0:
                    left[key] -= 1
                    entry.token, entry.due = make_lease_token(), now + lease
                    leases.append(
                        Lease(
                            message=entry.message,
                            attempts=entry.attempts,
                            token=entry.token,
                            accepted_at=entry.accepted_at,
                        )
                    )
        return tuple(leases)

    async def record_outcome(self, lease: Lease, outcome: AttemptOutcome, /, *, now: float) -> bool:
        with self._lock:
            entry = self._held(lease)
            if entry is None:
                return False
            entry.state, entry.due, entry.token = outcome.state, outcome.due, ""
            entry.reason = outcome.reason
            entry.likely_permanent = outcome.likely_permanent
            entry.attempts += 1
            entry.updated = now
            return True

    async def release(self, leases: Iterable[Lease], /, *, now: float) -> None:
        with self._lock:
            for lease in leases:
                entry = self._held(lease)
                if entry is not None:
                    entry.due, entry.token = now, ""

    def _held(self, lease: Lease) -> _Entry | None:
        entry = self._entries.get(lease.message.id)
        return entry if entry is not None and entry.token == lease.token else None

    async def next_due(self, endpoints: Iterable[str], /) -> float | None:
        keys = set(endpoints) - set(self._disabled)
        with self._lock:
            return min(
                (
                    entry.due
                    for entry in self._entries.values()
                    if entry.state == "pending" and entry.message.endpoint in keys
                ),
                default=None,
            )

    async def replay(
        self, *, ids: Iterable[str] | None = None, endpoint: str | None = None, now: float
    ) -> int:
        named = None if ids is None else set(ids)
        again = 0
        with self._lock:
            for entry in self._entries.values():
                chosen = entry.state == "dead" if named is None else entry.message.id in named
                if (
                    chosen
                    and entry.state != "pending"
                    and endpoint in (None, entry.message.endpoint)
                ):
                    entry.state, entry.attempts, entry.due = "pending", 0, now
                    entry.reason, entry.likely_permanent = "", False
                    again += 1
        return again

    async def disable(self, endpoint: str, reason: str, /, *, now: float) -> None:
        with self._lock:
            self._disabled[endpoint] = reason

    async def enable(self, endpoint: str, /, *, now: float) -> None:
        with self._lock:
            if self._disabled.pop(endpoint, None) is None:
                return
            for entry in self._entries.values():
                if entry.message.endpoint == endpoint and entry.state == "pending":
                    entry.due = now if not entry.token else entry.due

    async def records(
        self,
        *,
        state: MessageState | None = None,
        endpoint: str | None = None,
        limit: int = 100,
        now: float,
    ) -> tuple[DeliveryRecord, ...]:
        with self._lock:
            entries = [
                replace(entry)
                for entry in self._entries.values()
                if state in (None, entry.state) and endpoint in (None, entry.message.endpoint)
            ]
        entries.sort(key=lambda entry: (entry.accepted_at, entry.message.id))
        return tuple(_record(entry, now) for entry in entries[:limit])

    async def body(self, id: str, /) -> bytes | None:
        entry = self._entries.get(id)
        return None if entry is None else entry.message.body

    async def counts(self, *, now: float) -> tuple[EndpointCounts, ...]:
        records = await self.records(limit=len(self._entries), now=now)
        keys = {record.endpoint for record in records} | set(self._disabled)
        return tuple(
            _counts(key, [record for record in records if record.endpoint == key], self._disabled)
            for key in sorted(keys)
        )

    async def purge(self, state: MessageState, /, *, before: float) -> int:
        with self._lock:
            old = [
                id
                for id, entry in self._entries.items()
                if entry.state == state != "pending" and entry.updated < before
            ]
            for id in old:
                del self._entries[id]
        return len(old)

    async def aclose(self) -> None:
        pass


def _record(entry: _Entry, now: float) -> DeliveryRecord:
    message = entry.message
    return DeliveryRecord(
        id=message.id,
        endpoint=message.endpoint,
        type=message.type,
        result_id=message.result_id,
        case_id=message.case_id,
        state=entry.state,
        attempts=entry.attempts,
        accepted_at=entry.accepted_at,
        due=entry.due,
        leased=bool(entry.token) and entry.due > now,
        reason=entry.reason,
        likely_permanent=entry.likely_permanent,
        size=len(message.body),
    )


def _counts(
    key: str, records: Sequence[DeliveryRecord], disabled: Mapping[str, str]
) -> EndpointCounts:
    def many(state: MessageState) -> int:
        return sum(record.state == state for record in records)

    return EndpointCounts(
        endpoint=key,
        pending=many("pending"),
        leased=sum(record.leased for record in records),
        delivered=many("delivered"),
        dead=many("dead"),
        oldest_pending=min(
            (record.accepted_at for record in records if record.state == "pending"), default=None
        ),
        disabled=disabled.get(key, ""),
    )
