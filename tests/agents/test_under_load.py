"""Many calls at once: bounds, budgets, and one outcome for each photo whatever an engine does."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import (
    BudgetExceeded,
    Case,
    EngineProfile,
    Inspection,
    InspectionAgent,
    InspectIQError,
    Limits,
    Photo,
    PhotoError,
    RateLimited,
    Usage,
    VisionRequest,
    VisionResponse,
)
from inspectiq import events as ev
from inspectiq.errors import (
    AuthenticationFailed,
    BadRequest,
    OutputFiltered,
    OutputRefused,
    OutputTruncated,
    ProviderUnavailable,
    QuotaExhausted,
)
from inspectiq.limits import LocalBudget, LocalRateLimiter, Pricing
from inspectiq.run import Run
from inspectiq.testing import FunctionTransport, ScriptedTransport, make_answer, make_issue
from inspectiq.transports import MemoryCache
from inspectiq.transports._estimates import estimate_tokens
from tests.conftest import render_jpeg
from tests.limits.jumping import jumping, now, run

Photos = Callable[..., tuple[Photo, ...]]
PRICED = EngineProfile(
    provider="a", model="b", pricing=Pricing(input=Decimal(10), output=Decimal(30))
)


@pytest.fixture(scope="module")
def case() -> Case:
    """Twelve photos that were examined, so that no thread has to be waited for."""
    photos = [Photo.from_bytes(render_jpeg(seed), name=f"{seed}.jpg") for seed in range(1, 13)]
    return InspectionAgent(FunctionTransport(make_answer)).examine(
        Case(id="c", photos=tuple(photos))
    )


def _faults(inspection: Inspection) -> list[str | None]:
    return [outcome.fault.error if outcome.fault else None for outcome in inspection.photos]


# -- bounds --------------------------------------------------------------------------------------


@jumping
async def test_all_runs_of_an_agent_share_its_places_in_flight(case: Case) -> None:
    in_flight: Counter[str] = Counter()
    most = 0

    async def count(request: VisionRequest) -> str:
        nonlocal most
        in_flight["now"] += 1
        most = max(most, in_flight["now"])
        await asyncio.sleep(1)
        in_flight["now"] -= 1
        return make_answer(request)

    agent = InspectionAgent(
        FunctionTransport(count), photos_per_request=1, limits=Limits(concurrency=5)
    )
    results = await asyncio.gather(*(agent.arun(case) for _ in range(10)))
    assert most == 5
    assert {result.status for result in results} == {"complete"}


@pytest.mark.system
@jumping
async def test_an_outage_of_a_thousand_calls_costs_a_tenth_more_at_most(case: Case) -> None:
    engine = FunctionTransport(lambda _: ProviderUnavailable("down", status_code=503))
    agent = InspectionAgent(engine, photos_per_request=1)
    some = case.with_photos(case.photos[:10])
    results = await asyncio.gather(*(agent.arun(some) for _ in range(100)))
    assert len(engine.requests) <= 1100
    assert sum(result.usage.requests for result in results) == len(engine.requests)
    assert {result.status for result in results} == {"failed"}


@jumping
async def test_a_run_that_is_cancelled_leaves_no_place_and_no_money_taken(case: Case) -> None:
    async def hang(request: VisionRequest) -> str:
        await asyncio.sleep(60)
        return make_answer(request)

    budget = LocalBudget(calls=100, per="total")
    agent = InspectionAgent(
        FunctionTransport(hang),
        photos_per_request=1,
        limits=Limits(concurrency=2),
        budgets=[budget],
    )
    task = asyncio.ensure_future(agent.arun(case))
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert budget.get_spent(Run())["calls"] == 2  # those that were sent
    assert not budget._reserved
    assert (await agent.arun(case)).status == "complete"


# -- money ---------------------------------------------------------------------------------------


def _priced(seed: int) -> Callable[[VisionRequest], VisionResponse]:
    """Answers that cost some part of what they may cost at most."""
    part = random.Random(seed)

    def answer(request: VisionRequest) -> VisionResponse:
        most = estimate_tokens(request, PRICED).compute_usd(PRICED)
        assert most is not None
        usd = most * Decimal(part.randrange(1, 1001)) / 1000
        return VisionResponse(
            text=make_answer(request), usage=Usage(requests=1, usd=usd), engine=PRICED.to_record()
        )

    return answer


def test_what_a_budget_refused_is_said_of_each_photo_and_the_rest_is_kept(case: Case) -> None:
    engine = FunctionTransport(lambda r: make_answer(r, [make_issue("clog", 1)]), profile=PRICED)
    agent = InspectionAgent(engine, photos_per_request=1, limits=Limits(calls=5))
    inspection = agent.inspect(case)
    assert Counter(_faults(inspection)) == {None: 5, "BudgetExceeded": 7}
    assert len(inspection.issues) == len(engine.requests) == inspection.usage.requests == 5
    assert inspection.status == "partial"
    faults = [outcome.fault for outcome in inspection.photos if outcome.fault]
    assert "budget of 5 calls for each run" in faults[0].message


def test_a_budget_that_allows_nothing_is_raised(case: Case) -> None:
    agent = InspectionAgent(
        ScriptedTransport([], profile=PRICED), limits=Limits(usd=Decimal("0.000001"))
    )
    with pytest.raises(BudgetExceeded) as caught:
        agent.inspect(case)
    assert caught.value.limit == Decimal("0.000001")


def test_photos_are_asked_again_under_the_same_budget(case: Case) -> None:
    engine = FunctionTransport(lambda request: make_answer(request, leave_out=[1]), profile=PRICED)
    agent = InspectionAgent(engine, photos_per_request=1, limits=Limits(calls=14))
    inspection = agent.inspect(case)
    assert len(engine.requests) == inspection.usage.requests == 14
    assert Counter(_faults(inspection)) == {"BudgetExceeded": 12}


@settings(max_examples=8, deadline=None)
@given(
    usd=st.decimals(0, "0.5", places=3),
    seed=st.integers(0, 100),
    agents=st.integers(1, 3),
    per=st.sampled_from(["total", "day", "tag:tenant"]),
)
def test_agents_that_share_a_budget_never_spend_more_than_it(
    case: Case, usd: Decimal, seed: int, agents: int, per: str
) -> None:
    async def story() -> None:
        budget = LocalBudget(usd=usd, per=per)
        engine = FunctionTransport(_priced(seed), profile=PRICED)
        sharing = [
            InspectionAgent(engine, photos_per_request=1, budgets=[budget]) for _ in range(agents)
        ]
        outcomes = await asyncio.gather(
            *(agent.arun(case) for agent in sharing * 2), return_exceptions=True
        )
        spent = Decimal(0)
        for outcome in outcomes:
            if isinstance(outcome, Inspection):
                spent += outcome.usage.usd or 0
                assert set(_faults(outcome)) <= {None, "BudgetExceeded"}
            else:
                assert isinstance(outcome, BudgetExceeded)
        assert spent == budget.get_spent(Run())["usd"] <= usd

    run(story())


# -- one outcome for each photo ------------------------------------------------------------------


def _cancelled(_: VisionRequest) -> str:
    raise asyncio.CancelledError


FATES: dict[str, Callable[[VisionRequest], Any]] = {
    "answer": lambda request: make_answer(request, [make_issue("clog", 1)]),
    "half": lambda request: make_answer(request, leave_out=[1]),
    "unclear": lambda request: make_answer(request, unclear={1: "dark"}),
    "malformed": lambda request: make_answer(request, [make_issue("unicorn", 1)]),
    "garbage": lambda _: "garbage",
    "cut off": lambda _: OutputTruncated("x", usage=Usage(requests=1), attempts=1),
    "refused": lambda _: OutputRefused("x", usage=Usage(requests=1), attempts=1),
    "filtered": lambda _: OutputFiltered("x", attempts=1),
    "bad request": lambda _: BadRequest("x", status_code=400),
    "wrong key": lambda _: AuthenticationFailed("x", status_code=401),
    "no credit": lambda _: QuotaExhausted("x", status_code=429),
    "down": lambda _: ProviderUnavailable("x", status_code=503),
    "busy": lambda _: RateLimited("x", status_code=429),
    "photo": lambda _: PhotoError("x", reason="unreadable"),
    "no budget": lambda _: BudgetExceeded(
        "x", limit=Decimal(1), spent=Decimal(1), needed=Decimal(1)
    ),
    "bug": lambda _: KeyError("x"),
    "cancelled": _cancelled,
    "other": lambda _: VisionResponse(text="", finish="length", engine=PRICED.to_record()),
}


@settings(max_examples=30, deadline=None)
@given(
    fates=st.lists(st.sampled_from(sorted(FATES)), min_size=1, max_size=20),
    photos=st.integers(1, 12),
    size=st.integers(1, 5),
    fallback=st.booleans(),
)
def test_whatever_an_engine_does_each_photo_has_one_outcome_and_no_answer_is_lost(
    case: Case, fates: Sequence[str], photos: int, size: int, fallback: bool
) -> None:
    good: set[str] = set()
    calls = 0

    def send(request: VisionRequest) -> Any:
        nonlocal calls
        fate = fates[calls % len(fates)]
        calls += 1
        if fate in ("answer", "unclear"):
            good.update(request.photo_ids)
        elif fate in ("half", "malformed"):
            good.update(request.photo_ids[1:])
        return FATES[fate](request)

    async def story() -> None:
        first, second = FunctionTransport(send), FunctionTransport(send)
        agent = InspectionAgent(
            [first, second] if fallback else first,
            photos_per_request=size,
            limiter=LocalRateLimiter(clock=now),
        )
        some = case.with_photos(case.photos[:photos])
        try:
            inspection = await agent.arun(some)
        except InspectIQError:
            assert not good  # nothing at all was answered
            return
        assert [outcome.photo.id for outcome in inspection.photos] == [
            photo.id for photo in some.photos
        ]
        for outcome in inspection.photos:
            assert (outcome.status == "failed") == (outcome.fault is not None)
            assert (outcome.status == "failed") == (outcome.photo.id not in good)
        assert inspection.usage.requests <= calls

    run(story())


def test_a_pack_that_is_refused_costs_the_others_nothing_and_is_asked_in_smaller_ones(
    case: Case,
) -> None:
    def picky(request: VisionRequest) -> str:
        if "p6" in request.photo_ids:
            raise BadRequest("malformed", status_code=400)
        return make_answer(request, [make_issue("clog", 1)])

    engine = FunctionTransport(picky)
    inspection = InspectionAgent(engine, photos_per_request=4).inspect(case)
    assert _faults(inspection) == [None] * 5 + ["BadRequest"] + [None] * 6
    with_p6 = [request.photo_ids for request in engine.requests if "p6" in request.photo_ids]
    assert with_p6 == [("p5", "p6", "p7", "p8"), ("p5", "p6"), ("p6",)]


@pytest.mark.parametrize("error", [BadRequest, OutputRefused, OutputFiltered])
def test_a_photo_that_was_refused_alone_is_not_asked_again(
    error: type[InspectIQError], case: Case
) -> None:
    def picky(request: VisionRequest) -> str:
        if "p2" in request.photo_ids:
            raise error("no")
        return make_answer(request)

    engine = FunctionTransport(picky)
    inspection = InspectionAgent(engine, photos_per_request=1).inspect(case)
    assert _faults(inspection).count(None) == 11
    assert sum("p2" in request.photo_ids for request in engine.requests) == 1


def test_a_photo_that_is_cut_off_alone_is_asked_again_with_more_room_and_not_for_ever(
    case: Case,
) -> None:
    profile = EngineProfile(max_output_tokens_per_photo=100)
    engine = FunctionTransport(lambda _: OutputTruncated("cut", attempts=1), profile=profile)
    inspection = InspectionAgent(engine).inspect(case.with_photos(case.photos[:1]))
    assert [request.max_output_tokens for request in engine.requests] == [100, 200, 300]
    assert _faults(inspection) == ["OutputTruncated"]


# -- what is told of it --------------------------------------------------------------------------


class Seen:
    def __init__(self) -> None:
        self.events: list[ev.Event] = []

    def on_event(self, event: ev.Event, /) -> None:
        self.events.append(event)


@jumping
async def test_all_that_happens_to_a_call_is_told_with_its_run_its_case_and_its_tags(
    case: Case,
) -> None:
    def send(request: VisionRequest) -> Any:
        if request.photo_ids == ("p1",) and len(first.requests) == 1:
            raise ProviderUnavailable("down", status_code=503)
        if request.photo_ids == ("p2",):
            raise OutputRefused("declined", attempts=1)
        return make_answer(request)

    first = FunctionTransport(send, profile=PRICED)
    second = FunctionTransport(make_answer, profile=PRICED.model_copy(update={"model": "c"}))
    seen = Seen()
    agent = InspectionAgent(
        [first, second],
        photos_per_request=1,
        limits=Limits(calls=5, concurrency=1),
        limiter=LocalRateLimiter(rpm=60, burst_seconds=1, clock=now),
        cache=MemoryCache(),
        observers=[seen],
    )
    some = case.with_photos(case.photos[:4]).model_copy(update={"tags": {"tenant": "t"}})
    await agent.arun(some)
    first_run = {event.run_id for event in seen.events}
    await agent.arun(some.with_photos(case.photos[:6]))
    kinds = {type(event) for event in seen.events}
    assert kinds >= {
        ev.AttemptStarted,
        ev.AttemptFailed,
        ev.RateWaited,
        ev.BudgetReserved,
        ev.FellBack,
        ev.CacheHit,
    }
    assert {event.case_id for event in seen.events} == {"c"}
    assert {event.tags["tenant"] for event in seen.events} == {"t"}
    assert len(first_run) == 1
    assert len({event.run_id for event in seen.events} - first_run) == 1


def test_a_refusal_by_a_budget_is_told_for_its_photos(case: Case) -> None:
    seen = Seen()
    engine = FunctionTransport(make_answer, profile=PRICED)
    agent = InspectionAgent(
        engine,
        photos_per_request=1,
        limits=Limits(calls=10, concurrency=1),
        observers=[seen],
    )
    agent.inspect(case.model_copy(update={"tags": {"tenant": "t"}}))
    refused = [event for event in seen.events if isinstance(event, ev.BudgetRefused)]
    assert [event.photo_ids for event in refused] == [("p11",), ("p12",)]
    assert {(event.case_id, event.tags["tenant"]) for event in refused} == {("c", "t")}
    assert len({event.run_id for event in seen.events}) == 1


def test_the_log_names_run_and_photos_and_nothing_of_what_was_said(
    case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    said = "a crack as wide as a thumb"

    def send(request: VisionRequest) -> Any:
        if request.photo_ids == ("p2",):
            return BadRequest(said, status_code=400)
        return make_answer(request, [make_issue("clog", 1, description=said)], unclear={1: said})

    agent = InspectionAgent(FunctionTransport(send), photos_per_request=1)
    told = case.with_photos(case.photos[:3]).model_copy(update={"description": "Mrs Smith's flat"})
    with caplog.at_level(logging.DEBUG, "inspectiq.events"):
        agent.inspect(told)
    records = [record.__dict__ for record in caplog.records if record.name == "inspectiq.events"]
    assert len({record["run_id"] for record in records} - {""}) == 1
    bound = {record["photo_id"] for record in records if "photo_ids" in record}
    assert bound == {"p1", "p2", "p3"}
    everything = str(records)
    for secret in (said, "Smith", "1.jpg", "Photo 1", agent.prompt.text[:40]):
        assert secret not in everything
