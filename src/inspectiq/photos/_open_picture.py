"""Opens a picture and checks its size, all from its header: nothing is decoded yet."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from inspectiq.domain._photo import PictureFile
from inspectiq.errors import PhotoError
from inspectiq.photos._colour import PillowPixels, Pixels
from inspectiq.photos._exif import Exif, read_exif
from inspectiq.photos._formats import ACCEPTED, HEAD_BYTES, describe_format, sniff
from inspectiq.photos._jpeg import JpegOutline, read_outline
from inspectiq.photos._size_limits import MAX_PIXELS, MIN_SIDE
from inspectiq.photos._sources import check_content

if TYPE_CHECKING:
    from PIL import Image, ImageFile

__all__ = [
    "MAX_DECODED_BYTES",
    "OpenPicture",
    "convert_decode_errors",
    "open_picture",
]

MAX_DECODED_BYTES = 420_000_000  # leaves room for the file and the process within 512 MB

# Bytes a pixel at the decoder's peak, as measured on 40 to 100 megapixels with Pillow 13 (which
# keeps RGB in 4 bytes and copies what WebP and AVIF decode to) and pi-heif 1.4.
_BYTES_A_PIXEL = {"jpeg": 4.0, "png": 4.0, "gif": 4.0, "heic": 5.0, "avif": 9.0, "webp": 16.0}
_CLOSE = 0.95  # 4032 px decode to 1008 at a quarter, twice as fast as to 2016 and then to 1024
_MOST_SCANNED = 1_500_000_000  # pixels times scans: 15 scans at 100 megapixels; cameras write 10


@contextmanager
def convert_decode_errors(name: str) -> Iterator[None]:
    """Turns any error of a decoder into a `PhotoError`."""
    try:
        yield
    except PhotoError:
        raise
    except MemoryError as error:
        raise _make_too_large_error(name, "needs more memory to decode than there is") from error
    except Exception as error:
        if type(error).__name__.startswith("DecompressionBomb"):
            raise _make_too_large_error(name, "declares far more pixels than its size") from error
        raise PhotoError(
            f"{name}: the picture is damaged or cut short; copy or export it again from where it "
            "was taken",
            photo=name,
            reason="damaged",
        ) from error


def _make_too_large_error(name: str, what: str) -> PhotoError:
    return PhotoError(
        f"{name}: the picture {what}; export it as a JPEG of at most 50 megapixels",
        photo=name,
        reason="too_many_pixels",
    )


class OpenPicture:
    """A picture whose header was read.

    Attributes:
        name: Name of the photo, for messages.
        file: Hash, format, bytes and the stored pixels.
        exif: Orientation (1 where the decoder turns the picture itself) and capture time.
        icc: ICC profile, None without one.
    """

    def __init__(self, name: str, file: PictureFile, exif: Exif, icc: bytes | None) -> None:
        self.name, self.file, self.exif, self.icc = name, file, exif, icc

    def estimate_memory(self, size: tuple[int, int]) -> int:
        """Estimates the bytes of memory that decoding for a picture of `size` needs at its peak."""
        return int(_BYTES_A_PIXEL[self.file.format] * self.file.width * self.file.height)

    def find_landing_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Finds the size to decode to: `size`, or one close under it that the decoder has."""
        return size

    def decode(self, size: tuple[int, int]) -> Pixels:
        """Decodes at a scale from which `size` (in the stored orientation) can be made.

        Works once: the pixels are handed over, so that they are gone when the caller is done.
        """
        raise NotImplementedError


class _PillowPicture(OpenPicture):
    """A picture that one of Pillow's plugins has opened."""

    def __init__(self, picture: ImageFile.ImageFile, *args: Any) -> None:
        super().__init__(*args)
        self._pictures = [picture]

    def decode(self, size: tuple[int, int]) -> Pixels:
        picture = self._pictures.pop()
        picture.load()
        return PillowPixels(picture)


