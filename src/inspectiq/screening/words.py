"""A text taken apart into words, numbers and breaks; and a word without its disguises.

Accents, capitals, full-width letters, invisible characters and look-alike letters of other
alphabets are ways to write a word, not other words.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = [
    "COMMA", "LARGE", "STOP", "break_of", "large_number", "number_of", "places", "plain",
    "spaces_part", "taken_apart",
]  # fmt: skip

COMMA, STOP = 1, 2
"""A break inside a sentence, and the end of one."""
LARGE = 1000
"""The least large number: from it on, one is looked up for all that mean the same."""

_APOSTROPHES = "'’‘`´ʼ＇"
_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe0e\ufe0f"
_TOKEN = re.compile(
    rf"[^\W\d_]+(?:[\u0300-\u036f{_UNSEEN}{_APOSTROPHES}]+[^\W\d_]*)*"
    r"|[.,;:!?…()—\n¿¡。！？，、]+(?:[ \t\r]*\n)*"
    r"|(?:(?<!\w)[-−–])?\d+(?:[.,]\d+)?"
    r"|[ \t]-+[ \t]"
    r"|[\u2600-\u27bf\U0001f300-\U0001faff°%]"
)
_ASCII_TOKEN = re.compile(
    r"[A-Za-z]+(?:['`]+[A-Za-z]*)*"
    r"|[.,;:!?()\n]+(?:[ \t\r]*\n)*"
    r"|(?:(?<![A-Za-z0-9])-)?[0-9]+(?:[.,][0-9]+)?"
    r"|[ \t]-+[ \t]"
    r"|%"
)
"""The same for a text in ASCII, which it reads faster."""
_LARGE = re.compile(r"[1-9][0-9]{3,15}(?!\w|[.,][0-9])")
_UNSEEN_CHARS = re.compile(f"[{_UNSEEN}\u0300-\u036f]")
_LOOK_ALIKE = str.maketrans(
    "аеорсухіјѕһԁԛԝαορνικυχωτɡɑıℓкмтвнзгпидбл",
    "aeopcyxijshdqwaopvikuxwtgailkmtbhzrnudbl",
)
_TWINS = frozenset("аеорсухіјѕһԁԛԝαορɡɑıℓ")
"""Letters that look the same as a Latin one; the rest of the table only helps inside a word."""


def taken_apart(text: str) -> list[str]:
    """Words, numbers, signs and breaks, as they were written."""
    return (_ASCII_TOKEN if text.isascii() else _TOKEN).findall(text)


def spaces_part(text: str) -> bool:
    """Whether no token of a text reaches over a space; only a dash and a line's end do."""
    return not ("\n" in text or " -" in text or "- " in text)


def places(text: str) -> list[tuple[int, int]]:
    """Where each of them stands in the text."""
    pattern = _ASCII_TOKEN if text.isascii() else _TOKEN
    return [found.span() for found in pattern.finditer(text)]


def break_of(token: str) -> int:
    """What kind of break a token is; 0 for a word or number."""
    first = token[0]
    if first in " \t":
        return COMMA
    if first not in ".,;:!?…()—\n¿¡。！？，、":
        return 0
    if any(sign in token for sign in ";!?。！？") or token.count("\n") > 1:
        return STOP
    return STOP if token.count(".") == 1 else COMMA


def number_of(token: str) -> float | None:
    """The number that a token is; None where it is none."""
    if not token[-1].isdigit():
        return None
    if token.isdecimal():
        return float(token)
    try:
        return float(token.replace("−", "-").replace("–", "-").replace(",", "."))
    except ValueError:
        return None


def large_number(word: str) -> str:
    """The whole number from `LARGE` on that a word begins with; "" where there is none."""
    found = _LARGE.match(word)
    return found[0] if found else ""


def plain(token: str) -> str:
    """A word in small letters without accents, invisible characters and look-alike letters.

    Apostrophes are kept, as `'`.
    """
    if token.isascii():
        return token.lower()
    token = unicodedata.normalize("NFKD", token).casefold()
    token = "".join("'" if char in _APOSTROPHES else char for char in token)
    token = _UNSEEN_CHARS.sub("", unicodedata.normalize("NFKD", token))
    if token.isascii():
        return token
    latin = any("a" <= char <= "z" for char in token)
    if latin or all(char in _TWINS for char in token):
        return token.translate(_LOOK_ALIKE)
    return token
