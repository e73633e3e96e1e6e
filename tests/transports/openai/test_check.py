"""A check of servers that do, and do not do, what they are asked; their answers are scripted."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from PIL import Image

from inspectiq import InspectionAgent, OpenAITransport
from inspectiq.transports import EngineHealth
from tests.transports.openai.stand_in import Answer, StandIn, chat, failure, responses

READ = {"word": "chimney", "mark": "as agreed"}


def check(
    script: Callable[[dict[str, Any]], Answer], **options: Any
) -> tuple[EngineHealth, list[dict[str, Any]]]:
    with StandIn(script) as server:
        engine = OpenAITransport("gpt-4.1", base_url=server.url, api_key="sk-x", **options)
        with closing(engine):
            return InspectionAgent(engine).check(), server.bodies


def answering(answer: Any, counted: int = 16) -> Callable[[dict[str, Any]], Answer]:
    """A server that gives this answer about the picture, and counts that far."""

    def script(body: dict[str, Any]) -> Answer:
        if "numbers" in json.dumps(body):
            made = responses("[1, 2, 3", status="incomplete")
            made.body["usage"]["output_tokens"] = counted
            return made
        made = responses(answer)
        made.headers = {"x-ratelimit-limit-requests": "500"}
        return made

    return script


def test_a_server_that_does_all_of_it_is_fine_and_the_check_says_what_it_cost() -> None:
    found, bodies = check(answering(READ))
    assert (found.ok, found.message, found.problems) == (True, None, ())
    assert found.usage is not None
    assert (found.usage.requests, found.usage.input_tokens, found.usage.output_tokens) == (
        2,
        2000,
        66,
    )
    assert found.usage.usd
    assert found.rate is not None
    assert found.rate.limit_requests == 500
    assert len(json.dumps(bodies)) < 20_000


def test_the_picture_that_is_sent_has_the_word_in_it_and_is_small() -> None:
    _, bodies = check(answering(READ))
    (part,) = [part for part in bodies[0]["input"][1]["content"] if part["type"] == "input_image"]
    jpeg = base64.b64decode(part["image_url"].partition(",")[2])
    picture = Image.open(io.BytesIO(jpeg))
    assert picture.width * picture.height <= 320 * 128
    dark = sum(picture.convert("L").histogram()[:128])
    assert 0.03 < dark / (picture.width * picture.height) < 0.5


def test_a_model_that_did_not_see_the_picture_would_not_work() -> None:
    found, _ = check(answering({"word": "hello", "mark": "as agreed"}))
    assert found.ok is False
    assert "takes pictures" in (found.message or "")


@pytest.mark.parametrize("answer", ["The word is CHIMNEY.", {"word": "CHIMNEY"}])
def test_a_schema_that_is_not_kept_to_is_told_with_its_cure(answer: Any) -> None:
    found, _ = check(answering(answer))
    assert found.ok
    (problem,) = found.problems
    assert "strict_schemas=False" in problem


def test_without_strict_schemas_only_the_picture_is_asked_for() -> None:
    def script(body: dict[str, Any]) -> Answer:
        return chat(f"Here it is:\n```JSON\n{json.dumps({'word': 'CHIMNEY'})}\n```")

    found, _ = check(script, api="chat", strict_schemas=False)
    # The stand-in's 50 tokens for counting are more than it was allowed.
    assert [problem.split(":")[0] for problem in found.problems] == [
        "The server does not keep to the bound on an answer"
    ]


def test_a_bound_that_is_not_kept_to_is_told_with_its_cure() -> None:
    found, _ = check(answering(READ, counted=290))
    assert found.ok
    assert "timeout=" in found.problems[0]


def test_a_model_that_thinks_is_not_asked_to_count() -> None:
    with StandIn(answering(READ)) as server:
        engine = OpenAITransport("gpt-5.4", reasoning="low", base_url=server.url, api_key="sk-x")
        with closing(engine):
            assert InspectionAgent(engine).check().ok
    assert len(server.bodies) == 1


def test_a_fault_is_told_by_its_class_and_its_cure() -> None:
    found, bodies = check(lambda _: failure(429, "insufficient_quota"))
    assert (found.ok, found.error, len(bodies)) == (False, "QuotaExhausted", 1)

    def no_vision(body: dict[str, Any]) -> Answer:
        return Answer({"error": {"message": "image input is not supported", "code": 500}}, 500)

    found, _ = check(no_vision)
    assert (found.ok, found.error) == (False, "BadRequest")
    assert "takes no pictures" in (found.message or "")
