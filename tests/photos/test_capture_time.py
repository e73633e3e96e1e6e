from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectiq.photos._capture_time import parse_capture_time

NOON = datetime(2024, 5, 7, 10, 11, 12)
BERLIN = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    "taken",
    [
        "2024:05:07 10:11:12",
        "2024-05-07 10:11:12",
        "2024-05-07T10:11:12",
        "2024/05/07 10:11:12",
        "2024.05.07 10.11.12",
        "2024:05:07  10:11:12 ",
        "2024: 5: 7 10:11:12",
        "2024:5:7 10:11:12",
        "2024:05:07 10:11:12 AM",
        "2024:05:07 10:11:12.",
    ],
)
def test_a_time_is_read_whatever_stands_between_its_numbers(taken: str) -> None:
    assert parse_capture_time(taken) == NOON


@pytest.mark.parametrize(
    ("offset", "hours"),
    [
        ("+02:00", 2),
        ("+0200", 2),
        ("+2", 2),
        ("+5:30", 5.5),
        ("-03:30", -3.5),
        ("+14:00", 14),
        ("Z", 0),
        ("z", 0),
        ("UTC", 0),
        ("-00:00", 0),
        (" +02:00 ", 2),
        ("+02:00 CEST", 2),
        ("UTC+02:00", 2),
    ],
)
def test_an_offset_is_read_from_its_own_tag_and_from_the_value(offset: str, hours: float) -> None:
    for taken, tag in (("2024:05:07 10:11:12", offset), (f"2024:05:07 10:11:12{offset}", "")):
        seen = parse_capture_time(taken, offset=tag)
        assert seen == NOON.replace(tzinfo=timezone(timedelta(hours=hours)))
        assert seen is not None
        assert seen.utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    "offset",
    ["", "   :  ", "soon", "+99:99", "+02:60", "+15:00", "-13:00", "02:00", "+", "+02:00:00:00"],
)
def test_a_bad_offset_leaves_the_time_local(offset: str) -> None:
    assert parse_capture_time("2024:05:07 10:11:12", offset=offset) == NOON


def test_a_bad_offset_in_the_value_leaves_what_the_tag_says() -> None:
    assert parse_capture_time("2024:05:07 10:11:12+99:99") == NOON
    seen = parse_capture_time("2024:05:07 10:11:12+99:99", offset="+02:00")
    assert seen == NOON.replace(tzinfo=BERLIN)


def test_what_stands_in_the_value_stands_above_the_other_tags() -> None:
    seen = parse_capture_time("2024:05:07T10:11:12.5+02:00", "123", "-05:00")
    assert seen == NOON.replace(microsecond=500_000, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("fraction", "microsecond"),
    [("5", 500_000), ("050 ", 50_000), ("1234567", 123_456), ("", 0), ("  ", 0), ("x", 0)],
)
def test_a_fraction_is_digits_after_the_point(fraction: str, microsecond: int) -> None:
    assert parse_capture_time("2024:05:07 10:11:12", fraction) == NOON.replace(
        microsecond=microsecond
    )


@pytest.mark.parametrize(
    "taken",
    [
        "",
        "    :  :     :  :  ",
        "0000:00:00 00:00:00",
        "0001-01-01T00:00:00Z",  # how .NET says that there is none
        "yesterday",
        "2024:13:40 10:00:00",
        "2024:02:30 10:00:00",
        "2024:05:07 24:00:00",  # this midnight for some programs, the next one for others
        "2024:05:07 10:60:00",
        "9999:12:31 23:59:59-05:00",
        "24:05:07 10:11:12",
        "2024:05:07 10:11:123",
        "2024:05:07 13:11:12 AM",
        "2024:05:07 10:11:12 下午",
    ],
)
def test_a_time_that_no_calendar_has_or_that_may_be_another_is_none(taken: str) -> None:
    assert parse_capture_time(taken) is None


@pytest.mark.parametrize(
    "taken", ["2024:05:07", "2024:05:07   :  :  ", "2024:05:07 10:11", "10:11:12"]
)
def test_what_is_left_out_is_not_made_up(taken: str) -> None:
    assert parse_capture_time(taken, "5", "+02:00") is None


def test_the_afternoon_is_told_from_the_morning() -> None:
    hours = {"12:11:12 AM": 0, "01:11:12 PM": 13, "12:11:12pm": 12, "11:11:12 P.M.": 23}
    for words, hour in hours.items():
        assert parse_capture_time(f"2024:05:07 {words}") == NOON.replace(hour=hour)


@given(
    st.datetimes(datetime(1826, 1, 1), datetime(9998, 12, 31)),
    st.sampled_from([None, UTC, BERLIN, timezone(timedelta(hours=-3.5))]),
)
def test_what_iso_8601_writes_is_read_again(moment: datetime, zone: timezone | None) -> None:
    moment = moment.replace(tzinfo=zone)
    assert parse_capture_time(moment.isoformat()) == moment


@given(st.text(max_size=30), st.text(max_size=8), st.text(max_size=8))
def test_no_text_makes_the_reader_raise(taken: str, fraction: str, offset: str) -> None:
    for text in (taken, f"2024:05:07 10:11:12{taken}"):
        seen = parse_capture_time(text, fraction, offset)
        if seen is not None and seen.tzinfo is not None:
            assert seen.astimezone(UTC) == seen
