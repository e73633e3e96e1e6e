"""From what an agent is given, in code and in the environment, to the engine that it uses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from inspectiq import (
    BudgetExceeded,
    ConfigError,
    EngineProfile,
    InspectionAgent,
    Limits,
    Photo,
    Transport,
    VisionRequest,
    VisionResponse,
    WrapperTransport,
)
from inspectiq.agents._engine_setup import choose_pack_size
from inspectiq.limits import Ledger, LocalBudget, LocalRateLimiter, Pricing
from inspectiq.testing import FunctionTransport, ScriptedTransport, make_answer
from inspectiq.transports import Checked, Fallback, MemoryCache, SQLiteCache, stack
from inspectiq.transports._base import get_profile

Photos = Callable[..., tuple[Photo, ...]]
PRICED = EngineProfile(pricing=Pricing(input=Decimal(10), output=Decimal(30)))


def _layers(transport: object) -> list[str]:
    names = []
    while isinstance(transport, WrapperTransport):
        names.append(type(transport).__name__)
        transport = transport.wrapped
    return [*names, type(transport).__name__]


# -- engines -------------------------------------------------------------------------------------


def test_a_bare_engine_gets_the_default_stack_and_a_wrapped_one_is_used_as_it_is() -> None:
    engine = FunctionTransport(make_answer)
    assert _layers(InspectionAgent(engine).transport) == [
        "Retry",
        "Limited",
        "Checked",
        "FunctionTransport",
    ]
    mine = Checked(engine)
    assert InspectionAgent(mine).transport is mine


def test_names_objects_and_stacks_may_stand_in_one_list() -> None:
    engine, mine = FunctionTransport(make_answer), Checked(FunctionTransport(make_answer))
    fallback = InspectionAgent([engine, mine, "offline"]).transport
    assert isinstance(fallback, Fallback)
    assert [_layers(engine)[-1] for engine in fallback.engines] == [
        "FunctionTransport",
        "FunctionTransport",
        "OfflineTransport",
    ]
    assert fallback.engines[1] is mine


def test_a_list_of_one_is_that_one() -> None:
    assert _layers(InspectionAgent(["offline"]).transport)[0] == "Retry"


def test_an_empty_list_and_an_empty_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSPECTIQ_ENGINE", "offline")
    nothing: list[Any] = [[], ""]
    for engine in nothing:
        with pytest.raises(ConfigError):
            InspectionAgent(engine)


def test_an_engine_that_counts_as_false_is_an_engine(photos: Photos) -> None:
    class Queue(FunctionTransport):
        def __len__(self) -> int:
            return 0

    engine = Queue(make_answer)
    InspectionAgent(engine).inspect(photos(1))
    assert len(engine.requests) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"limits": Limits(rpm=5)},
        {"limits": Limits(tpm=5)},
        {"limits": Limits(usd=Decimal(0))},
        {"limits": Limits(calls=5)},
        {"limiter": LocalRateLimiter()},
        {"budgets": [LocalBudget(calls=1)]},
        {"cache": MemoryCache()},
        {"cache_mode": "only"},
    ],
    ids=lambda options: next(iter(options)),
)
def test_what_belongs_in_a_stack_of_the_hosts_own_is_refused_beside_it(
    options: dict[str, Any],
) -> None:
    mine = stack(FunctionTransport(make_answer, profile=PRICED))
    engines: list[Any] = [mine, [mine, "offline"], ["offline", mine]]
    for engine in engines:
        with pytest.raises(ConfigError, match="stack of your own"):
            InspectionAgent(engine, **options)


def test_what_the_agent_itself_keeps_may_stand_beside_a_stack_of_the_hosts_own() -> None:
    limits = Limits(concurrency=2, deadline=5, burst_seconds=1)
    assert InspectionAgent(stack(FunctionTransport(make_answer)), limits=limits).limits == limits


# -- the environment -----------------------------------------------------------------------------


def test_what_is_not_given_is_taken_from_the_environment_when_the_agent_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, photos: Photos
) -> None:
    for name, value in {
        "ENGINE": "offline",
        "RPM": "500",
        "TPM": "30000",
        "USD": "2.50",
        "CALLS": "7",
        "CONCURRENCY": "3",
        "DEADLINE": "60",
        "CACHE": str(tmp_path / "answers.sqlite"),
        "LEDGER": str(tmp_path / "usage.jsonl"),
    }.items():
        monkeypatch.setenv(f"INSPECTIQ_{name}", value)
    with InspectionAgent() as agent:
        for name in ("ENGINE", "RPM", "USD", "CACHE", "LEDGER"):
            monkeypatch.delenv(f"INSPECTIQ_{name}")
        assert agent.limits == Limits(
            rpm=500, tpm=30000, usd=Decimal("2.50"), calls=7, concurrency=3, deadline=60
        )
        assert agent.profile.provider == "offline"
        assert _layers(agent.transport)[0] == "Cached"
        agent.inspect(photos(1))
    assert (tmp_path / "answers.sqlite").stat().st_size
    assert Ledger.read(tmp_path / "usage.jsonl").summarise(None)[0].runs_partial == 1


def test_what_is_given_in_code_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, photos: Photos
) -> None:
    for name, value in {
        "ENGINE": "oracle",
        "RPM": "500",
        "USD": "2.50",
        "CALLS": "7",
        "CACHE": str(tmp_path / "unused.sqlite"),
    }.items():
        monkeypatch.setenv(f"INSPECTIQ_{name}", value)
    kept = SQLiteCache(tmp_path / "used.sqlite")
    agent = InspectionAgent("offline", limits=Limits(rpm=20, calls=None), cache=kept)
    agent.inspect(photos(1))
    agent.close()
    asyncio.run(kept.aclose())
    assert agent.limits == Limits(rpm=20, usd=Decimal("2.50"))
    assert not (tmp_path / "unused.sqlite").exists()


def test_limits_that_say_nothing_of_money_do_not_lift_the_environments(
    monkeypatch: pytest.MonkeyPatch, photos: Photos
) -> None:
    monkeypatch.setenv("INSPECTIQ_CALLS", "0")
    agent = InspectionAgent(ScriptedTransport([]), limits=Limits(deadline=60))
    with pytest.raises(BudgetExceeded):
        agent.inspect(photos(1))
    freed = InspectionAgent(FunctionTransport(make_answer), limits=Limits(calls=None))
    assert freed.inspect(photos(1)).status == "complete"


def test_a_switch_that_allows_no_money_at_all_can_be_set(
    monkeypatch: pytest.MonkeyPatch, photos: Photos
) -> None:
    monkeypatch.setenv("INSPECTIQ_USD", "0")
    with pytest.raises(BudgetExceeded):
        InspectionAgent(ScriptedTransport([], profile=PRICED)).inspect(photos(1))
    assert InspectionAgent("offline").inspect(photos(1)).status == "partial"


def test_a_cache_of_the_environment_stays_out_of_a_stack_of_the_hosts_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("INSPECTIQ_CACHE", str(tmp_path / "unused.sqlite"))
    mine = stack(FunctionTransport(make_answer))
    engines: list[Any] = [mine, [mine, "offline"]]
    for engine in engines:
        InspectionAgent(engine)
    assert not (tmp_path / "unused.sqlite").exists()


# -- photos in a request -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rpm", "tpm", "photos"),
    [
        (None, None, 4),
        (None, 30_000, 4),
        (3, None, 10),
        (3, 40_000, 6),
        (3, 1_000_000, 10),
        (500, 30_000, 4),
        (500, 10_000_000, 10),
    ],
)
def test_a_request_is_filled_up_where_requests_a_minute_are_what_binds(
    rpm: float | None, tpm: float | None, photos: int
) -> None:
    limits = Limits(rpm=rpm, tpm=tpm)
    assert choose_pack_size(EngineProfile(), limits) == photos


def test_an_engine_that_takes_one_photo_or_is_not_counted_is_left_alone() -> None:
    limits = Limits(rpm=3)
    assert choose_pack_size(EngineProfile(photos_per_request=1), limits) == 1
    assert choose_pack_size(EngineProfile(metered=False), limits) == 4
    assert choose_pack_size(EngineProfile(photos_per_request=20), limits) == 20


def test_a_number_in_code_wins() -> None:
    agent = InspectionAgent(
        FunctionTransport(make_answer), photos_per_request=2, limits=Limits(rpm=3)
    )
    assert agent.photos_per_request == 2


def test_an_engine_without_a_profile_is_named_after_its_class(photos: Photos) -> None:
    class Mine:
        async def send(self, request: VisionRequest, /) -> VisionResponse:
            return VisionResponse(text=make_answer(request), engine=get_profile(self).to_record())

    mine: Transport = Mine()
    inspection = InspectionAgent(mine).inspect(photos(1))
    assert inspection.provenance.engines[0].model == "Mine"
