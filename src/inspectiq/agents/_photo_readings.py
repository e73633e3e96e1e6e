"""Groups readings by photo: which of them counts for it, and which error is reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from inspectiq.agents._observations import WireObservation
from inspectiq.agents._readings import Reading
from inspectiq.errors import (
    BudgetExceeded,
    InspectIQError,
    OutputInvalid,
    OutputTruncated,
    TransportError,
)

__all__ = ["PhotoReadings", "group_by_photo"]

ObservationT = TypeVar("ObservationT", bound=WireObservation)

NEARLY = 0.9  # of a bound on tokens: servers count a few otherwise than each other


@dataclass(frozen=True, slots=True)
class PhotoReadings(Generic[ObservationT]):
    """What all readings say about one photo, or about the words.

    Attributes:
        last: The last reading of it.
        accepted: The last reading with a usable verdict on it; None if none has one.
        findings_from: The reading whose findings count for it; also one without a usable verdict.
        error_from: The reading whose error is reported: the first of those about the fewest photos,
            or one that was never sent, for want of time or money.
        unusable: How many answers about it could not be used for their form or their length.
        cut_off: How many of them were cut off by the bound that was set for them.
    """

    last: Reading[ObservationT]
    accepted: Reading[ObservationT] | None = None
    findings_from: Reading[ObservationT] | None = None
    error_from: Reading[ObservationT] | None = None
    unusable: int = 0
    cut_off: int = 0

    def find_error(self, photo_id: str) -> InspectIQError:
        """Returns why no reading of this photo was accepted."""
        return (self.error_from or self.last).errors[photo_id]


def group_by_photo(
    readings: Sequence[Reading[ObservationT]],
) -> dict[str, PhotoReadings[ObservationT]]:
    """Groups readings by the photos that were asked about, and under `""` for the words.

    The last reading without an error is accepted for a photo. Where there is none, the findings of
    the last reading that names the photo still count: what was paid for and seen is not thrown
    away.
    """
    by_photo: dict[str, PhotoReadings[ObservationT]] = {}
    for reading in readings:
        named = {
            photo_id for seen in reading.observations for photo_id in reading.find_subjects(seen)
        }
        for photo_id in reading.photo_ids:
            before = by_photo.get(photo_id, PhotoReadings(reading))
            by_photo[photo_id] = _add_reading(before, reading, photo_id, is_named=photo_id in named)
    return by_photo


def _add_reading(
    before: PhotoReadings[ObservationT],
    reading: Reading[ObservationT],
    photo_id: str,
    *,
    is_named: bool,
) -> PhotoReadings[ObservationT]:
    now = replace(before, last=reading)
    if photo_id not in reading.errors:
        return replace(now, accepted=reading, findings_from=reading)
    if before.accepted is not None:
        return now
    now = _add_error(now, reading, reading.errors[photo_id])
    return replace(now, findings_from=reading) if is_named else now


def _add_error(
    before: PhotoReadings[ObservationT], reading: Reading[ObservationT], error: InspectIQError
) -> PhotoReadings[ObservationT]:
    told = before.error_from
    bounded = isinstance(error, TransportError | BudgetExceeded) and not error.attempts
    # A run that was out of money or time says so; else the first error in the least company.
    if told is None or bounded or reading.photo_count < told.photo_count:
        told = reading
    is_cut = isinstance(error, OutputTruncated) and _is_cut_by_bound(reading, error)
    return replace(
        before,
        error_from=told,
        unusable=before.unusable + _count_unusable(reading, error),
        cut_off=before.cut_off + is_cut,
    )


def _count_unusable(reading: Reading[Any], error: InspectIQError) -> int:
    """Counts an answer that could not be used; as two if asking again would not help either."""
    if not isinstance(error, OutputTruncated | OutputInvalid):
        return 0
    if isinstance(error, OutputInvalid) or _is_cut_by_bound(reading, error):
        return 1
    return 2 if reading.photo_count <= 1 else 1  # a longer answer has no place in its context


def _is_cut_by_bound(reading: Reading[Any], error: OutputTruncated) -> bool:
    """Tells whether the request's own bound cut an answer off, not what the engine has room for."""
    bound = reading.answer.request.max_output_tokens
    made = error.usage.output_tokens if error.usage else 0
    return not made or bound is None or made >= bound * NEARLY
