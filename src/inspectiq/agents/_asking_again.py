"""Plans what to ask again: the photos, and the words, for which no reading was accepted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspectiq._text import to_one_line
from inspectiq.agents._answers import Answer
from inspectiq.agents._caller_errors import find_caller_error, is_callers
from inspectiq.agents._packs import split_evenly
from inspectiq.agents._photo_readings import PhotoReadings
from inspectiq.agents._readings import Reading
from inspectiq.errors import (
    BadRequest,
    InspectIQError,
    OutputError,
    OutputFiltered,
    OutputInvalid,
    OutputRefused,
    OutputTruncated,
    PhotoError,
)

__all__ = ["Ask", "plan_asks"]

PHOTOS_TO_BLAME = (OutputRefused, OutputFiltered, PhotoError, BadRequest)
"""Errors that one photo of several may be the cause of."""

TOO_MUCH = frozenset({"too_large", "too_many_photos"})
"""Reasons that fewer photos in a request mend."""

LONGEST_NOTE = 160  # characters of what was wrong, as an engine is told; our assumption


@dataclass(frozen=True, slots=True)
class Ask:
    """Photos to ask about together again; none for the words alone.

    Attributes:
        photo_ids: Their ids.
        number: How often they were asked about, this time included.
        room: Factor on the usual limit of tokens for the answer.
        note: What was wrong with the answer before, in our words.
    """

    photo_ids: tuple[str, ...]
    number: int
    room: int
    note: str


def plan_asks(
    readings: Sequence[Reading[Any]],
    by_photo: Mapping[str, PhotoReadings[Any]],
    order: Sequence[str],
    most: int,
) -> list[Ask]:
    """Plans what to ask again after these readings, while it may help.

    A pack that was refused is halved until the photo to blame is alone. As long as no request was
    answered at all, only one pack is, so that an error that is about all of them is soon found.

    Args:
        readings: All readings so far.
        by_photo: The same, by photo, and under `""` for the words.
        order: All ids of `by_photo`, in the order of the case.
        most: Most times that a photo is asked about while no answer about it can be used.
    """
    if find_caller_error([reading.answer for reading in readings]) is not None:
        return []
    planner = _AskPlanner(readings, by_photo, most)
    groups = planner.group_open_photos(order)
    if any(reading.was_answered for reading in readings):
        packs = planner.make_smaller_packs(groups)
    else:
        packs = planner.probe_one_pack(groups)
    asks = [planner.make_ask(pack, reading) for reading, pack in packs]
    return asks or planner.ask_words_alone()


_Group = tuple[Reading[Any], list[str]]  # a reading, and ids for which it was not accepted
_Packs = Iterator[tuple[Reading[Any], Sequence[str]]]


@dataclass(frozen=True, slots=True)
class _AskPlanner:
    """Chooses which photos to ask about again, and in which packs; see `plan_asks`."""

    readings: Sequence[Reading[Any]]
    by_photo: Mapping[str, PhotoReadings[Any]]
    most: int

    def group_open_photos(self, order: Sequence[str]) -> list[_Group]:
        """Groups the photos that are worth asking about again by their last reading."""
        groups: dict[int, _Group] = {}
        for photo_id in sorted(self.by_photo, key=order.index):
            last = self.by_photo[photo_id].last
            if photo_id and self._may_help(photo_id):
                groups.setdefault(id(last), (last, []))[1].append(photo_id)
        return list(groups.values())

    def _may_help(self, photo_id: str) -> bool:
        """Tells whether asking again, alone or in a smaller pack, may bring an answer.

        What was declined in company may be accepted alone; what was declined alone is not asked
        again.
        """
        photo = self.by_photo[photo_id]
        if photo.accepted is not None:
            return False
        error = photo.last.errors[photo_id]
        if is_callers(error):
            return False
        if isinstance(error, PHOTOS_TO_BLAME):
            return photo.last.photo_count > 1
        return isinstance(error, OutputError) and photo.unusable < self.most

    def make_smaller_packs(self, groups: Iterable[_Group]) -> _Packs:
        """Makes the packs in which to ask again about groups of photos."""
        limit = _find_too_many(reading.answer for reading in self.readings)
        for reading, ids in groups:
            size = self._choose_size(reading, ids)
            if limit is not None:
                size = max(1, min(size, limit - 1))
            # The same photos in the same order tend to get the same answer.
            whole = size == reading.photo_count
            for pack in split_evenly(ids[::-1] if whole else ids, -(-len(ids) // size)):
                yield reading, pack

    def _choose_size(self, reading: Reading[Any], ids: Sequence[str]) -> int:
        """Chooses how many photos to ask about together."""
        error = reading.errors[ids[0]]
        if isinstance(error, PHOTOS_TO_BLAME):
            return -(-reading.photo_count // 2)
        if max(self.by_photo[photo_id].unusable for photo_id in ids) + 1 >= self.most:
            return 1  # the last chance; none shall cost its neighbours theirs
        if isinstance(error, OutputTruncated):
            return -(-reading.photo_count // 2)
        return len(ids)

    def probe_one_pack(self, groups: Sequence[_Group]) -> _Packs:
        """Makes packs while no request was answered: of one pack only, in halves, then alone.

        First its halves, then one photo of each half, then what is left of it. If all of it is
        refused, so would be the others, and none of them is asked about again.
        """
        refused = [group for group in groups if isinstance(group[0].answer.error, PHOTOS_TO_BLAME)]
        begun = [group for group in refused if group[0].answer.request.ask > 1]
        asked_alone = sum(reading.photo_count == 1 for reading in self.readings)
        if all(reading.answer.request.ask <= 1 for reading in self.readings):
            yield from self.make_smaller_packs(refused[:1])
        elif asked_alone < 2:
            yield from ((reading, ids[:1]) for reading, ids in begun)
        else:
            yield from self.make_smaller_packs(begun)

    def ask_words_alone(self) -> list[Ask]:
        """Asks about the words on their own, where no photo that they went with was answered."""
        words = self.by_photo.get("")
        if words is None or not self._may_help_words(words):
            return []
        return [self.make_ask((), words.last)]

    def _may_help_words(self, words: PhotoReadings[Any]) -> bool:
        """Tells whether asking about the words again, on their own, may bring an answer."""
        if words.accepted is not None or not words.last.answer.request.words:
            return False
        error = words.last.errors[""]
        if isinstance(error, PHOTOS_TO_BLAME):
            never_alone = all(reading.photo_count for reading in self.readings)
            return never_alone and not is_callers(error)
        return isinstance(error, OutputError) and words.unusable < self.most

    def make_ask(self, pack: Sequence[str], reading: Reading[Any]) -> Ask:
        """Makes the ask about a pack whose last reading was not accepted."""
        asked = pack or ("",)
        number = reading.answer.request.ask + 1
        return Ask(
            photo_ids=tuple(pack),
            number=number,
            room=1 + max(self.by_photo[photo_id].cut_off for photo_id in asked),
            note=f"Attempt {number}: {_explain(reading.errors[asked[0]])}.",
        )


def _find_too_many(answers: Iterable[Answer]) -> int | None:
    """Returns how many photos are known to be too many for a request; None if no number is."""
    refused, taken = set(), {0}
    for answer in answers:
        size = len(answer.request.photos)
        if answer.response is not None or isinstance(answer.error, OutputError):
            taken.add(size)
        elif isinstance(answer.error, BadRequest) and answer.error.reason in TOO_MUCH:
            refused.add(size)
    return min((size for size in refused if size > max(taken)), default=None)


def _explain(error: InspectIQError) -> str:
    """Tells an engine what was wrong with the answer before."""
    if isinstance(error, OutputTruncated):
        return "the answer before was cut off; keep this one short"
    if isinstance(error, OutputInvalid):
        problems = "; ".join(dict.fromkeys(error.problems.values())) or "not JSON"
        return f"the answer before could not be used ({to_one_line(problems, LONGEST_NOTE)})"
    return "asked about with others, these got no answer"
