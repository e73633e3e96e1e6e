"""The OpenAI engine against a stand-in server: bodies, answers, faults."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import pickle
from collections.abc import Callable, Iterator
from contextlib import aclosing, closing
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from pydantic import SecretStr

from inspectiq import (
    ConfigError,
    InspectionAgent,
    InspectIQError,
    Limits,
    OpenAITransport,
    Photo,
    RateLimited,
    TransportError,
    VisionRequest,
    VisionResponse,
)
from inspectiq.errors import (
    AuthenticationFailed,
    BadRequest,
    OutputFiltered,
    ProviderTimeout,
    ProviderUnavailable,
    QuotaExhausted,
)
from inspectiq.transports import check_response
from tests.transports import requests
from tests.transports.openai.stand_in import Answer, StandIn, chat, failure, responses, seen


def request_of(n: int) -> VisionRequest:
    return replace(requests.request_of(n), max_output_tokens=1000 * n)


KEY = "sk-planted-key-0123456789"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"):
        monkeypatch.delenv(name, raising=False)


def ask(
    script: Callable[[dict[str, Any]], Answer], n: int = 1, **options: Any
) -> tuple[VisionResponse, StandIn]:
    """One call to a stand-in."""

    async def go() -> VisionResponse:
        engine = OpenAITransport(
            options.pop("model", "gpt-4.1"),
            base_url=server.url,
            **{"api_key": KEY, "timeout": 5, **options},
        )
        try:
            return await engine.send(request_of(n))
        finally:
            await engine.aclose()

    with StandIn(script) as server:
        return asyncio.run(go()), server


def by_api(api: str) -> Callable[[dict[str, Any]], Answer]:
    answer = responses if api == "responses" else chat
    return lambda body: answer(seen(body))


@pytest.mark.parametrize("api", ["responses", "chat"])
def test_an_answer_comes_with_usage_request_id_and_what_was_sent(api: str) -> None:
    response, server = ask(by_api(api), n=2, api=api)
    assert check_response(request_of(2), response).problems == {}
    assert response.finish == "stop"
    assert response.request_id == "req_1"
    assert response.engine.model == "gpt-4.1-2025-04-14"
    usage = response.usage
    assert (usage.requests, usage.input_tokens, usage.output_tokens) == (1, 1000, 50)
    assert (usage.cached_tokens, usage.reasoning_tokens) == (256, 10)
    assert usage.usd is not None
    assert usage.usd > 0
    assert set(response.sent) == {"1", "2"}
    assert response.raw.status_code == 200
    assert pickle.loads(pickle.dumps(response)).raw is None
    assert len(server.bodies) == 1


def test_an_answer_keeps_nothing_of_what_was_sent() -> None:
    response, _ = ask(by_api("responses"))
    assert response.raw.status_code == 200
    gc.collect()
    held = (one for holder in gc.get_objects() for one in gc.get_referents(holder))
    bodies = [one for one in held if isinstance(one, bytes) and one.startswith(b'{"model":"gpt')]
    assert not [body for body in bodies if b"data:image/jpeg" in body]


def test_responses_are_not_stored_and_say_detail_schema_and_limit() -> None:
    _, server = ask(by_api("responses"), n=2, detail="low")
    (body,) = server.bodies
    assert body["store"] is False
    assert body["max_output_tokens"] == 2000
    assert body["text"]["format"]["strict"] is True
    told, asked = body["input"]
    assert told["role"] == "developer"
    pictures = [part for part in asked["content"] if part["type"] == "input_image"]
    assert [part["detail"] for part in pictures] == ["low", "low"]
    assert all(part["image_url"].startswith("data:image/jpeg;base64,") for part in pictures)
    labels = [part["text"] for part in asked["content"] if part["type"] == "input_text"]
    assert labels[1:] == ["Photo 1", "Photo 2"]


def test_the_stable_part_comes_first_and_only_it_is_written_to_a_cache_that_costs() -> None:
    _, server = ask(by_api("responses"), model="gpt-5.6-luna")
    (body,) = server.bodies
    assert body["prompt_cache_options"] == {"mode": "explicit"}
    assert "prompt_cache_breakpoint" in body["input"][0]["content"][0]
    assert "temperature" not in body


def test_an_older_server_is_asked_in_its_own_words() -> None:
    with pytest.warns(UserWarning, match="not in the model table"):
        _, server = ask(by_api("chat"), model="qwen2.5-vl", api="chat")
    (body,) = server.bodies
    assert "max_tokens" in body
    assert "max_completion_tokens" not in body
    assert "temperature" not in body
    assert isinstance(body["messages"][0]["content"], str)


def test_a_server_without_strict_schemas_is_asked_for_json_and_may_fence_it() -> None:
    def fenced(body: dict[str, Any]) -> Answer:
        assert body["response_format"] == {"type": "json_object"}
        schema = body["messages"][0]["content"].split("JSON Schema:\n")[1]
        form = {"response_format": {"json_schema": {"schema": json.loads(schema)}}}
        return chat(f"```json\n{json.dumps(seen(form))}\n```")

    response, _ = ask(fenced, api="chat", strict_schemas=False)
    assert check_response(request_of(1), response).problems == {}


@pytest.mark.parametrize(
    ("answer", "finish"),
    [
        (
            responses("{", status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
            "length",
        ),
        (
            responses("", status="incomplete", incomplete_details={"reason": "content_filter"}),
            "filter",
        ),
        (
            responses(
                "",
                output=[{"type": "message", "content": [{"type": "refusal", "refusal": "No."}]}],
            ),
            "refusal",
        ),
    ],
)
def test_why_a_response_ended_is_read_before_its_text(answer: Answer, finish: str) -> None:
    response, _ = ask(lambda _: answer)
    assert response.finish == finish
    assert response.usage.input_tokens == 1000


@pytest.mark.parametrize(
    ("answer", "finish"),
    [
        (chat("{", finish="length"), "length"),
        (chat("", finish="content_filter"), "filter"),
        (chat("", refusal="No."), "refusal"),
    ],
)
def test_why_a_chat_completion_ended_is_read_before_its_text(answer: Answer, finish: str) -> None:
    response, _ = ask(lambda _: answer, api="chat")
    assert response.finish == finish


FAULTS: list[tuple[Answer, type[InspectIQError], bool]] = [
    (failure(401, "invalid_api_key"), AuthenticationFailed, False),
    (failure(403), AuthenticationFailed, False),
    (failure(404, "model_not_found"), BadRequest, False),
    (failure(400, "invalid_value"), BadRequest, False),
    (failure(400, "content_policy_violation"), OutputFiltered, False),
    (failure(413), BadRequest, False),
    (failure(429, "insufficient_quota"), QuotaExhausted, False),
    (failure(429, "rate_limit_exceeded", retry_after_ms="250"), RateLimited, True),
    (failure(429), RateLimited, True),
    (failure(408), ProviderTimeout, True),
    (failure(500), ProviderUnavailable, True),
    (failure(503, retry_after="2"), ProviderUnavailable, True),
    (failure(500, x_should_retry="false"), ProviderUnavailable, False),
    (Answer("<html>Welcome to our hotel's network</html>"), ProviderUnavailable, True),
    (Answer([1, 2]), ProviderUnavailable, True),
    (Answer({"hello": "world"}), ProviderUnavailable, True),
    (Answer({"x": "y" * 99}, fault="truncate"), ProviderUnavailable, True),
    (Answer({}, fault="reset"), ProviderUnavailable, True),
    (responses("", status="failed", error={"code": "server_error"}), ProviderUnavailable, True),
    (responses("", status="failed", error={"code": "rate_limit_exceeded"}), RateLimited, True),
    (responses("", status="failed", error={"code": "invalid_image"}), BadRequest, False),
    (responses("", status="failed", error={"code": "image_policy"}), OutputFiltered, False),
]


@pytest.mark.parametrize(("answer", "kind", "retryable"), FAULTS)
def test_each_fault_becomes_its_typed_error(
    answer: Answer, kind: type[InspectIQError], retryable: bool
) -> None:
    with pytest.raises(InspectIQError) as caught:
        ask(lambda _: answer)
    error = caught.value
    assert type(error) is kind
    assert getattr(error, "retryable", False) is retryable
    assert error.attempts == 1
    for planted in ("sk-planted", "jane@example.org", "hotel"):
        assert planted not in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))
    if isinstance(error, TransportError):
        assert error.provider == "openai"


def _rate_limited(headers: dict[str, str], _: dict[str, Any]) -> Answer:
    return failure(429, **headers)


def test_waits_that_the_server_asks_for_are_read_in_all_their_forms() -> None:
    for headers, seconds in (
        ({"retry_after_ms": "250"}, 0.25),
        ({"retry_after": "2"}, 2.0),
        ({"retry_after": "Mon, 01 Jan 2001 00:00:00 GMT"}, 0.0),
        ({"retry_after": "soon"}, None),
    ):
        with pytest.raises(RateLimited) as caught:
            ask(partial(_rate_limited, headers))
        assert caught.value.retry_after == seconds


def test_rate_headers_reach_the_response_and_the_error() -> None:
    said = {"x-ratelimit-remaining-requests": "7"}

    def good(body: dict[str, Any]) -> Answer:
        answer = responses(seen(body))
        answer.headers = said
        return answer

    response, _ = ask(good)
    assert response.rate_headers == said
    with pytest.raises(RateLimited) as caught:
        ask(lambda _: failure(429, x_ratelimit_remaining_requests="0"))
    assert caught.value.rate_headers == {"x-ratelimit-remaining-requests": "0"}


def test_a_hang_ends_at_the_timeout() -> None:
    with pytest.raises(ProviderTimeout, match="did not answer within"):
        ask(lambda _: Answer({}, hang=3), timeout=0.05)


def test_a_server_that_is_not_there_is_unavailable() -> None:
    engine = OpenAITransport("gpt-4.1", base_url="http://127.0.0.1:9/v1")

    async def go() -> None:
        try:
            await engine.send(request_of(1))
        finally:
            await engine.aclose()

    with pytest.raises(ProviderUnavailable, match="base_url"):
        asyncio.run(go())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("given", [False, True], ids=["own client", "host's client"])
def test_a_redirect_is_not_followed_and_says_what_to_give(status: int, given: bool) -> None:
    from openai import AsyncOpenAI

    async def go() -> None:
        async with AsyncOpenAI(api_key=KEY, base_url=server.url) as client:
            options = {"client": client} if given else {"base_url": server.url, "api_key": KEY}
            async with aclosing(OpenAITransport("gpt-4.1", **options)) as engine:
                await engine.send(request_of(1))

    with (
        StandIn(by_api("responses")) as other,
        StandIn(lambda _: Answer({}, status, {"location": f"{other.url}/planted"})) as server,
        pytest.raises(BadRequest) as caught,
    ):
        asyncio.run(go())
    assert other.bodies == []
    assert f"answered {status}, a redirect" in str(caught.value)
    assert "base_url=" in str(caught.value)
    assert "planted" not in str(caught.value)
    assert (caught.value.status_code, caught.value.is_callers) == (status, True)
    assert not caught.value.retryable


# -- keys ----------------------------------------------------------------------------------------


def test_no_key_says_how_to_mend_it() -> None:
    with pytest.raises(ConfigError, match=r"OPENAI_API_KEY.*offline"):
        OpenAITransport("gpt-4.1")


async def _async_key() -> SecretStr:
    return SecretStr(KEY)


@pytest.mark.parametrize("key", [KEY, SecretStr(KEY), lambda: KEY, _async_key])
def test_a_key_is_text_a_secret_or_a_function(key: Any) -> None:
    _, server = ask(by_api("responses"), api_key=key)
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_a_key_function_is_asked_at_each_call_and_may_fail() -> None:
    keys: Iterator[str] = iter(["sk-first-0123456789", "sk-second-0123456789"])

    async def go() -> None:
        engine = OpenAITransport("gpt-4.1", base_url=server.url, api_key=lambda: next(keys))
        for _ in range(2):
            await engine.send(request_of(1))
        with pytest.raises(AuthenticationFailed, match="api_key") as caught:
            await engine.send(request_of(1))
        assert caught.value.attempts == 0
        await engine.aclose()

    with StandIn(by_api("responses")) as server:
        asyncio.run(go())
    sent = [headers["authorization"] for headers in server.headers]
    assert sent == ["Bearer sk-first-0123456789", "Bearer sk-second-0123456789"]


# -- options -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"detail": "auto"}, "auto"),
        ({"detail": "original"}, "original"),
        ({"api": "assistants"}, "assistants"),
        ({"reasoning": "high"}, "reasoning"),
        ({"model": ""}, "OPENAI_MODEL"),
    ],
)
def test_an_option_that_cannot_work_is_refused_at_once(options: dict[str, Any], said: str) -> None:
    model = options.pop("model", "gpt-4.1")
    with pytest.raises(ConfigError, match=said):
        OpenAITransport(model, api_key=KEY, **options)


def test_a_money_budget_is_refused_where_the_price_is_not_known() -> None:
    with pytest.warns(UserWarning, match="not in the model table"):
        engine = OpenAITransport("mystery-1", api_key=KEY)
    with pytest.raises(ConfigError, match="price"):
        InspectionAgent(engine, limits=Limits(usd=Decimal(1)))


def test_the_identity_tells_engines_apart_by_all_that_decides_their_answers() -> None:
    engines = [
        OpenAITransport("gpt-4.1", api_key=KEY),
        OpenAITransport("gpt-4o", api_key=KEY),
        OpenAITransport("gpt-4.1", api_key=KEY, detail="low"),
        OpenAITransport("gpt-4.1", api_key=KEY, temperature=1.0),
        OpenAITransport("gpt-4.1", api_key=KEY, base_url="http://127.0.0.1:9/v1"),
    ]
    assert len({engine.profile.identity for engine in engines}) == len(engines)
    same = OpenAITransport("gpt-4.1", api_key="sk-another-0123456789")
    assert same.profile.identity == engines[0].profile.identity


# -- life ----------------------------------------------------------------------------------------


def test_one_transport_serves_many_loops_one_after_another() -> None:
    with StandIn(by_api("responses")) as server:
        engine = OpenAITransport("gpt-4.1", base_url=server.url, api_key=KEY)

        async def go() -> VisionResponse:
            try:
                return await engine.send(request_of(1))
            finally:
                await engine.aclose()

        assert [asyncio.run(go()).finish for _ in range(3)] == ["stop"] * 3


def test_a_client_that_was_passed_in_is_used_and_never_closed() -> None:
    async def go() -> None:
        from openai import AsyncOpenAI

        async with AsyncOpenAI(api_key=KEY, base_url=server.url) as client:
            engine = OpenAITransport("gpt-4.1", client=client)
            await engine.send(request_of(1))
            await engine.aclose()
            assert not client.is_closed()
            await engine.send(request_of(1))

    with StandIn(by_api("responses")) as server:
        asyncio.run(go())
    assert len(server.bodies) == 2


# -- check ---------------------------------------------------------------------------------------


# -- discretion ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_waits")
def test_no_secret_photo_or_address_reaches_a_log_at_debug(
    caplog: pytest.LogCaptureFixture, photos: Callable[..., tuple[Photo, ...]]
) -> None:
    for name in ("", "openai", "httpx", "httpx2", "httpcore", "httpcore2", "inspectiq"):
        caplog.set_level(logging.DEBUG, logger=name)
    script = iter([failure(500), failure(401, "invalid_api_key")])
    with StandIn(lambda _: next(script)) as server:
        engine = OpenAITransport(
            "gpt-4.1", base_url=f"{server.url}?token=planted-token", api_key=KEY
        )
        with closing(engine), pytest.raises(AuthenticationFailed):
            InspectionAgent(engine).inspect(
                photos(1), description="call jane@example.org", property={"address": "1 Plant Rd"}
            )
    text = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    for planted in ("planted", "jane@example.org", "Plant Rd", "base64"):
        assert planted not in text
    assert any(record.name.startswith("httpcore") for record in caplog.records)
    assert any(record.name == "inspectiq.events" for record in caplog.records)


def test_a_model_that_would_think_much_is_told_to_think_little_unless_asked() -> None:
    _, server = ask(by_api("responses"), model="gpt-5.6-luna")
    assert server.bodies[0]["reasoning"] == {"effort": "low"}
    _, server = ask(by_api("responses"), model="gpt-5.6-luna", reasoning="high")
    assert server.bodies[0]["reasoning"] == {"effort": "high"}
    _, server = ask(by_api("responses"), model="gpt-5.4-mini")
    assert "reasoning" not in server.bodies[0]


async def test_closing_from_sync_code_inside_a_loop_does_not_wait_for_that_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with StandIn(by_api("responses")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        with InspectionAgent("openai:gpt-4.1") as agent:
            assert (await agent.acheck()).ok is not None
        await asyncio.sleep(0)  # now the loop closes its own client
        await asyncio.sleep(0.01)
