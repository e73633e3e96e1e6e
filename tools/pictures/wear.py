"""Wear and growth: mould, peeling paint, a spill on a carpet, rust that ran down a wall."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tools.pictures.breakage import join_boxes
from tools.pictures.damage import make_bulges
from tools.pictures.layers import Layer
from tools.pictures.surfaces import Box, Colour, Point, build_table, make_noise, scale_colour

MOULD: Colour = (52, 56, 46)


def paint_mould(
    picture: Image.Image, rng: random.Random, way: Sequence[Point], spread: float, spots: int
) -> Box:
    """Paints mould in place: specks that crowd along a way, such as a corner, over a grey bloom."""
    mask = Image.new("L", picture.size)
    draw = ImageDraw.Draw(mask)
    for _ in range(spots):
        leg = rng.randrange(len(way) - 1)
        part = rng.random()
        x = way[leg][0] + (way[leg + 1][0] - way[leg][0]) * part
        y = way[leg][1] + (way[leg + 1][1] - way[leg][1]) * part
        turn = rng.uniform(0, math.tau)
        crowd = 0.55 + 0.45 * math.sin(9 * part + 4 * leg)  # colonies, with thin places between
        off = abs(rng.gauss(0, spread)) * (0.5 + crowd)
        x, y = x + off * math.cos(turn), y + off * math.sin(turn)
        radius = max(1.2, rng.uniform(1.5, 7.5) * (1 - off / (3 * spread)))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), rng.randint(90, 225))
    bloom = mask.filter(ImageFilter.GaussianBlur(spread * 0.35))
    patchy = make_noise(picture.size, rng, (26, 22)).point(build_table(lambda v: 70 + v * 0.7))
    picture.paste(
        scale_colour(MOULD, 1.9),
        (0, 0),
        ImageChops.multiply(bloom.point(build_table(lambda v: v * 1.1)), patchy),
    )
    picture.paste(MOULD, (0, 0), mask.filter(ImageFilter.GaussianBlur(1.8)))
    return bloom.point(build_table(lambda v: 255 * (v > 36))).getbbox() or (0, 0, 0, 0)


def paint_peeling(
    picture: Image.Image,
    rng: random.Random,
    patches: Sequence[tuple[Point, float, float]],
    under: Colour,
    coat: Colour,
) -> Box:
    """Paints patches (centre, half-widths) in place where a coat came off, with its curled rims."""
    boxes: list[Box] = []
    for centre, across, down in patches:
        outline = [
            (centre[0] + across * x, centre[1] + down * y) for x, y in make_bulges(rng, 1.0)[::3]
        ]
        mask = Image.new("L", picture.size)
        ImageDraw.Draw(mask).polygon(outline, 255)
        old = Image.new("RGB", picture.size, under)
        stain = make_noise(picture.size, rng, (60, 50)).point(build_table(lambda v: 205 + v * 0.2))
        picture.paste(ImageChops.multiply(old, Image.merge("RGB", (stain,) * 3)), (0, 0), mask)
        inset = ImageChops.subtract(
            mask, ImageChops.offset(mask, 5, 7).filter(ImageFilter.GaussianBlur(4))
        )
        picture.paste((70, 66, 60), (0, 0), inset.point(build_table(lambda v: v * 0.6)))
        boxes += [mask.getbbox() or (0, 0, 0, 0), _curl_rims(picture, rng, outline, centre, coat)]
    return join_boxes(boxes)


def _curl_rims(
    picture: Image.Image, rng: random.Random, outline: Sequence[Point], centre: Point, coat: Colour
) -> Box:
    """Lays flakes over a patch's rim that are lifted, so that they cast a shadow and shine."""
    flakes = Layer(picture.size)
    touched: list[Point] = []
    at = 0
    while at < len(outline) - 6:
        run = rng.randint(4, 9)
        rim = list(outline[at : at + run])
        tips = [
            (x + (centre[0] - x) * curl, y + (centre[1] - y) * curl + 4)
            for x, y in rim
            for curl in [rng.uniform(0.12, 0.34)]
        ]
        if rng.random() < 0.62 and len(rim) > 2:
            flakes.draw_shape([*rim, *reversed(tips[1:-1])], scale_colour(coat, 1.06))
            flakes.draw_stroke(tips[1:-1] or tips, scale_colour(coat, 1.22), 3)
            touched += rim
        at += run
    flakes.lay_over(picture, shadow=0.6, fall=(5, 9), soft=5)
    xs, ys = zip(*(touched or outline), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def paint_spill(
    picture: Image.Image,
    rng: random.Random,
    centre: Point,
    across: float,
    down: float,
    colour: Colour,
) -> Box:
    """Paints what was spilt and dried in place: a blotch, darkest at its rim, with splashes."""
    mask = Image.new("L", picture.size)
    draw = ImageDraw.Draw(mask)
    blots = [(centre, across, down)]
    for _ in range(16):
        turn, off = rng.uniform(0, math.tau), rng.uniform(1.05, 1.6)
        place = (
            centre[0] + across * off * math.cos(turn),
            centre[1] + down * off * math.sin(turn),
        )
        drop = rng.uniform(5, 24)
        blots.append((place, drop, drop * down / across))
    for place, wide, high in blots:
        draw.polygon(
            [(place[0] + wide * x, place[1] + high * y) for x, y in make_bulges(rng, 1)], 255
        )
    mask = mask.filter(ImageFilter.GaussianBlur(5))
    rim = ImageChops.subtract(mask, mask.filter(ImageFilter.GaussianBlur(22)))
    patchy = make_noise(picture.size, rng, (70, 40)).point(build_table(lambda v: 120 + v * 0.55))
    dyed = ImageChops.multiply(picture, Image.new("RGB", picture.size, colour))
    for cover, strength in ((mask, 0.75), (rim, 0.9)):
        weight = cover.point([round(value * strength) for value in range(256)])
        picture.paste(dyed, (0, 0), ImageChops.multiply(weight, patchy))
    return mask.point(build_table(lambda v: 255 * (v > 60))).getbbox() or (0, 0, 0, 0)


def paint_rust_run(
    picture: Image.Image, rng: random.Random, start: Point, width: float, length: float
) -> Box:
    """Paints rust in place that ran down from `start`, in streaks that fade out."""
    mask = Image.new("L", picture.size)
    draw = ImageDraw.Draw(mask)
    for _ in range(26):
        x = start[0] + rng.gauss(0, width * 0.4)
        reach = length * rng.uniform(0.35, 1) * math.exp(-(((x - start[0]) / width) ** 2))
        thick = rng.uniform(3, 11)
        steps = 24
        for step in range(steps):
            y = start[1] + reach * step / steps
            tone = round(200 * (1 - step / steps) ** 0.7)
            draw.rectangle((x - thick / 2, y, x + thick / 2, y + reach / steps + 1), tone)
            x += rng.uniform(-1.2, 1.2)
    mask = mask.filter(ImageFilter.GaussianBlur(3.5))
    rusty = ImageChops.multiply(picture, Image.new("RGB", picture.size, (196, 112, 52)))
    picture.paste(rusty, (0, 0), mask)
    return mask.point(build_table(lambda v: 255 * (v > 40))).getbbox() or (0, 0, 0, 0)
