"""Files to try, good and bad, all made by this module. Nothing here came from a camera."""

import base64
import io
import random
import struct
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

from PIL import Image, ImageCms, ImageDraw, ImageFilter

# Made once with libheif from the picture of `red_corner((128, 64))`, to be turned by a quarter.
_HEIC = (
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAaFtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAA"
    "AAAAAAAAAAAAADRpbG9jAAAAAERAAAIAAQAAAAABxQABAAAAAAAAAGMAAgAAAAACKAABAAAAAAAAACQAAAA4aWlu"
    "ZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA"
    "4GlwcnAAAADAaXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMA"
    "AAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoBAgQWW6kkprm4CGgwIAAAMAMgAAAwACEGIAAQAHRAHBcrAi"
    "QAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAACAAAAAQAAAABBwaXhpAAAAAAMICAgAAAAJaXJvdAMA"
    "AAAYaXBtYQAAAAAAAAABAAEFgQIDBIUAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAI9tZGF0AAAAXygBrxOA"
    "24V1X//gko/+6HPD2BesrXK32lvCOqcf+esE22C7+F1oUhympneruesZy4KWOmM8rUD+/v9a6XiogyQQjPSsayIn"
    "1lmSMuCf6NYx04+soJhnKVrcaMdkBkVIAAAABkV4aWYAAE1NACoAAAAIAAEBEgADAAAAAQAGAAAAAAAA"
)


