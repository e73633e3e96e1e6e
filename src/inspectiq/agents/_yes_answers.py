"""Turns a question that was answered with yes into the statement that it makes."""

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
    """States what a yes to a question says; "" for any other answer.

    "Do you smell gas?" and "Yes, since noon" make "smell gas, since noon", so that a screen that
    knows statements finds in it what the bare "yes" does not tell.
    """
    yes = _find_end(answer, YES)
    if not yes:
        return ""
    return question[_find_end(question, ASKING) :].strip(" ?¿!.") + answer[yes:]


def _find_end(text: str, phrases: tuple[str, ...]) -> int:
    """Finds where the longest phrase ends that a text begins with; 0 where it begins with none."""
    words = tokenize(text)
    ends = [span.last for _, span in _compile(phrases).find(words) if span.first == 0]
    return words[max(ends) - 1].end if ends else 0


@cache
def _compile(phrases: tuple[str, ...]) -> PhraseFinder[None]:
    return PhraseFinder([(None, phrase) for phrase in phrases])
