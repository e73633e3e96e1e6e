"""Prepares a photo for an engine: upright, sRGB, shrunk, without metadata."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from inspectiq.domain._photo import Box, PhotoWarning, PictureFile
from inspectiq.errors import PhotoError
from inspectiq.photos._colour import PillowPixels, shrink, to_srgb
from inspectiq.photos._fingerprint import Fingerprint, compute_fingerprint
from inspectiq.photos._open_picture import open_picture
from inspectiq.photos._opened import MAX_DECODED_BYTES, OpenPicture, convert_decode_errors
from inspectiq.photos._quality import find_quality_warnings
from inspectiq.photos._size_limits import MIN_SIDE

if TYPE_CHECKING:
    from PIL import Image

    from inspectiq.photos._image_rule import ImageRule

__all__ = [
    "PREPARE_PIXELS",
    "Prepare",
    "PreparedPhoto",
    "develop",
    "estimate_memory",
    "prepare_picture",
]

Prepare = Callable[[Any], Any]
"""A host's own step: takes an upright sRGB Pillow picture, gives it or `(picture, crop)`."""

PREPARE_PIXELS = 24_000_000  # what a host's step gets at most; with its copies still under 512 MB
_PREPARE_ALWAYS = 4_000_000
_PREPARE_COPIES = 4  # decoded, turned, the host's own, and what it returns
_WANTED = (
    "return the picture in the same proportions, or (picture, (x0, y0, x1, y1)) with the part that "
    "was cut out in fractions 0-1 of the whole"
)


@dataclass(frozen=True, slots=True)
class PreparedPhoto:
    """A photo as it is sent to an engine, and how it relates to the original.

    Attributes:
        jpeg: The picture that is sent: no EXIF, GPS, XMP, ICC, thumbnail or comment.
        original: The file as it came; width and height are those stored, before EXIF rotation.
        sent: The file in `jpeg`.
        orientation: EXIF orientation of the original, 1-8; 1 where the decoder turned it (HEIC).
        crop: The part of the upright original that was sent, where the host cropped it.
        taken_at: Capture time; naive (the camera's local time) where EXIF has no offset.
        warnings: What may spoil an assessment: `blurred`, `dark`, `overexposed`, `hdr`,
            `orientation`, `bad_exif`.
        fingerprint: For finding duplicates.
    """

    jpeg: bytes = field(repr=False)
    original: PictureFile
    sent: PictureFile
    orientation: int
    crop: Box | None
    taken_at: datetime | None
    warnings: tuple[PhotoWarning, ...]
    fingerprint: Fingerprint


def prepare_picture(
    data: bytes, rule: ImageRule, *, name: str, prepare: Prepare | None = None
) -> PreparedPhoto:
    """Prepares one photo for an engine. CPU-bound; releases the GIL for most of its time.

    Args:
        data: The whole file.
        rule: Size and quality that the engine wants.
        name: Name of the photo, for messages.
        prepare: The host's own blur or crop. It gets an upright sRGB picture at full resolution
            (over 24 megapixels, or where decoding takes much memory, reduced by a whole number).

    Raises:
        PhotoError: The file is not a photo that can be used, or `prepare` failed.
    """
    return develop(open_picture(data, name), rule, prepare=prepare)


def estimate_memory(opened: OpenPicture, rule: ImageRule, prepare: Prepare | None) -> int:
    """Estimates the bytes of memory that `develop` needs at its peak."""
    size = _choose_decode_size(opened, rule, prepare)
    copies = 4 * size[0] * size[1] * (_PREPARE_COPIES if prepare else 1)
    return opened.estimate_memory(size) + copies


