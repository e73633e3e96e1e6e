"""What the tokens of a text add up to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from inspectiq.screening.lanes import Lanes

__all__ = ["Counting", "Counts"]

LEAST = -2
"""The least `Reading.weight`."""


class Counts(NamedTuple):
    """What tokens add up to.

    Attributes:
        size: How many words they count as; a break, a number and a sign are none.
        foreign: How many have letters of no alphabet that a language here uses.
        known: How well each language knows them, twice a word that it knows, see `Reading.weight`;
            words that give away another language count against it.
        own: How many each language alone knows.
    """

    size: int
    foreign: int
    known: Sequence[int]
    own: Sequence[int]


class Counting:
    """Counts tokens.

    Args:
        languages: How many languages there are.
    """

    def __init__(self, languages: int) -> None:
        self._languages = languages
        self._lanes = Lanes(2 + 2 * languages, LEAST)

    def packed(self, size: int, weights: Sequence[int], *, foreign: bool) -> int:
        """What one token adds, in one number.

        Args:
            size: How many words it counts as.
            weights: How well it is known in each language.
            foreign: Whether its letters are of no alphabet that a language here uses.
        """
        known = [weight > 0 for weight in weights]
        only = [one and size > 0 and sum(known) == 1 for one in known]
        return self._lanes.packed((size, foreign, *weights, *only))

    def counts(self, total: int) -> Counts:
        """What tokens add up to, from the sum of what each adds."""
        size, foreign, *rest = self._lanes.unpacked(total)
        return Counts(size, foreign, rest[: self._languages], rest[self._languages :])
