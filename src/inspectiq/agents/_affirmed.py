"""A question that was answered with yes, as the statement that it makes."""

from __future__ import annotations

from functools import cache

from inspectiq._words import PhraseFinder, tokenize

__all__ = ["state_affirmed"]

# English and Spanish, as the emergency screen; our assumption.
YES = (
    "yes", "yeah", "yep", "yup", "ye", "ya", "y", "i do", "it does", "it is", "there is", "we do",
    "definitely", "correct", "affirmative", "si", "claro", "asi es", "correcto", "afirmativo",
)  # fmt: skip
ASKING = (
    "do you", "does it", "does the", "did you", "is there", "are there", "is the", "are the",
    "is it", "can you", "could you", "have you", "has the", "was there", "hay", "hubo", "es",
    "esta", "estan", "nota", "notan", "siente",
)  # fmt: skip


def state_affirmed(question: str, answer: str) -> str:
    """What somebody says who answers a question with yes; "" for any other answer.

    "Do you smell gas?" and "Yes, since noon" make "smell gas, since noon", so that a screen that
    knows statements finds in it what the bare "yes" does not tell.
    """
    yes = _begins(answer, YES)
    if not yes:
        return ""
    return question[_begins(question, ASKING) :].strip(" ?¿!.") + answer[yes:]


def _begins(text: str, phrases: tuple[str, ...]) -> int:
    """Where the longest of the phrases ends that a text begins with; 0 where it does with none."""
    words = tokenize(text)
    ends = [span.last for _, span in _known(phrases).find(words) if span.first == 0]
    return words[max(ends) - 1].end if ends else 0


@cache
def _known(phrases: tuple[str, ...]) -> PhraseFinder[None]:
    return PhraseFinder([(None, phrase) for phrase in phrases])
