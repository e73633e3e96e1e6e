"""What reports say of one finding, one cost, one moment: Markdown, one line at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from inspectiq.domain._findings import Finding
from inspectiq.domain._money import CostEstimate
from inspectiq.domain._severity import Severity
from inspectiq.reports._escape import escape_markdown as esc

__all__ = [
    "confidence",
    "cost_basis",
    "cost_lines",
    "cost_notes",
    "cost_range",
    "deadlines",
    "level_words",
    "moment",
    "plain",
    "reviews",
    "severity",
    "source",
    "to_review",
    "where",
]

_CLOCKS = {
    "reported_at": "when the matter was reported",
    "investigated_at": "when it was investigated",
    "inspected_at": "when the property was inspected",
}


def moment(at: datetime | None) -> str:
    """A moment to the minute, with its zone where it has one; empty for None."""
    return f"{at:%Y-%m-%d %H:%M %Z}".strip() if at else ""


def where(finding: Finding) -> str:
    """The place of a finding."""
    parts = [part for part in (finding.location.room, finding.location.words) if part]
    area = {"unit": "", "inside": "shared parts", "outside": "outside"}[finding.location.area]
    return esc(", ".join([*parts, area] if area else parts)) or "place not stated"


def severity(decided: Severity) -> str:
    """A level, and what decided it."""
    if decided.is_review:
        return "needs review"
    return f"{esc(decided.label)} ({esc(decided.rule)})"


def level_words(level: str) -> str:
    """A level's key as words."""
    return esc(level.replace("_", " ").capitalize())


def source(cited: str) -> str:
    """A source to follow what rests on it; empty for none."""
    return f"; {esc(cited)}" if cited else ""


def deadlines(decided: Severity) -> Iterable[str]:
    """By when what must be done, and which rule says so."""
    for deadline in decided.deadlines:
        due = moment(deadline.due) or _unknown(deadline.needs)
        why = f"{esc(deadline.rule)}{source(deadline.source)}"
        yield f"Deadline: {esc(deadline.action)}: {esc(due)} ({why})"


def _unknown(needs: str | None) -> str:
    return f"not known without {_CLOCKS.get(needs, needs)}" if needs else "not known"


def to_review(finding: Finding) -> Iterable[str]:
    """Why a person must look, if one must."""
    if finding.severity.review and not finding.severity.is_review and not finding.review:
        yield f"A person must look as well: {esc(finding.severity.review)}"
    if finding.review:
        yield f"A person must look first: {esc('; '.join(finding.review))}"


def reviews(finding: Finding) -> Iterable[str]:
    """What people decided about it."""
    for review in finding.reviews:
        edited = f" ({esc(', '.join(review.changed))})" if review.changed else ""
        because = f": {esc(review.because)}" if review.because else ""
        yield (
            f"{review.decision.capitalize()}{edited} by {esc(review.by)}, "
            f"{moment(review.at)}{because}"
        )


def confidence(finding: Finding) -> Iterable[str]:
    """How sure the engine is, if it said so."""
    if finding.observed.confidence is not None:
        scored = finding.evidence and finding.evidence[0].confidence_source == "score"
        kind = "Detector score" if scored else "Stated confidence"
        yield f"{kind}: {finding.observed.confidence:.2f} (not a probability)"


def cost_range(cost: CostEstimate) -> str:
    """Lowest and highest, without false precision."""
    return f"{cost.low:,.0f} to {cost.high:,.0f} {cost.currency}"


def cost_basis(cost: CostEstimate) -> str:
    """What kind of figure it is."""
    if cost.basis == "stated":
        by = {line.source for line in cost.lines}
        return f"stated by {esc(by.pop())} and not a quote" if len(by) == 1 else "not a quote"
    place = f"figures of {cost.region}" if cost.region else "national figures"
    return f"an estimate and not a quote, {esc(place)}"


def cost_notes(notes: Sequence[str]) -> str:
    """What is to be noted of a cost; empty for nothing."""
    return f". To note: {esc('; '.join(notes))}" if notes else ""


def cost_lines(cost: CostEstimate | None) -> Iterable[str]:
    """A cost as a list, and what it is made of as a list below."""
    if cost is None:
        yield "- Cost: not estimated"
        return
    yield f"- Cost: {cost_range(cost)}, {cost_basis(cost)}"
    for line in cost.lines:
        yield f"  - {esc(line.explain().strip())}"
    for note in cost.notes:
        yield f"  - To note: {esc(note)}"


def plain(value: object) -> str:
    """A value of a host's own field."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
