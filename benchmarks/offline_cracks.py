"""Measures the crack rules on labelled photos: `python benchmarks/offline_cracks.py PHOTOS_DIR`.

PHOTOS_DIR holds manifest.json: a list of photos with file, label ("crack", "clean" or another,
which is left out), source_repo and boxes (x0, y0, x1, y1, fractions 0–1, origin top left).
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from fit_offline_cracks import FITTED_ON, ROOM_SEEDS, gather_rows, score_left_out

from inspectiq.screening._judging import render_share
from inspectiq.transports._offline.coefficients import load_coefficients
from inspectiq.transports._offline.cracks import CrackDetector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from inspectiq.transports import Detection, Detector

HIT = 0.3  # intersection over union from which a labelled box counts as found

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Result:
    """What was found in one photo; overlaps: best IoU of each labelled box, 0–1."""

    file: str
    crack: bool
    fitted: bool
    regions: int
    top: float
    overlaps: tuple[float, ...]
    union: float
    seconds: float

    @property
    def flagged(self) -> bool:
        """Whether the photo has a region at all."""
        return self.regions > 0


def measure_overlap(one: Box, other: Box) -> float:
    """Returns the intersection over union of two boxes."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return wide * high / (areas - wide * high)


def enclose(boxes: Iterable[Box]) -> Box:
    """Returns the box around boxes."""
    corners = np.array(list(boxes), dtype=np.float64)
    x0, y0 = corners[:, :2].min(axis=0).tolist()
    x1, y1 = corners[:, 2:].max(axis=0).tolist()
    return x0, y0, x1, y1


def write_overlay(
    picture: NDArray[np.uint8], found: Detection, boxes: list[Box], file: Path
) -> None:
    """Writes a picture with labelled boxes (green), found boxes (red) and the score map (red)."""
    shown = picture[:, :, ::-1].astype(np.float32)
    shown[:, :, 2] = np.maximum(shown[:, :, 2], 255 * found.score_map)
    canvas = np.ascontiguousarray(shown, dtype=np.uint8)
    height, width = canvas.shape[:2]
    drawn = [(box, (0, 200, 0), "") for box in boxes]
    drawn += [(region.box, (0, 0, 255), f"{region.score:.2f}") for region in found.regions]
    for (x0, y0, x1, y1), ink, text in drawn:
        corner = (int(x0 * width), int(y0 * height))
        cv2.rectangle(canvas, corner, (int(x1 * width) - 1, int(y1 * height) - 1), ink, 2)
        place = (corner[0] + 4, corner[1] + 18)
        cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, ink, 1)
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), canvas)


def measure_photo(
    folder: Path, photo: dict[str, Any], detector: Detector, overlays: Path | None
) -> Result:
    """Runs the detector on one photo."""
    loaded = cv2.imread(str(folder / photo["file"]), cv2.IMREAD_COLOR)
    if loaded is None:
        raise FileNotFoundError(folder / photo["file"])
    picture = np.ascontiguousarray(loaded[:, :, ::-1], dtype=np.uint8)
    start = time.perf_counter()
    found = detector.detect(picture)
    seconds = time.perf_counter() - start
    boxes: list[Box] = [tuple(box) for box in photo.get("boxes") or []]
    if overlays:
        write_overlay(picture, found, boxes, overlays / Path(photo["file"]).name)
    mine = [region.box for region in found.regions]
    return Result(
        file=photo["file"],
        crack=photo["label"] == "crack",
        fitted=photo["source_repo"] in FITTED_ON,
        regions=len(mine),
        top=max((region.score for region in found.regions), default=0.0),
        overlaps=tuple(
            max((measure_overlap(box, own) for own in mine), default=0.0) for box in boxes
        ),
        union=measure_overlap(enclose(boxes), enclose(mine)) if boxes and mine else 0.0,
        seconds=seconds,
    )


def print_report(title: str, results: list[Result]) -> None:
    """Prints the figures of a group of photos."""
    cracks = [result for result in results if result.crack]
    clean = [result for result in results if not result.crack]
    hits, wrong = (sum(result.flagged for result in part) for part in (cracks, clean))
    print(f"\n{title}: {len(cracks)} crack, {len(clean)} clean")
    if cracks:
        print(f"  precision      {render_share(hits, hits + wrong)}")
        print(f"  recall         {render_share(hits, len(cracks))}")
    if clean:
        print(f"  clean flagged  {render_share(wrong, len(clean))}")
    labelled = [value for result in cracks for value in result.overlaps]
    if labelled:
        found = [result.union for result in cracks if result.flagged]
        covered = render_share(sum(value >= HIT for value in labelled), len(labelled))
        print(f"  labelled boxes with IoU >= {HIT}  {covered}")
        print(f"  mean IoU, box around all, flagged photos  {statistics.fmean(found or [0.0]):.2f}")


def cross_validate(folder: Path, results: list[Result]) -> None:
    """Prints the figures of the fitting photos by weights that were fitted without each."""
    _, rows = gather_rows(folder)
    best, flag = score_left_out(rows), load_coefficients().flag
    known = [
        replace(result, regions=int(best.get(result.file, 0.0) >= flag), overlaps=())
        for result in results
        if result.fitted
    ]
    print_report(
        "leave-one-out, the fitting photos (weights refitted; rules and threshold kept)", known
    )
    rooms = sum(best.get(f"room {seed}", 0.0) >= flag for seed in ROOM_SEEDS)
    print(f"  drawn rooms flagged  {render_share(rooms, len(ROOM_SEEDS))}")


def main() -> None:
    """Measures and prints, photo by photo and in sum."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("photos", type=Path, metavar="PHOTOS_DIR")
    parser.add_argument("--write-overlays", type=Path, metavar="DIR")
    parser.add_argument("--only-fitted", action="store_true", help="leave the measuring photos")
    parser.add_argument("--cross-validate", action="store_true", help="refit, leave one out")
    parser.add_argument("--threads", type=int, default=1, help="OpenCV threads (default 1)")
    asked = parser.parse_args()
    cv2.setNumThreads(asked.threads)
    detector = CrackDetector()
    results = []
    for photo in json.loads((asked.photos / "manifest.json").read_text("utf-8")):
        known = photo["source_repo"] in FITTED_ON
        if photo["label"] not in ("crack", "clean") or (asked.only_fitted and not known):
            continue
        result = measure_photo(asked.photos, photo, detector, asked.write_overlays)
        results.append(result)
        flagged = "yes" if result.flagged else "no"
        label = "crack" if result.crack else "clean"
        print(f"{result.file}  {label}  regions {result.regions}  top {result.top:.2f}  {flagged}")
    print(f"\n{detector.name}, version {detector.version}")
    print_report("all", results)
    print_report("fitted on", [result for result in results if result.fitted])
    print_report("only for measuring", [result for result in results if not result.fitted])
    if asked.cross_validate:
        cross_validate(asked.photos, results)
    times = sorted(result.seconds for result in results)
    print(f"\nseconds a photo: median {statistics.median(times):.3f}, longest {times[-1]:.3f}")


if __name__ == "__main__":
    main()
