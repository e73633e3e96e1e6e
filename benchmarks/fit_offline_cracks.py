"""Fit the weights in cracks.toml: `python benchmarks/fit_offline_cracks.py PHOTOS_DIR`.

PHOTOS_DIR holds manifest.json (file, label, source_repo for each photo). Only the photos of
`FITTED_ON` are opened; what is no crack comes from their clean walls and from rooms drawn here,
so that photos of real rooms stay unseen. Prints a cross-validated estimate, then the values.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from inspectiq.transports._offline.coefficients import load_coefficients
from inspectiq.transports._offline.cracks import build_terms, judge_lines
from inspectiq.transports._offline.evidence import (
    LineEvidence,
    MeasuredPicture,
    measure_line,
    measure_picture,
)
from inspectiq.transports._offline.ridges import resize_picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator
    from numpy.typing import NDArray

FITTED_ON = (
    "Kailashini/AI-Wall-Cracks-Detection-System",
    "arthurflor23/surface-crack-detection",
)
ROOM_SEEDS = range(1000, 1160)
RIDGE = 5.0  # penalty on the standardised weights; 1 to 20 gave the same order of lines
MAIN_LENGTH = 0.3  # share; of a crack photo, lines this long and the longest are its cracks
WEIGHTS = ("intercept", "log_length", "log_wander", "smooth", "alone")

Colour = tuple[float, ...]


def colour(rng: Generator, low: float = 20, high: float = 240) -> Colour:
    """Return a muted BGR colour."""
    middle = rng.uniform(low, high)
    return tuple(float(np.clip(middle + rng.normal(0, 18), 0, 255)) for _ in range(3))


def shaded(base: Colour, factor: float) -> Colour:
    """Return a colour made lighter or darker."""
    return tuple(float(np.clip(value * factor, 0, 255)) for value in base)


def draw(canvas: NDArray[Any], points: object, ink: object, width: int = 0) -> None:
    """Draw a line of the given width (px), or fill a polygon when the width is 0."""
    fixed = np.rint(np.asarray(points, dtype=np.float64) * 16).astype(np.int32)
    if width:
        cv2.polylines(canvas, [fixed], False, ink, width, cv2.LINE_AA, 4)  # type: ignore[call-overload]
    else:
        cv2.fillPoly(canvas, [fixed], ink, cv2.LINE_AA, 4)  # type: ignore[call-overload]


def panel(canvas: NDArray[Any], rng: Generator, low: float, high: float) -> NDArray[np.float64]:
    """Return the corners of a box somewhere in the room, often slightly askew."""
    height, width = canvas.shape[:2]
    size = rng.uniform(low, high, 2) * [width, height]
    corner = rng.uniform(-0.1, 0.9, 2) * [width, height]
    corners = corner + np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * size
    skew = rng.normal(0, 0.03, (4, 2)) * size * (rng.random() < 0.6)
    return np.asarray(corners + skew, dtype=np.float64)


def inside(corners: NDArray[np.float64], u: float, v: float) -> NDArray[np.float64]:
    """Return the point at (u, v), 0–1, of a box."""
    upper = (1 - u) * corners[0] + u * corners[1]
    lower = (1 - u) * corners[3] + u * corners[2]
    return np.asarray((1 - v) * upper + v * lower, dtype=np.float64)


def grid(canvas: NDArray[Any], rng: Generator, across: tuple[int, int], down: tuple[int, int],
         shade: tuple[float, float]) -> None:  # fmt: skip
    """Draw a box with ruled joints: tiles, cabinet doors, blinds, floor boards."""
    box, base, width = panel(canvas, rng, 0.2, 0.9), colour(rng, 60), int(rng.integers(1, 4))
    draw(canvas, box, base)
    columns, rows = int(rng.integers(*across)), int(rng.integers(*down))
    dark = shaded(base, rng.uniform(*shade))
    for column in range(columns + 1):
        draw(canvas, [inside(box, column / columns, v) for v in (0, 1)], dark, width)
    for row in range(rows + 1):
        draw(canvas, [inside(box, u, row / rows) for u in (0, 1)], dark, width)


def tiles(canvas: NDArray[Any], rng: Generator) -> None:
    """Draw tiles."""
    grid(canvas, rng, (4, 20), (4, 20), (0.4, 1.2))


def cabinets(canvas: NDArray[Any], rng: Generator) -> None:
    """Draw cabinet doors or slabs."""
    grid(canvas, rng, (1, 6), (1, 4), (0.2, 0.8))


def blinds(canvas: NDArray[Any], rng: Generator) -> None:
    """Draw blinds."""
    grid(canvas, rng, (1, 3), (10, 40), (0.5, 0.8))


def frame(canvas: NDArray[Any], rng: Generator) -> None:
    """Draw a door or a picture with its mouldings."""
    box, base = panel(canvas, rng, 0.12, 0.6), colour(rng)
    draw(canvas, box, base)
    for inset in np.sort(rng.uniform(0, 0.2, int(rng.integers(1, 4)))):
        way = ((inset, inset), (1 - inset, inset), (1 - inset, 1 - inset), (inset, 1 - inset))
        ring = [inside(box, u, v) for u, v in (*way, way[0])]
        draw(canvas, ring, shaded(base, rng.uniform(0.3, 1.3)), int(rng.integers(1, 5)))


def cable(canvas: NDArray[Any], rng: Generator) -> None:
    """Draw a hanging cable, half of them with a shadow."""
    height, width = canvas.shape[:2]
    ends = rng.uniform(0, 1, (4, 2)) * [width, height]
    if rng.random() < 0.6:
        ends[1:] = ends[0] + (ends[1:] - ends[0]) * rng.uniform(0.2, 0.6)
    t = np.linspace(0, 1, 60)[:, None]
    bend = (1 - t) ** 3 * ends[0] + 3 * t * (1 - t) ** 2 * ends[1]
    bend = bend + 3 * t * t * (1 - t) * ends[2] + t**3 * ends[3]
    thick = int(rng.integers(1, 6))
    if rng.random() < 0.5:
        draw(canvas, bend + rng.uniform(2, 6, 2), colour(rng, 90, 150), thick)
    draw(canvas, bend, colour(rng, 5, 90), thick)


def wood(canvas: NDArray[Any], rng: Generator) -> None:
    """Draw wood grain."""
    box = panel(canvas, rng, 0.3, 0.9)
    base = (rng.uniform(40, 120), rng.uniform(70, 150), rng.uniform(110, 210))
    draw(canvas, box, base)
    rows, phase, u = int(rng.integers(8, 30)), rng.uniform(0, 6, 2), np.linspace(0, 1, 60)
    for row in range(rows):
        v = (row + rng.uniform(0, 0.6)) / rows + 0.02 * np.sin(u * rng.uniform(2, 4) + phase[0])
        v = np.clip(v + 0.008 * np.sin(u * 14 + phase[1] + row * 0.3), 0, 1)
        grain = [inside(box, a, b) for a, b in zip(u, v, strict=True)]
        draw(canvas, grain, shaded(base, rng.uniform(0.6, 0.97)), int(rng.integers(1, 4)))


def cushion(canvas: NDArray[Any], rng: Generator) -> None:
    """Draw upholstery with folds and seams."""
    box, base, t = panel(canvas, rng, 0.25, 0.7), colour(rng, 50), np.linspace(0, 1, 30)
    draw(canvas, box, base)
    for _ in range(int(rng.integers(2, 9))):
        (start, stop, level), bow = rng.uniform(0, 1, 3), rng.normal(0, 0.06)
        u = np.clip(start + (stop - start) * t, 0, 1)
        v = np.clip(level + bow * 4 * t * (1 - t) + 0.004 * np.sin(9 * t + bow * 99), 0, 1)
        seam = [inside(box, a, b) for a, b in zip(u, v, strict=True)]
        draw(canvas, seam, shaded(base, rng.uniform(0.4, 0.85)), int(rng.integers(1, 6)))


def curtain(canvas: NDArray[Any], rng: Generator) -> None:
    """Draw the folds of a curtain."""
    height, width = canvas.shape[:2]
    wide = int(rng.uniform(0.1, 0.35) * width)
    left, top = int(rng.uniform(0, 0.65) * width), int(rng.uniform(0, 0.2) * height)
    place = canvas[top : int(rng.uniform(0.6, 1) * height), left : left + wide]
    x, y = np.arange(wide), np.arange(place.shape[0])[:, None] / height
    fold = np.zeros(wide)
    for waves in (5, 9, 14, 23):
        fold += rng.uniform(0.02, 0.12) * np.sin(x * waves / wide * 2 * np.pi + rng.uniform(0, 6))
    light = 1 + fold * (1 + 0.4 * np.sin(y * 3 + x * 0.01))
    place[:] = np.clip(np.array(colour(rng, 60)) * light[:, :, None], 0, 255)


def twig(canvas: NDArray[Any], rng: Generator, foot: NDArray[np.float64], angle: float,
         length: float, thick: float) -> None:  # fmt: skip
    """Draw a branching twig."""
    if length < 8 or thick < 0.4:
        return
    tip = foot + length * np.array([np.cos(angle), np.sin(angle)])
    wobble = np.cumsum(rng.normal(0, 0.02 * length / 4, (8, 2)), axis=0)
    way = np.linspace(foot, tip, 8) + wobble - np.linspace(wobble[0], wobble[-1], 8)
    draw(canvas, way, (40.0, 50.0, 55.0), max(1, int(thick)))
    for _ in range(int(rng.integers(2, 4))):
        start = foot + (tip - foot) * rng.uniform(0.3, 1)
        turned, shorter = angle + rng.normal(0, 0.6), length * rng.uniform(0.4, 0.75)
        twig(canvas, rng, start, turned, shorter, thick * 0.6)


def window(canvas: NDArray[Any], rng: Generator) -> None:
    """Draw a window with bare twigs and leaves outside."""
    box, outside = panel(canvas, rng, 0.15, 0.5), canvas.copy()
    outside[:] = colour(rng, 180, 255)
    for _ in range(int(rng.integers(1, 5))):
        foot = box[int(rng.integers(0, 4))] + rng.normal(0, 20, 2)
        length = rng.uniform(0.15, 0.4) * canvas.shape[1]
        twig(outside, rng, foot, rng.uniform(0, 6.3), length, rng.uniform(3, 9))
    if rng.random() < 0.6:
        leaves = cv2.GaussianBlur(rng.normal(size=canvas.shape[:2]), (0, 0), rng.uniform(2, 6))
        leaves = 1 - 0.3 * np.clip(leaves / leaves.std(), 0, 2)
        outside[:] = np.clip(outside * leaves[:, :, None], 0, 255)
    glass = np.zeros(canvas.shape[:2], dtype=np.uint8)
    draw(glass, box, 1)
    canvas[glass > 0] = outside[glass > 0]
    edge = colour(rng)
    draw(canvas, [*box, box[0]], edge, int(rng.integers(3, 12)))
    draw(canvas, [inside(box, 0.5, v) for v in (0, 1)], edge, int(rng.integers(2, 7)))


def plant(canvas: NDArray[Any], rng: Generator) -> None:
    """Draw a heap of leaves."""
    height, width = canvas.shape[:2]
    middle, spread = rng.uniform(0.1, 0.9, 2) * [width, height], rng.uniform(0.05, 0.2) * height
    for _ in range(int(rng.integers(10, 50))):
        x, y = (int(value) for value in middle + rng.normal(0, spread, 2))
        axes = (int(rng.uniform(0.1, 0.4) * spread) + 2, int(rng.uniform(0.03, 0.15) * spread) + 1)
        green = (rng.uniform(20, 80), rng.uniform(50, 170), rng.uniform(20, 90))
        cv2.ellipse(canvas, (x, y), axes, rng.uniform(0, 360), 0, 360, green, -1, cv2.LINE_AA)


def chair(canvas: NDArray[Any], rng: Generator) -> None:
    """Draw a bundle of straight legs and rails."""
    height, width = canvas.shape[:2]
    middle, base = rng.uniform(0.1, 0.9, 2) * [width, height], colour(rng, 10, 120)
    for _ in range(int(rng.integers(3, 9))):
        ends = [middle + rng.normal(0, spread, 2) * height for spread in (0.06, 0.16)]
        draw(canvas, ends, base, int(rng.integers(2, 9)))


def granite(canvas: NDArray[Any], rng: Generator) -> None:
    """Draw a speckled worktop or carpet."""
    mask = np.zeros(canvas.shape[:2], dtype=np.uint8)
    draw(mask, panel(canvas, rng, 0.2, 0.7), 1)
    speckle = np.zeros(mask.shape)
    for size in (1.0, 2.0, 5.0, 12.0):
        speckle += cv2.GaussianBlur(rng.normal(size=mask.shape), (0, 0), size) * size
    light = 1 + rng.uniform(0.05, 0.35) * speckle / speckle.std()
    stone = np.clip(np.array(colour(rng, 40)) * light[:, :, None], 0, 255)
    canvas[mask > 0] = stone[mask > 0]


def shadow(canvas: NDArray[Any], rng: Generator) -> None:
    """Cast a soft shadow."""
    light = np.ones(canvas.shape[:2], dtype=np.float32)
    cv2.fillPoly(light, [np.rint(panel(canvas, rng, 0.1, 0.7)).astype(np.int32)],
                 rng.uniform(0.5, 0.9))  # fmt: skip
    canvas[:] = canvas * cv2.GaussianBlur(light, (0, 0), rng.uniform(2, 20))[:, :, None]


FURNITURE: tuple[Callable[[NDArray[Any], Generator], None], ...] = (
    frame, frame, cabinets, tiles, blinds, cable, cable, wood, curtain, window, plant, cushion,
    cushion, chair, granite, shadow, shadow,
)  # fmt: skip


def room(seed: int) -> NDArray[np.uint8]:
    """Draw one room without cracks, H×W×3 uint8 RGB, with texture, blur, noise and JPEG."""
    rng = np.random.default_rng(seed)
    width = int(rng.choice([640, 800, 1024]))
    height = int(width * rng.choice([0.56, 0.67, 0.75]))
    ys, xs = np.mgrid[0:height, 0:width]
    slope = rng.normal(0, 0.2, 2)
    light = 1 + slope[0] * (xs / width - 0.5) + slope[1] * (ys / height - 0.5)
    canvas = np.clip(np.array(colour(rng, 110)) * light[:, :, None], 0, 255).astype(np.uint8)
    x, y = rng.uniform(0.1, 0.9, 2) * [width, height]
    draw(canvas, [[x, 0], [width, 0], [width, height], [x, y]], colour(rng, 90))
    draw(canvas, [[0, y + rng.normal(0, 60)], [x, y], [width, y + rng.normal(0, 60)],
                  [width, height], [0, height]], colour(rng, 90))  # fmt: skip
    if rng.random() < 0.5:
        draw(canvas, [[x, 0], [x, y]], colour(rng, 60, 150), int(rng.integers(1, 4)))
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


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the photo or room it is in, whether it is a crack, what is seen of it."""

    source: str
    crack: bool
    seen: LineEvidence


