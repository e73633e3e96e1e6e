"""The screen at work: a text in, the signs that count out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import attrgetter, or_

from inspectiq.screening.injection import injection_signs
from inspectiq.screening.judging import Read, weights_of
from inspectiq.screening.lexicon import Lexicon
from inspectiq.screening.looking_up import Token, Tokens
from inspectiq.screening.matching import Match
from inspectiq.screening.recognising import Understood, understood
from inspectiq.screening.rules import Language
from inspectiq.screening.weighing import Weights
from inspectiq.screening.words import taken_apart, with_places

__all__ = ["Engine", "Found"]

OWN_WORDS, OWN_SHARE = 2, 1 / 3
"""Words that a language alone must know, and what share of all such words, for a text to be weighed
in it."""
ONLY, TELLING = attrgetter("only"), attrgetter("telling")
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
    """

    def __init__(self, languages: Sequence[Language]) -> None:
        self._lexicons = tuple(map(Lexicon, languages))
        self._tokens = Tokens(self._lexicons)
        self._weights = tuple(map(weights_of, languages))

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
        telling = reduce(or_, map(TELLING, tokens), 0)
        meant = understood(tokens, declared)
        own = list(map(ONLY, tokens))
        spoken = _spoken(own, meant, len(self._lexicons))
        matches: list[tuple[int, str, Match]] = []
        called_off = False
        for place, weights in enumerate(self._weights):
            weighed = place in spoken
            # The signs of another language need a word of its own, if the text is in a known one.
            if weighed or (telling >> place & 1 and (not spoken or 1 << place in own)):
                read = self.read(tokens, place, weights if weighed else None)
                matches += [(place, kind, match) for kind, match in read.found()]
                called_off = called_off or read.was_called_off
        if matches and not any(token.size for token in tokens):
            matches.clear()  # signs alone are no words
        found = self._quoted(text, matches) if matches else []
        return found, meant, called_off

    def taken_apart(self, text: str) -> list[Token]:
        """The tokens of a text."""
        return self._tokens.read(taken_apart(text.replace("_", " ")))

    def read(self, tokens: Sequence[Token], place: int, weights: Weights | None) -> Read:
        """The tokens as one language reads them."""
        lexicon = self._lexicons[place]
        possible = lexicon.possible(reduce(or_, [token.bits[place] for token in tokens], 0))
        return Read([token.readings[place] for token in tokens], possible, weights)

    def _quoted(self, text: str, matches: list[tuple[int, str, Match]]) -> list[Found]:
        places = list(with_places(text.replace("_", " ")))
        return [
            Found(
                kind,
                place,
                text[places[match.first][0] : places[match.last][1]][:LONGEST_QUOTE],
                match.first,
            )
            for place, kind, match in matches
        ]


def _spoken(own: Sequence[int], meant: Understood, languages: int) -> list[int]:
    """Places of the languages that a text is in; none where it is in no language that is known.

    Args:
        own: The bit of the language that alone knows it, for each token.
        meant: The language that was recognised.
        languages: How many there are.
    """
    if meant.language is None:
        return []
    counts = [own.count(1 << place) for place in range(languages)]
    least = max(OWN_WORDS, OWN_SHARE * sum(counts))
    return [
        place for place, count in enumerate(counts) if place == meant.language or count >= least
    ]
