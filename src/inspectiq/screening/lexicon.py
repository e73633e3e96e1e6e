"""A language made ready: what each word means to its patterns, worked out once a word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import NamedTuple

from inspectiq.screening.patterns import Element, Pattern, forms, parse
from inspectiq.screening.rules import Language
from inspectiq.screening.spelling import Spelling

__all__ = ["BREAK", "END", "Concept", "Cued", "Lexicon", "Reading", "Sign", "Term"]

COMMON = 1000
"""Rare words that a function word is as common as."""


@dataclass(frozen=True, slots=True)
class Term:
    """An element of a pattern with its own bit, which the words that fit it carry too."""

    bit: int
    element: Element

    @property
    def needed(self) -> bool:
        """Whether some word must be there for it."""
        return not self.element.optional and not self.element.edge and self.element.gap is None


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of a hazard, ready to be looked for.

    Attributes:
        kind: The hazard.
        pattern: As written.
        terms: Its elements with their bits.
        need: Bits that a text must have for it.
        key: Place in `terms` of the element that the fewest and rarest words fit.
        unless: Bits that keep it from counting.
        sure: Whether it counts whatever the weights say.
    """

    kind: str
    pattern: Pattern
    terms: tuple[Term, ...]
    need: int
    key: int
    unless: int
    sure: bool = False


class Cued(NamedTuple):
    """A cue that may begin at a word: its name, its elements, and bits that a text must have."""

    cue: str
    terms: tuple[Term, ...]
    need: int


class Concept(NamedTuple):
    """A concept of several words that may begin at a word: all its words, and its bits."""

    words: tuple[str, ...]
    bits: int


NO_CONCEPTS: Mapping[str, tuple[Concept, ...]] = {}
NO_CUES: Mapping[int, tuple[Cued, ...]] = {}
"""Shared by the words that have none, which are most."""


@dataclass(slots=True)
class Reading:
    """What a word means in one language.

    Attributes:
        word: The word, as the lists have it.
        bits: Elements of patterns that it fits.
        concepts: Concepts of several words that may begin with it, by the second word.
        cues: Cues that may begin with it, by the rarest bit that each needs.
        cue_bits: These bits together.
        sign_bits: Elements of signs that it may fit, alone or as the first of several words.
        keyed: Places of the signs whose rarest element is one of these.
        weight: 2 for a word that is known, 1 for one that was misspelt, 0 for an unknown one, and 2
            less for one that gives away another language.
        through: Whether a negation reaches past it.
    """

    word: str
    bits: int = 0
    concepts: Mapping[str, tuple[Concept, ...]] = field(default_factory=lambda: NO_CONCEPTS)
    cues: Mapping[int, tuple[Cued, ...]] = field(default_factory=lambda: NO_CUES)
    cue_bits: int = 0
    sign_bits: int = 0
    keyed: frozenset[int] = frozenset()
    weight: int = 0
    through: bool = False


BREAK, END = Reading(","), Reading(".")
"""What a comma and the end of a sentence mean, in any language."""


