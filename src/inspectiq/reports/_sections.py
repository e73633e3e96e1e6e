"""Renders the sections that all reports share: lists of Markdown lines, empty for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from inspectiq.domain._findings import CodeMatter, Finding
from inspectiq.domain._results import Result
from inspectiq.reports._escape import escape_markdown as esc
from inspectiq.reports._findings import format_moment

__all__ = [
    "More",
    "join_sections",
    "render_code_matters",
    "render_disclaimers",
    "render_emergencies",
    "render_more",
    "render_property",
    "render_provenance",
    "render_suspicions",
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


def join_sections(sections: Iterable[Sequence[str]]) -> str:
    """Joins sections to a report; empty ones are left out."""
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def render_property(result: Result, title: str) -> list[str]:
    """Renders the facts of the property and the case, below the title."""
    case, place = result.case, result.case.property
    known = [
        ("Address", place.address),
        ("State and country", ", ".join(filter(None, (place.state, place.country)))),
        ("Kind", place.kind),
        ("Year built", place.year_built),
        ("Inspected", format_moment(case.inspected_at)),
        ("Reported", format_moment(case.reported_at)),
        ("Report made", format_moment(result.created_at)),
        ("Case", case.id),
        ("Result", result.id),
    ]
    lines = [f"# {title}", "", "## Property Details", ""]
    lines += [f"- {name}: {esc(str(value))}" for name, value in known if value]
    if case.description.strip():
        lines += ["", "Words that came with the case:", "", f"> {esc(case.description)}"]
    return lines


def render_emergencies(result: Result) -> list[str]:
    """Renders emergencies with what to do now, before anything else in the report."""
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


def render_suspicions(result: Result) -> list[str]:
    """Renders the texts that seem to instruct the engine."""
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


def render_code_matters(findings: Sequence[Finding]) -> list[str]:
    """Renders possible code matters; `findings` as they are numbered."""
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


def render_more(more: More | None) -> Iterable[list[str]]:
    """Renders sections of a host's own."""
    for title, lines in (more or {}).items():
        yield [f"## {esc(title)}", "", *(f"- {esc(line)}" for line in lines)]


def render_disclaimers(result: Result) -> list[str]:
    """Renders the limits of a report, such as that photos show surfaces only."""
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


def render_provenance(result: Result) -> list[str]:
    """Renders which agent, prompt, rules and engines made the result, and what was spent."""
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
        f"{usage.output_tokens} out{_describe_payment(result)}",
    ]


def _describe_payment(result: Result) -> str:
    usd = result.usage.usd
    if usd is None:
        return "; what the engine was paid is not known"
    return f"; the engine was paid ${usd:.4f}" if usd else ""
