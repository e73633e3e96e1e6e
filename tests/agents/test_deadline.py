"""Deadlines, on a clock that jumps: whatever hangs, a run ends in time, and says what it lacks."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from decimal import Decimal
from functools import wraps
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import (
    Case,
    ConfigError,
    Inspection,
    InspectionAgent,
    Limits,
    Photo,
    VisionRequest,
    WrapperTransport,
)
from inspectiq.agents import SecondLook
from inspectiq.domain import Agreement, ReadCounts
from inspectiq.errors import OutputTruncated, ProviderUnavailable
from inspectiq.limits import LocalRateLimiter, Reservation
from inspectiq.photos._prepare_pool import hold_while_examining
from inspectiq.run import Run
from inspectiq.testing import FunctionTransport, ScriptedTransport, make_answer, make_issue
from inspectiq.transports import Checked
from tests.conftest import render_jpeg
from tests.limits.jumping import jumping, now, run

DEADLINE = 10.0
LATEST = DEADLINE + 0.25


def on_a_clock_that_jumps(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Runs it on a loop that never waits, whose clock is also the one of deadlines."""

    @jumping
    @wraps(test)
    async def on_it(*args: Any, **kwargs: Any) -> None:
        with mock.patch.object(time, "monotonic", asyncio.get_running_loop().time):
            await test(*args, **kwargs)

    return on_it


@pytest.fixture(scope="module")
def case() -> Case:
    """Twelve photos that were examined, so that no thread has to be waited for."""
    photos = [Photo.from_bytes(render_jpeg(seed), name=f"{seed}.jpg") for seed in range(1, 13)]
    return InspectionAgent(FunctionTransport(make_answer)).examine(
        Case(id="c", photos=tuple(photos))
    )


def _agent(engine: Any, *, rpm: float | None = None, concurrency: int = 128) -> InspectionAgent:
    own_stack = isinstance(engine, WrapperTransport)
    return InspectionAgent(
        engine,
        photos_per_request=1,
        limits=Limits(deadline=DEADLINE, concurrency=concurrency),
        limiter=None if own_stack else LocalRateLimiter(rpm=rpm, clock=now),
    )


async def _timed(agent: InspectionAgent, case: Case, photos: int) -> tuple[Inspection, float]:
    begun = now()
    inspection = await agent.arun(case.with_photos(case.photos[:photos]))
    return inspection, now() - begun


def _faults(inspection: Inspection) -> list[str | None]:
    return [outcome.fault.error if outcome.fault else None for outcome in inspection.photos]


async def _hang(_: object = None) -> str:
    await asyncio.sleep(3600)
    return ""


async def _hang_for_some(request: VisionRequest) -> str:
    if request.photo_ids[0] in ("p2", "p4"):
        await _hang()
    await asyncio.sleep(1)
    return make_answer(request)


@on_a_clock_that_jumps
async def test_calls_that_hang_end_in_time_and_the_other_answers_are_kept(case: Case) -> None:
    inspection, seconds = await _timed(_agent(FunctionTransport(_hang_for_some)), case, 4)
    assert seconds <= LATEST
    assert _faults(inspection) == [None, "ProviderTimeout", None, "ProviderTimeout"]
    assert inspection.status == "partial"
    assert inspection.usage.requests == 4


@on_a_clock_that_jumps
async def test_calls_that_hang_end_in_time_also_without_a_stack_that_knows_of_deadlines(
    case: Case,
) -> None:
    agent = _agent(Checked(FunctionTransport(_hang_for_some)))
    inspection, seconds = await _timed(agent, case, 4)
    assert seconds <= LATEST
    assert _faults(inspection) == [None, "ProviderTimeout", None, "ProviderTimeout"]


@on_a_clock_that_jumps
async def test_what_waits_for_a_place_in_flight_ends_in_time_and_was_not_sent(case: Case) -> None:
    engine = FunctionTransport(_hang)
    inspection, seconds = await _timed(_agent(engine, concurrency=2), case, 12)
    assert seconds <= LATEST
    assert _faults(inspection) == ["ProviderTimeout"] * 12
    assert inspection.usage.requests == len(engine.requests) == 2


@on_a_clock_that_jumps
async def test_a_run_does_not_wait_for_the_places_of_one_that_may_take_longer(case: Case) -> None:
    async def garbage_first(request: VisionRequest) -> str:
        if len(engine.requests) > 1:
            await _hang()
        await asyncio.sleep(8)
        return "garbage"

    engine = FunctionTransport(garbage_first)
    agent = _agent(engine, concurrency=1)
    first = asyncio.ensure_future(_timed(agent, case, 1))
    await asyncio.sleep(5)
    # It takes the one place from 8 to 15, and the first may ask again no later than 10.
    second = asyncio.ensure_future(_timed(agent, case, 1))
    for inspection, seconds in await asyncio.gather(first, second):
        assert seconds <= LATEST
        assert _faults(inspection) == ["ProviderTimeout"]
    assert len(engine.requests) == 2


