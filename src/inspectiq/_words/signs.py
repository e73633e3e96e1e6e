"""Finds signs: phrases that mean something together where they stand close to each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from inspectiq._words.phrases import PhraseFinder
from inspectiq._words.spans import WordSpan
from inspectiq._words.words import Word

__all__ = ["Sign", "SignFinder"]

LONG = 6  # letters of a word in which one may be wrong


class Sign(NamedTuple):
    """A sign of something: one phrase of each group within so many words, in any order.

    Attributes:
        groups: The phrases, by group.
        of: What it is a sign of.
        within: Most words from the first phrase to the end of the last.
        unless: Phrases that rule the sign out.
    """

    groups: Sequence[Sequence[str]]
    of: str = ""
    within: int = 1_000
    unless: Sequence[str] = ()


class SignFinder:
    """Finds signs in words.

    A wrong letter is forgiven in long words only: signs have many words, and short ones are near to
    others.

    Args:
        signs: The signs.
    """

    def __init__(self, signs: Iterable[Sign]) -> None:
        self._signs = tuple(signs)
        phrases = [
            ((number, place), phrase)
            for number, sign in enumerate(self._signs)
            for place, group in enumerate((sign.unless, *sign.groups))
            for phrase in group
        ]
        self._phrases = PhraseFinder(phrases, is_right=lambda word: len(word) < LONG)

    def find(self, words: Sequence[Word]) -> Iterator[tuple[Sign, WordSpan]]:
        """Finds each sign that stands in the words, and the first place where it does."""
        places: dict[int, list[list[WordSpan]]] = {}
        for (number, group), span in self._phrases.find(words):
            empty: list[list[WordSpan]] = [[] for _ in range(len(self._signs[number].groups) + 1)]
            places.setdefault(number, empty)[group].append(span)
        for number, (unless, *groups) in sorted(places.items()):
            sign = self._signs[number]
            found = None if unless or not all(groups) else _find_together(groups, sign.within)
            if found:
                yield sign, found


def _find_together(groups: Sequence[Sequence[WordSpan]], within: int) -> WordSpan | None:
    """Finds the first stretch of so many words in which there is one of each group."""
    for one in groups[0]:
        near = [min(group, key=lambda span: abs(span.first - one.first)) for group in groups]
        span = WordSpan(min(span.first for span in near), max(span.last for span in near))
        if span.last - span.first <= within:
            return span
    return None
