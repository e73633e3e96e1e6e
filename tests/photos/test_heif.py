import io
import random
import struct

import pi_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from inspectiq import PhotoError
from inspectiq.photos import ImageRule
from inspectiq.photos._prepare import PreparedPhoto, prepare_picture
from tests.photos import corpus, heif_files
from tests.photos.heif_files import clap, example, icc, imir, irot, nclx, squares, with_properties

FULL = ImageRule(long_side=4000, short_side=4000, quality=95)
KINDS = ["heic", "avif"]
TURNS = [None, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270]
MIRRORS = [Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.FLIP_LEFT_RIGHT]


def prepared(data: bytes) -> PreparedPhoto:
    return prepare_picture(data, FULL, name="a.heic")


def shown(result: PreparedPhoto) -> Image.Image:
    return Image.open(io.BytesIO(result.jpeg)).convert("RGB")


def assert_alike(data: bytes, wanted: Image.Image, levels: int = 8) -> PreparedPhoto:
    """Judges by size and by the mean colours of 8 x 8 parts."""
    result = prepared(data)
    picture = shown(result)
    assert picture.size == wanted.size
    ours, theirs = (
        image.convert("RGB").resize((8, 8), Image.Resampling.BOX).tobytes()
        for image in (picture, wanted)
    )
    assert max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) <= levels
    return result


def refusal(data: bytes) -> PhotoError:
    with pytest.raises(PhotoError) as caught:
        prepared(data)
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("crops", "box"),
    [
        ([clap(160, 120)], (80, 60, 240, 180)),
        ([clap(160, 120, 40, -20)], (120, 40, 280, 160)),
        ([clap((320, 2), (360, 3), (80, 2), -20)], (120, 40, 280, 160)),
        ([clap(319, 239, (-1, 2), (-1, 2))], (0, 0, 319, 239)),  # as encoders make odd sizes
        ([clap(321, 120)], (0, 60, 320, 180)),
        ([clap(160, 120), clap(80, 60, 10, 0)], (130, 90, 210, 150)),
    ],
)
def test_what_its_maker_cut_off_is_not_sent(
    kind: str, crops: list[bytes], box: tuple[int, int, int, int]
) -> None:
    result = assert_alike(with_properties(example(kind), *crops), squares().crop(box))
    assert (result.original.width, result.original.height) == (box[2] - box[0], box[3] - box[1])
    assert result.warnings == ()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_a_frame_that_was_cut_off_bleeds_into_what_is_sent(kind: str) -> None:
    framed = Image.new("RGB", (1600, 1200), "red")
    ImageDraw.Draw(framed).rectangle((208, 208, 1391, 991), fill=(0, 150, 0))
    data = with_properties(heif_files.ENCODERS[kind](framed), clap(1184, 784))
    small = ImageRule(long_side=296, short_side=296, quality=95)
    picture = shown(prepare_picture(data, small, name="a"))
    assert picture.size == (296, 196)
    assert picture.getchannel("R").getextrema()[1] < 40  # type: ignore[operator]


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.integers(0, 3),
    st.sampled_from([None, 0, 1]),
    st.tuples(st.integers(16, 300), st.integers(16, 220)),
    st.tuples(st.integers(-20, 20), st.integers(-20, 20)),
    st.booleans(),
)
def test_crops_and_turns_apply_in_the_order_of_the_file(
    kind: str,
    quarters: int,
    axis: int | None,
    size: tuple[int, int],
    by: tuple[int, int],
    crop_last: bool,
) -> None:
    def cut(image: Image.Image) -> Image.Image:
        # Sides of even difference, so that no pixel is cut in halves.
        width, height = (
            side - (side - whole) % 2 for side, whole in zip(sides, image.size, strict=True)
        )
        left, top = (image.width - width) // 2 + by[0], (image.height - height) // 2 + by[1]
        crop.append(clap(width, height, *by))
        corners = (max(0, left), max(0, top))
        return image.crop(
            (*corners, *(min(image.width, left + width), min(image.height, top + height)))
        )

    def turn(image: Image.Image) -> Image.Image:
        way = TURNS[quarters]
        image = image if way is None else image.transpose(way)
        return image if axis is None else image.transpose(MIRRORS[axis])

    crop: list[bytes] = []
    turned = crop_last and quarters % 2
    sides = size[::-1] if turned else size
    turns = [irot(quarters), *([] if axis is None else [imir(axis)])]
    wanted = cut(turn(squares())) if crop_last else turn(cut(squares()))
    properties = [*turns, *crop] if crop_last else [*crop, *turns]
    if min(wanted.size) >= 16:
        # Where a part of 8 x 8 is few pixels, the codec's own blur counts.
        assert_alike(with_properties(example(kind), *properties), wanted, 60)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "crop",
    [
        clap(0, 120),
        clap((100, 0), 120),
        clap(100, 120, 900, 0),
        clap(-100, 120),
        clap(100, -120),
        clap((-100, -1 & 0xFFFFFFFF), 120),
    ],
)
def test_a_crop_that_makes_no_sense_is_refused_as_one(kind: str, crop: bytes) -> None:
    error = refusal(with_properties(example(kind), crop))
    assert error.reason == "unsupported_format"
    assert "crop" in str(error)


