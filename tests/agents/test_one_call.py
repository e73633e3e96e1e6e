"""What holds for one call only: its case, its limits, its observers. Answers are scripted."""

import asyncio
import inspect
import logging
from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import (
    BudgetExceeded,
    Case,
    ConfigError,
    DiagnosisAgent,
    EngineProfile,
    InspectionAgent,
    Limits,
    Photo,
    ProgressBar,
    VisionRequest,
)
from inspectiq.agents import CaseFields
from inspectiq.errors import ProviderTimeout, ProviderUnavailable
from inspectiq.events import Event, PhotoCompleted, RequestSent, RunCompleted, RunStarted
from inspectiq.limits import LocalBudget, Pricing
from inspectiq.testing import FunctionTransport, make_answer, make_problem
from inspectiq.transports import Cached, Checked, Fallback, MemoryCache, Retry, stack
from tests.conftest import render_jpeg

Photos = Callable[..., tuple[Photo, ...]]
PRICED = EngineProfile(
    provider="priced", model="m", pricing=Pricing(input=Decimal(10), output=Decimal(30))
)
CALLS = [
    InspectionAgent.inspect,
    InspectionAgent.ainspect,
    DiagnosisAgent.diagnose,
    DiagnosisAgent.adiagnose,
]
PREVIEWS = [InspectionAgent.preview, DiagnosisAgent.apreview]


class Watcher:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_event(self, event: Event, /) -> None:
        self.events.append(event)

    @property
    def cases(self) -> set[str]:
        return {event.case_id for event in self.events}


def _agent(engine: Any = None, **options: Any) -> InspectionAgent:
    if engine is None:
        engine = FunctionTransport(make_answer, profile=PRICED)
    return InspectionAgent(engine, photos_per_request=1, **options)


def _count(result: Any) -> Counter[str]:
    return Counter(outcome.status for outcome in result.photos)


# -- its case --------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [*CALLS, *PREVIEWS], ids=lambda method: method.__qualname__)
def test_each_field_of_a_case_shows_in_the_signature(method: Callable[..., Any]) -> None:
    shown = inspect.signature(method).parameters
    fields = set(CaseFields.__annotations__)
    assert fields == set(Case.model_fields) - {"photos", "description"} | {"room"}
    assert fields | {"photos", "description"} <= set(shown)
    assert {"limits", "observers"} & set(shown) == (
        {"limits", "observers"} if method in CALLS else set()
    )
    for name, parameter in shown.items():
        assert parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
        assert name in ("self", "photos") or parameter.annotation not in (
            Any,
            "Any",
            inspect._empty,
        )


@pytest.mark.parametrize(
    ("wrong", "meant"), [("tag", "tags"), ("limit", "limits"), ("observer", "observers")]
)
def test_a_keyword_that_is_no_field_is_told_with_the_one_that_was_meant(
    wrong: str, meant: str, photos: Photos
) -> None:
    fields: dict[str, Any] = {wrong: {"a": "b"}}
    with pytest.raises(ConfigError, match=f"{wrong}: there is no such field; did you mean {meant}"):
        _agent().inspect(photos(1), **fields)


def test_a_case_takes_nothing_besides_but_limits_and_observers(photos: Photos) -> None:
    case, watcher = Case(id="c", photos=photos(1)), Watcher()
    result = _agent().inspect(case, limits=Limits(calls=1), observers=[watcher])
    assert (result.status, watcher.cases) == ("complete", {"c"})
    with pytest.raises(ConfigError, match="a Case was given, and description, room besides"):
        _agent().inspect(case, description="It leaks.", room="kitchen")


# -- its limits ------------------------------------------------------------------------------------


async def test_limits_of_one_call_hold_that_call_and_no_other_at_the_same_time(
    photos: Photos,
) -> None:
    agent = _agent(limits=Limits(concurrency=3))
    limits = [Limits(calls=number) if number else None for number in (1, 0, 2, 0, 3)]
    results = await asyncio.gather(*(agent.ainspect(photos(4), limits=one) for one in limits))
    assert [_count(result)["assessed"] for result in results] == [1, 4, 2, 4, 3]
    refused = [one.fault for one in results[0].photos if one.fault]
    assert {fault.error for fault in refused} == {"BudgetExceeded"}
    assert "1 calls for each run" in refused[0].message
    assert (await agent.ainspect(photos(4))).status == "complete"


COUNTS = st.none() | st.integers(1, 4)


