"""Reads two facts from EXIF: which way is up, and when the photo was taken.

Pillow's own reader warns through `warnings`, which is an exception in a host that is strict about
them, and reads much that is not needed here. This one reads a few tags and never GPS.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime

from inspectiq.photos._capture_time import parse_capture_time

__all__ = ["Exif", "read_exif"]

# Tags of EXIF 2.32 and the bytes of one value of each TIFF type.
_ORIENTATION, _EXIF_IFD = 0x0112, 0x8769
# Date and time, fraction of a second, offset: of the shot, then of its digital copy (a scan). When
# the file was last changed (0x0132, and 0x9010 with it) is no capture time.
_TIMES = ((0x9003, 0x9291, 0x9011), (0x9004, 0x9292, 0x9012))
_WANTED = frozenset({_ORIENTATION, _EXIF_IFD, *(tag for tags in _TIMES for tag in tags)})
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_MOST_ENTRIES = 1000  # cameras write about 60; more is damage or malice


@dataclass(frozen=True, slots=True)
class Exif:
    """The orientation and capture time that a photo's EXIF states.

    Attributes:
        orientation: 1-8; 1 where it is absent or unreadable.
        taken_at: Aware where EXIF has an offset, else the camera's local time; None if unknown.
        bad: Whether the block could not be read as it should.
    """

    orientation: int = 1
    taken_at: datetime | None = None
    bad: bool = False


def read_exif(block: bytes | None) -> Exif:
    """Reads an EXIF block (with or without its `Exif` prefix); never raises.

    Each fact stands for itself: a damaged one is left out, and takes no other along.
    """
    return _Reader(block[6:] if block[:6] == b"Exif\x00\x00" else block).read() if block else Exif()


class _Reader:
    """Reads one TIFF block, and remembers whether something in it was bad."""

    def __init__(self, tiff: bytes) -> None:
        self._tiff = tiff
        self._order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4], "")
        self._bad = not self._order

    def read(self) -> Exif:
        if self._bad:
            return Exif(bad=True)
        entries = self._read_directory(self._unpack("I", 4))
        orientation = self._read_number(entries.get(_ORIENTATION)) or 1  # 0 is written for unknown
        if orientation > 8:
            self._bad, orientation = True, 1
        if pointer := self._read_number(entries.get(_EXIF_IFD)):
            # Some programs write the times beside the orientation instead.
            entries |= self._read_directory(pointer)
        times = (
            parse_capture_time(*(_read_text(entries.get(tag)) for tag in tags)) for tags in _TIMES
        )
        return Exif(orientation, next(filter(None, times), None), self._bad)

    def _read_directory(self, start: int | None) -> dict[int, bytes]:
        """Reads the wanted entries of one directory that can be read, by tag, as raw bytes."""
        count = None if start is None else self._unpack("H", start)
        if start is None or count is None or count > _MOST_ENTRIES:
            self._bad = True
            return {}
        entries = {}
        for at in range(start + 2, start + 2 + 12 * count, 12):
            tag = self._unpack("H", at)
            if tag is None:  # the rest is cut off
                break
            if tag in _WANTED and (raw := self._read_value(at)) is not None:
                entries[tag] = raw
        return entries

    def _read_value(self, at: int) -> bytes | None:
        """Reads the value of the entry at this place."""
        kind, values = self._unpack("H", at + 2), self._unpack("I", at + 4)
        if kind not in _TYPE_BYTES or values is None:
            self._bad = True
            return None
        size = _TYPE_BYTES[kind] * values
        where = self._unpack("I", at + 8) if size > 4 else at + 8
        if where is None or size > len(self._tiff) - where:
            self._bad = True
            return None
        return self._tiff[where : where + size]

    def _unpack(self, code: str, at: int) -> int | None:
        try:
            (number,) = struct.unpack_from(self._order + code, self._tiff, at)
        except struct.error:
            self._bad = True
            return None
        return int(number)

    def _read_number(self, raw: bytes | None) -> int:
        if raw is None:
            return 0
        if len(raw) not in (1, 2, 4):
            self._bad = True
            return 0
        return int.from_bytes(raw, "little" if self._order == "<" else "big")


def _read_text(raw: bytes | None) -> str:
    return (raw or b"").split(b"\x00")[0].decode("ascii", "replace").strip()
