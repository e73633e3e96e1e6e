"""`WorkingCalendar`: which days are worked; Monday to Friday without a house's holidays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator

from inspectiq._files import parse_table, read_text, to_path
from inspectiq._refusals import validate_raw
from inspectiq._taking import require, require_number, take
from inspectiq._values import Value
from inspectiq.errors import ConfigError

__all__ = ["WorkingCalendar", "take_calendar"]

DAY = timedelta(days=1)
KEYS = {"holidays", "weekend"}


class WorkingCalendar(Value):
    """A calendar of working days. No holidays ship with inspectiq: they differ by country and year.

    Attributes:
        holidays: Days that are not worked, sorted.
        weekend: Days of the week that are not worked, 0 for Monday; Saturday and Sunday.
    """

    holidays: tuple[date, ...] = ()
    weekend: tuple[Annotated[int, Field(ge=0, le=6)], ...] = (5, 6)

    @field_validator("holidays")
    @classmethod
    def _sort_holidays(cls, value: tuple[date, ...]) -> tuple[date, ...]:
        return tuple(sorted(set(value)))

    @field_validator("weekend")
    @classmethod
    def _check_weekend(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(value)) == 7:
            raise ValueError("a weekend of seven days leaves no working day; leave one out")
        return tuple(sorted(set(value)))

    @classmethod
    def from_file(cls, path: str | Path) -> WorkingCalendar:
        """Reads a calendar from a TOML or JSON file.

        TOML: `holidays = ["2026-12-25", 2026-12-28]`, and `weekend = [5, 6]` where it differs.
        JSON: the same, or the list of dates alone.

        Raises:
            ConfigError: The file cannot be read, or an entry is no date; with line and entry.
        """
        path = to_path(path, "working calendar")
        text = read_text(path, "working calendar")
        raw = parse_table(text, path)
        table = {"holidays": raw} if isinstance(raw, list) else raw
        if not isinstance(table, dict) or set(table) - KEYS:
            raise ConfigError(
                f"{path}: a working calendar has a list `holidays` of dates, and maybe `weekend`, "
                "and nothing else; remove the rest"
            )
        holidays = table.get("holidays", [])
        if not isinstance(holidays, list):
            raise ConfigError(f'{path}: `holidays` is no list; write ["2026-12-25", ...]')
        table = {**table, "holidays": tuple(_parse_dates(holidays, path, text))}
        try:
            return validate_raw(cls, table)
        except ValidationError as error:
            raise ConfigError(
                f"{path}: `weekend` is a list of days from 0 for Monday to 6 for Sunday, and "
                "leaves at least one to work on"
            ) from error

    def is_working(self, day: date) -> bool:
        """Tells whether a day is worked."""
        require(day, date, "day", "give a day, such as datetime.date(2026, 3, 2)")
        return day.weekday() not in self.weekend and day not in self.holidays

    def add_working_days(self, day: date, count: int) -> date:
        """Finds the working day that is so many after a day. That day itself does not count.

        Raises:
            ConfigError: It is past the year 9999, or something given is no day or count.
        """
        require(day, date, "day", "give a day, such as datetime.date(2026, 3, 2)")
        require_number(count, "count", least=0, whole=True)
        try:
            return self._add_working_days(day, count)
        except OverflowError:
            raise ConfigError(f"count: {count} working days end past the year 9999") from None

    def _add_working_days(self, day: date, count: int) -> date:
        while count:
            day += DAY
            count -= self.is_working(day)
        return day


def _parse_dates(entries: list[Any], path: Path, text: str) -> Iterable[date]:
    for number, entry in enumerate(entries, start=1):
        day = _parse_date(entry)
        if day is None:
            line = _find_line(str(entry), text)
            at = f"entry {number}" if line is None else f"line {line}, entry {number}"
            raise ConfigError(f"{path}: {at}: {entry!r} is no date; write it as 2026-12-25")
        yield day


def _parse_date(entry: Any) -> date | None:
    if isinstance(entry, datetime) or not isinstance(entry, date | str):
        return None
    try:
        return entry if isinstance(entry, date) else date.fromisoformat(entry)
    except ValueError:
        return None


def _find_line(entry: str, text: str) -> int | None:
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if entry in line), None)


def take_calendar(given: WorkingCalendar | Path | str, argument: str) -> WorkingCalendar:
    """Takes a calendar, or the path of a file.

    Raises:
        ConfigError: It is neither.
    """
    return take(
        given,
        WorkingCalendar,
        argument,
        read_file=WorkingCalendar.from_file,
        files=(".toml", ".json"),
    )
