"""What to ask again: the photos, and the words, that no answer settled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspectiq._text import to_one_line
from inspectiq.agents._replies import Answer, PhotoReadings, Reading
from inspectiq.agents._requests import split_evenly
from inspectiq.errors import (
    AuthenticationFailed,
    BadRequest,
    BudgetExceeded,
    ConfigError,
    InspectIQError,
    OutputError,
    OutputFiltered,
    OutputInvalid,
    OutputRefused,
    OutputTruncated,
    PhotoError,
    QuotaExhausted,
)
from inspectiq.transports._wire import asks_overall

__all__ = ["Ask", "find_caller_fault", "plan_asks"]

CALLER_FAULTS = (ConfigError, AuthenticationFailed, QuotaExhausted)
"""Errors that the caller must mend, whatever the photos are."""

PHOTOS_TO_BLAME = (OutputRefused, OutputFiltered, PhotoError, BadRequest)
"""Faults that one photo of several may be the cause of."""

TOO_MUCH = frozenset({"too_large", "too_many_photos"})
"""Reasons that fewer photos in a request mend."""

LONGEST_NOTE = 160  # characters of what was wrong, as an engine is told; our assumption

_Group = tuple[Reading[Any], list[str]]  # a reply, and the ids of what it left open


@dataclass(frozen=True, slots=True)
class Ask:
    """Photos to ask about together again; none for the words alone.

    Attributes:
        photo_ids: Their ids.
        number: How often they were asked about, this time included.
        room: How many times the usual room the answer gets.
        note: What was wrong with the answer before, in our words.
    """

    photo_ids: tuple[str, ...]
    number: int
    room: int
    note: str


# -- faults that end a run -------------------------------------------------------------------------


def find_caller_fault(answers: Sequence[Answer]) -> InspectIQError | None:
    """The fault that ends a run: nothing at all was answered, and the caller must mend something.

    A provider that takes requests for malformed and does not say why may mean a photo. It is
    believed to mean all of them once two photos (or one and the words) were refused each on its
    own, or the only photo there is; and where photos were asked about together, some of these.
    """
    errors = [answer.error for answer in answers if answer.error is not None]
    if len(errors) < len(answers) or any(isinstance(error, OutputError) for error in errors):
        return None
    for error in errors:
        if isinstance(error, CALLER_FAULTS) or (isinstance(error, BadRequest) and error.is_callers):
            return error
    malformed = [answer for answer in answers if _is_malformed(answer.error)]
    broke = next((error for error in errors if isinstance(error, BudgetExceeded)), None)
    if broke is not None:
        # Where only what was asked to find out was too much, the refusal is what must be mended.
        return malformed[0].error if malformed else broke
    alone = [answer for answer in malformed if _is_alone(answer)]
    subjects = {photo_id for answer in answers for photo_id in _subjects(answer)}
    refused = {answer.request.photo_ids for answer in alone}
    probed = all(_is_alone(answer) for answer in answers) or any(
        answer.request.ask > 1 for answer in alone
    )
    enough = bool(alone) and len(refused) >= min(2, len(subjects)) and probed
    return alone[0].error if enough else None


def _is_malformed(error: InspectIQError | None) -> bool:
    return isinstance(error, BadRequest) and error.reason == "malformed"


def _is_alone(answer: Answer) -> bool:
    return len(answer.request.photos) <= 1


def _subjects(answer: Answer) -> list[str]:
    """What a request is about: its photos, and under `""` words that are judged for themselves."""
    request = answer.request
    judged = bool(request.words) and asks_overall(request.schema)
    return [*request.photo_ids, *([""] if judged or not request.photos else [])]


# -- what to ask again -----------------------------------------------------------------------------


def plan_asks(
    replies: Sequence[Reading[Any]],
    standing: Mapping[str, PhotoReadings[Any]],
    order: Sequence[str],
    most: int,
) -> list[Ask]:
    """What to ask again after these replies, while it may help.

    A pack that was refused is halved until the photo to blame stands alone. As long as nothing was
    accepted at all, only one pack is, so that a fault of all of them is soon found.

    Args:
        replies: All so far.
        standing: What stands for each photo, and under `""` for the words.
        order: All these ids in their order.
        most: How often one is asked about at most for want of an answer that can be used.
    """
    answers = [reply.answer for reply in replies]
    if find_caller_fault(answers) is not None:
        return []
    groups: dict[int, _Group] = {}
    for photo_id in sorted(standing, key=order.index):
        reading = standing[photo_id]
        if photo_id and reading.stands is None and _may_help(photo_id, reading, most):
            groups.setdefault(id(reading.last), (reading.last, []))[1].append(photo_id)
    left = list(groups.values())
    if any(reply.was_accepted for reply in replies):
        packs = _smaller_packs(left, standing, answers, most)
    else:
        packs = _probe(left, replies, standing, most)
    asks = [_ask(pack, reply, standing) for reply, pack in packs]
    return asks or _words_alone(replies, standing, most)


def _may_help(photo_id: str, reading: PhotoReadings[Any], most: int) -> bool:
    """Whether asking again, alone or in a smaller pack, may bring an answer.

    What was declined in company may be accepted alone; what was declined alone is not asked again.
    """
    error = reading.last.problems[photo_id]
    if isinstance(error, BadRequest) and error.is_callers:
        return False
    if isinstance(error, PHOTOS_TO_BLAME):
        return len(reading.last.answer.request.photos) > 1
    return isinstance(error, OutputError) and reading.unusable < most


_Packs = Iterator[tuple[Reading[Any], Sequence[str]]]


def _smaller_packs(
    groups: Iterable[_Group],
    standing: Mapping[str, PhotoReadings[Any]],
    answers: Iterable[Answer],
    most: int,
) -> _Packs:
    """The packs in which to ask again about what replies left open.

    Args:
        groups: What they left open.
        standing: See `plan_asks`.
        most: See `plan_asks`.
        answers: All so far, which may tell how many photos are too many.
    """
    limit = _too_many(answers)
    for reply, ids in groups:
        size = _size(reply, ids, standing, most)
        if limit is not None:
            size = max(1, min(size, limit - 1))
        # The same photos in the same order tend to get the same answer.
        whole = size == len(reply.answer.request.photos)
        for pack in split_evenly(ids[::-1] if whole else ids, -(-len(ids) // size)):
            yield reply, pack


def _size(
    reply: Reading[Any], ids: Sequence[str], standing: Mapping[str, PhotoReadings[Any]], most: int
) -> int:
    """How many photos to ask about together."""
    error = reply.problems[ids[0]]
    if isinstance(error, PHOTOS_TO_BLAME):
        return -(-len(reply.answer.request.photos) // 2)
    if max(standing[photo_id].unusable for photo_id in ids) + 1 >= most:
        return 1  # the last chance; none shall cost its neighbours theirs
    if isinstance(error, OutputTruncated):
        return -(-len(reply.answer.request.photos) // 2)
    return len(ids)


def _probe(
    groups: Sequence[_Group],
    replies: Sequence[Reading[Any]],
    standing: Mapping[str, PhotoReadings[Any]],
    most: int,
) -> _Packs:
    """What to ask while nothing was accepted: about one pack, in halves, then alone.

    First its halves, then one photo of each half, then what is left of it. If all of it is
    refused, so would be the others, and none of them is asked about again.
    """
    refused = [group for group in groups if isinstance(group[0].answer.error, PHOTOS_TO_BLAME)]
    begun = [group for group in refused if group[0].answer.request.ask > 1]
    answers = [reply.answer for reply in replies]
    alone = sum(len(answer.request.photos) == 1 for answer in answers)
    if not any(answer.request.ask > 1 for answer in answers):
        yield from _smaller_packs(refused[:1], standing, answers, most)
    elif alone < 2:
        yield from ((reply, ids[:1]) for reply, ids in begun)
    else:
        yield from _smaller_packs(begun, standing, answers, most)


def _too_many(answers: Iterable[Answer]) -> int | None:
    """How many photos are known to be too many for one request; None where no number is."""
    refused, taken = set(), {0}
    for answer in answers:
        size = len(answer.request.photos)
        if answer.response is not None or isinstance(answer.error, OutputError):
            taken.add(size)
        elif isinstance(answer.error, BadRequest) and answer.error.reason in TOO_MUCH:
            refused.add(size)
    return min((size for size in refused if size > max(taken)), default=None)


def _words_alone(
    replies: Sequence[Reading[Any]], standing: Mapping[str, PhotoReadings[Any]], most: int
) -> list[Ask]:
    """The words on their own, where none of the photos that they went with had an answer."""
    reading = standing.get("")
    if reading is None or reading.stands is not None or not reading.last.answer.request.words:
        return []
    error = reading.last.problems[""]
    asked = any(not reply.answer.request.photos for reply in replies)
    if isinstance(error, PHOTOS_TO_BLAME):
        again = not asked and not (isinstance(error, BadRequest) and error.is_callers)
    else:
        again = isinstance(error, OutputError) and reading.unusable < most
    return [_ask((), reading.last, standing)] if again else []


def _ask(
    pack: Sequence[str], reply: Reading[Any], standing: Mapping[str, PhotoReadings[Any]]
) -> Ask:
    asked = pack or ("",)
    number = reply.answer.request.ask + 1
    return Ask(
        photo_ids=tuple(pack),
        number=number,
        room=1 + max(standing[photo_id].cut_off for photo_id in asked),
        note=f"Attempt {number}: {_wrong_with(reply.problems[asked[0]])}.",
    )


def _wrong_with(error: InspectIQError) -> str:
    """What an engine is told of the answer before."""
    if isinstance(error, OutputTruncated):
        return "the answer before was cut off; keep this one short"
    if isinstance(error, OutputInvalid):
        problems = "; ".join(dict.fromkeys(error.problems.values())) or "not JSON"
        return f"the answer before could not be used ({to_one_line(problems, LONGEST_NOTE)})"
    return "asked about with others, these got no answer"
