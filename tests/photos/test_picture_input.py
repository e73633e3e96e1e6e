"""Pictures that are decoded already: Pillow's, and arrays of pixels."""

import io
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageFile, ImageOps

from inspectiq import ConfigError, Photo, PhotoError
from inspectiq.photos import PreparedPhoto, _picture_input
from tests.photos import corpus, heif_files
from tests.photos.heif_files import clap, nclx

EXIF = corpus.exif(6, "2024:05:07 10:11:12", "+02:00")


def fault(photo: Photo) -> PhotoError:
    with pytest.raises(PhotoError) as caught:
        photo.read()
    return caught.value


def mean_colours(prepared: PreparedPhoto) -> list[int]:
    small = (
        Image.open(io.BytesIO(prepared.jpeg)).convert("RGB").resize((8, 8), Image.Resampling.BOX)
    )
    return list(small.tobytes())


FILES: dict[str, bytes] = {
    "turned.jpg": corpus.jpeg(exif=EXIF),
    "turned.png": corpus.encoded(corpus.scene(), "PNG", exif=EXIF),
    "turned.webp": corpus.encoded(corpus.scene(), "WEBP", exif=EXIF, lossless=True),
    "turned.avif": corpus.encoded(corpus.scene(), "AVIF", exif=EXIF),
    "profile.jpg": corpus.jpeg(icc_profile=corpus.swapped_profile()),
    "cmyk.jpg": corpus.encoded(corpus.scene().convert("CMYK")),
    "grey.jpg": corpus.encoded(corpus.scene().convert("L")),
    "palette.png": corpus.encoded(corpus.scene().convert("P"), "PNG"),
    "see-through.gif": corpus.encoded(corpus.scene().convert("P"), "GIF", transparency=5),
    "alpha.png": corpus.encoded(corpus.scene().convert("RGBA"), "PNG"),
    "bits.png": corpus.encoded(corpus.scene().convert("1"), "PNG"),
    "16-bit.png": corpus.sixteen_bit(),
    "animated.webp": corpus.animated("WEBP"),
}


@pytest.mark.parametrize("name", FILES)
def test_an_opened_picture_gives_what_its_file_gives(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name])
    with Image.open(path) as picture:
        photo = Photo.from_picture(picture)
    of_file, of_picture = Photo.from_path(path).prepare_for(), photo.prepare_for()
    assert photo.name == name
    assert (of_picture.sent.width, of_picture.sent.height) == (
        of_file.sent.width,
        of_file.sent.height,
    )
    assert of_picture.orientation == of_file.orientation
    assert of_picture.taken_at == of_file.taken_at
    assert of_picture.warnings == of_file.warnings
    differences = zip(mean_colours(of_picture), mean_colours(of_file), strict=True)
    assert max(abs(one - other) for one, other in differences) <= 2
    if "turned" in name:
        assert of_picture.taken_at == datetime(2024, 5, 7, 8, 11, 12, tzinfo=UTC)
        assert of_picture.taken_at.utcoffset() == timedelta(hours=2)
        assert of_picture.sent.width < of_picture.sent.height


def test_a_picture_that_was_turned_upright_is_not_turned_again() -> None:
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(FILES["turned.jpg"])))
    assert picture is not None
    prepared = Photo.from_picture(picture).prepare_for()
    assert prepared.orientation == 1
    assert prepared.taken_at is not None
    assert (prepared.original.width, prepared.original.height) == (480, 640)


@pytest.mark.parametrize(
    "mode",
    ["1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr", "LAB", "HSV"],
)
def test_a_picture_of_any_mode_is_taken(mode: str) -> None:
    way = {"La": "LA", "RGBa": "RGBA", "LAB": None, "PA": "P"}.get(mode, mode)
    picture = corpus.scene().convert(way) if way else Image.new("LAB", (64, 48), (128, 128, 128))
    picture = picture if picture.mode == mode else picture.convert(mode)
    prepared = Photo.from_picture(picture).prepare_for()
    assert (prepared.sent.width, prepared.sent.height) == picture.size


