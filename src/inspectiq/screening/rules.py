"""What a screen's file says: the words of a language, the signs of each hazard, the numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from inspectiq.domain.base import FrozenMap, Value
from inspectiq.screening.patterns import forms, parse
from inspectiq.severity.sourced import Sourced

__all__ = ["CUES", "EmergencyNumber", "HazardWords", "Language", "Lines", "Words"]

Cue = Literal[
    "negation", "no_negation", "through", "past", "present", "turn", "supposing", "if", "no_if",
    "ended", "mended", "harmless",
]  # fmt: skip
CUES: tuple[Cue, ...] = get_args(Cue)


def _lines(value: Any) -> Any:
    """Entries, which a file writes in one text with commas or line ends between."""
    if not isinstance(value, str):
        return value
    return tuple(entry.strip() for entry in re.split(r"[,\n]", value) if entry.strip())


def _words(value: Any) -> Any:
    return tuple(value.split()) if isinstance(value, str) else value


Lines = Annotated[tuple[str, ...], BeforeValidator(_lines), PlainSerializer(list)]
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]


class EmergencyNumber(Sourced):
    """The number to call in a country, with its source."""

    number: Annotated[str, Field(pattern=r"^[0-9]{2,5}$")]


class HazardWords(Value):
    """A hazard in one language.

    Attributes:
        label: Plain words.
        instructions: What to do now, in order; `{number}` is the number to call.
        signs: Patterns that tell of it.
        sure: Patterns that do so whatever the weights say: those that a file adds to a language
            that was there before.
    """

    label: Annotated[str, Field(min_length=1)]
    instructions: Annotated[tuple[str, ...], Field(min_length=1)]
    signs: Lines = ()
    sure: Lines = ()


class Language(Value):
    """One language of a screen. Patterns are written as `patterns.py` explains.

    Attributes:
        name: Its name, in that language.
        emergency_number: What stands in instructions where no number is known.
        function_words, vocabulary: By these a text is recognised. Such words are never taken for
            misspelt ones.
        real_words: Words that look like those of a sign, and are none.
        foreign: Words that give away another language.
        concepts: Words that mean the same to the signs, by name; several words may be one of them.
        cues: Patterns that keep a sign from counting, or make it count, see the shipped files.
        hazards: The hazards, by kind.
        endings: What is cut off words before they are weighed.
        weights: Content hash of the shipped table of weights that is used besides the signs; "" for
            none.
    """

    name: Annotated[str, Field(min_length=1)]
    emergency_number: Annotated[str, Field(min_length=1)]
    function_words: Words = ()
    vocabulary: Words = ()
    real_words: Words = ()
    foreign: Words = ()
    concepts: FrozenMap[Lines] = FrozenMap()
    cues: FrozenMap[Lines] = FrozenMap()
    hazards: FrozenMap[HazardWords] = FrozenMap()
    endings: Words = ()
    weights: str = ""

    @model_validator(mode="after")
    def _readable(self) -> Language:
        if wrong := [name for name in self.cues if name not in CUES]:
            raise ValueError(f"there is no cue {wrong[0]!r}; use one of {', '.join(CUES)}")
        for where, written in self.patterns():
            try:
                pattern = parse(written)
            except ValueError as error:
                raise ValueError(f"{where}: {error}") from None
            if where.startswith("cues.") and not pattern.elements[0].begins:
                raise ValueError(f"{where}: {written!r}: a cue begins with a word; write no *2")
            named = {*pattern.elements, *([pattern.unless] if pattern.unless else [])}
            for concept in sorted({name for element in named for name in element.concepts}):
                if concept not in self.concepts:
                    choices = ", ".join(self.concepts) or "none"
                    raise ValueError(
                        f"{where}: {written!r} names a concept @{concept}; there is {choices}"
                    )
        return self

    def patterns(self) -> Iterator[tuple[str, str]]:
        """Every pattern, with where it stands."""
        for cue, lines in self.cues.items():
            for line in lines:
                yield f"cues.{cue}", line
        for kind, hazard in self.hazards.items():
            for line in (*hazard.signs, *hazard.sure):
                yield f"hazards.{kind}.signs", line

    def words_of(self, field: Literal["function_words", "vocabulary", "real_words"]) -> set[str]:
        """All words of a list, with their endings."""
        written: Words = getattr(self, field)
        return {form for word in written for form in forms(word)}
