"""`GuardedTransport`: an httpx transport to public addresses, and those that a policy opens."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self

import httpcore
import httpx

from inspectiq._taking import require
from inspectiq.errors import ConfigError, UnsafeURL
from inspectiq.net._guarded_backend import GuardedBackend, resolve_checked
from inspectiq.net._net_policy import NetPolicy
from inspectiq.net._resolve import Resolve, resolve
from inspectiq.net._urls import check_url, get_port

__all__ = ["ENCODING", "GuardedTransport", "is_tls_failure"]

ENCODING = "content_encoding"  # the response's extension that says how its body is encoded

PROXIED_LOOKUP_SECONDS = 2.0  # ours: behind a proxy, names are often not known here


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends requests to public addresses, and to hosts that the policy opens by name.

    Give it to an `httpx.AsyncClient(transport=...)`. Each URL's text is checked, its name is looked
    up once, every answer must be allowed, and the connection is made to the addresses that were
    checked; TLS and the `Host` header keep the name. No variable of the environment is read.

    Redirects are the client's matter; with `follow_redirects=True` each is checked again, though a
    step from https to http is not refused, as `fetch` refuses it. A body is not decoded: `identity`
    is asked for, and what comes encoded all the same comes as it is, with its encoding in
    `response.extensions["content_encoding"]` in place of the header.

    It belongs to the event loop that it is first used on, and is not for threads or forks.

    Args:
        policy: What is opened; nothing if not given.
        resolve: Called with host and port, returns the addresses as text; the system's if not
            given. The timeout for connecting includes it.
        limits: Of the pool of connections.
        network_backend: Opens the connections to checked addresses; for tests.

    Raises:
        ConfigError: The policy's `ca_bundle` cannot be read.
    """

    def __init__(
        self,
        policy: NetPolicy | None = None,
        *,
        resolve: Resolve = resolve,
        limits: httpx.Limits | None = None,
        network_backend: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        require(policy or NetPolicy(), NetPolicy, "policy", "give a NetPolicy")
        require(limits or httpx.Limits(), httpx.Limits, "limits", "give httpx.Limits(...)")
        self._policy = policy or NetPolicy()
        self._resolve = resolve
        self._pool = _make_pool(
            self._policy,
            resolve,
            limits or httpx.Limits(max_connections=100, max_keepalive_connections=20),
            network_backend or httpcore.AnyIOBackend(),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends one request.

        Raises:
            UnsafeURL: The URL is not allowed, or its name stands for an address that is not.
            httpx.TransportError: Connecting, sending or receiving failed.
        """
        url = check_url(request.url, self._policy)
        if self._policy.proxy is not None:
            await self._check_behind_proxy(url)
        sent_headers = httpx.Headers(request.headers)
        sent_headers["Accept-Encoding"] = "identity"
        if sent_headers.get("Host") == request.url.netloc.decode("ascii"):
            sent_headers["Host"] = url.netloc.decode("ascii")
        assert isinstance(request.stream, httpx.AsyncByteStream)
        sent = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=sent_headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _raise_as_httpx():
            response = await self._pool.handle_async_request(sent)
        headers = httpx.Headers(response.headers)
        encoding = headers.pop("Content-Encoding", "identity")
        return httpx.Response(
            status_code=response.status,
            headers=headers,
            stream=_Body(response),
            extensions={**response.extensions, ENCODING: encoding.strip().lower()},
        )

    async def _check_behind_proxy(self, url: httpx.URL) -> None:
        """Checks a name that the proxy will look up; one unknown here is left to the proxy."""
        host = url.raw_host.decode("ascii")
        try:
            async with asyncio.timeout(PROXIED_LOOKUP_SECONDS):
                await resolve_checked(host, get_port(url), self._policy, self._resolve)
        except OSError:  # TimeoutError is one
            return

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes all connections, also where the caller is cancelled meanwhile."""
        cancelled = None
        # One by one, since the pool forgets all of them before it has closed the first.
        for connection in self._pool.connections:
            try:
                await connection.aclose()
            except asyncio.CancelledError as error:  # this one is closed all the same
                cancelled = error
        await self._pool.aclose()
        if cancelled is not None:
            raise cancelled


def is_tls_failure(error: BaseException) -> bool:
    """Tells whether a connection failed for its TLS: a bad certificate, a wrong name, no TLS.

    Trying again does not help until one side is mended. A server that hangs up while TLS begins is
    no such failure.
    """
    cause = error.__cause__ if isinstance(error, httpx.ConnectError) else None
    hung_up = isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError)
    return isinstance(cause, ssl.SSLError) and not hung_up


class _Body(httpx.AsyncByteStream):
    """A response's body as it arrives, with httpx's errors."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _raise_as_httpx():
            async for part in self._response.aiter_stream():
                yield part

    async def aclose(self) -> None:
        await self._response.aclose()


@contextmanager
def _raise_as_httpx() -> Iterator[None]:
    """Raises httpcore's errors as those of httpx that have the same names."""
    try:
        yield
    except ssl.SSLError as error:  # httpcore before 1.0.6 lets it through
        raise httpx.ConnectError(str(error)) from error
    except UnsafeURL:  # a ValueError as well
        raise
    except ValueError as error:  # of h11 before 0.16, for a length that is no number Python reads
        raise httpx.RemoteProtocolError("a header that cannot be read") from error
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
    ) as error:
        kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__)
        # The pool cuts the chain of causes; what failed at the socket is the argument.
        why = error.args[0] if error.args and isinstance(error.args[0], Exception) else error
        raise kind(str(error)) from why


def _make_pool(
    policy: NetPolicy, resolve: Resolve, limits: httpx.Limits, inner: httpcore.AsyncNetworkBackend
) -> httpcore.AsyncConnectionPool:
    trusted = _make_ssl_context(policy.ca_bundle, _get_modified(policy.ca_bundle))
    if policy.proxy is None:
        return httpcore.AsyncConnectionPool(
            ssl_context=trusted,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=GuardedBackend(policy, resolve, inner),
        )
    proxy = httpx.URL(policy.proxy)
    # All that is connected to is the proxy, which is opened by being named.
    opened = NetPolicy(private=(proxy.netloc.decode("ascii"),))
    return httpcore.AsyncHTTPProxy(
        proxy_url=httpcore.URL(
            scheme=proxy.raw_scheme, host=proxy.raw_host, port=proxy.port, target=b"/"
        ),
        proxy_auth=(proxy.username.encode(), proxy.password.encode()) if proxy.userinfo else None,
        proxy_ssl_context=trusted if proxy.scheme == "https" else None,
        ssl_context=trusted,
        max_connections=limits.max_connections,
        max_keepalive_connections=limits.max_keepalive_connections,
        keepalive_expiry=limits.keepalive_expiry,
        network_backend=GuardedBackend(opened, resolve, inner),
    )


def _get_modified(bundle: Path | None) -> int | None:
    try:
        return bundle.stat().st_mtime_ns if bundle is not None else None
    except OSError as error:
        raise _make_bundle_error(error) from error


@lru_cache(maxsize=4)  # reading the public certificates takes some 10 ms
def _make_ssl_context(bundle: Path | None, _modified: int | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    if bundle is not None:
        try:
            context.load_verify_locations(cafile=bundle)
        except OSError as error:  # ssl.SSLError is one
            raise _make_bundle_error(error) from error
    return context


def _make_bundle_error(error: OSError) -> ConfigError:
    return ConfigError(
        f"NetPolicy(ca_bundle=...) or INSPECTIQ_CA_BUNDLE cannot be read ({type(error).__name__}); "
        "give the path of a file of certificates in PEM form"
    )
