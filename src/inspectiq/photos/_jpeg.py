"""Reads a JPEG's outer structure, as far as it must be known before the decoder sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["JpegOutline", "read_outline"]

_EXIF = b"Exif\x00\x00"
# Within coded pixels 0xFF is followed by 0x00 or a restart marker.
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
# ITU-T T.81, table B.1.
_APP1, _SCAN = 0xE1, 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_SOI_LIKE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length


@dataclass(frozen=True, slots=True)
class JpegOutline:
    """The outer structure of a JPEG.

    Attributes:
        exif: The payload of the EXIF segment, None without one.
        hidden: The same file with its EXIF prefix made unknown to the decoder, whose reader of
            EXIF warns, and raises where warnings are errors.
        scans: How many scans the picture has; each costs a pass over all its pixels.
        interleaved: Whether the first scan holds every component. If not, the decoder keeps all
            coefficients in memory, whatever scale it decodes at.
    """

    exif: bytes | None
    hidden: bytes
    scans: int
    interleaved: bool


def read_outline(data: bytes) -> JpegOutline:
    """Reads the segments up to the first scan. Broken ones are left for the decoder to refuse."""
    exif, prefixes = None, []
    components, interleaved, at = b"\0", True, 2
    for marker, start, end in _walk_segments(data):
        at = end if marker != _SCAN else start - 4
        if marker == _APP1 and data[start : start + 6] == _EXIF:
            exif = data[start:end] if exif is None else exif
            prefixes.append(start)
        elif marker in _FRAMES:
            components = data[start + 5 : start + 6] or b"\0"
            interleaved = marker not in _PROGRESSIVE
        elif marker == _SCAN:
            interleaved = interleaved and data[start : start + 1] == components
    scans = 1 if interleaved else _count_scans(data, at)
    return JpegOutline(exif, _hide_exif(data, prefixes), scans, interleaved)


def _walk_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Lists the segments up to the first scan and with it: marker, start of the content, end."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF or marker in _SOI_LIKE:
            at += 1 if marker == 0xFF else 2
            continue
        end = at + 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
        yield marker, at + 4, end
        if marker == _SCAN:
            return
        at = end


def _hide_exif(data: bytes, prefixes: Sequence[int]) -> bytes:
    """Writes over the EXIF prefixes at these places."""
    if not prefixes:
        return data
    parts, last = [], 0
    for start in prefixes:
        parts += [data[last:start], b"Hidden"]
        last = start + len(_EXIF)
    return b"".join([*parts, data[last:]])


def _count_scans(data: bytes, at: int) -> int:
    """Counts the scans from `at` to the end of the picture; a phone may append a film to it."""
    scans = 0
    while (found := _MARKER.search(data, at)) and found[0] != b"\xff\xd9":
        scans += found[0] == b"\xff\xda"
        start = found.end()
        at = start + max(2, int.from_bytes(data[start : start + 2], "big"))
    return scans
