"""What keeps a sign from counting: negation, the past, supposing, an end; and what beats these.

Each cue rules a stretch of the text. A negation and an `if` rule the words that follow for as long
as these are transparent (`any`, `the`, `smell`); a past and a supposing rule their part of a
sentence, up to a turn (`but`); an end rules what was told before it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence

from inspectiq.screening.lexicon import BREAK, END
from inspectiq.screening.matching import Match, Words, row_end

__all__ = ["Scopes", "hide_harmless"]

REACH = 12
"""Words that a negation reaches at most."""

DOUBTS = ("past", "supposing", "if", "ended", "mended")
"""Cues that keep words from counting besides those that deny or hide them."""

Span = tuple[int, int]


def hide_harmless(words: Words) -> dict[str, list[Span]]:
    """Finds all cues, and hides the words of names and idioms that only sound like a hazard."""
    found: dict[str, list[Span]] = {}
    every = words.every
    for start, reading in enumerate(words.readings):
        keys = reading.cue_bits & every
        while keys:
            key = keys & -keys
            keys ^= key
            for cue, terms, need in reading.cues[key]:
                if need & every == need:
                    spans: list[Span] = []
                    end = row_end(words, terms, start, spans)
                    if end is not None:
                        found.setdefault(cue, []).append((start, end - 1))
                        if cue == "harmless":
                            found.setdefault("hidden", []).extend(spans)
    for span in found.get("hidden", ()):
        words.hide(*span)
    return found


class Scopes:
    """The cues of a text and what they rule.

    Args:
        words: The text, as one language reads it.
        cues: Where its cues stand.
    """

    def __init__(self, words: Words, cues: Mapping[str, Sequence[Span]]) -> None:
        def of(cue: str) -> Sequence[Span]:
            return cues.get(cue, ())

        self._words = words
        self._turns = sorted({first for first, _ in of("turn")})
        self._denied = self._ruled(of("negation"), _covered(of("no_negation")))
        words.denied = self._denied
        self._hidden = _covered(of("hidden"))
        self._doubted = not cues.keys().isdisjoint(DOUBTS)
        if not self._doubted:
            return
        self._segment = self._segments()
        self._supposed = self._ruled(of("if"), _covered(of("no_if")))
        over = _covered([*of("ended"), *of("mended")]) | self._hidden
        present = _covered(
            (first, last)
            for first, last in of("present")
            if over.isdisjoint(range(first, last + 1)) and first not in self._supposed
        )
        self._now = {self._segment[at] for at in present}
        self._past = {
            self._segment[first]
            for first, last in of("past")
            if present.isdisjoint(range(first, last + 1))
        }
        self._supposing: dict[int, int] = {}
        for first, _ in of("supposing"):
            self._supposing.setdefault(self._segment[first], first)
        self._ended = self._ends(of("ended"))
        self._mended = self._ends(of("mended"))

    def count(self, match: Match) -> bool:
        """Whether a sign that was found counts."""
        own = {at for first, last in match.at for at in range(first, last + 1)}
        for first, _ in match.at:
            if any(start not in own for start in self._denied.get(first, ())):
                return False
        if not self._doubted:
            return True
        if self._over(self._ended, match.first, match.last, within=2):
            return False
        segments = {self._segment[first] for first, _ in match.at}
        if segments & self._now:
            return True
        if segments & self._past:
            return False
        if any(self._supposed.get(first) for first, _ in match.at):
            return False
        if any(self._supposing.get(part, match.last) < match.at[-1][0] for part in segments):
            return False
        return not self._over(self._mended, match.first, match.last, within=1)

    def untold(self, places: Iterable[int]) -> list[int]:
        """The words among these that something denies, puts in the past, or hides."""
        either = self._denied.keys() | self._hidden
        if self._doubted:
            return [at for at in places if at in either or not self._tells(at)]
        return [at for at in places if at in either]

    def _tells(self, at: int) -> bool:
        """Whether a word counts that nothing denies."""
        if self._over(self._ended, at, at, within=2):
            return False
        segment = self._segment[at]
        if segment in self._now:
            return True
        if segment in self._past or self._supposed.get(at):
            return False
        if self._supposing.get(segment, at) < at:
            return False
        return not self._over(self._mended, at, at, within=1)

    def _segments(self) -> list[int]:
        """The part of a sentence that each word stands in."""
        turns, sentence = self._turns, self._words.sentence
        if not turns:
            return sentence
        return [number + bisect_right(turns, at) for at, number in enumerate(sentence)]

    def _ruled(self, spans: Iterable[Span], but: set[int]) -> dict[int, list[int]]:
        """The words that each cue rules, with the places of these cues.

        Args:
            spans: Where the cues stand.
            but: Places of those that rule nothing.
        """
        ruled: dict[int, list[int]] = {}
        readings, turns = self._words.readings, set(self._turns)
        for first, last in spans:
            if first in but:
                continue
            for at in range(last + 1, min(last + 1 + REACH, len(readings))):
                reading = readings[at]
                if at in turns or reading is END or (reading is BREAK and not self._listed(at)):
                    break
                ruled.setdefault(at, []).append(first)
                if not (reading.through or reading is BREAK or reading.word == "#"):
                    break
        return ruled

    def _listed(self, comma: int) -> bool:
        """Whether a comma stands in a list that ends in a transparent word such as `or`."""
        readings = self._words.readings
        for at in range(comma + 1, min(comma + 7, len(readings))):
            reading = readings[at]
            if reading is END or not (reading.through or reading is BREAK):
                return False
            if reading.word in ("or", "nor", "ni", "o", "u", "ou"):
                return True
        return False

    def _ends(self, spans: Iterable[Span]) -> list[int]:
        """Where something is told to be over, but for `not over`."""
        denied = self._denied.keys()
        return sorted(first for first, last in spans if denied.isdisjoint(range(first, last + 1)))

    def _over(self, ends: list[int], first: int, last: int, *, within: int) -> bool:
        """Whether it is over at most so many sentences after it was told of."""
        if not ends:
            return False
        sentence = self._words.sentence
        at = bisect_left(ends, first)
        return at < len(ends) and sentence[ends[at]] - sentence[last] <= within


def _covered(spans: Iterable[Span]) -> set[int]:
    return {at for first, last in spans for at in range(first, last + 1)}
