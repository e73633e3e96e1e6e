"""The profile `asap`, row by row. The clocks of Berlin change on 29 March and 25 October 2026."""

import pytest

from inspectiq import SeverityPolicy
from tests.severity.cases import Row

POLICY = SeverityPolicy.of("asap")
WHEN = {"zone": "Europe/Berlin", "reported": "2026-03-06T22:00"}  # a Friday
WEEK = ("2026-03-13T22:00:00+01:00",)
DAY = ("2026-03-07T22:00:00+01:00",)
AT_ONCE = ("2026-03-07T02:00:00+01:00",)
ENGINE = "proposed by the engine"

ROWS = [
    Row("clog", "low", "whenever", ENGINE),
    Row("clog", "medium", "this_week", ENGINE, WEEK),
    Row("clog", "this_week", "this_week", ENGINE, WEEK),
    Row("clog", "high", "today", ENGINE, DAY),
    Row("clog", "critical", "emergency", ENGINE, AT_ONCE),
    Row("clog", "soon", None, "asap has no such level as was proposed"),
    Row("gas_leak_reported", None, "emergency", "floor: gas_leak_reported", AT_ONCE),
    Row("wall_hole", "low", "emergency", "floor: gas_suspected", AT_ONCE, ("gas_suspected",)),
    Row("sewage", "low", "today", "floor: sewage", DAY),
    Row("no_heat", None, "today", "heating", DAY),
    Row("no_heat", "low", "emergency", "occupants_at_risk", AT_ONCE, when={"at_risk": True}),
    Row("active_roof_leak", "low", "this_week", "leak", WEEK),
    Row("active_roof_leak", "low", "today", "running_water", DAY, ("active_water",)),
    Row("rodent", "low", "this_week", "pests", WEEK),
    Row("sagging_floor_ceiling", "low", "today", "movement", DAY, ("movement",)),
    Row("graffiti", "critical", "this_week", "cap: graffiti", WEEK),
    Row("odor_reported", None, None, "the engine proposed no level"),
    Row("clog", "high", "today", ENGINE, (None,), when={"reported": None}),
    # over the change to summer time, and over the change back
    Row("clog", "high", "today", ENGINE, ("2026-03-29T13:00:00+02:00",),
        when={"reported": "2026-03-28T12:00"}),
    Row("clog", "critical", "emergency", ENGINE, ("2026-10-25T02:00:00+01:00",),
        when={"reported": "2026-10-24T23:00"}),
    Row("clog", "medium", "this_week", ENGINE, ("2026-03-30T09:00:00+02:00",),
        when={"reported": "2026-03-23T09:00"}),
    # a time that the clocks skip is moved on; one that comes twice is the first
    Row("clog", "medium", "this_week", ENGINE, ("2026-03-29T03:30:00+02:00",),
        when={"reported": "2026-03-22T02:30"}),
    Row("clog", "medium", "this_week", ENGINE, ("2026-10-25T02:30:00+02:00",),
        when={"reported": "2026-10-18T02:30"}),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.type}-{row.proposed}-{row.rule}")
def test_asap_decides(row: Row) -> None:
    row.check(POLICY, **WHEN)


def test_asap_applies_on_any_day() -> None:
    assert POLICY.effective_from is None
