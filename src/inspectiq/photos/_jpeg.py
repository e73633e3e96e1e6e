"""A JPEG's outer structure, as far as it must be known before the decoder sees it."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["JpegOutline", "read_outline"]

_EXIF = b"Exif\x00\x00"
# Within coded pixels 0xFF is followed by 0x00 or a restart marker.
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
_SOI_LIKE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length


@dataclass(frozen=True, slots=True)
class JpegOutline:
    """What a walk over the markers found.

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
    """Walks the segments up to the first scan. Broken ones are left for the decoder to refuse."""
    exif, prefixes = None, []
    components, interleaved, at = 0, True, 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF or marker in _SOI_LIKE:
            at += 1 if marker == 0xFF else 2
            continue
        start, length = at + 4, int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xE1 and data[start : start + 6] == _EXIF:
            exif = data[start : at + 2 + length] if exif is None else exif
            prefixes.append(start)
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            components = data[start + 5] if start + 5 < len(data) else 0
            interleaved = marker not in (0xC2, 0xC6, 0xCA, 0xCE)  # those are progressive
        elif marker == 0xDA:
            interleaved = interleaved and start < len(data) and data[start] == components
            break
        at += 2 + max(2, length)
    if prefixes:
        parts, last = [], 0
        for start in prefixes:
            parts += [data[last:start], b"Hidden"]
            last = start + len(_EXIF)
        hidden = b"".join([*parts, data[last:]])
    else:
        hidden = data
    return JpegOutline(exif, hidden, 1 if interleaved else _count_scans(data, at), interleaved)


def _count_scans(data: bytes, at: int) -> int:
    """Scans from `at` to the end of the picture, after which a phone may append a film."""
    scans = 0
    while (found := _MARKER.search(data, at)) and found[0] != b"\xff\xd9":
        scans += found[0] == b"\xff\xda"
        start = found.end()
        at = start + max(2, int.from_bytes(data[start : start + 2], "big"))
    return scans
