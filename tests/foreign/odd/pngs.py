"""Odd PNGs, WebPs and GIFs."""

import struct
import zlib
from pathlib import Path

from PIL import Image, PngImagePlugin

from tests.foreign.judges import IMAGEMAGICK
from tests.foreign.odd.catalogue import EXIF_TAKEN, encode, exif, odd, run, scene, stored
from tests.foreign.odd.profiles import ADOBE_RGB, P3, convert_to

TIFF = exif().removeprefix(b"Exif\0\0")


def chunk(kind: bytes, body: bytes, *, sound: bool = True) -> bytes:
    checksum = zlib.crc32(kind + body) if sound else 0
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def before(kind: bytes, png: bytes, *chunks: bytes) -> bytes:
    """Puts chunks before the first one of a kind."""
    at = png.index(kind) - 4
    return png[:at] + b"".join(chunks) + png[at:]


def half_seen(size: tuple[int, int] = (320, 240)) -> Image.Image:
    """The scene with a part that is half transparent, and one that is wholly so."""
    mask = Image.new("L", size, 255)
    mask.paste(128, (size[0] // 2, 0, size[0], size[1] // 2))
    mask.paste(0, (0, size[1] // 2, size[0] // 4, size[1]))
    picture = scene(size)
    picture.putalpha(mask)
    return picture


def on_white(picture: Image.Image) -> Image.Image:
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture.convert("RGB"), mask=picture.getchannel("A"))
    return white


@odd("transparent-colour-of-16-bits.png")
def _(path: Path) -> Image.Image:
    levels = [(256 * x, 30_000, 65_535 - 256 * x) for x in range(256)]
    levels = [levels[64] if x in range(64, 128) else levels[x] for x in range(256)]
    row = b"\0" + b"".join(struct.pack(">HHH", *level) for level in levels)
    header = struct.pack(">IIBBBBB", 256, 64, 16, 2, 0, 0, 0)
    clear = chunk(b"tRNS", struct.pack(">HHH", *levels[64]))
    body = chunk(b"IDAT", zlib.compress(row * 64)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + clear + body)
    shown = Image.new("RGB", (256, 64))
    columns = [tuple(round(value / 257) for value in level) for level in levels]
    shown.putdata(columns * 64)
    shown.paste("white", (64, 0, 128, 64))
    return shown


@odd("cicp-p3.png", profile=P3)
def _(path: Path) -> Image.Image:
    # By the third edition of PNG; ImageMagick 6 is older, and is told.
    png = encode(convert_to(scene(), P3), "PNG")
    path.write_bytes(before(b"IDAT", png, chunk(b"cICP", bytes([12, 13, 0, 1]))))
    return scene()


@odd("transparent.png")
def _(path: Path) -> Image.Image:
    half_seen().save(path)
    return on_white(half_seen())


@odd("transparent-grey.png")
def _(path: Path) -> Image.Image:
    half_seen().convert("LA").save(path)
    return on_white(half_seen().convert("LA").convert("RGBA"))


@odd("transparent-palette.png")
def _(path: Path) -> Image.Image:
    few = scene().quantize(200)
    few.save(path, transparency=bytes(0 if index == 7 else 255 for index in range(200)))
    shown = few.convert("RGB")
    shown.paste("white", mask=few.point(lambda index: 255 * (index == 7), "L"))
    return shown


@odd("transparent-colour.png")
def _(path: Path) -> Image.Image:
    hole = (20, 10, 100, 50)
    picture, shown = scene(), scene()
    picture.paste((1, 2, 3), hole)
    shown.paste("white", hole)
    picture.save(path, transparency=(1, 2, 3))
    return shown


@odd("palette-of-16.png")
def _(path: Path) -> Image.Image:
    few = scene().quantize(16)
    few.save(path, bits=4)
    return few.convert("RGB")


@odd("black-and-white.png")
def _(path: Path) -> Image.Image:
    scene().convert("1").save(path)
    return scene().convert("1").convert("RGB")


def _by_imagemagick(name: str, *options: str, grey: bool = False) -> None:
    @odd(name)
    def _(path: Path) -> Image.Image:
        source = path.with_suffix(".ppm")
        scene((161, 121)).save(source)
        run(*IMAGEMAGICK, source, *options, path)
        meant = scene((161, 121))
        return meant.convert("L").convert("RGB") if grey else meant


_by_imagemagick("interlaced.png", "-interlace", "PNG")
_by_imagemagick("16-bit-colour.png", "-depth", "16", "-define", "png:bit-depth=16")
_by_imagemagick("interlaced.gif", "-interlace", "GIF")


HOLE = range(64, 128)  # columns that have one level, the transparent one


def _deep_grey(*, transparent: bool) -> bytes:
    """A ramp of 16 bits from left to right."""
    levels = [256 * (HOLE.start if x in HOLE else x) + 77 for x in range(256)]
    row = b"\0" + b"".join(level.to_bytes(2, "big") for level in levels)
    header = struct.pack(">IIBBBBB", 256, 64, 16, 0, 0, 0, 0)
    clear = chunk(b"tRNS", levels[HOLE.start].to_bytes(2, "big")) if transparent else b""
    body = chunk(b"IDAT", zlib.compress(row * 64)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + clear + body


def _ramp(hole: int) -> Image.Image:
    ramp = Image.new("L", (256, 64))
    ramp.putdata([hole if x in HOLE else x for _ in range(64) for x in range(256)])
    return ramp.convert("RGB")


@odd("16-bit-grey.png")
def _(path: Path) -> Image.Image:
    path.write_bytes(_deep_grey(transparent=False))
    return _ramp(HOLE.start)


@odd("16-bit-grey-transparent.png")
def _(path: Path) -> Image.Image:
    path.write_bytes(_deep_grey(transparent=True))
    return _ramp(255)


@odd("16-bit-transparent.png")
def _(path: Path) -> Image.Image:
    half_seen().save(path.with_suffix(".8.png"))
    run(*IMAGEMAGICK, path.with_suffix(".8.png"), "-define", "png:bit-depth=16", path)
    return on_white(half_seen())


# ImageMagick 6 turns no PNG by its eXIf chunk, wherever that stands; browsers do.
@odd("exif-first.png", taken=EXIF_TAKEN, judge="maker")
def _(path: Path) -> Image.Image:
    path.write_bytes(before(b"IDAT", encode(stored(scene(), 6), "PNG"), chunk(b"eXIf", TIFF)))
    return scene()


@odd("exif-after-the-pixels.png", taken=EXIF_TAKEN, judge="maker")
def _(path: Path) -> Image.Image:
    path.write_bytes(before(b"IEND", encode(stored(scene(), 6), "PNG"), chunk(b"eXIf", TIFF)))
    return scene()


@odd("exif-with-a-jpeg-s-prefix.png", taken=EXIF_TAKEN, judge="maker")
def _(path: Path) -> Image.Image:
    body = chunk(b"eXIf", b"Exif\0\0" + TIFF)
    path.write_bytes(before(b"IDAT", encode(stored(scene(), 6), "PNG"), body))
    return scene()


def _raw_profile(block: bytes, kind: str) -> str:
    words = block.hex()
    lines = "\n".join(words[at : at + 72] for at in range(0, len(words), 72))
    return f"\n{kind}\n{len(block):8}\n{lines}\n"


@odd("exif-in-compressed-text.png", taken=EXIF_TAKEN)
def _(path: Path) -> Image.Image:
    text = PngImagePlugin.PngInfo()
    text.add_text("Raw profile type exif", _raw_profile(b"Exif\0\0" + TIFF, "exif"), zip=True)
    stored(scene(), 6).save(path, pnginfo=text)
    return scene()


@odd("exif-in-plain-text.png", taken=EXIF_TAKEN)
def _(path: Path) -> Image.Image:
    text = PngImagePlugin.PngInfo()
    text.add_text("Raw profile type exif", _raw_profile(b"Exif\0\0" + TIFF, "exif"))
    stored(scene(), 6).save(path, pnginfo=text)
    return scene()


# Version 6 writes an eXIf chunk after the pixels, and does not turn by it when it reads it again.
@odd("exif-as-imagemagick-writes-it.png", taken=EXIF_TAKEN, judge="maker")
def _(path: Path) -> Image.Image:
    source = path.with_suffix(".jpg")
    source.write_bytes(encode(stored(scene(), 6), "JPEG", quality=95, exif=exif()))
    run(*IMAGEMAGICK, source, path)
    return scene()


@odd("bad-checksum-in-a-text.png")
def _(path: Path) -> Image.Image:
    broken = chunk(b"tEXt", b"Comment\0from an old editor", sound=False)
    path.write_bytes(before(b"IDAT", encode(scene(), "PNG"), broken))
    return scene()


@odd("bad-checksum-in-a-compressed-text.png")
def _(path: Path) -> Image.Image:
    broken = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 99), sound=False)
    path.write_bytes(before(b"IEND", encode(scene(), "PNG"), broken))
    return scene()


@odd("two-megabytes-of-compressed-text.png")
def _(path: Path) -> Image.Image:
    text = chunk(b"zTXt", b"XML:com.adobe.xmp\0\0" + zlib.compress(b"<x/> " * 400_000))
    path.write_bytes(before(b"IDAT", encode(scene(), "PNG"), text))
    return scene()


@odd("two-megabytes-of-international-text.png")
def _(path: Path) -> Image.Image:
    head = b"XML:com.adobe.xmp\0\1\0\0\0"
    text = chunk(b"iTXt", head + zlib.compress(b"<x/> " * 400_000))
    path.write_bytes(before(b"IDAT", encode(scene(), "PNG"), text))
    return scene()


@odd("two-megabytes-of-profile.png")
def _(path: Path) -> Image.Image:
    large = bytearray(P3 + bytes(2_000_000))
    large[:4] = len(large).to_bytes(4, "big")
    text = chunk(b"iCCP", b"icc\0\0" + zlib.compress(bytes(large)))
    path.write_bytes(before(b"IDAT", encode(convert_to(scene(), P3), "PNG"), text))
    return scene()


def _with_profile(name: str, format: str, profile: bytes) -> None:
    @odd(name)
    def _(path: Path) -> Image.Image:
        picture = convert_to(scene(), profile)
        path.write_bytes(encode(picture, format, icc_profile=profile, quality=95))
        return scene()


_with_profile("profile-p3.png", "PNG", P3)
_with_profile("profile-adobe-rgb.png", "PNG", ADOBE_RGB)
_with_profile("profile-p3.webp", "WEBP", P3)


def _animated(name: str, format: str, **options: object) -> None:
    @odd(name)
    def _(path: Path) -> Image.Image:
        others = [Image.new("RGB", (320, 240), colour) for colour in ("red", "blue")]
        data = encode(scene(), format, save_all=True, append_images=others, duration=90, **options)
        path.write_bytes(data)
        return scene()


_animated("animated.png", "PNG")
_animated("animated.webp", "WEBP", lossless=True)
_animated("animated.gif", "GIF")


@odd("lossy.webp")
def _(path: Path) -> Image.Image:
    scene((321, 241)).save(path, quality=90)
    return scene((321, 241))


@odd("transparent.webp")
def _(path: Path) -> Image.Image:
    half_seen().save(path, quality=90)
    return on_white(half_seen())


# ImageMagick 6 reads no orientation from a WebP.
@odd("exif-orientation-6.webp", taken=EXIF_TAKEN, judge="maker")
def _(path: Path) -> Image.Image:
    stored(scene(), 6).save(path, lossless=True, exif=exif())
    return scene()


@odd("transparent.gif")
def _(path: Path) -> Image.Image:
    few = scene().quantize(200)
    few.save(path, transparency=7)
    shown = few.convert("RGB")
    shown.paste("white", mask=few.point(lambda index: 255 * (index == 7), "L"))
    return shown
