"""What servers and gateways really send, from public reports, and what comes of a photo.

Each body is rebuilt by hand and served for every request. The outcome, the number of requests and
the usage are told; whatever was refused is said by its class.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from inspectiq import (
    InspectionAgent,
    InspectIQError,
    OpenAITransport,
    Photo,
    Transport,
    TransportError,
    VisionRequest,
    VisionResponse,
    WrapperTransport,
    _sync,
)
from inspectiq.transports import Checked, Retry, RetryBudget
from inspectiq.transports._base import aclose
from inspectiq.transports._openai.error_mapping import Attempt, map_error
from tests.conftest import render_jpeg
from tests.transports.openai.stand_in import Answer, StandIn

KEY = "sk-planted-key-0123456789"
GOOD = '{"photos": {"photo_1": "assessed"}, "issues": []}'
HALF = '{"photos": {"photo_1": "assessed"}, "iss'
USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


@dataclass
class Kind:
    """A kind of answer.

    Attributes:
        body: JSON values, or text as it is sent.
        should: `assessed`, or the class of the fault.
        requests: How often it is asked for.
        mended: What is counted as mended.
        paid: Input and output tokens of each request; None for none told.
        reason: Of a BadRequest.
        strict: Whether the server promised to keep to schemas.
    """

    body: Any
    should: str
    requests: int = 1
    mended: tuple[str, ...] = ()
    paid: tuple[int, int] | None = (10, 5)
    reason: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    strict: bool = True


def chat(content: Any = GOOD, finish: Any = "stop", **changes: Any) -> dict[str, Any]:
    """A chat completion; `message=`, `choice=` and `body=` add to its parts."""
    message = {"role": "assistant", "content": content, **changes.pop("message", {})}
    choice = {"index": 0, "finish_reason": finish, "message": message, **changes.pop("choice", {})}
    body = {"id": "c", "object": "chat.completion", "model": "m", "choices": [choice]}
    return {**body, "usage": USAGE, **changes}


def message(*parts: Any, **changes: Any) -> dict[str, Any]:
    content = [{"type": "output_text", "text": part} if isinstance(part, str) else part
               for part in parts]  # fmt: skip
    return {"type": "message", "role": "assistant", "content": content, **changes}


def response(*items: Any, status: Any = "completed", **changes: Any) -> dict[str, Any]:
    """An answer of the Responses API."""
    body = {"id": "r", "object": "response", "status": status, "model": "m", "output": [*items]}
    return {**body, "usage": {"input_tokens": 10, "output_tokens": 5}, **changes}


def error(**fields: Any) -> dict[str, Any]:
    return {"error": fields}


NOT_SAID = "finished, nobody knows how"
CALL = {"id": "1", "type": "function", "function": {"name": "answer", "arguments": GOOD}}
FILTERED = {"violence": {"filtered": True, "severity": "high"}}

CHAT: dict[str, Kind] = {
    # -- ends -----------------------------------------------------------------------------------
    "stop": Kind(chat(), "assessed"),
    "STOP": Kind(chat(finish="STOP"), "assessed"),
    "end_turn": Kind(chat(finish="end_turn"), "assessed"),
    "eos": Kind(chat(finish="eos"), "assessed"),
    "length": Kind(chat(HALF, "length"), "OutputTruncated", 2),
    "max_tokens": Kind(chat(HALF, "max_tokens"), "OutputTruncated", 2),
    "model_length": Kind(chat(HALF, "model_length"), "OutputTruncated", 2),
    "whole but cut off": Kind(chat(GOOD, "length"), "OutputTruncated", 2),
    "error": Kind(chat(GOOD, "error"), "ProviderUnavailable", 4),
    "abort": Kind(chat(GOOD, "abort"), "ProviderUnavailable", 4),
    "null": Kind(chat(GOOD, None), "ProviderUnavailable", 4),
    "no end": Kind(chat(GOOD, choice={"finish_reason": ""}), "ProviderUnavailable", 4),
    "network_error": Kind(chat(GOOD, "network_error"), "ProviderUnavailable", 4),
    "unheard of": Kind(chat(GOOD, "wandered_off"), "OutputInvalid", 3),
    "a number": Kind(chat(GOOD, 1), "OutputInvalid", 3),
    "native error": Kind(
        chat(choice={"provider_specific_fields": {"native_finish_reason": "error"}}),
        "ProviderUnavailable",
        4,
    ),
    "native null": Kind(
        chat(choice={"provider_specific_fields": {"native_finish_reason": None}}),
        "ProviderUnavailable",
        4,
    ),
    "native in the message": Kind(
        chat(message={"provider_specific_fields": {"native_finish_reason": "abort"}}),
        "ProviderUnavailable",
        4,
    ),
    "native safety": Kind(chat(choice={"native_finish_reason": "SAFETY"}), "OutputFiltered"),
    "native completed": Kind(chat(choice={"native_finish_reason": "completed"}), "assessed"),
    "an error in the choice": Kind(
        chat("", "error", choice={"error": {"code": 502, "message": "upstream"}}),
        "ProviderUnavailable",
        4,
    ),
    "an error beside a whole answer": Kind(
        chat(choice={"error": {"code": 503, "message": "gone"}}), "ProviderUnavailable", 4
    ),
    "no choices": Kind(chat(choices=[]), "ProviderUnavailable", 4),
    "choices null": Kind(chat(choices=None), "ProviderUnavailable", 4),
    "no message": Kind(
        chat(choices=[{"index": 0, "finish_reason": "stop"}]), "ProviderUnavailable", 4
    ),
    "two different answers": Kind(
        chat(
            choices=[
                {"finish_reason": "stop", "message": {"content": text}}
                for text in (GOOD, GOOD.replace("assessed", "unseen"))
            ]
        ),
        "OutputInvalid",
        3,
    ),
    # -- filters and refusals -------------------------------------------------------------------
    "content_filter": Kind(chat("", "content_filter"), "OutputFiltered"),
    "SAFETY": Kind(chat(None, "SAFETY"), "OutputFiltered"),
    "PROHIBITED_CONTENT": Kind(
        chat(None, "content_filter: PROHIBITED_CONTENT"), "OutputFiltered"
    ),
    "sensitive": Kind(chat(None, "sensitive"), "OutputFiltered"),
    "guardrail": Kind(chat(GOOD, "guardrail_intervened"), "OutputFiltered"),
    "filtered without a message": Kind(
        chat(
            choices=[
                {"index": 0, "finish_reason": "content_filter", "content_filter_results": FILTERED}
            ]
        ),
        "OutputFiltered",
    ),
    "filtered and called stop": Kind(
        chat(choice={"content_filter_results": FILTERED}), "OutputFiltered"
    ),
    "refusal": Kind(chat(None, message={"refusal": "No."}), "OutputRefused"),
    "refusal as an end": Kind(chat(None, "refusal"), "OutputRefused"),
    "refusal in words": Kind(chat("I am sorry, but no."), "OutputInvalid", 3),
    # -- where and how the answer stands --------------------------------------------------------
    "thinking": Kind(
        chat(f"<think>\nA {{crack}}?\n</think>\n{GOOD}"), "assessed", 1, ("thinking",)
    ),
    "only the end of thinking": Kind(chat(f"Hm.\n</think>{GOOD}"), "assessed", 1, ("thinking",)),
    "an answer that is only thought": Kind(chat(f"<think>{GOOD}"), "OutputInvalid", 3),
    "fence": Kind(chat(f"```JSON\n{GOOD}\n```"), "assessed", 1, ("fence",)),
    "prose": Kind(chat(f"Here {{it}} is: {GOOD} Done."), "assessed", 1, ("prose",)),
    "prose and fence, as told": Kind(
        chat(f"Look:\n```json\n{GOOD}\n```"), "assessed", 1, ("fence", "prose"), strict=False
    ),
    "twice the same": Kind(chat(f"{GOOD}\n{GOOD}"), "assessed"),
    "two that differ": Kind(
        chat(GOOD + '{"photos": {"photo_1": "assessed"}, "issues": [{}]}'), "OutputInvalid", 3
    ),
    "whole within broken": Kind(chat('{"answer": ' + GOOD + ', "more": [1, 2'), "OutputInvalid", 3),
    "tool arguments": Kind(
        chat(None, "tool_calls", message={"tool_calls": [CALL]}), "assessed", 1, ("tool_arguments",)
    ),
    "tool arguments as an object": Kind(
        chat(
            "",
            "tool_calls",
            message={"tool_calls": [{"function": {"arguments": json.loads(GOOD)}}]},
        ),
        "assessed",
        1,
        ("tool_arguments",),
    ),
    "function_call": Kind(
        chat(None, "function_call", message={"function_call": {"arguments": GOOD}}),
        "assessed",
        1,
        ("tool_arguments",),
    ),
    "tool_calls with content": Kind(
        chat(GOOD, "tool_calls", message={"tool_calls": [CALL]}), "OutputInvalid", 3
    ),
    "tool_calls without any": Kind(chat(None, "tool_calls"), "OutputInvalid", 3),
    "reasoning_content": Kind(
        chat(None, message={"reasoning_content": GOOD}), "assessed", 1, ("reasoning_content",)
    ),
    "reasoning_content, fenced": Kind(
        chat(None, message={"reasoning_content": f"```json\n{GOOD}\n```"}),
        "assessed",
        1,
        ("reasoning_content", "fence"),
    ),
    "a draft that reasoning_content goes on from": Kind(
        chat("", message={"reasoning_content": f"{GOOD} No, wait."}), "OutputInvalid", 3
    ),
    "a draft in reasoning_content": Kind(
        chat("", message={"reasoning_content": f"I might say {GOOD}"}), "OutputInvalid", 3
    ),
    "content as an object": Kind(
        chat(json.loads(GOOD)), "assessed", 1, ("content_as_object",)
    ),
    "content in parts": Kind(
        chat([{"type": "thinking", "thinking": "{}"}, {"type": "text", "text": GOOD}]), "assessed"
    ),
    "control characters": Kind(
        chat('{"photos": {"photo_1": {"unclear": "dark\x01\n", "retake": null}}, "issues": []}'),
        "unclear",
    ),
    "letter case": Kind(
        chat(GOOD.replace("assessed", "Assessed")), "assessed", 1, ("letter_case",)
    ),
    "unknown keys": Kind(
        chat(GOOD[:-1] + ', "note": "all fine"}'), "assessed", 1, ("unknown_keys",)
    ),
    "findings under another key": Kind(
        chat(GOOD[:-1] + ', "more": [{"issue_type": "clog"}]}'), "OutputInvalid", 3
    ),
    "a missing null": Kind(
        chat('{"photos": {"photo_1": {"unclear": "dark"}}, "issues": []}'),
        "unclear",
        1,
        ("missing_nulls",),
    ),
    "half of an emoji": Kind(
        chat('{"photos": {"photo_1": {"unclear": "\ud83d", "retake": null}}, "issues": []}'),
        "unclear",
    ),
    "an object within one that is cut off": Kind(
        chat('{"note": "a } b", "answer": ' + GOOD + ', "more": ['), "OutputInvalid", 3
    ),
    "another photo": Kind(chat(GOOD.replace("photo_1", "photo_7")), "OutputInvalid", 3),
    "null as answer": Kind(chat("null"), "OutputInvalid", 3),
    "a list as answer": Kind(chat(f"[{GOOD}]"), "OutputInvalid", 3),
    "nothing as answer": Kind(chat(""), "OutputInvalid", 3),
    # -- usage ----------------------------------------------------------------------------------
    "usage details as a list": Kind(
        chat(usage={**USAGE, "prompt_tokens_details": [{"modality": "IMAGE"}]}), "assessed"
    ),
    "usage details as text": Kind(
        chat(usage={**USAGE, "completion_tokens_details": "none"}), "assessed"
    ),
    "usage as text and floats": Kind(
        chat(usage={"prompt_tokens": "10", "completion_tokens": 5.0}), "assessed"
    ),
    "usage by the other names": Kind(
        chat(usage={"input_tokens": 10, "output_tokens": 5}), "assessed"
    ),
    "usage as a list": Kind(chat(usage=[USAGE]), "assessed"),
    "usage with thoughts in the total": Kind(
        chat(usage={"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 15}), "assessed"
    ),
    "usage negative": Kind(
        chat(usage={"prompt_tokens": -1, "completion_tokens": 5}), "assessed", paid=(0, 5)
    ),
    "usage null": Kind(chat(usage=None), "assessed", paid=(0, 0)),
    "usage without end": Kind(
        json.dumps(chat(usage={"prompt_tokens": 0})).replace('"prompt_tokens": 0',
        '"prompt_tokens": 1e999, "completion_tokens": ' + "9" * 400), "assessed", paid=(0, 0),
    ),
    # -- the other API, and no API --------------------------------------------------------------
    "an answer of the Responses API": Kind(
        response(message(GOOD)), "BadRequest", reason="api"
    ),
}  # fmt: skip

RESPONSES: dict[str, Kind] = {
    "completed": Kind(response(message(GOOD)), "assessed"),
    "commentary before": Kind(
        response(message("I look.", phase="commentary"), message(GOOD)), "assessed"
    ),
    "commentary after": Kind(
        response(message(GOOD, phase="final_answer"), message("Done.", phase="commentary")),
        "assessed",
    ),
    "commentary alone": Kind(response(message(GOOD, phase="commentary")), "OutputInvalid", 3),
    "two final messages": Kind(response(message("{}"), message(GOOD)), "assessed"),
    "reasoning text": Kind(
        response(
            {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "{}"}]},
            message({"type": "reasoning_text", "text": "{}"}, GOOD),
        ),
        "assessed",
    ),
    "content as text": Kind(response({"type": "message", "content": GOOD}), "assessed"),
    "a function call": Kind(
        response({"type": "function_call", "name": "a", "arguments": GOOD}),
        "assessed",
        1,
        ("tool_arguments",),
    ),
    "a function call that is cut off": Kind(
        response({"type": "function_call", "arguments": GOOD, "status": "incomplete"}),
        "OutputTruncated",
        2,
    ),
    "STOP is no status": Kind(response(message(GOOD), status="STOP"), "ProviderUnavailable", 4),
    "in_progress": Kind(response(status="in_progress"), "ProviderUnavailable", 4),
    "in_progress, whole": Kind(
        response(message(GOOD), status="in_progress"), "ProviderUnavailable", 4
    ),
    "cancelled": Kind(response(message(GOOD), status="cancelled"), "ProviderUnavailable", 4),
    "no status": Kind(response(message(GOOD), status=None), "ProviderUnavailable", 4),
    "unheard of": Kind(response(message(GOOD), status="resting"), "OutputInvalid", 3),
    "incomplete": Kind(
        response(
            message(HALF), status="incomplete", incomplete_details={"reason": "max_output_tokens"}
        ),
        "OutputTruncated",
        2,
    ),
    "incomplete, details as text": Kind(
        response(message(HALF), status="incomplete", incomplete_details="content_filter"),
        "OutputFiltered",
    ),
    "incomplete, no details": Kind(
        response(message(GOOD), status="incomplete"), "OutputTruncated", 2
    ),
    "an incomplete message in a completed answer": Kind(
        response(message(GOOD, status="incomplete")), "OutputTruncated", 2
    ),
    "failed": Kind(
        response(status="failed", error={"code": "server_error"}), "ProviderUnavailable", 4
    ),
    "failed, no credit": Kind(
        response(status="failed", error={"code": "insufficient_quota"}), "QuotaExhausted"
    ),
    "failed, a picture": Kind(
        response(status="failed", error={"code": "invalid_image_format"}),
        "BadRequest",
        reason="photo",
    ),
    "refusal": Kind(response(message({"type": "refusal", "refusal": "No."})), "OutputRefused"),
    "nothing": Kind(response(), "OutputInvalid", 3),
    "output null": Kind(response(output=None), "ProviderUnavailable", 4),
    "usage as a list": Kind(
        response(message(GOOD), usage=[{"input_tokens": 10, "output_tokens": 5}]), "assessed"
    ),
    "an answer of chat completions": Kind(chat(), "BadRequest", reason="api"),
}

EVENTS = 'event: response.created\ndata: {"type": "response.created"}\n\n'

BOTH: dict[str, Kind] = {
    # -- errors in a 200 ------------------------------------------------------------------------
    "429 in a 200": Kind(error(message="slow down", code=429), "RateLimited", 8, paid=None),
    "429 as text": Kind(error(message="slow down", code="429"), "RateLimited", 8, paid=None),
    "402 in a 200": Kind(error(message="pay", code=402), "QuotaExhausted", paid=None),
    "context in a 200": Kind(
        error(message="over the maximum context length", code=400),
        "BadRequest",
        paid=None,
        reason="too_large",
    ),
    "502 in a 200": Kind(
        error(message="bad gateway", code=502), "ProviderUnavailable", 4, paid=None
    ),
    "an error as text": Kind({"error": "model 'm' not found"}, "BadRequest", paid=None,
                             reason="model", status=404),
    "an error in a list": Kind(
        [error(code=429, message="slow down", status="RESOURCE_EXHAUSTED")],
        "RateLimited",
        8,
        paid=None,
    ),
    "type as a list": Kind(
        error(message="no", type=["invalid_request_error"], code=400),
        "BadRequest",
        paid=None,
        reason="malformed",
    ),
    "type as an object": Kind(
        error(message="no", type={"name": "throttling"}, code=429), "RateLimited", 8, paid=None
    ),
    "details": Kind({"detail": "Not Found"}, "BadRequest", paid=None, reason="api", status=404),
    "message and code": Kind(
        {"object": "error", "message": "no such model", "code": 404},
        "BadRequest",
        paid=None,
        reason="model",
    ),
    # -- errors by status -----------------------------------------------------------------------
    "402": Kind(error(message="pay", code=402), "QuotaExhausted", paid=None, status=402),
    "no credit, as LiteLLM says it": Kind(
        error(message="Throttled: you exceeded your current quota", type="throttling_error"),
        "QuotaExhausted",
        paid=None,
        status=429,
    ),
    "a quota a minute": Kind(
        error(message="quota exceeded: requests per minute"),
        "RateLimited",
        8,
        paid=None,
        status=429,
    ),
    "a link that speaks of quota": Kind(
        error(message="Too fast; retry after 1 second, see /quotaincrease"),
        "RateLimited",
        8,
        paid=None,
        status=429,
    ),
    "moderation as 403": Kind(
        error(message="it requires moderation", code=403, metadata={"reasons": ["violence"]}),
        "OutputFiltered",
        paid=None,
        status=403,
    ),
    "data_inspection_failed": Kind(
        error(code="data_inspection_failed", param=None),
        "OutputFiltered",
        paid=None,
        status=400,
    ),
    "content_policy_violation": Kind(
        error(code="content_policy_violation"), "OutputFiltered", paid=None, status=400
    ),
    "content management policy, as LiteLLM says it": Kind(
        error(message="triggering the content management policy", type="invalid_request_error"),
        "OutputFiltered",
        paid=None,
        status=400,
    ),
    "ContextWindowExceeded, as LiteLLM says it": Kind(
        error(message="ContextWindowExceededError", type="invalid_request_error", code="400"),
        "BadRequest",
        paid=None,
        status=400,
        reason="too_large",
    ),
    "context, as llama.cpp says it": Kind(
        error(code=400, type="exceed_context_size_error", n_ctx=4096),
        "BadRequest",
        paid=None,
        status=400,
        reason="too_large",
    ),
    "context, as vLLM says it": Kind(
        error(code=400, type="BadRequestError", param="input_tokens"),
        "BadRequest",
        paid=None,
        status=400,
        reason="too_large",
    ),
    "too many pictures": Kind(
        error(message="At most 4 image(s) may be in one prompt", code=400, param="image"),
        "BadRequest",
        paid=None,
        status=400,
        reason="too_many_photos",
    ),
    "too large a body": Kind("nginx says no", "BadRequest", paid=None, status=413,
                             reason="too_large"),
    "no pictures": Kind(
        error(message="image input is not supported", code=500),
        "BadRequest",
        paid=None,
        status=500,
        reason="no_vision",
    ),
    "no pictures in the schema": Kind(
        error(message="messages[0]: unknown variant `image_url`, expected `text`"),
        "BadRequest",
        paid=None,
        status=400,
        reason="no_vision",
    ),
    "a picture, by its place": Kind(
        error(message="invalid", param="messages[1].content[1].image_url", code="invalid_value"),
        "BadRequest",
        paid=None,
        status=400,
        reason="photo",
    ),
    "a broken picture": Kind(
        error(message="Could not process image"),
        "BadRequest",
        paid=None,
        status=400,
        reason="photo",
    ),
    "a key that is not valid, as 400": Kind(
        error(message="API key not valid", code=400), "AuthenticationFailed", paid=None, status=400
    ),
    "an option": Kind(
        error(code="unsupported_parameter", param="temperature"),
        "BadRequest",
        paid=None,
        status=400,
        reason="option",
    ),
    "a schema that is not taken": Kind(
        error(message="`response_format` is not known here"),
        "BadRequest",
        paid=None,
        status=400,
        reason="option",
    ),
    "cut off at the limit, as 400": Kind(
        error(message="Could not finish the message: output limit was reached"),
        "OutputTruncated",
        3,
        paid=None,
        status=400,
    ),
    "overloaded": Kind(error(type="overloaded_error"), "ProviderUnavailable", 4, paid=None,
                       status=529),
    "bad JSON, as Groq says it": Kind(
        error(code="json_validate_failed"), "OutputInvalid", 3, paid=None, status=400
    ),
    "an account, as a null answer": Kind(
        {"choices": None, "base_resp": {"status_code": 1008, "status_msg": "?"}},
        "QuotaExhausted",
        paid=None,
    ),
    "an endpoint that is not there, in a 200": Kind(
        error(message="Unexpected endpoint or method"), "BadRequest", paid=None, reason="api"
    ),
    "one picture at a time": Kind(
        error(message="this model takes a single image per message"),
        "BadRequest",
        paid=None,
        status=500,
        reason="too_many_photos",
    ),
    "usage beside an error": Kind(
        {**error(message="no", code=400), "usage": {"input_tokens": 10, "output_tokens": 5}},
        "BadRequest",
        status=400,
        reason="malformed",
    ),
    "an option, as LiteLLM says it": Kind(
        error(message="Unsupported parameter: 'max_tokens' here", code="400"),
        "BadRequest",
        paid=None,
        status=400,
        reason="option",
    ),
    "a charset that is none": Kind(
        error(code="invalid_api_key"),
        "AuthenticationFailed",
        paid=None,
        status=401,
        headers={"content-type": "application/json; charset=undefined"},
    ),
    "a charset that is no text": Kind(
        error(message="down"),
        "ProviderUnavailable",
        4,
        paid=None,
        status=500,
        headers={"content-type": "application/json; charset=hex"},
    ),
    "memory": Kind(
        error(message="out of memory while processing image features"),
        "ProviderUnavailable",
        4,
        paid=None,
        status=500,
    ),
    # -- no JSON --------------------------------------------------------------------------------
    "a page": Kind("<html><body>Sign in</body></html>", "ProviderUnavailable", 4, paid=None),
    "events": Kind(EVENTS, "BadRequest", paid=None, reason="api"),
    "null": Kind("null", "ProviderUnavailable", 4, paid=None),
    "nothing": Kind("", "ProviderUnavailable", 4, paid=None),
    "a list": Kind("[1, 2]", "ProviderUnavailable", 4, paid=None),
    "text": Kind('"hello"', "ProviderUnavailable", 4, paid=None),
    "deep": Kind("[" * 100_000, "ProviderUnavailable", 4, paid=None),
}  # fmt: skip

WRAPPED = {
    "a byte order mark": "\ufeff{}",
    "white space": "\n\n  {}\r\n\n",
}

CASES = [
    *[("chat", name, kind) for name, kind in (*CHAT.items(), *BOTH.items())],
    *[("responses", name, kind) for name, kind in (*RESPONSES.items(), *BOTH.items())],
    *[
        (api, name, Kind(text.format(json.dumps(good)), "assessed"))
        for api, good in (("chat", chat()), ("responses", response(message(GOOD))))
        for name, text in WRAPPED.items()
    ],
]


async def no_wait(_: float) -> None:
    await asyncio.sleep(0)


@dataclass
class Came:
    """What came of a photo."""

    status: str
    message: str
    requests: int
    tokens: tuple[int, int]
    mended: dict[str, int]
    reason: str | None
    attempts: int


def planted(body: Any) -> Any:
    """The body as a gateway sends it that repeats the request's headers, also in its errors."""
    if not isinstance(body, dict):
        return body
    repeated = {"headers": {"Authorization": f"Bearer {KEY}"}, "echo": KEY}
    told = {**body["error"], **repeated} if isinstance(body.get("error"), dict) else None
    return {**body, **repeated, **({"error": told} if told else {})}


