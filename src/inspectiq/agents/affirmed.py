"""A question that was answered with yes, as the statement that it makes."""

from __future__ import annotations

import re

__all__ = ["affirmed_words"]

# English and Spanish, as the emergency screen; our assumption.
_YES = re.compile(
    r"(?i)^\W*(?:yes|yeah|yep|yup|ye|ya|y|i do|it does|it is|there is|we do|definitely|correct|"
    r"affirmative|s[ií]|claro|as[ií] es|correcto|afirmativo)\b"
)
_ASKING = re.compile(
    r"(?i)^\W*(?:do you|does it|does the|did you|is there|are there|is the|are the|is it|can you|"
    r"could you|have you|has the|was there|¿?\s*(?:hay|hubo|es|está|están|nota|notan|siente))\b"
)


def affirmed_words(question: str, answer: str) -> str:
    """What somebody says who answers a question with yes; "" for any other answer.

    "Do you smell gas?" and "Yes, since noon" make "smell gas, since noon", so that a screen that
    knows statements finds in it what the bare "yes" does not tell.
    """
    yes = _YES.match(answer)
    if yes is None:
        return ""
    stated = _ASKING.sub("", question.strip()).strip(" ?¿!.")
    return f"{stated}{answer[yes.end() :]}"
