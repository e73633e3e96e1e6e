"""The screen at work: a text in, the signs that count out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inspectiq.screening.injection import injection_signs
from inspectiq.screening.judging import Read
from inspectiq.screening.lexicon import Lexicon
from inspectiq.screening.looking_up import Text, Tokens
from inspectiq.screening.matching import Match
from inspectiq.screening.recognising import Understood, understood
from inspectiq.screening.rules import Language
from inspectiq.screening.weighing import Weights

__all__ = ["Engine", "Found"]

OWN_WORDS, OWN_SHARE = 2, 1 / 3
"""Words that a language alone must know, and what share of all such words, for a text to be weighed
in it."""
SENTENCE = re.compile(r"[.!?\n]+")
LONGEST_QUOTE = 300
"""Characters of the words that are quoted."""


@dataclass(frozen=True, slots=True)
class Found:
    """A hazard that a text tells of.

    Attributes:
        kind: The hazard.
        language: Place of the language whose signs found it.
        words: The part of the text that says so.
        first: Place of its first token.
    """

    kind: str
    language: int
    words: str
    first: int


class Engine:
    """Languages made ready.

    Args:
        languages: What the files say of them.
        weights: The weights of each; None for one that has none.
    """

    def __init__(self, languages: Sequence[Language], weights: Sequence[Weights | None]) -> None:
        self._lexicons = tuple(map(Lexicon, languages))
        self._tokens = Tokens(self._lexicons, weights)
        self._weights = tuple(weights)

    def screen(self, text: str, declared: int | None) -> tuple[list[Found], Understood]:
        """What a text tells of, and in which language.

        A text that speaks to a model cannot call off what one of its sentences tells of.

        Args:
            text: Somebody's words.
            declared: Place of the language that was given, if it is a known one.
        """
        found, meant, called_off = self._screened(text, declared)
        if called_off and injection_signs(text):
            alone = [self._screened(part, meant.language) for part in SENTENCE.split(text)]
            found = [one for part, _, _ in alone for one in part]
        return found, meant

    def _screened(self, text: str, declared: int | None) -> tuple[list[Found], Understood, bool]:
        """What a text tells of, in which language, and whether something was called off."""
        tokens = self.taken_apart(text)
        counts = tokens.counts()
        meant = understood(tokens, counts, declared)
        spoken = _spoken(counts.own, meant)
        matches: list[tuple[int, str, Match]] = []
        called_off = False
        for place, own in enumerate(counts.own):
            # The signs of another language need a word of its own, if the text is in a known one.
            if place in spoken or not spoken or own:
                read = self.read(tokens, place, weighed=place in spoken)
                matches += [(place, kind, match) for kind, match in read.found()]
                called_off = called_off or read.was_called_off
        # Signs alone are no words.
        found = _quoted(text, tokens, matches) if matches and counts.size else []
        return found, meant, called_off

    def taken_apart(self, text: str) -> Text:
        """The tokens of a text."""
        return self._tokens.read(text.replace("_", " "))

    def read(self, tokens: Text, place: int, *, weighed: bool = True) -> Read:
        """The tokens as one language reads them, by its signs and, where it has any, weights."""
        weights = self._weights[place] if weighed else None
        return Read(tokens, place, self._lexicons[place], weights)


def _quoted(text: str, tokens: Text, matches: Iterable[tuple[int, str, Match]]) -> list[Found]:
    """What was found, with the words of the text that say so."""
    found: list[Found] = []
    for place, kind, match in matches:
        begins, ends = tokens.span(match.first, match.last)
        found.append(Found(kind, place, text[begins:ends][:LONGEST_QUOTE], match.first))
    return found


def _spoken(own: Sequence[int], meant: Understood) -> list[int]:
    """Places of the languages that a text is in; none where it is in no language that is known.

    Args:
        own: How many words each language alone knows.
        meant: The language that was recognised.
    """
    if meant.language is None:
        return []
    total = sum(own)
    if own[meant.language] == total:
        return [meant.language]
    least = max(OWN_WORDS, OWN_SHARE * total)
    return [place for place, count in enumerate(own) if count >= least or place == meant.language]
