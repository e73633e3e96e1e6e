"""The monthly review: what people decided, beside the month before. Decisions are made up."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspectiq import ConfigError, InspectionAgent, Photo
from inspectiq._cli import main
from inspectiq.domain import Decision
from inspectiq.evaluation import Labels, MonthlyReview, review_month
from inspectiq.evaluation._intervals import make_change
from inspectiq.testing import FunctionTransport, make_answer, make_issue
from tests.conftest import render_jpeg
from tests.evaluation.made import make_finding, make_result
from tests.evaluation.reviewed import make_reviewed

OCTOBER, NOVEMBER = "2026-10-15T12:00:00Z", "2026-11-30T23:59:59Z"


def make_month(
    at: str, decisions: Sequence[str], *, cases: int = 20, **more: Any
) -> list[dict[str, Any]]:
    """Cases of a month, each with a finding for each decision."""
    return [
        make_result(
            f"{at[:7]}-{case}",
            [
                make_reviewed("clog", 0.5 + n / 100, decision, id=f"f{n}")
                for n, decision in enumerate(decisions)
            ],
            created_at=at,
            **more,
        )
        for case in range(cases)
    ]


BEFORE = make_month(OCTOBER, ["accepted", "accepted", "rejected", "rejected"])
NOW = make_month(NOVEMBER, ["accepted", "accepted", "accepted", "edited"])


def test_it_counts_what_people_decided_beside_the_month_before() -> None:
    review = review_month([*BEFORE, *NOW], "2026-11")
    assert (review.month, review.before) == ("2026-11", "2026-10")
    assert (review.cases, review.photos, review.findings, review.reviewed) == (20, 20, 80, 80)
    one = review.overall
    assert (one.accepted, one.edited, one.rejected) == (60, 20, 0)
    assert (one.share.now.hits, one.share.now.n, one.share.now.value) == (60, 80, 0.75)
    assert (one.share.before.hits, one.share.before.n) == (40, 80)
    assert one.share.change.value == pytest.approx(0.25)
    assert [kind.name for kind in review.by_type] == ["clog"]
    assert [kind.name for kind in review.by_model] == ["scripted:scripted"]
    assert [kind.name for kind in review.by_prompt] == ["inspection-1"]
    assert review.by_type[0].share == one.share


def test_types_models_and_prompts_are_told_apart() -> None:
    other = make_month(NOVEMBER, ["rejected"] * 2, cases=3, model="other")
    for case in other:
        case["case"]["id"] += "-other"
        case["provenance"]["prompt"] = "mine"
    review = review_month([*NOW, *other], "2026-11")
    told = {one.name: (one.accepted, one.edited, one.rejected) for one in review.by_model}
    assert told == {"scripted:scripted": (60, 20, 0), "scripted:other": (0, 0, 6)}
    assert {one.name: one.rejected for one in review.by_prompt} == {"inspection-1": 0, "mine": 6}
    few = next(one for one in review.by_model if one.name == "scripted:other")
    assert few.share.now.value is None  # 6 are too few to say
    assert few.share.change.value is None
    assert review.overall.share.before.n == 0
    assert "There is no result of 2026-10, so no change can be told." in review.gaps


def test_a_month_is_in_utc() -> None:
    late = make_month("2026-11-30T23:30:00-05:00", ["accepted"])  # in UTC it is December
    assert review_month([*NOW, *late], "2026-12").cases == 20
    with pytest.raises(ConfigError, match=r"no result is of 2026-09; .* there are: 2026-11"):
        review_month(NOW, "2026-09")
    with pytest.raises(ConfigError, match=r"no result is of 2026-12; .* there are: 2026-11"):
        review_month(NOW, "2026-12")


@pytest.mark.parametrize("month", ["2026", "2026-13", "november", "2026-1", 11])
def test_what_is_no_month_is_refused(month: Any) -> None:
    with pytest.raises(ConfigError, match="month"):
        review_month(NOW, month)


def test_the_month_before_january_is_december() -> None:
    assert review_month(make_month("2027-01-02T00:00:00Z", ["accepted"]), "2027-01").before == (
        "2026-12"
    )


def test_results_without_a_time_are_told() -> None:
    review = review_month([*NOW, make_result("undated")], "2026-11")
    assert "1 results do not say when they were made, and do not count." in review.gaps
    assert review.cases == 20


def test_the_last_decision_about_a_finding_counts_whatever_the_order_of_results() -> None:
    first = make_result("c", [make_reviewed("clog", 0.9, "rejected", id="f")], created_at=NOVEMBER)
    later = make_result(
        "c", [make_reviewed("clog", 0.9, "accepted", id="f", times=2)], created_at=NOVEMBER
    )
    for results in ([first, later], [later, first]):
        review = review_month(results, "2026-11")
        assert (review.cases, review.reviewed) == (1, 1)
        assert (review.overall.accepted, review.overall.rejected) == (1, 0)
        assert review.disagreements == ()


def make_raised(level: str | None, new_level: str, *, id: str) -> dict[str, Any]:
    before = make_finding("clog", "p1", id=id, level=level, observed={"confidence": 0.5})
    review = {"decision": "edited", "before": before, "because": "It floods."}
    return {**make_finding("clog", "p1", id=id, level=new_level), "reviews": [review]}


def test_severe_is_what_a_person_raised_into_the_upper_half_of_the_levels() -> None:
    found = [
        make_raised("low", "critical", id="f1"),
        make_raised("high", "critical", id="f2"),  # severe before
        make_raised(None, "critical", id="f3"),  # a person had to look first
        make_raised("low", "medium", id="f4"),  # no severe one
    ]
    results = [make_result(f"c{n}", found, created_at=NOVEMBER) for n in range(12)]
    review = review_month(results, "2026-11")
    assert (review.raised_to_severe.now.hits, review.raised_to_severe.now.n) == (12, 36)
    worst = [one for one in review.disagreements if one.kind == "raised"]
    assert [(one.level, one.new_level) for one in worst] == [("low", "critical")] * 6
    assert worst[0].because == "It floods."


def test_the_surest_that_was_rejected_comes_first_however_many_there_are() -> None:
    results = [
        make_result(
            f"c{n:03}",
            [make_reviewed("clog", n / 1000, "rejected", id="f")],
            created_at=NOVEMBER,
        )
        for n in range(500)
    ]
    review = review_month(reversed(results), "2026-11")
    assert [one.confidence for one in review.disagreements] == [
        0.499, 0.498, 0.497, 0.496, 0.495, 0.494
    ]  # fmt: skip
    assert review == review_month(results, "2026-11")


def test_labels_tell_costs_and_severe_issues_that_were_missed(tmp_path: Path) -> None:
    results = [
        make_result(
            f"{at[:7]}-{case}",
            [make_finding("clog", "p1", id="f", level="low", cost=(50, 100, 150))],
            created_at=at,
        )
        for at in (OCTOBER, NOVEMBER)
        for case in range(32)
    ]
    rows = ["case_id,photo_id,finding_id,type,truth,severity,invoice"]
    rows += [f"2026-10-{case},p1,f,clog,present,low,200" for case in range(32)]
    rows += [
        f"2026-11-{case},p1,f,clog,present,{'critical' if case % 2 else 'low'},125"
        for case in range(32)
    ]
    form = tmp_path / "labels.csv"
    form.write_text("\n".join(rows), encoding="utf-8")
    review = review_month(results, "2026-11", labels=form)
    assert review.severe_missed is not None
    assert (review.severe_missed.now.hits, review.severe_missed.now.n) == (16, 16)
    assert review.cost_within is not None
    assert (review.cost_within.now.value, review.cost_within.before.value) == (1, 0)
    assert review.cost_bias is not None
    assert review.cost_bias.now.value == pytest.approx(-0.2)
    assert review.cost_bias.change.value == pytest.approx(-0.2 + 0.5)
    assert "Invoices within the estimated range" in review.to_markdown()
    without = review_month(results, "2026-11")
    assert without.cost_within is None
    assert any("what repairs cost" in gap for gap in without.gaps)


def test_intervals_of_a_change_cover_it() -> None:
    generator = np.random.default_rng(7)
    covered = 0
    for _ in range(100):
        sides = []
        for share in (0.6, 0.7):
            lean = np.clip(generator.normal(share, 0.1, 40), 0, 1)
            sides.append(np.stack([generator.binomial(8, lean), np.full(40, 8)], axis=1))
        change = make_change(
            sides[0].astype(float), sides[1].astype(float), lambda s: s[..., 0] / s[..., 1], 320
        )
        assert change.low is not None
        assert change.high is not None
        covered += change.low <= 0.1 <= change.high
    assert covered >= 90


# -- how it looks --------------------------------------------------------------------------------


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A folder of results that were reviewed, and their photos beside it. Answers are scripted."""
    photos, results = tmp_path / "photos", tmp_path / "results"
    photos.mkdir()
    results.mkdir()
    agent = InspectionAgent(
        FunctionTransport(
            lambda request: make_answer(
                request, [make_issue("clog", 1, box=(200, 300, 600, 800), confidence=0.95)]
            )
        ),
        clock=lambda: datetime(2024, 3, 3, tzinfo=UTC),
    )
    for number in range(4):
        path = photos / f"{number}.jpg"
        path.write_bytes(render_jpeg(number, (640, 480)))
        result = agent.inspect([Photo.from_path(path)], id=f"c{number}")
        decision: Decision = "rejected" if number % 2 else "accepted"
        reviewed = result.with_review(
            result.issues[0].id,
            decision,
            by="Ana",
            at=datetime(2024, 3, 5, tzinfo=UTC),
            because="It is a shadow." if number % 2 else "",
        )
        (results / f"{number}.json").write_text(reviewed.to_json(), encoding="utf-8")
    return results


