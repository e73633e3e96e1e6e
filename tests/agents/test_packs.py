"""Packs of photos, and requests that are sent while other photos are still examined."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import Case, ConfigError, DiagnosisAgent, InspectionAgent, Photo, VisionRequest
from inspectiq.agents._packs import RoomPacker, find_usable, pack_photos
from inspectiq.photos._examine import Examination
from inspectiq.testing import FunctionTransport, make_answer
from tests.conftest import render_jpeg

Photos = Callable[..., tuple[Photo, ...]]
Kind = Literal["good", "same", "broken"]
ROOMS = st.sampled_from(["hall", "bath", None])
KINDS: st.SearchStrategy[Kind] = st.sampled_from(["good", "good", "same", "broken"])


def make_examined(rooms: Sequence[str | None], usable: Sequence[bool]) -> list[Photo]:
    photos = [Photo.from_bytes(b"x", id=f"p{n}", room=room) for n, room in enumerate(rooms)]
    return [
        photo.replace(examined=Examination(photo.ref, duplicate_of=None if good else "p0"))
        for photo, good in zip(photos, usable, strict=True)
    ]


@settings(max_examples=100, deadline=None)
@given(st.lists(ROOMS, max_size=30), st.integers(1, 8))
def test_packs_are_of_one_room_as_few_as_can_be_and_even(
    rooms: list[str | None], size: int
) -> None:
    photos = make_examined(rooms, [True] * len(rooms))
    packs = pack_photos(photos, size)
    assert [pack[0].room for pack in packs] == sorted(
        (pack[0].room for pack in packs), key=rooms.index
    )
    for room in set(rooms):
        of_room = [pack for pack in packs if pack[0].room == room]
        assert [photo for pack in of_room for photo in pack] == [
            photo for photo in photos if photo.room == room
        ]
        sizes = list(map(len, of_room))
        assert len(sizes) == -(-rooms.count(room) // size)
        assert max(sizes) - min(sizes) <= 1


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(ROOMS, st.booleans()), max_size=30), st.integers(1, 8))
def test_a_pack_waits_for_no_photo_that_comes_after_it(
    given_: list[tuple[str | None, bool]], size: int
) -> None:
    photos = make_examined([room for room, _ in given_], [good for _, good in given_])
    packer = RoomPacker(photos, size)
    came: list[tuple[Photo, ...]] = []
    for place, photo in enumerate(photos):
        if pack := packer.add(photo):
            came.append(pack)
        else:  # then some of its room wait: fewer than a pack, and more photos are to come
            more = [one for one in photos[place + 1 :] if one.room == photo.room]
            sent = {one.id for pack in came for one in pack}
            waiting = [
                one
                for one in find_usable(photos[: place + 1])
                if one.room == photo.room and one.id not in sent
            ]
            assert not waiting or (more and len(waiting) < size)
    assert sorted(pack[0].id or "" for pack in came) == sorted(
        pack[0].id or "" for pack in pack_photos(photos, size)
    )
    assert {photo.id for pack in came for photo in pack} == {p.id for p in find_usable(photos)}
    assert all(len(pack) <= size for pack in came)


def test_photos_that_were_not_examined_are_not_packed() -> None:
    photo = Photo.from_bytes(b"x", id="p1")
    with pytest.raises(ConfigError, match="p1 was not examined"):
        pack_photos([photo], 3)


# -- requests that are sent early ----------------------------------------------------------------


class _Held:
    """Two rooms, whose second one can be read only once a request about the first was sent."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._sent = asyncio.Event()
        self.was_sent_early = False
        self.engine = FunctionTransport(self._answer)
        self.photos = (
            Photo.from_bytes(render_jpeg(1), name="a.jpg", room="hall"),
            Photo.from_loader("b", self._load, name="b.jpg", room="bath"),
        )

    async def _answer(self, request: VisionRequest) -> str:
        self._sent.set()
        return make_answer(request)

    async def _load(self) -> bytes:
        try:
            async with asyncio.timeout(self._seconds):
                await self._sent.wait()
            self.was_sent_early = True
        except TimeoutError:
            pass
        return render_jpeg(2)


async def test_a_request_is_sent_while_other_photos_are_examined() -> None:
    held = _Held(seconds=30)
    inspection = await InspectionAgent(held.engine).ainspect(held.photos)
    assert held.was_sent_early
    assert [outcome.status for outcome in inspection.photos] == ["assessed", "assessed"]
    assert len(held.engine.requests) == 2


class _OfAll(InspectionAgent):
    def plan(self, case: Case) -> tuple[VisionRequest, ...]:
        return tuple(reversed(super().plan(case)))


@pytest.mark.parametrize("kind", [_OfAll, DiagnosisAgent])
async def test_an_agent_that_plans_by_all_photos_waits_for_them(kind: type[Any]) -> None:
    held = _Held(seconds=0.3)
    agent = kind(held.engine)
    result = await agent.arun(Case(photos=held.photos))
    assert not held.was_sent_early
    assert [outcome.status for outcome in result.photos] == ["assessed", "assessed"]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(ROOMS, KINDS), min_size=1, max_size=12),
    st.integers(1, 4),
    st.integers(1, 2),
)
def test_what_is_sent_is_what_is_planned(
    given_: list[tuple[str | None, Kind]], size: int, reads: int
) -> None:
    content = {"same": render_jpeg(1), "broken": b"none"}
    photos = tuple(
        Photo.from_bytes(content.get(kind) or render_jpeg(2 + n), name=f"{n}.jpg", room=room)
        for n, (room, kind) in enumerate(given_)
    )
    engine = FunctionTransport(make_answer)
    agent = InspectionAgent(engine, photos_per_request=size, reads=reads)
    case = Case(id="c", photos=photos)
    agent.run(case)
    planned = agent.plan(agent.examine(case))
    assert sorted(map(_describe, engine.requests)) == sorted(map(_describe, planned))
    assert [request.read for request in engine.requests] == sorted(
        request.read for request in planned
    )


def _describe(request: VisionRequest) -> tuple[Any, ...]:
    shown = [(part.number, part.label, part.photo.id) for part in request.photos]
    return request.read, shown, request.instructions, request.text, str(request.schema)


async def test_nothing_is_sent_before_the_engine_is_ready() -> None:
    ready = False

    class Slow(FunctionTransport):
        async def aopen(self) -> None:
            nonlocal ready
            await asyncio.sleep(0.1)
            ready = True

    def answer(request: VisionRequest) -> str:
        assert ready
        return make_answer(request)

    photo = Photo.from_bytes(render_jpeg(1), name="a.jpg")
    inspection = await InspectionAgent(Slow(answer)).ainspect([photo])
    assert inspection.status == "complete"


async def test_an_engine_that_refuses_to_get_ready_ends_the_run_and_sends_nothing() -> None:
    class Refusing(FunctionTransport):
        async def aopen(self) -> None:
            raise ConfigError("no model file")

    engine = Refusing(make_answer)
    photos = [Photo.from_bytes(render_jpeg(n), name=f"{n}.jpg", room=str(n)) for n in range(4)]
    with pytest.raises(ConfigError, match="no model file"):
        await InspectionAgent(engine).ainspect(photos)
    assert engine.requests == []
