"""Walls, ceilings and floors of the example flat: a hole, a missing alarm, peeling paint, a spill.

Each is painted as the rooms of `dry_rooms` are, with its damage in the middle of the picture.
"""

from __future__ import annotations

import random

from PIL import Image, ImageDraw, ImageFont

from inspectiq._samples import Defect
from tools.pictures.breakage import paint_hole
from tools.pictures.camera import photograph, tilt_box
from tools.pictures.fittings import LANDSCAPE, OAK, PORTRAIT, STEEL, Painted, paint_floor
from tools.pictures.layers import Layer
from tools.pictures.surfaces import Colour, add_texture, cast_light, paint_plaster, scale_colour
from tools.pictures.wear import paint_peeling, paint_spill

WHITE: Colour = (240, 239, 234)
COPPER: Colour = (196, 120, 66)
BRASS: Colour = (196, 164, 84)
GRAIN = 2.0  # less than of the other samples, so that a picture stays small


def paint_hall_hole(rng: random.Random) -> Painted:
    """Paints a hall's wall with a fist-sized hole beside a light switch."""
    wall = paint_plaster(LANDSCAPE, (212, 203, 184), rng)
    box = paint_hole(wall, rng, (930, 620), 150)
    paint_floor(wall, rng, 1040, 1110)
    plate = Layer(LANDSCAPE)
    plate.draw_box((300, 470, 412, 650), WHITE, radius=8, shade=0.05)
    plate.draw_box((338, 520, 374, 600), (214, 213, 208), radius=3)
    plate.draw_box((340, 522, 372, 560), (246, 245, 241), radius=3, shade=0.08)
    plate.lay_over(wall, fall=(4, 6), soft=7)
    crumbs = Layer(LANDSCAPE)
    for _ in range(26):  # what fell out lies on the floor
        x, y, side = rng.gauss(930, 90), rng.uniform(1120, 1168), rng.uniform(4, 15)
        corners = [(x, y), (x + side, y - side * 0.4), (x + side * 1.5, y + side * 0.4)]
        crumbs.draw_shape(corners, scale_colour(WHITE, rng.uniform(0.85, 1)))
    crumbs.lay_over(wall, shadow=0.5, fall=(3, 5), soft=4)
    lit = cast_light(wall, (520, 300), 1700, 0.62, 0.16)
    return photograph(lit, rng, tilt=-0.6, grain=GRAIN), (
        Defect("wall_hole", tilt_box(box, LANDSCAPE, -0.6)),
    )


def paint_hall_alarm_base(rng: random.Random) -> Painted:
    """Paints the base of a smoke alarm on a ceiling; the alarm is gone, its plug hangs down."""
    ceiling = paint_plaster(LANDSCAPE, (226, 222, 212), rng)
    wall = Layer(LANDSCAPE)
    wall.draw_box((0, 1010, 1600, 1200), (196, 188, 172), shade=0.08)
    wall.draw_box((0, 960, 1600, 1014), WHITE, shade=0.12)
    wall.draw_box((0, 984, 1600, 988), (206, 203, 196))
    wall.lay_over(ceiling, shadow=0.3, fall=(0, -10), soft=18)
    base = Layer(LANDSCAPE)
    centre = (780, 500)
    base.draw_disc(centre, 300, 286, (234, 231, 222))  # cleaner where the alarm was
    base.lay_over(ceiling, shadow=0)
    base = Layer(LANDSCAPE)
    base.draw_disc(centre, 246, 234, (214, 212, 204))
    base.draw_disc((780, 496), 240, 228, (242, 240, 233))
    base.draw_disc(centre, 196, 186, (206, 204, 196))
    base.draw_disc((780, 504), 192, 182, (230, 228, 220))
    for x, y in ((624, 500), (936, 500)):  # keyholes with their screws
        base.draw_box((x - 34, y - 9, x + 34, y + 9), (120, 116, 108), radius=9)
        base.draw_disc((x, y), 19, 19, STEEL)
        base.draw_stroke([(x - 12, y - 9), (x + 12, y + 9)], (92, 92, 92), 5)
    for left in (690, 820):  # hooks that held the alarm
        base.draw_box((left, 290, left + 50, 312), (190, 188, 180), radius=6)
        base.draw_box((left, 690, left + 50, 712), (190, 188, 180), radius=6)
    base.lay_over(ceiling, shadow=0.4, fall=(6, 12), soft=14)
    hole = Layer(LANDSCAPE)
    hole.draw_disc((780, 500), 86, 80, (150, 146, 138))
    hole.draw_disc((782, 504), 80, 74, (34, 31, 29))
    hole.lay_over(ceiling, shadow=0)
    write = ImageDraw.Draw(ceiling)
    font = ImageFont.load_default(26)
    write.text((780, 352), "SMOKE ALARM BASE", (140, 137, 129), font, anchor="mm")
    write.text((780, 640), "PUSH AND TURN TO LOCK", (150, 147, 139), font, anchor="mm")
    _paint_plug(ceiling)
    lit = cast_light(ceiling, (1150, 260), 1500, 0.66, 0.14)
    box = tilt_box((534, 266, 1026, 742), LANDSCAPE, 0.8)
    return photograph(lit, rng, tilt=0.8, grain=GRAIN), (Defect("smoke_alarm_missing", box),)


