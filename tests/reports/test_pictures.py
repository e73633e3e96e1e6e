import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from inspectiq import ConfigError, Inspection, InspectionAgent, Photo, SeverityPolicy
from inspectiq.domain import PhotoRef
from inspectiq.reports import write_pictures
from inspectiq.reports._pictures import name_picture
from inspectiq.testing import FunctionTransport, make_answer, make_issue


def _plain(size: tuple[int, int], orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.new("RGB", size, (200, 200, 200)).save(file, "JPEG", exif=exif)
    return file.getvalue()


def _inspect(photo: Photo, **fields: Any) -> Inspection:
    engine = FunctionTransport(
        lambda request: make_answer(request, [make_issue("clog", 1, **fields)])
    )
    return InspectionAgent(engine).inspect(photo)


def _drawn(path: Path) -> tuple[float, float, float, float]:
    """Bounds, in fractions, of what is drawn in a strong colour."""
    with Image.open(path) as opened:
        picture = opened.convert("HSV")
    strong = picture.getchannel("S").point(lambda value: 255 if value > 90 else 0)
    left, top, right, bottom = strong.getbbox() or (0, 0, 0, 0)
    width, height = picture.size
    return left / width, top / height, right / width, bottom / height


def test_the_box_is_drawn_where_the_engine_put_it(tmp_path: Path) -> None:
    photo = Photo.from_bytes(_plain((800, 600)), name="a.jpg")
    (path,) = _inspect(photo, box=(500, 500, 750, 750)).write_pictures(tmp_path)
    left, top, right, bottom = _drawn(path)
    assert (left, right) == pytest.approx((0.5, 0.75), abs=0.02)
    assert bottom == pytest.approx(0.75, abs=0.02)
    assert 0.35 < top < 0.5  # the number stands above the box


def test_a_photo_held_sideways_is_shown_upright(tmp_path: Path) -> None:
    photo = Photo.from_bytes(_plain((800, 600), orientation=6), name="a.jpg")
    (path,) = _inspect(photo, box=(0, 800, 1000, 1000)).write_pictures(tmp_path)
    with Image.open(path) as picture:
        assert picture.size == (600, 800)
    assert _drawn(path)[3] == pytest.approx(1, abs=0.02)


def test_what_the_host_hides_stays_hidden_and_the_box_follows_the_crop(tmp_path: Path) -> None:
    def right_half(picture: Any) -> Any:
        width, height = picture.size
        return picture.crop((width // 2, 0, width, height)), (0.5, 0.0, 1.0, 1.0)

    photo = Photo.from_bytes(_plain((800, 600)), name="a.jpg", prepare=right_half)
    inspection = _inspect(photo, box=(0, 0, 500, 1000))
    box = inspection.issues[0].evidence[0].box
    assert box is not None
    assert box.to_tuple() == pytest.approx((0.5, 0, 0.75, 1))
    (path,) = inspection.write_pictures(tmp_path)
    with Image.open(path) as picture:
        assert picture.size == (400, 600)
    assert _drawn(path)[2] == pytest.approx(0.5, abs=0.03)


def test_only_photos_with_a_box_get_a_picture(tmp_path: Path) -> None:
    photo = Photo.from_bytes(_plain((80, 60)), name="a.jpg")
    assert _inspect(photo).write_pictures(tmp_path) == ()


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Inspection, Path]:
    """A result that went through JSON, and the folder that holds its photo."""
    path = tmp_path / "photos" / "hall" / "a.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(_plain((80, 60)))
    live = _inspect(Photo.from_path(path), box=(1, 1, 500, 500))
    return Inspection.model_validate_json(live.to_json()), path


def test_a_stored_result_needs_to_be_told_where_the_photos_are(
    stored: tuple[Inspection, Path], tmp_path: Path
) -> None:
    inspection, path = stored
    out = tmp_path / "out"
    assert write_pictures(inspection, out) == ()
    sources: list[Any] = [
        tmp_path / "photos",
        str(tmp_path / "photos"),
        {"p1": path},
        {"p1": path.read_bytes()},
        {"p1": Photo.from_path(path)},
        lambda ref: path if ref.id == "p1" else None,
    ]
    for source in sources:
        assert [written.name for written in write_pictures(inspection, out, source)] == ["p1.a.jpg"]


def test_a_photo_that_is_gone_or_unknown_is_left_out(
    stored: tuple[Inspection, Path], tmp_path: Path
) -> None:
    inspection, _ = stored
    sources: list[Any] = [{}, {"p1": tmp_path / "gone.jpg"}, lambda ref: None]
    for source in sources:
        assert write_pictures(inspection, tmp_path / "out", source) == ()
    with pytest.raises(ConfigError, match="no folder"):
        write_pictures(inspection, tmp_path / "out", tmp_path / "nowhere")


def test_another_photo_of_the_same_name_is_never_shown_as_evidence(
    stored: tuple[Inspection, Path], tmp_path: Path
) -> None:
    inspection, path = stored
    right = path.read_bytes()
    other = path.parent.parent / "bath" / "a.jpg"  # comes first in the folder
    other.parent.mkdir()
    other.write_bytes(_plain((81, 61)))
    (shown,) = write_pictures(inspection, tmp_path / "out", tmp_path / "photos")
    with Image.open(shown) as picture:
        assert picture.size == (80, 60)
    assert write_pictures(inspection, tmp_path / "out", {"p1": other}) == ()
    path.write_bytes(_plain((82, 62)))
    assert write_pictures(inspection, tmp_path / "out", tmp_path / "photos") == ()
    assert len(write_pictures(inspection, tmp_path / "out", {"p1": right})) == 1


def test_a_stored_result_does_not_show_what_the_host_had_hidden(tmp_path: Path) -> None:
    def blackened(picture: Any) -> Any:
        return Image.new("RGB", picture.size)

    raw = _plain((80, 60))
    photo = Photo.from_bytes(raw, name="a.jpg", prepare=blackened)
    live = _inspect(photo, box=(1, 1, 500, 500))
    again = Inspection.model_validate_json(live.to_json())
    assert write_pictures(again, tmp_path, {"p1": raw}) == ()
    assert len(write_pictures(again, tmp_path, {"p1": photo})) == 1
    assert len(live.write_pictures(tmp_path)) == 1


def test_a_source_that_gives_something_else_is_told_so(
    stored: tuple[Inspection, Path], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="int for photo p1"):
        write_pictures(stored[0], tmp_path, lambda ref: 3)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.jpg", "p1.a.jpg"),
        ("../../etc/passwd", "p1.passwd.jpg"),
        ("sal\u00f3n \u202egpj.exe", "p1.sal-n-gpj.jpg"),
        ("...", "p1.jpg"),
    ],
)
def test_file_names_are_harmless(name: str, expected: str) -> None:
    assert name_picture(PhotoRef(id="p1", name=name)) == expected