class _JpegPicture(_PillowPicture):
    """A JPEG, whose decoder can shrink by 2, 4 or 8 at a fraction of the work."""

    def __init__(self, outline: JpegOutline, *args: Any) -> None:
        super().__init__(*args)
        self._outline = outline

    def find_landing_size(self, size: tuple[int, int]) -> tuple[int, int]:
        for scale in (8, 4, 2):
            width, height = self._compute_draft_size(scale)
            under = width <= size[0] and height <= size[1]
            if under and width >= size[0] * _CLOSE and height >= size[1] * _CLOSE:
                return width, height
        return size

    def _compute_draft_size(self, scale: int) -> tuple[int, int]:
        return -(-self.file.width // scale), -(-self.file.height // scale)

    def _choose_scale(self, size: tuple[int, int]) -> int:
        for scale in (8, 4, 2):
            width, height = self._compute_draft_size(scale)
            if width >= size[0] and height >= size[1]:
                return scale
        return 1

    def estimate_memory(self, size: tuple[int, int]) -> int:
        pixels = self.file.width * self.file.height
        decoded = int(_BYTES_A_PIXEL["jpeg"] * pixels / self._choose_scale(size) ** 2)
        return (
            decoded
            if self._outline.interleaved
            else decoded + self._count_coefficient_bytes(pixels)
        )

    def _count_coefficient_bytes(self, pixels: int) -> int:
        layers: list[tuple[int, int, int, int]] = self._pictures[0].layer  # type: ignore[attr-defined]
        widest: int = max(layer[1] for layer in layers) * max(layer[2] for layer in layers)
        sampled: int = sum(layer[1] * layer[2] for layer in layers)
        return 2 * pixels * sampled // max(1, widest)

    def decode(self, size: tuple[int, int]) -> Pixels:
        width, height, scale = self.file.width, self.file.height, self._choose_scale(size)
        picture = self._pictures.pop()
        if scale > 1:
            picture.draft(None, (width // scale, height // scale))
        picture.load()
        return PillowPixels(picture, (width / scale, height / scale))


class _HeicPicture(OpenPicture):
    """A picture that libheif has opened."""

    def __init__(self, opened: Any, *args: Any) -> None:
        super().__init__(*args)
        self._opened = [opened]

    def decode(self, size: tuple[int, int]) -> Pixels:
        opened = self._opened.pop()
        declared = opened.size
        pixels = _HeicPixels(opened)
        if pixels.size != declared:
            raise ValueError("the pixels are not of the declared size")
        return pixels


class _HeicPixels:
    """The pixels of a HEIC picture, read from libheif's own buffer in strips.

    A whole Pillow copy would double the memory.
    """

    def __init__(self, opened: Any) -> None:
        self._opened = opened  # its buffer is gone once it is, and would be read as noise
        self._rows, self._stride, self._mode = opened.data, opened.stride, opened.mode
        self.size: tuple[int, int] = opened.size
        self.extent: tuple[float, float] = opened.size

    def read_rows(self, top: int, bottom: int) -> Image.Image:
        from PIL import Image

        rows = memoryview(self._rows)[top * self._stride : bottom * self._stride]
        size = (self.size[0], bottom - top)
        return Image.frombytes(self._mode, size, rows, "raw", self._mode, self._stride)


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
            return _open_jpeg(data, name)
        if kind == "heic":
            return _open_heic(data, name)
        return _open_pillow(data, name, kind)


# The plugins are called directly. `Image.open` warns over 89 megapixels, in a process-wide way, may
# try other formats, and takes a JPEG with several frames apart.


def _open_jpeg(data: bytes, name: str) -> OpenPicture:
    from PIL.JpegImagePlugin import JpegImageFile

    outline = read_outline(data)
    picture = JpegImageFile(io.BytesIO(outline.hidden))
    _check_bounds(name, picture.size)
    if outline.scans * picture.width * picture.height > _MOST_SCANNED:
        raise ValueError("more scans than any camera or editor writes")
    file = _describe_file(data, "jpeg", picture.size)
    icc = picture.info.get("icc_profile")
    return _require_memory(_JpegPicture(outline, picture, name, file, read_exif(outline.exif), icc))


def _open_pillow(data: bytes, name: str, kind: str) -> OpenPicture:
    picture = _get_plugin(kind, name)(io.BytesIO(data))
    _check_bounds(name, picture.size)
    file = _describe_file(data, kind, picture.size)
    exif, icc = read_exif(picture.info.get("exif")), picture.info.get("icc_profile")
    return _require_memory(_PillowPicture(picture, name, file, exif, icc))


def _get_plugin(kind: str, name: str) -> type[ImageFile.ImageFile]:
    if kind == "png":
        from PIL.PngImagePlugin import PngImageFile

        return PngImageFile
    if kind == "gif":
        from PIL.GifImagePlugin import GifImageFile

        return GifImageFile
    from PIL import AvifImagePlugin, WebPImagePlugin

    plugin = AvifImagePlugin if kind == "avif" else WebPImagePlugin
    if not plugin.SUPPORTED:
        raise PhotoError(
            f"{name}: this build of Pillow reads no {kind.upper()}; install Pillow's wheel from "
            "PyPI or give a JPEG",
            photo=name,
            reason="unsupported_format",
        )
    return AvifImagePlugin.AvifImageFile if kind == "avif" else WebPImagePlugin.WebPImageFile


def _open_heic(data: bytes, name: str) -> OpenPicture:
    import pi_heif

    opened = pi_heif.open_heif(data, remove_stride=False)
    _check_bounds(name, opened.size)
    seen = read_exif(opened.info.get("exif"))
    # libheif turns the picture by its container's own rule, to which EXIF is only a copy.
    upright = Exif(1, seen.taken_at, seen.bad)
    given = (
        name,
        _describe_file(data, "heic", opened.size),
        upright,
        opened.info.get("icc_profile"),
    )
    return _require_memory(_HeicPicture(opened, *given))


def _check_bounds(name: str, size: tuple[int, int]) -> None:
    width, height = size
    if min(width, height) < MIN_SIDE:
        raise PhotoError(
            f"{name}: {width} x {height} pixels; a photo needs at least {MIN_SIDE} on each side",
            photo=name,
            reason="too_small",
        )
    if width * height > MAX_PIXELS:
        raise _make_too_large_error(
            name,
            f"has {width * height / 1e6:.0f} megapixels and at most "
            f"{MAX_PIXELS // 1_000_000} are read",
        )


def _require_memory(opened: OpenPicture) -> OpenPicture:
    """Refuses a picture that cannot be decoded within the memory at any scale."""
    megabytes = opened.estimate_memory((1, 1)) / 1e6
    if megabytes * 1e6 > MAX_DECODED_BYTES:
        raise _make_too_large_error(
            opened.name,
            f"needs {megabytes:.0f} MB of memory to decode as {opened.file.format.upper()} and at "
            f"most {MAX_DECODED_BYTES // 1_000_000} MB are used",
        )
    return opened


def _describe_file(data: bytes, kind: str, size: tuple[int, int]) -> PictureFile:
    return PictureFile(
        sha256=hashlib.sha256(data).hexdigest(),
        format=kind,
        bytes=len(data),
        width=size[0],
        height=size[1],
    )
