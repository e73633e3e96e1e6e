"""How a provider shrinks a picture before its model sees it, which decides its tokens."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from inspectiq._values import Value

__all__ = ["ROUNDING", "Grid", "Side"]

Side = Annotated[int, Field(ge=1)]
ROUNDING = 1e-9  # what floating point may be off by


class Grid(Value):
    """How a provider shrinks a picture and cuts it into square cells; prices are not its matter.

    Attributes:
        cell: Side of a cell in pixels.
        long_side: The longer side is shrunk to fit this, in pixels; None for no limit.
        short_side: The shorter side is shrunk to fit this, in pixels; None for no limit.
        most: The most cells; it is shrunk further to have no more. None for no limit.
    """

    cell: Side
    long_side: Side | None = None
    short_side: Side | None = None
    most: Side | None = None

    def shrink(self, width: int, height: int) -> tuple[int, int]:
        """Calculates the size in pixels that the provider sees, rounded down as OpenAI says."""
        if self.long_side is not None:
            width, height = _scale(width, height, self.long_side / max(width, height))
        if self.short_side is not None:
            width, height = _scale(width, height, self.short_side / min(width, height))
        if self.most is not None and self._count(width, height) > self.most:
            scale = math.sqrt(self.cell**2 * self.most / (width * height))
            across, down = (max(1.0, side * scale / self.cell) for side in (width, height))
            scale *= min(math.floor(across) / across, math.floor(down) / down)
            width, height = _scale(width, height, scale)
        return width, height

    def count_cells(self, width: int, height: int) -> int:
        """Counts the cells of a picture of so many pixels, once it is shrunk."""
        cells = self._count(*self.shrink(width, height))
        return cells if self.most is None else min(cells, self.most)

    def _count(self, width: int, height: int) -> int:
        return math.ceil(width / self.cell) * math.ceil(height / self.cell)


def _scale(width: int, height: int, scale: float) -> tuple[int, int]:
    if scale >= 1:
        return width, height
    return max(1, int(width * scale + ROUNDING)), max(1, int(height * scale + ROUNDING))
