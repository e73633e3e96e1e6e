"""The two APIs: how a request is written for each. Pure.

Bodies are plain JSON, so that a batch file can hold them as well.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from inspectiq.transports._base import RequestPhoto, VisionRequest
from inspectiq.transports._openai.answers import Reply, read_chat, read_responses

__all__ = ["ChatCompletions", "Dialect", "ResponsesApi", "Wording"]

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
        """Reads an answer; see `read_responses`."""
        return read_responses(body)


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
        """Reads an answer; see `read_chat`."""
        return read_chat(body)


def _url(part: RequestPhoto, jpegs: Mapping[int, bytes]) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpegs[part.number]).decode()}"
