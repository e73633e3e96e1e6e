"""Finds plain phrases in words, also misspelt ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from inspectiq._words.spans import WordSpan
from inspectiq._words.spelling import Spelling
from inspectiq._words.words import STOP, Word, normalize, tokenize

__all__ = ["PhraseFinder"]

MOST_BETWEEN = 2  # small words that may stand between two words of a phrase

KeyT = TypeVar("KeyT")


class PhraseFinder(Generic[KeyT]):
    """Finds phrases in words, and says what each means.

    A phrase is found where its words stand in a row in one sentence; small words may stand between.

    Args:
        phrases: What each means, and the phrase.
        small: Words that may stand between those of a phrase.
        is_right: Tells of a word that it is spelt right, and so is no misspelt word of a phrase.
    """

    def __init__(
        self,
        phrases: Iterable[tuple[KeyT, str]],
        *,
        small: Collection[str] = (),
        is_right: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._small = frozenset(map(normalize, small))
        self._by_first: dict[str, list[tuple[KeyT, tuple[str, ...]]]] = {}
        for key, phrase in phrases:
            words = tuple(word.plain for word in tokenize(phrase))
            if words:
                self._by_first.setdefault(words[0], []).append((key, words))
        used = [word for those in self._by_first.values() for _, words in those for word in words]
        self._spelt = Spelling(used, lambda word: word in self._small or is_right(word))

    def find(self, words: Sequence[Word]) -> Iterator[tuple[KeyT, WordSpan]]:
        """Finds each phrase that stands in the words: what it means, and where it stands."""
        if not self._by_first:
            return
        spelt = [self._spelt.correct(word.plain) for word in words]
        for first, word in enumerate(spelt):
            for key, phrase in self._by_first.get(word, ()):
                last = self._find_end(phrase, words, spelt, first)
                if last:
                    yield key, WordSpan(first, last)

    def _find_end(
        self, phrase: tuple[str, ...], words: Sequence[Word], spelt: Sequence[str], first: int
    ) -> int:
        """Returns where a phrase ends that begins at a word; 0 where it does not stand there."""
        at = first + 1
        for wanted in phrase[1:]:
            latest = at + MOST_BETWEEN
            while at < len(spelt) and spelt[at] != wanted:
                if at == latest or spelt[at] not in self._small or words[at].gap == STOP:
                    return 0
                at += 1
            if at == len(spelt) or words[at].gap == STOP:
                return 0
            at += 1
        return at
