"""Tells whether two photos are the same shot, by fingerprints of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Fingerprint", "compute_fingerprint", "is_distinctive", "is_same_shot"]

THUMB_SIDE = 48

# Chosen on 91 photos: copies of them (JPEG quality 60, 70 % of the size, 10 % brighter or darker)
# against the same with a drawn crack or stain, shifted by 2 %, and all other pairs.
MOST_BITS_APART = 31  # of 256; in flat parts the bits are noise, so this only sorts out strangers
LEAST_DETAIL = 8 * 4.0  # eight times the levels by which pixels stand out from those around them
LEAST_CORRELATION = 0.97  # of that detail
MOST_GAIN = 1.25
MOST_LEVELS_APART = 2.5  # of 255, at any one of the 48 x 48 places, once exposure is made equal


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Enough of a photo to recognise it again.

    Attributes:
        sha256: Of the original file.
        dhash: 256-bit difference hash (hex): which of two neighbours in a 17 x 16 grid is brighter.
        thumb: 48 x 48 grey pixels, row by row.
    """

    sha256: str
    dhash: str
    thumb: bytes = field(repr=False)


def compute_fingerprint(picture: Image.Image, sha256: str) -> Fingerprint:
    """Computes the fingerprint of an upright picture."""
    from PIL.Image import Resampling

    # A box filter cuts its blocks at whole pixels, so that a resized copy differs at every edge.
    grey = picture.convert("L").resize((THUMB_SIDE, THUMB_SIDE), Resampling.BILINEAR)
    grid = grey.resize((17, 16), Resampling.BOX).tobytes()
    bits = 0
    for at in range(17 * 16):
        if at % 17 < 16:
            bits = bits << 1 | (grid[at] < grid[at + 1])
    return Fingerprint(sha256, f"{bits:064x}", grey.tobytes())


def is_same_shot(one: Fingerprint, other: Fingerprint) -> bool:
    """Tells whether two photos are one shot: encoded again, resized, a little brighter or darker.

    Strict on purpose: a missed duplicate costs a cent, a false one hides a defect. Smooth walls are
    never near, since nothing in them tells one wall from its neighbour.
    """
    if (int(one.dhash, 16) ^ int(other.dhash, 16)).bit_count() > MOST_BITS_APART:
        return False
    if not (is_distinctive(one) and is_distinctive(other)):
        return False
    ours, theirs = _compute_detail(one.thumb), _compute_detail(other.thumb)
    our_power, their_power = _multiply(ours, ours), _multiply(theirs, theirs)
    if _multiply(ours, theirs) < LEAST_CORRELATION * math.sqrt(our_power * their_power):
        return False
    gain, offset = _fit_exposure(one.thumb, other.thumb)
    if not 1 / MOST_GAIN <= gain <= MOST_GAIN:
        return False
    return all(
        abs(min(255.0, gain * x + offset) - y) <= MOST_LEVELS_APART
        for x, y in zip(one.thumb, other.thumb, strict=True)
    )


def is_distinctive(one: Fingerprint) -> bool:
    """Tells whether a photo has enough detail to be told from others; a smooth wall has not."""
    detail = _compute_detail(one.thumb)
    return _multiply(detail, detail) >= LEAST_DETAIL**2 * len(detail)


def _fit_exposure(one: bytes, other: bytes) -> tuple[float, float]:
    """Finds gain and offset that make the first most like the second, by least squares."""
    # Clipped highlights and shadows say nothing about the exposure.
    pairs = [(x, y) for x, y in zip(one, other, strict=True) if 5 < x < 245 and 5 < y < 245]
    if len(pairs) < len(one) // 4:
        return 0.0, 0.0
    mean_x = sum(x for x, _ in pairs) / len(pairs)
    mean_y = sum(y for _, y in pairs) / len(pairs)
    spread = sum((x - mean_x) ** 2 for x, _ in pairs)
    if spread == 0:
        return 0.0, 0.0
    gain = sum((x - mean_x) * (y - mean_y) for x, y in pairs) / spread
    return gain, mean_y - gain * mean_x


def _compute_detail(thumb: bytes) -> list[int]:
    """Compares each inner pixel with the mean of the eight around it, times 8.

    What is left is detail: a change of the light falls away.
    """
    side = THUMB_SIDE
    rows = [thumb[at : at + side] for at in range(0, side * side, side)]
    found = []
    for above, row, below in zip(rows, rows[1:], rows[2:], strict=False):
        columns = [a + b + c for a, b, c in zip(above, row, below, strict=True)]
        found += [
            9 * row[x] - columns[x - 1] - columns[x] - columns[x + 1] for x in range(1, side - 1)
        ]
    return found


def _multiply(one: list[int], other: list[int]) -> float:
    return float(sum(x * y for x, y in zip(one, other, strict=True)))
