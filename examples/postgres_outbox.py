"""Keeps a result and its webhooks in one transaction of your own PostgreSQL, and delivers them.

Either both are there or neither is, whatever crashes in between. Any number of processes deliver
from the table; `FOR UPDATE SKIP LOCKED` gives each message to one of them.

It needs psycopg 3 (`pip install 'psycopg[binary]'`). DATABASE_URL names the database,
INSPECTION_WEBHOOK_URL and INSPECTIQ_WEBHOOK_SECRET the endpoint. The engine is the one that
INSPECTIQ_ENGINE names, such as openai:gpt-6-luna; else the offline one.

    python examples/postgres_outbox.py photos/ out/
"""

import asyncio
import json
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import class_row

from inspectiq import DeliveryError, InspectionAgent, WebhookNotifier
from inspectiq.webhooks import AttemptOutcome, DeliveryRecord, EndpointCounts, Lease, Message

SCHEMA = """
CREATE TABLE IF NOT EXISTS webhooks (
    id text PRIMARY KEY,
    endpoint text NOT NULL,
    type text NOT NULL,
    body bytea NOT NULL,
    result_id text NOT NULL,
    case_id text NOT NULL,
    tags text NOT NULL,
    accepted_at double precision NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    due double precision NOT NULL,
    token text NOT NULL DEFAULT '',
    attempts integer NOT NULL DEFAULT 0,
    reason text NOT NULL DEFAULT '',
    likely_permanent boolean NOT NULL DEFAULT false,
    updated double precision NOT NULL
);
CREATE INDEX IF NOT EXISTS webhooks_due ON webhooks (endpoint, state, due);
CREATE TABLE IF NOT EXISTS webhooks_disabled (endpoint text PRIMARY KEY, reason text NOT NULL);
CREATE TABLE IF NOT EXISTS inspections (id text PRIMARY KEY, result jsonb NOT NULL);
"""

FURTHEST = 172_800.0  # seconds; what is due later was put off by a clock that was wrong

Connection = AsyncConnection[Any]
Connect = Callable[[], AbstractAsyncContextManager[Connection]]


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """A transaction on a connection of its own. With psycopg_pool, give `pool.connection`."""
    async with await AsyncConnection.connect(url) as connection:
        yield connection


async def insert(
    connection: Connection, messages: Sequence[Message], now: float | None = None
) -> tuple[bool, ...]:
    """Keeps messages within the transaction that the connection is in; for each, whether it is new.

    After the commit, `notifier.start()` has them delivered at once.
    """
    at = time.time() if now is None else now
    new = [False] * len(messages)
    # In one order, so that two transactions with the same messages do not wait for each other.
    for place, message in sorted(enumerate(messages), key=lambda one: one[1].id):
        row = {
            "id": message.id,
            "endpoint": message.endpoint,
            "type": message.type,
            "body": message.body,
            "result_id": message.result_id,
            "case_id": message.case_id,
            "tags": json.dumps(dict(message.tags)),
            "now": at,
        }
        new[place] = (await connection.execute(ADD, row)).rowcount == 1
    return tuple(new)


