"""Weights of words: how much each says that a text tells of an emergency, and of which kind.

`benchmarks/fit_screen.py` fits and writes the tables. They weigh the features of
`inspectiq.words.features`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from inspectiq.words import Span, Word, features, letters_of, parts, sentences, token_of

__all__ = ["Weights"]


class Weights:
    """The weights of one language.

    Args:
        table: The JSON text of their table: `sentence`, the share of a score that the likeliest
            sentence has; `alarm`, what is added to the score; `rare`, by how rare they are,
            features (a text with `|` between) and what each adds; `kinds`, the same for each kind,
            after what is added to its score; and `kind`, the score over which a further kind is
            told.
    """

    def __init__(self, table: str) -> None:
        read = json.loads(table)
        self._share, self._added, self._least_kind = read["sentence"], read["alarm"], read["kind"]
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

    def alarm(self, words: Sequence[Word]) -> tuple[float, Span]:
        """How much words tell of an emergency, over 0 where they do; and which part does most."""
        spans = parts(sentences(words))
        sums = {span: self._sum(words, span) for span in {*spans, Span(0, len(words))}}
        told, best = max((sums[span], span) for span in spans)
        whole = sums[Span(0, len(words))]
        return self._added + (1 - self._share) * whole + self._share * told, best

    def kinds(self, words: Sequence[Word], span: Span) -> list[str]:
        """The kinds that a stretch tells of, the likeliest first; at least one."""
        used, norm = self._used(words, span)
        scores = {
            kind: added + sum(map(weights.__getitem__, used & weights.keys())) / norm
            for kind, (added, weights) in self._kinds.items()
        }
        ordered = sorted(scores, key=lambda kind: (-scores[kind], kind))
        return ordered[:1] + [kind for kind in ordered[1:] if scores[kind] > self._least_kind]

    def because(self, words: Sequence[Word], span: Span, most: int = 3) -> list[Span]:
        """The words, alone or two in a row, that say most that a stretch tells of an emergency."""
        said = [token_of(word) for word in words[span.first : span.last]]
        weight = self._alarm.get
        alone = [weight(one, 0) + sum(weight(part, 0) for part in letters_of(one)) for one in said]
        found = {Span(at, at + 1): value for at, value in enumerate(alone)}
        for at in range(len(said) - 1):
            pair = weight(f"{said[at]} {said[at + 1]}", 0)
            if pair > 0 < min(alone[at : at + 2]):
                found[Span(at, at + 2)] = pair + sum(alone[at : at + 2])
        chosen: list[Span] = []
        for one in sorted(found, key=lambda one: (-found[one], one)):
            apart = all(one.last <= other.first or one.first >= other.last for other in chosen)
            if len(chosen) < most and found[one] > 0 and apart:
                chosen.append(one)
        return [Span(span.first + one.first, span.first + one.last) for one in sorted(chosen)]

    def _sum(self, words: Sequence[Word], span: Span) -> float:
        used, norm = self._used(words, span)
        return sum(map(self._alarm.__getitem__, used)) / norm

    def _used(self, words: Sequence[Word], span: Span) -> tuple[set[str], float]:
        """The features of a stretch that the table knows, and by what their sums are divided."""
        used = self._rarity.keys() & features(words[span.first : span.last])
        return used, math.hypot(*map(self._rarity.__getitem__, used)) or 1.0
