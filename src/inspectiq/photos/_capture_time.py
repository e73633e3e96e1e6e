"""Reads a capture time as cameras, phones and editors write it: in three EXIF tags, or in one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

__all__ = ["parse_capture_time"]

FIRST_YEAR = 1826  # of the oldest photograph that is kept; unset clocks say 0000 or 0001
# Clocks on land are at most so far from UTC; what is further off is no offset.
_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)

_PAIR = r"\s?(\d{1,2})"  # some cameras write a blank for a leading zero
_MOMENT = re.compile(
    rf"(\d{{4}})[:/.-]{_PAIR}[:/.-]{_PAIR}(?:\s+|T){_PAIR}[:.-]{_PAIR}[:.-]{_PAIR}(?:[.,](\d+))?(?!\d)",
    re.ASCII | re.IGNORECASE,
)
_HALF_DAY = re.compile(r"([AP])\.?M\.?", re.IGNORECASE)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d\d))?", re.ASCII)
_UTC = frozenset({"Z", "UTC", "GMT"})


def parse_capture_time(taken: str, fraction: str = "", offset: str = "") -> datetime | None:
    """Parses a capture time; None for what no calendar has, such as an unset clock's zeros.

    A date without a time of day, or without seconds, is None: what is left out is not made up. A
    fraction or an offset that cannot be read is left out, and the time stays.

    Args:
        taken: Such as `2024:05:07 10:11:12`; ISO 8601's form, other separators, and a fraction or
            an offset at its end are read as well, and stand above the other two.
        fraction: Digits after the seconds' point, as `SubSecTimeOriginal` has them.
        offset: From UTC, as `OffsetTimeOriginal` has it: `+02:00`, `+0200`, `+2` or `Z`.

    Returns:
        Aware where an offset is known, else the camera's local time.
    """
    found = _MOMENT.match(taken.strip())
    if found is None:
        return None
    *fields, own_fraction = found.groups()
    rest = taken.strip()[found.end() :].strip()
    numbers = [int(field) for field in fields]
    if half := _HALF_DAY.match(rest):
        if not 1 <= numbers[3] <= 12:
            return None
        numbers[3] = numbers[3] % 12 + 12 * (half[1].upper() == "P")
        rest = rest[half.end() :].strip()
    zone = _parse_offset(rest)
    if zone is None and rest[:1].isalpha():
        return None  # another language's word for the afternoon, for all that is known
    return _make_moment(
        numbers, _parse_fraction(own_fraction or fraction), zone or _parse_offset(offset)
    )


def _make_moment(numbers: list[int], microsecond: int, zone: timezone | None) -> datetime | None:
    if numbers[0] < FIRST_YEAR:
        return None
    try:
        year, month, day, hour, minute, second = numbers
        moment = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=zone)
        if zone is not None:
            moment.astimezone(UTC)  # the last hours of the year 9999 have none
    except (ValueError, OverflowError):
        return None
    return moment


def _parse_fraction(digits: str) -> int:
    digits = digits.strip()
    return int(digits[:6].ljust(6, "0")) if digits.isascii() and digits.isdigit() else 0


def _parse_offset(text: str) -> timezone | None:
    first = next(iter(text.upper().split()), "")  # what follows may name the zone
    if first in _UTC:
        return UTC
    found = _OFFSET.fullmatch(first)
    if found is None:
        return None
    sign, hours, minutes = found[1], int(found[2]), int(found[3] or 0)
    ahead = timedelta(hours=hours, minutes=minutes) * (-1 if sign == "-" else 1)
    return timezone(ahead) if minutes < 60 and _WEST <= ahead <= _EAST else None
