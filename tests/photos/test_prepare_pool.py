import asyncio
import multiprocessing
import os
import threading
from pathlib import Path

import pytest
from PIL import Image

from inspectiq import Photo, PhotoError
from inspectiq.photos import ImageRule
from inspectiq.photos import _prepare_pool as pool
from inspectiq.photos._examine import examine_photos
from tests.photos import corpus

RULE = ImageRule()


class Loader:
    """Counts how often it is asked."""

    def __init__(self, data: bytes) -> None:
        self.data, self.calls = data, 0

    def __call__(self) -> bytes:
        self.calls += 1
        return self.data


async def test_what_was_prepared_a_moment_ago_is_neither_read_nor_decoded_again() -> None:
    load = Loader(corpus.jpeg(11))
    photo = Photo.from_loader("a", load)
    first = await photo.aprepare_for(RULE)
    assert await photo.replace(id="p2").aprepare_for(RULE) is first
    assert load.calls == 1
    assert await photo.aprepare_for(ImageRule(long_side=200)) is not first
    assert load.calls == 2


async def test_another_prepare_is_another_picture() -> None:
    def grey(image: Image.Image) -> Image.Image:
        return image.convert("L").convert("RGB")

    photo = Photo.from_bytes(corpus.jpeg(12))
    plain, changed = (
        await photo.aprepare_for(RULE),
        await photo.replace(prepare=grey).aprepare_for(RULE),
    )
    assert plain.sent.sha256 != changed.sent.sha256


async def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(corpus.jpeg(1))
    photo = Photo.from_path(path)
    first = await photo.aprepare_for(RULE)
    assert await photo.aprepare_for(RULE) is first
    path.write_bytes(corpus.jpeg(2))
    assert (await photo.aprepare_for(RULE)).original != first.original
    path.unlink()
    with pytest.raises(PhotoError, match="no such file"):
        await photo.aprepare_for(RULE)


async def test_a_photo_that_changed_after_it_was_examined_is_never_sent(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(corpus.jpeg(1))
    (photo,) = await examine_photos([Photo.from_path(path)], RULE)
    assert (await photo.aprepare_for(RULE)).original == photo.ref.original
    path.write_bytes(corpus.jpeg(2))
    with pytest.raises(PhotoError, match="changed after it was examined") as caught:
        await photo.aprepare_for(RULE)
    assert caught.value.reason == "unreadable"


def test_several_threads_and_loops_share_it() -> None:
    photos = [Photo.from_bytes(corpus.jpeg(seed)) for seed in range(4)]
    hashes: list[list[str]] = []

    async def all_of_them() -> None:
        got = await asyncio.gather(*(photo.aprepare_for(RULE) for photo in photos))
        hashes.append([prepared.sent.sha256 for prepared in got])

    threads = [threading.Thread(target=asyncio.run, args=(all_of_them(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert hashes == [hashes[0]] * 4
    assert photos[0].prepare_for(RULE).sent.sha256 == hashes[0][0]


async def test_a_cancelled_call_gives_its_place_back() -> None:
    started, release = asyncio.Event(), asyncio.Event()

    async def slow() -> bytes:
        started.set()
        await release.wait()
        return corpus.jpeg(3)

    for _ in range(3):
        slow_ones = [
            asyncio.create_task(Photo.from_loader(f"{n}", slow, timeout=60).aprepare_for(RULE))
            for n in range(pool.IN_HAND * 2)
        ]
        await started.wait()
        for task in slow_ones:
            task.cancel()
        await asyncio.gather(*slow_ones, return_exceptions=True)
    async with asyncio.timeout(10):
        await Photo.from_bytes(corpus.jpeg(4)).aprepare_for(RULE)


def test_only_so_many_bytes_are_kept() -> None:
    result = Photo.from_bytes(corpus.jpeg(5)).prepare_for(RULE)
    kept = pool._PreparedCache(len(result.jpeg) * 2 + 1)
    for key in "abc":
        kept.put(key, None, result)
    assert [kept.get(key, None) is result for key in "abc"] == [False, True, True]
    kept.get("b", None)
    kept.put("d", None, result)
    kept.put("d", None, result)
    assert [kept.get(key, None) is result for key in "bcd"] == [True, False, True]


def _prepare_in_child(data: bytes) -> None:
    os._exit(0 if Photo.from_bytes(data, name="child").prepare_for(RULE).jpeg else 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="run this on a system with fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_a_pool_of_its_own() -> None:
    Photo.from_bytes(corpus.jpeg(6)).prepare_for(RULE)
    child = multiprocessing.get_context("fork").Process(
        target=_prepare_in_child, args=(corpus.jpeg(6),)
    )
    child.start()
    child.join(20)
    assert child.exitcode == 0