def develop(
    opened: OpenPicture,
    rule: ImageRule,
    *,
    prepare: Prepare | None = None,
    hold: AbstractContextManager[Any] | None = None,
) -> PreparedPhoto:
    """Prepares a picture whose header was read.

    Args:
        opened: The picture.
        rule: Size and quality that the engine wants.
        prepare: The host's own blur or crop.
        hold: Held while full-size pixels exist.
    """
    name, crop = opened.name, None
    with hold or nullcontext():
        with convert_decode_errors(name):
            size = _choose_decode_size(opened, rule, prepare)
            # Shrink in the stored orientation and turn the small picture: turning first decodes
            # all pixels, at more than twice the time.
            picture = shrink(opened.decode(size), size)
            picture = _turn_upright(to_srgb(picture, opened.icc), opened.exif.orientation)
        if prepare is not None:
            picture, crop = _call_prepare(prepare, picture, name)
            picture = to_srgb(shrink(PillowPixels(picture), rule.fit(*picture.size)), None)
    with convert_decode_errors(name):
        jpeg = _encode(picture, rule.quality)
        warnings: tuple[PhotoWarning, ...] = find_quality_warnings(picture)
        fingerprint = compute_fingerprint(picture, opened.file.sha256)
    return PreparedPhoto(
        jpeg=jpeg,
        original=opened.file,
        sent=PictureFile(
            sha256=sha256(jpeg).hexdigest(),
            format="jpeg",
            bytes=len(jpeg),
            width=picture.width,
            height=picture.height,
        ),
        orientation=opened.exif.orientation,
        crop=crop,
        taken_at=opened.exif.taken_at,
        warnings=(*warnings, *opened.warnings, *(("bad_exif",) if opened.exif.bad else ())),
        fingerprint=fingerprint,
    )


def _choose_decode_size(
    opened: OpenPicture, rule: ImageRule, prepare: Prepare | None
) -> tuple[int, int]:
    """Chooses the size to decode to, in the stored orientation."""
    width, height = opened.file.width, opened.file.height
    if prepare is None:
        return opened.find_landing_size(rule.fit(width, height))
    factor = max(1, math.ceil(math.sqrt(width * height / PREPARE_PIXELS)))
    while True:
        size = -(-width // factor), -(-height // factor)
        pixels = size[0] * size[1]
        # While the original is still in memory, so are the picture made of it and one copy.
        if (
            pixels <= _PREPARE_ALWAYS
            or opened.estimate_memory(size) + 8 * pixels <= MAX_DECODED_BYTES
        ):
            return size
        factor += 1


def _turn_upright(picture: Image.Image, orientation: int) -> Image.Image:
    from PIL.Image import Transpose

    turn = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _encode(picture: Image.Image, quality: int) -> bytes:
    # Pillow writes a profile or comment that a picture carries. An optimised Huffman table costs
    # three times the time for 4 % fewer bytes, a progressive file eight times for 9 %.
    picture.info = {}
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _call_prepare(
    prepare: Prepare, upright: Image.Image, name: str
) -> tuple[Image.Image, Box | None]:
    """Calls the host's function and checks what it returns: a picture, and its crop if it has."""
    from PIL import Image

    try:
        answer = prepare(upright)
    except Exception as error:
        raise _make_prepare_error(name, f"raised {type(error).__name__}") from error
    picture, corners = answer if isinstance(answer, tuple) and len(answer) == 2 else (answer, None)
    if not isinstance(picture, Image.Image):
        raise _make_prepare_error(name, f"returned {type(answer).__name__}")
    if min(picture.size) < MIN_SIDE:
        raise _make_prepare_error(name, f"returned a picture under {MIN_SIDE} pixels a side")
    box = None if corners is None else _make_box(corners, name)
    _require_proportions(picture, upright, box, name)
    return picture, box


def _require_proportions(
    picture: Image.Image, upright: Image.Image, box: Box | None, name: str
) -> None:
    part = box or Box(x0=0, y0=0, x1=1, y1=1)
    width, height = (part.x1 - part.x0) * upright.width, (part.y1 - part.y0) * upright.height
    # Half a pixel of rounding on each edge, or 2 % where the host resized as well.
    expected = picture.width * height / width
    if abs(expected - picture.height) > max(2.0, 0.02 * picture.height):
        raise _make_prepare_error(
            name, "returned other proportions than " + ("its crop" if box else "it was given")
        )


def _make_box(corners: Any, name: str) -> Box:
    try:
        x0, y0, x1, y1 = corners
        return Box(x0=x0, y0=y0, x1=x1, y1=y1)
    except (TypeError, ValueError) as error:
        raise _make_prepare_error(name, "returned a crop that is no box") from error


def _make_prepare_error(name: str, what: str) -> PhotoError:
    return PhotoError(f"{name}: prepare= {what}; {_WANTED}", photo=name, reason="prepare_failed")
