"""Measures how well words fit each type of issue, by its symptoms: naive Bayes over features."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

from inspectiq._words import Word, extract_features, tokenize
from inspectiq.domain._taxonomy import IssueType

__all__ = ["SymptomIndex"]

SMOOTH = 0.5  # how much a share counts beside none; 0.1 to 10 were tried
NOTHING = ""
"""The type of words that tell of nothing wrong."""


class SymptomIndex:
    """Finds types of issue by their symptoms. Deterministic; safe to use from several threads.

    Each symptom gives its type's features a share by how rare they are among the types; a text is
    of the type whose features it shares most.

    Args:
        types: The types that are looked for, by their symptoms, labels and keys.
        nothing: Phrases that tell of nothing wrong.
    """

    def __init__(self, types: Sequence[IssueType], nothing: Iterable[str]) -> None:
        said = {kind.key: _list_phrases(kind) for kind in types} | {NOTHING: tuple(nothing)}
        counted = {
            key: [frozenset(extract_features(tokenize(phrase))) for phrase in phrases]
            for key, phrases in said.items()
        }
        often = Counter(f for rows in counted.values() for f in set().union(*rows))
        self._rarity = {f: math.log1p(len(said) / times) for f, times in often.items()}
        self._unknown = math.log1p(len(said))
        self._shares: dict[str, dict[str, float]] = defaultdict(dict)
        for key, rows in counted.items():
            shares = self._share_out(rows)
            total = sum(shares.values())
            for f, share in shares.items():
                weight = math.log1p(SMOOTH * len(often) * share / total)
                self._shares[f][key] = self._rarity[f] * weight
        self.knows = self._rarity.keys().__contains__

    def _share_out(self, rows: Iterable[Collection[str]]) -> dict[str, float]:
        """Sums up each feature's share in the phrases of a type, by how rare it is."""
        shares: dict[str, float] = defaultdict(float)
        for row in rows:
            length = math.hypot(*map(self._rarity.__getitem__, row))
            for f in row:
                shares[f] += self._rarity[f] / length
        return shares

    def measure_fits(self, words: Sequence[Word]) -> dict[str, float]:
        """Measures how well words fit each type of which they have a feature."""
        fits: dict[str, float] = {}
        length = 0.0
        for f in sorted(set(extract_features(words))):
            length += self._rarity.get(f, self._unknown)
            for key, weight in self._shares.get(f, {}).items():
                fits[key] = fits.get(key, 0.0) + weight
        return {key: fit / length for key, fit in fits.items()}


def _list_phrases(kind: IssueType) -> tuple[str, ...]:
    return (*kind.symptoms, kind.label, kind.key.replace("_", " "))
