"""Reads from English words what is still wrong and which facts they state, by words.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from inspectiq._words import PhraseFinder, Sign, SignFinder, Word, WordSpan, split_sentences

__all__ = ["English", "load_english"]

REACH = 3  # words that a denial reaches
CARRIES = ("or", "nor")  # words that carry a denial on
EARLY = 4  # words at the beginning of a clause, in which it says that it is of the past
SOON = 2  # clauses in which it may be told that something is not over


class English:
    """Recognises in English words what is wrong, what is denied and what is over."""

    def __init__(self, table: dict[str, Any]) -> None:
        self.nothing: list[str] = table["nothing"]
        self._sets = {
            name: frozenset(words.split())
            for name, words in table.items()
            if isinstance(words, str) and name != "version"
        }
        self._denials = _make_finder(table["denials"])
        self._past = _make_finder(table["past"])
        self._used_to = _make_finder(table["used_to"])
        facts = [Sign(**entry) for entry in table["facts"]]
        self.facts_known = {sign.of for sign in facts}
        self._facts = SignFinder(facts)

    def split_clauses(self, words: Sequence[Word]) -> list[WordSpan]:
        """Splits words into clauses: at each pause, and at each word that joins."""
        starts = [0]
        for at, word in enumerate(words):
            if at and (word.gap or word.plain in self._sets["joins"]):
                starts.append(at)
        return [WordSpan(*ends) for ends in pairwise([*starts, len(words)])]

    def keep_complaints(
        self, words: Sequence[Word], clauses: Sequence[WordSpan], is_symptom: Callable[[str], bool]
    ) -> list[WordSpan]:
        """Keeps the clauses that may tell of something wrong: not denied, not fine, not over."""
        kept: list[WordSpan] = []
        denied = False
        for number, clause in enumerate(clauses):
            said = words[slice(*clause)]
            carried = denied and said[0].plain in CARRIES
            denied = carried or self._is_denied(said, is_symptom)
            if denied or self._is_fine(said):
                continue
            later = clauses[number + 1 : number + 1 + SOON]
            goes_on = any(self._has_word("goes_on", words[slice(*span)]) for span in later)
            if goes_on or not self._is_over(said):
                kept.append(clause)
        return kept

    def names_trouble(self, words: Sequence[Word]) -> bool:
        """Tells whether words say that something is wrong."""
        return self._has_word("trouble", words)

    def find_facts(self, words: Sequence[Word]) -> Iterator[tuple[str, WordSpan]]:
        """Yields the key of each fact that the words state, and the span that states it."""
        for first, last in split_sentences(words):
            for sign, span in self._facts.find(words[first:last]):
                yield sign.of, WordSpan(first + span.first, first + span.last)

    def _has_word(self, name: str, words: Sequence[Word]) -> bool:
        return not self._sets[name].isdisjoint(word.plain for word in words)

    def _is_fine(self, said: Sequence[Word]) -> bool:
        return self._has_word("fine", said) and not self._has_word("trouble", said)

    def _is_denied(self, said: Sequence[Word], is_symptom: Callable[[str], bool]) -> bool:
        for _, span in self._denials.find(said):
            denial = said[span.last - 1].plain
            for word in said[span.last : span.last + REACH]:
                pairs = (f"{denial} {word.plain}", f"{denial} * {word.plain}")
                if word.plain in self._sets["trouble"] and not any(map(is_symptom, pairs)):
                    return True
        return False

    def _is_over(self, said: Sequence[Word]) -> bool:
        if self._has_word("mended", said):
            return self._has_word("by", said) and not self._has_word("open", said)
        past = any(self._past.find(said)) and self._has_word("was", said)
        used_to = any(self._used_to.find(said[:EARLY]))
        return (past or used_to) and not self._has_word("goes_on", said)


def _make_finder(phrases: Iterable[str]) -> PhraseFinder[None]:
    return PhraseFinder([(None, phrase) for phrase in phrases])


@lru_cache(maxsize=1)
def load_english() -> English:
    """Reads the words.toml that ships with the package, once."""
    text = files("inspectiq.transports._offline.words").joinpath("words.toml").read_text("utf-8")
    return English(tomllib.loads(text))
