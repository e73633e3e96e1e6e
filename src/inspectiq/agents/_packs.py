"""Packs: which photos are asked about together in one request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

from inspectiq.errors import ConfigError
from inspectiq.photos._photo import Photo

__all__ = ["RoomPacker", "deal_photos", "find_usable", "pack_photos", "split_evenly"]

T = TypeVar("T")


def find_usable(photos: Iterable[Photo]) -> list[Photo]:
    """Finds the photos that can be sent: readable, and no duplicates.

    Raises:
        ConfigError: A photo was not examined.
    """
    return [photo for photo in photos if _is_usable(photo)]


class RoomPacker:
    """Packs photos room by room, each pack as soon as its last photo is examined.

    All photos of a room, usable or not, set its packs: as few as can be, and even, since the
    largest one is what is waited for. Photos fill these in their order, so a pack waits for none
    that comes after it; where some cannot be sent, the last packs are smaller, or there are fewer.

    Args:
        photos: All photos of a case; none of them need be examined.
        size: Most photos in a pack.
    """

    def __init__(self, photos: Iterable[Photo], size: int) -> None:
        self._rooms = {
            room: _Room(count, -(-count // size))
            for room, count in Counter(photo.room for photo in photos).items()
        }

    def add(self, photo: Photo) -> tuple[Photo, ...]:
        """Adds the next examined photo; returns the pack that it completes, or an empty one."""
        return self._rooms[photo.room].add(photo)


class _Room:
    def __init__(self, photos: int, packs: int) -> None:
        self._sizes = [len(part) for part in split_evenly(range(photos), packs)]
        self._awaited = photos
        self._waiting: list[Photo] = []

    def add(self, photo: Photo) -> tuple[Photo, ...]:
        self._awaited -= 1
        self._waiting += find_usable([photo])
        if self._awaited and len(self._waiting) < self._sizes[0]:
            return ()
        pack, self._waiting = tuple(self._waiting), []
        del self._sizes[0]
        return pack


def pack_photos(photos: Iterable[Photo], size: int) -> list[tuple[Photo, ...]]:
    """Packs the usable photos of all that were examined as `RoomPacker` does.

    Packs come room by room, in the order in which rooms first appear.

    Raises:
        ConfigError: A photo was not examined.
    """
    listed = list(photos)
    packer = RoomPacker(listed, size)
    packs = [pack for photo in listed if (pack := packer.add(photo))]
    rooms = list(dict.fromkeys(photo.room for photo in listed))
    return sorted(packs, key=lambda pack: rooms.index(pack[0].room))


def deal_photos(photos: Iterable[Photo], size: int) -> list[Sequence[Photo]]:
    """Deals usable photos like cards, across rooms, into as few packs of at most `size` as can be.

    So each pack shows something of every room.

    Raises:
        ConfigError: A photo was not examined.
    """
    usable = find_usable(photos)
    packs = -(-len(usable) // size)
    return [usable[pack::packs] for pack in range(packs)]


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
