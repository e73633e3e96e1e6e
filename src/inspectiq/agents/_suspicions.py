"""Finds signs that a text in a case or in an answer speaks to the engine (prompt injection)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from inspectiq._text import find_hidden_runs
from inspectiq.agents._case import Case
from inspectiq.agents._readings import Reading
from inspectiq.domain._suspicions import Suspicion
from inspectiq.screening._injection import find_injection_signs

__all__ = ["find_suspicions"]

CODED = {"issue_type", "facts", "severity", "evidence", "area", "condition"}
"""Fields of an observation that hold no free text."""


def find_suspicions(case: Case, readings: Sequence[Reading[Any]]) -> tuple[Suspicion, ...]:
    """Finds signs, each once, in the order: words, names of rooms, answers of the engine."""
    return tuple(dict.fromkeys([*_find_in_case(case), *_find_in_readings(readings)]))


def _find_in_case(case: Case) -> Iterator[Suspicion]:
    for source, text in case.texts:
        for sign in _find_signs(text):
            yield Suspicion(source=source, words=sign)
    for photo in case.photos:
        for sign in _find_signs(f"{photo.room or ''}\n{photo.name}"):
            yield Suspicion(source="names", photo_id=photo.id, words=sign)


def _find_signs(text: str) -> Iterator[str]:
    yield from find_injection_signs(text)
    for length in find_hidden_runs(text):
        yield f"{length} characters in a row that cannot be seen"


def _find_in_readings(readings: Sequence[Reading[Any]]) -> Iterator[Suspicion]:
    """Finds signs in what the engine wrote, which may repeat what it read in a photo."""
    for reading in readings:
        if reading.leaked:
            yield Suspicion(source="leak")
        for photo_id, written in _list_written(reading):
            for text in _list_texts(written):
                for sign in find_injection_signs(text):
                    yield Suspicion(source="photos", photo_id=photo_id, words=sign)


def _list_written(reading: Reading[Any]) -> Iterator[tuple[str | None, Any]]:
    """Lists what the engine wrote as JSON, each with the photo that it is about, if any."""
    for observation in reading.observations:
        shown = reading.find_shown(observation)
        written = observation.model_dump(mode="json", exclude=CODED)
        yield (shown[0] if shown else None), written
    for photo_id, verdict in reading.verdicts.items():
        if verdict != "assessed":
            yield photo_id, verdict.model_dump(mode="json")
    if reading.overall is not None:
        yield None, reading.overall.model_dump(mode="json")


def _list_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _list_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _list_texts(item)
