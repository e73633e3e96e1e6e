"""Writes a report as one HTML file that loads nothing and runs nothing."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from inspectiq._taking import require, require_number
from inspectiq._text import strip_invisible
from inspectiq._tracebacks import hide_locals
from inspectiq._values import hash_content
from inspectiq.domain._findings import Finding
from inspectiq.domain._results import PhotoOutcome, Result
from inspectiq.errors import ConfigError
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
from inspectiq.reports._colours import choose_ink, list_colours
from inspectiq.reports._findings import describe_chip, format_level
from inspectiq.reports._language import Language, choose_language
from inspectiq.reports._making import describe_making, find_last_review, list_marking
from inspectiq.reports._page_pictures import PagePictures
from inspectiq.reports._pictures import PhotoLookup, check_lookup

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["MAX_BYTES", "name_author", "render_html", "render_page"]

LETTER = frozenset(
    ["BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"]
)
"""Countries that print on US Letter, by CLDR's supplemental data, `paperSize`."""

OWN = "own"  # what the name of a template of the brand begins with
# Code points that are no characters and never will be, by Unicode's chapter 23.7.
_NO_CHARACTER = re.compile(
    "[\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
    + "]"
)
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
                format_level(level, words): _name_class(level) for level in result.summary.by_level
            },
            "level_class": lambda finding: _name_class(_get_level(finding)),
            "chip": lambda finding: describe_chip(finding, words),
            "pictures_of": list_pictures,
            "kind_of": lambda block: type(block).__name__,
        },
        {_get_level(finding): finding.severity.colour for finding in result.found},
        "letter" if result.case.property.country in LETTER else "A4",
    )


def render_page(
    name: str,
    brand: Brand,
    words: Language,
    context: Mapping[str, Any],
    colours: Mapping[str, str | None],
    paper: str = "A4",
) -> str:
    """Renders a page by a template, or by the brand's own.

    Args:
        name: Of the template that ships.
        brand: Whose page it is.
        words: Its language.
        context: What the template shows.
        colours: Colours of levels by their key.
        paper: Its size where it is printed, `A4` or `letter`.

    Raises:
        ConfigError: The brand's template cannot be read, or raises.
    """
    style = _write_style(brand, colours, paper)
    own = brand.template
    if own is not None and not own.is_file():
        raise ConfigError(f"template: {own} is no file; give the path of a Jinja template")
    base = f"{OWN}/{own.name}" if own else "report.html"
    try:
        template = _make_environment(own).get_template(base if name == "report.html" else name)
        return template.render(
            context,
            base=base,
            brand=brand,
            logo=_write_logo(brand),
            lang=words.tag,
            say=words.say,
            style=style,
            style_hash="sha256-" + b64encode(sha256(str(style).encode()).digest()).decode(),
        )
    except Exception as error:
        if own is None:
            raise
        number = _find_line(error, own)
        line = f", line {number}" if number else ""
        raise ConfigError(
            f"the template {own.name}{line} fails ({type(error).__name__}: {error}); mend it, or "
            "leave template= out of the Brand"
        ) from error


def _find_line(error: Exception, own: Path) -> int | None:
    """Finds the line of a template that an error came from; Jinja puts it into the traceback."""
    from jinja2 import TemplateSyntaxError

    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    frames = walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if Path(frame.f_code.co_filename).name == own.name]
    return lines[-1] if lines else None


def name_author(brand: Brand) -> str:
    """Names who sends a page; this software only where there is no brand."""
    return brand.company or brand.product or ("inspectiq" if brand == Brand() else "")


def _make_environment(own: Path | None) -> Environment:
    if own is None:
        return _make_shipped_environment()
    from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader

    shipped = _make_shipped_environment()
    assert shipped.loader is not None
    folder = FileSystemLoader(own.parent)
    # Under a name apart, so that a template of your own may be called `report.html`, and extend it.
    loaders = [PrefixLoader({OWN: folder}), shipped.loader, folder]
    return shipped.overlay(loader=ChoiceLoader(loaders))


@cache
def _make_shipped_environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("inspectiq.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_show,
        trim_blocks=False,
    )


def _show(value: object) -> object:
    """Takes out of every text that is shown what is invisible, and what HTML has no place for."""
    return _NO_CHARACTER.sub("", strip_invisible(value)) if type(value) is str else value


def _write_style(brand: Brand, colours: Mapping[str, str | None], paper: str) -> object:
    from markupsafe import Markup

    rules = [files("inspectiq.reports").joinpath("templates/report.css").read_text("utf-8")]
    rules.append(f"@page {{ size: {paper}; }}\n")
    if brand.colour:
        rules.append(f":root {{ --accent: {brand.colour}; }}\n")
    for level, colour in list_colours(colours):
        rules.append(
            f".{_name_class(level)} {{ --level: {colour}; --on-level: {choose_ink(colour)}; }}\n"
        )
    return Markup("".join(rules))  # noqa: S704 - our own file, and colours that were checked


def _write_logo(brand: Brand) -> object:
    from markupsafe import Markup

    if not brand.logo:
        return ""
    written = b64encode(brand.logo).decode()
    return Markup(f"data:{brand.logo_type};base64,{written}")  # noqa: S704 - base64


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


def _name_class(level: str) -> str:
    """Names the class of a level's colour; a level's key may hold what no class may."""
    plain = re.sub(r"[^A-Za-z0-9_]", "-", level)
    return f"level-{plain}" if plain == level else f"level-{plain[:60]}-{hash_content(level)[:8]}"


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
