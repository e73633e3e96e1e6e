"""Frames as pandas and polars really make them."""

import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import ConfigError, Inspection, SeverityPolicy
from inspectiq.domain import FrozenMap
from inspectiq.reports import to_dataframe, to_records
from inspectiq.reports._frames import FrameLibrary
from inspectiq.severity import Level, SeverityProfile
from inspectiq.testing import make_issue
from tests.domain.strategies import inspections
from tests.reports.results import diagnose_sink, inspect, inspect_kitchen, inspect_pool

LEVELS = ("issues", "photos", "cost_lines")
LIBRARIES: tuple[FrameLibrary, ...] = ("pandas", "polars")
HOUSE = ["low", "medium", "high", "critical"]


def _types(frame: Any) -> list[tuple[str, str]]:
    """The type of each column, by name; polars tells the levels of an Enum, and pandas here too."""
    if isinstance(frame, pl.DataFrame):
        return [(name, str(kind)) for name, kind in frame.schema.items()]
    return [
        (name, repr(kind) if isinstance(kind, pd.CategoricalDtype) else str(kind))
        for name, kind in frame.dtypes.items()
    ]


def _rows(frame: Any) -> list[dict[str, Any]]:
    """The rows as plain values, with None for what is missing."""
    if isinstance(frame, pl.DataFrame):
        return [dict(row) for row in frame.to_dicts()]
    plain = frame.astype(object).where(frame.notna(), None)
    return [
        {name: _to_plain(value) for name, value in row.items()} for row in plain.to_dict("records")
    ]


def _to_plain(value: Any) -> Any:
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("level", LEVELS)
def test_a_frame_holds_what_the_records_hold(level: Any, library: FrameLibrary) -> None:
    results = [inspect_kitchen(), diagnose_sink(), inspect_pool(depth=1.5, fenced=True, lengths=3)]
    frame = to_dataframe(results, level, library=library)
    assert _rows(frame) == to_records(results, level)


@pytest.mark.parametrize("library", LIBRARIES)
@given(inspection=inspections)
@settings(deadline=None, max_examples=25)
def test_any_inspection_makes_a_frame(library: FrameLibrary, inspection: Inspection) -> None:
    for level in LEVELS:
        frame = inspection.to_dataframe(level, library=library)  # type: ignore[arg-type]
        assert _rows(frame) == inspection.to_records(level)  # type: ignore[arg-type]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("level", LEVELS)
def test_a_frame_without_rows_has_the_columns_and_types_of_one_with_rows(
    level: Any, library: FrameLibrary
) -> None:
    full = inspect_kitchen()
    empty = full.model_copy(update={"issues": (), "photos": ()})
    left = empty.to_dataframe(level, library=library)
    assert len(left) == 0
    assert _types(left) == _types(full.to_dataframe(level, library=library))
    assert _types(to_dataframe([], level, library=library, severity="house")) == _types(left)


@pytest.mark.parametrize("library", LIBRARIES)
def test_columns_have_the_types_that_the_guide_tells(library: FrameLibrary) -> None:
    issues = dict(_types(inspect_kitchen().to_dataframe(library=library)))
    photos = dict(_types(inspect_kitchen().to_dataframe("photos", library=library)))
    text = "str" if pd.Series(["x"]).dtype == "str" else "string"
    ordered = repr(pd.CategoricalDtype(HOUSE, ordered=True))
    enum = str(pl.Enum(HOUSE))
    told = {
        "label": (text, "String"),
        "cost_expected_exact": (text, "String"),
        "cost_expected": ("float64", "Float64"),
        "number": ("Int64", "Int64"),
        "needs_review": ("boolean", "Boolean"),
        "deadline_due": ("datetime64[us, UTC]", str(pl.Datetime("us", "UTC"))),
        "severity": (ordered, enum),
    }
    at = LIBRARIES.index(library)
    assert {name: issues[name] for name in told} == {name: both[at] for name, both in told.items()}
    assert photos["taken_local"] == ("datetime64[us]", str(pl.Datetime("us")))[at]


# -- levels ----------------------------------------------------------------------------------------


