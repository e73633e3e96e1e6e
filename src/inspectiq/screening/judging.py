"""What a text tells of in one language: its signs and its weights together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from inspectiq.screening.lexicon import Lexicon, Sign
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
SURER = 4.0
"""By how much a kind must outweigh those of the signs to be told besides."""


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
        self.readings = text.readings[place]
        self._entries = text.entries[place]
        self._ends = text.ends
        self._lexicon = lexicon
        self._weights = weights
        self.was_called_off = False

    def found(self) -> list[tuple[str, Match]]:
        """The hazards that it tells of, each with the words that say so."""
        weights = self._weights
        if weights is None:
            return self._by_signs(sure=False)
        sums = weights.first_look(self._entries)
        hopeful = self._hopeful(weights, sums)
        found = dict(self._by_signs(sure=True)) if self._short or self._lexicon.sure else {}
        if not hopeful:
            return list(found.items())
        told = self.told(hopeful)
        if not all(told):
            sums = weights.sums(self.stems, told)
        for window in hopeful:
            first, last = window
            score = sums[last] - sums[first] + weights.bias
            if score + weights.sign + LEAN < weights.alarm:
                continue  # whatever sign is in it
            inside = self.within(window)
            if inside or score >= weights.alarm:
                kinds = weights.kind(self.stems, told, window)
                self._tell(found, kinds, window, inside)
        self.was_called_off = not found
        return list(found.items())

    def windows(self) -> list[Window]:
        """The stretches in which it is weighed."""
        return windows(self._ends, len(self.readings))

    def within(self, window: Window) -> dict[str, Match]:
        """The signs that count in a stretch."""
        return {
            kind: match
            for kind, (match, _) in self.signs.items()
            if window[0] <= match.first < window[1]
        }

    @cached_property
    def stems(self) -> list[str]:
        """The words without their endings."""
        return [entry.stem for entry in self._entries]

    def told(self, stretches: Sequence[Window]) -> list[bool]:
        """Which words nothing denies, puts in the past, or makes a part of a harmless name.

        Words outside of the stretches count as told.
        """
        scopes, hidden = self._scopes, self._hidden
        told = [True] * len(self.readings)
        for at in {at for window in stretches for at in range(*window)}:
            told[at] = at not in hidden and scopes.tells(at)
        return told

    def _hopeful(self, weights: Weights, sums: Sequence[float]) -> list[Window]:
        """The stretches that may tell of an emergency.

        A first look takes every word as told, which is quick and seldom less than the truth.
        """
        stretches = self.windows()
        scores = [sums[last] - sums[first] + weights.bias for first, last in stretches]
        least, signed = weights.alarm - UNTOLD, weights.sign + LEAN
        best = max(scores, default=least - signed - 1)
        if best < least <= best + signed and self._standing():
            least -= signed
        return [one for one, score in zip(stretches, scores, strict=True) if score >= least]

    @cached_property
    def signs(self) -> dict[str, tuple[Match, bool]]:
        """The first match of each hazard that counts, and whether it is sure."""
        if not self._possible:
            return {}
        scopes = self._scopes
        found: dict[str, tuple[Match, bool]] = {}
        for sign in sorted(self._possible, key=lambda sign: not sign.sure):
            if sign.kind not in found:
                for match in self._words.matches(sign):
                    if scopes.count(match):
                        sure = sign.sure or self._short
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
            found.setdefault(surest, Match(window[0], window[1] - 1, ()))

    @cached_property
    def _words(self) -> Words:
        return Words(self.readings)

    @property
    def _short(self) -> bool:
        return len(self.readings) <= SHORT

    def _standing(self) -> bool:
        """Whether the words of a sign stand in the text as they should, whatever denies them."""
        words = self._words
        return any(next(words.stands(sign), None) for sign in self._possible)

    def _by_signs(self, *, sure: bool) -> list[tuple[str, Match]]:
        """The hazards that signs tell of; only those that are sure, or all."""
        if not self._standing():
            return []
        return [
            (kind, match) for kind, (match, is_sure) in self.signs.items() if is_sure or not sure
        ]

    @cached_property
    def _possible(self) -> list[Sign]:
        """The signs whose words are all there, in whatever order."""
        return self._lexicon.possible(self._words.every)

    @cached_property
    def _scopes(self) -> Scopes:
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