def test_no_two_photos_share_a_file_name() -> None:
    refs = [("a", "b-c.jpg"), ("a-b", "c.jpg"), ("x/1", "p.jpg"), ("x-1", "p.jpg"), ("A", "q.jpg")]
    refs += [("a", "q.jpg"), ("k" * 70 + "1", "p.jpg"), ("k" * 70 + "2", "p.jpg"), ("k\u00fc", "p")]
    names = {name_picture(PhotoRef(id=photo_id, name=name)).lower() for photo_id, name in refs}
    assert len(names) == len(refs)


def test_a_box_has_the_colour_that_the_policy_gives_its_level(tmp_path: Path) -> None:
    policy = SeverityPolicy.default()
    green = tuple(level.model_copy(update={"colour": "#00b000"}) for level in policy.levels)
    engine = FunctionTransport(
        lambda r: make_answer(r, [make_issue("clog", 1, box=(250, 250, 750, 750))])
    )
    agent = InspectionAgent(engine, severity=policy.model_copy(update={"levels": green}))
    (path,) = agent.inspect(Photo.from_bytes(_plain((800, 600)))).write_pictures(tmp_path)
    with Image.open(path) as opened:
        red, drawn, blue = (
            channel.crop((390, 440, 410, 460)) for channel in opened.convert("RGB").split()
        )
    assert max(ImageChops.subtract(drawn, red).tobytes()) > 60
    assert max(ImageChops.subtract(drawn, blue).tobytes()) > 60


@pytest.mark.parametrize("name", ["", "..", "/etc/hostname", "../a.jpg", "a\0b.jpg", "[!x]*.jpg"])
def test_a_name_that_is_no_files_own_leads_nowhere(name: str, tmp_path: Path) -> None:
    inspection = _inspect(Photo.from_bytes(_plain((80, 60)), name="a.jpg"), box=(0, 0, 500, 500))
    folder = tmp_path / "inner"
    folder.mkdir()
    for place in (tmp_path, folder):
        (place / "a.jpg").write_bytes(_plain((80, 60)))
    outcome = inspection.photos[0]
    named = outcome.model_copy(update={"photo": outcome.photo.model_copy(update={"name": name})})
    stored = inspection.model_copy(update={"photos": (named,)})
    assert stored.write_pictures(tmp_path / "out", folder) == ()
    assert len(inspection.write_pictures(tmp_path / "out", folder)) == 1
