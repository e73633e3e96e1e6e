"""Photos read several times: no read is answered with another's, and each tells what it saw."""

from __future__ import annotations

import asyncio
import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import (
    Case,
    ConfigError,
    EngineProfile,
    Inspection,
    InspectionAgent,
    InspectIQError,
    Limits,
    OfflineTransport,
    OpenAITransport,
    VisionRequest,
)
from inspectiq.agents import Answer
from inspectiq.domain import Agreement, FrozenMap, ReadCounts
from inspectiq.errors import OutputRefused, ProviderUnavailable
from inspectiq.events import RequestSent
from inspectiq.limits import FlatTokens, Pricing
from inspectiq.testing import (
    FunctionTransport,
    capture_events,
    make_answer,
    make_issue,
)
from inspectiq.transports import Cache, Checked, Fallback, MemoryCache, SQLiteCache
from tests.agents.read_scripts import (
    ALONE,
    LEAK,
    MOLD,
    SAMPLED,
    by_read,
    inspect,
    list_agreements,
    photos_of,
)

# -- no read shares an answer ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_no_read_is_answered_with_what_a_cache_keeps_of_another(kind: str, tmp_path: Path) -> None:
    cache: Cache = MemoryCache() if kind == "memory" else SQLiteCache(tmp_path / "c.sqlite")
    engine = FunctionTransport(by_read([make_issue(LEAK, 1)], [], []), profile=SAMPLED)
    agent = InspectionAgent(engine, cache=cache, reads=3)
    first = agent.inspect(photos_of(2), id="c")
    assert sorted(request.read for request in engine.requests) == [1, 2, 3]
    assert list_agreements(first) == [(1, 3, 0)]
    again = agent.inspect(photos_of(2), id="c")
    assert len(engine.requests) == 3  # each read has an answer of its own in the cache
    assert list_agreements(again) == [(1, 3, 0)]
    assert again.usage.requests == 0


async def test_reads_in_flight_at_once_share_no_answer() -> None:
    arrived, all_there = 0, asyncio.Event()

    async def script(request: VisionRequest) -> str:
        nonlocal arrived
        arrived += 1
        if arrived == 3:
            all_there.set()
        await all_there.wait()  # never comes if one waits for another's answer
        return make_answer(request, [make_issue(LEAK, 1)] * (request.read == 2))

    engine = FunctionTransport(script, profile=SAMPLED)
    agent = InspectionAgent(engine, cache=MemoryCache(), reads=3, limits=Limits(deadline=60))
    inspection = await agent.ainspect(photos_of(1), id="c")
    assert list_agreements(inspection) == [(1, 3, 0)]


def test_the_first_of_several_reads_is_the_request_of_a_single_one() -> None:
    cache = MemoryCache()
    engine = FunctionTransport(make_answer, profile=SAMPLED)
    InspectionAgent(engine, cache=cache).inspect(photos_of(1), id="c")
    InspectionAgent(engine, cache=cache, reads=3).inspect(photos_of(1), id="c")
    assert [request.read for request in engine.requests] == [1, 2, 3]


# -- what is planned, paid and allowed -------------------------------------------------------------


def test_a_preview_counts_the_requests_and_dollars_of_all_reads() -> None:
    priced = SAMPLED.model_copy(
        update={
            "pricing": Pricing(input=Decimal(10), output=Decimal(30)),
            "image_tokens": FlatTokens(tokens=85),
            "photos_per_request": 2,
        }
    )
    engine = FunctionTransport(make_answer, profile=priced)
    once = InspectionAgent(engine).preview(photos_of(3))
    agent = InspectionAgent(engine, reads=3)
    thrice = agent.preview(photos_of(3))
    assert (thrice.sent, thrice.requests, thrice.reads) == (3, 3 * once.requests, 3)
    assert thrice.input_tokens == 3 * once.input_tokens
    assert once.usd is not None
    assert thrice.usd == (3 * once.usd[0], 3 * once.usd[1])
    assert "3 of 3 photos, read 3 times, in 6 requests" in str(thrice)
    inspection = agent.inspect(photos_of(3))
    assert len(engine.requests) == thrice.requests == inspection.usage.requests
    assert inspection.usage.input_tokens == 100 * thrice.requests  # each as the script says