def _paint_plug(ceiling: Image.Image) -> None:
    """Paints three wires that hang out of the base, with the plug of the alarm at their end."""
    cable = Layer(LANDSCAPE)
    for shift, colour in ((-16, (30, 30, 32)), (0, (196, 40, 36)), (16, (236, 234, 228))):
        way = [(776 + shift, 500), (790 + shift, 560), (850 + shift, 600), (896 + shift * 0.8, 640)]
        cable.draw_stroke(way, colour, 11)
    plug = [(858, 628), (926, 610), (950, 688), (882, 708)]
    cable.draw_shape(plug, (222, 196, 92))
    cable.draw_shape([(882, 708), (950, 688), (953, 699), (885, 719)], (150, 128, 52))
    cable.lay_over(ceiling, shadow=0.5, fall=(12, 20), soft=10)


def paint_childs_outlet(rng: random.Random) -> Painted:
    """Paints a child's room: an outlet low on the wall whose cover lies on the floor."""
    wall = paint_plaster(LANDSCAPE, (190, 208, 212), rng)
    paint_floor(wall, rng, 980, 1050)
    box = (612, 420, 852, 794)
    hole = Layer(LANDSCAPE)
    hole.draw_box((628, 436, 836, 778), (88, 94, 100))
    hole.draw_box((636, 446, 836, 778), (30, 30, 32))
    hole.lay_over(wall, shadow=0)
    _paint_receptacle(wall)
    _paint_toys(wall)
    lit = cast_light(wall, (520, 220), 1750, 0.64, 0.1)
    return photograph(lit, rng, tilt=0.6, grain=GRAIN), (
        Defect("missing_cover", tilt_box(box, LANDSCAPE, 0.6)),
    )


def _paint_receptacle(wall: Image.Image) -> None:
    """Paints an outlet without its cover: the yoke, screws and the bare ends of its wires."""
    device = Layer(LANDSCAPE)
    for way, colour in (
        ([(640, 460), (652, 520), (664, 560)], (24, 24, 26)),
        ([(640, 700), (650, 680), (664, 660)], (24, 24, 26)),
        ([(832, 470), (820, 520), (806, 560)], (236, 234, 228)),
        ([(830, 740), (820, 700), (806, 660)], (236, 234, 228)),
    ):
        device.draw_stroke(way, colour, 14)
        device.draw_stroke(way[-2:], COPPER, 9)  # stripped too far
    device.draw_stroke([(742, 776), (770, 746), (786, 700)], COPPER, 8)
    device.draw_box((704, 420, 760, 794), (186, 188, 190), radius=10, shade=0.12)
    for y in (440, 774):
        device.draw_disc((732, y), 12, 12, (104, 104, 104))
        device.draw_stroke([(723, y - 7), (741, y + 7)], (206, 206, 206), 4)
    device.draw_box((672, 476, 796, 738), (206, 204, 198), radius=14)
    for top in (484, 614):
        device.draw_box((680, top, 788, top + 116), (242, 240, 234), radius=26, shade=0.06)
        device.draw_box((704, top + 28, 712, top + 66), (40, 38, 36))
        device.draw_box((754, top + 32, 762, top + 62), (40, 38, 36))
        device.draw_disc((733, top + 88), 12, 12, (40, 38, 36))
    for x in (668, 802):
        for y in (562, 660):
            device.draw_disc((x, y), 13, 13, BRASS)
            device.draw_stroke([(x - 9, y), (x + 9, y)], (110, 88, 40), 4)
    device.lay_over(wall, shadow=0.5, fall=(5, 8), soft=8)


