from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq.domain import CaseFacts
from inspectiq.severity import Span, TimeLimit, WorkingCalendar
from inspectiq.severity._deadlines import compute_due_time

zones = st.sampled_from(
    ("UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Santiago",
     "Pacific/Apia", "America/Havana", "Asia/Kathmandu")
)  # fmt: skip
starts = st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
calendars = st.builds(
    WorkingCalendar,
    holidays=st.lists(st.dates(date(2005, 1, 1), date(2035, 1, 1)), max_size=5).map(tuple),
    weekend=st.sampled_from(((5, 6), (4, 5), ())),
)


@settings(max_examples=60, deadline=None)
@given(starts, zones, st.integers(0, 3000))
def test_hours_are_hours_that_pass(start: datetime, zone: str, hours: int) -> None:
    due = compute_due_time(start, Span(hours=hours), zone, WorkingCalendar())
    assert due.astimezone(UTC) - start == timedelta(hours=hours)


@settings(max_examples=60, deadline=None)
@given(starts, zones, st.integers(1, 300))
def test_days_are_on_the_wall_and_at_most_what_the_clocks_skip_later(
    start: datetime, zone: str, days: int
) -> None:
    due = compute_due_time(start, Span(days=days), zone, WorkingCalendar())
    assert due.tzinfo is not None
    there = start.astimezone(due.tzinfo).replace(tzinfo=None)
    late = due.replace(tzinfo=None, fold=0) - there - timedelta(days=days)
    assert late in (timedelta(), timedelta(minutes=30), timedelta(hours=1), timedelta(days=1))
    assert due.astimezone(UTC) > start


@settings(max_examples=30, deadline=None)
@given(starts, zones, st.integers(0, 40))
def test_a_week_is_seven_days(start: datetime, zone: str, weeks: int) -> None:
    calendar = WorkingCalendar()
    assert compute_due_time(start, Span(weeks=weeks), zone, calendar) == compute_due_time(
        start, Span(days=7 * weeks), zone, calendar
    )


@settings(max_examples=100, deadline=None)
@given(starts, zones, calendars, st.integers(1, 30))
def test_working_days_end_with_the_last_second_of_a_working_day(
    start: datetime, zone: str, calendar: WorkingCalendar, count: int
) -> None:
    due = compute_due_time(start, Span(working_days=count), zone, calendar)
    assert due.tzinfo is not None
    assert due.time() == time(23, 59, 59)
    assert calendar.is_working(due.date())
    first = start.astimezone(due.tzinfo).date()
    days = [first + timedelta(days=n) for n in range(1, (due.date() - first).days + 1)]
    assert sum(map(calendar.is_working, days)) == count


@settings(max_examples=40, deadline=None)
@given(starts, zones, calendars, st.integers(0, 20))
def test_a_later_start_is_never_due_earlier(
    start: datetime, zone: str, calendar: WorkingCalendar, count: int
) -> None:
    later = start + timedelta(hours=7)
    for span in (Span(hours=count), Span(working_days=count)):
        assert compute_due_time(start, span, zone, calendar) <= compute_due_time(
            later, span, zone, calendar
        )


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (Span(hours=24), "24 hours"),
        (Span(days=1), "1 day"),
        (Span(working_days=10), "10 working days"),
        (Span(working_days=1), "1 working day"),
        (Span(weeks=0), "0 weeks"),
    ],
)
def test_a_span_reads_as_people_say_it(span: Span, words: str) -> None:
    assert str(span) == words


@pytest.mark.parametrize("wrong", [{}, {"hours": 1, "days": 1}, {"days": -1}, {"days": 10_001}])
def test_a_span_is_one_number_within_reason(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        Span(**wrong)


@pytest.mark.parametrize("span", [Span(hours=48), Span(days=2), Span(working_days=2)])
def test_a_start_at_the_end_of_time_has_no_due_time_and_says_so(span: Span) -> None:
    end = CaseFacts(id="c", reported_at=datetime(9999, 12, 30, 12, tzinfo=UTC))
    limit = TimeLimit(action="mend", clock="reported_at", after=span)
    deadline = limit.compute_deadline(end, WorkingCalendar(), of="test")
    assert deadline.due is None
    assert deadline.needs == "a likely reported_at"
