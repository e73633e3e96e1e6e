"""Answers that are remembered, for as long as there are not too many."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["Memory"]

T = TypeVar("T")

REMEMBERED = 30_000
"""Answers that are remembered before all are forgotten; some 15 MB for made-up words."""
LONGEST = 50
"""Characters of the longest question whose answer is remembered."""


class Memory(dict[str, T]):
    """Answers by their question, each worked out when it is first asked for.

    Long questions are answered and not remembered, or a few of them would fill it.

    Args:
        answer: Works one out.
    """

    def __init__(self, answer: Callable[[str], T]) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, question: str) -> T:
        answer = self._answer(question)
        if len(question) <= LONGEST:
            if len(self) >= REMEMBERED:
                self.clear()
            self[question] = answer
        return answer
