"""Which language words are written in, and whether they can be taken as understood."""

from __future__ import annotations

from typing import NamedTuple

from inspectiq.screening.counting import Counts
from inspectiq.screening.looking_up import Text

__all__ = ["Understood", "understood"]

KNOWN = 0.58
"""Share of the words that must be known for a text to be in a language."""
PART = 0.34
"""Share of the words of one sentence below which it is in another language; and its words."""
PART_WORDS = 4


NO_WORDS = "there are no words to screen"
NOT_KNOWN = "the words are not recognisably in a language that the screen knows"
IN_PART = "a part of the words is not recognisably in a language that the screen knows"


class Understood(NamedTuple):
    """What language a text is in.

    Attributes:
        language: Place of the language; None where none is known.
        reason: Why the text is not taken as understood; "" where it is.
    """

    language: int | None
    reason: str = ""


def understood(text: Text, counts: Counts, declared: int | None) -> Understood:
    """Recognises the language of a text.

    Args:
        text: Its tokens.
        counts: What they add up to.
        declared: The language that was given, if it is a known one.
    """
    size, known = counts.size, counts.known
    if not size:
        return Understood(None, NO_WORDS)
    most = max(known)
    share = most / (2 * size)
    needed = PART if declared is not None else KNOWN
    if share < needed and (declared is None or size >= PART_WORDS):
        return Understood(None, NOT_KNOWN)
    best = known.index(most)
    if declared is not None and (share < KNOWN or known[declared] == most):
        best = declared
    unknown = 2 * size - known[best]  # too little of it, and no part can be strange
    if counts.foreign or (unknown > PART_WORDS and _strange_part(text)):
        return Understood(best, IN_PART)
    return Understood(best)


def _strange_part(text: Text) -> bool:
    return any(
        part.size >= PART_WORDS and max(part.known) < PART * 2 * part.size
        for part in text.sentences()
    )
