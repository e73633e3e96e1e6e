"""`fetch`: gets the bytes at a URL that somebody else wrote, guarded and bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpcore
import httpx

from inspectiq._tracebacks import hide_locals
from inspectiq.errors import FetchFailed, UnsafeURL
from inspectiq.net._guarded_transport import ENCODING, GuardedTransport, is_tls_failure
from inspectiq.net._host_names import drop_root
from inspectiq.net._net_policy import NetPolicy
from inspectiq.net._resolve import Resolve, resolve
from inspectiq.net._urls import check_text, check_url, strip_secrets

__all__ = ["FETCH_SECONDS", "MAX_BYTES", "MAX_REDIRECTS", "fetch"]

MAX_BYTES = 25_000_000  # the limits are ours
MAX_REDIRECTS = 3
FETCH_SECONDS = 20.0

_OURS = {"User-Agent": "inspectiq", "Accept": "*/*"}
_GONE = (404, 410)


@hide_locals
async def fetch(
    url: str | httpx.URL,
    policy: NetPolicy | None = None,
    *,
    max_bytes: int = MAX_BYTES,
    timeout: float = FETCH_SECONDS,
    headers: Mapping[str, str] | None = None,
    resolve: Resolve = resolve,
    network_backend: httpcore.AsyncNetworkBackend | None = None,
) -> bytes:
    """Gets the content of a URL: guarded, bounded in bytes and in time.

    At most three redirects are followed. Each is checked as the URL was, none leads from https to
    http, and `headers` go to the first origin only. The body is taken as it is sent, never
    decompressed.

    Args:
        url: The URL, http or https.
        policy: What is opened by name; nothing if not given.
        max_bytes: The most that is read.
        timeout: Seconds for all of it: looking up names, redirects, the body.
        headers: Sent along, such as `Authorization`.
        resolve: Gives a host's addresses; see `GuardedTransport`.
        network_backend: For tests; see `GuardedTransport`.

    Raises:
        UnsafeURL: The URL, or one that it redirects to, must not be fetched.
        FetchFailed: Nothing came, something else did, or too much.
    """
    at = check_url(url, policy or NetPolicy())
    transport = GuardedTransport(policy, resolve=resolve, network_backend=network_backend)
    try:
        async with asyncio.timeout(timeout), transport:
            return await _follow(transport, at, dict(headers or {}), max_bytes, timeout)
    except TimeoutError:
        raise FetchFailed(
            f"{_get_host(at)} took more than {timeout:g} s; try again later, or allow more time",
            reason="timeout",
        ) from None


async def _follow(
    transport: GuardedTransport,
    url: httpx.URL,
    headers: Mapping[str, str],
    max_bytes: int,
    timeout: float,
) -> bytes:
    for hop in range(MAX_REDIRECTS + 1):
        request = httpx.Request(
            "GET",
            url,
            headers={**_OURS, **headers},
            extensions={"timeout": httpx.Timeout(timeout).as_dict()},
        )
        try:
            answer = await _send(transport, request, max_bytes)
        except UnsafeURL as error:
            raise (_mark_redirected(error) if hop else error) from None
        except httpx.TransportError as error:
            raise _make_fetch_error(_get_host(url), error) from error
        if isinstance(answer, bytes):
            return answer
        if _get_origin(answer) != _get_origin(url):
            headers = {}  # they were meant for the first origin
        url = answer
    raise _make_redirect_error(
        f"it redirects more than {MAX_REDIRECTS} times; give the last URL", url
    )


async def _send(
    transport: GuardedTransport, request: httpx.Request, max_bytes: int
) -> bytes | httpx.URL:
    """Sends one request; gives the body, or the URL that it redirects to."""
    response = await transport.handle_async_request(request)
    try:
        if response.has_redirect_location:
            return _read_redirect(response, request.url)
        return await _read_body(response, _get_host(request.url), max_bytes)
    finally:
        await response.aclose()


def _read_redirect(response: httpx.Response, url: httpx.URL) -> httpx.URL:
    location = response.headers["Location"]
    try:
        check_text(location)
        following = url.join(location)
    except (UnsafeURL, httpx.InvalidURL):
        raise _make_redirect_error(
            "it redirects to something that is no URL; mend it there", url
        ) from None
    if url.scheme == "https" and following.scheme == "http":
        raise _make_redirect_error(
            "it redirects from https to http; give a URL that stays with https", url
        )
    return following


async def _read_body(response: httpx.Response, host: str, max_bytes: int) -> bytes:
    status = response.status_code
    if not response.is_success:
        raise FetchFailed(
            f"{host} answered {status}; " + _suggest_mend(status),
            reason="not_found" if status in _GONE else "status",
            status_code=status,
        )
    if response.extensions.get(ENCODING, "identity") not in ("", "identity"):
        raise FetchFailed(
            f"{host} sent the body encoded though it was asked not to; turn compression off for "
            "pictures there",
            reason="encoded",
            status_code=status,
        )
    body = await _read_bounded(response, max_bytes)
    if body is None:
        raise FetchFailed(
            f"{host} sends more than the {max_bytes:,} bytes that are read; make it smaller",
            reason="too_many_bytes",
            status_code=status,
        )
    return body


async def _read_bounded(response: httpx.Response, max_bytes: int) -> bytes | None:
    """Reads a body; None where it is longer than allowed, announced or not."""
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced[:20]) > max_bytes:
        return None
    chunks, size = [], 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > max_bytes:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _suggest_mend(status: int) -> str:
    if status in _GONE:
        return "check the URL, or whether the file was moved"
    if status in (401, 403):
        return "give headers= with what it asks for, or a URL that is signed and has not expired"
    if status == 429 or status >= 500:
        return "try again later"
    return "check the URL"


def _get_host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii")


def _get_origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, drop_root(_get_host(url)), url.port


def _make_fetch_error(host: str, error: httpx.TransportError) -> FetchFailed:
    if is_tls_failure(error):
        return FetchFailed(
            f"the certificate or the TLS of {host} cannot be trusted; mend it there, or give "
            "NetPolicy(ca_bundle=...) or INSPECTIQ_CA_BUNDLE if a certificate authority of your "
            "own signed it",
            reason="tls",
        )
    if isinstance(error, httpx.TimeoutException):
        return FetchFailed(
            f"{host} did not answer in time; try again later, or allow more time", reason="timeout"
        )
    if isinstance(error, httpx.ProxyError):
        return FetchFailed(
            f"the proxy did not let the call to {host} through; check NetPolicy(proxy=...) or "
            "INSPECTIQ_PROXY, and what the proxy allows",
            reason="unreachable",
        )
    return FetchFailed(
        f"{host} could not be reached ({type(error).__name__}); check the name, and that this "
        "machine may reach it",
        reason="unreachable",
    )


def _mark_redirected(error: UnsafeURL) -> UnsafeURL:
    return UnsafeURL(f"after a redirect: {error}", url=error.url, reason=error.reason)


def _make_redirect_error(what: str, url: httpx.URL) -> UnsafeURL:
    said = f"the URL of {_get_host(url)} is refused: {what}"
    return UnsafeURL(said, url=strip_secrets(url), reason="redirect")
