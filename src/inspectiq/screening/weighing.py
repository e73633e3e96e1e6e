"""A second opinion on a text: how much it reads like the emergencies that weights were fitted to.

Signs know what somebody thought of. Weights were fitted to phrases, see `benchmarks/fit_screen.py`,
and know words that no sign names, and words that speak against one. A sign that was found is one
more thing that is weighed. All of it is arithmetic: the same text has the same score everywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from itertools import accumulate, chain, compress

from inspectiq.screening.lanes import Lanes
from inspectiq.screening.lexicon import BREAK, END, Reading

__all__ = ["NOTHING", "Entry", "Weights", "Window", "sha256_of", "windows"]

LONGEST = 30
"""Tokens of a stretch at most; a longer sentence is taken in parts that overlap."""
OVERLAP = 8


Window = tuple[int, int]
"""A stretch of a text: from one token up to another, that one not included."""


def windows(ends: Sequence[int], length: int) -> list[Window]:
    """The stretches in which a text is weighed: each sentence, and each with the next one.

    So what stands beside a sentence takes nothing off it.

    Args:
        ends: Places of the tokens that end a sentence.
        length: How many tokens there are.
    """
    sentences: list[Window] = []
    together: list[Window] = []
    start, before = 0, -LONGEST - 1
    for end in (*ends, length):
        while end > start:
            last = end if end - start <= LONGEST else start + LONGEST
            sentences.append((start, last))
            if last - before <= LONGEST:
                together.append((before, last))
            before = start
            start = last if last == end else last - OVERLAP
        start = end + 1
    return sentences + together


BREAKS = frozenset({"", "."})
"""Stems of a comma and of the end of a sentence."""
NONE: dict[str, float] = {}
THOUSAND = 1000
"""Weights of kinds are added as whole thousandths, so that the order does not matter."""


Entry = tuple[str, float, dict[str, float] | None, dict[str, float]]
"""What is known of a word: its stem, what it adds where it is told, what the word after it adds by
that word, and what the next but one adds.

