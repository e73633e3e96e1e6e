"""What several rooms have: sizes, colours, a floor with its skirting, tiles."""

from __future__ import annotations

import random

from PIL import Image

from inspectiq._samples import Defect
from tools.pictures.layers import Layer
from tools.pictures.surfaces import Box, Colour, add_texture, scale_colour

LANDSCAPE = (1600, 1200)
PORTRAIT = (1200, 1600)
OAK: Colour = (168, 126, 84)
STEEL: Colour = (176, 178, 180)

Painted = tuple[Image.Image, tuple[Defect, ...]]
"""A photograph of a room, and its defects."""


def paint_floor(picture: Image.Image, rng: random.Random, head: float, foot: float) -> None:
    """Paints a skirting board from `head` to `foot` and oak planks from there down, in place."""
    width, height = picture.size
    planks = Layer(picture.size)
    depth = height - foot
    for number in range(-14, 15):  # planks run away from the camera, so they fan out
        near, far = 190 + 70 * depth / 200, 190.0
        left, right = number * far, (number + 1) * far
        low, high = number * near, (number + 1) * near
        middle = width / 2 + 60
        corners = [
            (middle + left, foot),
            (middle + right, foot),
            (middle + high, height),
            (middle + low, height),
        ]
        planks.draw_shape(corners, scale_colour(OAK, rng.uniform(0.9, 1.04)))
        planks.draw_stroke([corners[0], corners[3]], scale_colour(OAK, 0.68), 1.5)
    planks.lay_over(picture, shadow=0)
    add_texture(picture, (0, foot, width, height), rng, (14, 110), 12)
    board = Layer(picture.size)
    board.draw_box((0, head, width, foot), (234, 232, 226), shade=0.1)
    board.draw_box((0, head, width, head + 5), (244, 243, 239))
    board.draw_box((0, head + 14, width, head + 17), (206, 203, 196))
    board.lay_over(picture, fall=(0, 8), soft=9)


def draw_tiles(
    layer: Layer,
    area: Box,
    size: tuple[int, int],
    colour: Colour,
    rng: random.Random,
    *,
    bond: bool = False,
    spread: float = 0.02,
    joint: int = 5,
    grout: Colour = (190, 188, 181),
) -> dict[tuple[int, int], Box]:
    """Draws tiles with `joint` pixels between them and return their boxes by (column, row).

    `bond` sets every second row off by half a tile; `spread` is how much the tones differ.
    """
    x0, y0, x1, y1 = area
    layer.draw_box((max(0, x0), max(0, y0), x1, y1), grout)
    cells: dict[tuple[int, int], Box] = {}
    for row in range(int((y1 - y0) // size[1]) + 1):
        shift = size[0] / 2 if bond and row % 2 else 0
        for column in range(int((x1 - x0) // size[0]) + 2):
            left, top = x0 + column * size[0] - shift, y0 + row * size[1]
            box = (left, top, left + size[0] - joint, min(y1, top + size[1] - joint))
            if box[3] - box[1] < joint:
                continue
            tone = scale_colour(colour, 1 + rng.uniform(-spread, spread))
            layer.draw_box(box, scale_colour(tone, 1.05), radius=4)
            layer.draw_box(
                (box[0] + 2, box[1] + 2, box[2], box[3]), scale_colour(tone, 0.95), radius=4
            )
            layer.draw_box((box[0] + 2, box[1] + 2, box[2] - 2, box[3] - 2), tone, radius=4)
            cells[column, row] = box
    return cells
