"""The sample photos: what each is called, what it shows and who paints it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from tools.pictures.dry_rooms import (
    paint_bedroom,
    paint_bedroom_door_corner,
    paint_cellar_wall,
    paint_hall_ceiling,
    paint_living_room_wall,
)
from tools.pictures.fittings import Painted
from tools.pictures.wet_rooms import paint_bathroom_tiles, paint_kitchen

__all__ = ["SCENES", "Painter", "Scene"]

Painter = Callable[[random.Random], Painted]
"""Paints a picture upright, with its defects in 0-1 boxes."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One sample photo to paint.

    Attributes:
        name: File name, such as `living-room-wall.jpg`.
        room: Room it is "taken" in.
        shows: What is drawn, in plain words.
        paint: Paints it upright, with its defects in 0-1 boxes.
        taken: EXIF DateTimeOriginal.
        stored_sideways: Whether it is stored as a phone held upright does, with orientation 6.
        long_side: Pixels of its longer side as it is stored.
        quality: Of its JPEG.
    """

    name: str
    room: str
    shows: str
    paint: Painter
    taken: str | None = None
    stored_sideways: bool = False
    long_side: int = 1600
    quality: int = 80  # of the samples, 1.1 MB for all; the crack is found as well as at 92


SCENES: tuple[Scene, ...] = (
    Scene(
        "living-room-wall.jpg",
        "living room",
        "a plaster wall with a wandering, branching crack",
        paint_living_room_wall,
        taken="2026:01:15 10:30:00",
    ),
    Scene(
        "bedroom-door-corner.jpg",
        "bedroom",
        "a hairline crack rising from the corner of a door frame",
        paint_bedroom_door_corner,
        stored_sideways=True,
    ),
    Scene("bedroom.jpg", "bedroom", "a clean room: bed, window, picture", paint_bedroom),
    Scene("kitchen.jpg", "kitchen", "a clean fitted kitchen with a tiled wall", paint_kitchen),
    Scene(
        "bathroom-tiles.jpg", "bathroom", "a tiled wall with one cracked tile", paint_bathroom_tiles
    ),
    Scene(
        "hall-ceiling.jpg",
        "hall",
        "a ceiling with the brown ring of a water stain, which a crack detector does not look for",
        paint_hall_ceiling,
        taken="2026:01:15 10:30:00",
    ),
    Scene(
        "cellar-wall.jpg",
        "cellar",
        "a brick wall, photographed much too dark and out of focus",
        paint_cellar_wall,
    ),
)
