"""Many cases in one run: streamed, bounded, each failure told by itself. Answers are scripted."""

import asyncio
import threading
import time
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, closing
from decimal import Decimal
from typing import Any

import pytest

from inspectiq import (
    BudgetExceeded,
    Case,
    ConfigError,
    DiagnosisAgent,
    EngineProfile,
    InspectionAgent,
    InspectIQError,
    Limits,
    Photo,
)
from inspectiq.agents import CaseOutcome
from inspectiq.errors import AuthenticationFailed, BadRequest, ProviderTimeout, QuotaExhausted
from inspectiq.events import CasesProgressed, Event, RunStarted
from inspectiq.limits import Pricing
from inspectiq.testing import FunctionTransport, make_answer
from tests.agents.many_cases import Answering, make_cases, make_photo


class Watch:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_event(self, event: Event, /) -> None:
        self.events.append(event)

    @property
    def progress(self) -> list[CasesProgressed]:
        return [event for event in self.events if isinstance(event, CasesProgressed)]


def drain(outcomes: Iterator[CaseOutcome[Any]]) -> tuple[list[CaseOutcome[Any]], Exception]:
    """All outcomes that come, and the error that ends the run."""
    came = []
    while True:
        try:
            came.append(next(outcomes))
        except StopIteration:
            raise AssertionError("the run came to its end") from None
        except Exception as error:
            return came, error


def test_each_case_has_one_outcome() -> None:
    outcomes = list(Answering().agent.run_many(make_cases(100)))
    assert sorted(one.number for one in outcomes) == list(range(1, 101))
    assert all(one.case_id == f"c{one.number}" for one in outcomes)
    assert {one.status for one in outcomes} == {"complete"}


def test_outcomes_come_as_cases_finish_or_in_order() -> None:
    last = asyncio.Event()

    class Slow(Answering):
        async def _answer(self, request: Any) -> Any:
            if request.words.endswith("c20."):
                last.set()
            elif request.words.endswith("c1."):
                await last.wait()
                last.clear()
            return await super()._answer(request)

    agent = Slow().agent
    assert [one.number for one in agent.run_many(make_cases(20))].index(1) > 10
    ordered = [one.number for one in agent.run_many(make_cases(20), ordered=True)]
    assert ordered == list(range(1, 21))


def test_cases_are_pulled_as_there_is_room_and_no_more_are_in_flight() -> None:
    answering, pulled = Answering(seconds=0.001), 0

    def count() -> Iterator[Case]:
        nonlocal pulled
        for case in make_cases(200):
            pulled += 1
            yield case

    with closing(answering.agent.run_many(count(), at_once=4)) as outcomes:
        for done, _ in enumerate(outcomes, start=1):
            assert pulled - done <= 4
    assert answering.most <= 4
    assert pulled == 200


def test_a_slow_first_case_holds_back_only_so_many_where_outcomes_come_in_order() -> None:
    release, enough, pulled = asyncio.Event(), asyncio.Event(), 0

    async def answer(request: Any) -> Any:
        if request.words.endswith("c1."):
            await release.wait()
        return make_answer(request, ())

    async def run() -> None:
        nonlocal pulled
        agent = DiagnosisAgent(FunctionTransport(answer))

        async def count() -> AsyncIterator[Case]:
            nonlocal pulled
            for case in make_cases(1000):
                pulled += 1
                if pulled == 16:
                    enough.set()
                if pulled == 17 + 4:
                    raise AssertionError("nobody would bound what is held back")
                yield case

        async with aclosing(agent.arun_many(count(), ordered=True, at_once=4)) as outcomes:
            first = asyncio.ensure_future(anext(outcomes))
            await asyncio.wait_for(enough.wait(), 30)
            await asyncio.sleep(0.1)  # time for one too many
            release.set()
            assert (await first).number == 1

    asyncio.run(run())
    assert 16 <= pulled <= 20


