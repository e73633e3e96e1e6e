"""Windows and water of the example flat: a broken pane, a broken blind, leaks, rust and mould."""

from __future__ import annotations

import math
import random

from PIL import Image

from inspectiq._samples import Defect
from tools.pictures.breakage import draw_broken_pane
from tools.pictures.camera import photograph, tilt_box
from tools.pictures.fittings import LANDSCAPE, OAK, PORTRAIT, STEEL, Painted, draw_tiles
from tools.pictures.flat_walls import GRAIN, WHITE
from tools.pictures.layers import Layer
from tools.pictures.surfaces import Colour, add_texture, cast_light, paint_plaster, scale_colour
from tools.pictures.wear import MOULD, paint_mould, paint_rust_run

RUST: Colour = (150, 82, 42)
GARDEN: Colour = (118, 146, 104)


def paint_living_room_window(rng: random.Random) -> Painted:
    """Paints a window with two panes, the left one with a hole and cracks up to its frame."""
    wall = paint_plaster(LANDSCAPE, (226, 217, 200), rng)
    beyond = _draw_garden((150, 186, 214), GARDEN)
    frame = Layer(LANDSCAPE)
    frame.draw_box((170, 70, 1430, 1010), WHITE, radius=4, shade=0.06)
    frame.draw_box((130, 1000, 1470, 1056), (240, 238, 232), radius=5, shade=0.14)
    frame.lay_over(wall, fall=(5, 14), soft=12)
    panes = ((226, 126, 776, 954), (826, 126, 1376, 954))
    for x0, y0, x1, y1 in panes:
        edge = Image.new("RGB", (x1 - x0 + 10, y1 - y0 + 10), (184, 184, 180))
        wall.paste(edge, (x0 - 5, y0 - 5))
        glass = Image.blend(beyond, Image.new("RGB", LANDSCAPE, (222, 232, 238)), 0.42)
        wall.paste(glass.crop((x0, y0, x1, y1)), (x0, y0))
        shine = Layer(LANDSCAPE)
        shine.draw_shape(
            [(x1 - 190, y0), (x1 - 110, y0), (x0 + 190, y1), (x0 + 110, y1)], (222, 232, 238)
        )
        glare = wall.copy()
        shine.lay_over(glare, shadow=0)
        wall.paste(Image.blend(wall, glare, 0.4))
    dark = Image.blend(beyond, Image.new("RGB", LANDSCAPE, (20, 26, 22)), 0.5)
    box = draw_broken_pane(wall, rng, panes[0], (480, 520), dark)
    shards = Layer(LANDSCAPE)
    for x, y, side in ((420, 1010, 46), (520, 1022, 30), (596, 1014, 58), (352, 1026, 26)):
        corners = [(x, y), (x + side, y - side * 0.5), (x + side * 0.7, y + 8)]
        shards.draw_shape(corners, (206, 222, 228))
        shards.draw_stroke([corners[0], corners[1]], (244, 250, 252), 3)
    shards.draw_box((790, 500, 812, 600), STEEL, radius=6, shade=0.2)
    shards.lay_over(wall, shadow=0.5, fall=(4, 6), soft=5)
    lit = cast_light(wall, (800, 420), 1500, 0.7, 0.06)
    return photograph(lit, rng, tilt=-0.5, grain=GRAIN), (
        Defect("window_broken", tilt_box(box, LANDSCAPE, -0.5)),
    )


def _draw_garden(sky: Colour, hedge: Colour) -> Image.Image:
    """Draws what is outside: sky, a hedge, a lawn."""
    outside = Image.new("RGB", LANDSCAPE, sky)
    plants = Layer(LANDSCAPE)
    crest = [(0, 620), (160, 560), (330, 600), (520, 530), (700, 590), (880, 540), (1100, 600)]
    plants.draw_shape([*crest, (1300, 550), (1600, 600), (1600, 1200), (0, 1200)], hedge)
    plants.draw_box((0, 800, 1600, 1200), scale_colour(hedge, 1.25))
    plants.lay_over(outside, shadow=0)
    return outside


