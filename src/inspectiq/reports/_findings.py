"""Describes one finding in plain text: place, level, deadlines, confidence, reviews."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from inspectiq.domain._agreement import Agreement
from inspectiq.domain._findings import Finding
from inspectiq.domain._severity import Deadline, Severity
from inspectiq.domain._sourced import ASSUMPTION
from inspectiq.domain._taxonomy import OPEN_TRADE
from inspectiq.reports._blocks import Item
from inspectiq.reports._language import Language

__all__ = [
    "cite_source",
    "describe_agreement",
    "describe_chip",
    "describe_level",
    "describe_place",
    "describe_severity",
    "describe_trade",
    "explain_marks",
    "explain_review",
    "explain_severity",
    "format_level",
    "list_deadlines",
    "list_extra",
    "list_reviews",
    "state_agreement",
    "state_calibrated",
    "state_confidence",
]

_WHOLE = {
    f"{ASSUMPTION} [A]": "not a published rule",
    "house override [A]": "a rule of the house",
}
_MARKS = {
    " [V]": "",
    " [S]": "seen in secondary sources only",
    " [A]": "an assumption",
}
_KEY = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
_NUMBERED = re.compile(r"(?<![\w/.])[a-z]+(?:_[a-z]+)+(?= \d)")  # such as `occupants_at_risk 1`
_TRADES = {
    "garage_door_mechanical_door": "garage door mechanic",
    "handyman_maintenance_general": "general maintenance worker",
    "hazmat_removal": "hazardous materials removal worker",
    "hvac": "heating and air conditioning mechanic",
    "septic_sewer": "septic and sewer servicer",
    "tile_stone_setter": "tile and stone setter",
}
_STARTS = {
    "reported_at": "the report",
    "investigated_at": "the investigation",
    "inspected_at": "the inspection",
}
_CLOCKS = {
    "reported_at": "when the matter was reported",
    "investigated_at": "when it was investigated",
    "inspected_at": "when the property was inspected",
}


def describe_place(finding: Finding, language: Language) -> str:
    """Describes where a finding is."""
    parts = [part for part in (finding.location.room, finding.location.words) if part]
    if finding.location.area == "inside":
        parts.append(language.say("shared parts"))
    elif finding.location.area == "outside":
        parts.append(language.say("outside"))
    return ", ".join(parts) or language.say("place not stated")


def describe_severity(decided: Severity, language: Language) -> str:
    """Describes which level a finding has, and what decided it."""
    if decided.is_review:
        return language.say("needs review")
    rule = language.translate(decided.rule)
    if _KEY.fullmatch(rule):  # of a rule in a profile's table
        rule = rule.replace("_", " ")
    return f"{language.translate(decided.label)} ({rule})"


def describe_chip(finding: Finding, language: Language) -> str:
    """Describes a finding's level in as few words as can be."""
    if finding.is_rejected:
        return language.say("rejected by a person")
    if finding.severity.is_review:
        return language.say("needs review")
    return language.translate(finding.severity.label)


def describe_level(finding: Finding, language: Language) -> str:
    """Describes which level a finding has, or that a person rejected it."""
    if finding.is_rejected:
        return language.say("rejected by a person")
    return describe_severity(finding.severity, language)


def explain_severity(decided: Severity, language: Language) -> str:
    """Describes which level a finding has, what decided it, and where that comes from."""
    if decided.is_review:
        return language.say("needs review; no level until a person has looked")
    cited = cite_source(decided.source, language)
    return f"{describe_severity(decided, language)}{cited}"


def format_level(level: str, language: Language) -> str:
    """Formats a level's key as words."""
    said = language.translate(level.replace("_", " "))
    return said[:1].upper() + said[1:]


def cite_source(cited: str, language: Language) -> str:
    """Formats a source to append to a statement; empty for none."""
    return f"; {explain_marks(cited, language)}" if cited else ""


def explain_marks(text: str, language: Language) -> str:
    """Writes the marks of sources as words: who reads a report has no list of letters at hand."""
    for mark, words in _WHOLE.items():
        text = text.replace(mark, language.translate(words))
    text = _NUMBERED.sub(lambda found: found[0].replace("_", " "), language.translate(text))
    for mark, words in _MARKS.items():
        if mark in text:
            text = text.replace(mark, f" ({language.translate(words)})" if words else "")
    return text


def describe_trade(trade: str, language: Language) -> str:
    """Describes who usually repairs a finding."""
    if trade == OPEN_TRADE:
        return language.say("open until a person has looked")
    return language.translate(_TRADES.get(trade) or trade.replace("_", " "))


def list_deadlines(decided: Severity, language: Language) -> Iterable[Item]:
    """Lists the deadlines: by when what must be done, and which rule says so."""
    for deadline in decided.deadlines:
        due = language.format_moment(deadline.due) or _explain_unknown(deadline, language)
        why = _say_rule(deadline.rule, language) + cite_source(deadline.source, language)
        action = language.translate(deadline.action)
        yield Item(f"{action}: {due} ({why})", language.say("Deadline"))


