"""The example flat: what is drawn, what was written about it by hand, and what the report shows."""

import io
from pathlib import Path

import pytest
from PIL import Image

from inspectiq import Inspection, Issue, write_report
from inspectiq._samples import LABEL, Defect, list_samples, read_sample
from inspectiq._samples.flat import BY_HAND, INSPECTOR, NOTE, inspect_flat, list_flat_photos
from inspectiq.domain import Box
from inspectiq.testing import block_network

OWN = [sample.name for sample in list_samples("flat")]


@pytest.fixture(scope="module")
def flat() -> Inspection:
    """The example, inspected once for all tests."""
    with block_network():
        return inspect_flat()


@pytest.fixture(scope="module")
def report(flat: Inspection, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Its report in Markdown."""
    written, *_ = write_report(flat, tmp_path_factory.mktemp("example"), more=NOTE)
    return written.read_text(encoding="utf-8")


def _find(flat: Inspection, type: str) -> Issue:
    (issue,) = (issue for issue in flat.issues if issue.type == type)
    return issue


def _overlap(box: Box, defect: Defect) -> float:
    """How much of what both cover is covered by both, 0-1."""
    x0, y0, x1, y1 = defect.box
    across = max(0.0, min(box.x1, x1) - max(box.x0, x0))
    shared = across * max(0.0, min(box.y1, y1) - max(box.y0, y0))
    return shared / ((box.x1 - box.x0) * (box.y1 - box.y0) + (x1 - x0) * (y1 - y0) - shared)


@pytest.mark.parametrize("name", OWN)
def test_a_picture_of_the_flat_is_small_and_says_that_it_is_rendered(name: str) -> None:
    stored = read_sample(name, "flat")
    assert len(stored) <= 60_000
    with Image.open(io.BytesIO(stored)) as picture:
        assert max(picture.size) == 1200
        assert picture.getexif()[0x010E] == LABEL
        assert LABEL.encode() in picture.info["comment"]


def test_the_flat_has_rooms_pictures_and_kinds_of_issue_enough_to_look_at(flat: Inspection) -> None:
    assert len({outcome.photo.room for outcome in flat.photos}) >= 7
    assert len(list_flat_photos()) >= 14
    assert len({issue.type for issue in flat.issues}) >= 10


def test_answers_point_at_what_is_drawn_and_none_of_it_is_left_out(flat: Inspection) -> None:
    drawn = {sample.name: list(sample.defects) for sample in list_flat_photos()}
    for issue in flat.issues:
        for item in issue.evidence:
            there = drawn[flat[item.photo_id].photo.name]
            assert item.box is not None
            close = [defect for defect in there if _overlap(item.box, defect) > 0.5]
            assert len(close) == 1, issue.type
            there.remove(close[0])
    assert not any(drawn.values())


def test_it_is_the_same_every_time_whatever_the_environment_says(
    flat: Inspection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("INSPECTIQ_CACHE", str(tmp_path / "answers.sqlite"))
    monkeypatch.setenv("INSPECTIQ_ENGINE", "openai:gpt-6-luna")
    assert inspect_flat().to_json() == flat.to_json()
    assert not [*tmp_path.iterdir()]


def test_all_that_reads_it_is_told_that_no_model_was_asked(flat: Inspection, report: str) -> None:
    assert flat.summary.headline.startswith(BY_HAND)
    (engine,) = flat.provenance.engines
    assert (engine.provider, engine.model) == ("example", "answers written by hand")
    assert flat.usage.requests == 0
    assert "invented" in (flat.case.property.address or "")
    assert report.index(BY_HAND) < report.index("## Findings")
    assert "engine: example answers written by hand" in report
    assert "rendered, not photographed" in report


def test_every_level_and_a_finding_that_needs_review_can_be_seen(flat: Inspection) -> None:
    assert set(flat.summary.by_level) == {"critical", "high", "medium", "low", "needs_review"}
    graded = [issue for issue in flat.issues if not issue.severity.is_review]
    assert all(limit.due for issue in graded for limit in issue.severity.deadlines)
    assert all(issue.severity.deadlines for issue in graded)
    assert {issue.severity.rule for issue in graded} >= {"occupants_at_risk", "running_water"}


def test_scope_cost_and_code_matters_can_be_seen(flat: Inspection) -> None:
    assert all(issue.scope.action and issue.cost and issue.cost.lines for issue in flat.issues)
    assert flat.cost is not None
    matters = {issue.code_matter.category for issue in flat.issues if issue.code_matter}
    assert matters >= {"electrical", "plumbing", "fire_safety"}


def test_the_gas_in_the_tenants_words_comes_before_all_else(flat: Inspection, report: str) -> None:
    assert [emergency.kind for emergency in flat.emergencies] == ["gas_smell"]
    assert report.index("## Emergency: act now") < report.index("## Executive Summary")


def test_an_unclear_photo_says_what_to_photograph_next_and_a_repeated_one_what_it_repeats(
    flat: Inspection, report: str
) -> None:
    (unclear,) = (outcome for outcome in flat.photos if outcome.status == "unclear")
    assert unclear.photo.name == "cellar-wall.jpg"
    assert "Photograph again (cellar-wall.jpg)" in report
    (again,) = (outcome for outcome in flat.photos if outcome.duplicate_of)
    assert flat[again.duplicate_of or ""].photo.name == "living-room-wall.jpg"


def test_a_persons_decisions_show_and_keep_what_was_there_before(
    flat: Inspection, report: str
) -> None:
    accepted, edited, rejected = (
        _find(flat, type) for type in ("missing_cover", "ceiling_stain", "blind_damage")
    )
    assert accepted.is_confirmed
    assert (edited.original.severity.level, edited.severity.level) == ("medium", "high")
    assert rejected.is_rejected
    for line in ("Accepted", "Edited (severity)", "Rejected"):
        assert f"{line} by {INSPECTOR}" in report


def test_the_example_remembers_its_photos_so_that_reports_can_show_them(
    flat: Inspection, tmp_path: Path
) -> None:
    assert set(flat.handles) == {outcome.photo.id for outcome in flat.photos}
    shown = {item.photo_id for issue in flat.issues for item in issue.evidence}
    assert len(flat.write_pictures(tmp_path)) == len(shown)


def test_a_sample_of_the_flat_is_not_one_of_the_others() -> None:
    assert not {sample.name for sample in list_samples()}.intersection(OWN)
    with pytest.raises(KeyError):
        read_sample(OWN[0])
