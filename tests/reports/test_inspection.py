import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from markdown_it import MarkdownIt
from PIL import Image

from inspectiq import (
    CostBook,
    EngineProfile,
    Inspection,
    InspectionAgent,
    Photo,
    Property,
    write_report,
)
from inspectiq.domain._photo import PhotoWarning
from inspectiq.reports._language import ENGLISH
from inspectiq.reports._photos import describe_warnings
from inspectiq.testing import FunctionTransport, make_answer, make_issue

Photos = Callable[..., tuple[Photo, ...]]


def _inspect(photos: Any, *issues: Any, unclear: Any = None, **case: Any) -> Inspection:
    engine = FunctionTransport(lambda request: make_answer(request, issues, unclear=unclear))
    clock = lambda: datetime(2026, 1, 15, 12, tzinfo=UTC)  # noqa: E731
    return InspectionAgent(engine, photos_per_request=9, clock=clock).inspect(photos, **case)


def _headings(markdown: str) -> list[str]:
    return re.findall(r"^## (.*)$", markdown, re.MULTILINE)


def test_the_first_page_says_what_matters_and_what_could_not_be_assessed(photos: Photos) -> None:
    report = _inspect(
        [*photos(2), Photo.from_bytes(b"no picture", name="broken.jpg", id="p3")],
        make_issue("panel_fault", 1, severity="critical", location="behind the door"),
        make_issue("scuff_scratch", 1, severity="low"),
        unclear={2: "too dark"},
        property=Property(address="12 Elm Street", state="CA", country="US"),
        reported_at=datetime(2026, 1, 2, 9, tzinfo=UTC),
    ).to_markdown()
    first_page = report.partition("## Findings")[0]
    for words in (
        "Address: 12 Elm Street",
        "State and country: CA, US",
        "Reported: 2026-01-02 09:00 UTC",
        "2 issues seen in 1 assessed photo; 2 more could not be assessed.",
        "Critical: 1",
        "Could not be assessed:** 2.jpg, broken.jpg",
        "1. Fault at the electrical panel (behind the door): Critical",
    ):
        assert words in first_page


def test_a_cost_is_taken_apart_and_a_condition_says_what_speaks_for_it(photos: Photos) -> None:
    inspection = _inspect(
        photos(1),
        make_issue("carpet_tear_burn", 1, extent=30, condition="damage"),
        property=Property(state="CA", country="US"),
    )
    report = inspection.to_markdown()
    (found,) = inspection.issues
    assert found.cost is not None
    for line in found.cost.lines:
        label = line.label.replace("Labour", "Labor")  # as Americans write it
        assert f"  - {line.amount:,f} {label}" in report
    assert "listed as damage: burns (HUD" in report
    assert "useful life 5 years" in report
    table = report.partition("## Estimated Cost")[2].partition("\n## ")[0]
    assert f"| In all | {found.cost.expected:,f} |" in table
    assert "This is not a quote." in table


def test_a_deadline_and_a_level_name_what_set_them(photos: Photos) -> None:
    report = _inspect(
        photos(1),
        make_issue("panel_fault", 1, severity="low"),
        inspected_at=datetime(2026, 1, 2, 9, tzinfo=UTC),
    ).to_markdown()
    assert "Severity: High (live parts); not a published rule" in report
    assert "2026-01-09 09:00 UTC (house high: 7 days after the inspection" in report


def test_the_sections_keep_their_titles_and_order(photos: Photos) -> None:
    report = _inspect(
        photos(1), make_issue("panel_fault", 1, unusual_action="Call an electrician.")
    )
    assert _headings(report.to_markdown()) == [
        "Property Details",
        "Executive Summary",
        "Findings",
        "Estimated Cost",
        "Code Compliance Assessment",
        "Room-by-Room Details",
        "Priority Action Items",
        "Photos",
        "Important Disclaimers",
        "How this was made",
    ]


def test_a_finding_says_where_what_and_how_sure(photos: Photos) -> None:
    report = _inspect(
        photos(1, room="kitchen"),
        make_issue(
            "wall_hole",
            1,
            box=(250, 500, 500, 1000),
            extent=1.5,
            condition="damage",
            unusual_action="Patch it.",
            confidence=0.75,
        ),
    ).to_markdown()
    for words in (
        "### 1. Hole in a wall",
        "Where: kitchen",
        "How much: about 1.5 sq ft",
        "Wear or damage: damage",
        "What to do: Patch it\\.",
        "Materials: Board, compound and paint\n",
        "Stated confidence: 0.75 (not a probability)",
        "1.jpg, 25–50 % from the left, 50–100 % from the top",
    ):
        assert words.replace("\\", "") in report


def test_the_quantity_of_a_metric_book_is_told_in_metres(photos: Photos) -> None:
    items: Any = {"wall_hole": {"unit": "sq_m", "rate": "38.50"}, "clog": {"rate": 9}}
    book = CostBook(name="b", version="1", currency="EUR", units="metric", items=items)
    engine = FunctionTransport(
        lambda request: make_answer(
            request, [make_issue("wall_hole", 1, extent=2), make_issue("clog", 1, extent=2)]
        )
    )
    report = InspectionAgent(engine, cost_book=book).inspect(photos(1), id="c").to_markdown()
    assert "How much: about 0.19 sq m (2 sq ft)" in report
    assert "0.19 sq m × 38.50" in report
    assert "How much: 2\n" in report


