import io
import struct
import tracemalloc
import zlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone

import pytest
from PIL import Image

from inspectiq import PhotoError
from inspectiq.photos import ImageRule
from inspectiq.photos._prepare import PreparedPhoto, prepare_picture
from tests.photos import corpus
from tests.photos.corpus import chunk

TAKEN = datetime(2024, 5, 7, 10, 11, 12, tzinfo=timezone(timedelta(hours=2)))
TIFF = corpus.exif(6, "2024:05:07 10:11:12", "+02:00").removeprefix(b"Exif\0\0")
SIDE = 64


def prepared(data: bytes) -> PreparedPhoto:
    return prepare_picture(data, ImageRule(quality=95), name="a.png")


def columns(result: PreparedPhoto) -> list[tuple[int, ...]]:
    """The colours of four upright stripes."""
    picture = Image.open(io.BytesIO(result.jpeg)).convert("RGB")
    return [picture.getpixel((8 + 16 * at, 32)) for at in range(4)]  # type: ignore[misc]


def stripes(
    values: Sequence[tuple[int, ...]],
    *,
    depth: int = 8,
    colour: int = 2,
    before: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """A PNG of four upright stripes of these samples."""
    bits = "".join(
        f"{sample:0{depth}b}" for value in values for _ in range(SIDE // 4) for sample in value
    )
    row = b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    rows = zlib.compress(row * SIDE)
    return corpus.png(SIDE, SIDE, depth=depth, colour=colour, rows=rows, before=before, after=after)


COLOURS = [(0, 0, 0), (200, 0, 0), (0, 100, 0), (0, 0, 250)]


def photo(*, before: bytes = b"", after: bytes = b"") -> bytes:
    return stripes(COLOURS, before=before, after=after)


def raw_profile(name: bytes, content: bytes) -> bytes:
    """A profile as ImageMagick and exiftool write it into text: 72 hex digits a line."""
    digits = content.hex().encode()
    lines = [digits[at : at + 72] for at in range(0, len(digits), 72)]
    return b"\n%s\n%8d\n%s\n" % (name, len(content), b"\n".join(lines))


EXIF_TEXT = raw_profile(b"exif", TIFF)
APP1_TEXT = raw_profile(b"generic profile", b"Exif\0\0" + TIFF)
EXIF_CHUNKS = {
    "eXIf": chunk(b"eXIf", TIFF),
    "with a prefix": chunk(b"eXIf", b"Exif\0\0" + TIFF),
    "tEXt": chunk(b"tEXt", b"Raw profile type exif\0" + EXIF_TEXT),
    "zTXt": chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(EXIF_TEXT)),
    "zTXt of APP1": chunk(b"zTXt", b"Raw profile type APP1\0\0" + zlib.compress(APP1_TEXT)),
    "iTXt": chunk(b"iTXt", b"Raw profile type exif\0\0\0en\0words\0" + EXIF_TEXT),
    "packed iTXt": chunk(b"iTXt", b"Raw profile type APP1\0\1\0\0\0" + zlib.compress(APP1_TEXT)),
    "wrong checksum": chunk(b"eXIf", TIFF)[:-4] + b"\0\0\0\0",
}


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("name", EXIF_CHUNKS)
def test_exif_counts_wherever_it_stands(name: str, late: bool) -> None:
    found = EXIF_CHUNKS[name]
    result = prepared(photo(after=found) if late else photo(before=found))
    assert (result.orientation, result.taken_at) == (6, TAKEN)
    assert "bad_exif" not in result.warnings
    picture = Image.open(io.BytesIO(result.jpeg))
    top, bottom = picture.getpixel((32, 8)), picture.getpixel((32, 56))
    assert max(top) < 10  # type: ignore[arg-type]
    assert bottom[2] > 240  # type: ignore[index]


@pytest.mark.parametrize(
    "text",
    [
        raw_profile(b"APP1", b"http://ns.adobe.com/xap/1.0/\0<x/>"),
        b"\nexif\n      12\nno hex digits",
        b"\nexif\n      12\nabc",
        b"",
    ],
)
def test_a_raw_profile_of_another_kind_is_passed_over(text: bytes) -> None:
    result = prepared(photo(before=chunk(b"tEXt", b"Raw profile type APP1\0" + text)))
    assert (result.orientation, result.taken_at) == (1, None)


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(3_000_000))), id="long"),
        pytest.param(chunk(b"tEXt", b"Comment\0" + b"x" * 1_500_000), id="long and plain"),
        pytest.param(chunk(b"tEXt", b"a\0b")[:-1] + b"\0", id="text of a wrong checksum"),
        pytest.param(chunk(b"tIME", bytes(7))[:-1] + b"\0", id="time of a wrong checksum"),
        pytest.param(chunk(b"zTXt", b"Comment\0\0no zlib"), id="text that does not unpack"),
        pytest.param(chunk(b"iCCP", b"x\0\0no zlib"), id="profile that does not unpack"),
        pytest.param(chunk(b"gAMA", b"1") + chunk(b"pHYs", b"12"), id="short chunks"),
        pytest.param(chunk(b"acTL", bytes(8)) + chunk(b"fcTL", bytes(26)), id="animation"),
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_what_is_wrong_with_metadata_costs_no_picture(found: bytes, late: bool) -> None:
    plain = prepared(photo())
    result = prepared(photo(after=found) if late else photo(before=found))
    assert result.jpeg == plain.jpeg


