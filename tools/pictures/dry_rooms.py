"""The rooms without water: a living room, two views of a bedroom, a hall and a cellar."""

from __future__ import annotations

import random

from PIL import Image

from inspectiq._samples import Defect
from tools.pictures.camera import photograph, tilt_box
from tools.pictures.damage import paint_crack, paint_water_stain
from tools.pictures.fittings import (
    LANDSCAPE,
    OAK,
    PORTRAIT,
    STEEL,
    Painted,
    draw_tiles,
    paint_floor,
)
from tools.pictures.layers import Layer
from tools.pictures.surfaces import Colour, add_texture, cast_light, paint_plaster, scale_colour


def paint_living_room_wall(rng: random.Random) -> Painted:
    """Paints a lamp-lit plaster wall whose crack wanders up across it and branches."""
    wall = paint_plaster(LANDSCAPE, (226, 217, 200), rng)
    box = paint_crack(wall, rng, (150, 1080), -40, 1300, 5, branches=4, within=(0, 0, 1600, 1068))
    paint_floor(wall, rng, 1068, 1140)
    fittings = Layer(LANDSCAPE)
    for left in (1190, 1278):  # a double socket
        fittings.draw_box((left, 930, left + 86, 1016), (238, 237, 232), radius=6, shade=0.05)
        fittings.draw_disc((left + 43, 973), 30, 30, (214, 213, 208))
        fittings.draw_disc((left + 43, 974), 27, 27, (226, 225, 220))
        for pin in (-10, 10):
            fittings.draw_disc((left + 43 + pin, 974), 3.5, 3.5, (60, 58, 55))
    fittings.lay_over(wall, fall=(3, 5), soft=6)
    lit = cast_light(wall, (420, 240), 1750, 0.6, 0.22)
    return photograph(lit, rng, tilt=0.7), (Defect("drywall_crack", tilt_box(box, LANDSCAPE, 0.7)),)


def paint_bedroom_door_corner(rng: random.Random) -> Painted:
    """Paints a settlement hairline that climbs from the corner of a door frame to the ceiling."""
    wall = paint_plaster(PORTRAIT, (206, 213, 214), rng)
    box = paint_crack(wall, rng, (598, 524), -80, 378, 3, wander=10, branches=1)
    ceiling = Layer(PORTRAIT)
    ceiling.draw_box((0, 0, 1200, 96), (236, 236, 232))
    ceiling.draw_box((0, 96, 1200, 150), (228, 228, 223), shade=0.1)
    ceiling.draw_box((0, 118, 1200, 122), (206, 206, 201))
    ceiling.lay_over(wall, shadow=0.3, fall=(0, 10), soft=14)
    paint_floor(wall, rng, 1440, 1528)
    door = Layer(PORTRAIT)
    door.draw_box((20, 520, 600, 1532), (236, 233, 226), shade=0.06)
    door.draw_box((34, 534, 586, 1532), (216, 213, 206))
    door.draw_box((38, 538, 582, 1532), (238, 235, 228), shade=0.05)
    door.draw_box((78, 578, 542, 1532), (150, 146, 140))
    door.draw_box((84, 584, 536, 1526), (230, 227, 219), shade=0.07)
    for top, foot in ((644, 1010), (1090, 1466)):
        door.draw_panel((144, top, 474, foot), (230, 227, 219), 16, shade=0.06)
    door.draw_box((494, 1000, 518, 1098), STEEL, radius=8, shade=0.15)
    door.draw_box((436, 1026, 514, 1040), scale_colour(STEEL, 1.12), radius=7, shade=0.4)
    door.draw_box((720, 1060, 800, 1140), (240, 240, 236), radius=6, shade=0.05)
    door.draw_box((732, 1072, 788, 1128), (222, 222, 218), radius=3)
    door.draw_box((734, 1074, 786, 1126), (236, 236, 232), radius=3, shade=0.07)
    door.lay_over(wall, fall=(-7, 5), soft=8)  # away from the light
    lit = cast_light(wall, (1150, 520), 1850, 0.66, -0.1)
    return photograph(lit, rng, tilt=-0.5), (
        Defect("drywall_crack", tilt_box(box, PORTRAIT, -0.5)),
    )


def paint_bedroom(rng: random.Random) -> Painted:
    """Paints a made bed under a picture, beside a bright window; nothing is damaged."""
    wall = paint_plaster(LANDSCAPE, (214, 206, 194), rng)
    paint_floor(wall, rng, 930, 992)
    _paint_window_and_picture(wall)
    _paint_curtains(wall, rng)
    _paint_bedstead(wall)
    _paint_cabinet(wall, rng)
    _paint_linen(wall, rng)
    lit = cast_light(wall, (330, 430), 1700, 0.6, 0.1)
    return photograph(lit, rng, tilt=0.4), ()


