"""Signs: phrases that mean something together where they stand close to each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from inspectiq.words.phrases import Phrases
from inspectiq.words.spans import Span
from inspectiq.words.words import Word

__all__ = ["Sign", "Signs"]


class Sign(NamedTuple):
    """A sign of something: one phrase of each group within so many words, in any order.

    Attributes:
        groups: The phrases, by group.
        of: What it is a sign of.
        within: How many words the phrases may reach over.
        unless: Phrases beside which it is none.
    """

    groups: Sequence[Sequence[str]]
    of: str = ""
    within: int = 1_000
    unless: Sequence[str] = ()


class Signs:
    """Signs, to be found in words.

    Args:
        signs: The signs.
        is_right: Tells of words that are spelt right, and so are no other of a phrase.
    """

    def __init__(self, signs: Iterable[Sign], is_right: Callable[[str], bool]) -> None:
        self._signs = tuple(signs)
        phrases = [
            ((number, place), phrase)
            for number, sign in enumerate(self._signs)
            for place, group in enumerate((sign.unless, *sign.groups))
            for phrase in group
        ]
        self._phrases = Phrases(phrases, is_right=is_right)

    def found(self, words: Sequence[Word]) -> Iterator[tuple[Sign, Span]]:
        """Each sign that stands in the words, and the first place where it does."""
        places: dict[int, list[list[Span]]] = {}
        for (number, group), first, last in self._phrases.places(words):
            groups = places.setdefault(number, [[] for _ in range(self._groups(number) + 1)])
            groups[group].append(Span(first, last))
        for number, (unless, *groups) in sorted(places.items()):
            sign = self._signs[number]
            span = None if unless or not all(groups) else _together(groups, sign.within)
            if span:
                yield sign, span

    def _groups(self, number: int) -> int:
        return len(self._signs[number].groups)


def _together(groups: Sequence[Sequence[Span]], within: int) -> Span | None:
    """The first stretch of so many words in which there is one of each group."""
    for one in groups[0]:
        near = [min(group, key=lambda span: abs(span.first - one.first)) for group in groups]
        span = Span(min(span.first for span in near), max(span.last for span in near))
        if span.last - span.first <= within:
            return span
    return None
