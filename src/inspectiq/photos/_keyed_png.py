"""Opens a PNG of 16-bit colour in which one colour is transparent.

Pillow keeps the upper half of each sample, in which near colours are the same. So the lower half is
decoded too, and only the colour itself becomes white.
"""

from __future__ import annotations

import io
from functools import reduce
from typing import TYPE_CHECKING, Any

from inspectiq.photos._colour import PillowPixels, PixelBox, Pixels
from inspectiq.photos._opened import BYTES_A_PIXEL, PillowPicture
from inspectiq.photos._png_rows import require_all_rows

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["KeyedPng"]

_LOWER = "RGB;16L"  # of samples whose upper half comes first, it takes the other half


class KeyedPng(PillowPicture):
    """A PNG with a transparent colour of three 16-bit samples (`tRNS`)."""

    def __init__(self, bare: bytes, key: tuple[int, ...], *args: Any) -> None:
        super().__init__(*args)
        self._bare, self._key = bare, key

    def estimate_memory(self, size: tuple[int, int]) -> int:
        return int(2 * BYTES_A_PIXEL["png"] * self.file.width * self.file.height)

    def decode(self, size: tuple[int, int]) -> Pixels:
        from PIL.PngImagePlugin import PngImageFile

        require_all_rows(self._bare)
        lower = PngImageFile(io.BytesIO(self._bare))
        lower.tile = [tile._replace(args=_LOWER) for tile in lower.tile]
        lower.load()
        upper = self._pictures.pop()
        upper.load()
        return _KeyedPixels(upper, lower, self._key)


class _KeyedPixels(PillowPixels):
    """Pixels of which one colour is white."""

    def __init__(self, upper: Image.Image, lower: Image.Image, key: tuple[int, ...]) -> None:
        super().__init__(upper)
        self._lower, self._key = PillowPixels(lower), key

    def read(self, box: PixelBox) -> Image.Image:
        from PIL import ImageChops

        shown = super().read(box).copy()
        bands = [*shown.split(), *self._lower.read(box).split()]
        wanted = [value >> 8 for value in self._key] + [value & 255 for value in self._key]
        same = [
            band.point([255 * (value == one) for value in range(256)])
            for band, one in zip(bands, wanted, strict=True)
        ]
        shown.paste("white", mask=reduce(ImageChops.darker, same))
        return shown
