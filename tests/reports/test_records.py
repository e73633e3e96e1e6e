import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import (
    ConfigError,
    Diagnosis,
    DiagnosisAgent,
    Inspection,
    InspectionAgent,
    Photo,
    Property,
    Result,
)
from inspectiq.domain import FrozenMap
from inspectiq.reports import to_records
from inspectiq.reports._columns import COLUMNS
from inspectiq.reports._rows import ROWS
from inspectiq.testing import make_issue
from tests.domain.strategies import inspections, maps
from tests.reports.results import (
    INSPECTED,
    diagnose_sink,
    inspect,
    inspect_kitchen,
    inspect_pool,
)

LEVELS = ("issues", "photos", "cost_lines")
GUIDE = Path(__file__).parents[2] / "docs" / "reports" / "tables.md"


@pytest.mark.parametrize("level", LEVELS)
def test_the_guide_lists_each_column_in_its_order_with_what_it_holds(level: str) -> None:
    words = {
        "text": "text",
        "exact": "exact text",
        "number": "number",
        "whole": "whole number",
        "flag": "yes or no",
        "time": "time in UTC",
        "local": "local time",
        "level": "level",
    }
    section = (
        GUIDE.read_text(encoding="utf-8").partition(f"## `{level}`\n")[2].partition("\n## ")[0]
    )
    listed = re.findall(r"^\| `(\w+)` \| ([\w ]+) \| \S.* \|$", section, re.MULTILINE)
    in_common = len(COLUMNS[level]) - len(listed)
    assert in_common == 5  # which the guide lists once
    assert listed == [(name, words[kind]) for name, kind in COLUMNS[level].items()][in_common:]


def test_the_guide_lists_what_all_levels_have_in_common() -> None:
    common = [list(columns)[:5] for columns in COLUMNS.values()]
    section = GUIDE.read_text(encoding="utf-8").partition("## Columns of every row\n")[2]
    listed = re.findall(r"^\| `(\w+)` \|", section.partition("\n## ")[0], re.MULTILINE)
    assert common == [listed] * 3


@given(inspections)
def test_every_row_has_the_columns_of_its_level_in_their_order(inspection: Inspection) -> None:
    for level in LEVELS:
        for row in ROWS[level](inspection):
            row.pop("extra", None)
            assert list(row) == list(COLUMNS[level])
        rows = inspection.to_records(level)  # type: ignore[arg-type]
        for row in rows:
            assert row.keys() == rows[0].keys()
            assert list(row)[: len(COLUMNS[level])] == list(COLUMNS[level])


TYPES: dict[str, type] = {
    **dict.fromkeys(("text", "exact", "level"), str),
    "number": float,
    "whole": int,
    "flag": bool,
    "time": datetime,
    "local": datetime,
}


@given(inspections)
@settings(deadline=None)
def test_a_value_is_of_the_kind_of_its_column_or_missing(inspection: Inspection) -> None:
    for level in LEVELS:
        for row in to_records([inspection, diagnose_sink()], level):  # type: ignore[arg-type]
            for name, kind in COLUMNS[level].items():
                value: Any = row[name]
                assert value is None or type(value).__name__ == TYPES[kind].__name__, name
                if kind == "time" and value is not None:
                    assert value.tzinfo is UTC
                if kind == "local" and value is not None:
                    assert value.tzinfo is None


# -- findings --------------------------------------------------------------------------------------


def test_a_row_of_an_issue_says_what_reports_say_of_it() -> None:
    inspection = inspect_kitchen()
    rows = inspection.to_records()
    assert [row["number"] for row in rows] == [1, 2, 3]
    assert [row["finding_id"] for row in rows] == [issue.id for issue in inspection.issues]
    worst, issue = rows[0], inspection.issues[0]
    assert worst["case_id"] == "unit-4b"
    assert (worst["result_id"], worst["revision"]) == (inspection.id, 2)
    assert worst["created_at"] == datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert (worst["type"], worst["group"], worst["label"]) == (
        "panel_fault",
        "electrical",
        issue.label,
    )
    assert (worst["place"], worst["area"]) == ("left", "unit")
    assert (worst["severity"], worst["severity_rank"], worst["severity_rule"]) == (
        "high",
        3,
        "live_parts",
    )
    assert (worst["severity_proposed"], worst["needs_review"]) == ("low", False)
    assert (worst["photos"], worst["photo_ids"], worst["photo_id"]) == (2, "p1; p2", "p1")
    assert [worst[f"box_{side}"] for side in ("x0", "y0", "x1", "y1")] == [0.1, 0.2, 0.3, 0.4]
    assert (worst["confidence"], worst["confidence_source"]) == (0.9, "stated")
    assert worst["trade"] == issue.scope.trade
    assert worst["safety"] == "; ".join(issue.scope.warnings)
    carpet = rows[1]
    assert (carpet["quantity"], carpet["unit"], carpet["condition"]) == (30.0, "sq_ft", "damage")


