"""Describes one finding in a report: place, level, deadlines, confidence, reviews."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from inspectiq.domain._findings import Finding
from inspectiq.domain._severity import Severity
from inspectiq.domain._sourced import ASSUMPTION
from inspectiq.domain._taxonomy import OPEN_TRADE
from inspectiq.reports._escape import escape_markdown as esc

__all__ = [
    "cite_source",
    "describe_place",
    "describe_severity",
    "describe_trade",
    "embed_pictures",
    "explain_marks",
    "explain_review",
    "explain_severity",
    "format_level",
    "format_moment",
    "list_deadlines",
    "list_extra",
    "list_reviews",
    "state_confidence",
]

_MARKS = {
    f"{ASSUMPTION} [A]": "inspectiq's own rule, not a published one",
    "house override [A]": "a rule of the house",
    " [V]": "",
    " [S]": " (seen in secondary sources only)",
    " [A]": " (an assumption)",
}
_CLOCKS = {
    "reported_at": "when the matter was reported",
    "investigated_at": "when it was investigated",
    "inspected_at": "when the property was inspected",
}


def format_moment(at: datetime | None) -> str:
    """Formats a moment to the minute, with its zone where it has one; empty for None."""
    return f"{at:%Y-%m-%d %H:%M %Z}".strip() if at else ""


def describe_place(finding: Finding) -> str:
    """Describes where a finding is."""
    parts = [part for part in (finding.location.room, finding.location.words) if part]
    area = {"unit": "", "inside": "shared parts", "outside": "outside"}[finding.location.area]
    return esc(", ".join([*parts, area] if area else parts)) or "place not stated"


def describe_severity(decided: Severity) -> str:
    """Describes which level a finding has, and what decided it."""
    if decided.is_review:
        return "needs review"
    return f"{esc(decided.label)} ({esc(decided.rule)})"


def explain_severity(decided: Severity) -> str:
    """Describes which level a finding has, what decided it, and where that comes from."""
    if decided.is_review:
        return "needs review; no level until a person has looked"
    return f"{describe_severity(decided)}{cite_source(decided.source)}"


def embed_pictures(
    finding: Finding, pictures: Mapping[str, str], embedded: set[str]
) -> Iterator[str]:
    """Embeds the pictures of a finding's photos, but for those that are `embedded` already."""
    for item in finding.evidence:
        if item.photo_id in pictures and item.photo_id not in embedded:
            embedded.add(item.photo_id)
            yield f"![Photo {esc(item.photo_id)}]({pictures[item.photo_id]})"


def format_level(level: str) -> str:
    """Formats a level's key as words."""
    return esc(level.replace("_", " ").capitalize())


def cite_source(cited: str) -> str:
    """Formats a source to append to a statement; empty for none."""
    return f"; {esc(explain_marks(cited))}" if cited else ""


def explain_marks(text: str) -> str:
    """Writes the marks of sources as words: who reads a report has no list of letters at hand."""
    for mark, words in _MARKS.items():
        text = text.replace(mark, words)
    return text


def describe_trade(trade: str) -> str:
    """Describes who usually repairs a finding."""
    if trade == OPEN_TRADE:
        return "open until a person has looked"
    return esc(trade.replace("_", " "))


def list_deadlines(decided: Severity) -> Iterable[str]:
    """Lists the deadlines: by when what must be done, and which rule says so."""
    for deadline in decided.deadlines:
        due = format_moment(deadline.due) or _explain_unknown(deadline.needs)
        why = f"{esc(deadline.rule)}{cite_source(deadline.source)}"
        yield f"Deadline: {esc(deadline.action)}: {esc(due)} ({why})"


def _explain_unknown(needs: str | None) -> str:
    return f"not known without {_CLOCKS.get(needs, needs)}" if needs else "not known"


def explain_review(finding: Finding) -> Iterable[str]:
    """Explains why a person must look, if one must."""
    if finding.severity.review and not finding.severity.is_review and not finding.review:
        yield f"A person must look as well: {esc(finding.severity.review)}"
    if finding.review:
        yield f"A person must look first: {esc('; '.join(finding.review))}"


def list_reviews(finding: Finding) -> Iterable[str]:
    """Lists the decisions of people about a finding."""
    for review in finding.reviews:
        edited = f" ({esc(', '.join(review.changed))})" if review.changed else ""
        because = f": {esc(review.because)}" if review.because else ""
        yield (
            f"{review.decision.capitalize()}{edited} by {esc(review.by)}, "
            f"{format_moment(review.at)}{because}"
        )


def state_confidence(finding: Finding) -> Iterable[str]:
    """States how sure the engine is, where it said so."""
    if finding.observed.confidence is not None:
        scored = finding.evidence and finding.evidence[0].confidence_source == "score"
        kind = "Detector score" if scored else "Stated confidence"
        yield f"{kind}: {finding.observed.confidence:.2f} (not a probability)"


def list_extra(finding: Finding) -> Iterable[str]:
    """Lists the fields that a subclass of the agent asked for."""
    for key, value in finding.extra.items():
        if value is not None:  # where the engine has nothing to say of it
            yield f"{esc(key.replace('_', ' ').capitalize())}: {esc(_format_value(value))}"


def _format_value(value: object) -> str:
    """Formats the value of a host's own field."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        named = ((name.replace("_", " "), part) for name, part in value.items())
        return ", ".join(f"{name} {_format_value(part)}" for name, part in named)
    return ", ".join(map(_format_value, value)) if isinstance(value, tuple) else str(value)
