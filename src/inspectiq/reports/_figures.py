"""Writes figures, money and moments: plainly, or as a locale does, by Babel."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

__all__ = ["LocaleFigures", "PlainFigures", "make_figures"]

_LONGEST = 400  # digits; the largest float has 309
_EXACT = Context(prec=_LONGEST)
_NARROW, _FIRM = "\u202f", "\u00a0"  # spaces that do not break; few fonts have the narrow one

LOCALES = {"en": "en_US", "es": "es_US"}
"""Whose figures a language has without a region: as its words, those of the United States."""


class PlainFigures:
    """Writes figures as programs do: `1,234.50`, `1,234.50 USD`, `2026-11-30 14:00 UTC`."""

    def format_number(self, value: float | Decimal, digits: int) -> str:
        """Formats a figure with so many decimals."""
        return f"{round_half_up(value, digits):,.{digits}f}"

    def format_money(self, amount: Decimal, currency: str, digits: int) -> str:
        """Formats an amount of money."""
        return f"{self.format_number(amount, digits)} {currency}"

    def format_moment(self, at: datetime) -> str:
        """Formats a moment to the minute, without its zone."""
        return f"{at:%Y-%m-%d %H:%M}"


class LocaleFigures(PlainFigures):
    """Writes figures as people of a language and region do."""

    def __init__(self, locale: Locale) -> None:
        self._locale = locale

    def format_number(self, value: float | Decimal, digits: int) -> str:
        from babel.numbers import format_decimal

        pattern = _set_decimals(self._locale.decimal_formats[None].pattern, digits)
        rounded = round_half_up(value, digits)
        if not rounded.is_finite():
            return super().format_number(value, digits)
        with localcontext(prec=_LONGEST):
            return _widen(format_decimal(rounded, format=pattern, locale=self._locale))

    def format_money(self, amount: Decimal, currency: str, digits: int) -> str:
        from babel.numbers import format_currency

        if not amount.is_finite():
            return super().format_money(amount, currency, digits)
        pattern = _set_decimals(self._locale.currency_formats["standard"].pattern, digits)
        with localcontext(prec=_LONGEST):
            written = format_currency(
                round_half_up(amount, digits),
                currency,
                format=pattern,
                locale=self._locale,
                currency_digits=False,
            )
        # Letters stand apart from digits, as CLDR's rules of spacing ask for and Babel does not.
        return re.sub(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", _FIRM, _widen(written))

    def format_moment(self, at: datetime) -> str:
        from babel.dates import format_date, format_time

        wall = at.replace(tzinfo=None)  # as it is told; Babel would move it to another zone
        day = format_date(wall, "medium", locale=self._locale)
        return _widen(f"{day}, {format_time(wall, 'short', locale=self._locale)}")


def make_figures(language: str, region: str) -> PlainFigures:
    """Makes what writes the figures of a language and region: plain ones without Babel."""
    try:
        from babel import Locale, UnknownLocaleError
    except ImportError:
        return PlainFigures()
    usual = LOCALES.get(language, language)
    for name in (f"{language}_{region}", usual) if region else (usual,):
        try:
            return LocaleFigures(Locale.parse(name))
        except UnknownLocaleError:  # CLDR has no such region of it
            continue
    return PlainFigures()


def round_half_up(value: float | Decimal, digits: int) -> Decimal:
    """Rounds as cost books do: half of the last digit goes up."""
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        return exact
    return exact.quantize(Decimal((0, (1,), -digits)), ROUND_HALF_UP, _EXACT)


def _set_decimals(pattern: str, digits: int) -> str:
    """Sets how many decimals a CLDR pattern such as `#,##0.###` writes."""
    return re.sub(r"0(?:\.[0#]+)?(?![0#,.])", "0" + ("." + "0" * digits if digits else ""), pattern)


def _widen(written: str) -> str:
    return written.replace(_NARROW, _FIRM)
