"""The profile `house`, row by row. The clocks of Chicago change on 8 March and 1 November 2026."""

from typing import Any

import pytest

from inspectiq import SeverityPolicy
from tests.severity.cases import Row, case, finding

POLICY = SeverityPolicy.default()
WHEN: dict[str, Any] = {"zone": "America/Chicago", "inspected": "2026-03-02T10:00"}  # a Monday
DAYS_90 = ("2026-05-31T10:00:00-05:00",)
DAYS_30 = ("2026-04-01T10:00:00-05:00",)
DAYS_7 = ("2026-03-09T10:00:00-05:00",)
HOURS_24 = ("2026-03-03T10:00:00-06:00",)
ENGINE = "proposed by the engine"

ROWS = [
    Row("clog", "low", "low", ENGINE, DAYS_90),
    Row("clog", "medium", "medium", ENGINE, DAYS_30),
    Row("wall_hole", "high", "high", ENGINE, DAYS_7),
    Row("panel_fault", "critical", "critical", ENGINE, HOURS_24),
    Row("panel_fault", "low", "high", "live_parts", DAYS_7),
    Row("scuff_scratch", "critical", "low", "cap: scuff_scratch", DAYS_90),
    Row("graffiti", None, None, "the engine proposed no level"),
    Row("nail_holes", None, "low", "cap: nail_holes", DAYS_90),
    Row("gas_leak_reported", "low", "critical", "floor: gas_leak_reported", HOURS_24),
    Row("ceiling_stain", "low", "critical", "floor: water_near_electrics", HOURS_24,
        facts=("water_near_electrics",)),
    Row("smoke_alarm_missing", "low", "high", "floor: smoke_alarm_missing", DAYS_7),
    Row("ceiling_stain", "low", "high", "running_water", DAYS_7, facts=("active_water",)),
    Row("missing_cover", "low", "critical", "conductor_in_a_childs_reach", HOURS_24,
        facts=("child_reach", "exposed_conductor")),
    Row("mold_suspect", "low", "low", ENGINE, DAYS_90, seen={"extent": 9.9}),
    Row("mold_suspect", "low", "medium", "mold", DAYS_30, seen={"extent": 10}),
    Row("mold_suspect", "low", "medium", "mold", DAYS_30, seen={"extent": 100}),
    Row("mold_suspect", "low", "high", "mold_large", DAYS_7, seen={"extent": 100.1}),
    Row("mold_suspect", "medium", "high", "sleeping_room", DAYS_7, seen={"room": "Child's room"}),
    Row("mold_suspect", "medium", "medium", ENGINE, DAYS_30, seen={"room": "bathroom"}),
    Row("mold_suspect", "medium", "critical", "occupants_at_risk", HOURS_24,
        seen={"room": "unit 4b / bedroom 2"}, when={"at_risk": True}),
    Row("no_heat", "medium", "high", "heating", DAYS_7),
    Row("no_heat", "medium", "critical", "occupants_at_risk", HOURS_24, when={"at_risk": True}),
    Row("clog", "high", None, "confidence 0.49 is below 0.5", seen={"confidence": 0.49}),
    Row("clog", "high", "high", ENGINE, DAYS_7, seen={"confidence": 0.5}),
    Row("clog", "high", "high", ENGINE, DAYS_7, seen={"confidence": None}),
    # a day of 23 hours, a day of 25 hours, and weeks that keep the time on the wall
    Row("clog", "critical", "critical", ENGINE, ("2026-03-08T13:00:00-05:00",),
        when={"inspected": "2026-03-07T12:00"}),
    Row("clog", "critical", "critical", ENGINE, ("2026-11-01T11:00:00-06:00",),
        when={"inspected": "2026-10-31T12:00"}),
    Row("clog", "high", "high", ENGINE, ("2026-11-04T09:00:00-06:00",),
        when={"inspected": "2026-10-28T09:00"}),
    # due on a Sunday: calendar days do not ask
    Row("clog", "high", "high", ENGINE, ("2026-03-15T18:30:00-05:00",),
        when={"inspected": "2026-03-08T18:30"}),
    Row("clog", "high", "high", ENGINE, (None,), when={"inspected": None}),
    Row("clog", "high", "high", ENGINE, ("2026-03-09T10:00:00+00:00",), when={"zone": None}),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.type}-{row.proposed}-{row.rule}")
def test_house_decides(row: Row) -> None:
    row.check(POLICY, **WHEN)


def test_a_deadline_says_in_which_time_zone_it_is_told() -> None:
    (there,) = POLICY.grade(finding("clog", "high"), case(**WHEN)).deadlines
    assert there.rule == "house high: 7 days after inspected_at, in America/Chicago"
    (nowhere,) = POLICY.grade(finding("clog", "high"), case(inspected="2026-03-02")).deadlines
    assert nowhere.rule.endswith("in UTC as the property has no time zone")


def test_a_rule_about_mold_cites_where_its_number_comes_from() -> None:
    severity = POLICY.grade(finding("mold_suspect", "low", extent=20))
    assert severity.source == (
        "our assumption [A]; mold_sq_ft 10: US EPA 402-K-01-001, table 2: under 10 is small [S]"
    )


def test_house_applies_on_any_day() -> None:
    assert POLICY.effective_from is None
    assert POLICY.effective_to is None
