import io
import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, ImageFilter

from inspectiq import PhotoError
from inspectiq.domain import Box, PhotoRef
from inspectiq.photos import ImageRule
from inspectiq.photos._open_picture import open_picture
from inspectiq.photos._prepare import (
    PREPARE_PIXELS,
    PreparedPhoto,
    estimate_memory,
    prepare_picture,
)
from tests.photos import corpus

RULE = ImageRule()


def prepared(data: bytes, rule: ImageRule = RULE, **options: Any) -> PreparedPhoto:
    return prepare_picture(data, rule, name="a.jpg", **options)


def picture(result: PreparedPhoto) -> Image.Image:
    return Image.open(io.BytesIO(result.jpeg)).convert("RGB")


@pytest.mark.parametrize("name", corpus.REFUSED)
def test_a_file_that_is_no_good_photo_is_refused_with_its_reason(name: str) -> None:
    data, reason = corpus.refused(name)
    with pytest.raises(PhotoError) as caught:
        prepare_picture(data, RULE, name=name)
    assert caught.value.reason == reason
    assert caught.value.photo == name
    assert str(caught.value).startswith(f"{name}: ")
    assert ";" in str(caught.value)  # what to do about it


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_every_accepted_format_becomes_a_jpeg_that_looks_the_same(kind: str) -> None:
    original = corpus.scene().filter(ImageFilter.GaussianBlur(4))
    result = prepared(corpus.encoded(original, kind))
    assert result.original.format == kind.lower()
    assert (result.sent.format, result.sent.width, result.sent.height) == ("jpeg", 640, 480)
    assert_alike(picture(result), original, 24 if kind == "GIF" else 6)


def assert_alike(one: Image.Image, other: Image.Image, levels: float) -> None:
    small = (32, 24)
    ours = one.resize(small, Image.Resampling.BOX).tobytes()
    theirs = other.convert(one.mode).resize(small, Image.Resampling.BOX).tobytes()
    assert max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) <= levels


def test_a_heic_is_turned_by_its_container() -> None:
    result = prepared(corpus.heic())
    assert (result.original.width, result.original.height) == (64, 128)
    assert result.orientation == 1
    red, green, _ = picture(result).getpixel((58, 10))  # type: ignore[misc]
    assert red > 150
    assert green < 90


def test_a_heic_gives_the_same_picture_each_time() -> None:
    # Its pixels stand in a buffer of the decoder's, which must not be given back too early.
    assert len({prepared(corpus.heic()).jpeg for _ in range(20)}) == 1


@pytest.mark.parametrize("size", [(4032, 3024), (3000, 4000), (1600, 1200), (2049, 1537), (90, 70)])
def test_a_photo_is_sent_within_the_rule_and_never_enlarged(size: tuple[int, int]) -> None:
    result = prepared(corpus.jpeg(size=size))
    sent = result.sent.width, result.sent.height
    fitted = RULE.fit(*size)
    assert fitted[0] * 0.95 <= sent[0] <= fitted[0]
    assert fitted[1] * 0.95 <= sent[1] <= fitted[1]
    # In grey: JPEG halves the resolution of colour.
    assert_alike(picture(result).convert("L"), corpus.scene(size=size).convert("L"), 24)


def test_nothing_of_the_metadata_is_sent() -> None:
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = corpus.jpeg(
        exif=corpus.exif(1, "2024:05:01 10:20:30"),
        icc_profile=icc,
        comment=b"a secret",
        xmp=b"<x/>",
    )
    assert b"a secret" in data
    markers = []
    sent, at = prepared(data).jpeg, 2
    while sent[at + 1] != 0xDA:
        markers.append(sent[at + 1])
        at += 2 + int.from_bytes(sent[at + 2 : at + 4], "big")
    assert set(markers) <= {0xE0, 0xDB, 0xC0, 0xC4}  # JFIF, tables and the frame


def test_cmyk_is_sent_in_its_colours() -> None:
    colours = Image.new("RGB", (64, 48), (200, 60, 40))
    for data in (
        corpus.encoded(colours.convert("CMYK"), "JPEG", quality=95),
        corpus.encoded(colours, "JPEG", quality=95),
    ):
        red, green, blue = picture(prepared(data)).getpixel((20, 20))  # type: ignore[misc]
        assert abs(red - 200) < 9
        assert abs(green - 60) < 9
        assert abs(blue - 40) < 9


@pytest.mark.parametrize(("level", "grey"), [(0, 0), (0x4000, 64), (0x8000, 128), (0xFFFF, 255)])
def test_sixteen_bits_are_scaled_and_not_clipped(level: int, grey: int) -> None:
    result = picture(prepared(corpus.sixteen_bit(level=level)))
    assert all(abs(value - grey) <= 2 for value in result.getpixel((20, 20)))  # type: ignore[union-attr]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P", "1", "L"])
