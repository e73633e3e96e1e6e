import asyncio
import io
import os
import pathlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

from inspectiq import ConfigError, InspectionAgent, Photo, PhotoError
from inspectiq.photos import _file_objects
from inspectiq.photos._collect import acollect_photos, collect_photos
from inspectiq.photos._folders import infer_room
from tests.photos import corpus


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\xff\xd8\xff")
    return folder


def names(photos: tuple[Photo, ...]) -> list[str]:
    return [photo.name for photo in photos]


def test_a_folder_is_read_in_the_order_a_person_counts(tmp_path: Path) -> None:
    fill(tmp_path, "IMG_10.jpg", "IMG_2.jpg", "img_1.JPG", "b/9.png", "a/10.webp", "a/2.heic")
    found = collect_photos(tmp_path)
    assert names(found) == ["2.heic", "10.webp", "9.png", "img_1.JPG", "IMG_2.jpg", "IMG_10.jpg"]
    assert [photo.id for photo in found] == ["p1", "p2", "p3", "p4", "p5", "p6"]


def test_a_folder_gives_photos_and_what_a_person_would_call_one(tmp_path: Path) -> None:
    fill(
        tmp_path,
        "a.tif",
        "b.svg",
        "c.pdf",
        "d.jfif",
        "e.dng",
        "no-ending",
        ".hidden.jpg",
        "._f.jpg",
    )
    fill(tmp_path, "Thumbs.db", ".DS_Store", ".cache/g.jpg", "__MACOSX/h.jpg")
    for name in ("notes.txt", "manifest.json", "table.csv"):
        (tmp_path / name).write_text("{}")
    os.mkfifo(tmp_path / "pipe")
    found = names(collect_photos(tmp_path))
    assert found == ["a.tif", "b.svg", "c.pdf", "d.jfif", "e.dng", "no-ending"]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    fill(tmp_path, "a/1.jpg")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "self.jpg").symlink_to(tmp_path / "self.jpg")
    (tmp_path / "linked").symlink_to(tmp_path / "a")
    assert names(collect_photos(tmp_path)) == ["1.jpg", "self.jpg"]


@pytest.mark.parametrize(
    ("folder", "room"),
    [
        ("kitchen", "kitchen"),
        ("living_room", "living room"),
        ("living-room", "living room"),
        ("Bad 2", "Bad 2"),
        ("photos", None),
        ("DCIM", None),
        ("100APPLE", None),
        ("Camera Roll", None),
        ("tmp", None),
    ],
)
def test_a_room_is_named_by_the_folder_unless_its_name_is_generic(
    tmp_path: Path, folder: str, room: str | None
) -> None:
    fill(tmp_path, f"{folder}/1.jpg")
    assert [photo.room for photo in collect_photos(tmp_path)] == [room]
    assert [photo.room for photo in collect_photos(str(tmp_path / "*" / "*.jpg"))] == [room]
    assert infer_room(tmp_path / folder / "1.jpg") == room
    assert collect_photos(tmp_path / folder / "1.jpg")[0].room is None


def test_a_mapping_names_the_rooms(tmp_path: Path) -> None:
    fill(tmp_path, "loft/1.jpg", "2.jpg")
    own = Photo.from_path("3.jpg", room="own")
    found = collect_photos(
        {"hall": [tmp_path / "loft", tmp_path / "2.jpg", b"abc", own], "bath": own}
    )
    assert [photo.room for photo in found] == ["hall", "hall", "hall", "own", "own"]
    assert collect_photos(b"abc", room="cellar")[0].room == "cellar"


def test_an_existing_path_wins_over_a_glob(tmp_path: Path) -> None:
    fill(tmp_path, "a[1].jpg", "a1.jpg")
    assert names(collect_photos(str(tmp_path / "a[1].jpg"))) == ["a[1].jpg"]
    assert names(collect_photos(str(tmp_path / "a?.jpg"))) == ["a1.jpg"]
    assert names(collect_photos(str(tmp_path / "**" / "*.jpg"))) == ["a1.jpg", "a[1].jpg"]


