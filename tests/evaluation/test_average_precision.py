"""Average precision of boxes is that of pycocotools."""

import contextlib
import io
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from inspectiq.evaluation import Label, LabelledPhoto, Labels, evaluate
from inspectiq.evaluation._average_precision import BoxTally
from inspectiq.evaluation._matching import Sighting
from tests.evaluation.made import TYPES, make_finding, make_result

Box = tuple[float, float, float, float]
Photo = tuple[list[tuple[str, Box, float]], list[tuple[str, Box]]]


def draw_box(generator: np.random.Generator) -> Box:
    x, y = generator.uniform(0, 0.6, 2)
    wide, high = generator.uniform(0.1, 0.4, 2)
    return float(x), float(y), float(x + wide), float(y + high)


def draw_photos(generator: np.random.Generator, count: int) -> list[Photo]:
    """Photos with labels, of which some are found nearly where they are, and false findings."""
    photos: list[Photo] = []
    for _ in range(count):
        labels = [
            (str(generator.choice(TYPES[:3])), draw_box(generator))
            for _ in range(generator.integers(0, 5))
        ]
        found = []
        for kind, box in labels:
            if generator.random() < 0.7:
                near = tuple(float(edge) for edge in np.array(box) + generator.normal(0, 0.02, 4))
                found.append((kind, near, round(float(generator.random()), 1)))
        found += [
            (str(generator.choice(TYPES)), draw_box(generator), round(float(generator.random()), 1))
            for _ in range(generator.integers(0, 3))
        ]
        photos.append((found, labels))  # type: ignore[arg-type]
    return photos


def count_by_pycocotools(photos: list[Photo]) -> tuple[float, float]:
    """AP@[.50:.95] and AP@.50."""

    def place(box: Box) -> dict[str, Any]:
        x0, y0, x1, y1 = box
        bbox = [x0 * 1000, y0 * 1000, (x1 - x0) * 1000, (y1 - y0) * 1000]
        return {"bbox": bbox, "area": bbox[2] * bbox[3], "iscrowd": 0}

    truth = COCO()
    notes = [
        {"image_id": number, "category_id": TYPES.index(kind) + 1, **place(box)}
        for number, (_, labels) in enumerate(photos, start=1)
        for kind, box in labels
    ]
    truth.dataset = {
        "info": {},
        "images": [{"id": number} for number in range(1, len(photos) + 1)],
        "categories": [{"id": place + 1, "name": kind} for place, kind in enumerate(TYPES)],
        "annotations": [{"id": place, **note} for place, note in enumerate(notes, start=1)],
    }
    found = [
        {
            "image_id": number,
            "category_id": TYPES.index(kind) + 1,
            "bbox": place(box)["bbox"],
            "score": score,
        }
        for number, (findings, _) in enumerate(photos, start=1)
        for kind, box, score in findings
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        judged = COCOeval(truth, truth.loadRes(found), "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return float(judged.stats[0]), float(judged.stats[1])


@pytest.mark.parametrize("seed", range(20))
def test_it_is_that_of_pycocotools(seed: int) -> None:
    photos = draw_photos(np.random.default_rng(seed), 12)
    tally = BoxTally()
    for found, labels in photos:
        sightings = [
            Sighting(f"f{place}", kind, "", box, score)
            for place, (kind, box, score) in enumerate(found)
        ]
        tally.add(sightings, [Label(kind, box=box) for kind, box in labels])
    ours = tally.score_any()
    assert (ours.mean, ours.at_50) == pytest.approx(count_by_pycocotools(photos), abs=1e-9)


def test_an_evaluation_has_it_of_photos_where_all_has_a_box() -> None:
    box = (0.1, 0.1, 0.5, 0.5)
    results, photos = [], []
    for n in range(40):
        here, sure = (box, 0.9) if n % 2 == 0 else ((0.5, 0.5, 0.9, 0.9), 0.1)
        found = make_finding("clog", "p1", box=here, confidence=sure)
        results.append(make_result(f"c{n}", [found]))
        photos.append(LabelledPhoto(f"c{n}", "p1", (Label("clog", box=box),)))
    photos[0] = LabelledPhoto("c0", "p1", (Label("clog"),))
    results[2] = make_result("c2", [make_finding("clog", "p1")])
    made = evaluate(results, Labels(photos))
    assert made.average_precision is not None
    assert (made.average_precision.photos, made.average_precision.labels) == (38, 38)
    # The 18 that are right come first: precision is 1 at recalls of 0.00 to 0.47, and then 0.
    assert made.average_precision.at_50 == pytest.approx(48 / 101)
    assert made.average_precision.mean == pytest.approx(48 / 101)
    assert "38 boxes of 1 types on 38 photos" in made.to_markdown()
    few = evaluate(results[:20], Labels(photos[:20])).average_precision
    assert few is not None
    assert (few.mean, few.labels) == (None, 18)
    assert evaluate(results[:1], Labels(photos[:1])).average_precision is None


def test_where_nothing_was_found_it_is_0_as_for_pycocotools() -> None:
    box = (0.1, 0.1, 0.5, 0.5)
    elsewhere: Photo = ([("wall_hole", box, 0.5)], [("clog", box)])
    tally = BoxTally()
    tally.add([Sighting("f", "wall_hole", "", box, 0.5)], [Label("clog", box=box)])
    ours = tally.score_any()
    assert (ours.mean, ours.at_50) == count_by_pycocotools([elsewhere]) == (0.0, 0.0)
