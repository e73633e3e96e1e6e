"""The tables of an SQLite outbox, the statements on them, and what their rows are in Python."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from inspectiq._sqlite import FileFormat
from inspectiq.webhooks._messages import Message
from inspectiq.webhooks._outbox import DeliveryRecord, EndpointCounts, Lease, make_lease_token

FORM = FileFormat(
    application_id=b"inOB",
    version=1,
    # A rollback journal: SQLite before 3.51.3 can corrupt a file in WAL with two connections.
    pragmas=("journal_mode = TRUNCATE", "synchronous = FULL"),
    schema=(
        "CREATE TABLE messages (id TEXT PRIMARY KEY, endpoint TEXT NOT NULL, type TEXT NOT NULL,"
        " body BLOB NOT NULL, result_id TEXT NOT NULL, case_id TEXT NOT NULL, tags TEXT NOT NULL,"
        " accepted REAL NOT NULL)",
        # Apart from the bodies, which an update would write again.
        "CREATE TABLE deliveries (id TEXT PRIMARY KEY, endpoint TEXT NOT NULL,"
        " state TEXT NOT NULL DEFAULT 'pending', due REAL NOT NULL, token TEXT NOT NULL DEFAULT '',"
        " attempts INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',"
        " likely_permanent INTEGER NOT NULL DEFAULT 0, accepted REAL NOT NULL,"
        " updated REAL NOT NULL)",
        # The delivered pile up, so nothing that is asked often may look at each of them.
        "CREATE INDEX by_due ON deliveries (endpoint, state, due)",
        "CREATE INDEX by_age ON deliveries (endpoint, accepted) WHERE state = 'pending'",
        "CREATE INDEX by_end ON deliveries (state, updated) WHERE state <> 'pending'",
        "CREATE TABLE disabled (endpoint TEXT PRIMARY KEY, reason TEXT NOT NULL,"
        " since REAL NOT NULL)",
    ),
)
ADD_MESSAGE = "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
ADD_DELIVERY = (
    "INSERT INTO deliveries (id, endpoint, due, accepted, updated) VALUES (?, ?, ?, ?, ?)"
)
_DUE = (
    "SELECT m.id, m.type, m.body, m.result_id, m.case_id, m.tags, m.accepted, d.attempts"
    " FROM deliveries AS d JOIN messages AS m ON m.id = d.id"
    " WHERE d.endpoint = ? AND d.state = 'pending' AND d.due {} ? ORDER BY d.due LIMIT ?"
)
SELECT_DUE, SELECT_DUE_BEYOND = _DUE.format("<="), _DUE.format(">")
LEASE = "UPDATE deliveries SET token = ?, due = ? WHERE id = ?"
RELEASE = "UPDATE deliveries SET token = '', due = ? WHERE id = ? AND token = ?"
RECORD_OUTCOME = (
    "UPDATE deliveries SET state = ?, due = ?, token = '', attempts = attempts + 1, reason = ?,"
    " likely_permanent = ?, updated = ? WHERE id = ? AND token = ? AND state = 'pending'"
)
FIND_NEXT_DUE = (
    "SELECT min(due) FROM deliveries WHERE endpoint = ? AND state = 'pending'"
    " AND NOT EXISTS (SELECT 1 FROM disabled WHERE endpoint = ?)"
)
_REPLAY = (
    "UPDATE deliveries SET state = 'pending', attempts = 0, due = ?, reason = '',"
    " likely_permanent = 0 WHERE {} AND (? IS NULL OR endpoint = ?)"
)
REPLAY_DEAD = _REPLAY.format("state = 'dead'")
REPLAY_BY_ID = _REPLAY.format("id = ? AND state <> 'pending'")
LIST_DISABLED = "SELECT endpoint FROM disabled"
DISABLE = "INSERT OR REPLACE INTO disabled VALUES (?, ?, ?)"
ENABLE = "DELETE FROM disabled WHERE endpoint = ?"
UNPARK = "UPDATE deliveries SET due = ? WHERE endpoint = ? AND state = 'pending' AND token = ''"
SELECT_OLD = (
    "SELECT id FROM deliveries WHERE state = ? AND state <> 'pending' AND updated < ? LIMIT ?"
)
FORGET_MESSAGE = "DELETE FROM messages WHERE id = ?"
FORGET_DELIVERY = "DELETE FROM deliveries WHERE id = ?"
READ_BODY = "SELECT body FROM messages WHERE id = ?"
LIST_RECORDS = (
    "SELECT m.id, m.endpoint, m.type, m.result_id, m.case_id, d.state, d.attempts, m.accepted,"
    " d.due, d.token, d.reason, d.likely_permanent, length(m.body)"
    " FROM deliveries AS d JOIN messages AS m ON m.id = d.id"
    " WHERE (? IS NULL OR d.state = ?) AND (? IS NULL OR d.endpoint = ?)"
    " ORDER BY m.accepted, m.id LIMIT ?"
)
COUNT = (
    # The index gives the next endpoint after each, without a look at what is between.
    "WITH RECURSIVE known (key) AS (SELECT min(endpoint) FROM deliveries UNION ALL"
    " SELECT (SELECT min(endpoint) FROM deliveries WHERE endpoint > key) FROM known"
    " WHERE key IS NOT NULL),"
    " own (key) AS (SELECT key FROM known WHERE key IS NOT NULL"
    " UNION SELECT endpoint FROM disabled)"
    " SELECT key,"
    " (SELECT count(*) FROM deliveries WHERE endpoint = key AND state = 'pending'),"
    " (SELECT count(*) FROM deliveries WHERE endpoint = key AND state = 'pending'"
    " AND due > ? AND token <> ''),"
    " (SELECT count(*) FROM deliveries WHERE endpoint = key AND state = 'delivered'),"
    " (SELECT count(*) FROM deliveries WHERE endpoint = key AND state = 'dead'),"
    " (SELECT min(accepted) FROM deliveries WHERE endpoint = key AND state = 'pending'),"
    " coalesce((SELECT reason FROM disabled WHERE endpoint = key), '')"
    " FROM own ORDER BY key"
)


def to_message_row(message: Message, now: float) -> tuple[Any, ...]:
    """Makes the parameters of `ADD_MESSAGE`."""
    return (
        message.id,
        message.endpoint,
        message.type,
        message.body,
        message.result_id,
        message.case_id,
        json.dumps(dict(message.tags)),
        now,
    )


def to_lease(endpoint: str, row: Sequence[Any]) -> Lease:
    """Makes a new lease of a row of `SELECT_DUE`."""
    id, type, body, result_id, case_id, tags, accepted, attempts = row
    message = Message(
        id=id,
        endpoint=endpoint,
        type=type,
        body=bytes(body),
        result_id=result_id,
        case_id=case_id,
        tags=json.loads(tags),
    )
    return Lease(message=message, attempts=attempts, token=make_lease_token(), accepted_at=accepted)


def to_record(row: Sequence[Any], now: float) -> DeliveryRecord:
    """Makes a record of a row of `LIST_RECORDS`."""
    id, endpoint, type, result_id, case_id, state, attempts, accepted, due, token, *rest = row
    reason, likely_permanent, size = rest
    return DeliveryRecord(
        id=id,
        endpoint=endpoint,
        type=type,
        result_id=result_id,
        case_id=case_id,
        state=state,
        attempts=attempts,
        accepted_at=accepted,
        due=due,
        leased=bool(token) and state == "pending" and due > now,
        reason=reason,
        likely_permanent=bool(likely_permanent),
        size=size,
    )


def to_counts(row: Sequence[Any]) -> EndpointCounts:
    """Makes the counts of one endpoint of a row of `COUNT`."""
    endpoint, pending, leased, delivered, dead, oldest_pending, disabled = row
    return EndpointCounts(
        endpoint=endpoint,
        pending=pending,
        leased=leased,
        delivered=delivered,
        dead=dead,
        oldest_pending=oldest_pending,
        disabled=disabled,
    )
