"""A report as HTML: what it shows, what it says it does not show, and how large it is."""

import io
import re
from base64 import b64decode
from pathlib import Path

import pytest
from PIL import Image

from inspectiq import Inspection, InspectionAgent, Photo
from inspectiq._samples.flat import inspect_flat
from inspectiq.errors import ConfigError
from inspectiq.photos._prepare_pool import _get_pool
from inspectiq.reports import render_html, write_report
from inspectiq.testing import FunctionTransport, make_answer, make_issue
from tests.conftest import render_jpeg
from tests.reports.results import diagnose_sink


def encode(picture: Image.Image, form: str = "PNG") -> bytes:
    file = io.BytesIO()
    picture.save(file, form)
    return file.getvalue()


def inspect_many(
    issues: int, photos: int = 3, *, cited: int | None = None, box: tuple[int, ...] | None = None
) -> Inspection:
    """So many scripted issues on the first of so many photos."""
    shown = cited or photos
    engine = FunctionTransport(
        lambda request: make_answer(
            request,
            [
                make_issue("carpet_tear_burn", 1 + i % shown, box=box, location=f"place {i}")
                for i in range(issues)
            ],
        )
    )
    seen = [Photo.from_bytes(render_jpeg(i), name=f"{i}.jpg", id=f"p{i}") for i in range(photos)]
    return InspectionAgent(engine, photos_per_request=600).inspect(seen, id="many")


def inspect_picture(
    content: bytes, *boxes: tuple[int, int, int, int], crop: bool = False
) -> Inspection:
    """One photo with an issue at each box."""
    engine = FunctionTransport(
        lambda request: make_answer(
            request,
            [
                make_issue("carpet_tear_burn", 1, box=box, location=f"place {i}")
                for i, box in enumerate(boxes)
            ],
        )
    )

    def cut(picture: Image.Image) -> tuple[Image.Image, tuple[float, ...]]:
        width, height = picture.size
        return picture.crop((width // 4, 0, width, height)), (0.25, 0.0, 1.0, 1.0)

    photo = Photo.from_bytes(content, name="it.png", id="p1", prepare=cut if crop else None)
    return InspectionAgent(engine).inspect([photo], id="one")


def list_pictures(page: str) -> list[str]:
    return re.findall(r'<figure class="(\w+)"><img src="data:image/jpeg;base64,', page)


@pytest.mark.parametrize("issues", [0, 1, 200, 2_000])
def test_every_finding_is_there_however_many(issues: int) -> None:
    page = render_html(inspect_many(issues), photos={})
    assert page.count('<article class="finding ') == issues
    for i in range(issues):
        assert f"place {i}<" in page
    assert f'id="finding-{issues}"' in page or not issues


def test_the_short_form_says_how_many_findings_it_leaves_out() -> None:
    page = render_html(inspect_many(200), brief=True)
    assert page.count('<article class="finding ') == 4
    assert "184 more findings stand in the full report." in page


@pytest.mark.parametrize("max_bytes", [100_000, 150_000, 300_000, 1_000_000])
@pytest.mark.parametrize(("issues", "photos", "cited"), [(30, 30, 30), (40, 1, 1), (10, 100, 5)])
def test_a_page_keeps_to_its_bytes_and_names_what_it_leaves_out(
    max_bytes: int, issues: int, photos: int, cited: int
) -> None:
    inspection = inspect_many(issues, photos, cited=cited, box=(100, 100, 500, 600))
    words = len(render_html(inspection, photos={}).encode())
    page = render_html(inspection, max_bytes=max_bytes)
    assert len(page.encode()) <= max(max_bytes, words)
    told = re.search(r"Not shown, to keep this file small: (.*?)\.</p>", page)
    left_out = set(told[1].split(", ")) if told else set()
    shown = set(re.findall(r'alt="Photo (\d+\.jpg)', page))
    assert shown | left_out == {f"{i}.jpg" for i in range(photos)}
    assert not shown & left_out


def test_one_photo_with_many_boxes_keeps_to_the_bytes_as_well() -> None:
    inspection = inspect_many(150, 1, box=(100, 100, 500, 600))
    words = len(render_html(inspection, photos={}).encode())
    page = render_html(inspection, max_bytes=words + 100_000)
    assert len(page.encode()) <= words + 100_000
    assert list_pictures(page)


def test_photos_that_are_not_at_hand_are_named() -> None:
    inspection = Inspection.model_validate_json(inspect_many(1, 3, cited=1).to_json())
    page = render_html(inspection)
    assert not list_pictures(page)
    told = "Not shown, since the photo was not at hand when this was made: 0.jpg, 1.jpg, 2.jpg."
    assert told in page


def test_a_file_that_changed_since_is_not_shown(tmp_path: Path) -> None:
    inspection = inspect_many(1, 2, cited=1)
    for i in (0, 1):
        (tmp_path / f"{i}.jpg").write_bytes(render_jpeg(i or 99))
    page = render_html(inspection, photos=tmp_path)
    assert list_pictures(page) == ["thumb"]
    assert "when this was made: 0.jpg." in page


def test_a_photo_is_shown_once_large_and_each_finding_has_its_close_up() -> None:
    page = render_html(inspect_many(4, 1, box=(100, 100, 500, 500)))
    assert list_pictures(page) == ["whole", "crop", "crop", "crop", "crop"]


def test_a_picture_that_the_short_form_has_no_place_for_stands_with_a_later_finding() -> None:
    engine = FunctionTransport(
        lambda request: make_answer(
            request,
            [
                make_issue("carpet_tear_burn", 1, 2, 3, severity="high", location="hall"),
                make_issue("scuff_scratch", 3, severity="low", location="door"),
            ],
        )
    )
    seen = [Photo.from_bytes(render_jpeg(i), name=f"{i}.jpg", id=f"p{i}") for i in (1, 2, 3)]
    page = render_html(InspectionAgent(engine, photos_per_request=9).inspect(seen), brief=True)
    assert re.findall(r'alt="Photo (\d\.jpg)', page) == ["1.jpg", "2.jpg", "3.jpg"]


EDGES = ((0, 0, 1000, 1000), (0, 0, 5, 5), (990, 990, 1000, 1000), (0, 400, 1000, 420))


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("L", (300, 200), 90),
        Image.new("RGBA", (300, 200), (90, 0, 0, 40)),
        Image.new("P", (300, 200)),
        Image.new("1", (300, 200)),
        Image.new("RGB", (24, 24), "grey"),
        Image.new("RGB", (6_000, 60), "grey"),
        Image.new("RGB", (60, 6_000), "grey"),
    ],
    ids=lambda picture: f"{picture.mode}-{picture.width}x{picture.height}",
)
def test_odd_pictures_and_boxes_are_shown(picture: Image.Image) -> None:
    inspection = inspect_picture(encode(picture), *EDGES)
    if inspection.photos[0].status == "failed":
        pytest.skip(f"an agent takes none: {inspection.photos[0].fault}")
    assert "whole" in list_pictures(render_html(inspection))


