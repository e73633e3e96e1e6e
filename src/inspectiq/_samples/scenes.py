"""The rooms behind the sample photos: each scene paints one and says where its defects are."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from inspectiq._samples.brushes import (
    Box,
    Colour,
    Layer,
    crack,
    light,
    photograph,
    plaster,
    scaled,
    seen_tilted,
    texture,
    water_stain,
)

LANDSCAPE = (1600, 1200)
PORTRAIT = (1200, 1600)
WHITE: Colour = (232, 230, 224)
OAK: Colour = (168, 126, 84)
STEEL: Colour = (176, 178, 180)

Defects = tuple[tuple[str, Box], ...]
Painted = tuple[Image.Image, Defects]


@dataclass(frozen=True, slots=True)
class Scene:
    """One sample photo to paint; `paint` returns it upright with its defects in 0-1 boxes."""

    name: str
    room: str
    shows: str
    paint: Callable[[random.Random], Painted]
    taken: str | None = None  # EXIF DateTimeOriginal
    stored_sideways: bool = False  # stored as a phone held upright does, with EXIF orientation 6


def living_room_wall(rng: random.Random) -> Painted:
    """Paint a lamp-lit plaster wall whose crack wanders up across it and branches."""
    wall = plaster(LANDSCAPE, (226, 217, 200), rng)
    box = crack(wall, rng, (150, 1080), -40, 1300, 5, branches=4, within=(0, 0, 1600, 1068))
    _floor_and_skirting(wall, rng, 1068, 1140)
    fittings = Layer(LANDSCAPE)
    for left in (1190, 1278):  # a double socket
        fittings.box((left, 930, left + 86, 1016), (238, 237, 232), radius=6, shade=0.05)
        fittings.disc((left + 43, 973), 30, 30, (214, 213, 208))
        fittings.disc((left + 43, 974), 27, 27, (226, 225, 220))
        for pin in (-10, 10):
            fittings.disc((left + 43 + pin, 974), 3.5, 3.5, (60, 58, 55))
    fittings.over(wall, fall=(3, 5), soft=6)
    lit = light(wall, (420, 240), 1750, 0.6, 0.22)
    return photograph(lit, rng, tilt=0.7), (("drywall_crack", seen_tilted(box, LANDSCAPE, 0.7)),)


def bedroom_door_corner(rng: random.Random) -> Painted:
    """Paint a settlement hairline that climbs from the corner of a door frame to the ceiling."""
    wall = plaster(PORTRAIT, (206, 213, 214), rng)
    box = crack(wall, rng, (598, 524), -80, 378, 3, wander=10, branches=1)
    ceiling = Layer(PORTRAIT)
    ceiling.box((0, 0, 1200, 96), (236, 236, 232))
    ceiling.box((0, 96, 1200, 150), (228, 228, 223), shade=0.1)
    ceiling.box((0, 118, 1200, 122), (206, 206, 201))
    ceiling.over(wall, shadow=0.3, fall=(0, 10), soft=14)
    _floor_and_skirting(wall, rng, 1440, 1528)
    door = Layer(PORTRAIT)
    door.box((20, 520, 600, 1532), (236, 233, 226), shade=0.06)
    door.box((34, 534, 586, 1532), (216, 213, 206))
    door.box((38, 538, 582, 1532), (238, 235, 228), shade=0.05)
    door.box((78, 578, 542, 1532), (150, 146, 140))
    door.box((84, 584, 536, 1526), (230, 227, 219), shade=0.07)
    for top, foot in ((644, 1010), (1090, 1466)):
        door.panel((144, top, 474, foot), (230, 227, 219), 16, shade=0.06)
    door.box((494, 1000, 518, 1098), STEEL, radius=8, shade=0.15)
    door.box((436, 1026, 514, 1040), scaled(STEEL, 1.12), radius=7, shade=0.4)
    door.box((720, 1060, 800, 1140), (240, 240, 236), radius=6, shade=0.05)
    door.box((732, 1072, 788, 1128), (222, 222, 218), radius=3)
    door.box((734, 1074, 786, 1126), (236, 236, 232), radius=3, shade=0.07)
    door.over(wall, fall=(-7, 5), soft=8)  # away from the light
    lit = light(wall, (1150, 520), 1850, 0.66, -0.1)
    return photograph(lit, rng, tilt=-0.5), (("drywall_crack", seen_tilted(box, PORTRAIT, -0.5)),)


def bedroom_clean(rng: random.Random) -> Painted:
    """Paint a made bed under a picture, beside a bright window."""
    wall = plaster(LANDSCAPE, (214, 206, 194), rng)
    _floor_and_skirting(wall, rng, 930, 992)

    window = Layer(LANDSCAPE)
    window.box((96, 130, 524, 700), (240, 239, 235), radius=3, shade=0.06)
    for left in (122, 320):
        window.box((left, 156, left + 178, 660), (196, 196, 192))
        window.box((left + 4, 160, left + 174, 656), (206, 224, 240), shade=-0.12)
        window.shape(  # a hedge outside, out of focus enough to be a plain shape
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
    window.box((303, 400, 309, 440), STEEL, radius=3)
    window.box((76, 690, 544, 722), (238, 236, 230), radius=4, shade=0.12)
    window.box((940, 120, 1290, 380), (70, 56, 46), radius=2, shade=0.1)
    window.box((954, 134, 1276, 366), (238, 235, 228))
    window.box((1004, 176, 1226, 324), (188, 206, 214), shade=-0.12)
    window.shape(
        [(1004, 324), (1004, 270), (1070, 236), (1140, 282), (1226, 250), (1226, 324)],
        (112, 134, 128),
    )
    window.shape([(1004, 324), (1004, 300), (1110, 284), (1226, 306), (1226, 324)], (164, 152, 116))
    window.over(wall, fall=(5, 12), soft=10)

    curtains = Layer(LANDSCAPE)
    curtains.box((20, 78, 600, 90), (96, 84, 74), radius=6, shade=0.3)
    for left in (36, 500):
        for fold in range(6):
            x = left + fold * 15
            tone = (0.94, 1.04, 0.99, 1.06, 0.93, 1.02)[fold]
            curtains.box((x, 84, x + 15, 900), scaled((150, 158, 162), tone), shade=0.1)
    curtains.over(wall, fall=(10, 6), soft=14)
    for left in (36, 500):
        texture(wall, (left, 92, left + 90, 898), rng, (9, 300), 9)

    bed = Layer(LANDSCAPE)
    bed.box((760, 500, 1470, 960), (126, 108, 94), radius=18, shade=0.18)
    for left in (772, 948, 1124, 1300):  # upholstered headboard
        bed.box((left, 512, left + 158, 700), (138, 119, 104), radius=10, shade=0.1)
    bed.shape([(770, 1100), (800, 1070), (1430, 1070), (1470, 1100)], (60, 46, 38))
    bed.box((534, 1000, 550, 1030), scaled(OAK, 0.6))
    bed.box((682, 1000, 698, 1030), scaled(OAK, 0.6))
    bed.box((520, 600, 712, 1004), OAK, radius=4, shade=0.16)
    bed.over(wall, shadow=0.45, fall=(-8, 14), soft=18)
    cabinet = Layer(LANDSCAPE)
    for top in (622, 808):
        cabinet.box((532, top, 700, top + 176), scaled(OAK, 1.08), radius=3, shade=0.08)
        cabinet.disc((616, top + 84), 9, 9, (60, 52, 46))
    cabinet.box((604, 500, 628, 590), (92, 84, 78), radius=4)
    cabinet.disc((616, 594), 46, 9, (80, 72, 66))
    cabinet.shape([(572, 400), (660, 400), (690, 510), (542, 510)], (240, 226, 196))
    cabinet.over(wall, fall=(2, 4), soft=5)
    texture(wall, (520, 600, 712, 1004), rng, (90, 3), 6)

    linen = Layer(LANDSCAPE)
    linen.box((744, 740, 1486, 1126), (226, 224, 220), radius=40, shade=0.12)
    linen.box((732, 834, 1498, 1140), (128, 146, 160), radius=30, shade=0.22)
    linen.box((732, 834, 1498, 892), (226, 226, 222), radius=22, shade=0.06)
    linen.over(wall, shadow=0.5, fall=(-4, 12), soft=16)
    pillows = Layer(LANDSCAPE)
    for left in (784, 1122):
        pillows.box((left, 646, left + 320, 812), (240, 238, 233), radius=58, shade=0.14)
    pillows.over(wall, fall=(0, 10), soft=14)
    texture(wall, (784, 646, 1442, 812), rng, (60, 36), 7)
    texture(wall, (732, 892, 1498, 1140), rng, (150, 46), 12)
    texture(wall, (744, 700, 1486, 1130), rng, (3, 3), 4)

    lit = light(wall, (330, 430), 1700, 0.6, 0.1)
    return photograph(lit, rng, tilt=0.4), ()


def kitchen_clean(rng: random.Random) -> Painted:
    """Paint fitted cupboards above and below a tiled splash-back and an oak worktop."""
    wall = plaster(LANDSCAPE, (222, 219, 211), rng)
    splash = Layer(LANDSCAPE)
    _tiles(splash, (0, 450, 1600, 772), (126, 80), (214, 222, 220), rng, bond=True)
    splash.over(wall, shadow=0)
    texture(wall, (0, 450, 1600, 772), rng, (110, 90), 4)

    front: Colour = (112, 132, 130)
    units = Layer(LANDSCAPE)
    units.box((0, 130, 560, 452), scaled(front, 0.7))
    units.box((1040, 130, 1600, 452), scaled(front, 0.7))
    for left in (-90, 236, 1044, 1370):
        units.panel((left, 134, left + 320, 446), front, 44)
    units.box((0, 790, 1600, 1200), scaled(front, 0.62))
    for left in (-90, 236, 562, 1044, 1370):
        if left == 562:
            continue
        units.panel((left, 832, left + 320, 968), front, 26)
        units.panel((left, 974, left + 320, 1290), front, 44)
    units.box((562, 832, 1038, 1200), (58, 60, 62), radius=4, shade=0.1)  # oven
    units.box((562, 832, 1038, 920), STEEL, radius=3, shade=0.12)
    units.box((600, 990, 1000, 1200), (26, 28, 30), radius=10, shade=-0.5)
    for x in (640, 700, 900, 960):
        units.disc((x, 876), 19, 19, (70, 70, 72))
        units.disc((x, 874), 16, 16, (208, 208, 208))
    units.shape([(664, 60), (936, 60), (936, 300), (1030, 400), (570, 400), (664, 300)], STEEL)
    units.box((664, 0, 936, 302), STEEL, shade=0.08)
    units.shape([(664, 302), (936, 302), (1030, 396), (570, 396)], scaled(STEEL, 0.93))
    units.box((570, 394, 1030, 436), scaled(STEEL, 1.06), shade=0.2)
    units.over(wall, fall=(4, 16), soft=16)

    top = Layer(LANDSCAPE)
    top.box((0, 764, 1600, 782), scaled(OAK, 1.2))
    top.box((0, 782, 1600, 820), OAK, shade=0.16)
    top.over(wall, fall=(0, 14), soft=12)
    texture(wall, (0, 765, 1600, 818), rng, (140, 3), 14)

    details = Layer(LANDSCAPE)
    for left in (236, 1044):
        details.box((left + 18, 380, left + 28, 430), STEEL, radius=5, shade=0.2)
    for left in (-90, 236, 1044, 1370):
        details.box((left + 104, 892, left + 216, 904), STEEL, radius=6, shade=0.35)
        details.box((left + 286, 1000, left + 298, 1100), STEEL, radius=6, shade=0.2)
    details.box((640, 948, 960, 964), scaled(STEEL, 1.15), radius=8, shade=0.4)
    details.box((590, 756, 1010, 766), (30, 31, 33), radius=3)
    details.box((90, 560, 280, 766), scaled(OAK, 0.8), radius=12, shade=0.12)  # chopping board
    details.box((310, 650, 390, 767), (224, 218, 206), radius=10, shade=0.14)  # jars
    details.box((318, 634, 382, 656), scaled(OAK, 0.9), radius=5, shade=0.2)
    details.box((402, 676, 472, 767), (198, 116, 88), radius=10, shade=0.18)
    details.box((409, 662, 465, 682), scaled(OAK, 0.9), radius=5, shade=0.2)
    details.shape([(1180, 640), (1290, 640), (1312, 767), (1158, 767)], (196, 198, 200))  # kettle
    details.box((1176, 616, 1294, 644), (50, 50, 52), radius=10)
    details.stroke([(1296, 640), (1340, 652), (1340, 726), (1308, 742)], (50, 50, 52), 14)
    details.over(wall, fall=(6, 7), soft=8)
    texture(wall, (92, 562, 278, 764), rng, (4, 120), 9)
    lit = light(wall, (800, 560), 1350, 0.68, 0.12)
    return photograph(lit, rng, tilt=-0.4), ()


def bathroom_tile(rng: random.Random) -> Painted:
    """Paint glazed wall tiles above a basin, one of them cracked across."""
    wall = Image.new("RGB", LANDSCAPE, (196, 194, 188))
    tiles = Layer(LANDSCAPE)
    area = (-140, -90, 1740, 1290)
    cells = _tiles(tiles, area, (310, 310), (204, 212, 214), rng, grout=(222, 222, 217))
    tiles.over(wall, shadow=0)
    texture(wall, (0, 0, *LANDSCAPE), rng, (210, 240), 5)
    texture(wall, (0, 0, *LANDSCAPE), rng, (9, 9), 2)
    x0, y0, x1, y1 = cells[3, 1]
    box = crack(
        wall,
        rng,
        (x0 + 40, y0 - 10),
        52,
        560,
        3,
        wander=6,
        branches=1,
        depth=0.66,
        within=(x0 + 1, y0 + 1, x1 - 1, y1 - 1),
    )
    fittings = Layer(LANDSCAPE)
    fittings.box((60, -20, 560, 470), (148, 150, 150), radius=8)
    fittings.box((66, -20, 554, 464), (198, 208, 212), radius=6, shade=0.16)
    fittings.shape([(120, 0), (260, 0), (66, 330), (66, 90)], (210, 219, 222))
    fittings.box((20, 980, 720, 1040), (242, 242, 240), radius=24, shade=0.08)
    fittings.shape([(40, 1026), (700, 1026), (610, 1200), (130, 1200)], (226, 227, 226))
    fittings.over(wall, fall=(10, 16), soft=20)
    tap = Layer(LANDSCAPE)
    tap.box((346, 856, 386, 986), STEEL, radius=10, shade=0.25)
    tap.box((340, 866, 392, 890), scaled(STEEL, 1.2), radius=10, shade=0.45)
    tap.stroke(
        [
            (366, 866),
            (366, 800),
            (376, 780),
            (396, 770),
            (440, 770),
            (458, 780),
            (466, 800),
            (466, 836),
        ],
        scaled(STEEL, 0.92),
        20,
    )
    tap.stroke([(361, 866), (361, 800), (372, 776), (396, 765), (440, 765)], scaled(STEEL, 1.2), 4)
    tap.box((560, 900, 640, 984), (204, 182, 170), radius=10, shade=0.2)  # soap dispenser
    tap.box((592, 860, 608, 902), (90, 90, 90), radius=3)
    tap.box((574, 854, 612, 866), (90, 90, 90), radius=4)
    tap.over(wall, fall=(8, 4), soft=8)
    lit = light(wall, (760, 160), 1600, 0.68, -0.06)
    return photograph(lit, rng, tilt=0.5), (
        ("tile_crack_missing", seen_tilted(box, LANDSCAPE, 0.5)),
    )


def hall_ceiling(rng: random.Random) -> Painted:
    """Paint a hall seen looking up: a ceiling lamp and the ring of an old leak."""
    picture = plaster(LANDSCAPE, (232, 230, 225), rng)
    box = water_stain(picture, rng, (1000, 440), 225, 135)
    walls = Layer(LANDSCAPE)
    paint: Colour = (204, 198, 184)
    walls.shape([(0, 130), (330, 820), (330, 1200), (0, 1200)], scaled(paint, 0.88))
    walls.shape([(1600, 90), (1290, 820), (1290, 1200), (1600, 1200)], scaled(paint, 0.95))
    walls.shape([(328, 818), (1292, 818), (1292, 1200), (328, 1200)], paint)
    walls.stroke([(0, 118), (330, 806), (1290, 806), (1600, 78)], (240, 239, 235), 26)  # coving
    walls.stroke([(0, 134), (328, 820), (1292, 820), (1600, 96)], (196, 192, 182), 3)
    walls.over(picture, shadow=0.25, fall=(0, -10), soft=22)
    texture(picture, (0, 830, *LANDSCAPE), rng, (5, 5), 3)
    door = Layer(LANDSCAPE)
    door.box((640, 938, 1000, 1200), (236, 233, 226), shade=0.03)
    door.box((672, 970, 968, 1200), (170, 166, 158))
    door.box((677, 975, 963, 1200), (226, 222, 213), shade=0.05)
    door.panel((724, 1030, 916, 1300), (226, 222, 213), 14)
    door.over(picture, fall=(5, 6), soft=9)
    lamp = Layer(LANDSCAPE)
    lamp.disc((560, 410), 150, 76, (206, 204, 198))
    lamp.disc((560, 404), 140, 70, (250, 246, 234))
    lamp.disc((560, 398), 104, 50, (255, 253, 246))
    lamp.over(picture, shadow=0.3, fall=(0, 10), soft=24)
    lit = light(picture, (560, 420), 1300, 0.6, 0.2)
    return photograph(lit, rng, tilt=-0.9), (("ceiling_stain", seen_tilted(box, LANDSCAPE, -0.9)),)


def cellar_dark(rng: random.Random) -> Painted:
    """Paint a whitewashed brick wall with a pipe, hardly lit and shaken."""
    wall = Image.new("RGB", LANDSCAPE, (138, 132, 122))
    bricks = Layer(LANDSCAPE)
    _tiles(
        bricks,
        (-40, -30, 1660, 1270),
        (206, 78),
        (176, 164, 150),
        rng,
        bond=True,
        spread=0.1,
        joint=9,
    )
    bricks.over(wall, shadow=0.3, fall=(2, 4), soft=3)
    texture(wall, (0, 0, *LANDSCAPE), rng, (7, 7), 16)
    texture(wall, (0, 0, *LANDSCAPE), rng, (180, 130), 22)
    pipe = Layer(LANDSCAPE)
    pipe.box((0, 236, 1600, 262), (150, 146, 140))
    pipe.box((0, 262, 1600, 296), (112, 106, 100), shade=0.4)
    pipe.box((1180, 226, 1212, 306), (96, 90, 86), radius=4, shade=0.3)
    pipe.over(wall, shadow=0.6, fall=(6, 34), soft=12)
    lit = light(wall, (1250, 380), 1300, 0.15, 0.15)
    return photograph(lit, rng, tilt=2.4, exposure=0.3, blur=7, grain=7), ()


def _floor_and_skirting(picture: Image.Image, rng: random.Random, head: float, foot: float) -> None:
    """Paint a skirting board from `head` to `foot` and oak planks from there down, in place."""
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
        planks.shape(corners, scaled(OAK, rng.uniform(0.9, 1.04)))
        planks.stroke([corners[0], corners[3]], scaled(OAK, 0.68), 1.5)
    planks.over(picture, shadow=0)
    texture(picture, (0, foot, width, height), rng, (14, 110), 12)
    board = Layer(picture.size)
    board.box((0, head, width, foot), (234, 232, 226), shade=0.1)
    board.box((0, head, width, head + 5), (244, 243, 239))
    board.box((0, head + 14, width, head + 17), (206, 203, 196))
    board.over(picture, fall=(0, 8), soft=9)


def _tiles(
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
    """Draw tiles with `joint` pixels between them and return their boxes by (column, row).

    `bond` sets every second row off by half a tile; `spread` is how much the tones differ.
    """
    x0, y0, x1, y1 = area
    layer.box((max(0, x0), max(0, y0), x1, y1), grout)
    cells: dict[tuple[int, int], Box] = {}
    for row in range(int((y1 - y0) // size[1]) + 1):
        shift = size[0] / 2 if bond and row % 2 else 0
        for column in range(int((x1 - x0) // size[0]) + 2):
            left, top = x0 + column * size[0] - shift, y0 + row * size[1]
            box = (left, top, left + size[0] - joint, min(y1, top + size[1] - joint))
            if box[3] - box[1] < joint:
                continue
            tone = scaled(colour, 1 + rng.uniform(-spread, spread))
            layer.box(box, scaled(tone, 1.05), radius=4)
            layer.box((box[0] + 2, box[1] + 2, box[2], box[3]), scaled(tone, 0.95), radius=4)
            layer.box((box[0] + 2, box[1] + 2, box[2] - 2, box[3] - 2), tone, radius=4)
            cells[column, row] = box
    return cells


SCENES: tuple[Scene, ...] = (
    Scene(
        "living-room-wall.jpg",
        "living room",
        "a plaster wall with a wandering, branching crack",
        living_room_wall,
        taken="2026:01:15 10:30:00",
    ),
    Scene(
        "bedroom-door-corner.jpg",
        "bedroom",
        "a hairline crack rising from the corner of a door frame",
        bedroom_door_corner,
        stored_sideways=True,
    ),
    Scene("bedroom.jpg", "bedroom", "a clean room: bed, window, picture", bedroom_clean),
    Scene("kitchen.jpg", "kitchen", "a clean fitted kitchen with a tiled wall", kitchen_clean),
    Scene("bathroom-tiles.jpg", "bathroom", "a tiled wall with one cracked tile", bathroom_tile),
    Scene(
        "hall-ceiling.jpg",
        "hall",
        "a ceiling with the brown ring of a water stain, which a crack detector does not look for",
        hall_ceiling,
        taken="2026:01:15 10:30:00",
    ),
    Scene(
        "cellar-wall.jpg",
        "cellar",
        "a brick wall, photographed much too dark and out of focus",
        cellar_dark,
    ),
)