@dataclass(frozen=True)
class PostgresOutbox:
    """An outbox in PostgreSQL, for `WebhookNotifier(outbox=...)`. It keeps no connection itself."""

    connect: Connect

    async def create_tables(self) -> None:
        async with self.transaction() as connection:
            await connection.execute(SCHEMA)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Ends with a commit, or undoes all of it and raises a `DeliveryError`."""
        try:
            async with self.connect() as connection:
                yield connection
        except (psycopg.Error, UnicodeError) as error:
            raise DeliveryError(
                f"the outbox in PostgreSQL failed with {type(error).__name__}; see the server's "
                "log and call again",
                reason="database",
            ) from error

    async def add(self, messages: Sequence[Message], /, *, now: float) -> tuple[bool, ...]:
        async with self.transaction() as connection:
            return await insert(connection, messages, now)

    async def claim(
        self, wanted: Mapping[str, int], /, *, now: float, lease: float
    ) -> tuple[Lease, ...]:
        leases: list[Lease] = []
        async with self.transaction() as connection:
            for endpoint, count in wanted.items():
                row = {
                    "endpoint": endpoint,
                    "count": count,
                    "now": now,
                    "furthest": now + FURTHEST,
                    "until": now + lease,
                    "token": secrets.token_hex(8),
                }
                found = await (await connection.execute(CLAIM, row)).fetchall()
                leases += [leased(one) for one in sorted(found, key=lambda one: float(one[0]))]
        return tuple(leases)

    async def record_outcome(self, lease: Lease, outcome: AttemptOutcome, /, *, now: float) -> bool:
        row = {
            "state": outcome.state,
            "due": outcome.due,
            "reason": outcome.reason,
            "likely_permanent": outcome.likely_permanent,
            "now": now,
            "id": lease.message.id,
            "token": lease.token,
        }
        return await self.changed(SETTLE, row) == 1

    async def release(self, leases: Iterable[Lease], /, *, now: float) -> None:
        async with self.transaction() as connection:
            for lease in leases:
                row = {"now": now, "id": lease.message.id, "token": lease.token}
                await connection.execute(RELEASE, row)

    async def find_next_due(self, endpoints: Iterable[str], /) -> float | None:
        async with self.transaction() as connection:
            row = await (await connection.execute(NEXT, [list(endpoints)])).fetchone()
        return None if row is None else row[0]

    async def replay(
        self, *, ids: Iterable[str] | None = None, endpoint: str | None = None, now: float
    ) -> int:
        named = None if ids is None else list(ids)
        return await self.changed(REPLAY, {"ids": named, "endpoint": endpoint, "now": now})

    async def disable(self, endpoint: str, reason: str, /, *, now: float) -> None:
        await self.changed(DISABLE, {"endpoint": endpoint, "reason": reason})

    async def enable(self, endpoint: str, /, *, now: float) -> None:
        await self.changed(ENABLE, {"endpoint": endpoint, "now": now})

    async def list_records(
        self,
        *,
        state: Literal["pending", "delivered", "dead"] | None = None,
        endpoint: str | None = None,
        limit: int = 100,
        now: float,
    ) -> tuple[DeliveryRecord, ...]:
        row = {"state": state, "endpoint": endpoint, "limit": limit, "now": now}
        async with self.transaction() as connection:
            cursor = connection.cursor(row_factory=class_row(DeliveryRecord))
            return tuple(await (await cursor.execute(RECORDS, row)).fetchall())

    async def read_body(self, id: str, /) -> bytes | None:
        async with self.transaction() as connection:
            row = await (
                await connection.execute("SELECT body FROM webhooks WHERE id = %s", [id])
            ).fetchone()
        return None if row is None else bytes(row[0])

    async def count(self, *, now: float) -> tuple[EndpointCounts, ...]:
        async with self.transaction() as connection:
            cursor = connection.cursor(row_factory=class_row(EndpointCounts))
            return tuple(await (await cursor.execute(COUNTS, {"now": now})).fetchall())

    async def purge(
        self, state: Literal["pending", "delivered", "dead"], /, *, before: float
    ) -> int:
        return await self.changed(PURGE, {"state": state, "before": before})

    async def aclose(self) -> None:
        """Nothing is open between calls."""

    async def changed(self, statement: str, row: Mapping[str, Any]) -> int:
        async with self.transaction() as connection:
            return (await connection.execute(statement.encode(), row)).rowcount


def leased(row: Sequence[Any]) -> Lease:
    id, endpoint, type, body, result_id, case_id, tags, accepted_at, attempts, token = row[1:]
    message = Message(
        id=id,
        endpoint=endpoint,
        type=type,
        body=bytes(body),
        result_id=result_id,
        case_id=case_id,
        tags=json.loads(tags),
    )
    return Lease(message=message, attempts=attempts, token=token, accepted_at=accepted_at)


ADD = """
INSERT INTO webhooks
    (id, endpoint, type, body, result_id, case_id, tags, accepted_at, due, updated)
VALUES
    (%(id)s, %(endpoint)s, %(type)s, %(body)s, %(result_id)s, %(case_id)s, %(tags)s,
     %(now)s, %(now)s, %(now)s)
