"""Opens a HEIC or an AVIF, and cuts out what its container shows."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from inspectiq.domain._photo import PhotoWarning
from inspectiq.photos._colour import CroppedPixels, PillowPixels, PixelBox, Pixels
from inspectiq.photos._exif import Exif, read_exif
from inspectiq.photos._heif import HeifOutline, is_minimal, read_heif
from inspectiq.photos._heif_frame import HeifFrame, UnreadableHeifError
from inspectiq.photos._nclx import choose_profile
from inspectiq.photos._opened import (
    BYTES_A_PIXEL,
    OpenPicture,
    check_bounds,
    describe_file,
    make_unsupported_error,
    require_memory,
)

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["open_heif"]


def open_heif(data: bytes, name: str) -> OpenPicture:
    """Reads the header of a HEIC or an AVIF."""
    try:
        if is_minimal(data):
            return _make_picture(_read_minimal(data), data, name)
        outline = read_heif(data)
    except UnreadableHeifError as error:
        raise make_unsupported_error(name, str(error)) from error
    # The container's rule counts, and EXIF is only a copy of it (ISO/IEC 23000-22, 7.3).
    disagree = read_exif(outline.exif).orientation not in (1, outline.frame.orientation)
    return _make_picture(outline, data, name, ("orientation",) if disagree else ())


def _read_minimal(data: bytes) -> HeifOutline:
    """Has libheif (1.22 or later) read the low-overhead form, and turn what it holds."""
    import pi_heif

    try:
        opened = pi_heif.open_heif(data)
    except Exception as error:  # whatever it says, it may be sound
        raise UnreadableHeifError("a HEIF picture in its low-overhead form") from error
    numbers = opened.info.get("nclx_profile")
    nclx = (numbers["color_primaries"], numbers["transfer_characteristics"]) if numbers else None
    icc, exif = opened.info.get("icc_profile"), opened.info.get("exif")
    return HeifOutline("heic", HeifFrame.of(opened.size), nclx, icc, exif, data)


def _make_picture(
    outline: HeifOutline, data: bytes, name: str, warnings: tuple[PhotoWarning, ...] = ()
) -> OpenPicture:
    check_bounds(name, outline.frame.size)  # what is decoded may be far more than what is shown
    kind = _HeicPicture if outline.codec == "heic" else _AvifPicture
    size, orientation = kind.describe_shown(outline.frame)
    check_bounds(name, size)
    icc, is_hdr = choose_profile(outline.icc, outline.nclx)
    seen = read_exif(outline.exif)
    exif = Exif(orientation, seen.taken_at, seen.bad)
    file = describe_file(data, outline.codec, size)
    warnings = (*warnings, "hdr") if is_hdr else warnings
    return require_memory(kind(outline, name, file, exif, icc, warnings))


class _HeifPicture(OpenPicture):
    """A picture whose container was read."""

    def __init__(self, outline: HeifOutline, *args: Any) -> None:
        super().__init__(*args)
        self._frame = outline.frame
        self._opened = [self.open_bare(outline.bare)]

    @staticmethod
    def describe_shown(frame: HeifFrame) -> tuple[tuple[int, int], int]:
        """Tells the size of what is shown as it is decoded, and its orientation then."""
        raise NotImplementedError

    def open_bare(self, data: bytes) -> Any:
        """Opens the file, less what was hidden of it."""
        raise NotImplementedError

    def estimate_memory(self, size: tuple[int, int]) -> int:
        width, height = self._frame.size
        return int(BYTES_A_PIXEL[self.file.format] * width * height)


class _AvifPicture(_HeifPicture):
    """A picture that Pillow opens, stored as it is and not turned."""

    @staticmethod
    def describe_shown(frame: HeifFrame) -> tuple[tuple[int, int], int]:
        left, top, right, bottom = frame.box
        return (right - left, bottom - top), frame.orientation

    def open_bare(self, data: bytes) -> Any:
        from PIL import AvifImagePlugin

        if not AvifImagePlugin.SUPPORTED:
            what = "an AVIF, and this build of Pillow has no decoder for it"
            raise make_unsupported_error(self.name, what)
        return AvifImagePlugin.AvifImageFile(io.BytesIO(data))

    def decode(self, size: tuple[int, int]) -> Pixels:
        picture = self._opened.pop()
        picture.load()
        if picture.size != self._frame.size:
            raise ValueError("the pixels are not of the declared size")
        pixels = PillowPixels(picture)
        return CroppedPixels(pixels, self._frame.box) if self._frame.is_cropped else pixels


class _HeicPicture(_HeifPicture):
    """A picture that libheif opens, and turns by its container."""

    @staticmethod
    def describe_shown(frame: HeifFrame) -> tuple[tuple[int, int], int]:
        left, top, right, bottom = frame.find_turned_box()
        return (right - left, bottom - top), 1

    def open_bare(self, data: bytes) -> Any:
        import pi_heif

        return pi_heif.open_heif(data, remove_stride=False)

    def decode(self, size: tuple[int, int]) -> Pixels:
        pixels = _HeicPixels(self._opened.pop())
        if pixels.size != self._frame.turned_size:
            raise ValueError("the pixels are not of the declared size")
        box = self._frame.find_turned_box()
        return CroppedPixels(pixels, box) if self._frame.is_cropped else pixels


class _HeicPixels:
    """The pixels of a HEIC picture, read from libheif's own buffer in strips.

    A whole Pillow copy would double the memory.
    """

    def __init__(self, opened: Any) -> None:
        self._opened = opened  # its buffer is gone once it is, and would be read as noise
        self._rows, self._stride, self._mode = opened.data, opened.stride, opened.mode
        self.size: tuple[int, int] = opened.size
        self.extent: tuple[float, float] = opened.size

    def read(self, box: PixelBox) -> Image.Image:
        from PIL import Image

        left, top, right, bottom = box
        start = top * self._stride + left * Image.getmodebands(self._mode)
        rows = memoryview(self._rows)[start : bottom * self._stride]
        size = (right - left, bottom - top)
        return Image.frombytes(self._mode, size, rows, "raw", self._mode, self._stride)
