"""The camera: what a hand-held one makes of a painted room, and where its defects are then."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from tools.pictures.surfaces import Box, build_table, cast_light, make_noise


def photograph(
    picture: Image.Image,
    rng: random.Random,
    *,
    tilt: float = 0.0,
    exposure: float = 1.0,
    blur: float = 0.0,
    grain: float = 5.0,
) -> Image.Image:
    """Returns `picture` as a hand-held camera takes it: tilted, vignetted, exposed and grainy.

    `tilt` is in degrees, `blur` a radius in pixels, `grain` a spread in grey levels.
    """
    width, height = picture.size
    picture = picture.transform(
        picture.size,
        Image.Transform.AFFINE,
        _build_tilt(picture.size, tilt),
        Image.Resampling.BILINEAR,
    )
    if blur:
        picture = picture.filter(ImageFilter.GaussianBlur(blur))
    picture = cast_light(picture, (width / 2, height / 2), math.hypot(width, height) * 0.62, 0.82)
    if exposure != 1:
        picture = picture.point(build_table(lambda value: value * exposure) * 3)
    first, second = (make_noise(picture.size, rng, (1, 1)) for _ in "ab")
    luma = ImageChops.add(first, second, 2)  # two uniform fields make a triangular one
    spread = build_table(lambda value: 128 + (value - 128) * grain * 2 / 128)
    channels = [
        Image.blend(luma, ImageChops.offset(second, shift, shift), 0.25).point(spread)
        for shift in (11, 37, 71)
    ]
    return ImageChops.add(picture, Image.merge("RGB", channels), 1, -128)


def tilt_box(box: Box, size: tuple[int, int], tilt: float) -> Box:
    """Returns the 0-1 box in the photograph for a pixel `box` in the picture before `tilt`."""
    a, b, c, d, e, f = _build_tilt(size, tilt)
    scale = a * e - b * d
    corners = [(x - c, y - f) for x in (box[0], box[2]) for y in (box[1], box[3])]
    across = [(e * x - b * y) / scale / size[0] for x, y in corners]
    down = [(a * y - d * x) / scale / size[1] for x, y in corners]
    edges = (min(across), min(down), max(across), max(down))
    x0, y0, x1, y1 = (round(max(0.0, min(1.0, edge)), 4) for edge in edges)
    return x0, y0, x1, y1


def _build_tilt(
    size: tuple[int, int], tilt: float
) -> tuple[float, float, float, float, float, float]:
    """Returns the photograph-to-picture affine map, zoomed in so that no corner is empty."""
    middle = size[0] / 2, size[1] / 2
    turn = math.radians(tilt)
    zoom = 1 / (math.cos(turn) + abs(math.sin(turn)) * max(size) / min(size))
    cosine, sine = math.cos(turn) * zoom, math.sin(turn) * zoom
    c = middle[0] - cosine * middle[0] + sine * middle[1]
    f = middle[1] - sine * middle[0] - cosine * middle[1]
    return cosine, -sine, c, sine, cosine, f


def write_caption(picture: Image.Image, text: str) -> None:
    """Writes `text` small into the lower left corner, in place."""
    strip = Image.new("L", picture.size)
    place = (18, picture.height - 34)
    ImageDraw.Draw(strip).text(place, text, 255, ImageFont.load_default(19))
    picture.paste((40, 40, 40), (1, 1), strip.point(build_table(lambda value: value * 0.35)))
    picture.paste((235, 235, 235), (0, 0), strip.point(build_table(lambda value: value * 0.8)))
