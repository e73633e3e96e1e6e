"""Builds the sections that all reports share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from inspectiq.domain._findings import CodeMatter, Finding
from inspectiq.domain._provenance import Provenance
from inspectiq.domain._results import Result
from inspectiq.reports._blocks import Block, Item, Listed, Paragraph, Section
from inspectiq.reports._language import Language
from inspectiq.reports._making import describe_making, find_last_review

__all__ = [
    "More",
    "build_code_matters",
    "build_disclaimers",
    "build_emergencies",
    "build_more",
    "build_property",
    "build_provenance",
    "build_suspicions",
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


def build_property(result: Result, language: Language) -> Section:
    """Builds the facts of the property and the case."""
    case, place, say = result.case, result.case.property, language.say
    known = [
        (say("Address"), place.address),
        (say("State and country"), ", ".join(filter(None, (place.state, place.country)))),
        (say("Kind"), place.kind),
        (say("Year built"), place.year_built),
        (say("Inspected"), language.format_moment(case.inspected_at)),
        (say("Reported"), language.format_moment(case.reported_at)),
        (say("Report made"), language.format_moment(result.created_at)),
        (say("Last review"), language.format_moment(find_last_review(result))),
        (say("Case"), case.id),
        (say("Result"), result.id),
    ]
    blocks: list[Block] = [Listed(tuple(Item(str(value), name) for name, value in known if value))]
    if case.description.strip():
        told, reported = say("Words that came with the case:"), case.reported_at
        if reported is not None:
            at = language.format_moment(reported)
            told = say("Words that came with the case, reported {at}:", at=at)
        blocks.append(Paragraph(told))
        blocks.append(Paragraph(case.description, tone="quote"))
    return Section("property", say("Property Details"), tuple(blocks))


def build_emergencies(result: Result, language: Language) -> Section:
    """Builds the emergencies with what to do now; they stand before anything else."""
    screening, say = result.screening, language.say
    if screening is None:
        return Section("emergency", "")
    if screening.status == "not_screened":
        if not result.case.description.strip():
            return Section("emergency", "")
        reason = language.translate(screening.reason)
        lead = say("The words were not screened for emergencies")
        told = say("({reason}). A person must read them now.", reason=reason)
        return Section("emergency", say("Emergency screen"), (Paragraph(told, lead),))
    blocks: list[Block] = []
    for emergency in screening.emergencies:
        label = language.translate(emergency.label)
        steps = map(language.translate, emergency.instructions)
        blocks.append(Paragraph(f"“{emergency.words}”", f"{label}:"))
        blocks.append(Listed.of(steps, numbered=True))
    if blocks:
        blocks.append(Paragraph(say("Nothing in this report says that it was dealt with.")))
    return Section("emergency", say("Emergency: act now"), tuple(blocks))


def build_suspicions(result: Result, language: Language) -> Section:
    """Builds the list of texts that seem to instruct the engine."""
    title = language.say("Suspected instructions to the engine")
    if not result.suspicions:
        return Section("suspicions", title)
    told = language.say(
        "Some text seems to speak to the engine instead of about the property. It was not obeyed, "
        "and rules and emergency instructions do not depend on it; read this result with care."
    )
    lines = []
    for sign in result.suspicions:
        of = f" {sign.photo_id}" if sign.photo_id else ""
        said = f": “{sign.words}”" if sign.words else ""
        lines.append(f"{language.translate(_SOURCES[sign.source])}{of}{said}")
    return Section("suspicions", title, (Paragraph(told), Listed.of(lines)))


def build_code_matters(findings: Sequence[Finding], language: Language) -> Section:
    """Builds the possible code matters; `findings` as they are numbered."""
    lines, title = [], language.say("Code Compliance Assessment")
    for number, finding in enumerate(findings, start=1):
        matter: CodeMatter | None = getattr(finding, "code_matter", None)
        if matter and not finding.is_rejected:
            label = language.say(
                "{label} (finding {number})",
                label=language.translate(finding.label),
                number=number,
            )
            lines.append(f"{label}: {language.translate(matter.category.replace('_', ' '))}")
    if not lines:
        return Section("code", title)
    potential = language.say(
        "Potential matters only, by topic; no code was checked: verify with the local authority."
    )
    return Section("code", title, (Paragraph(potential), Listed.of(lines)))


def build_more(more: More | None) -> Iterable[Section]:
    """Builds sections of a host's own."""
    for title, lines in (more or {}).items():
        yield Section("more", title, (Listed.of(lines),))


def build_disclaimers(result: Result, language: Language) -> Section:
    """Builds the limits of a report, such as that photos show surfaces only."""
    say = language.say
    if result.photos:
        lines = [
            say(
                "Photos show surfaces. What is behind, under or out of the picture was not looked "
                "at."
            ),
            say(
                "“None seen” means none seen in the photos that were assessed, not that none "
                "exists."
            ),
        ]
    else:
        lines = [say("It rests on words alone: nobody has looked at the property.")]
    lines += [
        say("Scores and confidences rank findings; they are no probabilities."),
        say(
            "But for what reviewers wrote, nothing here says who is responsible for anything; wear "
            "or damage is what it looks like."
        ),
    ]
    return Section("limits", say("Important Disclaimers"), (Listed.of(lines),))


def _describe_reads(made: Provenance, language: Language) -> str:
    if made.keep == "majority":
        return language.say(
            "Each photo was read {reads} times, and what more than half of the reads saw was kept.",
            reads=made.reads,
        )
    return language.say(
        "Each photo was read {reads} times, and what any of the reads saw was kept.",
        reads=made.reads,
    )


def build_provenance(result: Result, language: Language) -> Section:
    """Builds which agent, prompt, rules and engines made the result, and what was spent."""
    made, usage, say = result.provenance, result.usage, language.say
    engines = ", ".join(f"{engine.provider} {engine.model}" for engine in made.engines)
    engine = say("engine: {engines}", engines=engines or say("none answered"))
    rules = say(
        "Prompt {prompt}, taxonomy {taxonomy}, severity {severity}",
        prompt=f"{made.prompt} ({made.prompt_sha256[:12]})",
        taxonomy=f"{made.taxonomy} ({made.taxonomy_sha256[:12]})",
        severity=f"{made.severity} ({made.severity_sha256[:12]})",
    )
    if result.cost is not None and result.cost.basis == "book":
        rules += ", " + say("cost book {book}", book=result.cost.book)
        if result.cost.book_sha256:
            rules += f" ({result.cost.book_sha256[:12]})"
    if result.screening:
        rules += ", " + say("emergency screen {screen}", screen=result.screening.screen)
    spent = say(
        "Requests: {requests}; tokens: {sent} in, {written} out",
        requests=usage.requests,
        sent=usage.input_tokens,
        written=usage.output_tokens,
    )
    if usage.usd is None:
        spent += "; " + say("what the engine was paid is not known")
    elif usage.usd:
        spent += "; " + say("the engine was paid ${usd}", usd=f"{usage.usd:.4f}")
    if made.second_look is not None:
        looked = say(
            "Photos that seemed clean were looked at again (prompt {prompt}).",
            prompt=f"{made.second_look.prompt} ({made.second_look.prompt_sha256[:12]})",
        )
        spent = f"{looked} {spent}"
    if made.reads > 1:
        spent = f"{_describe_reads(made, language)} {spent}"
    software = f"inspectiq {made.inspectiq}; {engine}"
    lines = [describe_making(result, language), software, rules, spent]
    return Section("provenance", say("How this was made"), (Listed.of(lines),))