@pytest.mark.parametrize("keyword", [b"Comment", b"Raw profile type exif"])
def test_text_that_unpacks_to_200_mb_is_not_unpacked(keyword: bytes) -> None:
    data = photo(before=chunk(b"zTXt", keyword + b"\0\0" + corpus.zeros(200_000_000)))
    prepared(data)
    tracemalloc.start()
    try:
        prepared(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000


def test_a_profile_of_megabytes_is_applied() -> None:
    profile = corpus.swapped_profile() + bytes(2_000_000)
    result = prepared(photo(before=chunk(b"iCCP", b"x\0\0" + zlib.compress(profile))))
    assert columns(result)[1][2] > 180
    assert columns(result)[3][0] > 230


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(lambda data: data[:-12], id="no end"),
        pytest.param(lambda data: data[:-5], id="half an end"),
        pytest.param(lambda data: data[:-16], id="no checksum"),
        pytest.param(lambda data: data[:-20], id="no checksum of zlib"),
        pytest.param(lambda data: data + b"what somebody appended" * 40, id="more"),
    ],
)
def test_a_tail_that_is_missing_or_too_much_costs_no_picture(
    cut: Callable[[bytes], bytes],
) -> None:
    assert prepared(cut(photo())).jpeg == prepared(photo()).jpeg


def test_missing_pixels_are_damage() -> None:
    data = corpus.encoded(corpus.scene(), "PNG")
    for missing in (30, 100, 1000):
        with pytest.raises(PhotoError) as caught:
            prepared(data[:-missing])
        assert caught.value.reason == "damaged"


@pytest.mark.parametrize("depth", [2, 4, 8, 16])
def test_the_transparent_grey_is_white_at_each_depth(depth: int) -> None:
    most = (1 << depth) - 1
    greys = [(most * at // 3,) for at in range(4)]
    for transparent, wanted in ((0, [255, 85, 170, 255]), (most // 3, [0, 255, 170, 255])):
        found = chunk(b"tRNS", transparent.to_bytes(2, "big"))
        seen = columns(prepared(stripes(greys, depth=depth, colour=0, before=found)))
        assert all(abs(a[0] - b) <= 2 for a, b in zip(seen, wanted, strict=True))


@pytest.mark.parametrize("depth", [8, 16])
def test_the_transparent_colour_is_white_at_each_depth(depth: int) -> None:
    most = (1 << depth) - 1
    colours = [(0, 0, 0), (most, 0, 0), (0, most, 0), (0, 0, most)]
    found = chunk(b"tRNS", b"".join(value.to_bytes(2, "big") for value in colours[1]))
    seen = columns(prepared(stripes(colours, depth=depth, before=found)))
    assert min(seen[1]) > 250
    assert seen[2][1] > 240
    assert seen[2][0] < 9


def test_a_transparency_of_a_wrong_length_costs_no_picture() -> None:
    for colour, values in ((0, [(9,), (90,), (150,), (250,)]), (2, COLOURS)):
        for body in (b"", b"\0", bytes(40)):
            found = chunk(b"tRNS", body)
            result = prepared(stripes(values, colour=colour, before=found))
            assert columns(result)[2][0] in range(256)


def test_a_palette_keeps_its_transparency() -> None:
    palette = chunk(b"PLTE", bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]))
    found = palette + chunk(b"tRNS", bytes([0, 128]))
    values = [(0,), (1,), (2,), (3,)]
    seen = columns(prepared(stripes(values, depth=2, colour=3, before=found)))
    wanted = [(255, 255, 255), (127, 255, 127), (0, 0, 255), (9, 9, 9)]
    assert all(
        abs(a - b) <= 6
        for one, two in zip(seen, wanted, strict=True)
        for a, b in zip(one, two, strict=True)
    )


def test_a_png_for_iphones_alone_is_refused_as_one() -> None:
    data = photo()
    with pytest.raises(PhotoError, match="Xcode") as caught:
        prepared(data[:8] + chunk(b"CgBI", bytes(4)) + data[8:])
    assert caught.value.reason == "unsupported_format"


@pytest.mark.parametrize("keyword", [b"Raw profile type exif", b"Raw profile type APP1"])
@pytest.mark.parametrize(
    "text",
    [
        b"\n" * 3_000,
        b"\n" * 3_000 + b"x" + b" " * 3_000,
        b"\nexif\n9\n" + b"\n" * 3_000,
        b"\nexif\n" + b"9" * 3_000,
        b"\n   \n" + b" \n" * 3_000,
    ],
    ids=range(5),
)
def test_a_raw_profile_of_next_to_nothing_is_passed_over(keyword: bytes, text: bytes) -> None:
    result = prepared(photo(before=chunk(b"zTXt", keyword + b"\0\0" + zlib.compress(text))))
    assert (result.orientation, result.taken_at) == (1, None)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b" \n\t"])
