"""A stand-in for an engine's API and for receivers of webhooks, in a process of its own.

It answers each photo with one scripted finding, and counts connections and webhooks.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

__all__ = ["serve"]

TEXT_BYTES = 4  # of a token; our assumption
DESCRIPTION = "A hole as wide as a hand, with torn paper around it (scripted)."


def serve(control: Connection, base: float = 0.2, each: float = 0, token: float = 0) -> None:
    """Serves on a free port of 127.0.0.1 until anything but "count" comes.

    Args:
        control: Gets the port, and what was counted whenever it says "count".
        base: Seconds of an answer.
        each: Seconds for each photo of it.
        token: Seconds for each token that is written.
    """
    asyncio.run(
        _Server(control, lambda photos, tokens: base + each * photos + token * tokens).run()
    )


class _Server:
    def __init__(self, control: Connection, take: Callable[[int, int], float]) -> None:
        self._control, self._take = control, take
        self._counted = Counter[str]()

    async def run(self) -> None:
        async with await asyncio.start_server(self._talk, "127.0.0.1", 0, backlog=1000) as live:
            self._control.send(live.sockets[0].getsockname()[1])
            while await asyncio.to_thread(self._control.recv) == "count":
                self._control.send(Counter(self._counted))
                self._counted.clear()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_new = True
        while head := await _read_head(reader):
            path, headers = head
            body = await reader.readexactly(int(headers["content-length"]))
            room = "/v1" if path.startswith("/v1") else "/hooks"
            self._counted[room] += is_new
            is_new, reply = False, b"{}"
            if room == "/v1":
                told = _answer(json.loads(body))
                seconds = self._take(told.pop("photos"), told["usage"]["output_tokens"])
                await asyncio.sleep(seconds)
                reply = json.dumps(told).encode()
            else:
                self._counted["webhooks"] += 1
            kind = b"content-type: application/json\r\n"
            writer.write(b"HTTP/1.1 200 x\r\n%bcontent-length: %d\r\n\r\n" % (kind, len(reply)))
            writer.write(reply)
            await writer.drain()
        writer.close()


async def _read_head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]] | None:
    """Reads the path and the headers of a request; None once the client has gone."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
        return None
    fields = (line.split(":", 1) for line in head[1:] if line)
    return head[0].split()[1], {name.lower(): value.strip() for name, value in fields}


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Answers in the form of the Responses API; pictures are told as `photos`, and cost nothing."""
    form = asked["text"]["format"]["schema"]
    photos = form["properties"]["photos"]["required"]
    findings = [_make_finding(number) for number, _ in enumerate(photos, start=1)]
    text = json.dumps({"photos": dict.fromkeys(photos, "assessed"), "issues": findings})
    message = {"type": "message", "content": [{"type": "output_text", "text": text}]}
    for turn in asked["input"]:
        turn["content"] = [part for part in turn["content"] if part["type"] == "input_text"]
    words = len(json.dumps(asked["input"])) + len(json.dumps(form))
    usage = {"input_tokens": words // TEXT_BYTES, "output_tokens": len(text) // TEXT_BYTES}
    told = {"status": "completed", "model": asked["model"], "output": [message], "usage": usage}
    return told | {"photos": len(photos)}


def _make_finding(photo: int) -> dict[str, Any]:
    finding: dict[str, Any] = {"issue_type": "wall_hole", "description": DESCRIPTION, "facts": []}
    finding |= {"evidence": [{"photo": photo, "box": None}], "severity": "low", "confidence": 0.9}
    finding |= {"location": None, "area": "unit", "extent": None, "condition": "unclear"}
    return finding | {"unusual_action": None, "hours": None}
