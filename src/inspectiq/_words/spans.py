"""Splits words into sentences, and into the features that weights and symptoms count.

A feature is a word (`gas`), two that stand in a row (`no gas`) or with one between (`smell * gas`),
or four letters in a row of one word (`~spar`), where `^` and `$` are the ends of the word or of the
stretch, and `.` is the end of a sentence. Digits are all `0`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from inspectiq._words.words import STOP, Word

__all__ = [
    "WordSpan",
    "extract_features",
    "extract_letters",
    "split_parts",
    "split_sentences",
    "to_token",
]

LONGEST = 24  # letters of a word that are looked at
LETTERS = 4  # in a row that are a feature
SENTENCE = 20  # words after which a sentence is taken to have ended; 12 to 30 were tried
_DIGITS = re.compile(r"\d+")


class WordSpan(NamedTuple):
    """A stretch of words, by the numbers of its first word and of the one after its last."""

    first: int
    last: int


def extract_features(words: Sequence[Word]) -> Iterator[str]:
    """Yields the features of a stretch of words, some more than once."""
    row = ["^"]
    for word in words:
        if word.gap == STOP and len(row) > 1:
            row.append(".")
        token = to_token(word)
        row.append(token)
        yield token
        yield from extract_letters(token)
    row.append("$")
    for one, other in pairwise(row):
        yield f"{one} {other}"
    for one, other in zip(row, row[2:], strict=False):
        yield f"{one} * {other}"


def to_token(word: Word) -> str:
    """Returns a word as it is counted: in plain letters, each digit a 0."""
    return word.plain if word.plain.isalpha() else _DIGITS.sub("0", word.plain)


@lru_cache(maxsize=8192)
def extract_letters(token: str) -> tuple[str, ...]:
    """Returns every four letters in a row of one word."""
    whole = f"^{token[:LONGEST]}$"
    return tuple(f"~{whole[at : at + LETTERS]}" for at in range(len(whole) - LETTERS + 1))


def split_sentences(words: Sequence[Word]) -> list[WordSpan]:
    """Splits words into sentences; a long one is taken as several."""
    starts = [0]
    for at, word in enumerate(words):
        if at and (word.gap == STOP or at - starts[-1] == SENTENCE):
            starts.append(at)
    return [WordSpan(*ends) for ends in pairwise([*starts, len(words)])]


def split_parts(single: list[WordSpan]) -> list[WordSpan]:
    """Returns each sentence alone, and each with the next one."""
    return [*single, *(WordSpan(one.first, other.last) for one, other in pairwise(single))]
