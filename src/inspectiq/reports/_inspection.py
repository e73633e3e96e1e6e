"""Builds the report of an inspection; page one says what matters and what was not assessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from inspectiq.costs._quantities import round_quantity
from inspectiq.costs._work import UNITS, WorkUnit, convert_unit
from inspectiq.domain._findings import Issue, Quantity
from inspectiq.domain._photo import Box
from inspectiq.domain._results import Inspection, PhotoOutcome
from inspectiq.reports._blocks import (
    Block,
    FindingBlock,
    Heading,
    Item,
    Listed,
    Paragraph,
    Section,
    Table,
)
from inspectiq.reports._costs import build_total_cost, describe_cost, sum_up_cost
from inspectiq.reports._findings import (
    describe_level,
    describe_place,
    describe_trade,
    explain_marks,
    explain_review,
    explain_severity,
    format_level,
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
    describe_warnings,
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

__all__ = ["build_inspection"]

WORST = 5  # findings on the first page


def build_inspection(
    inspection: Inspection,
    language: Language,
    more: More | None = None,
    labels: Mapping[str, str] | None = None,
) -> list[Section]:
    """Builds the sections of the report, in order.

    Args:
        inspection: The result.
        language: Of the report.
        more: Sections of a host's own, before the photos: lines of plain text by title.
        labels: What a field of a host's own is called, by its name.
    """
    return [
        build_property(inspection, language),
        build_emergencies(inspection, language),
        _build_summary(inspection, language),
        build_suspicions(inspection, language),
        build_blind_spots(inspection, language),
        _build_findings(inspection, language, labels),
        build_total_cost(inspection, language.say("Estimated Cost"), language),
        build_code_matters(inspection.issues, language),
        _build_rooms(inspection, language),
        _build_actions(inspection, language),
        _build_next_steps(inspection, language),
        *build_more(more),
        build_photos(inspection, language),
        build_disclaimers(inspection, language),
        build_provenance(inspection, language),
    ]


def _build_summary(inspection: Inspection, language: Language) -> Section:
    say = language.say
    blocks: list[Block] = [
        Paragraph(translate_sentences(inspection.summary.headline, language), tone="strong"),
        Listed(tuple(_list_counts(inspection, language))),
    ]
    if rejected := inspection.summary.rejected:
        blocks.append(Paragraph(say("A person has rejected {count} of these.", count=rejected)))
    unread = [outcome for outcome in inspection.photos if outcome.status in ("unclear", "failed")]
    if unread:
        names = ", ".join(outcome.photo.name for outcome in unread)
        told = say("{names}. A person must look at these.", names=names)
        blocks.append(Paragraph(told, say("Could not be assessed:")))
    if inspection.issues:
        blocks.append(
            Paragraph(
                language.say_count(
                    len(inspection.issues),
                    "First of {count} finding:",
                    "First of {count} findings:",
                )
            )
        )
        first = [
            f"{language.translate(issue.label)} ({describe_place(issue, language)}): "
            f"{describe_level(issue, language)}"
            for issue in inspection.issues[:WORST]
        ]
        blocks.append(Listed.of(first, numbered=True))
    return Section("summary", say("Executive Summary"), tuple(blocks))


def _list_counts(inspection: Inspection, language: Language) -> Iterable[Item]:
    summary, say = inspection.summary, language.say
    status = language.translate(inspection.status)
    if inspection.status == "partial":
        status = say("partial: not every photo was assessed")
    yield Item(status, say("Status"))
    for level, count in summary.by_level.items():
        yield Item(str(count), format_level(level, language))
    if summary.rejected:
        yield Item(str(summary.rejected), say("Rejected by a person"))
    if summary.left_out:
        yield Item(str(summary.left_out), say("Left out, seen in too few reads"))
    statuses = summary.by_photo_status.items()
    counts = ", ".join(_count_photos(status, count, language) for status, count in statuses)
    yield Item(counts, say("Photos"))
    yield Item(describe_review(inspection, language), say("Review"))
    yield Item(sum_up_cost(inspection, language), say("Cost"))


def _count_photos(status: str, count: int, language: Language) -> str:
    """Counts photos of one status; the headline counts a duplicate as the photo it repeats."""
    if status == "duplicate":
        return language.say_count(
            count, "{count} that repeats another", "{count} that repeat others"
        )
    return f"{count} {language.translate(status)}"


def _build_findings(
    inspection: Inspection, language: Language, labels: Mapping[str, str] | None
) -> Section:
    title = language.say("Findings")
    if not inspection.issues:
        none = Paragraph(language.translate(inspection.summary.headline))
        return Section("findings", title, (none,))
    names = {outcome.photo.id: outcome.photo.name for outcome in inspection.photos}
    blocks: list[Block] = [Paragraph(_explain_order(inspection, language))]
    for number, issue in enumerate(inspection.issues, start=1):
        cost = () if issue.is_rejected else (describe_cost(issue, language),)
        photos = [
            Item(
                names.get(item.photo_id, item.photo_id) + _describe_box(item.box, language),
                language.say("Photo"),
            )
            for item in issue.evidence
        ]
        blocks.append(
            FindingBlock(
                number,
                language.translate(issue.label),
                describe_level(issue, language),
                issue,
                (*_list_facts(issue, language, labels), *cost, *photos),
            )
        )
    return Section("findings", title, tuple(blocks))


def _describe_box(box: Box | None, language: Language) -> str:
    if box is None:
        return ""
    x0, y0, x1, y1 = (round(100 * side) for side in box.to_tuple())
    told = language.say(
        "{x0}–{x1} % from the left, {y0}–{y1} % from the top", x0=x0, x1=x1, y0=y0, y1=y1
    )
    return f", {told}"


def _explain_order(inspection: Inspection, language: Language) -> str:
    if all(issue.severity.is_review for issue in inspection.issues):
        return language.say(
            "In the order of the photos: none has a level until a person has looked."
        )
    return language.say("Worst first; what needs review stands above the mildest level.")


def _list_facts(
    issue: Issue, language: Language, labels: Mapping[str, str] | None
) -> Iterable[Item]:
    say = language.say
    level = describe_level if issue.is_rejected else _explain_level
    yield Item(level(issue, language), say("Severity"))
    yield Item(describe_place(issue, language), say("Where"))
    yield Item(issue.observed.description, say("Seen"))
    if issue.is_rejected:  # nothing is to be done about it, and it costs nothing
        yield from list_reviews(issue, language)
        return
    if issue.quantity:
        amount = _describe_quantity(issue, issue.quantity, language)
        counted = issue.quantity.unit == "each"
        yield Item(amount if counted else say("about {amount}", amount=amount), say("How much"))
    if basis := "; ".join(_list_condition(issue, language)):
        yield Item(basis, say("Wear or damage"))
    if issue.scope.action:
        yield Item(language.translate(issue.scope.action), say("What to do"))
    yield Item(describe_trade(issue.scope.trade, language), say("Trade"))
    if issue.materials:
        yield Item(", ".join(map(language.translate, issue.materials)), say("Materials"))
    for warning in issue.scope.warnings:
        yield Item(language.translate(warning), say("Safety"))
    yield from list_deadlines(issue.severity, language)
    yield from state_agreement(issue, language)
    yield from explain_review(issue, language)
    yield from list_reviews(issue, language)
    yield from state_confidence(issue, language)
    yield from state_calibrated(issue, language)
    yield from list_extra(issue, language, labels)


def _explain_level(issue: Issue, language: Language) -> str:
    return explain_severity(issue.severity, language)


def _describe_quantity(issue: Issue, stated: Quantity, language: Language) -> str:
    """Describes how much there is; in metres first where the cost is counted in them."""
    unit = language.translate(stated.unit.replace("_", " ")) if stated.unit != "each" else ""
    told = f"{_format_amount(stated.amount, language)} {unit}".rstrip()
    if issue.cost is not None and any(
        line.unit in UNITS["metric"][1:] for line in issue.cost.lines
    ):
        wanted: WorkUnit = "sq_m" if stated.unit == "sq_ft" else "lin_m"
        amount = convert_unit(Decimal(str(stated.amount)), stated.unit, wanted)
        if amount is not None:
            figure = _format_amount(round_quantity(amount), language)
            told = f"{figure} {language.translate(wanted.replace('_', ' '))} ({told})"
    return told


def _format_amount(amount: float | Decimal, language: Language) -> str:
    """Formats a quantity with the decimals that it has."""
    exact = f"{amount:f}" if isinstance(amount, Decimal) else f"{amount:g}"
    if "e" in exact:
        return exact
    return language.format_number(amount, len(exact.partition(".")[2]))


def _list_condition(issue: Issue, language: Language) -> Iterable[str]:
    if issue.condition != "unclear":
        yield language.say("{condition} as seen", condition=language.translate(issue.condition))
    if issue.condition_basis:
        yield from (explain_marks(one, language) for one in issue.condition_basis.reasons)


def _build_rooms(inspection: Inspection, language: Language) -> Section:
    say, numbers = language.say, _list_numbers_by_photo(inspection, language)
    names = {outcome.photo.id: outcome.photo.name for outcome in inspection.photos}
    rooms: defaultdict[str | None, list[PhotoOutcome]] = defaultdict(list)
    for outcome in sorted(inspection.photos, key=lambda outcome: not outcome.photo.room):
        rooms[outcome.photo.room or None].append(outcome)
    blocks: list[Block] = []
    for room, group in rooms.items():  # as they were photographed
        rows = []
        for outcome in group:
            found = ", ".join(numbers[outcome.photo.id]) or _explain_no_findings(
                outcome, names, language
            )
            warnings = describe_warnings(outcome, language)
            status = ", ".join((language.translate(outcome.status), *warnings))
            rows.append((outcome.photo.name, status, found))
        blocks.append(Heading(room or say("Room not stated")))
        blocks.append(Table((say("Photo"), say("Outcome"), say("Findings")), tuple(rows)))
    return Section("rooms", say("Room-by-Room Details"), tuple(blocks))


def _list_numbers_by_photo(
    inspection: Inspection, language: Language
) -> defaultdict[str, list[str]]:
    """Lists by photo id the numbers of the findings that it shows, each once."""
    numbers: defaultdict[str, list[str]] = defaultdict(list)
    for number, issue in enumerate(inspection.issues, start=1):
        for photo_id in {item.photo_id for item in issue.evidence}:
            told = language.say("rejected by a person")
            rejected = f" ({told})" if issue.is_rejected else ""
            numbers[photo_id].append(f"{number}{rejected}")
    return numbers


def _explain_no_findings(
    outcome: PhotoOutcome, names: Mapping[str, str], language: Language
) -> str:
    if outcome.status == "assessed":
        return language.say("none seen")
    if outcome.status == "triaged":
        return language.say("none found by the triage")
    if outcome.status == "duplicate":
        same = outcome.duplicate_of or ""
        return language.say("as photo {photo}", photo=names.get(same, same))
    return language.say("not known")


def _build_actions(inspection: Inspection, language: Language) -> Section:
    numbers: dict[tuple[str, str], list[str]] = {}
    warnings: dict[tuple[str, str], dict[str, None]] = {}
    for number, issue in enumerate(inspection.issues, start=1):
        if issue.scope.action and not issue.is_rejected:
            key = issue.label, issue.scope.action
            numbers.setdefault(key, []).append(str(number))
            warnings.setdefault(key, {}).update(dict.fromkeys(issue.scope.warnings))
    now = language.say("act now, as it stands at the top")
    actions = [Item(now, language.translate(one.label)) for one in inspection.emergencies]
    safety = language.say("Safety")
    for (label, action), of in numbers.items():
        listed = ", ".join(of)
        if len(of) > 1:
            findings = language.say("(findings {numbers})", numbers=listed)
        else:
            findings = language.say("(finding {number})", number=listed)
        told = f"{language.translate(action)} {findings}"
        under = (Item(language.translate(one), safety) for one in warnings[label, action])
        actions.append(Item(told, language.translate(label), tuple(under)))
    title = language.say("Priority Action Items")
    return Section("actions", title, (Listed(tuple(actions)),) if actions else ())


def _build_next_steps(inspection: Inspection, language: Language) -> Section:
    steps = list(list_photo_steps(inspection.photos, language))
    if any(issue.severity.is_review and not issue.is_rejected for issue in inspection.issues):
        steps.append(language.say("Have a person look at each finding that needs review."))
    if any(outcome.status == "triaged" for outcome in inspection.photos):
        steps.append(
            language.say("Inspect the triaged photos with an engine that sees all groups.")
        )
    title = language.say("Recommended Next Steps")
    return Section("next", title, (Listed.of(steps),) if steps else ())
