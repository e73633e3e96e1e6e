"""Keeps cached answers in one SQLite file."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from inspectiq._files import to_path
from inspectiq._log import WarnOnce
from inspectiq._sqlite import FileFormat, connect, create, file_lock, require_database
from inspectiq.errors import ConfigError
from inspectiq.transports._stores import measure_entry

if TYPE_CHECKING:
    import sqlite3

__all__ = ["SQLiteCache"]

T = TypeVar("T")


class SQLiteCache:
    """Keeps answers in one file that any number of processes, threads and loops share.

    A file that is damaged, not ours or locked for longer than five seconds never raises: it is
    logged once and counts as a miss. What was read is noted with the next write, for the last
    thousand reads, so reads never wait for a writer and the order of use is nearly exact. The file
    is readable by its owner only; it survives `fork`, and belongs on a local disk.

    Args:
        path: Of the file, in a folder that exists.
        max_bytes: Of keys and values together; the least recently used go first, and what is
            larger by itself is not kept. The file itself is somewhat larger.
        ttl: Seconds that an answer is kept where `set` does not say; None for no end.
        clock: Seconds since the epoch, the same in all processes.

    Raises:
        ConfigError: The file cannot be made there.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        max_bytes: int = 1_000_000_000,
        ttl: float | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = to_path(path, "cache").absolute()
        self._max_bytes, self._ttl, self._clock = max_bytes, ttl, clock
        self._files: dict[int, _File] = {}  # by process: a child must not touch its parent's
        if self._path.is_dir():
            raise ConfigError(f"the cache {self._path.name} is a folder; give the path of a file")
        try:
            create(self._path)
            require_database(self._path, "cache")
        except OSError as error:
            raise ConfigError(
                f"the cache file {self._path.name} cannot be made ({error.strerror}); "
                "give a path in a folder that exists and may be written to"
            ) from error

    async def get(self, key: str, /) -> bytes | None:
        """Returns the value of a key; None if it is not kept."""
        file = self._open_here()
        return await file.run(lambda: file.get(key))

    async def set(self, key: str, value: bytes, /, *, ttl: float | None = None) -> None:
        """Keeps a value for `ttl` seconds, in place of an earlier one."""
        if measure_entry(key, value) > self._max_bytes:
            await self.delete(key)
            return
        seconds = self._ttl if ttl is None else ttl
        expires = None if seconds is None else self._clock() + seconds
        file = self._open_here()
        file.waiting.append((key, value, expires))
        await file.run(file.write)

    async def delete(self, key: str, /) -> None:
        """Forgets a key; one that is not kept is no error."""
        file = self._open_here()
        await file.run(lambda: file.delete(key))

    async def aclose(self) -> None:
        """Closes the file in this process; the next use opens it again."""
        file = self._files.pop(os.getpid(), None)
        if file is not None:
            await file.run(file.close)
            file.thread.shutdown(wait=False)

    def _open_here(self) -> _File:
        own = os.getpid()
        file = self._files.get(own)
        # One call of `setdefault` is atomic, so two threads get the same.
        return file or self._files.setdefault(
            own, _File(self._path, max_bytes=self._max_bytes, clock=self._clock)
        )


