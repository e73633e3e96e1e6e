import asyncio
import gc
import pickle
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from inspectiq import Photo
from inspectiq.photos import ImageRule
from inspectiq.photos._collect import collect_photos
from inspectiq.photos._examine import examine_photos
from tests.photos import corpus

RULE = ImageRule()
SMALL = [name for name in corpus.REFUSED if name not in {"25mb.jpg", "black.png"}]


def photo(seed: int, **more: Any) -> Photo:
    return Photo.from_bytes(corpus.jpeg(seed), name=f"{seed}.jpg", **more)


def outcome(photo: Photo) -> str:
    assert photo.examined is not None
    if photo.examined.error is not None:
        return photo.examined.error.reason
    return photo.examined.duplicate_of or "good"


async def test_each_photo_gets_what_is_known_of_it() -> None:
    data = corpus.jpeg(exif=corpus.exif(6, "2024:05:01 10:20:30"))
    given_photo = Photo.from_bytes(data, name="a.jpg", id="mine", room="hall")
    (seen,) = await examine_photos([given_photo], RULE)
    assert seen == given_photo
    ref = seen.ref
    assert (ref.id, ref.name, ref.room, ref.orientation) == ("mine", "a.jpg", "hall", 6)
    assert ref.original is not None
    assert (ref.original.width, ref.original.bytes) == (640, len(data))
    assert ref.taken_at is not None
    assert ref.sent is None


async def test_a_copy_is_a_duplicate_of_the_first_good_one(tmp_path: Path) -> None:
    (tmp_path / "b.jpg").write_bytes(corpus.jpeg(2))
    again = Photo.from_bytes(corpus.encoded(corpus.scene(2), quality=60))
    smaller = Photo.from_bytes(corpus.encoded(corpus.scene(2, (500, 375)), quality=90))
    broken = Photo.from_bytes(corpus.refused("cut.jpg")[0])
    given_photos = [broken, broken, photo(2), photo(3), tmp_path / "b.jpg", again, smaller]
    found = await examine_photos(collect_photos(given_photos), RULE)
    assert [outcome(p) for p in found] == ["damaged", "damaged", "good", "good", "p3", "p3", "p3"]


async def test_photos_that_are_prepared_differently_are_no_duplicates() -> None:
    def soften(image: Image.Image) -> Image.Image:
        return image.filter(ImageFilter.GaussianBlur(1))

    found = await examine_photos(
        [photo(2), photo(2, prepare=soften), photo(2, prepare=soften)], RULE
    )
    assert [outcome(p) for p in found] == ["good", "good", "p2"]


async def test_a_cracked_wall_is_not_taken_for_the_clean_one_beside_it() -> None:
    walls = [corpus.wall(1), corpus.wall(2), corpus.cracked(corpus.wall(1))]
    found = await examine_photos([Photo.from_bytes(corpus.encoded(wall)) for wall in walls], RULE)
    assert [outcome(p) for p in found] == ["good"] * 3


async def test_what_was_examined_is_not_read_again() -> None:
    calls = []

    def load() -> bytes:
        calls.append(1)
        return corpus.jpeg(5)

    first = await examine_photos([Photo.from_loader("a", load)], RULE)
    second = await examine_photos([*first, photo(5, id="p9")], ImageRule(long_side=300))
    assert len(calls) == 1
    assert [outcome(p) for p in second] == ["good", "p1"]
    assert [outcome(p) for p in await examine_photos([second[1]], RULE)] == ["good"]


async def test_each_is_announced_once_and_in_order() -> None:
    async def slow() -> bytes:
        await asyncio.sleep(0.05)
        return corpus.jpeg(1)

    announced: list[Photo] = []
    photos = [Photo.from_loader("slow", slow), *(photo(seed) for seed in (2, 1, 3))]
    found = await examine_photos(photos, RULE, on_examined=announced.append)
    assert announced == list(found)
    assert [outcome(p) for p in announced] == ["good", "good", "p1", "good"]


