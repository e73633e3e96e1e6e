"""Reads colours that a picture's codec states, for HEIF and AVIF files whose container states none.

They stand in AV1's sequence header and in HEVC's sequence parameter set, both near their beginning.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["read_av1_colours", "read_hevc_colours"]

_Numbers = tuple[int, int]  # colour primaries and transfer, by ITU-T H.273

_SEQUENCE_HEADER, _PARAMETER_SET = 1, 33  # types of AV1's and HEVC's units
_CONFIG_BYTES = {"av1C": 4, "hvcC": 22}  # before the units
_MOST_BYTES = 4000  # of one unit; written ones have about 12 and 50
_MOST_UNITS = 16


class _BitReader:
    """Reads bits one after another; raises `ValueError` past the end."""

    def __init__(self, data: bytes) -> None:
        self._bits, self._left = int.from_bytes(data, "big"), 8 * len(data)

    def read(self, count: int) -> int:
        """Reads an unsigned number of that many bits."""
        if count > self._left:
            raise ValueError("the codec's header ends within a field")
        self._left -= count
        return self._bits >> self._left & (1 << count) - 1

    def read_code(self) -> int:
        """Reads a number in an Exp-Golomb code (`ue(v)`, and AV1's `uvlc`)."""
        zeros = 0
        while not self.read(1):
            zeros += 1
        return (1 << zeros) - 1 + self.read(zeros)

    def skip_codes(self, count: int) -> None:
        """Passes over that many numbers of the same code."""
        for _ in range(count):
            self.read_code()


def read_av1_colours(config: bytes, coded: bytes) -> _Numbers | None:
    """Reads them from the codec's configuration (`av1C`), else from the beginning of what is coded.

    None where they are not stated, or cannot be read.
    """
    for units in (config[_CONFIG_BYTES["av1C"] :], coded):
        try:
            header = next(_list_sequence_headers(units), None)
            if header is not None:
                return _read_sequence_header(_BitReader(header))
        except ValueError:
            continue
    return None


def _list_sequence_headers(units: bytes) -> Iterator[bytes]:
    at = 0
    for _ in range(_MOST_UNITS):
        if at >= len(units):
            return
        head, at = units[at], at + (2 if units[at] & 4 else 1)
        size = len(units) - at
        if head & 2:
            size, shift = 0, 0
            for byte in units[at : at + 8]:  # seven bits a byte, the lowest first
                size, shift, at = size | (byte & 127) << shift, shift + 7, at + 1
                if byte < 128:
                    break
        if head >> 3 & 15 == _SEQUENCE_HEADER:
            yield units[at : at + min(size, _MOST_BYTES)]
        at += size


def _read_sequence_header(bits: _BitReader) -> _Numbers | None:
    """Reads a sequence header (AV1 Bitstream & Decoding Process Specification, 5.5)."""
    profile = bits.read(3)
    bits.read(1)
    reduced = bits.read(1)
    if reduced:
        bits.read(5)
    else:
        _skip_operating_points(bits)
    sides = bits.read(4) + 1, bits.read(4) + 1
    bits.read(sum(sides))
    if not reduced and bits.read(1):
        bits.read(7)
    bits.read(3)
    if not reduced:
        _skip_tools(bits)
    bits.read(3)
    is_deep = bits.read(1)
    if profile == 2 and is_deep:
        bits.read(1)
    if profile != 1:
        bits.read(1)
    return (bits.read(8), bits.read(8)) if bits.read(1) else None


def _skip_operating_points(bits: _BitReader) -> None:
    delay_bits = 0
    if bits.read(1):  # timing
        bits.read(64)
        if bits.read(1):
            bits.read_code()
        if bits.read(1):  # a model of the decoder
            delay_bits = bits.read(5) + 1
            bits.read(42)
    has_delay = bits.read(1)
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) > 7:
            bits.read(1)
        if delay_bits and bits.read(1):
            bits.read(2 * delay_bits + 1)
        if has_delay and bits.read(1):
            bits.read(4)


def _skip_tools(bits: _BitReader) -> None:
    bits.read(4)
    is_ordered = bits.read(1)
    if is_ordered:
        bits.read(2)
    if bits.read(1) or bits.read(1):  # screen content, which may have whole vectors
        bits.read(1) or bits.read(1)
    if is_ordered:
        bits.read(3)


def read_hevc_colours(config: bytes) -> _Numbers | None:
    """Reads them from the codec's configuration (`hvcC`); None where they are not stated."""
    try:
        for unit in _list_parameter_sets(config):
            return _read_parameter_set(_BitReader(unit.replace(b"\0\0\3", b"\0\0")))
    except ValueError:
        pass
    return None


def _list_parameter_sets(config: bytes) -> Iterator[bytes]:
    at = _CONFIG_BYTES["hvcC"] + 1
    for _ in range(min(_MOST_UNITS, int.from_bytes(config[at - 1 : at], "big"))):
        kind, count = config[at : at + 1], int.from_bytes(config[at + 1 : at + 3], "big")
        at += 3
        for _ in range(min(_MOST_UNITS, count)):
            size = int.from_bytes(config[at : at + 2], "big")
            if kind and kind[0] & 63 == _PARAMETER_SET:
                yield config[at + 2 : at + 2 + min(size, _MOST_BYTES)]
            at += 2 + size


def _read_parameter_set(bits: _BitReader) -> _Numbers | None:
    """Reads a sequence parameter set (ITU-T H.265, 7.3.2.2) as far as its colours (annex E.2.1)."""
    bits.read(20)
    layers = bits.read(3)
    bits.read(1 + 96)
    stated = [bits.read(2) for _ in range(8 if layers else 0)][:layers]
    bits.read(sum(88 * (flags >> 1) + 8 * (flags & 1) for flags in stated))
    bits.read_code()
    if bits.read_code() == 3:
        bits.read(1)
    bits.skip_codes(2)
    if bits.read(1):
        bits.skip_codes(4)
    bits.skip_codes(2)
    order_bits = bits.read_code() + 4
    bits.skip_codes(3 if not bits.read(1) else 3 * (layers + 1))
    bits.skip_codes(6)
    if bits.read(1) and bits.read(1):
        raise ValueError("it has scaling lists")  # which no still picture was seen to have
    bits.read(2)
    if bits.read(1):
        bits.read(8)
        bits.skip_codes(2)
        bits.read(1)
    _skip_references(bits, order_bits)
    bits.read(2)
    return _read_usability(bits) if bits.read(1) else None


def _skip_references(bits: _BitReader, order_bits: int) -> None:
    for number in range(bits.read_code()):
        if number and bits.read(1):
            raise ValueError("its references are told by others")  # in films alone
        for _ in range(bits.read_code() + bits.read_code()):
            bits.read_code()
            bits.read(1)
    if bits.read(1):
        for _ in range(bits.read_code()):
            bits.read(order_bits + 1)


def _read_usability(bits: _BitReader) -> _Numbers | None:
    if bits.read(1) and bits.read(8) == 255:
        bits.read(32)
    if bits.read(1):
        bits.read(1)
    if bits.read(1):
        bits.read(4)
        if bits.read(1):
            return bits.read(8), bits.read(8)
    return None
