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
# Any other one ends them, with the fill before it. Each run of fill is looked at once. `re` runs to
# the next 0xFF only where the pattern begins with it: a lookbehind first takes 30 times as long.
_PIXELS_END = re.compile(rb"\xff(?<!\xff\xff)\xff*(?:[^\x00\xd0-\xd7\xff]|\Z)")
_FILL = re.compile(rb"\xff*")
# ITU-T T.81, table B.1.
_APP1, _SCAN = 0xE1, 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_ARITHMETIC = frozenset({0xC9, 0xCA})  # of those that are read
_LOSSLESS, _DIFFERENTIAL, _JPEG_LS = {0xC3, 0xC7, 0xCB, 0xCF}, {0xC5, 0xC6, 0xCD, 0xCE}, 0xF7
_MOST_BLOCKS = 4  # of EXIF
_MOST_SCANS = 1000  # that are looked at; cameras write 10
# Our assumptions; a photo has about 20 segments, and 400 of the longest fill a file.
_MOST_SEGMENTS = 100_000
_MOST_FILL_BYTES = 100_000
_SOI_LIKE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length


@dataclass(frozen=True, slots=True)
class JpegOutline:
    """The outer structure of a JPEG.

    Attributes:
        exif: The payloads of the EXIF segments, where some writers leave a broken one.
        hidden: The same file with its EXIF prefix made unknown to the decoder, whose reader of
            EXIF warns, and raises where warnings are errors.
        scans: How many scans the picture has; each costs a pass over all its pixels.
        ends: Whether the mark of its end is there, wherever that is.
        arithmetic: Whether it is coded so that its last zeros may be left out (ITU-T T.81, D.1.8).
        pixels_end: Where the pixels of the last scan end.
        refused: What it is, where no decoder here reads it; else empty.
        interleaved: Whether the first scan holds every component. If not, the decoder keeps all
            coefficients in memory, whatever scale it decodes at.
    """

    exif: tuple[bytes, ...]
    hidden: bytes
    scans: int
    interleaved: bool
    ends: bool = True
    arithmetic: bool = False
    pixels_end: int = 0
    refused: str = ""


def read_outline(data: bytes) -> JpegOutline:
    """Reads the segments up to the first scan. Broken ones are left for the decoder to refuse.

    Raises:
        ValueError: There are far more of them than any camera writes.
    """
    blocks: list[bytes] = []
    prefixes, refused, arithmetic = [], "", False
    components, interleaved, at, pixels = b"\0", True, 2, 2
    for marker, start, end in _walk_segments(data):
        at, pixels = end if marker != _SCAN else start - 4, end
        if marker == _APP1 and data[start : start + 6] == _EXIF:
            if len(blocks) < _MOST_BLOCKS:
                blocks.append(data[start:end])
            prefixes.append(start)
        elif marker in _FRAMES or marker == _JPEG_LS:
            refused = _describe_refused(marker, data[start : start + 6])
            components = data[start + 5 : start + 6] or b"\0"
            interleaved, arithmetic = marker not in _PROGRESSIVE, marker in _ARITHMETIC
        elif marker == _SCAN:
            interleaved = interleaved and data[start : start + 1] == components
    scans = [pixels] if interleaved else [end for _, end in _list_scans(data, at)]
    pixels_end = _find_pixels_end(data, scans[-1] if scans else at)
    hidden = _hide_exif(data, prefixes)
    ends = data.rfind(END) > at
    exif = tuple(blocks)
    return JpegOutline(exif, hidden, len(scans), interleaved, ends, arithmetic, pixels_end, refused)


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
    at, filled = 2, 0
    for _ in range(_MOST_SEGMENTS):
        found = _FILL.match(data, at)
        assert found is not None
        filled += max(0, len(found[0]) - 1)
        if filled > _MOST_FILL_BYTES:
            break
        at = found.end() - 1
        if not found[0] or at + 4 > len(data):
            return
        marker = data[at + 1]
        if marker in _SOI_LIKE:
            at += 2
            continue
        end = at + 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
        yield marker, at + 4, end
        if marker == _SCAN:
            return
        at = end
    raise ValueError("far more segments than any camera writes")


def _hide_exif(data: bytes, prefixes: Sequence[int]) -> bytes:
    """Writes over the EXIF prefixes at these places."""
    if not prefixes:
        return data
    parts, last = [], 0
    for start in prefixes:
        parts += [data[last:start], b"Hidden"]
        last = start + len(_EXIF)
    return b"".join([*parts, data[last:]])


def _list_scans(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Lists where the header of each scan begins and ends, up to the end of the picture.

    A phone may append a film to it.
    """
    for _ in range(_MOST_SEGMENTS):
        found = _MARKER.search(data, at)
        if found is None or found[0] == END:
            return
        start = found.end() + 2
        at = found.end() + max(2, int.from_bytes(data[found.end() : start], "big"))
        if found[0] == b"\xff\xda":
            yield start, at
    raise ValueError("far more segments than any camera writes")


def _find_pixels_end(data: bytes, start: int) -> int:
    """Finds where the pixels end that begin here."""
    found = _PIXELS_END.search(data, start)
    return len(data) if found is None else found.start()
