"""Shrinks pixels of any kind and converts them to sRGB, without a large copy in between."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from PIL import Image, ImageCms

__all__ = ["PillowPixels", "Pixels", "shrink", "to_srgb"]

_STRIP_PIXELS = 2_000_000
_PLAIN = frozenset({"L", "RGB", "CMYK"})
_MOST_ICC_BYTES = 4_000_000  # printers' CMYK profiles have up to 2 MB
_SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}


class Pixels(Protocol):
    """Decoded pixels that can be read in strips.

    Attributes:
        size: Width and height in pixels.
        extent: The same before rounding, where the decoder shrank the picture.
    """

    size: tuple[int, int]
    extent: tuple[float, float]

    def read_rows(self, top: int, bottom: int) -> Image.Image:
        """Reads the rows `top` to `bottom` (exclusive)."""


class PillowPixels:
    """The pixels of a Pillow picture."""

    def __init__(self, picture: Image.Image, extent: tuple[float, float] | None = None) -> None:
        self.picture = picture
        self.size = picture.size
        self.extent = extent or picture.size

    def read_rows(self, top: int, bottom: int) -> Image.Image:
        if top == 0 and bottom == self.size[1]:
            return self.picture
        return self.picture.crop((0, top, self.size[0], bottom))


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
        part = _flatten(pixels.read_rows(top, min(height, top + rows)))
        part = part.reduce(factor) if factor > 1 else part
        if rows >= height:
            return part
        if small is None:
            small = Image.new(part.mode, (-(-width // factor), -(-height // factor)))
        small.paste(part, (0, top // factor))
    assert small is not None
    return small


def to_srgb(picture: Image.Image, icc: bytes | None) -> Image.Image:
    """Converts L, RGB or CMYK to sRGB by the file's ICC profile; a broken profile is ignored."""
    converted = _convert(picture, icc) if icc and len(icc) <= _MOST_ICC_BYTES else None
    if converted is None:
        converted = picture.convert("RGB")
    converted.info = {}
    return converted


def _convert(picture: Image.Image, icc: bytes) -> Image.Image | None:
    """Converts by a profile; None where that is broken, does not fit, or changes nothing."""
    from PIL import ImageCms

    try:
        transform = _make_transform(icc, picture.mode)
        return None if transform is None else ImageCms.applyTransform(picture, transform)
    except (ImageCms.PyCMSError, ValueError, TypeError, OSError):
        return None


@lru_cache(maxsize=8)
def _make_transform(icc: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    if profile.profile.xcolor_space != _SPACES.get(mode):
        return None
    if mode == "RGB" and "srgb" in (profile.profile.profile_description or "").lower():
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
        return part.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    if part.has_transparency_data:
        part = part.convert("RGBA")
        white = Image.new("RGB", part.size, "white")
        white.paste(part, mask=part.getchannel("A"))
        return white
    if part.mode in _PLAIN:
        return part
    return part.convert("L" if part.mode == "1" else "RGB")
