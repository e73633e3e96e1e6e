"""Clauses that tell of nothing wrong: mended, long ago, or as it should be."""

from __future__ import annotations

from inspectiq.transports.offline.words.lexicon import Lexicon, Past
from inspectiq.transports.offline.words.stems import stem
from inspectiq.transports.offline.words.tokens import Clause

__all__ = ["without_the_past"]


def without_the_past(clauses: list[Clause], lexicon: Lexicon) -> list[Clause]:
    """The clauses that are about now and what is wrong.

    What came back is not over: `fixed, but leaks again`.
    """
    past = lexicon.past
    kept = []
    for number, clause in enumerate(clauses):
        if _fine(clause, lexicon):
            continue
        if _mended(clause, past) or _long_ago(clause, past):
            following = clauses[number + 1 : number + 3]
            if not any(_goes_on(clause, later, past) for later in following):
                continue
        kept.append(clause)
    return kept


def _fine(clause: Clause, lexicon: Lexicon) -> bool:
    return not lexicon.past.fine.isdisjoint(clause.words) and not any(
        word in lexicon.turning or stem(word) in lexicon.trouble for word in clause.words
    )


def _mended(clause: Clause, past: Past) -> bool:
    words = set(clause.words)
    return bool(words & past.mended and words & past.by and not words & past.open)


def _long_ago(clause: Clause, past: Past) -> bool:
    said = f" {' '.join(clause.words)} "
    return (
        any(f" {phrase} " in said for phrase in past.long_ago)
        and ("used to" in " ".join(clause.words[:4]) or not past.was.isdisjoint(clause.words))
        and past.goes_on.isdisjoint(clause.words)
    )


def _goes_on(clause: Clause, later: Clause, past: Past) -> bool:
    """Whether a clause close after another says that it is not over."""
    near = later.sentence - clause.sentence <= 1
    return near and not past.goes_on.isdisjoint(later.words) and "ever" not in later.words
