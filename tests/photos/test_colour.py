import io
import math
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, ImageCms

from inspectiq.photos import ImageRule
from inspectiq.photos._prepare import PreparedPhoto, prepare_picture
from tests.photos import corpus, heif_files
from tests.photos.heif_files import nclx, squares, with_properties

FULL = ImageRule(long_side=4000, short_side=4000, quality=95)

# From BT.709's light to that of other primaries, by rows: ITU-R BT.2087 for BT.2020, and the same
# method for Display P3.
TO_2020 = ((0.6274, 0.3293, 0.0433), (0.0691, 0.9195, 0.0114), (0.0164, 0.0880, 0.8956))
TO_P3 = ((0.8225, 0.1774, 0.0), (0.0332, 0.9669, 0.0), (0.0171, 0.0724, 0.9108))
SAME = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def from_srgb(code: float) -> float:
    return code / 12.92 if code <= 0.04045 else math.pow((code + 0.055) / 1.055, 2.4)


def to_srgb(light: float) -> float:
    return light * 12.92 if light <= 0.0031308 else 1.055 * math.pow(light, 1 / 2.4) - 0.055


def to_pq(light: float) -> float:
    """SMPTE ST 2084, with diffuse white at 203 cd/m2."""
    power = math.pow(light * 203 / 10_000, 0.1593017578125)
    return math.pow((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power), 78.84375)


def to_hlg(light: float) -> float:
    """BT.2100, on a display of 1000 cd/m2 with diffuse white at 203."""
    scene = math.pow(light * 203 / 1000, 1 / 1.2)
    if scene <= 1 / 12:
        return math.sqrt(3 * scene)
    return 0.17883277 * math.log(12 * scene - 0.28466892) + 0.55991073


def recoded(
    picture: Image.Image,
    matrix: tuple[tuple[float, ...], ...],
    encode: Callable[[float], float],
) -> Image.Image:
    """The same picture in other primaries and by another curve; slow, so for small ones."""
    data = bytearray()
    pixels = picture.tobytes()
    known: dict[bytes, bytes] = {}
    for at in range(0, len(pixels), 3):
        pixel = pixels[at : at + 3]
        if pixel not in known:
            light = [from_srgb(value / 255) for value in pixel]
            mixed = (sum(a * b for a, b in zip(row, light, strict=True)) for row in matrix)
            known[pixel] = bytes(round(255 * encode(max(0.0, min(1.0, one)))) for one in mixed)
        data += known[pixel]
    return Image.frombytes("RGB", picture.size, bytes(data))


def prepared(data: bytes) -> PreparedPhoto:
    return prepare_picture(data, FULL, name="a")


def difference(one: PreparedPhoto, other: Image.Image) -> int:
    """The largest difference of the mean colours of 8 x 8 parts."""
    picture = Image.open(io.BytesIO(one.jpeg)).convert("RGB")
    ours, theirs = (
        image.resize((8, 8), Image.Resampling.BOX).tobytes() for image in (picture, other)
    )
    return max(abs(a - b) for a, b in zip(ours, theirs, strict=True))


CODINGS = {
    "PQ": (9, 16, TO_2020, to_pq),
    "HLG": (9, 18, TO_2020, to_hlg),
    "PQ in BT.709": (1, 16, SAME, to_pq),
    "PQ in Display P3": (12, 16, TO_P3, to_pq),
    "BT.2020": (9, 14, TO_2020, lambda light: math.pow(light, 1 / 2.4)),
    "Display P3": (12, 13, TO_P3, to_srgb),
    "linear": (1, 8, SAME, lambda light: light),
}


@pytest.mark.parametrize("kind", ["heic", "avif", "png"])
@pytest.mark.parametrize("coding", CODINGS)
def test_a_colour_given_by_numbers_is_sent_as_its_twin_in_srgb(coding: str, kind: str) -> None:
    primaries, transfer, matrix, encode = CODINGS[coding]
    # Muted, since a channel that is nearly black has few of PQ's 256 values.
    picture = Image.blend(squares(), Image.new("RGB", (320, 240), (128, 128, 128)), 0.4)
    stored = recoded(picture, matrix, encode)
    if kind == "png":
        found = corpus.chunk(b"cICP", bytes([primaries, transfer, 0, 1]))
        plain = corpus.encoded(stored, "PNG")
        data = plain[:33] + found + plain[33:]
    else:
        plain = heif_files.ENCODERS[kind](stored)
        data = with_properties(plain, nclx(primaries, transfer), without=(b"colr",))
    result = prepared(data)
    assert result.warnings == (("hdr",) if transfer in (16, 18) else ())
    assert difference(result, picture) <= 15
    assert difference(prepared(plain), picture) > 15


