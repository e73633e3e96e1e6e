"""Describes an engine: what it is, how it wants its pictures, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated

from pydantic import Field, JsonValue

from inspectiq._usage import Usage
from inspectiq._values import FROZEN, FrozenMap, Value, hash_content
from inspectiq.domain._provenance import EngineRecord
from inspectiq.limits._image_tokens import ImageTokens
from inspectiq.limits._pricing import Pricing
from inspectiq.photos._image_rule import ImageRule

__all__ = ["EngineProfile"]

_DECIDE_NOTHING = {
    "photos_per_request", "deterministic", "metered", "pricing", "image_tokens", "context_tokens",
}  # fmt: skip
"""Fields that decide no answer, so that they are no part of an engine's identity."""


class EngineProfile(Value):
    """What an engine is, what it takes and costs; `identity` sums up all that decides its answers.

    Attributes:
        provider: Such as `openai`.
        model: Such as `gpt-6-luna`.
        settings: Other settings that decide its answers, such as sampling and detail, by name.
        image: How it wants its pictures.
        photos_per_request: How many photos of one room it takes well at once, at most: an
            inspection asks about each room apart, and about less than this where a room has less.
            Our assumption unless a provider says otherwise.
        max_output_tokens_per_photo: Room for an answer; None where the engine has no such limit.
        reasoning_tokens: Room for what it thinks on top, in one request.
        strict_schemas: Whether it keeps to a JSON Schema by construction.
        groups: Taxonomy groups that it can see; None for all of them (else it is a triage).
        looks_for: What a triage looks for within its groups, in plain words.
        types: Types of issue that it always reports as; the agent's taxonomy must have them.
        deterministic: Whether it answers the same request alike each time, as a detector does; one
            whose `settings` have a `temperature` of 0 counts as that, too.
        metered: Whether somebody counts its calls; rate limits and budgets pass over others.
        pricing: What it costs; None where that is not known.
        image_tokens: How it counts a picture; None where that is not known.
        context_tokens: The most tokens of a request and its answer; None where not known.
    """

    provider: str = "custom"
    model: str = "unnamed"
    settings: Annotated[Mapping[str, JsonValue], FROZEN] = FrozenMap()
    image: ImageRule = Field(default_factory=ImageRule)
    photos_per_request: Annotated[int, Field(ge=1)] = 4
    max_output_tokens_per_photo: Annotated[int | None, Field(ge=1)] = None
    reasoning_tokens: Annotated[int, Field(ge=0)] = 0
    strict_schemas: bool = True
    groups: tuple[str, ...] | None = None
    looks_for: str | None = None
    types: tuple[str, ...] = ()
    deterministic: bool = False
    metered: bool = True
    pricing: Pricing | None = None
    image_tokens: ImageTokens | None = None
    context_tokens: Annotated[int | None, Field(ge=1)] = None

    @cached_property
    def identity(self) -> str:
        """sha256 of all that decides this engine's answers."""
        return hash_content(self.model_dump(mode="json", exclude=_DECIDE_NOTHING))

    @property
    def is_sampled(self) -> bool:
        """Whether it draws its answers, so that asking again may bring another one."""
        return not self.deterministic and self.temperature != 0

    @property
    def temperature(self) -> float | None:
        """The temperature of its sampling; None where it was given none."""
        given = self.settings.get("temperature")
        return None if isinstance(given, bool) or not isinstance(given, int | float) else given

    def price_usage(self, usage: Usage) -> Usage:
        """Adds the dollars to a usage, where an engine tells its tokens only."""
        if self.pricing is None or usage.usd or not usage.input_tokens + usage.output_tokens:
            return usage
        return usage.model_copy(update={"usd": self.pricing.compute_usd(usage)})

    def to_record(self, model: str | None = None) -> EngineRecord:
        """Returns the record of this engine for a result; `model` as the provider returned it."""
        return EngineRecord(
            provider=self.provider,
            model=model or self.model,
            identity=self.identity,
            groups=self.groups,
            looks_for=self.looks_for,
        )
