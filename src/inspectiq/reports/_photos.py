"""Describes photos in a report: outcomes, what a triage cannot see, which to take again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from inspectiq.domain._provenance import EngineRecord
from inspectiq.domain._results import PhotoOutcome, Result
from inspectiq.reports._blocks import Block, Paragraph, Section, Table
from inspectiq.reports._language import Language

__all__ = [
    "build_blind_spots",
    "build_photos",
    "describe_warnings",
    "list_photo_steps",
]

_WARNINGS = {
    "blurred": "looks blurred",
    "dark": "looks dark",
    "hdr": "HDR, shown approximately",
    "orientation": "may lie on its side",
    "overexposed": "looks overexposed",
    "bad_exif": "EXIF is damaged",
}


def build_photos(result: Result, language: Language) -> Section:
    """Builds the table of every photo with its outcome."""
    say, title = language.say, language.say("Photos")
    if not result.photos:
        return Section("photos", title)
    rows = [
        (
            outcome.photo.id,
            outcome.photo.name,
            language.translate(outcome.status),
            "; ".join(_list_notes(outcome, language)),
        )
        for outcome in result.photos
    ]
    head = (say("Id"), say("Name"), say("Outcome"), say("Note"))
    return Section("photos", title, (Table(head, tuple(rows)),))


def _list_notes(outcome: PhotoOutcome, language: Language) -> Iterator[str]:
    yield from describe_warnings(outcome, language)
    if outcome.duplicate_of:
        yield language.say("same as {photo}", photo=outcome.duplicate_of)
    if outcome.reads:
        yield language.say(
            "reads: {assessed} assessed, {unclear} unclear, {failed} failed",
            assessed=outcome.reads.assessed,
            unclear=outcome.reads.unclear,
            failed=outcome.reads.failed,
        )
    if outcome.second_look:
        yield language.say("second look: {status}", status=language.translate(outcome.second_look))
    if outcome.second_look_fault:
        yield language.describe_fault(outcome.second_look_fault)
    if outcome.reason:
        yield outcome.reason
    if outcome.fault:
        yield language.describe_fault(outcome.fault)
    if outcome.photo.taken_at:
        at = language.format_moment(outcome.photo.taken_at)
        if outcome.photo.taken_at.tzinfo is None:
            yield language.say("taken {at} by the camera's clock", at=at)
        else:
            yield language.say("taken {at}", at=at)


def build_blind_spots(result: Result, language: Language) -> Section:
    """Builds the section on what a triage cannot see, for each engine that only triaged."""
    triaged = Counter(outcome.engine for outcome in result.photos if outcome.status == "triaged")
    engines = {engine.identity: engine for engine in result.provenance.engines}
    blocks: list[Block] = []
    for identity, count in triaged.items():
        engine = engines[identity or ""]
        aim, unseen = _describe_sight(engine, result.provenance.groups, language)
        told = language.say(
            "{count} of {all} photos were read only by a triage, {engine}. It looks for {aim}, "
            "misses some and takes some other things for them. A photo without a finding is not a "
            "clean photo.",
            count=count,
            all=len(result.photos),
            engine=f"{engine.provider} {engine.model}",
            aim=aim,
        )
        not_seen = language.say("It does not look for: {groups}.", groups=unseen)
        blocks += [Paragraph(told), Paragraph(not_seen)]
    return Section("blind-spots", language.say("What a triage cannot see"), tuple(blocks), level=3)


def _describe_sight(
    engine: EngineRecord, labels: Mapping[str, str], language: Language
) -> tuple[str, str]:
    """Describes what a triaging engine looks for, and what it does not."""
    groups = engine.groups or ()
    seen = ", ".join(language.translate(labels.get(group, group)) for group in groups)
    unseen = [language.translate(label) for group, label in labels.items() if group not in groups]
    if engine.looks_for:
        aim = language.translate(engine.looks_for)
        return f"{aim} ({seen})", "; ".join([language.say("anything else there"), *unseen])
    return seen, "; ".join(unseen)


def list_photo_steps(outcomes: Iterable[PhotoOutcome], language: Language) -> Iterable[str]:
    """Lists what to do about photos that could not be assessed."""
    for outcome in outcomes:
        name = outcome.photo.name
        if outcome.retake:
            again = language.say("Photograph again ({name})", name=name)
            yield f"{again}: {outcome.retake}"
        elif outcome.status == "unclear":
            yield language.say("Photograph again: {name}", name=name)
        elif outcome.status == "failed" and outcome.fault:
            message = language.describe_fault(outcome.fault)
            yield message if message.startswith(name) else f"{name}: {message}"


def describe_warnings(outcome: PhotoOutcome, language: Language) -> list[str]:
    """Describes what may have spoiled a photo."""
    return [language.translate(_WARNINGS[warning]) for warning in outcome.warnings]
