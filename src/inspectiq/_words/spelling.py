"""Corrects a misspelt word to the known one that it is nearest to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

__all__ = ["Spelling"]

SHORTEST, LONGEST = 4, 20
"""Letters of a word that may be corrected; in shorter ones a letter makes another word."""
LONG = 8
"""Letters from which on two may be wrong."""


class Spelling:
    """Corrects words that are a letter off, or two in long ones; the first letter must be right.

    Args:
        words: The words that are known, the likelier ones first.
        is_right: Tells of further words that are left as they are; no other word becomes one.
    """

    def __init__(
        self, words: Iterable[str], is_right: Callable[[str], bool] = lambda _: False
    ) -> None:
        known = dict.fromkeys(word for word in words if word.isalpha())
        self._known, self._is_right = known.keys(), is_right
        self._by_letter: dict[str, list[str]] = {}
        for word in known:
            if SHORTEST - 1 <= len(word) <= LONGEST:
                self._by_letter.setdefault(word[0], []).append(word)
        self.correct = lru_cache(maxsize=8192)(self._correct)

    def _correct(self, word: str) -> str:
        if word in self._known or not SHORTEST <= len(word) <= LONGEST or not word.isalpha():
            return word
        if self._is_right(word):
            return word
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extractOne

        off = 2 if len(word) >= LONG else 1
        known = self._by_letter.get(word[0], ())
        found = extractOne(word, known, scorer=OSA.distance, score_cutoff=off)
        return found[0] if found else word
