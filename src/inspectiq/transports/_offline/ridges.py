"""Finds dark thin lines: evens out the light, measures two-sided valleys, thins them to a pixel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

ORIENTATIONS = 12  # steps of 15°, finer than the angular width of the line kernel below
LEVELS = 3  # pyramid levels: lines about 1–4, 4–8 and 8–16 px wide at the working size
HALF_LENGTH = 6  # px, half the line a response is averaged along
SIDE = 3  # px, how far from the line's middle its two sides are read
BLACK_LEVEL = 24.0  # grey levels added before the logarithm, so that dark noise is not amplified


@dataclass(frozen=True, slots=True, eq=False)
class Valleys:
    """How much each pixel lies in a dark valley, at the working size, H×W float32 each.

    Attributes:
        contrast: natural logarithm of side over line brightness, the darker side counts; ≥ 0.
        strength: contrast over the local unevenness of the surface, a signal-to-noise ratio.
    """

    contrast: NDArray[np.float32]
    strength: NDArray[np.float32]


def resize_picture(
    picture: NDArray[np.uint8], long_side: int, max_enlargement: float
) -> NDArray[np.uint8]:
    """Resizes a picture to the one size the rules work at.

    Args:
        picture: H×W×3 uint8.
        long_side: px of the longer side wanted.
        max_enlargement: small pictures grow by at most this factor.

    Returns:
        The resized picture, H'×W'×3 uint8.
    """
    height, width = picture.shape[:2]
    factor = min(long_side / max(height, width), max_enlargement)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    if size == (width, height):
        return picture
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=way), dtype=np.uint8)


def flatten_light(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Returns log brightness less its broad local mean, so that lighting and exposure cancel."""
    log = np.log(grey.astype(np.float32) + np.float32(BLACK_LEVEL))
    broad = cv2.blur(log, (max(grey.shape) // 8 | 1,) * 2, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(log - broad, dtype=np.float32)


@cache
def _build_line_kernels() -> tuple[tuple[NDArray[np.float32], int, int], ...]:
    """Builds for each orientation the averaging line and the (dx, dy) px step to its side."""
    reach = np.arange(-HALF_LENGTH - 1, HALF_LENGTH + 2, dtype=np.float32)
    xs, ys = np.meshgrid(reach, reach)
    kernels = []
    for angle in np.arange(ORIENTATIONS) * (np.pi / ORIENTATIONS):
        along = xs * np.cos(angle) + ys * np.sin(angle)
        across = ys * np.cos(angle) - xs * np.sin(angle)
        line = np.exp(-0.5 * (across / 0.7) ** 2) * (np.abs(along) <= HALF_LENGTH)
        kernel = (line / line.sum()).astype(np.float32)
        kernel.setflags(write=False)
        dx, dy = round(-SIDE * float(np.sin(angle))), round(SIDE * float(np.cos(angle)))
        kernels.append((kernel, dx, dy))
    return tuple(kernels)


def _measure_sides(
    flat: NDArray[np.float32],
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]]:
    """Yields (line, one side, other side) mean log brightness for each orientation."""
    height, width = flat.shape
    for kernel, dx, dy in _build_line_kernels():
        mean = cv2.filter2D(flat, -1, kernel, borderType=cv2.BORDER_REPLICATE)
        wide = cv2.copyMakeBorder(mean, SIDE, SIDE, SIDE, SIDE, cv2.BORDER_REPLICATE)
        one = wide[SIDE + dy : SIDE + dy + height, SIDE + dx : SIDE + dx + width]
        other = wide[SIDE - dy : SIDE - dy + height, SIDE - dx : SIDE - dx + width]
        yield mean, one, other  # type: ignore[misc]


def _measure_level(
    flat: NDArray[np.float32], noise_window: int, noise_floor: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Measures (contrast, strength) of one pyramid level; a step edge has no second side, so 0."""
    contrast = np.zeros_like(flat)
    uneven = np.zeros_like(flat)
    for line, one, other in _measure_sides(flat):
        np.maximum(contrast, np.minimum(one, other) - line, out=contrast)
        uneven += np.abs(one - other)
    window = (noise_window | 1,) * 2
    noise = cv2.blur(uneven, window, borderType=cv2.BORDER_REFLECT_101) / ORIENTATIONS
    return contrast, np.asarray(contrast / (noise + noise_floor), dtype=np.float32)


def measure_valleys(flat: NDArray[np.float32], noise_share: float, noise_floor: float) -> Valleys:
    """Measures at every pixel how much it lies on a dark line between two like sides.

    Args:
        flat: H×W float32, from `flatten_light`.
        noise_share: side of the window that unevenness is averaged over, share of the long side.
        noise_floor: log brightness added to the unevenness, so that a flat wall has no lines.

    Returns:
        Contrast and strength, the largest over all orientations and pyramid levels.
    """
    height, width = flat.shape
    contrast, strength = np.zeros_like(flat), np.zeros_like(flat)
    level = np.asarray(cv2.GaussianBlur(flat, (0, 0), 0.8), dtype=np.float32)
    for _ in range(LEVELS):
        if min(level.shape) <= 4 * SIDE:
            break
        window = int(noise_share * max(level.shape))
        found = _measure_level(level, window, noise_floor)
        for total, part in zip((contrast, strength), found, strict=True):
            whole = cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR)
            np.maximum(total, whole, out=total)
        level = np.asarray(cv2.pyrDown(level), dtype=np.float32)
    return Valleys(contrast, strength)


def apply_hysteresis(strength: NDArray[np.float32], low: float, high: float) -> NDArray[np.uint8]:
    """Returns the 0/1 mask of all pixels ≥ low that are connected to one ≥ high."""
    weak = (strength >= low).astype(np.uint8)
    count, labels = cv2.connectedComponents(weak, connectivity=8)
    kept = np.zeros(count, dtype=np.uint8)
    kept[labels[strength >= high]] = 1
    kept[0] = 0
    return np.asarray(kept[labels], dtype=np.uint8)


_NEIGHBOURS = np.array([[128, 1, 2], [64, 0, 4], [32, 16, 8]], dtype=np.float32)


@cache
def _list_removable() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Lists for both half steps which of the 256 neighbourhoods lose their middle pixel.

    Source: T. Y. Zhang, C. Y. Suen, A fast parallel algorithm for thinning digital patterns,
    Communications of the ACM 27(3), 1984.
    """
    codes = np.arange(256)
    n, ne, e, se, s, sw, w, nw = ((codes >> bit) & 1 for bit in range(8))
    ring = np.stack([n, ne, e, se, s, sw, w, nw])
    count = ring.sum(axis=0)
    rises = ((ring == 0) & (np.roll(ring, -1, axis=0) == 1)).sum(axis=0)
    border = (count >= 2) & (count <= 6) & (rises == 1)
    first = border & (n * e * s == 0) & (e * s * w == 0)
    second = border & (n * e * w == 0) & (n * s * w == 0)
    return first, second


def thin_lines(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Thins a 0/1 mask to lines one pixel wide that keep its connections."""
    thin = mask.copy()
    thin[[0, -1], :] = 0
    thin[:, [0, -1]] = 0
    while True:
        before = int(np.count_nonzero(thin))
        for table in _list_removable():
            codes = cv2.filter2D(thin, cv2.CV_32F, _NEIGHBOURS, borderType=cv2.BORDER_CONSTANT)
            thin[table[np.asarray(codes, dtype=np.int32)]] = 0
        if int(np.count_nonzero(thin)) == before:
            return thin