@pytest.mark.parametrize(
    "numbers", [(1, 1), (1, 13), (2, 2), (5, 6), (6, 6), (1, 14), (1, 0), (0, 0), (77, 200)]
)
def test_numbers_that_say_srgb_or_nothing_change_nothing(numbers: tuple[int, int]) -> None:
    data = with_properties(heif_files.example("heic"), nclx(*numbers), without=(b"colr",))
    plain = prepared(heif_files.example("heic"))
    assert prepared(data).jpeg == plain.jpeg


def test_darkness_is_judged_of_what_is_sent() -> None:
    # In PQ a dark room has codes of a bright one, and HLG's of a bright one are not dark.
    for grey, encode, transfer in ((30, to_pq, 16), (60, to_hlg, 18)):
        stored = recoded(Image.new("RGB", (64, 48), (grey,) * 3), SAME, encode)
        data = with_properties(heif_files.avif(stored), nclx(1, transfer), without=(b"colr",))
        assert ("dark" in prepared(data).warnings) == (grey < 45)
        assert stored.getpixel((0, 0))[0] > 45  # type: ignore[index]


def test_grey_is_converted_by_numbers_and_by_a_colour_profile_too() -> None:
    grey = squares().convert("L")
    twin = prepared(heif_files.avif(grey.convert("RGB")))
    stored = recoded(grey.convert("RGB"), SAME, to_pq).convert("L")
    data = with_properties(heif_files.avif(stored), nclx(9, 16), without=(b"colr",))
    seen = Image.open(io.BytesIO(twin.jpeg)).convert("RGB")
    assert difference(prepared(data), seen) <= 16


def gamma_profile(space: bytes, gamma: float) -> bytes:
    """The profile of a grey or colour display of another gamma, which calls itself sRGB."""
    curve = struct.pack(">4sIIH2x", b"curv", 0, 1, round(gamma * 256))
    words = b"sRGB IEC61966-2.1\0"
    tags = {
        b"desc": struct.pack(">4sII", b"desc", 0, len(words)) + words + bytes(78),
        b"wtpt": struct.pack(">4sI3i", b"XYZ ", 0, 63190, 65536, 54061),
    }
    if space == b"GRAY":
        tags[b"kTRC"] = curve
    else:
        columns = ((28577, 14581, 912), (25239, 46983, 6361), (9375, 3972, 46787))
        for name, column in zip((b"r", b"g", b"b"), columns, strict=True):
            tags[name + b"XYZ"] = struct.pack(">4sI3i", b"XYZ ", 0, *column)
            tags[name + b"TRC"] = curve
    at = 132 + 12 * len(tags)
    table = body = b""
    for name, content in tags.items():
        table += struct.pack(">4sII", name, at + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(
        ">I4sI4s4s4s12x4s28x3i48x",
        at + len(body),
        *(bytes(4), 0x02400000, b"mntr", space, b"XYZ ", b"acsp", 63190, 65536, 54061),
    )
    return head + struct.pack(">I", len(tags)) + table + body


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_profile_that_calls_itself_srgb_and_is_not_is_converted(kind: str) -> None:
    profile = gamma_profile(b"RGB ", 1.0)
    named = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    assert "sRGB" in ImageCms.getProfileDescription(named)
    middle = Image.new("RGB", (64, 48), (128, 128, 128))
    data = corpus.encoded(middle, kind, icc_profile=profile)
    assert difference(prepared(data), Image.new("RGB", (64, 48), (188, 188, 188))) <= 3


def test_a_grey_profile_is_applied_to_grey_with_and_without_transparency() -> None:
    found = corpus.chunk(b"iCCP", b"x\0\0" + zlib.compress(gamma_profile(b"GRAY", 1.0)))
    for mode in ("L", "LA"):
        plain = corpus.encoded(Image.new("L", (64, 48), 128).convert(mode), "PNG")
        data = plain[:33] + found + plain[33:]
        assert difference(prepared(data), Image.new("RGB", (64, 48), (188, 188, 188))) <= 3


def test_the_profile_of_srgb_itself_changes_no_colour() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("JPEG", "PNG"):
        data = corpus.encoded(squares(), kind, icc_profile=profile)
        assert difference(prepared(data), squares()) <= 8
