"""LiteLLM's proxy, as it really passes on what the server behind it says."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from inspectiq import InspectIQError, OpenAITransport, RateLimited, VisionResponse
from inspectiq.errors import (
    BadRequest,
    OutputFiltered,
    OutputTruncated,
    ProviderUnavailable,
    QuotaExhausted,
)
from inspectiq.transports import check_response
from tests.foreign.servers import MASTER_KEY, litellm_proxy
from tests.transports.openai.stand_in import Answer, StandIn, chat
from tests.transports.requests import request_of

pytestmark = pytest.mark.foreign

GOOD = {"photos": {"photo_1": "assessed"}, "issues": []}


def error(status: int, message: str, code: str, **headers: str) -> Answer:
    body = {"error": {"message": message, "type": "some_error", "param": None, "code": code}}
    return Answer(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


@dataclass
class Behind:
    """What the server behind the proxy answers, and how often it was asked."""

    url: str
    answer: Answer
    asked: list[Any]


@pytest.fixture(scope="module")
def behind() -> Iterator[Behind]:
    known = Behind("", chat(GOOD), [])
    with StandIn(lambda _: known.answer) as server, litellm_proxy(server.url) as url:
        known.url, known.asked = url, server.bodies
        yield known


def ask(behind: Behind, answer: Answer) -> VisionResponse:
    behind.answer = answer
    behind.asked.clear()

    async def go() -> VisionResponse:
        engine = OpenAITransport("m", api="chat", base_url=behind.url, api_key=MASTER_KEY)
        try:
            return check_response(request_of(1), await engine.send(request_of(1)))
        finally:
            await engine.aclose()

    with pytest.warns(UserWarning, match="not in the model table"):
        return asyncio.run(go())


def test_a_finished_answer_comes_through_with_its_usage(behind: Behind) -> None:
    response = ask(behind, chat(GOOD))
    assert response.problems == {}
    assert (response.usage.input_tokens, response.usage.output_tokens) == (1000, 50)


@pytest.mark.parametrize("finish", ["error", "abort", "network_error"])
def test_an_end_that_the_proxy_calls_stop_is_none(behind: Behind, finish: str) -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        ask(behind, chat(GOOD, finish=finish))
    assert caught.value.usage is not None
    assert caught.value.usage.input_tokens == 1000


FAULTS = {
    "no credit": (
        error(
            429,
            "You exceeded your current quota, please check your plan and billing details.",
            "insufficient_quota",
        ),
        QuotaExhausted,
    ),
    "too fast": (
        error(
            429, "Rate limit reached on requests per min", "rate_limit_exceeded", retry_after="7"
        ),
        RateLimited,
    ),
    "a filtered prompt": (
        error(
            400,
            "The response was filtered due to the prompt triggering Azure OpenAI's content "
            "management policy.",
            "content_filter",
        ),
        OutputFiltered,
    ),
    "too long": (
        error(
            400, "This model's maximum context length is 8192 tokens.", "context_length_exceeded"
        ),
        BadRequest,
    ),
    "a filtered answer": (chat("", finish="SAFETY"), OutputFiltered),
    "cut off": (chat("{", finish="length"), OutputTruncated),
    "down": (error(500, "boom", "server_error"), ProviderUnavailable),
    "no such model": (error(404, "The model `x` does not exist", "model_not_found"), BadRequest),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_although_its_code_is_lost(behind: Behind, name: str) -> None:
    answer, kind = FAULTS[name]
    with pytest.raises(InspectIQError) as caught:
        ask(behind, answer)
    assert type(caught.value) is kind
    assert len(behind.asked) == 1
    assert getattr(caught.value, "retry_after", None) == (7.0 if name == "too fast" else None)
    reasons = {"too long": "too_large", "no such model": "model"}
    assert getattr(caught.value, "reason", None) == reasons.get(name)
