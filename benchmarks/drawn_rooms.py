"""Draws rooms without cracks, for fitting: furniture, cables, grain and folds that look alike.

Colours are BGR, places in pixels; chance comes from a seeded generator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator
    from numpy.typing import NDArray

__all__ = ["draw_room"]

Colour = tuple[float, ...]


def choose_colour(rng: Generator, low: float = 20, high: float = 240) -> Colour:
    """Returns a muted BGR colour."""
    middle = rng.uniform(low, high)
    return tuple(float(np.clip(middle + rng.normal(0, 18), 0, 255)) for _ in range(3))


def scale_colour(base: Colour, factor: float) -> Colour:
    """Returns a colour made lighter or darker."""
    return tuple(float(np.clip(value * factor, 0, 255)) for value in base)


def draw_line(canvas: NDArray[Any], points: object, ink: object, width: int = 0) -> None:
    """Draws a line of the given width (px), or fill a polygon when the width is 0."""
    fixed = np.rint(np.asarray(points, dtype=np.float64) * 16).astype(np.int32)
    if width:
        cv2.polylines(canvas, [fixed], False, ink, width, cv2.LINE_AA, 4)  # type: ignore[call-overload]
    else:
        cv2.fillPoly(canvas, [fixed], ink, cv2.LINE_AA, 4)  # type: ignore[call-overload]


def place_panel(
    canvas: NDArray[Any], rng: Generator, low: float, high: float
) -> NDArray[np.float64]:
    """Returns the corners of a box somewhere in the room, often slightly askew."""
    height, width = canvas.shape[:2]
    size = rng.uniform(low, high, 2) * [width, height]
    corner = rng.uniform(-0.1, 0.9, 2) * [width, height]
    corners = corner + np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * size
    skew = rng.normal(0, 0.03, (4, 2)) * size * (rng.random() < 0.6)
    return np.asarray(corners + skew, dtype=np.float64)


def find_inside(corners: NDArray[np.float64], u: float, v: float) -> NDArray[np.float64]:
    """Returns the point at (u, v), 0–1, of a box."""
    upper = (1 - u) * corners[0] + u * corners[1]
    lower = (1 - u) * corners[3] + u * corners[2]
    return np.asarray((1 - v) * upper + v * lower, dtype=np.float64)


def draw_grid(canvas: NDArray[Any], rng: Generator, across: tuple[int, int], down: tuple[int, int],
         shade: tuple[float, float]) -> None:  # fmt: skip
    """Draws a box with ruled joints: tiles, cabinet doors, blinds, floor boards."""
    box, base, width = (
        place_panel(canvas, rng, 0.2, 0.9),
        choose_colour(rng, 60),
        int(rng.integers(1, 4)),
    )
    draw_line(canvas, box, base)
    columns, rows = int(rng.integers(*across)), int(rng.integers(*down))
    dark = scale_colour(base, rng.uniform(*shade))
    for column in range(columns + 1):
        draw_line(canvas, [find_inside(box, column / columns, v) for v in (0, 1)], dark, width)
    for row in range(rows + 1):
        draw_line(canvas, [find_inside(box, u, row / rows) for u in (0, 1)], dark, width)


def draw_tiles(canvas: NDArray[Any], rng: Generator) -> None:
    """Draws tiles."""
    draw_grid(canvas, rng, (4, 20), (4, 20), (0.4, 1.2))


def draw_cabinets(canvas: NDArray[Any], rng: Generator) -> None:
    """Draws cabinet doors or slabs."""
    draw_grid(canvas, rng, (1, 6), (1, 4), (0.2, 0.8))


def draw_blinds(canvas: NDArray[Any], rng: Generator) -> None:
    """Draws blinds."""
    draw_grid(canvas, rng, (1, 3), (10, 40), (0.5, 0.8))


def draw_frame(canvas: NDArray[Any], rng: Generator) -> None:
    """Draws a door or a picture with its mouldings."""
    box, base = place_panel(canvas, rng, 0.12, 0.6), choose_colour(rng)
    draw_line(canvas, box, base)
    for inset in np.sort(rng.uniform(0, 0.2, int(rng.integers(1, 4)))):
        way = ((inset, inset), (1 - inset, inset), (1 - inset, 1 - inset), (inset, 1 - inset))
        ring = [find_inside(box, u, v) for u, v in (*way, way[0])]
        draw_line(canvas, ring, scale_colour(base, rng.uniform(0.3, 1.3)), int(rng.integers(1, 5)))


def draw_cable(canvas: NDArray[Any], rng: Generator) -> None:
    """Draws a hanging cable, half of them with a shadow."""
    height, width = canvas.shape[:2]
    ends = rng.uniform(0, 1, (4, 2)) * [width, height]
    if rng.random() < 0.6:
        ends[1:] = ends[0] + (ends[1:] - ends[0]) * rng.uniform(0.2, 0.6)
    t = np.linspace(0, 1, 60)[:, None]
    bend = (1 - t) ** 3 * ends[0] + 3 * t * (1 - t) ** 2 * ends[1]
    bend = bend + 3 * t * t * (1 - t) * ends[2] + t**3 * ends[3]
    thick = int(rng.integers(1, 6))
    if rng.random() < 0.5:
        draw_line(canvas, bend + rng.uniform(2, 6, 2), choose_colour(rng, 90, 150), thick)
    draw_line(canvas, bend, choose_colour(rng, 5, 90), thick)


def draw_wood(canvas: NDArray[Any], rng: Generator) -> None:
    """Draws wood grain."""
    box = place_panel(canvas, rng, 0.3, 0.9)
    base = (rng.uniform(40, 120), rng.uniform(70, 150), rng.uniform(110, 210))
    draw_line(canvas, box, base)
    rows, phase, u = int(rng.integers(8, 30)), rng.uniform(0, 6, 2), np.linspace(0, 1, 60)
    for row in range(rows):
        v = (row + rng.uniform(0, 0.6)) / rows + 0.02 * np.sin(u * rng.uniform(2, 4) + phase[0])
        v = np.clip(v + 0.008 * np.sin(u * 14 + phase[1] + row * 0.3), 0, 1)
        grain = [find_inside(box, a, b) for a, b in zip(u, v, strict=True)]
        draw_line(
            canvas, grain, scale_colour(base, rng.uniform(0.6, 0.97)), int(rng.integers(1, 4))
        )


def draw_cushion(canvas: NDArray[Any], rng: Generator) -> None:
    """Draws upholstery with folds and seams."""
    box, base, t = (
        place_panel(canvas, rng, 0.25, 0.7),
        choose_colour(rng, 50),
        np.linspace(0, 1, 30),
    )
    draw_line(canvas, box, base)
    for _ in range(int(rng.integers(2, 9))):
        (start, stop, level), bow = rng.uniform(0, 1, 3), rng.normal(0, 0.06)
        u = np.clip(start + (stop - start) * t, 0, 1)
        v = np.clip(level + bow * 4 * t * (1 - t) + 0.004 * np.sin(9 * t + bow * 99), 0, 1)
        seam = [find_inside(box, a, b) for a, b in zip(u, v, strict=True)]
        draw_line(canvas, seam, scale_colour(base, rng.uniform(0.4, 0.85)), int(rng.integers(1, 6)))


def draw_curtain(canvas: NDArray[Any], rng: Generator) -> None:
    """Draws the folds of a curtain."""
    height, width = canvas.shape[:2]
    wide = int(rng.uniform(0.1, 0.35) * width)
    left, top = int(rng.uniform(0, 0.65) * width), int(rng.uniform(0, 0.2) * height)
    place = canvas[top : int(rng.uniform(0.6, 1) * height), left : left + wide]
    x, y = np.arange(wide), np.arange(place.shape[0])[:, None] / height
    fold = np.zeros(wide)
    for waves in (5, 9, 14, 23):
        fold += rng.uniform(0.02, 0.12) * np.sin(x * waves / wide * 2 * np.pi + rng.uniform(0, 6))
    light = 1 + fold * (1 + 0.4 * np.sin(y * 3 + x * 0.01))
    place[:] = np.clip(np.array(choose_colour(rng, 60)) * light[:, :, None], 0, 255)


def draw_twig(canvas: NDArray[Any], rng: Generator, foot: NDArray[np.float64], angle: float,
         length: float, thick: float) -> None:  # fmt: skip
    """Draws a branching twig."""
    if length < 8 or thick < 0.4:
        return
    tip = foot + length * np.array([np.cos(angle), np.sin(angle)])
    wobble = np.cumsum(rng.normal(0, 0.02 * length / 4, (8, 2)), axis=0)
    way = np.linspace(foot, tip, 8) + wobble - np.linspace(wobble[0], wobble[-1], 8)
    draw_line(canvas, way, (40.0, 50.0, 55.0), max(1, int(thick)))
    for _ in range(int(rng.integers(2, 4))):
        start = foot + (tip - foot) * rng.uniform(0.3, 1)
        turned, shorter = angle + rng.normal(0, 0.6), length * rng.uniform(0.4, 0.75)
        draw_twig(canvas, rng, start, turned, shorter, thick * 0.6)


def draw_window(canvas: NDArray[Any], rng: Generator) -> None:
    """Draws a window with bare twigs and leaves outside."""
    box, outside = place_panel(canvas, rng, 0.15, 0.5), canvas.copy()
    outside[:] = choose_colour(rng, 180, 255)
    for _ in range(int(rng.integers(1, 5))):
        foot = box[int(rng.integers(0, 4))] + rng.normal(0, 20, 2)
        length = rng.uniform(0.15, 0.4) * canvas.shape[1]
        draw_twig(outside, rng, foot, rng.uniform(0, 6.3), length, rng.uniform(3, 9))
    if rng.random() < 0.6:
        leaves = cv2.GaussianBlur(rng.normal(size=canvas.shape[:2]), (0, 0), rng.uniform(2, 6))
        leaves = 1 - 0.3 * np.clip(leaves / leaves.std(), 0, 2)
        outside[:] = np.clip(outside * leaves[:, :, None], 0, 255)
    glass = np.zeros(canvas.shape[:2], dtype=np.uint8)
    draw_line(glass, box, 1)
    canvas[glass > 0] = outside[glass > 0]
    edge = choose_colour(rng)
    draw_line(canvas, [*box, box[0]], edge, int(rng.integers(3, 12)))
    draw_line(canvas, [find_inside(box, 0.5, v) for v in (0, 1)], edge, int(rng.integers(2, 7)))


def draw_plant(canvas: NDArray[Any], rng: Generator) -> None:
    """Draws a heap of leaves."""
    height, width = canvas.shape[:2]
    middle, spread = rng.uniform(0.1, 0.9, 2) * [width, height], rng.uniform(0.05, 0.2) * height
    for _ in range(int(rng.integers(10, 50))):
        x, y = (int(value) for value in middle + rng.normal(0, spread, 2))
        axes = (int(rng.uniform(0.1, 0.4) * spread) + 2, int(rng.uniform(0.03, 0.15) * spread) + 1)
        green = (rng.uniform(20, 80), rng.uniform(50, 170), rng.uniform(20, 90))
        cv2.ellipse(canvas, (x, y), axes, rng.uniform(0, 360), 0, 360, green, -1, cv2.LINE_AA)


def draw_chair(canvas: NDArray[Any], rng: Generator) -> None:
    """Draws a bundle of straight legs and rails."""
    height, width = canvas.shape[:2]
    middle, base = rng.uniform(0.1, 0.9, 2) * [width, height], choose_colour(rng, 10, 120)
    for _ in range(int(rng.integers(3, 9))):
        ends = [middle + rng.normal(0, spread, 2) * height for spread in (0.06, 0.16)]
        draw_line(canvas, ends, base, int(rng.integers(2, 9)))


def draw_granite(canvas: NDArray[Any], rng: Generator) -> None:
    """Draws a speckled worktop or carpet."""
    mask = np.zeros(canvas.shape[:2], dtype=np.uint8)
    draw_line(mask, place_panel(canvas, rng, 0.2, 0.7), 1)
    speckle = np.zeros(mask.shape)
    for size in (1.0, 2.0, 5.0, 12.0):
        speckle += cv2.GaussianBlur(rng.normal(size=mask.shape), (0, 0), size) * size
    light = 1 + rng.uniform(0.05, 0.35) * speckle / speckle.std()
    stone = np.clip(np.array(choose_colour(rng, 40)) * light[:, :, None], 0, 255)
    canvas[mask > 0] = stone[mask > 0]


def cast_shadow(canvas: NDArray[Any], rng: Generator) -> None:
    """Casts a soft shadow."""
    light = np.ones(canvas.shape[:2], dtype=np.float32)
    cv2.fillPoly(light, [np.rint(place_panel(canvas, rng, 0.1, 0.7)).astype(np.int32)],
                 rng.uniform(0.5, 0.9))  # fmt: skip
    canvas[:] = canvas * cv2.GaussianBlur(light, (0, 0), rng.uniform(2, 20))[:, :, None]


FURNITURE: tuple[Callable[[NDArray[Any], Generator], None], ...] = (
    draw_frame, draw_frame, draw_cabinets, draw_tiles, draw_blinds, draw_cable, draw_cable,
    draw_wood, draw_curtain, draw_window, draw_plant, draw_cushion, draw_cushion, draw_chair,
    draw_granite, cast_shadow, cast_shadow,
)  # fmt: skip


def draw_room(seed: int) -> NDArray[np.uint8]:
    """Draws one room without cracks, H×W×3 uint8 RGB, with texture, blur, noise and JPEG."""
    rng = np.random.default_rng(seed)
    width = int(rng.choice([640, 800, 1024]))
    height = int(width * rng.choice([0.56, 0.67, 0.75]))
    ys, xs = np.mgrid[0:height, 0:width]
    slope = rng.normal(0, 0.2, 2)
    light = 1 + slope[0] * (xs / width - 0.5) + slope[1] * (ys / height - 0.5)
    canvas = np.clip(np.array(choose_colour(rng, 110)) * light[:, :, None], 0, 255).astype(np.uint8)
    x, y = rng.uniform(0.1, 0.9, 2) * [width, height]
    draw_line(canvas, [[x, 0], [width, 0], [width, height], [x, y]], choose_colour(rng, 90))
    draw_line(canvas, [[0, y + rng.normal(0, 60)], [x, y], [width, y + rng.normal(0, 60)],
                  [width, height], [0, height]], choose_colour(rng, 90))  # fmt: skip
    if rng.random() < 0.5:
        draw_line(canvas, [[x, 0], [x, y]], choose_colour(rng, 60, 150), int(rng.integers(1, 4)))
    for pick in rng.permutation(len(FURNITURE))[: int(rng.integers(1, 11))]:
        FURNITURE[pick](canvas, rng)
    grainy = cv2.GaussianBlur(rng.normal(size=(height, width)), (0, 0), 1.5)
    rough = canvas * (1 + rng.uniform(0, 0.04) * grainy / grainy.std())[:, :, None]
    photo = cv2.GaussianBlur(rough, (0, 0), rng.uniform(0.4, 1.3))
    photo = np.clip(photo + rng.normal(0, rng.uniform(0.5, 4), photo.shape), 0, 255)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 96))]
    _, data = cv2.imencode(".jpg", photo.astype(np.uint8), quality)
    read = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)
    return np.ascontiguousarray(read[:, :, ::-1])
