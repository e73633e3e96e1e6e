"""The parts of a screen: kinds of emergency, their words in each language, numbers to call."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from inspectiq._values import FrozenMap, Value
from inspectiq.domain._sourced import Sourced

__all__ = ["EmergencyKind", "EmergencyNumber", "EmergencyWords", "Instruction", "Language"]


def _split_words(value: Any) -> Any:
    return tuple(value.split()) if isinstance(value, str) else value


def _read_instruction(value: Any) -> Any:
    return {"say": value} if isinstance(value, str) else value


Text = Annotated[str, Field(min_length=1)]


class EmergencyNumber(Sourced):
    """The number to call in a country, with its source.

    Attributes:
        number: 2 to 5 digits.
        source: Who published it.
        mark: How sure that is.
    """

    number: Annotated[str, Field(pattern=r"^[0-9]{2,5}$")]


class EmergencyKind(Value):
    """A kind of emergency: how pressing it is, and what must not be done in it.

    Attributes:
        rank: How pressing it is, 1 first.
        forbids: Acts that no instruction may ask for where it is found.
    """

    rank: int
    forbids: tuple[str, ...] = ()


class Instruction(Value):
    """One thing to do in an emergency.

    Attributes:
        say: What to do; `{number}` is the number to call.
        asks: Acts that it asks for, which another kind may forbid.
        instead: What is said where one of them is forbidden; "" leaves it out.
    """

    say: Text
    asks: tuple[str, ...] = ()
    instead: str = ""

    def choose_text(self, forbidden: AbstractSet[str]) -> str:
        """Returns what to say where some acts are forbidden; "" for nothing."""
        return self.say if forbidden.isdisjoint(self.asks) else self.instead


class EmergencyWords(Value):
    """The words of a kind of emergency in one language.

    Attributes:
        label: Plain words.
        instructions: What to do now, in order.
        phrases: Plain phrases that always raise it, unless they are denied.
        cries: Phrases that raise it where they are all that is said, such as `fire`.
    """

    label: Text
    instructions: Annotated[
        tuple[Annotated[Instruction, BeforeValidator(_read_instruction)], ...], Field(min_length=1)
    ]
    phrases: tuple[Text, ...] = ()
    cries: tuple[Text, ...] = ()


class Language(Value):
    """One language of a screen.

    Attributes:
        name: Its name, in that language.
        emergency_number: What stands in instructions where no number is known.
        common_words: Small words that every text has. By these it is recognised, and they may stand
            between the words of a phrase.
        foreign_words: Words by which another language is recognised that looks like this one.
        denials: Phrases that deny what follows them, such as `no` and `if`.
        harmless: Names and idioms that only sound like an emergency; they are left out of the text.
        kinds: The words of each kind.
        weights: Content hash of the shipped table of weights; "" for none, so that phrases decide
            alone.
    """

    name: Text
    emergency_number: Text
    common_words: Annotated[tuple[str, ...], BeforeValidator(_split_words)] = ()
    foreign_words: Annotated[tuple[str, ...], BeforeValidator(_split_words)] = ()
    denials: tuple[Text, ...] = ()
    harmless: tuple[Text, ...] = ()
    kinds: FrozenMap[EmergencyWords] = FrozenMap()
    weights: str = ""
