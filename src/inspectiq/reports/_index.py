"""Writes an index of many results as one HTML page: a row for each, with totals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

from inspectiq._taking import quote, require, require_all
from inspectiq._text import strip_invisible
from inspectiq._tracebacks import hide_locals
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError
from inspectiq.reports._brand import Brand
from inspectiq.reports._costs import format_cost_range
from inspectiq.reports._findings import format_level
from inspectiq.reports._language import Language
from inspectiq.reports._making import describe_review
from inspectiq.reports._pages import name_author, render_page

__all__ = ["render_index"]

_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.\t\r\n-]*):")  # browsers skip line breaks in it


@hide_locals
def render_index(
    results: Iterable[Result],
    *,
    links: Mapping[str, str] | None = None,
    brand: Brand | None = None,
    language: Language | str | None = None,
) -> str:
    """Renders an index of results as one HTML file: a row for each, and totals.

    Args:
        results: Inspections and diagnoses, in the order in which they should stand.
        links: Where the report of a result is, relative to the index, by the result's id.
        brand: Names, logo, colour and words of your own.
        language: Of the page; English if not given.

    Raises:
        ConfigError: An argument is wrong, a link is none to a page, or a template of your own
            fails.
    """
    given = require_all(results, "results", "give inspections and diagnoses")
    for result in given:
        require(result, Result, "results", "give inspections and diagnoses")
    links = _check_links(links)
    brand = brand or Brand()
    require(brand, Brand, "brand", "give a Brand")
    words = Language.of(language)
    return render_page(
        "index.html",
        brand,
        words,
        {
            "title": words.say("Reports"),
            "page_title": words.say("Reports"),
            "product": brand.product,
            "author": name_author(brand),
            "place": "",
            "dates": [words.say_count(len(given), "{count} report", "{count} reports")],
            "marking": [],
            "disclosure": "",
            "footer": [line for line in (brand.disclaimer, brand.contact) if line],
            "brief": False,
            "sections": [],
            "levels": {},
            "head": _name_columns(words),
            "rows": [_describe_row(result, words, links) for result in given],
            "totals": _sum_up(given, words),
        },
        {},
    )


def _check_links(links: Mapping[str, str] | None) -> Mapping[str, str]:
    require(links or {}, Mapping, "links", "give a mapping of result ids to addresses")
    for link in (links or {}).values():
        require(link, str, "links", "give each address as text")
        scheme = _SCHEME.match(strip_invisible(link))
        if scheme and scheme[1].lower() not in ("http", "https"):
            raise ConfigError(
                f"links: an address begins with {quote(scheme[0])}; give where the report is, "
                "relative to the index or by https"
            )
    return links or {}


def _name_columns(words: Language) -> list[str]:
    say = words.say
    return [
        say("Case"),
        say("Address"),
        say("Report made"),
        say("Status"),
        say("Findings"),
        say("Could not be assessed"),
        say("Cost"),
        say("Review"),
    ]


def _describe_row(
    result: Result, words: Language, links: Mapping[str, str]
) -> tuple[str, list[str]]:
    words = words.in_zone(result.case.property.time_zone)
    levels = result.summary.by_level.items()
    urgent = "".join(f"{words.translate(one.label)}! " for one in result.emergencies)
    counts = urgent + ", ".join(f"{count} {format_level(level, words)}" for level, count in levels)
    status = result.summary.by_photo_status
    cells = [
        result.case.id,
        result.case.property.address or "",
        words.format_moment(result.created_at),
        words.translate(result.status),
        counts.strip() or words.say("none"),
        words.format_number(status.get("unclear", 0) + status.get("failed", 0)),
        format_cost_range(result.cost, words) if result.cost else words.say("not estimated"),
        describe_review(result, words),
    ]
    return links.get(result.id, ""), cells


def _sum_up(results: Iterable[Result], words: Language) -> list[tuple[str, str]]:
    """Sums up findings by level, photos, and costs by currency."""
    levels = Counter[str]()
    photos = unread = 0
    lows: dict[str, Decimal] = {}
    highs: dict[str, Decimal] = {}
    for result in results:
        levels.update(result.summary.by_level)
        photos += len(result.photos)
        status = result.summary.by_photo_status
        unread += status.get("unclear", 0) + status.get("failed", 0)
        if cost := result.cost:
            lows[cost.currency] = lows.get(cost.currency, Decimal(0)) + cost.low
            highs[cost.currency] = highs.get(cost.currency, Decimal(0)) + cost.high
    told = [(words.say("Photos"), words.format_number(photos))]
    told.append((words.say("Could not be assessed"), words.format_number(unread)))
    told += [(format_level(level, words), words.format_number(n)) for level, n in levels.items()]
    for currency, least in lows.items():
        figures = words.say(
            "{low} to {high} {currency}",
            low=words.format_number(least),
            high=words.format_number(highs[currency]),
            currency=currency,
        )
        told.append((words.say("Cost, an estimate and not a quote"), figures))
    return told
