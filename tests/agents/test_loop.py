"""Observers, sinks, faults of transports, the life of an agent."""

import asyncio
import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import structlog

from inspectiq import (
    BudgetExceeded,
    ConfigError,
    Inspection,
    InspectionAgent,
    InspectIQError,
    Limits,
    Photo,
    VisionRequest,
)
from inspectiq import events as ev
from inspectiq.agents._agent import MOST_ROUNDS
from inspectiq.errors import AuthenticationFailed
from inspectiq.events import Event
from inspectiq.testing import FunctionTransport, ScriptedTransport, make_answer

Photos = Callable[..., tuple[Photo, ...]]


class Recorder:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_event(self, event: Event, /) -> None:
        self.events.append(event)

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def test_observers_see_a_run_from_start_to_end(photos: Photos) -> None:
    seen = Recorder()
    agent = InspectionAgent(FunctionTransport(make_answer), observers=[seen], photos_per_request=2)
    inspection = agent.inspect(photos(3), id="c1", tags={"tenant": "t"})
    assert isinstance(seen.events[0], ev.RunStarted)
    assert isinstance(seen.events[-1], ev.RunCompleted)
    assert len(seen.of(ev.PhotoExamined)) == 3
    assert [event.photo_ids for event in seen.of(ev.RequestSent)] == [("p1", "p2"), ("p3",)]
    assert len(seen.of(ev.RequestAnswered)) == 2
    assert [event.status for event in seen.of(ev.PhotoCompleted)] == ["assessed"] * 3
    assert seen.events[-1].result_id == inspection.id
    assert all(event.case_id == "c1" for event in seen.events)
    assert all(event.tags == {"tenant": "t"} for event in seen.events)


def test_an_observer_that_raises_is_logged_once_and_breaks_nothing(
    photos: Photos, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def on_event(self, event: Event, /) -> None:
            raise RuntimeError("boom")

    seen = Recorder()
    agent = InspectionAgent(FunctionTransport(make_answer), observers=[Broken(), seen])
    with caplog.at_level(logging.WARNING, "inspectiq"):
        assert agent.inspect(photos(2)).status == "complete"
    assert len([record for record in caplog.records if "observer" in record.message]) == 1
    assert seen.of(ev.RunCompleted)


def test_an_observer_without_on_event_is_refused() -> None:
    class Later:
        async def on_event(self, event: Event, /) -> None: ...

    for wrong in (print, Recorder, Later()):
        with pytest.raises(ConfigError, match="on_event"):
            InspectionAgent(FunctionTransport(make_answer), observers=[wrong])  # type: ignore[list-item]


def test_a_sink_that_cannot_accept_is_refused() -> None:
    class Sink:
        async def accept(self, result: Inspection, /) -> None: ...

    for wrong in (print, Sink):
        with pytest.raises(ConfigError, match="accept"):
            InspectionAgent(FunctionTransport(make_answer), sinks=[wrong])  # type: ignore[list-item]


def test_an_engine_that_returns_something_else_is_told_so(photos: Photos) -> None:
    class Stringly:
        async def send(self, request: VisionRequest, /) -> str:
            return "{}"

    inspection = InspectionAgent(Stringly()).inspect(photos(1))  # type: ignore[arg-type]
    fault = inspection.photos[0].fault
    assert fault is not None
    assert "returned str; return a VisionResponse" in fault.message


def test_a_bug_in_a_transport_is_logged_with_its_traceback(
    photos: Photos, caplog: pytest.LogCaptureFixture
) -> None:
    def buggy(request: VisionRequest) -> str:
        raise ZeroDivisionError("mine")

    with caplog.at_level(logging.WARNING, "inspectiq"):
        InspectionAgent(FunctionTransport(buggy)).inspect(photos(1))
    (record,) = caplog.records
    assert "ZeroDivisionError: mine" in record.__dict__["traceback"]


def test_sinks_get_the_result_and_one_that_raises_is_an_event(photos: Photos) -> None:
    taken: list[Inspection] = []

    class Full:
        async def accept(self, result: Inspection, /) -> None:
            raise OSError("disk full")

    class Good:
        async def accept(self, result: Inspection, /) -> None:
            taken.append(result)

    seen = Recorder()
    agent = InspectionAgent(
        FunctionTransport(make_answer), sinks=[Full(), Good()], observers=[seen]
    )
    inspection = agent.inspect(photos(1))
    assert taken == [inspection]
    (failed,) = seen.of(ev.SinkFailed)
    assert (failed.sink, failed.error) == ("Full", "OSError")


def test_a_wrong_key_raises_where_nothing_was_answered(photos: Photos) -> None:
    agent = InspectionAgent(ScriptedTransport([AuthenticationFailed("the key is wrong")]))
    with pytest.raises(AuthenticationFailed):
        agent.inspect(photos(1))


def test_a_wrong_key_is_an_outcome_where_something_was_answered(photos: Photos) -> None:
    engine = ScriptedTransport(
        [lambda request: make_answer(request), AuthenticationFailed("expired")]
    )
    agent = InspectionAgent(engine, photos_per_request=1, limits=Limits(concurrency=1))
    inspection = agent.inspect(photos(2))
    assert [outcome.status for outcome in inspection.photos] == ["assessed", "failed"]


def test_a_bug_in_a_transport_costs_only_its_own_photos(photos: Photos) -> None:
    def buggy(request: VisionRequest) -> str:
        if "p2" in request.photo_ids:
            raise KeyError("secret text of the engine")
        return make_answer(request)

    seen = Recorder()
    agent = InspectionAgent(FunctionTransport(buggy), photos_per_request=1, observers=[seen])
    inspection = agent.inspect(photos(3))
    fault = inspection.photos[1].fault
    assert fault is not None
    assert (fault.error, "KeyError" in fault.message) == ("TransportError", True)
    assert "secret" not in fault.message
    assert [outcome.status for outcome in inspection.photos] == ["assessed", "failed", "assessed"]
    assert [event.error for event in seen.of(ev.RequestFailed)] == ["TransportError"]


def test_an_absorb_that_never_ends_is_stopped(photos: Photos) -> None:
    class Endless(InspectionAgent):
        def absorb(self, case: Any, answers: Any) -> Any:
            return self.plan(case)

    engine = FunctionTransport(make_answer)
    with pytest.raises(InspectIQError, match="rounds"):
        Endless(engine).inspect(photos(1))
    assert len(engine.requests) == 1 + MOST_ROUNDS


async def test_cancelling_a_run_cancels_its_calls(photos: Photos) -> None:
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def hang(request: VisionRequest) -> str:
        started.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return ""

    task = asyncio.ensure_future(InspectionAgent(FunctionTransport(hang)).ainspect(photos(1)))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cancelled.is_set()


async def test_no_more_requests_are_in_flight_than_allowed(photos: Photos) -> None:
    now = most = 0

    async def count(request: VisionRequest) -> str:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.005)
        now -= 1
        return make_answer(request)

    agent = InspectionAgent(
        FunctionTransport(count), photos_per_request=1, limits=Limits(concurrency=3)
    )
    await agent.ainspect(photos(12))
    assert most == 3


