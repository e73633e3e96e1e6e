"""Completes findings with evidence, reasons for review, extra fields, cost and room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from inspectiq._values import FrozenMap
from inspectiq.agents._observations import EvidenceObservation, RepairCost, WireObservation
from inspectiq.agents._photo_readings import PhotoReadings
from inspectiq.agents._prompts import hash_text
from inspectiq.agents._readings import Reading
from inspectiq.domain._findings import Evidence, Finding, Location
from inspectiq.domain._observed import Observed, StatedCost
from inspectiq.domain._photo import Box
from inspectiq.photos._photo import Photo

__all__ = ["TRIAGE_ONLY", "CountedReading", "FindingCompleter", "count_reading"]

ObservationT = TypeVar("ObservationT", bound=WireObservation)
FindingT = TypeVar("FindingT", bound=Finding)

TRIAGE_ONLY = "seen by a triage only"
"""Why a finding of an engine that cannot see all groups is left to a person."""

NOT_SHOWN = "no photo that was sent shows it"
PARTLY_READ = "the rest of the answer about its photo could not be used"


@dataclass(frozen=True, slots=True)
class CountedReading(Generic[ObservationT]):
    """A reading, and the photos for which its findings count.

    Attributes:
        reading: The reading.
        photo_ids: Ids of these photos; `""` for the words.
        partly_read: Those of them on which no reading has a usable verdict.
    """

    reading: Reading[ObservationT]
    photo_ids: frozenset[str]
    partly_read: frozenset[str]

    def list_observations(self) -> list[ObservationT]:
        """Lists the observations that may be about one of the photos that count."""
        return [
            observation
            for observation in self.reading.observations
            if self.photo_ids.intersection(self.reading.find_subjects(observation))
        ]


def count_reading(
    reading: Reading[ObservationT], by_photo: Mapping[str, PhotoReadings[ObservationT]]
) -> CountedReading[ObservationT]:
    """Finds the photos for which the findings of a reading count."""
    ids = {
        photo_id for photo_id in reading.photo_ids if by_photo[photo_id].findings_from is reading
    }
    partly_read = {photo_id for photo_id in ids if by_photo[photo_id].accepted is None}
    return CountedReading(reading, frozenset(ids), frozenset(partly_read))


@dataclass(frozen=True, slots=True)
class FindingCompleter:
    """Completes findings with evidence, reasons for review, extra fields, cost and room.

    Attributes:
        extra_fields: Wire fields that a subclass of the agent asked for.
        currency: Currency in which the engine was asked for costs; None if it was not.
        rests_on_words: Whether words alone are enough for a finding.
    """

    extra_fields: frozenset[str]
    currency: str | None
    rests_on_words: bool

    def complete(
        self,
        finding: FindingT,
        observation: WireObservation,
        counted: CountedReading[Any],
        photos: Mapping[str | None, Photo],
    ) -> FindingT:
        """Returns a finding with evidence, reasons for review, extra fields, cost and room.

        Args:
            finding: The refined finding.
            observation: The observation that it was refined from.
            counted: The reading that has the observation.
            photos: Examined photos by id.
        """
        evidence = tuple(_build_evidence(observation, counted, photos))
        room = photos[evidence[0].photo_id].room if evidence else None
        asked_for = observation.model_dump(mode="json", include=set(self.extra_fields))
        return finding.model_copy(
            update={
                "evidence": evidence,
                "review": (*finding.review, *self._list_review_reasons(observation, counted)),
                "extra": FrozenMap({**asked_for, **finding.extra}),
                "observed": self._add_cost(finding.observed, observation, counted.reading),
                "location": _add_room(finding.location, room),
            }
        )

    def _list_review_reasons(
        self, observation: WireObservation, counted: CountedReading[Any]
    ) -> Iterator[str]:
        """Lists why a person must look at a finding first."""
        reading = counted.reading
        shown = reading.find_shown(observation)
        has_words = bool(reading.answer.request.words)
        from_words = self.rests_on_words and has_words and not observation.evidence
        if reading.is_triage and not from_words:
            yield TRIAGE_ONLY
        if reading.photo_count and not shown and not from_words:
            yield NOT_SHOWN
        if counted.partly_read.intersection(shown):
            yield PARTLY_READ

    def _add_cost(
        self, observed: Observed, observation: WireObservation, reading: Reading[Any]
    ) -> Observed:
        """Adds the engine's guess of the repair cost, if it was asked for one and gave it.

        Amounts that came in the wrong order are put right.
        """
        guess: RepairCost | None = getattr(observation, "repair_cost", None)
        response = reading.answer.response
        if self.currency is None or guess is None or response is None:
            return observed
        low, high = sorted(round(Decimal(str(amount)), 2) for amount in (guess.low, guess.high))
        engine = f"{response.engine.provider} {response.engine.model}"
        stated = StatedCost(low=low, high=high, currency=self.currency, engine=engine)
        return observed.model_copy(update={"stated_cost": stated})


def _build_evidence(
    observation: WireObservation,
    counted: CountedReading[Any],
    photos: Mapping[str | None, Photo],
) -> Iterator[Evidence]:
    """Builds the evidence of an observation: the photos that count and show it, each place once."""
    reading = counted.reading
    response = reading.answer.response
    assert response is not None
    for (photo_id, box), item in _find_places(observation, counted, photos).items():
        yield Evidence(
            photo_id=photo_id,
            box=box,
            note="the place it gave has no area" if item.box and not box else None,
            engine=response.engine.identity,
            prompt_sha256=hash_text(reading.answer.request.instructions),
            confidence=observation.confidence,
            confidence_source="score" if reading.is_triage else "stated",
        )


def _find_places(
    observation: WireObservation, counted: CountedReading[Any], photos: Mapping[str | None, Photo]
) -> dict[tuple[str, Box | None], EvidenceObservation]:
    """Finds the places in photos that count, each with what was first said of it."""
    places: dict[tuple[str, Box | None], EvidenceObservation] = {}
    for item in observation.evidence:
        photo_id = counted.reading.find_photo_id(item.photo)
        if photo_id is None or photo_id not in counted.photo_ids:
            continue
        examined = photos[photo_id].examined
        assert examined is not None
        places.setdefault((photo_id, item.to_box(examined.ref)), item)
    return places


def _add_room(location: Location, room: str | None) -> Location:
    if location.room is not None or room is None:
        return location
    return location.model_copy(update={"room": room})
