"""Reads a HEIF's or AVIF's container, as far as it must be known before a decoder sees it.

The decoders disagree about what the container says: one leaves crops alone, one refuses sound ones,
one refuses a picture for its EXIF. So what it says is read here and hidden from them.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from inspectiq.photos._heif_frame import HeifFrame, UnreadableHeifError
from inspectiq.photos._heif_items import HeifItems, read_items
from inspectiq.photos._iso_boxes import FieldReader, IsoBox, find_box, list_boxes, list_outer_boxes

__all__ = ["HeifOutline", "is_minimal", "read_heif"]

_CODECS = {b"hvc1": "heic", b"hev1": "heic", b"av01": "avif"}
_DERIVED = frozenset({b"grid", b"iovl", b"iden"})
_REFUSED = {
    b"unci": "an uncompressed HEIF picture",
    b"j2k1": "a JPEG 2000 picture in HEIF",
    b"jpeg": "a JPEG picture in HEIF",
    b"vvc1": "a VVC picture in HEIF",
    b"avc1": "an H.264 picture in HEIF",
    b"evc1": "an EVC picture in HEIF",
    b"lhv1": "a layered HEVC picture",
}
_KNOWN_BRANDS = frozenset({b"heic", b"heix", b"mif1"})  # to libheif 1.20 and later
# ITU-T H.273, tables 2 to 4; 3 is reserved in each, and 0 but for matrices.
_PRIMARIES = frozenset({1, 2, *range(4, 13), 22})
_TRANSFERS = frozenset({1, 2, *range(4, 19)})
_MATRICES = frozenset({0, 1, 2, *range(4, 15)})
_SAMPLE_ENTRY = 78  # bytes of a visual sample entry before its boxes
_TIFF = re.compile(rb"(Exif\x00\x00)?(II\*\x00|MM\x00\*)")


@dataclass(frozen=True, slots=True)
class HeifOutline:
    """What a container says of the picture that it shows.

    Attributes:
        codec: `heic` or `avif`: which decoder it needs.
        frame: What is shown of the stored pixels, and which way up.
        nclx: Colour primaries and transfer by their numbers in ITU-T H.273; None if unknown.
        icc: ICC profile, None without one.
        exif: EXIF block, None without one.
        bare: The same file without its crops and EXIF, for the decoder.
    """

    codec: str
    frame: HeifFrame
    nclx: tuple[int, int] | None
    icc: bytes | None
    exif: bytes | None
    bare: bytes


def is_minimal(data: bytes) -> bool:
    """Tells whether it is in the low-overhead form of HEIF, which has no crops."""
    outer = list_outer_boxes(data)
    return find_box(outer, b"meta") is None and find_box(outer, b"mini") is not None


def read_heif(data: bytes) -> HeifOutline:
    """Reads the container.

    Raises:
        UnreadableHeifError: It holds something that no decoder here reads.
        ValueError: It is damaged.
    """
    outer = list_outer_boxes(data)
    meta, moov = find_box(outer, b"meta"), find_box(outer, b"moov")
    if moov is not None and data[8:12] == b"avis":
        return _read_track(data, moov)  # what the decoder shows, whatever else there is
    if meta is None:
        if moov is not None:
            raise UnreadableHeifError("an image sequence")
        raise ValueError("no description of the picture")
    return _read_still(data, read_items(data, meta))


def _read_still(data: bytes, items: HeifItems) -> HeifOutline:
    codec = _find_codec(items)
    _require_known_overlays(data, items)
    frame, colours = _read_frame(data, items.list_properties(items.primary))
    for part in _list_parts(items):
        properties = items.list_properties(part)
        if find_box(properties, b"clap"):
            raise UnreadableHeifError("a picture that is made of cropped ones")
        colours = colours or _list_colours(properties)
    nclx, icc = _read_colours(data, colours)
    return HeifOutline(
        codec, frame, nclx, icc, _read_exif(data, items), _make_bare(data, items, codec)
    )


def _find_codec(items: HeifItems) -> str:
    """Finds which decoder the shown picture needs, by what it is made of."""
    item, kind = items.primary, items.kinds.get(items.primary)
    derived = set()
    for _ in range(len(items.kinds)):
        if kind not in _DERIVED:
            break
        derived.add(kind)
        if not items.sources.get(item):
            raise ValueError("a picture is made of nothing")
        item = items.sources[item][0]
        kind = items.kinds.get(item)
    if kind is None or kind in _DERIVED:
        raise ValueError("the picture is not there")
    if kind not in _CODECS:
        other = f"a HEIF picture of the kind {kind.decode('ascii', 'replace')!r}"
        raise UnreadableHeifError(_REFUSED.get(kind, other))
    if _CODECS[kind] == "avif" and derived - {b"grid"}:
        raise UnreadableHeifError("an AVIF that is made of other pictures")  # libavif knows grids
    return _CODECS[kind]


def _list_parts(items: HeifItems) -> list[int]:
    """Lists the items that the shown one is made of."""
    parts: list[int] = []
    todo = deque(items.sources.get(items.primary, ()))
    seen = {items.primary}
    while todo:
        item = todo.popleft()
        if item not in seen:
            seen.add(item)
            parts.append(item)
            todo += items.sources.get(item, ())
    return parts


def _require_known_overlays(data: bytes, items: HeifItems) -> None:
    """Refuses an overlay (ISO/IEC 23008-12, 6.6.2.2) that begins left of its sheet or above it.

    libheif 1.23 shows the empty sheet.
    """
    for item in (items.primary, *_list_parts(items)):
        if items.kinds.get(item) != b"iovl":
            continue
        content = items.read_content(data, item)
        size = 4 if content[1:2] and content[1] & 1 else 2
        start = 2 + 8 + 2 * size  # version and flags, colour, width and height
        if any(content[at] & 0x80 for at in range(start, len(content), size)):
            raise UnreadableHeifError("a HEIF overlay that begins outside of its sheet")


def _read_frame(data: bytes, properties: Iterable[IsoBox]) -> tuple[HeifFrame, list[IsoBox]]:
    properties = list(properties)
    extent = find_box(properties, b"ispe")
    if extent is None:
        raise ValueError("the picture has no size")
    fields = FieldReader(data, extent)
    fields.read_version()
    frame = HeifFrame.of((fields.read_number(4), fields.read_number(4)))
    _apply(frame, data, properties)
    return frame, _list_colours(properties)


def _apply(frame: HeifFrame, data: bytes, properties: Iterable[IsoBox]) -> None:
    for box in properties:
        if box.kind == b"irot":
            frame.turn(FieldReader(data, box).read_number(1) & 3)
        elif box.kind == b"imir":
            frame.mirror(FieldReader(data, box).read_number(1) & 1)
        elif box.kind == b"clap":
            frame.crop(data, box)


def _list_colours(properties: Iterable[IsoBox]) -> list[IsoBox]:
    return [box for box in properties if box.kind == b"colr"]


def _read_colours(
    data: bytes, boxes: Iterable[IsoBox]
) -> tuple[tuple[int, int] | None, bytes | None]:
    """Reads the colour by numbers and by ICC profile; a picture may have both."""
    nclx = icc = None
    for box in boxes:
        fields = FieldReader(data, box)
        kind = fields.read(4)
        if kind in (b"rICC", b"prof"):
            icc = data[fields.at : box.end]
        elif kind == b"nclx":
            nclx = fields.read_number(2), fields.read_number(2)
    return nclx, icc


def _read_exif(data: bytes, items: HeifItems) -> bytes | None:
    """Reads the EXIF that describes the shown picture, else the first that there is."""
    blocks = [item for item, kind in items.kinds.items() if kind == b"Exif"]
    blocks.sort(key=lambda item: items.primary not in items.described.get(item, ()))
    if not blocks:
        return None
    block = items.read_content(data, blocks[0])
    # It begins with how far it is to the TIFF header; not all writers count alike.
    for start in (4 + int.from_bytes(block[:4], "big"), 4, 0):
        if _TIFF.match(block, start):
            return block[start:]
    return block


def _make_bare(data: bytes, items: HeifItems, codec: str) -> bytes:
    """Hides crops and EXIF from the decoder, as boxes of free space that nothing depends on."""
    bare = bytearray(data)
    for uses in items.uses.values():
        for number, at, _ in uses:
            if number and items.properties[number - 1].kind == b"clap":
                bare[at] &= 0x7F  # it is not essential any more
    for box in items.properties:
        if box.kind == b"clap":
            bare[box.kind_at : box.kind_at + 4] = b"skip"
    for item, kind in items.kinds.items():
        if kind == b"Exif":
            at = items.kind_places[item]
            bare[at : at + 4] = b"skip"
    for box in items.properties:
        if box.kind == b"colr" and data[box.start : box.start + 4] == b"nclx":
            _name_known_colours(bare, box.start + 4)
    end = int.from_bytes(data[:4], "big")
    if codec == "avif":
        bare[8:12] = b"avif"
    elif end >= 20 and not _KNOWN_BRANDS & {data[at : at + 4] for at in range(16, end, 4)}:
        bare[16:20] = b"mif1"  # a decoder knows the form by its brands, and not all brands
    return bytes(bare)


def _name_known_colours(bare: bytearray, at: int) -> None:
    """Writes "unspecified" over the numbers that H.273 has not given out, which libheif refuses."""
    for known in (_PRIMARIES, _TRANSFERS, _MATRICES):
        if int.from_bytes(bare[at : at + 2], "big") not in known:
            bare[at : at + 2] = b"\0\2"
        at += 2


def _read_track(data: bytes, moov: IsoBox) -> HeifOutline:
    """Reads what the first track of an AVIF film says, whose first frame is shown."""
    for track in list_boxes(data, moov.start, moov.end):
        entry = find_box(_list_sample_entries(data, track), b"av01")
        if entry is not None:
            break
    else:
        raise UnreadableHeifError("an image sequence")
    fields = FieldReader(data, entry)
    fields.read(24)
    frame = HeifFrame.of((fields.read_number(2), fields.read_number(2)))
    properties = list_boxes(data, entry.start + _SAMPLE_ENTRY, entry.end)
    _apply(frame, data, properties)
    nclx, icc = _read_colours(data, _list_colours(properties))
    return HeifOutline("avif", frame, nclx, icc, None, data)


def _list_sample_entries(data: bytes, track: IsoBox) -> list[IsoBox]:
    box: IsoBox | None = track if track.kind == b"trak" else None
    for kind in (b"mdia", b"minf", b"stbl", b"stsd"):
        if box is None:
            return []
        box = find_box(list_boxes(data, box.start, box.end), kind)
    return [] if box is None else list_boxes(data, box.start + 8, box.end)