@pytest.mark.parametrize("kind", KINDS)
def test_a_crop_does_not_hide_how_much_is_decoded(kind: str) -> None:
    data = with_properties(example(kind), clap(160, 120))
    at = data.rindex(b"ispe") + 8
    bomb = data[:at] + struct.pack(">II", 20_000, 10_000) + data[at + 8 :]
    assert refusal(bomb).reason == "too_many_pixels"
    assert refusal(with_properties(example(kind), clap(8, 120))).reason == "too_small"


@pytest.mark.parametrize("kind", KINDS)
def test_transparency_is_cropped_with_the_rest(kind: str) -> None:
    half = squares()
    half.putalpha(128)
    on_white = Image.alpha_composite(Image.new("RGBA", half.size, "white"), half)
    data = heif_files.ENCODERS[kind](half)
    assert_alike(data, on_white)
    assert_alike(with_properties(data, clap(160, 120)), on_white.crop((80, 60, 240, 180)))


def test_a_picture_in_tiles_is_cropped_as_a_whole() -> None:
    assert b"grid" in heif_files.tiled()
    assert_alike(heif_files.tiled(), squares())
    cropped = with_properties(heif_files.tiled(), clap(160, 120, 40, -20), irot(3), only=1)
    wanted = squares().crop((120, 40, 280, 160)).transpose(Image.Transpose.ROTATE_270)
    assert_alike(cropped, wanted)
    of_tiles = refusal(with_properties(heif_files.tiled(), clap(100, 100)))
    assert of_tiles.reason == "unsupported_format"
    assert "cropped" in str(of_tiles)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "brands",
    [
        (b"mif2",),
        (b"mif3",),
        (b"mif3", b"mif2", b"mif1"),
        (b"mif1", b"miaf"),
        (b"msf1", b"mif1"),
        (b"hevc", b"mif1"),
        (b"abcd", b"mif2"),
    ],
)
def test_what_is_in_a_file_counts_more_than_its_brands(
    kind: str, brands: tuple[bytes, ...]
) -> None:
    result = assert_alike(heif_files.with_brands(example(kind), *brands), squares())
    assert result.original.format == kind


def test_the_low_overhead_form_is_read_where_libheif_can() -> None:
    if pi_heif.libheif_version() >= "1.22":  # earlier ones were 1.20 and 1.21
        assert_alike(heif_files.minimal(), corpus.red_corner((64, 64)), 40)
    else:
        assert refusal(heif_files.minimal()).reason == "unsupported_format"
    assert refusal(heif_files.minimal()[:-80]).reason == "damaged"


@pytest.mark.parametrize(
    ("codec", "words"),
    [
        (b"unci", "uncompressed HEIF"),
        (b"j2k1", "JPEG 2000"),
        (b"jpeg", "JPEG picture in HEIF"),
        (b"vvc1", "VVC"),
        (b"avc1", "H.264"),
        (b"zzzz", "'zzzz'"),
    ],
)
def test_a_heif_of_another_codec_is_refused_by_its_name(codec: bytes, words: str) -> None:
    error = refusal(heif_files.with_kind(example("heic"), codec))
    assert error.reason == "unsupported_format"
    assert words in str(error)


def test_a_sequence_without_a_still_picture_is_refused_as_one() -> None:
    ftyp = heif_files.box(b"ftyp", b"hevc\0\0\0\0msf1hevc")
    error = refusal(ftyp + heif_files.box(b"moov", bytes(100)) + heif_files.box(b"mdat", bytes(50)))
    assert error.reason == "unsupported_format"
    assert "image sequence" in str(error)


def test_the_first_picture_of_an_avif_film_is_cropped_and_turned_by_its_track() -> None:
    frames = [squares(), Image.new("RGB", (320, 240)), Image.new("RGB", (320, 240), "white")]
    film = corpus.encoded(
        frames[0], "AVIF", save_all=True, append_images=frames[1:], quality=90, speed=9
    )
    assert film[8:12] == b"avis"
    assert_alike(film, squares())
    cut = heif_files.with_track_properties(film, clap(160, 120, 40, -20), irot(1))
    wanted = squares().crop((120, 40, 280, 160)).transpose(Image.Transpose.ROTATE_90)
    assert_alike(cut, wanted)


@pytest.mark.parametrize("kind", KINDS)
def test_exif_that_cannot_be_read_costs_no_picture(kind: str) -> None:
    data = heif_files.ENCODERS[kind](squares(), exif=corpus.exif(None, "2024:05:07 10:11:12"))
    at = max(data.find(b"II*\0"), data.find(b"MM\0*"))
    for start in (b"garbage!", data[at : at + 4] + b"\xff\xff\xff\xf0"):
        result = assert_alike(data[:at] + start + data[at + 8 :], squares())
        assert result.warnings == ("bad_exif",)


