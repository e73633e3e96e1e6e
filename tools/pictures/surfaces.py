"""Surfaces and the light on them: colours, noise, plaster.

Pictures are 8-bit RGB, places are in pixels, and chance comes from a seeded generator.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from PIL import Image, ImageChops

Box = tuple[float, float, float, float]
Colour = tuple[int, int, int]
Point = tuple[float, float]


def scale_colour(colour: Colour, factor: float) -> Colour:
    """Returns `colour` made lighter (factor > 1) or darker, clipped to 0-255."""
    red, green, blue = (max(0, min(255, round(channel * factor))) for channel in colour)
    return red, green, blue


def build_table(curve: Callable[[int], float]) -> list[int]:
    """Returns the 256-entry lookup table of `curve`, clipped to 0-255."""
    return [max(0, min(255, round(curve(value)))) for value in range(256)]


def to_rgb(channel: Image.Image) -> Image.Image:
    """Returns a one-channel picture as a neutral RGB one."""
    return Image.merge("RGB", (channel, channel, channel))


def make_noise(size: tuple[int, int], rng: random.Random, grain: Point) -> Image.Image:
    """Returns a mode-L noise field around 128 with features `grain` = (across, down) pixels."""
    width, height = (math.ceil(side / cell) for side, cell in zip(size, grain, strict=True))
    field = Image.frombytes("L", (width, height), rng.randbytes(width * height))
    return field if field.size == size else field.resize(size, Image.Resampling.BICUBIC)


def add_texture(
    picture: Image.Image, box: Box, rng: random.Random, grain: Point, strength: float
) -> None:
    """Adds noise of up to +-`strength` grey levels inside `box`, in place."""
    x0, y0, x1, y1 = (round(edge) for edge in box)
    field = make_noise((x1 - x0, y1 - y0), rng, grain)
    field = field.point(build_table(lambda value: 128 + (value - 128) * strength / 128))
    patch = ImageChops.add(picture.crop((x0, y0, x1, y1)), to_rgb(field), 1, -128)
    picture.paste(patch, (x0, y0))


def paint_plaster(size: tuple[int, int], colour: Colour, rng: random.Random) -> Image.Image:
    """Returns a trowelled plaster surface of `size`, lit from the upper left."""
    trowel = Image.blend(make_noise(size, rng, (5, 5)), make_noise(size, rng, (23, 15)), 0.55)
    relief = ImageChops.subtract(trowel, ImageChops.offset(trowel, 2, 2), 16, 128)
    surface = ImageChops.add(Image.new("RGB", size, colour), to_rgb(relief), 1, -128)
    add_texture(surface, (0, 0, *size), rng, (330, 260), 3)
    return surface


def cast_light(
    picture: Image.Image, source: Point, reach: float, far: float, warmth: float = 0.0
) -> Image.Image:
    """Returns `picture` under a light that falls off to `far` (0-1) at `reach` pixels.

    `warmth` tints the dim parts: above 0 towards yellow, below 0 towards blue.
    """
    cell = 20  # light is smooth, so it is worked out on a coarse grid and stretched
    columns, rows = picture.width // cell, picture.height // cell
    dimmed = [
        (1 - math.cos(math.pi * min(1.0, math.hypot(x - source[0], y - source[1]) / reach))) / 2
        for y in range(cell // 2, rows * cell, cell)
        for x in range(cell // 2, columns * cell, cell)
    ]

    def dim_channel(tint: float) -> Image.Image:
        drop = (1 - far) * (1 - tint)
        grid = bytes(max(0, round(255 * (1 - drop * dim))) for dim in dimmed)
        field = Image.frombytes("L", (columns, rows), grid)
        return field.resize(picture.size, Image.Resampling.BILINEAR)

    return ImageChops.multiply(
        picture,
        Image.merge("RGB", (dim_channel(warmth), dim_channel(warmth / 3), dim_channel(-warmth))),
    )
