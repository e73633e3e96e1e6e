"""Where the signs of a language stand in a text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, reduce
from itertools import accumulate
from operator import or_
from typing import NamedTuple

from inspectiq.screening.lexicon import END, Reading, Sign, Term

__all__ = ["Match", "Words", "row_end"]


NEAR = 8
"""Words from a sign within which an `unless` counts."""


class Match(NamedTuple):
    """A sign found.

    Attributes:
        first, last: The words that it spans, the last included.
        at: First and last word of each element.
    """

    first: int
    last: int
    at: tuple[tuple[int, int], ...]


class Words:
    """The words of a text as one language reads them.

    Args:
        readings: One a token.
    """

    def __init__(self, readings: Sequence[Reading]) -> None:
        self.readings = readings
        self.bits = [reading.bits for reading in readings]
        self.reach: dict[int, list[tuple[int, int]]] = {}
        self.together: dict[int, int] = {}
        self.denied: Mapping[int, list[int]] = {}
        self._marked: list[int] = []
        self._places: dict[int, list[int]] = {}
        for at in [at for at, reading in enumerate(readings[:-1]) if reading.concepts]:
            for words, bits in readings[at].concepts.get(readings[at + 1].word, ()):
                self._begin(at, words, bits)
        self.every = reduce(or_, self.bits, 0)

    @cached_property
    def sentence(self) -> list[int]:
        """Which sentence each word stands in."""
        return [0, *accumulate([reading is END for reading in self.readings])][:-1]

    def hide(self, first: int, last: int) -> None:
        """Takes what words mean from them, because together they mean something else.

        What several of them mean together stays: `smoke alarm` is no smoke, but an alarm.
        """
        for at in range(first, last + 1):
            self.bits[at] &= self.together.get(at, 0)
        self._places.clear()

    def mark(self, bits: int) -> None:
        """Looks for the words that fit some elements, so that `places` finds them."""
        self._marked = [at for at, own in enumerate(self.bits) if own & bits]
        self._places.clear()

    def places(self, bit: int) -> list[int]:
        """Where the words stand that fit an element that was marked."""
        found = self._places.get(bit)
        if found is None:
            found = [at for at in self._marked if self.bits[at] & bit]
            self._places[bit] = found
        return found

    def end(self, at: int, bit: int) -> int:
        """The last word of what fits an element at a place."""
        reach = self.reach.get(at)
        return max([last for last, bits in reach if bits & bit], default=at) if reach else at

    def matches(self, sign: Sign) -> Iterator[Match]:
        """Where a sign stands, in order."""
        for match in self.stands(sign):
            if not (sign.unless and self._but(sign.unless, match, across=sign.pattern.across)):
                yield match

    def stands(self, sign: Sign) -> Iterator[Match]:
        """Where the words of a sign stand, whatever keeps it from counting."""
        return self._beside(sign) if sign.pattern.within else self._rows(sign)

    def _begin(self, at: int, words: tuple[str, ...], bits: int) -> None:
        last = at + len(words) - 1
        if last >= len(self.readings):
            return
        for offset, word in enumerate(words):
            if self.readings[at + offset].word != word:
                return
        self.bits[at] |= bits
        self.together[at] = self.together.get(at, 0) | bits
        self.reach.setdefault(at, []).append((last, bits))

    def _rows(self, sign: Sign) -> Iterator[Match]:
        first = sign.terms[0]
        if first.needed:
            starts: Sequence[int] = self.places(first.bit)
        else:
            ends = [at + 1 for at, reading in enumerate(self.readings) if reading is END]
            starts = [0, *ends] if first.element.edge == "^" else range(len(self.readings))
        for start in starts:
            at: list[tuple[int, int]] = []
            if row_end(self, sign.terms, start, at) is not None and at:
                yield Match(at[0][0], at[-1][1], tuple(at))

    def _beside(self, sign: Sign) -> Iterator[Match]:
        within, across = sign.pattern.within, sign.pattern.across
        others = [term.bit for place, term in enumerate(sign.terms) if place != sign.key]
        key = sign.terms[sign.key].bit
        for start in self.places(key):
            end = self.end(start, key)
            at = [(start, end)]
            for bit in others:
                near = self._nearest(start, end, bit, within, across=across)
                if near is None:
                    break
                at.append((near, self.end(near, bit)))
            else:
                at.sort()
                yield Match(at[0][0], max(last for _, last in at), tuple(at))

    def _nearest(self, first: int, last: int, bit: int, within: int, *, across: bool) -> int | None:
        places = self.places(bit)
        at = bisect_left(places, first)
        best: tuple[int, int] | None = None
        for place in places[max(0, at - 1) : at + 2]:
            away = place - last if place >= first else first - self.end(place, bit)
            if away <= within and (across or self.sentence[place] == self.sentence[first]):
                found = (max(away, 0), place)
                best = found if best is None else min(best, found)
        return best[1] if best else None

    def _but(self, bit: int, match: Match, *, across: bool) -> bool:
        """Whether what keeps a sign from counting is near it, in plain words and not denied."""
        if not bit & self.every:
            return False
        readings, denied, together = self.readings, self.denied, self.together
        first, last = max(0, match.first - NEAR), match.last + NEAR + 1
        if across:
            first, last = 0, len(readings)
        own = self.sentence[match.first]
        return any(
            (reading.bits | together.get(at, 0)) & bit
            and at not in denied
            and (across or self.sentence[at] == own)
            for at, reading in enumerate(readings[first:last], start=first)
        )


def row_end(
    words: Words,
    terms: tuple[Term, ...],
    at: int,
    spans: list[tuple[int, int]] | None = None,
    begin: int = 0,
) -> int | None:
    """Where words in a row that begin at a place end; None where they are not there.

    Args:
        words: The text.
        terms: What to find.
        at: The place.
        spans: Takes first and last word of each element.
        begin: The term to go on with.
    """
    readings, bits, count = words.readings, words.bits, len(words.readings)
    for place in range(begin, len(terms)):
        term = terms[place]
        bit, element = term.bit, term.element
        if bit:
            if at < count and bits[at] & bit:
                end = words.end(at, bit) if at in words.reach else at
                if spans is not None:
                    spans.append((at, end))
                at = end + 1
            elif not element.optional:
                return None
        elif element.edge:
            open_ = at > 0 if element.edge == "^" else at < count
            if open_ and readings[at - (element.edge == "^")] is not END:
                return None
        elif element.gap is not None:
            least, most = element.gap
            kept = len(spans) if spans is not None else 0
            for step in range(most + 1):
                if step and (at + step > count or readings[at + step - 1] is END):
                    return None
                if step >= least:
                    gone = row_end(words, terms, at + step, spans, place + 1)
                    if gone is not None:
                        return gone
                    if spans is not None:
                        del spans[kept:]
            return None
    return at