def scene_in(picture: NDArray[np.uint8]) -> MeasuredPicture:
    """Find the lines of a picture as the detector does."""
    use = load_coefficients()
    size = use.picture
    return measure_picture(resize_picture(picture, size.long_side, size.max_enlargement), use)


def rows_in(source: str, crack: bool, picture: NDArray[np.uint8]) -> tuple[list[Row], list[Row]]:
    """Return (all lines long enough to be judged, those that the rules allow) of a picture."""
    use, scene = load_coefficients(), scene_in(picture)
    shortest = use.rules.min_length * scene.long_side
    every = [measure_line(line, scene) for line in scene.lines if line.length >= shortest]
    kept = [seen for _, seen in judge_lines(scene, use)]
    found = []
    for group in (every, kept):
        longest = max((seen.length for seen in group), default=0.0)
        least = min(longest, MAIN_LENGTH) if crack else 0.0
        found.append([Row(source, crack, seen) for seen in group if seen.length >= least])
    return found[0], found[1]


def gathered(folder: Path) -> tuple[list[Row], list[Row]]:
    """Return the lines of the fitting photos and the drawn rooms, as `rows_in`."""
    found: list[tuple[list[Row], list[Row]]] = []
    for photo in json.loads((folder / "manifest.json").read_text("utf-8")):
        if photo["source_repo"] not in FITTED_ON:
            continue
        loaded = cv2.imread(str(folder / photo["file"]), cv2.IMREAD_COLOR)
        if loaded is None:
            raise FileNotFoundError(photo["file"])
        picture = np.ascontiguousarray(loaded[:, :, ::-1], dtype=np.uint8)
        found.append(rows_in(photo["file"], photo["label"] == "crack", picture))
    found += [rows_in(f"room {seed}", False, room(seed)) for seed in ROOM_SEEDS]
    return [row for every, _ in found for row in every], [row for _, kept in found for row in kept]


