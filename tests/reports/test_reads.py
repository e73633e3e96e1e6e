"""Reports and tables of photos that were read several times, or looked at again."""

from __future__ import annotations

from functools import cache

from inspectiq import EngineProfile, Inspection, InspectionAgent, Photo, VisionRequest
from inspectiq.agents import SecondLook
from inspectiq.domain import FrozenMap
from inspectiq.errors import AuthenticationFailed, OutputRefused
from inspectiq.reports import Language
from inspectiq.testing import FunctionTransport, make_answer, make_issue
from tests.conftest import render_jpeg

PROFILE = EngineProfile(settings=FrozenMap(temperature=0.7), photos_per_request=1)


def answer(request: VisionRequest) -> str | Exception:
    """A leak that two of three reads see, mold that a second look sees, and a failed read."""
    shown = request.photo_ids == ("p1",)
    if request.look == 2:
        return make_answer(request, [make_issue("mold_suspect", 1)])
    if request.read == 4:
        return OutputRefused("x", attempts=1)
    leak = [make_issue("supply_leak", 1)] * (shown and request.read != 2)
    hole = [make_issue("wall_hole", 1)] * (shown and request.read == 1)
    return make_answer(request, [*leak, *hole])


@cache
def inspect(keep: str = "union") -> Inspection:
    photos = [Photo.from_bytes(render_jpeg(i), name=f"{i}.jpg", id=f"p{i}") for i in (1, 2)]
    agent = InspectionAgent(
        FunctionTransport(answer, profile=PROFILE),
        reads=4,
        keep="majority" if keep == "majority" else "union",
        second_look=SecondLook(),
    )
    return agent.inspect(photos, id="c")


def test_a_report_says_in_how_many_reads_a_finding_was_seen_and_that_it_is_no_confidence() -> None:
    for written in (inspect().to_markdown(), inspect().to_html()):
        said = "seen in 2 of 3 reads; 1 more could not be used; temperature 0.7; not a confidence"
        assert said in written.replace("\\", "")
        assert "seen in one read only" in written
        assert "it alone saw this" in written
        assert "Each photo was read 4 times, and what any of the reads saw was kept." in written
        assert "Photos that seemed clean were looked at again" in written


def test_it_says_what_became_of_the_reads_of_a_photo() -> None:
    written = inspect().to_markdown()
    assert "reads: 3 assessed, 0 unclear, 1 failed" in written
    assert "second look: assessed" in written


def test_it_counts_what_a_majority_left_out() -> None:
    written = inspect("majority").to_markdown()
    assert "Left out, seen in too few reads: 1" in written
    assert "what more than half of the reads saw was kept" in written


def test_it_says_all_of_it_in_spanish() -> None:
    written = inspect().to_markdown(language="es")
    for said in (
        "visto en 2 de 3 lecturas",
        "visto en una sola lectura",
        "segunda mirada",
        "Cada foto se leyó 4 veces",
    ):
        assert said in written


def test_it_says_why_a_second_look_failed_also_in_spanish() -> None:
    def script(request: VisionRequest) -> str | Exception:
        wrong = AuthenticationFailed("the key was refused")
        return wrong if request.look == 2 else make_answer(request)

    engine = FunctionTransport(script, profile=PROFILE)
    photo = Photo.from_bytes(render_jpeg(1), name="1.jpg", id="p1")
    inspection = InspectionAgent(engine, second_look=SecondLook()).inspect([photo], id="c")
    assert "second look: failed; the key was refused" in inspection.to_markdown()
    (fault,) = [one.second_look_fault for one in inspection.photos]
    assert fault is not None
    spanish = Language.of("es").describe_fault(fault)
    assert spanish != fault.message
    assert spanish in inspection.to_markdown(language="es")


def test_a_report_of_a_single_read_says_nothing_of_reads() -> None:
    engine = FunctionTransport(answer, profile=PROFILE)
    photo = Photo.from_bytes(render_jpeg(1), name="1.jpg", id="p1")
    written = InspectionAgent(engine).inspect([photo], id="c").to_markdown()
    assert "reads" not in written
    assert "Agreement" not in written


def test_tables_have_the_counts_in_columns() -> None:
    leak, *_ = (row for row in inspect().to_records() if row["type"] == "supply_leak")
    told = {
        name: leak[name] for name in ("seen_in", "reads", "failed_reads", "temperature", "look")
    }
    assert told == {
        "seen_in": 2,
        "reads": 3,
        "failed_reads": 1,
        "temperature": 0.7,
        "look": "first",
    }
    mold, *_ = (row for row in inspect().to_records() if row["type"] == "mold_suspect")
    assert (mold["seen_in"], mold["look"]) == (None, "second")
    first, second = inspect().to_records("photos")
    assert (first["reads"], first["unclear_reads"], first["failed_reads"]) == (3, 0, 1)
    assert (first["second_look"], second["second_look"]) == (None, "assessed")


def test_a_notebook_shows_them_too() -> None:
    shown = {issue.type: issue._repr_html_() for issue in inspect().issues}
    assert "seen in 2 of 3 reads" in shown["supply_leak"]
    assert "it alone saw this" in shown["mold_suspect"]
