"""Opens a JPEG, and decodes it at a scale that its decoder has."""

from __future__ import annotations

import io
from typing import Any

from PIL.JpegImagePlugin import JpegImageFile

from inspectiq.photos._colour import PillowPixels, Pixels
from inspectiq.photos._exif import read_exif
from inspectiq.photos._jpeg import JpegOutline, read_outline
from inspectiq.photos._jpeg_whole import WatchedJpeg, complete
from inspectiq.photos._opened import (
    BYTES_A_PIXEL,
    MAX_DECODED_BYTES,
    OpenPicture,
    PillowPicture,
    check_bounds,
    describe_file,
    make_unsupported_error,
    require_memory,
)

__all__ = ["open_jpeg"]

_CLOSE = 0.95  # 4032 px decode to 1008 at a quarter, twice as fast as to 2016 and then to 1024
_MOST_SCANNED = 1_500_000_000  # pixels times scans: 15 scans at 100 megapixels; cameras write 10


def open_jpeg(data: bytes, name: str) -> OpenPicture:
    """Reads the header of a JPEG."""
    outline = read_outline(data)
    if outline.refused:
        raise make_unsupported_error(name, outline.refused)
    picture = JpegImageFile(io.BytesIO(outline.hidden))
    check_bounds(name, picture.size)
    if outline.scans * picture.width * picture.height > _MOST_SCANNED:
        raise ValueError("more scans than any camera or editor writes")
    file = describe_file(data, "jpeg", picture.size)
    icc = picture.info.get("icc_profile")
    return require_memory(_JpegPicture(outline, picture, name, file, read_exif(outline.exif), icc))


class _JpegPicture(PillowPicture):
    """A JPEG, whose decoder can shrink by 2, 4 or 8 at a fraction of the work."""

    def __init__(self, outline: JpegOutline, *args: Any) -> None:
        super().__init__(*args)
        self._outline = outline

    def find_landing_size(self, size: tuple[int, int]) -> tuple[int, int]:
        for scale in (8, 4, 2):
            width, height = self._compute_draft_size(scale)
            under = width <= size[0] and height <= size[1]
            if under and width >= size[0] * _CLOSE and height >= size[1] * _CLOSE:
                return width, height
        return size

    def _compute_draft_size(self, scale: int) -> tuple[int, int]:
        return -(-self.file.width // scale), -(-self.file.height // scale)

    def _choose_scale(self, size: tuple[int, int]) -> int:
        for scale in (8, 4, 2):
            width, height = self._compute_draft_size(scale)
            if width >= size[0] and height >= size[1]:
                return scale
        return 1

    def estimate_memory(self, size: tuple[int, int]) -> int:
        return self._estimate(1 if self._is_compared() else self._choose_scale(size))

    def _estimate(self, scale: int) -> int:
        pixels = self.file.width * self.file.height
        decoded = int(BYTES_A_PIXEL["jpeg"] * pixels / scale**2)
        more = 0 if self._outline.interleaved else self._count_coefficient_bytes(pixels)
        return decoded + more

    def _is_compared(self) -> bool:
        """Tells whether all its pixels are compared, to know that none is missing.

        Of many scans, or where the end is missing. One with an end is trusted where it has too many
        pixels for that, or was coded so that what is left out may be right.
        """
        if not self._outline.ends:
            return True
        known = self._outline.interleaved or self._outline.arithmetic
        return not known and self._estimate(1) <= MAX_DECODED_BYTES

    def _count_coefficient_bytes(self, pixels: int) -> int:
        layers: list[tuple[int, int, int, int]] = self._pictures[0].layer  # type: ignore[attr-defined]
        widest: int = max(layer[1] for layer in layers) * max(layer[2] for layer in layers)
        sampled: int = sum(layer[1] * layer[2] for layer in layers)
        return 2 * pixels * sampled // max(1, widest)

    def decode(self, size: tuple[int, int]) -> Pixels:
        width, height, scale = self.file.width, self.file.height, self._choose_scale(size)
        is_compared = self._is_compared()
        picture = self._pictures.pop()
        if is_compared:
            del picture
            picture = JpegImageFile(io.BytesIO(complete(self._outline)))
        elif self._outline.interleaved and not self._outline.arithmetic:
            picture = WatchedJpeg(self._outline)
        if scale > 1:
            picture.draft(None, (width // scale, height // scale))
        picture.load()
        return PillowPixels(picture, (width / scale, height / scale))
