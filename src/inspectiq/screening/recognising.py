"""Which language words are written in, and whether they can be taken as understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from inspectiq.screening.looking_up import Token

__all__ = ["Understood", "understood"]

KNOWN = 0.58
"""Share of the words that must be known for a text to be in a language."""
PART = 0.34
"""Share of the words of one sentence below which it is in another language; and its words."""
PART_WORDS = 4

SIZE, FOREIGN, WEIGHTS = attrgetter("size"), attrgetter("foreign"), attrgetter("weights")

NO_WORDS = "there are no words to screen"
NOT_KNOWN = "the words are not recognisably in a language that the screen knows"
IN_PART = "a part of the words is not recognisably in a language that the screen knows"


@dataclass(frozen=True, slots=True)
class Understood:
    """What language a text is in.

    Attributes:
        language: Place of the language; None where none is known.
        reason: Why the text is not taken as understood; "" where it is.
    """

    language: int | None
    reason: str = ""


def understood(
    tokens: Sequence[Token],
    declared: int | None,
) -> Understood:
    """Recognises the language of a text.

    Args:
        tokens: The tokens of the text.
        declared: The language that was given, if it is a known one.
    """
    size = sum(map(SIZE, tokens))
    if not size:
        return Understood(None, NO_WORDS)
    shares = [known / (2 * size) for known in _known(tokens)]
    best = max(range(len(shares)), key=lambda place: (shares[place], place == declared))
    needed = PART if declared is not None else KNOWN
    if shares[best] < needed and (declared is None or size >= PART_WORDS):
        return Understood(None, NOT_KNOWN)
    if declared is not None and shares[best] < KNOWN:
        best = declared
    unknown = 2 * size * (1 - shares[best])  # too little of it, and no part can be strange
    if any(map(FOREIGN, tokens)) or (unknown > PART_WORDS and _strange_part(tokens)):
        return Understood(best, IN_PART)
    return Understood(best)


def _known(tokens: Sequence[Token]) -> list[int]:
    """How many words each language knows, doubled; words of another language count against it."""
    return list(map(sum, zip(*map(WEIGHTS, tokens), strict=True)))


def _strange_part(tokens: Sequence[Token]) -> bool:
    first = 0
    ends = [at for at, token in enumerate(tokens) if token.stop]
    for end in (*ends, len(tokens)):
        part = tokens[first:end]
        size = sum([token.size for token in part])
        if size >= PART_WORDS and max(_known(part)) < PART * 2 * size:
            return True
        first = end + 1
    return False
