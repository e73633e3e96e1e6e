"""Renders photos in a report: outcomes, what a triage cannot see, which to take again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from inspectiq.domain._provenance import EngineRecord
from inspectiq.domain._results import PhotoOutcome, Result
from inspectiq.reports._escape import escape_markdown as esc
from inspectiq.reports._findings import format_moment

__all__ = [
    "describe_warnings",
    "list_photo_steps",
    "render_blind_spots",
    "render_photos",
]


def render_photos(result: Result) -> list[str]:
    """Renders every photo with its outcome, as a table."""
    if not result.photos:
        return []
    lines = ["## Photos", "", "| Id | Name | Outcome | Note |", "| --- | --- | --- | --- |"]
    for outcome in result.photos:
        photo, notes = outcome.photo, "; ".join(_list_notes(outcome))
        lines.append(f"| {esc(photo.id)} | {esc(photo.name)} | {outcome.status} | {esc(notes)} |")
    return lines


def _list_notes(outcome: PhotoOutcome) -> Iterator[str]:
    yield from describe_warnings(outcome)
    if outcome.duplicate_of:
        yield f"same as {outcome.duplicate_of}"
    if outcome.reason:
        yield outcome.reason
    if outcome.fault:
        yield outcome.fault.message
    if outcome.photo.taken_at:
        yield f"taken {format_moment(outcome.photo.taken_at)}"


def render_blind_spots(result: Result) -> list[str]:
    """Renders what a triage cannot see, for each engine that only triaged."""
    triaged = Counter(outcome.engine for outcome in result.photos if outcome.status == "triaged")
    if not triaged:
        return []
    engines = {engine.identity: engine for engine in result.provenance.engines}
    lines = ["### What a triage cannot see", ""]
    for identity, count in triaged.items():
        engine = engines[identity or ""]
        aim, unseen = _describe_sight(engine, result.provenance.groups)
        lines += [
            f"{count} of {len(result.photos)} photos were read only by a triage, "
            f"{esc(engine.provider)} {esc(engine.model)}. It looks for {esc(aim)}, misses some and "
            "takes some other things for them. A photo without a finding is not a clean photo.",
            "",
            f"It does not look for: {esc(unseen)}.",
        ]
    return lines


def _describe_sight(engine: EngineRecord, labels: Mapping[str, str]) -> tuple[str, str]:
    """Describes what a triaging engine looks for, and what it does not."""
    groups = engine.groups or ()
    seen = ", ".join(labels.get(group, group) for group in groups)
    unseen = [label for group, label in labels.items() if group not in groups]
    if engine.looks_for:
        return f"{engine.looks_for} ({seen})", "; ".join(["anything else there", *unseen])
    return seen, "; ".join(unseen)


def list_photo_steps(outcomes: Iterable[PhotoOutcome]) -> Iterable[str]:
    """Lists what to do about photos that could not be assessed."""
    for outcome in outcomes:
        name = esc(outcome.photo.name)
        if outcome.retake:
            yield f"- Photograph again ({name}): {esc(outcome.retake)}"
        elif outcome.status == "unclear":
            yield f"- Photograph again: {name}"
        elif outcome.status == "failed" and outcome.fault:
            message = outcome.fault.message
            named = message.startswith(outcome.photo.name)
            yield f"- {esc(message)}" if named else f"- {name}: {esc(message)}"


def describe_warnings(outcome: PhotoOutcome) -> list[str]:
    """Describes what may have spoiled a photo."""
    words = {
        "blurred": "looks blurred",
        "dark": "looks dark",
        "hdr": "HDR, colours are approximate",
        "orientation": "may lie on its side",
        "overexposed": "looks overexposed",
        "bad_exif": "EXIF is damaged",
    }
    return [words[warning] for warning in outcome.warnings]
