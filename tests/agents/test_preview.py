"""What a run would take, told before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import (
    ConfigError,
    EngineProfile,
    InspectionAgent,
    Limits,
    Photo,
    Usage,
    VisionRequest,
    VisionResponse,
)
from inspectiq.events import Event, PhotoExamined
from inspectiq.limits import FlatTokens, NullRateLimiter, Pricing
from inspectiq.testing import FunctionTransport, ScriptedTransport, make_answer, make_issue
from tests.conftest import render_jpeg

Photos = Callable[..., tuple[Photo, ...]]
PRICED = EngineProfile(
    provider="a",
    model="b",
    photos_per_request=2,
    max_output_tokens_per_photo=500,
    reasoning_tokens=1000,
    pricing=Pricing(input=Decimal(10), output=Decimal(30)),
    image_tokens=FlatTokens(tokens=85),
)


def test_a_preview_counts_photos_requests_and_tokens_and_sends_nothing(photos: Photos) -> None:
    one, two, three = photos(3)
    agent = InspectionAgent(ScriptedTransport([], profile=PRICED))
    preview = agent.preview(
        [one, two, three, one.replace(id="again"), Photo.from_bytes(b"no photo")]
    )
    assert (preview.provider, preview.model) == ("a", "b")
    assert (preview.photos, preview.sent, preview.requests) == (5, 3, 2)
    assert preview.input_tokens > 3 * 85
    assert preview.output_tokens == (3 * 10, 3 * 500 + 2 * 1000)


async def test_it_tells_of_photos_and_of_nothing_else_and_opens_nothing(photos: Photos) -> None:
    class Closed(ScriptedTransport):
        async def aopen(self) -> None:
            raise AssertionError("opened")

    events: list[Event] = []

    class Seen:
        def on_event(self, event: Event, /) -> None:
            events.append(event)

    await InspectionAgent(Closed([]), observers=[Seen()]).apreview(photos(2))
    assert [type(event) for event in events] == [PhotoExamined] * 2


def test_dollars_are_a_range_from_answers_without_findings_to_the_longest(photos: Photos) -> None:
    preview = InspectionAgent(ScriptedTransport([], profile=PRICED)).preview(photos(3))
    assert preview.usd is not None
    least, most = preview.usd
    assert most == (preview.input_tokens * 10 + 3500 * Decimal(30)) / 1_000_000
    assert 0 < least < most / 2
    assert str(preview) == (
        f"a:b: 3 of 3 photos in 2 requests, {preview.input_tokens} tokens in, 30 to 3500 out, "
        f"${least:.4f} to ${most:.4f}"
    )


def test_an_unknown_price_is_not_made_up(photos: Photos) -> None:
    preview = InspectionAgent(ScriptedTransport([])).preview(photos(1))
    assert preview.usd is None
    assert "price unknown" in str(preview)


def test_offline_costs_nothing(photos: Photos) -> None:
    preview = InspectionAgent("offline").preview(photos(3))
    assert preview.usd == (Decimal(0), Decimal(0))
    assert (preview.provider, preview.sent) == ("offline", 3)


def test_it_packs_as_the_run_would(photos: Photos) -> None:
    engine = FunctionTransport(make_answer, profile=PRICED)
    agent = InspectionAgent(engine, limits=Limits(rpm=3), limiter=NullRateLimiter())
    preview = agent.preview(photos(12))
    agent.inspect(photos(12))
    assert preview.requests == len(engine.requests) == 2


def test_an_engine_with_hardly_any_room_for_an_answer_costs_no_more_at_least_than_at_most(
    photos: Photos,
) -> None:
    terse = PRICED.model_copy(update={"max_output_tokens_per_photo": 5, "reasoning_tokens": 0})
    preview = InspectionAgent(ScriptedTransport([], profile=terse)).preview(photos(2))
    assert preview.output_tokens == (10, 10)


def test_no_photos_and_wrong_fields_are_refused_as_for_a_run(photos: Photos) -> None:
    agent = InspectionAgent(ScriptedTransport([]))
    with pytest.raises(ConfigError, match="photo"):
        agent.preview([])
    with pytest.raises(ConfigError, match="did you mean language"):
        agent.preview(photos(1), langauge="en")  # type: ignore[call-arg]


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=5))
def test_a_run_that_keeps_to_its_limits_costs_no_more_than_the_preview_said(
    findings: list[int],
) -> None:
    """Each photo has so many findings, in a text that counts four bytes to a token."""

    def answer(request: VisionRequest) -> VisionResponse:
        asked = [int(photo_id[1:]) for photo_id in request.photo_ids]
        text = make_answer(
            request,
            [
                make_issue("clog", number)
                for number, photo in enumerate(asked, start=1)
                for _ in range(findings[photo - 1])
            ],
        )
        words = len(request.instructions) + len(request.text) + len(str(request.schema.to_dict()))
        usage = Usage(
            requests=1,
            input_tokens=words // 4 + 85 * len(asked),
            output_tokens=min(len(text) // 4, 500 * len(asked)),
        )
        priced = usage.model_copy(
            update={"usd": PRICED.pricing and PRICED.pricing.compute_usd(usage)}
        )
        return VisionResponse(text=text, usage=priced, engine=PRICED.to_record())

    photos = [
        Photo.from_bytes(render_jpeg(seed), id=f"p{seed}") for seed in range(1, len(findings) + 1)
    ]
    agent = InspectionAgent(FunctionTransport(answer, profile=PRICED))
    preview, inspection = agent.preview(photos), agent.inspect(photos)
    assert preview.usd is not None
    assert inspection.usage.usd is not None
    assert preview.usd[0] <= inspection.usage.usd <= preview.usd[1]
    assert inspection.usage.requests == preview.requests
