"""Reads two facts from EXIF: which way is up, and when the photo was taken.

Pillow's own reader warns through `warnings`, which is an exception in a host that is strict about
them, and reads much that is not needed here. This one reads three tags and never GPS.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from datetime import datetime

__all__ = ["Exif", "read_exif"]

# Tags of EXIF 2.32 and the bytes of one value of each TIFF type.
_ORIENTATION, _EXIF_IFD, _TAKEN, _OFFSET = 0x0112, 0x8769, 0x9003, 0x9011
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
    """Reads an EXIF block (with or without its `Exif` prefix); never raises."""
    if not block:
        return Exif()
    tiff = block[6:] if block[:6] == b"Exif\x00\x00" else block
    orientation, taken_at = 1, None
    try:
        order = {b"II*\x00": "<", b"MM\x00*": ">"}[tiff[:4]]
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        main = _read_directory(tiff, order, start)
        stored = _read_number(main.get(_ORIENTATION), order) or 1  # cameras write 0 for unknown
        if stored > 8:
            raise ValueError("an orientation has eight values")
        orientation = stored
        if pointer := _read_number(main.get(_EXIF_IFD), order):
            details = _read_directory(tiff, order, pointer)
            taken_at = _parse_moment(
                _read_text(details.get(_TAKEN)), _read_text(details.get(_OFFSET))
            )
    except (KeyError, ValueError, struct.error):
        return Exif(orientation, taken_at, bad=True)
    return Exif(orientation, taken_at)


def _read_directory(tiff: bytes, order: str, start: int) -> dict[int, bytes]:
    """Reads the wanted entries of one directory, by tag, as raw bytes."""
    (count,) = struct.unpack_from(order + "H", tiff, start)
    if count > _MOST_ENTRIES:
        raise ValueError("too many entries")
    entries = {}
    for number in range(count):
        at = start + 2 + 12 * number
        tag, kind, values = struct.unpack_from(order + "HHI", tiff, at)
        if tag not in (_ORIENTATION, _EXIF_IFD, _TAKEN, _OFFSET):
            continue
        size = _TYPE_BYTES[kind] * values
        if size > 4:
            (where,) = struct.unpack_from(order + "I", tiff, at + 8)
        else:
            where = at + 8
        if where + size > len(tiff):
            raise ValueError("an entry points past the end")
        entries[tag] = tiff[where : where + size]
    return entries


def _read_number(raw: bytes | None, order: str) -> int:
    if raw is None:
        return 0
    if len(raw) not in (1, 2, 4):
        raise ValueError("not one number")
    return int.from_bytes(raw, "little" if order == "<" else "big")


def _read_text(raw: bytes | None) -> str:
    return (raw or b"").split(b"\x00")[0].decode("ascii", "replace").strip()


def _parse_moment(taken: str, offset: str) -> datetime | None:
    """Parses a capture time; None for what no calendar has, such as an unset clock's zeros."""
    if not re.fullmatch(r"[+-]\d\d:\d\d", offset):
        offset = ""
    try:
        if offset:
            return datetime.strptime(taken + offset, "%Y:%m:%d %H:%M:%S%z")
        return datetime.strptime(taken, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - local time
    except ValueError:
        return None