class Bench:
    """A server, and one agent for each way of asking it, for all cases."""

    server: StandIn

    def __init__(self) -> None:
        self.answer = Answer()
        self.errors: list[InspectIQError] = []
        self.agents: dict[tuple[str, bool], InspectionAgent] = {}
        self.photo = Photo.from_bytes(render_jpeg(1))

    def agent(self, api: Any, strict: bool) -> InspectionAgent:
        if (api, strict) not in self.agents:
            engine = OpenAITransport(
                "gpt-4.1",
                api=api,
                base_url=self.server.url,
                api_key=KEY,
                timeout=5,
                strict_schemas=strict,
            )
            noting = Noting(Checked(engine), self.errors)
            self.agents[api, strict] = InspectionAgent(
                Retry(noting, sleep=no_wait, budget=RetryBudget(1e9))
            )
        return self.agents[api, strict]

    def inspect(self, kind: Kind, api: str) -> Came:
        self.answer = Answer(planted(kind.body), kind.status, kind.headers)
        self.errors.clear()
        self.server.bodies.clear()
        try:
            result = self.agent(api, kind.strict).inspect([self.photo])
        except InspectIQError as raised:
            usage = raised.usage
            return Came(
                type(raised).__name__,
                str(raised),
                len(self.server.bodies),
                (usage.input_tokens, usage.output_tokens) if usage else (0, 0),
                {},
                getattr(raised, "reason", None),
                raised.attempts,
            )
        assert KEY not in result.to_json()
        (outcome,) = result.photos
        return Came(
            outcome.fault.error if outcome.fault else outcome.status,
            outcome.fault.message if outcome.fault else "",
            len(self.server.bodies),
            (result.usage.input_tokens, result.usage.output_tokens),
            dict(outcome.mended),
            getattr(self.errors[0], "reason", None) if self.errors else None,
            result.usage.requests,
        )


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = Bench()
    with StandIn(lambda _: made.answer) as server:
        made.server = server
        yield made
        for agent in made.agents.values():
            _sync.run(aclose(agent.transport))


