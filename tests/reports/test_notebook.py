"""What notebooks show of values: small, safe whatever others wrote, and never cut silently."""

import base64
import io
import random
import re
from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

from inspectiq import (
    Diagnosis,
    DiagnosisAgent,
    Inspection,
    InspectionAgent,
    Issue,
    Photo,
    Property,
    SeverityPolicy,
)
from inspectiq.agents import Preview
from inspectiq.domain import CostEstimate, CostLine
from inspectiq.testing import FunctionTransport, make_answer, make_issue, make_problem
from tests.conftest import render_jpeg
from tests.domain.strategies import inspections

SECRET = "Elm Street 7"
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"' onload='alert(3) **bold** "
    "[link](https://evil.example/) $E=mc^2$ \u200b\u200b\u202eolleh " + "W" * 10_000
)
TAGS = {"div", "span", "strong", "br", "wbr", "img"} | {"table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {
    "div": {"class", "style"},
    "span": {"style"},
    "img": {"src", "alt", "style"},
    "table": {"style"},
    "th": {"style", "scope"},
    "td": {"style"},
}
STYLES = {  # all of them pass the sanitizer of JupyterLab (@jupyterlab/apputils 4.7.6)
    *("background-color", "border", "border-bottom", "border-collapse", "display", "font-size"),
    *("height", "line-height", "margin", "margin-right", "max-width", "opacity", "padding"),
    *("table-layout", "text-align", "vertical-align", "width"),
}


