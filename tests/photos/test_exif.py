from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_a_malformed_offset_leaves_the_time_local() -> None:
    seen = read_exif(corpus.exif(taken="2024:05:01 10:20:30", offset="soon")).taken_at
    assert seen is not None
    assert seen.tzinfo is None


@pytest.mark.parametrize("block", corpus.bad_exif())
def test_a_malformed_block_is_flagged_and_upright(block: bytes) -> None:
    assert read_exif(block) == Exif(bad=True)


@given(st.binary(max_size=200), st.integers(0, 199))
def test_no_bytes_make_the_reader_raise(noise: bytes, at: int) -> None:
    good = corpus.exif(6, "2024:05:01 10:20:30", "+02:00")
    for block in (noise, good[:at], good[:at] + noise, good[:14] + noise + good[14 + at :]):
        assert 1 <= read_exif(block).orientation <= 8
