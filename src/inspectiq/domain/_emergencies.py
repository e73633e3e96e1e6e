"""The emergencies that somebody's words tell of, as results keep them."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from inspectiq._values import Value

__all__ = ["Emergency", "Screening", "ScreeningStatus"]

ScreeningStatus = Literal["emergency", "clear", "not_screened"]


class Emergency(Value):
    """One emergency that the words tell of.

    Attributes:
        kind: Its key, such as `gas_smell`.
        label: Plain words.
        words: The part of the text that says so, as it was written.
        because: The words in it that weighed most, or the phrase that is sure.
        language: Language of the rules that found it, such as `en`.
        instructions: What to do now, in order. A telephone number is named only where the
            property's country is known.
    """

    kind: str
    label: str
    words: str
    because: tuple[str, ...] = ()
    language: str
    instructions: tuple[str, ...]


class Screening(Value):
    """The result of screening somebody's words for emergencies.

    Attributes:
        status: `emergency`; `clear` where the words were understood and tell of none;
            `not_screened` where they could not be understood, or there are none. That is never "no
            emergency".
        emergencies: The most pressing first.
        language: Language that the words were read in; None where none was known.
        reason: Why they were not screened.
        screen: Name and version of the screen's rules.
        screen_sha256: Content hash of the rules.
    """

    status: ScreeningStatus
    emergencies: tuple[Emergency, ...] = ()
    language: str | None = None
    reason: str = ""
    screen: str
    screen_sha256: str

    @model_validator(mode="after")
    def _check_status(self) -> Screening:
        if (self.status == "emergency") != bool(self.emergencies):
            raise ValueError("the status is `emergency` if and only if there are emergencies")
        if (self.status == "not_screened") != bool(self.reason):
            raise ValueError("what was not screened, and only that, says why")
        return self
