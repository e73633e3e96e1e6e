"""The rooms with water: a kitchen and a bathroom."""

from __future__ import annotations

import random

from PIL import Image

from inspectiq._samples import Defect
from tools.pictures.camera import photograph, tilt_box
from tools.pictures.damage import paint_crack
from tools.pictures.fittings import LANDSCAPE, OAK, STEEL, Painted, draw_tiles
from tools.pictures.layers import Layer
from tools.pictures.surfaces import Colour, add_texture, cast_light, paint_plaster, scale_colour

FRONT: Colour = (112, 132, 130)
BLACK: Colour = (50, 50, 52)


def paint_kitchen(rng: random.Random) -> Painted:
    """Paints cupboards around a tiled splash-back and an oak worktop; nothing is damaged."""
    wall = paint_plaster(LANDSCAPE, (222, 219, 211), rng)
    _paint_splash_back(wall, rng)
    _paint_units(wall)
    _paint_worktop(wall, rng)
    _paint_utensils(wall, rng)
    lit = cast_light(wall, (800, 560), 1350, 0.68, 0.12)
    return photograph(lit, rng, tilt=-0.4), ()


def _paint_splash_back(wall: Image.Image, rng: random.Random) -> None:
    """Paints tiles in bond between the cupboards."""
    splash = Layer(LANDSCAPE)
    draw_tiles(splash, (0, 450, 1600, 772), (126, 80), (214, 222, 220), rng, bond=True)
    splash.lay_over(wall, shadow=0)
    add_texture(wall, (0, 450, 1600, 772), rng, (110, 90), 4)


def _paint_units(wall: Image.Image) -> None:
    """Paints the cupboards, the oven and the hood."""
    units = Layer(LANDSCAPE)
    units.draw_box((0, 130, 560, 452), scale_colour(FRONT, 0.7))
    units.draw_box((1040, 130, 1600, 452), scale_colour(FRONT, 0.7))
    for left in (-90, 236, 1044, 1370):
        units.draw_panel((left, 134, left + 320, 446), FRONT, 44)
    units.draw_box((0, 790, 1600, 1200), scale_colour(FRONT, 0.62))
    for left in (-90, 236, 1044, 1370):
        units.draw_panel((left, 832, left + 320, 968), FRONT, 26)
        units.draw_panel((left, 974, left + 320, 1290), FRONT, 44)
    _draw_oven_and_hood(units)
    units.lay_over(wall, fall=(4, 16), soft=16)


def _draw_oven_and_hood(units: Layer) -> None:
    """Draws the oven with its knobs, and the hood above it."""
    units.draw_box((562, 832, 1038, 1200), (58, 60, 62), radius=4, shade=0.1)  # oven
    units.draw_box((562, 832, 1038, 920), STEEL, radius=3, shade=0.12)
    units.draw_box((600, 990, 1000, 1200), (26, 28, 30), radius=10, shade=-0.5)
    for x in (640, 700, 900, 960):
        units.draw_disc((x, 876), 19, 19, (70, 70, 72))
        units.draw_disc((x, 874), 16, 16, (208, 208, 208))
    units.draw_shape([(664, 60), (936, 60), (936, 300), (1030, 400), (570, 400), (664, 300)], STEEL)
    units.draw_box((664, 0, 936, 302), STEEL, shade=0.08)
    units.draw_shape([(664, 302), (936, 302), (1030, 396), (570, 396)], scale_colour(STEEL, 0.93))
    units.draw_box((570, 394, 1030, 436), scale_colour(STEEL, 1.06), shade=0.2)


def _paint_worktop(wall: Image.Image, rng: random.Random) -> None:
    """Paints an oak worktop."""
    top = Layer(LANDSCAPE)
    top.draw_box((0, 764, 1600, 782), scale_colour(OAK, 1.2))
    top.draw_box((0, 782, 1600, 820), OAK, shade=0.16)
    top.lay_over(wall, fall=(0, 14), soft=12)
    add_texture(wall, (0, 765, 1600, 818), rng, (140, 3), 14)


