"""Writes what code says in reports: words, figures, money and times of one language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from inspectiq.domain._photo import PhotoFault
from inspectiq.domain._results import Result

__all__ = ["ENGLISH", "Language"]


class Language:
    """A language of reports: its messages, and how it writes figures.

    Args:
        tag: BCP 47, such as `es` or `en-GB`.
        messages: What each English message is in it; what is missing stays English.
        zone: IANA name of the time zone that moments are told in; their own if not given.
    """

    def __init__(self, tag: str, messages: Mapping[str, str], *, zone: str | None = None) -> None:
        self.tag, self.zone = tag, zone
        self._messages = messages

    @classmethod
    def of(cls, given: Language | str) -> Language:
        """Finds the language of a tag."""
        return ENGLISH

    @classmethod
    def choose(cls, given: Language | str | None, result: Result) -> Language:
        """Chooses the language of a report: the given one, or that of the case if it is known."""
        return Language("en", {}, zone=result.case.property.time_zone)

    def describe_fault(self, fault: PhotoFault) -> str:
        """Describes why a photo, or the words, have no assessment."""
        return fault.message

    def say(self, text: str, /, **parts: object) -> str:
        """Says a message of ours, with `{name}` in it replaced by a part."""
        said = self._messages.get(text, text)
        return said.format(**parts) if parts else said

    def translate(self, text: str) -> str:
        """Translates what code wrote into a result, such as a label; what is unknown stays."""
        return self._messages.get(text, text)

    def format_number(self, value: float | Decimal, digits: int = 0) -> str:
        """Formats a figure with so many decimals."""
        return f"{value:,.{digits}f}"

    def format_money(self, amount: Decimal, currency: str, digits: int = 0) -> str:
        """Formats an amount of money."""
        return f"{self.format_number(amount, digits)} {currency}"

    def format_moment(self, at: datetime | None) -> str:
        """Formats a moment to the minute, with its zone where it has one; empty for None."""
        if at is not None and at.tzinfo is not None and self.zone:
            at = at.astimezone(ZoneInfo(self.zone))
        return f"{at:%Y-%m-%d %H:%M %Z}".strip() if at else ""


ENGLISH = Language("en", {})
