"""What the tokens of a text add up to: several counts side by side in one number, added at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from struct import Struct
from typing import NamedTuple

__all__ = ["Counts", "counted", "packed"]

LEAST = -2
"""The least `Reading.weight`; weights are counted from it, so that no count is below zero."""


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


def packed(size: int, weights: Sequence[int], only: Sequence[bool], *, foreign: bool) -> int:
    """What one token adds to the counts of its text.

    Args:
        size: How many words it counts as.
        weights: How well it is known in each language.
        only: Whether it is known in each language and in no other.
        foreign: Whether its letters are of no alphabet that a language here uses.
    """
    counts = (size, foreign, *[weight - LEAST for weight in weights], *only)
    return int.from_bytes(_lanes(len(weights)).pack(*counts), "little")


def counted(added: Sequence[int], languages: int) -> Counts:
    """What tokens add up to.

    Args:
        added: What each of them adds, packed.
        languages: How many languages there are.
    """
    lanes = _lanes(languages)
    counts = lanes.unpack(sum(added).to_bytes(lanes.size, "little"))
    least = LEAST * len(added)
    known = [least + count for count in counts[2 : 2 + languages]]
    return Counts(counts[0], counts[1], known, counts[2 + languages :])


@cache
def _lanes(languages: int) -> Struct:
    return Struct(f"<{2 + 2 * languages}I")
