"""Pairs the findings on a photo with the labels of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from inspectiq.evaluation._labels import Corners, Label

__all__ = ["Pair", "Sighting", "Tolerance", "enclose", "measure_overlap", "pair_up"]

Tolerance = Literal["type", "group"]
"""What must be the same of a finding and its label: the type, or only its group."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A finding as one photo shows it.

    Attributes:
        finding_id: Of the finding.
        type: Key of its type.
        group: Key of the type's group.
        box: Where on the photo; None where the engine gave no place.
        score: The engine's confidence, for ranking; None where it gave none.
    """

    finding_id: str
    type: str
    group: str
    box: Corners | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A finding and the label that it is paired with, by position.

    Attributes:
        finding: Position of the finding.
        label: Position of the label.
        overlap: Intersection over union of their boxes; None where one has none.
    """

    finding: int
    label: int
    overlap: float | None


def pair_up(
    sightings: Sequence[Sighting],
    labels: Sequence[Label],
    get_group: Callable[[str], str],
    *,
    tolerance: Tolerance = "type",
    overlap: float = 0.5,
) -> list[Pair]:
    """Pairs findings with labels one to one, as many as can be.

    Among as many pairs, those are chosen first in which a person labelled that very finding, then
    those of the same type, then those whose boxes overlap most.

    Args:
        sightings: The findings on the photo.
        labels: The labels of the photo.
        get_group: Tells the group of a type.
        tolerance: Whether the types must be the same, or only their groups.
        overlap: The least intersection over union of the boxes, where both have one.
    """
    fewer = min(len(sightings), len(labels))
    if not fewer:
        return []
    overlaps: dict[tuple[int, int], float | None] = {}
    worths: list[list[float]] = []
    for row, sighting in enumerate(sightings):
        worths.append([0.0] * len(labels))
        for column, label in enumerate(labels):
            same_type = sighting.type == label.type
            near = tolerance == "group" and sighting.group == get_group(label.type)
            if not (same_type or near):
                continue
            shared = None
            if sighting.box is not None and label.box is not None:
                shared = measure_overlap(sighting.box, label.box)
            if shared is not None and shared < overlap:
                continue
            overlaps[row, column] = shared
            # One more pair is worth more than all that tells pairs apart.
            worths[row][column] = (
                8.0 * (fewer + 1)
                + 4.0 * (sighting.finding_id == label.finding_id)
                + 2.0 * same_type
                + (shared or 0.0)
            )
    chosen = _choose(worths) if overlaps else []
    return [Pair(*place, overlaps[place]) for place in chosen if place in overlaps]


def _choose(worths: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Chooses one place in each row and column, whose worth is the greatest together."""
    if len(worths) == 1:
        return [(0, worths[0].index(max(worths[0])))]
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(worths, maximize=True)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def enclose(boxes: Sequence[Corners]) -> Corners | None:
    """Returns the box around some boxes; None for none."""
    if not boxes:
        return None
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def measure_overlap(one: Corners, other: Corners) -> float:
    """Measures the intersection over union of two boxes, 0–1."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    shared = wide * high
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (areas - shared)
