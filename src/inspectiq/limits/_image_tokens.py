"""Counts the tokens of a picture as engines do: flat, by tiles or by patches."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from inspectiq._values import Value
from inspectiq.domain._grid import ROUNDING, Grid, Side

__all__ = ["FlatTokens", "ImageTokens", "PatchTokens", "TileTokens"]

Tokens = Annotated[int, Field(ge=0)]


class FlatTokens(Value):
    """Counts the same number of tokens for a picture of any size.

    Attributes:
        tokens: Tokens.
        side: The provider shrinks a picture to fit a square of this side, in pixels; None where
            that is not known.
    """

    kind: Literal["flat"] = "flat"
    tokens: Tokens
    side: Side | None = None

    @property
    def grid(self) -> Grid | None:
        """How the provider shrinks a picture; None where that is not known."""
        return None if self.side is None else Grid(cell=self.side, long_side=self.side)

    def count(self, width: int, height: int) -> int:
        """Counts the tokens of a picture of so many pixels."""
        return self.tokens


class TileTokens(Value):
    """Counts a base, and so many tokens for each tile of the picture as it is shrunk.

    The defaults are those of OpenAI's vision guide.

    Attributes:
        base: Tokens of every picture.
        per_tile: Tokens of each tile on top.
        long_side: The provider shrinks the longer side to this, in pixels.
        short_side: Then the shorter side to this, in pixels.
        tile: Side of a tile in pixels.
    """

    kind: Literal["tile"] = "tile"
    base: Tokens
    per_tile: Tokens
    long_side: Side = 2048
    short_side: Side = 768
    tile: Side = 512

    @cached_property
    def grid(self) -> Grid:
        """How the provider shrinks a picture and cuts it up."""
        return Grid(cell=self.tile, long_side=self.long_side, short_side=self.short_side)

    def count(self, width: int, height: int) -> int:
        """Counts the tokens of a picture of so many pixels."""
        return self.base + self.per_tile * self.grid.count_cells(width, height)


class PatchTokens(Value):
    """Counts so many tokens for each patch of the picture as it is shrunk.

    Attributes:
        multiplier: Tokens for a patch.
        long_side: The provider shrinks a picture to fit it, in pixels; None for no limit.
        patches: Most patches; None for no limit.
        patch: Side of a patch in pixels; 32 in OpenAI's vision guide.
    """

    kind: Literal["patch"] = "patch"
    multiplier: Annotated[float, Field(gt=0)]
    long_side: Side | None = None
    patches: Side | None = None
    patch: Side = 32

    @cached_property
    def grid(self) -> Grid:
        """How the provider shrinks a picture and cuts it up."""
        return Grid(cell=self.patch, long_side=self.long_side, most=self.patches)

    def count(self, width: int, height: int) -> int:
        """Counts the tokens of a picture of so many pixels."""
        return math.ceil(self.grid.count_cells(width, height) * self.multiplier - ROUNDING)


ImageTokens = Annotated[FlatTokens | TileTokens | PatchTokens, Field(discriminator="kind")]