class _Checked(HTMLParser):
    """Reads HTML, and takes only what is known to be harmless and to reach the reader."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.pictures: list[bytes] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []
        self.text = " ".join("".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        assert {name for name, _ in attrs} <= ATTRIBUTES.get(tag, set())
        given = dict(attrs)
        for style in filter(None, (given.get("style") or "").split(";")):
            name, _, value = style.partition(":")
            assert name in STYLES
            assert re.fullmatch(r"[a-z0-9 #%.,()-]+", value)
            assert "url" not in value
        if tag == "img":
            head, _, data = (given["src"] or "").partition(",")
            assert head == "data:image/jpeg;base64"
            self.pictures.append(base64.b64decode(data, validate=True))
        if tag in ("div", "table", "td", "tr"):
            self.words.append(" ")
        if tag not in ("br", "wbr", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _read(value: Any) -> _Checked:
    return _Checked(value._repr_html_())


def _inspect(photos: Any, **fields: Any) -> Inspection:
    engine = FunctionTransport(
        lambda request: make_answer(
            request,
            [
                make_issue("clog", number, box=(100, 100, 900, 900), **fields)
                for number in range(1, len(request.photos) + 1)
            ],
        )
    )
    return InspectionAgent(engine).inspect(
        photos, property=Property(address=SECRET), description=f"the sink is slow, {SECRET}"
    )


@pytest.fixture(scope="module")
def live(samples: Path) -> Inspection:
    return _inspect(samples)


def test_an_inspection_shows_its_findings_and_photos_with_boxes(live: Inspection) -> None:
    shown = _read(live)
    assert shown.text.startswith(f"Inspection · complete · case {live.case.id}")
    for part in (live.summary.headline, "Blocked drain", "kitchen", "Medium 7", "not a quote"):
        assert part in shown.text
    assert len(shown.pictures) == 7
    for data in shown.pictures:
        with Image.open(io.BytesIO(data)) as picture:
            assert max(picture.size) <= 240
    with Image.open(io.BytesIO(shown.pictures[0])) as picture:
        assert _count_of_colour(picture, live.issues[0].severity.colour or "") > 200


def _count_of_colour(picture: Image.Image, colour: str) -> int:
    wanted = tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
    pixels = picture.convert("RGB").tobytes()
    return sum(
        all(abs(pixels[at + part] - wanted[part]) < 40 for part in range(3))
        for at in range(0, len(pixels), 3)
    )


def test_what_is_kept_out_of_reprs_is_kept_out_of_html_too(live: Inspection) -> None:
    for value in (live, live.issues[0], live.photos[0]):
        assert SECRET not in value._repr_html_()
    assert live.case.property.address == SECRET


def test_an_issue_shows_what_to_do_and_its_photo(live: Inspection) -> None:
    issue = live.issues[0]
    shown = _read(issue)
    for part in (issue.label, issue.id, issue.observed.description, "Trade plumber", "Deadlines"):
        assert part in shown.text
    assert len(shown.pictures) == 1


def _hostile() -> list[Any]:
    photos = [
        Photo.from_bytes(render_jpeg(n), name=f"{n}{HOSTILE}.jpg", id=f"{n}<b>", room=HOSTILE)
        for n in range(3)
    ]
    inspection = _inspect(photos, description=HOSTILE, unusual_action=HOSTILE)
    # What follows is no answer of an engine: every text that a value can hold is replaced.
    issue = inspection.issues[0].model_copy(
        update={
            "id": HOSTILE,
            "label": HOSTILE,
            "type": HOSTILE,
            "review": (HOSTILE,) * 30,
            "severity": inspection.issues[0].severity.model_copy(
                update={"label": HOSTILE, "rule": HOSTILE, "source": HOSTILE}
            ),
            "scope": inspection.issues[0].scope.model_copy(
                update={"action": HOSTILE, "trade": HOSTILE, "warnings": (HOSTILE,) * 30}
            ),
        }
    )
    outcome = inspection.photos[0].model_copy(update={"reason": HOSTILE, "retake": HOSTILE})
    line = CostLine.model_validate(
        {"kind": "x", "label": HOSTILE, "quantity": 2, "unit": "hour", "rate": 1, "amount": 2}
        | {"source": HOSTILE, "mark": "A"}
    )
    cost = CostEstimate.stated_range(1, 3, "USD", by=HOSTILE).model_copy(
        update={"lines": (line,) * 500, "trade": HOSTILE, "notes": (HOSTILE,) * 500}
    )
    policy = SeverityPolicy.default().model_copy(update={"name": HOSTILE, "source": HOSTILE})
    preview = Preview(
        photos=1,
        sent=1,
        requests=1,
        provider=HOSTILE,
        model=HOSTILE,
        input_tokens=1,
        output_tokens=(1, 2),
        usd=None,
    )
    changed = inspection.model_copy(
        update={
            "issues": (issue,) * 30,
            "summary": inspection.summary.model_copy(
                update={"headline": HOSTILE, "by_level": {HOSTILE: 1}}
            ),
        }
    )
    engine = FunctionTransport(
        lambda request: make_answer(request, [make_problem("clog", description=HOSTILE)])
    )
    diagnosis = DiagnosisAgent(engine).diagnose(description=HOSTILE)
    told = diagnosis.model_copy(
        update={
            "account": HOSTILE,
            "contradiction": HOSTILE,
            "photos_next": (HOSTILE,) * 30,
            "findings": (
                diagnosis.findings[0].model_copy(
                    update={"cause": HOSTILE, "steps": (HOSTILE,) * 30, "do_now": (HOSTILE,)}
                ),
            ),
        }
    )
    values = [inspection, changed, issue, outcome, cost, policy, preview]
    return [*values, diagnosis, told, told.findings[0]]


def test_hostile_text_becomes_no_markup_and_widens_nothing() -> None:
    for value in _hostile():
        html = value._repr_html_()
        shown = _Checked(html)
        assert "<script" not in html
        assert "\u200b" not in html
        assert "\u202e" not in html
        assert not re.search(r"[^\s<>]{200}", re.sub(r"<[^>]*>|data:[^\"]*", "\n", html))
        assert "<script>alert(1)</script>" in shown.text
        assert 'class="mathjax_ignore tex2jax_ignore"' in html  # `$` makes no formula
        assert len(html) < 300_000


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(inspections)
def test_any_result_is_harmless(inspection: Inspection) -> None:
    for value in (inspection, *inspection.issues, *inspection.photos, inspection.cost):
        if value is not None:
            assert _read(value).pictures == []


@cache
def _noise(seed: int) -> bytes:
    """A picture that compresses as badly as any."""
    data = random.Random(seed).randbytes(240 * 240 * 3)
    file = io.BytesIO()
    Image.frombytes("RGB", (240, 240), data).save(file, "JPEG", quality=95)
    return file.getvalue()


def test_many_findings_stay_small_and_say_how_many_more_there_are() -> None:
    many = _inspect([Photo.from_bytes(_noise(n), name=f"{n}.jpg") for n in range(60)])
    shown = _read(many)
    assert len(many._repr_html_()) < 300_000
    assert len(shown.pictures) == 12
    assert "and 40 more findings" in shown.text
    assert "and 48 more photos that show findings" in shown.text


def test_photos_that_could_not_be_assessed_are_told_with_why(tmp_path: Path) -> None:
    gone = [tmp_path / f"gone{n}.jpg" for n in range(12)]
    shown = _read(_inspect([render_jpeg(1), *gone]))
    assert "Could not be assessed; a person must look at these:" in shown.text
    assert "gone0.jpg failed gone0.jpg: there is no such file" in shown.text
    assert "and 2 more photos" in shown.text


def test_without_findings_there_is_no_table_and_no_picture(samples: Path) -> None:
    engine = FunctionTransport(lambda request: make_answer(request, []))
    clean = InspectionAgent(engine).inspect(samples)
    html = clean._repr_html_()
    assert "<table" not in html
    assert _Checked(html).pictures == []
    assert clean.summary.headline in _Checked(html).text


def test_a_triage_is_never_taken_for_an_inspection(triage: Inspection) -> None:
    text = _read(triage).text
    assert "7 of 7 photos were read only by a triage" in text
    assert "needs review" in text


@pytest.fixture
def filed(tmp_path: Path) -> tuple[Inspection, Path]:
    for number in (1, 2):
        (tmp_path / f"{number}.jpg").write_bytes(render_jpeg(number))
    return _inspect(tmp_path), tmp_path


def test_photos_that_are_gone_or_changed_are_named_and_not_pictured(
    filed: tuple[Inspection, Path],
) -> None:
    inspection, folder = filed
    assert len(_read(inspection).pictures) == 2
    (folder / "1.jpg").unlink()
    (folder / "2.jpg").write_bytes(render_jpeg(7))
    shown = _read(inspection)
    assert shown.pictures == []
    assert "not pictured" in shown.text
    assert shown.text.index("p1, p2") > shown.text.index("not pictured")
    assert _read(inspection.issues[0]).pictures == []


def test_a_stored_result_shows_no_picture_and_says_so(live: Inspection) -> None:
    stored = Inspection.model_validate_json(live.to_json())
    assert _read(stored).pictures == []
    assert "not pictured" in _read(stored).text
    stored.remember({"p1": object()})
    assert _read(stored).pictures == []


def test_showing_a_value_calls_no_loader_and_no_network(tmp_path: Path) -> None:
    called: list[int] = []

    def load() -> bytes:
        called.append(1)
        return render_jpeg(1)

    inspection = _inspect([Photo.from_loader("key", load, name="a.jpg")])
    before = len(called)
    shown = _read(inspection)
    assert len(called) == before
    assert shown.pictures == []
    assert "not pictured" in shown.text


def test_what_the_host_hides_stays_hidden_in_small_pictures() -> None:
    photo = Photo.from_bytes(
        _noise(1), name="a.jpg", prepare=lambda picture: Image.new("RGB", picture.size, "white")
    )
    (data,) = _read(_inspect(photo)).pictures
    with Image.open(io.BytesIO(data)) as picture:
        corner = picture.convert("L").crop((0, 0, 10, 10))
    assert corner.getextrema()[0] > 240  # type: ignore[operator]


def test_an_emergency_comes_first_with_what_to_do_now() -> None:
    diagnosis = DiagnosisAgent("offline").diagnose(description="I smell gas in the kitchen")
    text = _read(diagnosis).text
    assert isinstance(diagnosis, Diagnosis)
    first = diagnosis.emergencies[0]
    assert f"Emergency: {first.label}" in text
    for step in first.instructions:
        assert step in text
    assert text.index(first.instructions[0]) < text.index("Gas smell reported")


def test_what_to_do_now_is_never_cut() -> None:
    step = "Leave the house by the door that is nearest, " * 10 + "and call from outside."
    diagnosis = DiagnosisAgent("offline").diagnose(description="I smell gas in the kitchen")
    assert diagnosis.screening is not None
    urgent = diagnosis.emergencies[0].model_copy(update={"instructions": (step,) * 12})
    screening = diagnosis.screening.model_copy(update={"emergencies": (urgent,)})
    text = _read(diagnosis.model_copy(update={"screening": screening})).text
    assert text.count(step) == 10
    assert "and 2 more" in text


def test_words_that_nobody_screened_are_told() -> None:
    unread = DiagnosisAgent("offline").diagnose(description="xqz vrr plm")
    assert "The words were not screened for emergencies." in _read(unread).text


def test_a_rejected_finding_says_so(live: Inspection) -> None:
    changed = live.with_review(
        live.issues[0].id, "rejected", by="Ann", at=datetime(2026, 1, 1, tzinfo=UTC), because="no"
    )
    assert "rejected" in _read(changed).text
    (rejected,) = [issue for issue in changed.issues if issue.is_rejected]
    assert isinstance(rejected, Issue)
    assert "rejected by Ann" in _read(rejected).text


def test_a_policy_shows_its_levels_the_worst_first() -> None:
    text = _read(SeverityPolicy.of("awaab")).text
    levels = [level.label for level in reversed(SeverityPolicy.of("awaab").ladder)]
    places = [text.index(label) for label in levels]
    assert places == sorted(places)


def test_an_estimate_shows_its_lines_and_that_it_is_no_quote(live: Inspection) -> None:
    cost = live.issues[0].cost
    assert cost is not None
    text = _read(cost).text
    for line in cost.lines:
        assert line.label[:40] in text
    assert f"{cost.expected:,.2f}" in text
    assert "Not a quote" in text


def test_a_preview_says_that_nothing_was_sent(samples: Path) -> None:
    preview = InspectionAgent(FunctionTransport(lambda request: "{}")).preview(samples)
    assert "nothing was sent" in _read(preview).text
    assert "Price not known" in _read(preview).text


def test_a_cell_is_not_kept_waiting_for_small_pictures(
    live: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inspectiq.reports._thumbnails.MOST_SECONDS", -1.0)
    shown = _read(live)
    assert shown.pictures == []
    assert "not pictured" in shown.text
