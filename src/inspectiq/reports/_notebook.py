"""Renders results and findings as small HTML, as a notebook shows what a cell ends with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._findings import Finding
from inspectiq.domain._results import PhotoOutcome, Result
from inspectiq.domain._severity import Severity
from inspectiq.reports._findings import describe_place
from inspectiq.reports._language import ENGLISH, Language
from inspectiq.reports._notebook_finding import list_ids, render_pictures
from inspectiq.reports._notebook_html import (
    LONG,
    MOST_LISTED,
    Html,
    esc,
    join,
    join_lines,
    join_some,
    render_card,
    render_level,
    render_more,
    render_table,
    small,
    strong,
)
from inspectiq.reports._notebook_values import describe_amounts
from inspectiq.reports._showing import mark_finding
from inspectiq.reports._thumbnails import MOST_THUMBNAILS, Marked

__all__ = ["render_result"]

MOST_FINDINGS = 20


def render_result(result: Result) -> str:
    """Renders a result: what matters first, then its findings, and what was not assessed."""
    findings = result.found
    kind = type(result).__name__
    return render_card(
        [
            join([strong(kind), result.status, f"case {result.case.id}"], " · "),
            strong(result.summary.headline),
            *_render_alarms(result),
            _count_levels(result),
            *_render_account(result),
            _render_findings(findings, ENGLISH.in_zone(result.case.property.time_zone)),
            render_more(MOST_FINDINGS, len(findings), "findings", "see .found"),
            *_render_thumbnails(result),
            *_render_unread(result),
            *_render_next(result),
            small(_name_rules(result)),
        ]
    )


def _render_alarms(result: Result) -> Iterator[Html]:
    """Renders what must not be overlooked: emergencies, words nobody screened, odd texts."""
    for emergency in result.emergencies:
        steps = join_some(emergency.instructions, numbered=True)
        yield join_lines([strong(f"Emergency: {emergency.label}"), steps])
    screening = result.screening
    if screening and screening.status == "not_screened" and result.case.description.strip():
        yield join_lines([strong("The words were not screened for emergencies."), screening.reason])
    if result.suspicions:
        yield strong("Some text seems to speak to the engine: read with care; see .suspicions")


def _count_levels(result: Result) -> Html:
    colours = {one.severity.level: one.severity for one in result.found}
    counts = [
        join(
            [_render_severity(colours.get(None if key == "needs_review" else key), key), count], " "
        )
        for key, count in result.summary.by_level.items()
    ]
    photos = [f"{count} {status}" for status, count in result.summary.by_photo_status.items()]
    parts: list[object] = [*counts]
    if result.summary.rejected:
        parts.append(f"{result.summary.rejected} rejected")
    if photos:
        parts.append(f"photos: {', '.join(photos)}")
    if result.cost:
        parts.append(f"cost: {describe_amounts(result.cost)}, not a quote")
    return join(parts, " · ")


def _render_severity(severity: Severity | None, key: str) -> Html:
    if severity is None:
        return esc(key.replace("_", " "))
    return render_level(severity.label, severity.colour)


def _render_account(result: Result) -> Iterator[Html]:
    if isinstance(result, Diagnosis):
        if result.urgency:
            yield join(["Urgency:", render_level(result.urgency.label, result.urgency.colour)], " ")
        yield esc(result.account, LONG)
        if result.contradiction:
            yield join(["Photos and words contradict each other:", result.contradiction], " ")


def _render_findings(findings: tuple[Finding, ...], words: Language) -> Html:
    if not findings:
        return Html("")
    rows = [
        (number, *_list_cells(finding, words))
        for number, finding in enumerate(findings[:MOST_FINDINGS], start=1)
    ]
    return render_table(["#", "Level", "What", "Where", "Cost", "Photos"], rows)


def _list_cells(finding: Finding, words: Language) -> Iterator[Html]:
    severity = finding.severity
    due = next((one for one in severity.deadlines if one.due), None)
    yield join_lines(
        [
            "rejected" if finding.is_rejected else render_level(severity.label, severity.colour),
            small(f"by {words.format_moment(due.due)}" if due else ""),
        ]
    )
    yield join_lines(
        [
            strong(words.translate(finding.label)),
            small(finding.observed.description),
            small(f"a person must look: {'; '.join(finding.review)}" if finding.review else ""),
        ]
    )
    yield esc(describe_place(finding, words))
    yield esc(describe_amounts(finding.cost) if finding.cost else "")
    yield esc(list_ids(finding), 60)


def _render_thumbnails(result: Result) -> Iterator[Html]:
    """Renders the photos that show findings, the worst first."""
    refs = {outcome.photo.id: outcome.photo for outcome in result.photos}
    shown_by: dict[str, list[tuple[int, Finding]]] = {}
    for number, finding in enumerate(result.found, start=1):
        for photo_id in {item.photo_id: None for item in finding.evidence if item.photo_id in refs}:
            shown_by.setdefault(photo_id, []).append((number, finding))
    chosen, captions = [], {}
    for photo_id, findings in islice(shown_by.items(), MOST_THUMBNAILS):
        marks = [
            mark
            for number, finding in findings
            for mark in mark_finding(finding, photo_id, str(number))
        ]
        chosen.append(Marked(refs[photo_id], result.handles.get(photo_id), marks))
        numbers = ", ".join(str(number) for number, _ in findings)
        named = "findings" if len(findings) > 1 else "finding"
        captions[photo_id] = f"{photo_id} {refs[photo_id].name}: {named} {numbers}"
    yield from render_pictures(chosen, captions)
    yield render_more(
        MOST_THUMBNAILS, len(shown_by), "photos that show findings", "show one with .show(id)"
    )


def _render_unread(result: Result) -> Iterator[Html]:
    """Renders the photos that nobody can rely on, and what a triage is."""
    unread = [outcome for outcome in result.photos if outcome.status in ("unclear", "failed")]
    if unread:
        rows = [
            (one.photo.id, one.photo.name, one.status, _explain(one))
            for one in unread[:MOST_LISTED]
        ]
        yield strong("Could not be assessed; a person must look at these:")
        yield render_table(["Photo", "Name", "Outcome", "Why"], rows)
        yield render_more(MOST_LISTED, len(unread), "photos", "see .photos")
    triaged = sum(outcome.status == "triaged" for outcome in result.photos)
    if triaged:
        yield esc(
            f"{triaged} of {len(result.photos)} photos were read only by a triage; one without a "
            "finding is not a clean photo."
        )


def _explain(outcome: PhotoOutcome) -> Html:
    return esc(outcome.fault.message if outcome.fault else outcome.reason or "", LONG)


def _render_next(result: Result) -> Iterator[Html]:
    if isinstance(result, Diagnosis):
        asked = [f"{one.id}: {one.question}" for one in result.questions]
        yield _render_list("Questions", asked)
        yield _render_list("Photos to take next", result.photos_next)


def _render_list(title: str, items: Sequence[str]) -> Html:
    return join_lines([strong(title), join_some(items)]) if items else Html("")


def _name_rules(result: Result) -> str:
    made = result.provenance
    engines = ", ".join(f"{one.provider} {one.model}" for one in made.engines) or "no engine"
    book = f", costs {made.cost_book}" if made.cost_book else ""
    return f"{engines}; severity {made.severity}{book}; the whole report: .to_markdown()"
