"""Opens a picture and checks its size, all from its header: nothing is decoded yet."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from inspectiq.domain._photo import PhotoWarning
from inspectiq.errors import PhotoError
from inspectiq.photos._colour import Pixels
from inspectiq.photos._exif import read_exif
from inspectiq.photos._formats import ACCEPTED, HEAD_BYTES, describe_format, sniff
from inspectiq.photos._nclx import choose_profile
from inspectiq.photos._opened import (
    OpenPicture,
    PillowPicture,
    check_bounds,
    convert_decode_errors,
    describe_file,
    make_unsupported_error,
    require_memory,
)
from inspectiq.photos._png import read_png
from inspectiq.photos._png_rows import require_all_rows
from inspectiq.photos._sources import check_content

if TYPE_CHECKING:
    from PIL import ImageFile

__all__ = ["open_picture"]


def open_picture(data: bytes, name: str) -> OpenPicture:
    """Reads the header of a picture and checks its size.

    Args:
        data: The whole file.
        name: Name of the photo, for messages.

    Raises:
        PhotoError: Reason `empty`, `unsupported_format`, `too_many_bytes`, `too_many_pixels`,
            `too_small` or `damaged`.
    """
    check_content(name, data)
    head = bytes(data[:HEAD_BYTES])
    kind = sniff(head)
    if kind is None:
        raise PhotoError(
            f"{name}: this is {describe_format(head)}, not a photo that can be read; "
            f"give a {ACCEPTED}",
            photo=name,
            reason="unsupported_format",
        )
    with convert_decode_errors(name):
        if kind == "jpeg":
            from inspectiq.photos._open_jpeg import open_jpeg

            return open_jpeg(data, name)
        if kind in {"heic", "avif"}:
            from inspectiq.photos._open_heif import open_heif

            return open_heif(data, name)
        if kind == "png":
            return _open_png(data, name)
        return _open_pillow(data, name, kind)


# The plugins are called directly. `Image.open` warns over 89 megapixels, in a process-wide way, may
# try other formats, and takes a JPEG with several frames apart.


def _open_pillow(data: bytes, name: str, kind: str) -> OpenPicture:
    """Opens a WebP or a GIF."""
    picture = _get_plugin(kind, name)(io.BytesIO(data))
    check_bounds(name, picture.size)
    file = describe_file(data, kind, picture.size)
    exif, icc = read_exif(picture.info.get("exif")), picture.info.get("icc_profile")
    return require_memory(PillowPicture(picture, name, file, exif, icc))


def _get_plugin(kind: str, name: str) -> type[ImageFile.ImageFile]:
    if kind == "gif":
        from PIL.GifImagePlugin import GifImageFile

        return GifImageFile
    from PIL import WebPImagePlugin

    if not WebPImagePlugin.SUPPORTED:
        what = "a WebP, and this build of Pillow has no decoder for it"
        raise make_unsupported_error(name, what)
    return WebPImagePlugin.WebPImageFile


def _open_png(data: bytes, name: str) -> OpenPicture:
    from PIL.PngImagePlugin import PngImageFile

    outline = read_png(data)
    if outline.refused:
        raise make_unsupported_error(name, outline.refused)
    picture = PngImageFile(io.BytesIO(outline.bare))
    check_bounds(name, picture.size)
    file = describe_file(data, "png", picture.size)
    icc, is_hdr = choose_profile(outline.icc, outline.nclx)
    exif = read_exif(outline.exif)
    exif = replace(exif, bad=exif.bad or outline.passed_over)
    warnings: tuple[PhotoWarning, ...] = ("hdr",) if is_hdr else ()
    return require_memory(_PngPicture(outline.bare, picture, name, file, exif, icc, warnings))


class _PngPicture(PillowPicture):
    """A PNG, whose decoder does not tell that pixels are missing."""

    def __init__(self, bare: bytes, *args: Any) -> None:
        super().__init__(*args)
        self._files = [bare]

    def decode(self, size: tuple[int, int]) -> Pixels:
        require_all_rows(self._files.pop())
        return super().decode(size)
