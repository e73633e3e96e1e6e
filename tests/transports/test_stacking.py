"""The default stack: what stands around what, and what its parts share."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from decimal import Decimal

import pytest

from inspectiq import (
    BudgetExceeded,
    ConfigError,
    EngineProfile,
    Limits,
    VisionRequest,
    WrapperTransport,
)
from inspectiq.errors import ProviderUnavailable
from inspectiq.events import AttemptFailed, AttemptStarted, BudgetReserved, CacheHit, Event
from inspectiq.limits import LocalBudget, LocalRateLimiter, Pricing, Reservation
from inspectiq.run import Run
from inspectiq.testing import FunctionTransport, ScriptedTransport, make_answer
from inspectiq.transports import MemoryCache, StackBuilder, stack
from tests.limits.jumping import jumping, now
from tests.transports.requests import request_of

PRICED = EngineProfile(pricing=Pricing(input=Decimal(10), output=Decimal(30)))
FREE = EngineProfile(provider="free", metered=False)


def _layers(transport: object) -> list[str]:
    names = []
    while isinstance(transport, WrapperTransport):
        names.append(type(transport).__name__)
        transport = transport.wrapped
    return names


def test_retries_stand_above_whatever_counts_them_and_the_cache_above_all() -> None:
    engine = FunctionTransport(make_answer, profile=PRICED)
    whole = stack(
        engine, limits=Limits(usd=Decimal(1)), budgets=[LocalBudget(calls=1)], cache=MemoryCache()
    )
    assert _layers(whole) == ["Cached", "Retry", "Budgeted", "Budgeted", "Limited", "Checked"]
    assert _layers(stack(engine)) == ["Retry", "Limited", "Checked"]


def test_rates_and_money_pass_over_an_engine_that_nobody_counts() -> None:
    engine = FunctionTransport(make_answer, profile=FREE)
    assert _layers(stack(engine, limits=Limits(usd=Decimal(1), rpm=1))) == ["Retry", "Checked"]


def test_a_budget_in_dollars_needs_a_price() -> None:
    with pytest.raises(ConfigError, match="price"):
        stack(FunctionTransport(make_answer), limits=Limits(usd=Decimal(1)))


@pytest.mark.parametrize("mode", ["only", "refresh"])
def test_a_cache_mode_without_a_cache_is_refused_rather_than_paid_for(mode: str) -> None:
    with pytest.raises(ConfigError, match="there is no cache"):
        stack(FunctionTransport(make_answer), cache_mode=mode)  # type: ignore[arg-type]


async def test_a_limit_of_nothing_lets_nothing_go() -> None:
    for limits in (Limits(usd=Decimal(0)), Limits(calls=0)):
        engine = ScriptedTransport([], profile=PRICED)
        with pytest.raises(BudgetExceeded):
            await stack(engine, limits=limits).send(request_of(1))


async def test_an_answer_that_is_kept_takes_no_attempt_no_turn_and_no_money() -> None:
    events: list[Event] = []
    engine = ScriptedTransport([lambda request: make_answer(request)], profile=PRICED)
    whole = stack(engine, limits=Limits(calls=1, rpm=1), cache=MemoryCache())
    for run in ("1", "2"):
        with Run(id=run, case_id="c", tags={"a": "b"}, emit=events.append).activate():
            await whole.send(request_of(1))
    assert [(event.run_id, type(event)) for event in events] == [
        ("1", AttemptStarted),
        ("1", BudgetReserved),
        ("2", CacheHit),
    ]
    assert {(event.case_id, event.tags["a"]) for event in events} == {("c", "b")}


@jumping
async def test_stacks_share_their_limiter_and_their_budgets_and_no_retries() -> None:
    builder = StackBuilder(Limits(calls=3))
    down = ProviderUnavailable("down", status_code=503)
    first, second = (FunctionTransport(lambda _: down, profile=PRICED) for _ in range(2))
    events: list[Event] = []
    with Run(id="r", emit=events.append).activate():
        for engine in (first, second):
            with pytest.raises((ProviderUnavailable, BudgetExceeded)):
                await builder.build(engine).send(request_of(1))
    assert len(first.requests) + len(second.requests) == 3
    failed = [event for event in events if isinstance(event, AttemptFailed)]
    assert [event.error for event in failed] == [
        *["ProviderUnavailable"] * 3,
        *["BudgetExceeded"] * 2,
    ]


@jumping
async def test_what_is_cancelled_while_it_waits_for_its_turn_gives_its_money_back() -> None:
    budget, other = LocalBudget(calls=6, per="total"), LocalBudget(calls=100, per="total")
    limiter = LocalRateLimiter(rpm=1, clock=now)
    whole = stack(FunctionTransport(make_answer), limiter=limiter, budgets=[budget, other])
    request = request_of(1)
    await whole.send(request)
    waiting = [asyncio.ensure_future(whole.send(request)) for _ in range(5)]
    await asyncio.sleep(1)
    assert budget.get_spent(Run())["calls"] == 6
    for task in waiting:
        task.cancel()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(error) for error in done] == [asyncio.CancelledError] * 5
    assert budget.get_spent(Run())["calls"] == other.get_spent(Run())["calls"] == 1
    await whole.send(request)


async def test_a_call_that_a_budget_refuses_takes_no_turn() -> None:
    limiter = LocalRateLimiter(rpm=1)
    poor = stack(FunctionTransport(make_answer), limiter=limiter, budgets=[LocalBudget(calls=0)])
    rich = stack(FunctionTransport(make_answer), limiter=limiter)
    for _ in range(10):
        with pytest.raises(BudgetExceeded):
            await poor.send(request_of(1))
    with Run(deadline=time.monotonic() + 5).activate():  # else its turn comes in a minute
        await rich.send(request_of(1))


class Slow:
    """A limiter and a budget whose every answer takes a step of the loop."""

    needs_price = False

    def __init__(self) -> None:
        self.open = 0

    async def acquire(
        self, key: str, amounts: Mapping[str, float], /, *, timeout: float | None = None
    ) -> Reservation:
        await asyncio.sleep(0)
        self.open += 1
        return Reservation(key, amounts)

    async def observe(
        self, key: str, headers: Mapping[str, str], retry_after: float | None, /
    ) -> None:
        await asyncio.sleep(0)

    async def reserve(self, run: Run, amounts: Mapping[str, Decimal], /) -> Reservation[Decimal]:
        await asyncio.sleep(0)
        self.open += 1
        return Reservation("", amounts)

    async def settle(self, kept: object, actual: object, /) -> None:
        await asyncio.sleep(0)
        self.open -= 1


@pytest.mark.parametrize("steps", range(12))
async def test_wherever_a_cancellation_comes_it_passes_and_what_was_taken_is_settled(
    steps: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def send(request: VisionRequest) -> str:
        await asyncio.sleep(0)
        return make_answer(request)

    slow = Slow()
    whole = stack(FunctionTransport(send), limiter=slow, budgets=[slow], cache=MemoryCache())
    task = asyncio.ensure_future(whole.send(request_of(1)))
    for _ in range(steps):
        await asyncio.sleep(0)
    done = task.done()
    task.cancel()
    with caplog.at_level(logging.WARNING, "inspectiq"):
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
    assert done or isinstance(outcome, asyncio.CancelledError)
    # A second cancellation never comes here, so only what was cancelled amid `settle` is left.
    assert slow.open <= 1
    assert not caplog.records
