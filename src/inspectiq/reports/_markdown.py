"""Writes a report as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from inspectiq.domain._results import Result
from inspectiq.reports._blocks import (
    Block,
    FindingBlock,
    Gallery,
    Heading,
    Item,
    Listed,
    Paragraph,
    Section,
    Table,
)
from inspectiq.reports._build import build_report
from inspectiq.reports._escape import escape_markdown as esc
from inspectiq.reports._language import Language, choose_language
from inspectiq.reports._sections import More

__all__ = ["render_markdown", "write_sections"]


def render_markdown(
    result: Result,
    pictures: Mapping[str, str] | None = None,
    more: More | None = None,
    language: Language | str | None = None,
) -> str:
    """Renders the report of an inspection or a diagnosis.

    Args:
        result: The result.
        pictures: Paths of pictures to show, relative to the report, by photo id.
        more: Sections of a host's own: lines of plain text by title.
        language: Of the report; that of the case, where there is a catalogue for it, if not given.

    Raises:
        ConfigError: It is neither, `more` is no mapping of texts, or there is no such language.
    """
    title, sections = build_report(result, choose_language(language, result), more)
    return write_sections(title, sections, pictures)


def write_sections(
    title: str, sections: Iterable[Section], pictures: Mapping[str, str] | None = None
) -> str:
    """Writes a title and sections.

    Args:
        title: The title.
        sections: The sections, in their order.
        pictures: Paths of pictures to show, relative to the report, by photo id.
    """
    writer = _Writer(pictures or {})
    written = ["\n".join(writer.write(section)) for section in sections]
    return "\n\n".join([f"# {esc(title)}", *written]) + "\n"


class _Writer:
    """Writes sections; each picture is embedded once, where it is first needed.

    Args:
        pictures: Paths of pictures by photo id.
    """

    def __init__(self, pictures: Mapping[str, str]) -> None:
        self._pictures = dict(pictures)

    def write(self, section: Section) -> Iterator[str]:
        yield f"{'#' * section.level} {esc(section.title)}"
        for block in section.blocks:
            yield ""
            yield from self._write_block(block)

    def _write_block(self, block: Block) -> Iterable[str]:
        match block:
            case Paragraph():
                return [_write_paragraph(block)]
            case Heading():
                return [f"### {esc(block.text)}"]
            case Listed():
                return _write_items(block.items)
            case Table():
                return _write_table(block)
            case FindingBlock():
                return self._write_finding(block)
            case Gallery():
                return []  # Markdown's pictures are files, which stand with their findings

    def _write_finding(self, block: FindingBlock) -> Iterator[str]:
        yield f"### {block.number}. {esc(block.title)}"
        yield ""
        yield from _write_items(block.items)
        for item in block.finding.evidence:
            if (path := self._pictures.pop(item.photo_id, None)) is not None:
                yield ""
                yield f"![Photo {esc(item.photo_id)}]({path})"


def _write_paragraph(paragraph: Paragraph) -> str:
    text = esc(paragraph.text)
    if paragraph.lead:
        return f"**{esc(paragraph.lead)}** {text}"
    return {"strong": f"**{text}**", "quote": f"> {text}"}.get(paragraph.tone, text)


def _write_items(items: Iterable[Item], indent: str = "") -> Iterator[str]:
    for item in items:
        mark = "- " if item.number is None else f"{item.number}. "
        label = f"{esc(item.label)}: " if item.label else ""
        yield f"{indent}{mark}{label}{esc(item.text)}"
        yield from _write_items(item.under, indent + " " * len(mark))


def _write_table(table: Table) -> Iterator[str]:
    rules = ["---:" if column in table.amounts else "---" for column in range(len(table.head))]
    yield f"| {' | '.join(map(esc, table.head))} |"
    yield f"| {' | '.join(rules)} |"
    for row in table.rows:
        cells = (cell if column in table.amounts else esc(cell) for column, cell in enumerate(row))
        yield f"| {' | '.join(cells)} |"
