"""Takes in pictures that a host holds decoded, Pillow's or arrays of pixels, as files in memory."""

from __future__ import annotations

import io
import struct
import sys
from typing import TYPE_CHECKING, Any

from inspectiq.errors import ConfigError, PhotoError
from inspectiq.photos._colour import flatten, to_srgb
from inspectiq.photos._exif import EXIF_IFD, TIME_TAGS
from inspectiq.photos._formats import HEAD_BYTES, sniff
from inspectiq.photos._size_limits import MAX_BYTES, MAX_PIXELS
from inspectiq.photos._sources import FaultySource
from inspectiq.photos._strictly import decode_strictly
from inspectiq.photos._wrong_arrays import describe_wrong_array

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["encode_picture", "is_array", "is_pillow_picture"]

_PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})
_WITH_ALPHA = {"La": "LA", "PA": "RGBA", "RGBa": "RGBA"}
_RAW_PROFILES = (
    "Raw profile type exif",
    "Raw profile type APP1",
)  # EXIF as ImageMagick 6 writes it
_FASTEST = 1  # zlib's level; a higher one saved a tenth of the bytes
_QUALITIES = (95, 80, 60)  # lower only where a JPEG is too large still: noise of 25 megapixels
# Of these formats, what Pillow decodes is not all that the file says: crops, HDR, late metadata.
_BETTER_AS_FILES = frozenset({"AVIF", "HEIF", "JPEG", "MPO", "PNG"})
_ONLY_AS_FILES = frozenset({"AVIF", "HEIF"})  # of which Pillow gives what their maker cut off
_JPEG_EXIF_BYTES = 65_000  # what fits into a JPEG's segment


def is_pillow_picture(item: Any) -> bool:
    """Tells whether this is a `PIL.Image.Image`, without importing Pillow."""
    # Another thread may import it just now: then it stands there before it has a class.
    form = getattr(sys.modules.get("PIL.Image"), "Image", None)
    return form is not None and isinstance(item, form)


def is_array(item: Any) -> bool:
    """Tells whether this is numpy's array, or another that shows its memory as numpy does."""
    memory = getattr(item, "__array_interface__", None)
    return isinstance(memory, dict) and memory["shape"] != ()  # numpy's single numbers


def encode_picture(picture: Any, name: str) -> bytes | FaultySource:
    """Encodes a picture without loss, as a PNG with its EXIF and colour profile.

    An AVIF, HEIC, JPEG or PNG that Pillow has opened and not decoded yet is the file that it stands
    for. One whose PNG would be over `MAX_BYTES` becomes a JPEG of quality 95, not subsampled, on
    white where it was transparent; of a lower quality where that would be too large as well.

    Args:
        picture: A `PIL.Image.Image`, or an array of RGB pixels.
        name: Name of the photo, for messages.

    Returns:
        The file; or why there is none. It is not raised, since its traceback would keep the
        picture.

    Raises:
        ConfigError: It is neither, or an array of another shape or dtype.
    """
    _require_picture(picture)
    from PIL import Image

    try:
        if not isinstance(picture, Image.Image):
            picture = Image.fromarray(picture)
        if (file := _read_opened_file(picture)) is not None:
            return file
        if getattr(picture, "format", None) in _ONLY_AS_FILES:
            return _make_fault(
                name,
                f"is of an {picture.format} file, of which Pillow may show what its maker cut off; "
                "give the file itself, or picture.copy() if all of it may be sent",
                "unsupported_format",
            )
        width, height = picture.size
        if width * height > MAX_PIXELS:
            return _make_fault(
                name,
                f"has {width * height / 1e6:.0f} megapixels and at most "
                f"{MAX_PIXELS // 1_000_000} are read; give picture.reduce(2)",
                "too_many_pixels",
            )
        if not width or not height:
            return _make_fault(name, f"has {width} x {height} pixels", "too_small")
        tagged = _read_tiff_times(picture)  # they are gone once the pixels are read
        if fault := _load(picture, name):
            return fault
        exif = picture.info.get("exif")
        return _encode(picture, exif if isinstance(exif, bytes) else tagged) or _make_fault(
            name,
            f"is of mode {picture.mode} and says not what is black and white; scale it to 0-255 "
            "and give picture.convert('L')",
            "unsupported_format",
        )
    except Exception as error:  # a decoder's, a file's that is closed, a host's own class
        return _make_fault(
            name,
            f"cannot be read ({type(error).__name__}); open its file again and give the file "
            "itself, or call picture.load() before it is closed",
            "unreadable",
        )


