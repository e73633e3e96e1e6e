"""Odd JPEGs."""

from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from tests.foreign.odd.catalogue import EXIF_TAKEN, encode, exif, odd, run, scene, stored
from tests.foreign.odd.profiles import ADOBE_RGB, P3, P3_CALLED_SRGB, SRGB, convert_to


def jpeg(picture: Image.Image, **options: Any) -> bytes:
    return encode(picture, "JPEG", quality=92, **options)


def _turned(orientation: int) -> None:
    @odd(f"exif-orientation-{orientation}.jpg", taken=EXIF_TAKEN)
    def _(path: Path) -> Image.Image:
        path.write_bytes(jpeg(stored(scene(), orientation), exif=exif(orientation)))
        return scene()


for number in range(1, 9):
    _turned(number)


def _by_cjpeg(name: str, *options: str, size: tuple[int, int] = (320, 240)) -> None:
    @odd(name)
    def _(path: Path) -> Image.Image:
        source = path.with_suffix(".ppm")
        scene(size).save(source)
        run("cjpeg", "-quality", "92", *options, "-outfile", path, source)
        return scene(size)


_by_cjpeg("progressive.jpg", "-progressive")
_by_cjpeg("arithmetic-coding.jpg", "-arithmetic")
_by_cjpeg("arithmetic-progressive.jpg", "-arithmetic", "-progressive")
_by_cjpeg("restart-markers.jpg", "-restart", "1")
_by_cjpeg("rgb-not-ycc.jpg", "-rgb")
_by_cjpeg("odd-size-and-sampling.jpg", "-sample", "4x1", size=(321, 241))
_by_cjpeg("tall-sampling.jpg", "-sample", "1x2", size=(161, 119))
_by_cjpeg("seventeen-by-sixteen.jpg", size=(17, 16))
_by_cjpeg("long-strip.jpg", size=(2003, 16))


@odd("scans-of-one-colour-each.jpg")
def _(path: Path) -> Image.Image:
    source, scans = path.with_suffix(".ppm"), path.with_suffix(".scans")
    scene().save(source)
    scans.write_text("0;\n1;\n2;\n")
    run("cjpeg", "-quality", "92", "-scans", scans, "-outfile", path, source)
    return scene()


@odd("grey.jpg")
def _(path: Path) -> Image.Image:
    path.write_bytes(jpeg(scene().convert("L")))
    return scene().convert("L").convert("RGB")


@odd("cmyk.jpg")
def _(path: Path) -> Image.Image:
    # Without black, for without a profile programs mix it in by different formulas.
    path.write_bytes(jpeg(scene().convert("CMYK")))
    return scene()


@odd("ycck.jpg")
def _(path: Path) -> Image.Image:
    # As Photoshop writes it: inverted, luminance and colour differences, and black by itself.
    bands = ImageOps.invert(scene()).convert("YCbCr").split()
    inks = [*(ImageOps.invert(band) for band in bands), Image.new("L", scene().size)]
    data = bytearray(jpeg(Image.merge("CMYK", inks), subsampling=0))
    at = data.index(b"Adobe")
    assert data[at + 11] == 0
    data[at + 11] = 2
    path.write_bytes(data)
    return scene()


@odd("no-end-marker.jpg")
def _(path: Path) -> Image.Image:
    data = jpeg(scene())
    assert data.endswith(b"\xff\xd9")
    path.write_bytes(data[:-2])
    return scene()


@odd("no-end-marker-progressive.jpg")
def _(path: Path) -> Image.Image:
    path.write_bytes(jpeg(scene((321, 241)), progressive=True)[:-2])
    return scene((321, 241))


@odd("something-after-the-end.jpg")
def _(path: Path) -> Image.Image:
    path.write_bytes(jpeg(scene()) + bytes(1000) + b"a film, as phones append one")
    return scene()


@odd("two-pictures.mpo.jpg")
def _(path: Path) -> Image.Image:
    other = Image.new("RGB", (320, 240), "grey")
    path.write_bytes(encode(scene(), "MPO", save_all=True, append_images=[other], quality=92))
    return scene()


@odd("fill-bytes-before-markers.jpg")
def _(path: Path) -> Image.Image:
    data = jpeg(scene())
    path.write_bytes(data[:2] + b"\xff\xff\xff" + data[2:])
    return scene()


@odd("exif-in-intel-order.jpg", taken=EXIF_TAKEN)
def _(path: Path) -> Image.Image:
    block = Image.Exif()
    block.endian = "<"
    block[0x0112] = 6
    block.get_ifd(0x8769).update({0x9003: "2024:05:07 10:11:12", 0x9011: "+02:00"})
    assert block.tobytes()[6:8] == b"II"
    path.write_bytes(jpeg(stored(scene(), 6), exif=block.tobytes()))
    return scene()


@odd("no-end-marker-turned.jpg", taken=EXIF_TAKEN)
def _(path: Path) -> Image.Image:
    path.write_bytes(jpeg(stored(scene(), 8), exif=exif(8), restart_marker_rows=1)[:-2])
    return scene()


@odd("long-comments.jpg")
def _(path: Path) -> Image.Image:
    data = jpeg(scene())
    comment = b"\xff\xfe" + (60_002).to_bytes(2, "big") + b"x" * 60_000
    path.write_bytes(data[:2] + 20 * comment + data[2:])
    return scene()


@odd("exif-after-other-segments.jpg", taken=EXIF_TAKEN)
def _(path: Path) -> Image.Image:
    data = jpeg(stored(scene(), 6), exif=exif(), icc_profile=SRGB, comment=b"first")
    at = data.index(b"\xff\xe1")
    end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    tables = data.index(b"\xff\xdb", end)
    path.write_bytes(data[:at] + data[end:tables] + data[at:end] + data[tables:])
    return scene()


def _with_profile(name: str, profile: bytes) -> None:
    @odd(name)
    def _(path: Path) -> Image.Image:
        path.write_bytes(jpeg(convert_to(scene(), profile), icc_profile=profile))
        return scene()


_with_profile("profile-srgb.jpg", SRGB)
_with_profile("profile-p3.jpg", P3)
_with_profile("profile-p3-that-is-called-srgb.jpg", P3_CALLED_SRGB)
_with_profile("profile-adobe-rgb.jpg", ADOBE_RGB)


@odd("profile-cut-short.jpg")
def _(path: Path) -> Image.Image:
    path.write_bytes(jpeg(scene(), icc_profile=P3[:200]))
    return scene()


@odd("twelve-bits.jpg")
def _(path: Path) -> None:
    # Its header alone, since Debian 12 has no program that writes one.
    data = jpeg(scene())
    at = data.index(b"\xff\xc0")
    path.write_bytes(data[:at] + b"\xff\xc1" + data[at + 2 : at + 4] + b"\x0c" + data[at + 5 :])


@odd("lossless.jpg")
def _(path: Path) -> None:
    source = path.with_suffix(".png")
    scene().save(source)
    run("ffmpeg", "-i", source, "-pix_fmt", "bgr24", "-c:v", "ljpeg", path)
