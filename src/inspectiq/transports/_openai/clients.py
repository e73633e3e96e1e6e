"""Makes the SDK's clients, which read no answer without a bound."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from inspectiq.transports._openai.keys import Key, convert_key

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["AnswerTooLong", "import_http", "make_client"]

CONNECT_SECONDS = 10.0  # our assumptions
MOST_BYTES = 32_000_000  # of an answer; one about a hundred photos has a quarter of a megabyte
SWOLLEN = 100  # by how much a compressed body may grow that nobody asked for


class AnswerTooLong(Exception):
    """An answer is longer than any answer can be."""


def make_client(
    key: Key,
    *,
    base_url: str | None,
    organization: str | None,
    project: str | None,
    timeout: float,
) -> AsyncOpenAI:
    """Makes a client whose answers are bounded; see `OpenAITransport` for the arguments."""
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Timeout

    http = import_http()
    return AsyncOpenAI(
        api_key=convert_key(key),
        base_url=base_url,
        organization=organization,
        project=project,
        # The one that the SDK makes closes itself once forgotten, and on a loop not its own.
        http_client=DefaultAsyncHttpxClient(
            timeout=Timeout(timeout, connect=min(CONNECT_SECONDS, timeout)),
            limits=http.Limits(max_connections=None, max_keepalive_connections=100),
            headers={"accept-encoding": "identity"},
            event_hooks={"response": [partial(_bound_body, http.AsyncByteStream)]},
        ),
        max_retries=0,  # the stack owns retries
    )


@cache
def import_http() -> Any:
    """Imports the HTTP library that the SDK stands on: httpx for 2.x, httpx2 for 3.x."""
    from openai import DefaultAsyncHttpxClient

    (client,) = DefaultAsyncHttpxClient.__bases__
    return import_module(client.__module__.partition(".")[0])


async def _bound_body(streams: type[Any], response: Any) -> None:
    """Limits how many bytes of a body are read, and has it decoded as UTF-8.

    Args:
        streams: The only class of streams that the HTTP library takes.
        response: Of that library.
    """
    stream = response.stream
    most = MOST_BYTES // SWOLLEN if "content-encoding" in response.headers else MOST_BYTES

    class Bounded(streams):  # type: ignore[misc]
        async def __aiter__(self) -> AsyncIterator[bytes]:
            left = most
            async for chunk in stream:
                left -= len(chunk)
                if left < 0:
                    raise AnswerTooLong
                yield chunk

        async def aclose(self) -> None:
            await stream.aclose()

    response.stream = Bounded()
    response.encoding = "utf-8"  # some proxies name a charset that is none
