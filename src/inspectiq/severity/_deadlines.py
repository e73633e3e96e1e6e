"""`TimeLimit`: how soon something must be done, and the deadline that follows from it.

Hours are true elapsed hours, also where the clocks change. Days and weeks keep the time of day on
the wall: a time that the clocks skip is moved on by what they skip, one that comes twice is the
first. Working days do not count the day of the event and are due when the last of them ends, at
23:59:59: our assumption. All of it is told in the property's time zone, in UTC where it has none.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from inspectiq._values import Value
from inspectiq.domain._property import CaseFacts
from inspectiq.domain._severity import Deadline
from inspectiq.domain._sourced import Sourced
from inspectiq.errors import ConfigError
from inspectiq.severity._working_days import WorkingCalendar

__all__ = ["Clock", "Span", "TimeLimit", "compute_due_time"]

Clock = Literal["reported_at", "investigated_at", "inspected_at"]
Count = Annotated[int, Field(ge=0, le=10_000)]  # a guard against a slip of the pen


class Span(Value):
    """A length of time: exactly one of hours, calendar days, working days, weeks.

    Attributes:
        hours: That pass, also where the clocks change.
        days: Calendar days, at the same time on the wall.
        working_days: Days that the calendar works; due when the last of them ends.
        weeks: Seven calendar days each.
    """

    hours: Count | None = None
    days: Count | None = None
    working_days: Count | None = None
    weeks: Count | None = None

    @model_validator(mode="after")
    def _check_one(self) -> Span:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("give one of hours, days, working_days, weeks")
        return self

    def __str__(self) -> str:
        ((unit, count),) = self.model_dump(exclude_none=True).items()
        words = unit.replace("_", " ")
        return f"{count} {words.removesuffix('s') if count == 1 else words}"


class TimeLimit(Sourced):
    """A time limit: what is to be done, and how long after which event.

    Attributes:
        action: What is to be done, such as `make safe`.
        clock: The moment of the case that starts it.
        after: How long; None where the time limit is not known.
        source: Who set it.
        mark: How sure that is.
    """

    action: str
    clock: Clock
    after: Span | None = None

    def compute_deadline(
        self, case: CaseFacts | None, calendar: WorkingCalendar, *, of: str
    ) -> Deadline:
        """Computes the deadline of a case; one without a due time says what it needs for that.

        Args:
            case: The facts of the case; None leaves the start unknown.
            calendar: Which days are worked.
            of: What sets it, such as `awaab significant`.
        """
        start: datetime | None = None if case is None else getattr(case, self.clock)
        if self.after is None:
            return self._make_deadline(
                start, needs="a time limit", rule=f"{of}: no time limit is known"
            )
        rule = f"{of}: {self.after} after {self.clock}"
        if start is None:
            return self._make_deadline(None, needs=self.clock, rule=rule)
        assert case is not None
        zone = case.property.time_zone
        rule += _explain_count(self.after, zone, calendar)
        try:
            due = compute_due_time(start, self.after, zone or "UTC", calendar)
        except (OverflowError, ConfigError):  # both where it lies past the calendar's end
            return self._make_deadline(start, needs=f"a likely {self.clock}", rule=rule)
        return self._make_deadline(start, due=due, rule=rule)

    def _make_deadline(
        self, start: datetime | None, *, rule: str, due: datetime | None = None, needs: str = ""
    ) -> Deadline:
        return Deadline(
            action=self.action,
            clock=self.clock,
            start=start,
            due=due,
            rule=rule,
            needs=needs or None,
            source=self.cite,
        )


def _explain_count(span: Span, zone: str | None, calendar: WorkingCalendar) -> str:
    place = f", in {zone}" if zone else ", in UTC as the property has no time zone"
    if span.working_days is not None and not calendar.holidays:
        return f", no holidays given{place}"
    return place


def compute_due_time(start: datetime, span: Span, zone: str, calendar: WorkingCalendar) -> datetime:
    """Computes the time that is a span after a start.

    Args:
        start: With a time zone.
        span: How long.
        zone: IANA name of the time zone that days are counted in and the answer is told in.
        calendar: Which days are worked.

    Raises:
        OverflowError, ConfigError: It lies beyond the years 1 to 9999.
    """
    there = ZoneInfo(zone)
    if span.hours is not None:
        return (start.astimezone(UTC) + timedelta(hours=span.hours)).astimezone(there)
    local = start.astimezone(there)
    if span.working_days is not None:
        last = calendar.add_working_days(local.date(), span.working_days)
        midnight = datetime.combine(last + timedelta(days=1), time(), tzinfo=there)
        return (midnight.astimezone(UTC) - timedelta(seconds=1)).astimezone(there)
    days = span.days if span.weeks is None else 7 * span.weeks
    assert days is not None
    wall = local.replace(tzinfo=None, fold=0) + timedelta(days=days)
    return wall.replace(tzinfo=there).astimezone(UTC).astimezone(there)  # out of a skipped hour
