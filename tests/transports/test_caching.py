import asyncio
import dataclasses
import logging
import os
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from inspectiq import (
    BudgetExceeded,
    ConfigError,
    EngineProfile,
    InspectionAgent,
    Photo,
    RateLimited,
    Transport,
    TransportError,
    Usage,
    VisionRequest,
    VisionResponse,
)
from inspectiq.domain import FrozenMap
from inspectiq.errors import OutputInvalid, OutputRefused, ProviderTimeout, ProviderUnavailable
from inspectiq.events import CacheHit, Event
from inspectiq.run import Run
from inspectiq.testing import (
    FunctionTransport,
    ScriptedTransport,
    TransportContract,
    make_answer,
    make_issue,
)
from inspectiq.transports import Cache, Cached, Checked, MemoryCache, SQLiteCache
from inspectiq.transports import _caching as caching
from inspectiq.transports._base import get_profile
from tests.transports.requests import request_of

PAID = Usage(requests=1, input_tokens=900, output_tokens=50, usd=Decimal("0.01"))


@pytest.fixture
def asked() -> VisionRequest:
    return request_of(2)


@pytest.fixture
def hits() -> Iterator[list[CacheHit]]:
    """The hits that the test's own run is told of."""
    told: list[CacheHit] = []
    with _run(told).activate():
        yield told


@pytest.fixture
def warnings() -> Iterator[list[logging.LogRecord]]:
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[assignment,method-assign]
    logging.getLogger("inspectiq.transports").addHandler(handler)
    yield records
    logging.getLogger("inspectiq.transports").removeHandler(handler)


def _run(told: list[Any], **fields: Any) -> Run:
    def emit(event: Event) -> None:
        assert isinstance(event, CacheHit)
        told.append(event)

    return Run(emit=emit, **fields)


def _answer(request: VisionRequest, **fields: Any) -> VisionResponse:
    text = make_answer(request, [make_issue("clog", 1)])
    engine = EngineProfile(provider="scripted", model="scripted").to_record()
    return VisionResponse(**{"text": text, "usage": PAID, "engine": engine, **fields})


def _key(request: VisionRequest, transport: Transport) -> str:
    return request.make_content_key(get_profile(transport).identity)


def _requests(answer: object) -> int:
    assert isinstance(answer, VisionResponse)
    return answer.usage.requests


class Held:
    """An engine whose calls wait until they are let go."""

    def __init__(self, then: Callable[[VisionRequest], Any] = _answer) -> None:
        self.profile = EngineProfile(provider="scripted", model="scripted")
        self.calls = 0
        self.asked, self.released = threading.Event(), threading.Event()
        self._then = then

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        self.calls += 1
        self.asked.set()
        while not self.released.is_set():  # noqa: ASYNC110 - set by other threads
            await asyncio.sleep(0.001)
        step = self._then(request)
        if isinstance(step, BaseException):
            raise step
        assert isinstance(step, VisionResponse)
        return step


async def _together(engine: Held, calls: list[Awaitable[Any]]) -> list[Any]:
    """What the calls come to that are all in flight before the engine answers."""
    tasks = [asyncio.ensure_future(call) for call in calls]
    for _ in range(5):
        await asyncio.sleep(0.001)
    engine.released.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


class TestCached(TransportContract):
    def make_transport(self) -> Transport:
        return Cached(Checked(FunctionTransport(make_answer)), MemoryCache())


# -- what is kept ------------------------------------------------------------------------------


async def test_the_second_answer_costs_nothing_and_says_what_it_saved(
    asked: VisionRequest, hits: list[CacheHit]
) -> None:
    with ScriptedTransport([_answer]) as engine:
        transport = Cached(Checked(engine), MemoryCache())
        first = await transport.send(asked)
        assert not hits
        second = await transport.send(asked)
    assert first.usage == PAID
    assert second.usage == Usage()
    assert second.was_checked
    assert second.output == first.output
    assert second == first.model_copy(update={"usage": Usage()})
    assert [(hit.saved, hit.photo_ids, hit.provider, hit.model) for hit in hits] == [
        (PAID, ("p1", "p2"), "scripted", "scripted")
    ]


