import io

import pytest
from PIL import Image, ImageFile

from inspectiq import PhotoError
from inspectiq.photos import ImageRule
from inspectiq.photos._prepare import PreparedPhoto, prepare_picture
from tests.photos import corpus

END = b"\xff\xd9"


def prepared(data: bytes) -> PreparedPhoto:
    return prepare_picture(data, ImageRule(), name="a.jpg")


def refusal(data: bytes) -> PhotoError:
    with pytest.raises(PhotoError) as caught:
        prepared(data)
    return caught.value


FILES = {
    "baseline": lambda: corpus.jpeg(),
    "progressive": lambda: corpus.jpeg(progressive=True),
    "optimised": lambda: corpus.jpeg(optimize=True),
    "restarts": lambda: corpus.jpeg(restart_marker_rows=2),
    "full colour": lambda: corpus.jpeg(subsampling="4:4:4"),
    "grey": lambda: corpus.encoded(corpus.scene().convert("L"), "JPEG"),
    "CMYK": lambda: corpus.encoded(corpus.scene().convert("CMYK"), "JPEG"),
    "one grey": lambda: corpus.encoded(Image.new("RGB", (333, 251), (128, 128, 128)), "JPEG"),
    "a smooth wall": lambda: corpus.encoded(corpus.wall(size=(333, 251)), "JPEG"),
    "with EXIF": lambda: corpus.jpeg(exif=corpus.exif(6)),
}


@pytest.mark.parametrize("name", FILES)
def test_a_jpeg_that_lacks_its_end_and_no_pixel_is_read(name: str) -> None:
    data = FILES[name]()
    assert data.endswith(END)
    whole = prepared(data)
    for odd in (data[:-1], data[:-2], data[:-2] + bytes(100), data[:-2] + b"\n"):
        assert prepared(odd).jpeg == whole.jpeg


@pytest.mark.parametrize("missing", [6, 12, 40, 500])
@pytest.mark.parametrize("name", FILES)
def test_a_jpeg_that_lacks_pixels_is_damaged(name: str, missing: int) -> None:
    data = FILES[name]()
    assert refusal(data[:-missing]).reason == "damaged"


def test_a_progressive_jpeg_that_lacks_a_whole_scan_is_damaged() -> None:
    data = corpus.jpeg(progressive=True)
    scans = [at for at in range(len(data)) if data[at : at + 2] == b"\xff\xda"]
    for start in scans[1:]:
        for end in (b"", END):
            assert refusal(data[:start] + end).reason == "damaged"


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("name", FILES)
def test_an_end_does_not_hide_that_pixels_are_missing(name: str, share: float) -> None:
    data = FILES[name]()
    start = data.index(b"\xff\xda") + 14
    there = data[: start + int((len(data) - start) * share)]
    for rest in (END, b"\xff" + END, END + b"film" * 99, data, b"\xff\xfe\0\4hi" + END):
        assert refusal(there + rest).reason == "damaged"


@pytest.mark.parametrize("name", FILES)
def test_what_follows_the_last_pixel_costs_no_picture(name: str) -> None:
    data = FILES[name]()
    whole = prepared(data)
    pixels = data.removesuffix(END)
    for rest in (b"\xff" * 9 + END, bytes(40) + END, b"\xff\xfe\0\4hi" + END, END + data):
        assert prepared(pixels + rest).jpeg == whole.jpeg


@pytest.mark.parametrize("long_side", [20, 60, 200, 640])
def test_missing_pixels_are_seen_at_every_size(long_side: int) -> None:
    rule = ImageRule(long_side=long_side, short_side=long_side)
    data = corpus.jpeg()
    prepare_picture(data, rule, name="a")
    with pytest.raises(PhotoError):
        prepare_picture(data[:-900] + END, rule, name="a")


def test_a_host_that_has_pillow_take_cut_files_gets_no_made_up_pixels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    prepared(corpus.jpeg())
    assert refusal(corpus.jpeg()[:-900] + END).reason == "damaged"


@pytest.mark.parametrize("rest", [0.5, 0.9])
@pytest.mark.parametrize("cut", ["progressive", "GIF", "PNG", "WEBP"])
def test_nor_of_any_other_form_and_pillow_stays_as_the_host_had_it(
    cut: str, rest: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = FILES[cut]() if cut in FILES else corpus.encoded(corpus.scene(), cut)
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    prepared(data)
    assert refusal(data[: int(len(data) * rest)]).reason == "damaged"
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


def segments(marker: int, number: int, content: bytes = b"") -> bytes:
    return (bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content) * number


@pytest.mark.parametrize(
    ("few", "many"),
    [
        pytest.param(b"\xff" * 1_000, b"\xff" * 200_000, id="fill"),
        pytest.param(segments(0xFE, 1_000), segments(0xFE, 100_000), id="comments"),
        pytest.param(
            segments(0xE1, 99, b"Exif\0\0"), segments(0xE1, 100_000, b"Exif\0\0"), id="EXIF"
        ),
    ],
)
def test_far_more_before_the_pixels_than_any_camera_writes_is_damage(
    few: bytes, many: bytes
) -> None:
    data = corpus.jpeg()
    assert prepared(data[:2] + few + data[2:]).jpeg == prepared(data).jpeg
    assert refusal(data[:2] + many + data[2:]).reason == "damaged"


def with_frame(marker: int, *, precision: int = 8, height: int | None = None) -> bytes:
    """A JPEG whose frame says that it is coded otherwise."""
    data = bytearray(corpus.jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 1], data[at + 4] = marker, precision
    if height is not None:
        data[at + 5 : at + 7] = height.to_bytes(2, "big")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (with_frame(0xC1, precision=12), "12 bits"),
        (with_frame(0xC2, precision=12), "12 bits"),
        (with_frame(0xC3), "lossless JPEG"),
        (with_frame(0xC3, precision=16), "lossless JPEG"),
        (with_frame(0xCB), "lossless JPEG"),
        (with_frame(0xC5), "hierarchical JPEG"),
        (with_frame(0xF7), "JPEG-LS"),
        (with_frame(0xC0, height=0), "height after its pixels"),
    ],
)
def test_a_jpeg_that_no_decoder_here_reads_is_refused_by_its_kind(data: bytes, words: str) -> None:
    error = refusal(data)
    assert error.reason == "unsupported_format"
    assert words in str(error)
    assert "export it as an ordinary 8-bit JPEG" in str(error)


@pytest.mark.parametrize("first", [b"", b"garbage", bytes(40)])
def test_a_broken_exif_segment_takes_no_good_one_along(first: bytes) -> None:
    data = corpus.jpeg(exif=corpus.exif(6, "2024:05:01 10:20:30"))
    segment = b"\xff\xe1" + (len(first) + 8).to_bytes(2, "big") + b"Exif\0\0" + first
    result = prepared(data[:2] + segment + data[2:])
    assert (result.orientation, str(result.taken_at)) == (6, "2024-05-01 10:20:30")
    assert "bad_exif" not in result.warnings


def test_the_inks_of_an_adobe_jpeg_are_not_turned_around() -> None:
    colours = Image.new("RGB", (64, 48), (200, 60, 40))
    data = corpus.encoded(colours.convert("CMYK"), "JPEG", quality=95)
    seen = Image.open(io.BytesIO(prepared(data).jpeg)).getpixel((20, 20))
    assert all(abs(a - b) < 9 for a, b in zip(seen, (200, 60, 40), strict=True))  # type: ignore[arg-type]
