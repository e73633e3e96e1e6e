import asyncio
import gzip
import pickle
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
import respx
import trustme

from inspectiq.errors import UnsafeURL
from inspectiq.net import GuardedTransport, NetPolicy, fetch
from inspectiq.net._guarded_backend import GuardedBackend
from inspectiq.net._guarded_transport import is_tls_failure
from inspectiq.net._resolve import resolve as system_resolve
from tests.net.cases import V4, V6, resolve
from tests.net.recording import Network
from tests.net.servers import at_once, opened, says, server_context, serving, to_here


async def get(url: str, policy: NetPolicy | None = None, **options: Any) -> httpx.Response:
    async with httpx.AsyncClient(transport=GuardedTransport(policy, **options)) as client:
        return await client.get(url)


async def test_a_client_streams_through_it_and_connections_are_kept() -> None:
    async def keeps(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nphoto")

    async with serving(keeps) as port:
        transport = GuardedTransport(opened(port))
        async with (
            httpx.AsyncClient(transport=transport) as client,
            client.stream("GET", f"http://127.0.0.1:{port}/") as response,
        ):
            assert [part async for part in response.aiter_bytes()] == [b"photo"]
        assert response.http_version == "HTTP/1.1"


class Watched(httpcore.AnyIOBackend):
    """Opens connections as ever, and keeps their sockets."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []

    async def connect_tcp(self, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        stream = await super().connect_tcp(*args, **options)
        self.sockets.append(stream.get_extra_info("socket"))
        return stream


@pytest.mark.parametrize("steps", range(8))
async def test_closing_that_is_cancelled_at_any_step_leaves_no_connection_open(steps: int) -> None:
    async def keeps(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nphoto")
        await asyncio.sleep(3600)  # until the server ends

    async def ask(transport: GuardedTransport, url: str) -> None:
        response = await transport.handle_async_request(httpx.Request("GET", url))
        assert await response.aread() == b"photo"
        await response.aclose()

    backend = Watched()
    async with serving(keeps) as port:
        transport = GuardedTransport(opened(port), network_backend=backend)
        await asyncio.gather(*(ask(transport, f"http://127.0.0.1:{port}/") for _ in range(4)))
        closing = asyncio.create_task(transport.aclose())
        for _ in range(steps):
            await asyncio.sleep(0)
        closing.cancel()
        await asyncio.wait([closing])
        if steps:  # else it has not begun
            await asyncio.sleep(0)
            assert [one.fileno() for one in backend.sockets] == [-1] * 4
        await transport.aclose()


async def test_what_comes_encoded_comes_as_it_is() -> None:
    packed = gzip.compress(b"photo")
    async with serving(says(packed, "Content-Encoding: GZIP")) as port:
        response = await get(f"http://127.0.0.1:{port}/", opened(port))
    assert response.content == packed
    assert response.extensions["content_encoding"] == "gzip"


async def test_tls_keeps_the_name_while_the_address_is_connected_to() -> None:
    network = Network()
    await get("https://both.example/", resolve=resolve, network_backend=network)
    assert network.connected == [(V6, 443)]
    assert network.tls_names == ["both.example"]
    assert b"Host: both.example\r\n" in network.sent[0]


async def test_a_host_with_a_dot_at_its_end_is_looked_up_and_asked_without_it() -> None:
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return (V4,)

    network = Network()
    await get("https://public.example.:8443/", resolve=resolve, network_backend=network)
    assert (asked, network.tls_names) == (["public.example"], ["public.example"])
    assert b"Host: public.example:8443\r\n" in network.sent[0]


async def test_a_server_is_told_the_name(tmp_path: Path) -> None:
    authority, named = trustme.CA(), []
    context = server_context(authority, "photos.test")
    context.sni_callback = lambda _, name, __: named.append(name)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with serving(says(b"photo"), context) as port:
        policy = opened(port, tmp_path / "ca.pem")
        await get(f"https://photos.test:{port}/", policy, resolve=to_here)
    assert named == ["photos.test"]


async def _failed(url: str, policy: NetPolicy, **options: Any) -> httpx.TransportError:
    with pytest.raises(httpx.TransportError) as caught:
        await get(url, policy, **options)
    return caught.value


async def test_a_failure_of_tls_is_told_from_others(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with serving(says(b""), server_context(authority, "other.test")) as port:
        url, trusting = f"https://photos.test:{port}/", opened(port, tmp_path / "ca.pem")
        wrong_name = await _failed(url, trusting, resolve=to_here)
        not_trusted = await _failed(url, opened(port), resolve=to_here)
    async with at_once(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        no_tls = await _failed(f"https://127.0.0.1:{port}/", opened(port))
    for error in (wrong_name, not_trusted, no_tls):
        assert isinstance(error, httpx.ConnectError)
        assert isinstance(error.__cause__, ssl.SSLError)
        assert is_tls_failure(error)
    gone = await _failed(f"https://127.0.0.1:{port}/", opened(port))
    assert not is_tls_failure(gone)
    assert not is_tls_failure(ssl.SSLError())  # no connection failed of it


async def test_a_server_that_hangs_up_while_tls_begins_may_be_tried_again() -> None:
    async with at_once(b"") as port:
        error = await _failed(f"https://127.0.0.1:{port}/", opened(port))
    assert isinstance(error, httpx.ConnectError)
    assert not is_tls_failure(error)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HTTP_PROXY", "http://127.0.0.1:9"),
        ("HTTPS_PROXY", "http://127.0.0.1:9"),
        ("ALL_PROXY", "http://127.0.0.1:9"),
        ("NO_PROXY", "*"),
        ("SSL_CERT_FILE", "/nowhere.pem"),
        ("SSL_CERT_DIR", "/nowhere"),
    ],
)
async def test_the_environment_changes_nothing(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inspectiq.net import _guarded_transport as transport

    transport._make_ssl_context.cache_clear()
    for name in (variable, variable.lower()):
        monkeypatch.setenv(name, value)
    network = Network()
    for url in ("http://public.example/", "https://public.example/"):
        await get(url, resolve=resolve, network_backend=network)
    assert network.connected == [(V4, 80), (V4, 443)]
    assert transport._make_ssl_context(None, None).cert_store_stats()["x509_ca"] > 50


async def test_addresses_are_tried_in_turn_and_share_the_time() -> None:
    network = Network(fail=(V6,))
    await fetch("http://both.example/", timeout=4, resolve=resolve, network_backend=network)
    assert network.addresses == [V6, V4]
    first, second = network.timeouts
    assert first is not None
    assert second is not None
    assert first == pytest.approx(2, abs=0.2)
    assert second == pytest.approx(4, abs=0.4)


async def test_where_no_address_answers_the_last_failure_is_told() -> None:
    network = Network(fail=(V6, V4))
    with pytest.raises(httpx.ConnectError, match="refused"):
        await get("http://both.example/", resolve=resolve, network_backend=network)
    assert network.addresses == [V6, V4]


async def test_of_a_long_answer_all_is_checked_and_the_first_eight_are_tried() -> None:
    answers = [f"93.184.216.{n}" for n in range(1, 30)]

    async def long(host: str, port: int) -> Sequence[str]:
        return answers

    network = Network(fail=answers)
    with pytest.raises(httpx.ConnectError):
        await get("http://long.example/", resolve=long, network_backend=network)
    assert network.addresses == answers[:8]
    answers.append("127.0.0.1")
    with pytest.raises(UnsafeURL):
        await get("http://long.example/", resolve=long, network_backend=network)


@pytest.mark.parametrize("answers", [[], ["not an address"], [V4, "x"]])
async def test_a_name_without_addresses_cannot_be_connected_to(answers: list[str]) -> None:
    async def odd(host: str, port: int) -> Sequence[str]:
        return answers

    network = Network()
    with pytest.raises(httpx.ConnectError, match=r"public\.example"):
        await get("http://public.example/", resolve=odd, network_backend=network)
    assert not network.connected


async def test_sockets_of_this_machine_are_refused() -> None:
    backend = GuardedBackend(NetPolicy(), resolve, Network())
    with pytest.raises(UnsafeURL):
        await backend.connect_unix_socket("/run/docker.sock")
    with pytest.raises(UnsafeURL):
        await backend.connect_tcp("10.0.0.1", 80)


async def test_a_name_server_that_hangs_blocks_neither_the_loop_nor_its_executor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = threading.Event()

    def hangs(*_: Any, **__: Any) -> Any:
        release.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    start = time.monotonic()

    async def one(n: int) -> None:
        with pytest.raises(httpx.ConnectTimeout):
            async with httpx.AsyncClient(transport=GuardedTransport(), timeout=0.2) as client:
                await client.get(f"http://h{n}.example/")

    await asyncio.gather(*(one(n) for n in range(50)))
    assert await asyncio.to_thread(lambda: 1) == 1
    assert time.monotonic() - start < 2
    hung = [thread for thread in threading.enumerate() if thread.name == "inspectiq-dns"]
    assert all(thread.daemon for thread in hung)
    release.set()
    for thread in hung:
        thread.join(5)


async def test_the_system_resolves_names_and_says_when_it_cannot() -> None:
    assert "127.0.0.1" in await system_resolve("localhost", 80)
    for name in ("no-such-host.invalid", "a" * 64 + ".example"):
        with pytest.raises(OSError):
            await system_resolve(name, 80)


async def test_respx_mocks_what_goes_through_it() -> None:
    with respx.mock() as router:
        route = router.get("https://public.example/a").respond(200, content=b"mocked")
        response = await get("https://public.example/a")
        assert response.content == b"mocked"
        assert await fetch("https://public.example/a") == b"mocked"
        assert route.call_count == 2
        with pytest.raises(UnsafeURL):
            await get("http://127.0.0.1/")


async def test_a_post_sends_its_body_and_headers() -> None:
    network = Network()
    async with httpx.AsyncClient(
        transport=GuardedTransport(resolve=resolve, network_backend=network)
    ) as client:
        await client.post("https://public.example/", content=b"{}", headers={"webhook-id": "1"})
    assert b"webhook-id: 1\r\n" in network.sent[0]
    assert b"{}" in network.sent


async def _proxied(url: str, network: Network, answers: Any = resolve) -> httpx.Response:
    policy = NetPolicy(proxy="http://user:w%40rd@proxy.internal:3128")

    async def resolve_both(host: str, port: int) -> Sequence[str]:
        return ("10.9.9.9",) if host == "proxy.internal" else await answers(host, port)

    return await get(url, policy, resolve=resolve_both, network_backend=network)


async def test_everything_goes_through_the_proxy_that_is_named() -> None:
    network = Network()
    await _proxied("http://public.example/a", network)
    assert network.connected == [("10.9.9.9", 3128)]
    assert b"GET http://public.example/a HTTP/1.1\r\n" in network.sent[0]
    assert b"Proxy-Authorization: Basic dXNlcjp3QHJk\r\n" in network.sent[0]


async def test_tls_goes_through_the_proxy_end_to_end() -> None:
    network = Network(b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(httpx.TransportError):  # a mock has one answer for the tunnel
        await _proxied("https://public.example/a", network)
    assert network.connected == [("10.9.9.9", 3128)]
    assert network.sent[0].startswith(b"CONNECT public.example:443 HTTP/1.1\r\n")
    assert network.tls_names == ["public.example"]


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "http://localhost/", "http://backend/", "http://mixed.example/"]
)
async def test_behind_a_proxy_what_is_known_to_be_private_is_refused(url: str) -> None:
    network = Network()
    with pytest.raises(UnsafeURL):
        await _proxied(url, network)
    assert not network.connected


async def test_behind_a_proxy_a_name_that_is_not_known_here_is_left_to_it() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    network = Network()
    await _proxied("http://public.example/a", network, unknown)
    assert network.connected == [("10.9.9.9", 3128)]


async def test_a_proxy_that_refuses_is_told_without_its_password() -> None:
    network = Network(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
    with pytest.raises(httpx.ProxyError) as caught:
        await _proxied("https://public.example/a", network)
    assert "w@rd" not in str(caught.value)


@pytest.mark.parametrize(
    "kind",
    [
        httpcore.ConnectError,
        httpcore.ConnectTimeout,
        httpcore.ReadTimeout,
        httpcore.RemoteProtocolError,
        httpcore.WriteError,
    ],
)
async def test_errors_are_those_of_httpx_and_keep_their_cause(kind: type[Exception]) -> None:
    class Failing(Network):
        async def connect_tcp(self, *args: Any, **kwargs: Any) -> Any:
            raise kind("why")

    with pytest.raises(httpx.TransportError, match="why") as caught:
        await get("http://public.example/", resolve=resolve, network_backend=Failing())
    assert type(caught.value).__name__ == kind.__name__
    assert isinstance(caught.value.__cause__, kind)
    assert not is_tls_failure(caught.value)


async def test_a_failure_of_tls_that_httpcore_lets_through_is_told_as_well() -> None:
    class Failing(Network):
        async def connect_tcp(self, *args: Any, **kwargs: Any) -> Any:
            raise ssl.SSLCertVerificationError("why")

    with pytest.raises(httpx.ConnectError, match="why") as caught:
        await get("https://public.example/", resolve=resolve, network_backend=Failing())
    assert is_tls_failure(caught.value)


def test_a_refusal_pickles() -> None:
    error = UnsafeURL("x", url="http://h/", reason="host")
    assert pickle.loads(pickle.dumps(error)).reason == "host"
