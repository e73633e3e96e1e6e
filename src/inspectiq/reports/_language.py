"""Writes what code says in reports: words, figures, money and times of one language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import copy
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from types import NoneType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from inspectiq._files import to_path
from inspectiq._taking import refuse, require, require_number
from inspectiq.domain._photo import PhotoFault
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError
from inspectiq.reports._catalogues import SHIPPED, load_shipped, read_catalogue, split_tag
from inspectiq.reports._fault_words import find_fault_words
from inspectiq.reports._figures import PlainFigures, make_figures
from inspectiq.reports._stored_texts import Template, find_templates, is_stored

__all__ = ["ENGLISH", "Language", "choose_language", "translate_sentences"]

LONGEST = 2_000  # characters of a text that is taken apart; no text of ours is longer
DEEPEST = 5  # parts within parts
MOST_DIGITS = 20  # decimals; more than any figure of ours has
MOST_KNOWN = 10_000  # texts that are remembered for one report


class Language:
    """A language of reports: its messages, and how it writes figures.

        Language.of("es-MX").say("Findings")

    `Language.of` makes one that ships; `Language.load` one of a catalogue of your own. What has no
    message in a language stays English.

    Args:
        tag: BCP 47, such as `es` or `en-GB`.
        messages: What each English message is in it, as `gettext` of Python reads it.
    """

    def __init__(self, tag: str, messages: NullTranslations | None = None) -> None:
        require(tag, str, "tag", "give the tag of a language, such as 'es-MX'")
        require(messages, (NullTranslations, NoneType), "messages", "give what `gettext` reads")
        language, region = split_tag(tag)
        self.tag = f"{language}-{region}" if region else language
        self._messages = messages or NullTranslations()
        self._zone: ZoneInfo | None = None
        self._known: dict[tuple[str, int], str | None] | None = None
        plain = self.tag == "en"
        self._figures = PlainFigures() if plain else make_figures(language, region)

    @classmethod
    def of(cls, tag: str | Language | None) -> Language:
        """Makes a language that ships, in its words and with a region's figures.

        `en` and `es` are there. A region, as in `es-MX`, chooses how figures, money and times are
        written, and how English is spelt. That is done by Babel, the extra `i18n`, for every tag
        but plain `en`; where it is not installed, and for plain `en`, figures are plain in every
        language: `1,234.50`, `1,234.50 USD`, `2026-11-30 14:00 UTC`. Plain `es` writes figures as
        Spanish does in the United States. Names of time zones stay as they are.

        Args:
            tag: BCP 47, such as `es`, `es-MX` or `en-GB`; a `Language` is returned as it is; None
                for `en`.

        Raises:
            ConfigError: There is no such language or country, or no messages in it.
        """
        if isinstance(tag, Language):
            return tag
        require(tag, (str, NoneType), "language", "give its tag, such as 'es-MX', or a Language")
        return ENGLISH if tag is None else _make_shipped(tag)

    @classmethod
    def load(cls, tag: str, path: Path | str) -> Language:
        """Loads a language from a catalogue of your own, or your own messages over one that ships.

        Args:
            tag: BCP 47, such as `fr-CA`.
            path: A `.po` file, which needs the extra `i18n`, or the `.mo` that it is compiled to.
                What it leaves out is said as by the language that ships, or else in English.

        Raises:
            ConfigError: There is no such language or country, the file cannot be read or is no
                catalogue, or a message has other parts in braces than the English one.
        """
        require(tag, str, "tag", "give the tag of a language, such as 'fr-CA'")
        language, region = split_tag(tag)
        messages = read_catalogue(to_path(path, "catalogue"))
        known = language if language in SHIPPED else "en"
        messages.add_fallback(load_shipped(known, region if known == language else ""))
        return cls(tag, messages)

    def __repr__(self) -> str:
        return f"Language({self.tag!r})"

    def in_zone(self, zone: str | None) -> Language:
        """Makes a copy that tells moments in a time zone, by its IANA name; None for their own."""
        require(zone, (str, NoneType), "zone", "give an IANA name, such as 'America/Chicago'")
        try:
            found = ZoneInfo(zone) if zone else None
        except (ValueError, OSError, ZoneInfoNotFoundError):
            refuse(zone, "zone", "give an IANA name, such as 'America/Chicago'")
        made = copy(self)
        vars(made)["_zone"] = found
        # One report says the same things of many findings. A language that all share remembers
        # nothing, since what others wrote should not outlive its report.
        vars(made)["_known"] = {}
        return made

    def say(self, text: str, /, **parts: object) -> str:
        """Says a message of ours, with `{name}` in it replaced by a part."""
        if not isinstance(text, str):
            refuse(text, "text", "give the message in English")
        return _fill(self._get_message(text), text, parts)

    def say_count(self, count: int, one: str, many: str, /, **parts: object) -> str:
        """Says a message in the form that goes with a number, which is its part `{count}`."""
        for form, name in ((one, "one"), (many, "many")):
            require(form, str, name, "give the message in English")
        require_number(count, "count", whole=True)
        named = {"count": self.format_number(count), **parts}
        return _fill(self._messages.ngettext(one, many, count), one if count == 1 else many, named)

    def translate(self, text: str) -> str:
        """Translates what code wrote into a result, such as a label; what is unknown stays.

        A text that was composed is taken apart again; what is in it of a host, a person or a
        model stays as it is.
        """
        if not isinstance(text, str):
            refuse(text, "text", "give a text of a result")
        found = self._find(text, DEEPEST)
        return text if found is None else found

    def describe_fault(self, fault: PhotoFault) -> str:
        """Describes why a photo or the words have no assessment.

        In English that is the error's own message. It is composed, and names files; in other
        languages it is the sentence for its reason or class.
        """
        require(fault, PhotoFault, "fault", "give the `fault` of a photo's outcome")
        if self.tag.partition("-")[0] == "en":
            return fault.message
        known = self._find(fault.message, 1)
        return self._get_message(find_fault_words(fault)) if known is None else known

    def format_number(self, value: float | Decimal, digits: int = 0) -> str:
        """Formats a figure with so many decimals; half of the last one goes up."""
        if not isinstance(value, int | float | Decimal):
            refuse(value, "value", "give a number")
        return self._figures.format_number(value, _require_digits(digits))

    def format_money(self, amount: Decimal | int, currency: str, digits: int = 0) -> str:
        """Formats an amount of money; half of the last decimal goes up, as in cost books.

        Args:
            amount: How much.
            currency: ISO 4217.
            digits: Decimals.
        """
        require(amount, (int, Decimal), "amount", "give a Decimal")
        require(currency, str, "currency", "give its code by ISO 4217, such as 'USD'")
        if len(currency) != 3:
            refuse(currency, "currency", "give its code by ISO 4217, such as 'USD'")
        return self._figures.format_money(Decimal(amount), currency, _require_digits(digits))

    def format_moment(self, at: datetime | None) -> str:
        """Formats a moment to the minute, with its zone where it has one; empty for None."""
        require(at, (datetime, NoneType), "at", "give a datetime, or None")
        if at is not None and at.tzinfo is not None and self._zone is not None:
            at = at.astimezone(self._zone)
        return f"{self._figures.format_moment(at)} {at:%Z}".strip() if at else ""

    def _get_message(self, text: str) -> str:
        return self._messages.gettext(text) if text else ""  # "" is where a catalogue has its head

    def _find(self, text: str, depth: int) -> str | None:
        """Finds a text of ours in this language; None where it is none."""
        known = self._known
        if known is None:
            return self._look_up(text, depth)
        if (text, depth) in known:
            return known[text, depth]
        found = self._look_up(text, depth)
        if len(known) < MOST_KNOWN:
            known[text, depth] = found
        return found

    def _look_up(self, text: str, depth: int) -> str | None:
        said = self._get_message(text)
        if said != text or is_stored(text):
            return said
        if "_" in text and text.isidentifier():  # a key; catalogues have its words
            words = text.replace("_", " ")
            said = self._get_message(words)
            return None if said == words else said
        if not depth or len(text) > LONGEST or type(self._messages) is NullTranslations:
            return None
        for template in find_templates(text):
            parts = template.match(text)
            made = parts and self._compose(template, parts, depth - 1)
            if made:
                return made
        return self._find_each(text, "; ", depth - 1)

    def _compose(self, template: Template, parts: dict[str, str], depth: int) -> str | None:
        """Composes a text from its parts; None where one that must be ours is not."""
        named: dict[str, str] = {}
        for name, part in parts.items():
            if name in template.figures:
                named[name] = self._format_figure(part)
                continue
            found = self._find_each(part, ", ", depth) if name in template.lists else None
            found = self._find(part, depth) if found is None else found
            if found is None and name in template.known:
                return None
            named[name] = part if found is None else found
        return _fill(self._get_message(template.text), template.text, named)

    def _find_each(self, text: str, sign: str, depth: int) -> str | None:
        """Finds the texts that a sign joins, each by itself; None where none of them is ours."""
        pieces = text.split(sign)
        if len(pieces) == 1:
            return None
        found = [self._find(piece, depth) for piece in pieces]
        if all(one is None for one in found):
            return None
        both: Iterable[tuple[str, str | None]] = zip(pieces, found, strict=True)
        return sign.join(piece if one is None else one for piece, one in both)

    def _format_figure(self, written: str) -> str:
        """Formats a figure that code wrote into a text, with as many decimals as it has."""
        return self.format_number(Decimal(written.replace(",", "")), len(written.partition(".")[2]))


def choose_language(given: Language | str | None, result: Result) -> Language:
    """Chooses the language of a report, with moments in the time zone of the property.

    Args:
        given: What was asked for; None for the language of the case, or English where there are
            no messages in it.
        result: What is reported.

    Raises:
        ConfigError: A language was asked for that there is not.
    """
    made = Language.of(given)
    if given is None:
        for tag in (result.case.language, result.case.language.partition("-")[0]):
            try:
                made = Language.of(tag)
                break
            except ConfigError:
                continue
    return made.in_zone(result.case.property.time_zone)


def translate_sentences(text: str, language: Language) -> str:
    """Translates what code wrote into a result, sentence by sentence where it is not one text."""
    whole = language.translate(text)
    if whole != text:
        return whole
    return " ".join(language.translate(one) for one in re.split(r"(?<=[.!?]) ", text))


def _fill(said: str, text: str, parts: dict[str, object] | dict[str, str]) -> str:
    """Fills the parts into a message; into the English one where a catalogue's is wrong."""
    if not parts:
        return said
    try:
        return said.format(**parts)
    except (LookupError, ValueError, AttributeError):
        return text.format(**parts)


def _require_digits(digits: int) -> int:
    if type(digits) is int and 0 <= digits <= MOST_DIGITS:
        return digits  # as reports ask, hundreds of times each
    if require_number(digits, "digits", least=0, whole=True) > MOST_DIGITS:
        refuse(digits, "digits", f"give at most {MOST_DIGITS}")
    return digits


@lru_cache(maxsize=64)
def _make_shipped(tag: str) -> Language:
    language, region = split_tag(tag)
    if language not in SHIPPED:
        raise ConfigError(
            f"language: reports are written in {' and '.join(SHIPPED)}, not in {language!r}; make "
            "one of a catalogue of your own by Language.load"
        )
    return Language(tag, load_shipped(language, region))


ENGLISH = _make_shipped("en")
