"""Counts what people decided about the findings of a month, and keeps where they disagree most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from inspectiq.domain._photo import Box, PhotoRef, PictureFile
from inspectiq.domain._reviews import Decision
from inspectiq.evaluation._labels import Labels
from inspectiq.evaluation._monthly_review import Disagreement
from inspectiq.evaluation._reads import ReadFinding, ReadPhotoRef, ReadPrior, ReadResult
from inspectiq.evaluation._reviewed import name_maker
from inspectiq.evaluation._tally import Codes, Rule, Tally

__all__ = ["Decided", "MonthTally"]

MOST_SHOWN = 6  # disagreements of each kind
MOST_KEPT = 20 * MOST_SHOWN  # while results are read
SEVERAL = "several models"


class Decided(NamedTuple):
    """What people decided last about one finding; names are numbers of `MonthTally.names`.

    Attributes:
        reviews: How many there were.
        decision: The last one.
        type: The finding's type, as it was found.
        model: Who found it.
        prompt: By which version of the prompt.
        profile: Of the levels.
        level: Its level before all reviews; None where a person had to look first.
        new_level: Its level since.
    """

    reviews: int
    decision: Decision
    type: int
    model: int
    prompt: int
    profile: int
    level: int | None
    new_level: int | None


@dataclass(slots=True)
class _Case:
    photos: int = 0
    findings: int = 0
    decided: dict[str, Decided] = field(default_factory=dict)


class _Candidate(NamedTuple):
    weight: float  # how much a person disagrees; the most first
    told: Disagreement


class MonthTally:
    """Adds up the results of a month; a result is not kept.

    Args:
        labels: What people saw or paid besides; None for none.
        rule: When a finding and a label are of the same thing.
    """

    def __init__(self, labels: Labels | None, rule: Rule) -> None:
        self.cases: dict[str, _Case] = {}
        self.names = Codes()
        self.ranks: dict[int, dict[int, int]] = {}
        """By profile, the ranks of the levels that findings have."""
        self.labelled = None if labels is None else Tally(labels, rule)
        self._candidates: dict[tuple[str, str], _Candidate] = {}

    def add(self, result: ReadResult) -> None:
        """Adds a result; of several of a case, the last one tells its photos and findings.

        Raises:
            ConfigError: It lacks a photo of its case that is labelled.
        """
        if self.labelled is not None:
            self.labelled.add(result)
        case = self.cases.setdefault(result.case.id, _Case())
        case.photos = sum(outcome.status != "duplicate" for outcome in result.photos)
        case.findings = len(result.found)
        profile = self.names.number(result.provenance.severity)
        for found in result.found:
            for one in (found, found.original):
                self._learn_rank(profile, one)
            before = case.decided.get(found.id)
            if found.reviews and (before is None or len(found.reviews) >= before.reviews):
                case.decided[found.id] = self._decide(result, found, profile)
                self._compare(result, found)

    def iterate(self) -> Iterator[tuple[int, Decided]]:
        """Iterates over what was decided, each with the number of its case."""
        for number, case in enumerate(self.cases.values()):
            for decided in case.decided.values():
                yield number, decided

    def list_disagreements(self) -> Iterator[Disagreement]:
        """Lists where people disagreed most: what was rejected, then what was raised."""
        for kind in ("rejected", "raised"):
            listed = [one for one in self._rank_candidates() if one.told.kind == kind]
            yield from (one.told for one in listed[:MOST_SHOWN])

    def _rank_candidates(self) -> list[_Candidate]:
        return sorted(
            self._candidates.values(),
            key=lambda one: (-one.weight, one.told.case_id, one.told.finding_id),
        )

    def _learn_rank(self, profile: int, one: ReadPrior) -> None:
        level = one.severity
        if level.level is not None and level.rank is not None:
            self.ranks.setdefault(profile, {})[self.names.number(level.level)] = level.rank

    def _decide(self, result: ReadResult, found: ReadFinding, profile: int) -> Decided:
        number, original = self.names.number, found.original
        model, prompt = name_maker(original, result.provenance) or (
            SEVERAL,
            result.provenance.prompt,
        )
        levels = (original.severity.level, found.severity.level)
        level, new_level = (None if one is None else number(one) for one in levels)
        return Decided(
            reviews=len(found.reviews),
            decision=found.reviews[-1].decision,
            type=number(original.type),
            model=number(model),
            prompt=number(prompt),
            profile=profile,
            level=level,
            new_level=new_level,
        )

    def _compare(self, result: ReadResult, found: ReadFinding) -> None:
        """Keeps a finding that was rejected or raised, while it is among the worst."""
        key = result.case.id, found.id
        self._candidates.pop(key, None)
        stated = found.original.observed.confidence
        before, after = found.original.severity.rank, found.severity.rank
        if found.reviews[-1].decision == "rejected":
            weight = -1.0 if stated is None else stated
        elif before is not None and after is not None and after > before:
            weight = float(after - before) + (stated or 0.0)
        else:
            return
        self._candidates[key] = _Candidate(weight, _tell(result, found))
        if len(self._candidates) > MOST_KEPT:
            kept = [one.told for one in self._rank_candidates()]
            worst = {
                (told.case_id, told.finding_id)
                for kind in ("rejected", "raised")
                for told in [one for one in kept if one.kind == kind][: MOST_KEPT // 4]
            }
            self._candidates = {k: one for k, one in self._candidates.items() if k in worst}


def _tell(result: ReadResult, found: ReadFinding) -> Disagreement:
    original, last = found.original, found.reviews[-1]
    shown = next((item for item in original.evidence if item.photo_id), None)
    refs = {outcome.photo.id: outcome.photo for outcome in result.photos}
    ref, box = (refs.get(shown.photo_id), shown.box) if shown is not None else (None, None)
    maker = name_maker(original, result.provenance)
    return Disagreement(
        kind="rejected" if last.decision == "rejected" else "raised",
        case_id=result.case.id,
        finding_id=found.id,
        label=original.label,
        model="" if maker is None else maker[0],
        confidence=original.observed.confidence,
        level=original.severity.level,
        new_level=found.severity.level,
        because=last.because,
        photo=None if ref is None else _to_ref(ref),
        box=None if box is None else Box.model_validate(box.model_dump()),
    )


def _to_ref(photo: ReadPhotoRef) -> PhotoRef:
    """Makes what is needed to find the photo again, and to know it."""
    original = photo.original
    return PhotoRef(
        id=photo.id,
        name=photo.name,
        room=photo.room,
        original=None
        if original is None or not original.sha256
        else PictureFile.model_validate(original.model_dump()),
        crop=None if photo.crop is None else Box.model_validate(photo.crop.model_dump()),
        host_prepared=photo.host_prepared,
    )
