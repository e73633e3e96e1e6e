"""The draft of a result: all that was read of a case, graded and priced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from inspectiq._usage import Usage
from inspectiq.agents._case import Case
from inspectiq.agents._photo_readings import PhotoReadings
from inspectiq.agents._readings import Reading
from inspectiq.domain._diagnoses import Answered, Question
from inspectiq.domain._emergencies import Screening
from inspectiq.domain._findings import Finding
from inspectiq.domain._money import CostEstimate
from inspectiq.domain._provenance import Provenance
from inspectiq.domain._results import PhotoOutcome
from inspectiq.domain._suspicions import Suspicion

__all__ = ["ResultDraft"]

FindingT = TypeVar("FindingT", bound=Finding)


@dataclass(frozen=True, slots=True)
class ResultDraft(Generic[FindingT]):
    """What a result is assembled from.

    Attributes:
        case: The case.
        findings: Graded, priced, worst first.
        readings: What the engines said.
        by_photo: The same, by photo, and under `""` for the words.
        id: Of the result.
        photos: The outcome of each photo.
        cost: The total cost; None where nothing was priced.
        usage: What the run cost.
        provenance: What made the result.
        screening: What was found in the words before any engine was asked.
        suspicions: Texts that seem to speak to the engine.
        parent: Id of the diagnosis that the case goes on from; None for a case that is new.
        questions: What was asked in it.
        answers: What was answered so far.
    """

    case: Case
    findings: tuple[FindingT, ...]
    readings: tuple[Reading[Any], ...]
    by_photo: dict[str, PhotoReadings[Any]]
    id: str
    photos: tuple[PhotoOutcome, ...]
    cost: CostEstimate | None
    usage: Usage
    provenance: Provenance
    screening: Screening
    suspicions: tuple[Suspicion, ...]
    parent: str | None = None
    questions: tuple[Question, ...] = ()
    answers: tuple[Answered, ...] = ()

    def to_fields(self) -> dict[str, Any]:
        """Returns the fields that all results share, by their names."""
        return {
            "id": self.id,
            "parent": self.parent,
            "revision": self.case.revision,
            "case": self.case.facts,
            "photos": self.photos,
            "cost": self.cost,
            "usage": self.usage,
            "provenance": self.provenance,
            "screening": self.screening,
            "suspicions": self.suspicions,
        }
