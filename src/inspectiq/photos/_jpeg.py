"""Reads a JPEG's outer structure, as far as it must be known before the decoder sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

__all__ = ["END", "JpegOutline", "has_all_scans", "read_outline"]

END = b"\xff\xd9"

_EXIF = b"Exif\x00\x00"
# Within coded pixels 0xFF is followed by 0x00 or a restart marker.
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
# ITU-T T.81, table B.1.
_APP1, _SCAN = 0xE1, 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_LOSSLESS, _DIFFERENTIAL, _JPEG_LS = {0xC3, 0xC7, 0xCB, 0xCF}, {0xC5, 0xC6, 0xCD, 0xCE}, 0xF7
_MOST_SCANS = 1000  # that are looked at; cameras write 10
_SOI_LIKE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length


@dataclass(frozen=True, slots=True)
class JpegOutline:
    """The outer structure of a JPEG.

    Attributes:
        exif: The payload of the EXIF segment, None without one.
        hidden: The same file with its EXIF prefix made unknown to the decoder, whose reader of
            EXIF warns, and raises where warnings are errors.
        scans: How many scans the picture has; each costs a pass over all its pixels.
        ends: Whether the mark of its end is there, wherever that is.
        refused: What it is, where no decoder here reads it; else empty.
        interleaved: Whether the first scan holds every component. If not, the decoder keeps all
            coefficients in memory, whatever scale it decodes at.
    """

    exif: bytes | None
    hidden: bytes
    scans: int
    interleaved: bool
    ends: bool = True
    refused: str = ""


def read_outline(data: bytes) -> JpegOutline:
    """Reads the segments up to the first scan. Broken ones are left for the decoder to refuse."""
    exif, prefixes, refused = None, [], ""
    components, interleaved, at = b"\0", True, 2
    for marker, start, end in _walk_segments(data):
        at = end if marker != _SCAN else start - 4
        if marker == _APP1 and data[start : start + 6] == _EXIF:
            exif = data[start:end] if exif is None else exif
            prefixes.append(start)
        elif marker in _FRAMES or marker == _JPEG_LS:
            refused = _describe_refused(marker, data[start : start + 6])
            components = data[start + 5 : start + 6] or b"\0"
            interleaved = marker not in _PROGRESSIVE
        elif marker == _SCAN:
            interleaved = interleaved and data[start : start + 1] == components
    scans = 1 if interleaved else _count_scans(data, at)
    hidden = _hide_exif(data, prefixes)
    return JpegOutline(exif, hidden, scans, interleaved, data.rfind(END) > at, refused)


def has_all_scans(data: bytes) -> bool:
    """Tells whether the scans of a picture hold every coefficient in full, where they are whole."""
    at = len(data)
    components = b""
    for marker, start, end in _walk_segments(data):
        at = end if marker != _SCAN else start - 4
        if marker in _FRAMES:
            components = data[start + 6 : end : 3]
    missing = {component: bytearray(b"\xff" * 64) for component in components}
    for start, _ in islice(_list_scans(data, at), _MOST_SCANS):
        count = data[start]
        first, last, bits = (*data[start + 1 + 2 * count :][:3], 0, 0, 0)[:3]
        for component in data[start + 1 : start + 1 + 2 * count : 2]:
            if component in missing and first <= last < 64:
                missing[component][first : last + 1] = bytes([bits & 15]) * (last + 1 - first)
    return bool(missing) and not any(map(any, missing.values()))


def _describe_refused(marker: int, frame: bytes) -> str:
    """Describes a frame that no decoder here reads, by ITU-T T.81, table B.1; else it is empty."""
    if marker == _JPEG_LS:
        return "a JPEG-LS picture"
    if marker in _LOSSLESS:
        return "a lossless JPEG"
    if marker in _DIFFERENTIAL:
        return "a hierarchical JPEG"
    precision, height, channels = frame[:1], frame[1:3], frame[5:]
    if precision not in (b"\x08", b""):
        return f"a JPEG of {precision[0]} bits a channel"
    if height == b"\0\0":
        return "a JPEG that tells its height after its pixels"
    if channels in (b"\x02", b"\x05", b"\x06"):
        return f"a JPEG of {channels[0]} channels"
    return ""


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
    return sum(1 for _ in _list_scans(data, at))


def _list_scans(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Lists where the header of each scan begins and ends, up to the end of the picture.

    A phone may append a film to it.
    """
    while (found := _MARKER.search(data, at)) and found[0] != END:
        start = found.end() + 2
        at = found.end() + max(2, int.from_bytes(data[found.end() : start], "big"))
        if found[0] == b"\xff\xda":
            yield start, at
