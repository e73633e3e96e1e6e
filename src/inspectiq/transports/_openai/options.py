"""Chooses and checks the options of `OpenAITransport`: the given ones, else those of the model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from types import NoneType
from typing import Literal

from pydantic import JsonValue

from inspectiq._taking import require
from inspectiq._values import FrozenMap, hash_content
from inspectiq.errors import ConfigError
from inspectiq.limits._image_tokens import PatchTokens
from inspectiq.limits._models import ModelInfo, ModelTable
from inspectiq.limits._pricing import Pricing
from inspectiq.photos._image_rule import ImageRule
from inspectiq.transports._base import VisionRequest
from inspectiq.transports._estimates import OUTPUT_TOKENS_PER_PHOTO
from inspectiq.transports._openai.models import is_own_server
from inspectiq.transports._profile import EngineProfile

__all__ = [
    "GivenOptions",
    "RequestOptions",
    "build_profile",
    "check_timeout",
    "choose_effort",
    "choose_image",
    "choose_options",
    "choose_photos_per_request",
    "require_model",
]

# Without reasoning, an answer takes as long as it is: three photos are answered in three quarters
# of the time of four. With it, the thinking is what takes long, and is paid for by request.
QUICK_PHOTOS, THOUGHTFUL_PHOTOS = 3, 4


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """The options that a body has besides the request.

    Attributes:
        model: Name of the model.
        api: `responses` or `chat`.
        detail: How closely it looks at pictures.
        temperature: Sampling; None to leave it to the server.
        reasoning: Effort; None to leave it to the server.
        reasoning_tokens: Room for reasoning on top of the answer.
        strict: Whether the server keeps to a JSON Schema; else it is asked for JSON in words.
        pays_for_cache: Whether writing to its prompt cache costs extra, so that only what comes
            back in every request shall be written.
        cache_life: How long that cache keeps it; None to leave it to the server.
        service_tier: Which of the provider's speeds serves the request; None for the usual one.
        whole_pictures: Whether to forbid the server to compress pictures.
        limit_name: What chat completions call the bound on the answer.
    """

    model: str
    api: str
    detail: str
    temperature: float | None = None
    reasoning: str | None = None
    reasoning_tokens: int = 0
    strict: bool = True
    pays_for_cache: bool = False
    cache_life: str | None = None
    service_tier: str | None = None
    whole_pictures: bool = False
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
    require(model, (str, NoneType), "model", "give its name, such as 'gpt-6-luna'")
    name = (model or "").strip()
    if not name:
        raise ConfigError(
            "no model given; name one, as in 'openai:gpt-6-luna', or set OPENAI_MODEL"
        )
    return name


@dataclass(frozen=True, slots=True)
class GivenOptions:
    """The options that a transport's maker gave; None for what the model decides.

    Attributes:
        api: `responses` or `chat`.
        detail: How closely the model looks at pictures.
        temperature: Sampling.
        reasoning: Effort.
        strict: Whether the server keeps to a JSON Schema.
        service_tier: Which of the provider's speeds serves the requests.
        cache_life: How long its prompt cache keeps what comes back in every request.
    """

    api: str | None = None
    detail: str | None = None
    temperature: float | None = None
    reasoning: str | None = None
    strict: bool | None = None
    service_tier: str | None = None
    cache_life: str | None = None


def choose_options(
    model: str,
    known: ModelInfo | None,
    given: GivenOptions,
    *,
    models: ModelTable,
    server: str | None,
) -> RequestOptions:
    """Fills in what is not given with what suits the model.

    Raises:
        ConfigError: The model does not accept what is given.
    """
    row = known or ModelInfo(name=model)
    detail = given.detail or row.detail or "high"
    reasoning, temperature = given.reasoning, given.temperature
    _check_accepted(model, known, detail, temperature, reasoning)
    pays_for_cache = row.pricing is not None and row.pricing.cache_write is not None
    _check_choice("service_tier", given.service_tier, models.service_tiers.keys() - {"batch"})
    _check_choice("cache_life", given.cache_life, models.cache_lives if pays_for_cache else ())
    reasoning = reasoning or choose_effort(row)
    if temperature is None and row.takes_temperature(reasoning):
        temperature = 0.0
    api = given.api or row.api or "responses"
    strict = row.strict_schemas if given.strict is None else given.strict
    return RequestOptions(
        model=model,
        api=api,
        detail=detail,
        temperature=temperature,
        reasoning=reasoning,
        reasoning_tokens=models.estimate_reasoning(known, reasoning),
        strict=strict is not False,
        pays_for_cache=pays_for_cache,
        cache_life=given.cache_life,
        service_tier=given.service_tier,
        whole_pictures=row.context_compression and api == "responses" and is_own_server(server),
        limit_name=_choose_limit_name(row, server),
    )


def build_profile(
    options: RequestOptions,
    known: ModelInfo | None,
    *,
    models: ModelTable,
    provider: str,
    server: str | None,
    image: ImageRule | None,
    pricing: Pricing | None,
) -> EngineProfile:
    """Builds the profile of a model; `server` is its address, None for the provider's own."""
    row = known or ModelInfo(name=options.model)
    return EngineProfile(
        provider=provider,
        model=options.model,
        settings=_list_settings(options, server),
        image=image or choose_image(row, options.detail),
        photos_per_request=choose_photos_per_request(row, options.reasoning_tokens),
        max_output_tokens_per_photo=OUTPUT_TOKENS_PER_PHOTO,
        reasoning_tokens=options.reasoning_tokens,
        strict_schemas=options.strict,
        pricing=pricing or (row.pricing and _adjust_pricing(row.pricing, options, models)),
        image_tokens=row.get_image_tokens(options.detail),
        context_tokens=row.context_tokens,
    )


