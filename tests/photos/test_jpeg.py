import io

import pytest
from PIL import Image

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
        assert refusal(data[:start]).reason == "damaged"


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


def test_the_inks_of_an_adobe_jpeg_are_not_turned_around() -> None:
    colours = Image.new("RGB", (64, 48), (200, 60, 40))
    data = corpus.encoded(colours.convert("CMYK"), "JPEG", quality=95)
    seen = Image.open(io.BytesIO(prepared(data).jpeg)).getpixel((20, 20))
    assert all(abs(a - b) < 9 for a, b in zip(seen, (200, 60, 40), strict=True))  # type: ignore[arg-type]