def test_levels_sort_and_compare_by_how_bad_they_are() -> None:
    inspection = inspect(
        make_issue("scuff_scratch", 1, severity="low"),
        make_issue("panel_fault", 1, severity="critical"),
        make_issue("water_stain", 2, severity="medium", extent=4),
    )
    frame = inspection.to_dataframe(library="pandas")
    assert list(frame.sort_values("severity")["severity"]) == ["low", "medium", "critical"]
    assert list(frame[frame.severity >= "medium"]["type"]) == ["panel_fault", "water_stain"]
    assert frame.severity.max() == "critical"
    assert list(frame.severity.cat.categories) == HOUSE  # `high` too, which no finding has
    table = inspection.to_dataframe(library="polars")
    assert table.sort("severity")["severity"].to_list() == ["low", "medium", "critical"]
    assert table.filter(pl.col("severity") >= "medium").height == 2
    assert table["severity"].max() == "critical"


@pytest.mark.parametrize("library", LIBRARIES)
def test_levels_of_profiles_that_differ_have_no_order(library: FrameLibrary) -> None:
    issue = make_issue("panel_fault", 1, severity="high")
    results = [inspect(issue), inspect(issue, severity="nspire")]
    frame = to_dataframe(results, library=library)
    text = str(pl.String) if library == "polars" else str(frame["label"].dtype)
    assert str(frame["severity"].dtype) == text
    assert list(frame["severity"]) == ["high", "severe"]
    assert [name.split()[0] for name in frame["severity_profile"]] == ["house", "nspire"]
    again = [result.regrade(severity="house") for result in results]
    assert _types(to_dataframe(again, library=library)) == _types(
        results[0].to_dataframe(library=library)
    )


def _make_profile(*keys: str) -> SeverityPolicy:
    """A house's own levels, the mildest first."""
    levels = [
        Level(key=key, label=key, rank=rank, colour="#000000")
        for rank, key in enumerate(keys, start=1)
    ]
    proposals = dict(zip(HOUSE, (*keys, keys[-1]), strict=False))
    profile = SeverityProfile(name="ours", version="1", levels=levels, proposals=proposals)  # type: ignore[arg-type]
    return SeverityPolicy.model_validate(profile.model_dump())


OURS = _make_profile("later", "soon", "now", "at_once")


@pytest.mark.parametrize("library", LIBRARIES)
def test_of_a_profile_of_one_s_own_the_levels_that_occur_are_known_or_those_given(
    library: FrameLibrary,
) -> None:
    inspection = inspect(
        make_issue("clog", 1, severity="low"),
        make_issue("wall_hole", 1, severity="high", extent=1),
        severity=OURS,
    )
    frame = inspection.to_dataframe(library=library)
    assert _list_levels(frame) == ["later", "now"]
    frame = inspection.to_dataframe(library=library, severity=OURS)
    assert _list_levels(frame) == ["later", "soon", "now", "at_once"]
    with pytest.raises(ConfigError, match=r"has the level 'now', and 'house' has low, medium, "):
        inspection.to_dataframe(library=library, severity="house")


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_profile_that_has_all_levels_of_another_gives_the_order(library: FrameLibrary) -> None:
    results = [
        inspect(make_issue("clog", 1, severity=level), severity=policy)
        for level, policy in (("low", OURS), ("high", OURS), ("low", "house"))
    ]
    assert _list_levels(to_dataframe(results[:2], library=library)) == ["later", "now"]
    assert _list_levels(to_dataframe(results, library=library)) is None
    low = inspect(
        make_issue("clog", 1, severity="low"), severity=_make_profile("low", "medium", "high")
    )
    assert _list_levels(to_dataframe([low, results[2]], library=library)) == HOUSE


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_level_that_a_person_kept_from_another_profile_leaves_no_order(
    library: FrameLibrary,
) -> None:
    first = inspect(make_issue("clog", 1), make_issue("wall_hole", 1, extent=1))
    high = SeverityPolicy.default().make_severity("high", because="wet", case=first.case)
    edited = first.with_review(
        first.issues[0].id, "edited", by="Ana", at=datetime(2026, 3, 2, tzinfo=UTC), severity=high
    )
    assert _list_levels(edited.to_dataframe(library=library)) == HOUSE
    assert _list_levels(edited.regrade(severity="asap").to_dataframe(library=library)) is None


