"""Takes a WebP apart (RFC 9649): its EXIF, and the same file without it for the decoder.

The decoder overlooks EXIF that the header does not announce, and refuses a picture whose EXIF is
cut short, though no pixel is missing.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["read_webp"]

_PIXELS = frozenset({b"VP8 ", b"VP8L", b"ANMF"})
_METADATA = frozenset({b"EXIF", b"XMP "})
_ANNOUNCED = 0b1100  # EXIF and XMP, in the flags of VP8X
_MOST_CHUNKS = 20_000
_MOST_BLOCKS = 4


def read_webp(data: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """Reads the blocks of EXIF, and makes the file without metadata.

    What is wrong with pixels is left for the decoder to refuse.
    """
    blocks: list[bytes] = []
    kept: list[tuple[bytes, int, int]] = []
    has_pixels, is_whole = False, 8 + int.from_bytes(data[4:8], "little") <= len(data)
    for kind, start, end in _list_chunks(data):
        is_whole = is_whole and kind not in _METADATA
        if kind == b"EXIF":
            blocks.append(data[start : min(end, len(data))])
        has_pixels = has_pixels or kind in _PIXELS
        if kind not in _METADATA:
            kept.append((kind, start, end))
    if is_whole or not has_pixels or len(kept) > _MOST_CHUNKS:
        return tuple(blocks[:_MOST_BLOCKS]), data
    parts = [
        _hide_flags(kind, data[start - 8 : end]) + bytes((end - start) % 2)
        for kind, start, end in kept
    ]
    body = b"WEBP" + b"".join(parts)
    missing = max(0, kept[-1][2] - len(data))
    size = min(len(body) + missing, 0xFFFF_FFFE).to_bytes(4, "little")
    return tuple(blocks[:_MOST_BLOCKS]), b"RIFF" + size + body


def _list_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Lists kind, start and end of each chunk; the last may end after the file does."""
    at = 12
    stop = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    for _ in range(_MOST_CHUNKS + 1):
        if at + 8 > stop:
            return
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], at + 8, at + 8 + size
        at += 8 + size + size % 2


def _hide_flags(kind: bytes, chunk: bytes) -> bytes:
    """Takes back what the header announces of metadata."""
    if kind != b"VP8X" or len(chunk) < 9:
        return chunk
    return chunk[:8] + bytes([chunk[8] & ~_ANNOUNCED]) + chunk[9:]
