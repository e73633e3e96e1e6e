"""Words as they are compared: one case, no accents, no inflection."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["plain", "plain_words", "stem"]

UNSEEN = "\u00ad\u200b-\u200d\u2060\ufeff"
WORD = re.compile(rf"[^\W_]+(?:['’ʼ`{UNSEEN}\u0300-\u036f]+[^\W_]+)*")
_TAKEN_OUT = re.compile(rf"['’ʼ`{UNSEEN}]")
_DOUBLED = frozenset("bdfgklmnprt")
_VOWELS = frozenset("aeiouy")
_LONGEST = 24  # characters; what is longer is no word of English and is not looked at closely


def plain(word: str) -> str:
    """A word in one case, without accents, apostrophes and what cannot be seen."""
    if not word.isascii():
        whole = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
        word = "".join(char for char in whole if not unicodedata.combining(char))
        word = _TAKEN_OUT.sub("", word)
    return word.lower().replace("'", "").replace("`", "")


def plain_words(text: str) -> list[str]:
    """The words of a text, plain and in order."""
    return [plain(word) for word in WORD.findall(text)]


def stem(word: str) -> str:
    """A plain word without its ending, so that `drips`, `dripping` and `dripped` are one."""
    return _stem(word) if len(word) <= _LONGEST else word


@lru_cache(maxsize=16384)
def _stem(word: str) -> str:
    if len(word) > 5 and word.endswith("ing") and not _VOWELS.isdisjoint(word[:-3]):
        word = _single(word[:-3])
    elif len(word) > 4 and word.endswith("ed") and not _VOWELS.isdisjoint(word[:-2]):
        word = word[:-1] if word.endswith("ied") else _single(word[:-2])
    elif len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes", "zes", "ies")):
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if len(word) > 4 and word.endswith("ly"):
        word = word[:-2]
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 4 and word.endswith(("y", "i")):
        word = _single(word[:-1])
    return word


def _single(word: str) -> str:
    """The word with one of two equal consonants at its end."""
    if len(word) > 3 and word[-1] == word[-2] and word[-1] in _DOUBLED:
        return word[:-1]
    return word
