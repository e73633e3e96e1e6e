"""Shrinks pixels of any kind and converts them to sRGB, without a large copy in between."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from PIL import Image, ImageCms

__all__ = ["CroppedPixels", "PillowPixels", "PixelBox", "Pixels", "shrink", "to_srgb"]

PixelBox = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels; the last two are exclusive."""

_STRIP_PIXELS = 2_000_000
_PLAIN = frozenset({"L", "RGB", "CMYK"})
_MOST_ICC_BYTES = 4_000_000  # printers' CMYK profiles have up to 2 MB
_SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}


class Pixels(Protocol):
    """Decoded pixels that can be read in parts.

    Attributes:
        size: Width and height in pixels.
        extent: The same before rounding, where the decoder shrank the picture.
    """

    size: tuple[int, int]
    extent: tuple[float, float]

    def read(self, box: PixelBox) -> Image.Image:
        """Reads a part of them."""


class PillowPixels:
    """The pixels of a Pillow picture."""

    def __init__(self, picture: Image.Image, extent: tuple[float, float] | None = None) -> None:
        self.picture = picture
        self.size = picture.size
        self.extent = extent or picture.size

    def read(self, box: PixelBox) -> Image.Image:
        return self.picture if box == (0, 0, *self.size) else self.picture.crop(box)


class CroppedPixels:
    """A part of other pixels. What is cut off is never looked at, not even by shrinking."""

    def __init__(self, pixels: Pixels, box: PixelBox) -> None:
        left, top, right, bottom = box
        self._pixels, self._left, self._top = pixels, left, top
        self.size = (right - left, bottom - top)
        self.extent: tuple[float, float] = self.size

    def read(self, box: PixelBox) -> Image.Image:
        left, top, right, bottom = box
        right, bottom = self._left + right, self._top + bottom
        return self._pixels.read((self._left + left, self._top + top, right, bottom))


def shrink(pixels: Pixels, size: tuple[int, int]) -> Image.Image:
    """Shrinks pixels to `size`, in mode L, RGB or CMYK, on white where they were transparent.

    Whole blocks are averaged first, a strip at a time, so that no second picture of full size is
    ever in memory: 100 megapixels of a palette picture would need 400 MB more as RGB.
    """
    from PIL import Image

    factor = _choose_factor(pixels.size, size)
    small = _reduce(pixels, factor)
    if small.size == size:
        return small
    box = (0.0, 0.0, pixels.extent[0] / factor, pixels.extent[1] / factor)
    return small.resize(size, Image.Resampling.BICUBIC, box=box)


def _choose_factor(have: tuple[int, int], want: tuple[int, int]) -> int:
    """Chooses the side of the blocks to average: the largest that leaves the wanted size."""
    width, height = have
    factor = max(1, min(width // want[0], height // want[1]))
    # A last block that is not full counts as a pixel.
    more = -(-width // (factor + 1)), -(-height // (factor + 1))
    return factor + 1 if more[0] >= want[0] and more[1] >= want[1] else factor


def _reduce(pixels: Pixels, factor: int) -> Image.Image:
    """Averages whole blocks, a strip of at most `_STRIP_PIXELS` at a time."""
    from PIL import Image

    width, height = pixels.size
    rows = max(1, _STRIP_PIXELS // (width * factor)) * factor
    small = None
    for top in range(0, height, rows):
        part = _flatten(pixels.read((0, top, width, min(height, top + rows))))
        part = part.reduce(factor) if factor > 1 else part
        if rows >= height:
            return part
        if small is None:
            small = Image.new(part.mode, (-(-width // factor), -(-height // factor)))
        small.paste(part, (0, top // factor))
    assert small is not None
    return small


def to_srgb(picture: Image.Image, icc: bytes | None) -> Image.Image:
    """Converts L, RGB or CMYK to sRGB by an ICC profile; a broken profile is ignored."""
    converted = _convert(picture, icc) if icc and len(icc) <= _MOST_ICC_BYTES else None
    if converted is None:
        converted = picture.convert("RGB")
    converted.info = {}
    return converted


def _convert(picture: Image.Image, icc: bytes) -> Image.Image | None:
    """Converts by a profile, whatever it calls itself; None where it is broken or does not fit."""
    from PIL import ImageCms

    try:
        mode = "RGB" if picture.mode == "L" and icc[16:20] == b"RGB " else picture.mode
        transform = _make_transform(icc, mode)
        if transform is None:
            return None
        return ImageCms.applyTransform(picture.convert(mode), transform)
    except (ImageCms.PyCMSError, ValueError, TypeError, OSError):
        return None


@lru_cache(maxsize=8)
def _make_transform(icc: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    if profile.profile.xcolor_space != _SPACES.get(mode):
        return None
    return ImageCms.buildTransform(profile, _make_srgb_profile(), mode, "RGB")


@lru_cache(maxsize=1)
def _make_srgb_profile() -> ImageCms.ImageCmsProfile:
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _flatten(part: Image.Image) -> Image.Image:
    """Converts to 8 bits a channel, without transparency and without a palette."""
    from PIL import Image

    if part.mode == "I" or part.mode.startswith("I;16"):
        # A plain convert clips at 255 and makes every 16-bit picture white.
        return part.convert("I").point(_make_grey_table(part.info.get("transparency")), "L")
    if part.has_transparency_data:
        grey = part.mode in {"1", "L", "LA", "La"}
        part = part.convert("RGBA")
        white = Image.new("RGB", part.size, "white")
        white.paste(part, mask=part.getchannel("A"))
        return white.convert("L") if grey else white
    if part.mode in _PLAIN:
        return part
    return part.convert("L" if part.mode == "1" else "RGB")


@lru_cache(maxsize=2)
def _make_grey_table(transparent: int | None) -> list[int]:
    """Makes the table from 16 bits of grey to 8, on white where they are transparent."""
    table = [round(value / 257) for value in range(65_536)]
    if isinstance(transparent, int) and transparent < len(table):
        table[transparent] = 255
    return table
