"""Reads what the options say of a case, and tells in the options' words what is wrong with it."""

from __future__ import annotations

import argparse
import re
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from inspectiq._cli.paths import read_stdin
from inspectiq.domain._places import is_country, load_codes, suggest_code
from inspectiq.errors import ConfigError

if TYPE_CHECKING:
    from inspectiq.costs._book import CostBook

__all__ = ["check_country", "check_language", "check_state", "collect_fields"]


def collect_fields(arguments: argparse.Namespace) -> dict[str, Any]:
    """Collects the fields of the case that were given.

    Raises:
        ConfigError: One of them cannot be; with the option.
    """
    place = {
        "address": arguments.address,
        "state": arguments.state,
        "country": check_country(arguments.country),
    }
    fields: dict[str, Any] = {
        "id": _require_text("--case-id", arguments.case_id),
        "room": arguments.room,
        "description": read_stdin() if arguments.description == "-" else arguments.description,
        "language": check_language(arguments.language),
        "reported_at": _read_moment("--reported-at", arguments.reported_at),
        "inspected_at": _read_moment("--inspected-at", arguments.inspected_at),
        "property": {name: value for name, value in place.items() if value} or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def check_country(country: str | None) -> str | None:
    """Returns the code of a country in capitals, or None where none is given.

    Raises:
        ConfigError: There is no such country.
    """
    if country is None:
        return None
    code = (_require_text("--country", country) or "").strip().upper()
    if is_country(code):
        return code
    raise ConfigError(
        f"--country {country}: there is no such country; give the two letters of ISO 3166, such as "
        f"US{suggest_code('countries', country)}"
    )


def check_language(language: str | None) -> str | None:
    """Returns the tag of a language, or None where none is given.

    Raises:
        ConfigError: There is no such language.
    """
    if language is None:
        return None
    _require_text("--language", language)
    primary = language.strip().partition("-")[0].lower()
    formed = re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", language.strip())
    if formed and (len(primary) == 3 or primary in load_codes()["languages"]):
        return language.strip()
    with_hyphen = language.replace("_", "-")
    near = f"; did you mean {with_hyphen}?" if with_hyphen != language else ""
    raise ConfigError(
        f"--language {language}: there is no such language; give its code, such as en, es or en-GB"
        f"{near or suggest_code('languages', language)}"
    )


def check_state(state: str | None, country: str | None, book: CostBook) -> None:
    """Makes sure that a cost book knows a state of its own country.

    Raises:
        ConfigError: It does not; figures of no state would be used in silence.
    """
    if not state or not book.regional or (country or book.country) != book.country:
        return
    if book.find_region(state) is None:
        near = get_close_matches(state.strip().title(), book.regions.values(), n=1)
        known = f"did you mean {near[0]}?" if near else f"it has {', '.join(sorted(book.regional))}"
        elsewhere = "" if country else "; for a state of another country give --country as well"
        raise ConfigError(
            f"--state {state}: the cost book {book.label} has no such state; {known}{elsewhere}"
        )


def _require_text(option: str, text: str | None) -> str | None:
    if text is not None and not text.strip():
        raise ConfigError(f"{option} is empty; give one, or leave the option away")
    return text


def _read_moment(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError(
            f"{option} {text}: this is no time; write it as 2026-03-02T10:00-06:00"
        ) from None
    if moment.tzinfo is None:
        raise ConfigError(
            f"{option} {text}: the time zone is missing; write it as 2026-03-02T10:00-06:00, or "
            "with a Z at the end for UTC"
        )
    return moment
