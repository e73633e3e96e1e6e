"""Capturing events in tests."""

from collections.abc import Callable

from inspectiq import InspectionAgent, Photo
from inspectiq.events import RequestAnswered, RunCompleted, RunStarted
from inspectiq.testing import FunctionTransport, capture_events, make_answer

Photos = Callable[..., tuple[Photo, ...]]


def test_events_of_a_sync_run_are_captured(photos: Photos) -> None:
    agent = InspectionAgent(FunctionTransport(make_answer))
    with capture_events() as events:
        agent.inspect(photos(1))
    agent.inspect(photos(1))
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunCompleted)
    assert len(events.of(RequestAnswered)) == 1


async def test_blocks_may_be_nested_and_each_sees_its_own(photos: Photos) -> None:
    agent = InspectionAgent(FunctionTransport(make_answer))
    with capture_events() as outer:
        await agent.ainspect(photos(1))
        with capture_events() as inner:
            await agent.ainspect(photos(1))
    assert len(outer.of(RunStarted)) == 2
    assert len(inner.of(RunStarted)) == 1
