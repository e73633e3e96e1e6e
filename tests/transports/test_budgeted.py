"""Budgets around a call: nothing is sent that they do not allow, and nothing is counted wrongly."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import (
    BudgetExceeded,
    ConfigError,
    EngineProfile,
    InspectIQError,
    PhotoError,
    Usage,
    VisionRequest,
    VisionResponse,
)
from inspectiq.errors import OutputRefused, OutputTruncated, ProviderTimeout, ProviderUnavailable
from inspectiq.events import BudgetRefused, BudgetReserved, Event
from inspectiq.limits import Budget, LocalBudget, Pricing, Reservation
from inspectiq.run import Run
from inspectiq.testing import FunctionTransport, ScriptedTransport, make_answer
from inspectiq.transports import Budgeted, Cached, MemoryCache, Retry
from inspectiq.transports._estimates import estimate_tokens
from tests.limits.jumping import jumping, now
from tests.transports.requests import request_of

PRICED = EngineProfile(
    provider="a", model="b", pricing=Pricing(input=Decimal(10), output=Decimal(30))
)
ONE = request_of(1)
_most = estimate_tokens(ONE, PRICED).compute_usd(PRICED)
assert _most is not None
MOST: Decimal = _most  # what a call may cost
RUN = Run(id="r", case_id="c", tags={"tenant": "t"})


def _answer(request: VisionRequest, usage: Usage | None = None) -> VisionResponse:
    usage = Usage(requests=1) if usage is None else usage
    return VisionResponse(text=make_answer(request), usage=usage, engine=PRICED.to_record())


def _engine(function: Any) -> FunctionTransport:
    return FunctionTransport(function, profile=PRICED)


async def _spent_by(function: Any) -> tuple[Decimal, int]:
    """Dollars and calls that a budget counts for one call."""
    budget = LocalBudget(usd=10)
    with RUN.activate():
        await asyncio.gather(Budgeted(_engine(function), budget).send(ONE), return_exceptions=True)
    assert not budget._reserved, "each hold is settled"
    return budget.get_spent(RUN)["usd"], int(budget.get_spent(RUN)["calls"])


# -- what a call is counted as -------------------------------------------------------------------


async def test_what_an_answer_cost_replaces_what_was_held() -> None:
    usage = Usage(requests=1, input_tokens=5, usd=Decimal("0.002"))
    assert await _spent_by(lambda r: _answer(r, usage)) == (Decimal("0.002"), 1)


async def test_an_engine_that_names_tokens_and_no_dollars_is_counted_by_its_price() -> None:
    for usd in (None, Decimal(0)):
        usage = Usage(requests=1, input_tokens=1000, output_tokens=100, usd=usd)
        assert await _spent_by(lambda r, u=usage: _answer(r, u)) == (Decimal("0.013"), 1)


async def test_an_engine_that_does_not_say_what_it_took_is_counted_as_held() -> None:
    for usd in (None, Decimal(0)):
        usage = Usage(requests=1, usd=usd)
        assert await _spent_by(lambda r, u=usage: _answer(r, u)) == (MOST, 1)


@pytest.mark.parametrize(
    ("error", "usd", "calls"),
    [
        (ProviderUnavailable("down", status_code=503), Decimal(0), 1),
        (ProviderUnavailable("reset"), MOST, 1),
        (ProviderTimeout("no answer"), MOST, 1),
        (ProviderTimeout("not sent", attempts=0), Decimal(0), 0),
        (PhotoError("gone", reason="not_found"), Decimal(0), 0),
        (OutputRefused("declined", attempts=1), MOST, 1),
        (
            OutputTruncated("cut", usage=Usage(requests=1, output_tokens=100), attempts=1),
            Decimal("0.003"),
            1,
        ),
        (
            ProviderUnavailable(
                "billed", status_code=500, usage=Usage(requests=2, usd=Decimal("0.001")), attempts=2
            ),
            Decimal("0.001"),
            2,
        ),
    ],
    ids=["503", "reset", "timeout", "not sent", "no photo", "declined", "cut off", "billed"],
)
async def test_a_failed_call_counts_as_far_as_is_known_and_else_as_held(
    error: InspectIQError, usd: Decimal, calls: int
) -> None:
    assert await _spent_by(lambda _: error) == (usd, calls)


async def test_a_bug_in_a_transport_counts_as_held() -> None:
    assert await _spent_by(lambda _: str(1 / 0)) == (MOST, 1)


async def test_an_answer_from_a_cache_below_costs_nothing() -> None:
    budget = LocalBudget(usd=10)
    cached = Cached(_engine(make_answer), MemoryCache())
    await cached.send(ONE)
    with RUN.activate():
        await Budgeted(cached, budget).send(ONE)
    assert set(budget.get_spent(RUN).values()) == {0}


async def test_a_call_that_is_cancelled_in_flight_counts_as_held_and_the_hold_is_closed() -> None:
    budget, sent = LocalBudget(usd=10), asyncio.Event()

    async def hang(_: VisionRequest) -> str:
        sent.set()
        await asyncio.sleep(60)
        return ""

    with RUN.activate():
        task = asyncio.ensure_future(Budgeted(_engine(hang), budget).send(ONE))
    await sent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert budget.get_spent(RUN)["usd"] == MOST
    assert not budget._reserved


# -- what is refused -----------------------------------------------------------------------------


async def test_a_call_that_is_refused_is_told_and_never_sent() -> None:
    events: list[Event] = []
    engine = ScriptedTransport([_answer], profile=PRICED)
    budgeted = Budgeted(engine, LocalBudget(calls=1))
    with Run(id="r", case_id="c", tags={"a": "b"}, emit=events.append).activate():
        await budgeted.send(ONE)
        with pytest.raises(BudgetExceeded) as caught:
            await Retry(budgeted).send(ONE)
    assert caught.value.attempts == 0
    held, refused = (event for event in events if isinstance(event, BudgetReserved | BudgetRefused))
    base: dict[str, Any] = {"case_id": "c", "run_id": "r", "tags": {"a": "b"}}
    one = Decimal(1)
    assert held == BudgetReserved(photo_ids=("p1",), usd=MOST, **base)
    assert refused == BudgetRefused(
        photo_ids=("p1",), provider="a", model="b", limit=one, spent=one, needed=one, **base
    )


async def test_what_one_budget_refuses_takes_nothing_of_another() -> None:
    wide, narrow = LocalBudget(usd=10), LocalBudget(calls=0)
    with RUN.activate(), pytest.raises(BudgetExceeded):
        await Budgeted(Budgeted(_engine(make_answer), narrow), wide).send(ONE)
    assert set(wide.get_spent(RUN).values()) == {0}


async def test_each_attempt_counts() -> None:
    down = ProviderUnavailable("down", status_code=503)
    engine = FunctionTransport(lambda _: down, profile=PRICED)
    with RUN.activate(), pytest.raises(BudgetExceeded) as caught:
        await Retry(Budgeted(engine, LocalBudget(calls=2)), base=0.001).send(ONE)
    assert len(engine.requests) == caught.value.attempts == 2


async def test_a_budget_counts_for_each_tag_and_all_agents_together() -> None:
    budget = LocalBudget(calls=1, per="tag:tenant")
    first, second = (Budgeted(_engine(make_answer), budget) for _ in range(2))
    with Run(id="1", tags={"tenant": "t"}).activate():
        await first.send(ONE)
    with Run(id="2", tags={"tenant": "t"}).activate(), pytest.raises(BudgetExceeded):
        await second.send(ONE)
    with Run(id="3", tags={"tenant": "u"}).activate():
        await second.send(ONE)


async def test_a_budget_for_each_day_begins_anew_the_next_day() -> None:
    today = datetime(2026, 1, 15, 23, 59, tzinfo=UTC)
    budgeted = Budgeted(
        _engine(make_answer), LocalBudget(calls=1, per=("tag:tenant", "day"), clock=lambda: today)
    )
    with RUN.activate():
        await budgeted.send(ONE)
        with pytest.raises(BudgetExceeded):
            await budgeted.send(ONE)
        today += timedelta(minutes=2)
        await budgeted.send(ONE)


async def test_a_hundred_calls_at_once_do_not_pass_the_limit() -> None:
    engine = _engine(lambda r: _answer(r, Usage(requests=1, usd=MOST)))
    budget = LocalBudget(usd=MOST * 10 + MOST / 2)
    with RUN.activate():
        outcomes = await asyncio.gather(
            *(Budgeted(engine, budget).send(ONE) for _ in range(100)), return_exceptions=True
        )
    assert len(engine.requests) == 10
    assert sum(isinstance(outcome, BudgetExceeded) for outcome in outcomes) == 90
    assert budget.get_spent(RUN)["usd"] == MOST * 10


@jumping
async def test_calls_that_cost_less_than_they_may_leave_the_rest_to_those_that_wait() -> None:
    events: list[Event] = []

    async def cheap(request: VisionRequest) -> VisionResponse:
        await asyncio.sleep(1)
        return _answer(request, Usage(requests=1, usd=MOST / 10))

    budget = LocalBudget(usd=MOST * 3)
    budgeted = Budgeted(_engine(cheap), budget)
    run = Run(id="r", emit=events.append)
    with run.activate():
        await asyncio.gather(*(budgeted.send(ONE) for _ in range(20)))
    assert budget.get_spent(run)["usd"] == MOST * 2
    assert not [event for event in events if isinstance(event, BudgetRefused)]
    assert not budgeted._under_way


@jumping
async def test_a_call_waits_for_those_of_its_own_run_only() -> None:
    async def slow(request: VisionRequest) -> str:
        await asyncio.sleep(60)
        return make_answer(request)

    budgeted = Budgeted(_engine(slow), LocalBudget(calls=1, per="total"))
    with Run(id="other").activate():
        other = asyncio.ensure_future(budgeted.send(ONE))
    await asyncio.sleep(1)
    begun = now()
    for run in (RUN, Run()):
        with run.activate(), pytest.raises(BudgetExceeded):
            await budgeted.send(ONE)
    assert now() == begun
    await other


@jumping
async def test_a_call_that_waits_for_money_is_refused_just_before_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "monotonic", asyncio.get_running_loop().time)

    async def slow(request: VisionRequest) -> str:
        await asyncio.sleep(60)
        return make_answer(request)

    budgeted = Retry(Budgeted(_engine(slow), LocalBudget(calls=1)))
    with Run(id="r", deadline=now() + 10).activate():
        outcomes = await asyncio.gather(
            *(budgeted.send(ONE) for _ in range(3)), return_exceptions=True
        )
    attempts = [(type(e), e.attempts) for e in outcomes if isinstance(e, InspectIQError)]
    assert attempts == [(ProviderTimeout, 1), (BudgetExceeded, 0), (BudgetExceeded, 0)]


async def test_a_call_that_is_cancelled_while_it_waits_for_money_holds_none() -> None:
    sent = asyncio.Event()

    async def slow(request: VisionRequest) -> str:
        sent.set()
        await asyncio.sleep(0.02)
        return make_answer(request)

    budget = LocalBudget(calls=1)
    budgeted = Budgeted(_engine(slow), budget)
    with RUN.activate():
        first, second = (asyncio.ensure_future(budgeted.send(ONE)) for _ in range(2))
    await sent.wait()
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    await first
    assert budget.get_spent(RUN)["calls"] == 1
    assert not budgeted._under_way


FATES = st.one_of(
    st.decimals(0, 1, places=3, allow_nan=False).filter(bool),  # the part of the most it costs
    st.sampled_from(["503", "lost", "silent", "not sent", "cancelled", "bug"]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(FATES, min_size=1, max_size=30), st.integers(0, 12))
async def test_whatever_becomes_of_calls_never_more_is_spent_than_the_limit(
    fates: list[Decimal | str], calls: int
) -> None:
    limit, left = MOST * calls, iter(fates)
    billed, in_flight = Decimal(0), 0

    async def send(request: VisionRequest) -> VisionResponse | Exception | str:
        nonlocal billed, in_flight
        fate = next(left)
        in_flight += 1
        assert billed + in_flight * MOST <= limit
        await asyncio.sleep(0)
        in_flight -= 1
        if isinstance(fate, Decimal):
            billed += fate * MOST
            return _answer(request, Usage(requests=1, input_tokens=9, usd=fate * MOST))
        if fate in ("503", "not sent"):
            return ProviderUnavailable(fate, status_code=503, attempts=int(fate == "503"))
        billed += MOST  # for all that is known
        if fate == "silent":
            return _answer(request)
        if fate == "cancelled":
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(0)
        return ProviderTimeout("lost") if fate == "lost" else str(1 / 0)

    budget = LocalBudget(usd=limit)
    budgeted = Budgeted(_engine(send), budget)
    with RUN.activate():
        outcomes = await asyncio.gather(
            *(budgeted.send(ONE) for _ in fates), return_exceptions=True
        )
    assert not any(isinstance(outcome, AssertionError) for outcome in outcomes)
    assert budget.get_spent(RUN)["usd"] == billed <= limit
    assert not budget._reserved


# -- budgets that cannot work, or fail -----------------------------------------------------------


def test_dollars_cannot_be_counted_where_the_price_is_not_known() -> None:
    with pytest.raises(ConfigError, match=r"price of scripted:scripted is not known.*Pricing"):
        Budgeted(FunctionTransport(make_answer), LocalBudget(usd=1))
    Budgeted(FunctionTransport(make_answer), LocalBudget(calls=1))


@pytest.mark.parametrize("wrong", [LocalBudget, object(), 5])
def test_what_is_no_budget_is_refused(wrong: Any) -> None:
    with pytest.raises(ConfigError, match="needs_price"):
        Budgeted(FunctionTransport(make_answer), wrong)


async def test_a_budget_that_fails_after_a_call_costs_no_answer_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Down:
        needs_price = False

        async def reserve(
            self, run: Run, amounts: Mapping[str, Decimal], /
        ) -> Reservation[Decimal]:
            return Reservation("", amounts)

        async def settle(
            self, hold: Reservation[Decimal], actual: Mapping[str, Decimal], /
        ) -> None:
            raise ConnectionError("the database is down")

    budget: Budget = Down()
    budgeted = Budgeted(_engine(make_answer), budget)
    with caplog.at_level(logging.WARNING, "inspectiq"):
        for _ in range(3):
            assert (await budgeted.send(ONE)).usage.requests == 1
    (record,) = caplog.records
    assert record.__dict__["budget"] == "Down"
