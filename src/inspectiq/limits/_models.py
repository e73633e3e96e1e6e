"""`ModelTable`: the known models: prices, how they count a picture, until when they are served."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from types import NoneType
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from inspectiq._files import to_path
from inspectiq._taking import require, require_day, take
from inspectiq._values import FrozenMap, Value, hash_content
from inspectiq.errors import ConfigError
from inspectiq.limits._image_tokens import ImageTokens, TileTokens
from inspectiq.limits._pricing import Pricing
from inspectiq.photos._image_rule import LARGEST_SIDE, ImageRule

__all__ = ["ModelInfo", "ModelTable", "describe_row", "take_table"]

Tokens = Annotated[int, Field(ge=1)]
Room = Annotated[int, Field(ge=0)]
Factor = Annotated[Decimal, Field(ge=0)]


class ModelInfo(Value):
    """A model's prices, how it counts a picture, and what it accepts.

    Attributes:
        name: The name that requests use, without a provider and without a snapshot's date.
        pricing: What its tokens cost; None where that is not known.
        images: How it counts a picture, by the `detail` that is asked for; empty for a model that
            takes no pictures, None where that is not known.
        context_tokens: The most tokens of a request and its answer together; None where not known.
        max_output_tokens: The most tokens of an answer, reasoning included; None where that is not
            known.
        reasoning: The efforts it accepts, the lowest first; empty for a model that takes none.
        default_effort: The effort it makes where none is asked for.
        reasoning_tokens: Room for what it thinks on top of an answer; None to go by the effort and
            the table's `reasoning_tokens`.
        temperature: Whether one may be set, see `takes_temperature`.
        context_compression: Whether the Responses API compresses its pictures unless told not to.
        shutdown: The first day on which the provider no longer serves it; None where none is said.
        replacement: The model that the provider recommends instead.
        api: The API by which to ask it, where `OpenAITransport` is given none.
        strict_schemas: Whether its server keeps to a JSON Schema, in the same way.
        detail: How closely it looks at pictures, in the same way.
        photos_per_request: How many photos it takes well at once, see `EngineProfile`.
        disputed: The facts on which two copies of the provider's pages disagree; "" for none.
    """

    name: Annotated[str, Field(min_length=1)]
    pricing: Pricing | None = None
    images: FrozenMap[ImageTokens] | None = None
    context_tokens: Tokens | None = None
    max_output_tokens: Tokens | None = None
    reasoning: tuple[str, ...] = ()
    default_effort: str | None = None
    reasoning_tokens: Annotated[int | None, Field(ge=0)] = None
    temperature: bool = False
    context_compression: bool = False
    shutdown: date | None = None
    replacement: str | None = None
    api: Literal["responses", "chat"] | None = None
    strict_schemas: bool | None = None
    detail: str | None = None
    photos_per_request: Annotated[int | None, Field(ge=1)] = None
    disputed: str = ""

    @model_validator(mode="after")
    def _check_consistency(self) -> ModelInfo:
        if (self.default_effort or None) not in (self.reasoning or (None,)):
            raise ValueError("default_effort must be one of reasoning, and none without it")
        if self.images and self.detail is not None and self.detail not in self.images:
            raise ValueError("detail must be one of those in images")
        return self

    def get_image_tokens(self, detail: str) -> ImageTokens | None:
        """Gets how a picture is counted; None where that is not known.

        Args:
            detail: What the request asks for. Never `auto`, which may cost five times as much.

        Raises:
            ConfigError: The model does not accept this detail, or no pictures at all.
        """
        require(detail, str, "detail", "give one of " + ", ".join(self.images or ("low", "high")))
        if self.images is None:
            return None
        if not self.images:
            raise ConfigError(f"{self.name} takes no pictures; choose a model that does")
        if detail not in self.images:
            choices = " or ".join(self.images)
            raise ConfigError(f"{self.name} has no image detail {detail!r}; use {choices}")
        return self.images[detail]

    def make_image_rule(self, detail: str) -> ImageRule:
        """Makes the rule of the best size: the largest that costs no more than the full photo.

        That is the size to which the provider itself shrinks a photo.

        Raises:
            ConfigError: The model does not accept this detail, or no pictures at all.
        """
        tokens = self.get_image_tokens(detail)
        grid = None if tokens is None else tokens.grid
        if grid is None:
            return ImageRule()
        long_side = min(grid.long_side or LARGEST_SIDE, LARGEST_SIDE)
        short_side = min(grid.short_side or long_side, long_side)
        if isinstance(tokens, TileTokens):
            return ImageRule(long_side=long_side, short_side=short_side, grid=grid)
        # A row of patches is a hundredth of the tokens or so, and worth its pixels.
        return ImageRule(long_side=long_side, short_side=short_side, grid=grid, slack=0)

    def takes_temperature(self, effort: str | None = None) -> bool:
        """Tells whether a temperature may be set at this effort; None for the model's default.

        OpenAI's models that reason take one at effort `none` only, if at all.
        """
        return self.temperature and (
            not self.reasoning or (effort or self.default_effort) == "none"
        )

    def is_shut_down(self, today: date) -> bool:
        """Tells whether the provider said that it no longer serves the model on this day."""
        require_day(today, "today")
        return self.shutdown is not None and self.shutdown <= today

    def describe_shutdown(self, today: date) -> str:
        """Says when it was or will be shut down, and what replaces it; "" where nothing is known.

        Args:
            today: Decides whether it is past.
        """
        gone = self.is_shut_down(today)
        if self.shutdown is None:
            return ""
        tense = "was" if gone else "will be"
        told = f"{self.name} {tense} shut down on {self.shutdown}"
        if self.replacement is None:
            return f"{told}; choose another model"
        return f"{told}; its provider recommends {self.replacement}"


class ModelTable(Value):
    """The models that are known. Replaceable; results can record its `sha256`.

    Attributes:
        version: Of this table.
        as_of: When its figures were read, such as `2026-11`.
        source: Where they were read.
        snapshot: Pattern of what a dated snapshot has after the name of its model.
        service_tiers: What a service tier multiplies prices by, by its name.
        cache_lives: What writing to the prompt cache costs, in prices of input, by how long the
            cache keeps it.
        reasoning_tokens: Room for what a model thinks on top of an answer, by effort. Our
            assumption; a model may have its own.
        models: The models.
    """

    version: str
    as_of: str
    source: str
    snapshot: str = r"-20\d\d-\d\d-\d\d"
    service_tiers: FrozenMap[Factor] = FrozenMap()
    cache_lives: FrozenMap[Factor] = FrozenMap()
    reasoning_tokens: FrozenMap[Room] = FrozenMap()
    models: tuple[ModelInfo, ...]

    @field_validator("snapshot")
    @classmethod
    def _check_snapshot(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
        return value

    @model_validator(mode="after")
    def _check_distinct(self) -> ModelTable:
        if len(self._by_name) < len(self.models):
            raise ValueError("two models share a name")
        return self

    @classmethod
    def default(cls) -> ModelTable:
        """Loads the table that ships with inspectiq: OpenAI's models."""
        return _load_default()

    @classmethod
    def from_file(
        cls, path: str | Path, *, over: ModelTable | Path | str | None = None
    ) -> ModelTable:
        """Reads a table from a TOML file, or from a JSON file such as `model_dump_json` gives.

        The file is laid over another table. A model that is new is added; of one that exists, the
        fields that the file gives are changed. `standalone = true` lays it over nothing.

        Args:
            path: The file, written as `inspectiq/limits/models.toml` is.
            over: The table that it changes; if not given, the shipped one.

        Raises:
            ConfigError: The file cannot be read or is wrong. It names the first place that is, with
                its line; its `__cause__`, a `ValidationError`, has them all.
        """
        from inspectiq.limits._model_files import read_models

        under = _load_default() if over is None else take_table(over, "over")
        return read_models(to_path(path, "model table"), under)

    def with_models(self, *models: ModelInfo) -> ModelTable:
        """Makes a table with more models; one whose name exists already replaces it.

        Raises:
            ConfigError: One of them is no `ModelInfo`.
        """
        for model in models:
            require(model, ModelInfo, "models", "give each as a ModelInfo")
        merged = {model.name: model for model in (*self.models, *models)}
        fields = {name: getattr(self, name) for name in ModelTable.model_fields}
        return ModelTable(**fields | {"models": tuple(merged.values())})

    def find(self, name: str) -> ModelInfo | None:
        """Finds the model of this name, or whose dated snapshot it is; None if it is not known.

        The name stands without a provider: `gpt-6-luna`, not `openai:gpt-6-luna`.
        """
        require(name, str, "name", "give the name of a model")
        if name in self._by_name:
            return self._by_name[name]
        return self._by_name.get(re.sub(f"(?:{self.snapshot})$", "", name))

    def estimate_reasoning(self, model: ModelInfo | None, effort: str | None) -> int:
        """Estimates the room that reasoning needs on top of an answer, in tokens.

        Args:
            model: None for one that is not in the table, which gets room for a medium effort, since
                an answer that is cut off while a model thinks is paid for and lost.
            effort: What is asked for; None for the model's own.
        """
        require(model, (ModelInfo, NoneType), "model", "give a ModelInfo, or None")
        require(effort, (str, NoneType), "effort", "give its name, or None")
        if model is None:
            return self.reasoning_tokens.get(effort or "medium", 0)
        if model.reasoning_tokens is not None:
            return model.reasoning_tokens
        effort = effort or model.default_effort
        most = max(self.reasoning_tokens.values(), default=0)
        return self.reasoning_tokens.get(effort, most) if effort else 0

    @cached_property
    def sha256(self) -> str:
        """Content hash; two tables with the same content have the same one."""
        return hash_content(self)

    @cached_property
    def _by_name(self) -> dict[str, ModelInfo]:
        return {model.name: model for model in self.models}


def describe_row(model: str) -> str:
    """Says how to add a model to the table, with the line that gives it a price."""
    return (
        "add it to a file that INSPECTIQ_MODELS names, with its own dollars for a million tokens: "
        f'models = [{{ name = "{model}", pricing = {{ input = 0.10, output = 0.50 }} }}]'
    )


@cache
def _load_default() -> ModelTable:
    text = files("inspectiq.limits").joinpath("models.toml").read_text(encoding="utf-8")
    return ModelTable.model_validate(tomllib.loads(text))


def take_table(given: ModelTable | Path | str, argument: str) -> ModelTable:
    """Takes a table of models, or the path of a file.

    Raises:
        ConfigError: It is neither.
    """
    return take(
        given, ModelTable, argument, read_file=ModelTable.from_file, files=(".toml", ".json")
    )
