"""Builds the report of a diagnosis, for the people who live there and those who decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from inspectiq.domain._diagnoses import Diagnosis, Problem
from inspectiq.reports._blocks import Block, FindingBlock, Heading, Item, Listed, Paragraph, Section
from inspectiq.reports._costs import build_total_cost, describe_cost, sum_up_cost
from inspectiq.reports._findings import (
    describe_level,
    describe_place,
    describe_severity,
    describe_trade,
    explain_review,
    explain_severity,
    list_deadlines,
    list_extra,
    list_reviews,
    state_agreement,
    state_calibrated,
    state_confidence,
)
from inspectiq.reports._language import Language, translate_sentences
from inspectiq.reports._making import describe_review
from inspectiq.reports._photos import (
    build_blind_spots,
    build_photos,
    list_photo_steps,
)
from inspectiq.reports._sections import (
    More,
    build_code_matters,
    build_disclaimers,
    build_emergencies,
    build_more,
    build_property,
    build_provenance,
    build_suspicions,
)

__all__ = ["build_diagnosis"]

_WORDS = {
    "none": "none came",
    "assessed": "assessed",
    "triaged": "read by rules only, which know few of the ways to say a thing",
    "unclear": "could not be understood; a person must read them",
    "failed": "could not be read by an engine; a person must read them",
}


def build_diagnosis(
    diagnosis: Diagnosis,
    language: Language,
    more: More | None = None,
    labels: Mapping[str, str] | None = None,
) -> list[Section]:
    """Builds the sections of the report, in order.

    Args:
        diagnosis: The result.
        language: Of the report.
        more: Sections of a host's own, before the photos: lines of plain text by title.
        labels: What a field of a host's own is called, by its name.
    """
    return [
        build_property(diagnosis, language),
        build_emergencies(diagnosis, language),
        _build_summary(diagnosis, language),
        build_suspicions(diagnosis, language),
        _build_findings(diagnosis, language, labels),
        _build_urgency(diagnosis, language),
        _build_steps(diagnosis, language),
        _build_cost_and_time(diagnosis, language),
        _build_total(diagnosis, language),
        _build_safety(diagnosis, language),
        build_code_matters(diagnosis.findings, language),
        _build_questions(diagnosis, language),
        *build_more(more),
        build_blind_spots(diagnosis, language),
        build_photos(diagnosis, language),
        build_disclaimers(diagnosis, language),
        build_provenance(diagnosis, language),
    ]


def _build_summary(diagnosis: Diagnosis, language: Language) -> Section:
    say = language.say
    blocks: list[Block] = [
        Paragraph(translate_sentences(diagnosis.summary.headline, language), tone="strong")
    ]
    if diagnosis.account:
        blocks.append(Paragraph(diagnosis.account))
    if diagnosis.contradiction:
        lead = say("Photos and words do not go together:")
        blocks.append(Paragraph(diagnosis.contradiction, lead))
    items = [Item(language.translate(diagnosis.status), say("Status"))]
    if diagnosis.urgency:
        items.append(Item(describe_severity(diagnosis.urgency, language), say("Urgency")))
    items.append(Item(_describe_words(diagnosis, language), say("Words")))
    items.append(Item(describe_review(diagnosis, language), say("Review")))
    items.append(Item(sum_up_cost(diagnosis, language), say("Cost")))
    if diagnosis.summary.rejected:
        items.append(Item(str(diagnosis.summary.rejected), say("Rejected by a person")))
    if diagnosis.summary.left_out:
        left_out = str(diagnosis.summary.left_out)
        items.append(Item(left_out, say("Left out, seen in too few reads")))
    return Section("summary", say("Summary"), (*blocks, Listed(tuple(items))))


def _describe_words(diagnosis: Diagnosis, language: Language) -> str:
    words = diagnosis.words
    said = language.translate(_WORDS[words.status])
    why = words.reason or (language.describe_fault(words.fault) if words.fault else "")
    return f"{said} ({why})" if why else said


def _build_findings(
    diagnosis: Diagnosis, language: Language, labels: Mapping[str, str] | None
) -> Section:
    say, title = language.say, language.say("What We Think Is Happening")
    if not diagnosis.findings:
        none = say("No finding besides what is said above.")
        return Section("findings", title, (Paragraph(none),))
    names = {outcome.photo.id: outcome.photo.name for outcome in diagnosis.photos}
    by_rules = diagnosis.words.status == "triaged"
    blocks: list[Block] = []
    for number, problem in enumerate(diagnosis.findings, start=1):
        label = language.translate(problem.label)
        rejected = say("rejected by a person")
        state = f" ({rejected})" if problem.is_rejected else ""
        shown = dict.fromkeys(names.get(item.photo_id, item.photo_id) for item in problem.evidence)
        rests = Item(", ".join(shown) or say("words only"), say("Rests on"))
        facts = _list_facts(problem, language, labels, by_rules=by_rules)
        level = describe_level(problem, language)
        blocks.append(FindingBlock(number, label + state, level, problem, (*facts, rests)))
    return Section("findings", title, tuple(blocks))


def _list_facts(
    problem: Problem, language: Language, labels: Mapping[str, str] | None, *, by_rules: bool
) -> Iterable[Item]:
    say = language.say
    yield Item(language.translate(problem.system), say("System"))
    yield Item(describe_place(problem, language), say("Where"))
    yield Item(problem.observed.description, say("Seen or told"))
    yield Item(problem.cause or say("not told"), say("Probable cause"))
    for other in problem.other_causes:
        if other.tell_apart:
            apart = say("to tell it apart: {how}", how=other.tell_apart)
            yield Item(f"{other.cause}; {apart}", say("It may also be"))
        else:
            yield Item(other.cause, say("It may also be"))
    if by_rules and not problem.evidence:
        figure = language.format_number(problem.observed.confidence or 0, 2)
        yield Item(say("{figure} (not a probability)", figure=figure), say("Fit of the rules"))
    else:
        yield from state_confidence(problem, language)
    yield from state_calibrated(problem, language)
    yield from state_agreement(problem, language)
    yield from explain_review(problem, language)
    yield from list_reviews(problem, language)
    yield from list_extra(problem, language, labels)


def _build_urgency(diagnosis: Diagnosis, language: Language) -> Section:
    say, title = language.say, language.say("How Urgent Is It?")
    if diagnosis.urgency is None:
        return Section("urgency", title)
    overall = Paragraph(
        say("Overall: {level}", level=explain_severity(diagnosis.urgency, language))
    )
    items = list(list_deadlines(diagnosis.urgency, language))
    if diagnosis.emergencies:
        items = [Item(say("Act now: what to do stands at the top."))]
    for number, problem in _list_standing(diagnosis):
        label = _describe_number(problem, number, language)
        level = explain_severity(problem.urgency, language)
        under = tuple(list_deadlines(problem.urgency, language))
        items.append(Item(level, label, under))
    return Section("urgency", title, (overall, Listed(tuple(items))))


def _describe_number(problem: Problem, number: int, language: Language) -> str:
    label = language.translate(problem.label)
    return language.say("{label} (finding {number})", label=label, number=number)


def _build_steps(diagnosis: Diagnosis, language: Language) -> Section:
    say, items = language.say, []
    for number, problem in _list_standing(diagnosis):
        label = language.translate(problem.label)
        now = (Item(language.translate(step), say("Now")) for step in problem.do_now)
        steps = (Item(language.translate(step)) for step in problem.steps)
        told = f"{label} ({_describe_trade(problem, language)}):"
        items.append(Item(told, under=(*now, *steps), number=number))
    items += [Item(photo, say("Take a photo")) for photo in diagnosis.photos_next]
    items += [Item(step) for step in list_photo_steps(diagnosis.photos, language)]
    if any(problem.severity.is_review for _, problem in _list_standing(diagnosis)):
        items.append(Item(say("Have a person look at each finding that needs review.")))
    title = say("Recommended Next Steps")
    return Section("next", title, (Listed(tuple(items)),) if items else ())


def _describe_trade(problem: Problem, language: Language) -> str:
    trade = describe_trade(problem.scope.trade, language)
    if problem.scope.diy is None:
        return trade
    if problem.scope.diy:
        who = language.say("a handy occupant could do it")
    else:
        who = language.say("not a job for an amateur")
    return f"{trade}; {who}"


def _build_cost_and_time(diagnosis: Diagnosis, language: Language) -> Section:
    say, items = language.say, []
    for number, problem in _list_standing(diagnosis):
        told, hours = language.translate(problem.label), _find_hours(problem)
        if hours:
            told += ", " + say("about {hours} hours", hours=f"{hours:g}")
        materials = ", ".join(map(language.translate, problem.materials))
        needed = (Item(materials, say("Materials")),) if materials else ()
        under = (*needed, describe_cost(problem, language))
        items.append(Item(told, under=under, number=number))
    title = say("Estimated Cost & Time")
    return Section("costs", title, (Listed(tuple(items)),) if items else ())


def _build_total(diagnosis: Diagnosis, language: Language) -> Section:
    title = language.say("All together")
    priced = [problem for _, problem in _list_standing(diagnosis) if problem.cost]
    if len(priced) < 2:
        return Section("cost", title)
    return build_total_cost(diagnosis, title, language, level=3)


def _find_hours(problem: Problem) -> float | None:
    """Finds the hours of work: as they were priced, or else as the engine said."""
    if problem.cost is not None:
        priced = [line.quantity for line in problem.cost.lines if line.kind == "labour"]
        if priced:
            return float(sum(priced, Decimal(0)))
    return problem.scope.hours


def _build_safety(diagnosis: Diagnosis, language: Language) -> Section:
    standing = [problem for _, problem in _list_standing(diagnosis)]
    notes = dict.fromkeys(warning for problem in standing for warning in problem.scope.warnings)
    listed = (Listed.of(map(language.translate, notes)),) if notes else ()
    return Section("safety", language.say("Safety Notes"), listed)


def _build_questions(diagnosis: Diagnosis, language: Language) -> Section:
    title, blocks = language.say("Questions and Answers"), list[Block]()
    if diagnosis.answers:
        blocks.append(Listed.of(f"{item.question} {item.answer}" for item in diagnosis.answers))
    if diagnosis.questions:
        asked = language.say("Questions That Would Help")
        if blocks:
            blocks.append(Heading(asked))
        else:
            title = asked
        blocks.append(Listed.of(f"{item.question} ({item.id})" for item in diagnosis.questions))
    return Section("questions", title, tuple(blocks))


def _list_standing(diagnosis: Diagnosis) -> list[tuple[int, Problem]]:
    """Lists the problems that nobody rejected, with their numbers."""
    return [
        (number, problem)
        for number, problem in enumerate(diagnosis.findings, start=1)
        if not problem.is_rejected
    ]
