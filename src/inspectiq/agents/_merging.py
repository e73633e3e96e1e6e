"""Merges repeated problems: told by several answers, or found again in a later round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inspectiq._values import FrozenMap
from inspectiq.agents._agreeing import ONE_READ
from inspectiq.domain._diagnoses import Problem
from inspectiq.domain._findings import Quantity

__all__ = ["merge_earlier", "merge_repeated"]

KEPT_UNLESS_TOLD = ("steps", "do_now", "cause", "other_causes")
"""Fields of an earlier problem that a newer one replaces only where it has them."""


def merge_repeated(by_reading: Sequence[Sequence[Problem]]) -> list[Problem]:
    """Merges problems that several answers told because each was given the same words.

    Args:
        by_reading: The problems of each reading; those of one are never merged with each other.
    """
    merged: list[Problem] = []
    for problems in by_reading:
        before = len(merged)
        for problem in problems:
            place = next((at for at in range(before) if _is_retold(merged[at], problem)), None)
            if place is None:
                merged.append(problem)
            else:
                merged[place] = _merge_surer(merged[place], problem)
    return merged


def merge_earlier(earlier: Sequence[Problem], problems: Sequence[Problem]) -> list[Problem]:
    """Updates earlier problems, and lists the new ones after them. No evidence is lost.

    A problem replaces an earlier one if it has its id, or says the same again. It keeps the
    earlier one's id, evidence and facts: an answer cannot unsay what a photo shows. What a person
    reviewed stays as it was decided.
    """
    left = list(problems)
    now = []
    for known in earlier:
        newer = _find_newer(known, left)
        if newer is not None:
            left.remove(newer)
        now.append(known if newer is None or known.reviews else _merge_newer(known, newer))
    return [*now, *left]


def _is_retold(one: Problem, other: Problem) -> bool:
    """Tells whether two problems are of one type, and one of them rests on words alone."""
    from_words = [
        problem for problem in (one, other) if not problem.evidence and not problem.review
    ]
    return one.type == other.type and bool(from_words)


def _merge_surer(one: Problem, other: Problem) -> Problem:
    """Returns the surer of two problems, with the evidence and the facts of both."""
    first, second = sorted(
        (one, other), key=lambda item: item.observed.confidence or 0, reverse=True
    )
    return first.model_copy(
        update={
            "observed": first.observed.model_copy(update={"facts": _merge_facts(first, second)}),
            "evidence": tuple(dict.fromkeys([*one.evidence, *other.evidence])),
            "review": tuple(dict.fromkeys([*one.review, *other.review])),
        }
    )


def _find_newer(known: Problem, problems: Sequence[Problem]) -> Problem | None:
    revised = [problem for problem in problems if problem.id == known.id]
    retold = [problem for problem in problems if not problem.id and _is_same(known, problem)]
    return next(iter([*revised, *retold]), None)


def _is_same(known: Problem, problem: Problem) -> bool:
    rooms = {known.location.room, problem.location.room} - {None}
    return known.type == problem.type and len(rooms) < 2


def _merge_newer(known: Problem, newer: Problem) -> Problem:
    extents = [item.observed.extent for item in (known, newer) if item.observed.extent is not None]
    reasons = [*known.review, *newer.review]
    if newer.agreement is not None and newer.agreement.seen > 1:
        reasons = [reason for reason in reasons if reason != ONE_READ]  # this round's reads agree
    observed: dict[str, Any] = {
        "facts": _merge_facts(known, newer),
        "extent": max(extents, default=None),
    }
    return newer.model_copy(
        update={
            "id": known.id,
            "observed": newer.observed.model_copy(update=observed),
            "evidence": tuple(dict.fromkeys([*known.evidence, *newer.evidence])),
            **{name: getattr(newer, name) or getattr(known, name) for name in KEPT_UNLESS_TOLD},
            "quantity": _find_larger(known.quantity, newer.quantity),
            "location": newer.location if newer.location.room else known.location,
            "review": tuple(dict.fromkeys(reasons)),
            "agreement": newer.agreement or known.agreement,
            "extra": FrozenMap({**known.extra, **newer.extra}),
        }
    )


def _merge_facts(one: Problem, other: Problem) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*one.observed.facts, *other.observed.facts]))


def _find_larger(one: Quantity | None, other: Quantity | None) -> Quantity | None:
    known = [quantity for quantity in (one, other) if quantity is not None]
    return max(known, key=lambda quantity: quantity.amount, default=None)
