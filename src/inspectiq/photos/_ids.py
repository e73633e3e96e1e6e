"""Ids of photos: unique within their case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count
from typing import TYPE_CHECKING

from inspectiq.errors import ConfigError

if TYPE_CHECKING:
    from inspectiq.photos._photo import Photo

__all__ = ["assign_ids"]


def assign_ids(photos: Iterable[Photo]) -> tuple[Photo, ...]:
    """The photos, each with an id: the host's, else `p1`, `p2`, ... by position.

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
        if photo.id is not None:
            yield photo
            continue
        # A host may have taken p2 for another photo.
        id_ = next(
            name
            for extra in count()
            if (name := f"p{position}" if extra == 0 else f"p{position}-{extra}") not in given
        )
        yield photo.replace(id=id_)
