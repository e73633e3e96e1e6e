"""Tells in how many reads each finding was seen, and keeps what the agent's rule keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from inspectiq.agents._joining import Sightings, join_sightings, unite
from inspectiq.agents._reads import Read
from inspectiq.domain._agreement import Agreement, Keep
from inspectiq.domain._findings import Finding
from inspectiq.transports._profile import EngineProfile

__all__ = ["ONE_READ", "Joined", "ReadJoiner"]

FindingT = TypeVar("FindingT", bound=Finding)

ONE_READ = "seen in one read only"
"""Why a finding that no other read saw is left to a person."""


@dataclass(frozen=True, slots=True)
class Joined(Generic[FindingT]):
    """The findings of all reads, each once.

    Attributes:
        findings: Those that are kept.
        left_out: How many were seen in too few reads.
    """

    findings: tuple[FindingT, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class ReadJoiner:
    """Joins the findings of several reads, and tells in how many each was seen.

    Attributes:
        asked: How often each photo was to be read.
        keep: What is kept.
        overlap: The least overlap of two boxes that are one place.
        profile: The engine that was to be asked.
    """

    asked: int
    keep: Keep
    overlap: float
    profile: EngineProfile

    def join(
        self, by_read: Sequence[Sequence[FindingT]], reads: Sequence[Read[Any]]
    ) -> Joined[FindingT]:
        """Joins the findings of each read; of a single one, returns them as they are."""
        if self.asked == 1:
            return Joined(tuple(finding for found in by_read for finding in found))
        together = join_sightings(by_read, overlap=self.overlap)
        told = [self._tell(sightings, reads) for sightings in together]
        kept = [finding for finding in told if self._is_kept(finding)]
        return Joined(tuple(kept), len(told) - len(kept))

    def _tell(self, sightings: Sightings[FindingT], reads: Sequence[Read[Any]]) -> FindingT:
        """Makes the finding of what was seen of a thing, with its agreement."""
        finding = unite(sightings, self.keep)
        seen = set(sightings.reads)
        photo_ids = {item.photo_id for one in sightings.findings for item in one.evidence}
        usable = {place for place, read in enumerate(reads) if _is_usable(read, photo_ids)} | seen
        agreement = Agreement(
            seen=len(seen),
            reads=len(usable),
            failed=max(0, self.asked - len(usable)),
            temperature=self._find_temperature([reads[place] for place in sorted(usable)]),
        )
        alone = (ONE_READ,) if agreement.seen == 1 else ()
        return finding.model_copy(
            update={"agreement": agreement, "review": (*finding.review, *alone)}
        )

    def _is_kept(self, finding: Finding) -> bool:
        agreement = finding.agreement
        return self.keep == "union" or agreement is None or agreement.is_majority

    def _find_temperature(self, reads: Sequence[Read[Any]]) -> float | None:
        """Finds the temperature of reads; None if another engine than the agent's answered."""
        answered = {identity for read in reads for identity in _list_engines(read)}
        return self.profile.temperature if answered <= {self.profile.identity} else None


def _is_usable(read: Read[Any], photo_ids: set[str]) -> bool:
    """Tells whether a read has a usable verdict on one of these photos; of no photos, on any."""
    return any(
        readings.accepted is not None
        for photo_id, readings in read.by_photo.items()
        if photo_id in photo_ids or not photo_ids
    )


def _list_engines(read: Read[Any]) -> Iterator[str]:
    for reading in read.readings:
        if reading.answer.response is not None:
            yield reading.answer.response.engine.identity
