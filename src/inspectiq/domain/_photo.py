"""A photo as a result records it: the file as it came, and the picture that was sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from inspectiq._taking import require
from inspectiq._values import Value
from inspectiq.errors import PhotoReason

__all__ = ["SHOWN_SIDE", "Box", "PhotoRef", "PhotoWarning", "PictureFile", "unrotate_box"]

SHOWN_SIDE = 800  # pixels of a photo that is shown; Pillow hands notebooks a PNG, which is large

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
PhotoWarning = Literal["blurred", "dark", "overexposed", "hdr", "orientation", "bad_exif"]


class Box(Value):
    """A rectangle `(x0, y0, x1, y1)`, fractions 0–1 of a picture, origin top left.

    Attributes:
        x0: Left edge.
        y0: Top edge.
        x1: Right edge, right of `x0`.
        y1: Bottom edge, below `y0`.
    """

    x0: Fraction
    y0: Fraction
    x1: Fraction
    y1: Fraction

    @model_validator(mode="after")
    def _check_order(self) -> Box:
        if self.x0 >= self.x1 or self.y0 >= self.y1:
            raise ValueError("a box needs x0 < x1 and y0 < y1")
        return self

    def __iter__(self) -> Iterator[float]:  # type: ignore[override]
        """Goes through the corners: `x0, y0, x1, y1 = box`."""
        return iter(self.to_tuple())

    def to_tuple(self) -> tuple[float, float, float, float]:
        """Returns the corners as `(x0, y0, x1, y1)`."""
        return self.x0, self.y0, self.x1, self.y1

    def compute_overlap(self, other: Box) -> float:
        """Computes the intersection over union of two boxes of one picture, 0-1."""
        require(other, Box, "other", "give a Box")
        wide = min(self.x1, other.x1) - max(self.x0, other.x0)
        high = min(self.y1, other.y1) - max(self.y0, other.y0)
        if wide <= 0 or high <= 0:
            return 0.0
        shared = wide * high
        areas = sum((box.x1 - box.x0) * (box.y1 - box.y0) for box in (self, other))
        return shared / (areas - shared)

    def to_outer(self, outer: Box) -> Box:
        """Converts a box in fractions of `outer` to fractions of the picture around `outer`."""
        require(outer, Box, "outer", "give a Box")
        width, height = outer.x1 - outer.x0, outer.y1 - outer.y0
        return Box(
            x0=min(1.0, outer.x0 + self.x0 * width),
            y0=min(1.0, outer.y0 + self.y0 * height),
            x1=min(1.0, outer.x0 + self.x1 * width),
            y1=min(1.0, outer.y0 + self.y1 * height),
        )


class PictureFile(Value):
    """One encoded picture: its hash, bytes, and pixels as stored.

    Attributes:
        sha256: Hash of the bytes.
        format: Such as `jpeg`.
        bytes: Size of the file.
        width: In pixels.
        height: In pixels.
    """

    sha256: Sha256
    format: str
    bytes: int
    width: int
    height: int


class PhotoRef(Value):
    """A photo in a result. Holds no pixels and no path.

    Attributes:
        id: Unique in its case.
        name: File name or key, without folders.
        room: Room as the host or the folder named it.
        original: The file as it came; None if it could not be read.
        sent: What the engine got: upright, sRGB, shrunk, without metadata. None if never sent.
        orientation: EXIF orientation of the original, 1–8.
        crop: The part of the upright original that was sent, where the host cropped it.
        host_prepared: Whether the host's `prepare` changed it; renderers do not show the original
            of such a photo.
        taken_at: Capture time from EXIF; naive (the camera's local time) where EXIF has no offset.
    """

    id: str
    name: str
    room: str | None = None
    original: PictureFile | None = None
    sent: PictureFile | None = None
    orientation: Annotated[int, Field(ge=1, le=8)] = 1
    crop: Box | None = None
    host_prepared: bool = False
    taken_at: datetime | None = None

    def to_upright(self, box: Box) -> Box:
        """Converts a box on the sent picture to fractions of the whole upright original."""
        return box.to_outer(self.crop) if self.crop else box

    def to_pixel_box(self, box: Box) -> tuple[int, int, int, int]:
        """Converts a box on the upright original to file pixels `(left, top, right, bottom)`.

        The stored file is the one before EXIF rotation, as a pixel editor or cv2 reads it.

        Raises:
            ValueError: The original was never read, so its size is unknown.
        """
        if self.original is None:
            raise ValueError(f"photo {self.id} was not read, so its size in pixels is unknown")
        x0, y0, x1, y1 = unrotate_box(box.to_tuple(), self.orientation)
        width, height = self.original.width, self.original.height
        return round(x0 * width), round(y0 * height), round(x1 * width), round(y1 * height)


class PhotoFault(Value):
    """Why one photo has no assessment: the error's class, a code, and what to do about it.

    Attributes:
        error: Name of the error class, such as `PhotoError` or `OutputRefused`.
        reason: A `PhotoReason` where the photo is at fault.
        message: What, where, and how to mend it.
    """

    error: str
    reason: PhotoReason | None = None
    message: str


def unrotate_box(
    box: tuple[float, float, float, float], orientation: int
) -> tuple[float, float, float, float]:
    """Turns a box (fractions) from the upright to the stored picture, by EXIF orientation 1–8.

    The eight cases are those of the EXIF 2.32 tag 0x0112.
    """
    x0, y0, x1, y1 = box
    return {
        1: (x0, y0, x1, y1),
        2: (1 - x1, y0, 1 - x0, y1),
        3: (1 - x1, 1 - y1, 1 - x0, 1 - y0),
        4: (x0, 1 - y1, x1, 1 - y0),
        5: (y0, x0, y1, x1),
        6: (y0, 1 - x1, y1, 1 - x0),
        7: (1 - y1, 1 - x1, 1 - y0, 1 - x0),
        8: (1 - y1, x0, 1 - y0, x1),
    }[orientation]