def _paint_window_and_picture(wall: Image.Image) -> None:
    """Paints a window with a hedge outside, and a framed landscape."""
    window = Layer(LANDSCAPE)
    window.draw_box((96, 130, 524, 700), (240, 239, 235), radius=3, shade=0.06)
    for left in (122, 320):
        window.draw_box((left, 156, left + 178, 660), (196, 196, 192))
        window.draw_box((left + 4, 160, left + 174, 656), (206, 224, 240), shade=-0.12)
        window.draw_shape(  # a hedge outside, out of focus enough to be a plain shape
            [
                (left + 4, 656),
                (left + 4, 560),
                (left + 60, 538),
                (left + 120, 556),
                (left + 174, 530),
                (left + 174, 656),
            ],
            (150, 176, 140),
        )
    window.draw_box((303, 400, 309, 440), STEEL, radius=3)
    window.draw_box((76, 690, 544, 722), (238, 236, 230), radius=4, shade=0.12)
    window.draw_box((940, 120, 1290, 380), (70, 56, 46), radius=2, shade=0.1)
    window.draw_box((954, 134, 1276, 366), (238, 235, 228))
    window.draw_box((1004, 176, 1226, 324), (188, 206, 214), shade=-0.12)
    window.draw_shape(
        [(1004, 324), (1004, 270), (1070, 236), (1140, 282), (1226, 250), (1226, 324)],
        (112, 134, 128),
    )
    window.draw_shape(
        [(1004, 324), (1004, 300), (1110, 284), (1226, 306), (1226, 324)], (164, 152, 116)
    )
    window.lay_over(wall, fall=(5, 12), soft=10)


def _paint_curtains(wall: Image.Image, rng: random.Random) -> None:
    """Paints the curtains to both sides of the window."""
    curtains = Layer(LANDSCAPE)
    curtains.draw_box((20, 78, 600, 90), (96, 84, 74), radius=6, shade=0.3)
    for left in (36, 500):
        for fold in range(6):
            x = left + fold * 15
            tone = (0.94, 1.04, 0.99, 1.06, 0.93, 1.02)[fold]
            curtains.draw_box((x, 84, x + 15, 900), scale_colour((150, 158, 162), tone), shade=0.1)
    curtains.lay_over(wall, fall=(10, 6), soft=14)
    for left in (36, 500):
        add_texture(wall, (left, 92, left + 90, 898), rng, (9, 300), 9)


def _paint_bedstead(wall: Image.Image) -> None:
    """Paints an upholstered bed and the body of the cabinet beside it."""
    bed = Layer(LANDSCAPE)
    bed.draw_box((760, 500, 1470, 960), (126, 108, 94), radius=18, shade=0.18)
    for left in (772, 948, 1124, 1300):  # upholstered headboard
        bed.draw_box((left, 512, left + 158, 700), (138, 119, 104), radius=10, shade=0.1)
    bed.draw_shape([(770, 1100), (800, 1070), (1430, 1070), (1470, 1100)], (60, 46, 38))
    bed.draw_box((534, 1000, 550, 1030), scale_colour(OAK, 0.6))
    bed.draw_box((682, 1000, 698, 1030), scale_colour(OAK, 0.6))
    bed.draw_box((520, 600, 712, 1004), OAK, radius=4, shade=0.16)
    bed.lay_over(wall, shadow=0.45, fall=(-8, 14), soft=18)


def _paint_cabinet(wall: Image.Image, rng: random.Random) -> None:
    """Paints the cabinet's drawers and the lamp on it."""
    cabinet = Layer(LANDSCAPE)
    for top in (622, 808):
        cabinet.draw_box((532, top, 700, top + 176), scale_colour(OAK, 1.08), radius=3, shade=0.08)
        cabinet.draw_disc((616, top + 84), 9, 9, (60, 52, 46))
    cabinet.draw_box((604, 500, 628, 590), (92, 84, 78), radius=4)
    cabinet.draw_disc((616, 594), 46, 9, (80, 72, 66))
    cabinet.draw_shape([(572, 400), (660, 400), (690, 510), (542, 510)], (240, 226, 196))
    cabinet.lay_over(wall, fall=(2, 4), soft=5)
    add_texture(wall, (520, 600, 712, 1004), rng, (90, 3), 6)


