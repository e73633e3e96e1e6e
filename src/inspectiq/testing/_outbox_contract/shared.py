"""Makes messages, claims and a moment in time for the tests of an outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from inspectiq.webhooks._messages import Message
from inspectiq.webhooks._outbox import AttemptOutcome, DeliveryRecord, Lease, Outbox

T = TypeVar("T")

NOW = 1_800_000_000.0
LEASE = 60.0
YEAR = 365 * 86_400.0
MANY = 1000

DEAD = AttemptOutcome.dead("http_413", likely_permanent=True)
OUTCOMES = (AttemptOutcome.delivered(), AttemptOutcome.retry(NOW + 9, "http_500"), DEAD)


def make_message(name: object, endpoint: str = "crm", body: bytes | None = None) -> Message:
    return Message(
        id=f"msg_{name}",
        endpoint=endpoint,
        type="inspection.completed",
        body=f'{{"n": "{name}"}}'.encode() if body is None else body,
        result_id=f"result-{name}",
        case_id=f"case-{name}",
        tags={"n": str(name)},
    )


async def claim_due(outbox: Outbox, now: float = NOW) -> list[Lease]:
    """Claims all that is due for the endpoint `crm`."""
    return list(await outbox.claim({"crm": MANY}, now=now, lease=LEASE))


async def get_only_record(outbox: Outbox, now: float = NOW) -> DeliveryRecord:
    (told,) = await outbox.list_records(now=now)
    return told


def list_ids(records: Sequence[DeliveryRecord]) -> list[str]:
    return [record.id for record in records]


def assert_all_different(leases: Sequence[Lease]) -> None:
    assert len(leases) == 100
    assert len({lease.message.id for lease in leases}) == 100
    assert len({lease.token for lease in leases}) == 100


def run(operation: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(operation)