async def test_an_agent_closes_only_an_engine_that_it_made() -> None:
    closed = []

    class Closing(FunctionTransport):
        async def aclose(self) -> None:
            closed.append(True)

    async with InspectionAgent(Closing(make_answer)):
        pass
    assert not closed
    agent = InspectionAgent("offline")
    async with agent.lifespan():
        pass
    with agent:
        pass  # closing twice is harmless


async def test_a_transport_that_is_cancelled_inside_costs_only_its_photos(photos: Photos) -> None:
    def answer(request: VisionRequest) -> str:
        if "p1" in request.photo_ids:
            raise asyncio.CancelledError
        return make_answer(request)

    agent = InspectionAgent(FunctionTransport(answer), photos_per_request=1)
    inspection = await agent.ainspect(photos(2))
    assert [outcome.status for outcome in inspection.photos] == ["failed", "assessed"]


async def test_a_sink_that_hangs_delays_no_other_and_is_given_up(photos: Photos) -> None:
    taken: list[Inspection] = []

    class Hangs:
        async def accept(self, result: Inspection, /) -> None:
            await asyncio.sleep(60)

    class Good:
        async def accept(self, result: Inspection, /) -> None:
            taken.append(result)

    seen = Recorder()
    agent = InspectionAgent(
        FunctionTransport(make_answer), sinks=[Hangs(), Good()], observers=[seen], sink_timeout=0.05
    )
    assert taken == [await agent.ainspect(photos(1))]
    assert [event.error for event in seen.of(ev.SinkFailed)] == ["TimeoutError"]


def test_a_budget_that_ends_after_a_paid_answer_is_an_outcome(photos: Photos) -> None:
    engine = ScriptedTransport(
        [
            "garbage",
            BudgetExceeded("used up", limit=Decimal(1), spent=Decimal(1), needed=Decimal(1)),
        ]
    )
    inspection = InspectionAgent(engine).inspect(photos(1))
    assert inspection.photos[0].fault is not None
    assert inspection.photos[0].fault.error == "BudgetExceeded"
    assert inspection.usage.input_tokens == 100


def test_no_secret_of_a_traceback_reaches_the_log(
    photos: Photos, caplog: pytest.LogCaptureFixture
) -> None:
    class Leaky:
        def on_event(self, event: Event, /) -> None:
            raise RuntimeError("401 for Bearer sk-proj-abcdefghijk123 https://u:pw@x.example/?s=1")

    with (
        caplog.at_level(logging.WARNING, "inspectiq"),
        structlog.contextvars.bound_contextvars(name="tenant-x"),
    ):
        InspectionAgent(FunctionTransport(make_answer), observers=[Leaky()]).inspect(photos(1))
    said = str([record.__dict__ for record in caplog.records])
    assert "RuntimeError" in said
    assert "tenant-x" in said
    for secret in ("abcdefghijk", "pw@", "s=1"):
        assert secret not in said
