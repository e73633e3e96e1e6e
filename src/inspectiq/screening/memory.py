"""Answers that are remembered, for as long as there are not too many."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["Memory"]

T = TypeVar("T")

REMEMBERED = 20_000
"""Answers that are remembered before all are forgotten; some 25 MB for made-up words."""
LONGEST = 50
"""Characters of the longest question whose answer is remembered."""


class Memory(dict[str, T]):
    """Answers by their question, each worked out when it is first asked for.

    Long questions are answered and not remembered, or a few of them would fill it.

    Args:
        answer: Works one out.
        alike: The question that stands for one, of all that have the same answer.
    """

    def __init__(self, answer: Callable[[str], T], alike: Callable[[str], str] = str) -> None:
        super().__init__()
        self._answer = answer
        self._alike = alike

    def __missing__(self, question: str) -> T:
        one = self._alike(question)
        if one != question:
            return self[one]
        answer = self._answer(question)
        if len(question) <= LONGEST:
            if len(self) >= REMEMBERED:
                self.clear()
            self[question] = answer
        return answer
