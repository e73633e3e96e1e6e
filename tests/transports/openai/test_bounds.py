"""Bodies without an end, and compressed ones, from a real server."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import repeat

import pytest

from inspectiq import OpenAITransport, VisionResponse
from inspectiq.errors import ProviderUnavailable
from inspectiq.transports._openai import clients
from tests.transports.openai.stand_in import responses, seen
from tests.transports.requests import request_of

ON_THE_WAY = 20_000_000  # bytes that the kernel may hold between two processes, and then some


@dataclass
class Body:
    """What a server answers: a body in chunks, sent for as long as somebody reads it.

    Attributes:
        sent: Bytes that went out.
        asked: The encoding that the request accepts.
    """

    chunks: Iterable[bytes]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int = 0
    asked: str | None = None


@contextmanager
def serve(body: Body) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            body.asked = self.headers["accept-encoding"]
            self.send_response(body.status)
            for name, value in body.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for chunk in body.chunks:
                    self.wfile.write(chunk)
                    body.sent += len(chunk)
            except OSError:  # the reader has left
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def ask(body: Body) -> VisionResponse:
    async def go() -> VisionResponse:
        engine = OpenAITransport("gpt-4.1", api_key="sk-x", base_url=url)
        try:
            return await engine.send(request_of(1))
        finally:
            await engine.aclose()

    with serve(body) as url:
        return asyncio.run(go())


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("encoding", [None, "gzip"])
def test_a_body_without_an_end_is_not_read_to_the_end(status: int, encoding: str | None) -> None:
    headers = {} if encoding is None else {"content-encoding": encoding}
    chunk = b" " * 100_000 if encoding is None else gzip.compress(b" " * 10_000_000)
    body = Body(repeat(chunk, 1_000_000), status, headers)
    with pytest.raises(ProviderUnavailable, match="more than an answer can be") as caught:
        ask(body)
    assert not caught.value.retryable
    assert body.asked == "identity"
    most = clients.MOST_BYTES if encoding is None else clients.MOST_BYTES // clients.SWOLLEN
    assert body.sent <= most + ON_THE_WAY


def test_a_large_answer_is_read_also_where_it_came_compressed_unasked() -> None:
    good = responses(seen({"text": {"format": {"schema": request_of(1).schema.to_dict()}}}))
    good.body["output"].insert(0, {"type": "reasoning", "encrypted_content": "x" * 3_000_000})
    packed = gzip.compress(json.dumps(good.body).encode())
    body = Body([packed], headers={"content-encoding": "gzip", "content-length": str(len(packed))})
    assert ask(body).usage.input_tokens == 1000