def _paint_utensils(wall: Image.Image, rng: random.Random) -> None:
    """Paints handles, the hob and what stands on the worktop."""
    details = Layer(LANDSCAPE)
    for left in (236, 1044):
        details.draw_box((left + 18, 380, left + 28, 430), STEEL, radius=5, shade=0.2)
    for left in (-90, 236, 1044, 1370):
        details.draw_box((left + 104, 892, left + 216, 904), STEEL, radius=6, shade=0.35)
        details.draw_box((left + 286, 1000, left + 298, 1100), STEEL, radius=6, shade=0.2)
    details.draw_box((640, 948, 960, 964), scale_colour(STEEL, 1.15), radius=8, shade=0.4)
    details.draw_box((590, 756, 1010, 766), (30, 31, 33), radius=3)
    details.draw_box(
        (90, 560, 280, 766), scale_colour(OAK, 0.8), radius=12, shade=0.12
    )  # chopping board
    details.draw_box((310, 650, 390, 767), (224, 218, 206), radius=10, shade=0.14)  # jars
    details.draw_box((318, 634, 382, 656), scale_colour(OAK, 0.9), radius=5, shade=0.2)
    details.draw_box((402, 676, 472, 767), (198, 116, 88), radius=10, shade=0.18)
    details.draw_box((409, 662, 465, 682), scale_colour(OAK, 0.9), radius=5, shade=0.2)
    details.draw_shape(
        [(1180, 640), (1290, 640), (1312, 767), (1158, 767)], (196, 198, 200)
    )  # kettle
    details.draw_box((1176, 616, 1294, 644), BLACK, radius=10)
    details.draw_stroke([(1296, 640), (1340, 652), (1340, 726), (1308, 742)], BLACK, 14)
    details.lay_over(wall, fall=(6, 7), soft=8)
    add_texture(wall, (92, 562, 278, 764), rng, (4, 120), 9)


def paint_bathroom_tiles(rng: random.Random) -> Painted:
    """Paints glazed wall tiles above a basin, one of them cracked across."""
    wall = Image.new("RGB", LANDSCAPE, (196, 194, 188))
    tiles = Layer(LANDSCAPE)
    area = (-140, -90, 1740, 1290)
    cells = draw_tiles(tiles, area, (310, 310), (204, 212, 214), rng, grout=(222, 222, 217))
    tiles.lay_over(wall, shadow=0)
    add_texture(wall, (0, 0, *LANDSCAPE), rng, (210, 240), 5)
    add_texture(wall, (0, 0, *LANDSCAPE), rng, (9, 9), 2)
    x0, y0, x1, y1 = cells[3, 1]
    tile = (x0 + 1, y0 + 1, x1 - 1, y1 - 1)
    box = paint_crack(
        wall, rng, (x0 + 40, y0 - 10), 52, 560, 3, wander=6, branches=1, depth=0.66, within=tile
    )
    _paint_mirror_and_basin(wall)
    _paint_tap_and_soap(wall)
    lit = cast_light(wall, (760, 160), 1600, 0.68, -0.06)
    crack = Defect("tile_crack_missing", tilt_box(box, LANDSCAPE, 0.5))
    return photograph(lit, rng, tilt=0.5), (crack,)


def _paint_mirror_and_basin(wall: Image.Image) -> None:
    """Paints a mirror with its reflection, and a basin below it."""
    fittings = Layer(LANDSCAPE)
    fittings.draw_box((60, -20, 560, 470), (148, 150, 150), radius=8)
    fittings.draw_box((66, -20, 554, 464), (198, 208, 212), radius=6, shade=0.16)
    fittings.draw_shape([(120, 0), (260, 0), (66, 330), (66, 90)], (210, 219, 222))
    fittings.draw_box((20, 980, 720, 1040), (242, 242, 240), radius=24, shade=0.08)
    fittings.draw_shape([(40, 1026), (700, 1026), (610, 1200), (130, 1200)], (226, 227, 226))
    fittings.lay_over(wall, fall=(10, 16), soft=20)


def _paint_tap_and_soap(wall: Image.Image) -> None:
    """Paints a tap with its spout, and a soap dispenser."""
    spout = [(366, 866), (366, 800), (376, 780), (396, 770)]
    spout += [(440, 770), (458, 780), (466, 800), (466, 836)]
    tap = Layer(LANDSCAPE)
    tap.draw_box((346, 856, 386, 986), STEEL, radius=10, shade=0.25)
    tap.draw_box((340, 866, 392, 890), scale_colour(STEEL, 1.2), radius=10, shade=0.45)
    tap.draw_stroke(spout, scale_colour(STEEL, 0.92), 20)
    tap.draw_stroke(
        [(361, 866), (361, 800), (372, 776), (396, 765), (440, 765)], scale_colour(STEEL, 1.2), 4
    )
    tap.draw_box((560, 900, 640, 984), (204, 182, 170), radius=10, shade=0.2)  # soap dispenser
    tap.draw_box((592, 860, 608, 902), (90, 90, 90), radius=3)
    tap.draw_box((574, 854, 612, 866), (90, 90, 90), radius=4)
    tap.lay_over(wall, fall=(8, 4), soft=8)
