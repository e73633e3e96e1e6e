"""Follows thinned lines pixel by pixel, joins them, and measures how they run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Pixel = tuple[int, int]
_End = tuple["NDArray[np.float64]", "NDArray[np.float64]"]  # point, outward unit direction
_AROUND = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))
_TANGENT = 6  # px along a trace that its direction is read over
_TOUCHING = 3  # px, ends this close are one line whatever way they point


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One connected thinned line.

    Attributes:
        pixels: N×2 int32 (x, y), all its pixels, branches included.
        trace: M×2 float64 (x, y), its longest way from end to end, in order, smoothed.
    """

    pixels: NDArray[np.int32]
    trace: NDArray[np.float64]

    @property
    def length(self) -> float:
        """Length of the trace in px."""
        return float(np.hypot(*np.diff(self.trace, axis=0).T).sum())


def _walk_farthest(start: Pixel, pixels: frozenset[Pixel]) -> list[Pixel]:
    """Returns the way from start to the pixel farthest from it, breadth first."""
    came: dict[Pixel, Pixel] = {start: start}
    queue = [start]
    for x, y in queue:
        for dx, dy in _AROUND:
            near = (x + dx, y + dy)
            if near in pixels and near not in came:
                came[near] = (x, y)
                queue.append(near)
    way = [queue[-1]]
    while way[-1] != start:
        way.append(came[way[-1]])
    return way


def _smooth(way: list[Pixel]) -> NDArray[np.float64]:
    """Returns a way as N×2 float64, averaged over five pixels, its ends kept."""
    points = np.array(way, dtype=np.float64)
    if len(points) < 5:
        return points
    padded = np.vstack([points[:1], points[:1], points, points[-1:], points[-1:]])
    sums = np.cumsum(np.vstack([np.zeros((1, 2)), padded]), axis=0)
    return np.asarray((sums[5:] - sums[:-5]) / 5.0, dtype=np.float64)


def find_lines(thin: NDArray[np.uint8], min_pixels: int) -> list[Line]:
    """Finds the connected lines of a thinned mask.

    Args:
        thin: H×W 0/1.
        min_pixels: lines with fewer pixels are dropped.

    Returns:
        The lines in reading order of their first pixel.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(thin, connectivity=8)
    lines = []
    for label in range(1, count):
        left, top, width, height, area = (int(value) for value in stats[label])
        if area < min_pixels:
            continue
        ys, xs = np.nonzero(labels[top : top + height, left : left + width] == label)
        pixels = np.stack([xs + left, ys + top], axis=1).astype(np.int32)
        members = frozenset(map(tuple, pixels.tolist()))
        far = _walk_farthest((int(pixels[0, 0]), int(pixels[0, 1])), members)[0]
        lines.append(Line(pixels, _smooth(_walk_farthest(far, members))))
    return lines


def _find_ends(line: Line) -> tuple[_End, ...]:
    """Returns (point, outward unit direction) of both ends of a trace."""
    trace = line.trace
    reach = min(3 * _TANGENT, len(trace) - 1)
    found = []
    for end, inner in ((trace[0], trace[reach]), (trace[-1], trace[-1 - reach])):
        step = end - inner
        found.append((end, step / max(float(np.hypot(*step)), 1e-9)))
    return tuple(found)


def _is_continued(here: _End, there: _End, gap: float, cosine: float) -> bool:
    """Tells whether two ends face each other across at most `gap` px."""
    step = there[0] - here[0]
    distance = float(np.hypot(*step))
    if distance > gap:
        return False
    ahead = step / max(distance, 1e-9)
    return distance < _TOUCHING or bool(ahead @ here[1] >= cosine and -(ahead @ there[1]) >= cosine)


def join_lines(thin: NDArray[np.uint8], lines: list[Line], gap: float, cosine: float) -> list[Line]:
    """Bridges the gaps where one line goes on as another.

    Args:
        thin: the H×W thinned mask the lines came from.
        lines: from `find_lines`.
        gap: px, the widest gap bridged.
        cosine: both ends must point along the gap at least this well (cosine of the angle).

    Returns:
        The lines again, those that go on as another now one.
    """
    bridged = np.zeros_like(thin)
    ends = [(index, end) for index, line in enumerate(lines) for end in _find_ends(line)]
    for line in lines:
        bridged[line.pixels[:, 1], line.pixels[:, 0]] = 1
    for place, (index, here) in enumerate(ends):
        for other, there in ends[place + 1 :]:
            if other != index and _is_continued(here, there, gap, cosine):
                start, stop = np.rint(here[0]).astype(int), np.rint(there[0]).astype(int)
                cv2.line(bridged, start.tolist(), stop.tolist(), 1, 1)
    return find_lines(bridged, 1)


def measure_residuals(trace: NDArray[np.float64], window: int, degree: int) -> NDArray[np.float64]:
    """Measures how far a trace strays from a smooth curve, window by window.

    Args:
        trace: M×2, px.
        window: px along the trace; windows overlap by half.
        degree: 1 against a straight line, 2 against a steady bend (a cable, an arch).

    Returns:
        Root mean square distance in px of each window; empty for a trace shorter than one.
    """
    steps = np.linspace(-1.0, 1.0, window)
    basis, _ = np.linalg.qr(np.vander(steps, degree + 1))
    found = []
    for start in range(0, len(trace) - window + 1, window // 2):
        piece = trace[start : start + window]
        rest = piece - basis @ (basis.T @ piece)
        found.append(float(np.sqrt((rest**2).sum(axis=1).mean())))
    return np.array(found)


def find_side_points(
    trace: NDArray[np.float64], distance: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns the M×2 points at a distance (px) to either side of each point of a trace."""
    padded = np.vstack([trace[:1].repeat(_TANGENT, 0), trace, trace[-1:].repeat(_TANGENT, 0)])
    tangent = padded[2 * _TANGENT :] - padded[: -2 * _TANGENT]
    tangent /= np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-9)[:, None]
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1) * distance
    return (trace + normal).astype(np.float32), (trace - normal).astype(np.float32)
