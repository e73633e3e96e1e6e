"""Photo outcomes: whether each photo was assessed, unclear, a duplicate, or failed, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from inspectiq.agents._photo_readings import PhotoReadings
from inspectiq.agents._readings import Reading
from inspectiq.agents._reads import Read, count_reads
from inspectiq.domain._photo import PhotoFault, PhotoRef, PhotoWarning
from inspectiq.domain._results import PhotoOutcome, PhotoStatus
from inspectiq.errors import InspectIQError, PhotoError
from inspectiq.photos._photo import Photo

__all__ = ["build_fault", "build_outcome", "build_outcomes"]


def build_outcomes(
    photos: Iterable[Photo],
    chosen: Mapping[str, PhotoReadings[Any]],
    reads: Sequence[Read[Any]],
    asked: int,
) -> Iterator[PhotoOutcome]:
    """Builds the outcomes of examined photos.

    Args:
        photos: The photos.
        chosen: By photo, the readings that speak for it.
        reads: All reads, which are told of where there are several.
        asked: How often each photo was to be read.
    """
    for photo in photos:
        photo_id = photo.id or ""
        outcome = build_outcome(photo, chosen.get(photo_id))
        if asked > 1 and photo_id in chosen:
            counts = count_reads(photo_id, reads, asked)
            outcome = outcome.model_copy(update={"reads": counts})
        yield outcome


def build_outcome(photo: Photo, readings: PhotoReadings[Any] | None) -> PhotoOutcome:
    """Builds the outcome of one examined photo.

    Args:
        photo: The photo.
        readings: What the engines said of it; None where no request was sent.
    """
    examined = photo.examined
    assert examined is not None
    ref, warnings = examined.ref, examined.warnings
    if examined.error is not None:
        fault = build_fault(examined.error)
    elif examined.duplicate_of is not None:
        return PhotoOutcome(
            photo=ref, status="duplicate", duplicate_of=examined.duplicate_of, warnings=warnings
        )
    elif readings is None:
        fault = PhotoFault(error="InspectIQError", message="no request was sent for this photo")
    elif readings.accepted is not None:
        return _build_accepted_outcome(ref, readings.accepted, warnings)
    else:
        ref = _add_sent_picture(ref, readings.last)
        fault = build_fault(readings.find_error(ref.id))
    return PhotoOutcome(photo=ref, status="failed", fault=fault, warnings=warnings)


def _build_accepted_outcome(
    ref: PhotoRef, reading: Reading[Any], warnings: tuple[PhotoWarning, ...]
) -> PhotoOutcome:
    response = reading.answer.response
    assert response is not None
    verdict = reading.verdicts[ref.id]
    unclear = None if verdict == "assessed" else verdict
    read: PhotoStatus = "triaged" if reading.is_triage else "assessed"
    return PhotoOutcome(
        photo=_add_sent_picture(ref, reading),
        status="unclear" if unclear else read,
        groups=response.engine.groups,
        reason=unclear.unclear if unclear else None,
        retake=unclear.retake if unclear else None,
        warnings=warnings,
        mended=response.mended,
        engine=response.engine.identity,
    )


def _add_sent_picture(ref: PhotoRef, reading: Reading[Any]) -> PhotoRef:
    """Adds which picture of a photo was sent, where the engine's response tells it."""
    response = reading.answer.response
    if response is None:
        return ref
    for part in reading.answer.request.photos:
        if part.photo.id == ref.id:
            return ref.model_copy(update={"sent": response.sent.get(str(part.number), ref.sent)})
    return ref


def build_fault(error: InspectIQError) -> PhotoFault:
    """Builds the record of an error that a result keeps."""
    return PhotoFault(
        error=type(error).__name__,
        reason=error.reason if isinstance(error, PhotoError) else None,
        message=str(error),
    )