@on_a_clock_that_jumps
async def test_waits_between_attempts_end_in_time(case: Case) -> None:
    for after in (None, 3.0, 30.0):
        down = ProviderUnavailable("down", status_code=503, retry_after=after)
        engine = FunctionTransport(lambda _, down=down: down)  # type: ignore[misc]
        inspection, seconds = await _timed(_agent(engine), case, 3)
        assert seconds <= LATEST
        assert inspection.usage.requests == len(engine.requests)
        # Once another call was told to wait, there may be no turn left either.
        assert set(_faults(inspection)) <= {"ProviderUnavailable", "RateLimited"}


@on_a_clock_that_jumps
async def test_a_photo_that_has_no_turn_in_time_says_so(case: Case) -> None:
    engine = FunctionTransport(make_answer)
    inspection, seconds = await _timed(_agent(engine, rpm=20), case, 12)
    assert seconds <= LATEST
    sent = len(engine.requests)
    assert 3 <= sent <= 7
    assert sorted(map(str, _faults(inspection))) == ["None"] * sent + ["RateLimited"] * (12 - sent)
    assert inspection.usage.requests == sent


@on_a_clock_that_jumps
async def test_nothing_is_asked_again_once_the_deadline_has_passed(case: Case) -> None:
    async def garbage(_: VisionRequest) -> str:
        await asyncio.sleep(DEADLINE / 2 + 1)
        return "garbage"

    for engine in (FunctionTransport(garbage), FunctionTransport(garbage)):
        inspection, seconds = await _timed(_agent(engine), case, 1)
        assert seconds <= LATEST
        assert len(engine.requests) == 2
        assert inspection.usage.input_tokens == 100
        assert _faults(inspection) == ["OutputInvalid"]  # the first fault, which was paid for


@on_a_clock_that_jumps
async def test_an_engine_that_took_all_the_time_leaves_none_for_the_next(case: Case) -> None:
    inspection, seconds = await _timed(
        _agent([FunctionTransport(_hang), ScriptedTransport([])]), case, 2
    )
    assert seconds <= LATEST
    assert _faults(inspection) == ["ProviderTimeout"] * 2


class Hanging:
    """A limiter and a budget, one part of which never answers."""

    needs_price = False

    def __init__(self, part: str) -> None:
        self.part = part

    async def _maybe_hang(self, part: str) -> None:
        if part == self.part:
            await _hang()

    async def acquire(
        self, key: str, amounts: Mapping[str, float], /, *, timeout: float | None = None
    ) -> Reservation:
        await self._maybe_hang("acquire")
        return Reservation(key, amounts)

    async def observe(
        self, key: str, headers: Mapping[str, str], retry_after: float | None, /
    ) -> None:
        await self._maybe_hang("observe")

    async def reserve(self, run: Run, amounts: Mapping[str, Decimal], /) -> Reservation[Decimal]:
        await self._maybe_hang("reserve")
        return Reservation("", amounts)

    async def settle(self, kept: object, actual: object, /) -> None:
        await self._maybe_hang("settle")


@pytest.mark.parametrize("part", ["acquire", "observe", "reserve", "settle"])
@on_a_clock_that_jumps
async def test_a_limiter_or_a_budget_that_hangs_does_not_hold_up_the_end(
    part: str, case: Case
) -> None:
    hanging = Hanging(part)
    agent = InspectionAgent(
        FunctionTransport(make_answer),
        limits=Limits(deadline=DEADLINE),
        limiter=hanging,
        budgets=[hanging],
    )
    inspection, seconds = await _timed(agent, case, 3)
    assert seconds <= LATEST
    assert set(_faults(inspection)) == {"ProviderTimeout"}


@on_a_clock_that_jumps
async def test_photos_that_never_load_end_in_time_and_the_others_are_inspected(case: Case) -> None:
    async def never() -> bytes:
        await _hang()
        return b""

    loaders = [Photo.from_loader(f"{n}.jpg", never, timeout=600) for n in range(30)]
    agent = _agent(FunctionTransport(make_answer))
    begun = now()
    inspection = await agent.arun(Case(photos=tuple(loaders)))
    assert now() - begun <= LATEST
    reasons = [outcome.fault.reason for outcome in inspection.photos if outcome.fault]
    assert reasons == ["timeout"] * 30