def _say_rule(rule: str, language: Language) -> str:
    """Says a rule with words in place of the names of clocks."""
    said = language.translate(rule)
    for clock, words in _STARTS.items():
        if clock in said:
            said = said.replace(clock, language.translate(words))
    return said


def _explain_unknown(deadline: Deadline, language: Language) -> str:
    if not deadline.needs:
        return language.say("not known")
    needs = language.translate(_CLOCKS.get(deadline.needs, deadline.needs))
    return language.say("not known without {needs}", needs=needs)


def explain_review(finding: Finding, language: Language) -> Iterable[Item]:
    """Explains why a person must look, if one must."""
    if finding.severity.review and not finding.severity.is_review and not finding.review:
        why = language.translate(finding.severity.review)
        yield Item(why, language.say("A person must look as well"))
    if finding.review:
        reasons = "; ".join(map(language.translate, finding.review))
        yield Item(reasons, language.say("A person must look first"))


def list_reviews(finding: Finding, language: Language) -> Iterable[Item]:
    """Lists the decisions of people about a finding, or says that there are none."""
    if not finding.reviews:
        yield Item(language.say("none by a person"), language.say("Review"))
    for review in finding.reviews:
        changed = ", ".join(language.translate(name) for name in review.changed)
        told = language.say(
            "{decision}{changed} by {person}, {at}",
            decision=language.translate(review.decision).capitalize(),
            changed=f" ({changed})" if changed else "",
            person=review.by,
            at=language.format_moment(review.at),
        )
        told = f"{told}: {review.because}" if review.because else told
        yield Item(told, language.say("Review"))


def state_confidence(finding: Finding, language: Language) -> Iterable[Item]:
    """States how sure the engine is, where it said so."""
    if finding.observed.confidence is not None:
        scored = finding.evidence and finding.evidence[0].confidence_source == "score"
        kind = language.say("Detector score") if scored else language.say("Stated confidence")
        figure = language.format_number(finding.observed.confidence, 2)
        yield Item(language.say("{figure} (not a probability)", figure=figure), kind)


def state_calibrated(finding: Finding, language: Language) -> Iterable[Item]:
    """States what the confidence is worth, where a calibration told."""
    if finding.calibrated is not None:
        told = language.say_count(
            finding.calibrated.n,
            "people confirmed {figure} of findings like it (told from {count} reviewed one)",
            "people confirmed {figure} of findings like it (told from {count} reviewed ones)",
            figure=language.format_number(finding.calibrated.share, 2),
        )
        yield Item(told, language.say("Calibrated confidence"))


def state_agreement(finding: Finding, language: Language) -> Iterable[Item]:
    """States in how many of several reads a finding was seen, and by which look at its photos."""
    if finding.agreement is not None:
        yield Item(describe_agreement(finding.agreement, language), language.say("Agreement"))
    if finding.look == "second":
        yield Item(language.say("it alone saw this"), language.say("Second look"))
    elif finding.look == "both":
        yield Item(language.say("it saw this as well"), language.say("Second look"))


def describe_agreement(agreement: Agreement, language: Language) -> str:
    """Describes in how many reads a finding was seen, and at which temperature they were made."""
    say = language.say
    parts = [say("seen in {seen} of {reads} reads", seen=agreement.seen, reads=agreement.reads)]
    if agreement.failed:
        parts.append(say("{failed} more could not be used", failed=agreement.failed))
    if agreement.temperature is not None:
        figure = language.format_number(agreement.temperature, 1)
        parts.append(say("temperature {figure}", figure=figure))
    else:
        parts.append(say("temperature not set"))
    return "; ".join((*parts, say("not a confidence")))


def list_extra(
    finding: Finding, language: Language, labels: Mapping[str, str] | None = None
) -> Iterable[Item]:
    """Lists the fields that a subclass of the agent asked for.

    Args:
        finding: The finding.
        language: Of the report.
        labels: What a field is called in the report, by its name.
    """
    for key, value in finding.extra.items():
        if value is not None:  # where the engine has nothing to say of it
            label = (labels or {}).get(key) or key.replace("_", " ").capitalize()
            yield Item(_format_value(value, language), label)


def _format_value(value: object, language: Language) -> str:
    """Formats the value of a host's own field."""
    if isinstance(value, bool):
        return language.say("yes") if value else language.say("no")
    if isinstance(value, Mapping):
        named = ((name.replace("_", " "), part) for name, part in value.items())
        return ", ".join(f"{name} {_format_value(part, language)}" for name, part in named)
    if isinstance(value, tuple):
        return ", ".join(_format_value(part, language) for part in value)
    return str(value)
