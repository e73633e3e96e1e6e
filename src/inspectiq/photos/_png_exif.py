"""Reads EXIF that stands in a PNG's text, where ImageMagick and exiftool keep it."""

from __future__ import annotations

import re
import zlib

__all__ = ["TextExif", "unpack"]

# Our assumptions: cameras write 64 kB of EXIF, and each byte is two hex digits. A line has 72.
_MOST_TEXT_BYTES = 2_100_000
_MOST_TEXTS = 4
# Under these names it stands in text chunks: words, length, hex digits.
_KEYWORDS = frozenset({b"raw profile type exif", b"raw profile type app1"})
_KEYWORD_BYTES = 21
_SPACES = b" \t\r\n\v\f"
_DIGITS = re.compile(rb"[0-9a-fA-F]*")
_TIFF = re.compile(rb"(Exif\x00\x00)?(II\*\x00|MM\x00\*)")


class TextExif:
    """The first EXIF block among the text chunks, of which a few are looked at.

    Attributes:
        block: The block, None without one.
        passed_over: Whether a text was too long to look at, or one too many.
    """

    def __init__(self) -> None:
        self.block: bytes | None = None
        self.passed_over = False
        self._texts = 0

    def look(self, kind: bytes, body: bytes) -> None:
        """Looks at one text chunk."""
        if self.block is not None or body[:_KEYWORD_BYTES].lower() not in _KEYWORDS:
            return
        self._texts += 1
        text = _read_text(kind, body) if self._texts <= _MOST_TEXTS else None
        if text is None:
            self.passed_over = True
        else:
            self.block = _read_raw_profile(text)


def unpack(packed: bytes, most: int) -> bytes | None:
    """Unpacks zlib data, `b""` where it is broken; None where it is longer than `most` bytes."""
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(packed, most)
    except zlib.error:
        return b""
    return None if unpacker.unconsumed_tail else content


def _read_text(kind: bytes, body: bytes) -> bytes | None:
    """Reads the text of a chunk (PNG 1.2, 4.2.3); None where it is too long."""
    text = body.partition(b"\0")[2]
    if kind == b"zTXt":
        return unpack(text[1:], _MOST_TEXT_BYTES)
    if kind == b"iTXt":
        packed, text = text[:1] == b"\1", text[2:].split(b"\0", 2)[-1]
        if packed:
            return unpack(text, _MOST_TEXT_BYTES)
    return text if len(text) <= _MOST_TEXT_BYTES else None


def _read_raw_profile(text: bytes) -> bytes | None:
    """Reads the EXIF of a raw profile, in one pass; None where it holds another thing."""
    counted = text.lstrip().partition(b"\n")[2].split(None, 1)  # after the words
    if len(counted) < 2 or not counted[0].isdigit():
        return None
    digits = _DIGITS.match(counted[1].translate(None, _SPACES))
    assert digits is not None
    block = bytes.fromhex(digits[0][: len(digits[0]) & ~1].decode("ascii"))
    return block if _TIFF.match(block) else None
