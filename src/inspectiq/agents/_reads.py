"""Reads: the same photos asked about several times, and which reading of each photo speaks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args

from inspectiq._taking import require_number
from inspectiq.agents._observations import WireObservation
from inspectiq.agents._photo_readings import PhotoReadings, group_by_photo
from inspectiq.agents._readings import Reading
from inspectiq.domain._agreement import Keep, ReadCounts
from inspectiq.errors import ConfigError
from inspectiq.transports._profile import EngineProfile

__all__ = ["Read", "check_reads", "choose_readings", "count_reads", "split_reads"]

ObservationT = TypeVar("ObservationT", bound=WireObservation)


@dataclass(frozen=True, slots=True)
class Read(Generic[ObservationT]):
    """One read of a case: all readings of its requests.

    Attributes:
        number: From 1.
        look: 1, or 2 for a second look.
        readings: Its readings, by rounds and photos.
        by_photo: The same, by photo, and under `""` for the words.
    """

    number: int
    look: int
    readings: tuple[Reading[ObservationT], ...]
    by_photo: Mapping[str, PhotoReadings[ObservationT]]


def check_reads(reads: int, keep: Keep, profile: EngineProfile) -> None:
    """Checks `reads` and `keep`, and that the engine can answer otherwise when it is asked again.

    Raises:
        ConfigError: A value is wrong, or the engine is deterministic and `reads` is not 1.
    """
    number = require_number(reads, "reads", least=1, whole=True)
    if keep not in get_args(Keep):
        raise ConfigError(f"keep is {keep!r}; give 'union' or 'majority'")
    if number > 1 and not profile.is_sampled:
        cause = "its temperature is 0" if profile.temperature == 0 else "it draws no samples"
        raise ConfigError(
            f"reads={number}: {profile.provider}:{profile.model} answers the same request alike "
            f"each time ({cause}), so its reads would agree and say nothing; leave reads out, or "
            "give every engine a temperature above 0, as OpenAITransport(model, temperature=1) does"
        )


def split_reads(readings: Iterable[Reading[ObservationT]]) -> list[Read[ObservationT]]:
    """Splits the sorted readings of one look into reads, in the order of their numbers."""
    by_number: defaultdict[tuple[int, int], list[Reading[ObservationT]]] = defaultdict(list)
    for reading in readings:
        request = reading.answer.request
        by_number[request.read, request.look].append(reading)
    return [
        Read(*place, tuple(by_number[place]), group_by_photo(by_number[place]))
        for place in sorted(by_number)
    ]


def choose_readings(
    reads: Sequence[Read[ObservationT]],
) -> dict[str, PhotoReadings[ObservationT]]:
    """Chooses for each photo, and for the words, the read that speaks for it.

    It is the first one with the verdict that counts: `assessed` if more than half of the reads that
    could be used say so, else `unclear`. Where none could be used, it is the first.
    """
    chosen: dict[str, PhotoReadings[ObservationT]] = {}
    for photo_id in dict.fromkeys(photo_id for read in reads for photo_id in read.by_photo):
        of_photo = [read.by_photo[photo_id] for read in reads if photo_id in read.by_photo]
        usable = [one for one in of_photo if one.accepted is not None]
        assessed = count_reads(photo_id, reads, len(reads)).is_assessed
        fitting = (one for one in usable if _is_clear(one, photo_id) == assessed)
        chosen[photo_id] = next(fitting, of_photo[0])
    return chosen


def count_reads(photo_id: str, reads: Iterable[Read[Any]], asked: int) -> ReadCounts:
    """Counts what became of the reads of one photo, of so many that were asked for."""
    known = [read.by_photo[photo_id] for read in reads if photo_id in read.by_photo]
    usable = [one for one in known if one.accepted is not None]
    clear = sum(_is_clear(one, photo_id) for one in usable)
    return ReadCounts(
        assessed=clear, unclear=len(usable) - clear, failed=max(0, asked - len(usable))
    )


def _is_clear(readings: PhotoReadings[Any], photo_id: str) -> bool:
    """Tells whether the accepted reading of a photo assessed it; words always count as that."""
    accepted = readings.accepted
    return accepted is not None and accepted.verdicts.get(photo_id, "assessed") == "assessed"
