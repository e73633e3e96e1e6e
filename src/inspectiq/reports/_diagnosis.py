"""Renders a diagnosis as Markdown, for the people who live there and those who decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from inspectiq.domain._diagnoses import Diagnosis, Problem
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
    explain_review,
    explain_severity,
    list_deadlines,
    list_extra,
    list_reviews,
    state_confidence,
)
from inspectiq.reports._photos import (
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

__all__ = ["render_diagnosis"]


def render_diagnosis(
    diagnosis: Diagnosis,
    pictures: Mapping[str, str] | None = None,
    more: More | None = None,
) -> str:
    """Renders the report.

    Args:
        diagnosis: The result.
        pictures: Paths of pictures to show, relative to the report, by photo id.
        more: Sections of your own, before the photos: lines of plain text by title.
    """
    return join_sections(
        [
            render_property(diagnosis, "Diagnosis"),
            render_emergencies(diagnosis),
            _render_summary(diagnosis),
            render_suspicions(diagnosis),
            _render_findings(diagnosis, pictures or {}),
            _render_urgency(diagnosis),
            _render_steps(diagnosis),
            _render_cost_and_time(diagnosis),
            _render_total(diagnosis),
            _render_safety(diagnosis),
            render_code_matters(diagnosis.findings),
            _render_questions(diagnosis),
            *render_more(more),
            render_blind_spots(diagnosis),
            render_photos(diagnosis),
            render_disclaimers(diagnosis),
            render_provenance(diagnosis),
        ]
    )


def _render_summary(diagnosis: Diagnosis) -> list[str]:
    lines = ["## Summary", "", f"**{esc(diagnosis.summary.headline)}**", ""]
    if diagnosis.account:
        lines += [esc(diagnosis.account), ""]
    if diagnosis.contradiction:
        lines += [f"**Photos and words do not go together:** {esc(diagnosis.contradiction)}", ""]
    lines.append(f"- Status: {diagnosis.status}")
    if diagnosis.urgency:
        lines.append(f"- Urgency: {describe_severity(diagnosis.urgency)}")
    lines.append(f"- Words: {_describe_words(diagnosis)}")
    lines.append(f"- Cost: {sum_up_cost(diagnosis)}")
    if diagnosis.summary.rejected:
        lines.append(f"- Rejected by a person: {diagnosis.summary.rejected}")
    return lines


def _describe_words(diagnosis: Diagnosis) -> str:
    words = diagnosis.words
    said = {
        "none": "none came",
        "assessed": "assessed",
        "triaged": "read by rules only, which know few of the ways to say a thing",
        "unclear": "could not be understood; a person must read them",
        "failed": "could not be read by an engine; a person must read them",
    }[words.status]
    why = words.reason or (words.fault.message if words.fault else "")
    return f"{said} ({esc(why)})" if why else said


def _render_findings(diagnosis: Diagnosis, pictures: Mapping[str, str]) -> list[str]:
    lines = ["## What We Think Is Happening", ""]
    if not diagnosis.findings:
        return [*lines, "No finding besides what is said above."]
    names = {outcome.photo.id: outcome.photo.name for outcome in diagnosis.photos}
    embedded: set[str] = set()
    by_rules = diagnosis.words.status == "triaged"
    for number, problem in enumerate(diagnosis.findings, start=1):
        state = " (rejected by a person)" if problem.is_rejected else ""
        lines += [f"### {number}. {esc(problem.label)}{state}", ""]
        lines += [f"- {line}" for line in _list_facts(problem, by_rules=by_rules)]
        shown = dict.fromkeys(names.get(item.photo_id, item.photo_id) for item in problem.evidence)
        rests = ", ".join(map(esc, shown)) or "words only"
        lines += [f"- Rests on: {rests}", ""]
        for picture in embed_pictures(problem, pictures, embedded):
            lines += [picture, ""]
    return lines[:-1]


def _list_facts(problem: Problem, *, by_rules: bool) -> Iterable[str]:
    yield f"System: {problem.system}"
    yield f"Where: {describe_place(problem)}"
    yield f"Seen or told: {esc(problem.observed.description)}"
    yield f"Probable cause: {esc(problem.cause) if problem.cause else 'not told'}"
    for other in problem.other_causes:
        apart = f"; to tell it apart: {esc(other.tell_apart)}" if other.tell_apart else ""
        yield f"It may also be: {esc(other.cause)}{apart}"
    if by_rules and not problem.evidence:
        yield f"Fit of the rules: {problem.observed.confidence:.2f} (not a probability)"
    else:
        yield from state_confidence(problem)
    yield from explain_review(problem)
    yield from list_reviews(problem)
    yield from list_extra(problem)


def _render_urgency(diagnosis: Diagnosis) -> list[str]:
    if diagnosis.urgency is None:
        return []
    lines = ["## How Urgent Is It?", ""]
    lines.append(f"Overall: {explain_severity(diagnosis.urgency)}")
    due = ["Act now: what to do stands at the top."] if diagnosis.emergencies else []
    lines += [""] + [f"- {line}" for line in due or list_deadlines(diagnosis.urgency)]
    for number, problem in _list_standing(diagnosis):
        level = explain_severity(problem.urgency)
        lines.append(f"- {esc(problem.label)} (finding {number}): {level}")
        lines += [f"  - {line}" for line in list_deadlines(problem.urgency)]
    return lines


def _render_steps(diagnosis: Diagnosis) -> list[str]:
    lines = ["## Recommended Next Steps", ""]
    for number, problem in _list_standing(diagnosis):
        lines.append(f"{number}. {esc(problem.label)} ({_describe_trade(problem)}):")
        lines += [f"   - Now: {esc(step)}" for step in problem.do_now]
        lines += [f"   - {esc(step)}" for step in problem.steps]
    lines += [f"- Take a photo: {esc(photo)}" for photo in diagnosis.photos_next]
    lines += list(list_photo_steps(diagnosis.photos))
    if any(problem.severity.is_review for _, problem in _list_standing(diagnosis)):
        lines.append("- Have a person look at each finding that needs review.")
    return lines if len(lines) > 2 else []


def _describe_trade(problem: Problem) -> str:
    trade = describe_trade(problem.scope.trade)
    diy = {True: "; a handy occupant could do it", False: "; not a job for an amateur", None: ""}
    return f"{trade}{diy[problem.scope.diy]}"


def _render_cost_and_time(diagnosis: Diagnosis) -> list[str]:
    lines = ["## Estimated Cost & Time", ""]
    for number, problem in _list_standing(diagnosis):
        hours = _find_hours(problem)
        lines.append(f"{number}. {esc(problem.label)}{f', about {hours:g} hours' if hours else ''}")
        if problem.scope.materials:
            lines.append(f"   - Materials: {esc(', '.join(problem.scope.materials))}")
        lines += [f"   {line}" for line in list_cost_lines(problem)]
    return lines if len(lines) > 2 else []


def _render_total(diagnosis: Diagnosis) -> list[str]:
    priced = [problem for _, problem in _list_standing(diagnosis) if problem.cost]
    return render_total_cost(diagnosis, "### All together") if len(priced) > 1 else []


def _find_hours(problem: Problem) -> float | None:
    """Finds the hours of work: as they were priced, or else as the engine said."""
    if problem.cost is not None:
        priced = [line.quantity for line in problem.cost.lines if line.kind == "labour"]
        if priced:
            return float(sum(priced, Decimal(0)))
    return problem.scope.hours


def _render_safety(diagnosis: Diagnosis) -> list[str]:
    notes = dict.fromkeys(
        warning for _, problem in _list_standing(diagnosis) for warning in problem.scope.warnings
    )
    return ["## Safety Notes", "", *(f"- {esc(note)}" for note in notes)] if notes else []


def _render_questions(diagnosis: Diagnosis) -> list[str]:
    lines = [f"- {esc(item.question)} {esc(item.answer)}" for item in diagnosis.answers]
    if lines:
        lines = ["## Questions and Answers", "", *lines]
    if diagnosis.questions:
        lines += [""] if lines else []
        lines += ["## Questions That Would Help", ""]
        lines += [f"- {esc(item.question)} ({item.id})" for item in diagnosis.questions]
    return lines


def _list_standing(diagnosis: Diagnosis) -> list[tuple[int, Problem]]:
    """Lists the problems that nobody rejected, with their numbers."""
    return [
        (number, problem)
        for number, problem in enumerate(diagnosis.findings, start=1)
        if not problem.is_rejected
    ]
