"""Tells where the format of a number in a workbook shows something else than the number."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["find_currencies", "find_fault", "find_text_fault"]

_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "CLP", "COP", "ARS"})
_SIGNS = {
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP", "EGP", "GIP", "FKP", "SHP", "LBP"}),
    "$": _DOLLARS,
    "¥": frozenset({"JPY", "CNY"}),
    "₹": frozenset({"INR"}),
    "₽": frozenset({"RUB"}),
    "₺": frozenset({"TRY"}),
    "₩": frozenset({"KRW"}),
    "zł": frozenset({"PLN"}),
    "kr": frozenset({"SEK", "NOK", "DKK", "ISK"}),
}
_CODES = frozenset().union(*_SIGNS.values()) | {"CHF", "BRL", "ZAR", "CZK", "HUF", "RON", "BGN"}
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|([$€£¥₹₽₺₩‰])')
_SCALE = re.compile(
    r"\b(k|m|mn|mio|mrd|bn|t|tsd|tds|x|hundreds?|thousands?|millions?)\b\.?", re.IGNORECASE
)
_CONDITION = re.compile(r"\[[<>=][^\]]*\]")
_PLAIN = ("general", "@", "0", "#", "")
_CURE = "format the cell as a plain number, and see that it is the one you mean"


def find_fault(number: float, form: str) -> str | None:
    """Finds what is wrong with a format that shows another number; None where nothing is.

    Thousands, quoted zeros and the like are told. That fewer decimals are shown is no fault.
    """
    for section in _choose_sections(number, form):
        literals = " ".join("".join(found) for found in _LITERAL.findall(section))
        bare = re.sub(r"_.|\*.|\[[^\]]*\]", "", _LITERAL.sub("", section))
        if bare.strip().lower() in ("general", "@"):
            bare = "0"
        if not re.search("[0#?]", bare):
            return f"its format shows no number ({form}); {_CURE}"
        if re.search(r"[0#?],+(?![0#?,])", bare):
            return f"its format shows it in thousands or millions ({form}); {_CURE}"
        if re.search("[0-9%‰‱]", literals) or "‱" in bare or _SCALE.search(literals):
            return f"its format writes more to the number than is in the cell ({form}); {_CURE}"
    return None


def find_text_fault(number: float, form: str) -> str | None:
    """Finds what is wrong with a number that stands for text, such as a code; None for nothing."""
    cure = "format the cell as text and write it again"
    if abs(number) >= 10**15:
        return f"this is a number of more than fifteen digits, which office programs round; {cure}"
    if form.strip().lower() not in _PLAIN:
        return f"this is a number that is shown in another way ({form}); {cure}"
    return None


def find_currencies(form: str) -> frozenset[str] | None:
    """Finds the currencies that the sign in a format may mean; None where it has none."""
    literals = " ".join("".join(found) for found in _LITERAL.findall(form))
    if codes := [code for code in re.findall(r"\b[A-Z]{3}\b", literals) if code in _CODES]:
        return frozenset(codes)
    signs = [found for sign, found in _SIGNS.items() if _has_sign(literals, sign)]
    return frozenset().union(*signs) if signs else None


def _has_sign(literals: str, sign: str) -> bool:
    if sign.isalpha():
        return re.search(rf"\b{sign}\b", literals, re.IGNORECASE) is not None
    return sign in literals


def _choose_sections(number: float, form: str) -> Iterable[str]:
    """Chooses the part of a format that shows a number; all where it has conditions."""
    parts = re.findall(r'(?:"[^"]*"|\\.|\[[^\]]*\]|_.|\*.|[^;])+|(?<=;)(?=;|$)|^(?=;)', form)
    if _CONDITION.search(form):
        return parts
    place = 1 if number < 0 and len(parts) > 1 else 2 if number == 0 and len(parts) > 2 else 0
    if place == 2:
        return ()  # a dash for nothing is nothing
    return parts[place : place + 1]