def test_whole_numbers_up_to_255_are_8_bits() -> None:
    prepared = Photo.from_picture(corpus.scene().convert("I")).prepare_for()
    grey = Photo.from_picture(corpus.scene().convert("L")).prepare_for()
    assert prepared.jpeg == grey.jpeg


@pytest.mark.parametrize("mode", ["I", "I;16", "I;16B"])
def test_sixteen_bits_are_the_same_grey_in_whatever_mode(mode: str) -> None:
    picture = Image.new("I", (64, 48), 0x8000)
    picture = picture if mode == "I" else picture.convert(mode)
    assert set(mean_colours(Photo.from_picture(picture).prepare_for())) == {128}


def test_numbers_without_a_known_white_say_what_to_do() -> None:
    for picture in (Image.new("F", (64, 48), 0.5), Image.new("I", (64, 48), 70_000)):
        error = fault(Photo.from_picture(picture, name="depth.tif"))
        assert error.reason == "unsupported_format"
        assert str(error).startswith("depth.tif: ")
        assert "picture.convert('L')" in str(error)


def test_an_array_is_the_photo_that_its_pixels_make() -> None:
    pixels = np.asarray(corpus.scene())
    of_file = Photo.from_bytes(corpus.encoded(corpus.scene(), "PNG")).prepare_for()
    for array in (pixels, np.asfortranarray(pixels), pixels[::-1, ::-1][::-1, ::-1]):
        photo = Photo.from_picture(array, room="hall")
        assert (photo.name, photo.room) == ("photo", "hall")
        assert photo.prepare_for().jpeg == of_file.jpeg
    same = Photo.from_picture(pixels), Photo.from_picture(pixels.copy())
    assert same[0] == same[1]


def test_a_picture_is_taken_as_it_is_now() -> None:
    pixels = np.asarray(corpus.scene()).copy()
    photo = Photo.from_picture(pixels)
    pixels[:] = 0
    assert photo.prepare_for().warnings == ()


SCENE = np.asarray(corpus.scene())


