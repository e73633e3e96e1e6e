"""What a text tells of in one language: its signs and its weights together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, reduce
from itertools import starmap
from operator import or_

from inspectiq.screening.lexicon import END, Lexicon, Reading
from inspectiq.screening.looking_up import Text
from inspectiq.screening.matching import Match, Words
from inspectiq.screening.rules import Language
from inspectiq.screening.scopes import Scopes, hide_harmless
from inspectiq.screening.weighing import Weights, Window, sha256_of, shipped, windows

__all__ = ["Read", "weights_of"]

TABLES = ("en", "es")
"""Tables of weights that ship with inspectiq."""

UNTOLD = 0.5
"""What leaving words untold may add to a score and is allowed for; more is not looked for."""
LEAN = 1.0
"""What a sign that counts adds besides its weight: in doubt there is an alarm."""
SHORT = 6
"""Tokens of a text in which a sign is sure: there is little else to weigh."""
SURER = 4000
"""By how many thousandths a kind must outweigh those of the signs to be told besides."""


class Read:
    """A text as one language reads it.

    Where there are no weights, signs decide. Where there are, a sign is one more thing that is
    weighed, but for those that are sure.

    Args:
        text: Its tokens.
        place: Place of the language.
        lexicon: The language.
        weights: Its weights; None for none, or for a text that is not in this language.

    Attributes:
        was_called_off: Whether it only tells of none because of what denies it or says that it is
            over; known once it was asked what it tells of.
    """

    def __init__(self, text: Text, place: int, lexicon: Lexicon, weights: Weights | None) -> None:
        self._text = text
        self._place = place
        self._lexicon = lexicon
        self._weights = weights
        self.was_called_off = False

    def found(self) -> list[tuple[str, Match]]:
        """The hazards that it tells of, each with the words that say so."""
        weights = self._weights
        if weights is None:
            return self._by_signs(sure=False)
        sums, ends = weights.first_look(self._text.entries(self._place))
        hopeful = self._hopeful(weights, sums, ends)
        is_short = len(sums) <= SHORT + 1
        found = dict(self._by_signs(sure=True)) if is_short or self._lexicon.sure else {}
        if not hopeful:
            return list(found.items())
        stems, told = self.stems, self.told(hopeful)
        if False in told:
            sums = weights.sums(stems, told)
        for window in hopeful:
            first, last = window
            score = sums[last] - sums[first] + weights.bias
            if score + weights.sign + LEAN < weights.alarm:
                continue  # whatever sign is in it
            inside = self.within(window)
            if inside or score >= weights.alarm:
                self._tell(found, weights.by_kind(stems, told, window), window, inside)
        self.was_called_off = not found
        return list(found.items())

    def windows(self) -> list[Window]:
        """The stretches in which it is weighed."""
        readings = self._closer.readings
        return windows([at for at, one in enumerate(readings) if one is END], len(readings))

    @property
    def signs(self) -> dict[str, tuple[Match, bool]]:
        """The first match of each hazard that counts, and whether it is sure."""
        return self._closer.signs

    def within(self, window: Window) -> dict[str, Match]:
        """The signs that count in a stretch."""
        first, last = window
        return {
            kind: match for kind, (match, _) in self.signs.items() if first <= match.first < last
        }

    @property
    def stems(self) -> list[str]:
        """The words without their endings."""
        return [stem for stem, _, _, _ in self._text.entries(self._place)]

    def told(self, stretches: Sequence[Window]) -> list[bool]:
        """Which words nothing denies, puts in the past, or makes a part of a harmless name.

        Words outside of the stretches count as told.
        """
        closer = self._closer
        told = [True] * len(closer.readings)
        for at in closer.scopes.untold(set().union(*starmap(range, stretches))):
            told[at] = False
        return told

    @cached_property
    def _closer(self) -> Closer:
        return Closer(self._text, self._place, self._lexicon)

    def _hopeful(
        self, weights: Weights, sums: Sequence[float], ends: Sequence[int]
    ) -> list[Window]:
        """The stretches that may tell of an emergency.

        A first look takes every word as told, which is quick and seldom less than the truth.
        """
        stretches = windows(ends, len(sums) - 1)
        if not stretches:
            return []
        scores = [sums[last] - sums[first] for first, last in stretches]
        least, signed = weights.alarm - UNTOLD - weights.bias, weights.sign + LEAN
        best = max(scores)
        if best < least:
            if best + signed < least or not self._closer.standing():
                return []
            least -= signed
        return [one for one, score in zip(stretches, scores, strict=True) if score >= least]

    def _by_signs(self, *, sure: bool) -> list[tuple[str, Match]]:
        """The hazards that signs tell of; only those that are sure, or all."""
        if not self._closer.standing():
            return []
        return [
            (kind, match) for kind, (match, is_sure) in self.signs.items() if is_sure or not sure
        ]

    def _tell(
        self,
        found: dict[str, Match],
        scores: Mapping[str, int],
        window: Window,
        inside: Mapping[str, Match],
    ) -> None:
        """Adds what a stretch tells of: the kinds of its signs, and the one that it reads like."""
        for kind, match in inside.items():
            found.setdefault(kind, match)
        best = max(scores.values())
        # A kind that the weights do not know is a host's own, and its signs say enough.
        by_signs = [scores.get(kind, best) for kind in inside]
        if not by_signs or best > max(by_signs) + SURER:
            surest = next(kind for kind, score in scores.items() if score == best)
            found.setdefault(surest, Match(window[0], window[1] - 1, ()))


class Closer:
    """A closer look at a text: its words with what several of them mean together, and its signs.

    Args:
        text: Its tokens.
        place: Place of the language.
        lexicon: The language.
    """

    def __init__(self, text: Text, place: int, lexicon: Lexicon) -> None:
        self._text = text
        self._place = place
        # Few texts have all words of a sign, which is quick to see.
        self._possible = lexicon.possible(text.sign_bits(place), text.keyed(place))
        if self._possible:
            missing = lexicon.lacking(self._words.every)
            self._possible = [sign for sign in self._possible if not sign.need & missing]
            self._words.mark(reduce(or_, [sign.need for sign in self._possible], 0))

    @property
    def readings(self) -> Sequence[Reading]:
        """What each token means."""
        return self._words.readings

    @cached_property
    def _words(self) -> Words:
        return Words(self._text.readings(self._place))

    def standing(self) -> bool:
        """Whether the words of a sign stand in the text as they should, whatever denies them."""
        for sign in self._possible:
            for _ in self._words.stands(sign):
                return True
        return False

    @cached_property
    def scopes(self) -> Scopes:
        """What keeps words from counting."""
        return Scopes(self._words, hide_harmless(self._words))

    @cached_property
    def signs(self) -> dict[str, tuple[Match, bool]]:
        """The first match of each hazard that counts, and whether it is sure."""
        if not self._possible:
            return {}
        scopes, is_short = self.scopes, len(self.readings) <= SHORT
        found: dict[str, tuple[Match, bool]] = {}
        for sign in self._possible:
            if sign.kind not in found:
                for match in self._words.matches(sign):
                    if scopes.count(match):
                        found[sign.kind] = match, sign.sure or is_short
                        break
        return found


def weights_of(language: Language) -> Weights | None:
    """The weights that a language names; None where it names none.

    Raises:
        LookupError: No table that ships has that content.
    """
    if not language.weights:
        return None
    for name in TABLES:
        if sha256_of(name) == language.weights:
            return shipped(name, language.endings)
    raise LookupError(f"no table of weights has the content hash {language.weights}")
