"""Finds what may spoil an assessment of a photo. These are warnings and refuse no photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

    from inspectiq.domain._photo import PhotoWarning

__all__ = ["find_quality_warnings"]

# Assumptions, tried on 54 sharp rooms and walls, 37 cracks, and copies of them blurred by 0.6 % of
# the long side or darkened to 15 % of their brightness. On other cameras they may differ.
DARK_BELOW = 45.0  # mean luminance, 0-255; the darkest good photo had 92
CLIPPED_FROM = 245  # luminance in which no detail is left
MOST_CLIPPED = 0.5  # share of the pixels; the brightest good photo had 0.25, most of them under 0.1
SHARPNESS_BELOW = 0.07  # fine detail to coarse; the softest good photo had 0.08
COARSE_DETAIL_FROM = 15.0  # with less, a smooth wall and a blurred one cannot be told apart
_ROUNDING = 1.5  # variance that rounding to 8 bits adds to the fine detail of any picture
_LOOKED_AT = 512  # long side in pixels; both details are variances of the Laplacian at a size
_COARSER = 4


def find_quality_warnings(picture: Image.Image) -> tuple[PhotoWarning, ...]:
    """Finds which of `blurred`, `dark` and `overexposed` hold for an upright picture."""
    from PIL import ImageStat
    from PIL.Image import Resampling

    grey = picture.convert("L")
    scale = min(1.0, _LOOKED_AT / max(grey.size))
    size = max(1, round(grey.width * scale)), max(1, round(grey.height * scale))
    if size != grey.size:
        grey = grey.resize(size, Resampling.BOX)
    found: list[PhotoWarning] = []
    coarse = _compute_detail(grey.reduce(_COARSER))
    if (
        coarse >= COARSE_DETAIL_FROM
        and _compute_detail(grey) < SHARPNESS_BELOW * coarse + _ROUNDING
    ):
        found.append("blurred")
    if ImageStat.Stat(grey).mean[0] < DARK_BELOW:
        found.append("dark")
    if sum(grey.histogram()[CLIPPED_FROM:]) > MOST_CLIPPED * grey.width * grey.height:
        found.append("overexposed")
    return tuple(found)


def _compute_detail(grey: Image.Image) -> float:
    """Computes how much neighbouring pixels differ: the variance of the Laplacian."""
    from PIL import ImageFilter, ImageStat

    if min(grey.size) < 4:
        return 0.0
    # The offset keeps negative values, which 8 bits cannot hold.
    kernel = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
    edges = grey.filter(kernel).crop((1, 1, grey.width - 1, grey.height - 1))
    return float(ImageStat.Stat(edges).var[0])