def paint_bedroom_blind(rng: random.Random) -> Painted:
    """Paints a blind whose slats in the middle are snapped and hang from a cord."""
    wall = paint_plaster(LANDSCAPE, (214, 206, 194), rng)
    frame = Layer(LANDSCAPE)
    frame.draw_box((250, 90, 1350, 1060), WHITE, radius=4, shade=0.05)
    frame.draw_box((300, 140, 1300, 1010), (200, 222, 238), shade=-0.1)
    frame.draw_box((790, 140, 812, 1010), WHITE, shade=0.05)
    frame.draw_shape(
        [(300, 1010), (300, 760), (470, 720), (660, 770), (788, 740), (788, 1010)], GARDEN
    )
    frame.draw_shape([(814, 1010), (814, 750), (1000, 720), (1300, 770), (1300, 1010)], GARDEN)
    frame.lay_over(wall, fall=(5, 12), soft=10)
    blind = Layer(LANDSCAPE)
    slat: Colour = (232, 226, 212)
    for number in range(21):
        top = 156 + number * 40
        broken = 8 <= number <= 14
        for left, right in ((286, 720), (1010, 1316)) if broken else ((286, 1316),):
            blind.draw_box((left, top, right, top + 33), slat, shade=0.16)
            blind.draw_box((left, top, right, top + 4), scale_colour(slat, 1.08))
    for x in (400, 1200):  # the cords that the slats hang from
        blind.draw_stroke([(x, 120), (x, 990)], (176, 170, 156), 4)
    blind.draw_box((270, 96, 1332, 152), (240, 236, 226), radius=5, shade=0.1)
    blind.lay_over(wall, shadow=0.35, fall=(4, 10), soft=8)
    _paint_hanging_slats(wall, rng, slat)
    lit = cast_light(wall, (800, 480), 1500, 0.66, 0.1)
    box = tilt_box((690, 420, 1050, 1060), LANDSCAPE, 0.5)
    return photograph(lit, rng, tilt=0.5, grain=GRAIN), (Defect("blind_damage", box),)


def _paint_hanging_slats(wall: Image.Image, rng: random.Random, slat: Colour) -> None:
    """Paints the snapped slats, which hang down askew over the ones that are left."""
    loose = Layer(LANDSCAPE)
    for number in range(7):
        x, y = 716, 490 + number * 38
        sag = 90 + number * 34 + rng.uniform(-20, 20)
        far = (930 + rng.uniform(-40, 60) - number * 10, y + sag)
        corners = [(x, y), far, (far[0] - 6, far[1] + 32), (x, y + 32)]
        loose.draw_shape(corners, scale_colour(slat, rng.uniform(0.82, 0.98)))
        loose.draw_stroke(corners[:2], scale_colour(slat, 1.08), 4)
    for number in range(3):
        x, y = 1012, 560 + number * 70
        far = (900 + 30 * number, y + 120 + 30 * number)
        loose.draw_shape([(x, y), far, (far[0] + 8, far[1] + 32), (x, y + 32)], slat)
        loose.draw_stroke([(x, y), far], scale_colour(slat, 1.08), 4)
    loose.draw_stroke([(860, 430), (876, 620), (850, 800), (868, 960)], (150, 144, 130), 5)
    loose.lay_over(wall, shadow=0.5, fall=(8, 12), soft=9)


def paint_kitchen_sink(rng: random.Random) -> Painted:
    """Paints a sink whose tap drips from its neck and stands in a puddle on the worktop."""
    wall = Image.new("RGB", LANDSCAPE, (214, 222, 220))
    tiles = Layer(LANDSCAPE)
    draw_tiles(tiles, (-40, -60, 1640, 560), (210, 130), (214, 222, 220), rng, bond=True)
    tiles.lay_over(wall, shadow=0)
    top = Layer(LANDSCAPE)
    top.draw_box((0, 540, 1600, 1200), scale_colour(OAK, 1.06), shade=0.1)
    top.draw_box((0, 532, 1600, 548), scale_colour(OAK, 0.7))
    top.lay_over(wall, shadow=0.2, fall=(0, -4), soft=8)
    add_texture(wall, (0, 548, 1600, 1200), rng, (210, 5), 9)
    sink = Layer(LANDSCAPE)
    sink.draw_box((330, 760, 1270, 1230), scale_colour(STEEL, 1.12), radius=56, shade=0.08)
    sink.draw_box((372, 800, 1228, 1230), scale_colour(STEEL, 0.74), radius=46, shade=-0.25)
    sink.draw_disc((800, 1090), 62, 34, (92, 94, 96))
    sink.draw_disc((800, 1086), 50, 26, (50, 52, 54))
    sink.lay_over(wall, shadow=0.3, fall=(0, 6), soft=8)
    _paint_puddle(wall)
    _paint_dripping_tap(wall)
    lit = cast_light(wall, (860, 380), 1450, 0.68, 0.08)
    box = tilt_box((550, 210, 1140, 820), LANDSCAPE, 0.4)
    return photograph(lit, rng, tilt=0.4, grain=GRAIN), (Defect("faucet_fixture", box),)


