"""Receives webhooks in tests, with a real HTTP server on this machine."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

from inspectiq._taking import require_all
from inspectiq.errors import InvalidWebhook
from inspectiq.net._net_policy import NetPolicy
from inspectiq.webhooks._signing import create_secret
from inspectiq.webhooks._verifying import verify_webhook

__all__ = ["ReceivedWebhook", "ReceiverAnswer", "WebhookReceiver"]

Fault = Literal["reset", "hang", "drip", "huge"]
HUGE = 1 << 30  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedWebhook:
    """A webhook that the receiver got, as it came.

    Attributes:
        id: Its `webhook-id`; "" without one.
        headers: By name in lower case.
        body: As it came.
        fault: Why it cannot be trusted, such as `signature`; "" if it can.
        at: When it came, seconds since the epoch.
    """

    id: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    fault: str
    at: float

    @property
    def verified(self) -> bool:
        """Whether its signature and time are right."""
        return not self.fault

    @property
    def type(self) -> str:
        """Type of the event."""
        return str(json.loads(self.body)["type"])

    @property
    def data(self) -> dict[str, Any]:
        """The `data` of the body."""
        data: dict[str, Any] = json.loads(self.body)["data"]
        return data


@dataclass(frozen=True, slots=True)
class ReceiverAnswer:
    """How the receiver answers one request.

    Attributes:
        status: HTTP status.
        headers: Sent besides.
        delay: Seconds before it answers.
        fault: `reset` the connection, `hang` until the client leaves, `drip` a byte at a time, or
            send a `huge` body of 1 GiB.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    fault: Fault | None = None


Scripted = int | Fault | ReceiverAnswer
Take = Callable[[Mapping[str, str], bytes], ReceiverAnswer]


class WebhookReceiver:
    """Takes webhooks on 127.0.0.1, verifies and records them, and answers as it is told.

        with WebhookReceiver(answers=[500, "reset", 200]) as receiver:
            notifier = WebhookNotifier(
                receiver.url, secret=receiver.secret, policy=receiver.policy, ...
            )

    Args:
        secret: What senders must sign with; a new one if not given.
        answers: One for each request, in order; 200 once there are none left. Or a function that
            makes the answer to each.
    """

    def __init__(
        self,
        secret: str | None = None,
        answers: Iterable[Scripted] | Callable[[ReceivedWebhook], Scripted] = (),
    ) -> None:
        self.secret: str = secret or create_secret()
        self.received: list[ReceivedWebhook] = []
        self._answers = answers if callable(answers) else _answer_in_order(answers)
        self._came = threading.Condition()
        self._closing = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """The URL at which it listens."""
        assert self._server is not None, "use it in a with statement"
        return f"http://127.0.0.1:{self._server.server_port}/webhooks"

    @property
    def policy(self) -> NetPolicy:
        """A policy that lets webhooks reach it."""
        assert self._server is not None, "use it in a with statement"
        return NetPolicy(private=(f"127.0.0.1:{self._server.server_port}",))

    @property
    def ids(self) -> list[str]:
        """Ids of the webhooks that came, in order, each as often as it came."""
        return [webhook.id for webhook in self.received]

    def wait_for(self, count: int, timeout: float = 10.0) -> list[ReceivedWebhook]:
        """Waits until so many webhooks came, and returns them.

        Raises:
            TimeoutError: Fewer came in that many seconds.
        """
        with self._came:
            if not self._came.wait_for(lambda: len(self.received) >= count, timeout):
                raise TimeoutError(f"{len(self.received)} of {count} webhooks came")
            return list(self.received)

    def __enter__(self) -> Self:
        self._server = _Server(self._take, self._closing)
        threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="inspectiq-receiver", daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def _take(self, headers: Mapping[str, str], body: bytes) -> ReceiverAnswer:
        named = {name.lower(): value for name, value in headers.items()}
        fault = ""
        try:
            verify_webhook(body, named, self.secret, tolerance=float("inf"))
        except InvalidWebhook as error:
            fault = error.reason
        webhook = ReceivedWebhook(
            id=named.get("webhook-id", ""), headers=named, body=body, fault=fault, at=time.time()
        )
        with self._came:
            answer = _to_answer(self._answers(webhook))
            self.received.append(webhook)
            self._came.notify_all()
        return answer


class _Server(ThreadingHTTPServer):
    """The server of one receiver."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, take: Take, closing: threading.Event) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.take, self.closing = take, closing

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing: a client that leaves is no error of the receiver's."""


class _Handler(BaseHTTPRequestHandler):
    """Reads one request, has the receiver take it, and answers as that says."""

    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        answer = self.server.take(dict(self.headers.items()), body)
        self.server.closing.wait(answer.delay)
        self._send_answer(answer)

    def _send_answer(self, answer: ReceiverAnswer) -> None:
        if answer.fault == "hang":
            self.server.closing.wait()
        if answer.fault in ("hang", "reset") or self.server.closing.is_set():
            self._reset()
            return
        length = {"huge": HUGE, "drip": 1000}.get(answer.fault or "", 2)
        self.send_response(answer.status)
        for name, value in {**answer.headers, "content-length": str(length)}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self._send_body(answer.fault, length)
        except OSError:
            self.close_connection = True  # the sender has read enough

    def _reset(self) -> None:
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)  # closing then sends RST
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    def _send_body(self, fault: Fault | None, length: int) -> None:
        if fault is None:
            self.wfile.write(b"ok")
            return
        piece, pause = (b"x" * 65_536, 0.0) if fault == "huge" else (b"x", 0.1)
        sent = 0
        while sent < length and not self.server.closing.wait(pause):
            self.wfile.write(piece)
            sent += len(piece)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _answer_in_order(answers: Iterable[Scripted]) -> Callable[[ReceivedWebhook], Scripted]:
    left = iter(require_all(answers, "answers", "give a list of answers, or a function"))
    return lambda _: next(left, 200)


def _to_answer(scripted: Scripted) -> ReceiverAnswer:
    if isinstance(scripted, ReceiverAnswer):
        return scripted
    return ReceiverAnswer(fault=scripted) if isinstance(scripted, str) else ReceiverAnswer(scripted)
