"""The pictures of the example flat besides the samples: what each shows, and who paints it."""

from __future__ import annotations

from tools.pictures.flat_fittings import (
    paint_bathroom_corner,
    paint_bedroom_blind,
    paint_kitchen_sink,
    paint_laundry_pipe,
    paint_living_room_window,
)
from tools.pictures.flat_walls import (
    paint_bedroom_carpet,
    paint_childs_outlet,
    paint_childs_window_wall,
    paint_hall_alarm_base,
    paint_hall_hole,
)
from tools.pictures.scenes import Painter, Scene

__all__ = ["FLAT_SCENES"]

TAKEN = "2026:01:15 10:15:00"


def _make(name: str, room: str, shows: str, paint: Painter, quality: int = 68) -> Scene:
    return Scene(name, room, shows, paint, taken=TAKEN, long_side=1200, quality=quality)


FLAT_SCENES: tuple[Scene, ...] = (
    _make(
        "living-room-window.jpg",
        "living room",
        "a window whose left pane has a hole, with cracks up to its frame",
        paint_living_room_window,
    ),
    _make(
        "kitchen-sink.jpg",
        "kitchen",
        "a tap that drips, and a puddle around its foot",
        paint_kitchen_sink,
    ),
    _make(
        "bathroom-corner.jpg",
        "bathroom",
        "dark growth in the corner under the ceiling, and a black, broken joint along the tub",
        paint_bathroom_corner,
    ),
    _make(
        "bedroom-carpet.jpg",
        "bedroom",
        "a carpet with a dried red-brown stain beside the bed",
        paint_bedroom_carpet,
    ),
    _make(
        "bedroom-blind.jpg",
        "bedroom",
        "a blind with snapped slats and a loose cord",
        paint_bedroom_blind,
        quality=54,  # its many edges take more bytes
    ),
    _make(
        "childs-room-outlet.jpg",
        "child's room",
        "an outlet without its cover, low on the wall, with bare wire ends beside toys",
        paint_childs_outlet,
    ),
    _make(
        "childs-room-window-wall.jpg",
        "child's room",
        "paint that peels off the wall under a window, with chips on the floor",
        paint_childs_window_wall,
    ),
    _make(
        "hall-smoke-alarm.jpg",
        "hall",
        "the base of a smoke alarm on a ceiling, without the alarm",
        paint_hall_alarm_base,
    ),
    _make("hall-wall.jpg", "hall", "a hole in a wall beside a light switch", paint_hall_hole),
    _make(
        "laundry-valve.jpg",
        "laundry",
        "a rusted shut-off valve, and rust that ran down the wall",
        paint_laundry_pipe,
    ),
)
