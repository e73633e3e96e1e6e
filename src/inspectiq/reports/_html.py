"""Writes a report as one HTML file that loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from inspectiq._taking import require, require_number
from inspectiq._tracebacks import hide_locals
from inspectiq.domain._findings import Finding
from inspectiq.domain._places import find_paper
from inspectiq.domain._results import PhotoOutcome, Result
from inspectiq.reports._blocks import (
    Block,
    FindingBlock,
    Gallery,
    PagePicture,
    Paragraph,
    Section,
    Table,
)
from inspectiq.reports._brand import Brand
from inspectiq.reports._brief import shorten
from inspectiq.reports._build import build_report
from inspectiq.reports._findings import describe_chip, format_level
from inspectiq.reports._language import Language, choose_language
from inspectiq.reports._making import describe_making, find_last_review, list_marking
from inspectiq.reports._page_pictures import PagePictures
from inspectiq.reports._pages import name_author, name_class, render_page
from inspectiq.reports._pictures import PhotoLookup, check_lookup

if TYPE_CHECKING:
    pass

__all__ = ["MAX_BYTES", "render_html"]

MAX_BYTES = 12_000_000  # of a report, most of it pictures: what mail still takes. Our assumption


@hide_locals
def render_html(
    result: Result,
    photos: PhotoLookup = None,
    *,
    brief: bool = False,
    brand: Brand | None = None,
    language: Language | str | None = None,
    max_bytes: int = MAX_BYTES,
) -> str:
    """Renders the report as one HTML file: no script, no address of others, pictures within.

    Args:
        result: The inspection or diagnosis.
        photos: Where the photos are; a live result knows.
        brief: Two pages for who lives there: what was found and what to do, no costs and no hashes.
        brand: Names, logo, colour and words of your own.
        language: Of the report; that of the case, where there is a catalogue for it, if not given.
        max_bytes: What the file may have, about. Pictures are made smaller and at last left out
            for it, and the report says so.

    Raises:
        ConfigError: An argument is wrong, or a template of your own fails.
    """
    require(result, Result, "result", "give an Inspection or a Diagnosis")
    brand = brand or Brand()
    require(brand, Brand, "brand", "give a Brand")
    require(brief, bool, "brief", "give True or False")
    require_number(max_bytes, "max_bytes", least=100_000)
    check_lookup(photos)
    words = choose_language(language, result)
    title, sections = build_report(result, words, brand.more, brand.labels)
    if brief:
        sections = shorten(result, sections, words)
    else:
        sections = [*_put_first(sections), _build_hashes(result, words)]
    page = {
        **_describe_page(result, brand, words, title),
        "brief": brief,
        "sections": [section for section in sections if section.blocks],
    }
    alone = _lay_out(result, brand, words, page, None)
    if not result.photos:
        return alone
    # What the words leave is for pictures; also names of pictures that are left out take some.
    room = max_bytes - len(alone.encode()) - sum(map(_measure_name, result.photos))
    pictures = PagePictures(result, photos, words, room, brief=brief)
    return _lay_out(result, brand, words, page, pictures)


def _measure_name(outcome: PhotoOutcome) -> int:
    return len(outcome.photo.name.encode()) + 10


def _lay_out(
    result: Result,
    brand: Brand,
    words: Language,
    page: Mapping[str, Any],
    pictures: PagePictures | None,
) -> str:
    sections = page["sections"]
    if pictures:
        sections = _add_thumbs(sections, pictures, words)
        sections = _say_what_is_missing(sections, pictures, words)

    def list_pictures(block: FindingBlock) -> list[PagePicture]:
        if pictures is None:
            return []
        return pictures.list_of(block.finding, block.number, brief=page["brief"])

    return render_page(
        "report.html",
        brand,
        words,
        {
            **page,
            "sections": _number(sections),
            "levels": {
                format_level(level, words): name_class(level) for level in result.summary.by_level
            },
            "level_class": lambda finding: name_class(_get_level(finding)),
            "chip": lambda finding: describe_chip(finding, words),
            "pictures_of": list_pictures,
            "kind_of": lambda block: type(block).__name__,
        },
        {_get_level(finding): finding.severity.colour for finding in result.found},
        find_paper(result.case.property.country),
    )


def _describe_page(result: Result, brand: Brand, words: Language, title: str) -> dict[str, Any]:
    case = result.case
    made = [
        f"{label}: {value}"
        for label, value in (
            (words.say("Inspected"), words.format_moment(case.inspected_at)),
            (words.say("Report made"), words.format_moment(result.created_at)),
            (words.say("Last review"), words.format_moment(find_last_review(result))),
            (words.say("Case"), case.id),
            (words.say("Revision"), str(result.revision)),
        )
        if value
    ]
    where = case.property.address or ""
    return {
        "title": title,
        "page_title": ": ".join(filter(None, (title, where or case.id))),
        "product": brand.product,
        "author": name_author(brand),
        "place": where,
        "dates": made,
        "disclosure": describe_making(result, words, brand.disclosure),
        "marking": tuple(list_marking(result)),
        "footer": [line for line in (brand.disclaimer, brand.contact) if line],
    }


def _get_level(finding: Finding) -> str:
    if finding.is_rejected:
        return "rejected"
    return finding.severity.level or "needs_review"


def _number(sections: list[Section]) -> list[dict[str, Any]]:
    """Gives each section an id of its own."""
    return [
        {
            "id": f"{section.name}-{number}",
            "name": section.name,
            "title": section.title,
            "level": section.level,
            "blocks": section.blocks,
        }
        for number, section in enumerate(sections, start=1)
    ]


def _put_first(sections: list[Section]) -> list[Section]:
    """Puts first what is urgent; the masthead names the property already."""
    first = [section for section in sections if section.name in ("emergency", "summary")]
    return [*first, *(section for section in sections if section not in first)]


def _add_thumbs(sections: list[Section], pictures: PagePictures, words: Language) -> list[Section]:
    """Adds the photos that show no finding below the rooms, or below the table of photos."""
    thumbs = tuple(pictures.list_thumbs())
    if not thumbs:
        return sections
    added: tuple[Block, ...] = (
        Paragraph(words.say("Other photos:")),
        Gallery(thumbs),
    )
    return [
        replace(section, blocks=(*section.blocks, *added)) if section.name == "photos" else section
        for section in sections
    ]


def _build_hashes(result: Result, words: Language) -> Section:
    rows = [
        (outcome.photo.id, outcome.photo.name, outcome.photo.original.sha256)
        for outcome in result.photos
        if outcome.photo.original is not None
    ]
    head = (words.say("Id"), words.say("Name"), "SHA-256")
    told = Paragraph(words.say("Of the files as they came, so that each can be told from a copy."))
    blocks = (told, Table(head, tuple(rows))) if rows else ()
    return Section("hashes", words.say("Photo hashes"), blocks)


def _say_what_is_missing(
    sections: list[Section], pictures: PagePictures, words: Language
) -> list[Section]:
    """Says in the section of findings which pictures the page does not show, and why."""
    say, lines = words.say, []
    if pictures.missing:
        names = ", ".join(outcome.photo.name for outcome in pictures.missing)
        lines.append(
            say(
                "Not shown, since the photo was not at hand when this was made: {names}.",
                names=names,
            )
        )
    if pictures.left_out:
        names = ", ".join(outcome.photo.name for outcome in pictures.left_out)
        lines.append(say("Not shown, to keep this file small: {names}.", names=names))
    if not lines:
        return sections
    told = tuple(map(Paragraph, lines))
    return [
        replace(section, blocks=(*told, *section.blocks)) if section.name == "findings" else section
        for section in sections
    ]
