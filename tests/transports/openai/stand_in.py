"""A stand-in for OpenAI's API: a real HTTP server on 127.0.0.1. Its answers are scripted."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, Literal, Self

__all__ = ["Answer", "StandIn", "chat", "failure", "responses", "seen"]

USAGE = {"input": 1000, "image": 700, "cached": 256, "written": 128, "output": 50, "reasoning": 10}


@dataclass
class Answer:
    """What the server sends back.

    Attributes:
        hang: Wait for the client to leave, at most so many seconds, before answering.
        fault: `reset` the connection, or `truncate` the body.
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: float = 0
    fault: Literal["reset", "truncate"] | None = None


Script = Callable[[dict[str, Any]], Answer]


def seen(body: dict[str, Any], *, issues: int = 1) -> dict[str, Any]:
    """A full answer to a request's body: every photo assessed, with some issues on the first."""
    form = body.get("text", {}).get("format", {}) or {}
    schema = form.get("schema") or body["response_format"]["json_schema"]["schema"]
    if "photos" not in schema["properties"]:
        return {"ok": True}
    keys = schema["properties"]["photos"]["required"]
    finding = {
        "issue_type": "drywall_crack",
        "description": "A crack (scripted).",
        "evidence": [{"photo": 1, "box": [100, 100, 200, 200]}],
        "facts": [],
        "severity": "low",
        "confidence": 0.9,
        "location": None,
        "area": "unit",
        "extent": None,
        "condition": "damage",
        "unusual_action": None,
        "hours": None,
    }
    fields = schema["$defs"]["finding"]["properties"]
    known = {name: value for name, value in finding.items() if name in fields}
    return {"photos": dict.fromkeys(keys, "assessed"), "issues": [known] * issues}


def responses(text: str | dict[str, Any], **changes: Any) -> Answer:
    """An answer of the Responses API."""
    text = text if isinstance(text, str) else json.dumps(text)
    body = {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "model": "gpt-4.1-2025-04-14",
        "output": [
            {"type": "reasoning", "summary": []},
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": text, "annotations": []}],
            },
        ],
        "usage": {
            "input_tokens": USAGE["input"],
            "input_tokens_details": {
                "cached_tokens": USAGE["cached"],
                "cache_write_tokens": USAGE["written"],
                "image_tokens": USAGE["image"],
            },
            "output_tokens": USAGE["output"],
            "output_tokens_details": {"reasoning_tokens": USAGE["reasoning"]},
        },
    }
    return Answer(body | changes)


def chat(text: str | dict[str, Any], *, finish: str = "stop", **message: Any) -> Answer:
    """An answer of the chat completions API."""
    text = text if isinstance(text, str) else json.dumps(text)
    return Answer(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "model": "gpt-4.1-2025-04-14",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": finish,
                    "message": {"role": "assistant", "content": text} | message,
                }
            ],
            "usage": {
                "prompt_tokens": USAGE["input"],
                "prompt_tokens_details": {"cached_tokens": USAGE["cached"]},
                "completion_tokens": USAGE["output"],
                "completion_tokens_details": {"reasoning_tokens": USAGE["reasoning"]},
            },
        }
    )


def failure(status: int, code: str | None = None, **headers: str) -> Answer:
    """An error in OpenAI's form; its message holds what no error of ours may repeat."""
    error = {
        "message": "Incorrect key sk-planted-in-a-message-123456 for jane@example.org",
        "type": "some_error",
        "param": "input[0].content",
        "code": code,
    }
    return Answer({"error": error}, status, {k.replace("_", "-"): v for k, v in headers.items()})


class StandIn:
    """Serves a script until the `with` block ends.

    Args:
        script: From a request's body to an answer.
        models: Its own entries of models, by name.

    Attributes:
        bodies: What was asked, in order.
        headers: The headers of each.
        connections: The connections that they came by, by the client's port.
    """

    def __init__(
        self, script: Script, models: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    ) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.connections: set[int] = set()
        self._script = script
        self._closing = threading.Event()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer waits some 40 ms for the one before

            def do_POST(self) -> None:
                stand_in._serve(self)

            def do_GET(self) -> None:
                listed = models.get(self.path.removeprefix("/v1/models").removeprefix("/"))
                text = json.dumps(listed or {"error": {"code": "model_not_found"}}).encode()
                self.send_response(200 if listed else 404)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 512

        self._server = Server(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["content-length"])))
        self.bodies.append(body)
        self.headers.append({name.lower(): value for name, value in handler.headers.items()})
        self.paths.append(handler.path)
        self.connections.add(handler.client_address[1])
        answer = self._script(body)
        if answer.hang:
            self._closing.wait(answer.hang)
        if answer.fault == "reset":
            linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.close_connection = True
            handler.connection.close()
            return
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        try:
            handler.send_response(answer.status)
            kind = "text/html" if isinstance(answer.body, str) else "application/json"
            headers = {"content-type": kind, "x-request-id": "req_1", **answer.headers}
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("content-length", str(len(text.encode())))
            handler.end_headers()
            if answer.fault == "truncate":
                handler.wfile.write(text.encode()[: len(text) // 2])
                handler.close_connection = True
                return
            handler.wfile.write(text.encode())
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True  # the client left
