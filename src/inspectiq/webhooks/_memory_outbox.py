"""An outbox in memory, for tests and for webhooks that may be lost when the process ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from inspectiq._fork import ForkLock
from inspectiq.webhooks._messages import Message
from inspectiq.webhooks._outbox import (
    FURTHEST,
    AttemptOutcome,
    DeliveryRecord,
    EndpointCounts,
    Lease,
    MessageState,
    make_lease_token,
)

__all__ = ["MemoryOutbox"]


class MemoryOutbox:
    """Keeps messages in memory, for tests and for webhooks that may be lost."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._disabled: dict[str, str] = {}
        self._lock = ForkLock()

    async def add(self, messages: Sequence[Message], /, *, now: float) -> tuple[bool, ...]:
        """Stores messages; tells for each whether it is new."""
        with self._lock:
            return tuple(
                self._entries.setdefault(message.id, entry) is entry
                for message in messages
                for entry in (_Entry(message, now, now, now),)
            )

    async def claim(
        self, wanted: Mapping[str, int], /, *, now: float, lease: float
    ) -> tuple[Lease, ...]:
        """Leases messages that are due, the longest due first."""
        left = Counter({key: n for key, n in wanted.items() if key not in self._disabled})
        leases = []
        with self._lock:
            for entry in sorted(self._entries.values(), key=lambda entry: entry.due):
                endpoint = entry.message.endpoint
                if entry.is_due(now) and left[endpoint] > 0:
                    left[endpoint] -= 1
                    leases.append(entry.lease_until(now + lease))
        return tuple(leases)

    async def record_outcome(self, lease: Lease, outcome: AttemptOutcome, /, *, now: float) -> bool:
        """Records the outcome of an attempt; False if the lease was lost."""
        with self._lock:
            entry = self._find_held(lease)
            if entry is None:
                return False
            entry.state, entry.due, entry.token = outcome.state, outcome.due, ""
            entry.reason = outcome.reason
            entry.likely_permanent = outcome.likely_permanent
            entry.attempts += 1
            entry.updated = now
            return True

    async def release(self, leases: Iterable[Lease], /, *, now: float) -> None:
        """Gives back leases whose messages were not attempted."""
        with self._lock:
            for lease in leases:
                entry = self._find_held(lease)
                if entry is not None:
                    entry.due, entry.token = now, ""

    async def find_next_due(self, endpoints: Iterable[str], /) -> float | None:
        """Tells when the next pending message of these endpoints is due."""
        with self._lock:
            pending = self._select("pending", set(endpoints) - set(self._disabled))
            return min((entry.due for entry in pending), default=None)

    async def replay(
        self, *, ids: Iterable[str] | None = None, endpoint: str | None = None, now: float
    ) -> int:
        """Makes dead letters due again; returns how many."""
        endpoints = None if endpoint is None else {endpoint}
        with self._lock:
            if ids is None:
                chosen = self._select("dead", endpoints)
            else:
                named = set(ids)
                chosen = [
                    entry
                    for entry in self._select(None, endpoints)
                    if entry.message.id in named and entry.state != "pending"
                ]
            for entry in chosen:
                entry.state, entry.attempts, entry.due = "pending", 0, now
                entry.reason, entry.likely_permanent = "", False
        return len(chosen)

    async def disable(self, endpoint: str, reason: str, /, *, now: float) -> None:
        """Parks the messages of an endpoint."""
        with self._lock:
            self._disabled[endpoint] = reason

    async def enable(self, endpoint: str, /, *, now: float) -> None:
        """Enables an endpoint again; its parked messages are due at once."""
        with self._lock:
            if self._disabled.pop(endpoint, None) is None:
                return
            for entry in self._select("pending", {endpoint}):
                if not entry.token:
                    entry.due = now

    async def list_records(
        self,
        *,
        state: MessageState | None = None,
        endpoint: str | None = None,
        limit: int = 100,
        now: float,
    ) -> tuple[DeliveryRecord, ...]:
        """Lists messages and their states, the oldest first."""
        with self._lock:
            chosen = self._select(state, None if endpoint is None else {endpoint})
            records = [entry.to_record(now) for entry in chosen]
        records.sort(key=lambda record: (record.accepted_at, record.id))
        return tuple(records[:limit])

    async def read_body(self, id: str, /) -> bytes | None:
        """Returns the body of a message; None if there is none of this id."""
        entry = self._entries.get(id)
        return None if entry is None else entry.message.body

    async def count(self, *, now: float) -> tuple[EndpointCounts, ...]:
        """Counts messages by endpoint and state."""
        records = await self.list_records(limit=len(self._entries), now=now)
        keys = {record.endpoint for record in records} | set(self._disabled)
        return tuple(
            _count_endpoint(
                key,
                [record for record in records if record.endpoint == key],
                self._disabled.get(key, ""),
            )
            for key in sorted(keys)
        )

    async def purge(self, state: MessageState, /, *, before: float) -> int:
        """Deletes messages that were delivered or given up before a time; returns how many."""
        if state == "pending":
            return 0
        with self._lock:
            old = [entry for entry in self._select(state, None) if entry.updated < before]
            for entry in old:
                del self._entries[entry.message.id]
        return len(old)

    async def aclose(self) -> None:
        """Closes what this process has open."""

    def _find_held(self, lease: Lease) -> _Entry | None:
        entry = self._entries.get(lease.message.id)
        return entry if entry is not None and entry.token == lease.token else None

    def _select(self, state: MessageState | None, endpoints: set[str] | None) -> list[_Entry]:
        """Selects messages by state and endpoint; None for all."""
        return [
            entry
            for entry in self._entries.values()
            if state in (None, entry.state)
            and (endpoints is None or entry.message.endpoint in endpoints)
        ]


@dataclass(slots=True)
class _Entry:
    """A message and how far it has come."""

    message: Message
    accepted_at: float
    due: float
    updated: float
    state: MessageState = "pending"
    attempts: int = 0
    token: str = ""
    reason: str = ""
    likely_permanent: bool = False

    def is_due(self, now: float) -> bool:
        return self.state == "pending" and not now < self.due <= now + FURTHEST

    def lease_until(self, end: float) -> Lease:
        """Gives a new lease, which ends any earlier one."""
        self.token, self.due = make_lease_token(), end
        return Lease(
            message=self.message,
            attempts=self.attempts,
            token=self.token,
            accepted_at=self.accepted_at,
        )

    def to_record(self, now: float) -> DeliveryRecord:
        message = self.message
        return DeliveryRecord(
            id=message.id,
            endpoint=message.endpoint,
            type=message.type,
            result_id=message.result_id,
            case_id=message.case_id,
            state=self.state,
            attempts=self.attempts,
            accepted_at=self.accepted_at,
            due=self.due,
            leased=bool(self.token) and self.due > now,
            reason=self.reason,
            likely_permanent=self.likely_permanent,
            size=len(message.body),
        )


def _count_endpoint(
    endpoint: str, records: Sequence[DeliveryRecord], disabled: str
) -> EndpointCounts:
    by_state = Counter(record.state for record in records)
    accepted = [record.accepted_at for record in records if record.state == "pending"]
    return EndpointCounts(
        endpoint=endpoint,
        pending=by_state["pending"],
        leased=sum(record.leased for record in records),
        delivered=by_state["delivered"],
        dead=by_state["dead"],
        oldest_pending=min(accepted, default=None),
        disabled=disabled,
    )