def _paint_linen(wall: Image.Image, rng: random.Random) -> None:
    """Paints blanket, sheet and pillows."""
    linen = Layer(LANDSCAPE)
    linen.draw_box((744, 740, 1486, 1126), (226, 224, 220), radius=40, shade=0.12)
    linen.draw_box((732, 834, 1498, 1140), (128, 146, 160), radius=30, shade=0.22)
    linen.draw_box((732, 834, 1498, 892), (226, 226, 222), radius=22, shade=0.06)
    linen.lay_over(wall, shadow=0.5, fall=(-4, 12), soft=16)
    pillows = Layer(LANDSCAPE)
    for left in (784, 1122):
        pillows.draw_box((left, 646, left + 320, 812), (240, 238, 233), radius=58, shade=0.14)
    pillows.lay_over(wall, fall=(0, 10), soft=14)
    add_texture(wall, (784, 646, 1442, 812), rng, (60, 36), 7)
    add_texture(wall, (732, 892, 1498, 1140), rng, (150, 46), 12)
    add_texture(wall, (744, 700, 1486, 1130), rng, (3, 3), 4)


def paint_hall_ceiling(rng: random.Random) -> Painted:
    """Paints a hall seen looking up: a ceiling lamp and the ring of an old leak."""
    picture = paint_plaster(LANDSCAPE, (232, 230, 225), rng)
    box = paint_water_stain(picture, rng, (1000, 440), 225, 135)
    walls = Layer(LANDSCAPE)
    paint: Colour = (204, 198, 184)
    walls.draw_shape([(0, 130), (330, 820), (330, 1200), (0, 1200)], scale_colour(paint, 0.88))
    walls.draw_shape(
        [(1600, 90), (1290, 820), (1290, 1200), (1600, 1200)], scale_colour(paint, 0.95)
    )
    walls.draw_shape([(328, 818), (1292, 818), (1292, 1200), (328, 1200)], paint)
    walls.draw_stroke(
        [(0, 118), (330, 806), (1290, 806), (1600, 78)], (240, 239, 235), 26
    )  # coving
    walls.draw_stroke([(0, 134), (328, 820), (1292, 820), (1600, 96)], (196, 192, 182), 3)
    walls.lay_over(picture, shadow=0.25, fall=(0, -10), soft=22)
    add_texture(picture, (0, 830, *LANDSCAPE), rng, (5, 5), 3)
    door = Layer(LANDSCAPE)
    door.draw_box((640, 938, 1000, 1200), (236, 233, 226), shade=0.03)
    door.draw_box((672, 970, 968, 1200), (170, 166, 158))
    door.draw_box((677, 975, 963, 1200), (226, 222, 213), shade=0.05)
    door.draw_panel((724, 1030, 916, 1300), (226, 222, 213), 14)
    door.lay_over(picture, fall=(5, 6), soft=9)
    lamp = Layer(LANDSCAPE)
    lamp.draw_disc((560, 410), 150, 76, (206, 204, 198))
    lamp.draw_disc((560, 404), 140, 70, (250, 246, 234))
    lamp.draw_disc((560, 398), 104, 50, (255, 253, 246))
    lamp.lay_over(picture, shadow=0.3, fall=(0, 10), soft=24)
    lit = cast_light(picture, (560, 420), 1300, 0.6, 0.2)
    return photograph(lit, rng, tilt=-0.9), (
        Defect("ceiling_stain", tilt_box(box, LANDSCAPE, -0.9)),
    )


def paint_cellar_wall(rng: random.Random) -> Painted:
    """Paints a whitewashed brick wall with a pipe, hardly lit and shaken."""
    wall = Image.new("RGB", LANDSCAPE, (138, 132, 122))
    bricks = Layer(LANDSCAPE)
    draw_tiles(
        bricks,
        (-40, -30, 1660, 1270),
        (206, 78),
        (176, 164, 150),
        rng,
        bond=True,
        spread=0.1,
        joint=9,
    )
    bricks.lay_over(wall, shadow=0.3, fall=(2, 4), soft=3)
    add_texture(wall, (0, 0, *LANDSCAPE), rng, (7, 7), 16)
    add_texture(wall, (0, 0, *LANDSCAPE), rng, (180, 130), 22)
    pipe = Layer(LANDSCAPE)
    pipe.draw_box((0, 236, 1600, 262), (150, 146, 140))
    pipe.draw_box((0, 262, 1600, 296), (112, 106, 100), shade=0.4)
    pipe.draw_box((1180, 226, 1212, 306), (96, 90, 86), radius=4, shade=0.3)
    pipe.lay_over(wall, shadow=0.6, fall=(6, 34), soft=12)
    lit = cast_light(wall, (1250, 380), 1300, 0.15, 0.15)
    return photograph(lit, rng, tilt=2.4, exposure=0.3, blur=7, grain=7), ()