@settings(max_examples=25, deadline=None)
@given(own=COUNTS, total=COUNTS, given_=COUNTS)
def test_limits_of_a_call_tighten_and_every_budget_holds(
    own: int | None, total: int | None, given_: int | None
) -> None:
    engine = FunctionTransport(make_answer, profile=PRICED)
    agent = _agent(
        engine,
        limits=Limits(calls=own),
        budgets=[LocalBudget(calls=total, per="total")] if total else [],
    )
    case = Case(photos=tuple(Photo.from_bytes(render_jpeg(n), name=f"{n}.jpg") for n in range(3)))
    result = agent.run(case, limits=Limits(calls=given_))
    least = min(limit for limit in (own, total, given_, 3) if limit is not None)
    assert len(engine.requests) == _count(result)["assessed"] == least


def test_dollars_of_a_call_and_of_the_agent_hold_both(photos: Photos) -> None:
    nothing, much = Limits(usd=Decimal(0)), Limits(usd=Decimal(100))
    for own, given_ in ((nothing, much), (much, nothing)):
        engine = FunctionTransport(make_answer, profile=PRICED)
        with pytest.raises(BudgetExceeded):
            _agent(engine, limits=own).inspect(photos(2), limits=given_)
        assert engine.requests == []
    assert _agent(limits=much).inspect(photos(2), limits=much).status == "complete"


def test_dollars_are_refused_before_anything_is_read_where_no_price_is_known() -> None:
    agent = _agent(FunctionTransport(make_answer))

    def load() -> bytes:
        raise AssertionError("read")

    photo = Photo.from_loader("a.jpg", load)
    with pytest.raises(ConfigError, match="usd is limited for this call, and the price of"):
        agent.inspect(photo, limits=Limits(usd=Decimal(1)))


@pytest.mark.usefixtures("no_waits")
@pytest.mark.parametrize("build", [lambda engine: engine, stack, lambda e: Retry(stack(e))])
def test_attempts_count_as_calls_each_once(build: Callable[[Any], Any], photos: Photos) -> None:
    down = ProviderUnavailable("down", status_code=503)
    engine = FunctionTransport(lambda _: down, profile=PRICED)
    with pytest.raises(BudgetExceeded):
        _agent(build(engine)).inspect(photos(1), limits=Limits(calls=3))
    assert len(engine.requests) == 3


def test_engines_to_fall_back_on_share_the_limits_of_a_call(photos: Photos) -> None:
    first = FunctionTransport(lambda _: ProviderUnavailable("x", attempts=1, status_code=503))
    second = FunctionTransport(make_answer)
    agent = _agent(Fallback(stack(first), Retry(Checked(second))))
    with pytest.raises(BudgetExceeded):
        agent.inspect(photos(1), limits=Limits(calls=1))
    assert (len(first.requests), len(second.requests)) == (1, 0)


def test_kept_answers_take_nothing_of_the_limits_of_a_call(photos: Photos) -> None:
    agent = _agent(cache=MemoryCache())
    agent.inspect(photos(2))
    assert agent.inspect(photos(2), limits=Limits(calls=0)).status == "complete"


def test_an_engine_that_nobody_meters_passes_by_them(photos: Photos) -> None:
    free = FunctionTransport(make_answer, profile=EngineProfile(metered=False))
    assert _agent(free).inspect(photos(2), limits=Limits(usd=Decimal(0))).status == "complete"


@pytest.mark.parametrize("limits", [Limits(calls=1), Limits(rpm=1), Limits(tpm=1)])
def test_a_stack_that_makes_no_attempts_cannot_keep_them_and_says_so(
    limits: Limits, photos: Photos
) -> None:
    agent = _agent(Cached(Checked(FunctionTransport(make_answer)), MemoryCache()))
    with pytest.raises(ConfigError, match=r"make it with stack\(...\)"):
        agent.inspect(photos(1), limits=limits)
    others = Limits(deadline=60, concurrency=1)
    assert agent.inspect(photos(1), limits=others).status == "complete"


def test_what_is_above_the_rate_of_a_call_and_not_due_in_time_is_not_sent(photos: Photos) -> None:
    engine = FunctionTransport(make_answer, profile=PRICED)
    agent = _agent(engine)
    result = agent.inspect(photos(3), limits=Limits(rpm=1, deadline=30))
    assert _count(result) == {"assessed": 1, "failed": 2}
    assert {one.fault.error for one in result.photos if one.fault} == {"RateLimited"}
    assert agent.inspect(photos(3)).status == "complete"


@pytest.mark.parametrize(("own", "given_"), [(60, 0.2), (0.2, 60)])
def test_of_two_deadlines_the_shorter_one_holds(own: float, given_: float, photos: Photos) -> None:
    async def hang(_: VisionRequest) -> str:
        await asyncio.sleep(3600)
        return ""

    agent = _agent(FunctionTransport(hang), limits=Limits(deadline=own))
    result = agent.inspect(photos(1), limits=Limits(deadline=given_))
    fault = result["p1"].fault
    assert fault is not None
    assert fault.error == ProviderTimeout.__name__


