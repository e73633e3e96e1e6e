"""`inspectiq many`: a file of cases, results as JSON lines, and how it goes on after a stop."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspectiq import Diagnosis, Inspection
from inspectiq._cli import main

Many = Callable[..., int]


@pytest.fixture
def many(tmp_path: Path, samples: Path) -> Many:
    """Writes cases beside the sample photos, and runs them offline; gives the exit code."""
    (tmp_path / "photos").symlink_to(samples)

    def run(cases: list[Any], *options: str) -> int:
        lines = [case if isinstance(case, str) else json.dumps(case) for case in cases]
        (tmp_path / "cases.jsonl").write_text("\n".join(lines) + "\n")
        argv = [str(tmp_path / "cases.jsonl"), "--out", str(tmp_path / "out")]
        return main(["many", *argv, "--engine", "offline", *options])

    return run


def read_summary(folder: Path) -> Any:
    return json.loads((folder / "out" / "summary.json").read_text())


def read_results(folder: Path) -> list[Any]:
    lines = (folder / "out" / "results.jsonl").read_text().splitlines()[1:]
    return [json.loads(line) for line in lines]


KITCHEN = {"id": "k", "photos": ["photos/kitchen"], "tags": {"client": "acme"}}


def test_each_case_is_a_line_of_results(many: Many, tmp_path: Path) -> None:
    globbed = {"id": "g", "photos": "photos/*/*.jpg", "description": "It drips."}
    assert many([KITCHEN, globbed, ""], "--ordered") == 1  # a triage
    kitchen, other = read_results(tmp_path)
    assert [kitchen["case_id"], other["case_id"]] == ["k", "g"]
    inspection = Inspection.model_validate(kitchen["result"])
    assert inspection.case.tags == {"client": "acme"}
    assert len(other["result"]["photos"]) > 1
    summary = read_summary(tmp_path)
    assert (summary["cases"], summary["partial"], summary["usd"]) == (2, 2, "0")
    assert summary["failures"] == []


def test_words_are_diagnosed(many: Many, tmp_path: Path) -> None:
    cases = [{"id": f"c{n}", "description": "The sink drains slowly."} for n in range(3)]
    assert many(cases, "--diagnose") in (0, 1)
    assert all(Diagnosis.model_validate(one["result"]) for one in read_results(tmp_path))


def test_a_faulty_line_is_named_and_costs_no_other(
    many: Many, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faulty = ["{", "[]", {"photos": ["photos"]}, {"id": "a", "photos": 3}]
    faulty += [{"id": "b", "colour": "red"}, {"id": "c", "property": {"country": "ZZ"}}]
    assert many([*faulty, KITCHEN, KITCHEN, {"id": "d", "photos": ["nowhere/"]}]) == 1
    summary = read_summary(tmp_path)
    said = [one["message"] for one in summary["failures"]]
    for number in range(1, 7):
        assert any(f"cases.jsonl, line {number}: " in one for one in said)
    assert (summary["cases"], summary["partial"], summary["failed"]) == (9, 1, 8)
    assert "9 cases: 0 complete, 1 partial, 8 failed" in capsys.readouterr().out


def test_it_goes_on_only_where_it_is_told_to(
    many: Many, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert many([KITCHEN]) == 1
    assert many([KITCHEN]) == 2
    assert "give --resume to go on" in capsys.readouterr().err
    assert many([KITCHEN, {**KITCHEN, "id": "k2"}], "--resume") == 1
    assert read_summary(tmp_path)["resumed"] == 1
    assert [one["case_id"] for one in read_results(tmp_path)] == ["k", "k2"]


def test_another_configuration_is_refused(many: Many, capsys: pytest.CaptureFixture[str]) -> None:
    assert many([KITCHEN]) == 1
    assert many([KITCHEN], "--resume", "--severity", "nspire") == 2
    assert "another severity" in capsys.readouterr().err


def test_nothing_that_works_is_failed(many: Many) -> None:
    assert many([{"id": "a", "photos": ["nowhere/"]}]) == 3


def test_cases_that_are_not_there_are_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["many", str(tmp_path / "no.jsonl"), "--out", str(tmp_path), "--engine", "offline"]
    assert main(argv) == 2
    assert "there is no file" in capsys.readouterr().err


def test_a_file_without_cases_is_usage(many: Many, capsys: pytest.CaptureFixture[str]) -> None:
    assert many([""]) == 2
    assert "holds no case" in capsys.readouterr().err


def test_quiet_says_nothing(many: Many, capsys: pytest.CaptureFixture[str]) -> None:
    many([KITCHEN], "--quiet")
    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_ctrl_c_ends_with_130_and_keeps_what_is_done(many: Many, tmp_path: Path) -> None:
    many([])
    lines = [json.dumps({**KITCHEN, "id": f"k{number}"}) for number in range(20_000)]
    (tmp_path / "cases.jsonl").write_text("\n".join(lines))
    command = [sys.executable, "-m", "inspectiq", "many", str(tmp_path / "cases.jsonl")]
    command += ["--out", str(tmp_path / "new"), "--engine", "offline"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        results, deadline = tmp_path / "new" / "results.jsonl", time.monotonic() + 120
        try:
            while not results.exists() or results.stat().st_size < 50_000:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=120)
        finally:
            process.kill()  # what failed must not wait for 20,000 cases
    assert process.returncode == 130
    assert "interrupted" in said
    assert "give --resume to go on" in said
    assert "Traceback" not in said
    summary = json.loads((tmp_path / "new" / "summary.json").read_text())
    assert 0 < summary["cases"] < 20_000
    assert summary["ended_by"] == "KeyboardInterrupt"
    assert results.read_text().count("\n") >= 1 + summary["cases"]