def test_anything_may_be_mixed(tmp_path: Path) -> None:
    fill(tmp_path, "1.jpg")
    given = [str(tmp_path), tmp_path / "1.jpg", b"a", bytearray(b"b"), memoryview(b"c")]
    given += [io.BytesIO(b"d"), Photo.from_bytes(b"e"), [b"f", (b"g",)]]
    found = collect_photos(iter(given))
    assert len(found) == 9
    assert [photo.read() for photo in found[2:]] == [b"a", b"b", b"c", b"d", b"e", b"f", b"g"]


def test_what_is_missing_is_a_photo_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = collect_photos(
        [b"a", tmp_path / "none.jpg", tmp_path / "empty", str(tmp_path / "*.png")]
    )
    reasons = []
    for photo in found[1:]:
        with pytest.raises(PhotoError) as caught:
            photo.read()
        reasons.append(caught.value.reason)
    assert reasons == ["not_found", "no_photos", "no_photos"]
    assert names(found[1:]) == ["none.jpg", "empty", "*.png"]


def test_nothing_at_all_is_the_callers_fault(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    nothings: list[Any] = [[], {}, {"hall": []}, "", tmp_path / "empty", [str(tmp_path / "*.jpg")]]
    for nothing in nothings:
        with pytest.raises(ConfigError, match="give a path, a folder, a glob"):
            collect_photos(nothing)
    with pytest.raises(ConfigError, match="empty"):
        collect_photos(tmp_path / "empty")


class Array:
    def __array__(self) -> None: ...

    def __iter__(self) -> Any:
        return iter([1, 2])


class Series(Array):
    """As pandas' is: an array by its protocol, of one dimension, with a list and a mapping."""

    def __init__(self, values: list[Any]) -> None:
        self.dtype = np.array(values[:1]).dtype if isinstance(values[0], int) else np.dtype("O")
        self.shape = (len(values),)
        self.tolist = values.copy
        self.to_dict = lambda: dict(enumerate(values))


class Frame(Array):
    columns = ("path",)


class Groups:
    groups: Mapping[str, Any] = {}
    ngroups = 0

    def __iter__(self) -> Any:
        return iter([("hall", ["a.jpg"])])


class NAType: ...


class Record(NamedTuple):
    type: str
    body: bytes
    name: str


class Response:
    status_code = 200

    def __iter__(self) -> Any:
        return iter([b"a"])


class Field:
    file = io.BytesIO(b"a")


class Later:
    def __await__(self) -> Any: ...


class LaterOnes:
    def __aiter__(self) -> Any: ...


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (7, "of type int"),
        (None, "of type NoneType"),
        (np.zeros((9, 9)), r"array of shape \(9, 9\) and dtype float64"),
        (Array(), r"numpy array of shape \(height, width, 3\), RGB, dtype uint8"),
        (np.array(["a.jpg", ""])[1:], r"empty path"),
        (Series([1, 2]), "give paths or pictures"),
        (Series([["a.jpg"], ["b.jpg"]]), r"series\.to_dict\(\)"),
        (Frame(), r"give one column, such as frame\['path'\]"),
        (Groups(), r"groups\.apply\(list\)\.to_dict\(\)"),
        (float("nan"), r"leave out what is missing .*dropna\(\)"),
        (NAType(), "leave out what is missing"),
        ({"hall": "a.jpg"}.items(), "give the mapping itself"),
        ({"IMG_1.JPG": b"a"}, r"name=name\) for name, data in files\.items\(\)"),
        ({"filename": "a.jpg", "body": b"a"}, r"file\['body'\], name=file\['filename'\]"),
        ({"name": "a.jpg", "content": b"a"}, r"file\['content'\], name=file\['name'\]"),
        (Record("image/jpeg", b"a", "a.jpg"), r"Photo\.from_bytes\(file\.body, name=file\.name"),
        (Response(), r"Photo\.from_bytes\(response\.content\)"),
        (zipfile.ZipFile(io.BytesIO(), "w"), "namelist"),
        (Field(), r"give its \.file"),
        (Later(), "await it first"),
        (LaterOnes(), "photo async for photo"),
        ("https://example.com/a.jpg", r"Photo\.from_url"),
        ("s3://bucket/a.jpg", r"Photo\.from_loader"),
        ({3: b"a"}, "names of rooms"),
    ],
)
def test_an_item_that_cannot_be_a_photo_is_named_by_position(item: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        collect_photos([b"a", item])
    assert str(caught.value).startswith("photos[1]")
    with pytest.raises(ConfigError, match=r"photos\['hall'\]\[0\]"):
        collect_photos({"hall": [item]})


def test_pictures_and_arrays_are_photos_among_others() -> None:
    grey, pixels = Image.new("L", (64, 48), 99), np.zeros((48, 64, 3), "uint8")
    found = collect_photos({"hall": [grey, pixels], "bath": pixels})
    assert [photo.room for photo in found] == ["hall", "hall", "bath"]
    assert all(photo.read().startswith(b"\x89PNG") for photo in found)
    assert collect_photos(pixels)[0].room is None


def test_a_series_of_paths_is_taken_as_a_list_of_them_is(tmp_path: Path) -> None:
    fill(tmp_path, "1.jpg", "2.jpg")
    paths = [str(tmp_path / "1.jpg"), str(tmp_path / "2.jpg")]
    series: list[Any] = [Series(paths), np.array(paths), np.array([paths[0], b"ab"], dtype=object)]
    series += [{"hall": Series(paths)}, (path for path in paths), dict.fromkeys(paths).keys()]
    for given in series:
        assert names(collect_photos(given))[0] == "1.jpg"
        assert len(collect_photos(given) if not hasattr(given, "send") else paths) == 2
    assert collect_photos({"hall": Series(paths)})[0].room == "hall"
    with pytest.raises(ConfigError, match="none given"):
        collect_photos(np.array([]))


class Upload:
    """As Starlette's `UploadFile`: an async `read` over a file, which is at `.file`."""

    def __init__(self, content: bytes, filename: str = "hall.jpg") -> None:
        self.file, self.filename = io.BytesIO(content), filename

    async def read(self, size: int = -1) -> bytes:
        return self.file.read(size)

    async def seek(self, offset: int) -> None:
        self.file.seek(offset)


class Part:
    """As aiohttp's part of a form: it is read whole."""

    filename = "part.jpg"

    async def read(self, *, decode: bool = False) -> bytearray:
        return bytearray(b"part")


async def test_uploads_are_read_where_their_loop_runs() -> None:
    upload = Upload(b"one")
    found = await acollect_photos({"hall": [upload, b"two"], "bath": (Part(), upload)}, room="x")
    assert [(photo.name, photo.room) for photo in found] == [
        ("hall.jpg", "hall"),
        ("photo", "hall"),
        ("part.jpg", "bath"),
        ("hall.jpg", "bath"),
    ]
    upload.file.close()  # as it is when the request has ended
    assert [await photo.aread() for photo in found] == [b"one", b"two", b"part", b"one"]
    assert [photo.id for photo in found] == ["p1", "p2", "p3", "p4"]


async def test_an_upload_that_fails_is_a_photo_that_says_so() -> None:
    closed = Upload(b"x")
    closed.file.close()
    text: Any = Upload(b"x")
    text.file = io.StringIO("text")
    given = [Upload(b""), closed, text, Upload(bytes(25_000_001))]
    reasons = []
    for photo in await acollect_photos(given):
        with pytest.raises(PhotoError) as caught:
            await photo.aread()
        assert str(caught.value).startswith("hall.jpg: ")
        reasons.append(caught.value.reason)
    assert reasons == ["empty", "unreadable", "unreadable", "too_many_bytes"]


class SlowUpload(Upload):
    """Never ends, and takes note of a cancellation, or not even that."""

    def __init__(self, *, stubborn: bool = False) -> None:
        super().__init__(b"")
        self.stubborn, self.started, self.ended = stubborn, asyncio.Event(), asyncio.Event()

    async def read(self, size: int = -1) -> bytes:
        self.started.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()
            if self.stubborn:
                await asyncio.sleep(0.2)
                raise OSError
        return b""


class CancelledUpload(Upload):
    """As a client whose own task group was cancelled."""

    async def read(self, size: int = -1) -> bytes:
        raise asyncio.CancelledError


@pytest.mark.parametrize("stubborn", [False, True])
async def test_an_upload_that_never_ends_is_given_up_and_the_others_are_read(
    monkeypatch: pytest.MonkeyPatch, stubborn: bool
) -> None:
    monkeypatch.setattr(_file_objects, "READ_SECONDS", 0.05)
    slow = SlowUpload(stubborn=stubborn)
    first, second = await acollect_photos([slow, Upload(b"two")])
    with pytest.raises(PhotoError, match="took more than") as caught:
        await first.aread()
    assert caught.value.reason == "timeout"
    assert await second.aread() == b"two"
    await asyncio.wait_for(slow.ended.wait(), 10)


async def test_a_cancellation_by_an_upload_is_its_photos_outcome() -> None:
    first, second = await acollect_photos([CancelledUpload(b""), Upload(b"two")])
    with pytest.raises(PhotoError, match="was cancelled") as caught:
        await first.aread()
    assert caught.value.reason == "unreadable"
    assert await second.aread() == b"two"


async def test_a_cancelled_run_ends_although_an_upload_is_being_read() -> None:
    slow = SlowUpload()
    run = asyncio.create_task(acollect_photos([slow, Upload(b"two")]))
    await slow.started.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    await asyncio.wait_for(slow.ended.wait(), 10)


def test_a_sync_call_refuses_an_upload_and_names_the_async_twin() -> None:
    for call in (collect_photos, InspectionAgent("offline").inspect):
        with pytest.raises(ConfigError, match=r"photos\[1\].*await agent\.ainspect") as caught:
            call([b"a", Upload(b"x")])
        assert "its .file" in str(caught.value)
        with pytest.raises(ConfigError, match=r"or give the bytes that it reads$"):
            call([b"a", Part()])


def test_given_ids_are_kept_and_skipped_and_must_be_unique() -> None:
    mine = Photo.from_bytes(b"b", id="p1")
    assert [photo.id for photo in collect_photos([b"a", mine, b"c"])] == ["p1-1", "p1", "p3"]
    with pytest.raises(ConfigError, match="'p1' is used 2 times"):
        collect_photos([mine, mine])


def test_a_relative_path_finds_its_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "attic/1.jpg")
    monkeypatch.chdir(tmp_path / "attic")
    assert collect_photos(".")[0].room == "attic"
    assert collect_photos(pathlib.Path("*.jpg"))[0].room == "attic"