@on_a_clock_that_jumps
async def test_an_engine_that_does_not_get_ready_is_asked_all_the_same(
    case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    class Unready(FunctionTransport):
        async def aopen(self) -> None:
            raise OSError("nothing there")

    with caplog.at_level(logging.WARNING, "inspectiq"):
        inspection, _ = await _timed(_agent(Unready(make_answer)), case, 1)
    assert inspection.status == "complete"
    (record,) = caplog.records
    assert "OSError: nothing there" in record.__dict__["traceback"]


@on_a_clock_that_jumps
async def test_an_engine_that_never_gets_ready_does_not_hold_up_the_end(case: Case) -> None:
    class Never(FunctionTransport):
        async def aopen(self) -> None:
            await _hang()

    inspection, seconds = await _timed(_agent(Never(make_answer)), case, 1)
    assert seconds <= LATEST
    assert _faults(inspection) == ["ProviderTimeout"]


async def test_what_the_caller_must_mend_is_raised_where_an_engine_gets_ready(case: Case) -> None:
    class Misconfigured(ScriptedTransport):
        async def aopen(self) -> None:
            raise ConfigError("name a region")

    with pytest.raises(ConfigError, match="region"):
        await InspectionAgent(Misconfigured([])).arun(case)


def test_without_a_deadline_everything_is_waited_for(case: Case) -> None:
    async def story() -> None:
        async def slow(request: VisionRequest) -> str:
            await asyncio.sleep(86_400)
            return make_answer(request)

        agent = InspectionAgent(FunctionTransport(slow))
        inspection, seconds = await _timed(agent, case, 4)
        assert (inspection.status, round(seconds)) == ("complete", 86_400)

    run(story())


CALLS = st.tuples(
    st.sampled_from(["answer", "garbage", "down", "cut off"]),
    st.sampled_from([0.0, 1.0, DEADLINE / 2 - 1, DEADLINE - 0.01, DEADLINE + 0.01, 3600.0]),
)


@settings(max_examples=20, deadline=None)
@given(
    calls=st.lists(CALLS, min_size=1, max_size=12),
    concurrency=st.integers(1, 4),
    rpm=st.none() | st.integers(6, 600),
    bare=st.booleans(),
)
def test_whatever_calls_do_a_run_ends_in_time_with_an_outcome_for_each_photo(
    case: Case, calls: list[tuple[str, float]], concurrency: int, rpm: int | None, bare: bool
) -> None:
    async def send(request: VisionRequest) -> str:
        number = int(request.photo_ids[0][1:])
        fate, seconds = calls[(number + request.ask) % len(calls)]
        await asyncio.sleep(seconds)
        if fate == "down":
            raise ProviderUnavailable("down", status_code=503)
        if fate == "cut off":
            raise OutputTruncated("cut off", attempts=1)
        return make_answer(request) if fate == "answer" else "garbage"

    async def story() -> None:
        engine = FunctionTransport(send)
        agent = _agent(Checked(engine) if bare else engine, rpm=rpm, concurrency=concurrency)
        inspection, seconds = await _timed(agent, case, len(calls))
        assert seconds <= LATEST
        assert [outcome.photo.id for outcome in inspection.photos] == [
            photo.id for photo in case.photos[: len(calls)]
        ]
        for outcome in inspection.photos:
            assert (outcome.status == "assessed") != (outcome.fault is not None)
        assert inspection.usage.requests == len(engine.requests)

    on_a_clock_that_jumps(story)()


async def test_a_case_that_waits_behind_others_ends_at_its_own_deadline(
    photos: Callable[..., tuple[Photo, ...]],
) -> None:
    agent = InspectionAgent(FunctionTransport(make_answer), limits=Limits(deadline=0.02))
    async with hold_while_examining(10), hold_while_examining(10):  # others take all the places
        inspection = await agent.ainspect(photos(2))
    assert inspection.status == "failed"
    # Pictures that another test prepared a moment ago are at hand, and then it is the call's turn.
    errors = {outcome.fault.error for outcome in inspection.photos if outcome.fault}
    assert errors <= {"PhotoError", "ProviderTimeout"}


@on_a_clock_that_jumps
async def test_a_deadline_within_the_second_read_leaves_what_the_first_one_saw(case: Case) -> None:
    async def hang_in_the_second(request: VisionRequest) -> str:
        if request.read == 2:
            await _hang()
        return make_answer(request, [make_issue("clog", 1)])

    agent = InspectionAgent(
        Checked(FunctionTransport(hang_in_the_second)),
        photos_per_request=1,
        reads=2,
        second_look=SecondLook(unsure_below=1),
        limits=Limits(deadline=DEADLINE),
    )
    inspection, seconds = await _timed(agent, case, 2)
    assert seconds <= LATEST
    assert inspection.status == "complete"
    assert [one.reads for one in inspection.photos] == [ReadCounts(assessed=1, failed=1)] * 2
    assert [one.agreement for one in inspection.issues] == [
        Agreement(seen=1, reads=1, failed=1)
    ] * 2
    faults = [one.second_look_fault for one in inspection.photos]  # no time was left for it
    assert [one.error if one else None for one in faults] == ["ProviderTimeout"] * 2
