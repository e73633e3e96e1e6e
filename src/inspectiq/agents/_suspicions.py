"""Signs in a case and in its answers that a text speaks to the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from inspectiq._text import find_hidden_runs
from inspectiq.agents._case import Case
from inspectiq.agents._replies import Reading
from inspectiq.domain._suspicions import Suspicion
from inspectiq.screening._injection import find_injection_signs

__all__ = ["find_suspicions"]

CODED = {"issue_type", "facts", "severity", "evidence", "area", "condition"}
"""Fields of an observation that hold no free text."""


def find_suspicions(case: Case, replies: Sequence[Reading[Any]]) -> tuple[Suspicion, ...]:
    """Each sign once, in the order: words, names of rooms, answers of the engine."""
    return tuple(dict.fromkeys([*_in_case(case), *_in_replies(replies)]))


def _in_case(case: Case) -> Iterator[Suspicion]:
    for sign in _signs(case.description):
        yield Suspicion(source="words", words=sign)
    for answer in getattr(case, "answers", ()):
        for sign in _signs(answer.answer):
            yield Suspicion(source="answers", words=sign)
    for photo in case.photos:
        for sign in _signs(f"{photo.room or ''}\n{photo.name}"):
            yield Suspicion(source="names", photo_id=photo.id, words=sign)


def _signs(text: str) -> Iterator[str]:
    yield from find_injection_signs(text)
    for length in find_hidden_runs(text):
        yield f"{length} characters in a row that cannot be seen"


def _in_replies(replies: Sequence[Reading[Any]]) -> Iterator[Suspicion]:
    """What the engine wrote may repeat what it read in a photo."""
    for reply in replies:
        if reply.leaked:
            yield Suspicion(source="leak")
        for observation in reply.observations:
            shown = reply.shown(observation)
            seen = shown[0] if shown else None
            for text in _texts(observation.model_dump(mode="json", exclude=CODED)):
                for sign in find_injection_signs(text):
                    yield Suspicion(source="photos", photo_id=seen, words=sign)
        for photo_id, verdict in reply.verdicts.items():
            for text in () if verdict == "assessed" else (verdict.unclear, verdict.retake or ""):
                for sign in find_injection_signs(text):
                    yield Suspicion(source="photos", photo_id=photo_id, words=sign)
        if reply.overall is not None:
            for text in _texts(reply.overall.model_dump(mode="json")):
                for sign in find_injection_signs(text):
                    yield Suspicion(source="photos", words=sign)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
