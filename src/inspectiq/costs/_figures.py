"""Reads figures as people write them; refuses what could mean two things."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Literal

from inspectiq._taking import quote
from inspectiq.errors import ConfigError

__all__ = ["DecimalSign", "read_decimal_sign", "read_figure"]

DecimalSign = Literal[".", ","]
"""What stands before the fraction."""

_PLAIN = re.compile(r"(-?)([0-9]*)(?:([.,])([0-9]+))?")
_THOUSANDS = re.compile(
    r"(-?[0-9]{1,3}(?:([.,'’_\s])[0-9]{2,3})(?:\2[0-9]{3})*)(?:([.,])([0-9]*))?"
)
_DATE = re.compile(
    r"(?:0?[1-9]|[12][0-9]|3[01])([./-])(?:0?[1-9]|[12][0-9]|3[01])\1(?:[0-9]{2}|[0-9]{4})"
    r"|[0-9]{4}([./-])[0-9]{1,2}\2[0-9]{1,2}"
)


def read_figure(
    text: str,
    decimal: DecimalSign | None = None,
    *,
    seen: DecimalSign | None = None,
    more_cures: str = "",
    factor: bool = False,
) -> Decimal:
    """Reads a figure: digits, and a fraction after one point or comma.

    Args:
        text: As it was written.
        decimal: What stands before the fraction. None for either, where it can mean one thing
            only: `1.200` and `1,200` are one thousand two hundred to some, and are refused.
        seen: What stands there in other figures of the same file; what to write instead has it.
        more_cures: What else helps where a figure could mean two things, as a clause.
        factor: Whether the figure is a multiple of something, 1.1 for a tenth more.

    Raises:
        ConfigError: It is no such figure; with what to write instead.
    """
    text = text.strip()
    match = _PLAIN.fullmatch(text)
    if match is None or not (match[2] or match[4]):
        raise ConfigError(f"{quote(text)} {_tell_odd(text, decimal or seen, factor)}")
    minus, whole, sign, fraction = match.groups()
    if len(whole) > 1 and whole.startswith("0"):  # `01.200` may be 1200, 1.2 or a code
        raise ConfigError(
            f"{quote(text)} begins with a zero that says nothing; write it without, "
            f"such as 1200{decimal or seen or '.'}50"
        )
    if sign and len(fraction) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
        # As thousands are written.
        if decimal is None:
            # Two digits or four behind the sign are no thousands.
            small = fraction[:2] if fraction.endswith("0") else f"{fraction}0"
            raise ConfigError(
                f"{quote(text)} may be {whole}{fraction} or {whole}.{fraction}; "
                f"write {minus}{whole}{fraction}, or {minus}{whole}{seen or sign}{small}"
                f"{more_cures}"
            )
        if sign != decimal:
            raise ConfigError(
                f"{quote(text)} has a sign between thousands; "
                f"write {minus}{whole}{fraction} without one"
            )
    if sign and decimal and sign != decimal:
        raise ConfigError(
            f"{quote(text)} has {_name(sign)}, and fractions are to stand after {_name(decimal)}; "
            f"write {minus}{whole}{decimal}{fraction}"
        )
    return Decimal(f"{minus}{whole or 0}.{fraction or 0}" if sign else f"{minus}{whole}")


def read_decimal_sign(text: str) -> DecimalSign | None:
    """Reads which sign a figure has before its fraction; None where it has none or may not."""
    match = _PLAIN.fullmatch(text.strip())
    if match is None or not match[3]:
        return None
    return "." if match[3] == "." else ","


def _tell_odd(text: str, sign: DecimalSign | None, factor: bool) -> str:
    example = f"such as 1200{sign or '.'}50"
    if _DATE.fullmatch(text):
        return (
            "is a date, which office programs make of what looks like one; write the number, "
            f"{example}"
        )
    if thousands := _THOUSANDS.fullmatch(text):
        whole, between, own, fraction = thousands.groups()
        if own != between:  # else where the fraction begins is anyone's guess
            example = re.sub("[^0-9-]", "", whole)
            example += f"{sign or own}{fraction}" if fraction else ""
        return f"has a sign or a space between thousands; write the digits alone, {example}"
    if re.fullmatch(r"-?[0-9.,]+\s*%", text):
        share = f"1{sign or '.'}1 for a tenth more" if factor else f"0{sign or '.'}2 for 20 %"
        return f"is a percentage; write it as a number, {share}"
    if re.fullmatch(r"[+-]?[0-9.,]+[eE][+-]?[0-9]+", text):
        return "is written with an exponent; write it out, such as 1000"
    if text.startswith("="):
        return "is a formula; write its result"
    if text.lower().strip("+-") in ("nan", "inf", "infinity", "n/a", "#n/a"):
        return "is no number; write one, or leave it empty"
    if _is_money(text):
        return "has more in it than a number; write the number alone, the currency stands apart"
    if not text.isascii() and any(char.isdigit() and not char.isascii() for char in text):
        return "has digits of another script; write it with the digits 0 to 9"
    return f"is no number; write digits alone, {example}"


def _is_money(text: str) -> bool:
    """Tells whether a number stands beside the sign, code or name of something."""
    rest = re.sub(r"[0-9.,'’_\s-]", "", text)
    named = all(char.isalpha() or unicodedata.category(char) == "Sc" for char in rest)
    return bool(rest) and named and any(char in "0123456789" for char in text)


def _name(sign: str) -> str:
    return "a comma" if sign == "," else "a point"