def test_every_mode_is_flattened_onto_white(mode: str) -> None:
    image = Image.new("RGBA", (64, 48), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((0, 0, 31, 47), fill=(0, 0, 0, 255))
    if mode in {"1", "L"}:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    options = {"transparency": 0} if mode == "P" else {}
    if mode == "P":
        stored = Image.new("P", (64, 48), 0)
        stored.putpalette([9, 99, 199, 0, 0, 0])
        stored.paste(1, (0, 0, 32, 48))
    else:
        stored = image.convert(mode) if mode != "PA" else image.convert("P").convert("PA")
    if mode == "PA":
        stored.putalpha(image.getchannel("A"))
    result = picture(
        prepared(
            corpus.encoded(stored.convert("RGBA") if mode == "PA" else stored, "PNG", **options)
        )
    )
    assert max(result.getpixel((10, 20))) < 8  # type: ignore[arg-type]
    assert min(result.getpixel((54, 20))) > 247  # type: ignore[arg-type]


def test_another_colour_space_is_converted_by_its_profile() -> None:
    red = Image.new("RGB", (64, 48), (250, 10, 10))
    for kind in ("JPEG", "PNG", "WEBP"):
        data = corpus.encoded(red, kind, icc_profile=corpus.swapped_profile())
        shown = picture(prepared(data)).getpixel((20, 20))
        assert shown[2] > 200  # type: ignore[index]
        assert shown[0] < 90  # type: ignore[index]


def test_a_profile_that_is_broken_or_of_another_kind_is_ignored() -> None:
    linear = Image.new("RGB", (64, 48), (128, 128, 128))
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (b"no profile at all", lab):
        result = picture(prepared(corpus.encoded(linear, "PNG", icc_profile=profile)))
        assert abs(result.getpixel((5, 5))[0] - 128) <= 2  # type: ignore[index]


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_only_the_first_frame_of_an_animation_is_looked_at(format: str) -> None:
    red, green, _ = picture(prepared(corpus.animated(format))).getpixel((30, 20))  # type: ignore[misc]
    assert red > 240
    assert green < 20


@pytest.mark.parametrize("block", corpus.bad_exif())
def test_bad_exif_warns_and_never_refuses_even_where_warnings_are_errors(block: bytes) -> None:
    plain = corpus.jpeg()
    segment = b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = prepared(plain[:2] + segment + plain[2:])
    assert "bad_exif" in result.warnings
    assert result.orientation == 1


def test_a_picture_between_pillows_limit_and_ours_leaks_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = prepared(corpus.black_png(10_000, 9_500))
    assert (result.sent.width, result.sent.height) == (808, 768)


def test_a_palette_picture_is_averaged_in_strips_as_in_one_piece() -> None:
    large = corpus.scene(size=(3000, 2200)).convert("P")
    whole = large.convert("RGB").resize((1024, 751), Image.Resampling.BOX)
    assert_alike(picture(prepared(corpus.encoded(large, "PNG"))), whole, 6)


def test_a_progressive_jpeg_counts_its_coefficients() -> None:
    plain, progressive = corpus.jpeg(), corpus.jpeg(progressive=True)
    tiny = ImageRule(long_side=80, short_side=60)
    assert estimate_memory(open_picture(plain, "a"), tiny, None) < 640 * 480
    assert estimate_memory(open_picture(progressive, "a"), tiny, None) > 640 * 480 * 3
    assert_alike(picture(prepared(progressive)), corpus.scene(), 12)


def test_a_jpeg_of_thousands_of_scans_is_refused() -> None:
    data = corpus.jpeg(progressive=True)
    at = data.rindex(b"\xff\xda")
    with pytest.raises(PhotoError) as caught:
        prepared(data[:at] + data[at:-2] * 6000 + data[-2:])
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize("progressive", [False, True])
def test_a_film_that_a_phone_appends_is_ignored(progressive: bool) -> None:
    photo = corpus.jpeg(progressive=progressive)
    film = b"\x00\x00\x00\x18ftypmp42" + b"\xff\xda\x00\x08" * 6000
    assert prepared(photo + film).jpeg == prepared(photo).jpeg


def test_what_was_prepared_pickles_and_shows_no_bytes() -> None:
    result = prepared(corpus.jpeg())
    assert pickle.loads(pickle.dumps(result)) == result
    assert len(repr(result)) < 1200


def blurred(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(3))


def test_a_host_may_blur() -> None:
    result = prepared(corpus.jpeg(), prepare=blurred)
    assert result.crop is None
    assert result.jpeg != prepared(corpus.jpeg()).jpeg


def test_a_host_gets_the_upright_picture_in_full() -> None:
    sizes = []

    def look(image: Image.Image) -> Image.Image:
        sizes.append((image.mode, image.size))
        return image

    result = prepared(corpus.jpeg(size=(2000, 1500), exif=corpus.exif(6)), prepare=look)
    assert sizes == [("RGB", (1500, 2000))]
    assert (result.sent.width, result.sent.height) == (768, 1024)
    prepared(corpus.encoded(Image.new("L", (7000, 5000)), "PNG"), prepare=look)
    assert sizes[1][1] == (3500, 2500)
    assert PREPARE_PIXELS >= 3500 * 2500


def test_a_crop_is_recorded_so_that_boxes_map_back() -> None:
    def crop(image: Image.Image) -> Any:
        width, height = image.size
        return image.crop((width // 2, height // 4, width, height)), (0.5, 0.25, 1.0, 1.0)

    result = prepared(corpus.jpeg(size=(2000, 1500)), prepare=crop)
    assert result.crop == Box(x0=0.5, y0=0.25, x1=1.0, y1=1.0)
    assert result.sent.width / result.sent.height == pytest.approx(1000 / 1125, abs=0.01)


@pytest.mark.parametrize(
    "prepare",
    [
        lambda image: None,
        lambda image: (image, (0, 0, 2, 1)),
        lambda image: (image, (0.5, 0, 0.5, 1)),
        lambda image: (image, "whole"),
        lambda image: (image, (0.0, 0.0, 0.5, 1.0)),
        lambda image: image.crop((0, 0, 200, 400)),
        lambda image: image.resize((8, 6)),
        lambda image: image.tobytes(),
        lambda image: 1 / 0,
    ],
)
def test_a_prepare_that_fails_is_told_what_to_return(prepare: Any) -> None:
    with pytest.raises(PhotoError, match="return the picture in the same proportions") as caught:
        prepared(corpus.jpeg(), prepare=prepare)
    assert caught.value.reason == "prepare_failed"


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 8),
    st.sampled_from([(640, 480), (480, 640), (1300, 600), (90, 64)]),
    st.tuples(st.floats(0.1, 0.6), st.floats(0.1, 0.6), st.floats(0.15, 0.3), st.floats(0.15, 0.3)),
    st.booleans(),
)
def test_a_box_on_what_was_sent_maps_back_to_the_pixels_of_the_stored_file(
    orientation: int, size: tuple[int, int], place: tuple[float, ...], cropped: bool
) -> None:
    width, height = size
    left, top = round(place[0] * width), round(place[1] * height)
    block = (left, top, left + round(place[2] * width), top + round(place[3] * height))
    stored = Image.new("RGB", size, "white")
    ImageDraw.Draw(stored).rectangle((*block[:2], block[2] - 1, block[3] - 1), fill="black")
    data = corpus.encoded(stored, "PNG", exif=corpus.exif(orientation))

    def crop(image: Image.Image) -> Any:
        part = tuple(round(0.05 * side) / side for side in image.size)
        edges = (*part, 1.0, 1.0)
        pixels = [round(edge * side) for edge, side in zip(edges, image.size * 2, strict=True)]
        return image.crop(tuple(pixels)), edges  # type: ignore[arg-type]

    rule = ImageRule(long_side=200, short_side=150)
    result = prepared(data, rule, prepare=crop if cropped else None)
    sent = picture(result).convert("L")
    dark = sent.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert dark is not None
    seen = Box(
        x0=dark[0] / sent.width,
        y0=dark[1] / sent.height,
        x1=dark[2] / sent.width,
        y1=dark[3] / sent.height,
    )
    ref = PhotoRef(
        id="p1",
        name="a",
        original=result.original,
        orientation=result.orientation,
        crop=result.crop,
    )
    found = ref.to_pixel_box(ref.to_upright(seen))
    within = 2 * max(1.0, width / min(sent.size))
    assert all(abs(a - b) <= within for a, b in zip(found, block, strict=True))


_MEASURE = """
import sys
from pathlib import Path
from inspectiq.photos import ImageRule
from inspectiq.photos._prepare import prepare_picture
prepare = (lambda image: image.copy()) if sys.argv[2] == "host" else None
prepare_picture(Path(sys.argv[1]).read_bytes(), ImageRule(), name="a", prepare=prepare)
status = Path("/proc/self/status").read_text()
print(int(status.split("VmHWM:")[1].split()[0]) * 1024)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="run this on Linux")
@pytest.mark.parametrize("by", [pytest.param("us", marks=pytest.mark.system), "host"])
def test_the_largest_picture_is_prepared_within_512_megabytes(tmp_path: Path, by: str) -> None:
    rows = corpus.zeros((11_500 * 3 + 1) * 8_600)
    (tmp_path / "a.png").write_bytes(corpus.png(11_500, 8_600, rows=rows))
    command = [sys.executable, "-c", _MEASURE, str(tmp_path / "a.png"), by]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(ran.stdout) < 512_000_000