def fitted(x: NDArray[np.float64], y: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Fit a ridge-penalised logistic regression, both classes weighing the same.

    Args:
        x: N×K terms.
        y: N, crack or not.

    Returns:
        Intercept and K weights.
    """
    weight = np.where(y, 0.5 / y.sum(), 0.5 / (~y).sum()) * len(y)
    middle, spread = x.mean(axis=0), x.std(axis=0)
    z = np.column_stack([np.ones(len(x)), (x - middle) / spread])
    penalty = np.diag([0.0] + [RIDGE] * x.shape[1])
    beta = np.zeros(z.shape[1])
    for _ in range(50):  # Newton's method; settled long before
        p = 1 / (1 + np.exp(-z @ beta))
        hessian = z.T @ ((weight * p * (1 - p))[:, None] * z) + penalty
        beta += np.linalg.solve(hessian, z.T @ (weight * (y - p)) - penalty @ beta)
    slopes = beta[1:] / spread
    return np.concatenate([[beta[0] - slopes @ middle], slopes])


def labels_and_terms(rows: list[Row]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return (N crack or not, N×K terms)."""
    y = np.array([row.crack for row in rows], dtype=np.bool_)
    return y, np.array([build_terms(row.seen) for row in rows], dtype=np.float64)


def left_out(rows: list[Row]) -> dict[str, float]:
    """Return for each photo its best score by weights fitted without that photo."""
    sources, (y, x) = np.array([row.source for row in rows]), labels_and_terms(rows)
    best = {}
    for source in np.unique(sources):
        out = sources == source
        beta = fitted(x[~out], y[~out])
        best[str(source)] = float((1 / (1 + np.exp(-(beta[0] + x[out] @ beta[1:])))).max())
    return best


def main() -> None:
    """Fit, cross-validate by leaving out one photo at a time, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("photos", type=Path, metavar="PHOTOS_DIR")
    every, rows = gathered(parser.parse_args().photos)
    for crack in (True, False):
        print(f"quantiles of the lines of {'crack photos' if crack else 'all else'}")
        for field in fields(LineEvidence):
            values = [getattr(row.seen, field.name) for row in every if row.crack == crack]
            cuts = np.quantile(values, [0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1]).round(2)
            print(f"  {field.name:10}", *(f"{cut:7.2f}" for cut in cuts))
    y, x = labels_and_terms(rows)
    best = left_out(rows)
    print(f"{y.sum()} crack lines and {(~y).sum()} others pass the rules")
    for cut in (0.5, 0.6, 0.7, 0.8):
        flagged = {source for source, value in best.items() if value >= cut}
        cracks = {row.source for row in rows if row.crack} & flagged
        print(
            f"flag {cut}: left out one by one, {len(cracks)} crack photos and"
            f" {len(flagged - cracks)} others flagged"
        )
    print("\n[weights]")
    for name, value in zip(WEIGHTS, fitted(x, y), strict=True):
        print(f"{name} = {value:.2f}")


if __name__ == "__main__":
    main()