def _paint_toys(wall: Image.Image) -> None:
    """Paints the cover on the floor, a ball and building blocks."""
    toys = Layer(LANDSCAPE)
    toys.draw_shape([(560, 1092), (770, 1084), (800, 1150), (572, 1160)], (238, 236, 229))
    for x, y in ((628, 1120), (726, 1116)):
        toys.draw_disc((x, y), 34, 20, (120, 92, 62))
    toys.draw_disc((678, 1118), 5, 4, (120, 116, 108))
    toys.draw_disc((1210, 1040), 96, 96, (206, 74, 66))
    toys.draw_disc((1196, 1022), 70, 66, (218, 92, 82))
    toys.draw_disc((1178, 1000), 24, 20, (240, 176, 168))
    blocks = [(250, 1010, (222, 176, 62)), (356, 1010, (78, 128, 178)), (300, 912, (104, 158, 98))]
    for left, top, colour in blocks:
        toys.draw_box((left, top, left + 98, top + 98), colour, radius=5, shade=0.12)
        toys.draw_box((left + 12, top + 12, left + 86, top + 86), scale_colour(colour, 1.12))
    toys.lay_over(wall, shadow=0.45, fall=(14, 12), soft=14)
    write = ImageDraw.Draw(wall)
    for (left, top, colour), letter in zip(blocks, "ABC", strict=True):
        font = ImageFont.load_default(64)
        write.text((left + 49, top + 49), letter, scale_colour(colour, 0.6), font, anchor="mm")


def paint_childs_window_wall(rng: random.Random) -> Painted:
    """Paints the wall under a window sill whose paint peels off in curls, with chips below."""
    coat: Colour = (198, 210, 212)
    wall = paint_plaster(LANDSCAPE, coat, rng)
    patches = (((700, 520), 330.0, 120.0), ((1080, 640), 150.0, 90.0), ((430, 700), 100.0, 60.0))
    box = paint_peeling(wall, rng, patches, (176, 166, 138), coat)
    paint_floor(wall, rng, 1030, 1100)
    window = Layer(LANDSCAPE)
    window.draw_box((180, -20, 1420, 236), (238, 237, 232))
    for left in (220, 830):
        window.draw_box((left, -20, left + 560, 196), (190, 190, 186))
        window.draw_box((left + 6, -20, left + 554, 190), (206, 222, 236), shade=-0.1)
    window.draw_box((120, 236, 1480, 300), (240, 238, 232), radius=5, shade=0.14)
    window.lay_over(wall, fall=(4, 18), soft=16)
    chips = Layer(LANDSCAPE)
    for _ in range(30):
        x, y, side = rng.gauss(740, 200), rng.uniform(1112, 1178), rng.uniform(6, 22)
        corners = [(x, y), (x + side, y - side * 0.3), (x + side * 1.4, y + side * 0.4)]
        chips.draw_shape(corners, scale_colour(coat, rng.uniform(0.9, 1.08)))
    chips.lay_over(wall, shadow=0.5, fall=(3, 5), soft=4)
    lit = cast_light(wall, (800, 160), 1500, 0.66, -0.06)
    return photograph(lit, rng, tilt=0.4, grain=GRAIN), (
        Defect("paint_peel", tilt_box(box, LANDSCAPE, 0.4)),
    )


def paint_bedroom_carpet(rng: random.Random) -> Painted:
    """Paints a carpet, seen from above, with a dried red-brown spill beside the bed's foot."""
    carpet = Image.new("RGB", PORTRAIT, (190, 180, 164))
    add_texture(carpet, (0, 0, *PORTRAIT), rng, (7, 6), 13)
    add_texture(carpet, (0, 0, *PORTRAIT), rng, (150, 120), 6)
    box = paint_spill(carpet, rng, (640, 900), 250, 190, (150, 84, 66))
    room = Layer(PORTRAIT)
    room.draw_box((0, 0, 1200, 220), (214, 206, 194), shade=0.05)
    room.draw_box((0, 214, 1200, 306), (234, 232, 226), shade=0.1)
    room.draw_box((0, 214, 1200, 220), (245, 244, 240))
    room.lay_over(carpet, fall=(0, 10), soft=12)
    bed = Layer(PORTRAIT)
    bed.draw_box((-20, 420, 250, 1330), (128, 146, 160), radius=24, shade=0.14)
    bed.draw_box((-20, 400, 262, 470), (226, 226, 222), radius=20, shade=0.06)
    bed.draw_box((180, 1330, 226, 1440), scale_colour(OAK, 0.7), shade=0.2)
    bed.lay_over(carpet, shadow=0.5, fall=(16, 18), soft=22)
    lit = cast_light(carpet, (760, 500), 1700, 0.66, 0.12)
    return photograph(lit, rng, tilt=-0.7, grain=GRAIN), (
        Defect("carpet_stain", tilt_box(box, PORTRAIT, -0.7)),
    )
