"""Takes a PNG apart: what the decoder needs, and what is said of it anywhere in the file.

The decoder reads metadata only before the pixels, and refuses a whole picture for a comment that is
long or has a wrong checksum.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from inspectiq.photos._png_exif import TextExif, unpack

__all__ = ["PngOutline", "list_chunks", "read_png"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_ICC_BYTES = 4_000_000
_MOST_PROFILES = 4  # that are unpacked; a PNG has one
_MOST_CHUNKS = 200_000  # our assumption: encoders write 8 kB of pixels or more into each


@dataclass(frozen=True, slots=True)
class PngOutline:
    """What a PNG says of its pixels.

    Attributes:
        exif: EXIF block, None without one.
        icc: ICC profile, None without one.
        nclx: Colour primaries and transfer by their numbers in ITU-T H.273 (`cICP`), else None.
        bare: The same picture without any metadata, for the decoder.
        refused: What it is, where no decoder here reads it; else empty.
        passed_over: Whether there was more metadata than is looked at.
    """

    exif: bytes | None
    icc: bytes | None
    nclx: tuple[int, int] | None
    bare: bytes
    refused: str = ""
    passed_over: bool = False


def read_png(data: bytes) -> PngOutline:
    """Reads all chunks. What is wrong with pixels is left for the decoder to refuse.

    Raises:
        ValueError: It has more chunks than any encoder writes.
    """
    if data[12:16] == b"CgBI":
        refused = "a PNG in the form of Xcode, for iPhones alone"
        return PngOutline(None, None, None, b"", refused=refused)
    exif = icc = nclx = None
    text, profiles = TextExif(), 0
    kept, header = [_SIGNATURE], bytes(13)
    for kind, body, chunk in list_chunks(data):
        if kind == b"IHDR":
            header = body.ljust(13, b"\0")
        if kind in (b"IHDR", b"PLTE", b"IDAT"):
            kept.append(chunk)
        elif kind == b"tRNS":
            kept.append(_scale_transparency(body, header))
        elif kind == b"eXIf":
            exif = exif or body
        elif kind == b"iCCP":
            profiles += 1
            icc = icc or _read_profile(body, profiles)
        elif kind == b"cICP" and len(body) == 4:
            nclx = body[0], body[1]
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            text.look(kind, body)
    kept.append(_make_chunk(b"IEND", b""))
    return PngOutline(
        exif or text.block,
        icc,
        nclx,
        b"".join(kept),
        passed_over=text.passed_over and not exif and text.block is None,
    )


def _read_profile(body: bytes, number: int) -> bytes | None:
    if number > _MOST_PROFILES:
        return None
    return unpack(body.partition(b"\0")[2][1:], _MOST_ICC_BYTES) or None


def list_chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Lists kind, content and whole of each chunk; the last may be cut short."""
    at = len(_SIGNATURE)
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            return
        size = int.from_bytes(data[at : at + 4], "big")
        kind, end = data[at + 4 : at + 8], at + 12 + size
        if kind == b"IEND":
            return
        if end > len(data):  # cut short, and perhaps after the last pixel
            body = data[at + 8 :]
            yield kind, body, _make_chunk(kind, body)
            return
        body = data[at + 8 : end - 4] if kind != b"IDAT" else b""  # pixels are copied once
        yield kind, body, data[at:end]
        at = end
    raise ValueError("more chunks than any encoder writes")


def _make_chunk(kind: bytes, body: bytes) -> bytes:
    checked = kind + body
    return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))


def _scale_transparency(body: bytes, header: bytes) -> bytes:
    """Makes the `tRNS` chunk that fits the samples as decoded: of 8 bits, or of 16 where grey.

    Of 16-bit colour it keeps the upper half, so that a colour which differs by less than a 256th
    from the transparent one in each channel counts as that one.
    """
    depth, colour = header[8], header[9]
    if len(body) < {0: 2, 2: 6}.get(colour, 1):
        return b""
    if colour == 0 and depth < 8:
        value = int.from_bytes(body[:2], "big") * 255 // ((1 << depth) - 1)
        body = min(255, value).to_bytes(2, "big")
    elif colour == 2 and depth == 16:
        body = b"".join(b"\0" + body[at : at + 1] for at in (0, 2, 4))
    return _make_chunk(b"tRNS", body)