def test_a_photo_that_a_host_cut_is_shown_cut() -> None:
    picture = Image.new("RGB", (400, 200), "white")
    picture.paste("red", (0, 0, 100, 200))  # what the host cuts off
    inspection = inspect_picture(encode(picture), (500, 200, 900, 800), crop=True)
    page = render_html(inspection)
    uris = re.findall(r'src="data:image/jpeg;base64,([^"]+)" width="(\d+)"', page)
    assert uris[0][1] == "300"
    with Image.open(io.BytesIO(b64decode(uris[0][0]))) as shown:
        red, green, _ = shown.convert("RGB").getpixel((3, 3))  # type: ignore[misc]
    assert red - green < 60


def test_a_diagnosis_of_words_alone_has_no_picture() -> None:
    page = render_html(diagnose_sink())
    assert not list_pictures(page)
    assert "words only" in page


def test_a_result_that_was_read_back_makes_the_same_page(tmp_path: Path) -> None:
    inspection = inspect_flat()
    again = Inspection.model_validate_json(inspection.to_json())
    for number, outcome in enumerate(inspection.photos):
        (tmp_path / str(number)).mkdir()
        photo = inspection.handles[outcome.photo.id]
        (tmp_path / str(number) / outcome.photo.name).write_bytes(photo.read())
    assert again.to_html(tmp_path) == inspection.to_html()


def test_what_makes_a_page_is_said_in_its_metadata() -> None:
    page = render_html(inspect_flat())
    assert '<meta name="ai-generated" content="true">' in page
    assert '<meta name="human-reviewed" content="3 of 15 findings">' in page
    assert "were generated by a machine" in page


@pytest.mark.parametrize("language", ["xx", "es-ZZ", 5, "../en"])
def test_a_language_that_there_is_not_is_refused(language: str) -> None:
    with pytest.raises(ConfigError, match="language"):
        render_html(inspect_flat(), language=language)


@pytest.mark.parametrize("max_bytes", [5, 99_999, float("nan"), "1", None])
def test_bytes_that_are_too_few_are_refused(max_bytes: int) -> None:
    with pytest.raises(ConfigError, match="max_bytes"):
        render_html(inspect_flat(), max_bytes=max_bytes)


def test_a_report_folder_has_html_and_tables_as_well(tmp_path: Path) -> None:
    written = write_report(inspect_flat(), tmp_path, also=("html", "csv"), language="es")
    names = {path.name for path in written if path.parent == tmp_path}
    tables = {"issues.csv", "photos.csv", "cost_lines.csv"}
    assert names == {"report.md", "inspection.json", "report.html"} | tables
    assert '<html lang="es">' in (tmp_path / "report.html").read_text("utf-8")


def test_a_format_that_there_is_not_is_refused(tmp_path: Path) -> None:
    for also in ("html", ("doc",), (5,)):
        with pytest.raises(ConfigError, match="also"):
            write_report(inspect_flat(), tmp_path, also=also)  # type: ignore[arg-type]


def test_what_is_kept_of_photos_keeps_none_of_their_own_bytes() -> None:
    inspection = inspect_many(1, 3, cited=1)
    render_html(inspection, photos=lambda ref: render_jpeg(int(ref.name[0])))
    keys = [part for key in _get_pool().kept._entries for part in key]  # type: ignore[attr-defined]
    assert not any(hasattr(part, "content") for part in keys)
