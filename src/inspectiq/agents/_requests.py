"""Requests: instructions, the case in words, numbered photos, and the schema of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import JsonValue

from inspectiq._text import to_one_line
from inspectiq._values import FrozenMap
from inspectiq.agents._case import Case
from inspectiq.photos._photo import Photo
from inspectiq.transports._base import RequestPhoto, VisionRequest
from inspectiq.transports._estimates import estimate_tokens
from inspectiq.transports._profile import EngineProfile
from inspectiq.transports._wire import build_answer_schema

__all__ = ["build_request", "limit_answer"]

ROOM_LIMIT = 80  # characters of a room's name that an engine is told; our assumption


def build_request(
    case: Case,
    photos: Sequence[Photo],
    *,
    instructions: str,
    definitions: FrozenMap[JsonValue],
    ask: int = 1,
    read: int = 1,
    look: int = 1,
    note: str = "",
) -> VisionRequest:
    """Builds the request about some photos of a case, or about its words alone.

    Args:
        case: The case.
        photos: May be none.
        instructions: As they are sent, with their canary.
        definitions: Schemas of the parts of an answer; see `build_definitions`.
        ask: How often these photos were asked about, this time included.
        read: Which of several reads of the photos it belongs to, from 1.
        look: 1, or 2 for a second look at photos that seemed clean.
        note: What was wrong with the answer before.
    """
    return VisionRequest(
        instructions=instructions,
        text="\n".join(filter(None, [case.describe(), note])),
        words=case.words,
        photos=_number_photos(photos),
        schema=build_answer_schema(definitions, range(1, len(photos) + 1)),
        ask=ask,
        read=read,
        look=look,
        metadata=FrozenMap(case.tags, case_id=case.id),
    )


def limit_answer(
    request: VisionRequest, profile: EngineProfile, *, overall_tokens: int, times: int = 1
) -> VisionRequest:
    """Limits the tokens of an answer; a larger limit must fit into the engine's context.

    Args:
        request: The request.
        profile: The engine; one that sets no limit for each photo leaves the request as it is.
        overall_tokens: Room for `overall`, what is said about the whole case.
        times: Factor on the usual limit.
    """
    for_each = profile.max_output_tokens_per_photo
    if for_each is None:
        return request
    usual = for_each * max(1, len(request.photos)) + overall_tokens
    context = profile.context_tokens
    if times == 1 or context is None:
        return replace(request, max_output_tokens=usual * times)
    expected = estimate_tokens(request, profile)
    taken = expected.text_tokens + expected.image_tokens + profile.reasoning_tokens
    return replace(request, max_output_tokens=max(usual, min(usual * times, context - taken)))


def _number_photos(photos: Sequence[Photo]) -> tuple[RequestPhoto, ...]:
    """Gives photos the numbers and labels that an engine knows them by."""
    return tuple(
        RequestPhoto(
            number=number,
            label=f"Photo {number}"
            + (f" (room: {to_one_line(photo.room, ROOM_LIMIT)})" if photo.room else ""),
            photo=photo,
        )
        for number, photo in enumerate(photos, start=1)
    )
