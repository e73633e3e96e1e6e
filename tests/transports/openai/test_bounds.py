"""Bodies without an end, and compressed ones."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator

import httpx2
import pytest

from inspectiq import OpenAITransport, VisionResponse
from inspectiq.errors import ProviderUnavailable
from inspectiq.transports._openai import clients
from tests.transports.openai.stand_in import responses, seen
from tests.transports.requests import request_of

SENT: list[int] = []


class Endless(httpx2.AsyncByteStream):
    """A body that goes on for as long as somebody reads it."""

    def __init__(self, chunk: bytes) -> None:
        self.chunk = chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(10_000):
            SENT.append(len(self.chunk))
            yield self.chunk
        raise AssertionError("nobody stopped")


def ask(monkeypatch: pytest.MonkeyPatch, answer: httpx2.Response) -> VisionResponse:
    async def handle(_: httpx2.AsyncHTTPTransport, request: httpx2.Request) -> httpx2.Response:
        assert request.headers["accept-encoding"] == "identity"
        return answer

    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", handle)

    async def go() -> VisionResponse:
        engine = OpenAITransport("gpt-4.1", api_key="sk-x", base_url="http://127.0.0.1:9/v1")
        try:
            return await engine.send(request_of(1))
        finally:
            await engine.aclose()

    return asyncio.run(go())


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("encoding", [None, "gzip"])
def test_a_body_without_an_end_is_not_read_to_the_end(
    monkeypatch: pytest.MonkeyPatch, status: int, encoding: str | None
) -> None:
    SENT.clear()
    headers = {} if encoding is None else {"content-encoding": encoding}
    chunk = b" " * 100_000 if encoding is None else gzip.compress(b" " * 10_000_000)
    stream = Endless(chunk)
    with pytest.raises(ProviderUnavailable, match="more than an answer can be") as caught:
        ask(monkeypatch, httpx2.Response(status, headers=headers, stream=stream))
    assert not caught.value.retryable
    most = clients.MOST_BYTES if encoding is None else clients.MOST_BYTES // clients.SWOLLEN
    assert sum(SENT) <= most + 2 * len(chunk)


def test_a_large_answer_is_read_also_where_it_came_compressed_unasked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = responses(seen({"text": {"format": {"schema": request_of(1).schema.to_dict()}}}))
    good.body["output"].insert(0, {"type": "reasoning", "encrypted_content": "x" * 3_000_000})
    packed = gzip.compress(json.dumps(good.body).encode())
    answer = httpx2.Response(200, headers={"content-encoding": "gzip"}, content=packed)
    assert ask(monkeypatch, answer).usage.input_tokens == 1000
