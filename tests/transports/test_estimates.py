"""What a request will take: on the high side, since limits must hold."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from inspectiq import Case, EngineProfile, InspectionAgent, Photo, VisionRequest
from inspectiq.domain import FrozenMap
from inspectiq.limits import FlatTokens, Pricing, TileTokens
from inspectiq.photos import ImageRule
from inspectiq.testing import FunctionTransport, make_answer
from inspectiq.transports import RequestPhoto
from inspectiq.transports._estimates import TokenEstimate, estimate_tokens
from tests.conftest import render_jpeg

TILES = TileTokens(base=85, per_tile=170)
RULE = ImageRule(long_side=2048, short_side=768)


def _request(words: str = "", photos: tuple[Photo, ...] = ()) -> VisionRequest:
    parts = tuple(
        RequestPhoto(number=number, label="", photo=photo)
        for number, photo in enumerate(photos, start=1)
    )
    return VisionRequest(instructions=words, text="", photos=parts, schema=FrozenMap())


def _photo(size: tuple[int, int], *, examined: bool = True) -> Photo:
    photo = Photo.from_bytes(render_jpeg(1, size), id="p1")
    if not examined:
        return photo
    agent = InspectionAgent(FunctionTransport(make_answer))
    return agent.examine(Case(photos=(photo,))).photos[0]


def test_words_labels_and_the_schema_count_three_bytes_to_a_token() -> None:
    schema: FrozenMap[JsonValue] = FrozenMap({"type": "object", "properties": {}})
    request = replace(_request("é" * 30, (_photo((64, 48)),)), schema=schema, text="x" * 10)
    request = replace(request, photos=(replace(request.photos[0], label="y" * 5),))
    size = 60 + 10 + 5 + len(json.dumps(schema.to_dict(), separators=(",", ":")))
    assert estimate_tokens(request, EngineProfile()).text_tokens == -(-size // 3)


@pytest.mark.parametrize(
    ("size", "tokens"),
    [((512, 512), 85 + 170), ((1024, 768), 85 + 4 * 170), ((4032, 3024), 85 + 4 * 170)],
)
def test_a_picture_counts_as_its_engine_counts_what_it_is_sent(
    size: tuple[int, int], tokens: int
) -> None:
    profile = EngineProfile(image=RULE, image_tokens=TILES)
    request = _request(photos=(_photo(size),))
    assert estimate_tokens(request, profile).image_tokens == tokens


def test_a_photo_that_nobody_has_looked_at_counts_as_a_full_one() -> None:
    profile = EngineProfile(image=RULE, image_tokens=TILES)
    request = _request(photos=(_photo((64, 48), examined=False),))
    assert estimate_tokens(request, profile).image_tokens == 85 + 4 * 170


def test_a_picture_counts_as_dear_where_it_is_not_known_how_it_counts() -> None:
    request = _request(photos=(_photo((64, 48)),))
    assert estimate_tokens(request, EngineProfile()).image_tokens == 3000


def test_an_answer_counts_as_long_as_it_may_be_with_room_to_think() -> None:
    profile = EngineProfile(reasoning_tokens=4000)
    photos = (_photo((64, 48)),) * 3
    assert estimate_tokens(_request(), profile).output_tokens == 1000 + 4000
    assert estimate_tokens(_request(photos=photos), profile).output_tokens == 3 * 1000 + 4000
    bounded = replace(_request(photos=photos), max_output_tokens=700)
    assert estimate_tokens(bounded, profile).output_tokens == 700 + 4000


def test_against_the_tokens_a_minute_counts_what_is_sent_or_what_may_come_if_it_is_more() -> None:
    assert TokenEstimate(text_tokens=100, image_tokens=200, output_tokens=50).tokens == 300
    assert TokenEstimate(text_tokens=100, image_tokens=200, output_tokens=900).tokens == 900


def test_dollars_count_on_no_cache_and_count_what_writing_one_costs() -> None:
    parts = TokenEstimate(text_tokens=600_000, image_tokens=400_000, output_tokens=500_000)
    plain = Pricing(input=Decimal(2), cached_input=Decimal(1), output=Decimal(8))
    writing = plain.model_copy(update={"cache_write": Decimal("2.5")})
    assert parts.compute_usd(EngineProfile(pricing=plain)) == Decimal(6)
    assert parts.compute_usd(EngineProfile(pricing=writing)) == Decimal("6.5")
    assert parts.compute_usd(EngineProfile()) is None


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=200), st.text(max_size=50), st.integers(0, 5), st.integers(1, 3))
def test_more_to_send_is_never_estimated_lower(
    words: str, more: str, photos: int, others: int
) -> None:
    profile = EngineProfile(
        image_tokens=FlatTokens(tokens=85), pricing=Pricing(input=Decimal(1), output=Decimal(2))
    )
    handles = tuple(Photo.from_bytes(b"x", id=f"p{number}") for number in range(photos + others))
    less = estimate_tokens(_request(words, handles[:photos]), profile)
    rest = estimate_tokens(_request(words + more, handles), profile)
    assert less.tokens <= rest.tokens
    assert (less.compute_usd(profile) or 0) <= (rest.compute_usd(profile) or 0)
