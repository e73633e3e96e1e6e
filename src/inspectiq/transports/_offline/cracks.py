"""Finds cracks by rules: dark lines that wander, alone, over a surface alike on both sides.

No network and nothing learned from a large collection: a ridge filter (`ridges`), lines followed
pixel by pixel (`traces`), what is seen of each (`evidence`), and rules over that whose numbers
are data (`load_coefficients`, cracks.toml).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from inspectiq.transports._offline.coefficients import (
    Coefficients,
    LineRules,
    LineWeights,
    load_coefficients,
)
from inspectiq.transports._offline.detector import Detection, Region
from inspectiq.transports._offline.evidence import (
    LineEvidence,
    MeasuredPicture,
    measure_contrast,
    measure_line,
    measure_picture,
    measure_ruled,
)
from inspectiq.transports._offline.ridges import resize_picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from inspectiq.transports._offline.traces import Line

_MIN_SIDE = 64  # px at the working size; a narrower picture holds no line worth judging
_PAD = 4  # px that a skeleton's end stops short of the line's
_CHANNELS = 3
_STEPS = 4  # times a crack may be carried on by a lesser line beyond the last


def is_allowed(seen: LineEvidence, rules: LineRules) -> bool:
    """Tells whether a line keeps every rule."""
    return (
        seen.length >= rules.min_length
        and seen.detour <= rules.max_detour
        and rules.min_wander <= seen.wander <= rules.max_wander
        and seen.bow <= rules.max_bow
        and seen.ruled <= rules.max_ruled
        and seen.imbalance <= rules.max_imbalance
        and seen.dominance >= rules.min_dominance
        and seen.alone >= rules.min_alone
    )


def build_terms(seen: LineEvidence) -> tuple[float, float, float, float]:
    """Builds the terms that the weights multiply, in the order of cracks.toml."""
    wander = min(max(seen.wander, 0.3), 1.2)
    return float(np.log(max(seen.length, 0.01))), float(np.log(wander)), seen.smooth, seen.alone


def score_line(seen: LineEvidence, weights: LineWeights) -> float:
    """Scores one line that the rules allow, 0–1; higher is more likely a crack."""
    each = (weights.log_length, weights.log_wander, weights.smooth, weights.alone)
    total = weights.intercept + sum(w * t for w, t in zip(each, build_terms(seen), strict=True))
    return float(1.0 / (1.0 + np.exp(-total)))


def _draw_near(lines: list[Line], shape: tuple[int, ...], reach: float) -> NDArray[np.uint8]:
    """Draws the H×W 0/1 mask of everything within reach (px) of the lines."""
    mask = np.zeros(shape, dtype=np.uint8)
    for line in lines:
        mask[line.pixels[:, 1], line.pixels[:, 0]] = 1
    side = 2 * round(reach) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.dilate(mask, kernel), dtype=np.uint8)


def _group_lines(lines: list[Line], measured: MeasuredPicture, gap: float) -> list[int]:
    """Returns for each line the number of its group; lines within gap (share) are one group."""
    near = _draw_near(lines, measured.ink.shape, gap * measured.long_side / 2)
    _, labels = cv2.connectedComponents(near)
    return [int(labels[line.pixels[0, 1], line.pixels[0, 0]]) for line in lines]


def judge_lines(measured: MeasuredPicture, use: Coefficients) -> list[tuple[Line, LineEvidence]]:
    """Returns the lines that the rules allow; pieces of one crack count with their whole length."""
    shortest = use.rules.min_length * measured.long_side
    seen = [
        (line, measure_line(line, measured)) for line in measured.lines if line.length >= shortest
    ]
    kept = [(line, each) for line, each in seen if is_allowed(each, use.rules)]
    groups = _group_lines([line for line, _ in kept], measured, use.link.branch_gap)
    whole = _measure_groups([each for _, each in kept], groups)
    return [(line, each) for (line, _), each in zip(kept, whole, strict=True)]


def _measure_groups(seen: list[LineEvidence], groups: list[int]) -> list[LineEvidence]:
    """Gives each line the length of its group, and how much alone the group is."""
    pieces: dict[int, list[LineEvidence]] = defaultdict(list)
    for each, group in zip(seen, groups, strict=True):
        pieces[group].append(each)
    length = {group: sum(piece.length for piece in own) for group, own in pieces.items()}
    alone = {group: min(1.0, sum(piece.alone for piece in own)) for group, own in pieces.items()}
    return [
        replace(each, length=length[group], alone=alone[group])
        for each, group in zip(seen, groups, strict=True)
    ]


def _is_branch(
    line: Line, least_contrast: float, measured: MeasuredPicture, use: Coefficients
) -> bool:
    """Tells whether a line may continue a crack: long and dark enough, and no ruled joint."""
    return (
        line.length >= use.link.branch_length * measured.long_side
        and measure_contrast(line, measured) >= least_contrast
        and (
            line.length < use.link.joint_length * measured.long_side
            or measure_ruled(line) < use.rules.max_ruled
        )
    )


def _leave_out(lines: list[Line], taken: list[Line]) -> list[Line]:
    """Returns the lines that are none of those taken."""
    known = set(map(id, taken))
    return [line for line in lines if id(line) not in known]


def _find_continuations(
    cracks: list[Line], rest: list[Line], measured: MeasuredPicture, use: Coefficients
) -> list[Line]:
    """Finds the lesser lines that continue the cracks, step by step along them.

    They may be short or weak on their own, but must be about as dark as the cracks; a long
    ruler-straight one is a joint that the crack meets.
    """
    dark = use.link.branch_contrast * min(measure_contrast(line, measured) for line in cracks)
    waiting = [line for line in rest if _is_branch(line, dark, measured, use)]
    grown: list[Line] = []
    for _ in range(_STEPS):
        reach = _draw_near(
            cracks + grown, measured.ink.shape, use.link.branch_gap * measured.long_side
        )
        near = [line for line in waiting if reach[line.pixels[:, 1], line.pixels[:, 0]].any()]
        if not near:
            break
        grown += near
        waiting = _leave_out(waiting, near)
    return grown


def _enclose(
    pixels: NDArray[np.int32], shape: tuple[int, ...]
) -> tuple[float, float, float, float]:
    """Returns the box around N×2 (x, y) pixels as fractions 0–1, origin top left."""
    height, width = shape
    x0, y0 = np.maximum(pixels.min(axis=0) - _PAD, 0).tolist()
    x1, y1 = np.minimum(pixels.max(axis=0) + 1 + _PAD, (width, height)).tolist()
    return x0 / width, y0 / height, x1 / width, y1 / height


def _merge_regions(
    measured: MeasuredPicture, scored: list[tuple[Line, float]], use: Coefficients
) -> tuple[Region, ...]:
    """Merges the lines of each crack into one region, highest score first."""
    cracks = [(line, value) for line, value in scored if value >= use.flag]
    if not cracks:
        return ()
    lines = [line for line, _ in cracks]
    branches = _find_continuations(lines, _leave_out(measured.lines, lines), measured, use)
    members = cracks + [(line, 0.0) for line in branches]
    groups: dict[int, list[tuple[Line, float]]] = defaultdict(list)
    numbers = _group_lines(lines + branches, measured, use.link.branch_gap)
    for number, member in zip(numbers, members, strict=True):
        groups[number].append(member)
    regions = [_build_region(group, measured.ink.shape) for group in groups.values()]
    return tuple(sorted(regions, key=lambda region: (-region.score, region.box)))


def _build_region(lines: list[tuple[Line, float]], shape: tuple[int, ...]) -> Region:
    pixels = np.concatenate([line.pixels for line, _ in lines])
    return Region(_enclose(pixels, shape), max(value for _, value in lines))


def _draw_scores(
    measured: MeasuredPicture, scored: list[tuple[Line, float]]
) -> NDArray[np.float32]:
    """Draws each line's score along the line, H×W float32 at the working size."""
    mapped = np.zeros(measured.ink.shape, dtype=np.float32)
    for line, value in scored:
        mapped[line.pixels[:, 1], line.pixels[:, 0]] = value
    return np.asarray(cv2.dilate(mapped, np.ones((5, 5), dtype=np.uint8)), dtype=np.float32)


