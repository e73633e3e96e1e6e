"""Measures what speaks for a line being a crack: how it runs, its two sides, what is around."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from inspectiq.transports._offline.ridges import (
    Valleys,
    apply_hysteresis,
    flatten_light,
    measure_valleys,
    thin_lines,
)
from inspectiq.transports._offline.traces import (
    Line,
    find_lines,
    find_side_points,
    join_lines,
    measure_residuals,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from inspectiq.transports._offline.coefficients import Coefficients

_MIN_PIXELS = 8  # px; shorter skeleton lines are specks
_PIECE, _LONG_PIECE = 40, 72  # px along a line that its straightness is judged over
_RULED, _STEADY = 0.35, 0.25  # px r.m.s., what pixel steps alone leave of a drawn line or bend
_BESIDE = 8.0  # px from the line where the surface to either side is read
_NEAR, _CLEAR, _AROUND, _ZONE = 0.01, 0.02, 0.12, 0.15  # distances from a line, share of long side


@dataclass(frozen=True, slots=True)
class LineEvidence:
    """What speaks for and against one line being a crack; units are in cracks.toml."""

    length: float
    detour: float
    wander: float
    bow: float
    ruled: float
    smooth: float
    imbalance: float
    dominance: float
    alone: float


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredPicture:
    """A picture at the working size, its lines, and all that they are judged by.

    Attributes:
        long_side: px.
        valley: contrast and strength, H×W.
        tone: log brightness of each colour, smoothed, H×W×3 float32.
        gradient: its steepness in log brightness per px, H×W float32.
        lines: all lines found, gaps bridged.
        ink: H×W 0/1, the pixels of all lines.
    """

    long_side: int
    valley: Valleys
    tone: NDArray[np.float32]
    gradient: NDArray[np.float32]
    lines: list[Line]
    ink: NDArray[np.uint8]


def measure_picture(picture: NDArray[np.uint8], use: Coefficients) -> MeasuredPicture:
    """Finds the lines of a picture (H×W×3 uint8 at the working size)."""
    long_side = max(picture.shape[:2])
    flat = flatten_light(np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8))
    valley = measure_valleys(flat, use.valley.noise_share, use.valley.noise_floor)
    thin = thin_lines(apply_hysteresis(valley.strength, use.valley.low, use.valley.high))
    lines = find_lines(thin, _MIN_PIXELS)
    lines = join_lines(thin, lines, use.link.gap * long_side, use.link.cosine)
    ink = np.zeros_like(thin)
    for line in lines:
        ink[line.pixels[:, 1], line.pixels[:, 0]] = 1
    smooth = cv2.GaussianBlur(flat, (0, 0), 1.5)
    slopes = [cv2.Sobel(smooth, -1, dx, 1 - dx, scale=0.125) for dx in (1, 0)]
    tone = np.log(cv2.GaussianBlur(picture, (0, 0), 1.5).astype(np.float32) + np.float32(24))
    gradient = np.asarray(np.hypot(*slopes), dtype=np.float32)
    return MeasuredPicture(long_side, valley, tone, gradient, lines, ink)


def _read_at(values: NDArray[np.float32], points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Reads H×W(×C) values at N×2 (x, y) points, between pixels linearly."""
    xs, ys = np.ascontiguousarray(points.T[:, None])
    found = cv2.remap(values, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found[0], dtype=np.float32)


def measure_contrast(line: Line, measured: MeasuredPicture) -> float:
    """Measures the median log contrast of a line against the surface beside it."""
    return float(np.median(_read_at(measured.valley.contrast, line.trace.astype(np.float32))))


def _measure_imbalance(line: Line, measured: MeasuredPicture) -> float:
    """Measures how much the two sides differ, over the line's contrast (a step edge: ≥ 1)."""
    one, other = (_read_at(measured.tone, side) for side in find_side_points(line.trace, _BESIDE))
    apart = np.abs(cv2.blur(one - other, (1, 15))).max(axis=1)
    return float(np.median(apart)) / max(measure_contrast(line, measured), 1e-6)


def _measure_surroundings(line: Line, measured: MeasuredPicture) -> tuple[float, float]:
    """Measures (dominance, alone): how quiet the picture is around a line."""
    side = measured.long_side
    margin = int(_ZONE * side) + 1
    left, top = np.maximum(line.pixels.min(axis=0) - margin, 0).tolist()
    right, bottom = (line.pixels.max(axis=0) + margin + 1).tolist()
    window = np.s_[top:bottom, left:right]
    ink, gradient = measured.ink[window], measured.gradient[window]
    off = np.ones_like(ink)
    off[line.pixels[:, 1] - top, line.pixels[:, 0] - left] = 0
    away = cv2.distanceTransform(off, cv2.DIST_L2, 3) / side
    near = gradient[away <= _NEAR]
    around = gradient[(away > _CLEAR) & (away < _AROUND)]
    quiet = float(around.mean()) if around.size else 0.0
    alone = len(line.pixels) / max(1, int(np.count_nonzero(ink[away < _ZONE])))
    return float(near.mean()) / max(quiet, 1e-6), alone


def _measure_share_below(values: NDArray[np.float64], limit: float) -> float:
    return float((values < limit).mean()) if values.size else 1.0


def measure_ruled(line: Line) -> float:
    """Measures the share of a line's pieces that are ruler straight, 0–1."""
    return _measure_share_below(
        measure_residuals(line.trace, min(_PIECE, len(line.trace)), 1), _RULED
    )


def measure_line(line: Line, measured: MeasuredPicture) -> LineEvidence:
    """Measures one line of a picture."""
    trace = line.trace
    long_piece = min(_LONG_PIECE, len(trace))
    stretch = _LONG_PIECE / long_piece  # shorter lines stray in proportion less
    length = line.length
    dominance, alone = _measure_surroundings(line, measured)
    return LineEvidence(
        length=length / measured.long_side,
        detour=length / max(1.0, float(np.hypot(*(trace[-1] - trace[0])))),
        wander=stretch * float(np.median(measure_residuals(trace, long_piece, 1))),
        bow=stretch * float(np.median(measure_residuals(trace, long_piece, 2))),
        ruled=measure_ruled(line),
        smooth=_measure_share_below(measure_residuals(trace, _PIECE, 2), _STEADY),
        imbalance=_measure_imbalance(line, measured),
        dominance=dominance,
        alone=alone,
    )
