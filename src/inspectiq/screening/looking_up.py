"""Each token of a text looked up in every language at once, and remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, compress, count
from typing import Any

from inspectiq.screening.counting import packed
from inspectiq.screening.lexicon import BREAK, END, Lexicon, Reading
from inspectiq.screening.memory import Memory
from inspectiq.screening.spelling import single
from inspectiq.screening.weighing import NOTHING, Entry, Weights
from inspectiq.screening.words import (
    COMMA,
    STOP,
    break_of,
    number_of,
    plain,
    spaces_part,
    taken_apart,
)

__all__ = ["Text", "Tokens"]


Token = tuple[Any, ...]
"""What a token adds to the counts of its text, packed; whether it ends a sentence; then its reading
in each language, and its entry in each."""


@dataclass(slots=True)
class Text:
    """The tokens of a text, taken column by column.

    Attributes:
        added: What each adds to the counts of the text, packed.
        ends: Places of those that end a sentence.
        readings: What each means, in every language.
        entries: What each weighs, in every language.
    """

    added: Sequence[int]
    ends: Sequence[int]
    readings: Sequence[Sequence[Reading]]
    entries: Sequence[Sequence[Entry]]


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
        self._numbers: dict[tuple[int, ...], Token] = {}
        self._tokens = Memory(self._looked_up)
        self._parts = Memory(self._read)

    def read(self, text: str) -> Text:
        """The tokens of a text, and what each means."""
        if spaces_part(text):
            tokens = tuple(chain.from_iterable(map(self._parts.__getitem__, text.split(" "))))
        else:
            tokens = self._read(text)
        languages = len(self._lexicons)
        if not tokens:
            return Text((), (), ((),) * languages, ((),) * languages)
        added, ends, *columns = zip(*tokens, strict=True)
        return Text(added, [*compress(count(), ends)], columns[:languages], columns[languages:])

    def _read(self, text: str) -> tuple[Token, ...]:
        tokens = self._tokens
        return tuple(map(tokens.__getitem__, taken_apart(text)))

    def _looked_up(self, token: str) -> Token:
        if kind := break_of(token):
            reading = END if kind == STOP else BREAK
            return self._token([reading] * len(self._lexicons), stop=kind > COMMA)
        value = number_of(token)
        if value is not None:
            return self._number(tuple([lexicon.number(value) for lexicon in self._lexicons]))
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

    def _number(self, bits: tuple[int, ...]) -> Token:
        """The one token of all numbers that the patterns do not tell apart."""
        if bits not in self._numbers:
            self._numbers[bits] = self._token([Reading("#", one) for one in bits])
        return self._numbers[bits]

    def _token(
        self,
        readings: Sequence[Reading],
        size: int = 0,
        *,
        foreign: bool = False,
        stop: bool = False,
    ) -> Token:
        weights = [reading.weight for reading in readings]
        known = [weight > 0 for weight in weights]
        only = [one and size > 0 and sum(known) == 1 for one in known]
        entries = [
            weights.entry(reading) if weights else NOTHING
            for reading, weights in zip(readings, self._weights, strict=True)
        ]
        return packed(size, weights, only, foreign=foreign), stop, *readings, *entries


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
            return Reading(
                meant.word, meant.bits, meant.concepts, meant.cues, 1, through=meant.through
            )
    for at in range(2, len(bare) - 1):  # two words run together, where both mean something
        if len(bare) > 24:
            break
        one, other = lexicon.words.get(bare[:at]), lexicon.words.get(bare[at:])
        if one and other and one.bits and other.bits and len(bare) > 5:
            return Reading(bare, one.bits | other.bits, weight=1)
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
