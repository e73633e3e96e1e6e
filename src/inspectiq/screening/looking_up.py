"""Each token of a text looked up in every language at once, and remembered."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from itertools import accumulate, chain, groupby
from operator import or_

from inspectiq.screening.counting import Counting, Counts
from inspectiq.screening.lexicon import BREAK, END, Lexicon, Reading
from inspectiq.screening.memory import Memory
from inspectiq.screening.spelling import single
from inspectiq.screening.weighing import NOTHING, Entry, Weights
from inspectiq.screening.words import (
    LARGE,
    STOP,
    break_of,
    large_number,
    number_of,
    places,
    plain,
    spaces_part,
    taken_apart,
)

__all__ = ["Text", "Tokens"]


@dataclass(slots=True, eq=False)
class Part:
    """A part of a text looked up: a token, or several in a row.

    Attributes:
        added: What its tokens add to the counts of the text, packed.
        readings: What each means, in every language.
        entries: What each weighs, in every language.
        sign_bits: Elements of signs that they may fit, in every language.
        keyed: Places of signs whose rarest element is one of these, in every language.
        tokens: The tokens; empty for a single one.
    """

    added: int
    readings: tuple[tuple[Reading, ...], ...]
    entries: tuple[tuple[Entry, ...], ...]
    sign_bits: tuple[int, ...]
    keyed: tuple[frozenset[int], ...]
    tokens: tuple[Part, ...] = ()

    @property
    def length(self) -> int:
        """How many tokens it has."""
        return len(self.readings[0])

    @classmethod
    def joined(cls, parts: Sequence[Part], languages: int) -> Part:
        """Several tokens in a row."""
        if len(parts) == 1:
            return parts[0]
        places = range(languages)
        return cls(
            sum([part.added for part in parts]),
            tuple([tuple([part.readings[at][0] for part in parts]) for at in places]),
            tuple([tuple([part.entries[at][0] for part in parts]) for at in places]),
            tuple([reduce(or_, [part.sign_bits[at] for part in parts], 0) for at in places]),
            tuple([frozenset().union(*[part.keyed[at] for part in parts]) for at in places]),
            tuple(parts),
        )


@dataclass(eq=False)
class Text:
    """A text looked up.

    Args:
        written: The parts that it was looked up in, with a character between one and the next.
        parts: What was found.
        counting: Adds up what is counted.
    """

    written: Sequence[str]
    parts: Sequence[Part]
    counting: Counting

    def counts(self) -> Counts:
        """What its tokens add up to."""
        return self.counting.counts(sum([part.added for part in self.parts]))

    def sentences(self) -> list[Counts]:
        """What the tokens of each sentence add up to."""
        parts = [part.tokens or (part,) for part in self.parts if part.length]
        sentences = groupby(chain.from_iterable(parts), lambda token: token.readings[0][0] is END)
        totals = [sum([token.added for token in own]) for is_end, own in sentences if not is_end]
        return [*map(self.counting.counts, totals)]

    def readings(self, language: int) -> list[Reading]:
        """What each token means in a language."""
        return [*chain.from_iterable([part.readings[language] for part in self.parts])]

    def entries(self, language: int) -> Iterator[Entry]:
        """What each token weighs in a language."""
        return chain.from_iterable([part.entries[language] for part in self.parts])

    def sign_bits(self, language: int) -> int:
        """Elements of signs that its tokens may fit in a language."""
        return reduce(or_, [part.sign_bits[language] for part in self.parts], 0)

    def keyed(self, language: int) -> set[int]:
        """Places of signs of a language whose rarest element is one of these."""
        return set().union(*[part.keyed[language] for part in self.parts])

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Where tokens stand in the text: their first character, and the one after the last."""
        return self._place(first)[0], self._place(last)[1]

    def _place(self, at: int) -> tuple[int, int]:
        part = bisect_right(self._ends, at)
        if part not in self._placed:
            self._placed[part] = places(self.written[part])
        begins = sum(map(len, self.written[:part])) + part
        first, last = self._placed[part][at - self._ends[part]]  # counted from the part's end
        return begins + first, begins + last

    @cached_property
    def _ends(self) -> list[int]:
        """How many tokens there are up to the end of each part."""
        return [*accumulate([part.length for part in self.parts])]

    @cached_property
    def _placed(self) -> dict[int, list[tuple[int, int]]]:
        """Where the tokens of parts stand in these, found when first asked for."""
        return {}


