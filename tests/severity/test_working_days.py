from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inspectiq import ConfigError
from inspectiq.severity import WorkingCalendar


def _written(folder: Path, text: str, name: str = "days.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_weekends_and_holidays_are_not_worked() -> None:
    calendar = WorkingCalendar(holidays=(date(2026, 12, 25), date(2026, 12, 28)))
    assert calendar.is_working(date(2026, 12, 24))
    assert not calendar.is_working(date(2026, 12, 25))
    assert not calendar.is_working(date(2026, 12, 27))
    assert calendar.add_working_days(date(2026, 12, 24), 1) == date(2026, 12, 29)
    assert calendar.add_working_days(date(2026, 12, 26), 1) == date(2026, 12, 29)


def test_a_weekend_may_lie_elsewhere() -> None:
    calendar = WorkingCalendar(weekend=(4, 5))
    assert calendar.is_working(date(2026, 11, 22))  # a Sunday
    assert not calendar.is_working(date(2026, 11, 20))


def test_the_order_in_which_holidays_are_given_does_not_matter() -> None:
    days = (date(2026, 12, 28), date(2026, 12, 25), date(2026, 12, 28))
    assert WorkingCalendar(holidays=days) == WorkingCalendar(holidays=tuple(sorted(set(days))))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("days.toml", 'holidays = ["2026-12-25", 2026-12-28]'),
        ("days.json", '["2026-12-28", "2026-12-25"]'),
        ("days.json", '{"holidays": ["2026-12-25", "2026-12-28"], "weekend": [5, 6]}'),
    ],
)
def test_a_calendar_is_read_from_toml_or_json(tmp_path: Path, name: str, text: str) -> None:
    calendar = WorkingCalendar.from_file(_written(tmp_path, text, name))
    assert calendar.holidays == (date(2026, 12, 25), date(2026, 12, 28))
    assert calendar.weekend == (5, 6)


def test_a_calendar_may_have_no_holidays(tmp_path: Path) -> None:
    assert WorkingCalendar.from_file(_written(tmp_path, "")).holidays == ()


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("days.toml", 'holidays = [\n"2026-12-25",\n"2026-02-30",\n]', "line 3, entry 2: '2026-02"),
        ("days.json", '["2026-12-25",\n 20261225]', "line 2, entry 2: 20261225 is no date"),
        ("days.json", "[null]", r"entry 1: None is no date; write it as 2026-12-25"),
        ("days.toml", "holidays = [2026-12-25T10:00:00]", "entry 1: .* is no date"),
        ("days.toml", "holidays = [2026-13-01]", r"days\.toml: this is not TOML.*line 1"),
        ("days.toml", 'holidays = "2026-12-25"', "`holidays` is no list"),
        ("days.toml", 'bank_holidays = ["2026-12-25"]', "and nothing else; remove the rest"),
        ("days.json", "3", "and nothing else"),
        ("days.toml", "weekend = [7]", "`weekend` is a list of days from 0 for Monday"),
        ("days.toml", "weekend = [0, 1, 2, 3, 4, 5, 6]", "leaves at least one to work on"),
    ],
)
def test_a_wrong_calendar_says_where(tmp_path: Path, name: str, text: str, match: str) -> None:
    with pytest.raises(ConfigError, match=match):
        WorkingCalendar.from_file(_written(tmp_path, text, name))


def test_a_missing_calendar_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: the working calendar cannot be read"):
        WorkingCalendar.from_file(tmp_path / "none.toml")


@pytest.mark.parametrize("wrong", [{"weekend": tuple(range(7))}, {"weekend": (7,)}])
def test_a_weekend_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        WorkingCalendar(**wrong)
