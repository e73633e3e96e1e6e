"""The offline engine: what it finds on rendered samples, and how honest it is about it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspectiq import DiagnosisAgent, Inspection, InspectionAgent, IssueObservation, Photo
from inspectiq._samples import list_samples
from inspectiq.transports._offline import Detection, OfflineTransport, Region
from inspectiq.transports._offline.cracks import CrackDetector
from tools.pictures import render_picture


def test_it_finds_the_drawn_crack_in_one_box_and_nothing_in_the_clean_rooms(
    triage: Inspection,
) -> None:
    inspection = triage
    by_name = {outcome.photo.name: outcome.photo.id for outcome in inspection.photos}
    found = {
        name: [i for i in inspection.issues if i.evidence[0].photo_id == photo_id]
        for name, photo_id in by_name.items()
    }
    (crack,) = found["living-room-wall.jpg"]
    (drawn,) = next(s for s in list_samples() if s.name == "living-room-wall.jpg").defects
    box = crack.evidence[0].box
    assert box is not None
    assert box.to_tuple() == pytest.approx(drawn.box, abs=0.06)
    for clean in ("bedroom.jpg", "kitchen.jpg", "hall-ceiling.jpg"):
        assert found[clean] == []


def test_what_it_reads_is_triaged_and_what_it_finds_needs_review(triage: Inspection) -> None:
    inspection = triage
    assert {outcome.status for outcome in inspection.photos} == {"triaged"}
    assert {outcome.groups for outcome in inspection.photos} == {("interior_finish",)}
    assert inspection.status == "partial"
    assert inspection.summary.worst is None
    for issue in inspection.issues:
        assert issue.severity.level is None
        assert issue.severity.deadlines == ()
        assert issue.evidence[0].confidence_source == "score"
        assert issue.cost is None


def test_a_crack_is_of_no_known_kind_and_its_trade_is_open(triage: Inspection) -> None:
    (crack,) = triage.issues
    assert (crack.type, crack.label) == ("crack_kind_unknown", "Crack, kind not known")
    assert crack.scope.trade == "open"
    report = triage.to_markdown()
    assert "Trade: open until a person has looked" in report
    assert "Severity: needs review; no level until a person has looked\n" in report
    assert "Cost: not estimated; what the repair takes is not known until a person has" in report
    for guess in ("drywall", "tape", "assumption"):
        assert guess not in report.lower()


@pytest.mark.parametrize("words", ["There is a crack in the wall", "the ceiling is cracked"])
def test_a_crack_that_is_only_told_of_is_of_no_known_kind_either(words: str) -> None:
    with DiagnosisAgent("offline") as agent:
        diagnosis = agent.diagnose(description=words)
    (crack,) = diagnosis.findings
    assert (crack.label, crack.scope.trade) == ("Crack, kind not known", "open")
    assert crack.cost is None
    assert "(open until a person has looked; not a job for an amateur)" in diagnosis.to_markdown()


def test_results_say_what_it_was_sent(samples: Path) -> None:
    (outcome,) = InspectionAgent("offline").inspect(samples / "kitchen").photos
    assert outcome.photo.original is not None
    assert outcome.photo.sent is not None
    assert (outcome.photo.original.width, outcome.photo.original.height) == (1600, 1200)
    assert max(outcome.photo.sent.width, outcome.photo.sent.height) <= 1024


def test_another_detector_can_stand_in(samples: Path) -> None:
    class Corner:
        name, version = "corner", "1"

        def detect(self, picture: Any, /) -> Detection:
            assert picture.dtype == np.uint8
            assert picture.shape[2] == 3
            return Detection(
                np.zeros(picture.shape[:2], np.float32), (Region((0.0, 0.0, 0.25, 0.25), 0.8),)
            )

    inspection = InspectionAgent(OfflineTransport(Corner())).inspect(samples / "kitchen")
    (issue,) = inspection.issues
    assert issue.observed.confidence == 0.8
    assert inspection.provenance.engines[0].model == "corner"


def test_it_leaves_open_what_it_cannot_know_and_refuses_to_invent_the_rest(
    samples: Path,
) -> None:
    class Optional(IssueObservation):
        depth: float | None

    class Required(IssueObservation):
        depth: float

    class OptionalAgent(InspectionAgent[Optional]):
        observation_model = Optional

    class RequiredAgent(InspectionAgent[Required]):
        observation_model = Required

    wall = samples / "living room"
    (issue,) = OptionalAgent("offline").inspect(wall).issues
    assert issue.extra == {"depth": None}
    (outcome,) = RequiredAgent("offline").inspect(wall).photos
    assert outcome.status == "failed"
    assert outcome.fault is not None
    assert "depth" in outcome.fault.message


@pytest.mark.parametrize("shape", [(16, 16), (16, 2000), (2000, 16), (227, 227)])
def test_any_size_of_picture_is_taken(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (*shape, 3), dtype=np.uint8)
    detection = CrackDetector().detect(noise)
    assert detection.score_map.shape == shape
    assert detection.score_map.dtype == np.float32
    for region in detection.regions:
        assert 0 <= region.box[0] < region.box[2] <= 1
        assert 0 <= region.box[1] < region.box[3] <= 1
        assert 0 <= region.score <= 1


def test_a_plain_wall_shows_nothing_and_the_same_picture_gives_the_same_answer() -> None:
    detector = CrackDetector()
    plain = np.full((400, 600, 3), 180, np.uint8)
    assert detector.detect(plain).regions == ()
    picture, _ = render_picture("living-room-wall.jpg")
    pixels = np.asarray(picture)
    assert detector.detect(pixels).regions == detector.detect(pixels).regions


def test_a_photo_that_cannot_be_read_costs_only_itself(samples: Path) -> None:
    good = Photo.from_path(samples / "kitchen" / "kitchen.jpg")
    bad = Photo.from_bytes(b"not a picture", name="bad.jpg")
    first, second = InspectionAgent("offline").inspect([bad, good]).photos
    assert (first.status, second.status) == ("failed", "triaged")
