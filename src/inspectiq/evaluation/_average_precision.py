"""Average precision of boxes, as COCO's own program counts it."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from inspectiq._values import Value
from inspectiq.evaluation._figure import FEWEST
from inspectiq.evaluation._labels import Corners, Label
from inspectiq.evaluation._matching import Sighting, measure_overlap

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["AveragePrecision", "BoxTally"]

OVERLAPS = tuple((50 + 5 * step) / 100 for step in range(10))  # COCO's: 0.50, 0.55, ..., 0.95
RECALLS = 101  # COCO's: 0, 0.01, ..., 1
MOST = 100  # boxes of a type on a photo that COCO counts, the surest ones

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class AveragePrecision(Value):
    """Average precision of boxes, ranked by the engine's confidence, as COCO counts it.

    It is of photos that are labelled whole and were assessed, and on which each finding has a box
    and a confidence and each label a box. It has no interval, since it is no sum over cases.

    Attributes:
        mean: Over overlaps from 0.50 to 0.95 and over types, AP@[.50:.95]; None where `labels` are
            fewer than `FEWEST`.
        at_50: At an overlap of 0.50, over types.
        photos: Photos that it is of.
        labels: Boxes of people on these.
        types: Types that have such a box.
    """

    mean: Share | None
    at_50: Share | None
    photos: Count
    labels: Count
    types: Count


class BoxTally:
    """Counts boxes photo by photo, and keeps a few bytes of each."""

    def __init__(self) -> None:
        self._types: list[str] = []
        self._scores = array("d")
        self._hits = array("H")  # a bit for each overlap at which it is right
        self._labels: Counter[str] = Counter()
        self._photos = 0

    def add(self, sightings: Sequence[Sighting], labels: Sequence[Label]) -> None:
        """Adds a photo, if all that is on it has a box and each finding a confidence."""
        if any(one.box is None or one.score is None for one in sightings):
            return
        if any(label.box is None for label in labels):
            return
        self._photos += 1
        self._labels.update(label.type for label in labels)
        for kind in dict.fromkeys(one.type for one in sightings):
            boxes = [label.box for label in labels if label.type == kind and label.box]
            seen = [
                (one.score, one.box)
                for one in sightings
                if one.type == kind and one.box is not None and one.score is not None
            ]
            seen.sort(key=lambda one: -one[0])
            seen = seen[:MOST]
            for (score, _), hits in zip(seen, _find_hits(seen, boxes), strict=True):
                self._types.append(kind)
                self._scores.append(score)
                self._hits.append(hits)

    def score(self) -> AveragePrecision | None:
        """Scores the boxes; None where no photo has labels with boxes."""
        labels = self._labels.total()
        if not labels:
            return None
        scored = self.score_any()
        if labels < FEWEST:
            return scored.model_copy(update={"mean": None, "at_50": None})
        return scored

    def score_any(self) -> AveragePrecision:
        """Scores them however few there are."""
        import numpy as np

        kinds = np.array(self._types, dtype=object)
        scores, hits = np.asarray(self._scores), np.asarray(self._hits)
        curves = []
        for kind, positives in self._labels.items():
            mine = kinds == kind if len(kinds) else np.zeros(0, dtype=bool)
            order = np.argsort(-scores[mine], kind="stable")
            curves.append(_draw_curves(hits[mine][order], positives))
        precision = np.array(curves)  # by type, overlap and recall
        return AveragePrecision(
            mean=float(precision.mean()),
            at_50=float(precision[:, 0].mean()),
            photos=self._photos,
            labels=self._labels.total(),
            types=len(self._labels),
        )


def _find_hits(seen: Sequence[tuple[float, Corners]], boxes: Sequence[Corners]) -> list[int]:
    """Finds at which overlaps each box, the surest first, is right: one bit for each."""
    overlaps = [[measure_overlap(box, other) for other in boxes] for _, box in seen]
    hits = [0] * len(seen)
    for bit, least in enumerate(OVERLAPS):
        taken: set[int] = set()
        for row, shared in enumerate(overlaps):
            free = [
                (value, place)
                for place, value in enumerate(shared)
                if value >= least and place not in taken
            ]
            if free:
                taken.add(max(free)[1])
                hits[row] |= 1 << bit
    return hits


def _draw_curves(hits: NDArray[Any], positives: int) -> NDArray[Any]:
    """Draws precision over recall, for each overlap: the best at that recall or beyond it."""
    import numpy as np

    curves = np.zeros((len(OVERLAPS), RECALLS))
    if not len(hits):
        return curves
    wanted = np.linspace(0.0, 1.0, RECALLS)
    for bit in range(len(OVERLAPS)):
        right = np.cumsum(hits >> bit & 1)
        precision = right / np.arange(1, len(hits) + 1)
        best = np.maximum.accumulate(precision[::-1])[::-1]
        places = np.searchsorted(right / positives, wanted, side="left")
        known = places < len(best)
        curves[bit, known] = best[places[known]]
    return curves
