import struct
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from inspectiq.photos._exif import Exif, read_exif
from tests.photos import corpus


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_read(orientation: int) -> None:
    assert read_exif(corpus.exif(orientation)) == Exif(orientation)


def test_a_capture_time_is_local_unless_exif_has_an_offset() -> None:
    local = read_exif(corpus.exif(taken="2024:05:01 10:20:30")).taken_at
    assert local == datetime(2024, 5, 1, 10, 20, 30)
    aware = read_exif(corpus.exif(taken="2024:05:01 10:20:30", offset="+02:00")).taken_at
    assert aware is not None
    assert aware.utcoffset() == timedelta(hours=2)
    assert aware == datetime(2024, 5, 1, 8, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize("taken", ["0000:00:00 00:00:00", "yesterday", "2024:13:40 10:00:00"])
def test_a_time_that_no_calendar_has_is_none_and_not_a_fault(taken: str) -> None:
    assert read_exif(corpus.exif(taken=taken)) == Exif()


@pytest.mark.parametrize("offset", ["soon", "+99:99", "+24:00", "+02:60"])
def test_a_malformed_offset_leaves_the_time_local(offset: str) -> None:
    block = corpus.exif(taken="2024:05:01 10:20:30", offset=offset)
    assert read_exif(block) == Exif(1, datetime(2024, 5, 1, 10, 20, 30))


ORIGINAL, DIGITIZED, CHANGED = 0x9003, 0x9004, 0x0132


def times(details: dict[int, Any], main: dict[int, Any] | None = None) -> datetime | None:
    """The capture time that is read from these tags, as Pillow writes them."""
    block = Image.Exif()
    block.update(main or {})
    block.get_ifd(0x8769).update(details)
    return read_exif(block.tobytes()).taken_at


def test_the_moment_of_digitizing_is_taken_where_that_of_the_shot_is_unknown() -> None:
    scan = {DIGITIZED: "2024:05:01 10:20:30", 0x9012: "+02:00", 0x9292: "25"}
    seen = datetime(2024, 5, 1, 10, 20, 30, 250_000, timezone(timedelta(hours=2)))
    assert times(scan) == seen
    assert times({**scan, ORIGINAL: "0000:00:00 00:00:00"}) == seen
    assert times({**scan, ORIGINAL: "1999:01:02 03:04:05"}) == datetime(1999, 1, 2, 3, 4, 5)


def test_an_offset_and_a_fraction_count_for_their_own_time_only() -> None:
    taken = "2024:05:01 10:20:30"
    others = {0x9010: "+02:00", 0x9012: "+03:00", 0x9290: "5", 0x9292: "6"}
    assert times({ORIGINAL: taken, **others}) == datetime(2024, 5, 1, 10, 20, 30)
    assert times({ORIGINAL: taken, 0x9291: "75", 0x9011: "Z"}) == datetime(
        2024, 5, 1, 10, 20, 30, 750_000, UTC
    )


def test_when_a_file_was_changed_or_a_satellite_seen_is_no_capture_time() -> None:
    block = Image.Exif()
    block[CHANGED] = "2024:05:01 10:20:30"
    block.get_ifd(0x8825).update({29: "2024:05:01", 7: (10.0, 20.0, 30.0)})
    assert read_exif(block.tobytes()) == Exif()


def test_times_that_stand_beside_the_orientation_are_read_too() -> None:
    assert times({}, {ORIGINAL: "2024:05:01 10:20:30"}) == datetime(2024, 5, 1, 10, 20, 30)


@pytest.mark.parametrize("text", [b"2024:05:01 10:20:30  ", b"2024:05:01 10:20:30\0\0rest"])
def test_blanks_and_zeros_after_a_time_do_not_matter(text: bytes) -> None:
    assert times({ORIGINAL: text}) == datetime(2024, 5, 1, 10, 20, 30)


@pytest.mark.parametrize("orientation", [0, 9, 77, 65535])
def test_a_wrong_orientation_takes_no_time_along(orientation: int) -> None:
    block = corpus.exif(orientation, "2024:05:01 10:20:30")
    assert read_exif(block) == Exif(1, datetime(2024, 5, 1, 10, 20, 30), bad=orientation > 0)


def test_one_damaged_entry_takes_no_other_along() -> None:
    good = corpus.exif(6, "2024:05:01 10:20:30", "+02:00")
    order = "<" if good[6:8] == b"II" else ">"
    for tag in (0x0112, 0x9011):
        at = good.index(struct.pack(order + "H", tag))
        broken = good[: at + 2] + struct.pack(order + "H", 99) + good[at + 4 :]
        seen = read_exif(broken)
        assert (seen.bad, seen.orientation) == (True, 1 if tag == 0x0112 else 6)
        assert seen.taken_at is not None
        assert seen.taken_at.replace(tzinfo=None) == datetime(2024, 5, 1, 10, 20, 30)


@pytest.mark.parametrize("block", corpus.bad_exif())
def test_a_malformed_block_is_flagged_and_upright(block: bytes) -> None:
    assert read_exif(block) == Exif(bad=True)


@given(st.binary(max_size=200), st.integers(0, 199))
def test_no_bytes_make_the_reader_raise(noise: bytes, at: int) -> None:
    good = corpus.exif(6, "2024:05:01 10:20:30", "+02:00")
    for block in (noise, good[:at], good[:at] + noise, good[:14] + noise + good[14 + at :]):
        assert 1 <= read_exif(block).orientation <= 8
