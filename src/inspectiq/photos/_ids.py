"""Gives photos ids that are unique within their case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, count
from typing import TYPE_CHECKING

from inspectiq.errors import ConfigError

if TYPE_CHECKING:
    from inspectiq.photos._photo import Photo

__all__ = ["assign_ids"]


def assign_ids(photos: Iterable[Photo]) -> tuple[Photo, ...]:
    """Gives each photo an id: the host's, else `p1`, `p2`, ... by position.

    Raises:
        ConfigError: The host gave an id twice.
    """
    return tuple(_number_photos(list(photos)))


def _number_photos(photos: list[Photo]) -> Iterator[Photo]:
    given = Counter(photo.id for photo in photos if photo.id is not None)
    if twice := [id_ for id_, times in given.items() if times > 1]:
        raise ConfigError(
            f"the photo id {twice[0]!r} is used {given[twice[0]]} times; give each photo its own"
        )
    for position, photo in enumerate(photos, start=1):
        yield photo if photo.id is not None else photo.replace(id=_make_id(position, given))


def _make_id(position: int, given: Collection[str]) -> str:
    """Makes the id of a position; a host may have given `p2` to another photo."""
    later = (f"p{position}-{extra}" for extra in count(1))
    return next(name for name in chain([f"p{position}"], later) if name not in given)
