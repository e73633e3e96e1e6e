"""The profile `awaab`, row by row.

In England in 2026 the clocks change on 29 March and 25 October; Good Friday is 3 April and Easter
Monday 6 April.
"""

from datetime import date
from typing import Any

import pytest

from inspectiq import ConfigError, SeverityPolicy
from inspectiq.severity import WorkingCalendar
from tests.severity.cases import Row, case, finding

EASTER = WorkingCalendar(holidays=(date(2026, 4, 3), date(2026, 4, 6)))
POLICY = SeverityPolicy.of("awaab", calendar=EASTER)
WHEN: dict[str, Any] = {
    "zone": "Europe/London",
    "reported": "2026-03-27T16:00",  # a Friday
    "investigated": "2026-04-01T09:00",  # the Wednesday before Easter
}
TWO_CLOCKS = (
    "2026-04-14T23:59:59+01:00",  # 10 working days after the report
    "2026-04-08T23:59:59+01:00",  # 3 after the investigation
    "2026-04-10T23:59:59+01:00",  # 5 after the investigation
    "2026-06-24T09:00:00+01:00",  # 12 weeks after it
)
HOURS_24 = ("2026-03-28T16:00:00+00:00", "2026-04-02T09:00:00+01:00")
ENGINE = "proposed by the engine"

ROWS = [
    Row("clog", "low", "routine", ENGINE),
    Row("clog", "medium", "routine", ENGINE),
    Row("walkway_trip", "high", "hazard", ENGINE),
    Row("panel_fault", "low", "hazard", "live_parts"),
    Row("panel_fault", "critical", "emergency", ENGINE, HOURS_24),
    Row("panel_fault", "emergency", "emergency", ENGINE, HOURS_24),
    Row("gas_leak_reported", "low", "emergency", "floor: gas_leak_reported", HOURS_24),
    Row("ceiling_stain", "low", "emergency", "floor: water_near_electrics", HOURS_24,
        facts=("water_near_electrics",)),
    Row("sewage", "low", "hazard", "floor: sewage"),
    Row("smoke_alarm_missing", "medium", "hazard", "floor: smoke_alarm_missing"),
    Row("damp", "low", "significant", "damp_and_mould", TWO_CLOCKS),
    Row("condensation", None, "significant", "damp_and_mould", TWO_CLOCKS),
    Row("mold_suspect", "high", "significant", "damp_and_mould", TWO_CLOCKS, seen={"extent": 2}),
    Row("mold_suspect", "low", "significant", "damp_and_mould", TWO_CLOCKS,
        seen={"room": "bedroom"}, when={"at_risk": True}),
    Row("mold_suspect", "low", "emergency", "mould_and_people_at_risk", HOURS_24,
        seen={"extent": 120}, when={"at_risk": True}),
    Row("mold_suspect", "critical", "emergency", ENGINE, HOURS_24),
    Row("water_stain", "low", "routine", ENGINE),
    Row("water_stain", "low", "significant", "running_water_and_damp", TWO_CLOCKS,
        facts=("growing",)),
    Row("supply_leak", "low", "hazard", "running_water", facts=("active_water",)),
    Row("scuff_scratch", "critical", "routine", "cap: scuff_scratch"),
    Row("damp", "high", None, "confidence 0.2 is below 0.5", seen={"confidence": 0.2}),
    # reported on a Saturday; the weekend does not count
    Row("damp", None, "significant", "damp_and_mould",
        ("2026-03-20T23:59:59+00:00", "2026-03-12T23:59:59+00:00", "2026-03-16T23:59:59+00:00",
         "2026-06-01T08:00:00+01:00"),
        when={"reported": "2026-03-07T11:00", "investigated": "2026-03-09T08:00"}),
    # a report but no investigation: one clock runs, the other says what it needs
    Row("damp", None, "significant", "damp_and_mould", (TWO_CLOCKS[0], None, None, None),
        when={"investigated": None}),
    Row("damp", None, "significant", "damp_and_mould", (None, *TWO_CLOCKS[1:]),
        when={"reported": None}),
    # 24 hours over the change to summer time, and over the change back
    Row("clog", "critical", "emergency", ENGINE,
        ("2026-03-29T13:00:00+01:00", "2026-03-29T19:00:00+01:00"),
        when={"reported": "2026-03-28T12:00", "investigated": "2026-03-28T18:00"}),
    Row("clog", "critical", "emergency", ENGINE,
        ("2026-10-25T11:00:00+00:00", "2026-10-25T17:00:00+00:00"),
        when={"reported": "2026-10-24T12:00", "investigated": "2026-10-24T18:00"}),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.type}-{row.proposed}-{row.rule}")
def test_awaab_decides(row: Row) -> None:
    row.check(POLICY, **WHEN)


def test_an_unknown_start_is_named_and_is_never_now() -> None:
    deadlines = POLICY.grade(finding("damp"), case(zone="Europe/London")).deadlines
    assert [deadline.due for deadline in deadlines] == [None] * 4
    assert [deadline.needs for deadline in deadlines] == ["reported_at", *["investigated_at"] * 3]


def test_the_day_of_the_report_does_not_count_even_just_after_midnight() -> None:
    report = case(zone="Europe/London", reported="2026-03-02T00:01")
    assert (
        POLICY.grade(finding("damp"), report).deadlines[0].due
        == case(zone="Europe/London", reported="2026-03-16T23:59:59").reported_at
    )


def test_a_day_is_the_propertys_day() -> None:
    """Monday 23:30 in London is Tuesday in Kiritimati."""
    london = case(zone="Europe/London", reported="2026-01-12T23:30")
    far = london.model_copy(
        update={"property": london.property.model_copy(update={"time_zone": "Pacific/Kiritimati"})}
    )
    dues = [POLICY.grade(finding("damp"), facts).deadlines[0].due for facts in (london, far)]
    assert [due and due.isoformat() for due in dues] == [
        "2026-01-26T23:59:59+00:00",
        "2026-01-27T23:59:59+14:00",
    ]


def test_a_calendar_without_holidays_is_said_to_have_none() -> None:
    deadline = SeverityPolicy.of("awaab").grade(finding("damp"), case(**WHEN)).deadlines[0]
    assert deadline.due is not None
    assert deadline.due.isoformat() == "2026-04-10T23:59:59+01:00"
    assert "no holidays given" in deadline.rule


def test_awaab_applies_from_27_october_2025() -> None:
    assert POLICY.grade(finding("damp"), as_of=date(2025, 10, 27)).level == "significant"
    with pytest.raises(ConfigError, match="applies from 2025-10-27 to now on, and 2025-10-26 is b"):
        POLICY.grade(finding("damp"), as_of=date(2025, 10, 26))
