"""Fits the weights in cracks.toml: `python benchmarks/fit_offline_cracks.py PHOTOS_DIR`.

PHOTOS_DIR holds manifest.json (file, label, source_repo for each photo). Only the photos of
`FITTED_ON` are opened; what is no crack comes from their clean walls and from the rooms that
`drawn_rooms.py` draws, so that photos of real rooms stay unseen. Prints a cross-validated estimate,
then the values.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from drawn_rooms import draw_room

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
    from numpy.typing import NDArray

FITTED_ON = (
    "Kailashini/AI-Wall-Cracks-Detection-System",
    "arthurflor23/surface-crack-detection",
)
ROOM_SEEDS = range(1000, 1160)
RIDGE = 5.0  # penalty on the standardised weights; 1 to 20 gave the same order of lines
MAIN_LENGTH = 0.3  # share; of a crack photo, lines this long and the longest are its cracks
WEIGHTS = ("intercept", "log_length", "log_wander", "smooth", "alone")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the photo or room it is in, whether it is a crack, what is seen of it."""

    source: str
    crack: bool
    seen: LineEvidence


def measure(picture: NDArray[np.uint8]) -> MeasuredPicture:
    """Finds the lines of a picture as the detector does."""
    use = load_coefficients()
    size = use.picture
    return measure_picture(resize_picture(picture, size.long_side, size.max_enlargement), use)


def list_rows(source: str, crack: bool, picture: NDArray[np.uint8]) -> tuple[list[Row], list[Row]]:
    """Returns (all lines long enough to be judged, those that the rules allow) of a picture."""
    use, measured = load_coefficients(), measure(picture)
    shortest = use.rules.min_length * measured.long_side
    every = [measure_line(line, measured) for line in measured.lines if line.length >= shortest]
    kept = [seen for _, seen in judge_lines(measured, use)]
    found = []
    for group in (every, kept):
        longest = max((seen.length for seen in group), default=0.0)
        least = min(longest, MAIN_LENGTH) if crack else 0.0
        found.append([Row(source, crack, seen) for seen in group if seen.length >= least])
    return found[0], found[1]


def gather_rows(folder: Path) -> tuple[list[Row], list[Row]]:
    """Returns the lines of the fitting photos and the drawn rooms, as `list_rows`."""
    found: list[tuple[list[Row], list[Row]]] = []
    for photo in json.loads((folder / "manifest.json").read_text("utf-8")):
        if photo["source_repo"] not in FITTED_ON:
            continue
        loaded = cv2.imread(str(folder / photo["file"]), cv2.IMREAD_COLOR)
        if loaded is None:
            raise FileNotFoundError(photo["file"])
        picture = np.ascontiguousarray(loaded[:, :, ::-1], dtype=np.uint8)
        found.append(list_rows(photo["file"], photo["label"] == "crack", picture))
    found += [list_rows(f"room {seed}", False, draw_room(seed)) for seed in ROOM_SEEDS]
    return [row for every, _ in found for row in every], [row for _, kept in found for row in kept]


def fit_weights(x: NDArray[np.float64], y: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Fits a ridge-penalised logistic regression, both classes weighing the same.

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


def split_rows(rows: list[Row]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Returns (N crack or not, N×K terms)."""
    y = np.array([row.crack for row in rows], dtype=np.bool_)
    return y, np.array([build_terms(row.seen) for row in rows], dtype=np.float64)


def score_left_out(rows: list[Row]) -> dict[str, float]:
    """Returns for each photo its best score by weights fitted without that photo."""
    sources, (y, x) = np.array([row.source for row in rows]), split_rows(rows)
    best = {}
    for source in np.unique(sources):
        out = sources == source
        beta = fit_weights(x[~out], y[~out])
        best[str(source)] = float((1 / (1 + np.exp(-(beta[0] + x[out] @ beta[1:])))).max())
    return best


def main() -> None:
    """Fits, cross-validates by leaving out one photo at a time, and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("photos", type=Path, metavar="PHOTOS_DIR")
    every, rows = gather_rows(parser.parse_args().photos)
    for crack in (True, False):
        print(f"quantiles of the lines of {'crack photos' if crack else 'all else'}")
        for field in fields(LineEvidence):
            values = [getattr(row.seen, field.name) for row in every if row.crack == crack]
            cuts = np.quantile(values, [0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1]).round(2)
            print(f"  {field.name:10}", *(f"{cut:7.2f}" for cut in cuts))
    y, x = split_rows(rows)
    best = score_left_out(rows)
    print(f"{y.sum()} crack lines and {(~y).sum()} others pass the rules")
    for cut in (0.5, 0.6, 0.7, 0.8):
        flagged = {source for source, value in best.items() if value >= cut}
        cracks = {row.source for row in rows if row.crack} & flagged
        print(
            f"flag {cut}: left out one by one, {len(cracks)} crack photos and"
            f" {len(flagged - cracks)} others flagged"
        )
    print("\n[weights]")
    for name, value in zip(WEIGHTS, fit_weights(x, y), strict=True):
        print(f"{name} = {value:.2f}")


if __name__ == "__main__":
    main()
