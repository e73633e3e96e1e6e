"""Splits a text into words, and takes the disguises off a word.

Accents, capitals, full-width letters, invisible characters, look-alike letters of other alphabets
and letters drawn out are ways to write a word, not other words.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

__all__ = ["PAUSE", "STOP", "Word", "normalize", "tokenize"]

PAUSE, STOP = 1, 2
"""What stands before a word: a break inside a sentence, or the end of one."""

_APOSTROPHES = "'’‘`´ʼ＇"
_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
_INSIDE = f"\u0300-\u036f{_UNSEEN}\U000e0000-\U000e0fff"
_WORD = re.compile(
    rf"(?:(?<![\w.,])[-−–](?=\d))?[^\W_](?:[^\W_]|[{_INSIDE}{_APOSTROPHES}]+(?=[^\W_])|[{_INSIDE}])*"
    r"|[\u2600-\u27bf\U0001f300-\U0001faff]"
)
_STOP = re.compile(r"[.!?…。！？¡¿]+(?=[\s'\"”’)\]¡¿])|[。！？…;\n\r]|\.\.+|\s[-–—]{1,2}\s|—")
_PAUSE = re.compile(r"[,:](?=\s)|[()\[\]|，、]|\s/\s")
_NOT_LETTERS = re.compile(f"[{_INSIDE}]")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_LOOK_ALIKE = str.maketrans(
    "аеорсухіјѕһԁԛԝαορνικυχωτɡɑıℓкмтвнзгпидбл",
    "aeopcyxijshdqwaopvikuxwtgailkmtbhzrnudbl",
)
_TWINS = frozenset("аеорсухіјѕһԁԛԝαορɡɑıℓ")
"""Letters that look the same as a Latin one; the rest of the table only helps inside a word."""


class Word(NamedTuple):
    """One word or number of a text.

    Attributes:
        plain: Its plain form, by which words are compared.
        start: Where it begins in the text.
        end: Where it ends in the text.
        gap: What stands before it: 0, `PAUSE` or `STOP`.
    """

    plain: str
    start: int
    end: int
    gap: int = 0


def tokenize(text: str) -> list[Word]:
    """Splits a text into its words and numbers, in order."""
    found: list[Word] = []
    last = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        between = text[last : start + 1]
        gap = 0
        if found and (len(between) != 2 or between[0] != " "):
            gap = STOP if _STOP.search(between) else PAUSE if _PAUSE.search(between) else 0
        found.append(Word(normalize(match[0]), start, end, gap))
        last = end
    return found


@lru_cache(maxsize=8192)
def normalize(word: str) -> str:
    """Writes a word in small letters, without accents, apostrophes, unseen and look-alike signs."""
    word = word.lower() if word.isascii() else _to_plain_letters(word)
    for sign in _APOSTROPHES:
        word = word.replace(sign, "")
    return _DRAWN_OUT.sub(r"\1", word)


def _to_plain_letters(word: str) -> str:
    word = unicodedata.normalize("NFKD", word).casefold()
    word = _NOT_LETTERS.sub("", unicodedata.normalize("NFKD", word)).replace("−", "-")
    has_latin = any("a" <= char <= "z" for char in word)
    return word.translate(_LOOK_ALIKE) if has_latin or _TWINS.issuperset(word) else word
