"""An inspection as Markdown: the first page says what matters, and what could not be assessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from inspectiq.domain.findings import Issue
from inspectiq.domain.money import CostEstimate
from inspectiq.domain.results import Inspection, PhotoOutcome
from inspectiq.reports.escape import markdown as esc

__all__ = ["inspection_to_markdown"]

WORST = 5  # findings on the first page
NO_ROOM = "Room not stated"


def inspection_to_markdown(
    inspection: Inspection, pictures: Mapping[str, str] | None = None
) -> str:
    """The report.

    Args:
        inspection: The result.
        pictures: Paths of pictures to show, relative to the report, by photo id.
    """
    sections = (
        _property(inspection),
        _summary(inspection),
        _not_seen(inspection),
        _findings(inspection, pictures or {}),
        _estimate(inspection),
        _code(inspection),
        _rooms(inspection),
        _actions(inspection),
        _next_steps(inspection),
        _photos(inspection),
        _disclaimers(),
        _provenance(inspection),
    )
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _property(inspection: Inspection) -> list[str]:
    case, place = inspection.case, inspection.case.property
    known = [
        ("Address", place.address),
        ("State and country", ", ".join(filter(None, (place.state, place.country)))),
        ("Kind", place.kind),
        ("Year built", place.year_built),
        ("Inspected", _time(case.inspected_at)),
        ("Reported", _time(case.reported_at)),
        ("Report made", _time(inspection.created_at)),
        ("Case", case.id),
        ("Result", inspection.id),
    ]
    lines = ["# Property inspection", "", "## Property Details", ""]
    lines += [f"- {name}: {esc(str(value))}" for name, value in known if value]
    if case.description.strip():
        lines += ["", "Words that came with the case:", "", f"> {esc(case.description)}"]
    return lines


def _summary(inspection: Inspection) -> list[str]:
    lines = ["## Executive Summary", "", f"**{esc(inspection.summary.headline)}**", ""]
    lines.append(f"- Status: {inspection.status}")
    for level, count in inspection.summary.by_level.items():
        lines.append(f"- {_level_words(level)}: {count}")
    statuses = inspection.summary.by_photo_status.items()
    lines.append("- Photos: " + ", ".join(f"{count} {status}" for status, count in statuses))
    lines.append(f"- Cost: {_cost(inspection)}")
    unread = [outcome for outcome in inspection.photos if outcome.status in ("unclear", "failed")]
    if unread:
        names = ", ".join(esc(outcome.photo.name) for outcome in unread)
        lines += ["", f"**Could not be assessed:** {names}. A person must look at these."]
    if inspection.issues:
        lines += ["", f"First of {len(inspection.issues)} findings:", ""]
        for number, issue in enumerate(inspection.issues[:WORST], start=1):
            lines.append(f"{number}. {esc(issue.label)} ({_where(issue)}): {_severity(issue)}")
    return lines


def _not_seen(inspection: Inspection) -> list[str]:
    triaged = [outcome for outcome in inspection.photos if outcome.status == "triaged"]
    if not triaged:
        return []
    labels = inspection.provenance.groups
    engines = {engine.identity: engine for engine in inspection.provenance.engines}
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
            f"{count} of {len(inspection.photos)} photos were read only by a triage, "
            f"{esc(engine.provider)} {esc(engine.model)}. It looks for {esc(aim)}, misses some and "
            "takes some other things for them. A photo without a finding is not a clean photo.",
            "",
            f"It does not look for: {esc('; '.join(unseen))}.",
        ]
    return lines


def _findings(inspection: Inspection, pictures: Mapping[str, str]) -> list[str]:
    if not inspection.issues:
        return ["## Findings", "", esc(inspection.summary.headline)]
    names = {outcome.photo.id: outcome.photo.name for outcome in inspection.photos}
    lines = ["## Findings", "", _order(inspection)]
    if pictures:
        lines[-1] += " The numbers are those on the pictures."
    shown: set[str] = set()
    for number, issue in enumerate(inspection.issues, start=1):
        lines += ["", f"### {number}. {esc(issue.label)}", ""]
        lines += [f"- {line}" for line in _facts_of(issue)]
        lines += _cost_of(issue)
        for item in issue.evidence:
            place = ""
            if item.box is not None:
                x0, y0, x1, y1 = (round(100 * side) for side in item.box.as_tuple())
                place = f", {x0}–{x1} % from the left, {y0}–{y1} % from the top"
            lines.append(f"- Photo: {esc(names.get(item.photo_id, item.photo_id))}{place}")
        for item in issue.evidence:
            if item.photo_id in pictures and item.photo_id not in shown:
                shown.add(item.photo_id)
                lines += ["", f"![Photo {esc(item.photo_id)}]({pictures[item.photo_id]})"]
    return lines


def _order(inspection: Inspection) -> str:
    if all(issue.severity.is_review for issue in inspection.issues):
        return "In the order of the photos: none has a level until a person has looked."
    return "Worst first; what needs review stands above the mildest level."


def _facts_of(issue: Issue) -> Iterable[str]:
    yield f"Severity: {_severity(issue)}{_source(issue.severity.source)}"
    yield f"Where: {_where(issue)}"
    yield f"Seen: {esc(issue.observed.description)}"
    if issue.quantity:
        unit = issue.quantity.unit.replace("_", " ").replace("each", "")
        yield f"How much: about {issue.quantity.amount:g} {unit}".rstrip()
    if basis := "; ".join(_condition(issue)):
        yield f"Wear or damage: {esc(basis)}"
    if issue.scope.action:
        yield f"What to do: {esc(issue.scope.action)}"
    yield f"Trade: {esc(issue.scope.trade.replace('_', ' '))}"
    if issue.scope.materials:
        yield f"Materials: {esc(', '.join(issue.scope.materials))}"
    for warning in issue.scope.warnings:
        yield f"Safety: {esc(warning)}"
    for deadline in issue.severity.deadlines:
        due = _time(deadline.due) or _unknown(deadline.needs)
        why = f"{esc(deadline.rule)}{_source(deadline.source)}"
        yield f"Deadline: {esc(deadline.action)}: {esc(due)} ({why})"
    if issue.severity.review and not issue.severity.is_review and not issue.review:
        yield f"A person must look as well: {esc(issue.severity.review)}"
    if issue.review:
        yield f"A person must look first: {esc('; '.join(issue.review))}"
    if issue.observed.confidence is not None:
        source = issue.evidence[0].confidence_source if issue.evidence else "stated"
        kind = "detector score" if source == "score" else "stated confidence"
        yield f"{kind.capitalize()}: {issue.observed.confidence:.2f} (not a probability)"
    for key, value in issue.extra.items():
        yield f"{esc(key.replace('_', ' ').capitalize())}: {esc(_plain(value))}"


def _condition(issue: Issue) -> Iterable[str]:
    if issue.condition != "unclear":
        yield f"{issue.condition} as seen"
    if issue.condition_basis:
        yield from issue.condition_basis.reasons


def _cost_of(issue: Issue) -> Iterable[str]:
    """The cost of a finding, and what it is made of."""
    cost = issue.cost
    if cost is None:
        yield "- Cost: not estimated"
        return
    yield f"- Cost: {_range(cost)}, {_basis_of(cost)}"
    for line in cost.lines:
        yield f"  - {esc(line.explain().strip())}"
    for note in cost.notes:
        yield f"  - To note: {esc(note)}"


def _estimate(inspection: Inspection) -> list[str]:
    """All findings together, by kind of line."""
    cost = inspection.cost
    if cost is None:
        return []
    lines = ["## Estimated Cost", "", f"All findings together: {_range(cost)}, {_basis_of(cost)}."]
    lines += ["", f"| What | {cost.currency} | Source | |", "| --- | ---: | --- | --- |"]
    for line in cost.lines:
        source = f"{line.source}, {line.year}" if line.year else line.source
        lines.append(f"| {esc(line.label)} | {line.amount:,f} | {esc(source)} | {line.mark} |")
    lines.append(f"| In all | {cost.expected:,f} | {esc(cost.book)} | |")
    lines += ["", *(f"- {esc(note)}" for note in cost.notes)]
    lines.append(
        f"- This is not a quote. Class {cost.estimate_class} of 5, the roughest: made from photos, "
        f"without a visit. Range: {esc(cost.range_source or 'not known')}."
    )
    lines.append("- V: seen at the source. S: seen in secondary sources only. A: an assumption.")
    return lines


def _range(cost: CostEstimate) -> str:
    return f"{cost.low:,.0f} to {cost.high:,.0f} {cost.currency}"


def _basis_of(cost: CostEstimate) -> str:
    if cost.basis == "model":
        return "a model's own guess and not a quote"
    where = f"figures of {cost.region}" if cost.region else "national figures"
    return f"an estimate and not a quote, {esc(where)}"


def _source(cited: str) -> str:
    return f"; {esc(cited)}" if cited else ""


_CLOCKS = {
    "reported_at": "when the matter was reported",
    "investigated_at": "when it was investigated",
    "inspected_at": "when the property was inspected",
}


def _unknown(needs: str | None) -> str:
    return f"not known without {_CLOCKS.get(needs, needs)}" if needs else "not known"


def _cost(inspection: Inspection) -> str:
    cost = inspection.cost
    if cost is None:
        priced = any(issue.cost for issue in inspection.issues)
        return "see each finding" if priced else "not estimated"
    return f"{_range(cost)}, {_basis_of(cost)} (cost book {esc(cost.book)}){_notes(cost.notes)}"


def _notes(notes: Sequence[str]) -> str:
    return f". To note: {esc('; '.join(notes))}" if notes else ""


def _plain(value: object) -> str:
    if value is None:
        return "not known"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _code(inspection: Inspection) -> list[str]:
    matters = [
        f"- {number}. {esc(issue.label)}: {issue.code_matter.category.replace('_', ' ')}"
        for number, issue in enumerate(inspection.issues, start=1)
        if issue.code_matter
    ]
    if not matters:
        return []
    return [
        "## Code Compliance Assessment",
        "",
        "Potential matters only: verify with the local authority.",
        "",
        *matters,
    ]


def _rooms(inspection: Inspection) -> list[str]:
    by_photo: dict[str, list[int]] = {}
    for number, issue in enumerate(inspection.issues, start=1):
        for item in issue.evidence:
            by_photo.setdefault(item.photo_id, []).append(number)
    outcomes = sorted(inspection.photos, key=lambda outcome: outcome.photo.room or "\U0010ffff")
    lines = ["## Room-by-Room Details"]
    for room, group in groupby(outcomes, key=lambda outcome: outcome.photo.room or None):
        lines += ["", f"### {esc(room or NO_ROOM)}", ""]
        lines += ["| Photo | Outcome | Findings |", "| --- | --- | --- |"]
        for outcome in group:
            numbers = dict.fromkeys(by_photo.get(outcome.photo.id, ()))
            found = ", ".join(str(number) for number in numbers) or _without_findings(outcome)
            status = ", ".join((outcome.status, *_looks(outcome)))
            lines.append(f"| {esc(outcome.photo.name)} | {status} | {found} |")
    return lines


def _looks(outcome: PhotoOutcome) -> list[str]:
    words = {"blurred": "looks blurred", "dark": "looks dark", "bad_exif": "EXIF is damaged"}
    return [words[warning] for warning in outcome.warnings]


def _without_findings(outcome: PhotoOutcome) -> str:
    return {
        "assessed": "none seen",
        "triaged": "none found by the triage",
        "duplicate": f"as photo {esc(outcome.duplicate_of or '')}",
    }.get(outcome.status, "not known")


def _actions(inspection: Inspection) -> list[str]:
    numbers: dict[str, list[str]] = {}
    for number, issue in enumerate(inspection.issues, start=1):
        if issue.scope.action:
            numbers.setdefault(issue.scope.action, []).append(str(number))
    actions = [
        f"- {esc(action)} (finding{'s' * (len(of) > 1)} {', '.join(of)})"
        for action, of in numbers.items()
    ]
    return ["## Priority Action Items", "", *actions] if actions else []


def _next_steps(inspection: Inspection) -> list[str]:
    steps: list[str] = []
    for outcome in inspection.photos:
        name = esc(outcome.photo.name)
        if outcome.retake:
            steps.append(f"- Photograph again ({name}): {esc(outcome.retake)}")
        elif outcome.status == "unclear":
            steps.append(f"- Photograph again: {name}")
        elif outcome.status == "failed" and outcome.fault:
            message = outcome.fault.message
            named = message.startswith(outcome.photo.name)
            steps.append(f"- {esc(message)}" if named else f"- {name}: {esc(message)}")
    if any(issue.severity.is_review for issue in inspection.issues):
        steps.append("- Have a person look at each finding that needs review.")
    if any(outcome.status == "triaged" for outcome in inspection.photos):
        steps.append("- Inspect the triaged photos with an engine that sees all groups.")
    return ["## Recommended Next Steps", "", *steps] if steps else []


def _photos(inspection: Inspection) -> list[str]:
    lines = ["## Photos", "", "| Id | Name | Outcome | Note |", "| --- | --- | --- | --- |"]
    for outcome in inspection.photos:
        notes = _looks(outcome)
        if outcome.duplicate_of:
            notes.append(f"same as {outcome.duplicate_of}")
        if outcome.reason:
            notes.append(outcome.reason)
        if outcome.fault:
            notes.append(outcome.fault.message)
        if outcome.photo.taken_at:
            notes.append(f"taken {_time(outcome.photo.taken_at)}")
        photo = outcome.photo
        lines.append(
            f"| {esc(photo.id)} | {esc(photo.name)} | {outcome.status} | {esc('; '.join(notes))} |"
        )
    return lines


def _disclaimers() -> list[str]:
    return [
        "## Important Disclaimers",
        "",
        "- Photos show surfaces. What is behind, under or out of the picture was not looked at.",
        "- “None seen” means none seen in the photos that were assessed, not that none exists.",
        "- Scores and confidences rank findings; they are no probabilities.",
        "- Nothing here says who is responsible for anything.",
    ]


def _provenance(inspection: Inspection) -> list[str]:
    made = inspection.provenance
    engines = [f"{engine.provider} {engine.model}" for engine in made.engines]
    return [
        "## How this was made",
        "",
        f"- inspectiq {made.inspectiq}; engine: {esc(', '.join(engines) or 'none answered')}",
        f"- Prompt {esc(made.prompt)} ({made.prompt_sha256[:12]}), "
        f"taxonomy {esc(made.taxonomy)} ({made.taxonomy_sha256[:12]}), "
        f"severity {esc(made.severity)} ({made.severity_sha256[:12]})",
        f"- Requests: {inspection.usage.requests}; tokens: {inspection.usage.input_tokens} in, "
        f"{inspection.usage.output_tokens} out{_paid(inspection)}",
    ]


def _paid(inspection: Inspection) -> str:
    usd = inspection.usage.usd
    if usd is None:
        return "; what the engine was paid is not known"
    return f"; the engine was paid ${usd:.4f}" if usd else ""


def _time(moment: datetime | None) -> str:
    """A moment to the minute, with its zone where it has one; empty for None."""
    return f"{moment:%Y-%m-%d %H:%M %Z}".strip() if moment else ""


def _where(issue: Issue) -> str:
    parts = [part for part in (issue.location.room, issue.location.words) if part]
    area = {"unit": "", "inside": "shared parts", "outside": "outside"}[issue.location.area]
    return esc(", ".join([*parts, area] if area else parts)) or "place not stated"


def _severity(issue: Issue) -> str:
    if issue.severity.is_review:
        return "needs review"
    return f"{esc(issue.severity.label)} ({esc(issue.severity.rule)})"


def _level_words(level: str) -> str:
    return esc(level.replace("_", " ").capitalize())
