"""Damage: cracks and water stains, painted into a picture."""

from __future__ import annotations

import math
import random
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tools.pictures.layers import SUPERSAMPLE
from tools.pictures.surfaces import Box, Point, build_table, make_noise

Station = tuple[float, float, float]
"""x, y and width of a crack at one point of its way, in pixels."""


def paint_crack(
    picture: Image.Image,
    rng: random.Random,
    start: Point,
    heading: float,
    length: float,
    width: float,
    *,
    wander: float = 9,
    branches: int = 0,
    depth: float = 0.72,
    within: Box | None = None,
) -> Box:
    """Paints a crack in place and returns the box around it, in pixels.

    `heading` is in degrees, clockwise from rightwards; `wander` is how far each step strays from
    it; `depth` (0-1) is how dark the core gets; `within` cuts the crack off, as a tile's edge does.
    """
    strands = _grow_strands(rng, start, heading, length, width, wander, branches)
    mask = _draw_strands(picture.size, strands)
    if within:
        clipped = Image.new("L", mask.size)
        corner = round(within[0]), round(within[1])
        clipped.paste(mask.crop((*corner, round(within[2]), round(within[3]))), corner)
        mask = clipped
    box = mask.getbbox() or (0, 0, 0, 0)
    _darken(picture, mask, box, rng, depth)
    return box


def _grow_strands(
    rng: random.Random,
    start: Point,
    heading: float,
    length: float,
    width: float,
    wander: float,
    branches: int,
) -> list[list[Station]]:
    """Walks the trunk of a crack, and its branches to one side and the other in turn."""
    trunk = _walk_crack(rng, start, heading, length, width, wander)
    strands = [trunk]
    side = rng.choice((-1, 1))
    for number in range(branches):
        fork = rng.uniform(0.15, 0.3) + 0.55 * number / max(1, branches)
        x, y, here = trunk[int(fork * len(trunk))]
        side = -side
        turn = heading + side * rng.uniform(30, 62)
        reach = length * rng.uniform(0.1, 0.26)
        strands.append(_walk_crack(rng, (x, y), turn, reach, max(1.1, here * 0.6), wander))
    return strands


def _walk_crack(
    rng: random.Random, start: Point, heading: float, length: float, width: float, wander: float
) -> list[Station]:
    """Returns the stations of an irregular walk that tapers towards its end."""
    x, y = start
    travelled, stray, drift, swell = 0.0, 0.0, 0.0, 1.0
    stations = [(x, y, width)]
    while travelled < length:
        drift = drift * 0.97 + rng.gauss(0, wander * 0.45)
        stray = stray * 0.45 + rng.gauss(0, wander * 3.2)
        if rng.random() < 0.05:  # plaster breaks in sudden kinks as well as in bends
            stray += rng.choice((-1, 1)) * wander * 5
        swell = min(1.25, max(0.6, swell + rng.gauss(0, 0.12)))
        stride = rng.uniform(3, 11)
        angle = math.radians(heading + drift + stray)
        x, y = x + stride * math.cos(angle), y + stride * math.sin(angle)
        travelled += stride
        taper = max(0.0, 1 - travelled / length) ** 0.6
        stations.append((x, y, max(0.9, width * swell * taper)))
    return stations


def _draw_strands(size: tuple[int, int], strands: list[list[Station]]) -> Image.Image:
    """Draws strands as a mode-L mask of `size`, white where the crack is."""
    mask = Image.new("L", (size[0] * SUPERSAMPLE, size[1] * SUPERSAMPLE))
    draw = ImageDraw.Draw(mask)
    for strand in strands:
        for (ax, ay, aw), (bx, by, bw) in pairwise(strand):
            steps = max(1, round(math.hypot(bx - ax, by - ay) * SUPERSAMPLE))
            for step in range(steps):
                part = step / steps
                x, y = (ax + (bx - ax) * part) * SUPERSAMPLE, (ay + (by - ay) * part) * SUPERSAMPLE
                half = (aw + (bw - aw) * part) * SUPERSAMPLE / 2 - 0.25
                draw.ellipse((x - half, y - half, x + half, y + half), 255)
    return mask.reduce(SUPERSAMPLE)