The end of a sentence has the stem ".", a comma "", and both have None for what follows.
"""

NOTHING: Entry = ("", 0.0, None, NONE)
"""What is known in a language that has no weights."""


@dataclass
class Weights:
    """Weights of one language.

    What a word adds depends on the words before it in its sentence, so a stretch weighs what its
    words add. A word is told where no cue denies it, puts it in the past, or makes it a harmless
    name.

    Attributes:
        bias: What every text has.
        sign: What a sign that counts adds.
        alarm: From which score on a text tells of an emergency.
        words: What a word adds, and what more it adds where it is told.
        pairs: The same of two words in a row.
        apart: What two told words with one between add.
        kinds: What told words add to each kind of emergency.
        endings: What is cut off words, the longest that leaves three letters.
    """

    bias: float = 0.0
    sign: float = 0.0
    alarm: float = 0.0
    words: dict[str, tuple[float, float]] = field(default_factory=dict)
    pairs: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    apart: dict[tuple[str, str], float] = field(default_factory=dict)
    kinds: dict[str, dict[str, float]] = field(default_factory=dict)
    endings: tuple[str, ...] = ()

    def entry(self, reading: Reading) -> Entry:
        """What is known of a word."""
        stem = self._stem(reading)
        plain, more = self.words.get(stem, (0.0, 0.0))
        followed = None if stem in BREAKS else self._followed.get(stem, NONE)
        return stem, plain + more, followed, self._apart_from.get(stem, NONE)

    def first_look(self, entries: Iterable[Entry]) -> tuple[list[float], list[int]]:
        """As `sums` for words that are all told, but quick; and where sentences end."""
        total = self.bias
        sums, ends = [total], []
        next_ = next_but_one = later = NONE
        for stem, alone, followed, apart in entries:
            if followed is not None:
                total += alone
                if stem in next_:
                    total += next_[stem]
                if stem in next_but_one:
                    total += next_but_one[stem]
                next_, next_but_one, later = followed, later, apart
            elif stem:
                ends.append(len(sums) - 1)
                next_ = next_but_one = later = NONE
            sums.append(total)
        return sums, ends

    def sums(self, stems: Sequence[str], told: Sequence[bool]) -> list[float]:
        """What the words up to each place add, so that a stretch is the difference of two.

        Args:
            stems: The words of the text.
            told: Which of them are told.
        """
        words, pairs, apart = self.words, self.pairs, self.apart
        added: list[float] = []
        earlier = before = ""
        was_told = were_told = True
        for at, stem in enumerate(stems):
            if stem in BREAKS:
                added.append(0.0)
                if stem:
                    earlier = before = ""
                continue
            is_told = told[at]
            one = words.get(stem)
            total = 0.0 if one is None else one[0] + one[1] if is_told else one[0]
            if before:
                two = pairs.get((before, stem))
                if two is not None:
                    total += two[0] + two[1] if is_told and was_told else two[0]
                if earlier and is_told and were_told:
                    total += apart.get((earlier, stem), 0.0)
            added.append(total)
            earlier, before = before, stem
            were_told, was_told = was_told, is_told
        return list(accumulate(added, initial=self.bias))

    def features(
        self, stems: Sequence[str], told: Sequence[bool], window: Window
    ) -> Iterator[tuple[str, str]]:
        """What a stretch adds up, as family and key, for fitting."""
        first, last = window
        earlier = before = ""
        was_told = were_told = True
        for at, stem in enumerate(stems):
            if stem in BREAKS:
                if stem:
                    earlier = before = ""
                continue
            if first <= at < last:
                yield "words", stem
                if told[at]:
                    yield "told", stem
                if before:
                    yield "pairs", f"{before} {stem}"
                    if told[at] and was_told:
                        yield "told pairs", f"{before} {stem}"
                if earlier and told[at] and were_told:
                    yield "apart", f"{earlier} {stem}"
            earlier, before = before, stem
            were_told, was_told = was_told, told[at]

    def by_kind(self, stems: Sequence[str], told: Sequence[bool], window: Window) -> dict[str, int]:
        """How much a stretch reads like each kind of emergency, in thousandths."""
        known, (first, last) = self._kinds_by_stem, window
        inside = {*compress(stems[first:last], told[first:last])} & known.keys()
        total = self._kinds_of_all + sum([known[stem] for stem in inside])
        return dict(zip(self.kinds, self._lanes.unpacked(total), strict=True))

    @classmethod
    def parsed(cls, text: str, endings: Sequence[str]) -> Weights:
        """A table from its text: a family, a key and a weight in each line, with tabs between."""
        made = cls(endings=tuple(endings))
        for line in text.splitlines():
            if not line or line.startswith("#"):
                continue
            family, key, weight = line.split("\t")
            value = float(weight)
            if family in ("bias", "sign", "alarm"):
                setattr(made, family, value)
            elif family in ("words", "told"):
                plain, more = made.words.get(key, (0.0, 0.0))
                made.words[key] = (value, more) if family == "words" else (plain, value)
            elif family in ("pairs", "told pairs"):
                one, other = key.split(" ")
                plain, more = made.pairs.get((one, other), (0.0, 0.0))
                made.pairs[one, other] = (value, more) if family == "pairs" else (plain, value)
            elif family == "apart":
                one, other = key.split(" ")
                made.apart[one, other] = value
            else:
                made.kinds.setdefault(family, {})[key] = value
        return made

    def _stem(self, reading: Reading) -> str:
        if reading is END:
            return "."
        if reading is BREAK:
            return ""
        word = reading.word
        for length, endings in self._endings:
            if word[-length:] in endings and len(word) - length >= 3:
                return word[:-length]
        return word

    @cached_property
    def _endings(self) -> list[tuple[int, set[str]]]:
        """The endings by their length, the longest first."""
        lengths = sorted(set(map(len, self.endings)), reverse=True)
        return [
            (length, {ending for ending in self.endings if len(ending) == length})
            for length in lengths
        ]

    @cached_property
    def _kinds_by_stem(self) -> dict[str, int]:
        """What each stem adds to each kind, packed."""
        return {stem: self._kinds_of(stem) for stem in set().union(*self.kinds.values()) - BREAKS}

    @cached_property
    def _kinds_of_all(self) -> int:
        """What every text has of each kind, packed."""
        return self._kinds_of("")

    def _kinds_of(self, stem: str) -> int:
        weights = [of.get(stem, 0.0) for of in self.kinds.values()]
        return self._lanes.packed([round(weight * THOUSAND) for weight in weights])

    @cached_property
    def _lanes(self) -> Lanes:
        weights = chain.from_iterable(of.values() for of in self.kinds.values())
        return Lanes(len(self.kinds), round(min(weights, default=0.0) * THOUSAND))

    @cached_property
    def _followed(self) -> dict[str, dict[str, float]]:
        return _by_first({pair: plain + more for pair, (plain, more) in self.pairs.items()})

    @cached_property
    def _apart_from(self) -> dict[str, dict[str, float]]:
        return _by_first(self.apart)


def _by_first(pairs: Mapping[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for (first, second), weight in pairs.items():
        found.setdefault(first, {})[second] = weight
    return found


@cache
def shipped(name: str, endings: tuple[str, ...]) -> Weights:
    """A table that ships with inspectiq."""
    return Weights.parsed(_text(name), endings)


def sha256_of(name: str) -> str:
    """Content hash of a table that ships with inspectiq."""
    return hashlib.sha256(_text(name).encode()).hexdigest()


@cache
def _text(name: str) -> str:
    place = files("inspectiq.screening").joinpath("languages", f"{name}.tsv")
    return place.read_text(encoding="utf-8")
