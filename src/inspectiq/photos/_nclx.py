"""Makes an ICC profile of a colour that a file gives by numbers (ITU-T H.273), as HEIF and AVIF do.

With it LittleCMS converts to sRGB what no ICC profile came with.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from functools import lru_cache

__all__ = ["choose_profile", "make_profile"]

_HDR = frozenset({16, 18})  # transfers: PQ of SMPTE ST 2084, and HLG of ARIB STD-B67

_Numbers = tuple[int, int]  # colour primaries and transfer

# Columns X, Y, Z of red, green and blue, adapted to D50 as ICC wants them: computed by Bradford's
# method from the chromaticities in H.273, table 2. BT.709's twins of standard television are
# left as they are: files say them without meaning them.
_COLUMNS = {
    1: ((0.43604, 0.22248, 0.01392), (0.38511, 0.71691, 0.09707), (0.14305, 0.06061, 0.71391)),
    9: ((0.67348, 0.27904, -0.00193), (0.16567, 0.67534, 0.02998), (0.12505, 0.04561, 0.79685)),
    11: ((0.48616, 0.22668, -0.0008), (0.32385, 0.71033, 0.04324), (0.15419, 0.06298, 0.78247)),
    12: ((0.51512, 0.24119, -0.00105), (0.29198, 0.69224, 0.04188), (0.1571, 0.06657, 0.78407)),
}
_LINEAR = 8
_D50 = (0.9642, 1.0, 0.8249)
_WHITE = 203.0  # cd/m2 of diffuse white, by ITU-R BT.2408
_HLG_PEAK = 1000.0  # cd/m2 of the display that HLG is made for, by ITU-R BT.2100
_KNEE = 0.8  # from here on highlights are pressed together; our choice
_STEPS = 256  # as many as a channel of what is converted has values


def choose_profile(icc: bytes | None, nclx: _Numbers | None) -> tuple[bytes | None, bool]:
    """Chooses the profile to convert by, and tells whether the picture is HDR.

    The file's own comes first; None where the picture is sRGB, as far as it says.
    """
    if nclx is None:
        return icc, False
    return icc or make_profile(*nclx), nclx[1] in _HDR


@lru_cache(maxsize=32)
def make_profile(primaries: int, transfer: int) -> bytes | None:
    """Makes an ICC profile; None where the numbers say sRGB, or nothing that is known here.

    Of BT.709's own primaries only HDR and linear light are converted: many files name its curve and
    hold sRGB. PQ and HLG are brought to a display of diffuse white, which loses what is brighter.
    """
    known = primaries if primaries in _COLUMNS else 1
    if known == 1 and transfer not in {_LINEAR, *_HDR}:
        return None
    curve = _make_curve(transfer)
    tags = {b"wtpt": _make_xyz(_D50), b"desc": _make_description(f"H.273 {known}/{transfer}")}
    for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), _COLUMNS[known], strict=True):
        tags[name] = _make_xyz(column)
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    return _make_file(tags)


def _make_curve(transfer: int) -> bytes:
    """Makes the curve from coded value to light, both 0-1, as a table of 16 bits."""
    light = _CURVES.get(transfer, _decode_srgb)
    values = [light(step / (_STEPS - 1)) for step in range(_STEPS)]
    numbers = [round(65535 * min(1.0, max(0.0, value))) for value in values]
    return struct.pack(f">4sII{_STEPS}H", b"curv", 0, _STEPS, *numbers)


def _decode_srgb(code: float) -> float:
    return code / 12.92 if code <= 0.04045 else math.pow((code + 0.055) / 1.055, 2.4)


def _decode_bt1886(code: float) -> float:
    """Decodes BT.709 and BT.2020 as their displays do, by ITU-R BT.1886."""
    return math.pow(code, 2.4)


def _decode_pq(code: float) -> float:
    """Decodes SMPTE ST 2084."""
    root = code ** (1 / 78.84375)
    light = (max(root - 0.8359375, 0.0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
    return _press(10_000.0 * light / _WHITE)


def _decode_hlg(code: float) -> float:
    """Decodes ITU-R BT.2100's HLG, with the system gamma of its display in each channel."""
    low = code * code / 3
    scene = low if code <= 0.5 else (math.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12
    return _press(_HLG_PEAK * scene**1.2 / _WHITE)


def _press(light: float) -> float:
    """Presses light above diffuse white together, and leaves most of what is below it alone."""
    room = 1 - _KNEE
    return light if light <= _KNEE else 1 - room * math.exp((_KNEE - light) / room)


_CURVES: dict[int, Callable[[float], float]] = {
    **dict.fromkeys((1, 6, 14, 15), _decode_bt1886),
    _LINEAR: lambda code: code,
    16: _decode_pq,
    18: _decode_hlg,
}


def _make_xyz(values: tuple[float, float, float]) -> bytes:
    return struct.pack(">4sI3i", b"XYZ ", 0, *(round(value * 65536) for value in values))


def _make_description(text: str) -> bytes:
    words = text.encode("ascii") + b"\0"
    return struct.pack(">4sII", b"desc", 0, len(words)) + words + bytes(78)


def _make_file(tags: dict[bytes, bytes]) -> bytes:
    """Makes a profile of version 2 (ICC.1:2001-04) of a display."""
    start = 128 + 4 + 12 * len(tags)
    places: dict[bytes, int] = {}
    table, body = [], b""
    for name, content in tags.items():
        if content not in places:
            places[content] = start + len(body)
            body += content.ljust(-(-len(content) // 4) * 4, b"\0")
        table.append(struct.pack(">4sII", name, places[content], len(content)))
    header = struct.pack(
        ">I4sI4s4s4s12x4s28x3i48x",
        start + len(body),
        *(b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp"),
        *(round(value * 65536) for value in _D50),
    )
    return header + struct.pack(">I", len(tags)) + b"".join(table) + body
