"""Draws small pictures of photos with their boxes, for notebooks."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from inspectiq.domain._photo import PhotoRef
from inspectiq.photos._image_rule import ImageRule
from inspectiq.photos._photo import Photo
from inspectiq.photos._sources import BytesSource, PathSource
from inspectiq.reports._showing import Mark, draw_photo

__all__ = ["MOST_THUMBNAILS", "Marked", "draw_thumbnails"]

MOST_THUMBNAILS = 12
MOST_BYTES = 16_000  # of one; twelve as text in HTML stay below 300 kB
MOST_SECONDS = 5.0  # of drawing them all: a cell that ends with a result is waited for
RULE = ImageRule(long_side=240, short_side=240, quality=88)


class Marked(NamedTuple):
    """A photo with what is to be drawn on it.

    Attributes:
        ref: The photo as the result has it.
        photo: Its handle; None where nobody remembers it.
        marks: The boxes.
    """

    ref: PhotoRef
    photo: Any
    marks: Sequence[Mark]


def draw_thumbnails(photos: Iterable[Marked]) -> Iterator[tuple[Marked, str | None]]:
    """Draws photos as data URLs; None for one that cannot be shown.

    Only files and bytes are read: to show a value asks no network and no function of the host,
    but for its `prepare`, which hides what must not be seen.
    """
    end = time.monotonic() + MOST_SECONDS
    for marked in photos:
        yield marked, _draw(marked) if time.monotonic() < end else None


def _draw(marked: Marked) -> str | None:
    photo = marked.photo
    if not (isinstance(photo, Photo) and isinstance(photo.source, PathSource | BytesSource)):
        return None
    picture = draw_photo(marked.ref, [photo], marked.marks, RULE)
    if picture is None:
        return None
    data = b""
    for quality in (72, 50, 30, 10):
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, optimize=True)
        data = file.getvalue()
        if len(data) <= MOST_BYTES:
            break
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
