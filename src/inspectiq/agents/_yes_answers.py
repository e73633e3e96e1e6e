"""Turns a question that was answered with yes into the statement that it makes."""

from __future__ import annotations

from functools import cache

from inspectiq._words import PhraseFinder, tokenize

__all__ = ["state_affirmed"]

# English and Spanish, as the emergency screen; our assumption.
YES = dict.fromkeys(
    (
        "yes", "yeah", "yep", "yup", "ye", "ya", "y", "i do", "it does", "it is", "there is",
        "we do", "definitely", "correct", "affirmative", "si", "claro", "asi es", "correcto",
        "afirmativo",
    ),
    "",
)  # fmt: skip
ASKING = {
    "do you": "I ", "did you": "I ", "can you": "I can ", "could you": "I could ",
    "have you": "I have ", "does it": "it ", "does the": "the ", "is it": "",
    "is the": "the ", "are the": "the ", "has the": "the ", "is there": "there is ",
    "are there": "there are ", "was there": "there was ", "hay": "hay ", "hubo": "hubo ",
    "es": "es ", "esta": "está ", "estan": "están ", "nota": "noto ", "notan": "notamos ",
    "siente": "siento ",
}  # fmt: skip
"""How a question begins, and how the statement begins that answers it with yes."""


def state_affirmed(question: str, answer: str) -> str:
    """States what a yes to a question says; "" for any other answer.

    "Do you smell gas?" and "Yes, since noon" make "I smell gas, since noon", so that a screen that
    knows statements finds in it what the bare "yes" does not tell.
    """
    yes, _ = _find_start(answer, YES)
    if not yes:
        return ""
    asked, start = _find_start(question, ASKING)
    return start + question[asked:].strip(" ?¿!.") + answer[yes:]


def _find_start(text: str, phrases: dict[str, str]) -> tuple[int, str]:
    """Finds the longest phrase that begins a text: its end and replacement; `(0, "")` if none."""
    words = tokenize(text)
    found = [
        (span.last, start)
        for start, span in _compile(tuple(phrases.items())).find(words)
        if span.first == 0
    ]
    last, start = max(found, default=(0, ""))
    return (words[last - 1].end, start) if last else (0, "")


@cache
def _compile(phrases: tuple[tuple[str, str], ...]) -> PhraseFinder[str]:
    return PhraseFinder([(start, phrase) for phrase, start in phrases])
