"""What to ask again: the photos, and the words, that no answer settled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspectiq.agents.replies import Answer, Reading, Reply
from inspectiq.agents.requests import evenly
from inspectiq.domain.text import one_line
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

__all__ = ["Ask", "asks_after", "caller_fault"]

CALLER_FAULTS = (ConfigError, AuthenticationFailed, QuotaExhausted, BudgetExceeded)
"""Errors that the caller must mend, whatever the photos are."""

CALLER_REASONS = frozenset({"option", "model", "api", "no_vision"})
"""Reasons of a `BadRequest` that are the same."""

TOO_MUCH = frozenset({"too_large", "too_many_photos"})
"""Reasons that fewer photos in a request mend."""

PHOTOS_TO_BLAME = (OutputRefused, OutputFiltered, PhotoError, BadRequest)
"""Faults that one photo of several may be the cause of."""

LONGEST_NOTE = 160  # characters of what was wrong, as an engine is told; our assumption


@dataclass(frozen=True, slots=True)
class Ask:
    """Photos to ask about together again; none for the words alone.

    Attributes:
        photo_ids: Their ids.
        number: How often they were asked about with this time.
        room: How many times the usual room the answer gets.
        note: What was wrong with the answer before, in our words.
    """

    photo_ids: tuple[str, ...]
    number: int
    room: int
    note: str


def caller_fault(answers: Iterable[Answer]) -> InspectIQError | None:
    """The fault that ends a run: nothing at all was answered, and the caller must mend something.

    Where a provider takes requests for malformed and does not say why, that is believed once two
    photos were refused alone, or the only one: a photo may be what is malformed.
    """
    answers = list(answers)
    errors = [answer.error for answer in answers if answer.error is not None]
    if len(errors) < len(answers) or any(isinstance(error, OutputError) for error in errors):
        return None
    for error in errors:
        if isinstance(error, CALLER_FAULTS) or _is_callers(error):
            return error
    alone = {
        answer.request.photo_ids: answer.error
        for answer in answers
        if len(answer.request.photos) <= 1 and _is_malformed(answer.error)
    }
    photos = {photo_id for answer in answers for photo_id in answer.request.photo_ids}
    enough = len(alone) >= min(2, max(1, len(photos)))
    return next(iter(alone.values())) if enough else None


def _is_callers(error: InspectIQError | None) -> bool:
    return isinstance(error, BadRequest) and error.reason in CALLER_REASONS


def _is_malformed(error: InspectIQError | None) -> bool:
    return isinstance(error, BadRequest) and error.reason == "malformed"


def asks_after(
    replies: Sequence[Reply[Any]],
    standing: Mapping[str, Reading[Any]],
    order: Sequence[str],
    most: int,
) -> list[Ask]:
    """What to ask again after these replies, while it may help.

    A pack that was refused is halved until the photo to blame stands alone. As long as nothing was
    answered at all, one pack goes ahead, so that a fault of all of them is found in four requests.

    Args:
        replies: All so far.
        standing: What stands for each photo, and under `""` for the words.
        order: All these ids in their order.
        most: How often one is asked about at most for want of an answer that can be used.
    """
    answers = [reply.answer for reply in replies]
    if caller_fault(answers) is not None:
        return []
    groups: dict[int, tuple[Reply[Any], list[str]]] = {}
    for photo_id in sorted(standing, key=order.index):
        reading = standing[photo_id]
        if reading.stands is None and _may_help(photo_id, reading, most):
            groups.setdefault(id(reading.last), (reading.last, []))[1].append(photo_id)
    left = list(groups.values())
    if not any(reply.was_answered for reply in replies):
        left, halved = _gone_ahead(left, replies)
        if not halved:
            firsts = [(reply, next(filter(None, ids), "")) for reply, ids in left]
            return [_ask(filter(None, [first]), reply, standing) for reply, first in firsts]
    limit = _too_many(answers)
    return [ask for reply, ids in left for ask in _again(ids, reply, standing, limit, most)]


def _may_help(photo_id: str, reading: Reading[Any], most: int) -> bool:
    """Whether asking again, alone or in a smaller pack, may bring an answer.

    What was declined in company may be accepted alone; what was declined alone is not asked again.
    """
    error = reading.last.problems[photo_id]
    photos = len(reading.last.answer.request.photos)
    if isinstance(error, PHOTOS_TO_BLAME):
        return not _is_callers(error) and photos > (1 if photo_id else 0)
    return isinstance(error, OutputError) and reading.unusable < most


def _gone_ahead(
    groups: list[tuple[Reply[Any], list[str]]], replies: Sequence[Reply[Any]]
) -> tuple[list[tuple[Reply[Any], list[str]]], bool]:
    """The groups that go ahead of all others, and whether they are halved or asked one photo of."""
    refused = [group for group in groups if isinstance(group[0].answer.error, BadRequest)]
    alone = sum(len(reply.answer.request.photos) == 1 for reply in replies)
    if not refused or alone >= 2:
        return groups, True
    deepest = max(reply.answer.request.ask for reply, _ in refused)
    if deepest == 1:
        return refused[:1], True
    return [group for group in refused if group[0].answer.request.ask == deepest], False


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


def _again(
    ids: Sequence[str],
    reply: Reply[Any],
    standing: Mapping[str, Reading[Any]],
    limit: int | None,
    most: int,
) -> Iterator[Ask]:
    """In which packs to ask again about what a reply left open."""
    shown = [photo_id for photo_id in ids if photo_id]
    together = len(reply.answer.request.photos)
    error = reply.problems[ids[0]]
    unusable = max(standing[photo_id].unusable for photo_id in ids)
    last_chance = bool(unusable) and unusable + 1 >= most
    blamed = isinstance(error, PHOTOS_TO_BLAME)
    size = len(shown)
    if last_chance and not blamed:
        size = min(size, 1)  # none shall cost its neighbours theirs
    elif blamed or isinstance(error, OutputTruncated):
        size = -(-together // 2)
    if limit is not None:
        size = min(size, limit - 1)
    if size == together:
        shown.reverse()  # the same photos in the same order tend to get the same answer
    if shown and size:
        for pack in evenly(shown, -(-len(shown) // size)):
            yield _ask(pack, reply, standing)
    # The words go with every photo; on their own only if photos may be why there is no answer.
    if "" in ids and (not shown or not size or last_chance or blamed):
        yield _ask((), reply, standing)


def _ask(pack: Iterable[str], reply: Reply[Any], standing: Mapping[str, Reading[Any]]) -> Ask:
    photo_ids = tuple(pack)
    asked = photo_ids or ("",)
    number = reply.answer.request.ask + 1
    return Ask(
        photo_ids=photo_ids,
        number=number,
        room=1 + max(standing[photo_id].cut_off for photo_id in asked),
        note=f"Attempt {number}: {_wrong_with(reply.problems[asked[0]])}.",
    )


def _wrong_with(error: InspectIQError) -> str:
    """What an engine is told of the answer before."""
    if isinstance(error, OutputTruncated):
        return "the answer before was cut off; keep this one short"
    if isinstance(error, OutputInvalid):
        problems = "; ".join(dict.fromkeys(error.problems.values()))
        return f"the answer before could not be used ({one_line(problems, LONGEST_NOTE)})"
    return "asked about with others, these got no answer"