@dataclass(slots=True)
class Lexicon:
    """The words of a language.

    Args:
        language: What the file says of it.
    """

    language: Language
    signs: tuple[Sign, ...] = ()
    sure: bool = False
    words: dict[str, Reading] = field(default_factory=dict)
    foreign: frozenset[str] = frozenset()
    _bits: dict[object, int] = field(default_factory=dict)
    _all: int = 0
    _numbers: list[tuple[float, float, int]] = field(default_factory=list)
    _spelling: Spelling | None = None
    _by_key: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        language = self.language
        signs = [
            (kind, parse(line), sure)
            for kind, hazard in language.hazards.items()
            for lines, sure in ((hazard.signs, not language.weights), (hazard.sure, True))
            for line in lines
        ]
        cues = [
            (cue, parse(line))
            for cue, lines in language.cues.items()
            if cue != "through"
            for line in lines
        ]
        singles, several = self._concepts()
        by_word: dict[str, int] = defaultdict(int)
        by_concept: dict[str, int] = defaultdict(int)
        for pattern in (*(pattern for _, pattern, _ in signs), *(pattern for _, pattern in cues)):
            for element in (*pattern.elements, *([pattern.unless] if pattern.unless else [])):
                self._add(element, singles, by_word, by_concept)
        self._all = (1 << len(self._bits)) - 1
        for word, bits in by_word.items():
            self._known(word).bits |= bits
        self._begin_concepts(several, by_concept)
        small = language.words_of("function_words")
        fitting: dict[int, int] = defaultdict(int)
        for word, bits in by_word.items():
            left = bits
            while left:
                fitting[left & -left] += COMMON if word in small else 1
                left &= left - 1
        made = [self._sign(*sign, fitting) for sign in signs]
        self.signs = tuple(sorted(made, key=lambda sign: (not sign.sure, sign.terms[sign.key].bit)))
        for place, sign in enumerate(self.signs):
            self._by_key.setdefault(sign.terms[sign.key].bit, []).append(place)
        self.sure = any(sign.sure for sign in self.signs)
        self._begin_cues(cues, singles, fitting)
        self._add_plain_words()
        self._add_sign_bits()

    def possible(self, bits: int, keyed: Iterable[int]) -> list[Sign]:
        """The signs whose words are all in a text, in whatever order; first those that are sure.

        Args:
            bits: Elements that words of the text fit.
            keyed: Places of the signs whose rarest element is one of these.
        """
        signs, missing = self.signs, self.lacking(bits)
        return [signs[place] for place in sorted(keyed) if not signs[place].need & missing]

    def lacking(self, bits: int) -> int:
        """All other elements of patterns."""
        return bits ^ self._all

    def reading(self, word: str, bits: int, weight: int = 0) -> Reading:
        """A word of no list."""
        return Reading(word, bits, sign_bits=bits, keyed=self._keyed(bits), weight=weight)

    @property
    def bounds(self) -> set[int]:
        """The whole numbers from which on numbers mean something else to the patterns."""
        return {bound for least, most, _ in self._numbers for bound in (int(least), int(most) + 1)}

    def number(self, value: float) -> int:
        """Bits of a number."""
        bits = 0
        for least, most, bit in self._numbers:
            if least <= value <= most:
                bits |= bit
        return bits

    def meant(self, word: str) -> Reading | None:
        """The reading of the word that a misspelt one was meant to be."""
        meant = self._spelling.meant(word) if self._spelling else None
        return self.words[meant] if meant else None

    def _concepts(self) -> tuple[dict[str, set[str]], dict[str, list[tuple[str, ...]]]]:
        singles: dict[str, set[str]] = {}
        several: dict[str, list[tuple[str, ...]]] = {}
        for name, entries in self.language.concepts.items():
            singles[name], several[name] = set(), []
            for entry in entries:
                parts = [sorted(_choices(part)) for part in entry.split()]
                if len(parts) == 1:
                    singles[name].update(parts[0])
                else:
                    several[name].extend(_rows(parts))
        return singles, several

    def _add(
        self,
        element: Element,
        singles: dict[str, set[str]],
        by_word: dict[str, int],
        by_concept: dict[str, int],
    ) -> None:
        if element.gap is not None or element.edge or element.choices in self._bits:
            return
        bit = self._bits[element.choices] = 1 << len(self._bits)
        for word in element.words.union(*(singles[name] for name in element.concepts)):
            by_word[word] |= bit
        for name in element.concepts:
            by_concept[name] |= bit
        self._numbers.extend((float(least), float(most), bit) for least, most in element.numbers)

    def _terms(self, pattern: Pattern) -> tuple[Term, ...]:
        return tuple(
            Term(self._bits.get(element.choices, 0) if element.gap is None else 0, element)
            for element in pattern.elements
        )

    def _sign(self, kind: str, pattern: Pattern, sure: bool, fitting: Mapping[int, int]) -> Sign:
        terms = self._terms(pattern)
        needed = [place for place, term in enumerate(terms) if term.needed]
        key = min(needed, key=lambda place: fitting[terms[place].bit])
        unless = self._bits[pattern.unless.choices] if pattern.unless else 0
        return Sign(kind, pattern, terms, _need(terms), key, unless, sure)

    def _begin_concepts(
        self, several: dict[str, list[tuple[str, ...]]], by_concept: dict[str, int]
    ) -> None:
        bits: dict[tuple[str, ...], int] = defaultdict(int)
        for name, rows in several.items():
            for row in rows:
                bits[row] |= by_concept[name]
        for row, found in sorted(bits.items(), key=lambda item: -len(item[0])):
            reading = self._known(row[0])
            same = reading.concepts.get(row[1], ())
            reading.concepts = {**reading.concepts, row[1]: (*same, Concept(row, found))}
            for word in row[1:]:
                self._known(word)

    def _begin_cues(
        self,
        cues: list[tuple[str, Pattern]],
        singles: dict[str, set[str]],
        fitting: Mapping[int, int],
    ) -> None:
        firsts = {
            name: {entry.split()[0] for entry in entries if " " in entry}
            for name, entries in self.language.concepts.items()
        }
        for cue, pattern in cues:
            terms = self._terms(pattern)
            first = pattern.elements[0]
            # The first stands there anyway.
            others = [term.bit for term in terms[1:] if term.needed] or [terms[0].bit]
            bit = min(others, key=fitting.__getitem__)
            words = set(first.words).union(*(singles[name] for name in first.concepts))
            for name in first.concepts:
                words.update(*(_choices(word) for word in firsts[name]))
            cued = Cued(cue, terms, _need(terms))
            for word in words:
                reading = self._known(word)
                reading.cue_bits |= bit
                reading.cues = {**reading.cues, bit: (*reading.cues.get(bit, ()), cued)}

    def _add_plain_words(self) -> None:
        language = self.language
        telling = frozenset(word for word, reading in self.words.items() if reading.bits)
        small = language.words_of("function_words")
        for word in small | language.words_of("vocabulary"):
            self._known(word)
        for word in language.words_of("real_words"):
            self._known(word)
        for line in language.cues.get("through", ()):
            for word in _choices(line):
                self._known(word).through = True
        self.foreign = frozenset(language.foreign)
        for word in self.foreign & self.words.keys():
            self.words[word].weight = 0
        self._spelling = Spelling(self.words.keys() - small, telling - small)

    def _add_sign_bits(self) -> None:
        of_signs = reduce(or_, [sign.need for sign in self.signs], 0)
        for reading in self.words.values():
            bits = reading.bits
            for concepts in reading.concepts.values():
                for concept in concepts:
                    bits |= concept.bits
            reading.sign_bits = bits & of_signs
            reading.keyed = self._keyed(reading.sign_bits)

    def _keyed(self, bits: int) -> frozenset[int]:
        """Places of the signs whose key is among some bits."""
        return frozenset(at for bit, places in self._by_key.items() if bit & bits for at in places)

    def _known(self, word: str) -> Reading:
        if word not in self.words:
            self.words[word] = Reading(word, weight=2)
        return self.words[word]


def _need(terms: Iterable[Term]) -> int:
    """The bits that a text must have for a pattern."""
    return reduce(or_, [term.bit for term in terms if term.needed], 0)


def _choices(written: str) -> set[str]:
    return {form for choice in written.split("|") for form in forms(choice)}


def _rows(parts: Iterable[list[str]]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [()]
    for part in parts:
        rows = [(*row, word) for row in rows for word in part]
    return rows
