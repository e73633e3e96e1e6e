"""What a text tells of in one language: its signs and its weights together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from inspectiq.screening.lexicon import Reading, Sign
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
SURER = 4.0
"""By how much a kind must outweigh those of the signs to be told besides."""


class Read:
    """A text as one language reads it.

    Where there are no weights, signs decide. Where there are, a sign is one more thing that is
    weighed, but for those that are sure.

    Args:
        readings: What each token means.
        possible: The signs of the language whose words are all there, in whatever order.
        weights: Its weights; None for none, or for a text that is not in this language.

    Attributes:
        was_called_off: Whether it only tells of none because of what denies it or says that it is
            over; known once it was asked what it tells of.
    """

    def __init__(
        self, readings: Sequence[Reading], possible: Sequence[Sign], weights: Weights | None
    ) -> None:
        self.readings = list(readings)
        self._possible = possible
        self._weights = weights
        self.was_called_off = False

    def found(self) -> list[tuple[str, Match]]:
        """The hazards that it tells of, each with the words that say so."""
        weights = self._weights
        if weights is None:
            return [(kind, match) for kind, (match, _) in self.signs.items()]
        hopeful = self._hopeful(weights)
        if not hopeful and not self._standing:
            return []
        found = {kind: match for kind, (match, sure) in self.signs.items() if sure}
        told = self.told(hopeful)
        sums = weights.sums(self.stems, told)
        for window in hopeful:
            inside = self.within(window)
            score = sums[window.last] - sums[window.first] + weights.bias
            if score + (weights.sign + LEAN if inside else 0.0) >= weights.alarm:
                kinds = weights.kind(self.stems, told, window)
                self._tell(found, kinds, window, inside)
        self.was_called_off = bool(hopeful) and not found
        return list(found.items())

    def within(self, window: Window) -> dict[str, Match]:
        """The signs that count in a stretch."""
        return {
            kind: match
            for kind, (match, _) in self.signs.items()
            if window.first <= match.first < window.last
        }

    @cached_property
    def stems(self) -> list[str]:
        """The words without their endings."""
        assert self._weights is not None
        return [entry.stem for entry in self._weights.entries(self.readings)]

    def told(self, stretches: Sequence[Window]) -> list[bool]:
        """Which words nothing denies, puts in the past, or makes a part of a harmless name.

        Words outside of the stretches count as told.
        """
        scopes, hidden = self._scopes, self._hidden
        told = [True] * len(self.readings)
        for at in {at for window in stretches for at in range(*window)}:
            told[at] = at not in hidden and scopes.tells(at)
        return told

    def _hopeful(self, weights: Weights) -> list[Window]:
        """The stretches that may tell of an emergency.

        A first look takes every word as told, which is quick and seldom less than the truth.
        """
        sums = weights.first_look(weights.entries(self.readings))
        stretches = windows(self.readings)
        scores = [sums[last] - sums[first] + weights.bias for first, last in stretches]
        least, signed = weights.alarm - UNTOLD, weights.sign + LEAN
        best = max(scores, default=least - signed - 1)
        if best < least <= best + signed and self._standing:
            least -= signed
        return [one for one, score in zip(stretches, scores, strict=True) if score >= least]

    @cached_property
    def signs(self) -> dict[str, tuple[Match, bool]]:
        """The first match of each hazard that counts, and whether it is sure."""
        if not self._standing:
            return {}
        scopes, short = self._scopes, len(self.readings) <= SHORT
        found: dict[str, tuple[Match, bool]] = {}
        for sign in sorted(self._standing, key=lambda sign: not sign.sure):
            if sign.kind not in found:
                for match in self._words.matches(sign):
                    if scopes.count(match):
                        sure = sign.sure or short
                        found[sign.kind] = match, sure
                        break
        return found

    def _tell(
        self,
        found: dict[str, Match],
        kinds: Mapping[str, float],
        window: Window,
        inside: Mapping[str, Match],
    ) -> None:
        """Adds what a stretch tells of: the kinds of its signs, and the one that it reads like."""
        for kind, match in inside.items():
            found.setdefault(kind, match)
        surest = max(kinds, key=lambda kind: kinds[kind])
        # A kind that the weights do not know is a host's own, and its signs say enough.
        by_signs = [kinds.get(kind, kinds[surest]) for kind in inside]
        if not by_signs or kinds[surest] > max(by_signs) + SURER:
            found.setdefault(surest, Match(window.first, window.last - 1, ()))

    @cached_property
    def _words(self) -> Words:
        return Words(self.readings)

    @cached_property
    def _standing(self) -> list[Sign]:
        """The signs whose words stand in the text as they should, whatever denies them."""
        if not self._possible:
            return []
        self._words.number_sentences()
        return [sign for sign in self._possible if next(self._words.stands(sign), None)]

    @cached_property
    def _scopes(self) -> Scopes:
        self._words.number_sentences()
        cues = hide_harmless(self._words)
        self._hidden = {at for first, last in cues["hidden"] for at in range(first, last + 1)}
        return Scopes(self._words, cues)


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