def _paint_puddle(wall: Image.Image) -> None:
    """Paints water on the worktop: darker wood, a bright rim and the window's reflection."""
    water = Layer(LANDSCAPE)
    water.draw_disc((840, 690), 286, 56, scale_colour(OAK, 0.62))
    water.draw_disc((1030, 706), 110, 38, scale_colour(OAK, 0.62))
    water.draw_disc((650, 700), 96, 34, scale_colour(OAK, 0.62))
    water.draw_disc((990, 684), 70, 13, (214, 222, 224))
    water.draw_disc((694, 700), 44, 8, (204, 214, 216))
    for x, y, side in ((1170, 660, 18), (1206, 704, 11), (520, 664, 14), (560, 730, 9)):
        water.draw_disc((x, y), side, side * 0.5, scale_colour(OAK, 0.62))
        water.draw_disc((x - side * 0.3, y - 2), side * 0.4, side * 0.16, (224, 230, 232))
    wet = wall.copy()
    water.lay_over(wet, shadow=0)
    wall.paste(Image.blend(wall, wet, 0.82))


def _paint_dripping_tap(wall: Image.Image) -> None:
    """Paints a mixer tap; water runs down its neck and falls in drops from its mouth."""
    tap = Layer(LANDSCAPE)
    arc = [math.radians(180 + 7.5 * step) for step in range(25)]
    bow = [(902 + 102 * math.cos(turn), 340 + 102 * math.sin(turn)) for turn in arc]
    neck = [(800, 640), *bow, (1004, 380)]
    tap.draw_disc((800, 668), 74, 24, scale_colour(STEEL, 0.86))
    tap.draw_box((752, 520, 848, 668), STEEL, radius=14, shade=0.2)
    tap.draw_stroke(neck, scale_colour(STEEL, 0.94), 52)
    tap.draw_stroke([(x - 11, y - 3) for x, y in neck], scale_colour(STEEL, 1.26), 8)
    tap.draw_box((972, 372, 1036, 402), scale_colour(STEEL, 0.8), radius=6)
    tap.draw_stroke([(752, 568), (650, 530)], scale_colour(STEEL, 1.1), 24)
    tap.draw_box((744, 504, 856, 532), (96, 92, 86), radius=8, shade=0.25)  # the seal that leaks
    tap.lay_over(wall, fall=(10, 12), soft=12)
    drops = Layer(LANDSCAPE)
    blue: Colour = (150, 190, 214)
    for y, side in ((424, 13), (520, 15), (640, 17), (790, 19)):
        drops.draw_shape([(1004, y - side * 2.2), (1004 + side, y), (1004 - side, y)], blue)
        drops.draw_disc((1004, y), side, side * 1.1, blue)
        drops.draw_disc((999, y - 2), side * 0.35, side * 0.45, (238, 246, 250))
    for x, end in ((772, 650), (826, 660), (800, 640)):
        drops.draw_stroke([(x, 528), (x - 4, 590), (x + 2, end)], blue, 9)
        drops.draw_disc((x + 2, end), 9, 12, blue)
    drops.lay_over(wall, shadow=0.3, fall=(3, 4), soft=3)


