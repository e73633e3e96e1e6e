"""Sends webhooks by HTTP, or by a transport of the host's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from inspectiq._per_loop import ClientPerLoop
from inspectiq._taking import require
from inspectiq._tracebacks import hide_locals
from inspectiq.errors import ConfigError
from inspectiq.net._guarded_transport import GuardedTransport
from inspectiq.net._net_policy import NetPolicy
from inspectiq.net._resolve import Resolve, resolve

if TYPE_CHECKING:
    import httpx

__all__ = [
    "HTTPWebhookTransport",
    "WebhookRequest",
    "WebhookResponse",
    "WebhookTransport",
    "resolve_transport",
]

MOST_READ = 64 * 1024  # bytes of a reply; nothing of it is kept
READ_SECONDS = 1.0  # for the body of a reply, once its status is known; our assumption


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """One attempt at a webhook, signed, as it is sent.

    Attributes:
        id: The `webhook-id`.
        type: Of the event.
        endpoint: Key of the endpoint.
        attempt: 1, 2, …
        url: Where it goes.
        headers: All that matter, the signature's included.
        body: The exact bytes.
    """

    id: str
    type: str
    endpoint: str
    attempt: int
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookResponse:
    """The answer of an endpoint to one attempt.

    Attributes:
        status_code: HTTP status; only 200 to 299 is success.
        headers: By name in lower case.
    """

    status_code: int
    headers: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class WebhookTransport(Protocol):
    """Sends one attempt. Yours may put it on a queue of the host's.

    What it raises is a failed attempt, tried again on schedule; one that takes longer than
    `Pace.timeout` is cancelled.
    """

    async def send(self, request: WebhookRequest, /) -> WebhookResponse | None:
        """Sends an attempt; returns the answer, or None where it was taken and there is none."""


@hide_locals
class HTTPWebhookTransport:
    """Posts by HTTP, through the guard, with a connection pool for each running loop.

    Redirects are not followed. The status is the answer; of the body at most 64 kB are read, for at
    most a second, and one that is cut short changes nothing.

    Args:
        policy: The hosts that the guard lets through.
        resolve: Looks up the addresses of a host and port instead of the system, for tests.
        product: Who sends, in the header `User-Agent`; `inspectiq/` and its version if not given.
    """

    def __init__(
        self, policy: NetPolicy | None = None, *, resolve: Resolve = resolve, product: str = ""
    ) -> None:
        require(product, str, "product", "give the name of your product")
        # What no product in a header may hold, by RFC 9110, becomes a hyphen.
        self._product = re.sub(r"[^A-Za-z0-9!#$%&'*+.^_`|~/-]+", "-", product).strip("-")
        make = partial(_make_pool, policy or NetPolicy(), resolve)
        self._pools = ClientPerLoop(make, close=_Pool.aclose)

    async def send(self, request: WebhookRequest, /) -> WebhookResponse:
        """Posts an attempt and returns the answer's status and headers."""
        import httpx

        # Past httpx's client, which follows redirects and logs URLs with their queries.
        asked = httpx.Request(
            "POST",
            request.url,
            headers={
                "user-agent": self._product or f"inspectiq/{version('inspectiq')}",
                **request.headers,
            },
            content=request.body,
        )
        async with self._pools.get().borrow() as connections:
            response = await connections.handle_async_request(asked)
            try:
                await _drain(response)
            finally:
                await response.aclose()
        return WebhookResponse(
            status_code=response.status_code, headers=dict(response.headers.items())
        )

    async def aclose(self) -> None:
        """Closes the connections, once nothing is under way on them; an attempt opens new ones."""
        await self._pools.aclose()


class _Pool:
    """Connections of one loop, closed once no attempt uses them; else one would stay open."""

    def __init__(self, connections: GuardedTransport) -> None:
        self._connections = connections
        self._users = 0
        self._closing = False

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[GuardedTransport]:
        self._users += 1
        try:
            yield self._connections
        finally:
            self._users -= 1
            await self._close_if_done()

    async def aclose(self) -> None:
        self._closing = True
        await self._close_if_done()

    async def _close_if_done(self) -> None:
        if self._closing and not self._users:
            await self._connections.aclose()


def _make_pool(policy: NetPolicy, resolve: Resolve) -> _Pool:
    import httpx

    # Without a bound, or endpoints that hang would hold up the others.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
    return _Pool(GuardedTransport(policy, resolve=resolve, limits=limits))


def resolve_transport(
    given: WebhookTransport | None, policy: NetPolicy, product: str
) -> WebhookTransport:
    """Makes the transport of a notifier: the given one, or HTTP through the guard.

    Raises:
        ConfigError: It has no method `send`, or is a class.
    """
    if given is None:
        return HTTPWebhookTransport(policy, product=product)
    if isinstance(given, type) or not callable(getattr(given, "send", None)):
        raise ConfigError(
            f"{given!r} is no webhook transport: pass an object with "
            "`async def send(self, request)`"
        )
    return given


async def _drain(response: httpx.Response) -> None:
    """Reads the body, so that its connection can serve again; one that is long is cut off.

    The endpoint has answered by its status: a body that does not come whole changes nothing.
    """
    import httpx

    read = 0
    with suppress(TimeoutError, httpx.TransportError):
        async with asyncio.timeout(READ_SECONDS):
            async for chunk in response.aiter_raw():
                read += len(chunk)
                if read > MOST_READ:
                    return