def test_a_budget_pays_for_a_read_of_all_photos_before_a_second_of_some() -> None:
    script = by_read([make_issue(LEAK, 1)], [make_issue(LEAK, 1)])
    profile = SAMPLED.model_copy(update={"photos_per_request": 1})
    inspection = inspect(
        script, 2, n=3, profile=profile, limits=Limits(calls=4, concurrency=1), keep="union"
    )
    assert inspection.usage.requests == 4
    assert inspection.status == "complete"
    assert [one.reads for one in inspection.photos] == [
        ReadCounts(assessed=2),
        ReadCounts(assessed=1, failed=1),
        ReadCounts(assessed=1, failed=1),
    ]
    assert sorted(list_agreements(inspection)) == [(1, 1, 1), (1, 1, 1), (2, 2, 0)]


def test_observers_are_told_which_read_a_request_belongs_to() -> None:
    with capture_events() as events:
        engine = FunctionTransport(make_answer, profile=SAMPLED)
        InspectionAgent(engine, reads=2).inspect(photos_of(1))
    assert [event.read for event in events.of(RequestSent)] == [1, 2]


# -- engines that answer alike ---------------------------------------------------------------------

ALIKE = {
    "a detector": OfflineTransport(),
    "a profile that says so": FunctionTransport(
        make_answer, profile=EngineProfile(deterministic=True)
    ),
    "a temperature of 0": FunctionTransport(
        make_answer, profile=EngineProfile(settings=FrozenMap(temperature=0))
    ),
    "a model that gets 0 unless told": OpenAITransport("gpt-4.1-mini", api_key="sk-x"),
    "one to fall back on": Fallback(FunctionTransport(make_answer), OfflineTransport()),
}


@pytest.mark.parametrize("engine", ALIKE.values(), ids=ALIKE)
def test_several_reads_are_refused_where_the_engine_answers_alike(engine: Any) -> None:
    assert InspectionAgent(engine).reads == 1
    with pytest.raises(ConfigError, match=r"reads=2: .* would agree and say nothing; leave reads"):
        InspectionAgent(engine, reads=2)


def test_an_engine_that_samples_is_read_as_often_as_is_asked() -> None:
    warm = OpenAITransport("gpt-4.1-mini", api_key="sk-x", temperature=1)
    assert InspectionAgent(warm, reads=2).reads == 2
    assert InspectionAgent(OpenAITransport("gpt-6-luna", api_key="sk-x"), reads=5).reads == 5


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "3"])
def test_reads_are_a_whole_number_from_1(wrong: Any) -> None:
    with pytest.raises(ConfigError, match="reads"):
        InspectionAgent(FunctionTransport(make_answer), reads=wrong)


def test_what_is_kept_is_one_of_two_words() -> None:
    wrong: Any = "all"
    with pytest.raises(ConfigError, match="keep is 'all'; give 'union' or 'majority'"):
        InspectionAgent(FunctionTransport(make_answer), keep=wrong)


# -- what is joined --------------------------------------------------------------------------------


def test_boxes_that_overlap_are_one_place_and_others_are_two() -> None:
    near, far = (130, 100, 530, 500), (600, 600, 900, 900)
    inspection = inspect(
        by_read([make_issue(LEAK, 1, box=(100, 100, 500, 500))],
                [make_issue(LEAK, 1, box=near), make_issue(LEAK, 1, box=far)]), 2
    )  # fmt: skip
    assert sorted(list_agreements(inspection)) == [(1, 2, 0), (2, 2, 0)]
    (both,) = [one for one in inspection.issues if one.agreement and one.agreement.seen == 2]
    (shown,) = both.evidence  # the place that the first read gave
    assert shown.box is not None
    assert shown.box.to_tuple() == (0.1, 0.1, 0.5, 0.5)


def test_without_boxes_the_same_photo_is_the_same_place() -> None:
    inspection = inspect(
        by_read([make_issue(LEAK, 1)], [make_issue(LEAK, 1, box=(0, 0, 100, 100))]), 2, n=2
    )
    assert list_agreements(inspection) == [(2, 2, 0)]
    (shown,) = inspection.issues[0].evidence
    assert shown.box is not None  # one read did give a place
    apart = inspect(by_read([make_issue(LEAK, 1)], [make_issue(LEAK, 2)]), 2, n=2)
    assert list_agreements(apart) == [(1, 2, 0), (1, 2, 0)]


def test_two_findings_of_one_read_stay_two() -> None:
    twice = [make_issue(LEAK, 1), make_issue(LEAK, 1)]
    inspection = inspect(by_read(twice, twice[:1]), 2)
    assert sorted(list_agreements(inspection)) == [(1, 2, 0), (2, 2, 0)]


def test_other_types_in_one_place_are_two_findings() -> None:
    box = (0, 0, 500, 500)
    inspection = inspect(by_read([make_issue(LEAK, 1, box=box)], [make_issue(MOLD, 1, box=box)]), 2)
    assert sorted(list_agreements(inspection)) == [(1, 2, 0), (1, 2, 0)]