def choose_photos_per_request(model: ModelInfo, reasoning_tokens: int) -> int:
    """Chooses how many photos a request holds, unless the table of models says so."""
    return model.photos_per_request or (THOUGHTFUL_PHOTOS if reasoning_tokens else QUICK_PHOTOS)


def choose_image(model: ModelInfo, detail: str) -> ImageRule:
    """Chooses the size of the pictures that are sent, where the host does not.

    It is 1024 x 768 where each patch of a picture is paid for: what a model that counts tiles gets
    to see, at a third of the tokens of the largest that is looked at. `original` is left alone.
    That more pixels find more on photos of damage is likely, and measured by nobody here.

    Raises:
        ConfigError: The model does not accept this detail, or no pictures at all.
    """
    largest, usual = model.make_image_rule(detail), ImageRule()
    if detail == "original" or not isinstance(model.get_image_tokens(detail), PatchTokens):
        return largest
    sides = {
        "long_side": min(largest.long_side, usual.long_side),
        "short_side": min(largest.short_side, usual.short_side),
    }
    return largest.model_copy(update=sides)


def _adjust_pricing(pricing: Pricing, options: RequestOptions, models: ModelTable) -> Pricing:
    """Adjusts a model's prices to the life of the prompt cache and to the tier of service."""
    if options.cache_life:
        written = pricing.input * models.cache_lives[options.cache_life]
        pricing = pricing.model_copy(update={"cache_write": written})
    if options.service_tier:
        pricing = pricing.multiply(models.service_tiers[options.service_tier])
    return pricing


def _list_settings(options: RequestOptions, server: str | None) -> FrozenMap[JsonValue]:
    """Lists the settings that decide an engine's answers, by name."""
    settings: dict[str, JsonValue | None] = {
        "api": options.api,
        "detail": options.detail,
        "temperature": options.temperature,
        "reasoning": options.reasoning,
        "service_tier": options.service_tier,
        "context_compression": "disabled" if options.whole_pictures else None,
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


def _check_choice(name: str, given: str | None, choices: Iterable[str]) -> None:
    if given is not None and given not in choices:
        listed = ", ".join(sorted(choices)) or "none for this model; leave it out"
        raise ConfigError(f"{name}={given!r} is none; the choices are {listed}")


def choose_effort(known: ModelInfo) -> str | None:
    """Chooses `low` where the model would reason more of its own accord; else leaves it alone."""
    eager = known.default_effort not in (None, "none", "minimal", "low")
    return "low" if eager and "low" in known.reasoning else None


def _choose_limit_name(
    known: ModelInfo, server: str | None
) -> Literal["max_completion_tokens", "max_tokens"]:
    # Models that reason refuse the old name; other servers may know no other.
    return "max_completion_tokens" if known.reasoning or is_own_server(server) else "max_tokens"
