"""Has Pillow refuse pictures that are cut short, also where the process has told it not to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from inspectiq._fork import make_lock_held_over_fork

__all__ = ["decode_strictly"]

_lock = make_lock_held_over_fork()
_decoding = 0
_told = False  # what the process had told Pillow before the first that decodes now


@contextmanager
def decode_strictly() -> Iterator[None]:
    """Has Pillow refuse a picture that is cut short, for as long as something is decoded here.

    The switch is Pillow's own, `ImageFile.LOAD_TRUNCATED_IMAGES`, for the whole process; importing
    WeasyPrint sets it, and so does much code that learns from pictures. A cut photo would then
    come as a whole one with grey in place of what is missing, and count as assessed. Meanwhile
    other code of the process gets an error for a picture that is cut short, too.
    """
    global _decoding, _told
    from PIL import ImageFile

    with _lock:
        if not _decoding:
            _told = ImageFile.LOAD_TRUNCATED_IMAGES
        _decoding += 1
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        yield
    finally:
        with _lock:
            _decoding -= 1
            if not _decoding:
                ImageFile.LOAD_TRUNCATED_IMAGES = _told
