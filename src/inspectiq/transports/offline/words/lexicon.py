"""The English that a tenant's words are read with, from words.toml beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from inspectiq.transports.offline.words.stems import plain_words, stem

__all__ = ["CANNOT", "DROPPED", "NO", "NOT", "FactWords", "Lexicon", "Phrases", "lexicon"]

NOT, CANNOT, NO, DROPPED = "not", "cannot", "no", ""


class Phrases:
    """Sequences of words and what stands for them; the longest that starts at a place wins."""

    def __init__(self) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}

    def add(self, phrase: Sequence[str], stands_for: Sequence[str]) -> None:
        """Take a phrase in; one that is known keeps its meaning."""
        if phrase:
            known = self._by_first.setdefault(phrase[0], [])
            if all(other != tuple(phrase) for other, _ in known):
                known.append((tuple(phrase), tuple(stands_for)))
                known.sort(key=lambda entry: -len(entry[0]))

    def at(self, words: Sequence[str], place: int) -> tuple[int, tuple[str, ...]] | None:
        """How many words the longest phrase at a place takes, and what stands for them."""
        for phrase, stands_for in self._by_first.get(words[place], ()):
            length = len(phrase)
            if length == 1 or tuple(words[place : place + length]) == phrase:
                return length, stands_for
        return None


@dataclass(frozen=True, slots=True)
class FactWords:
    """How a fact is put: any of `says` says it, unless one of `unless` is there too."""

    key: str
    says: tuple[str, ...]
    unless: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """Plain words by which a clause tells of something that is over, or is as it should be."""

    mended: frozenset[str]
    by: frozenset[str]
    open: frozenset[str]
    fine: frozenset[str]
    was: frozenset[str]
    goes_on: frozenset[str]
    long_ago: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All of words.toml, ready for use.

    Attributes:
        version: Of the file.
        instead: Plain words that others stand for before their ending is taken off.
        turning: Words that turn others, each as `not`, `cannot` or `no`.
        negations: Phrases that turn others, or that only look so, over the words of `turning`.
        same: What stands for what, as stems.
        filler: Plain words that are left out before phrases are looked for.
        stop: Plain words that are left out after that.
        trouble: Stems that say that something is wrong.
        past: What tells that something is over.
        facts: How facts are put.
        words: Plain words that are spelt right.
    """

    version: str
    instead: dict[str, str]
    turning: dict[str, str]
    negations: Phrases
    same: Phrases
    filler: frozenset[str]
    stop: frozenset[str]
    trouble: frozenset[str]
    past: Past
    facts: tuple[FactWords, ...]
    words: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """Read the words that are shipped with the package, once."""
    text = files("inspectiq.transports.offline.words").joinpath("words.toml").read_text("utf-8")
    table = tomllib.loads(text)
    instead = table["instead"]
    turning = _turning(table["negation"])
    filler = frozenset(table["stop"]["filler"].split())
    past = table["past"]
    return Lexicon(
        version=table["version"],
        instead=instead,
        turning=turning,
        negations=_negations(table["negation"], turning),
        same=_same(table["same"], {**instead, **turning}, filler),
        filler=filler,
        stop=filler | frozenset(table["stop"]["words"].split()),
        trouble=_stems(table["trouble"]["words"]),
        past=Past(
            **{name: frozenset(past[name].split()) for name in past if name != "long_ago"},
            long_ago=tuple(past["long_ago"]),
        ),
        facts=tuple(FactWords(key, **_tuples(entry)) for key, entry in table["facts"].items()),
        words=frozenset(_spelt_right(table)),
    )


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words.split())


def _tuples(entry: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(items) for name, items in entry.items()}


def _turning(table: dict[str, list[str]]) -> dict[str, str]:
    return {
        phrase: mark for mark in (NO, CANNOT, NOT) for phrase in table[mark] if " " not in phrase
    }


def _negations(table: dict[str, list[str]], turning: dict[str, str]) -> Phrases:
    phrases = Phrases()
    for name, mark in (("harmless", DROPPED), (NO, NO), (CANNOT, CANNOT), (NOT, NOT)):
        for phrase in table[name]:
            words = [turning.get(word, word) for word in phrase.split()]
            if len(words) > 1:
                phrases.add(words, [mark] if mark else [])
    return phrases


def _same(table: dict[str, list[str]], instead: dict[str, str], filler: frozenset[str]) -> Phrases:
    def read(phrase: str) -> list[str]:
        words = [instead.get(word, word) for word in plain_words(phrase)]
        return [NOT if word == CANNOT else stem(word) for word in words if word not in filler]

    phrases = Phrases()
    for first, others in table.items():
        stands_for = _turned(read(first))
        for phrase in (first, *others):
            phrases.add(read(phrase), stands_for)
    return phrases


def _turned(stems: list[str]) -> list[str]:
    """Stems with each `not` drawn into the word that follows it."""
    turned: list[str] = []
    for before, word in zip(["", *stems], stems, strict=False):
        if word != NOT:
            turned.append("~" + word if before == NOT else word)
    return turned


def _spelt_right(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield from plain_words(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from plain_words(key)
            yield from _spelt_right(item)
    elif isinstance(value, list):
        for item in value:
            yield from _spelt_right(item)
