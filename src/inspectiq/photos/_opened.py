"""A picture whose header was read, and the bounds and errors that all formats share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from inspectiq.domain._photo import PhotoWarning, PictureFile
from inspectiq.errors import PhotoError
from inspectiq.photos._colour import PillowPixels, Pixels
from inspectiq.photos._exif import Exif
from inspectiq.photos._size_limits import MAX_PIXELS, MIN_SIDE
from inspectiq.photos._strictly import decode_strictly

if TYPE_CHECKING:
    from PIL import ImageFile

__all__ = [
    "BYTES_A_PIXEL",
    "MAX_DECODED_BYTES",
    "OpenPicture",
    "PillowPicture",
    "check_bounds",
    "convert_decode_errors",
    "describe_file",
    "make_unsupported_error",
    "require_memory",
]

MAX_DECODED_BYTES = 420_000_000  # leaves room for the file and the process within 512 MB

# Bytes a pixel at the decoder's peak, as measured on 40 to 100 megapixels with Pillow 13 (which
# keeps RGB in 4 bytes and copies what WebP and AVIF decode to) and pi-heif 1.4.
BYTES_A_PIXEL = {"jpeg": 4.0, "png": 4.0, "gif": 4.0, "heic": 5.0, "avif": 9.0, "webp": 16.0}
# What decoders say of a file that is sound and beyond them.
_BEYOND = ("unsupported", "not supported", "not implemented", "no codec available", "cannot handle")


@contextmanager
def convert_decode_errors(name: str) -> Iterator[None]:
    """Turns any error of a decoder into a `PhotoError`; a cut picture is an error, always."""
    try:
        with decode_strictly():
            yield
    except PhotoError:
        raise
    except MemoryError as error:
        raise _make_too_large_error(name, "needs more memory to decode than there is") from error
    except Exception as error:
        if type(error).__name__.startswith("DecompressionBomb"):
            raise _make_too_large_error(name, "declares far more pixels than its size") from error
        if any(words in str(error).lower() for words in _BEYOND):
            what = "a picture of a kind that the decoder does not know"
            raise make_unsupported_error(name, what) from error
        raise PhotoError(
            f"{name}: the picture is damaged or cut short; copy or export it again from where it "
            "was taken",
            photo=name,
            reason="damaged",
        ) from error


def make_unsupported_error(name: str, what: str) -> PhotoError:
    """Makes the error for a picture that may be sound, yet is of a kind that is not read."""
    way = "an ordinary 8-bit JPEG" if "JPEG" in what else "a JPEG"
    return PhotoError(
        f"{name}: this is {what}, which is not read; export it as {way}",
        photo=name,
        reason="unsupported_format",
    )


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
        warnings: What its header says that may spoil an assessment.
    """

    def __init__(
        self,
        name: str,
        file: PictureFile,
        exif: Exif,
        icc: bytes | None,
        warnings: tuple[PhotoWarning, ...] = (),
    ) -> None:
        self.name, self.file, self.exif, self.icc = name, file, exif, icc
        self.warnings = warnings

    def estimate_memory(self, size: tuple[int, int]) -> int:
        """Estimates the bytes of memory that decoding for a picture of `size` needs at its peak."""
        return int(BYTES_A_PIXEL[self.file.format] * self.file.width * self.file.height)

    def find_landing_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Finds the size to decode to: `size`, or one close under it that the decoder has."""
        return size

    def decode(self, size: tuple[int, int]) -> Pixels:
        """Decodes at a scale from which `size` (in the stored orientation) can be made.

        Works once: the pixels are handed over, so that they are gone when the caller is done.
        """
        raise NotImplementedError


class PillowPicture(OpenPicture):
    """A picture that one of Pillow's plugins has opened."""

    def __init__(self, picture: ImageFile.ImageFile, *args: Any) -> None:
        super().__init__(*args)
        self._pictures = [picture]

    def decode(self, size: tuple[int, int]) -> Pixels:
        picture = self._pictures.pop()
        picture.load()
        return PillowPixels(picture)


def check_bounds(name: str, size: tuple[int, int]) -> None:
    """Refuses a picture that is too small or has too many pixels."""
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


def require_memory(opened: OpenPicture) -> OpenPicture:
    """Refuses a picture that cannot be decoded within the memory at any scale."""
    megabytes = opened.estimate_memory((1, 1)) / 1e6
    if megabytes * 1e6 > MAX_DECODED_BYTES:
        raise _make_too_large_error(
            opened.name,
            f"needs {megabytes:.0f} MB of memory to decode as {opened.file.format.upper()} and at "
            f"most {MAX_DECODED_BYTES // 1_000_000} MB are used",
        )
    return opened


def describe_file(data: bytes, kind: str, size: tuple[int, int]) -> PictureFile:
    """Describes the file as it came."""
    return PictureFile(
        sha256=hashlib.sha256(data).hexdigest(),
        format=kind,
        bytes=len(data),
        width=size[0],
        height=size[1],
    )
