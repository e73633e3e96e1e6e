"""What to ask again: the photos, and the words, that no answer settled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from inspectiq.agents.replies import Reading, Reply
from inspectiq.agents.requests import smaller_packs
from inspectiq.errors import (
    BadRequest,
    InspectIQError,
    OutputError,
    OutputFiltered,
    OutputRefused,
    PhotoError,
)

__all__ = ["packs_to_ask"]

PHOTOS_TO_BLAME = (OutputRefused, OutputFiltered, PhotoError, BadRequest)
"""Faults that a photo may be the cause of."""


def packs_to_ask(
    standing: Mapping[str, Reading[Any]], order: Sequence[str], most: int
) -> Iterator[tuple[Sequence[str], int]]:
    """Ids of photos that are asked about together again, and how often with this time.

    Args:
        standing: What stands for each photo, and under `""` for the words.
        order: All these ids in their order.
        most: How often one is asked about at most.
    """
    unsettled: dict[int, list[str]] = {}
    last: dict[int, Reply[Any]] = {}
    for photo_id in sorted(standing, key=order.index):
        reading = standing[photo_id]
        if reading.stands is not None or reading.asked >= most:
            continue
        error = reading.last.problems[photo_id]
        if _may_help(error, packed=len(reading.last.photo_ids) > 1):
            unsettled.setdefault(id(reading.last), []).append(photo_id)
            last[id(reading.last)] = reading.last
    for key, asked_about in unsettled.items():
        ask = last[key].answer.request.ask + 1
        for pack in _smaller(asked_about, last[key], last_chance=ask >= most):
            yield pack, ask


def _smaller(
    asked_about: Sequence[str], reply: Reply[Any], *, last_chance: bool
) -> Sequence[Sequence[str]]:
    """The packs in which to ask again about what a reply left open."""
    shown = [photo_id for photo_id in asked_about if photo_id]
    # One that cannot be read, or a last chance, must not cost the neighbours theirs.
    alone = last_chance or isinstance(reply.answer.error, PhotoError)
    packs = smaller_packs(shown, len(reply.answer.request.photos), alone=alone) if shown else []
    # The words go with every photo; on their own only if photos may be why there is no answer.
    blamed = isinstance(reply.answer.error, PHOTOS_TO_BLAME)
    if "" in asked_about and (not shown or last_chance or blamed):
        packs.append(("",))
    return packs


def _may_help(error: InspectIQError, *, packed: bool) -> bool:
    """Whether asking again, alone or in a smaller pack, may bring an answer.

    What was declined in company may be accepted alone; what was declined alone is not asked again.
    """
    if isinstance(error, PHOTOS_TO_BLAME):
        return packed
    return isinstance(error, OutputError)
