"""An outbox in one SQLite file that the processes of one host share."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from inspectiq._sqlite import FileFormat, create, require_database
from inspectiq.errors import ConfigError
from inspectiq.webhooks._group_commit import GroupCommit, copy_database
from inspectiq.webhooks._messages import (
    AttemptOutcome,
    DeliveryRecord,
    EndpointCounts,
    Lease,
    Message,
    MessageState,
)
from inspectiq.webhooks._outbox import FURTHEST, make_lease_token

if TYPE_CHECKING:
    import sqlite3

__all__ = ["SQLiteOutbox"]

T = TypeVar("T")

PURGED = 500  # messages that are forgotten in one transaction


class SQLiteOutbox:
    """Keeps messages in one file that any number of processes, threads and loops share.

    What it says it has kept is on the disk: it uses a rollback journal and `synchronous=FULL`, and
    the operations that come in while one transaction is written share the next. The file is
    readable by its owner only; it survives `fork`, and belongs on a local disk, since SQLite's
    locks do not hold on network shares. It holds no secrets, but the bodies: reports with what
    people wrote.

    Args:
        path: Of the file, in a folder that exists.

    Raises:
        ConfigError: The file cannot be made there, or is something else.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path).absolute()
        self._files: dict[int, GroupCommit] = {}  # by process: a child must not touch its parent's
        if self._path.is_dir():
            raise ConfigError(f"the outbox {self._path.name} is a folder; give the path of a file")
        try:
            create(self._path)
            require_database(self._path, "outbox")
        except OSError as error:
            raise ConfigError(
                f"the outbox file {self._path.name} cannot be made ({error.strerror}); "
                "give outbox= or INSPECTIQ_OUTBOX a path in a folder that exists and may be "
                "written to"
            ) from error

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    async def add(self, messages: Sequence[Message], /, *, now: float) -> tuple[bool, ...]:
        rows = [
            (
                message.id,
                message.endpoint,
                message.type,
                message.body,
                message.result_id,
                message.case_id,
                json.dumps(dict(message.tags)),
                now,
            )
            for message in messages
        ]

        def work(db: sqlite3.Connection) -> tuple[bool, ...]:
            new = []
            for row in rows:
                new.append(db.execute(_ADD, row).rowcount == 1)
                if new[-1]:
                    db.execute(_ADD_DELIVERY, (row[0], row[1], now, now, now))
            return tuple(new)

        return await self._do(work)

    async def claim(
        self, wanted: Mapping[str, int], /, *, now: float, lease: float
    ) -> tuple[Lease, ...]:
        def work(db: sqlite3.Connection) -> tuple[Lease, ...]:
            disabled = {key for (key,) in db.execute("SELECT endpoint FROM disabled")}
            leases = []
            for endpoint, count in wanted.items():
                if endpoint in disabled or count <= 0:
                    continue
                rows = db.execute(_DUE, (endpoint, now, count)).fetchall()
                if len(rows) < count:
                    beyond = (endpoint, now + FURTHEST, count - len(rows))
                    rows += db.execute(_DUE_NEVER, beyond).fetchall()
                leases += [_lease(endpoint, row) for row in rows]
            db.executemany(
                "UPDATE deliveries SET token = ?, due = ? WHERE id = ?",
                [(one.token, now + lease, one.message.id) for one in leases],
            )
            return tuple(leases)

        return await self._do(work)

    async def record_outcome(self, lease: Lease, outcome: AttemptOutcome, /, *, now: float) -> bool:
        row = (
            outcome.state,
            outcome.due,
            outcome.reason,
            int(outcome.likely_permanent),
            now,
            lease.message.id,
            lease.token,
        )
        return await self._do(lambda db: db.execute(_SETTLE, row).rowcount == 1)

    async def release(self, leases: Iterable[Lease], /, *, now: float) -> None:
        rows = [(now, lease.message.id, lease.token) for lease in leases]
        sql = "UPDATE deliveries SET token = '', due = ? WHERE id = ? AND token = ?"
        await self._do(lambda db: db.executemany(sql, rows).rowcount)

    async def next_due(self, endpoints: Iterable[str], /) -> float | None:
        keys = list(endpoints)

        def work(db: sqlite3.Connection) -> float | None:
            found = [db.execute(_NEXT, (key, key)).fetchone()[0] for key in keys]
            return min((due for due in found if due is not None), default=None)

        return await self._do(work)

    async def replay(
        self, *, ids: Iterable[str] | None = None, endpoint: str | None = None, now: float
    ) -> int:
        chosen: list[tuple[Any, ...]]
        if ids is None:
            chosen, which = [(now, endpoint, endpoint)], "state = 'dead'"
        else:
            chosen = [(now, id, endpoint, endpoint) for id in ids]
            which = "id = ? AND state <> 'pending'"
        return await self._do(
            lambda db: max(0, db.executemany(_REPLAY.format(which), chosen).rowcount)
        )

    async def disable(self, endpoint: str, reason: str, /, *, now: float) -> None:
        sql, row = "INSERT OR REPLACE INTO disabled VALUES (?, ?, ?)", (endpoint, reason, now)
        await self._do(lambda db: db.execute(sql, row).rowcount)

    async def enable(self, endpoint: str, /, *, now: float) -> None:
        def work(db: sqlite3.Connection) -> None:
            if db.execute("DELETE FROM disabled WHERE endpoint = ?", (endpoint,)).rowcount:
                db.execute(_UNPARK, (now, endpoint))

        await self._do(work)

    async def records(
        self,
        *,
        state: MessageState | None = None,
        endpoint: str | None = None,
        limit: int = 100,
        now: float,
    ) -> tuple[DeliveryRecord, ...]:
        row = (state, state, endpoint, endpoint, limit)
        return await self._do(
            lambda db: tuple(_record(found, now) for found in db.execute(_RECORDS, row))
        )

    async def body(self, id: str, /) -> bytes | None:
        def work(db: sqlite3.Connection) -> bytes | None:
            row = db.execute("SELECT body FROM messages WHERE id = ?", (id,)).fetchone()
            return row and bytes(row[0])

        return await self._do(work)

    async def counts(self, *, now: float) -> tuple[EndpointCounts, ...]:
        return await self._do(
            lambda db: tuple(EndpointCounts(**_counted(row)) for row in db.execute(_COUNTS, (now,)))
        )

    async def purge(self, state: MessageState, /, *, before: float) -> int:
        def work(db: sqlite3.Connection) -> int:
            old = db.execute(_OLD, (state, before, PURGED)).fetchall()
            db.executemany("DELETE FROM messages WHERE id = ?", old)
            db.executemany("DELETE FROM deliveries WHERE id = ?", old)
            return len(old)

        forgotten = 0
        while count := await self._do(work):  # piece by piece, so that nobody waits for long
            forgotten += count
        return forgotten

    async def abackup(self, path: str | os.PathLike[str]) -> Path:
        """`backup`, in a thread."""
        return await asyncio.to_thread(self.backup, path)

    def backup(self, path: str | os.PathLike[str]) -> Path:
        """Copies all of it into a new file, while others go on working with it.

        What was accepted before the call is in the copy. What is leased in the copy becomes due
        when the lease is over, so what a restored copy sends may come twice, with the same id.

        Returns:
            The new file.

        Raises:
            ConfigError: There is such a file already, or it cannot be made.
            DeliveryError: The outbox cannot be read.
        """
        target = Path(path).absolute()
        try:
            target.touch(mode=0o600, exist_ok=False)
        except OSError as error:
            raise ConfigError(
                f"the backup {target.name} cannot be made ({error.strerror}); give the path of a "
                "new file"
            ) from error
        copy_database(self._path, target)
        return target

    async def aclose(self) -> None:
        """Writes what is under way and closes the file in this process."""
        file = self._files.pop(os.getpid(), None)
        if file is not None:
            await asyncio.shield(asyncio.wrap_future(file.close()))

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        future = None
        while future is None:  # who closes it meanwhile has put it away before
            future = self._file().submit(work)
        # Not cancelled with the caller: what was begun is finished, and the caller may look.
        return await asyncio.shield(asyncio.wrap_future(future))

    def _file(self) -> GroupCommit:
        own = os.getpid()
        file = self._files.get(own)
        # One call of `setdefault` is atomic, so two threads get the same.
        return file or self._files.setdefault(own, GroupCommit(self._path, _FORM))