class Tokens:
    """Looks tokens up.

    Args:
        lexicons: The languages.
        weights: The weights of each; None for one that has none.
    """

    def __init__(self, lexicons: Sequence[Lexicon], weights: Sequence[Weights | None]) -> None:
        self._lexicons = tuple(lexicons)
        self._weights = tuple(weights)
        self._scripts = {
            _script(word) for lexicon in lexicons for word in lexicon.words if word.isalpha()
        }
        bounds = {bound for lexicon in lexicons for bound in lexicon.bounds if bound > LARGE}
        self._counting = Counting(len(lexicons))
        self._bounds = [LARGE, *sorted(bounds)]
        self._numbers: dict[tuple[int, ...], Part] = {}
        self._tokens = Memory(self._looked_up, self._alike)
        self._parts = Memory(self._part, self._alike)

    def read(self, text: str) -> Text:
        """The tokens of a text, and what each means."""
        written = text.split(" ") if spaces_part(text) else [text]
        return Text(written, [*map(self._parts.__getitem__, written)], self._counting)

    def _alike(self, word: str) -> str:
        """A word with one number for all that the patterns do not tell from that it begins with.

        Flats, years and telephone numbers are many, and seldom come back.
        """
        number = large_number(word)
        if not number:
            return word
        one = self._bounds[bisect_right(self._bounds, int(number)) - 1]
        return f"{one}{word[len(number) :]}"

    def _part(self, text: str) -> Part:
        tokens = [*map(self._tokens.__getitem__, taken_apart(text))]
        return Part.joined(tokens, len(self._lexicons))

    def _looked_up(self, token: str) -> Part:
        value = number_of(token)
        if value is not None:
            return self._number(value)
        if kind := break_of(token):
            return self._token([END if kind == STOP else BREAK] * len(self._lexicons))
        word = plain(token)
        exact = [_exact(lexicon, word) for lexicon in self._lexicons]
        if not any(exact):
            drawn = single(word)
            exact = [
                next((found for one in drawn if (found := _exact(lexicon, one))), None)
                for lexicon in self._lexicons
            ]
        if any(exact):
            readings = [
                found or Reading(word, weight=-2 if word in lexicon.foreign else 0)
                for found, lexicon in zip(exact, self._lexicons, strict=True)
            ]
        else:
            readings = [_guessed(lexicon, word) for lexicon in self._lexicons]
        script = _script(word)
        if not script:
            return self._token(readings)
        size = 1 if script in "lgcrah" else max(1, len(word) // 2)
        return self._token(readings, size, foreign=script not in self._scripts)

    def _number(self, value: float) -> Part:
        """The one token of all numbers that the patterns do not tell apart."""
        bits = tuple([lexicon.number(value) for lexicon in self._lexicons])
        if bits not in self._numbers:
            both = zip(self._lexicons, bits, strict=True)
            self._numbers[bits] = self._token([lexicon.reading("#", one) for lexicon, one in both])
        return self._numbers[bits]

    def _token(self, readings: Sequence[Reading], size: int = 0, *, foreign: bool = False) -> Part:
        entries = [
            own.entry(reading) if own else NOTHING
            for own, reading in zip(self._weights, readings, strict=True)
        ]
        return Part(
            self._counting.packed(size, [one.weight for one in readings], foreign=foreign),
            tuple([(reading,) for reading in readings]),
            tuple([(entry,) for entry in entries]),
            tuple([reading.sign_bits for reading in readings]),
            tuple([reading.keyed for reading in readings]),
        )


def _exact(lexicon: Lexicon, word: str) -> Reading | None:
    found = lexicon.words.get(word.replace("'", ""))
    if found is None and "'" in word:
        before, _, after = word.partition("'")  # l'eau is told by what follows, sink's is not
        found = (lexicon.words.get(after) if len(after) > 2 else None) or lexicon.words.get(before)
    return found


def _guessed(lexicon: Lexicon, word: str) -> Reading:
    bare = word.replace("'", "")
    if bare in lexicon.foreign:
        return Reading(bare, weight=-2)
    for drawn in (bare, *single(bare)):
        if meant := lexicon.meant(drawn):
            return replace(meant, weight=1)
    for at in range(2, len(bare) - 1):  # two words run together, where both mean something
        if len(bare) > 24:
            break
        one, other = lexicon.words.get(bare[:at]), lexicon.words.get(bare[at:])
        if one and other and one.bits and other.bits and len(bare) > 5:
            return lexicon.reading(bare, one.bits | other.bits, weight=1)
    return Reading(bare)


def _script(word: str) -> str:
    """A letter for the alphabet of a word: its first letter's; "" for a sign."""
    char = ord(word[0]) if word else 0
    if not word[:1].isalpha():
        return ""
    for letter, first, last in (
        ("l", 0x41, 0x24F),
        ("l", 0x1E00, 0x1EFF),
        ("g", 0x370, 0x3FF),
        ("c", 0x400, 0x52F),
        ("h", 0x590, 0x5FF),
        ("a", 0x600, 0x77F),
        ("r", 0x780, 0x1FFF),
    ):
        if first <= char <= last:
            return letter
    return "o"