class Noting(WrapperTransport):
    """Notes the errors that pass it."""

    def __init__(self, wrapped: Transport, errors: list[InspectIQError]) -> None:
        super().__init__(wrapped)
        self.errors = errors

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        try:
            return await super().send(request)
        except InspectIQError as error:
            self.errors.append(error)
            raise


@pytest.mark.parametrize(
    ("api", "kind"), [(api, kind) for api, _, kind in CASES],
    ids=[f"{api}-{name}" for api, name, _ in CASES],
)  # fmt: skip
def test_every_answer_ends_in_its_outcome_and_nothing_that_was_paid_is_lost(
    bench: Bench, api: str, kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("", "openai", "httpx", "httpx2", "httpcore", "httpcore2", "inspectiq"):
        caplog.set_level(logging.DEBUG, logger=name)
    came = bench.inspect(kind, api)
    assert KEY not in caplog.text
    assert came.status == kind.should
    assert came.requests == came.attempts == kind.requests
    given, made = kind.paid or (0, 0)
    assert came.tokens == (given * kind.requests, made * kind.requests)
    assert set(came.mended) == set(kind.mended)
    assert came.reason == kind.reason
    assert KEY not in came.message


def test_there_are_many_kinds_of_them() -> None:
    assert len(CASES) > 150


# -- what a message says ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("photos", "words", "advice"),
    [
        (4, "At most 3 image(s) may be in one prompt", "photos_per_request=3"),
        (4, "the context length is 4096", "photos_per_request=2"),
        (5, "the context length is 4096", "photos_per_request=2"),
        (1, "the context length is 4096", "image=ImageRule"),
        (1, "image input is not supported", "choose a model"),
        (1, "response_format is not known", "strict_schemas=False"),
    ],
)
def test_a_message_names_the_setting_that_mends_it_and_quotes_nothing(
    photos: int, words: str, advice: str
) -> None:
    fault = map_error(
        Attempt("openai", "m", photos, "chat"), error(message=f"{words} {KEY} planted"), status=400
    )
    assert advice in str(fault)
    assert "planted" not in str(fault)
    assert words not in str(fault)


