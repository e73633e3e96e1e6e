"""Writes requests for the two APIs, and reads their answers. Pure.

Bodies are plain JSON, so that a batch file can hold them as well.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Protocol

from inspectiq.errors import ConfigError
from inspectiq.transports._base import RequestPhoto, VisionRequest, VisionResponse
from inspectiq.transports._openai.answers import read_chat, read_responses
from inspectiq.transports._openai.options import RequestOptions
from inspectiq.transports._profile import EngineProfile

__all__ = ["Api", "choose_api"]

CACHE_HERE = {"prompt_cache_breakpoint": {"mode": "explicit"}}


class Api(Protocol):
    """One of the APIs: its name in `api=`, its path, and the forms of requests and answers."""

    name: str
    path: str

    def encode(
        self, request: VisionRequest, jpegs: Mapping[int, bytes], options: RequestOptions
    ) -> dict[str, Any]: ...

    def decode(self, body: Mapping[str, Any], profile: EngineProfile) -> VisionResponse: ...


def choose_api(name: object) -> Api:
    """Returns the API of this name, or raises `ConfigError`."""
    if not isinstance(name, str) or name not in APIS:
        raise ConfigError(f"api={name!r} is none; choose one of {', '.join(APIS)}")
    return APIS[name]


class ResponsesApi:
    """`/responses`. Nothing is stored at the provider."""

    name = "responses"
    path = "/responses"

    def encode(
        self, request: VisionRequest, jpegs: Mapping[int, bytes], options: RequestOptions
    ) -> dict[str, Any]:
        """Writes the body of a request.

        Args:
            request: What is asked.
            jpegs: The pictures, by photo number.
            options: Model, detail and sampling.
        """
        told: dict[str, Any] = {"type": "input_text", "text": options.build_instructions(request)}
        if options.pays_for_cache:
            told |= CACHE_HERE
        content: list[dict[str, Any]] = [{"type": "input_text", "text": request.text}]
        for part in request.photos:
            content.append({"type": "input_text", "text": part.label})
            content.append(
                {
                    "type": "input_image",
                    "image_url": _make_data_url(part, jpegs),
                    "detail": options.detail,
                }
            )
        body: dict[str, Any] = {
            "model": options.model,
            "store": False,
            "input": [
                {"role": "developer", "content": [told]},
                {"role": "user", "content": content},
            ],
            "text": {"format": {"type": "json_object"}},
        }
        if options.strict:
            form = {"name": request.schema_name, "schema": request.schema.to_dict()}
            body["text"] = {"format": {"type": "json_schema", "strict": True, **form}}
        if (limit := options.bound_output(request)) is not None:
            body["max_output_tokens"] = max(16, limit)  # the API's own minimum
        if options.temperature is not None:
            body["temperature"] = options.temperature
        if options.reasoning is not None:
            body["reasoning"] = {"effort": options.reasoning}
        if options.whole_pictures:
            body["image"] = {"context_compression": "disabled"}
        return body | _write_shared(options)

    def decode(self, body: Mapping[str, Any], profile: EngineProfile) -> VisionResponse:
        """Reads an answer; see `read_responses`."""
        return read_responses(body, profile)


class ChatApi:
    """`/chat/completions`, which compatible servers speak too."""

    name = "chat"
    path = "/chat/completions"

    def encode(
        self, request: VisionRequest, jpegs: Mapping[int, bytes], options: RequestOptions
    ) -> dict[str, Any]:
        """Writes the body of a request; see `ResponsesApi.encode`."""
        told: dict[str, Any] = {"type": "text", "text": options.build_instructions(request)}
        content: list[dict[str, Any]] = [{"type": "text", "text": request.text}]
        for part in request.photos:
            content.append({"type": "text", "text": part.label})
            picture = {"url": _make_data_url(part, jpegs), "detail": options.detail}
            content.append({"type": "image_url", "image_url": picture})
        body: dict[str, Any] = {
            "model": options.model,
            "messages": [
                {
                    "role": "system",
                    # Older servers know only text here.
                    "content": [told | CACHE_HERE] if options.pays_for_cache else told["text"],
                },
                {"role": "user", "content": content},
            ],
            "response_format": {"type": "json_object"},
        }
        if options.strict:
            form = {"name": request.schema_name, "schema": request.schema.to_dict()}
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"strict": True, **form},
            }
        if (limit := options.bound_output(request)) is not None:
            body[options.limit_name] = limit
        if options.temperature is not None:
            body["temperature"] = options.temperature
        if options.reasoning is not None:
            body["reasoning_effort"] = options.reasoning
        return body | _write_shared(options)

    def decode(self, body: Mapping[str, Any], profile: EngineProfile) -> VisionResponse:
        """Reads an answer; see `read_chat`."""
        return read_chat(body, profile)


def _write_shared(options: RequestOptions) -> dict[str, Any]:
    """Writes what both APIs call by the same names."""
    shared: dict[str, Any] = {}
    if options.pays_for_cache:
        life = {"ttl": options.cache_life} if options.cache_life else {}
        shared["prompt_cache_options"] = {"mode": "explicit", **life}
    if options.service_tier:
        shared["service_tier"] = options.service_tier
    return shared


def _make_data_url(part: RequestPhoto, jpegs: Mapping[int, bytes]) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpegs[part.number]).decode()}"


APIS: Mapping[str, Api] = {api.name: api for api in (ResponsesApi(), ChatApi())}
