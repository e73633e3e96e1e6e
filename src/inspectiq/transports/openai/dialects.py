"""The two APIs: how a request is written for each, and how an answer is read. Pure.

Bodies are plain JSON, so that a batch file can hold them as well.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from inspectiq.domain.usage import Usage
from inspectiq.errors import (
    BadRequest,
    InspectIQError,
    OutputFiltered,
    ProviderUnavailable,
    RateLimited,
)
from inspectiq.transports.base import Finish, RequestPhoto, VisionRequest

__all__ = ["ChatCompletions", "Dialect", "Reply", "ResponsesApi", "Wording"]

CACHE_HERE = {"prompt_cache_breakpoint": {"mode": "explicit"}}


@dataclass(frozen=True, slots=True)
class Wording:
    """What a body says besides the request.

    Attributes:
        model: Name of the model.
        detail: How closely it looks at pictures.
        temperature: Sampling; None to leave it to the server.
        reasoning: Effort; None to leave it to the server.
        reasoning_tokens: Room for reasoning on top of the answer.
        strict: Whether the server keeps to a JSON Schema; else it is asked for JSON in words.
        pays_for_cache: Whether writing to its prompt cache costs extra, so that only what comes
            back in every request shall be written.
        modern: Whether to say `max_completion_tokens`, and not `max_tokens`.
    """

    model: str
    detail: str
    temperature: float | None = None
    reasoning: str | None = None
    reasoning_tokens: int = 0
    strict: bool = True
    pays_for_cache: bool = False
    modern: bool = True

    def instructions(self, request: VisionRequest) -> str:
        """The request's instructions, with the schema in words where the server needs that."""
        if self.strict:
            return request.instructions
        schema = json.dumps(request.schema.to_dict(), separators=(",", ":"))
        return f"{request.instructions}\nAnswer with one JSON object by this JSON Schema:\n{schema}"

    def limit(self, request: VisionRequest) -> int | None:
        """Most output tokens, reasoning included."""
        if request.max_output_tokens is None:
            return None
        return request.max_output_tokens + self.reasoning_tokens


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as one of the APIs gave it."""

    text: str
    finish: Finish
    usage: Usage | None
    model: str | None


class Dialect(Protocol):
    """One of the APIs."""

    path: str

    def encode(self, request: VisionRequest, jpegs: Mapping[int, bytes], say: Wording) -> Any: ...

    def decode(self, body: Mapping[str, Any]) -> Reply: ...


class ResponsesApi:
    """`/responses`. Nothing is stored at the provider."""

    path = "/responses"

    def encode(
        self, request: VisionRequest, jpegs: Mapping[int, bytes], say: Wording
    ) -> dict[str, Any]:
        """The body of a request.

        Args:
            request: What is asked.
            jpegs: The pictures, by photo number.
            say: Model, detail and sampling.
        """
        told: dict[str, Any] = {"type": "input_text", "text": say.instructions(request)}
        if say.pays_for_cache:
            told |= CACHE_HERE
        content: list[dict[str, Any]] = [{"type": "input_text", "text": request.text}]
        for part in request.photos:
            content.append({"type": "input_text", "text": part.label})
            content.append(
                {"type": "input_image", "image_url": _url(part, jpegs), "detail": say.detail}
            )
        body: dict[str, Any] = {
            "model": say.model,
            "store": False,
            "input": [
                {"role": "developer", "content": [told]},
                {"role": "user", "content": content},
            ],
            "text": {"format": {"type": "json_object"}},
        }
        if say.strict:
            form = {"name": request.schema_name, "schema": request.schema.to_dict()}
            body["text"] = {"format": {"type": "json_schema", "strict": True, **form}}
        if (limit := say.limit(request)) is not None:
            body["max_output_tokens"] = max(16, limit)  # the API's own minimum
        if say.temperature is not None:
            body["temperature"] = say.temperature
        if say.reasoning is not None:
            body["reasoning"] = {"effort": say.reasoning}
        if say.pays_for_cache:
            body["prompt_cache_options"] = {"mode": "explicit"}
        return body

    def decode(self, body: Mapping[str, Any]) -> Reply:
        """Reads an answer.

        Raises:
            ProviderUnavailable: It is no answer of this API, or it says that it failed.
            RateLimited, OutputFiltered, BadRequest: It says so.
        """
        status = body.get("status")
        items = body.get("output")
        if status == "failed":
            raise _failed(body)
        if not isinstance(items, list) or status not in ("completed", "incomplete"):
            raise _no_answer()
        parts = [
            part
            for item in items
            if isinstance(item, dict) and item.get("type") == "message"
            for part in item.get("content") or ()
            if isinstance(part, dict)
        ]
        finish: Finish = "stop"
        if status == "incomplete":
            reason = (body.get("incomplete_details") or {}).get("reason")
            finish = "filter" if reason == "content_filter" else "length"
        elif any(part.get("type") == "refusal" for part in parts):
            finish = "refusal"
        text = "".join(_text(part.get("text")) for part in parts)
        return Reply(text, finish, _usage(body, "input", "output"), body.get("model"))


class ChatCompletions:
    """`/chat/completions`, which compatible servers speak too."""

    path = "/chat/completions"

    def encode(
        self, request: VisionRequest, jpegs: Mapping[int, bytes], say: Wording
    ) -> dict[str, Any]:
        """The body of a request; see `ResponsesApi.encode`."""
        told: dict[str, Any] = {"type": "text", "text": say.instructions(request)}
        content: list[dict[str, Any]] = [{"type": "text", "text": request.text}]
        for part in request.photos:
            content.append({"type": "text", "text": part.label})
            picture = {"url": _url(part, jpegs), "detail": say.detail}
            content.append({"type": "image_url", "image_url": picture})
        body: dict[str, Any] = {
            "model": say.model,
            "messages": [
                {
                    "role": "system",
                    # Older servers know only text here.
                    "content": [told | CACHE_HERE] if say.pays_for_cache else told["text"],
                },
                {"role": "user", "content": content},
            ],
            "response_format": {"type": "json_object"},
        }
        if say.strict:
            form = {"name": request.schema_name, "schema": request.schema.to_dict()}
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"strict": True, **form},
            }
        if (limit := say.limit(request)) is not None:
            body["max_completion_tokens" if say.modern else "max_tokens"] = limit
        if say.temperature is not None:
            body["temperature"] = say.temperature
        if say.reasoning is not None:
            body["reasoning_effort"] = say.reasoning
        if say.pays_for_cache:
            body["prompt_cache_options"] = {"mode": "explicit"}
        return body

    def decode(self, body: Mapping[str, Any]) -> Reply:
        """Reads an answer; a Markdown fence around it is taken off.

        Raises:
            ProviderUnavailable: It is no answer of this API.
        """
        choices = body.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        message = choice.get("message") if isinstance(choice, dict) else None
        if not isinstance(choice, dict) or not isinstance(message, dict):
            raise _no_answer()
        finish: Finish = "stop"
        if message.get("refusal"):
            finish = "refusal"
        elif choice.get("finish_reason") == "length":
            finish = "length"
        elif choice.get("finish_reason") == "content_filter":
            finish = "filter"
        content = message.get("content")
        if isinstance(content, list):
            content = "".join(_text(part.get("text")) for part in content if isinstance(part, dict))
        text = _unfenced(_text(content))
        return Reply(text, finish, _usage(body, "prompt", "completion"), body.get("model"))


def _url(part: RequestPhoto, jpegs: Mapping[int, bytes]) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpegs[part.number]).decode()}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _unfenced(text: str) -> str:
    bare = text.strip()
    if bare.startswith("```") and bare.endswith("```"):
        return bare[3:-3].removeprefix("json").strip()
    return text


def _failed(body: Mapping[str, Any]) -> InspectIQError:
    error = body.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    usage = _usage(body, "input", "output")
    if code == "rate_limit_exceeded":
        return RateLimited("the provider's rate limit cut the answer off", usage=usage)
    if isinstance(code, str) and "policy" in code:
        return OutputFiltered(
            "a content filter stopped the request; look at the photos yourself",
            usage=usage,
            attempts=1,
        )
    if isinstance(code, str) and "image" in code:
        return BadRequest("the provider could not read a picture of this request", usage=usage)
    return ProviderUnavailable("the provider failed while it made the answer", usage=usage)


def _no_answer() -> ProviderUnavailable:
    return ProviderUnavailable(
        "the server's answer is none of this API; check base_url, and whether the server speaks "
        "the API that was chosen with api="
    )


def _usage(body: Mapping[str, Any], given: str, made: str) -> Usage | None:
    """Tokens as the server counted them; None where it does not say."""
    counts = body.get("usage")
    if not isinstance(counts, dict) or not isinstance(counts.get(f"{given}_tokens"), int):
        return None

    def count(value: Any) -> int:
        return value if isinstance(value, int) and value > 0 else 0

    taken = counts.get(f"{given}_tokens_details") or {}
    written = counts.get(f"{made}_tokens_details") or {}
    return Usage(
        requests=1,
        input_tokens=count(counts.get(f"{given}_tokens")),
        image_tokens=count(taken.get("image_tokens")),
        cached_tokens=count(taken.get("cached_tokens")),
        cache_write_tokens=count(taken.get("cache_write_tokens")),
        output_tokens=count(counts.get(f"{made}_tokens")),
        reasoning_tokens=count(written.get("reasoning_tokens")),
        usd=None,
    )
