"""Writes an SQLite file for many calls at once, with one sync of the disk for all that wait."""

from __future__ import annotations

import errno
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from inspectiq._sqlite import FileFormat, connect, file_lock
from inspectiq.errors import DeliveryError

if TYPE_CHECKING:
    import sqlite3

__all__ = ["GroupCommit", "copy_database"]

T = TypeVar("T")

PATIENCE = 10.0  # seconds that other processes may keep the file locked; our assumption
BATCH = 256  # operations in one transaction, so that one sync of the disk serves all of them


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """Work that waits for its transaction."""

    work: Callable[[sqlite3.Connection], Any]
    future: Future[Any]
    asked: float


class GroupCommit:
    """Runs the work of many calls in shared transactions, on one thread with one connection.

    Args:
        path: The file.
        form: The kind of file.
    """

    def __init__(self, path: Path, form: FileFormat) -> None:
        self._path, self._form = path, form
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inspectiq-outbox")
        self._waiting: deque[_Turn] = deque()
        self._lock = threading.Lock()
        self._closed = False
        self._connection: sqlite3.Connection | None = None
        self._failed: tuple[float, DeliveryError] | None = None

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T] | None:
        """Submits work to a shared transaction; its future is done once that is on the disk.

        Returns:
            None, and nothing is done, where it was closed.
        """
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        turn = _Turn(work, future, time.monotonic())
        with self._lock:
            if self._closed:
                return None
            self._waiting.append(turn)
            try:
                self._thread.submit(self._drain)
            except RuntimeError as error:
                self._waiting.remove(turn)
                raise DeliveryError(
                    "this process is ending and uses its outbox no more; nothing was kept",
                    reason="closed",
                ) from error
        return future

    def close(self) -> Future[None]:
        """Finishes the submitted work, then closes for good."""
        with self._lock:
            self._closed = True
            closing = self._thread.submit(self._close)
            self._thread.shutdown(wait=False)
        return closing

    def _close(self) -> None:
        with file_lock:
            self._drop_connection()

    def _drain(self) -> None:
        turns: list[_Turn] = []
        while self._waiting and len(turns) < BATCH:
            turn = self._waiting.popleft()
            if self._failed is not None and turn.asked < self._failed[0]:
                # It has waited behind a failure, and must not wait as long again.
                _raise_in(turn, self._failed[1])
            else:
                turns.append(turn)
        if turns:  # else an earlier drain has done it
            self._serve(turns)

    def _serve(self, turns: Sequence[_Turn]) -> None:
        try:
            values = self._transact([turn.work for turn in turns])
        except DeliveryError as error:
            self._fail(turns, error)
        else:
            for turn, value in zip(turns, values, strict=True):
                turn.future.set_result(value)

    def _fail(self, turns: Sequence[_Turn], error: DeliveryError) -> None:
        if error.reason != REFUSED:
            self._failed = (time.monotonic(), error)
        elif len(turns) > 1:
            for turn in turns:  # one of them is at fault, and the others are not
                self._serve([turn])
            return
        for turn in turns:
            _raise_in(turn, error)

    def _transact(self, works: Sequence[Callable[[sqlite3.Connection], Any]]) -> list[Any]:
        with file_lock:
            try:
                if self._connection is None:
                    self._connection = connect(self._path, self._form, patience=PATIENCE)
                self._connection.execute("BEGIN IMMEDIATE")
                values = [work(self._connection) for work in works]
                self._connection.execute("COMMIT")
            except BaseException as error:  # whoever waits would wait for ever
                self._drop_connection()  # what was begun is rolled back
                raise _explain(self._path.name, error) from error
            return values

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _raise_in(turn: _Turn, error: DeliveryError) -> None:
    """Raises a copy of an error where somebody waits; each caller raises its own."""
    own = DeliveryError(str(error), reason=error.reason)
    own.__cause__ = error.__cause__
    turn.future.set_exception(own)


REFUSED = "failed"  # the reason where a call is at fault, and not the file

_LOCKED = ("locked", "another process keeps it locked; see which one writes for so long")
_FULL = ("full", "the disk is full; make room")
_READ_ONLY = ("read_only", "it may not be written to; check its folder, owner and mode")
_REASONS = {
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_LOCKED": _LOCKED,
    "SQLITE_FULL": _FULL,
    "SQLITE_READONLY_DBMOVED": ("moved", "it was moved or deleted meanwhile; call again"),
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_CANTOPEN": ("read_only", "it cannot be opened; check its folder, owner and mode"),
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_CORRUPT": ("corrupt", "it is damaged; move it away and restore a backup"),
    "SQLITE_NOTADB": ("corrupt", "it is no database; move it away and restore a backup"),
    "SQLITE_IOERR": ("disk", "the disk failed or is full; check it"),
}
_ERRNOS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EROFS: _READ_ONLY,
}


def _explain(name: str, error: BaseException) -> DeliveryError:
    """Makes an error that says why the file cannot be used, and what helps."""
    import sqlite3

    if isinstance(error, OSError):
        other = ("disk", f"{error.strerror}; check its folder, owner and mode")
        reason, mend = _ERRNOS.get(error.errno or 0, other)
    elif isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError:
        code = getattr(error, "sqlite_errorname", "") or ""
        # A file of something else has no code: the check of its tables says so.
        other = ("corrupt", f"{error}; give another file")
        reason, mend = next((_REASONS[one] for one in _REASONS if code.startswith(one)), other)
    else:
        reason, mend = REFUSED, f"the call failed with {type(error).__name__}"
    return DeliveryError(
        f"the outbox {name} cannot be used: {mend}. Nothing was kept by this call", reason=reason
    )


def copy_database(source: Path, target: Path) -> None:
    """Copies a database while others go on working with it.

    Raises:
        DeliveryError: It cannot be read, or the copy cannot be written; then there is no copy.
    """
    import sqlite3
    from contextlib import closing

    try:
        with (
            file_lock,
            # It may have to roll back what a process that died has begun, so not `mode=ro`.
            closing(_open_raw(source)) as old,
            closing(_open_raw(target)) as new,
        ):
            new.execute("PRAGMA synchronous = FULL")
            # Holds what is read from here on: a backup that waits for a lock waits without an end.
            old.execute("BEGIN")
            old.execute("SELECT count(*) FROM sqlite_master").fetchone()
            old.backup(new)
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise _explain(source.name, error) from error


def _open_raw(path: Path) -> sqlite3.Connection:
    import sqlite3

    return sqlite3.connect(
        f"{path.as_uri()}?mode=rw", uri=True, timeout=PATIENCE, isolation_level=None
    )