async def test_what_was_sent_stays_known_and_old_rate_headers_do_not(asked: VisionRequest) -> None:
    engine = FunctionTransport(make_answer, prepare_photos=True)
    sent = await engine.send(asked)
    headers = {"x-ratelimit-remaining-requests": "1"}
    with ScriptedTransport([sent.model_copy(update={"rate_headers": FrozenMap(headers)})]) as once:
        transport = Cached(once, MemoryCache())
        first, second = await transport.send(asked), await transport.send(asked)
    assert first.rate_headers == headers
    assert second.rate_headers == {}
    assert set(second.sent) == {"1", "2"}
    assert second.sent == first.sent


async def test_another_request_or_engine_is_another_answer(asked: VisionRequest) -> None:
    cache = MemoryCache()
    one = FunctionTransport(make_answer, profile=EngineProfile(model="one"))
    two = FunctionTransport(make_answer, profile=EngineProfile(model="two"))
    for engine in (one, two):
        transport = Cached(Checked(engine), cache)
        await transport.send(asked)
        await transport.send(dataclasses.replace(asked, ask=2))
    assert (len(one.requests), len(two.requests)) == (2, 2)


async def test_an_answer_with_problems_or_an_error_is_not_kept(asked: VisionRequest) -> None:
    steps: list[Any] = [
        lambda request: make_answer(request, leave_out=[2]),
        "no issues",
        _answer(asked, finish="refusal"),
        ProviderUnavailable("down"),
        _answer,
    ]
    with ScriptedTransport(steps) as engine:
        transport = Cached(Checked(engine), cache := MemoryCache())
        assert (await transport.send(asked)).problems
        assert await cache.get(_key(asked, transport)) is None
        for error in (OutputInvalid, OutputRefused, ProviderUnavailable):
            with pytest.raises(error):
                await transport.send(asked)
        assert not (await transport.send(asked)).problems
        assert (await transport.send(asked)).usage == Usage()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda stored: b"",
        lambda stored: b"\xff\xfe",
        lambda stored: stored[:-20],
        lambda stored: stored.replace(b'"photo_2"', b'"photo_9"'),
        lambda stored: stored.replace(b'"stop"', b'"refusal"'),
        lambda stored: stored.replace(b'"medium"', b'"no such level"'),
        lambda stored: stored.replace(b'"problems":{}', b'"problems":{"x":"y"}'),
        lambda stored: stored.replace(b'"issues":', b'"finds":'),
        lambda stored: b"[" * 100_000,
    ],
)
async def test_a_kept_answer_that_does_not_check_is_deleted_and_asked_for_anew(
    asked: VisionRequest, hits: list[CacheHit], spoil: Callable[[bytes], bytes]
) -> None:
    cache, engine = MemoryCache(), FunctionTransport(_answer)
    transport = Cached(Checked(engine), cache)
    await transport.send(asked)
    key = _key(asked, transport)
    stored = await cache.get(key)
    assert stored is not None
    spoilt = spoil(stored)
    assert spoilt != stored
    await cache.set(key, spoilt)
    only = Cached(transport.wrapped, cache, mode="only")
    with pytest.raises(TransportError):
        await only.send(asked)
    assert await cache.get(key) is None
    await cache.set(key, spoilt)
    assert (await transport.send(asked)).usage == PAID
    assert (await transport.send(asked)).usage == Usage()
    assert len(hits) == 1


async def test_what_was_mended_is_kept_and_counted_once(asked: VisionRequest) -> None:
    engine = FunctionTransport(lambda request: f"```json\n{make_answer(request)}\n```")
    transport = Cached(engine, MemoryCache())
    first, second = await transport.send(asked), await transport.send(asked)
    assert first.output == second.output
    assert first.mended == second.mended == {"fence": 1}
    assert len(engine.requests) == 1


async def test_a_text_that_was_cut_is_kept_as_it_was_cut(asked: VisionRequest) -> None:
    issue = make_issue("clog", 1, description="x" * 6_000)
    transport = Cached(
        FunctionTransport(lambda request: make_answer(request, [issue])), MemoryCache()
    )
    first, second = await transport.send(asked), await transport.send(asked)
    assert first.output == second.output
    assert first.mended == second.mended == {"long_text": 1}


