"""Adds properties to the items of a HEIF or AVIF file (ISO/IEC 23008-12, 14496-12)."""

import struct
from collections.abc import Iterator

__all__ = ["add_properties", "clap", "imir", "irot", "replace_brand"]


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def irot(quarters: int) -> bytes:
    """Turns by so many quarters, anticlockwise."""
    return box(b"irot", bytes([quarters]))


def imir(axis: int) -> bytes:
    """Mirrors: 0 swaps top and bottom, 1 left and right."""
    return box(b"imir", bytes([axis]))


def clap(size: tuple[int, int], left: int, top: int, width: int, height: int) -> bytes:
    """Cuts a rectangle out of a picture of this size; its centre is told from the picture's."""
    across, down = 2 * left + width - size[0], 2 * top + height - size[1]
    return box(b"clap", struct.pack(">IIIIiIiI", width, 1, height, 1, across, 2, down, 2))


def add_properties(data: bytes, *properties: bytes, to_all: bool = False) -> bytes:
    """Adds properties, in the order in which they apply, to the primary item.

    Or to all items: transparency is one of its own, which must be cropped and turned alike.
    """
    top = {kind: (start, end) for kind, start, end in _walk(data, 0, len(data))}
    start, end = top[b"meta"]
    inner = {kind: data[at:to] for kind, at, to in _walk(data, start + 12, end)}
    pitm = inner[b"pitm"]
    primary = int.from_bytes(pitm[12:], "big")
    new = b"".join(inner[kind] for kind in inner if kind not in (b"iprp", b"iloc"))
    iprp = _extend(inner[b"iprp"], None if to_all else primary, properties)
    growth = len(iprp) - len(inner[b"iprp"])
    meta = box(b"meta", data[start + 8 : start + 12] + new + iprp + _shift(inner[b"iloc"], growth))
    assert top[b"mdat"][0] > start
    return data[:start] + meta + data[end:]


def replace_brand(data: bytes, old: bytes, new: bytes) -> bytes:
    """Replaces a brand in the box that says what kind of file it is."""
    end = int.from_bytes(data[:4], "big")
    assert old in data[8:end]
    return data[:8] + data[8:end].replace(old, new) + data[end:]


def _walk(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while at + 8 <= end:
        size = int.from_bytes(data[at : at + 4], "big") or end - at
        yield data[at + 4 : at + 8], at, at + size
        at += size


def _extend(iprp: bytes, only: int | None, properties: tuple[bytes, ...]) -> bytes:
    parts = {kind: iprp[at:to] for kind, at, to in _walk(iprp, 8, len(iprp))}
    known = len(list(_walk(parts[b"ipco"], 8, len(parts[b"ipco"]))))
    ipco = box(b"ipco", parts[b"ipco"][8:] + b"".join(properties))
    ipma = parts[b"ipma"]
    version, flags = ipma[8], ipma[11]
    assert flags & 1 == 0
    assert known + len(properties) < 128
    (count,) = struct.unpack_from(">I", ipma, 12)
    body, at, id_bytes = ipma[8:16], 16, 4 if version else 2
    for _ in range(count):
        item = int.from_bytes(ipma[at : at + id_bytes], "big")
        links = ipma[at + id_bytes + 1 : at + id_bytes + 1 + ipma[at + id_bytes]]
        at += id_bytes + 1 + len(links)
        if only in (item, None):
            links += bytes(0x80 | known + number + 1 for number in range(len(properties)))
        body += item.to_bytes(id_bytes, "big") + bytes([len(links)]) + links
    return box(b"iprp", ipco + box(b"ipma", body))


def _shift(iloc: bytes, growth: int) -> bytes:
    """Moves the places of all items that stand in the file after the box that grew."""
    version = iloc[8]
    offset_size, length_size = iloc[12] >> 4, iloc[12] & 15
    base_size, index_size = iloc[13] >> 4, iloc[13] & 15 if version else 0
    id_bytes = 4 if version == 2 else 2
    count = int.from_bytes(iloc[14 : 14 + id_bytes], "big")
    new, at = bytearray(iloc), 14 + id_bytes

    def add(where: int, size: int) -> None:
        moved = int.from_bytes(iloc[where : where + size], "big") + growth
        new[where : where + size] = moved.to_bytes(size, "big")

    for _ in range(count):
        at += id_bytes
        in_file = True
        if version:
            in_file = int.from_bytes(iloc[at : at + 2], "big") & 15 == 0
            at += 2
        at += 2
        based = base_size and int.from_bytes(iloc[at : at + base_size], "big")
        if based and in_file:
            add(at, base_size)
        at += base_size
        extents = int.from_bytes(iloc[at : at + 2], "big")
        at += 2
        for _ in range(extents):
            at += index_size
            if in_file and not based:
                add(at, offset_size)
            at += offset_size + length_size
    return bytes(new)