def test_a_page_shows_the_photos_of_disagreements_and_names_no_person(stored: Path) -> None:
    review = review_month(stored, "2024-03")
    assert [one.case_id for one in review.disagreements] == ["c1", "c3"]
    page = review.to_html(stored.parent / "photos")
    assert page.count("data:image/jpeg;base64,") == 2
    assert "It is a shadow." in page
    assert "Ana" not in page
    assert "data:image" not in review.to_html()
    (stored.parent / "photos" / "1.jpg").write_bytes(render_jpeg(99))  # another photo by now
    assert review.to_html(stored.parent / "photos").count("data:image") == 1
    with pytest.raises(ConfigError, match="no folder"):
        review.to_html(stored / "nowhere")


def test_it_is_written_and_read_again(stored: Path) -> None:
    review = review_month(stored, "2024-03")
    assert MonthlyReview.model_validate_json(review.to_json()) == review
    text = review.to_markdown()
    assert "# Review of 2024-03" in text
    assert "too few to say: 2 of 4" in text


def test_the_command(stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    photos = str(stored.parent / "photos")
    command = ["review-month", str(stored), "--month", "2024-03"]
    assert main([*command, "--photos", photos, "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "review-2024-03.html", "review-2024-03.json", "review-2024-03.md"
    ]  # fmt: skip
    assert "data:image" in (out / "review-2024-03.html").read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(command) == 0
    assert "Where people disagreed most" in capsys.readouterr().out
    assert main(["review-month", str(stored)]) == 2  # of last month, by today's date
    assert re.search(r"no result is of 20\d\d-\d\d; ", capsys.readouterr().err)


def test_the_command_that_compares_with_a_baseline(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = [make_result(f"c{n}", [make_finding("clog", "p1", id="f")]) for n in range(40)]
    lines = [make_result(f"c{n}", []) for n in range(40)]
    for name, run in (("new", results), ("old", lines)):
        text = "\n".join(map(json.dumps, run))
        (tmp_path / f"{name}.jsonl").write_text(text, encoding="utf-8")
    form = tmp_path / "labels.csv"
    rows = ["case_id,photo_id,type,truth", *(f"c{n},p1,clog,present" for n in range(40))]
    form.write_text("\n".join(rows), encoding="utf-8")
    command = ["evaluate", str(tmp_path / "new.jsonl"), str(form)]
    command += ["--baseline", str(tmp_path / "old.jsonl")]
    assert main(command) == 0
    assert "| Recall | 0.00 | 1.00 | 1.00" in capsys.readouterr().out
    assert main([*command, "--out", str(tmp_path / "out")]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "comparison.html", "comparison.json", "comparison.md"
    ]  # fmt: skip
    assert main([*command, "--fail-under", "recall=.5"]) == 2
    assert len(Labels.of(form).case_ids) == 40
