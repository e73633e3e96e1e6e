"""An outbox in one SQLite file that the processes of one host share."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from inspectiq._files import to_path
from inspectiq._settings import Settings
from inspectiq._sqlite import create, require_database
from inspectiq._tracebacks import hide_locals
from inspectiq.errors import ConfigError
from inspectiq.webhooks import _sqlite_statements as sql
from inspectiq.webhooks._group_commit import GroupCommit, copy_database
from inspectiq.webhooks._messages import Message
from inspectiq.webhooks._outbox import (
    FURTHEST,
    AttemptOutcome,
    DeliveryRecord,
    EndpointCounts,
    Lease,
    MessageState,
    Outbox,
)

if TYPE_CHECKING:
    import sqlite3

__all__ = ["DEFAULT_OUTBOX", "SQLiteOutbox", "resolve_outbox"]

T = TypeVar("T")

DEFAULT_OUTBOX = "inspectiq-outbox.sqlite"  # in the working directory
PURGED = 500  # messages that are forgotten in one transaction


@hide_locals
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
        self._path = to_path(path, "outbox").absolute()
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
        """Stores messages; tells for each whether it is new."""
        rows = [sql.to_message_row(message, now) for message in messages]

        def work(db: sqlite3.Connection) -> tuple[bool, ...]:
            new = []
            for row in rows:
                new.append(db.execute(sql.ADD_MESSAGE, row).rowcount == 1)
                if new[-1]:
                    db.execute(sql.ADD_DELIVERY, (row[0], row[1], now, now, now))
            return tuple(new)

        return await self._do(work)

    async def claim(
        self, wanted: Mapping[str, int], /, *, now: float, lease: float
    ) -> tuple[Lease, ...]:
        """Leases messages that are due, the longest due first."""

        def work(db: sqlite3.Connection) -> tuple[Lease, ...]:
            disabled = {key for (key,) in db.execute(sql.LIST_DISABLED)}
            leases = []
            for endpoint, count in wanted.items():
                if endpoint in disabled or count <= 0:
                    continue
                rows = db.execute(sql.SELECT_DUE, (endpoint, now, count)).fetchall()
                if len(rows) < count:
                    beyond = (endpoint, now + FURTHEST, count - len(rows))
                    rows += db.execute(sql.SELECT_DUE_BEYOND, beyond).fetchall()
                leases += [sql.to_lease(endpoint, row) for row in rows]
            db.executemany(sql.LEASE, [(one.token, now + lease, one.message.id) for one in leases])
            return tuple(leases)

        return await self._do(work)

    async def record_outcome(self, lease: Lease, outcome: AttemptOutcome, /, *, now: float) -> bool:
        """Records the outcome of an attempt; False if the lease was lost."""
        row = (
            outcome.state,
            outcome.due,
            outcome.reason,
            int(outcome.likely_permanent),
            now,
            lease.message.id,
            lease.token,
        )
        return await self._do(lambda db: db.execute(sql.RECORD_OUTCOME, row).rowcount == 1)

    async def release(self, leases: Iterable[Lease], /, *, now: float) -> None:
        """Gives back leases whose messages were not attempted."""
        rows = [(now, lease.message.id, lease.token) for lease in leases]
        await self._do(lambda db: db.executemany(sql.RELEASE, rows).rowcount)

    async def find_next_due(self, endpoints: Iterable[str], /) -> float | None:
        """Tells when the next pending message of these endpoints is due."""
        keys = list(endpoints)

        def work(db: sqlite3.Connection) -> float | None:
            found = [db.execute(sql.FIND_NEXT_DUE, (key, key)).fetchone()[0] for key in keys]
            return min((due for due in found if due is not None), default=None)

        return await self._do(work)

    async def replay(
        self, *, ids: Iterable[str] | None = None, endpoint: str | None = None, now: float
    ) -> int:
        """Makes dead letters due again; returns how many."""
        rows: list[tuple[Any, ...]] = [(now, endpoint, endpoint)]
        statement = sql.REPLAY_DEAD
        if ids is not None:
            rows = [(now, id, endpoint, endpoint) for id in ids]
            statement = sql.REPLAY_BY_ID
        return await self._do(lambda db: max(0, db.executemany(statement, rows).rowcount))

    async def disable(self, endpoint: str, reason: str, /, *, now: float) -> None:
        """Parks the messages of an endpoint."""
        row = (endpoint, reason, now)
        await self._do(lambda db: db.execute(sql.DISABLE, row).rowcount)

    async def enable(self, endpoint: str, /, *, now: float) -> None:
        """Enables an endpoint again; its parked messages are due at once."""

        def work(db: sqlite3.Connection) -> None:
            if db.execute(sql.ENABLE, (endpoint,)).rowcount:
                db.execute(sql.UNPARK, (now, endpoint))

        await self._do(work)

    async def list_records(
        self,
        *,
        state: MessageState | None = None,
        endpoint: str | None = None,
        limit: int = 100,
        now: float,
    ) -> tuple[DeliveryRecord, ...]:
        """Lists messages and their states, the oldest first."""
        row = (state, state, endpoint, endpoint, limit)
        return await self._do(
            lambda db: tuple(
                sql.to_record(found, now) for found in db.execute(sql.LIST_RECORDS, row)
            )
        )

    async def read_body(self, id: str, /) -> bytes | None:
        """Returns the body of a message; None if there is none of this id."""

        def work(db: sqlite3.Connection) -> bytes | None:
            row = db.execute(sql.READ_BODY, (id,)).fetchone()
            return row and bytes(row[0])

        return await self._do(work)

    async def count(self, *, now: float) -> tuple[EndpointCounts, ...]:
        """Counts messages by endpoint and state."""
        return await self._do(lambda db: tuple(map(sql.to_counts, db.execute(sql.COUNT, (now,)))))

    async def purge(self, state: MessageState, /, *, before: float) -> int:
        """Deletes messages that were delivered or given up before a time; returns how many."""

        def work(db: sqlite3.Connection) -> int:
            old = db.execute(sql.SELECT_OLD, (state, before, PURGED)).fetchall()
            db.executemany(sql.FORGET_MESSAGE, old)
            db.executemany(sql.FORGET_DELIVERY, old)
            return len(old)

        forgotten = 0
        while count := await self._do(work):  # piece by piece, so that nobody waits for long
            forgotten += count
        return forgotten

    async def abackup(self, path: str | os.PathLike[str]) -> Path:
        """Copies the outbox into a new file, in a thread; see `backup`."""
        return await asyncio.to_thread(self.backup, path)

    def backup(self, path: str | os.PathLike[str]) -> Path:
        """Copies the outbox into a new file, while others go on working with it.

        What was accepted before the call is in the copy. What is leased in the copy becomes due
        when the lease is over, so what a restored copy sends may come twice, with the same id.

        Returns:
            The new file.

        Raises:
            ConfigError: There is such a file already, or it cannot be made.
            DeliveryError: The outbox cannot be read.
        """
        target = to_path(path, "backup").absolute()
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
        """Finishes writes under way, then closes the SQLite file; the next use opens it again."""
        file = self._files.pop(os.getpid(), None)
        if file is not None:
            await asyncio.shield(asyncio.wrap_future(file.close()))

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs work in a transaction, which ends even if the caller is cancelled meanwhile."""
        future = None
        while future is None:  # who closes it meanwhile has put it away before
            future = self._open_file().submit(work)
        return await asyncio.shield(asyncio.wrap_future(future))

    def _open_file(self) -> GroupCommit:
        own = os.getpid()
        file = self._files.get(own)
        # One call of `setdefault` is atomic, so two threads get the same.
        return file or self._files.setdefault(own, GroupCommit(self._path, sql.FORM))


def resolve_outbox(given: Outbox | str | Path | None, settings: Settings) -> Outbox:
    """Makes the outbox of a notifier: the given one, or an SQLite file, else the environment's.

    Raises:
        ConfigError: It cannot be used.
    """
    if given is None:
        return SQLiteOutbox(settings.outbox or DEFAULT_OUTBOX)
    if isinstance(given, str | Path):
        return SQLiteOutbox(given)
    if isinstance(given, type) or not isinstance(given, Outbox):
        raise ConfigError(
            f"{given!r} is no outbox: pass a path, an SQLiteOutbox, a MemoryOutbox or your own"
        )
    return given
