"""Opens SQLite files of ours: readable by their owner only, and never shared over a `fork`."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inspectiq._fork import make_lock_held_over_fork
from inspectiq.errors import ConfigError

if TYPE_CHECKING:
    import sqlite3

__all__ = ["FileFormat", "connect", "create", "file_lock", "require_database"]

file_lock = make_lock_held_over_fork()
"""Held by whoever works with a file: an SQLite that was in the middle of something must not be
copied into a child."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A kind of SQLite file of ours: the marks that identify it, and its tables.

    Attributes:
        application_id: Four bytes in its header.
        version: Of the schema.
        schema: Statements that make the tables.
        pragmas: Run for each connection; one that fails for a lock is not insisted on.
    """

    application_id: bytes
    version: int
    schema: tuple[str, ...]
    pragmas: tuple[str, ...]

    def recognises(self, connection: sqlite3.Connection) -> bool:
        """Tells whether a file is ours and of this version."""
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return bool((application, version) == (int.from_bytes(self.application_id), self.version))

    def make(self, connection: sqlite3.Connection) -> None:
        """Makes the tables and marks the file as ours."""
        for statement in self.schema:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {int.from_bytes(self.application_id)}")
        connection.execute(f"PRAGMA user_version = {self.version}")


def create(path: Path) -> None:
    """Makes the file with mode 0600 if it is not there.

    A file that exists is not opened: closing it again would drop SQLite's locks on it.
    """
    with suppress(FileExistsError):
        path.touch(mode=0o600, exist_ok=False)


def connect(path: Path, form: FileFormat, *, patience: float) -> sqlite3.Connection:
    """Connects to a file that is ours, or new.

    Args:
        path: The file; made if it is not there.
        form: The kind of file.
        patience: Seconds that others may keep it locked.

    Raises:
        sqlite3.DatabaseError: It is not ours, or cannot be used.
        OSError: It cannot be made.
    """
    import sqlite3

    create(path)
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=rw",
        uri=True,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,  # the thread may be gone when it is collected
    )
    try:
        _prepare(connection, form)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, form: FileFormat) -> None:
    import sqlite3

    if not form.recognises(connection):
        connection.execute("BEGIN EXCLUSIVE")  # of several processes, the first makes the tables
        if not form.recognises(connection):
            if connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                raise sqlite3.DatabaseError("the file holds something else, or another version")
            form.make(connection)
        connection.execute("COMMIT")
    for pragma in form.pragmas:
        with suppress(sqlite3.OperationalError):
            connection.execute(f"PRAGMA {pragma}")


def require_database(path: Path, what: str) -> None:
    """Makes sure that a file is a database, and not one of another kind given by mistake.

    SQLite itself looks: whoever else opens the file and closes it drops SQLite's locks on it.

    Args:
        path: The file.
        what: The kind of file, such as `cache`; for the message.

    Raises:
        ConfigError: It is no SQLite database.
    """
    import sqlite3

    try:
        with (
            file_lock,
            closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=0)) as file,
        ):
            file.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as error:  # also where another process is busy with it
        if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
            raise ConfigError(
                f"the {what} file {path.name} is no SQLite database; give another path, or move "
                "it away"
            ) from error
