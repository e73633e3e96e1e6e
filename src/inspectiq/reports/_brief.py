"""Shortens a report to what the people who live there need: two pages, no costs, no hashes."""

from __future__ import annotations

from dataclasses import replace

from inspectiq.domain._results import Result
from inspectiq.reports._blocks import Block, FindingBlock, Item, Listed, Paragraph, Section
from inspectiq.reports._findings import describe_chip, describe_place
from inspectiq.reports._language import Language

__all__ = ["shorten"]

KEPT = ("emergency", "findings", "next", "more", "limits", "safety")
LINES = 12  # findings in a line each, after those
MOST = 4  # findings on two pages
LABELS = ("Where", "Seen", "Seen or told", "What to do", "Safety")
LONGEST = 200  # characters of one text


def shorten(result: Result, sections: list[Section], language: Language) -> list[Section]:
    """Shortens a report; says how many findings it leaves out.

    Args:
        result: The result.
        sections: Of the full report.
        language: Of the report.
    """
    labels = {language.translate(label) for label in LABELS}
    headline = Paragraph(language.translate(result.summary.headline), tone="strong")
    kept = [Section("summary", language.say("Summary"), (headline,))]
    for section in sections:
        if section.name == "emergency":
            kept.insert(0, section)
        elif section.name == "findings":
            kept.append(_shorten_findings(result, section, labels, language))
        elif section.name in KEPT:
            kept.append(section)
    return kept


def _shorten_findings(
    result: Result, section: Section, labels: set[str], language: Language
) -> Section:
    standing = [
        block
        for block in section.blocks
        if isinstance(block, FindingBlock) and not block.finding.is_rejected
    ]
    blocks: list[Block] = [_shorten_finding(block, labels, language) for block in standing[:MOST]]
    if not standing:
        blocks = [block for block in section.blocks if isinstance(block, Paragraph)]
    if rest := standing[MOST:]:
        blocks.append(Listed(tuple(_shorten_to_line(block, language) for block in rest[:LINES])))
    if len(rest) > LINES:
        told = language.say_count(
            len(rest) - LINES,
            "{count} more finding stands in the full report.",
            "{count} more findings stand in the full report.",
        )
        blocks.append(Paragraph(told))
    if result.summary.rejected:
        told = language.say_count(
            result.summary.rejected,
            "A person has rejected {count} finding.",
            "A person has rejected {count} findings.",
        )
        blocks.append(Paragraph(told))
    return Section("findings", section.title, tuple(blocks))


def _shorten_to_line(block: FindingBlock, language: Language) -> Item:
    """Shortens a finding to where it is, its level and what to do."""
    finding = block.finding
    told = f"{describe_place(finding, language)}; {describe_chip(finding, language)}"
    if finding.scope.action:
        told += f". {language.translate(finding.scope.action)}"
    return Item(f"{block.number}. {block.title}: {_shorten_text(told, language)}")


def _shorten_finding(block: FindingBlock, labels: set[str], language: Language) -> FindingBlock:
    items = [
        replace(item, text=_shorten_text(item.text, language))
        for item in block.items
        if item.label in labels
    ]
    for deadline in block.finding.severity.deadlines:
        if deadline.due is not None:
            due = language.format_moment(deadline.due)
            action = language.translate(deadline.action)
            items.append(Item(f"{action}: {due}", language.say("Deadline")))
    return replace(block, items=tuple(items))


def _shorten_text(text: str, language: Language) -> str:
    if len(text) <= LONGEST:
        return text
    rest = language.say("the rest stands in the full report")
    return f"{text[:LONGEST].rstrip()} … ({rest})"