async def test_an_answer_is_kept_for_as_long_as_was_said(asked: VisionRequest) -> None:
    now = [0.0]
    engine = FunctionTransport(make_answer)
    transport = Cached(Checked(engine), MemoryCache(clock=lambda: now[0]), ttl=60)
    for moment in (0.0, 59.0, 61.0, 62.0):
        now[0] = moment
        await transport.send(asked)
    assert len(engine.requests) == 2


async def test_photos_that_were_not_examined_are_never_confused(asked: VisionRequest) -> None:
    part = dataclasses.replace(asked.photos[0], photo=Photo.from_path("a.jpg", id="p1"))
    engine = ScriptedTransport([])
    with pytest.raises(ConfigError, match="was not examined"):
        await Cached(engine, MemoryCache()).send(dataclasses.replace(asked, photos=(part,)))


def test_an_inspection_that_is_run_again_costs_nothing(
    photos: Callable[..., tuple[Photo, ...]], tmp_path: Path
) -> None:
    def inspected() -> Any:
        cache = SQLiteCache(tmp_path / "answers.db")
        engine = FunctionTransport(lambda request: make_answer(request, [make_issue("clog", 1)]))
        result = InspectionAgent(Cached(Checked(engine), cache)).inspect(photos(3), id="c1")
        asyncio.run(cache.aclose())
        return result, len(engine.requests)

    (first, asked), (second, asked_again) = inspected(), inspected()
    assert (asked > 0, asked_again) == (True, 0)
    assert second.usage == Usage()
    assert second.issues == first.issues


# -- modes ---------------------------------------------------------------------------------------


async def test_the_mode_only_never_asks_the_engine_and_says_what_to_change(
    asked: VisionRequest,
) -> None:
    cache, engine = MemoryCache(), FunctionTransport(_answer)
    only = Cached(Checked(engine), cache, mode="only")
    with pytest.raises(TransportError, match="set the mode to 'use'") as caught:
        await only.send(asked)
    assert (caught.value.attempts, caught.value.provider) == (0, "scripted")
    assert not caught.value.retryable
    assert engine.requests == []
    await Cached(Checked(engine), cache).send(asked)
    assert (await only.send(asked)).usage == Usage()
    assert len(engine.requests) == 1


async def test_the_mode_refresh_asks_anew_and_keeps_the_new_answer(asked: VisionRequest) -> None:
    cache = MemoryCache()
    with ScriptedTransport(
        [_answer(asked, request_id="old"), _answer(asked, request_id="new")]
    ) as e:
        await Cached(e, cache).send(asked)
        assert (await Cached(e, cache, mode="refresh").send(asked)).usage == PAID
        assert (await Cached(e, cache).send(asked)).request_id == "new"


def test_what_is_no_cache_or_no_mode_is_refused() -> None:
    engine = FunctionTransport(make_answer)
    for wrong in ("cache.db", MemoryCache, None):
        with pytest.raises(ConfigError, match="get, set and delete"):
            Cached(engine, wrong)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="unknown mode 'never'"):
        Cached(engine, MemoryCache(), mode="never")  # type: ignore[arg-type]


# -- calls in flight -----------------------------------------------------------------------------


async def test_calls_for_the_same_content_share_one_that_is_in_flight(
    asked: VisionRequest, hits: list[CacheHit]
) -> None:
    engine = Held()
    transport = Cached(Checked(engine), MemoryCache())
    other = dataclasses.replace(asked, metadata=FrozenMap(a="b"))
    answers = await _together(engine, [transport.send(one) for one in (asked, other, asked)])
    assert engine.calls == 1
    assert [answer.usage for answer in answers] == [PAID, Usage(), Usage()]
    assert {answer.text for answer in answers} == {answers[0].text}
    assert [hit.saved for hit in hits] == [PAID, PAID]
    assert transport._flights == {}