def test_the_lines_of_a_raw_profile_may_end_in_any_way(end: bytes) -> None:
    text = EXIF_TEXT.replace(b"\n", end)
    result = prepared(photo(before=chunk(b"tEXt", b"Raw profile type exif\0" + text)))
    assert (result.orientation, result.taken_at) == (6, TAKEN)


def test_too_much_text_about_the_photo_is_passed_over_and_says_so() -> None:
    other = chunk(b"tEXt", b"Raw profile type exif\0" + raw_profile(b"exif", b"another thing"))
    found = EXIF_CHUNKS["tEXt"]
    long = chunk(b"tEXt", b"Raw profile type exif\0" + EXIF_TEXT + b" " * 2_200_000)
    packed = zlib.compress(EXIF_TEXT + b" " * 2_200_000)
    for before in (other * 4 + found, long, chunk(b"zTXt", b"Raw profile type exif\0\0" + packed)):
        result = prepared(photo(before=before))
        assert result.taken_at is None
        assert "bad_exif" in result.warnings
    assert prepared(photo(before=other * 3 + found)).taken_at == TAKEN
    result = prepared(photo(before=long + EXIF_CHUNKS["eXIf"]))
    assert result.taken_at == TAKEN
    assert "bad_exif" not in result.warnings


def test_profiles_past_the_fourth_are_not_unpacked() -> None:
    wrong = chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(4_000_001)))
    right = chunk(b"iCCP", b"x\0\0" + zlib.compress(corpus.swapped_profile()))
    assert columns(prepared(photo(before=wrong * 3 + right)))[1][2] > 180
    assert columns(prepared(photo(before=wrong * 4 + right)))[1][2] < 20


def test_far_more_chunks_than_any_encoder_writes_are_damage() -> None:
    with pytest.raises(PhotoError) as caught:
        prepared(photo(before=chunk(b"tEXt", b"") * 200_000))
    assert caught.value.reason == "damaged"


# Samples a pixel of each colour type.
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]


def rows_of(width: int, height: int, depth: int, colour: int, interlaced: bool) -> list[bytes]:
    """The rows of a grey picture, each with its filter."""
    passes = [*PASSES, (0, 1, 1, 2)] if interlaced else [(0, 0, 1, 1)]
    return [
        b"\0" + b"\x11" * -(-len(range(left, width, right)) * depth * SAMPLES[colour] // 8)
        for left, top, right, down in passes
        for _ in range(top, height, down)
        if left < width
    ]


def png_of(rows: bytes, size: tuple[int, int], depth: int, colour: int, interlaced: bool) -> bytes:
    header = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, interlaced)
    palette = chunk(b"PLTE", bytes(range(48)) * 16) if colour == 3 else b""
    packed = zlib.compress(rows)
    parts = [chunk(b"IDAT", packed[at : at + 50]) for at in range(0, len(packed), 50)]
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + palette
    return head + b"".join(parts) + chunk(b"IEND", b"")


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(
    ("depth", "colour"),
    [
        *((depth, 0) for depth in (1, 2, 4, 8, 16)),
        *((depth, 3) for depth in (1, 2, 4, 8)),
        *((depth, colour) for depth in (8, 16) for colour in (2, 4, 6)),
    ],
)
def test_a_png_whose_data_ends_before_its_last_row_is_damaged(
    depth: int, colour: int, interlaced: bool
) -> None:
    for size in ((16, 16), (17, 23), (41, 18)):
        rows = rows_of(*size, depth, colour, interlaced)
        prepared(png_of(b"".join(rows), size, depth, colour, interlaced))
        prepared(png_of(b"".join(rows) + b"more", size, depth, colour, interlaced))
        for there in (b"", b"".join(rows[:-1]), b"".join(rows)[:-1], b"".join(rows[:5])):
            with pytest.raises(PhotoError) as caught:
                prepared(png_of(there, size, depth, colour, interlaced))
            assert caught.value.reason == "damaged"


def test_what_pixels_unpack_to_is_counted_in_little_memory() -> None:
    data = corpus.png(64, 64, rows=corpus.zeros(200_000_000))
    prepared(data)
    tracemalloc.start()
    try:
        prepared(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000
