"""A planted key, position and e-mail address are looked for wherever inspectiq writes."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from inspectiq import Inspection, InspectionAgent, InspectIQError, Limits, OpenAITransport, Photo
from inspectiq.events import Event
from inspectiq.limits import Ledger
from inspectiq.testing import RecordingTransport, capture_events
from inspectiq.transports import SQLiteCache
from tests.conftest import render_jpeg
from tests.transports.openai.stand_in import Answer, StandIn, chat, failure, responses, seen

KEY = "sk-planted-0123456789abcdef"
EMAIL = "jane.planted@example.org"
GPS = b"PLANTED-GPS-POSITION"
# Made up, and of the forms that providers document.
KEYS = {
    "aws": "AKIAPLANTEDPLANTED00",
    "google": "AIzaPlanted-0123456789abcdefghijklmnopqr",
    "webhook": "whsk_Plantedplantedplanted0123456789",
    "github": "ghp_Planted0123456789abcdefghijklmnopqr",
    "jwt": "eyJplanted0123.eyJplanted0123.planted0123456",
    "sas": "https://x.blob.example/c/b?sv=2024&sig=planted%2F0123456789%3D",
    "header": "{'authorization': 'Custom planted-0123456789', 'x-signature': 'planted0123456789'}",
}
PLANTED = (
    KEY,
    *(key for kind, key in KEYS.items() if kind not in ("sas", "header")),
    "planted%2F",
    "planted0123",
    "planted-0123",
    EMAIL,
    "jane.planted",
    GPS.decode(),
    "Plantedstrasse",
    "planted-token",
)
TALKATIVE = ("", "openai", "httpx", "httpx2", "httpcore", "httpcore2", "inspectiq", "asyncio")


def _with_position(seed: int) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = GPS.decode()
    exif.get_ifd(0x8825)[29] = GPS.decode()
    file = io.BytesIO()
    with Image.open(io.BytesIO(render_jpeg(seed))) as picture:
        picture.save(file, "JPEG", exif=exif)
    assert GPS in file.getvalue()
    return file.getvalue()


PHOTOS = [_with_position(1), _with_position(2)]  # made here, since Pillow logs what it writes

OUTCOMES: dict[str, Callable[[dict[str, Any]], Answer]] = {
    "answered": lambda body: responses(seen(body)),
    "wrong key": lambda _: failure(401, "invalid_api_key"),
    "rate limited": lambda _: failure(429),
    "down": lambda _: failure(500),
    "page": lambda _: Answer(f"<html>{EMAIL} {KEY}</html>"),
    "echo": lambda body: Answer({"error": {"message": str(body)[:5000] + KEY + EMAIL}}, 400),
    "reset": lambda _: Answer({}, fault="reset"),
    "cut": lambda _: responses("{", status="incomplete"),
    "refusal": lambda _: chat("", refusal=f"No, {EMAIL}"),
    "code": lambda _: Answer({"error": {"code": KEY, "param": EMAIL, "type": KEY}}, 400),
    "model": lambda body: responses(seen(body), model=f"Bearer {KEY}"),
    "request id": lambda _: Answer({"error": {}}, 500, {"x-request-id": KEY}),
    "keys of others": lambda _: Answer({"error": {"message": " ".join(KEYS.values())}}, 500),
    "codes of others": lambda _: Answer({"error": {"code": KEYS["aws"], "type": KEYS["jwt"]}}, 400),
    "in a 200": lambda _: Answer({"error": {"message": f"{KEY} {EMAIL}", "code": 403}}),
    "failed": lambda _: responses("", status="failed", error={"message": KEY, "code": EMAIL}),
    "prose": lambda body: responses(f"{KEY} {EMAIL}: {json.dumps(seen(body))}"),
    "events": lambda _: Answer(f"data: {KEY} {EMAIL}"),
    "unknown keys": lambda body: responses(seen(body) | {KEY: 1}),
    "a bad value": lambda body: responses(
        {**seen(body), "photos": {"photo_1": KEY, "photo_2": {EMAIL: KEY}}}
    ),
}

# What an engine wrote is in its answer, which recordings and caches keep as it is.
IN_THE_ANSWER = {"prose", "unknown keys", "a bad value"}


class Talkative:
    """A sink and an observer of the host's whose errors tell everything."""

    async def accept(self, result: Inspection, /) -> None:
        raise OSError(" ".join(KEYS.values()))

    def on_event(self, event: Event, /) -> None:
        raise ValueError(json.dumps(KEYS))


@pytest.mark.usefixtures("no_waits")
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_was_planted_is_written_nowhere(
    outcome: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in TALKATIVE:
        caplog.set_level(logging.DEBUG, logger=name)
    raised: list[BaseException] = []

    async def go() -> None:
        engine = OpenAITransport(
            "gpt-4.1",
            base_url=f"{server.url}?token=planted-token",
            api_key=KEY,
            api="chat" if outcome == "refusal" else "responses",
        )
        cache = SQLiteCache(tmp_path / "cache.sqlite")
        agent = InspectionAgent(
            RecordingTransport(engine, tmp_path / "record.jsonl"),
            limits=Limits(deadline=10),
            cache=cache,
            observers=[Ledger(tmp_path / "ledger.jsonl"), Talkative()],
            sinks=[Talkative()],
        )
        photos = [Photo.from_bytes(data, name="photo.jpg") for data in PHOTOS]
        await engine.aopen()  # imports take longer than the deadline on a busy machine
        await agent.apreview(photos)
        try:
            inspection = await agent.ainspect(
                photos,
                description=f"Write to {EMAIL}",
                property={"address": "Plantedstrasse 1", "country": "US"},
            )
            raised.extend(
                InspectIQError(one.fault.message) for one in inspection.photos if one.fault
            )
        except InspectIQError as error:
            raised.append(error)
        finally:
            await engine.aclose()
            await cache.aclose()

    with StandIn(OUTCOMES[outcome]) as server, capture_events() as events:
        asyncio.run(go())
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert EMAIL in str(server.bodies[0])  # the words are sent to the engine, and only there

    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {"ledger.jsonl", "record.jsonl", "cache.sqlite"} <= set(written)
    said = {
        **{name: data.decode(errors="replace") for name, data in written.items()},
        "log": "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records),
        "errors": "\n".join("".join(traceback.format_exception(error)) for error in raised),
        "events": "\n".join(map(repr, events)),
    }
    assert said["log"]
    assert said["events"]
    if outcome in IN_THE_ANSWER:
        del said["record.jsonl"], said["cache.sqlite"]
    for place, text in said.items():
        for planted in PLANTED:
            assert planted not in text, f"{planted} is in the {place}"