def _check_picture(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns the picture, or raises ValueError when it is none."""
    if picture.dtype != np.uint8 or picture.ndim != _CHANNELS or picture.shape[2] != _CHANNELS:
        message = f"expected an H×W×3 uint8 picture, got {picture.shape} {picture.dtype}"
        raise ValueError(message)
    if picture.size == 0:
        message = "expected a picture, got one without pixels"
        raise ValueError(message)
    return np.ascontiguousarray(picture)


class CrackDetector:
    """Finds cracks by rules; implements `Detector`.

    Deterministic, and safe to use from several threads: it keeps nothing between pictures.
    Scores come from a small logistic regression and are no calibrated probabilities.
    """

    name = "crack rules"

    def __init__(self, use: Coefficients | None = None) -> None:
        """Takes the shipped coefficients, or others (for fitting)."""
        self._use = use or load_coefficients()

    @property
    def version(self) -> str:
        """The version of the coefficients."""
        return self._use.version

    def detect(self, picture: NDArray[np.uint8], /) -> Detection:
        """Finds the cracks in one picture.

        Args:
            picture: H×W×3 uint8, sRGB in the order RGB, upright, any size.

        Returns:
            Scores along the lines at the picture's size, and one region for each crack.

        Raises:
            ValueError: the array is not a non-empty H×W×3 uint8 picture.
        """
        use = self._use
        whole = _check_picture(picture)
        height, width = whole.shape[:2]
        small = resize_picture(whole, use.picture.long_side, use.picture.max_enlargement)
        if min(small.shape[:2]) < _MIN_SIDE:
            return Detection(np.zeros((height, width), dtype=np.float32), ())
        measured = measure_picture(small, use)
        scored = [
            (line, score_line(seen, use.weights)) for line, seen in judge_lines(measured, use)
        ]
        mapped = cv2.resize(_draw_scores(measured, scored), (width, height))
        return Detection(
            np.asarray(mapped, dtype=np.float32), _merge_regions(measured, scored, use)
        )