def _darken(
    picture: Image.Image,
    mask: Image.Image,
    box: tuple[int, int, int, int],
    rng: random.Random,
    depth: float,
) -> None:
    """Darkens the crack's core, which fades in and out along its way, and lights its lower lip."""
    # Work on the neighbourhood only.
    right, bottom = min(picture.width, box[2] + 8), min(picture.height, box[3] + 8)
    area = (max(0, box[0] - 8), max(0, box[1] - 8), right, bottom)
    mask, patch = mask.crop(area), picture.crop(area)
    fade = make_noise(mask.size, rng, (45, 45)).point(build_table(lambda value: 175 + value * 0.4))
    core = ImageChops.multiply(mask, fade)
    lip = ImageChops.offset(mask, 2, 2).filter(ImageFilter.GaussianBlur(1.2))
    lip = ImageChops.subtract(lip, mask).point(build_table(lambda value: value * 0.5))
    patch.paste(patch.point(build_table(lambda value: value * 1.1) * 3), (0, 0), lip)
    patch.paste(patch.point(build_table(lambda value: value * (1 - depth)) * 3), (0, 0), core)
    picture.paste(patch, area[:2])


def paint_water_stain(
    picture: Image.Image, rng: random.Random, centre: Point, across: float, down: float
) -> Box:
    """Paints a dried water stain in place: a pale brown field inside darker tide rings."""
    corner = round(centre[0] - 1.6 * across), round(centre[1] - 1.6 * down)
    area = (*corner, round(centre[0] + 1.6 * across), round(centre[1] + 1.6 * down))
    patch = picture.crop(area)
    brown = ImageChops.multiply(patch, Image.new("RGB", patch.size, (176, 122, 58)))
    reached = Image.new("L", patch.size)
    for size, field, rim in ((1.0, 0.16, 0.40), (0.78, 0.13, 0.26), (0.5, 0.13, 0.14)):
        x0, y0 = (
            1.6 * span + span * (1 - size) * rng.uniform(-0.5, 0.5) for span in (across, down)
        )
        bulges = make_bulges(rng, size)
        outline = [(x0 + across * x, y0 + down * y) for x, y in bulges]
        blob = Image.new("L", patch.size)
        ImageDraw.Draw(blob).polygon(outline, 255)
        blob = blob.filter(ImageFilter.GaussianBlur(2))
        reached = ImageChops.lighter(reached, blob)
        ring = ImageChops.subtract(blob, blob.filter(ImageFilter.GaussianBlur(across * 0.05)))
        patchy = make_noise(patch.size, rng, (70, 60)).point(
            build_table(lambda value: 60 + value * 0.75)
        )
        for mask, strength in ((blob, field), (ring, rim * 2)):
            weight = [min(255, round(value * strength)) for value in range(256)]
            patch.paste(brown, (0, 0), ImageChops.multiply(mask.point(weight), patchy))
    picture.paste(patch, corner)
    left, top, right, bottom = reached.getbbox() or (0, 0, 0, 0)
    return left + corner[0], top + corner[1], right + corner[0], bottom + corner[1]


def make_bulges(rng: random.Random, size: float) -> list[Point]:
    """Returns the outline of a bulging disc of radius `size` around (0, 0), point by point."""
    waves = [(n, rng.uniform(0, math.tau), rng.uniform(0.2, 1) / n**0.9) for n in range(2, 26)]
    outline = []
    for degree in range(0, 360, 2):
        turn = math.radians(degree)
        bulge = size + 0.11 * sum(gain * math.sin(n * turn + lag) for n, lag, gain in waves)
        outline.append((bulge * math.cos(turn), bulge * math.sin(turn)))
    return outline
