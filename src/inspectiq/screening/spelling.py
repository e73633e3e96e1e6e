"""What a misspelt word was meant to be: Damerau's distance, by a table of deletions.

A word that leaves the same letters as a known one after one or two are taken out is looked at more
closely; so a look-up costs the same however many words are known.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

__all__ = ["Spelling", "distance", "single"]

SHORTEST = 4
"""Letters of the shortest word that is corrected, and of the shortest it is corrected to."""
LONG = 8
"""Letters of a word that may be two steps off."""
LONGEST = 24
"""Letters from which a word is not looked at."""


class Spelling:
    """Words that others are corrected to.

    Args:
        words: All of them.
        first: Those to take first where several are as near.
    """

    def __init__(self, words: Iterable[str], first: frozenset[str]) -> None:
        self._first = first
        # Tuples of texts are no work for the garbage collector, and these are many.
        self._known: dict[str, tuple[str, ...]] = {}
        for word in sorted(words):
            if len(word) >= SHORTEST and word.isalpha():
                for rest in _deletions(word, _steps(word)):
                    self._known[rest] = (*self._known.get(rest, ()), word)

    def meant(self, word: str) -> str | None:
        """The word that was meant; None where none is near. The first letter must be right."""
        if not SHORTEST <= len(word) <= LONGEST:
            return None
        best: tuple[int, bool, str] | None = None
        for rest in _deletions(word, _steps(word)):
            for known in self._known.get(rest, ()):
                if known[0] != word[0]:
                    continue
                steps = distance(word, known)
                if 0 < steps <= _allowed(word, known):
                    found = (steps, known not in self._first, known)
                    best = found if best is None else min(best, found)
        return best[2] if best else None


def single(word: str) -> tuple[str, ...]:
    """A word with drawn-out letters as it may have been meant: `gaaas` is gas or gaas."""
    runs = [(char, len([*run])) for char, run in groupby(word)]
    if not any(length > 2 for _, length in runs):
        return ()
    ones = "".join(char * (length if length < 3 else 1) for char, length in runs)
    twos = "".join(char * min(length, 2) for char, length in runs)
    bare = "".join(char for char, _ in runs)
    return ones, twos, bare


def distance(one: str, other: str) -> int:
    """Letters put in, left out, changed or swapped with the next, to get from one to the other."""
    one, other = _apart(one, other)
    if not one or not other:
        return len(one) + len(other)
    before: list[int] = []
    last: list[int] = [*range(len(other) + 1)]
    for row, char in enumerate(one, start=1):
        now: list[int] = [row]
        for column, wanted in enumerate(other, start=1):
            steps = min(last[column] + 1, now[-1] + 1, last[column - 1] + (char != wanted))
            if row > 1 and column > 1 and char == other[column - 2] and one[row - 2] == wanted:
                steps = min(steps, before[column - 2] + 1)
            now.append(steps)
        before, last = last, now
    return last[-1]


def _apart(one: str, other: str) -> tuple[str, str]:
    """Two words without the letters that both begin with, and both end with."""
    first, last = 0, min(len(one), len(other))
    while first < last and one[first] == other[first]:
        first += 1
    one, other, last = one[first:], other[first:], last - first
    while last and one[-1] == other[-1]:
        one, other, last = one[:-1], other[:-1], last - 1
    return one, other


def _allowed(word: str, known: str) -> int:
    """How many steps a word may be off a known one."""
    if len(known) == SHORTEST and len(word) <= SHORTEST and sorted(word) != sorted(known):
        return 0  # short words have too many neighbours: only letters swapped, or one too many
    if len(known) > LONG and len(word) >= LONG and word[:2] == known[:2]:
        return 2
    return 1


def _steps(word: str) -> int:
    return 2 if len(word) >= LONG else 1


def _deletions(word: str, steps: int) -> set[str]:
    found = {word}
    edge = found
    for _ in range(steps):
        edge = {rest[:at] + rest[at + 1 :] for rest in edge for at in range(1, len(rest))}
        found = found | edge
    return found