class _File:
    """The file as one process has it open: one connection, worked with by one thread of its own.

    Attributes:
        thread: Does all the work, one job after the other.
        waiting: What is to be written; a job writes what others wait with as well.
    """

    def __init__(self, path: Path, *, max_bytes: int, clock: Callable[[], float]) -> None:
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="inspectiq-cache")
        self.waiting: deque[tuple[str, bytes, float | None]] = deque()
        self._path, self._max_bytes, self._clock = path, max_bytes, clock
        self._connection: sqlite3.Connection | None = None
        self._reads: dict[str, float] = {}
        self._failed_at = -math.inf
        self._say = WarnOnce(
            "inspectiq.transports", "the cache file cannot be used; if it is damaged, delete it"
        )

    async def run(self, job: Callable[[], T]) -> T | None:
        """Runs a job on the file's thread; returns None where the file cannot be used."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.thread, self._attempt, job, time.monotonic())

    def _attempt(self, job: Callable[[], T], asked: float) -> T | None:
        import sqlite3

        if asked < self._failed_at:
            return None  # it has waited behind a job that failed, and must not wait as long again
        try:
            with file_lock:
                return job()
        except (sqlite3.Error, OSError) as error:
            self._failed_at = time.monotonic()
            self.waiting.clear()
            self._drop_connection()
            self._say(error, file=self._path.name)
            return None

    # -- jobs ------------------------------------------------------------------------------------

    def get(self, key: str) -> bytes | None:
        now = self._clock()
        row = (
            self._open()
            .execute(
                "SELECT value FROM answers WHERE key = ? AND (expires IS NULL OR expires > ?)",
                (key, now),
            )
            .fetchone()
        )
        if row is None:
            return None
        self._reads.pop(key, None)
        self._reads[key] = now
        if len(self._reads) > _READS_NOTED:
            del self._reads[next(iter(self._reads))]
        return bytes(row[0])

    def write(self) -> None:
        batch: list[tuple[str, bytes, float | None]] = []
        while self.waiting and len(batch) < _BATCH:
            batch.append(self.waiting.popleft())
        if not batch:
            return  # an earlier job has written it
        now = self._clock()
        rows = [
            (key, value, measure_entry(key, value), expires, now) for key, value, expires in batch
        ]
        connection = self._open()
        connection.execute("BEGIN IMMEDIATE")
        self._note_reads(connection)
        connection.execute("DELETE FROM answers WHERE expires <= ?", (now,))
        connection.executemany(_UPSERT, rows)
        self._make_room(connection)
        connection.execute("COMMIT")

    def delete(self, key: str) -> None:
        self._open().execute("DELETE FROM answers WHERE key = ?", (key,))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.execute("BEGIN IMMEDIATE")
            self._note_reads(self._connection)
            self._connection.execute("COMMIT")
            self._drop_connection()

    # -- their parts -----------------------------------------------------------------------------

    def _note_reads(self, connection: sqlite3.Connection) -> None:
        rows = [(now, key) for key, now in self._reads.items()]
        connection.executemany("UPDATE answers SET used = max(used, ?) WHERE key = ?", rows)
        self._reads.clear()

    def _make_room(self, connection: sqlite3.Connection) -> None:
        (total,) = connection.execute("SELECT bytes FROM total").fetchone()
        leaving = []
        for key, size in connection.execute("SELECT key, size FROM answers ORDER BY used, rowid"):
            if total <= self._max_bytes:
                break
            leaving.append((key,))
            total -= size
        connection.executemany("DELETE FROM answers WHERE key = ?", leaving)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path, _FORM, patience=_PATIENCE)
        return self._connection

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()  # what was begun is rolled back


_PATIENCE = 5.0  # seconds that another process may keep the file locked; our assumption
_READS_NOTED = 1000
_BATCH = 100  # entries in one transaction: the file is too large by so many for a moment
_FORM = FileFormat(
    application_id=b"inIQ",
    version=1,
    # In WAL, power loss costs entries, no more.
    pragmas=("journal_mode = WAL", "synchronous = NORMAL"),
    schema=(
        "CREATE TABLE answers (key TEXT PRIMARY KEY, value BLOB NOT NULL, size INTEGER NOT NULL,"
        " expires REAL, used REAL NOT NULL)",
        "CREATE INDEX by_use ON answers (used)",
        "CREATE INDEX by_expiry ON answers (expires) WHERE expires IS NOT NULL",
        # The file itself keeps count, so that all processes agree and nobody has to add up.
        "CREATE TABLE total (bytes INTEGER NOT NULL)",
        "INSERT INTO total VALUES (0)",
        "CREATE TRIGGER added AFTER INSERT ON answers"
        " BEGIN UPDATE total SET bytes = bytes + NEW.size; END",
        "CREATE TRIGGER changed AFTER UPDATE OF size ON answers"
        " BEGIN UPDATE total SET bytes = bytes + NEW.size - OLD.size; END",
        "CREATE TRIGGER removed AFTER DELETE ON answers"
        " BEGIN UPDATE total SET bytes = bytes - OLD.size; END",
    ),
)
_UPSERT = (
    "INSERT INTO answers VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
    " value = excluded.value, size = excluded.size, expires = excluded.expires,"
    " used = excluded.used"
)