def test_a_good_photo_is_found_whatever_its_ending(tmp_path: Path) -> None:
    (tmp_path / "photo.dat").write_bytes(corpus.jpeg())
    assert names(collect_photos(tmp_path)) == ["photo.dat"]


def test_folders_between_tell_rooms_of_one_name_apart(tmp_path: Path) -> None:
    fill(tmp_path, "unit_a/kitchen/1.jpg", "unit_b/kitchen/1.jpg", "unit_b/photos/2.jpg")
    assert [photo.room for photo in collect_photos(tmp_path)] == [
        "unit a / kitchen",
        "unit b / kitchen",
        "unit b",
    ]


def test_a_misspelt_folder_is_the_callers_fault_and_a_missing_file_is_an_outcome(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigError, match="photso"):
        collect_photos(tmp_path / "photso")
    assert names(collect_photos(tmp_path / "gone.jpg")) == ["gone.jpg"]
    fill(tmp_path, "1.jpg")
    assert names(collect_photos([tmp_path / "photso", tmp_path / "1.jpg"])) == ["photso", "1.jpg"]


def test_the_home_folder_may_be_written_as_a_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    fill(tmp_path, "kitchen/1.jpg")
    assert names(collect_photos("~/kitchen")) == ["1.jpg"]


def test_a_file_object_that_was_read_before_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "1.jpg"
    path.write_bytes(b"something")
    with path.open("rb") as file:
        assert [collect_photos(file)[0].read() for _ in range(2)] == [b"something"] * 2
