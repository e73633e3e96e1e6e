"""`ImageRule`: the size and quality of the pictures that an engine gets."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from inspectiq._taking import require_number
from inspectiq._values import Value
from inspectiq.domain._grid import Grid

__all__ = ["LARGEST_SIDE", "ImageRule"]

LARGEST_SIDE = 65500  # libjpeg's own limit

Side = Annotated[int, Field(ge=1, le=LARGEST_SIDE)]


class ImageRule(Value):
    """The size and quality of the JPEG that an engine gets.

    The defaults suit a tile model (OpenAI's gpt-4o to gpt-5.1 fit the short side to 768 and count
    512-px tiles): 1024 x 768 costs as many tokens as 12 megapixels, at a twentieth of the bytes.
    `ModelInfo.make_image_rule` makes the rule of a model; smaller sides than its own cost less and
    show less.

    Attributes:
        long_side: The most pixels on the longer side.
        short_side: The most pixels on the shorter side.
        quality: JPEG quality, 1-95.
        grid: How the engine shrinks and cuts a picture, None where that is not known: more pixels
            than it looks at are never sent.
        slack: A side gives up at most this share of its pixels where that saves a row of the
            grid's cells: 1025 px would cost a tile more than 1024. Our assumption.
    """

    long_side: Side = 1024
    short_side: Side = 768
    quality: Annotated[int, Field(ge=1, le=95)] = 82
    grid: Grid | None = None
    slack: Annotated[float, Field(ge=0, lt=1)] = 0.04

    def fit(self, width: int, height: int) -> tuple[int, int]:
        """Fits a picture's size in pixels within all limits, never enlarged."""
        for name, side in (("width", width), ("height", height)):
            require_number(side, name, least=1)
        size = max(width, height), min(width, height)
        if self.grid is not None:
            size = self.grid.shrink(*size)
        size = _shrink_within(size, (self.long_side, self.short_side))
        while (trimmed := self._trim(size)) != size:
            size = _shrink_within(size, trimmed)
        return size if width >= height else size[::-1]

    def _trim(self, size: tuple[int, int]) -> tuple[int, int]:
        if self.grid is None:
            return size
        cell = self.grid.cell
        long, short = (
            side if side < cell or side % cell > side * self.slack else side - side % cell
            for side in size
        )
        return long, short


def _shrink_within(size: tuple[int, int], limits: tuple[int, int]) -> tuple[int, int]:
    scale = min(limit / side for side, limit in zip(size, limits, strict=True))
    if scale >= 1:
        return size
    long, short = (
        max(1, min(limit, round(side * scale))) for side, limit in zip(size, limits, strict=True)
    )
    return long, short
