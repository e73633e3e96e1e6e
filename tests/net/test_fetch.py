"""Bounds of bytes and time, against real servers."""

import asyncio
import gzip
import time
import tracemalloc
from pathlib import Path
from typing import Any

import httpcore
import pytest
import trustme

from inspectiq import ConfigError
from inspectiq.errors import FetchFailed, FetchReason, UnsafeURL
from inspectiq.net import NetPolicy, fetch
from tests.net.cases import resolve
from tests.net.recording import Network, moved
from tests.net.servers import opened, says, server_context, serving, to_here

HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


async def failure(url: str, policy: NetPolicy, **options: Any) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        await fetch(url, policy, **options)
    return caught.value


async def test_what_is_there_is_what_comes() -> None:
    content = bytes(range(256)) * 1_000
    async with serving(says(content)) as port:
        assert await fetch(f"http://127.0.0.1:{port}/a", opened(port)) == content
        assert await fetch(f"http://localhost:{port}/a", opened(port)) == content


async def test_an_endless_body_is_cut_at_the_bound_and_not_kept() -> None:
    sent = 0

    async def endless(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(HEAD + b"\r\n")
        while True:
            writer.write(bytes(65_536))
            sent += 65_536
            await writer.drain()

    async with serving(endless) as port:
        tracemalloc.start()
        try:
            error = await failure(f"http://127.0.0.1:{port}/", opened(port), max_bytes=1_000_000)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert error.reason == "too_many_bytes"
    assert "1,000,000" in str(error)
    assert peak < 4_000_000
    assert sent < 20_000_000  # what the system's buffers took


@pytest.mark.parametrize("length", ["1000001", "9" * 5_000])
async def test_a_length_beyond_the_bound_is_refused_before_the_body(length: str) -> None:
    async def announces(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + f"Content-Length: {length}\r\n\r\n".encode())
        await asyncio.sleep(10)

    async with serving(announces) as port:
        start = time.monotonic()
        error = await failure(f"http://127.0.0.1:{port}/", opened(port), max_bytes=1_000_000)
    assert error.reason in ("too_many_bytes", "unreachable")  # h11 takes no number of such length
    assert time.monotonic() - start < 2


async def test_a_body_that_drips_hits_the_deadline_of_the_whole() -> None:
    async def drips(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with serving(drips) as port:
        start = time.monotonic()
        error = await failure(f"http://127.0.0.1:{port}/", opened(port), timeout=0.3)
    assert error.reason == "timeout"
    assert 0.2 < time.monotonic() - start < 1.5


@pytest.mark.parametrize("line", [b"X: y\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_a_head_that_never_ends_hits_the_deadline(line: bytes) -> None:
    async def drips(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" if line.startswith(b"X") else line)
        while True:
            writer.write(line)
            await writer.drain()
            await asyncio.sleep(0.02)

    async with serving(drips) as port:
        error = await failure(f"http://127.0.0.1:{port}/", opened(port), timeout=0.3)
    assert error.reason == "timeout"


async def test_looking_up_a_name_counts_within_the_deadline() -> None:
    async def hangs(host: str, port: int) -> list[str]:
        await asyncio.sleep(10)
        return ["93.184.216.34"]

    start = time.monotonic()
    error = await failure("http://slow.example/", NetPolicy(), timeout=0.2, resolve=hangs)
    assert error.reason == "timeout"
    assert time.monotonic() - start < 1


async def test_a_gzip_bomb_is_never_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    async with serving(says(bomb, "Content-Encoding: gzip")) as port:
        tracemalloc.start()
        try:
            error = await failure(f"http://127.0.0.1:{port}/", opened(port))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert error.reason == "encoded"
    assert peak < 4_000_000


async def test_no_encoding_is_asked_for_and_our_name_is_given() -> None:
    heads = []

    async def listens(head: bytes, writer: asyncio.StreamWriter) -> None:
        heads.append(head.lower())
        await says(b"x")(head, writer)

    async with serving(listens) as port:
        url = f"http://127.0.0.1:{port}/a?b=c"
        await fetch(url, opened(port), headers={"X-Key": "k", "Accept-Encoding": "gzip"})
    (head,) = heads
    assert head.startswith(b"get /a?b=c http/1.1\r\n")
    assert b"accept-encoding: identity\r\n" in head
    assert b"gzip" not in head
    assert b"user-agent: inspectiq\r\n" in head
    assert b"x-key: k\r\n" in head


async def test_a_loop_of_redirects_ends() -> None:
    count = 0

    async def around(head: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        await says(b"", "Location: /again", status="302 Found")(head, writer)

    async with serving(around) as port:
        with pytest.raises(UnsafeURL, match="redirects more than 3 times"):
            await fetch(f"http://127.0.0.1:{port}/", opened(port))
    assert count == 4


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        ("404 Not Found", "not_found", "check the URL"),
        ("410 Gone", "not_found", "moved"),
        ("403 Forbidden", "status", "headers="),
        ("418 Teapot", "status", "check the URL"),
        ("304 Not Modified", "status", "check the URL"),
        ("429 Too Many", "status", "later"),
        ("503 Unavailable", "status", "later"),
    ],
)
async def test_a_status_that_is_no_success_says_what_to_do(
    status: str, reason: FetchReason, words: str
) -> None:
    async with serving(says(b"", status=status)) as port:
        error = await failure(f"http://127.0.0.1:{port}/?key=word", opened(port))
    assert (error.reason, error.status_code) == (reason, int(status[:3]))
    assert words in str(error)
    assert "word" not in str(error)


async def test_a_server_that_is_not_there_or_speaks_no_http_is_unreachable() -> None:
    async def babbles(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")

    async with serving(babbles) as port:
        error = await failure(f"http://127.0.0.1:{port}/", opened(port))
        assert error.reason == "unreachable"
    error = await failure(f"http://127.0.0.1:{port}/", opened(port))
    assert error.reason == "unreachable"


@pytest.mark.parametrize(
    ("error", "reason", "words"),
    [
        (httpcore.ConnectTimeout("x"), "timeout", "try again later"),
        (httpcore.ReadTimeout("x"), "timeout", "try again later"),
        (httpcore.ProxyError("407"), "unreachable", "INSPECTIQ_PROXY"),
        (httpcore.ReadError("x"), "unreachable", "ReadError"),
    ],
)
async def test_a_failure_on_the_way_names_the_host_that_failed(
    error: Exception, reason: FetchReason, words: str
) -> None:
    class Failing(Network):
        async def connect_tcp(self, *args: Any, **kwargs: Any) -> Any:
            if self.connected:
                raise error
            return await super().connect_tcp(*args, **kwargs)

    network = Failing(moved("http://other.example/"))
    found = await failure(
        "http://public.example/", NetPolicy(), resolve=resolve, network_backend=network
    )
    assert found.reason == reason
    assert "other.example" in str(found)
    assert words in str(found)


async def test_a_certificate_authority_of_ones_own_is_trusted_where_it_is_given(
    tmp_path: Path,
) -> None:
    authority = trustme.CA()
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    async with serving(says(b"photo"), server_context(authority, "photos.test")) as port:
        url = f"https://photos.test:{port}/"
        assert await fetch(url, opened(port, bundle), resolve=to_here) == b"photo"
        error = await failure(url, opened(port), resolve=to_here)
        assert error.reason == "tls"
        assert "INSPECTIQ_CA_BUNDLE" in str(error)
        # The name of the certificate is that of the URL, not of the address behind it.
        error = await failure(f"https://127.0.0.1:{port}/", opened(port, bundle))
        assert error.reason == "tls"


@pytest.mark.parametrize("content", [None, "not a certificate"])
async def test_a_bundle_that_cannot_be_read_is_a_fault_of_configuration(
    content: str | None, tmp_path: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    if content:
        bundle.write_text(content)
    with pytest.raises(ConfigError, match="INSPECTIQ_CA_BUNDLE"):
        await fetch("https://public.example/", NetPolicy(ca_bundle=bundle))