def paint_bathroom_corner(rng: random.Random) -> Painted:
    """Paints the corner above a tub: mould under the ceiling, and a black joint along the tub."""
    wall = paint_plaster(PORTRAIT, (222, 222, 214), rng)
    faces = Layer(PORTRAIT)
    faces.draw_shape([(0, 40), (520, 200), (520, 1600), (0, 1600)], (202, 203, 196))
    faces.draw_shape([(0, 0), (1200, 0), (1200, 90), (520, 200), (0, 40)], (234, 233, 227))
    faces.lay_over(wall, shadow=0)
    tiles = Layer(PORTRAIT)
    for row in range(4):  # tiles on both walls, seen askew
        high, low = 640 + row * 170, 640 + (row + 1) * 170 - 7
        for column in range(3):
            near, far = 520 - column * 180, 520 - (column + 1) * 180 + 6
            slope = 0.1
            down, further = (520 - near) * slope, (520 - far) * slope
            corners = [(near, high + down), (far, high + further)]
            corners += [(far, low + further), (near, low + down)]
            tiles.draw_shape(corners, scale_colour((196, 208, 210), rng.uniform(0.93, 0.97)))
        for column in range(4):
            left = 526 + column * 180
            tiles.draw_box((left, high, left + 173, low), (206, 218, 220), radius=3, shade=0.03)
    tiles.lay_over(wall, shadow=0.2, fall=(1, 2), soft=2)
    damp = [(520, 620), (520, 200), (1080, 112)]
    box = paint_mould(wall, rng, damp, 62, 3000)
    tub = Layer(PORTRAIT)
    tub.draw_shape([(0, 1384), (520, 1330), (1200, 1330), (1200, 1600), (0, 1600)], (242, 243, 241))
    tub.draw_shape([(90, 1600), (560, 1416), (1200, 1416), (1200, 1600)], (206, 211, 212))
    tub.draw_shape([(170, 1600), (590, 1436), (1200, 1436), (1200, 1600)], (222, 226, 227))
    tub.lay_over(wall, shadow=0.3, fall=(0, -6), soft=8)
    joint = Layer(PORTRAIT)
    joint.draw_stroke([(526, 1328), (1200, 1328)], (214, 210, 198), 16)
    for _ in range(60):  # what is left of the joint is black, and gone in places
        x = rng.uniform(560, 1180)
        joint.draw_disc((x, 1328 + rng.gauss(0, 4)), rng.uniform(6, 26), rng.uniform(3, 9), MOULD)
    joint.draw_box((700, 1322, 850, 1334), (24, 22, 20))
    joint.draw_box((960, 1323, 1040, 1333), (24, 22, 20))
    joint.lay_over(wall, shadow=0.2, fall=(0, 3), soft=3)
    lit = cast_light(wall, (800, 760), 1500, 0.7, -0.04)
    return photograph(lit, rng, tilt=0.5, grain=GRAIN), (
        Defect("mold_suspect", tilt_box(box, PORTRAIT, 0.5)),
        Defect("caulk_grout_failure", tilt_box((540, 1306, 1200, 1352), PORTRAIT, 0.5)),
    )


def paint_laundry_pipe(rng: random.Random) -> Painted:
    """Paints a shut-off valve above a washing machine, rusted through, with a run of rust below."""
    wall = paint_plaster(LANDSCAPE, (224, 224, 218), rng)
    run = paint_rust_run(wall, rng, (800, 500), 66, 400)
    pipe = Layer(LANDSCAPE)
    pipe.draw_box((0, 396, 1600, 424), (188, 186, 180))
    pipe.draw_box((0, 424, 1600, 456), (140, 138, 132), shade=0.4)
    pipe.draw_box((700, 372, 900, 482), RUST, radius=12, shade=0.35)
    for left in (700, 862):
        pipe.draw_box((left, 360, left + 38, 494), scale_colour(RUST, 0.8), radius=6, shade=0.3)
    pipe.draw_box((784, 250, 816, 380), scale_colour(RUST, 0.72), shade=0.2)
    pipe.draw_disc((800, 246), 96, 34, (132, 44, 40))
    pipe.draw_disc((800, 240), 92, 30, (168, 58, 52))
    pipe.draw_disc((800, 240), 34, 12, (104, 60, 44))
    pipe.lay_over(wall, shadow=0.5, fall=(8, 26), soft=12)
    add_texture(wall, (740, 376, 862, 478), rng, (9, 8), 40)
    add_texture(wall, (704, 376, 896, 478), rng, (30, 22), 30)
    machine = Layer(LANDSCAPE)
    machine.draw_box((260, 960, 1340, 1200), (240, 240, 238), radius=20, shade=0.06)
    machine.draw_box((260, 960, 1340, 1004), (250, 250, 248), radius=16)
    machine.draw_box((300, 1044, 620, 1110), (214, 216, 216), radius=8)
    machine.draw_disc((1200, 1080), 52, 52, (206, 208, 208))
    machine.draw_disc((1200, 1078), 42, 42, (232, 233, 232))
    for x in (760, 830, 900):
        machine.draw_box((x, 1064, x + 44, 1092), (200, 202, 204), radius=6)
    machine.lay_over(wall, fall=(6, -8), soft=14)
    lit = cast_light(wall, (640, 300), 1600, 0.66, -0.06)
    box = (690, 200, 910, max(500, run[3]))
    return photograph(lit, rng, tilt=0.7, grain=GRAIN), (
        Defect("corrosion", tilt_box(box, LANDSCAPE, 0.7)),
    )
