"""Whatever is given, every photo has one outcome, in order."""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspectiq import Case, InspectionAgent, Photo, PhotoOutcome
from inspectiq.testing import FunctionTransport, make_answer, make_issue
from tests.conftest import render_jpeg


def _raises() -> bytes:
    raise RuntimeError("storage is down")


def _hangs() -> bytes:
    time.sleep(0.3)
    return b""


GOOD: dict[str, Callable[[int], Photo]] = {
    "bytes": lambda i: Photo.from_bytes(render_jpeg(i), name=f"{i}.jpg"),
    "loader": lambda i: Photo.from_loader(f"{i}", lambda: render_jpeg(i)),
}
BAD: dict[str, tuple[str, Callable[[int], Photo]]] = {
    "text": ("unsupported_format", lambda _: Photo.from_bytes(b"hello", name="a.jpg")),
    "empty": ("empty", lambda _: Photo.from_bytes(b"", name="a.jpg")),
    "cut": ("damaged", lambda i: Photo.from_bytes(render_jpeg(i)[:300], name="a.jpg")),
    "gone": ("not_found", lambda i: Photo.from_path(f"no/such/{i}.jpg")),
    "raises": ("unreadable", lambda i: Photo.from_loader(f"x{i}", _raises)),
    "hangs": ("timeout", lambda i: Photo.from_loader(f"x{i}", _hangs, timeout=0.02)),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from([*GOOD, *BAD]), st.integers(1, 4)), min_size=1, max_size=10),
    st.integers(1, 4),
)
def test_any_mix_of_good_and_bad_photos_gives_one_outcome_for_each_in_order(
    mix: list[tuple[str, int]], pack: int
) -> None:
    photos = [GOOD[kind](seed) if kind in GOOD else BAD[kind][1](seed) for kind, seed in mix]
    engine = FunctionTransport(lambda request: make_answer(request, [make_issue("clog", 1)]))
    inspection = InspectionAgent(engine, photos_per_request=pack).inspect(photos)
    assert [outcome.photo.id for outcome in inspection.photos] == [
        f"p{number}" for number in range(1, len(mix) + 1)
    ]
    first: dict[int, str] = {}
    for (kind, seed), outcome in zip(mix, inspection.photos, strict=True):
        if kind in BAD:
            assert outcome.status == "failed"
            assert outcome.fault is not None
            assert outcome.fault.reason == BAD[kind][0]
        elif seed in first:
            assert (outcome.status, outcome.duplicate_of) == ("duplicate", first[seed])
        else:
            assert outcome.status == "assessed"
            first[seed] = outcome.photo.id
    sent = [photo_id for request in engine.requests for photo_id in request.photo_ids]
    assert sorted(sent) == sorted(first.values())


@pytest.fixture
def folder() -> Path:
    return Path(tempfile.mkdtemp())


def test_a_photo_that_vanishes_between_listing_and_sending_costs_only_itself(
    folder: Path,
) -> None:
    for seed in (1, 2):
        (folder / f"{seed}.jpg").write_bytes(render_jpeg(seed))
    engine = FunctionTransport(make_answer, prepare_photos=True)
    agent = InspectionAgent(engine, photos_per_request=1)

    class Remover:
        def on_event(self, event: object, /) -> None:
            if type(event).__name__ == "RequestSent" and event.photo_ids == ("p1",):  # type: ignore[attr-defined]
                (folder / "1.jpg").unlink(missing_ok=True)

    agent = InspectionAgent(engine, photos_per_request=1, observers=[Remover()])
    one, two = agent.inspect(folder).photos
    assert (one.status, two.status) == ("failed", "assessed")
    assert one.fault is not None
    assert one.fault.reason == "not_found"


def test_a_bad_photo_says_what_to_do(folder: Path) -> None:
    (folder / "a.jpg").write_text("<svg/>")
    (outcome,) = InspectionAgent(FunctionTransport(make_answer)).inspect(folder).photos
    assert isinstance(outcome, PhotoOutcome)
    assert outcome.fault is not None
    assert outcome.fault.message.startswith("a.jpg: ")
    assert str(folder) not in outcome.fault.message


def test_a_photo_that_vanishes_costs_the_others_of_its_request_nothing(folder: Path) -> None:
    for seed in (1, 2, 3):
        (folder / f"{seed}.jpg").write_bytes(render_jpeg(seed))

    class Remover:
        def on_event(self, event: object, /) -> None:
            if type(event).__name__ == "RequestSent":
                (folder / "1.jpg").unlink(missing_ok=True)

    engine = FunctionTransport(make_answer, prepare_photos=True)
    agent = InspectionAgent(engine, photos_per_request=4, observers=[Remover()])
    outcomes = agent.inspect(folder).photos
    assert [outcome.status for outcome in outcomes] == ["failed", "assessed", "assessed"]


def test_a_file_name_that_is_no_text_is_shown_with_a_replacement_sign(folder: Path) -> None:
    room = Path(os.fsdecode(bytes(folder) + b"/r\xff"))
    try:
        room.mkdir()
        Path(os.fsdecode(bytes(room) + b"/x\xff.jpg")).write_bytes(render_jpeg(1))
    except OSError:
        pytest.skip("run it on a file system that takes any bytes as names, such as ext4")
    inspection = InspectionAgent(FunctionTransport(make_answer)).inspect(folder)
    (outcome,) = inspection.photos
    assert (outcome.photo.name, outcome.photo.room) == ("x\ufffd.jpg", "r\ufffd")
    assert outcome.status == "assessed"
    assert inspection.to_json().encode()


def test_ids_stay_unique_where_the_host_gave_some(folder: Path) -> None:
    case = Case(
        photos=(Photo.from_bytes(render_jpeg(1), id="p2"), Photo.from_bytes(render_jpeg(2)))
    )
    agent = InspectionAgent(FunctionTransport(make_answer))
    assert len({photo.id for photo in agent.examine(case).photos}) == 2
    given = [Photo.from_bytes(render_jpeg(1), id="p2"), Photo.from_bytes(render_jpeg(2), id="")]
    assert len({outcome.photo.id for outcome in agent.inspect(given).photos}) == 2
