"""Chooses and checks the options of `OpenAITransport`: the given ones, else those of the model."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Literal

from pydantic import JsonValue

from inspectiq._taking import require
from inspectiq._values import FrozenMap, hash_content
from inspectiq.errors import ConfigError
from inspectiq.limits._models import ModelInfo, ModelTable, take_table
from inspectiq.limits._pricing import Pricing
from inspectiq.photos._image_rule import ImageRule
from inspectiq.transports._base import VisionRequest
from inspectiq.transports._profile import EngineProfile

__all__ = [
    "RequestOptions",
    "build_profile",
    "check_timeout",
    "choose_options",
    "find_model",
    "require_model",
]

# Our assumptions. Eight findings of about 110 tokens and a verdict, for each photo; and what a
# model may think on top, by effort.
OUTPUT_TOKENS_PER_PHOTO = 1000
REASONING_TOKENS = {"none": 0, "minimal": 500, "low": 2000, "medium": 4000, "high": 16000}


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """The options that a body has besides the request.

    Attributes:
        model: Name of the model.
        detail: How closely it looks at pictures.
        temperature: Sampling; None to leave it to the server.
        reasoning: Effort; None to leave it to the server.
        reasoning_tokens: Room for reasoning on top of the answer.
        strict: Whether the server keeps to a JSON Schema; else it is asked for JSON in words.
        pays_for_cache: Whether writing to its prompt cache costs extra, so that only what comes
            back in every request shall be written.
        limit_name: What chat completions call the bound on the answer.
    """

    model: str
    detail: str
    temperature: float | None = None
    reasoning: str | None = None
    reasoning_tokens: int = 0
    strict: bool = True
    pays_for_cache: bool = False
    limit_name: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"

    def build_instructions(self, request: VisionRequest) -> str:
        """Returns the instructions, with the schema in words where the server needs that."""
        if self.strict:
            return request.instructions
        schema = json.dumps(request.schema.to_dict(), separators=(",", ":"))
        return f"{request.instructions}\nAnswer with one JSON object by this JSON Schema:\n{schema}"

    def bound_output(self, request: VisionRequest) -> int | None:
        """Returns the most tokens of an answer, reasoning included; None for no bound."""
        if request.max_output_tokens is None:
            return None
        return request.max_output_tokens + self.reasoning_tokens


def check_timeout(timeout: object) -> None:
    """Raises `ConfigError` for a timeout that is given and no number of seconds above 0."""
    if timeout is not None and not (isinstance(timeout, int | float) and timeout > 0):
        raise ConfigError(f"timeout={timeout!r} is no number of seconds above 0")


def require_model(model: str | None) -> str:
    """Returns the model's name, or raises `ConfigError` where there is none."""
    require(model, (str, NoneType), "model", "give its name, such as 'gpt-4.1'")
    name = (model or "").strip()
    if not name:
        raise ConfigError("no model given; name one, as in 'openai:gpt-4.1', or set OPENAI_MODEL")
    return name


def find_model(model: str, table: ModelTable | Path | str | None) -> ModelInfo | None:
    """Finds what is known of a model; warns the transport's maker where nothing is."""
    known = (ModelTable.default() if table is None else take_table(table, "table")).find(model)
    if known is None:
        warnings.warn(
            f"the model {model!r} is not in the model table: its picture sizes, prices and "
            "options are not known; add it with ModelTable.default().with_models(...)",
            stacklevel=3,
        )
    return known


def choose_options(
    model: str,
    known: ModelInfo | None,
    *,
    detail: str,
    temperature: float | None,
    reasoning: str | None,
    strict: bool,
    base_url: str | None,
) -> RequestOptions:
    """Fills in what is not given with what suits the model.

    Raises:
        ConfigError: The model does not accept what is given.
    """
    _check_accepted(model, known, detail, temperature, reasoning)
    if reasoning is None and known is not None:
        reasoning = _choose_effort(known)
    if temperature is None and known is not None and known.takes_temperature(reasoning):
        temperature = 0.0
    return RequestOptions(
        model=model,
        detail=detail,
        temperature=temperature,
        reasoning=reasoning,
        reasoning_tokens=_estimate_reasoning(known, reasoning),
        strict=strict,
        pays_for_cache=known is not None and known.pricing.cache_write is not None,
        limit_name=_choose_limit_name(known, base_url),
    )


def build_profile(
    options: RequestOptions,
    known: ModelInfo | None,
    *,
    provider: str,
    api: str,
    server: str | None,
    image: ImageRule | None,
    pricing: Pricing | None,
) -> EngineProfile:
    """Builds the profile of a model; `server` is its address, None for the provider's own."""
    return EngineProfile(
        provider=provider,
        model=options.model,
        settings=_list_settings(options, api, server),
        image=image or (known.make_image_rule(options.detail) if known else ImageRule()),
        max_output_tokens_per_photo=OUTPUT_TOKENS_PER_PHOTO,
        reasoning_tokens=options.reasoning_tokens,
        strict_schemas=options.strict,
        pricing=pricing or (known.pricing if known else None),
        image_tokens=known.get_image_tokens(options.detail) if known else None,
        context_tokens=known.context_tokens if known else None,
    )


def _list_settings(options: RequestOptions, api: str, server: str | None) -> FrozenMap[JsonValue]:
    """Lists the settings that decide an engine's answers, by name."""
    settings: dict[str, JsonValue | None] = {
        "api": api,
        "detail": options.detail,
        "temperature": options.temperature,
        "reasoning": options.reasoning,
        # Another server may serve another model by the same name.
        "server": hash_content(server)[:16] if server else None,
    }
    return FrozenMap({name: value for name, value in settings.items() if value is not None})


def _check_accepted(
    model: str,
    known: ModelInfo | None,
    detail: str,
    temperature: float | None,
    reasoning: str | None,
) -> None:
    if detail == "auto":
        raise ConfigError(
            "detail='auto' is refused, since it means full size on some models; say low or high"
        )
    if known is None:
        return
    if temperature is not None and not known.takes_temperature(reasoning):
        raise ConfigError(f"{model} takes no temperature; leave it out")
    if reasoning is not None and reasoning not in known.reasoning:
        accepted = ", ".join(known.reasoning) or "none at all"
        raise ConfigError(f"{model} does not take reasoning={reasoning!r}: {accepted}")


def _choose_effort(known: ModelInfo) -> str | None:
    """Chooses `low` where the model would reason more of its own accord; else leaves it alone."""
    eager = known.default_effort not in (None, "none", "minimal", "low")
    return "low" if eager and "low" in known.reasoning else None


def _choose_limit_name(
    known: ModelInfo | None, base_url: str | None
) -> Literal["max_completion_tokens", "max_tokens"]:
    # Models that reason refuse the old name; other servers may know no other.
    if base_url is None or (known is not None and known.reasoning):
        return "max_completion_tokens"
    return "max_tokens"


def _estimate_reasoning(known: ModelInfo | None, reasoning: str | None) -> int:
    effort = reasoning or (known.default_effort if known else None) or "none"
    return REASONING_TOKENS.get(effort, REASONING_TOKENS["high"])
