"""How engines count the tokens of a picture."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from inspectiq.domain.base import Value

__all__ = ["FlatTokens", "ImageTokens", "PatchTokens", "TileTokens"]

_ROUNDING = 1e-9


class FlatTokens(Value):
    """So many tokens for a picture of any size."""

    kind: Literal["flat"] = "flat"
    tokens: Annotated[int, Field(ge=0)]

    def count(self, width: int, height: int) -> int:
        """Tokens of a picture of so many pixels."""
        return self.tokens


class TileTokens(Value):
    """A base, and so many for each tile of the picture as the provider shrinks it.

    Attributes:
        base, per_tile: Tokens.
        long_side, short_side: The provider shrinks a picture to fit both, in pixels.
        tile: Side of a tile in pixels.
    """

    kind: Literal["tile"] = "tile"
    base: Annotated[int, Field(ge=0)]
    per_tile: Annotated[int, Field(ge=0)]
    long_side: Annotated[int, Field(ge=1)] = 2048
    short_side: Annotated[int, Field(ge=1)] = 768
    tile: Annotated[int, Field(ge=1)] = 512

    def count(self, width: int, height: int) -> int:
        """Tokens of a picture of so many pixels."""
        for limit, side in ((self.long_side, max), (self.short_side, min)):
            if side(width, height) > limit:
                scale = limit / side(width, height)
                width = max(1, int(width * scale + _ROUNDING))
                height = max(1, int(height * scale + _ROUNDING))
        tiles = math.ceil(width / self.tile) * math.ceil(height / self.tile)
        return self.base + self.per_tile * tiles


class PatchTokens(Value):
    """So many for each patch of the picture as the provider shrinks it.

    Attributes:
        multiplier: Tokens for a patch.
        long_side: The provider shrinks a picture to fit it, in pixels; None for no limit.
        patches: Most patches; None for no limit.
        patch: Side of a patch in pixels.
    """

    kind: Literal["patch"] = "patch"
    multiplier: Annotated[float, Field(gt=0)]
    long_side: Annotated[int, Field(ge=1)] | None = None
    patches: Annotated[int, Field(ge=1)] | None = None
    patch: Annotated[int, Field(ge=1)] = 32

    def shrunk(self, width: int, height: int) -> tuple[int, int]:
        """The size in pixels that the provider looks at."""
        if self.long_side is not None and max(width, height) > self.long_side:
            scale = self.long_side / max(width, height)
            width = max(1, int(width * scale + _ROUNDING))
            height = max(1, int(height * scale + _ROUNDING))
        if self.patches is not None and self._patches(width, height) > self.patches:
            side = self.patch
            scale = math.sqrt(side * side * self.patches / (width * height))
            across, down = width * scale / side, height * scale / side
            scale *= min(math.floor(across) / across, math.floor(down) / down)
            width = max(1, int(width * scale + _ROUNDING))
            height = max(1, int(height * scale + _ROUNDING))
        return width, height

    def count(self, width: int, height: int) -> int:
        """Tokens of a picture of so many pixels."""
        patches = self._patches(*self.shrunk(width, height))
        if self.patches is not None:
            patches = min(patches, self.patches)
        return math.ceil(patches * self.multiplier - _ROUNDING)

    def _patches(self, width: int, height: int) -> int:
        return math.ceil(width / self.patch) * math.ceil(height / self.patch)


ImageTokens = Annotated[FlatTokens | TileTokens | PatchTokens, Field(discriminator="kind")]
