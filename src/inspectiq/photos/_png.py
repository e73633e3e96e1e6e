"""Takes a PNG apart: what the decoder needs, and what is said of it anywhere in the file.

The decoder reads metadata only before the pixels, and refuses a whole picture for a comment that is
long or has a wrong checksum.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["PngOutline", "read_png"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_ICC_BYTES = 4_000_000
_MOST_EXIF_BYTES = 1_000_000  # in a text chunk it stands as hex, and cameras write 64 kB
# Under these names ImageMagick and exiftool keep EXIF in text chunks: words, length, hex digits.
_EXIF_TEXTS = frozenset({b"raw profile type exif", b"raw profile type app1"})
_RAW_PROFILE = re.compile(rb"\s*[^\n]*\n\s*\d+\s+([0-9a-fA-F\s]*)")
_TIFF = re.compile(rb"(Exif\x00\x00)?(II\*\x00|MM\x00\*)")


@dataclass(frozen=True, slots=True)
class PngOutline:
    """What a PNG says of its pixels.

    Attributes:
        exif: EXIF block, None without one.
        icc: ICC profile, None without one.
        nclx: Colour primaries and transfer by their numbers in ITU-T H.273 (`cICP`), else None.
        bare: The same picture without any metadata, for the decoder.
        refused: What it is, where no decoder here reads it; else empty.
    """

    exif: bytes | None
    icc: bytes | None
    nclx: tuple[int, int] | None
    bare: bytes
    refused: str = ""


def read_png(data: bytes) -> PngOutline:
    """Reads all chunks. What is wrong with pixels is left for the decoder to refuse."""
    if data[12:16] == b"CgBI":
        return PngOutline(None, None, None, b"", "a PNG in the form of Xcode, for iPhones alone")
    exif = text_exif = icc = nclx = None
    kept, header = [_SIGNATURE], bytes(13)
    for kind, body, chunk in _list_chunks(data):
        if kind == b"IHDR":
            header = body.ljust(13, b"\0")
        if kind in (b"IHDR", b"PLTE", b"IDAT"):
            kept.append(chunk)
        elif kind == b"tRNS":
            kept.append(_scale_transparency(body, header))
        elif kind == b"eXIf":
            exif = exif or body
        elif kind == b"iCCP":
            icc = icc or _unpack(body.partition(b"\0")[2][1:], _MOST_ICC_BYTES)
        elif kind == b"cICP" and len(body) == 4:
            nclx = body[0], body[1]
        elif kind in (b"tEXt", b"zTXt", b"iTXt") and body[:21].lower() in _EXIF_TEXTS:
            text_exif = text_exif or _read_text_exif(kind, body)
    kept.append(_make_chunk(b"IEND", b""))
    return PngOutline(exif or text_exif, icc, nclx, b"".join(kept))


def _list_chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Lists kind, content and whole of each chunk; the last may be cut short."""
    at = len(_SIGNATURE)
    while at + 8 <= len(data):
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


def _unpack(packed: bytes, most: int) -> bytes | None:
    """Unpacks zlib data; None where it is broken or longer than `most` bytes."""
    try:
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(packed, most)
    except zlib.error:
        return None
    return content if content and not unpacker.unconsumed_tail else None


def _read_text_exif(kind: bytes, body: bytes) -> bytes | None:
    """Reads EXIF from a text chunk (PNG 1.2, 4.2.3); None where it holds another thing."""
    text: bytes | None = body.partition(b"\0")[2]
    assert text is not None
    if kind == b"zTXt":
        text = _unpack(text[1:], 2 * _MOST_EXIF_BYTES)
    elif kind == b"iTXt":
        packed, text = text[:1] == b"\1", text[2:].split(b"\0", 2)[-1]
        text = _unpack(text, 2 * _MOST_EXIF_BYTES) if packed else text
    found = _RAW_PROFILE.match(text or b"")
    if found is None:
        return None
    digits = b"".join(found[1].split())
    block = bytes.fromhex(digits[: len(digits) & ~1].decode("ascii"))
    return block if _TIFF.match(block) else None