def test_photos_in_memory_bound_how_many_cases_are_in_flight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("inspectiq.agents._many.MOST_BYTES", 1)
    most = now = 0

    async def answer(request: Any) -> Any:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.001)
        now -= 1
        return make_answer(request, ())

    agent = InspectionAgent(FunctionTransport(answer))

    cases = [Case(id=f"c{number}", photos=(make_photo(number),)) for number in range(10)]

    async def run() -> int:
        return len([one async for one in agent.arun_many(cases)])

    assert asyncio.run(run()) == 10
    assert len(list(agent.run_many(cases))) == 10
    assert most == 1


def test_a_case_that_always_fails_is_an_outcome_and_the_others_go_on() -> None:
    answering = Answering()
    answering.fails["c3"] = BadRequest("no", reason="malformed", status_code=400)
    outcomes = {one.case_id: one for one in answering.agent.run_many(make_cases(9))}
    assert isinstance(outcomes["c3"].error, BadRequest)
    assert outcomes["c3"].result is None
    assert [one for one, outcome in outcomes.items() if outcome.status != "complete"] == ["c3"]


def test_no_error_holds_what_people_wrote() -> None:
    answering = Answering()
    answering.fails["c1"] = BadRequest("no", reason="malformed")
    answering.fails["c2"] = AuthenticationFailed("the key is wrong")
    came, raised = drain(answering.agent.run_many(make_cases(2), at_once=1))
    (outcome,) = came
    assert outcome.error is not None
    assert outcome.error.__traceback__ is None
    errors = (raised, raised.__cause__, raised.__context__, outcome.error.__cause__)
    for error in filter(None, errors):
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if frame.f_globals["__name__"].startswith("inspectiq"):
                held = frame.f_locals.values()
                assert not any(isinstance(one, Case | Photo | str) for one in held)


def test_a_bug_in_an_override_costs_its_case_only(caplog: pytest.LogCaptureFixture) -> None:
    class Odd(DiagnosisAgent):
        def screen(self, case: Any) -> Any:
            if case.id == "c2":
                raise ZeroDivisionError("secret words")
            return super().screen(case)

    agent = Odd(FunctionTransport(lambda request: make_answer(request, ())))
    outcomes = {one.case_id: one for one in agent.run_many(make_cases(3))}
    assert "ZeroDivisionError" in str(outcomes["c2"].error)
    assert "secret" not in str(outcomes["c2"].error)
    assert [record.getMessage() for record in caplog.records if "a case failed" in record.msg]
    assert outcomes["c3"].status == "complete"


def test_what_is_no_case_is_an_outcome_that_says_what_to_give() -> None:
    given: list[Any] = [
        None,
        {"id": "c1", "colour": "red"},
        {"id": "c2"},
        {"id": "c3", "description": "it drips", "revision": [1]},
        {1: 2},
        InspectIQError("row 7 has no address"),
        {"id": "c4", "description": "it drips"},
        {"id": "c4", "description": "it drips"},
        {"id": "c4", "description": "it drips", "revision": 2},
    ]
    outcomes = list(Answering().agent.run_many(given, ordered=True))
    told = [str(one.error) for one in outcomes]
    assert "None was given; give a Case" in told[0]
    assert "colour: there is no such field" in told[1]
    assert "neither photos nor words" in told[2]
    assert "revision" in told[3]
    assert outcomes[4].error is not None
    assert told[5] == "row 7 has no address"
    assert [one.status for one in outcomes[6:]] == ["complete", "failed", "complete"]
    assert "'c4' was given before" in told[7]


@pytest.mark.parametrize(
    "error",
    [
        AuthenticationFailed("the key is wrong"),
        QuotaExhausted("no credit"),
        BadRequest("no such model", reason="model"),
    ],
)
def test_what_holds_for_all_ends_the_run_after_what_is_in_flight(error: Exception) -> None:
    answering = Answering(seconds=0.001)
    answering.fails["c10"] = error
    came, raised = drain(answering.agent.run_many(make_cases(1000), at_once=4))
    assert type(raised) is type(error)
    assert {one.case_id for one in came} == {*answering.asked} - {"c10"}
    assert len(answering.asked) < 30


