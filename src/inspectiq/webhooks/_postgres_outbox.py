"""An outbox in PostgreSQL that the processes of any number of hosts share."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from inspectiq._taking import name_kind
from inspectiq._tracebacks import hide_locals
from inspectiq.errors import ConfigError, DeliveryError
from inspectiq.webhooks import _postgres_statements as sql
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

if TYPE_CHECKING:
    from psycopg import AsyncConnection, Connection

__all__ = ["PostgresOutbox"]

T = TypeVar("T")


@hide_locals
class PostgresOutbox:
    """Keeps messages in two tables of your own PostgreSQL, for any number of hosts.

    Each message is claimed by one process (`FOR UPDATE SKIP LOCKED`). `insert` keeps messages in a
    transaction of yours, so that a result and its webhooks are stored together or not at all. It
    keeps no connection between calls, and prepares no statements, so it works through PgBouncer in
    transaction mode. It needs psycopg 3, of the extra `postgres`.

    Args:
        connect: A connection string, for a connection a call; or what opens a transaction on an
            async connection, such as `pool.connection` of a `psycopg_pool.AsyncConnectionPool`.
            The pool stays yours.

    Raises:
        ConfigError: psycopg is not installed, or `connect` is something else.
    """

    SCHEMA: ClassVar[str] = sql.SCHEMA
    """The statements of `create_tables`, for a migration of your own."""

    def __init__(self, connect: str | Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        try:
            import psycopg  # noqa: F401
        except ImportError as error:
            raise ConfigError(
                "PostgresOutbox needs psycopg; install it with `pip install 'inspectiq[postgres]'`"
            ) from error
        if not (isinstance(connect, str) or callable(connect)):
            raise ConfigError(
                f"connect is {name_kind(connect)}; give a connection string, or a function "
                "that opens a transaction, such as `pool.connection`"
            )
        self._connect = connect

    async def create_tables(self) -> None:
        """Makes the tables `inspectiq_webhooks` and `inspectiq_webhooks_disabled`, if need be.

        Raises:
            DeliveryError: The database refused.
        """
        async with self._begin() as connection:
            await connection.execute(sql.SCHEMA.encode())

    def insert(self, connection: Connection[Any], messages: Sequence[Message]) -> tuple[bool, ...]:
        """Keeps messages in the transaction of a connection of yours; tells which are new.

        They come from `notifier.messages(result)`. After the commit, a running notifier delivers
        them when it next looks; `notifier.start()` makes it look at once.
        """
        new = [False] * len(messages)
        for place, row in sql.to_rows(messages, time.time()):
            new[place] = connection.execute(sql.ADD, row, prepare=False).rowcount == 1
        return tuple(new)

    async def ainsert(
        self, connection: AsyncConnection[Any], messages: Sequence[Message]
    ) -> tuple[bool, ...]:
        """Async twin of `insert`."""
        return await _add(connection, messages, time.time())

    async def add(self, messages: Sequence[Message], /, *, now: float) -> tuple[bool, ...]:
        """Stores messages; tells for each whether it is new."""
        async with self._begin() as connection:
            return await _add(connection, messages, now)

    async def claim(
        self, wanted: Mapping[str, int], /, *, now: float, lease: float
    ) -> tuple[Lease, ...]:
        """Leases due messages to one worker, of each endpoint as many as are wanted."""
        leases: list[Lease] = []
        async with self._begin() as connection:
            for endpoint, count in wanted.items():
                row = {
                    "endpoint": endpoint,
                    "count": count,
                    "now": now,
                    "furthest": now + FURTHEST,
                    "until": now + lease,
                    "token": make_lease_token(),
                }
                cursor = await connection.execute(sql.CLAIM, row, prepare=False)
                leases += map(sql.to_lease, sorted(await cursor.fetchall(), key=sql.get_due))
        return tuple(leases)

    async def record_outcome(self, lease: Lease, outcome: AttemptOutcome, /, *, now: float) -> bool:
        """Records the outcome of an attempt; False where the lease is no longer the worker's."""
        row = {
            "state": outcome.state,
            "due": outcome.due,
            "reason": outcome.reason,
            "likely_permanent": outcome.likely_permanent,
            "now": now,
            "id": lease.message.id,
            "token": lease.token,
        }
        return await self._change(sql.SETTLE, row) == 1

    async def release(self, leases: Iterable[Lease], /, *, now: float) -> None:
        """Gives leases back, so that others may have them at once."""
        async with self._begin() as connection:
            for lease in leases:
                row = {"now": now, "id": lease.message.id, "token": lease.token}
                await connection.execute(sql.RELEASE, row, prepare=False)

    async def find_next_due(self, endpoints: Iterable[str], /) -> float | None:
        """Finds when the next message of these endpoints is due; None if none waits."""
        due: float | None = await self._fetch_value(sql.NEXT, {"endpoints": list(endpoints)})
        return due

    async def replay(
        self, *, ids: Iterable[str] | None = None, endpoint: str | None = None, now: float
    ) -> int:
        """Has messages delivered anew: these, or all dead ones; returns how many."""
        named = None if ids is None else list(ids)
        return await self._change(sql.REPLAY, {"ids": named, "endpoint": endpoint, "now": now})

    async def disable(self, endpoint: str, reason: str, /, *, now: float) -> None:
        """Stops attempts to an endpoint; its messages wait."""
        await self._change(sql.DISABLE, {"endpoint": endpoint, "reason": reason})

    async def enable(self, endpoint: str, /, *, now: float) -> None:
        """Has an endpoint attempted again, at once."""
        await self._change(sql.ENABLE, {"endpoint": endpoint, "now": now})

    async def list_records(
        self,
        *,
        state: MessageState | None = None,
        endpoint: str | None = None,
        limit: int = 100,
        now: float,
    ) -> tuple[DeliveryRecord, ...]:
        """Lists what became of messages, the oldest first."""
        row = {"state": state, "endpoint": endpoint, "limit": limit, "now": now}
        return tuple(await self._fetch(sql.RECORDS, row, DeliveryRecord))

    async def read_body(self, id: str, /) -> bytes | None:
        """Reads the body of a message; None if there is no such message."""
        body = await self._fetch_value(sql.BODY, {"id": id})
        return None if body is None else bytes(body)

    async def count(self, *, now: float) -> tuple[EndpointCounts, ...]:
        """Counts messages by endpoint and state."""
        return tuple(await self._fetch(sql.COUNTS, {"now": now}, EndpointCounts))

    async def purge(self, state: MessageState, /, *, before: float) -> int:
        """Deletes messages of a final state that were last touched before a time."""
        return await self._change(sql.PURGE, {"state": state, "before": before})

    async def aclose(self) -> None:
        """Does nothing: no connection is open between calls."""

    @asynccontextmanager
    async def _begin(self) -> AsyncIterator[AsyncConnection[Any]]:
        """Opens a transaction: it ends with a commit, or is undone and raises a `DeliveryError`."""
        import psycopg

        try:
            async with self._open() as connection:
                yield connection
        except (psycopg.Error, UnicodeError) as error:
            raise DeliveryError(
                f"the outbox in PostgreSQL failed with {type(error).__name__}; see the server's "
                "log and call again",
                reason="database",
            ) from error

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[AsyncConnection[Any]]:
        if not isinstance(self._connect, str):
            async with self._connect() as connection:
                yield connection
            return
        from psycopg import AsyncConnection

        async with await AsyncConnection.connect(self._connect) as connection:
            yield connection

    async def _change(self, statement: bytes, row: Mapping[str, Any]) -> int:
        async with self._begin() as connection:
            return (await connection.execute(statement, row, prepare=False)).rowcount

    async def _fetch(self, statement: bytes, row: Mapping[str, Any], kind: type[T]) -> list[T]:
        """Fetches rows, each as a value of a kind that has a field for each column."""
        from psycopg.rows import class_row

        async with self._begin() as connection:
            cursor = connection.cursor(row_factory=class_row(kind))
            return await (await cursor.execute(statement, row, prepare=False)).fetchall()

    async def _fetch_value(self, statement: bytes, row: Mapping[str, Any]) -> Any:
        """Fetches the only value of the only row; None where there is no row."""
        async with self._begin() as connection:
            found = await (await connection.execute(statement, row, prepare=False)).fetchone()
            return None if found is None else found[0]


async def _add(
    connection: AsyncConnection[Any], messages: Sequence[Message], now: float
) -> tuple[bool, ...]:
    new = [False] * len(messages)
    for place, row in sql.to_rows(messages, now):
        new[place] = (await connection.execute(sql.ADD, row, prepare=False)).rowcount == 1
    return tuple(new)
