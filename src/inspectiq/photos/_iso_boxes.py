"""Reads the boxes of an ISO media file (ISO/IEC 14496-12), the container of HEIF and AVIF."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["FieldReader", "IsoBox", "find_box", "list_boxes", "list_outer_boxes"]

_MOST_BOXES = 20_000  # a phone's tiled photo has about 150; more is damage or malice


@dataclass(frozen=True, slots=True)
class IsoBox:
    """One box: its kind, and where its content begins and ends, and its kind stands in the file."""

    kind: bytes
    start: int
    end: int
    kind_at: int


class FieldReader:
    """Reads a box's fields one after another; raises `ValueError` past its end."""

    def __init__(self, data: bytes, box: IsoBox) -> None:
        self._data, self.at, self._end = data, box.start, box.end

    def read(self, size: int) -> bytes:
        """Reads that many bytes."""
        field = self._data[self.at : min(self.at + size, self._end)]
        if len(field) != size:
            raise ValueError("a box ends within a field")
        self.at += size
        return field

    def read_number(self, size: int) -> int:
        """Reads an unsigned number of that many bytes."""
        return int.from_bytes(self.read(size), "big")

    def read_version(self) -> tuple[int, int]:
        """Reads what a full box begins with: its version and its flags."""
        return self.read_number(1), self.read_number(3)


def list_boxes(data: bytes, start: int, end: int) -> list[IsoBox]:
    """Lists the boxes between two places.

    Raises:
        ValueError: One of them does not fit, or there are too many.
    """
    boxes: list[IsoBox] = []
    at = start
    while at < end:
        box = _read_box(data, at, end)
        if box is None or len(boxes) >= _MOST_BOXES:
            raise ValueError("a box does not fit, or there are too many")
        boxes.append(box)
        at = box.end
    return boxes


def list_outer_boxes(data: bytes) -> list[IsoBox]:
    """Lists the outermost boxes, up to what is none: phones append all sorts of things."""
    boxes: list[IsoBox] = []
    at = 0
    while (box := _read_box(data, at, len(data))) is not None and len(boxes) < _MOST_BOXES:
        boxes.append(box)
        at = box.end
    return boxes


def find_box(boxes: Iterable[IsoBox], kind: bytes) -> IsoBox | None:
    """Finds the first box of a kind."""
    return next((box for box in boxes if box.kind == kind), None)


def _read_box(data: bytes, at: int, end: int) -> IsoBox | None:
    size, start = int.from_bytes(data[at : at + 4], "big"), at + 8
    if size == 1:
        size, start = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
    stop = end if size == 0 else at + size
    if not start <= stop <= end:
        return None
    return IsoBox(data[at + 4 : at + 8], start, stop, at + 4)