def _load(picture: Image.Image, name: str) -> FaultySource | None:
    """Has an opened picture read its file; gives why it cannot, where the file is at fault."""
    file = getattr(picture, "fp", None)
    is_open = file is not None and not getattr(file, "closed", False)
    try:
        with decode_strictly():
            picture.load()
    except (OSError, SyntaxError, EOFError, IndexError, struct.error):
        if not is_open:
            raise
        return _make_fault(
            name,
            "is damaged or cut short; copy or export its file again from where it was taken",
            "damaged",
        )
    return None


def _read_opened_file(picture: Image.Image) -> bytes | None:
    """Reads the file of a picture on which nothing can have been drawn, since it has no pixels yet.

    None where it has, or shows a later frame, or where the file is closed or too large.
    """
    from PIL import ImageFile

    if not isinstance(picture, ImageFile.ImageFile) or picture.format not in _BETTER_AS_FILES:
        return None
    file = picture.fp
    later = picture.format != "HEIF" and picture.tell()  # of HEIF, the first may not be the one
    decoded = getattr(picture, "_im", None) is not None
    if decoded or later or file is None or file.closed:
        return None
    at = file.tell()
    try:
        file.seek(0)
        content = file.read(MAX_BYTES + 1)
    finally:
        file.seek(at)
    known = sniff(content[:HEAD_BYTES]) in ("avif", "heic", "jpeg", "png")
    return content if known and len(content) <= MAX_BYTES else None


def _require_picture(picture: Any) -> None:
    if is_pillow_picture(picture):
        return
    if not is_array(picture):
        raise ConfigError(
            "picture must be a PIL.Image.Image or an array of RGB pixels, not "
            f"{type(picture).__name__}; for an encoded file, use Photo.from_bytes"
        )
    if wrong := describe_wrong_array(picture):
        raise ConfigError(f"the picture is {wrong}")


def _encode(picture: Image.Image, exif: bytes) -> bytes | None:
    from PIL.PngImagePlugin import PngInfo

    icc = picture.info.get("icc_profile")
    icc = icc if isinstance(icc, bytes) else None
    text = PngInfo()
    for key in _RAW_PROFILES:
        if isinstance(words := picture.info.get(key), str):
            text.add_text(key, words, zip=True)
    if picture.mode == "CMYK":
        picture, icc = to_srgb(picture, icc), None
    plain = _to_png_mode(picture)
    if plain is None:
        return None
    out = io.BytesIO()
    plain.save(out, "PNG", compress_level=_FASTEST, pnginfo=text, exif=exif, icc_profile=icc)
    flat = flatten(plain) if out.tell() > MAX_BYTES else None
    for quality in _QUALITIES:
        if flat is not None and out.tell() > MAX_BYTES and len(exif) <= _JPEG_EXIF_BYTES:
            out = io.BytesIO()
            flat.save(out, "JPEG", quality=quality, subsampling=0, exif=exif, icc_profile=icc)
    return out.getvalue()


def _read_tiff_times(picture: Image.Image) -> bytes:
    """Reads the times among a TIFF's own tags, which turn it already, as EXIF; else empty."""
    if getattr(picture, "tag_v2", None) is None:
        return b""
    from PIL import Image

    times = Image.Exif()
    try:
        found = picture.getexif()
        for tags in (found, found.get_ifd(EXIF_IFD)):
            times.get_ifd(EXIF_IFD).update({tag: tags[tag] for tag in TIME_TAGS if tag in tags})
        return times.tobytes()
    except Exception:  # of whatever kind a file's tags cause: the pixels are there
        return b""


def _to_png_mode(picture: Image.Image) -> Image.Image | None:
    """Converts to a mode that PNG has; None for numbers without a known black and white."""
    if picture.mode in _PNG_MODES:
        return picture
    if picture.mode in _WITH_ALPHA:
        return picture.convert(_WITH_ALPHA[picture.mode])
    if picture.mode.startswith("I"):
        return _to_grey(picture)
    return None if picture.mode == "F" else picture.convert("RGB")


def _to_grey(picture: Image.Image) -> Image.Image | None:
    """Converts whole numbers to grey of 8 or 16 bits, by how far they go.

    Files with 16 bits are opened as 32, too; more than 16 have no end that is white. Up to 255 they
    are 8 bits: of 16, nothing would be to be seen.
    """
    whole = picture.convert("I")
    low, high = whole.getextrema()
    if not 0 <= low <= high <= 65_535:  # type: ignore[operator]
        return None
    return whole.convert("L" if high <= 255 and picture.mode == "I" else "I;16")  # type: ignore[operator]


def _make_fault(name: str, what: str, reason: Any) -> FaultySource:
    return FaultySource(PhotoError(f"{name}: the picture {what}", photo=name, reason=reason))
