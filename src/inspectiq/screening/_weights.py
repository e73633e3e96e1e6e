"""Weighs words: how much each says that a text tells of an emergency, and of which kind.

`benchmarks/fit_screen.py` fits and writes the tables. They weigh the features that
`inspectiq._words.extract_features` yields.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from inspectiq._words import (
    Spelling,
    Word,
    WordSpan,
    extract_features,
    extract_letters,
    split_parts,
    split_sentences,
    to_token,
)

__all__ = ["AlarmScore", "WordWeights"]


RARE = 105  # of a word that stands in twenty or so of ten thousand texts


class AlarmScore(NamedTuple):
    """How strongly words tell of an emergency.

    Attributes:
        score: Above 0 for an emergency.
        part: The part of the words that tells of it most.
        decides: The words that decided it: that part, or all.
    """

    score: float
    part: WordSpan
    decides: WordSpan


class WordWeights:
    """Weighs the words of one language.

    Args:
        table: JSON text of an object with these keys:
            `rare`: by rarity, features (one text, `|` between) and what each adds to the alarm;
            `kinds`: for each kind, what is added to its score, its features and their weights;
            `length`: added to the length of every text, so that a few features weigh little;
            `alarm`: added to the alarm of every text;
            `sentence`: share of the alarm that the likeliest part has, 0–1;
            `alone`: how much surer a part must be to raise an alarm by itself, times the logarithm
            of the number of parts;
            `kind`: score above which a further kind is told.
    """

    def __init__(self, table: str) -> None:
        read = json.loads(table)
        self._share, self._alone, self._length = read["sentence"], read["alone"], read["length"]
        self._added, self._least_kind = read["alarm"], read["kind"]
        self._alarm: dict[str, int] = {}
        self._rarity: dict[str, int] = {}
        for rarity, (packed, weights) in read["rare"].items():
            names = packed.split("|")
            self._alarm.update(zip(names, weights, strict=True))
            self._rarity |= dict.fromkeys(names, int(rarity))
        self._kinds: dict[str, tuple[int, dict[str, int]]] = {
            kind: (added, dict(zip(packed.split("|"), weights, strict=True)))
            for kind, (added, packed, weights) in read["kinds"].items()
        }
        self.knows = self._rarity.keys().__contains__
        self._spelling = Spelling(filter(str.isalpha, self._rarity))

    def is_frequent(self, word: str) -> bool:
        """Tells whether a word is so frequent that it is spelt right."""
        return self._rarity.get(word, RARE) < RARE

    def correct_spelling(self, words: Sequence[Word]) -> list[Word]:
        """Returns the words as they should be spelt."""
        return [word._replace(plain=self._spelling.correct(word.plain)) for word in words]

    def score_alarm(self, words: Sequence[Word]) -> AlarmScore:
        """Scores how strongly words tell of an emergency."""
        spans = split_parts(split_sentences(words))
        whole = WordSpan(0, len(words))
        sums = {span: self._sum_weights(words, span) for span in {*spans, whole}}
        told, part = max((sums[span], span) for span in spans)
        together = (1 - self._share) * sums[whole] + self._share * told
        alone = told - self._alone * math.log(len(spans))
        if together >= alone:
            return AlarmScore(self._added + together, part, whole)
        return AlarmScore(self._added + alone, part, part)

    def choose_kinds(self, words: Sequence[Word], span: WordSpan) -> list[str]:
        """Chooses the kinds that a stretch tells of, the likeliest first; at least one."""
        used, norm = self._list_known(words, span)
        scores = {
            kind: added + sum(map(weights.__getitem__, used & weights.keys())) / norm
            for kind, (added, weights) in self._kinds.items()
        }
        ordered = sorted(scores, key=lambda kind: (-scores[kind], kind))
        return ordered[:1] + [kind for kind in ordered[1:] if scores[kind] > self._least_kind]

    def find_reasons(self, words: Sequence[Word], span: WordSpan, most: int = 3) -> list[WordSpan]:
        """Finds the words, or pairs of words, of a stretch that weigh most for an emergency."""
        scores = self._score_reasons([to_token(word) for word in words[span.first : span.last]])
        chosen: list[WordSpan] = []
        for one in sorted(scores, key=lambda one: (-scores[one], one)):
            if len(chosen) == most or scores[one] <= 0:
                break
            if all(one.last <= other.first or one.first >= other.last for other in chosen):
                chosen.append(one)
        return [WordSpan(span.first + one.first, span.first + one.last) for one in sorted(chosen)]

    def _score_reasons(self, tokens: Sequence[str]) -> dict[WordSpan, int]:
        """Scores each word, and each pair that says more than its words, by how much it alarms."""
        alone = [sum(map(self._weigh, (one, *extract_letters(one)))) for one in tokens]
        scores = {WordSpan(at, at + 1): value for at, value in enumerate(alone)}
        for at, pair in enumerate(pairwise(tokens)):
            together = self._weigh(" ".join(pair))
            if together > 0 < min(alone[at : at + 2]):
                scores[WordSpan(at, at + 2)] = together + sum(alone[at : at + 2])
        return scores

    def _weigh(self, feature: str) -> int:
        return self._alarm.get(feature, 0)

    def _sum_weights(self, words: Sequence[Word], span: WordSpan) -> float:
        """Sums up how strongly a stretch tells of an emergency."""
        used, norm = self._list_known(words, span)
        return sum(map(self._alarm.__getitem__, used)) / norm

    def _list_known(self, words: Sequence[Word], span: WordSpan) -> tuple[set[str], float]:
        """Lists the features of a stretch that the table knows, and what sums are divided by."""
        used = self._rarity.keys() & extract_features(words[span.first : span.last])
        return used, math.hypot(self._length, *map(self._rarity.__getitem__, used))