def test_the_deadline_that_is_due_first_stands_in_columns_and_all_of_them_in_a_text() -> None:
    inspection = inspect(
        make_issue("mold_suspect", 1, severity="high", extent=20),
        severity="awaab",
        inspected_at=INSPECTED,
        reported_at=INSPECTED,
        investigated_at=INSPECTED + timedelta(days=1),
        property=Property(country="GB", time_zone="Europe/London"),
    )
    (row,), (issue,) = inspection.to_records(), inspection.issues
    due = [deadline for deadline in issue.severity.deadlines if deadline.due]
    assert len(due) > 1
    first = min(due, key=lambda deadline: deadline.due or INSPECTED)
    assert (row["deadline"], row["deadline_due"]) == (first.action, first.due)
    assert row["deadline_rule"] == first.rule
    for deadline in due:
        assert deadline.due is not None
        moment = deadline.due.astimezone(UTC).isoformat().replace("+00:00", "Z")
        assert f"{deadline.action}: {moment}" in row["due_times"]


def test_a_deadline_without_a_known_time_says_what_it_needs() -> None:
    (row,) = inspect(make_issue("panel_fault", 1)).to_records()
    assert row["deadline"]
    assert (row["deadline_due"], row["deadline_needs"]) == (None, "inspected_at")
    assert row["due_times"] == f"{row['deadline']}: ?"


def test_a_cost_stands_as_a_float_and_as_its_exact_text() -> None:
    inspection = inspect_kitchen()
    for row, issue in zip(inspection.to_records(), inspection.issues, strict=True):
        cost = issue.cost
        assert cost is not None
        for name in ("low", "expected", "high"):
            amount = getattr(cost, name)
            assert Decimal(row[f"cost_{name}_exact"]) == amount
            assert row[f"cost_{name}"] == float(amount)
        assert (row["currency"], row["cost_basis"]) == ("USD", "book")
        assert (row["cost_book"], row["cost_region"]) == (cost.book, cost.region)


def test_a_row_tells_what_a_person_decided() -> None:
    accepted, edited = inspect_kitchen().issues[:2]
    inspection = (
        inspect_kitchen()
        .with_review(accepted.id, "accepted", by="Bo", at=INSPECTED)
        .with_review(edited.id, "edited", by="Cy", at=INSPECTED, because="seen", label="Torn")
    )
    rows = {row["finding_id"]: row for row in inspection.to_records()}
    assert [row["review"] for row in inspect_kitchen().to_records()] == [
        "not reviewed",
        "not reviewed",
        "rejected",
    ]
    row = rows[edited.id]
    assert (row["review"], row["reviewed_by"], row["review_because"]) == ("edited", "Cy", "seen")
    assert (row["label"], row["reviewed_at"]) == ("Torn", datetime(2026, 3, 2, 16, tzinfo=UTC))
    row = rows[accepted.id]
    assert (row["review"], row["reviewed_by"], row["review_because"]) == ("accepted", "Bo", None)


def test_a_triage_s_finding_needs_review_and_gives_each_doubt_once(triage: Inspection) -> None:
    (row,) = triage.to_records()
    assert (row["severity"], row["severity_rank"], row["needs_review"]) == (None, None, True)
    assert row["doubts"] == "seen by a triage only; the engine proposed no level"
    assert (row["photo_id"], row["room"]) == (triage.issues[0].evidence[0].photo_id, "living room")
    assert row["confidence_source"] == "score"


def test_a_diagnosis_has_the_same_columns_and_fills_its_own() -> None:
    rows = to_records([inspect_kitchen(), diagnose_sink()])
    assert [row["result_kind"] for row in rows] == ["inspection"] * 3 + ["diagnosis"]
    problem = rows[-1]
    assert (problem["system"], problem["cause"]) == ("plumbing", "grease")
    assert (problem["other_causes"], problem["condition"]) == ("roots", None)
    assert problem["steps"] == "; ".join(diagnose_sink().findings[0].steps)
    assert (problem["photos"], problem["photo_ids"], problem["photo_id"]) == (0, None, None)
    assert problem["confidence_source"] == "stated"
    assert {row["system"] for row in rows[:3]} == {None}