_FORM = FileFormat(
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
_ADD = "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
_ADD_DELIVERY = (
    "INSERT INTO deliveries (id, endpoint, due, accepted, updated) VALUES (?, ?, ?, ?, ?)"
)
_SELECT_DUE = (
    "SELECT m.id, m.type, m.body, m.result_id, m.case_id, m.tags, m.accepted, d.attempts"
    " FROM deliveries AS d JOIN messages AS m ON m.id = d.id"
    " WHERE d.endpoint = ? AND d.state = 'pending' AND d.due {} ? ORDER BY d.due LIMIT ?"
)
_DUE, _DUE_NEVER = _SELECT_DUE.format("<="), _SELECT_DUE.format(">")
_SETTLE = (
    "UPDATE deliveries SET state = ?, due = ?, token = '', attempts = attempts + 1, reason = ?,"
    " likely_permanent = ?, updated = ? WHERE id = ? AND token = ? AND state = 'pending'"
)
_NEXT = (
    "SELECT min(due) FROM deliveries WHERE endpoint = ? AND state = 'pending'"
    " AND NOT EXISTS (SELECT 1 FROM disabled WHERE endpoint = ?)"
)
_REPLAY = (
    "UPDATE deliveries SET state = 'pending', attempts = 0, due = ?, reason = '',"
    " likely_permanent = 0 WHERE {} AND (? IS NULL OR endpoint = ?)"
)
_UNPARK = "UPDATE deliveries SET due = ? WHERE endpoint = ? AND state = 'pending' AND token = ''"
_OLD = "SELECT id FROM deliveries WHERE state = ? AND state <> 'pending' AND updated < ? LIMIT ?"
_RECORDS = (
    "SELECT m.id, m.endpoint, m.type, m.result_id, m.case_id, d.state, d.attempts, m.accepted,"
    " d.due, d.token, d.reason, d.likely_permanent, length(m.body)"
    " FROM deliveries AS d JOIN messages AS m ON m.id = d.id"
    " WHERE (? IS NULL OR d.state = ?) AND (? IS NULL OR d.endpoint = ?)"
    " ORDER BY m.accepted, m.id LIMIT ?"
)
_COUNTS = (
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


def _lease(endpoint: str, row: Sequence[Any]) -> Lease:
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


def _record(row: Sequence[Any], now: float) -> DeliveryRecord:
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


def _counted(row: Sequence[Any]) -> dict[str, Any]:
    names = ("endpoint", "pending", "leased", "delivered", "dead", "oldest_pending", "disabled")
    return dict(zip(names, row, strict=True))
