"""What the OpenAI engine makes of the model table: options, prices, models that are gone."""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from inspectiq import ConfigError, InspectionAgent, Limits, OpenAITransport
from inspectiq.errors import BadRequest
from inspectiq.limits import ModelInfo, ModelTable, Pricing
from inspectiq.transports import EngineHealth, VisionResponse
from tests.transports import requests
from tests.transports.openai.stand_in import Answer, StandIn, failure, responses, seen

TABLE = ModelTable.default()
GONE = ModelInfo(name="old-model", shutdown=date(2020, 1, 1), replacement="new-model")
GOING = ModelInfo(name="old-model", shutdown=date(9999, 1, 1), replacement="new-model")
NOT_KNOWN = "not in the model table"
READ = {"word": "chimney", "mark": "as agreed"}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")


def encode(model: str, **options: Any) -> dict[str, Any]:
    """The body of a request about one photo, which is not sent."""
    engine = OpenAITransport(model, **options)
    return engine.encode(requests.request_of(1), {1: b"jpeg"})


def check(model: ModelInfo, listed: Mapping[str, Any] | None, **options: Any) -> EngineHealth:
    """A check against a server that reads the picture, and lists this entry of the model."""
    with StandIn(
        lambda body: responses(READ) if "numbers" not in json.dumps(body) else responses("[1]"),
        models={model.name: listed} if listed else {},
    ) as server:
        table = TABLE.with_models(model)
        engine = OpenAITransport(model.name, base_url=server.url, models=table, **options)
        with closing(engine):
            return InspectionAgent(engine).check()


async def send(engine: OpenAITransport) -> VisionResponse:
    try:
        return await engine.send(requests.request_of(1))
    finally:
        await engine.aclose()


# -- options -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "effort", "temperature"),
    [
        ("gpt-6.2-astra", "low", None),
        ("gpt-6.2-sol", "low", None),
        ("gpt-6-luna", "low", None),
        ("gpt-5.6-terra", "low", None),
        ("gpt-5-mini", "low", None),
        ("gpt-5.4", None, 0.0),  # it makes none of its own accord
        ("gpt-4.1", None, 0.0),
    ],
)
def test_a_model_that_would_reason_more_reasons_little_unless_told(
    model: str, effort: str | None, temperature: float | None
) -> None:
    body = encode(model)
    assert body.get("reasoning", {}).get("effort") == effort
    assert body.get("temperature") == temperature


def test_an_effort_that_a_model_refuses_is_named_with_those_that_it_takes() -> None:
    with pytest.raises(ConfigError, match=r"gpt-6\.2-sol does not take .*'none': low, medium"):
        OpenAITransport("gpt-6.2-sol", reasoning="none")
    assert encode("gpt-6-luna", reasoning="none")["temperature"] == 0.0


def test_an_unknown_model_gets_room_for_reasoning_no_sampling_and_a_detail() -> None:
    with pytest.warns(UserWarning, match=NOT_KNOWN):
        engine = OpenAITransport("gpt-9")
    body = engine.encode(replace(requests.request_of(1), max_output_tokens=1000), {1: b"jpeg"})
    assert engine.profile.reasoning_tokens == TABLE.reasoning_tokens["medium"]
    assert body["max_output_tokens"] == 1000 + TABLE.reasoning_tokens["medium"]
    assert "temperature" not in body
    assert "reasoning" not in body
    assert engine.profile.settings["detail"] == "high"


