"""The facts of a taxonomy that tokens state in clear words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inspectiq.transports.offline.words.symptoms import SymptomIndex
from inspectiq.transports.offline.words.tokens import Token

__all__ = ["FactIndex", "Statement"]

_ROOM = 6.0  # places that a fact's words may be spread over, beyond one for each


@dataclass(frozen=True, slots=True)
class Statement:
    """A fact that is stated, and where: `place` is that of its first token."""

    fact: str
    place: float
    sentence: int
    clause: int


class FactIndex:
    """How the facts of a taxonomy are put.

    Args:
        facts: The keys that the taxonomy knows; others are not looked for.
        index: Gives the words they are put in.
    """

    def __init__(self, facts: frozenset[str], index: SymptomIndex) -> None:
        self._by_token: dict[str, list[tuple[str, frozenset[str]]]] = {}
        self._unless: dict[str, list[frozenset[str]]] = {}
        for fact in index.words.facts:
            if fact.key in facts:
                for phrase in fact.says:
                    tokens = index.phrase(phrase, silent=True)
                    if tokens:
                        rarest = max(tokens, key=_telling)
                        self._by_token.setdefault(rarest, []).append((fact.key, tokens))
                self._unless[fact.key] = [
                    index.phrase(phrase, silent=True) for phrase in fact.unless
                ]

    def stated(self, tokens: list[Token]) -> Iterator[Statement]:
        """The facts that the tokens state, each as often as it is said."""
        for number, token in enumerate(tokens):
            for fact, needed in self._by_token.get(token.text, ()):
                room = len(needed) + _ROOM
                near = [
                    other
                    for other in tokens[max(0, number - 20) : number + 20]
                    if other.sentence == token.sentence and abs(other.place - token.place) <= room
                ]
                if not needed <= {other.text for other in near}:
                    continue
                here = {other.text for other in tokens if other.sentence == token.sentence}
                if not any(others and others <= here for others in self._unless[fact]):
                    yield Statement(fact, token.place, token.sentence, token.clause)


def _telling(token: str) -> tuple[int, str]:
    """Longer words are rarer; by the rarest of its words a phrase is found soonest."""
    return len(token), token
