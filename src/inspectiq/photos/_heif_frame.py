"""Works out which part of a HEIF picture its maker shows, and which way up."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from inspectiq.photos._colour import PixelBox
from inspectiq.photos._iso_boxes import FieldReader, IsoBox

__all__ = ["HeifFrame", "UnreadableHeifError"]

# EXIF's orientation of: sides swapped, then flipped left to right, then flipped top to bottom.
_ORIENTATIONS = {
    (False, False, False): 1,
    (False, True, False): 2,
    (False, True, True): 3,
    (False, False, True): 4,
    (True, False, False): 5,
    (True, True, False): 6,
    (True, True, True): 7,
    (True, False, True): 8,
}


class UnreadableHeifError(Exception):
    """The file may be sound, and is of a kind that is not read; the text says of which kind."""


@dataclass(slots=True)
class HeifFrame:
    """The crops and turns of a picture, taken in the order in which the file lists them.

    Attributes:
        size: Width and height of the stored pixels.
        box: What is shown of them, in the stored orientation.
    """

    size: tuple[int, int]
    box: PixelBox
    _swapped: bool = False
    _flipped_x: bool = False
    _flipped_y: bool = False

    @classmethod
    def of(cls, size: tuple[int, int]) -> HeifFrame:
        """Makes the frame of a picture that is shown as it is stored."""
        return cls(size, (0, 0, *size))

    @property
    def orientation(self) -> int:
        """Which way is up, 1-8 as in EXIF."""
        return _ORIENTATIONS[self._swapped, self._flipped_x, self._flipped_y]

    @property
    def is_cropped(self) -> bool:
        """Tells whether a part of the stored pixels is not shown."""
        return self.box != (0, 0, *self.size)

    def turn(self, quarters: int) -> None:
        """Turns by quarters against the clock (`irot`)."""
        for _ in range(quarters % 4):
            self._swapped = not self._swapped
            self._flipped_x, self._flipped_y = self._flipped_y, not self._flipped_x

    def mirror(self, axis: int) -> None:
        """Exchanges top and bottom (0) or left and right (1) (`imir`)."""
        if axis:
            self._flipped_x = not self._flipped_x
        else:
            self._flipped_y = not self._flipped_y

    def crop(self, data: bytes, aperture: IsoBox) -> None:
        """Cuts out a clean aperture (`clap`, ISO/IEC 14496-12, 12.1.4).

        Raises:
            UnreadableHeifError: It shows nothing, or cannot be read.
        """
        left, top, right, bottom = self.box
        shown = right - left, bottom - top
        part = _read_aperture(data, aperture, shown[::-1] if self._swapped else shown)
        part = self._turn_back(part, shown)
        self.box = (left + part[0], top + part[1], left + part[2], top + part[3])

    @property
    def turned_size(self) -> tuple[int, int]:
        """Width and height of all pixels once they are turned."""
        return self.size[::-1] if self._swapped else self.size

    def find_turned_box(self) -> PixelBox:
        """Finds where `box` is once all pixels are turned."""
        left, top, right, bottom = self.box
        turned = (top, left, bottom, right) if self._swapped else self.box
        return self._flip(turned, self.turned_size)

    def _turn_back(self, box: PixelBox, shown: tuple[int, int]) -> PixelBox:
        if not self._swapped:
            return self._flip(box, shown)
        left, top, right, bottom = self._flip(box, shown[::-1])
        return top, left, bottom, right

    def _flip(self, box: PixelBox, size: tuple[int, int]) -> PixelBox:
        left, top, right, bottom = box
        if self._flipped_x:
            left, right = size[0] - right, size[0] - left
        if self._flipped_y:
            top, bottom = size[1] - bottom, size[1] - top
        return left, top, right, bottom


def _read_aperture(data: bytes, aperture: IsoBox, size: tuple[int, int]) -> PixelBox:
    """Reads which pixels an aperture shows; none that is cut off by more than half."""
    fields = FieldReader(data, aperture)
    parts = [(fields.read_number(4), fields.read_number(4)) for _ in range(4)]
    sides = []
    for (numerator, denominator), (by, scale), whole in zip(
        parts[:2], parts[2:], size, strict=True
    ):
        # Width and height have no sign: what has one as it stands there was computed wrongly.
        if not denominator or not scale or (numerator | denominator) >> 31:
            raise UnreadableHeifError("a picture with a crop that makes no sense")
        extent = Fraction(numerator, denominator)
        moved = Fraction(_to_signed(by), _to_signed(scale))
        # The centres of the outermost pixels are counted from, as the standard has it.
        first = (moved + Fraction(whole - 1, 2) - (extent - 1) / 2) // 1
        start, end = max(0, first), min(whole, first + int(extent))
        if end <= start:
            raise UnreadableHeifError("a picture with a crop that shows nothing")
        sides.append((start, end))
    (left, right), (top, bottom) = sides
    return left, top, right, bottom


def _to_signed(number: int) -> int:
    return number - (1 << 32) if number >> 31 else number