async def test_requests_in_flight_are_bounded_for_a_call_and_for_the_agent(photos: Photos) -> None:
    flying, most = Counter[str](), defaultdict[str, int](int)

    async def answer(request: VisionRequest) -> str:
        name = (request.photos[0].photo.room or "")[0]
        flying.update((name, "all"))
        for key in (name, "all"):
            most[key] = max(most[key], flying[key])
        await asyncio.sleep(0.01)
        flying.subtract((name, "all"))
        return make_answer(request)

    agent = _agent(FunctionTransport(answer), limits=Limits(concurrency=4))
    await asyncio.gather(
        agent.ainspect(photos(6, room="a"), limits=Limits(concurrency=1)),
        agent.ainspect(photos(6, room="b"), limits=Limits(concurrency=2)),
        agent.ainspect(photos(6, room="c"), limits=Limits(concurrency=99)),
    )
    assert (most["a"], most["b"]) == (1, 2)
    assert most["all"] <= 4


def test_limits_that_say_nothing_leave_the_agents_as_they_are(photos: Photos) -> None:
    agent = _agent(limits=Limits(calls=2))
    for limits in (None, Limits(), Limits(burst_seconds=1)):
        assert _count(agent.inspect(photos(3), limits=limits))["assessed"] == 2


@pytest.mark.parametrize("wrong", [{"usd": 1}, 5, "0.50", Limits])
def test_limits_of_another_kind_are_refused(wrong: Any, photos: Photos) -> None:
    with pytest.raises(ConfigError, match=r"pass Limits\(usd"):
        _agent().inspect(photos(1), limits=wrong)


def test_a_diagnosis_and_its_answers_keep_to_limits_and_tell_observers(photos: Photos) -> None:
    asked: dict[str, Any] = {"questions": ["Since when?"]}
    engine = FunctionTransport(
        lambda request: make_answer(request, [make_problem("clog")], overall=asked)
    )
    agent, watcher = DiagnosisAgent(engine), Watcher()
    first = agent.diagnose(
        photos(1), "It is blocked.", id="d", limits=Limits(calls=1), observers=[watcher]
    )
    assert first["p1"].status == "assessed"
    told = {first.questions[0].id: "since noon"}
    with pytest.raises(BudgetExceeded):
        agent.answer(first, told, limits=Limits(calls=0), observers=[watcher])
    assert agent.answer(first, told, limits=Limits(calls=1)).status == "complete"
    assert sum(isinstance(event, RunStarted) for event in watcher.events) == 2
    assert len(engine.requests) == 2


# -- its observers ---------------------------------------------------------------------------------


async def test_observers_of_a_call_watch_it_and_no_other_at_the_same_time(photos: Photos) -> None:
    always, each = Watcher(), [Watcher() for _ in range(8)]
    agent = _agent(observers=[always])
    await asyncio.gather(
        *(
            agent.ainspect(photos(2), id=f"case-{number}", observers=[one] if number % 2 else [])
            for number, one in enumerate(each)
        )
    )
    for number, one in enumerate(each):
        assert one.cases == ({f"case-{number}"} if number % 2 else set())
        if number % 2:
            kinds = Counter(type(event) for event in one.events)
            assert [kinds[kind] for kind in (RunStarted, RequestSent, PhotoCompleted)] == [1, 2, 2]
            assert kinds[RunCompleted] == 1
    assert always.cases == {f"case-{number}" for number in range(8)}


def test_an_observer_of_a_call_that_fails_is_logged_once_and_breaks_nothing(
    photos: Photos, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def on_event(self, event: Event, /) -> None:
            raise RuntimeError("broken")

    watcher, agent = Watcher(), _agent()
    with caplog.at_level(logging.WARNING):
        result = agent.inspect(photos(2), observers=[Broken(), watcher])
    assert (result.status, len(watcher.events) > 5) == ("complete", True)
    assert [record.getMessage().count("an observer failed") for record in caplog.records] == [1]


@pytest.mark.parametrize("wrong", [Watcher, [object()], [Watcher], 5, ProgressBar])
def test_what_is_no_observer_is_refused_before_anything_is_sent(wrong: Any, photos: Photos) -> None:
    engine = FunctionTransport(make_answer)
    with pytest.raises(ConfigError, match="observer"):
        _agent(engine).inspect(photos(1), observers=wrong)
    assert engine.requests == []