async def test_each_caller_hears_of_its_own_hit(asked: VisionRequest) -> None:
    engine = Held()
    transport = Cached(Checked(engine), MemoryCache())
    told: dict[str, list[CacheHit]] = {"first": [], "second": []}
    second = dataclasses.replace(
        asked,
        photos=tuple(
            dataclasses.replace(part, photo=part.photo.replace(id=f"other-{part.number}"))
            for part in asked.photos
        ),
    )

    async def in_run(name: str, request: VisionRequest) -> VisionResponse:
        with _run(told[name], id=name).activate():
            return await transport.send(request)

    await _together(engine, [in_run("first", asked), in_run("second", second)])
    assert told["first"] == []
    assert [hit.run_id for hit in told["second"]] == ["second"]
    assert told["second"][0].photo_ids == second.photo_ids


def test_calls_on_other_threads_and_loops_share_it_too(asked: VisionRequest) -> None:
    engine = Held()
    transport = Cached(Checked(engine), MemoryCache())
    waiting = threading.Semaphore(0)

    async def send() -> VisionResponse:
        task = asyncio.ensure_future(transport.send(asked))
        await asyncio.sleep(0.005)
        waiting.release()
        return await task

    with ThreadPoolExecutor(6) as pool:
        futures = [pool.submit(asyncio.run, send()) for _ in range(6)]
        for _ in futures:
            assert waiting.acquire(timeout=10)
        engine.released.set()
        answers = [future.result(10) for future in futures]
    assert engine.calls == 1
    assert sorted(answer.usage.requests for answer in answers) == [0, 0, 0, 0, 0, 1]
    assert transport._flights == {}


async def test_one_that_stops_waiting_disturbs_nobody(asked: VisionRequest) -> None:
    engine = Held()
    transport = Cached(Checked(engine), MemoryCache())
    tasks = [asyncio.ensure_future(transport.send(asked)) for _ in range(3)]
    await asyncio.sleep(0.005)
    tasks[1].cancel()
    await asyncio.sleep(0)
    engine.released.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers[1], asyncio.CancelledError)
    assert isinstance(answers[0], VisionResponse)
    assert isinstance(answers[2], VisionResponse)
    assert engine.calls == 1


async def test_where_the_first_is_cancelled_exactly_one_of_the_others_sends(
    asked: VisionRequest,
) -> None:
    engine = Held()
    transport = Cached(Checked(engine), MemoryCache())
    tasks = [asyncio.ensure_future(transport.send(asked)) for _ in range(4)]
    await asyncio.sleep(0.005)
    tasks[0].cancel()
    await asyncio.sleep(0.005)
    engine.released.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert sorted(_requests(answer) for answer in answers[1:]) == [0, 0, 1]
    assert engine.calls == 2
    assert transport._flights == {}


async def test_an_answer_that_came_before_the_cancellation_is_not_lost_to_the_others(
    asked: VisionRequest,
) -> None:
    class Slow(MemoryCache):
        async def set(self, key: str, value: bytes, /, *, ttl: float | None = None) -> None:
            await asyncio.sleep(60)

    engine = Held()
    engine.released.set()
    transport = Cached(Checked(engine), Slow())
    tasks = [asyncio.ensure_future(transport.send(asked)) for _ in range(2)]
    await asyncio.sleep(0.02)
    tasks[0].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert isinstance(answers[1], VisionResponse)
    assert engine.calls == 1


async def test_the_others_get_the_same_error_each_as_one_of_its_own(asked: VisionRequest) -> None:
    def fail(request: VisionRequest) -> Exception:
        return RateLimited(
            "slow down", provider="p", status_code=429, retry_after=2.0, usage=PAID, attempts=3
        )

    engine = Held(fail)
    transport = Cached(Checked(engine), MemoryCache())
    first, *others = await _together(engine, [transport.send(asked) for _ in range(3)])
    assert (first.usage, first.attempts) == (PAID, 3)
    for error in others:
        assert type(error) is RateLimited
        assert str(error) == "slow down"
        assert (error.usage, error.attempts) == (None, 0)
        assert (error.provider, error.status_code, error.retry_after) == ("p", 429, 2.0)
    assert len({id(error) for error in (first, *others)}) == 3
    assert engine.calls == 1
    assert transport._flights == {}


async def test_an_error_that_is_not_typed_is_typed_for_the_others(asked: VisionRequest) -> None:
    engine = Held(lambda request: KeyError("x"))
    transport = Cached(engine, MemoryCache())
    first, second = await _together(engine, [transport.send(asked) for _ in range(2)])
    assert isinstance(first, KeyError)
    assert isinstance(second, TransportError)
    assert "raised KeyError" in str(second)
    assert second.attempts == 0


