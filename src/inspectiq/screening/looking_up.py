"""Each token of a text looked up in every language at once, and remembered."""

from __future__ import annotations

from collections.abc import Sequence

from inspectiq.screening.lexicon import Lexicon, Reading
from inspectiq.screening.spelling import single
from inspectiq.screening.words import COMMA, STOP, break_of, number_of, plain

__all__ = ["BREAK", "END", "Token", "Tokens"]

BREAK, END = Reading(","), Reading(".")
"""What a comma and the end of a sentence mean, in any language."""

REMEMBERED = 50_000
"""Tokens that are remembered before all are forgotten: some 20 MB."""


class Token:
    """A token: its reading in each language.

    Attributes:
        readings: One a language, in their order.
        weights: How well it is known in each, see `Reading.weight`.
        bits: What it may fit in each language, also together with the words after it.
        telling: A bit for each language in which it may tell of a hazard.
        only: The bit of the language that alone knows it; 0 for none or several.
        size: How many words it counts as; 0 for a break, a number or a sign.
        foreign: Whether its letters are of no alphabet that a language here uses.
        stop: Whether it ends a sentence.
    """

    __slots__ = ("bits", "foreign", "only", "readings", "size", "stop", "telling", "weights")

    def __init__(
        self, readings: tuple[Reading, ...], size: int, *, foreign: bool = False, stop: bool = False
    ) -> None:
        self.readings = readings
        self.weights = tuple(reading.weight for reading in readings)
        self.bits: tuple[int, ...] = ()
        self.telling = 0
        known = [place for place, weight in enumerate(self.weights) if weight > 0]
        self.only = 1 << known[0] if size and len(known) == 1 else 0
        self.size = size
        self.foreign = foreign
        self.stop = stop


class Tokens:
    """Looks tokens up.

    Args:
        lexicons: The languages.
    """

    def __init__(self, lexicons: Sequence[Lexicon]) -> None:
        self._lexicons = tuple(lexicons)
        self._scripts = {
            _script(word) for lexicon in lexicons for word in lexicon.words if word.isalpha()
        }
        self._remembered: dict[str, Token] = {}

    def read(self, tokens: Sequence[str]) -> list[Token]:
        """What the tokens of a text mean."""
        remembered = self._remembered
        if len(remembered) >= REMEMBERED:
            remembered = self._remembered = {}
        try:
            return [remembered[token] for token in tokens]
        except KeyError:
            for token in tokens:
                if token not in remembered:
                    remembered[token] = self._told(self._looked_up(token))
        return [remembered[token] for token in tokens]

    def _told(self, token: Token) -> Token:
        for place, (lexicon, reading) in enumerate(
            zip(self._lexicons, token.readings, strict=True)
        ):
            bits = reading.bits
            for concepts in reading.concepts.values():
                for concept in concepts:
                    bits |= concept.bits
            token.bits = (*token.bits, bits)
            if bits & lexicon.keys:
                token.telling |= 1 << place
        return token

    def _looked_up(self, token: str) -> Token:
        if kind := break_of(token):
            reading = END if kind == STOP else BREAK
            return Token((reading,) * len(self._lexicons), 0, stop=kind > COMMA)
        value = number_of(token)
        if value is not None:
            return Token(tuple(Reading("#", lex.number(value)) for lex in self._lexicons), 0)
        word = plain(token)
        exact = [_exact(lexicon, word) for lexicon in self._lexicons]
        if not any(exact):
            drawn = single(word)
            exact = [
                next((found for one in drawn if (found := _exact(lexicon, one))), None)
                for lexicon in self._lexicons
            ]
        readings: tuple[Reading, ...]
        if any(exact):
            readings = tuple(
                found or Reading(word, weight=-2 if word in lexicon.foreign else 0)
                for found, lexicon in zip(exact, self._lexicons, strict=True)
            )
        else:
            readings = tuple(_guessed(lexicon, word) for lexicon in self._lexicons)
        script = _script(word)
        if not script:
            return Token(readings, 0)
        size = 1 if script in "lgcrah" else max(1, len(word) // 2)
        return Token(readings, size, foreign=script not in self._scripts)


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
