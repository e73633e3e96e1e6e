import asyncio
import copy
import io
import os
import pickle
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from inspectiq import Photo, PhotoError
from inspectiq.photos import ImageRule
from inspectiq.photos import _sources as sources
from inspectiq.photos._examine import examine_photos
from tests.photos import corpus


def reason(photo: Photo) -> str:
    with pytest.raises(PhotoError) as caught:
        photo.read()
    assert caught.value.photo == photo.name
    return caught.value.reason


def keep_it(image: Any) -> Any:
    return image


def load_it() -> bytes:
    return corpus.jpeg(7)


def test_importing_the_room_loads_nothing_heavy() -> None:
    code = (
        "import inspectiq.photos, sys;"
        "print({'PIL', 'pi_heif', 'numpy', 'cv2', 'httpx', 'openai'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_every_source_reads_the_same_bytes(tmp_path: Path) -> None:
    data = corpus.jpeg()
    (tmp_path / "a.jpg").write_bytes(data)

    async def load() -> bytes:
        await asyncio.sleep(0)
        return data

    for photo in (
        Photo.from_path(tmp_path / "a.jpg"),
        Photo.from_path(str(tmp_path / "a.jpg")),
        Photo.from_bytes(data),
        Photo.from_bytes(bytearray(data)),
        Photo.from_file(io.BytesIO(data)),
        Photo.from_loader("k", lambda: data),
        Photo.from_loader("k", lambda: memoryview(data)),  # type: ignore[arg-type]
        Photo.from_loader("k", load),
        Photo.from_loader("k", lambda: load()),
    ):
        assert photo.read() == data


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    with (tmp_path / "large.jpg").open("wb") as file:
        file.truncate(25_000_001)
    os.mkfifo(tmp_path / "pipe.jpg")
    assert reason(Photo.from_path(tmp_path / "none.jpg")) == "not_found"
    assert reason(Photo.from_path(tmp_path / "empty.jpg" / "none.jpg")) == "not_found"
    assert reason(Photo.from_path(tmp_path)) == "unreadable"
    assert reason(Photo.from_path(tmp_path / "pipe.jpg")) == "unreadable"
    assert reason(Photo.from_path(tmp_path / "empty.jpg")) == "empty"
    assert reason(Photo.from_path(tmp_path / "large.jpg")) == "too_many_bytes"
    assert reason(Photo.from_path("a\0.jpg")) == "unreadable"
    assert reason(Photo.from_bytes(b"")) == "empty"
    assert reason(Photo.from_bytes(bytes(25_000_001))) == "too_many_bytes"


def test_a_file_object_that_fails_becomes_a_photo_that_says_so() -> None:
    closed = io.BytesIO(b"x")
    closed.close()

    class Upload:
        filename = "C:\\fakepath\\hall.jpg"

        async def read(self, size: int) -> bytes:
            return b""

    assert reason(Photo.from_file(closed)) == "unreadable"
    assert reason(Photo.from_file(io.StringIO("text"))) == "unreadable"
    assert reason(Photo.from_file(io.BytesIO(bytes(25_000_001)))) == "too_many_bytes"
    upload = Photo.from_file(Upload())
    assert upload.name == "hall.jpg"
    assert reason(upload) == "unreadable"


def test_a_loader_that_raises_is_named_by_its_class_only() -> None:
    def load() -> bytes:
        raise TimeoutError("secret-bucket")

    async def aload() -> bytes:
        raise StopIteration("secret-bucket") from None

    for loader, kind in ((load, "TimeoutError"), (aload, "RuntimeError")):
        with pytest.raises(PhotoError, match=kind) as caught:
            Photo.from_loader("folder/a.jpg", loader).read()
        assert caught.value.reason == "unreadable"
        assert caught.value.photo == "a.jpg"
        assert "secret" not in str(caught.value)
        assert type(caught.value.__cause__).__name__ == kind


def test_a_loader_that_stops_its_thread_is_an_error_and_no_hang() -> None:
    def leave() -> bytes:
        raise SystemExit

    def stop() -> bytes:
        raise StopIteration

    assert reason(Photo.from_loader("a", leave)) == "unreadable"
    assert reason(Photo.from_loader("a", stop)) == "unreadable"


@pytest.mark.parametrize("answer", [None, "text", 7])
def test_a_loader_must_return_bytes(answer: Any) -> None:
    assert reason(Photo.from_loader("a", lambda: answer)) == "unreadable"
    assert reason(Photo.from_loader("a", lambda: b"")) == "empty"


def test_a_loader_that_hangs_is_given_up_and_its_place_is_free_again() -> None:
    done = threading.Event()

    async def hang() -> bytes:
        await asyncio.sleep(60)
        return b""

    def block() -> bytes:
        done.wait(60)
        return b""

    async def all_at_once() -> list[Any]:
        photos = [Photo.from_loader("a", block, timeout=0.2) for _ in range(sources.AT_ONCE + 2)]
        photos.append(Photo.from_loader("a", hang, timeout=0.2))
        return await asyncio.gather(*(p.aread() for p in photos), return_exceptions=True)

    start = time.monotonic()
    try:
        errors = asyncio.run(all_at_once())
    finally:
        done.set()
    assert time.monotonic() - start < 2
    assert {error.reason for error in errors} == {"timeout"}
    assert "timeout=" in str(errors[0])
    assert Photo.from_loader("a", load_it).read()


def test_a_path_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(sources, "READ_SECONDS", 0.1)
    monkeypatch.setattr(sources.PathSource, "_read", lambda *_: done.wait(60))
    try:
        assert reason(Photo.from_path("share/a.jpg")) == "timeout"
    finally:
        done.set()


def test_a_repr_shows_neither_bytes_nor_folder(tmp_path: Path) -> None:
    photo = Photo.from_path(tmp_path / "hall.jpg", id="p1", room="hall")
    assert repr(photo) == "<Photo 'hall.jpg' id='p1' room='hall'>"
    shown = repr(Photo.from_bytes(b"abc", name="x"))
    assert shown == "<Photo 'x' (3 bytes, sha256 ba7816bf8f01)>"
    data = corpus.jpeg()
    (tmp_path / "hall.jpg").write_bytes(data)
    (examined,) = asyncio.run(examine_photos([photo], ImageRule()))
    assert f"{len(data)} bytes, sha256 {examined.content_sha256[:12]}" in repr(examined)  # type: ignore[index]


def test_photos_are_equal_by_source_room_prepare_and_id() -> None:
    def photo(**more: Any) -> Photo:
        return Photo.from_path("a.jpg", **more)

    assert photo() == photo(name="other")
    assert hash(photo()) == hash(photo())
    others = [photo(room="hall"), photo(id="p9"), photo(prepare=keep_it), Photo.from_path("b.jpg")]
    assert all(photo() != other for other in others)
    assert photo() != "a.jpg"
    assert Photo.from_bytes(b"a") == Photo.from_bytes(b"a")
    assert Photo.from_bytes(b"a") != Photo.from_bytes(b"b")
    assert Photo.from_loader("k", load_it) == Photo.from_loader("k", load_it, timeout=9)
    assert Photo.from_loader("k", load_it) != Photo.from_loader("k", lambda: b"")


@pytest.mark.parametrize(
    "photo",
    [
        Photo.from_path("a.jpg", id="p1", room="hall"),
        Photo.from_bytes(b"abc"),
        Photo.from_loader("k", load_it),
        Photo.from_file(io.StringIO("text")),
    ],
)
def test_photos_pickle_and_copy(photo: Photo) -> None:
    assert pickle.loads(pickle.dumps(photo)) == photo
    assert copy.deepcopy(photo) == photo


def test_photos_are_immutable() -> None:
    with pytest.raises(AttributeError):
        Photo.from_path("a.jpg").room = "hall"
    with pytest.raises((AttributeError, TypeError)):
        Photo.from_path("a.jpg").tags = ()


async def test_a_changed_copy_keeps_what_was_found_unless_it_is_prepared_otherwise() -> None:
    (photo,) = await examine_photos([Photo.from_bytes(corpus.jpeg(), name="a")], ImageRule())
    moved = photo.replace(id="x", room="hall", name="b")
    assert moved.examined is not None
    assert (moved.examined.ref.id, moved.examined.ref.room, moved.ref.name) == ("x", "hall", "b")
    assert moved.content_sha256 == photo.content_sha256
    assert moved.replace(prepare=keep_it).examined is None
    assert moved.replace(examined=None).examined is None
    assert photo.room is None


class Holder(BaseModel):
    photos: tuple[Photo, ...]


def test_a_model_takes_photos_and_paths_and_goes_to_json_and_back() -> None:
    given: Any = ("a.jpg", Path("b/c.jpg"), Photo.from_path("d.jpg", room="hall", id="7"))
    holder = Holder(photos=given)
    again = Holder.model_validate_json(holder.model_dump_json())
    assert again == holder
    assert again.photos[2].room == "hall"
    assert holder.model_dump(mode="json")["photos"][1] == {
        "path": "b/c.jpg",
        "room": None,
        "id": None,
        "name": "c.jpg",
    }
    assert Holder.model_validate(holder.model_dump(mode="json")) == holder
    assert TypeAdapter(Photo).validate_json('"a.jpg"') == Photo.from_path("a.jpg")
    assert Holder.model_json_schema()["properties"]["photos"]["type"] == "array"


@pytest.mark.parametrize("wrong", [7, None, b"abc", {"path": 3}, {"path": "a", "url": "b"}, {}])
def test_a_model_refuses_what_is_no_photo(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        Holder(photos=(wrong,))


@pytest.mark.parametrize(
    "photo",
    [
        Photo.from_bytes(b"abc"),
        Photo.from_loader("k", load_it),
        Photo.from_path("a.jpg", prepare=keep_it),
    ],
)
def test_only_path_backed_photos_go_to_json(photo: Photo) -> None:
    with pytest.raises(ValueError, match="only path-backed photos go to JSON"):
        Holder(photos=(photo,)).model_dump_json()
    assert Holder(photos=(photo,)).model_dump()["photos"] == (photo,)
