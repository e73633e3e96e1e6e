"""The statements of `PostgresOutbox`, and how their rows are messages. Times are epoch seconds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from inspectiq.webhooks._messages import Message
from inspectiq.webhooks._outbox import Lease

__all__ = [
    "ADD",
    "BODY",
    "CLAIM",
    "COUNTS",
    "DISABLE",
    "ENABLE",
    "NEXT",
    "PURGE",
    "RECORDS",
    "RELEASE",
    "REPLAY",
    "SCHEMA",
    "SETTLE",
    "get_due",
    "to_lease",
    "to_rows",
]

# Only what waits is in the index, so that what was delivered long ago costs a claim nothing.
SCHEMA = """
CREATE TABLE IF NOT EXISTS inspectiq_webhooks (
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
CREATE INDEX IF NOT EXISTS inspectiq_webhooks_due
    ON inspectiq_webhooks (endpoint, due) WHERE state = 'pending';
CREATE TABLE IF NOT EXISTS inspectiq_webhooks_disabled (
    endpoint text PRIMARY KEY,
    reason text NOT NULL
);
"""

ADD = b"""
INSERT INTO inspectiq_webhooks
    (id, endpoint, type, body, result_id, case_id, tags, accepted_at, due, updated)
VALUES
    (%(id)s, %(endpoint)s, %(type)s, %(body)s, %(result_id)s, %(case_id)s, %(tags)s,
     %(now)s, %(now)s, %(now)s)
ON CONFLICT (id) DO NOTHING
"""
CLAIM = b"""
WITH chosen AS (
    SELECT id, due FROM inspectiq_webhooks
    WHERE endpoint = %(endpoint)s AND state = 'pending'
        AND (due <= %(now)s OR due > %(furthest)s)
        AND NOT EXISTS (SELECT 1 FROM inspectiq_webhooks_disabled WHERE endpoint = %(endpoint)s)
    ORDER BY due
    LIMIT greatest(%(count)s, 0)
    FOR UPDATE SKIP LOCKED
)
UPDATE inspectiq_webhooks AS w SET token = %(token)s || '-' || w.id, due = %(until)s
FROM chosen WHERE w.id = chosen.id
RETURNING chosen.due, w.id, w.endpoint, w.type, w.body, w.result_id, w.case_id, w.tags,
    w.accepted_at, w.attempts, w.token
"""
SETTLE = b"""
UPDATE inspectiq_webhooks SET state = %(state)s, due = %(due)s, token = '',
    attempts = attempts + 1, reason = %(reason)s, likely_permanent = %(likely_permanent)s,
    updated = %(now)s
WHERE id = %(id)s AND token = %(token)s AND state = 'pending'
"""
RELEASE = b"""
UPDATE inspectiq_webhooks SET token = '', due = %(now)s WHERE id = %(id)s AND token = %(token)s
"""
NEXT = b"""
SELECT min(due) FROM inspectiq_webhooks WHERE endpoint = ANY(%(endpoints)s) AND state = 'pending'
    AND endpoint NOT IN (SELECT endpoint FROM inspectiq_webhooks_disabled)
"""
REPLAY = b"""
UPDATE inspectiq_webhooks SET state = 'pending', attempts = 0, due = %(now)s, reason = '',
    likely_permanent = false
WHERE CASE WHEN %(ids)s::text[] IS NULL THEN state = 'dead'
        ELSE state <> 'pending' AND id = ANY(%(ids)s) END
    AND (%(endpoint)s::text IS NULL OR endpoint = %(endpoint)s)
"""
DISABLE = b"""
INSERT INTO inspectiq_webhooks_disabled VALUES (%(endpoint)s, %(reason)s)
ON CONFLICT (endpoint) DO UPDATE SET reason = excluded.reason
"""
ENABLE = b"""
WITH enabled AS (
    DELETE FROM inspectiq_webhooks_disabled WHERE endpoint = %(endpoint)s RETURNING endpoint
)
UPDATE inspectiq_webhooks AS w SET due = %(now)s FROM enabled
WHERE w.endpoint = enabled.endpoint AND state = 'pending' AND token = ''
"""
BODY = b"SELECT body FROM inspectiq_webhooks WHERE id = %(id)s"
PURGE = b"""
DELETE FROM inspectiq_webhooks
WHERE state = %(state)s AND state <> 'pending' AND updated < %(before)s
"""

RECORDS = b"""
SELECT id, endpoint, type, result_id, case_id, state, attempts, accepted_at, due,
    token <> '' AND due > %(now)s AS leased, reason, likely_permanent, length(body) AS size
FROM inspectiq_webhooks
WHERE (%(state)s::text IS NULL OR state = %(state)s)
    AND (%(endpoint)s::text IS NULL OR endpoint = %(endpoint)s)
ORDER BY accepted_at, id COLLATE "C" LIMIT %(limit)s
"""
COUNTS = b"""
SELECT endpoint,
    count(*) FILTER (WHERE state = 'pending') AS pending,
    count(*) FILTER (WHERE state = 'pending' AND token <> '' AND due > %(now)s) AS leased,
    count(*) FILTER (WHERE state = 'delivered') AS delivered,
    count(*) FILTER (WHERE state = 'dead') AS dead,
    min(accepted_at) FILTER (WHERE state = 'pending') AS oldest_pending,
    coalesce(max(d.reason), '') AS disabled
FROM inspectiq_webhooks AS w FULL JOIN inspectiq_webhooks_disabled AS d USING (endpoint)
GROUP BY endpoint ORDER BY endpoint COLLATE "C"
"""


def to_rows(messages: Sequence[Message], now: float) -> Iterator[tuple[int, dict[str, Any]]]:
    """Makes a row of each message, with its position.

    They come in one order, so that two transactions with the same messages never wait for each
    other.
    """
    for place, message in sorted(enumerate(messages), key=lambda one: one[1].id):
        yield (
            place,
            {
                "id": message.id,
                "endpoint": message.endpoint,
                "type": message.type,
                "body": message.body,
                "result_id": message.result_id,
                "case_id": message.case_id,
                "tags": json.dumps(dict(message.tags)),
                "now": now,
            },
        )


def to_lease(row: Sequence[Any]) -> Lease:
    """Makes a lease of a row that `CLAIM` returned."""
    _, id, endpoint, type_, body, result_id, case_id, tags, accepted_at, attempts, token = row
    message = Message(
        id=id,
        endpoint=endpoint,
        type=type_,
        body=bytes(body),
        result_id=result_id,
        case_id=case_id,
        tags=json.loads(tags),
    )
    return Lease(message=message, attempts=attempts, token=token, accepted_at=accepted_at)


def get_due(row: Sequence[Any]) -> float:
    """Returns when the message of a row that `CLAIM` returned was due."""
    return float(row[0])
