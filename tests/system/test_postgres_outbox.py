"""The outbox in PostgreSQL, on a real server, also behind PgBouncer."""

import asyncio
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import psycopg_pool
import pytest
from postgres_outbox import TABLE
from psycopg import AsyncConnection

from inspectiq import ConfigError, DeliveryError, Inspection, WebhookNotifier
from inspectiq.testing import OutboxContract, WebhookReceiver
from inspectiq.webhooks import Outbox, PostgresOutbox
from tests.system.postgres import binaries, pgbouncer, postgres
from tests.webhooks.results import an_inspection

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(binaries() is None, reason="apt-get install postgresql pgbouncer"),
]

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "postgres_outbox.py"
_numbers = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture
def url(server: str) -> str:
    """Of a part of the database that is empty."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return f"{server} options='-c search_path={name}'"


@pytest.fixture
def outbox(url: str) -> PostgresOutbox:
    outbox = PostgresOutbox(url)
    asyncio.run(outbox.create_tables())
    return outbox


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as receiver:
        yield receiver


@pytest.fixture
def notifier(outbox: PostgresOutbox, receiver: WebhookReceiver) -> Iterator[WebhookNotifier]:
    with WebhookNotifier(
        receiver.url,
        secret=receiver.secret,
        policy=receiver.policy,
        outbox=outbox,
        background=False,
    ) as notifier:
        yield notifier


class TestPostgresOutbox(OutboxContract):
    @pytest.fixture(autouse=True)
    def database(self, url: str) -> None:
        self.url = url

    def make_outbox(self) -> Outbox:
        outbox = PostgresOutbox(self.url)
        asyncio.run(outbox.create_tables())
        return outbox


class TestBehindPgBouncer(OutboxContract):
    """Statements are not prepared, so it does not matter which connection gets which."""

    @pytest.fixture(autouse=True)
    def database(self, server: str) -> Iterator[None]:
        name = f"test_{next(_numbers)}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        with pgbouncer(server.replace("dbname=postgres", f"dbname={name}")) as url:
            self.url = url
            yield

    def make_outbox(self) -> Outbox:
        outbox = PostgresOutbox(self.url)
        asyncio.run(outbox.create_tables())
        return outbox


async def _keep(url: str, notifier: WebhookNotifier, inspection: Inspection, end: str) -> None:
    """A host's transaction, and how it ends."""
    async with await AsyncConnection.connect(url) as connection:
        await connection.execute(TABLE.encode())
        await connection.commit()
        await connection.execute(
            "INSERT INTO inspections VALUES (%s, %s)", [inspection.id, inspection.model_dump_json()]
        )
        outbox = PostgresOutbox(url)
        assert await outbox.ainsert(connection, notifier.messages(inspection)) == (True,)
        if end == "a bug of the host's":
            raise ZeroDivisionError
        if end == "a server that ends the connection":
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def _kept(url: str) -> tuple[int, int]:
    """How many results there are, and how many webhooks."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM inspections), (SELECT count(*) FROM inspectiq_webhooks)"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_a_result_and_its_webhooks_are_kept_together_and_delivered(
    url: str, notifier: WebhookNotifier, receiver: WebhookReceiver
) -> None:
    asyncio.run(_keep(url, notifier, an_inspection(), "a commit"))
    assert _kept(url) == (1, 1)
    assert notifier.deliver_due().delivered == 1
    (came,) = receiver.received
    assert came.verified
    assert came.data["id"] == an_inspection().id


@pytest.mark.parametrize("end", ["a bug of the host's", "a server that ends the connection"])
def test_a_result_that_is_not_kept_is_not_told_of(
    url: str, notifier: WebhookNotifier, receiver: WebhookReceiver, end: str
) -> None:
    with pytest.raises((ZeroDivisionError, psycopg.Error)):
        asyncio.run(_keep(url, notifier, an_inspection(), end))
    assert _kept(url) == (0, 0)
    assert notifier.deliver_due().delivered == 0
    assert not receiver.received


def test_nobody_delivers_before_the_commit(
    url: str, notifier: WebhookNotifier, receiver: WebhookReceiver
) -> None:
    async def go() -> None:
        async with notifier, await AsyncConnection.connect(url) as connection:
            await PostgresOutbox(url).ainsert(connection, notifier.messages(an_inspection()))
            assert (await notifier.adeliver_due()).delivered == 0
            await connection.commit()
            assert (await notifier.adeliver_due()).delivered == 1

    asyncio.run(go())
    assert len(receiver.received) == 1


def test_a_transaction_of_a_connection_that_is_not_async(
    url: str, notifier: WebhookNotifier, outbox: PostgresOutbox, receiver: WebhookReceiver
) -> None:
    messages = notifier.messages(an_inspection())
    with psycopg.connect(url) as connection:
        assert outbox.insert(connection, messages) == (True,)
        connection.rollback()
    assert notifier.deliver_due().delivered == 0
    with psycopg.connect(url) as connection:
        assert outbox.insert(connection, messages) == (True,)
        assert outbox.insert(connection, messages) == (False,)
    assert notifier.deliver_due().delivered == 1


async def test_a_pool_of_the_host_is_used_and_not_closed(
    url: str, receiver: WebhookReceiver
) -> None:
    async with psycopg_pool.AsyncConnectionPool(url, min_size=1, max_size=2, open=False) as pool:
        outbox = PostgresOutbox(pool.connection)
        await outbox.create_tables()
        async with WebhookNotifier(
            receiver.url,
            secret=receiver.secret,
            policy=receiver.policy,
            outbox=outbox,
            background=False,
        ) as notifier:
            await notifier.anotify(an_inspection())
            assert (await notifier.adeliver_due()).delivered == 1
        assert not pool.closed
    assert receiver.received[0].verified


def test_what_is_no_connection_string_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"connect is an int; give a connection string"):
        PostgresOutbox(5)  # type: ignore[arg-type]


def test_a_server_that_is_not_there_is_a_delivery_error(receiver: WebhookReceiver) -> None:
    nowhere = PostgresOutbox("host=127.0.0.1 port=1 dbname=none")
    with (
        WebhookNotifier(
            receiver.url, policy=receiver.policy, outbox=nowhere, background=False
        ) as notifier,
        pytest.raises(DeliveryError, match="OperationalError") as caught,
    ):
        notifier.notify(an_inspection())
    assert caught.value.reason == "database"


def test_the_example_runs(
    url: str, receiver: WebhookReceiver, samples: Path, tmp_path: Path
) -> None:
    (private,) = receiver.policy.private
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), str(samples), str(tmp_path / "out")],
        env={
            **os.environ,
            "DATABASE_URL": url,
            "INSPECTION_WEBHOOK_URL": receiver.url,
            "INSPECTIQ_WEBHOOK_SECRET": receiver.secret,
            "INSPECTIQ_PRIVATE_NETWORKS": private,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "out" / "inspection.json").read_text(encoding="utf-8")
    inspection = Inspection.model_validate_json(written)
    assert done.stdout == f"{inspection.id}: 1 webhooks were delivered\n"
    assert _kept(url) == (1, 1)
    assert receiver.received[0].verified