def _list_levels(frame: Any) -> list[str] | None:
    """The levels of a column that has an order; None of one that has none."""
    kind = frame["severity"].dtype
    if isinstance(kind, pl.Enum):
        return list(kind.categories)
    if isinstance(kind, pd.CategoricalDtype):
        assert kind.ordered
        return list(kind.categories)
    return None


# -- what is inferred from the first rows is lost later --------------------------------------------

DIGITS = ("12.5", "0.333333333333333333")


def _inspect_many() -> Inspection:
    """150 issues, whose amounts, and a field of a host's agent, change their form at the 120th."""
    inspection = inspect_pool(depth=1.0)
    (issue,) = inspection.issues
    assert issue.cost is not None
    cost, line = issue.cost, issue.cost.lines[0]
    issues = []
    for number in range(150):
        amount = Decimal(DIGITS[number >= 120])
        lines = (line.model_copy(update={"amount": amount}),)
        update = {"low": amount, "expected": amount, "high": amount, "lines": lines}
        extra = {"depth": 1 if number < 120 else 1.5} | ({"late": "x"} if number >= 120 else {})
        issues.append(
            issue.model_copy(
                update={"cost": cost.model_copy(update=update), "extra": FrozenMap(extra)}
            )
        )
    return inspection.with_found(issues)


@pytest.mark.parametrize("library", LIBRARIES)
def test_amounts_stay_exact_where_their_scale_changes_after_many_rows(
    library: FrameLibrary,
) -> None:
    exact = [DIGITS[0]] * 120 + [DIGITS[1]] * 30
    many = _inspect_many()
    frame = many.to_dataframe(library=library)
    assert list(frame["cost_expected_exact"]) == exact
    assert list(frame["cost_expected"]) == [float(text) for text in exact]
    assert list(frame["extra.depth"]) == [1.0] * 120 + [1.5] * 30
    assert list(frame["extra.late"])[120:] == ["x"] * 30
    lines = many.to_dataframe("cost_lines", library=library)
    assert list(lines["amount_exact"]) == exact


# -- which library ---------------------------------------------------------------------------------


def test_pandas_is_taken_where_both_are_installed(triage: Inspection) -> None:
    assert isinstance(triage.to_dataframe(), pd.DataFrame)
    assert isinstance(triage.to_dataframe(library="polars"), pl.DataFrame)


def test_polars_is_taken_where_pandas_is_not_installed(
    triage: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert isinstance(triage.to_dataframe(), pl.DataFrame)
    with pytest.raises(ConfigError, match=r"import of pandas halted.*; run: pip install pandas$"):
        triage.to_dataframe(library="pandas")


def test_without_either_the_error_says_what_to_install(
    triage: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in LIBRARIES:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(
        ConfigError, match=r"^a frame needs a library that is not here.*pandas.*polars"
    ):
        triage.to_dataframe()
    assert triage.to_records()


@pytest.mark.parametrize(
    ("library", "told"),
    [
        ("spark", "library: no frames are made by 'spark'; give 'pandas' or 'polars'"),
        (pd, "library: a module was given; give 'pandas' or 'polars'"),
    ],
)
def test_another_library_is_refused(triage: Inspection, library: Any, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        triage.to_dataframe(library=library)
    assert told in str(caught.value)


def test_a_frame_can_be_stored_and_read_back(tmp_path: Path) -> None:
    frame = inspect_kitchen().to_dataframe(library="pandas")
    frame.to_pickle(tmp_path / "issues.pickle")
    pd.testing.assert_frame_equal(pd.read_pickle(tmp_path / "issues.pickle"), frame)


@given(st.lists(inspections, max_size=3))
@settings(deadline=None, max_examples=25)
def test_any_results_together_make_a_frame(results: list[Inspection]) -> None:
    for library in LIBRARIES:
        assert len(to_dataframe(results, library=library)) == sum(len(one.found) for one in results)
