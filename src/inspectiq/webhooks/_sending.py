"""One attempt: the request as it is sent, and by what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from weakref import WeakKeyDictionary

from inspectiq._fork import ForkLock
from inspectiq.net._guarded_transport import GuardedTransport
from inspectiq.net._net_policy import NetPolicy
from inspectiq.net._resolve import Resolve, resolve

if TYPE_CHECKING:
    import httpx

__all__ = ["HTTPWebhookTransport", "WebhookRequest", "WebhookResponse", "WebhookTransport"]

MOST_READ = 64 * 1024  # bytes of a reply; nothing of it is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """One attempt at a webhook, signed.

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
    """What came back.

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
        """Sends it; returns the answer, or None where it was taken and there is none."""


class HTTPWebhookTransport:
    """Posts by HTTP, through the guard, with a connection pool for each running loop.

    Redirects are not followed, and of an answer at most 64 kB are read.

    Args:
        policy: What the guard lets through.
        resolve: Looks up the addresses of a host and port instead of the system, for tests.
    """

    def __init__(self, policy: NetPolicy | None = None, *, resolve: Resolve = resolve) -> None:
        self._policy = policy or NetPolicy()
        self._resolve = resolve
        self._lock = ForkLock()
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, _Pool] = WeakKeyDictionary()

    async def send(self, request: WebhookRequest, /) -> WebhookResponse:
        import httpx

        # Past httpx's client, which follows redirects and logs URLs with their queries.
        asked = httpx.Request(
            "POST",
            request.url,
            headers={"user-agent": f"inspectiq/{version('inspectiq')}", **request.headers},
            content=request.body,
        )
        async with self._pool().used() as connections:
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
        with self._lock:
            pools = dict(self._pools)
            self._pools.clear()
        here = asyncio.get_running_loop()
        for loop, pool in pools.items():
            if loop is here:
                await pool.aclose()
            elif loop.is_running():
                asyncio.run_coroutine_threadsafe(pool.aclose(), loop)

    def _pool(self) -> _Pool:
        import httpx

        loop = asyncio.get_running_loop()
        with self._lock:
            pool = self._pools.get(loop)
            if pool is None:
                # Connections may hold their loop, so those of a closed one are let go by hand.
                for closed in [other for other in self._pools if other.is_closed()]:
                    del self._pools[closed]
                # Without a bound, or endpoints that hang would hold up the others.
                limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
                pool = self._pools[loop] = _Pool(
                    GuardedTransport(self._policy, resolve=self._resolve, limits=limits)
                )
            return pool


class _Pool:
    """Connections of one loop. What is closed amid an attempt would leave its connection open."""

    def __init__(self, connections: GuardedTransport) -> None:
        self._connections = connections
        self._users = 0
        self._closing = False

    @asynccontextmanager
    async def used(self) -> AsyncIterator[GuardedTransport]:
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


async def _drain(response: httpx.Response) -> None:
    """Reads the answer, so that its connection can serve again; one that is long is cut off."""
    read = 0
    async for chunk in response.aiter_raw():
        read += len(chunk)
        if read > MOST_READ:
            return