def test_no_issues_is_never_more_than_none_seen_in_so_many_photos(photos: Photos) -> None:
    report = _inspect(photos(2)).to_markdown()
    assert "No issues seen in 2 assessed photos." in report
    assert "| 1.jpg | assessed | none seen |" in report
    failed = _inspect([Photo.from_bytes(b"x", name="a.jpg")]).to_markdown()
    assert "Nothing was assessed" in failed
    assert "No issues" not in failed
    assert "| a.jpg | failed | not known |" in failed


def test_a_triage_says_what_it_does_not_see(photos: Photos) -> None:
    profile = EngineProfile(model="m", groups=("interior_finish",), looks_for="cracks")
    engine = FunctionTransport(make_answer, profile=profile)
    report = InspectionAgent(engine).inspect(photos(1)).to_markdown()
    assert "It looks for cracks (Walls and ceilings inside), misses some" in report
    assert "It does not look for: anything else there; Structure; Roof;" in report
    assert "A photo without a finding is not a clean photo." in report
    assert "a triage does not look for most kinds of issue" in report


def test_photos_to_take_next_and_faults_become_next_steps(photos: Photos) -> None:
    report = _inspect(
        [*photos(1), Photo.from_path("there-is-no-such.jpg", id="p2")], unclear={1: "blurred"}
    ).to_markdown()
    steps = report.partition("## Recommended Next Steps")[2].partition("##")[0]
    assert "Photograph again: 1.jpg" in steps
    assert "there-is-no-such.jpg" in steps


def test_what_may_have_spoiled_a_photo_is_said_in_words() -> None:
    report = _inspect([Image.new("RGB", (64, 48), level) for level in ("black", "white")])
    assert "looks dark" in report.to_markdown()
    assert "looks overexposed" in report.to_markdown()
    assert [outcome.warnings for outcome in report.photos] == [("dark",), ("overexposed",)]
    for outcome in report.photos:
        every = outcome.model_copy(update={"warnings": get_args(PhotoWarning)})
        assert all(describe_warnings(every, ENGLISH))


def test_what_others_wrote_stays_text(photos: Photos) -> None:
    evil = "![x](http://evil.example/x.png) <script>alert(1)</script> | www.evil.com"
    report = _inspect(
        (photos(1)[0].replace(name=f"{evil}.jpg", room=evil),),
        make_issue("clog", 1, description=evil, unusual_action=evil, location=evil),
        description=evil,
        property=Property(address=evil),
    ).to_markdown()
    assert report.count("alert") >= 4  # all of it is there, as text
    renderer = MarkdownIt("gfm-like", {"html": True})
    tokens = renderer.parse(report)
    kinds = {child.type for token in tokens for child in token.children or ()}
    kinds |= {token.type for token in tokens}
    assert not kinds & {"image", "link_open", "html_inline", "html_block"}


def test_a_report_on_disk_shows_its_pictures(photos: Photos, tmp_path: Path) -> None:
    inspection = _inspect(
        photos(2),
        make_issue("clog", 1, box=(0, 0, 500, 500)),
        make_issue("clog", 1, box=(1, 1, 9, 9)),
    )
    written = write_report(inspection, tmp_path / "out")
    assert [path.name for path in written] == ["report.md", "inspection.json", "p1.1.jpg"]
    report = written[0].read_text()
    assert report.count("![Photo p1](pictures/p1.1.jpg)") == 1
    assert Inspection.model_validate_json(written[1].read_text()) == inspection


def test_a_report_on_disk_has_the_sections_of_a_host_as_plain_text(
    photos: Photos, tmp_path: Path
) -> None:
    more = {"For the next guest": ["Two towels are missing", "<b>not</b> a tag"]}
    report = write_report(_inspect(photos(1)), tmp_path, more=more)[0].read_text()
    assert "\n## For the next guest\n\n- Two towels are missing\n" in report
    assert "<b>" not in report


def test_a_folder_that_cannot_be_written_to_is_a_configuration_error(
    photos: Photos, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(ValueError, match="choose another folder"):
        write_report(_inspect(photos(1)), blocked)


def test_what_a_subclass_asked_for_is_in_the_report(photos: Photos) -> None:
    from inspectiq import IssueObservation

    class Pool(IssueObservation):
        water_clarity: str | None
        readings: list[float]
        covered: bool

    class PoolAgent(InspectionAgent[Pool]):
        observation_model = Pool

    engine = FunctionTransport(
        lambda request: make_answer(
            request,
            [make_issue("clog", 1, water_clarity="green", readings=[7.2, 1], covered=False)],
        )
    )
    report = PoolAgent(engine).inspect(photos(1)).to_markdown()
    assert "- Water clarity: green" in report
    assert "- Readings: 7.2, 1" in report
    assert "- Covered: no" in report


def test_the_same_action_is_listed_once_with_its_findings(photos: Photos) -> None:
    report = _inspect(
        photos(1), *[make_issue("clog", 1, unusual_action="Call a plumber.")] * 3
    ).to_markdown()
    assert ": Call a plumber. (findings 1, 2, 3)" in report


def test_a_report_in_a_used_folder_keeps_no_picture_of_the_one_before(
    photos: Photos, tmp_path: Path
) -> None:
    boxed = make_issue("clog", 1, box=(0, 0, 500, 500))
    write_report(_inspect(photos(1), boxed), tmp_path)
    other = photos(2)[1].replace(id="p9")
    (tmp_path / "pictures" / "mine.jpg").write_bytes(b"the host's own")
    write_report(_inspect((other,), boxed), tmp_path)
    assert {path.name for path in (tmp_path / "pictures").iterdir()} == {"mine.jpg", "p9.2.jpg"}
