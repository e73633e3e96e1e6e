"""HEIC and AVIF files to try, encoded by libraries and patched here as other writers write them."""

import base64
import io
import struct
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pillow_heif
import pytest
from PIL import Image

# Made once with libheif 1.23 from `corpus.red_corner((64, 64))`, in the low-overhead form.
_MINIMAL = (
    "AAAAEGZ0eXBtaWYzaGVpYwAAALdtaW5pAAg/fiBwAGwBA3AAAACQAAAAAAAe8AD8/fj4AAAPA2AAAQAYQAEMAf//A3AA"
    "AAMAkAAAAwAAAwAeugJAYQABACtCAQEDcAAAAwCQAAADAAADAB6gIIEFlupJKa5uAhoMCAAAAwDIAAADAAhAYgABAAdE"
    "AcFysCJAAAAAMygBrwY4PAC4X9fCf//4Kv7L9CLf6b/gRj771NX//NTEqvPzIwqNwpL/92rB3+DjpkKh/g=="
)


def minimal() -> bytes:
    """A HEIC in the low-overhead form of the brand `mif3`."""
    return base64.b64decode(_MINIMAL)


def squares(size: tuple[int, int] = (320, 240)) -> Image.Image:
    """64 squares of different colours, with no likeness between one end and the other."""
    colours = (
        (25 + 28 * x, 25 + 28 * y, 40 + 23 * (x * y % 8)) for y in range(8) for x in range(8)
    )
    small = Image.frombytes("RGB", (8, 8), bytes(value for colour in colours for value in colour))
    return small.resize(size, Image.Resampling.NEAREST)


def heic(picture: Image.Image, **options: Any) -> bytes:
    """The picture as a HEIC."""
    out = io.BytesIO()
    encoded = pillow_heif.from_pillow(picture)
    encoded.save(out, **{"quality": 95, "chroma": 444, **options})
    return out.getvalue()


def avif(picture: Image.Image, **options: Any) -> bytes:
    """The picture as an AVIF."""
    out = io.BytesIO()
    picture.save(out, "AVIF", **{"quality": 95, "subsampling": "4:4:4", "speed": 9, **options})
    return out.getvalue()


ENCODERS: dict[str, Callable[..., bytes]] = {"heic": heic, "avif": avif}


def box(kind: bytes, *content: bytes) -> bytes:
    """One box of an ISO media file."""
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes in these bytes: kind and content."""
    while data:
        size, kind = struct.unpack_from(">I4s", data)
        size = size or len(data)
        yield kind, data[8:size]
        data = data[size:]


def clap(width: Any, height: Any, dx: Any = 0, dy: Any = 0) -> bytes:
    """A clean aperture; each number is whole or a pair of numerator and denominator."""
    pairs = [value if isinstance(value, tuple) else (value, 1) for value in (width, height, dx, dy)]
    return box(b"clap", *(struct.pack(">iI", *pair) for pair in pairs))


def irot(quarters: int) -> bytes:
    return box(b"irot", bytes([quarters]))


def imir(axis: int) -> bytes:
    return box(b"imir", bytes([axis]))


def nclx(primaries: int, transfer: int) -> bytes:
    """A colour by its numbers, with the matrix that the encoders here use."""
    return box(b"colr", b"nclx", struct.pack(">HHHB", primaries, transfer, 6, 0x80))


def icc(profile: bytes) -> bytes:
    return box(b"colr", b"prof", profile)


@cache
def tiled() -> bytes:
    """The squares in six tiles, as phones store large pictures."""
    size, pillow_heif.options.GRID_TILE_SIZE = pillow_heif.options.GRID_TILE_SIZE, 128
    try:
        return heic(squares())
    finally:
        pillow_heif.options.GRID_TILE_SIZE = size


@cache
def example(kind: str) -> bytes:
    """The squares as a `heic` or an `avif`."""
    return ENCODERS[kind](squares())


def with_properties(
    data: bytes,
    *added: bytes,
    without: tuple[bytes, ...] = (),
    only: int | None = None,
    first: bool = False,
) -> bytes:
    """A copy whose pictures, or `only` one, have more properties and none of some kinds."""

    def change_properties(content: bytes) -> bytes:
        parts = dict(boxes(content))
        known = list(boxes(parts[b"ipco"]))
        dropped = {at for at, (kind, _) in enumerate(known, 1) if kind in without}
        more = bytes(0x80 | len(known) + number for number in range(1, len(added) + 1))
        ipma = parts[b"ipma"]
        assert ipma[:4] == bytes(4)  # the form that both encoders write
        changed, at = ipma[:8], 8
        for _ in range(int.from_bytes(ipma[4:8], "big")):
            uses = ipma[at + 3 : at + 3 + ipma[at + 2]]
            item = int.from_bytes(ipma[at : at + 2], "big")
            kept = bytes(use for use in uses if use & 0x7F not in dropped)
            new = more if only in (None, item) else b""
            kept = new + kept if first else kept + new
            changed += ipma[at : at + 2] + bytes([len(kept)]) + kept
            at += 3 + len(uses)
        return box(b"ipco", parts[b"ipco"], *added) + box(b"ipma", changed)

    return changed_meta(data, {b"iprp": change_properties})


def with_coded_colour(data: bytes, primaries: int, transfer: int) -> bytes:
    """A copy of an AVIF of Pillow's whose sequence headers alone state another colour."""
    plain = with_properties(data, without=(b"colr",))
    bits = f"{int.from_bytes(plain, 'big'):0{8 * len(plain)}b}"
    said, wanted = (f"1{one:08b}{two:08b}{6:08b}" for one, two in ((1, 13), (primaries, transfer)))
    if said not in bits:
        pytest.skip("this Pillow writes no colour into the sequence header that could be changed")
    return int(bits.replace(said, wanted), 2).to_bytes(len(plain), "big")


