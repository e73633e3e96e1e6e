"""How an engine wants its pictures."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from inspectiq.domain.base import Value

__all__ = ["ImageRule"]


class ImageRule(Value):
    """The size and quality of the JPEG that an engine gets.

    The defaults are those of a tile model (OpenAI's gpt-4o to gpt-5.1 fit the short side to 768 and
    count 512-px tiles): 1024 x 768 costs as many tokens as 12 megapixels, at a twentieth of the
    bytes. A picture a hair over 4:3 stays within both sides, since 1025 px would cost two more
    tiles.

    Attributes:
        long_side: The most pixels on the longer side.
        short_side: The most pixels on the shorter side.
        quality: JPEG quality, 1-95.
    """

    long_side: Annotated[int, Field(ge=1, le=65500)] = 1024  # 65500 is libjpeg's own limit
    short_side: Annotated[int, Field(ge=1, le=65500)] = 768
    quality: Annotated[int, Field(ge=1, le=95)] = 85

    def fit(self, width: int, height: int) -> tuple[int, int]:
        """The size in pixels that a picture is sent at: within both limits, never enlarged."""
        longer, shorter = max(width, height), min(width, height)
        if longer <= self.long_side and shorter <= self.short_side:
            return width, height
        scale = min(self.long_side / longer, self.short_side / shorter)
        long_fit = max(1, min(self.long_side, round(longer * scale)))
        short_fit = max(1, min(self.short_side, round(shorter * scale)))
        return (long_fit, short_fit) if width >= height else (short_fit, long_fit)