def test_a_dollar_budget_for_an_unknown_model_shows_the_line_that_gives_it_a_price(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(usd=Decimal(1))
    with (
        pytest.warns(UserWarning, match=NOT_KNOWN),
        pytest.raises(ConfigError, match="price of openai:gpt-9 is not known") as caught,
    ):
        InspectionAgent("openai:gpt-9", limits=limits)
    told = str(caught.value)
    path = tmp_path / "models.toml"
    path.write_text(told[told.index("models = [") :])
    monkeypatch.setenv("INSPECTIQ_MODELS", str(path))
    agent = InspectionAgent("openai:gpt-9", limits=limits)
    assert agent.profile.pricing == Pricing(input=Decimal("0.10"), output=Decimal("0.50"))


def test_a_table_of_models_says_how_a_server_wants_to_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "models.toml"
    path.write_text(
        '[[models]]\nname = "llava"\napi = "chat"\nstrict_schemas = false\n'
        'detail = "low"\nphotos_per_request = 1\ncontext_tokens = 8192\n'
    )
    monkeypatch.setenv("INSPECTIQ_MODELS", str(path))

    def script(body: dict[str, Any]) -> Answer:
        return Answer({"error": {"message": "scripted"}}, 401)

    with StandIn(script) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        agent = InspectionAgent("openai:llava")
        with closing(agent):
            assert agent.profile.context_tokens == 8192
            assert not agent.profile.strict_schemas
            assert agent.photos_per_request == 1
            agent.check()
    assert server.paths == ["/v1/chat/completions"]
    (body,) = server.bodies
    assert body["response_format"] == {"type": "json_object"}
    assert '"detail": "low"' in json.dumps(body)


def test_what_is_given_in_code_counts_before_the_table() -> None:
    row = ModelInfo(name="llava", api="chat", strict_schemas=False, detail="low")
    engine = OpenAITransport(
        "llava", models=TABLE.with_models(row), api="responses", strict_schemas=True, detail="high"
    )
    assert engine.profile.strict_schemas
    assert engine.profile.settings["api"] == "responses"
    assert engine.profile.settings["detail"] == "high"


def test_a_wrong_file_of_models_is_a_fault_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "models.toml"
    path.write_text('[[models]]\nname = "llava"\nprice = 1\n')
    monkeypatch.setenv("INSPECTIQ_MODELS", str(path))
    with pytest.raises(ConfigError, match=r"models\.toml, line 3: models\.0\.price: there is no"):
        InspectionAgent("openai:llava")


def test_pictures_are_not_compressed_where_openai_would_and_provenance_says_so() -> None:
    assert encode("gpt-6-luna")["image"] == {"context_compression": "disabled"}
    settings = OpenAITransport("gpt-6-luna").profile.settings
    assert settings["context_compression"] == "disabled"
    for other in (
        encode("gpt-4.1"),
        encode("gpt-6-luna", api="chat"),
        encode("gpt-6-luna", base_url="http://127.0.0.1:1/v1"),
    ):
        assert "image" not in other


# -- prices ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tier", "factor"), [("flex", "0.5"), ("priority", "2"), ("default", "1")])
@pytest.mark.parametrize("api", ["responses", "chat"])
def test_a_service_tier_is_asked_for_and_priced(api: str, tier: str, factor: str) -> None:
    options = {"api": api, "service_tier": tier}
    assert encode("gpt-6-luna", **options)["service_tier"] == tier
    engine = OpenAITransport("gpt-6-luna", **options)  # type: ignore[arg-type]
    usual = OpenAITransport("gpt-6-luna").profile.pricing
    assert usual is not None
    assert engine.profile.pricing == usual.multiply(Decimal(factor))
    assert engine.profile.settings["service_tier"] == tier


def test_a_cache_that_keeps_longer_is_asked_for_and_priced() -> None:
    body = encode("gpt-6.2-sol", cache_life="12h")
    assert body["prompt_cache_options"] == {"mode": "explicit", "ttl": "12h"}
    pricing = OpenAITransport("gpt-6.2-sol", cache_life="12h").profile.pricing
    assert pricing is not None
    assert pricing.cache_write == 5


@pytest.mark.parametrize(
    ("model", "option", "told"),
    [
        ("gpt-6-luna", {"service_tier": "fast"}, "choices are default, flex, priority"),
        ("gpt-6-luna", {"service_tier": "batch"}, "choices are default, flex, priority"),
        ("gpt-6-luna", {"cache_life": "1d"}, "choices are 12h, 30m"),
        ("gpt-4.1", {"cache_life": "12h"}, "none for this model; leave it out"),
    ],
)
def test_a_tier_or_life_that_has_no_price_is_refused(
    model: str, option: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        OpenAITransport(model, **option)


def test_a_price_of_ones_own_is_not_multiplied() -> None:
    own = Pricing(input=Decimal(3), output=Decimal(9))
    assert OpenAITransport("gpt-6-luna", service_tier="flex", pricing=own).profile.pricing == own


# -- models that are gone ------------------------------------------------------------------------


def test_a_model_past_its_day_warns_once_at_construction_with_its_replacement() -> None:
    with pytest.warns(UserWarning, match="old-model was shut down .* recommends new-model") as told:
        OpenAITransport("old-model", models=TABLE.with_models(GONE))
    assert len(told) == 1
    assert told[0].filename == __file__


@pytest.mark.parametrize(
    "options",
    [
        {"models": TABLE.with_models(GOING)},
        {"models": TABLE.with_models(GONE), "base_url": "http://127.0.0.1:1/v1"},
        {"models": TABLE.with_models(GONE), "warn": False},
    ],
)
def test_no_other_server_and_no_day_to_come_warns(options: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        OpenAITransport("old-model", **options)


def test_an_agent_that_only_reads_its_cache_does_not_look_at_the_clock(tmp_path: Path) -> None:
    table = TABLE.with_models(GONE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        InspectionAgent(
            "openai:old-model", models=table, cache=tmp_path / "c.sqlite", cache_mode="only"
        ).close()
    with pytest.warns(UserWarning, match="was shut down"):
        InspectionAgent("openai:old-model", models=table).close()


@pytest.mark.parametrize("api", ["responses", "chat"])
def test_a_server_that_no_longer_has_a_model_raises_with_the_replacement(api: str) -> None:
    with StandIn(lambda _: failure(404, "model_not_found")) as server:
        engine = OpenAITransport(
            "old-model",
            base_url=server.url,
            api=api,  # type: ignore[arg-type]
            models=TABLE.with_models(GONE),
        )
        with pytest.raises(BadRequest, match="recommends new-model"):
            asyncio.run(send(engine))


def test_a_check_fails_for_a_model_that_the_server_says_is_gone() -> None:
    row = ModelInfo(name="gpt-x", replacement="new-model")
    found = check(row, {"id": "gpt-x", "shutdown_date": "2020-01-01"})
    assert found.ok is False
    assert found.problems[-1] == (
        "gpt-x was shut down on 2020-01-01; its provider recommends new-model."
    )


@pytest.mark.parametrize(
    ("row", "listed", "told"),
    [
        (ModelInfo(name="gpt-x"), {"shutdown_date": "9999-01-01"}, "will be shut down on 9999"),
        (ModelInfo(name="gpt-x"), {"shutdown_date": None}, None),
        (ModelInfo(name="gpt-x"), {"shutdown_date": "soon"}, None),
        (ModelInfo(name="gpt-x"), None, None),  # the server lists no models
        (GONE, {"id": "old-model"}, None),  # another server may keep it for longer
    ],
)
def test_a_check_tells_a_day_to_come_and_is_fine(
    row: ModelInfo, listed: Mapping[str, Any] | None, told: str | None
) -> None:
    found = check(row, listed)
    assert found.ok
    if told is None:
        assert "shut down" not in (found.message or "")
    else:
        assert told in (found.message or "")


def test_a_snapshot_has_the_price_and_the_day_of_its_model() -> None:
    row = GONE.model_copy(update={"pricing": Pricing(input=Decimal(1), output=Decimal(2))})
    with pytest.warns(UserWarning, match="old-model was shut down"):
        engine = OpenAITransport("old-model-2019-05-05", models=TABLE.with_models(row))
    assert engine.profile.pricing == row.pricing


def test_an_answer_of_a_known_model_is_read_as_before() -> None:
    with StandIn(lambda body: responses(seen(body))) as server:
        engine = OpenAITransport("gpt-6-luna", base_url=server.url, service_tier="flex")
        response = asyncio.run(send(engine))
    assert engine.profile.pricing is not None
    assert response.usage.usd == engine.profile.pricing.compute_usd(response.usage) > 0


@pytest.mark.parametrize(
    ("options", "photos"),
    [
        ({"model": "gpt-4.1"}, 3),
        ({"model": "gpt-6-luna"}, 4),
        ({"model": "gpt-6-luna", "reasoning": "none"}, 3),
    ],
)
def test_a_model_that_thinks_first_gets_more_photos_in_a_request(
    options: dict[str, Any], photos: int
) -> None:
    assert OpenAITransport(**options, api_key="k").profile.photos_per_request == photos
