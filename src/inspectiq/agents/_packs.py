"""Packs: which photos are asked about together in one request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TypeVar

from inspectiq.errors import ConfigError
from inspectiq.photos._photo import Photo

__all__ = ["deal_photos", "find_usable", "pack_photos", "split_evenly"]

T = TypeVar("T")


def find_usable(photos: Iterable[Photo]) -> list[Photo]:
    """Finds the photos that can be sent: readable, and no duplicates.

    Raises:
        ConfigError: A photo was not examined.
    """
    return [photo for photo in photos if _is_usable(photo)]


def pack_photos(photos: Iterable[Photo], size: int) -> list[tuple[Photo, ...]]:
    """Packs at most `size` photos, room by room in the order in which rooms first appear.

    The packs of a room are as few as can be, and even: the largest one is what is waited for.
    """
    listed = list(photos)
    rooms = list(dict.fromkeys(photo.room for photo in listed))
    by_room = sorted(listed, key=lambda photo: rooms.index(photo.room))
    groups = [tuple(group) for _, group in groupby(by_room, key=lambda photo: photo.room)]
    return [part for group in groups for part in split_evenly(group, -(-len(group) // size))]


def deal_photos(photos: Sequence[Photo], size: int) -> list[Sequence[Photo]]:
    """Deals photos like cards, across rooms, into as few packs of at most `size` as possible.

    So each pack shows something of every room.
    """
    packs = -(-len(photos) // size)
    return [photos[pack::packs] for pack in range(packs)]


def split_evenly(photos: Sequence[T], parts: int) -> Iterable[tuple[T, ...]]:
    """Splits photos into a number of parts whose sizes differ by one at most."""
    fewest, more = divmod(len(photos), parts)
    start = 0
    for part in range(parts):
        end = start + fewest + (part < more)
        yield tuple(photos[start:end])
        start = end


def _is_usable(photo: Photo) -> bool:
    if photo.examined is None:
        raise ConfigError(
            f"photo {photo.id or photo.name} was not examined; "
            "plan what `await agent.aexamine(case)` returns"
        )
    return photo.examined.error is None and photo.examined.duplicate_of is None
