"""Finds emergencies in words of one language: by sure phrases, and by weights if it has some."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from inspectiq._words import PAUSE, PhraseFinder, Word, WordSpan, normalize, tokenize
from inspectiq.screening._rules import Language
from inspectiq.screening._weights import WordWeights

__all__ = ["FoundEmergency", "LanguageReader"]

SURE, CRY, DENIAL, HARMLESS = "sure", "cry", "denial", "harmless"
DENIED = 4  # words after a denial that it reaches, in its part of a sentence


class FoundEmergency(NamedTuple):
    """A kind of emergency that was found in words.

    Attributes:
        kind: Its key.
        span: The words that say so.
        because: The words that weighed most in them, or the phrase.
    """

    kind: str
    span: WordSpan
    because: tuple[WordSpan, ...]


class LanguageReader:
    """Finds emergencies in words of one language.

    Args:
        language: Its phrases, common words and weights.
    """

    def __init__(self, language: Language) -> None:
        self.weights = _load_weights(language.weights) if language.weights else None
        self._common = frozenset(map(normalize, language.common_words))
        self._foreign = frozenset(map(normalize, language.foreign_words))
        denying = {word.plain for phrase in language.denials for word in tokenize(phrase)}
        self._phrases = PhraseFinder(
            _list_phrases(language), small=self._common - denying, is_right=self._is_right
        )

    def knows(self, word: str) -> bool:
        """Tells whether a plain word is one of the language."""
        return word in self._common or bool(self.weights and self.weights.knows(word))

    def measure_share(self, words: Sequence[Word]) -> float:
        """Measures which share of words is of the language; foreign ones count against it."""
        foreign = sum(word.plain in self._foreign for word in words)
        known = sum(self.knows(word.plain) for word in words if word.plain not in self._foreign)
        return (known - foreign) / max(len(words), 1)

    def find_emergencies(
        self, words: Sequence[Word], own: Sequence[WordSpan]
    ) -> Iterator[FoundEmergency]:
        """Finds the emergencies that words tell of, one kind perhaps several times.

        Args:
            words: The words.
            own: The sentences that are in the language: only these are weighed.
        """
        places = self._find_phrases(words)
        harmless = {at for _, span in places[HARMLESS] for at in range(*span)}
        denied = {at for _, span in places[DENIAL] for at in _list_reached(words, span.last)}
        for kind, span in places[SURE]:
            if span.first not in denied and harmless.isdisjoint(range(*span)):
                yield FoundEmergency(kind, span, (span,))
        yield from _find_cries(places[CRY], len(words))
        weighed = [at for span in own for at in range(*span) if at not in harmless]
        yield from self._weigh(words, weighed)

    def _find_phrases(self, words: Sequence[Word]) -> dict[str, list[tuple[str, WordSpan]]]:
        """Finds the phrases of each role, with their kinds."""
        places: dict[str, list[tuple[str, WordSpan]]] = defaultdict(list)
        for (role, kind), span in self._phrases.find(words):
            places[role].append((kind, span))
        return places

    def _is_right(self, word: str) -> bool:
        return word in self._common or bool(self.weights and self.weights.is_frequent(word))

    def _weigh(self, words: Sequence[Word], weighed: Sequence[int]) -> Iterator[FoundEmergency]:
        """Finds what some of the words, by their numbers, tell of by their weights."""
        if not self.weights or not weighed:
            return
        kept = self.weights.correct_spelling([words[at] for at in weighed])
        alarm = self.weights.score_alarm(kept)
        if alarm.score <= 0:
            return
        part = _renumber(alarm.part, weighed)
        reasons = self.weights.find_reasons(kept, alarm.part)
        because = tuple(_renumber(span, weighed) for span in reasons)
        for kind in self.weights.choose_kinds(kept, alarm.decides):
            yield FoundEmergency(kind, part, because)


def _find_cries(cries: Iterable[tuple[str, WordSpan]], word_count: int) -> Iterator[FoundEmergency]:
    """Finds the cries that are all that is said."""
    for kind, span in cries:
        if span == (0, word_count):
            yield FoundEmergency(kind, span, (span,))


def _renumber(span: WordSpan, kept: Sequence[int]) -> WordSpan:
    """Renumbers a stretch of some of the words by the places of these among all."""
    return WordSpan(kept[span.first], kept[span.last - 1] + 1)


def _list_phrases(language: Language) -> Iterator[tuple[tuple[str, str], str]]:
    """Lists every phrase of a language, with its role and kind."""
    for kind, words in language.kinds.items():
        yield from (((SURE, kind), phrase) for phrase in words.phrases)
        yield from (((CRY, kind), phrase) for phrase in words.cries)
    yield from (((DENIAL, ""), phrase) for phrase in language.denials)
    yield from (((HARMLESS, ""), phrase) for phrase in language.harmless)


def _list_reached(words: Sequence[Word], first: int) -> Iterator[int]:
    """Lists the words that a denial reaches, from the first one after it."""
    for at in range(first, min(first + DENIED, len(words))):
        if words[at].gap >= PAUSE:
            return
        yield at


@cache
def _load_weights(sha256: str) -> WordWeights:
    """Reads the shipped weights with a content hash.

    Raises:
        LookupError: None has it.
    """
    for file in files("inspectiq.screening").joinpath("languages").iterdir():
        if file.name.endswith(".json"):
            content = file.read_bytes()
            if hashlib.sha256(content).hexdigest() == sha256:
                return WordWeights(content.decode("utf-8"))
    raise LookupError(f"no table of weights that ships has the hash {sha256}")
