"""Waiting for one's turn: what a limiter is asked and told, whatever becomes of the call."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

import pytest

from inspectiq import (
    ConfigError,
    EngineProfile,
    InspectIQError,
    PhotoError,
    RateLimited,
    Usage,
    VisionRequest,
    VisionResponse,
)
from inspectiq.errors import BadRequest, OutputRefused, OutputTruncated, ProviderTimeout
from inspectiq.events import Event, RateWaited
from inspectiq.limits import LocalRateLimiter, RateLimiter, Reservation
from inspectiq.run import Run
from inspectiq.testing import FunctionTransport, ScriptedTransport, make_answer
from inspectiq.transports import Limited, Retry
from inspectiq.transports._estimates import estimate_tokens
from tests.limits.jumping import jumping, now
from tests.transports.requests import request_of

HEADERS = {"x-ratelimit-limit-requests": "500"}


class Notes:
    """A limiter that lets all go, and writes down what it is asked and told."""

    def __init__(self, waited: float = 0.0) -> None:
        self.waited = waited
        self.asked: list[tuple[str, Mapping[str, float], float | None]] = []
        self.told: list[tuple[Any, ...]] = []

    async def acquire(
        self, key: str, amounts: Mapping[str, float], /, *, timeout: float | None = None
    ) -> Reservation:
        self.asked.append((key, amounts, timeout))
        return Reservation(key, amounts, self.waited)

    async def settle(self, reservation: Reservation, actual: Mapping[str, float], /) -> None:
        self.told.append(("settle", dict(actual)))

    async def observe(
        self, key: str, headers: Mapping[str, str], retry_after: float | None, /
    ) -> None:
        self.told.append(("observe", dict(headers), retry_after))


def _answer(request: VisionRequest, usage: Usage) -> VisionResponse:
    return VisionResponse(
        text=make_answer(request),
        usage=usage,
        engine=EngineProfile().to_record(),
        rate_headers=HEADERS,
    )


async def test_a_call_asks_for_one_request_and_its_tokens_under_its_engines_name() -> None:
    limiter = Notes()
    engine = FunctionTransport(make_answer, profile=EngineProfile(provider="a", model="b"))
    request = request_of(2)
    await Limited(engine, limiter).send(request)
    tokens = float(estimate_tokens(request, engine.profile).tokens)
    assert limiter.asked == [("a:b", {"requests": 1.0, "tokens": tokens}, None)]
    await Limited(engine, limiter, key="shared").send(request)
    assert limiter.asked[1][0] == "shared"


async def test_an_answer_is_settled_first_and_what_the_provider_said_is_passed_on_then() -> None:
    limiter = Notes()
    usage = Usage(requests=1, input_tokens=700, output_tokens=50)
    await Limited(FunctionTransport(lambda r: _answer(r, usage)), limiter).send(request_of(1))
    assert limiter.told == [
        ("settle", {"requests": 1.0, "tokens": 750.0}),
        ("observe", HEADERS, None),
    ]


async def test_an_answer_that_does_not_say_what_it_took_counts_as_reserved() -> None:
    limiter = Notes()
    engine = FunctionTransport(lambda request: _answer(request, Usage(requests=1)))
    await Limited(engine, limiter).send(request_of(1))
    ((_, amounts, _),) = limiter.asked
    assert limiter.told[0] == ("settle", dict(amounts))


@pytest.mark.parametrize(
    ("error", "taken"),
    [
        (RateLimited("x", status_code=429), {"requests": 1.0, "tokens": 0.0}),
        (BadRequest("x", status_code=400), {"requests": 1.0, "tokens": 0.0}),
        (RateLimited("not sent", attempts=0), {"requests": 0.0, "tokens": 0.0}),
        (PhotoError("gone", reason="not_found"), {"requests": 0.0, "tokens": 0.0}),
        (
            OutputTruncated(
                "x", usage=Usage(requests=1, input_tokens=5, output_tokens=6), attempts=1
            ),
            {"requests": 1.0, "tokens": 11.0},
        ),
    ],
    ids=["429", "400", "not sent", "no photo", "answer"],
)
async def test_a_failed_call_gives_back_what_it_did_not_take(
    error: InspectIQError, taken: dict[str, float]
) -> None:
    limiter = Notes()
    with pytest.raises(type(error)):
        await Limited(FunctionTransport(lambda _: error), limiter).send(request_of(1))
    assert limiter.told[0] == ("settle", taken)


@pytest.mark.parametrize(
    "error", [ProviderTimeout("no answer"), OutputRefused("declined", attempts=1)]
)
async def test_a_call_of_which_nothing_is_known_counts_as_reserved(error: InspectIQError) -> None:
    limiter = Notes()
    with pytest.raises(type(error)):
        await Limited(FunctionTransport(lambda _: error), limiter).send(request_of(1))
    ((_, amounts, _),) = limiter.asked
    assert limiter.told[0] == ("settle", dict(amounts))


@pytest.mark.parametrize(("headers", "after"), [(HEADERS, 3.0), ({}, 3.0), ({}, None)])
async def test_what_a_429_says_is_passed_on_after_it_was_settled(
    headers: dict[str, str], after: float | None
) -> None:
    limiter = Notes()
    busy = RateLimited("busy", status_code=429, rate_headers=headers, retry_after=after)
    with pytest.raises(RateLimited):
        await Limited(FunctionTransport(lambda _: busy), limiter).send(request_of(1))
    assert limiter.told == [
        ("settle", {"requests": 1.0, "tokens": 0.0}),
        ("observe", headers, after),
    ]


@jumping
async def test_after_a_429_nobody_is_sent_before_the_provider_allows_it() -> None:
    begun, sent = now(), []

    def busy_once(request: VisionRequest) -> str:
        sent.append(now() - begun)
        if len(sent) == 1:
            raise RateLimited("busy", status_code=429, retry_after=7.0)
        return make_answer(request)

    engine = Limited(FunctionTransport(busy_once), LocalRateLimiter(clock=now))
    retry = Retry(engine)
    request = request_of(1)
    await asyncio.gather(retry.send(request), _later(1.0, retry, request))
    assert sent[0] == 0
    assert min(sent[1:]) >= 7.0


@jumping
async def test_a_429_that_says_nothing_is_tried_again_and_holds_up_nobody_else() -> None:
    begun, sent = now(), []

    def busy_once(request: VisionRequest) -> str:
        sent.append(now() - begun)
        if len(sent) == 1:
            raise RateLimited("busy", status_code=429)
        return make_answer(request)

    limited = Limited(FunctionTransport(busy_once), LocalRateLimiter(clock=now))
    retry = Retry(limited, uniform=lambda _, high: high)
    request = request_of(1)
    await asyncio.gather(retry.send(request), _later(0.1, retry, request))
    assert sent == pytest.approx([0, 0.1, 0.5])


async def _later(seconds: float, retry: Retry, request: VisionRequest) -> None:
    await asyncio.sleep(seconds)
    await retry.send(request)


# -- deadlines, cancellation, limiters that fail -------------------------------------------------


async def test_a_limiter_has_until_just_before_the_deadline() -> None:
    limiter = Notes()
    limited = Limited(FunctionTransport(make_answer), limiter)
    for seconds in (60.0, 0.0):
        with Run(deadline=time.monotonic() + seconds).activate():
            await limited.send(request_of(1))
    (_, _, first), (_, _, second) = limiter.asked
    assert first is not None
    assert 50 < first < 60
    assert second == 0


@jumping
async def test_a_call_that_has_no_turn_before_the_deadline_was_plainly_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "monotonic", asyncio.get_running_loop().time)
    limiter = LocalRateLimiter(rpm=1, clock=now)
    engine = FunctionTransport(make_answer)
    retry = Retry(Limited(engine, limiter))
    request = request_of(1)
    with Run(deadline=now() + 10).activate():
        await retry.send(request)
        # The first in line is refused at once; those behind it wait as long as they may.
        lost = await asyncio.gather(
            *(retry.send(request) for _ in range(3)), return_exceptions=True
        )
    assert [type(error) for error in lost] == [RateLimited] * 3
    assert [error.attempts for error in lost if isinstance(error, RateLimited)] == [0] * 3
    assert len(engine.requests) == 1


async def test_a_wait_that_can_be_felt_is_told() -> None:
    events: list[Event] = []
    for waited in (0.01, 2.5):
        limited = Limited(FunctionTransport(make_answer), Notes(waited))
        with Run(id="r", case_id="c", tags={"a": "b"}, emit=events.append).activate():
            await limited.send(request_of(1))
    assert events == [
        RateWaited(
            case_id="c",
            run_id="r",
            tags={"a": "b"},
            photo_ids=("p1",),
            key="scripted:scripted",
            seconds=2.5,
        )
    ]


async def test_a_call_that_is_cancelled_while_it_waits_takes_nothing() -> None:
    class Full(Notes):
        async def acquire(
            self, key: str, amounts: Mapping[str, float], /, *, timeout: float | None = None
        ) -> Reservation:
            await asyncio.sleep(60)
            raise AssertionError

    limiter, engine = Full(), ScriptedTransport([])
    task = asyncio.ensure_future(Limited(engine, limiter).send(request_of(1)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert limiter.told == []


async def test_a_call_that_is_cancelled_in_flight_counts_as_reserved_and_is_settled() -> None:
    limiter, sent = Notes(), asyncio.Event()

    async def hang(_: VisionRequest) -> str:
        sent.set()
        await asyncio.sleep(60)
        return ""

    task = asyncio.ensure_future(Limited(FunctionTransport(hang), limiter).send(request_of(1)))
    await sent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert limiter.told == [("settle", {})]


async def test_a_bug_in_a_transport_counts_as_reserved() -> None:
    limiter = Notes()
    with pytest.raises(ZeroDivisionError):
        await Limited(FunctionTransport(lambda _: str(1 / 0)), limiter).send(request_of(1))
    assert limiter.told == [("settle", {})]


async def test_a_limiter_that_fails_after_a_call_costs_no_answer_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Down(Notes):
        async def settle(self, reservation: Reservation, actual: Mapping[str, float], /) -> None:
            raise ConnectionError("redis is down")

    limited = Limited(FunctionTransport(make_answer), Down())
    with caplog.at_level(logging.WARNING, "inspectiq"):
        for _ in range(3):
            assert (await limited.send(request_of(1))).usage.requests == 1
    (record,) = caplog.records
    assert record.__dict__["limiter"] == "Down"


@pytest.mark.parametrize("wrong", [LocalRateLimiter, object(), 500])
def test_what_is_no_limiter_is_refused(wrong: Any) -> None:
    with pytest.raises(ConfigError, match="acquire"):
        Limited(FunctionTransport(make_answer), wrong)


def test_the_double_is_a_limiter() -> None:
    assert isinstance(Notes(), RateLimiter)
