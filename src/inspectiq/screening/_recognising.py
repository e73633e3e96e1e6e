"""Recognises which language words are in, and whether enough of them is understood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from inspectiq._words import Word, WordSpan, split_sentences

__all__ = ["RecognizedLanguage", "assign_sentences", "recognize_language"]

KNOWN = 0.6
"""Share of the words that must be known for a text to be in a language; our assumption."""
PART, PART_WORDS = 0.4, 4
"""Share of the words of one sentence below which it is in another language; and its words."""

NO_WORDS = "there are no words to screen"
NOT_KNOWN = "the words are not recognisably in a language that the screen knows"
IN_PART = "a part of the words is not recognisably in a language that the screen knows"

MeasureShare = Callable[[Sequence[Word]], float]


def assign_sentences(words: Sequence[Word], known: Sequence[MeasureShare]) -> list[list[WordSpan]]:
    """Assigns each sentence to the language that knows most of its words.

    Of languages that know as much of a sentence, the one that knows most of the text has it.
    """
    of_all = [share(words) for share in known]
    found: list[list[WordSpan]] = [[] for _ in known]
    for span in split_sentences(words):
        part = words[slice(*span)]
        shares = [(share(part), all_of) for share, all_of in zip(known, of_all, strict=True)]
        most = max(shares)
        for at, one in enumerate(shares):
            if one == most and one[0] >= PART:
                found[at].append(span)
    return found


class RecognizedLanguage(NamedTuple):
    """The language that a text was recognised to be in.

    Attributes:
        language: Place of the language; None where none is known.
        reason: Why the text is not taken as understood; "" where it is.
    """

    language: int | None
    reason: str = ""


def recognize_language(
    words: Sequence[Word], known: Sequence[MeasureShare], declared: int | None
) -> RecognizedLanguage:
    """Recognises the language of a text.

    Args:
        words: Its words.
        known: Tells for each language which share of words is of it.
        declared: The language that was given, if it is a known one.
    """
    letters = [word for word in words if word.plain.isalpha()]
    if not letters:
        return RecognizedLanguage(None, NO_WORDS)
    shares = [share(letters) for share in known]
    best = max(range(len(shares)), key=lambda at: (shares[at], at == declared))
    if not _is_known(shares[best], len(letters), is_declared=declared is not None):
        return RecognizedLanguage(None, NOT_KNOWN)
    if declared is not None and shares[best] < KNOWN:
        best = declared
    return RecognizedLanguage(best, IN_PART if _has_foreign_part(words, known) else "")


def _is_known(share: float, words: int, *, is_declared: bool) -> bool:
    """Tells whether the known share of so many words is enough; less is where one is declared."""
    if not is_declared:
        return share >= KNOWN
    return share >= PART or words < PART_WORDS


def _has_foreign_part(words: Sequence[Word], known: Sequence[MeasureShare]) -> bool:
    """Tells whether a sentence, or a long word of another alphabet, is in no known language."""
    for first, last in split_sentences(words):
        part = [word for word in words[first:last] if word.plain.isalpha()]
        is_long = sum(map(_count_words, part)) >= PART_WORDS
        if is_long and max(share(part) for share in known) < PART:
            return True
    return any(_count_words(word) >= PART_WORDS for word in words)


def _count_words(word: Word) -> int:
    """Counts a word as one; in another alphabet, which may not part words, as one a letter."""
    return 1 if word.plain.isascii() else len(word.plain)
