"""Brushes that paint a room photo: texture, light, furniture, cracks, stains and the camera.

Everything works on 8-bit RGB pictures in pixels and draws its chance from a seeded generator.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

Box = tuple[float, float, float, float]
Colour = tuple[int, int, int]
Point = tuple[float, float]

SUPERSAMPLE = 2  # Pillow draws without anti-aliasing, so shapes are drawn larger and reduced


def scaled(colour: Colour, factor: float) -> Colour:
    """Return `colour` made lighter (factor > 1) or darker, clipped to 0-255."""
    red, green, blue = (max(0, min(255, round(channel * factor))) for channel in colour)
    return red, green, blue


def table(curve: Callable[[int], float]) -> list[int]:
    """Return the 256-entry lookup table of `curve`, clipped to 0-255."""
    return [max(0, min(255, round(curve(value)))) for value in range(256)]


def grey(channel: Image.Image) -> Image.Image:
    """Return a one-channel picture as a neutral RGB one."""
    return Image.merge("RGB", (channel, channel, channel))


def noise(size: tuple[int, int], rng: random.Random, grain: Point) -> Image.Image:
    """Return a mode-L noise field around 128 with features `grain` = (across, down) pixels."""
    width, height = (math.ceil(side / cell) for side, cell in zip(size, grain, strict=True))
    field = Image.frombytes("L", (width, height), rng.randbytes(width * height))
    return field if field.size == size else field.resize(size, Image.Resampling.BICUBIC)


def texture(
    picture: Image.Image, box: Box, rng: random.Random, grain: Point, strength: float
) -> None:
    """Add noise of up to +-`strength` grey levels inside `box`, in place."""
    x0, y0, x1, y1 = (round(edge) for edge in box)
    field = noise((x1 - x0, y1 - y0), rng, grain)
    field = field.point(table(lambda value: 128 + (value - 128) * strength / 128))
    patch = ImageChops.add(picture.crop((x0, y0, x1, y1)), grey(field), 1, -128)
    picture.paste(patch, (x0, y0))


def plaster(size: tuple[int, int], colour: Colour, rng: random.Random) -> Image.Image:
    """Return a trowelled plaster surface of `size`, lit from the upper left."""
    trowel = Image.blend(noise(size, rng, (5, 5)), noise(size, rng, (23, 15)), 0.55)
    relief = ImageChops.subtract(trowel, ImageChops.offset(trowel, 2, 2), 16, 128)
    surface = ImageChops.add(Image.new("RGB", size, colour), grey(relief), 1, -128)
    texture(surface, (0, 0, *size), rng, (330, 260), 3)
    return surface


def light(
    picture: Image.Image, source: Point, reach: float, far: float, warmth: float = 0.0
) -> Image.Image:
    """Return `picture` under a light that falls off to `far` (0-1) at `reach` pixels.

    `warmth` tints the dim parts: above 0 towards yellow, below 0 towards blue.
    """
    cell = 20  # light is smooth, so it is worked out on a coarse grid and stretched
    columns, rows = picture.width // cell, picture.height // cell
    dimmed = [
        (1 - math.cos(math.pi * min(1.0, math.hypot(x - source[0], y - source[1]) / reach))) / 2
        for y in range(cell // 2, rows * cell, cell)
        for x in range(cell // 2, columns * cell, cell)
    ]

    def channel(tint: float) -> Image.Image:
        drop = (1 - far) * (1 - tint)
        grid = bytes(max(0, round(255 * (1 - drop * dim))) for dim in dimmed)
        field = Image.frombytes("L", (columns, rows), grid)
        return field.resize(picture.size, Image.Resampling.BILINEAR)

    return ImageChops.multiply(
        picture, Image.merge("RGB", (channel(warmth), channel(warmth / 3), channel(-warmth)))
    )


class Layer:
    """Straight-edged things (furniture, frames, tiles) drawn crisply and laid over a picture."""

    def __init__(self, size: tuple[int, int]) -> None:
        """Start an empty layer over a picture of `size` pixels."""
        self._image = Image.new("RGBA", (size[0] * SUPERSAMPLE, size[1] * SUPERSAMPLE))
        self._draw = ImageDraw.Draw(self._image)

    def box(self, box: Box, colour: Colour, *, radius: float = 0, shade: float = 0) -> None:
        """Draw an upright rectangle, its foot `shade` (0-1) darker than its head."""
        x0, y0, x1, y1 = (round(edge * SUPERSAMPLE) for edge in box)
        if not shade:
            self._draw.rounded_rectangle((x0, y0, x1 - 1, y1 - 1), radius * SUPERSAMPLE, colour)
            return
        size = (x1 - x0, y1 - y0)
        ramp = Image.new("RGBA", (1, 32))
        for row in range(32):
            ramp.putpixel((0, row), (*scaled(colour, 1 - shade * row / 31), 255))
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).rounded_rectangle(
            (0, 0, size[0] - 1, size[1] - 1), radius * SUPERSAMPLE, 255
        )
        self._image.paste(ramp.resize(size, Image.Resampling.NEAREST), (x0, y0), mask)

    def panel(self, box: Box, colour: Colour, inset: float, *, shade: float = 0.04) -> None:
        """Draw a framed door or drawer front: a lit upper edge and a recessed field."""
        x0, y0, x1, y1 = box
        self.box(box, scaled(colour, 1.05))
        self.box((x0 + 2, y0 + 2, x1, y1), scaled(colour, 0.86))
        self.box((x0 + 2, y0 + 2, x1 - 2, y1 - 2), colour, shade=shade)
        field = (x0 + inset, y0 + inset, x1 - inset, y1 - inset)
        self.box(field, scaled(colour, 0.84))
        self.box((field[0] + 3, field[1] + 3, *field[2:]), scaled(colour, 1.04))
        self.box(
            (field[0] + 3, field[1] + 3, field[2] - 3, field[3] - 3),
            scaled(colour, 0.97),
            shade=shade,
        )

    def shape(self, corners: Sequence[Point], colour: Colour) -> None:
        """Draw a filled polygon."""
        self._draw.polygon([(x * SUPERSAMPLE, y * SUPERSAMPLE) for x, y in corners], colour)

    def disc(self, centre: Point, across: float, down: float, colour: Colour) -> None:
        """Draw a filled ellipse with half-axes `across` and `down`."""
        x, y = centre
        box = (x - across, y - down, x + across, y + down)
        self._draw.ellipse([edge * SUPERSAMPLE for edge in box], colour)

    def stroke(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """Draw an open line `width` pixels wide."""
        scaled_points = [(x * SUPERSAMPLE, y * SUPERSAMPLE) for x, y in points]
        self._draw.line(scaled_points, colour, round(width * SUPERSAMPLE), joint="curve")

    def over(
        self, picture: Image.Image, *, shadow: float = 0.35, fall: Point = (9, 12), soft: float = 12
    ) -> None:
        """Lay the layer over `picture` in place, casting a `soft` shadow that falls by `fall`."""
        drawn = self._image.getbbox()
        if not drawn:
            return
        margin = round(2 * soft + max(map(abs, fall))) if shadow else 0  # work on the part touched
        x0, y0 = (max(0, edge // SUPERSAMPLE - margin) for edge in drawn[:2])
        x1, y1 = (
            min(side, -(-edge // SUPERSAMPLE) + margin)
            for side, edge in zip(picture.size, drawn[2:], strict=True)
        )
        area = self._image.crop(
            (x0 * SUPERSAMPLE, y0 * SUPERSAMPLE, x1 * SUPERSAMPLE, y1 * SUPERSAMPLE)
        )

        # Drawn pixels are opaque and the rest is empty black, so reduced ones are premultiplied.
        red, green, blue, cover = (band.reduce(SUPERSAMPLE) for band in area.split())
        clear = ImageChops.invert(cover)
        if shadow:
            small = cover.reduce(4)  # soft edges survive a quarter of the size
            cast = Image.new("L", small.size)
            cast.paste(small, (round(fall[0] / 4), round(fall[1] / 4)))
            cast = cast.filter(ImageFilter.GaussianBlur(soft / 4))
            shade = cast.point(table(lambda value: 255 - value * shadow)).resize(cover.size)
            clear = ImageChops.multiply(clear, shade)
        seen = ImageChops.multiply(picture.crop((x0, y0, x1, y1)), grey(clear))
        picture.paste(ImageChops.add(seen, Image.merge("RGB", (red, green, blue))), (x0, y0))


def crack(
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
    """Paint a crack in place and return the box around it, in pixels.

    `heading` is in degrees, clockwise from rightwards; `wander` is how far each step strays from
    it; `depth` (0-1) is how dark the core gets; `within` cuts the crack off, as a tile's edge does.
    """
    trunk = _walk(rng, start, heading, length, width, wander)
    strands = [trunk]
    side = rng.choice((-1, 1))
    for number in range(branches):
        fork = rng.uniform(0.15, 0.3) + 0.55 * number / max(1, branches)
        x, y, here = trunk[int(fork * len(trunk))]
        side = -side
        turn = heading + side * rng.uniform(30, 62)
        reach = length * rng.uniform(0.1, 0.26)
        strands.append(_walk(rng, (x, y), turn, reach, max(1.1, here * 0.6), wander))

    mask = Image.new("L", (picture.width * SUPERSAMPLE, picture.height * SUPERSAMPLE))
    draw = ImageDraw.Draw(mask)
    for strand in strands:
        for (ax, ay, aw), (bx, by, bw) in pairwise(strand):
            steps = max(1, round(math.hypot(bx - ax, by - ay) * SUPERSAMPLE))
            for step in range(steps):
                part = step / steps
                x, y = (ax + (bx - ax) * part) * SUPERSAMPLE, (ay + (by - ay) * part) * SUPERSAMPLE
                half = (aw + (bw - aw) * part) * SUPERSAMPLE / 2 - 0.25
                draw.ellipse((x - half, y - half, x + half, y + half), 255)
    mask = mask.reduce(SUPERSAMPLE)
    if within:
        clipped = Image.new("L", mask.size)
        corner = round(within[0]), round(within[1])
        clipped.paste(mask.crop((*corner, round(within[2]), round(within[3]))), corner)
        mask = clipped
    box = mask.getbbox() or (0, 0, 0, 0)

    # Work on the neighbourhood only; the crack fades in and out along its way.
    area = (max(0, box[0] - 8), max(0, box[1] - 8), box[2] + 8, box[3] + 8)
    area = (*area[:2], min(picture.width, area[2]), min(picture.height, area[3]))
    mask, patch = mask.crop(area), picture.crop(area)
    fade = noise(mask.size, rng, (45, 45)).point(table(lambda value: 175 + value * 0.4))
    core = ImageChops.multiply(mask, fade)
    lip = ImageChops.offset(mask, 2, 2).filter(ImageFilter.GaussianBlur(1.2))
    lip = ImageChops.subtract(lip, mask).point(table(lambda value: value * 0.5))
    patch.paste(patch.point(table(lambda value: value * 1.1) * 3), (0, 0), lip)
    patch.paste(patch.point(table(lambda value: value * (1 - depth)) * 3), (0, 0), core)
    picture.paste(patch, area[:2])
    return box


def _walk(
    rng: random.Random, start: Point, heading: float, length: float, width: float, wander: float
) -> list[tuple[float, float, float]]:
    """Return the (x, y, width) stations of an irregular walk that tapers towards its end."""
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


def water_stain(
    picture: Image.Image, rng: random.Random, centre: Point, across: float, down: float
) -> Box:
    """Paint a dried water stain in place: a pale brown field inside darker tide rings."""
    corner = round(centre[0] - 1.6 * across), round(centre[1] - 1.6 * down)
    area = (*corner, round(centre[0] + 1.6 * across), round(centre[1] + 1.6 * down))
    patch = picture.crop(area)
    brown = ImageChops.multiply(patch, Image.new("RGB", patch.size, (176, 122, 58)))
    reached = Image.new("L", patch.size)
    for size, field, rim in ((1.0, 0.16, 0.40), (0.78, 0.13, 0.26), (0.5, 0.13, 0.14)):
        x0, y0 = (
            1.6 * span + span * (1 - size) * rng.uniform(-0.5, 0.5) for span in (across, down)
        )
        waves = [(n, rng.uniform(0, math.tau), rng.uniform(0.2, 1) / n**0.9) for n in range(2, 26)]
        outline = []
        for degree in range(0, 360, 2):
            turn = math.radians(degree)
            bulge = size + 0.11 * sum(gain * math.sin(n * turn + lag) for n, lag, gain in waves)
            outline.append(
                (x0 + across * bulge * math.cos(turn), y0 + down * bulge * math.sin(turn))
            )
        blob = Image.new("L", patch.size)
        ImageDraw.Draw(blob).polygon(outline, 255)
        blob = blob.filter(ImageFilter.GaussianBlur(2))
        reached = ImageChops.lighter(reached, blob)
        ring = ImageChops.subtract(blob, blob.filter(ImageFilter.GaussianBlur(across * 0.05)))
        patchy = noise(patch.size, rng, (70, 60)).point(table(lambda value: 60 + value * 0.75))
        for mask, strength in ((blob, field), (ring, rim * 2)):
            weight = [min(255, round(value * strength)) for value in range(256)]
            patch.paste(brown, (0, 0), ImageChops.multiply(mask.point(weight), patchy))
    picture.paste(patch, corner)
    left, top, right, bottom = reached.getbbox() or (0, 0, 0, 0)
    return left + corner[0], top + corner[1], right + corner[0], bottom + corner[1]


def photograph(
    picture: Image.Image,
    rng: random.Random,
    *,
    tilt: float = 0.0,
    exposure: float = 1.0,
    blur: float = 0.0,
    grain: float = 5.0,
) -> Image.Image:
    """Return `picture` as a hand-held camera takes it: tilted, vignetted, exposed and grainy.

    `tilt` is in degrees, `blur` a radius in pixels, `grain` a spread in grey levels.
    """
    width, height = picture.size
    picture = picture.transform(
        picture.size, Image.Transform.AFFINE, _tilted(picture.size, tilt), Image.Resampling.BILINEAR
    )
    if blur:
        picture = picture.filter(ImageFilter.GaussianBlur(blur))
    picture = light(picture, (width / 2, height / 2), math.hypot(width, height) * 0.62, 0.82)
    if exposure != 1:
        picture = picture.point(table(lambda value: value * exposure) * 3)
    first, second = (noise(picture.size, rng, (1, 1)) for _ in "ab")
    luma = ImageChops.add(first, second, 2)  # two uniform fields make a triangular one
    spread = table(lambda value: 128 + (value - 128) * grain * 2 / 128)
    channels = [
        Image.blend(luma, ImageChops.offset(second, shift, shift), 0.25).point(spread)
        for shift in (11, 37, 71)
    ]
    return ImageChops.add(picture, Image.merge("RGB", channels), 1, -128)


def seen_tilted(box: Box, size: tuple[int, int], tilt: float) -> Box:
    """Return the 0-1 box in the photograph for a pixel `box` in the picture before `tilt`."""
    a, b, c, d, e, f = _tilted(size, tilt)
    scale = a * e - b * d
    corners = [(x - c, y - f) for x in (box[0], box[2]) for y in (box[1], box[3])]
    across = [(e * x - b * y) / scale / size[0] for x, y in corners]
    down = [(a * y - d * x) / scale / size[1] for x, y in corners]
    edges = (min(across), min(down), max(across), max(down))
    x0, y0, x1, y1 = (round(max(0.0, min(1.0, edge)), 4) for edge in edges)
    return x0, y0, x1, y1


def _tilted(size: tuple[int, int], tilt: float) -> tuple[float, float, float, float, float, float]:
    """Return the photograph-to-picture affine map, zoomed in so that no corner is empty."""
    middle = size[0] / 2, size[1] / 2
    turn = math.radians(tilt)
    zoom = 1 / (math.cos(turn) + abs(math.sin(turn)) * max(size) / min(size))
    cosine, sine = math.cos(turn) * zoom, math.sin(turn) * zoom
    c = middle[0] - cosine * middle[0] + sine * middle[1]
    f = middle[1] - sine * middle[0] - cosine * middle[1]
    return cosine, -sine, c, sine, cosine, f


def caption(picture: Image.Image, text: str) -> None:
    """Write `text` small into the lower left corner, in place."""
    strip = Image.new("L", picture.size)
    place = (18, picture.height - 34)
    ImageDraw.Draw(strip).text(place, text, 255, ImageFont.load_default(19))
    picture.paste((40, 40, 40), (1, 1), strip.point(table(lambda value: value * 0.35)))
    picture.paste((235, 235, 235), (0, 0), strip.point(table(lambda value: value * 0.8)))
