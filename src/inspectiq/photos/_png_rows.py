"""Tells whether a PNG has all its pixels: the decoder leaves black what its data does not hold."""

from __future__ import annotations

import zlib

from inspectiq.photos._png import list_chunks

__all__ = ["require_all_rows"]

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# First column and row of each pass of an interlaced picture, and the steps (PNG 1.2, 2.6).
_PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
_STEP = 1_000_000  # bytes that are unpacked at once, and thrown away


def require_all_rows(bare: bytes) -> None:
    """Unpacks the pixels, in little memory and never more than there should be.

    Args:
        bare: A PNG that the decoder has opened, of whose chunks none is cut short.

    Raises:
        ValueError: Some are missing, or they are damaged.
    """
    unpacker, missing = zlib.decompressobj(), 0
    for kind, body, chunk in list_chunks(bare):
        if kind == b"IHDR":
            missing = _count_bytes(body)
        if kind == b"IDAT" and missing > 0:
            missing -= _unpack(unpacker, chunk[8:-4], missing)
    if missing > 0:
        raise ValueError("pixels are missing")


def _unpack(unpacker: zlib._Decompress, packed: bytes, most: int) -> int:
    """Counts what one part unpacks to, up to about `most` bytes."""
    count = 0
    while count < most and not unpacker.eof:
        got = len(unpacker.decompress(packed, _STEP))
        packed = unpacker.unconsumed_tail
        count += got
        if not got and not packed:
            break
    return count


def _count_bytes(header: bytes) -> int:
    """Counts the bytes of all rows, with the one before each that names its filter."""
    width, height = (int.from_bytes(header[at : at + 4], "big") for at in (0, 4))
    bits = header[8] * _CHANNELS.get(header[9], 0)
    passes = _PASSES if header[12] else ((0, 0, 1, 1),)
    total = 0
    for left, top, right, down in passes:
        columns, rows = -(-(width - left) // right), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + -(-columns * bits // 8))
    return total
