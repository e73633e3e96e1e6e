"""Renders an inspection as Markdown; page one says what matters and what was not assessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import groupby

from inspectiq.costs._quantities import round_quantity
from inspectiq.costs._work import UNITS, WorkUnit, convert_unit
from inspectiq.domain._findings import Issue, Quantity
from inspectiq.domain._photo import Box
from inspectiq.domain._results import Inspection, PhotoOutcome
from inspectiq.reports._costs import (
    list_cost_lines,
    render_total_cost,
    sum_up_cost,
)
from inspectiq.reports._escape import escape_markdown as esc
from inspectiq.reports._findings import (
    describe_place,
    describe_severity,
    describe_trade,
    embed_pictures,
    explain_marks,
    explain_review,
    explain_severity,
    format_level,
    list_deadlines,
    list_extra,
    list_reviews,
    state_confidence,
)
from inspectiq.reports._photos import (
    describe_warnings,
    list_photo_steps,
    render_blind_spots,
    render_photos,
)
from inspectiq.reports._sections import (
    More,
    join_sections,
    render_code_matters,
    render_disclaimers,
    render_emergencies,
    render_more,
    render_property,
    render_provenance,
    render_suspicions,
)

__all__ = ["render_inspection"]

WORST = 5  # findings on the first page
NO_ROOM = "Room not stated"


def render_inspection(
    inspection: Inspection,
    pictures: Mapping[str, str] | None = None,
    more: More | None = None,
) -> str:
    """Renders the report.

    Args:
        inspection: The result.
        pictures: Paths of pictures to show, relative to the report, by photo id.
        more: Sections of your own, before the photos: lines of plain text by title.
    """
    return join_sections(
        [
            render_property(inspection, "Property inspection"),
            render_emergencies(inspection),
            _render_summary(inspection),
            render_suspicions(inspection),
            render_blind_spots(inspection),
            _render_findings(inspection, pictures or {}),
            render_total_cost(inspection),
            render_code_matters(inspection.issues),
            _render_rooms(inspection),
            _render_actions(inspection),
            _render_next_steps(inspection),
            *render_more(more),
            render_photos(inspection),
            render_disclaimers(inspection),
            render_provenance(inspection),
        ]
    )


def _render_summary(inspection: Inspection) -> list[str]:
    lines = ["## Executive Summary", "", f"**{esc(inspection.summary.headline)}**", ""]
    lines += _list_counts(inspection)
    unread = [outcome for outcome in inspection.photos if outcome.status in ("unclear", "failed")]
    if unread:
        names = ", ".join(esc(outcome.photo.name) for outcome in unread)
        lines += ["", f"**Could not be assessed:** {names}. A person must look at these."]
    if inspection.issues:
        lines += ["", f"First of {len(inspection.issues)} findings:", ""]
        for number, issue in enumerate(inspection.issues[:WORST], start=1):
            lines.append(
                f"{number}. {esc(issue.label)} ({describe_place(issue)}): {_describe_level(issue)}"
            )
    return lines


def _list_counts(inspection: Inspection) -> Iterable[str]:
    summary = inspection.summary
    yield f"- Status: {inspection.status}"
    for level, count in summary.by_level.items():
        yield f"- {format_level(level)}: {count}"
    if summary.rejected:
        yield f"- Rejected by a person: {summary.rejected}"
    statuses = [f"{count} {status}" for status, count in summary.by_photo_status.items()]
    yield f"- Photos: {', '.join(statuses)}"
    yield f"- Cost: {sum_up_cost(inspection)}"


def _render_findings(inspection: Inspection, pictures: Mapping[str, str]) -> list[str]:
    if not inspection.issues:
        return ["## Findings", "", esc(inspection.summary.headline)]
    names = {outcome.photo.id: outcome.photo.name for outcome in inspection.photos}
    lines = ["## Findings", "", _explain_order(inspection)]
    if pictures:
        lines[-1] += " The numbers are those on the pictures."
    embedded: set[str] = set()
    for number, issue in enumerate(inspection.issues, start=1):
        lines += ["", f"### {number}. {esc(issue.label)}", ""]
        lines += [f"- {line}" for line in _list_facts(issue)]
        lines += list_cost_lines(issue)
        for item in issue.evidence:
            name = names.get(item.photo_id, item.photo_id)
            lines.append(f"- Photo: {esc(name)}{_describe_box(item.box)}")
        for picture in embed_pictures(issue, pictures, embedded):
            lines += ["", picture]
    return lines


def _describe_box(box: Box | None) -> str:
    if box is None:
        return ""
    x0, y0, x1, y1 = (round(100 * side) for side in box.to_tuple())
    return f", {x0}–{x1} % from the left, {y0}–{y1} % from the top"


def _explain_order(inspection: Inspection) -> str:
    if all(issue.severity.is_review for issue in inspection.issues):
        return "In the order of the photos: none has a level until a person has looked."
    return "Worst first; what needs review stands above the mildest level."


def _describe_level(issue: Issue) -> str:
    return "rejected by a person" if issue.is_rejected else describe_severity(issue.severity)


def _list_facts(issue: Issue) -> Iterable[str]:
    level = _describe_level(issue) if issue.is_rejected else explain_severity(issue.severity)
    yield f"Severity: {level}"
    yield f"Where: {describe_place(issue)}"
    yield f"Seen: {esc(issue.observed.description)}"
    if issue.quantity:
        yield f"How much: about {_describe_quantity(issue, issue.quantity)}"
    if basis := "; ".join(_list_condition(issue)):
        yield f"Wear or damage: {esc(basis)}"
    if issue.scope.action:
        yield f"What to do: {esc(issue.scope.action)}"
    yield f"Trade: {describe_trade(issue.scope.trade)}"
    if issue.scope.materials:
        yield f"Materials: {esc(', '.join(issue.scope.materials))}"
    for warning in issue.scope.warnings:
        yield f"Safety: {esc(warning)}"
    yield from list_deadlines(issue.severity)
    yield from explain_review(issue)
    yield from list_reviews(issue)
    yield from state_confidence(issue)
    yield from list_extra(issue)


def _describe_quantity(issue: Issue, stated: Quantity) -> str:
    """Describes how much there is; in metres first where the cost is counted in them."""
    unit = stated.unit.replace("_", " ").replace("each", "")
    told = f"{stated.amount:g} {unit}".rstrip()
    if issue.cost is not None and any(
        line.unit in UNITS["metric"][1:] for line in issue.cost.lines
    ):
        wanted: WorkUnit = "sq_m" if stated.unit == "sq_ft" else "lin_m"
        amount = convert_unit(Decimal(str(stated.amount)), stated.unit, wanted)
        if amount is not None:
            told = f"{round_quantity(amount):f} {wanted.replace('_', ' ')} ({told})"
    return told


def _list_condition(issue: Issue) -> Iterable[str]:
    if issue.condition != "unclear":
        yield f"{issue.condition} as seen"
    if issue.condition_basis:
        yield from map(explain_marks, issue.condition_basis.reasons)


def _render_rooms(inspection: Inspection) -> list[str]:
    numbers = _list_numbers_by_photo(inspection)
    outcomes = sorted(inspection.photos, key=lambda outcome: outcome.photo.room or "\U0010ffff")
    lines = ["## Room-by-Room Details"]
    for room, group in groupby(outcomes, key=lambda outcome: outcome.photo.room or None):
        lines += ["", f"### {esc(room or NO_ROOM)}", ""]
        lines += ["| Photo | Outcome | Findings |", "| --- | --- | --- |"]
        for outcome in group:
            found = ", ".join(numbers[outcome.photo.id]) or _explain_no_findings(outcome)
            status = ", ".join((outcome.status, *describe_warnings(outcome)))
            lines.append(f"| {esc(outcome.photo.name)} | {status} | {found} |")
    return lines


def _list_numbers_by_photo(inspection: Inspection) -> defaultdict[str, list[str]]:
    """Lists by photo id the numbers of the findings that it shows, each once."""
    numbers: defaultdict[str, list[str]] = defaultdict(list)
    for number, issue in enumerate(inspection.issues, start=1):
        for photo_id in {item.photo_id for item in issue.evidence}:
            numbers[photo_id].append(str(number))
    return numbers


def _explain_no_findings(outcome: PhotoOutcome) -> str:
    return {
        "assessed": "none seen",
        "triaged": "none found by the triage",
        "duplicate": f"as photo {esc(outcome.duplicate_of or '')}",
    }.get(outcome.status, "not known")


def _render_actions(inspection: Inspection) -> list[str]:
    numbers: dict[str, list[str]] = {}
    for number, issue in enumerate(inspection.issues, start=1):
        if issue.scope.action and not issue.is_rejected:
            numbers.setdefault(issue.scope.action, []).append(str(number))
    actions = [
        f"- {esc(action)} (finding{'s' * (len(of) > 1)} {', '.join(of)})"
        for action, of in numbers.items()
    ]
    return ["## Priority Action Items", "", *actions] if actions else []


def _render_next_steps(inspection: Inspection) -> list[str]:
    steps = list(list_photo_steps(inspection.photos))
    if any(issue.severity.is_review and not issue.is_rejected for issue in inspection.issues):
        steps.append("- Have a person look at each finding that needs review.")
    if any(outcome.status == "triaged" for outcome in inspection.photos):
        steps.append("- Inspect the triaged photos with an engine that sees all groups.")
    return ["## Recommended Next Steps", "", *steps] if steps else []
