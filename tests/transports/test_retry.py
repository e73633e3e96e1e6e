"""Retries: what is tried again, how long it waits, and what bounds it."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest
import tenacity  # noqa: F401 - a first call imports it, which takes longer than a deadline here
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import (
    BudgetExceeded,
    ConfigError,
    InspectIQError,
    PhotoError,
    RateLimited,
    Usage,
    VisionRequest,
    VisionResponse,
)
from inspectiq.errors import (
    AuthenticationFailed,
    BadRequest,
    OutputFiltered,
    OutputInvalid,
    OutputRefused,
    ProviderTimeout,
    ProviderUnavailable,
    QuotaExhausted,
)
from inspectiq.events import AttemptFailed, AttemptStarted, Event
from inspectiq.run import Run, get_current_run
from inspectiq.testing import FunctionTransport, ScriptedTransport, make_answer
from inspectiq.transports import Retry, RetryBudget, RetryDecision
from tests.transports.requests import request_of

DOWN = ProviderUnavailable("down")
BUSTED = BudgetExceeded("x", limit=Decimal(1), spent=Decimal(1), needed=Decimal(1))


class Sleeps(list[float]):
    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def _half(low: float, high: float) -> float:
    return (low + high) / 2


async def _send(retry: Retry, *, deadline: float | None = None) -> VisionResponse:
    request = request_of(1)
    run = Run(deadline=None if deadline is None else time.monotonic() + deadline)
    with run.activate():
        return await retry.send(request)


@pytest.mark.parametrize(
    ("error", "decision"),
    [
        (ProviderUnavailable("x"), RetryDecision.transient()),
        (ProviderTimeout("x", retry_after=2.0), RetryDecision.transient(2.0)),
        (RateLimited("x", retry_after=1.5), RetryDecision.rate_limit(1.5)),
        (RateLimited("x", attempts=0), RetryDecision.no()),
        (QuotaExhausted("x"), RetryDecision.no()),
        (AuthenticationFailed("x"), RetryDecision.no()),
        (BadRequest("x"), RetryDecision.no()),
        (OutputRefused("x"), RetryDecision.no()),
        (OutputFiltered("x"), RetryDecision.no()),
        (OutputInvalid("x"), RetryDecision.no()),
        (PhotoError("x", reason="damaged"), RetryDecision.no()),
        (BUSTED, RetryDecision.no()),
    ],
)
def test_what_is_passing_is_tried_again_and_an_answer_never_is(
    error: InspectIQError, decision: RetryDecision
) -> None:
    assert RetryDecision.from_error(error) == decision


async def test_waits_double_and_are_jittered() -> None:
    sleeps = Sleeps()
    engine = ScriptedTransport([DOWN, DOWN, DOWN, lambda request: make_answer(request)])
    await _send(Retry(engine, sleep=sleeps, uniform=_half))
    assert sleeps == [0.25, 0.5, 1.0]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=12),
    st.none() | st.floats(0, 60),
)
async def test_a_wait_is_never_shorter_than_was_asked_for_nor_longer_than_the_longest(
    fractions: list[float], after: float | None
) -> None:
    sleeps = Sleeps()
    drawn = iter(fractions * 2)
    busy = RateLimited("busy", retry_after=after)
    engine = ScriptedTransport([*[busy] * len(fractions), lambda request: make_answer(request)])
    retry = Retry(
        engine,
        turns=13,
        sleep=sleeps,
        uniform=lambda low, high: low + next(drawn) * (high - low),
    )
    await _send(retry)
    assert len(sleeps) == len(fractions)
    for number, wait in enumerate(sleeps):
        assert (after or 0) <= wait <= max(60, after or 0)
        if after is None:
            assert wait <= 0.5 * 2**number


async def test_those_who_were_asked_to_wait_as_long_do_not_come_back_all_at_once() -> None:
    sleeps = Sleeps()
    slow = RateLimited("x", retry_after=7.0)
    retry = Retry(FunctionTransport(lambda _: slow), turns=2, sleep=sleeps)
    request = request_of(1)
    await asyncio.gather(*(retry.send(request) for _ in range(20)), return_exceptions=True)
    assert len(set(sleeps)) == 20
    assert 7.0 <= min(sleeps) <= max(sleeps) <= 7.5


async def test_a_turn_is_waited_for_more_often_than_what_is_broken() -> None:
    for error, sent in ((DOWN, 4), (RateLimited("busy"), 8)):
        engine = FunctionTransport(lambda _, error=error: error)  # type: ignore[misc]
        with pytest.raises(type(error)):
            await _send(Retry(engine, sleep=Sleeps()))
        assert len(engine.requests) == sent


@pytest.mark.parametrize(
    "error",
    [
        QuotaExhausted("x", status_code=429, retry_after=1.0),
        AuthenticationFailed("x"),
        BadRequest("x"),
        OutputRefused("x"),
        OutputFiltered("x"),
        OutputInvalid("x"),
        BUSTED,
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_would_fail_again_is_sent_once(error: InspectIQError) -> None:
    engine = FunctionTransport(lambda _: error)
    with pytest.raises(type(error)):
        await _send(Retry(engine, sleep=Sleeps()))
    assert len(engine.requests) == 1


async def test_a_host_decides_otherwise() -> None:
    engine = ScriptedTransport([OutputInvalid("x"), lambda request: make_answer(request)])
    retry = Retry(engine, decide=lambda _: RetryDecision.transient(), sleep=Sleeps())
    assert (await _send(retry)).usage.requests == 2


def test_not_trying_at_all_is_refused() -> None:
    for attempts, turns in ((0, 1), (1, 0)):
        with pytest.raises(ConfigError, match="give a whole number from 1"):
            Retry(FunctionTransport(make_answer), attempts=attempts, turns=turns)


async def test_a_providers_wish_to_wait_is_obeyed_up_to_the_longest_wait() -> None:
    sleeps = Sleeps()
    slow = RateLimited("x", retry_after=7.0)
    engine = ScriptedTransport([slow, lambda request: make_answer(request)])
    await _send(Retry(engine, sleep=sleeps, uniform=lambda low, high: low))
    assert sleeps == [7.0]

    engine = ScriptedTransport([RateLimited("x", retry_after=3600.0)])
    with pytest.raises(RateLimited):
        await _send(Retry(engine, sleep=sleeps))
    assert sleeps == [7.0]


async def test_what_failed_attempts_cost_is_part_of_the_answer_and_of_the_error() -> None:
    paid = ProviderUnavailable("x", usage=Usage(requests=1, input_tokens=7))
    engine = ScriptedTransport([paid, lambda request: make_answer(request)])
    response = await _send(Retry(engine, sleep=Sleeps()))
    assert response.usage.requests == 2
    assert response.usage.input_tokens == 107

    with pytest.raises(ProviderUnavailable) as caught:
        await _send(
            Retry(ScriptedTransport([paid, ProviderUnavailable("y")]), attempts=2, sleep=Sleeps())
        )
    assert caught.value.attempts == 2
    assert caught.value.usage == Usage(requests=2, input_tokens=7)


async def test_nothing_is_said_of_the_cost_where_nothing_is_known_of_it() -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        await _send(Retry(FunctionTransport(lambda _: DOWN), sleep=Sleeps()))
    assert caught.value.attempts == 4
    assert caught.value.usage is None


async def test_an_error_that_is_raised_again_at_every_call_counts_once_for_each() -> None:
    paid = ProviderUnavailable("x", usage=Usage(requests=1, input_tokens=7))
    retry = Retry(FunctionTransport(lambda _: paid), attempts=2, sleep=Sleeps())
    for _ in range(3):
        with pytest.raises(ProviderUnavailable) as caught:
            await _send(retry)
        assert caught.value.attempts == 2
        assert caught.value.usage == Usage(requests=2, input_tokens=14)
    assert paid.usage == Usage(requests=1, input_tokens=7)


async def test_the_error_that_is_raised_keeps_its_cause_and_where_it_came_from() -> None:
    def down(_: VisionRequest) -> str:
        raise ProviderUnavailable("down") from OSError("reset")

    with pytest.raises(ProviderUnavailable) as caught:
        await _send(Retry(FunctionTransport(down), sleep=Sleeps()))
    assert isinstance(caught.value.__cause__, OSError)
    assert "down" in [frame.name for frame in caught.traceback]


async def test_an_outage_costs_no_more_than_the_retry_budget() -> None:
    calls = 0

    def down(_: VisionRequest) -> str:
        nonlocal calls
        calls += 1
        raise ProviderUnavailable("down")

    retry = Retry(FunctionTransport(down), sleep=Sleeps())
    request = request_of(1)
    outcomes = await asyncio.gather(
        *(retry.send(request) for _ in range(1000)), return_exceptions=True
    )
    assert {type(outcome) for outcome in outcomes} == {ProviderUnavailable}
    assert calls <= 1100


async def test_successes_refill_the_retry_budget() -> None:
    budget = RetryBudget(capacity=1, refund=0.5)
    assert budget.take()
    assert not budget.take()
    budget.give_back()
    assert not budget.take()
    budget.give_back()
    assert budget.take()


async def test_a_server_that_fails_each_call_once_is_no_outage() -> None:
    seen: set[str] = set()

    def cold(request: VisionRequest) -> str:
        if request.text not in seen:
            seen.add(request.text)
            raise ProviderUnavailable("cold")
        return make_answer(request)

    retry = Retry(FunctionTransport(cold), budget=RetryBudget(capacity=1), sleep=Sleeps())
    for number in range(200):
        await retry.send(replace(request_of(1), text=str(number)))


async def test_one_call_in_ten_may_fail_and_the_retry_budget_never_runs_dry() -> None:
    calls = 0

    def shaky(request: VisionRequest) -> str:
        nonlocal calls
        calls += 1
        if calls % 11 == 1:
            raise ProviderUnavailable("shaky")
        return make_answer(request)

    retry = Retry(FunctionTransport(shaky), budget=RetryBudget(capacity=2), sleep=Sleeps())
    request = request_of(1)
    for _ in range(200):
        await retry.send(request)


def test_threads_take_no_more_retries_than_there_are() -> None:
    budget = RetryBudget(capacity=50)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: budget.take(), range(400)))
    assert sum(taken) == 50


async def test_one_retry_budget_serves_several_engines() -> None:
    budget = RetryBudget(capacity=1)
    engines = [FunctionTransport(lambda _: DOWN) for _ in range(2)]
    for engine in engines:
        with pytest.raises(ProviderUnavailable):
            await _send(Retry(engine, budget=budget, sleep=Sleeps()))
    assert [len(engine.requests) for engine in engines] == [2, 1]


async def test_nothing_is_sent_once_the_deadline_has_passed() -> None:
    engine = ScriptedTransport([])
    with pytest.raises(ProviderTimeout, match="not sent") as caught:
        await _send(Retry(engine), deadline=0)
    assert caught.value.attempts == 0


async def test_a_wait_past_the_deadline_is_not_begun() -> None:
    sleeps = Sleeps()
    engine = ScriptedTransport([RateLimited("x", retry_after=5.0)])
    with pytest.raises(RateLimited):
        await _send(Retry(engine, sleep=sleeps), deadline=1)
    assert not sleeps


async def test_a_call_that_hangs_ends_at_the_deadline() -> None:
    async def hang(_: VisionRequest) -> str:
        await asyncio.sleep(60)
        return ""

    with pytest.raises(ProviderTimeout, match="given up"):
        await _send(Retry(FunctionTransport(hang)), deadline=0.02)


async def test_each_failed_attempt_is_told_with_the_wait_that_follows() -> None:
    events: list[Event] = []
    engine = ScriptedTransport([DOWN, BadRequest("x", status_code=400)])
    with Run(id="r", emit=events.append).activate(), pytest.raises(BadRequest):
        await Retry(engine, sleep=Sleeps(), uniform=_half).send(request_of(1))
    failed = [event for event in events if isinstance(event, AttemptFailed)]
    assert [(event.attempt, event.error, event.wait) for event in failed] == [
        (1, "ProviderUnavailable", 0.25),
        (2, "BadRequest", None),
    ]
    assert failed[1].status_code == 400
    assert failed[0].run_id == "r"


async def test_every_attempt_has_the_deadline_of_the_run() -> None:
    seen: list[float | None] = []

    def note(request: VisionRequest) -> str:
        seen.append(get_current_run().deadline)
        if len(seen) < 3:
            raise DOWN
        return make_answer(request)

    run = Run(deadline=time.monotonic() + 60)
    with run.activate():
        await Retry(FunctionTransport(note), sleep=Sleeps()).send(request_of(1))
    assert seen == [run.deadline] * 3


async def test_a_deadline_that_passes_during_a_wait_ends_it_and_no_attempt_is_told_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events: list[Event] = []
    request, clock = request_of(1), time.monotonic()
    run = Run(deadline=clock + 10, emit=events.append)
    monkeypatch.setattr(time, "monotonic", lambda: clock)

    async def oversleep(_: float) -> None:
        nonlocal clock
        clock += 11

    paid = ProviderUnavailable("x", usage=Usage(requests=1, input_tokens=7))
    retry = Retry(ScriptedTransport([paid]), sleep=oversleep)
    with run.activate(), pytest.raises(ProviderTimeout, match="not sent") as caught:
        await retry.send(request)
    assert caught.value.attempts == 1
    assert caught.value.usage == Usage(requests=1, input_tokens=7)
    assert [type(event) for event in events] == [AttemptStarted, AttemptFailed]


async def test_a_timeout_of_the_transports_own_is_not_taken_for_the_deadline() -> None:
    def bug(_: VisionRequest) -> str:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        await _send(Retry(FunctionTransport(bug)), deadline=60)


@pytest.mark.parametrize("deadline", [None, 60.0])
@pytest.mark.parametrize("where", ["attempt", "wait"])
async def test_a_cancellation_is_never_swallowed(where: str, deadline: float | None) -> None:
    reached = asyncio.Event()

    async def hang(_: object) -> None:
        reached.set()
        await asyncio.sleep(60)

    async def send(_: VisionRequest) -> str:
        if where == "attempt":
            await hang(None)
        raise ProviderUnavailable("down")

    engine = FunctionTransport(send)
    task = asyncio.ensure_future(_send(Retry(engine, sleep=hang), deadline=deadline))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(engine.requests) == 1