ON CONFLICT (id) DO NOTHING
"""
CLAIM = """
WITH chosen AS (
    SELECT id, due FROM webhooks
    WHERE endpoint = %(endpoint)s AND state = 'pending'
        AND (due <= %(now)s OR due > %(furthest)s)
        AND NOT EXISTS (SELECT 1 FROM webhooks_disabled WHERE endpoint = %(endpoint)s)
    ORDER BY due
    LIMIT greatest(%(count)s, 0)
    FOR UPDATE SKIP LOCKED
)
UPDATE webhooks AS w SET token = %(token)s || '-' || w.id, due = %(until)s
FROM chosen WHERE w.id = chosen.id
RETURNING chosen.due, w.id, w.endpoint, w.type, w.body, w.result_id, w.case_id, w.tags,
    w.accepted_at, w.attempts, w.token
"""
SETTLE = """
UPDATE webhooks SET state = %(state)s, due = %(due)s, token = '', attempts = attempts + 1,
    reason = %(reason)s, likely_permanent = %(likely_permanent)s, updated = %(now)s
WHERE id = %(id)s AND token = %(token)s AND state = 'pending'
"""
RELEASE = "UPDATE webhooks SET token = '', due = %(now)s WHERE id = %(id)s AND token = %(token)s"
NEXT = """
SELECT min(due) FROM webhooks WHERE endpoint = ANY(%s) AND state = 'pending'
    AND endpoint NOT IN (SELECT endpoint FROM webhooks_disabled)
"""
REPLAY = """
UPDATE webhooks SET state = 'pending', attempts = 0, due = %(now)s, reason = '',
    likely_permanent = false
WHERE CASE WHEN %(ids)s::text[] IS NULL THEN state = 'dead'
        ELSE state <> 'pending' AND id = ANY(%(ids)s) END
    AND (%(endpoint)s::text IS NULL OR endpoint = %(endpoint)s)
"""
DISABLE = """
INSERT INTO webhooks_disabled VALUES (%(endpoint)s, %(reason)s)
ON CONFLICT (endpoint) DO UPDATE SET reason = excluded.reason
"""
ENABLE = """
WITH enabled AS (DELETE FROM webhooks_disabled WHERE endpoint = %(endpoint)s RETURNING endpoint)
UPDATE webhooks SET due = %(now)s FROM enabled
WHERE webhooks.endpoint = enabled.endpoint AND state = 'pending' AND token = ''
"""
RECORDS = """
SELECT id, endpoint, type, result_id, case_id, state, attempts, accepted_at, due,
    token <> '' AND due > %(now)s AS leased, reason, likely_permanent, length(body) AS size
FROM webhooks
WHERE (%(state)s::text IS NULL OR state = %(state)s)
    AND (%(endpoint)s::text IS NULL OR endpoint = %(endpoint)s)
ORDER BY accepted_at, id COLLATE "C" LIMIT %(limit)s
"""
COUNTS = """
SELECT endpoint,
    count(*) FILTER (WHERE state = 'pending') AS pending,
    count(*) FILTER (WHERE state = 'pending' AND token <> '' AND due > %(now)s) AS leased,
    count(*) FILTER (WHERE state = 'delivered') AS delivered,
    count(*) FILTER (WHERE state = 'dead') AS dead,
    min(accepted_at) FILTER (WHERE state = 'pending') AS oldest_pending,
    coalesce(max(d.reason), '') AS disabled
FROM webhooks AS w FULL JOIN webhooks_disabled AS d USING (endpoint)
GROUP BY endpoint ORDER BY endpoint COLLATE "C"
"""
PURGE = """
DELETE FROM webhooks WHERE state = %(state)s AND state <> 'pending' AND updated < %(before)s
"""


async def inspect(photos: Path, out: Path, url: str) -> None:
    outbox = PostgresOutbox(partial(connected, url))
    await outbox.create_tables()
    agent = InspectionAgent(os.environ.get("INSPECTIQ_ENGINE") or "offline")
    async with agent, WebhookNotifier(outbox=outbox, background=False) as notifier:
        inspection = await agent.ainspect(photos)
        async with connected(url) as connection:  # your transaction
            await connection.execute(
                "INSERT INTO inspections VALUES (%s, %s)",
                [inspection.id, inspection.model_dump_json()],
            )
            await insert(connection, notifier.messages(inspection))
        done = await notifier.adeliver_due()  # or notifier.start(), and another process
        print(f"{inspection.id}: {done.delivered} webhooks were delivered")
    (out / "inspection.json").write_text(inspection.model_dump_json(), encoding="utf-8")


def main(photos: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    asyncio.run(inspect(photos, out, os.environ["DATABASE_URL"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
