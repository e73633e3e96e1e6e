"""`ModelTable`: the known models: prices, how they count a picture, what they accept."""

from __future__ import annotations

import re
import tomllib
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator, model_validator

from inspectiq._files import parse_table, read_text, to_path
from inspectiq._refusals import validate_raw
from inspectiq._taking import require, take
from inspectiq._values import FrozenMap, Value, hash_content
from inspectiq.errors import ConfigError
from inspectiq.limits._image_tokens import ImageTokens, TileTokens
from inspectiq.limits._pricing import Pricing
from inspectiq.photos._image_rule import LARGEST_SIDE, ImageRule

__all__ = ["ModelInfo", "ModelTable", "take_table"]

Tokens = Annotated[int, Field(ge=1)]


class ModelInfo(Value):
    """A model's prices, how it counts a picture, and what it accepts.

    Attributes:
        name: The name that requests use, without a provider and without a snapshot's date.
        pricing: What its tokens cost.
        images: How it counts a picture, by the `detail` that is asked for; empty for a model that
            takes no pictures.
        context_tokens: The most tokens of a request and its answer together.
        max_output_tokens: The most tokens of an answer, reasoning included; None where that is not
            known.
        reasoning: The efforts it accepts; empty for a model that does not reason.
        default_effort: The effort it makes where none is asked for.
        temperature: Whether one may be set, see `takes_temperature`.
        retired: Whether the provider no longer serves it.
        disputed: The facts on which two copies of the provider's pages disagree; "" for none.
    """

    name: Annotated[str, Field(min_length=1)]
    pricing: Pricing
    images: FrozenMap[ImageTokens] = FrozenMap()
    context_tokens: Tokens
    max_output_tokens: Tokens | None = None
    reasoning: tuple[str, ...] = ()
    default_effort: str | None = None
    temperature: bool = False
    retired: bool = False
    disputed: str = ""

    @model_validator(mode="after")
    def _check_consistency(self) -> ModelInfo:
        if (self.default_effort or None) not in (self.reasoning or (None,)):
            raise ValueError("default_effort must be one of reasoning, and none without it")
        return self

    def get_image_tokens(self, detail: str) -> ImageTokens:
        """Gets how a picture is counted.

        Args:
            detail: What the request asks for. Never `auto`, which may cost five times as much.

        Raises:
            ConfigError: The model does not accept this detail, or no pictures at all.
        """
        require(detail, str, "detail", "give one of " + ", ".join(self.images))
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
        grid = tokens.grid
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


class ModelTable(Value):
    """The models that are known. Replaceable; results can record its `sha256`.

    Attributes:
        version: Of this table.
        as_of: When its figures were read, such as `2026-11`.
        source: Where they were read.
        snapshot: Pattern of what a dated snapshot has after the name of its model.
        models: The models.
    """

    version: str
    as_of: str
    source: str
    snapshot: str = r"-20\d\d-\d\d-\d\d"
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
    def from_file(cls, path: str | Path) -> ModelTable:
        """Reads a table from a TOML file, or from a JSON file such as `model_dump_json` gives.

        Raises:
            ConfigError: The file cannot be read, or is not a table of models.
        """
        path = to_path(path, "model table")
        try:
            return validate_raw(cls, parse_table(read_text(path, "model table"), path))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(map(str, first["loc"])) or "the whole"
            raise ConfigError(
                f"{path}: {place}: {first['msg']}; write it as "
                "inspectiq/limits/models.toml is written"
            ) from error

    def with_models(self, *models: ModelInfo) -> ModelTable:
        """Makes a table with more models; one whose name exists already replaces it.

        Raises:
            ConfigError: One of them is no `ModelInfo`.
        """
        for model in models:
            require(model, ModelInfo, "models", "give each as a ModelInfo")
        merged = {model.name: model for model in (*self.models, *models)}
        return ModelTable(
            version=self.version,
            as_of=self.as_of,
            source=self.source,
            snapshot=self.snapshot,
            models=tuple(merged.values()),
        )

    def find(self, name: str) -> ModelInfo | None:
        """Finds the model of this name, or whose dated snapshot it is; None if it is not known.

        The name stands without a provider: `gpt-4.1`, not `openai:gpt-4.1`.
        """
        require(name, str, "name", "give the name of a model")
        if name in self._by_name:
            return self._by_name[name]
        return self._by_name.get(re.sub(f"(?:{self.snapshot})$", "", name))

    @cached_property
    def sha256(self) -> str:
        """Content hash; two tables with the same content have the same one."""
        return hash_content(self)

    @cached_property
    def _by_name(self) -> dict[str, ModelInfo]:
        return {model.name: model for model in self.models}


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