def test_the_confidence_of_rules_that_read_words_is_called_theirs() -> None:
    diagnosis = DiagnosisAgent("offline").diagnose(description="The kitchen sink is clogged.")
    (row, *_) = diagnosis.to_records()
    assert 0 < row["confidence"] <= 1
    assert row["confidence_source"] == "rules"


# -- fields of a host's agent ----------------------------------------------------------------------


def test_fields_of_a_subclass_are_columns_of_their_own() -> None:
    pool = inspect_pool(water="green", depth=2.5, lengths=8, fenced=True, tiles=["blue", "red"])
    (row,) = pool.to_records()
    found = {name: row[name] for name in row if name not in COLUMNS["issues"]}
    assert found == {
        "extra.water": "green",
        "extra.depth": 2.5,
        "extra.lengths": 8,
        "extra.fenced": True,
        "extra.tiles": '["blue","red"]',
    }


def test_results_of_several_agents_have_the_columns_of_all() -> None:
    rows = to_records(result for result in (inspect_kitchen(), inspect_pool(water="clear")))
    assert [row["extra.water"] for row in rows] == [None, None, None, "clear"]
    assert len({tuple(row) for row in rows}) == 1


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ((1, None, 2.5), [1.0, None, 2.5]),
        ((1, "one"), ["1", '"one"']),
        ((True, 1), ["true", "1"]),
        ((2**63, 1), ["9223372036854775808", "1"]),
        ((2**63 - 1, -1), [2**63 - 1, -1]),
        ((10**400, 1.5), [f"1{'0' * 400}", "1.5"]),
        (({"a": [1, None]}, "x"), ['{"a":[1,null]}', '"x"']),
        ((None, None), [None, None]),
    ],
)
def test_a_column_of_a_subclass_holds_one_kind_of_value(
    values: tuple[Any, ...], found: list[Any]
) -> None:
    pool = inspect_pool()
    results = [_with_extra(pool, {"x": value}) for value in values]
    read = [row["extra.x"] for row in to_records(results)]
    assert read == found
    assert len({type(value) for value in read} - {type(None)}) <= 1


@given(st.lists(maps, min_size=1, max_size=3))
@settings(deadline=None)
def test_any_field_of_a_subclass_makes_a_column(extras: list[FrozenMap[Any]]) -> None:
    rows = to_records([_with_extra(inspect_kitchen(), extra) for extra in extras])
    named = {f"extra.{name}" for extra in extras for name in extra}
    assert {name for row in rows for name in row} - set(COLUMNS["issues"]) == named
    for name in named:
        kinds = {type(row[name]) for row in rows} - {type(None)}
        assert len(kinds) <= 1
        assert kinds <= {bool, int, float, str}


def _with_extra(result: Inspection, extra: Any) -> Inspection:
    first, *others = result.issues
    changed = first.model_copy(update={"extra": FrozenMap(extra)})
    return result.with_found([changed, *others])


# -- photos ----------------------------------------------------------------------------------------


def test_every_photo_has_a_row_whatever_became_of_it() -> None:
    inspection = inspect_kitchen()
    rows = inspection.to_records("photos")
    assert [row["photo_id"] for row in rows] == ["p1", "p2", "p3", "p4"]
    assert [row["number"] for row in rows] == [1, 2, 3, 4]
    assert [row["status"] for row in rows] == ["assessed", "assessed", "unclear", "failed"]
    assert [row["findings"] for row in rows] == [1, 2, 0, 0]  # what was rejected counts no more
    assert rows[2]["reason"] == "too dark"
    fault = inspection.photos[3].fault
    assert fault is not None
    told = (rows[3]["fault"], rows[3]["fault_reason"], rows[3]["fault_message"])
    assert told == (fault.error, fault.reason, fault.message)
    assert (rows[3]["room"], rows[3]["width"], rows[3]["sha256"]) == ("attic", None, None)
    assert (rows[0]["provider"], rows[0]["model"]) == (
        inspection.provenance.engines[0].provider,
        inspection.provenance.engines[0].model,
    )


def test_a_duplicate_and_a_triage_say_what_they_are(samples: Path, triage: Inspection) -> None:
    rows = triage.to_records("photos")
    assert {(row["status"], row["groups"]) for row in rows} == {("triaged", "interior_finish")}
    assert "dark" in {row["warnings"] for row in rows}
    assert sum(row["findings"] for row in rows) == 1
    kitchen = (samples / "kitchen" / "kitchen.jpg").read_bytes()
    twice = [Photo.from_bytes(kitchen, name=f"{i}.jpg", id=f"p{i}") for i in (1, 2)]
    rows = InspectionAgent("offline").inspect(twice).to_records("photos")
    assert [(row["status"], row["duplicate_of"]) for row in rows] == [
        ("triaged", None),
        ("duplicate", "p1"),
    ]