def test_a_photo_that_only_one_read_names_is_added_to_the_evidence() -> None:
    inspection = inspect(by_read([make_issue(LEAK, 1)], [make_issue(LEAK, 1, 2)]), 2, n=2)
    assert list_agreements(inspection) == [(2, 2, 0)]
    assert [item.photo_id for item in inspection.issues[0].evidence] == ["p1", "p2"]


def test_facts_of_one_read_count_in_a_union_and_not_in_a_majority() -> None:
    told = [make_issue(LEAK, 1, facts=["active_water"])]
    plain = [make_issue(LEAK, 1)]
    for keep, facts in (("union", ("active_water",)), ("majority", ())):
        inspection = inspect(by_read(plain, told, plain), 3, keep=keep)
        assert inspection.issues[0].observed.facts == facts


# -- what is kept ----------------------------------------------------------------------------------


def test_a_union_keeps_what_one_read_saw_and_has_a_person_look_first() -> None:
    inspection = inspect(
        by_read([make_issue(LEAK, 1), make_issue(MOLD, 1)], [make_issue(LEAK, 1)], []), 3
    )
    told = {issue.type: issue for issue in inspection.issues}
    assert told[LEAK].agreement == Agreement(seen=2, reads=3, temperature=0.7)
    assert ALONE not in told[LEAK].review
    assert told[MOLD].agreement == Agreement(seen=1, reads=3, temperature=0.7)
    assert told[MOLD].review == (ALONE,)
    assert inspection.summary.left_out == 0


def test_a_majority_leaves_out_the_others_and_counts_them() -> None:
    inspection = inspect(
        by_read([make_issue(LEAK, 1), make_issue(MOLD, 1)], [make_issue(LEAK, 1)], []),
        3,
        keep="majority",
    )
    assert [issue.type for issue in inspection.issues] == [LEAK]
    assert inspection.summary.left_out == 1


def test_half_of_the_reads_are_no_majority() -> None:
    inspection = inspect(by_read([make_issue(LEAK, 1)], []), 2, keep="majority")
    assert inspection.issues == ()
    assert inspection.summary.left_out == 1


def test_agreement_does_not_touch_the_confidence() -> None:
    inspection = inspect(
        by_read([make_issue(LEAK, 1, confidence=0.4)], [make_issue(LEAK, 1, confidence=0.9)]), 2
    )
    assert inspection.issues[0].observed.confidence == 0.4  # as the first read stated it


def test_the_temperature_is_not_told_where_another_engine_answered() -> None:
    other = EngineProfile(provider="c", model="d", settings=FrozenMap(temperature=1))
    first = FunctionTransport(lambda _: ProviderUnavailable("down"), profile=SAMPLED)
    second = FunctionTransport(lambda r: make_answer(r, [make_issue(LEAK, 1)]), profile=other)
    agent = InspectionAgent(Fallback(Checked(first), Checked(second)), reads=2)
    (issue,) = agent.inspect(photos_of(1)).issues
    assert issue.agreement == Agreement(seen=2, reads=2)


def test_a_finding_is_seen_in_as_many_reads_as_there_are_at_most() -> None:
    with pytest.raises(ConfigError, match="as many reads as there are"):
        Agreement(seen=3, reads=2)


# -- reads that failed -----------------------------------------------------------------------------


def test_a_failed_read_is_told_and_the_others_count() -> None:
    refused = OutputRefused("x", attempts=1)
    inspection = inspect(by_read([make_issue(LEAK, 1)], refused, [make_issue(LEAK, 1)]), 3)
    assert list_agreements(inspection) == [(2, 2, 1)]
    (photo,) = inspection.photos
    assert (photo.status, photo.reads) == ("assessed", ReadCounts(assessed=2, failed=1))
    assert inspection.status == "complete"


def test_a_photo_of_which_all_reads_failed_has_failed() -> None:
    refused = OutputRefused("x", attempts=1)
    inspection = inspect(by_read(refused, refused), 2)
    (photo,) = inspection.photos
    assert (photo.status, photo.reads) == ("failed", ReadCounts(failed=2))
    assert photo.fault is not None
    assert photo.fault.error == "OutputRefused"


@pytest.mark.parametrize(
    ("unclear", "status"), [((), "assessed"), ((2,), "assessed"), ((1, 2), "unclear")]
)
def test_a_photo_is_assessed_if_more_than_half_of_its_reads_assessed_it(
    unclear: tuple[int, ...], status: str
) -> None:
    def script(request: VisionRequest) -> str:
        return make_answer(request, unclear={1: "dark"} if request.read in unclear else {})

    (photo,) = inspect(script, 3).photos
    assert photo.status == status
    assert photo.reads == ReadCounts(assessed=3 - len(unclear), unclear=len(unclear))
    assert photo.reason == ("dark" if status == "unclear" else None)


