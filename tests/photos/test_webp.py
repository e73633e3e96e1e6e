import io

import pytest
from PIL import Image

from inspectiq import PhotoError
from inspectiq.photos import ImageRule
from inspectiq.photos._prepare import PreparedPhoto, prepare_picture
from tests.photos import corpus

EXIF = corpus.exif(6, "2024:05:07 10:11:12", "+02:00")


def prepared(data: bytes) -> PreparedPhoto:
    return prepare_picture(data, ImageRule(), name="a.webp")


def webp(**options: object) -> bytes:
    return corpus.encoded(corpus.scene(), "WEBP", lossless=True, **options)


def assert_turned(result: PreparedPhoto) -> None:
    assert (result.orientation, str(result.taken_at)) == (6, "2024-05-07 10:11:12+02:00")
    assert (result.sent.width, result.sent.height) == (480, 640)
    assert result.warnings == ()


def test_exif_counts_although_the_header_does_not_announce_it() -> None:
    data = bytearray(webp(exif=EXIF))
    at = data.index(b"VP8X") + 8
    assert data[at] & 8
    data[at] &= ~8
    assert_turned(prepared(bytes(data)))


def test_broken_exif_takes_no_good_one_along() -> None:
    data = webp(exif=EXIF)
    at = data.index(b"EXIF")
    broken = data[:at] + b"EXIF\4\0\0\0nope" + data[at:]
    assert_turned(prepared(broken[:4] + (len(broken) - 8).to_bytes(4, "little") + broken[8:]))


def test_a_file_cut_within_its_metadata_lacks_no_pixel() -> None:
    data = webp(exif=EXIF, xmp=b"<x/>" * 50)
    stored, turned = prepared(webp()).jpeg, prepared(data).jpeg
    at = data.index(b"EXIF")
    assert at > len(data) // 2
    for end in (*range(at, len(data), 17), len(data) - 1):
        cut = prepared(data[:end])
        assert cut.jpeg == (turned if cut.orientation == 6 else stored)
    assert cut.orientation == 6


def test_a_file_cut_within_its_pixels_is_damaged() -> None:
    for data in (webp(), webp(exif=EXIF), corpus.encoded(corpus.scene(), "WEBP")):
        pixels = data.index(b"EXIF") if b"EXIF" in data else len(data)
        for missing in (3, 50, 1000):
            with pytest.raises(PhotoError) as caught:
                prepared(data[: pixels - missing])
            assert caught.value.reason == "damaged"


def test_its_profile_and_its_transparency_stay() -> None:
    swapped = corpus.encoded(
        Image.new("RGBA", (64, 48), (200, 0, 0, 128)),
        "WEBP",
        lossless=True,
        exif=EXIF,
        icc_profile=corpus.swapped_profile(),
    )
    picture = Image.open(io.BytesIO(prepared(swapped).jpeg)).convert("RGB")
    red, _, blue = picture.getpixel((20, 20))  # type: ignore[misc]
    assert blue > red + 50


def test_the_first_picture_of_a_film_with_exif_is_read() -> None:
    frames = [corpus.scene(), Image.new("RGB", (640, 480))]
    film = corpus.encoded(
        frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True, exif=EXIF
    )
    assert_turned(prepared(film))
