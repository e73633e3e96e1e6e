"""Slips of one letter: a word that nobody knows becomes the one it is nearest to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

__all__ = ["Spelling"]

_SHORTEST, _LONGEST = 4, 20  # characters of a word that is mended
_ANY_LETTER = 5  # characters from which one letter may stand for another


class Spelling:
    """Mends words that are one letter off; the first letter is taken to be right.

    Args:
        words: The words that are known, the likelier ones first.
        fine: More words that are left as they are, but that no other becomes.
    """

    def __init__(self, words: Iterable[str], fine: Iterable[str] = ()) -> None:
        known = list(dict.fromkeys(word for word in words if word.isalpha()))
        self._fine = frozenset((*known, *fine))
        self._by_shortened: dict[str, list[str]] = {}
        for word in known:
            if _SHORTEST <= len(word) <= _LONGEST:
                for shortened in (word, *_shortened(word)):
                    self._by_shortened.setdefault(shortened, []).append(word)
        self.mended = lru_cache(maxsize=16384)(self._mended)

    def __call__(self, word: str) -> str:
        """The word as it should be spelt, or as it is."""
        if word in self._fine or not _SHORTEST <= len(word) <= _LONGEST or not word.isalpha():
            return word
        return self.mended(word)

    def _mended(self, word: str) -> str:
        if word.endswith("s") and word[:-1] in self._fine:
            return word
        for shortened in (word, *_shortened(word)):
            for known in self._by_shortened.get(shortened, ()):
                if known[0] == word[0] and _one_off(word, known):
                    return known
        return word


def _shortened(word: str) -> Iterator[str]:
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def _one_off(word: str, known: str) -> bool:
    """One letter too many, too few, swapped with the next, or (in longer words) another one."""
    if len(word) != len(known):
        longer, shorter = (word, known) if len(word) > len(known) else (known, word)
        return len(longer) - len(shorter) == 1 and shorter in _shortened(longer)
    other = [at for at, (a, b) in enumerate(zip(word, known, strict=True)) if a != b]
    if len(other) == 1:
        return len(word) >= _ANY_LETTER
    return (
        len(other) == 2
        and other[1] == other[0] + 1
        and word[other[0]] == known[other[1]]
        and word[other[1]] == known[other[0]]
    )
