"""How engines count the tokens of a picture."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from inspectiq.domain._base import Value

__all__ = ["FlatTokens", "Grid", "ImageTokens", "PatchTokens", "TileTokens"]

Tokens = Annotated[int, Field(ge=0)]
Side = Annotated[int, Field(ge=1)]
_ROUNDING = 1e-9


class FlatTokens(Value):
    """So many tokens for a picture of any size.

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
        """Tokens of a picture of so many pixels."""
        return self.tokens


class TileTokens(Value):
    """A base, and so many for each tile of the picture as the provider shrinks it.

    The defaults are those of OpenAI's vision guide.

    Attributes:
        base, per_tile: Tokens.
        long_side, short_side: The provider shrinks a picture to fit both, in pixels.
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
        """Tokens of a picture of so many pixels."""
        return self.base + self.per_tile * self.grid.cells(width, height)


class PatchTokens(Value):
    """So many for each patch of the picture as the provider shrinks it.

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
        """Tokens of a picture of so many pixels."""
        return math.ceil(self.grid.cells(width, height) * self.multiplier - _ROUNDING)


ImageTokens = Annotated[FlatTokens | TileTokens | PatchTokens, Field(discriminator="kind")]


class Grid(Value):
    """How a provider shrinks a picture and cuts it into square cells; what that costs is apart.

    Attributes:
        cell: Side of a cell in pixels.
        long_side, short_side: The picture is shrunk to fit them, in pixels; None for no limit.
        most: It is shrunk further until it has no more cells than these; None for no limit.
    """

    cell: Side
    long_side: Side | None = None
    short_side: Side | None = None
    most: Side | None = None

    def shrunk(self, width: int, height: int) -> tuple[int, int]:
        """The size in pixels that the provider looks at, rounded down as OpenAI's guide does."""
        if self.long_side is not None:
            width, height = _scaled(width, height, self.long_side / max(width, height))
        if self.short_side is not None:
            width, height = _scaled(width, height, self.short_side / min(width, height))
        if self.most is not None and self._cells(width, height) > self.most:
            scale = math.sqrt(self.cell**2 * self.most / (width * height))
            across, down = (max(1.0, side * scale / self.cell) for side in (width, height))
            scale *= min(math.floor(across) / across, math.floor(down) / down)
            width, height = _scaled(width, height, scale)
        return width, height

    def cells(self, width: int, height: int) -> int:
        """Cells of a picture of so many pixels, once it is shrunk."""
        cells = self._cells(*self.shrunk(width, height))
        return cells if self.most is None else min(cells, self.most)

    def _cells(self, width: int, height: int) -> int:
        return math.ceil(width / self.cell) * math.ceil(height / self.cell)


def _scaled(width: int, height: int, scale: float) -> tuple[int, int]:
    if scale >= 1:
        return width, height
    return max(1, int(width * scale + _ROUNDING)), max(1, int(height * scale + _ROUNDING))