PRICED = EngineProfile(
    provider="scripted",
    model="priced",
    photos_per_request=1,
    max_output_tokens_per_photo=100,
    pricing=Pricing(input=Decimal(1), output=Decimal(1)),
)


def test_limits_of_the_run_are_for_all_cases_together() -> None:
    asked = 0

    def answer(request: Any) -> Any:
        nonlocal asked
        asked += 1
        return make_answer(request, ())

    agent = DiagnosisAgent(FunctionTransport(answer, profile=PRICED))
    came, raised = drain(agent.run_many(make_cases(100), limits=Limits(calls=7), at_once=2))
    assert isinstance(raised, BudgetExceeded)
    assert len(came) == asked == 7


def test_a_budget_of_each_case_ends_no_other_case() -> None:
    agent = DiagnosisAgent(
        FunctionTransport(lambda request: make_answer(request, ()), profile=PRICED),
        limits=Limits(usd=Decimal("0.000001")),
    )
    outcomes = list(agent.run_many(make_cases(5)))
    assert all(isinstance(one.error, BudgetExceeded) for one in outcomes)


def test_a_deadline_ends_the_run_and_says_that_cases_are_left() -> None:
    answering = Answering(seconds=0.01)
    begun = time.monotonic()
    came, raised = drain(
        answering.agent.run_many(make_cases(10_000), limits=Limits(deadline=0.3), at_once=2)
    )
    assert isinstance(raised, ProviderTimeout)
    assert "were not begun" in str(raised)
    assert 2 <= len(came) < 500
    assert time.monotonic() - begun < 5


def test_a_deadline_ends_also_a_run_that_waits_for_more_cases() -> None:
    async def give() -> AsyncIterator[Case]:
        for case in make_cases(2):
            yield case
        await asyncio.Event().wait()

    async def run() -> int:
        came = 0
        try:
            async for _ in Answering().agent.arun_many(give(), limits=Limits(deadline=0.3)):
                came += 1
        except ProviderTimeout:
            return came
        return 0

    assert asyncio.run(asyncio.wait_for(run(), 5)) == 2


def test_an_iterable_that_raises_ends_the_run_after_what_is_in_flight() -> None:
    def give() -> Iterator[Case]:
        yield from make_cases(5)
        raise OSError("the database went away")

    came, raised = drain(Answering().agent.run_many(give()))
    assert len(came) == 5
    assert isinstance(raised, OSError)
    assert "after 5 of them" in raised.__notes__[0]


def test_an_async_iterable_that_waits_keeps_no_outcome_back() -> None:
    async def run() -> None:
        more = asyncio.Event()

        async def give() -> AsyncIterator[Case]:
            cases = make_cases(2)
            yield next(cases)
            await more.wait()
            yield next(cases)

        numbers = []
        async for outcome in Answering().agent.arun_many(give()):
            numbers.append(outcome.number)
            more.set()
        assert numbers == [1, 2]

    asyncio.run(asyncio.wait_for(run(), 5))


def test_closing_early_cancels_what_is_in_flight_once() -> None:
    cancelled: list[str] = []

    async def answer(request: Any) -> Any:
        try:
            await asyncio.sleep(0.05 if request.words.endswith("c1.") else 60)
        except asyncio.CancelledError:
            cancelled.append(request.words[-3:])
            await asyncio.sleep(0.01)  # a second cancellation would cut this short
            cancelled.append("ended")
            raise
        return make_answer(request, ())

    agent = DiagnosisAgent(FunctionTransport(answer))
    with closing(agent.run_many(make_cases(100), at_once=4)) as outcomes:
        assert next(outcomes).case_id == "c1"
        time.sleep(0.1)
    assert sorted(cancelled) == ["c2.", "c3.", "c4.", "ended", "ended", "ended"]

    async def run() -> None:
        async with aclosing(agent.arun_many(make_cases(100), at_once=4)) as outcomes:
            await anext(outcomes)
            await asyncio.sleep(0.1)
        assert len(asyncio.all_tasks()) == 1

    cancelled.clear()
    asyncio.run(run())
    assert cancelled.count("ended") == 3