@pytest.mark.parametrize(("api", "other"), [("responses", "api='chat'"), ("chat", "api='resp")])
def test_a_path_that_is_not_there_names_the_other_api(bench: Bench, api: str, other: str) -> None:
    assert other in bench.inspect(Kind("404 page not found", "", status=404), api).message


def test_waits_and_limits_that_a_gateway_passes_on_under_its_own_names_are_read() -> None:
    headers = {
        "llm_provider-retry-after": "7",
        "llm_provider-x-ratelimit-limit-requests": "20",
        "llm_provider-x-request-id": "req_behind",
    }
    fault = map_error(Attempt("p", "m"), error(message="slow"), status=429, headers=headers)
    assert isinstance(fault, TransportError)
    assert (fault.retry_after, fault.request_id) == (7.0, "req_behind")
    assert fault.rate_headers["x-ratelimit-limit-requests"] == "20"
    own = map_error(
        Attempt("p", "m"),
        error(message="slow"),
        status=429,
        headers={**headers, "Retry-After": "2"},
    )
    assert isinstance(own, TransportError)
    assert own.retry_after == 2.0


@pytest.mark.parametrize(
    "code", [KEY, "Bearer abc", "a" * 90, "4f" * 32, "jane@example.org", {"a": KEY}, ["x"]]
)
def test_a_code_that_is_no_code_is_not_repeated(code: Any) -> None:
    fault = map_error(Attempt("p", "m"), error(code=code, message="no"), status=400)
    assert "(" not in str(fault).split(";")[0]
