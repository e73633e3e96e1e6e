"""`show` gives a picture of one photo, with the boxes of its findings, while it can be had."""

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from inspectiq import ConfigError, DiagnosisAgent, Inspection, InspectionAgent, Photo
from inspectiq.errors import PhotoError, UnknownPhoto
from inspectiq.testing import FunctionTransport, make_answer, make_issue, make_problem
from tests.conftest import render_jpeg


def _make_agent() -> InspectionAgent:
    def answer(request: Any) -> str:
        found = [make_issue("clog", n, box=(100, 100, 500, 500)) for n in request_numbers(request)]
        found += [make_issue("graffiti", n, box=(600, 600, 900, 900)) for n in (1,)]
        return make_answer(request, found)

    def request_numbers(request: Any) -> range:
        return range(1, len(request.photos) + 1)

    return InspectionAgent(FunctionTransport(answer))


@pytest.fixture
def live(tmp_path: Path) -> Inspection:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{number}.jpg").write_bytes(render_jpeg(number, (640, 480)))
    return _make_agent().inspect(folder)


def _differ(one: Image.Image, other: Image.Image) -> tuple[int, int, int, int] | None:
    """Where two pictures differ by more than JPEG does."""
    difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).convert("L")
    return difference.point(lambda value: 255 if value > 60 else 0).getbbox()


def test_a_photo_is_shown_upright_and_as_large_as_asked(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (800, 600), "white").save(tmp_path / "a.jpg", exif=exif)
    photo = Photo.from_path(tmp_path / "a.jpg")
    assert photo.show().size == (600, 800)
    assert photo.show(long_side=100).size == (75, 100)
    for wrong in (0, -1, 1.5, "800", None, True):
        with pytest.raises(ConfigError, match="long_side"):
            photo.show(long_side=wrong)  # type: ignore[arg-type]


def test_a_photo_is_shown_as_the_host_lets_it_be_seen() -> None:
    photo = Photo.from_bytes(
        render_jpeg(1), name="a.jpg", prepare=lambda picture: Image.new("RGB", picture.size)
    )
    assert max(high for _, high in photo.show().getextrema()) == 0  # type: ignore[misc]


def test_a_photo_that_is_no_photo_says_why() -> None:
    with pytest.raises(PhotoError):
        Photo.from_bytes(b"text", name="a.jpg").show()


def test_a_result_shows_a_photo_with_the_boxes_of_all_its_findings(live: Inspection) -> None:
    plain = live.handles["p1"].show()
    both = live.show("p1")
    assert both.size == plain.size == (640, 480)
    left, top, right, bottom = _differ(plain, both) or (0, 0, 0, 0)
    assert (left, right, bottom) == pytest.approx((64, 576, 432), abs=8)
    assert top < 48
    assert _differ(both, live.show(live["p1"])) is None


def test_a_finding_shows_its_own_box_alone(live: Inspection) -> None:
    (graffiti,) = [issue for issue in live.issues if issue.type == "graffiti"]
    plain = live.handles["p1"].show()
    for shown in (graffiti.show(), live.show(graffiti)):
        left, _, right, bottom = _differ(plain, shown) or (0, 0, 0, 0)
        assert (left, right, bottom) == pytest.approx((384, 576, 432), abs=8)


def test_a_finding_shows_the_photo_that_is_asked_for(live: Inspection) -> None:
    issue = live.issues[0]
    (shown_by,) = {item.photo_id for item in issue.evidence}
    assert issue.show(shown_by).size == (640, 480)
    with pytest.raises(ConfigError, match=f"the photos that show {issue.id} are {shown_by}"):
        issue.show("p9")
    with pytest.raises(ConfigError, match="photo_id: an int was given"):
        issue.show(1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "derive",
    [
        lambda result: result.regrade(severity="nspire"),
        lambda result: result.with_review(
            result.issues[0].id, "accepted", by="Ann", at=datetime(2026, 1, 1, tzinfo=UTC)
        ),
        lambda result: result.with_found(
            [issue.model_copy(update={"label": "mine"}) for issue in result.issues]
        ),
        copy.copy,
    ],
)
def test_findings_of_a_derived_result_can_be_shown(
    live: Inspection, derive: Callable[[Inspection], Inspection]
) -> None:
    derived = derive(live)
    assert [issue.show(long_side=80).size for issue in derived.issues] == [(80, 60)] * 3


def test_what_a_finding_remembers_is_no_part_of_its_equality_json_or_pickle(
    live: Inspection,
) -> None:
    stored = Inspection.model_validate_json(live.to_json())
    assert stored.issues == live.issues
    assert hash(stored.issues[0]) == hash(live.issues[0])
    again = pickle.loads(pickle.dumps(live.issues[0]))
    assert again == live.issues[0]
    with pytest.raises(ConfigError, match=r"is not remembered: .* result\.show\(finding, photos="):
        again.show()


def test_a_stored_result_shows_photos_that_it_is_given(live: Inspection, tmp_path: Path) -> None:
    stored = Inspection.model_validate_json(live.to_json())
    with pytest.raises(ConfigError, match="give photos="):
        stored.show("p1")
    for which in ("p1", stored.issues[0], stored.photos[1]):
        assert stored.show(which, photos=tmp_path / "photos").size == (640, 480)
    stored.remember({"p1": Photo.from_path(tmp_path / "photos" / "1.jpg")})
    shown = [issue for issue in stored.issues if issue.evidence[0].photo_id == "p1"]
    assert shown[0].show().size == (640, 480)


def test_what_cannot_be_shown_says_why(live: Inspection, tmp_path: Path) -> None:
    path = tmp_path / "photos" / "1.jpg"
    right = path.read_bytes()
    with pytest.raises(UnknownPhoto):
        live.show("p9")
    with pytest.raises(ConfigError, match="which: an int was given"):
        live.show(1)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="no folder"):
        live.show("p1", photos=tmp_path / "nowhere")
    other = _make_agent().inspect(render_jpeg(9))
    with pytest.raises(ConfigError, match=f"has no finding {other.issues[0].id}"):
        live.show(other.issues[0])
    with pytest.raises(ConfigError, match="another photo now, by its hash"):
        live.show("p1", photos={"p1": render_jpeg(7)})
    with pytest.raises(ConfigError, match=r"prepare=\.\.\."):
        live.show("p1", photos={"p1": Photo.from_bytes(right, prepare=lambda picture: picture)})
    path.unlink()
    with pytest.raises(PhotoError, match="no such file"):
        live.show("p1")
    with pytest.raises(PhotoError, match="no such file"):
        live.issues[0].show("p1")


def test_a_photo_that_was_never_read_points_to_its_fault(tmp_path: Path) -> None:
    failed = _make_agent().inspect([render_jpeg(1), tmp_path / "gone.jpg"])
    with pytest.raises(ConfigError, match="could not be read when it was inspected"):
        failed.show("p2")


def test_a_problem_of_words_alone_has_no_photo_to_show() -> None:
    engine = FunctionTransport(lambda request: make_answer(request, [make_problem("clog")]))
    diagnosis = DiagnosisAgent(engine).diagnose(description="the sink is slow")
    with pytest.raises(ConfigError, match="words alone"):
        diagnosis.findings[0].show()
    with pytest.raises(ConfigError, match="words alone"):
        diagnosis.show(diagnosis.findings[0])
