"""What an endpoint's reply means: its status counts, however the body comes, and its waits."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectiq import WebhookNotifier
from inspectiq._retry_after import parse_retry_after
from inspectiq.events import Event, WebhookAttemptFailed
from inspectiq.net import NetPolicy
from inspectiq.webhooks import Endpoint, MemoryOutbox, Pace
from tests.webhooks.results import an_inspection

NOW = 1_800_000_000.0  # 2027-01-15 08:00:00 UTC
DATE = "Fri, 15 Jan 2027 08:02:00 GMT"  # two minutes later


Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


def says(reply: bytes) -> Reply:
    """Sends these bytes and hangs up."""

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 " + reply)

    return say


def resets_after(reply: bytes) -> Reply:
    """Sends these bytes, and resets the connection once they have come."""

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 " + reply)
        await writer.drain()
        await asyncio.sleep(0.05)
        linger = struct.pack("ii", 1, 0)  # closing then sends RST
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    return say


@asynccontextmanager
async def serving(reply: Reply) -> AsyncIterator[int]:
    """A server on this machine that reads a request to its end and replies as told."""

    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            size = int(head.partition(b"content-length: ")[2].split(b"\r")[0])
            await reader.readexactly(size)
            await reply(writer)
            await writer.drain()
        with suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.gather(*tasks)


async def deliver_to(
    reply: Reply, *, host: str = "127.0.0.1", **options: Any
) -> tuple[str, list[WebhookAttemptFailed]]:
    """Delivers one webhook to such a server; tells how it ended, and of failed attempts."""
    failed: list[WebhookAttemptFailed] = []

    class Watcher:
        def on_event(self, event: Event, /) -> None:
            if isinstance(event, WebhookAttemptFailed):
                failed.append(event)

    async with serving(reply) as port:
        notifier = WebhookNotifier(
            Endpoint(url=f"http://{host}:{port}/in", name="crm"),
            policy=NetPolicy(private=(f"127.0.0.1:{port}",)),
            outbox=MemoryOutbox(),
            background=False,
            observers=[Watcher()],
            **options,
        )
        await notifier.anotify(an_inspection())
        await notifier.adeliver_due()
        (record,) = await notifier.outbox.list_records(now=NOW)
        await notifier.aclose()
    return record.state, failed


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 100\r\n\r\nok",
        b"Content-Length: 100\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nok",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nno chunk\r\n",
    ],
)
async def test_a_reply_whose_body_is_cut_short_is_what_its_status_says(body: bytes) -> None:
    assert await deliver_to(says(b"200 OK\r\n" + body)) == ("delivered", [])
    assert await deliver_to(resets_after(b"202 Accepted\r\n" + body)) == ("delivered", [])
    state, (failed,) = await deliver_to(says(b"500 No\r\n" + body))
    assert (state, failed.reason) == ("pending", "http_500")


async def test_a_body_that_does_not_end_holds_up_no_reply() -> None:
    async def drips(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.05)

    assert await deliver_to(drips, pace=Pace(timeout=5)) == ("delivered", [])


async def test_a_reply_that_ends_before_its_status_is_no_answer() -> None:
    for reply in (b"", b"200 OK\r\nContent-Le"):
        state, (failed,) = await deliver_to(says(reply))
        assert (state, failed.reason) == ("pending", "broken_off")


async def test_an_endpoint_whose_host_ends_in_a_dot_is_delivered_to() -> None:
    reply = says(b"204 No Content\r\n\r\n")
    assert await deliver_to(reply, host="127.0.0.1.") == ("delivered", [])


@pytest.mark.parametrize(
    "waits",
    [
        b"Retry-After: 7200\r\nRetry-After: 60\r\n",
        b"retry-after: 60\r\nRetry-After: 7200\r\n",
        b"Retry-After: soon\r\nRetry-After: 7200\r\n",
        b"Retry-After: 60, 7200\r\n",
    ],
)
async def test_an_endpoint_that_asks_for_two_waits_is_asked_after_the_longer(waits: bytes) -> None:
    reply = says(b"503 Busy\r\nContent-Length: 0\r\n" + waits + b"\r\n")
    _, (failed,) = await deliver_to(reply)
    assert failed.wait == 7200


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (f"{DATE}, 30", 120),
        (f"30, {DATE}", 120),
        (f"{DATE}, 600", 600),
        (f"soon, {DATE}", 120),
        (f"{DATE}, Fri, 15 Jan 2027 09:00:00 GMT", 3600),
        ("Friday, 15-Jan-27 08:02:00 GMT", 120),
        ("-5, nan, inf, 3", 3),
        (", ,", None),
        ("soon, later", None),
        (",".join(["soon"] * 60_000), None),
    ],
)
def test_of_several_waits_in_one_header_the_longest_counts(
    header: str, seconds: float | None
) -> None:
    assert parse_retry_after({"Retry-After": header}, NOW) == seconds


def test_a_wait_in_milliseconds_is_no_reason_to_come_earlier() -> None:
    assert parse_retry_after({"retry-after-ms": "250", "retry-after": "2"}, NOW) == 2
    assert parse_retry_after({"retry-after-ms": "2500", "retry-after": "2"}, NOW) == 2.5
    assert parse_retry_after({"retry-after-ms": "250", "retry-after": "soon"}, NOW) == 0.25
    assert parse_retry_after({"Retry-After": "5", "retry-after": "7"}, NOW) == 7


VALID = st.one_of(
    st.integers(0, 100_000).map(lambda n: (str(n), float(n))),
    st.integers(0, 10_000).map(lambda n: (f"{n}.5", n + 0.5)),
    st.just((DATE, 120.0)),
    st.just(("Fri, 15 Jan 2027 07:00:00 GMT", 0.0)),
)
GARBAGE = st.text(st.sampled_from("soonxyz;=-:/ "), max_size=12).map(lambda text: (text, None))


@given(st.lists(st.one_of(VALID, GARBAGE), max_size=8))
def test_nobody_comes_earlier_than_any_wait_says_and_garbage_beside_it_is_nothing(
    given: list[tuple[str, float | None]],
) -> None:
    header = ", ".join(text for text, _ in given)
    waits = [wait for _, wait in given if wait is not None]
    assert parse_retry_after({"retry-after": header}, NOW) == max(waits, default=None)
