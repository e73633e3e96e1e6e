"""Breakage: a hole knocked into a wall, and a pane with a star of cracks around a gap."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tools.pictures.damage import make_bulges, paint_crack
from tools.pictures.layers import Layer
from tools.pictures.surfaces import Box, Colour, Point, build_table, make_noise

GYPSUM: Colour = (240, 236, 228)


def paint_hole(picture: Image.Image, rng: random.Random, centre: Point, radius: float) -> Box:
    """Paints a hole in place: torn paper around it, broken gypsum at its rim, the dark inside."""
    size = picture.size
    boxes = []
    for turn in (-155, -35, 60, 165):
        way = math.radians(turn)
        start = centre[0] + radius * math.cos(way), centre[1] + radius * math.sin(way)
        boxes.append(paint_crack(picture, rng, start, turn, radius * 0.8, 3, wander=12, depth=0.5))
    torn, gap = (
        _draw_outline(size, [(centre[0] + radius * x, centre[1] + radius * y) for x, y in outline])
        for outline in (_make_shards(rng, 1.12), _make_shards(rng, 0.86))
    )
    rim = Image.new("RGB", size, GYPSUM)
    crumbs = make_noise(size, rng, (11, 9)).point(build_table(lambda value: 214 + value * 0.16))
    picture.paste(ImageChops.multiply(rim, Image.merge("RGB", (crumbs,) * 3)), (0, 0), torn)
    inside = Image.new("RGB", size, (46, 40, 36))
    ImageDraw.Draw(inside).rectangle(  # a stud that stands behind the board
        (centre[0] + radius * 0.2, 0, centre[0] + radius * 0.62, size[1]), (104, 82, 58)
    )
    picture.paste(inside, (0, 0), gap)
    shade = ImageChops.subtract(gap, ImageChops.offset(gap, 26, 30).filter(_soften(14)))
    picture.paste((14, 12, 11), (0, 0), shade.point(build_table(lambda value: value * 0.85)))
    boxes.append(torn.getbbox() or (0, 0, 0, 0))
    return join_boxes(boxes)


def join_boxes(boxes: Sequence[Box]) -> Box:
    """Returns the box around all of these."""
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _make_shards(rng: random.Random, size: float) -> list[Point]:
    """Returns a jagged outline around (0, 0): every fifth or so point of a bulging one."""
    outline = make_bulges(rng, size)
    kept, at = [], 0
    while at < len(outline):
        stray = rng.uniform(0.92, 1.1)
        kept.append((outline[at][0] * stray, outline[at][1] * stray))
        at += rng.randint(4, 9)
    return kept


def _draw_outline(size: tuple[int, int], outline: Sequence[Point]) -> Image.Image:
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).polygon(outline, 255)
    return mask.filter(ImageFilter.GaussianBlur(0.8))


def _soften(radius: float) -> ImageFilter.GaussianBlur:
    return ImageFilter.GaussianBlur(radius)


def draw_broken_pane(
    picture: Image.Image, rng: random.Random, pane: Box, struck: Point, beyond: Image.Image
) -> Box:
    """Paints a pane's breakage in place and returns the box around it.

    Args:
        picture: With the pane as it is looked through.
        rng: Chooses where it broke.
        pane: The glass.
        struck: Where it was hit.
        beyond: What is seen where no glass is left.
    """
    turns = sorted(rng.uniform(0, 360) for _ in range(15))
    gap = []
    for number, turn in enumerate(turns):  # the points of a star, near and far in turn
        reach = rng.uniform(118, 175) if number % 2 else rng.uniform(44, 78)
        gap.append(_reach(struck, turn, reach))
    mask = _draw_outline(picture.size, gap)
    picture.paste(beyond, (0, 0), mask)
    edge = Layer(picture.size)
    edge.draw_stroke([*gap, gap[0]], (236, 246, 248), 4)
    ends = []
    for number, turn in enumerate(turns):
        if number % 2 == 0:
            continue
        bend = turn + rng.uniform(-9, 9)
        line = _clip([gap[number], _reach(struck, bend, 1500)], pane)
        middle = _reach(_mix(line[0], line[1], 0.5), turn + 90, rng.uniform(-10, 10))
        edge.draw_stroke([line[0], middle, line[1]], (232, 242, 246), 2.5)
        ends.append(line[1])
    for turn in (turns[1], turns[5], turns[9]):  # short cracks from crack to crack
        near, far = _reach(struck, turn, 240), _reach(struck, turn + 38, 262)
        if _holds(pane, near) and _holds(pane, far):
            edge.draw_stroke([near, far], (226, 238, 242), 2)
    edge.lay_over(picture, shadow=0.55, fall=(3, 4), soft=3)
    xs, ys = zip(*ends, *gap, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _reach(start: Point, turn: float, length: float) -> Point:
    way = math.radians(turn)
    return start[0] + length * math.cos(way), start[1] + length * math.sin(way)


def _mix(one: Point, other: Point, part: float) -> Point:
    return one[0] + (other[0] - one[0]) * part, one[1] + (other[1] - one[1]) * part


def _holds(box: Box, point: Point) -> bool:
    return box[0] < point[0] < box[2] and box[1] < point[1] < box[3]


def _clip(line: Sequence[Point], pane: Box) -> tuple[Point, Point]:
    """Shortens a line that starts inside the pane to its edge."""
    (x, y), (far_x, far_y) = line
    share = 1.0
    for start, end, low, high in ((x, far_x, pane[0], pane[2]), (y, far_y, pane[1], pane[3])):
        if end > high:
            share = min(share, (high - start) / (end - start))
        if end < low:
            share = min(share, (low - start) / (end - start))
    return (x, y), _mix(line[0], line[1], share)
