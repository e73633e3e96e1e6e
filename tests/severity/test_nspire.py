"""The profiles `nspire` and `nspire_hcv`, row by row.

The clocks of New York change on 8 March and 1 November 2026.
"""

from datetime import date
from typing import Any

import pytest

from inspectiq import ConfigError, SeverityPolicy
from tests.severity.cases import Row, case, finding

NSPIRE = SeverityPolicy.of("nspire")
HCV = SeverityPolicy.of("nspire_hcv")
WHEN: dict[str, Any] = {"zone": "America/New_York", "inspected": "2026-03-02T10:00"}  # a Monday
DAYS_60 = ("2026-05-01T10:00:00-04:00",)
DAYS_30 = ("2026-04-01T10:00:00-04:00",)
HOURS_24 = ("2026-03-03T10:00:00-05:00",)
UNKNOWN = (None,)
ENGINE = "proposed by the engine"

BOTH = [
    ("clog", "medium", "moderate", ENGINE, (), {}),
    ("range_fault", "moderate", "moderate", ENGINE, (), {}),
    ("wall_hole", "high", "severe", ENGINE, (), {}),
    ("wall_hole", "severe", "severe", ENGINE, (), {}),
    ("panel_fault", "critical", "life_threatening", ENGINE, (), {}),
    ("panel_fault", "medium", "severe", "live_parts", (), {}),
    ("gas_leak_reported", None, "life_threatening", "floor: gas_leak_reported", (), {}),
    ("water_at_electrics", "low", "life_threatening", "floor: water_at_electrics", (), {}),
    ("co_alarm_missing", "low", "severe", "floor: co_alarm_missing", (), {}),
    ("sewage", "medium", "severe", "floor: sewage", (), {}),
    ("walkway_trip", "low", "moderate", "trip", (), {}),
    ("door_damage", "low", "severe", "security_lost", ("security_lost",), {}),
    ("mold_suspect", "low", "moderate", "mold", (), {"extent": 12}),
    ("mold_suspect", "medium", "moderate", ENGINE, (), {"room": "bedroom"}),
    ("nail_holes", "high", "low", "cap: nail_holes", (), {}),
    ("window_broken", None, "moderate", "trip", (), {}),
]
DUE = {
    "low": (DAYS_60, UNKNOWN),
    "moderate": (DAYS_30, DAYS_30),
    "severe": (HOURS_24, DAYS_30),
    "life_threatening": (HOURS_24, HOURS_24),
}


@pytest.mark.parametrize(("policy", "which"), [(NSPIRE, 0), (HCV, 1)], ids=["nspire", "hcv"])
@pytest.mark.parametrize(("type", "proposed", "level", "rule", "facts", "seen"), BOTH)
def test_nspire_decides_and_vouchers_have_other_times(
    policy: SeverityPolicy, which: int, type: str, proposed: str | None, level: str, rule: str,
    facts: tuple[str, ...], seen: dict[str, object],
) -> None:  # fmt: skip
    Row(type, proposed, level, rule, DUE[level][which], facts, seen).check(policy, **WHEN)


@pytest.mark.parametrize("policy", [NSPIRE, HCV], ids=["nspire", "hcv"])
@pytest.mark.parametrize(
    ("inspected", "due"),
    [
        ("2026-03-07T12:00", "2026-03-08T13:00:00-04:00"),
        ("2026-10-31T12:00", "2026-11-01T11:00:00-05:00"),
        ("2026-03-06T17:00", "2026-03-07T17:00:00-05:00"),  # over a Saturday
        (None, None),
    ],
)
def test_24_hours_are_24_hours_also_where_the_clocks_change(
    policy: SeverityPolicy, inspected: str | None, due: str | None
) -> None:
    when = {**WHEN, "inspected": inspected}
    Row("clog", "critical", "life_threatening", ENGINE, (due,)).check(policy, **when)


@pytest.mark.parametrize("policy", [NSPIRE, HCV], ids=["nspire", "hcv"])
def test_30_days_keep_the_time_on_the_wall(policy: SeverityPolicy) -> None:
    row = Row("clog", "medium", "moderate", ENGINE, ("2026-11-19T09:00:00-05:00",))
    row.check(policy, zone="America/New_York", inspected="2026-10-20T09:00")


def test_who_lives_there_does_not_move_a_level_of_nspire() -> None:
    at_risk = case(at_risk=True)
    for policy in (NSPIRE, HCV):
        severity = policy.grade(finding("mold_suspect", "medium", room="nursery"), at_risk)
        assert severity.level == "moderate"


def test_what_is_low_for_vouchers_has_no_known_time_limit_and_says_so() -> None:
    (deadline,) = HCV.grade(finding("clog", "low"), case(**WHEN)).deadlines
    assert deadline.due is None
    assert deadline.needs == "a time limit"
    assert deadline.source == "not known: secondary sources disagree [S]"
    assert deadline.rule == "nspire_hcv low: no time limit is known"


@pytest.mark.parametrize(
    ("policy", "first"), [(NSPIRE, date(2023, 7, 1)), (HCV, date(2023, 10, 1))]
)
def test_nspire_applies_from_its_day_on(policy: SeverityPolicy, first: date) -> None:
    assert policy.grade(finding("clog", "low"), as_of=first).level == "low"
    day_before = first.replace(month=first.month - 1)
    with pytest.raises(ConfigError, match=rf"applies from {first} to now on, and {day_before}"):
        policy.grade(finding("clog", "low"), as_of=day_before)