def test_a_tie_is_unclear() -> None:
    def script(request: VisionRequest) -> str:
        return make_answer(request, unclear={1: "dark"} if request.read == 2 else {})

    assert inspect(script, 2).photos[0].status == "unclear"


def test_a_photo_is_asked_about_again_only_in_the_read_that_was_refused() -> None:
    def script(request: VisionRequest) -> Any:
        if request.read == 2 and "p1" in request.photo_ids:
            return OutputRefused("x", attempts=1)
        return make_answer(request)

    engine = FunctionTransport(script, profile=SAMPLED)
    inspection = InspectionAgent(engine, reads=2).inspect(photos_of(2))
    asked = sorted((one.read, one.ask, len(one.photos)) for one in engine.requests)
    assert asked == [(1, 1, 2), (2, 1, 2), (2, 2, 1), (2, 2, 1)]
    assert [one.reads for one in inspection.photos] == [
        ReadCounts(assessed=1, failed=1),
        ReadCounts(assessed=2),
    ]


# -- properties ------------------------------------------------------------------------------------

PLACES = [None, (0, 0, 400, 400), (50, 0, 450, 400), (500, 500, 900, 900)]
SEEN = st.lists(
    st.builds(
        lambda kind, photo, box: make_issue(kind, photo, box=box),
        st.sampled_from([LEAK, MOLD]),
        st.sampled_from([1, 2]),
        st.sampled_from(PLACES),
    ),
    max_size=4,
)
ANSWERS = st.lists(st.one_of(SEEN, st.just(OutputRefused("x", attempts=1))), min_size=1, max_size=5)
SCRIPTED = InspectionAgent(FunctionTransport(make_answer, profile=SAMPLED))
CASE = SCRIPTED.examine(Case(id="c", photos=photos_of(2)))


@settings(max_examples=80)
@given(said=ANSWERS, keep=st.sampled_from(["union", "majority"]), data=st.data())
def test_the_order_of_answers_does_not_matter_and_no_agreement_exceeds_the_reads(
    said: list[Any], keep: Any, data: st.DataObject
) -> None:
    engine = FunctionTransport(by_read(*said), profile=SAMPLED)
    agent = InspectionAgent(engine, reads=len(said), keep=keep, photos_per_request=2)
    requests = agent.plan(CASE)
    answers = [asyncio.run(_answer(engine, request)) for request in requests]
    again = agent.absorb(CASE, answers)
    while not isinstance(again, Inspection):
        answers += [asyncio.run(_answer(engine, request)) for request in again]
        again = agent.absorb(CASE, answers)
    shuffled = agent.absorb(CASE, data.draw(st.permutations(answers)))
    assert isinstance(shuffled, Inspection)
    assert shuffled.to_json() == again.to_json()
    failed = sum(isinstance(one, Exception) for one in said)
    sightings = sum(len(one) for one in said if not isinstance(one, Exception))
    for issue in again.issues:
        told = issue.agreement
        if len(said) == 1:
            assert told is None
            continue
        assert told is not None
        assert 1 <= told.seen <= told.reads == len(said) - failed
        assert told.failed == failed
        assert (ALONE in issue.review) == (told.seen == 1)
        assert keep == "union" or 2 * told.seen > told.reads
    if keep == "union" and len(said) > 1:  # every sighting is in one finding, and in one only
        assert sum(one.agreement.seen for one in again.issues if one.agreement) == sightings


async def _answer(engine: FunctionTransport, request: VisionRequest) -> Answer:
    try:
        return Answer(request, response=await Checked(engine).send(request))
    except InspectIQError as error:
        return Answer(request, error=error)


@settings(max_examples=40)
@given(said=st.lists(SEEN, min_size=2, max_size=5))
def test_reads_that_saw_the_same_agree_wholly(said: list[Any]) -> None:
    alike = [said[0]] * len(said)
    inspection = inspect(by_read(*alike), len(said), n=2, keep="majority")
    assert list_agreements(inspection) == [(len(said), len(said), 0)] * len(said[0])
    assert inspection.summary.left_out == 0


def test_a_request_of_another_read_has_another_key() -> None:
    (request,) = SCRIPTED.plan(SCRIPTED.examine(Case(id="c", photos=photos_of(1))))
    second = dataclasses.replace(request, read=2)
    assert request.make_content_key("x") != second.make_content_key("x")