def with_kind(data: bytes, kind: bytes) -> bytes:
    """A copy whose pictures claim to be coded otherwise."""

    def change_items(content: bytes) -> bytes:
        return content.replace(b"hvc1", kind).replace(b"av01", kind)

    return changed_meta(data, {b"iinf": change_items})


def with_brands(data: bytes, major: bytes, *others: bytes) -> bytes:
    """A copy of other brands, filled up with ones that nobody knows."""
    end = int.from_bytes(data[:4], "big")
    brands = major + bytes(4) + b"".join(others)
    return data[:8] + brands.ljust(end - 8, b"x")[: end - 8] + data[end:]


def changed_meta(
    data: bytes, changes: dict[bytes, Callable[[bytes], bytes]], *added: bytes
) -> bytes:
    """A copy with other boxes in `meta`, which moves to the end so that nothing else moves."""
    at = data.index(b"meta") - 4
    end = at + int.from_bytes(data[at : at + 4], "big")
    parts = [
        box(kind, changes[kind](content) if kind in changes else content)
        for kind, content in boxes(data[at + 12 : end])
    ]
    rest = data[:at] + data[at : at + 4] + b"free" + data[at + 8 : end] + data[end:]
    return rest + box(b"meta", bytes(4), *parts, *added)


def derived(data: bytes, kind: bytes, content: bytes, size: tuple[int, int]) -> bytes:
    """A copy that shows a picture made of the first one, such as an overlay."""
    number = struct.pack(">H", 9)

    def change_properties(old: bytes) -> bytes:
        parts = dict(boxes(old))
        known = len(list(boxes(parts[b"ipco"])))
        extent = box(b"ispe", bytes(4), struct.pack(">II", *size))
        uses = int.from_bytes(parts[b"ipma"][4:8], "big") + 1
        more = parts[b"ipma"][8:] + number + bytes([1, known + 1])
        return box(b"ipco", parts[b"ipco"], extent) + box(
            b"ipma", bytes(4), struct.pack(">I", uses), more
        )

    def change_items(old: bytes) -> bytes:
        entry = box(b"infe", b"\2\0\0\0", number, bytes(2), kind, b"\0")
        return old[:4] + struct.pack(">H", int.from_bytes(old[4:6], "big") + 1) + old[6:] + entry

    def change_places(old: bytes) -> bytes:
        assert old[4] == 0x44  # places and lengths of four bytes
        entry = number + bytes(4 if old[0] else 2) + bytes(old[5] >> 4) + b"\0\1"
        entry += struct.pack(">II", len(data) + 8, len(content))
        return old[:6] + struct.pack(">H", int.from_bytes(old[6:8], "big") + 1) + old[8:] + entry

    changes = {
        b"iprp": change_properties,
        b"iinf": change_items,
        b"iloc": change_places,
        b"pitm": lambda old: old[:4] + number,
    }
    made = box(b"dimg", number, b"\0\1\0\1")
    return changed_meta(data + box(b"mdat", content), changes, box(b"iref", bytes(4), made))


def overlay(at: tuple[int, int], size: tuple[int, int], *, wide: bool = False) -> bytes:
    """The content of an overlay of one picture on a black sheet."""
    code = "i" if wide else "h"
    return bytes([0, wide]) + struct.pack(
        f">HHHH{code.upper() * 2}{code * 2}", 0, 0, 0, 65_535, *size, *at
    )


def with_track_properties(film: bytes, *added: bytes) -> bytes:
    """A copy of an AVIF film whose track has more properties; `moov` moves to the end."""

    def add(content: bytes, *path: bytes) -> bytes:
        if not path:
            return content + b"".join(added)
        head = content[:8] if path[0] == b"av01" else b""
        return head + b"".join(
            box(kind, add(body, *path[1:]) if kind == path[0] else body)
            for kind, body in boxes(content[len(head) :])
        )

    at = film.index(b"moov") - 4
    end = at + int.from_bytes(film[at : at + 4], "big")
    path = (b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"av01")
    rest = film[: at + 4] + b"free" + film[at + 8 :]
    return rest + box(b"moov", add(film[at + 8 : end], *path))