def test_a_heic_whose_exif_and_container_disagree_stays_as_the_container_says() -> None:
    for kind in KINDS:
        turned = heif_files.ENCODERS[kind](
            squares(), exif=corpus.exif(6, "2024:05:07 10:11:12", "+02:00")
        )
        upright = squares().transpose(Image.Transpose.ROTATE_270)
        result = assert_alike(turned, upright)
        assert result.warnings == ()
        assert str(result.taken_at) == "2024-05-07 10:11:12+02:00"
    # pillow-heif moves the orientation into the container; Debian's heif-enc leaves it in EXIF.
    data = heif_files.heic(squares(), exif=corpus.exif(1, "2024:05:07 10:11:12", "+02:00"))
    at = data.index(b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x01")
    lying = data[: at + 9] + b"\x06" + data[at + 10 :]
    result = assert_alike(lying, squares())
    assert result.warnings == ("orientation",)
    assert result.orientation == 1
    assert str(result.taken_at) == "2024-05-07 10:11:12+02:00"


@pytest.mark.parametrize("kind", KINDS)
def test_a_profile_counts_more_than_numbers(kind: str) -> None:
    swapped = Image.merge("RGB", squares().split()[::-1])
    profile = icc(corpus.swapped_profile())
    for colours in ([profile], [nclx(12, 13), profile], [profile, nclx(12, 13)]):
        data = with_properties(example(kind), *colours, without=(b"colr",))
        assert assert_alike(data, swapped).warnings == ()


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_short_or_with_something_appended(kind: str) -> None:
    data = example(kind)
    assert_alike(data + b"SEFT and more that phones append" * 9, squares())
    assert refusal(data[:-60]).reason == "damaged"
    assert refusal(data[:100]).reason == "damaged"


@pytest.mark.parametrize("kind", KINDS)
def test_no_damage_to_a_container_is_anything_but_an_outcome(kind: str) -> None:
    rng = random.Random(7)
    data = with_properties(example(kind), clap(160, 120), irot(1))
    meta = data.rindex(b"meta")
    for _ in range(150):
        broken = bytearray(data)
        for _ in range(rng.randrange(1, 4)):
            broken[rng.randrange(meta, len(data))] = rng.randrange(256)
        try:
            result = prepared(bytes(broken))
        except PhotoError:
            continue
        assert result.sent.width * result.sent.height <= 320 * 240


def test_lists_without_an_end_are_damage_and_take_no_time() -> None:
    # Places of no size, 65535 for each of 65535 items; and a list of a megabyte and more.
    places = struct.pack(">IHH", 0, 0, 65_535) + (bytes(4) + b"\xff\xff") * 65_535
    endless = heif_files.changed_meta(example("heic"), {b"iloc": lambda _: places})
    assert refusal(endless).reason == "damaged"
    long = heif_files.changed_meta(example("heic"), {b"iinf": lambda old: old + bytes(1_100_000)})
    assert refusal(long).reason == "damaged"


@pytest.mark.parametrize("kind", KINDS)
def test_a_crop_that_is_named_before_all_else_counts(kind: str) -> None:
    data = with_properties(example(kind), clap(160, 120), first=True)
    assert_alike(data, squares().crop((80, 60, 240, 180)))


@pytest.mark.parametrize("wide", [False, True])
def test_an_overlay_that_begins_outside_of_its_sheet_is_refused(wide: bool) -> None:
    def overlaid(at: tuple[int, int]) -> bytes:
        content = heif_files.overlay(at, (400, 300), wide=wide)
        return heif_files.derived(example("heic"), b"iovl", content, (400, 300))

    for at in ((0, 0), (30, 20), (200, 100)):
        sheet = Image.new("RGB", (400, 300))
        sheet.paste(squares(), at)
        assert_alike(overlaid(at), sheet, 30)
    for at in ((-30, 20), (30, -20), (-1, -1)):
        error = refusal(overlaid(at))
        assert error.reason == "unsupported_format"
        assert "overlay" in str(error)


def test_an_avif_that_is_made_of_others_is_refused_as_one() -> None:
    content = heif_files.overlay((0, 0), (320, 240))
    for kind, what in ((b"iovl", content), (b"iden", b"")):
        error = refusal(heif_files.derived(example("avif"), kind, what, (320, 240)))
        assert error.reason == "unsupported_format"
        assert "made of other pictures" in str(error)


def test_far_more_uses_of_properties_than_any_camera_writes_are_damage() -> None:
    def add_uses(old: bytes) -> bytes:
        one = struct.pack(">HB", 77, 250) + bytes([1]) * 250
        return old + heif_files.box(b"ipma", bytes(4), struct.pack(">I", 50), one * 50) * 2

    assert (
        refusal(heif_files.changed_meta(example("heic"), {b"iprp": add_uses})).reason == "damaged"
    )
