"""An evaluation is told as Markdown, HTML, JSON and records, and by the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from inspectiq import ConfigError
from inspectiq._cli import main
from inspectiq.evaluation import Evaluation, Label, LabelledPhoto, Labels, evaluate
from tests.evaluation.made import make_finding, make_result


def make_many(cases: int = 12, found: int = 9) -> tuple[list[dict[str, Any]], Labels]:
    """Cases of four photos with an issue each, of which some of twelve are found."""
    photos = [f"p{n}" for n in range(4)]
    results, seen = [], []
    for case in range(cases):
        findings = [
            make_finding("clog", photo, level="high", cost=(100, 150, 200), box=(0, 0, 0.5, 0.5))
            for place, photo in enumerate(photos)
            if (case + place) % 12 < found
        ]
        results.append(make_result(f"c{case}", findings, photos=photos))
        label = Label("clog", box=(0.0, 0.0, 0.5, 0.4), severity="high")
        seen += [LabelledPhoto(f"c{case}", photo, (label,)) for photo in photos]
    return results, Labels(seen)


def test_it_is_the_same_after_json() -> None:
    made = evaluate(*make_many())
    assert Evaluation.model_validate_json(made.to_json()) == made


def test_markdown_and_html_have_each_share_with_what_it_is_of() -> None:
    made = evaluate(*make_many())
    told = made.overall.recall.describe()
    assert told.startswith("0.75 (0.")
    assert told.endswith(", 36 of 48")
    assert f"| Recall: labelled issues that were found | {told} |" in made.to_markdown()
    page = made.to_html()
    assert told in page
    assert "<script" not in page
    assert "12 cases, 12 results, 48 photos, 48 of them labelled" in page
    assert (
        "| Boxes: mean intersection over union | 0.80 (no interval: all cases are alike), n = 36 |"
        in (made.to_markdown())
    )


def test_records_have_a_row_for_each_part() -> None:
    rows = evaluate(*make_many()).to_records()
    assert [(row["by"], row["name"]) for row in rows] == [
        ("all", "all"),
        ("type", "clog"),
        ("group", "plumbing"),
        ("room", "no room"),
    ]
    assert {(row["recall"], row["recall_n"]) for row in rows} == {(0.75, 48)}


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    results, _ = make_many()
    path = tmp_path / "results.jsonl"
    path.write_text("".join(json.dumps(result) + "\n" for result in results), encoding="utf-8")
    return path


@pytest.fixture
def labels(stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The form of the stored results, filled in."""
    path = tmp_path / "labels.csv"
    assert main(["evaluate", str(stored), "--template", str(path)]) == 0
    assert "Fill in the column truth" in capsys.readouterr().out
    head, *rows = path.read_text(encoding="utf-8-sig").splitlines()
    place = head.split(",").index("truth")
    filled = [head]
    for row in rows:
        cells = row.split(",")
        cells[place] = "present" if cells[place - 1] else "clean"
        filled.append(",".join(cells))
    path.write_text("\n".join(filled), encoding="utf-8")
    return path


def test_the_command_line_prints_and_writes_it(
    stored: Path, labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(stored), str(labels)]) == 0
    assert ", 36 of 36" in capsys.readouterr().out
    out = tmp_path / "out"
    assert main(["evaluate", str(stored), str(labels), "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        *("evaluation.html", "evaluation.json", "evaluation.md")
    ]
    written = (out / "evaluation.json").read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["evaluate", str(stored), str(labels), "--json"]) == 0
    assert capsys.readouterr().out == written
    assert Evaluation.model_validate_json(written).overall.recall.n == 36


@pytest.mark.parametrize(
    ("least", "code", "told"),
    [
        ("recall=.8", 0, ""),
        ("precision=1", 0, ""),
        ("kappa=.5", 1, "kappa is below 0.5: not compared"),
        ("overlap=.5", 1, "overlap is below 0.5: none"),
        ("recall", 2, "write a figure and the least that it may be"),
        ("recall=80", 2, "such as recall=.8"),
        ("speed=.8", 2, "the figures are precision, recall"),
    ],
)
def test_a_figure_that_is_too_low_ends_it_with_1(
    stored: Path,
    labels: Path,
    least: str,
    code: int,
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["evaluate", str(stored), str(labels), "--fail-under", least]) == code
    assert told in capsys.readouterr().err


def test_wrong_options_are_usage(
    stored: Path, labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(stored), str(labels), "--template", "x.csv"]) == 2
    assert "nothing but RESULTS" in capsys.readouterr().err
    assert main(["evaluate", str(stored)]) == 2
    assert "was reviewed" in capsys.readouterr().err
    mixed = tmp_path / "mixed.jsonl"
    more = json.dumps(make_result("x", model="other"))
    mixed.write_text(stored.read_text(encoding="utf-8") + more, encoding="utf-8")
    assert main(["evaluate", str(mixed), str(labels)]) == 2
    assert "or give --mixed" in capsys.readouterr().err
    assert main(["evaluate", str(mixed), str(labels), "--mixed"]) == 0


def test_a_ledger_tells_how_long_a_photo_took(
    stored: Path, labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ledger.jsonl"
    entries = [
        {"ts": "2026-11-25T09:00:00Z", "kind": kind, "case_id": f"c{case}", "seconds": seconds}
        for case in range(12)
        for kind, seconds in (("answered", 90.0), ("run", 4.0 + case % 2))
    ]
    path.write_text("\n".join([*map(json.dumps, entries), "cut off"]), encoding="utf-8")
    made = evaluate(stored, labels, ledger=path)
    assert made.seconds_a_photo.value == 4.5 / 4
    assert (made.seconds_a_photo.n, made.seconds_a_photo.cases) == (48, 12)
    assert not any("How long" in gap for gap in made.gaps)
    assert main(["evaluate", str(stored), str(labels), "--ledger", str(path)]) == 0
    assert "| Seconds a photo | 1.1" in capsys.readouterr().out
    assert evaluate(stored, labels).seconds_a_photo.describe() == "none"


def test_what_is_no_ledger_is_refused(stored: Path, labels: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the ledger cannot be read"):
        evaluate(stored, labels, ledger=tmp_path / "nowhere.jsonl")
    with pytest.raises(ConfigError, match="has no run"):
        evaluate(stored, labels, ledger=stored)