def test_cancelling_the_task_that_waits_ends_the_run() -> None:
    async def run() -> None:
        agent = Answering(seconds=60).agent

        async def wait() -> None:
            async for _ in agent.arun_many(make_cases(100)):
                pass

        task = asyncio.create_task(wait())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(run())


def test_the_sync_twin_pulls_on_the_thread_that_asks() -> None:
    threads = set()

    def give() -> Iterator[Case]:
        for case in make_cases(50):
            threads.add(threading.get_ident())
            yield case

    assert len(list(Answering().agent.run_many(give()))) == 50
    assert threads == {threading.get_ident()}


def test_the_sync_twin_works_inside_a_running_loop_and_within_itself() -> None:
    agent = Answering().agent

    async def cell() -> int:
        inner = (one.result.case.id for one in agent.run_many(make_cases(3)) if one.result)
        return len(list(agent.run_many(Case(id=f"{i}-2", description="drips") for i in inner)))

    assert asyncio.run(cell()) == 3


def test_observers_are_told_how_far_the_run_is() -> None:
    watch, answering = Watch(), Answering()
    answering.fails["c2"] = BadRequest("no", reason="malformed")
    cases = list(make_cases(3))
    list(answering.agent.run_many(cases, observers=[watch]))
    told = watch.progress
    assert [one.done for one in told] == [0, 1, 2, 3, 3]
    assert [one.ended for one in told] == [False, False, False, False, True]
    assert {one.total for one in told} == {3}
    assert told[-1].failed == 1
    assert told[-1].usd == 0
    assert told[2].seconds_left is not None
    runs = [event.run_id for event in watch.events if isinstance(event, RunStarted)]
    assert {run.rpartition("-")[0] for run in runs} == {told[0].run_id}


@pytest.mark.parametrize(
    "given",
    [
        {"cases": "photos/"},
        {"cases": None},
        {"cases": Case(id="c1")},
        {"cases": {}},
        {"at_once": 0},
        {"limits": 3},
        {"observers": [print]},
        {"checkpoint": 3},
        {"checkpoint": "x.jsonl", "again": ["odd"]},
    ],
)
def test_a_wrong_argument_is_refused_at_once(given: Any) -> None:
    agent = Answering().agent
    cases = given.pop("cases", [])
    with pytest.raises(ConfigError):
        agent.run_many(cases, **given)
    with pytest.raises(ConfigError):
        agent.arun_many(cases, **given)


def test_the_sync_twin_refuses_an_async_iterable() -> None:
    async def give() -> AsyncIterator[Case]:
        yield Case()

    with pytest.raises(ConfigError, match="arun_many"):
        Answering().agent.run_many(give())  # type: ignore[arg-type]


def test_of_ten_thousand_cases_one_in_a_hundred_has_a_bad_photo(system_cases: int) -> None:
    agent = InspectionAgent(FunctionTransport(lambda request: make_answer(request, ())))
    good = make_photo(1)

    def give() -> Iterator[Any]:
        for number in range(system_cases):
            yield {"id": f"c{number}", "photos": b"no picture" if number % 100 == 0 else good}

    failed = [one for one in agent.run_many(give()) if one.status != "complete"]
    assert len(failed) == system_cases // 100
    assert all(one.result and one.result.photos[0].status == "failed" for one in failed)


@pytest.fixture(params=[300, pytest.param(10_000, marks=pytest.mark.system)])
def system_cases(request: pytest.FixtureRequest) -> int:
    return int(request.param)
