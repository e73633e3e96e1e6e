"""A second opinion on a text: how much it reads like the emergencies that weights were fitted to.

Signs know what somebody thought of. Weights were fitted to phrases, see `benchmarks/fit_screen.py`,
and know words that no sign names, and words that speak against one. A sign that was found is one
more thing that is weighed. All of it is arithmetic: the same text has the same score everywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from itertools import accumulate, pairwise

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
    start = 0
    for end in (*ends, length):
        while end - start > LONGEST:
            sentences.append((start, start + LONGEST))
            start += LONGEST - OVERLAP
        if end > start:
            sentences.append((start, end))
        start = end + 1
    together = [
        (first, last) for (first, _), (_, last) in pairwise(sentences) if last - first <= LONGEST
    ]
    return sentences + together


BREAKS = frozenset({"", "."})
"""Stems of a comma and of the end of a sentence."""
NONE: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a word.

    Attributes:
        stem: The word without its ending; "." for the end of a sentence, "" for a comma.
        alone: What it adds where it is told.
        followed: What the word after it adds, by that word.
        apart: What the next but one adds.
    """

    stem: str
    alone: float
    followed: dict[str, float]
    apart: dict[str, float]


NOTHING = Entry("", 0.0, NONE, NONE)
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
        endings: What is cut off words, the longest first, where three letters are left.
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
        return Entry(
            stem, plain + more, self._followed.get(stem, NONE), self._apart_from.get(stem, NONE)
        )

    def first_look(self, entries: Sequence[Entry]) -> list[float]:
        """As `sums` for words that are all told, but quick."""
        total = self.bias
        sums = [total]
        next_, next_but_one, later = NONE, NONE, NONE
        for entry in entries:
            stem = entry.stem
            if stem not in BREAKS:
                total += entry.alone
                if stem in next_:
                    total += next_[stem]
                if stem in next_but_one:
                    total += next_but_one[stem]
                next_, next_but_one, later = entry.followed, later, entry.apart
            elif stem:
                next_, next_but_one, later = NONE, NONE, NONE
            sums.append(total)
        return sums

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

    def kind(self, stems: Sequence[str], told: Sequence[bool], window: Window) -> dict[str, float]:
        """How much a stretch reads like each kind of emergency."""
        # In a definite order, since fractions add up a little differently in another one.
        inside = sorted({stems[at] for at in range(*window) if told[at]} - BREAKS)
        known = self._kinds_by_stem
        rows = [known[stem] for stem in inside if stem in known] or [(0.0,) * len(self.kinds)]
        return {
            kind: of.get("", 0.0) + sum(column)
            for (kind, of), column in zip(self.kinds.items(), zip(*rows, strict=True), strict=True)
        }

    @classmethod
    def parsed(cls, text: str, endings: Sequence[str]) -> Weights:
        """A table from its text: a family, a key and a weight in each line, with tabs between."""
        made = cls(endings=tuple(sorted(endings, key=len, reverse=True)))
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
        for ending in self.endings:
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                return word[: -len(ending)]
        return word

    @cached_property
    def _kinds_by_stem(self) -> dict[str, tuple[float, ...]]:
        """What each stem adds to each kind, in their order."""
        return {
            stem: tuple(of.get(stem, 0.0) for of in self.kinds.values())
            for stem in set().union(*self.kinds.values())
        }

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
