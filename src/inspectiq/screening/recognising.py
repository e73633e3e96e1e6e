"""Which language words are written in, and whether they can be taken as understood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from inspectiq.words import Word, sentences

__all__ = ["Understood", "known_share", "understood"]

KNOWN = 0.6
"""Share of the words that must be known for a text to be in a language; our assumption."""
PART, PART_WORDS = 0.4, 4
"""Share of the words of one sentence below which it is in another language; and its words."""

NO_WORDS = "there are no words to screen"
NOT_KNOWN = "the words are not recognisably in a language that the screen knows"
IN_PART = "a part of the words is not recognisably in a language that the screen knows"

Knows = Callable[[str], bool]


class Understood(NamedTuple):
    """What language a text is in.

    Attributes:
        language: Place of the language; None where none is known.
        reason: Why the text is not taken as understood; "" where it is.
    """

    language: int | None
    reason: str = ""


def understood(words: Sequence[Word], known: Sequence[Knows], declared: int | None) -> Understood:
    """Recognises the language of a text.

    Args:
        words: Its words.
        known: Tells for each language whether a word is one of it.
        declared: The language that was given, if it is a known one.
    """
    letters = [word for word in words if word.plain.isalpha()]
    if not letters:
        return Understood(None, NO_WORDS)
    shares = [known_share(letters, knows) for knows in known]
    best = max(range(len(shares)), key=lambda at: (shares[at], at == declared))
    short = declared is not None and len(letters) < PART_WORDS
    if shares[best] < (PART if declared is not None else KNOWN) and not short:
        return Understood(None, NOT_KNOWN)
    if declared is not None and shares[best] < KNOWN:
        best = declared
    if _strange_part(words, known):
        return Understood(best, IN_PART)
    return Understood(best)


def known_share(words: Sequence[Word], knows: Knows) -> float:
    """The share of words that a language knows."""
    return sum(knows(word.plain) for word in words) / len(words) if words else 0.0


def _strange_part(words: Sequence[Word], known: Sequence[Knows]) -> bool:
    for first, last in sentences(words):
        part = [word for word in words[first:last] if word.plain.isalpha()]
        if len(part) >= PART_WORDS and max(known_share(part, knows) for knows in known) < PART:
            return True
    return False