def scene(seed: int = 1, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A picture with detail at every scale, as a furnished room has."""
    rng = random.Random(seed)
    picture = Image.new("RGB", (640, 480), (196, 188, 176))
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y = rng.randrange(620), rng.randrange(460)
        corner = (x + rng.randrange(8, 150), y + rng.randrange(8, 110))
        draw.rectangle(
            (x, y, *corner), fill=tuple(rng.randrange(20, 235) for _ in range(3)), outline=(9, 9, 9)
        )
    return picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS)


def wall(seed: int = 1, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A smooth wall with a little grain, lit from one side."""
    light = Image.linear_gradient("L").rotate(90).resize(size)
    grain = Image.frombytes("L", size, random.Random(seed).randbytes(size[0] * size[1]))
    grey = Image.blend(Image.new("L", size, 190), Image.blend(light, grain, 0.2), 0.1)
    return grey.filter(ImageFilter.GaussianBlur(1)).convert("RGB")


def cracked(picture: Image.Image) -> Image.Image:
    """A copy with one thin crack."""
    picture = picture.copy()
    width, height = picture.size
    points = [(0.3, 0.2), (0.34, 0.35), (0.31, 0.5), (0.38, 0.62), (0.4, 0.8)]
    line = [(x * width, y * height) for x, y in points]
    ImageDraw.Draw(picture).line(line, fill=(70, 64, 60), width=max(2, width // 300))
    return picture


def red_corner(size: tuple[int, int]) -> Image.Image:
    """Beige, with a red block in the top left quarter of a quarter."""
    picture = Image.new("RGB", size, (200, 190, 170))
    corner = (0, 0, size[0] // 4 - 1, size[1] // 4 - 1)
    ImageDraw.Draw(picture).rectangle(corner, fill=(180, 40, 30))
    return picture


def encoded(picture: Image.Image, format: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


@cache
def jpeg(seed: int = 1, size: tuple[int, int] = (640, 480), **options: Any) -> bytes:
    """A good photo."""
    return encoded(scene(seed, size), quality=90, **options)


def exif(orientation: int | None = None, taken: str = "", offset: str = "") -> bytes:
    """An EXIF block, with a GPS position as phones write it."""
    block = Image.Exif()
    if orientation is not None:
        block[0x0112] = orientation
    details = block.get_ifd(0x8769)
    if taken:
        details[0x9003] = taken
    if offset:
        details[0x9011] = offset
    block.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 17.0)})
    return block.tobytes()


def bad_exif() -> list[bytes]:
    """EXIF blocks that no reader should die of."""
    header = b"Exif\x00\x00II*\x00"
    entry = struct.pack("<HHII", 0x0112, 4, 4_000_000_000, 12)
    return [
        b"Exif\x00\x00",
        b"Exif\x00\x00garbage that is no TIFF",
        header + struct.pack("<I", 4_000_000_000),
        header + struct.pack("<IH", 8, 65535),
        header + struct.pack("<IH", 8, 1) + entry,
        header + struct.pack("<IH", 8, 1) + struct.pack("<HHII", 0x0112, 99, 1, 6),
        header + struct.pack("<IH", 8, 1) + struct.pack("<HHII", 0x0112, 3, 1, 77),
        header + struct.pack("<IH", 8, 1) + struct.pack("<HHII", 0x8769, 4, 1, 60_000),
    ]


def png(
    width: int,
    height: int,
    *,
    depth: int = 8,
    colour: int = 2,
    rows: bytes | None = None,
    before: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """A PNG by hand; without `rows` (zlib data) its pixels are missing."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + before
        + chunk(b"IDAT", zlib.compress(b"") if rows is None else rows)
        + after
        + chunk(b"IEND", b"")
    )


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    checked = kind + body
    return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))


def zeros(count: int) -> bytes:
    """zlib data of many zero bytes, made without holding them."""
    packer, block = zlib.compressobj(9), bytes(1_000_000)
    parts = [packer.compress(block) for _ in range(count // len(block))]
    parts += [packer.compress(bytes(count % len(block))), packer.flush()]
    return b"".join(parts)


def black_png(width: int, height: int) -> bytes:
    """A real PNG of zeros, grey, a thousandth of its size in bytes."""
    return png(width, height, colour=0, rows=zeros((width + 1) * height))


def gif_with_a_huge_frame() -> bytes:
    """A GIF of 64 x 64 whose first frame says it is 60000 x 60000."""
    head = b"GIF89a" + struct.pack("<HHBBB", 64, 64, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<HHHHB", 0, 0, 60_000, 60_000, 0)
    return head + frame + b"\x02\x02\x44\x01\x00;"


def animated(format: str) -> bytes:
    """Three frames, the first one red."""
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "lime", "blue")]
    return encoded(frames[0], format, save_all=True, append_images=frames[1:], duration=50)


def heic(*, declared: tuple[int, int] | None = None) -> bytes:
    """A HEIC of 128 x 64 that its container turns to 64 x 128, or that says it is larger."""
    data = base64.b64decode(_HEIC)
    if declared is None:
        return data
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", *declared) + data[at + 8 :]


def sixteen_bit(width: int = 64, height: int = 48, level: int = 0x8000) -> bytes:
    """A grey 16-bit PNG of one brightness."""
    row = b"\x00" + level.to_bytes(2, "big") * width
    return png(width, height, depth=16, colour=0, rows=zlib.compress(row * height))


def swapped_profile() -> bytes:
    """An ICC profile in which red is what blue is in sRGB, and the other way round."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "SWAP".encode("utf-16-be"))


# Each with the reason that its outcome must give; made when it is asked for.
_REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty.jpg": (lambda: b"", "empty"),
    "text.jpg": (lambda: b"this is not a photo\n", "unsupported_format"),
    "drawing.svg": (lambda: b"<?xml version='1.0'?><svg xmlns='x'/>", "unsupported_format"),
    "report.pdf": (lambda: b"%PDF-1.7\n%\xe2\xe3", "unsupported_format"),
    "scan.tif": (lambda: b"II*\x00\x08\x00\x00\x00", "unsupported_format"),
    "page.html": (lambda: b"<!DOCTYPE html><html></html>", "unsupported_format"),
    "film.mp4": (lambda: b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42", "unsupported_format"),
    "cut.jpg": (lambda: jpeg()[:9000], "damaged"),
    "header-only.jpg": (lambda: jpeg()[:200], "damaged"),
    "cut.png": (lambda: encoded(scene(), "PNG")[:2000], "damaged"),
    "cut.webp": (lambda: encoded(scene(), "WEBP")[:4000], "damaged"),
    "cut.gif": (lambda: encoded(scene(), "GIF")[:9000], "damaged"),
    "cut.heic": (lambda: heic()[:-60], "damaged"),
    "cut.avif": (lambda: encoded(scene(), "AVIF")[:3000], "damaged"),
    "dot.png": (lambda: encoded(Image.new("RGB", (1, 1)), "PNG"), "too_small"),
    "strip.png": (lambda: encoded(Image.new("RGB", (30_000, 2)), "PNG"), "too_small"),
    "huge-header.png": (lambda: png(60_000, 60_000), "too_many_pixels"),
    "black.png": (lambda: black_png(12_000, 9_000), "too_many_pixels"),
    "no-pixels.png": (lambda: png(64, 64), "damaged"),
    "huge-frame.gif": (lambda: gif_with_a_huge_frame(), "too_many_pixels"),
    "200mp.heic": (lambda: heic(declared=(20_000, 10_000)), "too_many_pixels"),
    "25mb.jpg": (lambda: b"\xff\xd8\xff" + bytes(25_000_000), "too_many_bytes"),
}
REFUSED = tuple(_REFUSED)


@cache
def refused(name: str) -> tuple[bytes, str]:
    """A file of that name, and the reason that its outcome must give."""
    make, reason = _REFUSED[name]
    return make(), reason