async def test_what_one_run_may_not_spend_does_not_stop_another(asked: VisionRequest) -> None:
    refused = BudgetExceeded("x", limit=Decimal(1), spent=Decimal(1), needed=Decimal(1))
    steps: list[Any] = [refused, _answer(asked)]
    engine = Held(lambda request: steps.pop(0))
    transport = Cached(Checked(engine), MemoryCache())
    first, *others = await _together(engine, [transport.send(asked) for _ in range(3)])
    assert first is refused
    assert sorted(_requests(answer) for answer in others) == [0, 1]
    assert engine.calls == 2


async def test_a_deadline_binds_the_run_that_has_it_and_no_other(asked: VisionRequest) -> None:
    steps: list[Any] = [ProviderTimeout("the run's deadline has passed"), _answer(asked)]
    engine = Held(lambda request: steps.pop(0))
    transport = Cached(Checked(engine), MemoryCache())

    async def until(deadline: float | None) -> VisionResponse:
        with Run(deadline=deadline).activate():
            return await transport.send(asked)

    first, second = await _together(engine, [until(time.monotonic()), until(None)])
    assert isinstance(first, ProviderTimeout)
    assert isinstance(second, VisionResponse)

    engine.released.clear()
    steps.append(_answer(asked))
    again = dataclasses.replace(asked, ask=2)
    leader = asyncio.ensure_future(transport.send(again))
    await asyncio.sleep(0.005)
    with (
        Run(deadline=time.monotonic() + 0.01).activate(),
        pytest.raises(ProviderTimeout, match=r"in flight.*longer deadline") as caught,
    ):
        await transport.send(again)
    assert caught.value.attempts == 0
    engine.released.set()
    assert (await leader).usage == PAID


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork exists on Unix only")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_call_in_flight_at_a_fork_is_not_waited_for_in_the_child(asked: VisionRequest) -> None:
    engine = Held()
    transport = Cached(Checked(engine), MemoryCache())
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(asyncio.run, transport.send(asked))
        assert engine.asked.wait(10)
        child = os.fork()
        if child == 0:
            engine.released.set()
            answer = asyncio.run(asyncio.wait_for(transport.send(asked), 10))
            os._exit(0 if answer.usage == PAID else 1)
        assert os.waitpid(child, 0)[1] == 0
        engine.released.set()
        assert call.result(10).usage == PAID


# -- caches that fail ----------------------------------------------------------------------------


class Broken:
    async def get(self, key: str, /) -> bytes | None:
        raise ConnectionError("no route to redis://user:secret@host")

    async def set(self, key: str, value: bytes, /, *, ttl: float | None = None) -> None:
        raise ConnectionError

    async def delete(self, key: str, /) -> None:
        raise ConnectionError


class Hanging(MemoryCache):
    async def get(self, key: str, /) -> bytes | None:
        await asyncio.sleep(60)
        return None


class Nonsense(MemoryCache):
    async def get(self, key: str, /) -> Any:
        return 7


@pytest.mark.parametrize("cache", [Broken(), Hanging(), Nonsense()], ids=lambda c: type(c).__name__)
async def test_a_cache_that_fails_is_a_miss_and_is_logged_once(
    asked: VisionRequest,
    cache: Cache,
    warnings: list[logging.LogRecord],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(caching, "PATIENCE", 0.005)
    engine = FunctionTransport(make_answer)
    transport = Cached(Checked(engine), cache)
    for _ in range(2):
        assert (await transport.send(asked)).output is not None
    assert len(engine.requests) == 2
    assert len(warnings) == (0 if isinstance(cache, Nonsense) else 1)
    assert "secret" not in str([vars(record) for record in warnings])


async def test_closing_it_closes_the_engine_and_leaves_the_cache_to_its_owner() -> None:
    closed: list[str] = []

    class Engine(FunctionTransport):
        async def aclose(self) -> None:
            closed.append("engine")

    class Owned(MemoryCache):
        async def aclose(self) -> None:
            closed.append("cache")

    await Cached(Engine(make_answer), Owned()).aclose()
    assert closed == ["engine"]