@pytest.mark.parametrize(
    ("taken", "in_utc", "local"),
    [
        (None, None, None),
        (datetime(2026, 1, 5, 9, 30), None, datetime(2026, 1, 5, 9, 30)),
        (
            datetime(2026, 1, 5, 9, 30, tzinfo=timezone(timedelta(hours=2))),
            datetime(2026, 1, 5, 7, 30, tzinfo=UTC),
            datetime(2026, 1, 5, 9, 30),
        ),
        (
            datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))),
            None,
            datetime(1, 1, 1),
        ),
    ],
)
def test_a_camera_s_time_is_in_utc_where_its_offset_is_known_and_local_in_any_case(
    taken: datetime | None, in_utc: datetime | None, local: datetime | None
) -> None:
    inspection = inspect_kitchen()
    outcome = inspection.photos[0]
    photo = outcome.photo.model_copy(update={"taken_at": taken})
    result = inspection.model_copy(
        update={"photos": (outcome.model_copy(update={"photo": photo}),)}
    )
    (row,) = result.to_records("photos")
    assert (row["taken_at"], row["taken_local"]) == (in_utc, local)


def test_a_camera_s_time_without_an_offset_is_no_time_in_utc(triage: Inspection) -> None:
    rows = {row["name"]: row for row in triage.to_records("photos")}
    ceiling = rows["hall-ceiling.jpg"]
    assert ceiling["taken_local"] == datetime(2026, 1, 15, 10, 30)
    assert ceiling["taken_at"] is None


# -- cost lines ------------------------------------------------------------------------------------


def test_the_lines_of_what_nobody_rejected_add_up_to_the_result_s_cost() -> None:
    inspection = inspect_kitchen()
    rows = inspection.to_records("cost_lines")
    assert inspection.cost is not None
    standing = [row for row in rows if row["review"] != "rejected"]
    assert len(standing) < len(rows)
    total = sum(Decimal(row["amount_exact"]) for row in standing)
    assert total == inspection.cost.expected
    first = rows[0]
    assert inspection.issues[0].cost is not None
    line = inspection.issues[0].cost.lines[0]
    assert (first["number"], first["line"], first["line_kind"]) == (1, 1, line.kind)
    assert Decimal(first["rate_exact"]) == line.rate
    assert (first["source"], first["year"], first["mark"]) == (line.source, line.year, line.mark)
    assert {row["finding_id"] for row in rows} == {issue.id for issue in inspection.issues}


def test_a_result_without_prices_has_no_cost_lines(triage: Inspection) -> None:
    assert triage.to_records("cost_lines") == []


# -- what is given ---------------------------------------------------------------------------------


def test_one_result_a_list_and_a_generator_give_the_same_rows(triage: Inspection) -> None:
    for level in LEVELS:
        rows = triage.to_records(level)  # type: ignore[arg-type]
        assert to_records(triage, level) == to_records([triage], level) == rows  # type: ignore[arg-type]
        assert to_records(iter((triage, triage)), level) == rows * 2  # type: ignore[arg-type]
    assert to_records([]) == []


def test_a_stored_result_has_the_rows_of_the_live_one() -> None:
    stored = Inspection.model_validate_json(inspect_pool(tiles=["a"], depth=1.0).to_json())
    live = inspect_pool(tiles=["a"], depth=1.0)
    again = Diagnosis.model_validate_json(diagnose_sink().to_json())
    for level in LEVELS:
        left, right = stored.to_records(level), live.to_records(level)  # type: ignore[arg-type]
        assert left == right
        assert again.to_records(level) == diagnose_sink().to_records(level)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda result: result.to_records("rooms"), "no rows of 'rooms'; give one of 'issues', "),
        (lambda result: result.to_records(["issues"]), "level: a list was given; give one of"),
        (lambda _: to_records("text"), "results: a str was given; give an Inspection or a"),  # type: ignore[arg-type]
        (lambda _: to_records([None]), "results: None was given; give an Inspection"),  # type: ignore[list-item]
        (lambda result: to_records(result.issues), "results: an Issue was given"),
        (lambda result: to_records(result.to_json()), "results: a str was given"),
    ],
)
def test_what_is_no_result_or_no_level_is_refused(
    call: Callable[[Result], Any], told: str, triage: Inspection
) -> None:
    with pytest.raises(ConfigError) as caught:
        call(triage)
    assert told in str(caught.value)
