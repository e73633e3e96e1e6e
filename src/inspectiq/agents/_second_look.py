"""A second look: photos that seem clean are asked about once more, in other words or elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from inspectiq._taking import require, require_number
from inspectiq.agents._joining import gather_evidence, join_sightings
from inspectiq.agents._photo_outcomes import build_outcome
from inspectiq.agents._photo_readings import PhotoReadings
from inspectiq.agents._prompts import Prompt
from inspectiq.agents._reads import Read, count_reads
from inspectiq.domain._findings import Finding
from inspectiq.domain._provenance import SecondLookRecord
from inspectiq.domain._results import PhotoOutcome
from inspectiq.errors import ConfigError
from inspectiq.photos._photo import Photo
from inspectiq.transports._engines import Engine
from inspectiq.transports._profile import EngineProfile

__all__ = [
    "LookPlan",
    "SecondLook",
    "add_second_outcomes",
    "join_looks",
    "list_unsure",
    "plan_look",
    "require_look",
]

FindingT = TypeVar("FindingT", bound=Finding)

LOOKED_AT = ("assessed", "triaged")  # what a photo must be to seem clean

NOT_CONFIRMED = "a second look at its photos did not see it"
"""Why a finding of an unsure first look is left to a person."""


@dataclass(frozen=True, slots=True)
class SecondLook:
    """Asks once more about the photos that seem clean, with another question or another engine.

    Attributes:
        prompt: The question, which is added to the agent's instructions: a `Path` to a text file,
            or the text; `second-look-1`, which ships, if not given.
        engine: Who is asked, as for an agent; the agent's own engine if not given. It shares the
            agent's limits, budgets and cache.
        unsure_below: Asks as well about photos that show a finding whose stated confidence is below
            this; 0 for clean ones only.

    Raises:
        ConfigError: A value is wrong.
    """

    prompt: Prompt | Path | str | None = None
    engine: Engine | None = field(default=None, repr=False)
    unsure_below: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= require_number(self.unsure_below, "unsure_below") <= 1:
            raise ConfigError(f"unsure_below is {self.unsure_below}; give a number from 0 to 1")


def require_look(given: SecondLook) -> SecondLook:
    """Makes sure that what is given for a second look is one; returns it.

    Raises:
        ConfigError: It is not.
    """
    require(given, SecondLook, "second_look", "give SecondLook(prompt=..., engine=...)")
    return given


@dataclass(frozen=True, slots=True)
class LookPlan:
    """A second look as an agent makes it.

    Attributes:
        prompt: The question.
        profile: The engine that is asked.
        photos_per_request: Most photos in one request.
        unsure_below: As in `SecondLook`.
    """

    prompt: Prompt
    profile: EngineProfile
    photos_per_request: int
    unsure_below: float

    def to_record(self) -> SecondLookRecord:
        """Returns the record of it for a result."""
        return SecondLookRecord(
            prompt=self.prompt.name,
            prompt_sha256=self.prompt.sha256,
            engine=self.profile.identity,
            unsure_below=self.unsure_below,
        )


def plan_look(look: SecondLook, profile: EngineProfile, photos_per_request: int) -> LookPlan:
    """Plans a second look, by the profile of the engine that makes it.

    Raises:
        ConfigError: The prompt cannot be read, or a triage is to look again, which reads none.
    """
    if look.engine is None and profile.groups is not None:
        raise ConfigError(
            f"second_look: {profile.provider}:{profile.model} is a triage and reads no question, "
            "so it would see the same again; give SecondLook(engine=...)"
        )
    prompt = Prompt.shipped("second-look-1") if look.prompt is None else Prompt.of(look.prompt)
    return LookPlan(prompt, profile, photos_per_request, look.unsure_below)


def list_unsure(
    photos: Iterable[Photo],
    findings: Iterable[Finding],
    chosen: Mapping[str, PhotoReadings[Any]],
    unsure_below: float,
) -> Iterator[Photo]:
    """Lists the photos to look at again: read, and without a finding, or with an unsure one.

    Args:
        photos: Photos that can be sent.
        findings: What the first look found.
        chosen: By photo, the readings that speak for it.
        unsure_below: As in `SecondLook`.
    """
    shown: dict[str, list[float | None]] = {}
    for finding in findings:
        for photo_id in {item.photo_id for item in finding.evidence}:
            shown.setdefault(photo_id, []).append(finding.observed.confidence)
    for photo in photos:
        readings = chosen.get(photo.id or "")
        if readings is None or build_outcome(photo, readings).status not in LOOKED_AT:
            continue
        confidences = shown.get(photo.id or "", [])
        doubtful = any(one is not None and one < unsure_below for one in confidences)
        if doubtful or not confidences:
            yield photo


def join_looks(
    first: Sequence[FindingT], second: Sequence[FindingT], read: Read[Any], overlap: float
) -> list[FindingT]:
    """Joins what two looks found; each finding says by which it was seen.

    What both saw has the words of the second look, which was asked more closely, and the facts and
    the agreement of the first as well.

    Args:
        first: Findings of the first look.
        second: Findings of the second one.
        read: The second look.
        overlap: The least overlap of two boxes that are one place.
    """
    joined: list[FindingT] = []
    for sightings in join_sightings([first, second], overlap=overlap):
        if len(sightings.reads) > 1:
            joined.append(_confirm(*sightings.findings))
        elif sightings.reads == (1,):
            joined.append(sightings.findings[0].model_copy(update={"look": "second"}))
        else:
            joined.append(_doubt(sightings.findings[0], read))
    return joined


def _confirm(first: FindingT, second: FindingT) -> FindingT:
    facts = tuple(dict.fromkeys([*first.observed.facts, *second.observed.facts]))
    return second.model_copy(
        update={
            "observed": second.observed.model_copy(update={"facts": facts}),
            "evidence": tuple(gather_evidence([second, first])),
            "agreement": first.agreement,
            "look": "both",
        }
    )


def _doubt(finding: FindingT, read: Read[Any]) -> FindingT:
    """Adds that a second look did not see a finding, where it assessed all of its photos."""
    photo_ids = {item.photo_id for item in finding.evidence}
    if not photo_ids or not all(count_reads(one, [read], 1).is_assessed for one in photo_ids):
        return finding
    return finding.model_copy(update={"review": (*finding.review, NOT_CONFIRMED)})


def add_second_outcomes(
    photos: Sequence[Photo], outcomes: Iterable[PhotoOutcome], read: Read[Any]
) -> Iterator[PhotoOutcome]:
    """Adds to outcomes what became of the second look at each photo.

    A photo that was only triaged is assessed once a second look has assessed it; any other outcome
    stays that of the first look.
    """
    for photo, outcome in zip(photos, outcomes, strict=True):
        readings = read.by_photo.get(outcome.photo.id)
        if readings is None:
            yield outcome
            continue
        second = build_outcome(photo, readings)
        counts = outcome.status == "triaged" and second.status == "assessed"
        update = {
            "second_look": second.status,
            "second_look_fault": second.fault,
            "reads": outcome.reads,
        }
        yield (second if counts else outcome).model_copy(update=update)
