"""Retries: what is tried again, how long it waits, and what bounds it."""

from __future__ import annotations

import asyncio
import time

import pytest

from inspectiq import Retry, RetryBudget, RetryDecision, Usage, VisionRequest, VisionResponse
from inspectiq.errors import (
    AuthenticationFailed,
    BadRequest,
    InspectIQError,
    OutputFiltered,
    OutputInvalid,
    OutputRefused,
    ProviderTimeout,
    ProviderUnavailable,
    QuotaExhausted,
    RateLimited,
)
from inspectiq.events import AttemptFailed, Event
from inspectiq.run import Run
from inspectiq.testing import FunctionTransport, ScriptedTransport, reply
from inspectiq.transports.retry import decide
from tests.transports.requests import request_of

DOWN = ProviderUnavailable("down")


class Sleeps(list[float]):
    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def _half(low: float, high: float) -> float:
    return (low + high) / 2


async def _send(retry: Retry, *, deadline: float | None = None) -> VisionResponse:
    run = Run(deadline=None if deadline is None else time.monotonic() + deadline)
    with run.active():
        return await retry.send(request_of(1))


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
    ],
)
def test_what_is_passing_is_tried_again_and_an_answer_never_is(
    error: InspectIQError, decision: RetryDecision
) -> None:
    assert decide(error) == decision


async def test_waits_double_and_are_jittered() -> None:
    sleeps = Sleeps()
    engine = ScriptedTransport([DOWN, DOWN, DOWN, lambda request: reply(request)])
    await _send(Retry(engine, sleep=sleeps, uniform=_half))
    assert sleeps == [0.25, 0.5, 1.0]


async def test_a_providers_wish_to_wait_is_obeyed_up_to_the_longest_wait() -> None:
    sleeps = Sleeps()
    slow = RateLimited("x", retry_after=7.0)
    engine = ScriptedTransport([slow, lambda request: reply(request)])
    await _send(Retry(engine, sleep=sleeps, uniform=lambda low, high: low))
    assert sleeps == [7.0]

    engine = ScriptedTransport([RateLimited("x", retry_after=3600.0)])
    with pytest.raises(RateLimited):
        await _send(Retry(engine, sleep=sleeps))
    assert sleeps == [7.0]


async def test_what_failed_attempts_cost_is_part_of_the_answer_and_of_the_error() -> None:
    paid = ProviderUnavailable("x", usage=Usage(requests=1, input_tokens=7))
    engine = ScriptedTransport([paid, lambda request: reply(request)])
    response = await _send(Retry(engine, sleep=Sleeps()))
    assert response.usage.requests == 2
    assert response.usage.input_tokens == 107

    with pytest.raises(ProviderUnavailable) as caught:
        await _send(
            Retry(ScriptedTransport([paid, ProviderUnavailable("y")]), attempts=2, sleep=Sleeps())
        )
    assert caught.value.attempts == 2
    assert caught.value.usage == Usage(requests=2, input_tokens=7)


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
    budget.succeeded()
    assert not budget.take()
    budget.succeeded()
    assert budget.take()


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
    with Run(id="r", emit=events.append).active(), pytest.raises(BadRequest):
        await Retry(engine, sleep=Sleeps(), uniform=_half).send(request_of(1))
    failed = [event for event in events if isinstance(event, AttemptFailed)]
    assert [(event.attempt, event.error, event.wait) for event in failed] == [
        (1, "ProviderUnavailable", 0.25),
        (2, "BadRequest", None),
    ]
    assert failed[1].status_code == 400
    assert failed[0].run_id == "r"
