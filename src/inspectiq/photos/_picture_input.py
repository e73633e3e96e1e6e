"""Takes in pictures that a host holds decoded, Pillow's or arrays of pixels, as files in memory."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

from inspectiq.errors import ConfigError, PhotoError
from inspectiq.photos._colour import to_srgb
from inspectiq.photos._size_limits import MAX_BYTES, MAX_PIXELS
from inspectiq.photos._sources import FaultySource

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["describe_wrong_array", "encode_picture", "is_array", "is_pillow_picture"]

_PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})
_WITH_ALPHA = {"La": "LA", "PA": "RGBA", "RGBa": "RGBA"}
_RAW_PROFILES = (
    "Raw profile type exif",
    "Raw profile type APP1",
)  # EXIF as ImageMagick 6 writes it
_FASTEST = 1  # zlib's level; a higher one saved a tenth of the bytes
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


def describe_wrong_array(array: Any) -> str | None:
    """Describes why an array is no RGB picture of 8 bits, and what to give; None if it is one."""
    memory = array.__array_interface__
    shape, kind = tuple(memory["shape"]), str(getattr(array, "dtype", memory["typestr"]))
    if memory["typestr"] == "|u1" and len(shape) == 3 and shape[2] == 3:
        return None
    mends = filter(None, [_mend_values(kind), _mend_shape(shape)])
    return (
        f"an array of shape {shape} and dtype {kind}; pixels are taken as (height, width, 3), RGB, "
        f"dtype uint8: give {', and '.join(mends)}"
    )


def _mend_values(kind: str) -> str:
    if kind in ("uint8", "|u1"):
        return ""
    if kind == "bool":
        return "array.astype('uint8') * 255"
    if kind == "uint16":
        return "(array // 257).astype('uint8') where its values go from 0 to 65535"
    if kind.startswith("float"):
        return "(array * 255).round().astype('uint8') where its values go from 0 to 1"
    return "array.astype('uint8') where its values go from 0 to 255"


def _mend_shape(shape: tuple[int, ...]) -> str:
    if len(shape) == 1 or (len(shape) == 2 and shape[1] == 1):
        return "array.tobytes() where it holds the bytes of a file"
    if len(shape) == 2:
        return "PIL.Image.fromarray(array) where it is grey"
    if len(shape) == 4:
        return "list(array) where it holds several pictures"
    if len(shape) != 3:
        return "one picture"
    if shape[2] == 3:
        return ""
    if shape[2] == 1:
        return "PIL.Image.fromarray(array[:, :, 0]) where it is grey"
    if shape[2] == 4:
        return "PIL.Image.fromarray(array) where it is RGBA"
    if shape[0] in (1, 3, 4):
        return "array.transpose(1, 2, 0), with the colours last"
    return "array[:, :, :3] where these are its colours"


def encode_picture(picture: Any, name: str) -> bytes | FaultySource:
    """Encodes a picture without loss, as a PNG with its EXIF and colour profile.

    One whose PNG would be over `MAX_BYTES` becomes a JPEG of quality 95 without subsampling.

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
        picture.load()
        return _encode(picture) or _make_fault(
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


def _encode(picture: Image.Image) -> bytes | None:
    from PIL.PngImagePlugin import PngInfo

    exif, icc = picture.info.get("exif"), picture.info.get("icc_profile")
    text = PngInfo()
    for key in _RAW_PROFILES:
        if isinstance(words := picture.info.get(key), str):
            text.add_text(key, words, zip=True)
    if picture.mode == "CMYK":
        picture, icc = to_srgb(picture, icc), None
    plain = _to_png_mode(picture)
    if plain is None:
        return None
    exif = exif if isinstance(exif, bytes) else b""
    out = io.BytesIO()
    plain.save(out, "PNG", compress_level=_FASTEST, pnginfo=text, exif=exif, icc_profile=icc)
    if out.tell() > MAX_BYTES and plain.mode in ("L", "RGB") and len(exif) <= _JPEG_EXIF_BYTES:
        out = io.BytesIO()
        plain.save(out, "JPEG", quality=95, subsampling=0, exif=exif, icc_profile=icc)
    return out.getvalue()


def _to_png_mode(picture: Image.Image) -> Image.Image | None:
    """Converts to a mode that PNG has; None for numbers without a known black and white."""
    if picture.mode in _PNG_MODES:
        return picture
    if picture.mode in _WITH_ALPHA:
        return picture.convert(_WITH_ALPHA[picture.mode])
    if picture.mode.startswith("I"):
        whole = picture.convert("I")
        low, high = whole.getextrema()
        # Files with 16 bits are opened as 32, too; more than 16 have no end that is white.
        return whole.convert("I;16") if 0 <= low <= high <= 65_535 else None  # type: ignore[operator]
    return None if picture.mode == "F" else picture.convert("RGB")


def _make_fault(name: str, what: str, reason: Any) -> FaultySource:
    return FaultySource(PhotoError(f"{name}: the picture {what}", photo=name, reason=reason))
