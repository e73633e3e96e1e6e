"""Checks what a server really does with a picture, a schema and a bound on its answer."""

from __future__ import annotations

import io
import time
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from inspectiq._usage import Usage
from inspectiq._values import FrozenMap
from inspectiq.errors import InspectIQError
from inspectiq.limits._rate_limits import RateSnapshot
from inspectiq.photos._photo import Photo
from inspectiq.transports._base import RequestPhoto, VisionRequest, VisionResponse
from inspectiq.transports._checking import raise_for_finish
from inspectiq.transports._health import EngineHealth
from inspectiq.transports._profile import EngineProfile
from inspectiq.transports._unwrapping import NoAnswer, find_object

__all__ = ["check_health"]

WORD = "CHIMNEY"
MARK = "as agreed"  # stands in the schema alone, so that only who keeps to it says it
FEW = 64  # tokens, enough for the word
LIMIT = 16  # the least that the Responses API takes
COUNTED = 100  # numbers, which take several times that

Send = Callable[[VisionRequest], Awaitable[VisionResponse]]


async def check_health(send: Send, profile: EngineProfile) -> EngineHealth:
    """Checks whether a request would work now, and what the server leaves out, each with its cure.

    Sends a tiny picture of one word, and where the model does not reason a request whose answer
    must be cut off: some hundred tokens in all.

    Args:
        send: Sends a request once.
        profile: Of the engine.
    """
    begun = time.monotonic()
    try:
        response = await send(_build_picture_request())
        problems = _find_problems(response, strict=profile.strict_schemas)
    except InspectIQError as error:
        return EngineHealth(
            ok=False,
            provider=profile.provider,
            model=profile.model,
            error=type(error).__name__,
            message=str(error),
            request_id=getattr(error, "request_id", None),
            rate=RateSnapshot.from_headers(getattr(error, "rate_headers", {})),
            usage=error.usage,
            seconds=time.monotonic() - begun,
        )
    usage = response.usage
    if not profile.reasoning_tokens:
        made, cost = await _count_beyond_bound(send)
        usage += cost
        if made > 2 * LIMIT:  # some servers count a token or two otherwise
            problems.append(NO_LIMIT)
    return EngineHealth(
        ok=not {NOT_SEEN, CUT_OFF}.intersection(problems),
        provider=profile.provider,
        model=response.engine.model,
        message=" ".join(problems) or None,
        problems=tuple(problems),
        request_id=response.request_id,
        rate=RateSnapshot.from_headers(response.rate_headers),
        usage=usage,
        seconds=time.monotonic() - begun,
    )


NOT_SEEN = (
    "The word in a picture was not read: choose a model that takes pictures, or start its server "
    "with the part that reads them."
)
NO_SCHEMA = (
    "The server does not keep to a JSON Schema: set strict_schemas=False, and the schema is sent "
    "in words."
)
CUT_OFF = (
    "The answer was cut off before the word came: choose less reasoning=, or a model that "
    "answers in the form that was asked for."
)
NO_LIMIT = (
    "The server does not keep to the bound on an answer: bound it there, keep timeout= short, and "
    "do not rely on budgets to the cent."
)


def _find_problems(response: VisionResponse, *, strict: bool) -> list[str]:
    raise_for_finish(response, but_not="length")
    try:
        answer, _ = find_object(response.text)
    except NoAnswer:
        answer = {}
    cut = response.finish == "length"
    seen = WORD in response.text.upper()
    problems = [] if seen else [CUT_OFF if cut else NOT_SEEN]
    if strict and not cut and answer.get("mark") != MARK:
        problems.append(NO_SCHEMA)
    return problems


async def _count_beyond_bound(send: Send) -> tuple[int, Usage]:
    """Asks for a long answer with a small bound: returns the tokens that came, and the usage."""
    try:
        usage = (await send(_build_counting_request())).usage
    except InspectIQError as error:  # the picture was answered, which is what counts
        return 0, error.usage or Usage(requests=error.attempts)
    return usage.output_tokens, usage


def _build_picture_request() -> VisionRequest:
    return VisionRequest(
        instructions="Read the word in the picture. Answer with a JSON object that has it as "
        "`word`.",
        text="Which word is it?",
        photos=(RequestPhoto(1, "Photo 1", Photo.from_bytes(_draw_word(), name="word.png")),),
        schema=_build_schema(word={"type": "string"}, mark={"type": "string", "enum": [MARK]}),
        schema_name="check",
        max_output_tokens=FEW,
    )


def _build_counting_request() -> VisionRequest:
    return VisionRequest(
        instructions="Answer with a JSON object.",
        text=f"Give all whole numbers from 1 to {COUNTED} as `numbers`.",
        photos=(),
        schema=_build_schema(numbers={"type": "array", "items": {"type": "integer"}}),
        schema_name="check",
        max_output_tokens=LIMIT,
    )


def _build_schema(**properties: Any) -> FrozenMap[Any]:
    return FrozenMap(
        {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    )


@cache
def _draw_word() -> bytes:
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (320, 128), "white")
    font = ImageFont.load_default(56)
    ImageDraw.Draw(picture).text((160, 64), WORD, "black", font, anchor="mm")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
