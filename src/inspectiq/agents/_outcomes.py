"""From readings to what a result says of its photos, its cost and its making."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from inspectiq._usage import Usage
from inspectiq._values import hash_content
from inspectiq.agents._case import Case
from inspectiq.agents._observations import WireObservation
from inspectiq.agents._prompts import hash_text
from inspectiq.agents._replies import Answer, PhotoReadings, Reading
from inspectiq.domain._photo import PhotoFault, PhotoRef
from inspectiq.domain._results import EngineRecord, PhotoOutcome, PhotoStatus, Provenance
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import InspectIQError, PhotoError
from inspectiq.photos._photo import Photo
from inspectiq.severity._policy import SeverityPolicy

if TYPE_CHECKING:
    from inspectiq.costs._book import CostBook

__all__ = ["build_fault", "build_outcome", "build_provenance", "make_result_id", "sum_usage"]


def build_outcome(photo: Photo, reading: PhotoReadings[Any] | None) -> PhotoOutcome:
    """What became of one examined photo."""
    examined = photo.examined
    assert examined is not None
    ref, warnings = examined.ref, examined.warnings
    if examined.error is not None:
        return PhotoOutcome(
            photo=ref, status="failed", fault=build_fault(examined.error), warnings=warnings
        )
    if examined.duplicate_of is not None:
        return PhotoOutcome(
            photo=ref,
            status="duplicate",
            duplicate_of=examined.duplicate_of,
            warnings=warnings,
        )
    if reading is None:
        fault = PhotoFault(error="InspectIQError", message="no request was sent for this photo")
        return PhotoOutcome(photo=ref, status="failed", fault=fault, warnings=warnings)
    if reading.stands is None:
        return PhotoOutcome(
            photo=_sent(ref, reading.last),
            status="failed",
            fault=build_fault(reading.fault(ref.id)),
            warnings=warnings,
        )
    reply = reading.stands
    response = reply.answer.response
    assert response is not None
    verdict = reply.verdicts[ref.id]
    unclear = None if verdict == "assessed" else verdict
    seeing: PhotoStatus = "assessed" if response.engine.groups is None else "triaged"
    return PhotoOutcome(
        photo=_sent(ref, reply),
        status="unclear" if unclear else seeing,
        groups=response.engine.groups,
        reason=unclear.unclear if unclear else None,
        retake=unclear.retake if unclear else None,
        warnings=warnings,
        mended=response.mended,
        engine=response.engine.identity,
    )


def _sent(ref: PhotoRef, reply: Reading[Any]) -> PhotoRef:
    response = reply.answer.response
    if response is None:
        return ref
    for part in reply.answer.request.photos:
        if part.photo.id == ref.id:
            return ref.model_copy(update={"sent": response.sent.get(str(part.number), ref.sent)})
    return ref


def build_fault(error: InspectIQError) -> PhotoFault:
    """What a result keeps of an error."""
    return PhotoFault(
        error=type(error).__name__,
        reason=error.reason if isinstance(error, PhotoError) else None,
        message=str(error),
    )


def sum_usage(answers: Sequence[Answer]) -> Usage:
    """All that was spent, failed answers included."""
    total = Usage()
    for answer in answers:
        if answer.response is not None:
            total += answer.response.usage
        elif answer.error is not None:
            total += answer.error.usage or Usage(requests=answer.error.attempts)
    return total


def build_provenance(
    replies: Sequence[Reading[WireObservation]] | Sequence[Reading[Any]],
    standing: Mapping[str, PhotoReadings[Any]],
    *,
    agent: str,
    prompt: str,
    instructions: str,
    schema_sha256: str,
    taxonomy: Taxonomy,
    severity: SeverityPolicy,
    cost_book: CostBook | None,
) -> Provenance:
    """What made a result; the engines are those whose answers count."""
    used = {id(reading.findings_from) for reading in standing.values()}
    engines: dict[EngineRecord, None] = {}
    for reply in replies:
        if id(reply) in used and reply.answer.response is not None:
            engines[reply.answer.response.engine] = None
    return Provenance(
        inspectiq=_version(),
        agent=agent,
        prompt=prompt,
        prompt_sha256=hash_text(instructions),
        schema_sha256=schema_sha256,
        taxonomy=f"{taxonomy.name} {taxonomy.version}",
        taxonomy_sha256=taxonomy.sha256,
        severity=f"{severity.name} {severity.version}",
        severity_sha256=severity.sha256,
        cost_book=cost_book.label if cost_book else None,
        cost_book_sha256=cost_book.sha256 if cost_book else None,
        groups=taxonomy.groups,
        engines=tuple(engines),
    )


@cache
def _version() -> str:
    return version("inspectiq")


def make_result_id(case: Case, provenance: Provenance, engine: str) -> str:
    """The id of a result: the same case, photos and configuration give the same one.

    A task that runs twice thus makes one result, where the host gave the case its id.
    """
    made = provenance.model_dump(mode="json", exclude={"engines", "inspectiq"})
    photos = [[photo.id, photo.name, photo.room, photo.content_sha256] for photo in case.photos]
    facts = case.facts.model_dump(mode="json")
    return "r-" + hash_content([facts, case.revision, photos, made, engine])[:32]
