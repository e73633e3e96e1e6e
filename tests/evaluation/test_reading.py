"""Results are read from live ones, JSON, JSON lines, files and folders, one by one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspectiq import ConfigError, Inspection
from inspectiq.evaluation._reading import read_results
from inspectiq.evaluation._reads import ReadResult
from tests.evaluation.made import make_finding, make_result

STORED = Path(__file__).parents[1] / "data" / "results" / "0.1.0-reviewed.json"


def ids(given: Any) -> list[str]:
    return [result.case.id for result in read_results(given)]


def test_a_live_result_and_its_json_are_read_alike() -> None:
    live = Inspection.model_validate_json(STORED.read_text(encoding="utf-8"))
    whole = live.to_json()
    forms: list[Any] = [live, whole, whole.encode(), json.loads(whole), STORED, str(STORED)]
    read = [next(read_results(form)) for form in forms]
    assert all(one == read[0] for one in read)
    assert [found.original.type for found in read[0].found] == [
        found.original.type for found in live.issues
    ]


def test_many_are_read_one_by_one() -> None:
    def give() -> Any:
        yield make_result("c1")
        yield json.dumps(make_result("c2"))
        raise AssertionError

    read = read_results(give())
    assert [next(read).case.id, next(read).case.id] == ["c1", "c2"]


def write_lines(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def keep(case_id: str, **more: Any) -> dict[str, Any]:
    """A line of a checkpoint."""
    return {"case_id": case_id, "revision": 1, "status": "complete", **more}


def test_of_a_checkpoint_the_last_result_of_a_case_counts(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "results.jsonl",
        {"inspectiq": "checkpoint", "version": 1, "agent": "a", "made_by": {}},
        keep("c1", result=make_result("c1", [make_finding("clog", "p1")])),
        keep("c2", error={"type": "ConfigError"}),
        keep("c1", result=make_result("c1")),
        keep("c1", error={"type": "ConfigError"}),
    )
    (result,) = read_results(path)
    assert result.case.id == "c1"
    assert result.found == ()


def test_lines_may_be_results_as_they_are(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "r.jsonl", make_result("c1"), make_result("c1"))
    assert ids(path) == ["c1", "c1"]
    with path.open(encoding="utf-8") as lines:
        assert ids(lines) == ["c1", "c1"]


def test_a_folder_is_gone_through_and_other_json_passed_over(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "inspection.json").write_text(json.dumps(make_result("c1")))
    (tmp_path / "summary.json").write_text('{"cases": 3}')
    write_lines(tmp_path / "two.jsonl", make_result("c2"))
    assert ids(tmp_path) == ["c1", "c2"]


def test_a_newer_version_is_refused() -> None:
    with pytest.raises(ConfigError, match="schema version 2, and this inspectiq reads 1"):
        ids(make_result("c1", schema_version="2"))
    assert ids(make_result("c1", schema_version="1.7", added=1)) == ["c1"]


def write_nothing(folder: Path) -> Any:
    return folder


def write_other(folder: Path) -> Any:
    (folder / "other.json").write_text("{}")
    return folder / "other.json"


def write_error(folder: Path) -> Any:
    return write_lines(folder / "c.json", keep("c1", error={}))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (write_nothing, "holds no result; give results"),
        (write_other, "other.json is no result of inspectiq"),
        (write_error, "c.json is no result of inspectiq"),
        (lambda _: 7, "results: an int was given"),
        (lambda _: [7], r"results\[0\]: an int was given"),
        (lambda _: "nowhere.json", "there is no file or folder nowhere.json"),
        (lambda _: "{]", "results is no result of inspectiq"),
        (lambda _: {"issues": []}, r"results is no result of inspectiq \(case: Field required"),
    ],
)
def test_what_is_no_result_is_told(
    make: Callable[[Path], Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=message):
        ids(make(tmp_path))


def test_the_line_that_is_wrong_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps(make_result("c1")) + "\n\nno json\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"r\.jsonl, line 3 is no result"):
        ids(path)


def test_a_configuration_names_what_decided_the_findings() -> None:
    named = ReadResult.take(make_result("c1")).configuration
    assert named == (
        "InspectionAgent, scripted:scripted, inspection-1, inspectiq 1, house 2026-11-23"
    )
