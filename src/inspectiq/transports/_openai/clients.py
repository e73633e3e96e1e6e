"""SDK clients: how one is made, and one for each running loop, to which its connections belong."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from pydantic import SecretStr

from inspectiq._host_calls import HostCallError, call_host
from inspectiq.errors import AuthenticationFailed, ConfigError

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

__all__ = ["Clients", "Key", "TooMuch", "maker", "required"]

Key = str | SecretStr | Callable[[], str | SecretStr | Awaitable[str | SecretStr]]

CONNECT_SECONDS = 10.0  # our assumptions
KEY_SECONDS = 10.0
MOST_BYTES = 32_000_000  # of an answer; one about a hundred photos has a quarter of a megabyte
SWOLLEN = 100  # by how much a compressed body may grow that nobody asked for


class TooMuch(Exception):
    """An answer is longer than any answer can be."""


class Clients:
    """Makes a client when a loop first needs one, and closes what it made.

    Args:
        make: Makes one.
    """

    def __init__(self, make: Callable[[], AsyncOpenAI]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncOpenAI] = (
            WeakKeyDictionary()
        )

    def current(self) -> AsyncOpenAI:
        """The running loop's client."""
        loop = asyncio.get_running_loop()
        with self._lock:
            client = self._by_loop.get(loop)
            if client is None:
                # A client's connections may hold their loop, so a closed one is let go by hand.
                for closed in [other for other in self._by_loop if other.is_closed()]:
                    del self._by_loop[closed]
                client = self._by_loop[loop] = self._make()
            return client

    async def aclose(self) -> None:
        """Closes all of them, each on its own loop; one that no longer runs took its own along.

        Other loops are told and not waited for: one of them may be waiting for this very call.
        """
        with self._lock:
            clients = dict(self._by_loop)
            self._by_loop.clear()
        here = asyncio.get_running_loop()
        for loop, client in clients.items():
            if loop is here:
                await client.close()
            elif loop.is_running():
                asyncio.run_coroutine_threadsafe(client.close(), loop)


def required(key: Key | None, base_url: str | None) -> Key:
    """The key; a word that stands for none where a server of one's own is named.

    Raises:
        ConfigError: There is no key, and OpenAI's own servers want one.
    """
    if key is None or key == "":
        if base_url is None:
            raise ConfigError(
                "no key for OpenAI; set OPENAI_API_KEY or give api_key=, or use the engine "
                "'offline', which needs none"
            )
        return "none"  # a server of one's own
    return key


def maker(
    key: Key | None,
    *,
    base_url: str | None,
    organization: str | None,
    project: str | None,
    timeout: float,
) -> Callable[[], AsyncOpenAI]:
    """What makes a client; see `OpenAITransport` for the arguments."""

    def make() -> AsyncOpenAI:
        import httpx2
        from openai import AsyncOpenAI

        return AsyncOpenAI(
            api_key=_asked_each_time(key) if callable(key) else _plain(key or ""),
            base_url=base_url,
            organization=organization,
            project=project,
            # The SDK's own HTTP client closes itself once forgotten, and on a loop not its own.
            http_client=httpx2.AsyncClient(
                timeout=httpx2.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout)),
                limits=httpx2.Limits(max_connections=None, max_keepalive_connections=100),
                follow_redirects=True,
                headers={"accept-encoding": "identity"},
                event_hooks={"response": [_bound]},
            ),
            max_retries=0,  # the stack owns retries
        )

    return make


async def _bound(response: httpx2.Response) -> None:
    """Ends the reading of a body that has no end, and reads it as what JSON is written in."""
    import httpx2

    assert isinstance(response.stream, httpx2.AsyncByteStream)
    stream: httpx2.AsyncByteStream = response.stream
    most = MOST_BYTES // SWOLLEN if "content-encoding" in response.headers else MOST_BYTES

    class Bounded(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            left = most
            async for chunk in stream:
                left -= len(chunk)
                if left < 0:
                    raise TooMuch
                yield chunk

        async def aclose(self) -> None:
            await stream.aclose()

    response.stream = Bounded()
    response.encoding = "utf-8"  # some proxies name a charset that is none


def _plain(key: str | SecretStr) -> str:
    return key.get_secret_value() if isinstance(key, SecretStr) else key


def _asked_each_time(
    ask: Callable[[], str | SecretStr | Awaitable[str | SecretStr]],
) -> Callable[[], Awaitable[str]]:
    async def key() -> str:
        try:
            # In a thread of its own: a secrets manager may take its time.
            answer = await call_host(ask, KEY_SECONDS)
        except HostCallError as error:
            failure = f"raised {type(error.__cause__).__name__}"
        except TimeoutError:
            failure = f"took longer than {KEY_SECONDS:g} s"
        else:
            if isinstance(answer, str | SecretStr) and _plain(answer):
                return _plain(answer)
            failure = f"gave {type(answer).__name__}"
        raise AuthenticationFailed(
            f"the function given as api_key {failure}; it must return the key", attempts=0
        )

    return key
