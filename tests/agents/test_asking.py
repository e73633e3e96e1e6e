"""What is asked again, and in which packs; the engines are scripted and refuse by rule."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import (
    BudgetExceeded,
    Case,
    DiagnosisAgent,
    EngineProfile,
    Inspection,
    InspectionAgent,
    InspectIQError,
    Limits,
    Photo,
    PhotoError,
    Usage,
    VisionRequest,
    VisionResponse,
)
from inspectiq.errors import (
    AuthenticationFailed,
    BadRequest,
    OutputFiltered,
    OutputRefused,
    OutputTruncated,
    ProviderUnavailable,
)
from inspectiq.testing import FunctionTransport, make_answer, make_issue
from inspectiq.transports import Checked
from inspectiq.transports._estimates import estimate_tokens
from tests.conftest import render_jpeg

PAID = Usage(requests=1, input_tokens=100, output_tokens=10)
Script = Callable[[VisionRequest], Any]


@cache
def case_of(n: int) -> Case:
    """A case of n photos, examined once for all tests."""
    photos = tuple(
        Photo.from_bytes(render_jpeg(i), name=f"{i}.jpg", id=f"p{i}") for i in range(1, n + 1)
    )
    return InspectionAgent(FunctionTransport(make_answer)).examine(Case(id="c", photos=photos))


def run(script: Script, n: int, pack: int = 4, **options: Any) -> tuple[Inspection, list[int]]:
    """The result, and how many photos each request was about."""
    engine = FunctionTransport(script, profile=options.pop("profile", None))
    agent = InspectionAgent(Checked(engine), photos_per_request=pack, **options)
    inspection = agent.run(case_of(n))
    return inspection, [len(request.photos) for request in engine.requests]


def refusing(error: InspectIQError, *bad: int) -> Script:
    """Refuses every request with one of these photos."""

    def script(request: VisionRequest) -> str:
        if {f"p{number}" for number in bad} & set(request.photo_ids):
            raise error
        return make_answer(request)

    return script


def room_for(most: int, error: InspectIQError) -> Script:
    def script(request: VisionRequest) -> str:
        if len(request.photos) > most:
            raise error
        return make_answer(request)

    return script


def statuses(inspection: Inspection) -> Counter[str]:
    return Counter(outcome.status for outcome in inspection.photos)


# -- one bad photo ---------------------------------------------------------------------------------

REFUSALS = {
    "a picture that cannot be read": BadRequest("x", reason="photo", status_code=400),
    "a filtered prompt": OutputFiltered("x", attempts=1),
    "a refusal": OutputRefused("x", usage=PAID, attempts=1),
    "a photo that is gone": PhotoError("x", photo="1.jpg", reason="not_found"),
}


@pytest.mark.parametrize("n", [1, 2, 4, 8, 24, 100])
@pytest.mark.parametrize("error", REFUSALS.values(), ids=REFUSALS)
def test_one_bad_photo_costs_no_other_its_answer_and_few_requests(
    n: int, error: InspectIQError
) -> None:
    for pack in {4, n}:
        for bad in {1, (n + 1) // 2, n} if n < 100 else {1}:
            inspection, requests = run(refusing(error, bad), n, pack)
            assert statuses(inspection) == Counter(assessed=n - 1, failed=1)
            fault = inspection.photos[bad - 1].fault
            assert fault is not None
            assert fault.error == type(error).__name__
            more = len(requests) - math.ceil(n / pack)
            assert more <= 2 * math.log2(min(n, pack)) + 2


@pytest.mark.parametrize("n", [2, 4, 8, 24])
def test_so_does_one_that_is_refused_as_malformed_without_a_reason(n: int) -> None:
    for bad in (1, n):
        inspection, _ = run(refusing(BadRequest("x"), bad), n, n)
        assert statuses(inspection) == Counter(assessed=n - 1, failed=1)


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(1, 12),
    pack=st.integers(1, 12),
    bad=st.sets(st.integers(1, 12), max_size=4),
    error=st.sampled_from(list(REFUSALS.values())),
)
def test_whichever_photos_are_bad_the_others_are_assessed(
    n: int, pack: int, bad: set[int], error: InspectIQError
) -> None:
    inspection, requests = run(refusing(error, *bad), n, pack)
    # Where the first pack is bad throughout, and no pack was accepted, the others are given up.
    if len(bad & set(range(1, n + 1))) < min(n, pack):
        for number, outcome in enumerate(inspection.photos, start=1):
            assert outcome.status == ("failed" if number in bad else "assessed")
    assert len(requests) <= n * 4


# -- too much at once ------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["too_large", "too_many_photos", "malformed"])
@pytest.mark.parametrize("room", [1, 2, 3, 4])
@pytest.mark.parametrize("pack", [4, 24])
def test_packs_that_are_too_big_are_halved_until_they_fit(
    reason: Any, room: int, pack: int
) -> None:
    error = BadRequest("x", reason=reason, status_code=400)
    inspection, requests = run(room_for(room, error), 24, pack)
    assert statuses(inspection) == {"assessed": 24}
    refused = sum(size > room for size in requests)
    # Each pack is taken apart once on each size that is too big for it.
    assert refused <= 24 / pack * (2 ** math.ceil(math.log2(pack / room)) - 1) + 2


def test_what_is_known_to_be_too_much_is_not_asked_for_again() -> None:
    inspection, requests = run(room_for(1, BadRequest("x", reason="too_large")), 24)
    assert statuses(inspection) == {"assessed": 24}
    assert requests == [4] * 6 + [2] * 2 + [1] * 24


def test_a_context_for_no_photo_at_all_is_found_by_one_pack() -> None:
    error = BadRequest("x", reason="too_large", status_code=400)
    inspection, requests = run(room_for(0, error), 24)
    assert statuses(inspection) == {"failed": 24}
    assert requests == [4] * 6 + [2] * 2 + [1] * 4


@pytest.mark.parametrize(("n", "pack"), [(24, 4), (24, 10), (24, 24), (400, 4)])
def test_where_all_are_refused_alike_four_more_requests_tell_that_the_caller_must_mend_it(
    n: int, pack: int
) -> None:
    engine = FunctionTransport(room_for(0, BadRequest("x")))
    with pytest.raises(BadRequest) as caught:
        InspectionAgent(Checked(engine), photos_per_request=pack).run(case_of(n))
    assert len(engine.requests) <= math.ceil(n / pack) + 4
    assert caught.value.attempts == len(engine.requests)


@pytest.mark.parametrize("reason", ["option", "model", "api", "no_vision"])
def test_a_reason_that_is_the_callers_raises_at_once(reason: Any) -> None:
    engine = FunctionTransport(room_for(0, BadRequest("x", reason=reason)))
    with pytest.raises(BadRequest):
        InspectionAgent(Checked(engine), photos_per_request=4).run(case_of(24))
    assert len(engine.requests) == 6


def test_rooms_of_one_photo_each_do_not_speak_for_a_pack() -> None:
    photos = [photo.replace(room=f"r{min(i, 2)}") for i, photo in enumerate(case_of(6).photos)]
    case = case_of(6).with_photos(tuple(photos))
    engine = FunctionTransport(refusing(BadRequest("x"), 1, 2))
    inspection = InspectionAgent(Checked(engine), photos_per_request=4).run(case)
    assert [outcome.status for outcome in inspection.photos] == ["failed"] * 2 + ["assessed"] * 4


def test_a_run_that_can_pay_for_no_probe_tells_the_refusal() -> None:
    engine = FunctionTransport(room_for(0, BadRequest("x", usage=PAID)))
    with pytest.raises(BadRequest) as caught:
        InspectionAgent(engine, photos_per_request=4, limits=Limits(calls=6)).run(case_of(24))
    assert caught.value.usage is not None
    assert caught.value.usage.requests == 6
    with pytest.raises(BudgetExceeded):
        InspectionAgent(engine, photos_per_request=4, limits=Limits(calls=0)).run(case_of(24))


def test_a_wrong_key_is_told_before_anything_is_asked_again() -> None:
    engine = FunctionTransport(
        lambda request: (
            AuthenticationFailed("x") if "p1" in request.photo_ids else ProviderUnavailable("y")
        )
    )
    with pytest.raises(AuthenticationFailed):
        InspectionAgent(Checked(engine), photos_per_request=4).run(case_of(8))
    assert len(engine.requests) == 2


# -- the words that came with the photos -----------------------------------------------------------


def test_words_are_asked_about_alone_once_and_only_where_no_photo_was_answered() -> None:
    for error, words in ((BadRequest("x"), "x"), (OutputFiltered("x"), "x")):
        engine = FunctionTransport(refusing(error, 1))
        diagnosis = DiagnosisAgent(Checked(engine)).diagnose(
            case_of(1).photos, description=f"The sink leaks {words}."
        )
        assert diagnosis.photos[0].status == "failed"
        assert diagnosis.words.status == "assessed"
        assert [len(request.photos) for request in engine.requests] == [1, 0]
    engine = FunctionTransport(refusing(OutputFiltered("x"), 1))
    diagnosis = DiagnosisAgent(Checked(engine), photos_per_request=4).diagnose(
        case_of(8).photos, description="The sink leaks."
    )
    assert all(request.photos for request in engine.requests)
    assert diagnosis.words.status == "assessed"


def test_words_that_are_refused_alone_are_not_asked_about_again() -> None:
    engine = FunctionTransport(room_for(-1, OutputFiltered("x")))
    diagnosis = DiagnosisAgent(Checked(engine)).diagnose(
        case_of(5).photos, description="The sink leaks."
    )
    assert diagnosis.words.status == "failed"
    assert sum(not request.photos for request in engine.requests) == 1


def test_nothing_is_asked_about_neither_photos_nor_words() -> None:
    engine = FunctionTransport(room_for(0, BadRequest("x", reason="photo")))
    diagnosis = DiagnosisAgent(Checked(engine)).diagnose(case_of(5).photos)
    assert diagnosis.status == "failed"
    assert all(request.photos for request in engine.requests)


# -- asked again with a reason ---------------------------------------------------------------------


def test_a_re_ask_says_what_was_wrong_and_no_text_is_sent_twice() -> None:
    def garbled(request: VisionRequest) -> str:
        texts.append(request.text)
        if request.ask == 1:
            return "no JSON"
        if request.ask == 2:
            return make_answer(request, [make_issue("clog", 1, confidence=7)], leave_out=[2])
        return make_answer(request)

    texts: list[str] = []
    inspection, requests = run(garbled, 2)
    assert statuses(inspection) == {"assessed": 2}
    assert requests == [2, 2, 1, 1]
    assert len(set(texts[:3])) == 3
    assert texts[1].endswith("Attempt 2: the answer before could not be used (not JSON).")
    assert "confidence does not fit the schema (maximum)" in texts[2]
    assert "no verdict" in texts[3]


def test_the_same_photos_are_shown_in_another_order_the_second_time() -> None:
    seen = []

    def garbled(request: VisionRequest) -> str:
        seen.append(request.photo_ids)
        return "no JSON" if request.ask == 1 else make_answer(request)

    inspection, _ = run(garbled, 3)
    assert statuses(inspection) == {"assessed": 3}
    assert seen == [("p1", "p2", "p3"), ("p3", "p2", "p1")]


ROOMY = EngineProfile(max_output_tokens_per_photo=1000)


def cut_off(asked: list[int], made: int | None = None) -> Script:
    """Answers that are cut off after so many tokens; by the bound that was set, if not given."""

    def script(request: VisionRequest) -> VisionResponse:
        bound = request.max_output_tokens or 0
        asked.append(bound)
        usage = Usage(requests=1, output_tokens=bound if made is None else made)
        return VisionResponse(text="{", finish="length", usage=usage, engine=ROOMY.to_record())

    return script


@pytest.mark.parametrize(
    ("made", "rooms"), [(None, [1000, 2000, 3000]), (40, [1000, 1000])], ids=["bound", "context"]
)
def test_room_grows_only_where_the_bound_was_what_cut_an_answer_off(
    made: int | None, rooms: list[int]
) -> None:
    asked: list[int] = []
    inspection, _ = run(cut_off(asked, made), 1, profile=ROOMY)
    assert asked == rooms
    assert inspection.photos[0].fault is not None
    assert inspection.photos[0].fault.error == "OutputTruncated"


@pytest.mark.parametrize("context", [2_000, 5_000, 6_000, 7_000, 100_000])
def test_room_never_grows_beyond_the_context(context: int) -> None:
    asked: list[int] = []
    profile = ROOMY.model_copy(update={"context_tokens": context})
    engine = FunctionTransport(cut_off(asked), profile=profile)
    InspectionAgent(Checked(engine)).run(case_of(1))
    assert asked[0] == 1000
    for room, request in zip(asked, engine.requests, strict=True):
        expected = estimate_tokens(request, profile)
        grown = room > 1000
        assert not grown or expected.text_tokens + expected.image_tokens + room <= context
    assert {2_000: 1000, 100_000: 3000}.get(context, max(asked)) == max(asked)


def test_the_first_fault_is_told_and_not_that_of_the_third_ask() -> None:
    faults: list[InspectIQError] = [
        OutputTruncated("the first", usage=PAID.model_copy(update={"output_tokens": 1000})),
        BadRequest("a later one", reason="too_large", status_code=400),
    ]
    inspection, requests = run(lambda request: faults[request.ask - 1], 1, profile=ROOMY)
    assert requests == [1, 1]
    assert inspection.photos[0].fault is not None
    assert inspection.photos[0].fault.message == "the first"
    assert inspection.usage.output_tokens == 1000


def test_a_photo_asked_about_alone_tells_its_own_fault_and_not_that_of_its_pack() -> None:
    def script(request: VisionRequest) -> str:
        if len(request.photos) > 1:
            raise OutputFiltered("in company")
        if request.photo_ids == ("p1",):
            raise OutputRefused("alone")
        return make_answer(request)

    inspection, _ = run(script, 2)
    assert inspection.photos[0].fault is not None
    assert inspection.photos[0].fault.message == "alone"


def test_an_answer_about_other_photos_settles_nothing() -> None:
    def elsewhere(request: VisionRequest) -> str:
        return make_answer(request).replace("photo_1", "photo_9")

    inspection, requests = run(elsewhere, 1)
    assert statuses(inspection) == {"failed": 1}
    assert len(requests) == InspectionAgent.max_asks