@pytest.mark.parametrize(
    ("array", "way"),
    [
        (SCENE / 255, "(array * 255).round().astype('uint8')"),
        (SCENE.astype("uint16") * 257, "(array // 257).astype('uint8')"),
        (SCENE.astype(int), "array.astype('uint8')"),
        (SCENE.astype(">u2"), "(array // 257).astype('uint8')"),
        (SCENE.astype(complex), "complex numbers are no pixels"),
        (np.ma.masked_greater(SCENE, 99), "array.filled(0)"),
        (np.zeros((9, 9), [("r", "u1"), ("g", "u1"), ("b", "u1")]), "numpy.dstack"),
        (SCENE > 99, "array.astype('uint8') * 255"),
        (SCENE[:, :, 0], "PIL.Image.fromarray(array) where it is grey"),
        (SCENE[:, :, :1], "PIL.Image.fromarray(array[:, :, 0])"),
        (np.dstack([SCENE, SCENE[:, :, 0]]), "PIL.Image.fromarray(array) where it is RGBA"),
        (np.dstack([SCENE, SCENE]), "array[:, :, :3]"),
        (SCENE.transpose(2, 0, 1), "array.transpose(1, 2, 0)"),
        (np.stack([SCENE, SCENE]), "list(array)"),
        (np.frombuffer(corpus.jpeg(), "uint8"), "array.tobytes()"),
        (np.zeros((2, 2, 2, 2, 2), "uint8"), "one picture"),
    ],
)
def test_an_array_of_another_kind_is_refused_and_told_the_way(array: Any, way: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Photo.from_picture(array)
    said = str(caught.value)
    assert way in said
    assert f"shape {array.shape} and dtype {array.dtype}" in said


def test_what_is_no_picture_is_refused() -> None:
    things: list[Any] = [corpus.jpeg(), "a.jpg", None, [1], np.float64(1)]
    for thing in things:
        with pytest.raises(ConfigError, match=r"PIL\.Image\.Image or an array"):
            Photo.from_picture(thing)


def test_other_ways_to_make_a_photo_name_this_one() -> None:
    things: list[Any] = [corpus.scene(), SCENE, None, 7]
    for thing in things:
        with pytest.raises(ConfigError, match="from_picture"):
            Photo.from_bytes(thing)
        with pytest.raises(ConfigError, match="from_picture"):
            Photo.from_path(thing)
    with pytest.raises(ConfigError, match=r"Photo\.from_path"):
        Photo.from_bytes("hall.jpg")  # type: ignore[arg-type]
    encoded = np.frombuffer(corpus.jpeg(), "uint8")
    assert Photo.from_bytes(encoded.data).read() == corpus.jpeg()


def test_a_picture_that_cannot_be_read_is_a_photo_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "closed.jpg"
    path.write_bytes(corpus.jpeg())
    with Image.open(path) as picture:
        pass
    error = fault(Photo.from_picture(picture))
    assert error.reason == "unreadable"
    assert str(error).startswith("closed.jpg: ")
    assert "give the file" in str(error)


@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF", "BMP", "JPEG2000"])
def test_a_picture_whose_file_is_cut_short_is_damaged(
    kind: str, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", told)  # as WeasyPrint sets it
    data = corpus.encoded(corpus.scene().convert("P" if kind == "GIF" else "RGB"), kind)
    cut = Image.open(io.BytesIO(data[: len(data) // 2]))
    with pytest.raises(PhotoError, match="copy or export") as caught:
        Photo.from_picture(cut).prepare_for()
    assert caught.value.reason == "damaged"


def test_what_a_png_says_after_its_pixels_counts_for_its_picture_too() -> None:
    plain = corpus.encoded(corpus.scene(), "PNG")
    late = plain[:-12] + corpus.chunk(b"eXIf", EXIF.removeprefix(b"Exif\0\0")) + plain[-12:]
    prepared = Photo.from_picture(Image.open(io.BytesIO(late))).prepare_for()
    assert prepared.taken_at == datetime(2024, 5, 7, 8, 11, 12, tzinfo=UTC)
    assert prepared.orientation == 6


def test_a_tiff_keeps_its_time_and_is_turned_once() -> None:
    data = corpus.encoded(corpus.scene(), "TIFF", exif=EXIF)
    prepared = Photo.from_picture(Image.open(io.BytesIO(data))).prepare_for()
    assert prepared.taken_at == datetime(2024, 5, 7, 8, 11, 12, tzinfo=UTC)
    assert (prepared.orientation, prepared.sent.width, prepared.sent.height) == (1, 480, 640)


def test_the_bounds_on_pixels_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fault(Photo.from_picture(np.zeros((0, 5, 3), "uint8"))).reason == "too_small"
    with pytest.raises(PhotoError, match="at least 16"):
        Photo.from_picture(Image.new("RGB", (9, 9))).prepare_for()
    monkeypatch.setattr(_picture_input, "MAX_PIXELS", 640 * 480 - 1)
    assert fault(Photo.from_picture(corpus.scene())).reason == "too_many_pixels"


def test_one_whose_png_would_be_too_large_becomes_a_jpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_picture_input, "MAX_BYTES", 5_000)
    with Image.open(io.BytesIO(FILES["turned.png"])) as picture:
        picture.load()
        prepared = Photo.from_picture(picture).prepare_for()
    assert (prepared.original.format, prepared.orientation) == ("jpeg", 6)
    assert prepared.taken_at == datetime(2024, 5, 7, 8, 11, 12, tzinfo=UTC)


@pytest.mark.parametrize("mode", ["P", "RGBA", "LA", "I;16", "1", "CMYK"])
def test_one_of_any_mode_that_is_too_large_becomes_a_jpeg(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = Image.effect_noise((400, 300), 90)
    picture = noise.convert("I").convert("I;16") if mode == "I;16" else noise.convert(mode)
    if mode in ("RGBA", "LA"):
        picture.putalpha(Image.new("L", picture.size, 0))
    monkeypatch.setattr(_picture_input, "MAX_BYTES", 10_000)
    prepared = Photo.from_picture(picture).prepare_for()
    assert prepared.original.format == "jpeg"
    if mode in ("RGBA", "LA"):
        assert min(mean_colours(prepared)) > 250


def test_a_jpeg_that_is_too_large_as_well_is_of_lower_quality(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noise = Image.effect_noise((400, 300), 90)
    sizes = {quality: len(corpus.encoded(noise, quality=quality)) for quality in (95, 80)}
    monkeypatch.setattr(_picture_input, "MAX_BYTES", (sizes[95] + sizes[80]) // 2)
    assert Photo.from_picture(noise).prepare_for().original.bytes == sizes[80]


@pytest.fixture
def heif_opener() -> Iterator[None]:
    """Has Pillow open HEIC too, as hosts do it."""
    known = dict(Image.OPEN), list(Image.ID), dict(Image.EXTENSION)
    pillow_heif.register_heif_opener()
    yield
    Image.OPEN.clear()
    Image.OPEN.update(known[0])
    Image.ID[:] = known[1]
    Image.EXTENSION.clear()
    Image.EXTENSION.update(known[2])


@pytest.mark.usefixtures("heif_opener")
@pytest.mark.parametrize("kind", ["heic", "avif"])
@pytest.mark.parametrize("changed", [clap(160, 120), nclx(9, 16)], ids=["crop", "HDR"])
def test_a_picture_that_is_not_decoded_yet_is_its_file(kind: str, changed: bytes) -> None:
    without = (b"colr",) if changed[4:8] == b"colr" else ()
    data = heif_files.with_properties(heif_files.example(kind), changed, without=without)
    file = io.BytesIO(data)
    picture = Image.open(file)
    at = file.tell()
    assert Photo.from_picture(picture).read() == data
    assert file.tell() == at
    picture.load()


@pytest.mark.usefixtures("heif_opener")
@pytest.mark.parametrize("kind", ["heic", "avif"])
def test_a_decoded_picture_whose_crop_is_not_known_is_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind}"
    path.write_bytes(heif_files.with_properties(heif_files.example(kind), clap(160, 120)))
    with Image.open(path) as decoded:
        decoded.load()
    with Image.open(path) as closed:
        pass
    with Image.open(path) as small:
        small.thumbnail((100, 100))
    for picture in (decoded, closed, small):
        error = fault(Photo.from_picture(picture))
        assert error.reason == "unsupported_format"
        assert "give the file itself" in str(error)
    # What is not Pillow's view of the file any more is its host's.
    assert Photo.from_picture(decoded.copy()).prepare_for().sent.format == "jpeg"


def test_what_was_drawn_on_a_picture_stays() -> None:
    picture = Image.open(io.BytesIO(corpus.encoded(corpus.scene(), "PNG")))
    picture.paste("white", (0, 0, *picture.size))
    assert min(mean_colours(Photo.from_picture(picture).prepare_for())) > 250


def test_a_later_frame_of_a_picture_is_not_its_file() -> None:
    out = io.BytesIO()
    white = Image.new("RGB", (64, 64), "white")
    Image.new("RGB", (64, 64)).save(out, "PNG", save_all=True, append_images=[white])
    picture = Image.open(out)
    picture.seek(1)
    assert min(mean_colours(Photo.from_picture(picture).prepare_for())) > 250


def test_a_png_that_is_not_decoded_yet_is_its_file_and_no_more() -> None:
    data = corpus.encoded(corpus.scene(), "PNG")
    assert Photo.from_picture(Image.open(io.BytesIO(data))).read() == data


def test_a_picture_is_told_while_another_thread_imports_pillow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    half = ModuleType("PIL.Image")  # as it stands in sys.modules before its class is made
    monkeypatch.setitem(sys.modules, "PIL.Image", half)
    assert not _picture_input.is_pillow_picture(corpus.jpeg())


def test_many_threads_inspect_at_once_at_the_first_use_of_a_process() -> None:
    program = """
import sys, threading
from inspectiq import InspectionAgent, Photo
from inspectiq.testing import FunctionTransport, make_answer
jpeg, wrong = sys.stdin.buffer.read(), []
agent = InspectionAgent(FunctionTransport(lambda request: make_answer(request, [])))
def work():
    try:
        agent.inspect(Photo.from_bytes(jpeg)).raise_for_status()
    except Exception as error:
        wrong.append(repr(error))
threads = [threading.Thread(target=work) for _ in range(40)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(wrong)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], input=corpus.jpeg(), capture_output=True, check=True
    )
    assert run.stdout.decode().strip() == "[]"
