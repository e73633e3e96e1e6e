import csv
import io
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inspectiq import ConfigError, Inspection
from inspectiq.domain import CostLine, FrozenMap
from inspectiq.reports import to_csv, to_records, write_csv
from inspectiq.reports._columns import COLUMNS
from inspectiq.reports._csv import format_cell, read_cell
from tests.domain.strategies import inspections
from tests.reports.results import diagnose_sink, inspect_kitchen, inspect_pool

LEVELS = ("issues", "photos", "cost_lines")
RUNS = "=+-@\t\r\n＝＋－＠"
hostile = st.text(st.sampled_from(f"{RUNS};,\"' \0\u2028a1"), max_size=12)


def _read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def _write(value: Any) -> str:
    """What a cell holds, but for apostrophes before what might run."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        moment = value.isoformat()
        return moment.replace("+00:00", "Z") if value.tzinfo else moment
    return "" if value is None else str(value).replace("\0", "\ufffd")


def _leave_out_apostrophes(text: str) -> str:
    return text.replace("'", "")


@pytest.mark.parametrize("level", LEVELS)
@given(inspection=inspections)
def test_what_is_written_is_read_back_by_python_s_csv(level: Any, inspection: Inspection) -> None:
    rows = inspection.to_records(level)
    names, *read = csv.reader(io.StringIO(inspection.to_csv(level), newline=""), strict=True)
    assert len(read) == len(rows)
    for row, cells in zip(rows, read, strict=True):
        for values, written in ((row, names), (row.values(), cells)):
            for value, cell in zip(values, written, strict=True):
                assert _leave_out_apostrophes(cell) == _leave_out_apostrophes(_write(value))
                if not isinstance(value, str):
                    assert cell == _write(value)


pool = cache(inspect_pool)


def _with_label(text: str) -> Inspection:
    (issue,) = pool().issues
    update = {"label": text, "extra": FrozenMap({"note": text, text: 1})}
    return pool().with_found([issue.model_copy(update=update)])


@given(hostile)
@example("=cmd|' /C calc'!A0")
@example('a;"=1+1"')
@example("one\r\n-2")
@settings(deadline=None)
def test_no_text_can_be_taken_for_a_formula(text: str) -> None:
    written = _with_label(text).to_csv()
    (cells,) = _read(written)
    assert not cells["label"].startswith(tuple(RUNS))
    assert not cells["extra.note"].startswith(tuple(RUNS))
    expected = _leave_out_apostrophes(text.replace("\0", "\ufffd"))
    assert _leave_out_apostrophes(cells["label"]) == expected
    assert "\0" not in written
    # As a spreadsheet reads it where decimals have a comma, and cells are split at semicolons.
    for row in csv.reader(io.StringIO(written, newline=""), delimiter=";"):
        for cell in row:
            assert not cell.lstrip(' \t"').startswith(tuple("=+-@＝＋－＠")), cell


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
@settings(deadline=None)
def test_a_text_without_such_signs_stays_as_it_is(text: str) -> None:
    if not re.search(r"[=+\-@＝＋－＠\0]", text) and not text.startswith(("\t", "\r", "\n")):
        (cells,) = _read(_with_label(text).to_csv())
        assert cells["label"] == text


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        (" =1", "' =1"),
        ('"=1"', '\'"=1"'),
        ("a;=1", "a;'=1"),
        ("a\n-1", "a\n'-1"),
        ("＝1", "'＝1"),
        ("low-rise = fine", "low-rise = fine"),
        ("a\0b", "a\ufffdb"),
        ("it's", "it's"),
    ],
)
def test_an_apostrophe_stands_before_what_begins_a_formula(text: str, cell: str) -> None:
    (cells,) = _read(_with_label(text).to_csv())
    assert cells["label"] == cell


def test_numbers_stay_numbers_also_below_zero() -> None:
    inspection = inspect_kitchen()
    (first, *others) = inspection.issues
    assert first.cost is not None
    line = CostLine.model_validate(
        {**first.cost.lines[0].model_dump(), "amount": "-12.50", "kind": "correction"}
    )
    cost = first.cost.model_copy(update={"lines": (line,)})
    changed = first.model_copy(update={"cost": cost, "extra": FrozenMap({"depth": -3})})
    result = inspection.with_found([changed, *others])
    (row, *_) = _read(result.to_csv("cost_lines"))
    assert (row["amount"], row["amount_exact"]) == ("-12.5", "-12.50")
    (row, *_) = _read(result.to_csv())
    assert row["extra.depth"] == "-3"


@pytest.mark.parametrize("level", LEVELS)
def test_without_rows_there_is_a_line_of_names(level: Any) -> None:
    assert to_csv([], level) == ",".join(COLUMNS[level]) + "\r\n"


def test_times_are_in_utc_and_flags_in_lower_case() -> None:
    row = _read(inspect_kitchen().to_csv())[0]
    assert row["created_at"] == "2026-03-02T16:00:00Z"
    assert row["needs_review"] == "false"
    assert _read(to_csv([inspect_kitchen(), diagnose_sink()]))[-1]["system"] == "plumbing"


@pytest.mark.parametrize("level", LEVELS)
def test_a_file_says_that_it_is_utf_8_and_its_lines_end_as_rfc_4180_has_them(
    level: Any, tmp_path: Path
) -> None:
    result = _with_label("Kühlschrank\nundicht")
    path = write_csv([result, diagnose_sink()], tmp_path / "table.csv", level)
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    assert text == to_csv([result, diagnose_sink()], level)
    rows = to_records([result, diagnose_sink()], level)
    assert text.count("\r\n") == len(rows) + 1
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(rows)


def test_pandas_and_polars_read_what_is_written(tmp_path: Path) -> None:
    import pandas as pd
    import polars as pl

    path = write_csv(_with_label('two\nlines, "quoted"'), str(tmp_path / "table.csv"))
    assert pd.read_csv(path)["label"][0] == 'two\nlines, "quoted"'
    read = pl.read_csv(path, try_parse_dates=True)
    assert read["label"][0] == 'two\nlines, "quoted"'
    assert read["created_at"][0] == datetime(2026, 3, 2, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("no/such/folder.csv", "cannot write the table to no/such/folder.csv (FileNotFoundError)"),
        (".", "choose another path"),
        (7, "a int is no path; give the path of the CSV file"),
    ],
)
def test_a_path_that_cannot_be_written_is_refused(
    path: Any, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        write_csv(inspect_kitchen(), path)
    assert told in str(caught.value)


@given(st.text(st.characters(exclude_characters="\0;\r\n'", codec="utf-8")))
@example("=1+1")
@example("@home")
@example("-12")
def test_a_text_of_one_line_is_read_as_it_was_written(text: str) -> None:
    assert read_cell(str(format_cell(text))) == text


def test_an_apostrophe_that_keeps_nothing_from_a_formula_stays() -> None:
    assert read_cell("'tis") == "'tis"
