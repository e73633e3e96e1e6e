"""Falling back: who is asked next, who is said to have answered, and what all of it cost."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from inspectiq import (
    BudgetExceeded,
    Case,
    ConfigError,
    EngineProfile,
    InspectionAgent,
    InspectIQError,
    Limits,
    Photo,
    PhotoError,
    RateLimited,
    Taxonomy,
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
    OutputTruncated,
    ProviderTimeout,
    ProviderUnavailable,
    QuotaExhausted,
)
from inspectiq.events import Event, FellBack
from inspectiq.run import Run
from inspectiq.testing import FunctionTransport, ScriptedTransport, make_answer, make_issue
from inspectiq.transports import EngineHealth, Fallback
from tests.transports.requests import request_of

Photos = Callable[..., tuple[Photo, ...]]
BIG = EngineProfile(provider="a", model="big")
SMALL = EngineProfile(provider="b", model="small", photos_per_request=2)
TRIAGE = EngineProfile(provider="c", model="triage", groups=("roof",), looks_for="holes")
PAID = Usage(requests=2, input_tokens=50, output_tokens=7)


def _fails(error: Exception, profile: EngineProfile = BIG) -> FunctionTransport:
    return FunctionTransport(lambda _: error, profile=profile)


def _answers(profile: EngineProfile = SMALL) -> FunctionTransport:
    return FunctionTransport(make_answer, profile=profile)


@pytest.mark.parametrize(
    "error",
    [
        ProviderUnavailable("x"),
        ProviderTimeout("x"),
        RateLimited("x"),
        QuotaExhausted("x"),
        AuthenticationFailed("x"),
        BadRequest("x"),
        OutputRefused("x"),
        OutputFiltered("x"),
        OutputTruncated("x"),
        OutputInvalid("x"),
        ZeroDivisionError("a bug"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_engine_that_fails_in_any_way_of_its_own_is_passed_over(error: Exception) -> None:
    response = await Fallback(_fails(error), _answers()).send(request_of(1))
    assert response.engine == SMALL.to_record()


@pytest.mark.parametrize(
    "error",
    [
        BudgetExceeded("x", limit=Decimal(1), spent=Decimal(1), needed=Decimal(1)),
        PhotoError("gone", reason="not_found"),
        ConfigError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_is_no_engines_fault_is_raised(error: InspectIQError) -> None:
    with pytest.raises(type(error)):
        await Fallback(_fails(error), ScriptedTransport([])).send(request_of(1))


async def test_an_answer_that_cannot_be_used_is_passed_over_also_without_a_stack() -> None:
    def declined(_: VisionRequest) -> VisionResponse:
        return VisionResponse(text="", finish="refusal", engine=BIG.to_record(), usage=PAID)

    for useless in (declined, lambda _: "Sorry, I cannot do that."):
        engine = FunctionTransport(useless, profile=BIG)
        response = await Fallback(engine, _answers()).send(request_of(1))
        assert response.engine.model == "small"
        assert response.was_checked


async def test_what_the_failed_engines_cost_is_part_of_the_answer() -> None:
    engines = [
        _fails(OutputRefused("x", usage=PAID, attempts=2)),
        _fails(ProviderUnavailable("x", attempts=4)),
        _answers(),
    ]
    usage = (await Fallback(*engines).send(request_of(1))).usage
    assert usage == Usage(requests=7, input_tokens=150, output_tokens=17)


@pytest.mark.parametrize(
    ("last", "attempts"),
    [
        (ProviderUnavailable("x", attempts=3), 5),
        (BudgetExceeded("x", limit=Decimal(1), spent=Decimal(1), needed=Decimal(1)), 2),
        (PhotoError("gone", reason="not_found"), 2),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_the_failed_engines_cost_is_part_of_the_error(
    last: InspectIQError, attempts: int
) -> None:
    first = _fails(AuthenticationFailed("x", usage=PAID, attempts=2))
    fallback = Fallback(first, _fails(last))
    for _ in range(2):  # the engine raises the same error again
        with pytest.raises(type(last)) as caught:
            await fallback.send(request_of(1))
        assert caught.value.attempts == attempts
        assert caught.value.usage == PAID + Usage(requests=attempts - 2)


@pytest.mark.parametrize(
    "first",
    [BadRequest("x", reason="photo"), BadRequest("x", reason="too_large"), OutputRefused("x")],
    ids=lambda error: getattr(error, "reason", "refused"),
)
async def test_a_fault_that_smaller_packs_mend_is_told_before_one_that_they_do_not(
    first: InspectIQError,
) -> None:
    def refuses_two(request: VisionRequest) -> str:
        if "p2" in request.photo_ids:
            raise first
        return make_answer(request)

    engines = [
        FunctionTransport(refuses_two),
        _fails(BadRequest("words only", reason="no_vision")),
    ]
    case = Case(photos=tuple(part.photo for part in request_of(8).photos))
    inspection = await InspectionAgent(engines, photos_per_request=4).ainspect(case)
    assert [outcome.status for outcome in inspection.photos] == [
        "failed" if outcome.photo.id == "p2" else "assessed" for outcome in inspection.photos
    ]


async def test_nothing_is_said_of_the_cost_where_no_engine_says_anything() -> None:
    with pytest.raises(ProviderTimeout) as caught:
        await Fallback(_fails(ProviderUnavailable("x")), _fails(ProviderTimeout("y"))).send(
            request_of(1)
        )
    assert (caught.value.attempts, caught.value.usage) == (2, None)


async def test_no_other_engine_is_asked_once_the_deadline_has_passed() -> None:
    late = ProviderTimeout("late", usage=PAID)
    with Run(deadline=time.monotonic()).activate(), pytest.raises(ProviderTimeout, match="late"):
        await Fallback(_fails(late), ScriptedTransport([])).send(request_of(1))


async def test_a_test_double_that_is_called_against_its_script_is_not_passed_over() -> None:
    with pytest.raises(AssertionError, match="script"):
        await Fallback(ScriptedTransport([]), _answers()).send(request_of(1))


async def test_a_cancellation_asks_no_other_engine() -> None:
    sent = asyncio.Event()

    async def hang(_: VisionRequest) -> str:
        sent.set()
        await asyncio.sleep(60)
        return ""

    fallback = Fallback(FunctionTransport(hang), ScriptedTransport([]))
    task = asyncio.ensure_future(fallback.send(request_of(1)))
    await sent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_each_falling_back_is_told_and_a_bug_is_logged_with_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    events: list[Event] = []
    engines = [_fails(OutputRefused("x")), _fails(KeyError("mine"), SMALL), _answers(TRIAGE)]
    with (
        Run(id="r", case_id="c", tags={"a": "b"}, emit=events.append).activate(),
        caplog.at_level(logging.WARNING, "inspectiq"),
    ):
        await Fallback(*engines).send(request_of(2))
    base: dict[str, Any] = {"case_id": "c", "run_id": "r", "tags": {"a": "b"}}
    assert events == [
        FellBack(
            photo_ids=("p1", "p2"),
            provider=failed.provider,
            model=failed.model,
            error=error,
            to_provider=asked.provider,
            to_model=asked.model,
            reason=reason,
            **base,
        )
        for failed, error, asked, reason in (
            (BIG, "OutputRefused", SMALL, "refusal"),
            (SMALL, "TransportError", TRIAGE, "KeyError"),
        )
    ]
    (record,) = caplog.records
    assert "KeyError: 'mine'" in record.__dict__["traceback"]


# -- in an agent ---------------------------------------------------------------------------------


def test_the_result_says_which_engine_answered_for_which_photo(photos: Photos) -> None:
    def refuses_p1(request: VisionRequest) -> str:
        if "p1" in request.photo_ids:
            raise OutputRefused("declined", usage=PAID, attempts=2)
        return make_answer(request, [make_issue("clog", 1)])

    first = FunctionTransport(refuses_p1, profile=BIG)
    inspection = InspectionAgent([first, _answers()], photos_per_request=1).inspect(photos(2))
    assert inspection.status == "complete"
    assert [outcome.engine for outcome in inspection.photos] == [SMALL.identity, BIG.identity]
    assert {engine.model for engine in inspection.provenance.engines} == {"big", "small"}
    assert inspection.issues[0].evidence[0].engine == BIG.identity
    assert inspection.usage == Usage(requests=4, input_tokens=250, output_tokens=27)


def test_falling_back_to_a_triage_makes_the_result_partial(photos: Photos) -> None:
    agent = InspectionAgent([_fails(AuthenticationFailed("x")), _answers(TRIAGE)])
    inspection = agent.inspect(photos(2))
    assert inspection.status == "partial"
    assert [outcome.status for outcome in inspection.photos] == ["triaged"] * 2
    assert inspection.photos[0].groups == ("roof",)
    assert inspection.provenance.engines == (TRIAGE.to_record(),)


def test_engines_of_one_agent_share_its_budget(photos: Photos) -> None:
    first, second = _fails(AuthenticationFailed("x", status_code=401)), _answers()
    agent = InspectionAgent(
        [first, second], photos_per_request=1, limits=Limits(calls=3, concurrency=1)
    )
    inspection = agent.inspect(photos(3))
    assert len(first.requests) + len(second.requests) == 3
    assert [outcome.status for outcome in inspection.photos] == ["assessed", "failed", "failed"]
    faults = [outcome.fault.error for outcome in inspection.photos if outcome.fault]
    assert faults == ["BudgetExceeded", "BudgetExceeded"]
    assert inspection.usage.requests == 3


# -- as a transport ------------------------------------------------------------------------------


def test_a_request_has_as_few_photos_as_each_engine_takes_and_types_of_all() -> None:
    named = TRIAGE.model_copy(update={"types": ("clog",)})
    profile = Fallback(_answers(BIG), _answers(SMALL), _answers(named)).profile
    assert (profile.model, profile.photos_per_request, profile.types) == ("big", 2, ("clog",))


def test_a_taxonomy_must_have_what_the_last_of_the_engines_reports() -> None:
    taxonomy = Taxonomy.default()
    fewer = taxonomy.model_copy(update={"types": taxonomy.types[:1]})
    with pytest.raises(ConfigError, match="crack_kind_unknown"):
        InspectionAgent([_answers(), "offline"], taxonomy=fewer)


def test_one_engine_is_no_fallback() -> None:
    with pytest.raises(ConfigError, match="two"):
        Fallback(_answers())


async def test_checking_finds_the_first_engine_that_would_work() -> None:
    class Known(FunctionTransport):
        def __init__(self, ok: bool) -> None:
            super().__init__(make_answer)
            self.ok = ok

        async def check(self) -> EngineHealth:
            return EngineHealth(ok=self.ok, provider="known", model=str(self.ok))

    assert (await Fallback(_answers(), Known(False), Known(True)).check()).model == "True"
    assert (await Fallback(Known(False), _answers()).check()).model == "False"


async def test_it_opens_the_first_engine_and_closes_all_also_where_one_fails() -> None:
    done: list[str] = []

    class Noting(FunctionTransport):
        def __init__(self, name: str, error: Exception | None = None) -> None:
            super().__init__(make_answer)
            self.name, self.error = name, error

        async def aopen(self) -> None:
            done.append(f"open {self.name}")

        async def aclose(self) -> None:
            done.append(f"close {self.name}")
            if self.error is not None:
                raise self.error

    fallback = Fallback(Noting("a", OSError("gone")), Noting("b"))
    await fallback.aopen()
    with pytest.raises(OSError, match="gone"):
        await fallback.aclose()
    assert done == ["open a", "close a", "close b"]
