"""Says in a report of photos: their outcomes, what a triage cannot see, which to take again."""

from __future__ import annotations

from collections.abc import Iterable

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
        notes = describe_warnings(outcome)
        if outcome.duplicate_of:
            notes.append(f"same as {outcome.duplicate_of}")
        if outcome.reason:
            notes.append(outcome.reason)
        if outcome.fault:
            notes.append(outcome.fault.message)
        if outcome.photo.taken_at:
            notes.append(f"taken {format_moment(outcome.photo.taken_at)}")
        photo = outcome.photo
        lines.append(
            f"| {esc(photo.id)} | {esc(photo.name)} | {outcome.status} | {esc('; '.join(notes))} |"
        )
    return lines


def render_blind_spots(result: Result) -> list[str]:
    """Renders what a triage cannot see, for each engine that only triaged."""
    triaged = [outcome for outcome in result.photos if outcome.status == "triaged"]
    if not triaged:
        return []
    labels = result.provenance.groups
    engines = {engine.identity: engine for engine in result.provenance.engines}
    lines = ["### What a triage cannot see", ""]
    for identity in dict.fromkeys(outcome.engine for outcome in triaged):
        engine = engines[identity or ""]
        count = sum(outcome.engine == identity for outcome in triaged)
        seen = [labels.get(group, group) for group in engine.groups or ()]
        aim = f"{engine.looks_for} ({', '.join(seen)})" if engine.looks_for else ", ".join(seen)
        unseen = [label for group, label in labels.items() if group not in (engine.groups or ())]
        if engine.looks_for:
            unseen.insert(0, "anything else there")
        lines += [
            f"{count} of {len(result.photos)} photos were read only by a triage, "
            f"{esc(engine.provider)} {esc(engine.model)}. It looks for {esc(aim)}, misses some and "
            "takes some other things for them. A photo without a finding is not a clean photo.",
            "",
            f"It does not look for: {esc('; '.join(unseen))}.",
        ]
    return lines


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
    """Says what may have spoiled a photo."""
    words = {"blurred": "looks blurred", "dark": "looks dark", "bad_exif": "EXIF is damaged"}
    return [words[warning] for warning in outcome.warnings]
