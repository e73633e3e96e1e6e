"""Sections that all reports share: lists of Markdown lines, empty where there is nothing to say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from inspectiq.domain._findings import CodeMatter, Finding
from inspectiq.domain._results import PhotoOutcome, Result
from inspectiq.reports._escape import escape_markdown as esc
from inspectiq.reports._phrases import cost_basis, cost_notes, cost_range, moment

__all__ = [
    "More",
    "code_matters",
    "cost_sentence",
    "disclaimers",
    "emergencies",
    "estimated_cost",
    "joined",
    "looks",
    "more_sections",
    "not_seen",
    "photo_steps",
    "photos",
    "property_details",
    "provenance",
    "suspicions",
]

More = Mapping[str, Iterable[str]]
"""Sections of a host's own: lines of plain text by title."""

_SOURCES = {
    "words": "the words of the case",
    "answers": "an answer",
    "names": "the name of a photo or room",
    "photos": "what the engine wrote about a photo",
    "leak": "the engine gave away its instructions",
}


def joined(sections: Iterable[Sequence[str]]) -> str:
    """A report from its sections."""
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def property_details(result: Result, title: str) -> list[str]:
    """What the report is about."""
    case, place = result.case, result.case.property
    known = [
        ("Address", place.address),
        ("State and country", ", ".join(filter(None, (place.state, place.country)))),
        ("Kind", place.kind),
        ("Year built", place.year_built),
        ("Inspected", moment(case.inspected_at)),
        ("Reported", moment(case.reported_at)),
        ("Report made", moment(result.created_at)),
        ("Case", case.id),
        ("Result", result.id),
    ]
    lines = [f"# {title}", "", "## Property Details", ""]
    lines += [f"- {name}: {esc(str(value))}" for name, value in known if value]
    if case.description.strip():
        lines += ["", "Words that came with the case:", "", f"> {esc(case.description)}"]
    return lines


def emergencies(result: Result) -> list[str]:
    """What to do now, before anything else in the report."""
    screening = result.screening
    if screening is None:
        return []
    if screening.status == "not_screened":
        if not result.case.description.strip():
            return []
        return [
            "## Emergency screen",
            "",
            f"**The words were not screened for emergencies** ({esc(screening.reason)}). "
            "A person must read them now.",
        ]
    lines: list[str] = []
    for emergency in screening.emergencies:
        lines += ["", f"**{esc(emergency.label)}**: “{esc(emergency.words)}”", ""]
        lines += [
            f"{number}. {esc(step)}" for number, step in enumerate(emergency.instructions, start=1)
        ]
    return ["## Emergency: act now", *lines] if lines else []


def suspicions(result: Result) -> list[str]:
    """Texts that seem to speak to the engine."""
    if not result.suspicions:
        return []
    lines = ["## Suspected instructions to the engine", ""]
    lines.append(
        "Some text seems to speak to the engine instead of about the property. It was not obeyed, "
        "and rules and emergency instructions do not depend on it; read this result with care."
    )
    lines.append("")
    for sign in result.suspicions:
        of = f" {esc(sign.photo_id)}" if sign.photo_id else ""
        said = f": “{esc(sign.words)}”" if sign.words else ""
        lines.append(f"- {_SOURCES[sign.source]}{of}{said}")
    return lines


def not_seen(result: Result) -> list[str]:
    """What a triage cannot see."""
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


def cost_sentence(result: Result) -> str:
    """All that it costs, in a sentence."""
    cost = result.cost
    if cost is None:
        priced = any(finding.cost for finding in result.found)
        return "see each finding" if priced else "not estimated"
    book = f"cost book {esc(cost.book)}"
    return f"{cost_range(cost)}, {cost_basis(cost)} ({book}){cost_notes(cost.notes)}"


def estimated_cost(result: Result, heading: str = "## Estimated Cost") -> list[str]:
    """All findings together, by kind of line."""
    cost = result.cost
    if cost is None:
        return []
    lines = [heading, ""]
    lines.append(f"All findings together: {cost_range(cost)}, {cost_basis(cost)}.")
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


def code_matters(findings: Sequence[Finding]) -> list[str]:
    """Possible code matters; `findings` as they are numbered."""
    lines = []
    for number, finding in enumerate(findings, start=1):
        matter: CodeMatter | None = getattr(finding, "code_matter", None)
        if matter and not finding.is_rejected:
            category = matter.category.replace("_", " ")
            lines.append(f"- {esc(finding.label)} (finding {number}): {category}")
    if not lines:
        return []
    potential = "Potential matters only: verify with the local authority."
    return ["## Code Compliance Assessment", "", potential, "", *lines]


def photo_steps(outcomes: Iterable[PhotoOutcome]) -> Iterable[str]:
    """What to do about photos that could not be assessed."""
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


def looks(outcome: PhotoOutcome) -> list[str]:
    """What may have spoiled a photo."""
    words = {"blurred": "looks blurred", "dark": "looks dark", "bad_exif": "EXIF is damaged"}
    return [words[warning] for warning in outcome.warnings]


def photos(result: Result) -> list[str]:
    """Every photo with its outcome."""
    if not result.photos:
        return []
    lines = ["## Photos", "", "| Id | Name | Outcome | Note |", "| --- | --- | --- | --- |"]
    for outcome in result.photos:
        notes = looks(outcome)
        if outcome.duplicate_of:
            notes.append(f"same as {outcome.duplicate_of}")
        if outcome.reason:
            notes.append(outcome.reason)
        if outcome.fault:
            notes.append(outcome.fault.message)
        if outcome.photo.taken_at:
            notes.append(f"taken {moment(outcome.photo.taken_at)}")
        photo = outcome.photo
        lines.append(
            f"| {esc(photo.id)} | {esc(photo.name)} | {outcome.status} | {esc('; '.join(notes))} |"
        )
    return lines


def more_sections(more: More | None) -> Iterable[list[str]]:
    """Sections of a host's own."""
    for title, lines in (more or {}).items():
        yield [f"## {esc(title)}", "", *(f"- {esc(line)}" for line in lines)]


def disclaimers(result: Result) -> list[str]:
    """What a report does not say."""
    of_photos = [
        "- Photos show surfaces. What is behind, under or out of the picture was not looked at.",
        "- “None seen” means none seen in the photos that were assessed, not that none exists.",
    ]
    of_words = ["- It rests on words alone: nobody has looked at the property."]
    return [
        "## Important Disclaimers",
        "",
        *(of_photos if result.photos else of_words),
        "- Scores and confidences rank findings; they are no probabilities.",
        "- Nothing here says who is responsible for anything.",
    ]


def provenance(result: Result) -> list[str]:
    """What made the result."""
    made, usage = result.provenance, result.usage
    engines = [f"{engine.provider} {engine.model}" for engine in made.engines]
    screen = f", emergency screen {esc(result.screening.screen)}" if result.screening else ""
    return [
        "## How this was made",
        "",
        f"- inspectiq {made.inspectiq}; engine: {esc(', '.join(engines) or 'none answered')}",
        f"- Prompt {esc(made.prompt)} ({made.prompt_sha256[:12]}), "
        f"taxonomy {esc(made.taxonomy)} ({made.taxonomy_sha256[:12]}), "
        f"severity {esc(made.severity)} ({made.severity_sha256[:12]}){screen}",
        f"- Requests: {usage.requests}; tokens: {usage.input_tokens} in, "
        f"{usage.output_tokens} out{_paid(result)}",
    ]


def _paid(result: Result) -> str:
    usd = result.usage.usd
    if usd is None:
        return "; what the engine was paid is not known"
    return f"; the engine was paid ${usd:.4f}" if usd else ""