async def test_what_an_observer_raises_comes_out_as_it_is() -> None:
    def observer(_: Photo) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await examine_photos([photo(1), photo(2)], RULE, on_examined=observer)


async def test_a_photo_that_vanishes_is_an_outcome(tmp_path: Path) -> None:
    for name in ("1.jpg", "2.jpg"):
        (tmp_path / name).write_bytes(corpus.jpeg(int(name[0])))
    photos = collect_photos(tmp_path)
    (tmp_path / "1.jpg").unlink()
    assert [outcome(p) for p in await examine_photos(photos, RULE)] == ["not_found", "good"]


async def test_an_examined_photo_pickles_small_and_with_all_that_is_known(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(corpus.jpeg(1))
    for seen in await examine_photos(
        collect_photos([tmp_path / "1.jpg", tmp_path / "none.jpg"]), RULE
    ):
        packed = pickle.dumps(seen)
        again = pickle.loads(packed)
        assert len(packed) < 8000
        assert again.ref == seen.ref
        assert outcome(again) == outcome(seen)


@pytest.mark.system
async def test_a_refused_photo_keeps_no_file_in_memory() -> None:
    def load() -> bytes:
        return b"\xff\xd8\xff" + bytes(5_000_000)

    tracemalloc.start()
    try:
        # Tracing makes it slow, and a busy machine slower.
        photos = [Photo.from_loader(f"{n}", load, timeout=120) for n in range(5)]
        found = await examine_photos(photos, RULE)
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert {outcome(p) for p in found} == {"damaged"}
    assert held < 5_000_000


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([*SMALL, "1", "2", "3", "missing", "raises"]), max_size=12))
def test_any_mix_of_good_and_bad_gives_one_outcome_each_in_order(kinds: list[str]) -> None:
    def fail() -> bytes:
        raise KeyError("gone")

    def make(kind: str) -> Photo:
        if kind == "missing":
            return Photo.from_path("/nowhere/at/all.jpg")
        if kind == "raises":
            return Photo.from_loader("key", fail)
        if kind in corpus.REFUSED:
            return Photo.from_bytes(corpus.refused(kind)[0], name=kind)
        return photo(int(kind))

    first: dict[str, str] = {}
    expected = []
    for number, kind in enumerate(kinds, start=1):
        fixed = {"missing": "not_found", "raises": "unreadable"}
        if kind in fixed or kind in corpus.REFUSED:
            expected.append(fixed.get(kind) or corpus.refused(kind)[1])
        else:
            expected.append(first.get(kind, "good"))
            first.setdefault(kind, f"p{number}")
    found = asyncio.run(examine_photos([make(kind) for kind in kinds], RULE))
    assert [outcome(p) for p in found] == expected
    assert [p.id for p in found] == [f"p{number}" for number in range(1, len(kinds) + 1)]


async def test_a_poorer_picture_does_not_stand_for_a_better_one() -> None:
    thumbnail = Photo.from_bytes(corpus.encoded(corpus.scene(2, (500, 375)), quality=90))
    crushed = Photo.from_bytes(corpus.encoded(corpus.scene(2), quality=15))
    found = await examine_photos(collect_photos([thumbnail, crushed, photo(2)]), RULE)
    assert outcome(found[2]) == "good"
    found = await examine_photos(collect_photos([photo(2), thumbnail, crushed]), RULE)
    assert [outcome(p) for p in found][:2] == ["good", "p1"]


async def test_a_copy_of_a_duplicate_names_the_one_that_stands_for_both() -> None:
    again = corpus.encoded(corpus.scene(2), quality=80)
    found = await examine_photos(
        collect_photos(
            [photo(2), Photo.from_bytes(again), Photo.from_bytes(again, name="again.jpg")]
        ),
        RULE,
    )
    assert [outcome(p) for p in found] == ["good", "p1", "p1"]
