"""The parts of a report as plain text: writers of Markdown and HTML lay them out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from inspectiq.domain._findings import Finding

__all__ = [
    "Block",
    "FindingBlock",
    "Gallery",
    "Heading",
    "Item",
    "Listed",
    "PagePicture",
    "Paragraph",
    "Section",
    "Table",
]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list.

    Attributes:
        text: What it says.
        label: What it is about, before a colon; "" for none.
        under: What stands below it.
        number: Its number; None for a bullet.
    """

    text: str
    label: str = ""
    under: tuple[Item, ...] = ()
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of items."""

    items: tuple[Item, ...]

    @classmethod
    def of(cls, texts: Iterable[str], *, numbered: bool = False) -> Listed:
        """Lists texts."""
        numbers = range(1, 1_000_000)
        return cls(
            tuple(
                Item(text, number=number if numbered else None)
                for number, text in zip(numbers, texts, strict=False)
            )
        )


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph.

    Attributes:
        text: What it says.
        lead: Words before it that stand out; "" for none.
        tone: `strong` for what matters most, `quote` for somebody's words.
    """

    text: str
    lead: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        head: The names of its columns.
        rows: Its cells.
        amounts: Columns that hold figures, by number from 0.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    amounts: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class FindingBlock:
    """One finding, with what is said of it.

    Attributes:
        number: As on the pictures.
        title: Its label.
        level: Its level, in words.
        finding: The finding.
        items: What is said of it.
    """

    number: int
    title: str
    level: str
    finding: Finding
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A picture within a page.

    Attributes:
        uri: The JPEG as a `data:` URI.
        width: In pixels.
        height: In pixels.
        alt: What it shows, for who cannot see it.
        caption: What stands below it.
        css: `whole`, `crop` or `thumb`.
    """

    uri: str
    width: int
    height: int
    alt: str
    caption: str
    css: str


@dataclass(frozen=True, slots=True)
class Gallery:
    """Photos that show no finding, small."""

    pictures: tuple[PagePicture, ...]


Block = Gallery | Paragraph | Listed | Heading | Table | FindingBlock


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a report.

    Attributes:
        name: Identifies it, the same in all languages.
        title: Its heading.
        blocks: What stands in it; a section without any is left out.
        level: 2 for a section, 3 for one that belongs to the section before it.
    """

    name: str
    title: str
    blocks: tuple[Block, ...] = field(default=())
    level: int = 2
