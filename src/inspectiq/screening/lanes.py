"""Rows of whole numbers, each row packed in one number, so that one addition adds them all."""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

__all__ = ["Lanes"]


class Lanes:
    """Packs rows, and unpacks what they add up to. A column must add up to less than 2**32.

    Args:
        columns: How many numbers a row has.
        least: The least number in any row; numbers are counted from it, so that none is below zero.
    """

    def __init__(self, columns: int, least: int) -> None:
        self._struct = Struct(f"<{1 + columns}I")  # the first column counts rows
        self._least = least

    def packed(self, row: Sequence[int]) -> int:
        """A row in one number."""
        return int.from_bytes(self._struct.pack(1, *[one - self._least for one in row]), "little")

    def unpacked(self, total: int) -> list[int]:
        """What each column of the rows adds up to that were packed and added."""
        rows, *columns = self._struct.unpack(total.to_bytes(self._struct.size, "little"))
        least = self._least * rows
        return [column + least for column in columns]
