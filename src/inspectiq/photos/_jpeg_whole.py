"""Tells whether a JPEG has all its pixels: the decoder makes up what is missing without a word."""

from __future__ import annotations

import io
from hashlib import sha256

from PIL.JpegImagePlugin import JpegImageFile

from inspectiq.photos._jpeg import END, JpegOutline, has_all_scans

__all__ = ["WatchedJpeg", "complete"]

# The decoder looks 57 bits ahead. Ones are what pixels are filled up with, and begin no code (ITU-T
# T.81, F.1.2.3 and C.2), so that at most four symbols are read from them.
_AHEAD = b"\xff\x00" * 8
_STRIP = 64  # rows
# Bits that are pixels if any are missing, again after each restart. No shorter run repeats in them.
_MORE_PIXELS = tuple(
    pixels + b"".join(bytes([0xFF, 0xD0 + number]) + pixels for number in range(8))
    for pixels in (bytes(range(1, 200, 3)), bytes(range(254, 60, -5)))
)


class WatchedJpeg(JpegImageFile):
    """A JPEG in one scan without its end, which the decoder asks for only if it lacks pixels.

    With it, it would make them up.
    """

    def __init__(self, outline: JpegOutline) -> None:
        file = io.BytesIO()
        file.write(memoryview(outline.hidden)[: outline.pixels_end])
        file.write(_AHEAD)
        file.seek(0)
        super().__init__(file)

    def load_read(self, read_bytes: int) -> bytes:
        assert self.fp is not None
        data: bytes = self.fp.read(read_bytes)
        if not data:
            raise ValueError("pixels are missing")
        return data


def complete(outline: JpegOutline) -> bytes:
    """Gives the file with its end, where no pixel is missing.

    The decoder is given more to read: what is decoded is the same only if it had all pixels before.

    Raises:
        ValueError: Pixels are missing.
    """
    data = outline.hidden[: outline.pixels_end]
    if not outline.interleaved and not has_all_scans(data):
        raise ValueError("scans are missing")
    more_pixels = _MORE_PIXELS[:1] if outline.ends else _MORE_PIXELS
    seen = {_hash_pixels(data + more + END) for more in (b"", *more_pixels)}
    if len(seen) > 1:
        raise ValueError("pixels are missing")
    return data + END


def _hash_pixels(data: bytes) -> bytes:
    picture = JpegImageFile(io.BytesIO(data))
    picture.load()
    seen = sha256()
    for top in range(0, picture.height, _STRIP):
        seen.update(picture.crop((0, top, picture.width, top + _STRIP)).tobytes())
    return seen.digest()
