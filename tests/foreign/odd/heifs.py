"""Odd HEICs and AVIFs."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image

from tests.foreign.judges import IMAGEMAGICK
from tests.foreign.odd.catalogue import EXIF_TAKEN, Judge, encode, exif, odd, run, scene, stored
from tests.foreign.odd.heif_boxes import add_properties, clap, imir, irot, replace_brand
from tests.foreign.odd.pngs import half_seen, on_white
from tests.foreign.odd.profiles import BT2020, P3, convert_to

# What a container says to turn and mirror what is stored; the same as EXIF's eight orientations.
CONTAINER_TURNS = {
    1: (),
    2: (imir(1),),
    3: (irot(2),),
    4: (imir(0),),
    5: (irot(1), imir(0)),
    6: (irot(3),),
    7: (irot(3), imir(0)),
    8: (irot(1),),
}
PQ, HLG = 16, 18  # transfer characteristics of ITU-T H.273


def heic(picture: Image.Image, **options: Any) -> bytes:
    """The picture as pillow-heif writes it, without a turn."""
    out = io.BytesIO()
    picture.info = {}
    pillow_heif.from_pillow(picture).save(out, **{"quality": 95, **options})
    return out.getvalue()


def avif(picture: Image.Image, path: Path, *options: object) -> bytes:
    """The picture as avifenc writes it."""
    source = path.with_suffix(".png")
    picture.save(source)
    run("avifenc", "-s", "9", "--min", "4", "--max", "12", *options, source, path)
    return path.read_bytes()


def _turned(orientation: int) -> None:
    turns = CONTAINER_TURNS[orientation]

    @odd(f"container-turn-{orientation}.heic")
    def _(path: Path) -> Image.Image:
        path.write_bytes(add_properties(heic(stored(scene(), orientation)), *turns))
        return scene()

    @odd(f"container-turn-{orientation}.avif")
    def _(path: Path) -> Image.Image:
        data = encode(stored(scene(), orientation), "AVIF", quality=90)
        path.write_bytes(add_properties(data, *turns))
        return scene()


for number in range(1, 9):
    _turned(number)


@odd("written-with-exif-orientation-6.heic", taken=EXIF_TAKEN)
def _(path: Path) -> Image.Image:
    # pillow-heif writes the turn into the container, as phones do.
    path.write_bytes(heic(stored(scene(), 6), exif=exif()))
    return scene()


@odd("written-with-exif-orientation-6.avif", taken=EXIF_TAKEN)
def _(path: Path) -> Image.Image:
    stored(scene(), 6).save(path, quality=90, exif=exif())
    return scene()


# HEIF says that readers turn by the container alone; Debian 12's heif-enc notes none there.
@odd("exif-orientation-without-a-turn.heic", taken=EXIF_TAKEN, warns=True)
def _(path: Path) -> Image.Image:
    source = path.with_suffix(".jpg")
    source.write_bytes(encode(scene(), "JPEG", quality=95, exif=exif()))
    run("heif-enc", "-q", "95", "-o", path, source)
    return scene()


def _plain_heic(name: str, size: tuple[int, int] = (320, 240), **options: Any) -> None:
    @odd(name)
    def _(path: Path) -> Image.Image:
        path.write_bytes(heic(scene(size), **options))
        return scene(size)


_plain_heic("odd-size.heic", (321, 241))
_plain_heic("full-colour.heic", chroma=444)
_plain_heic("half-colour.heic", chroma=422)
_plain_heic("limited-range.heic", full_range_flag=0)
_plain_heic("bt709-matrix.heic", matrix_coefficients=1)
_plain_heic("grid.heic", (640, 512), tile_size=256)
_plain_heic("grid-that-is-not-full.heic", (601, 403), tile_size=256)
_plain_heic("no-colour-box.heic", save_nclx_profile=False)


def _plain_avif(
    name: str, *options: object, size: tuple[int, int] = (320, 240), judge: Judge = "imagemagick"
) -> None:
    @odd(name, judge=judge)
    def _(path: Path) -> Image.Image:
        avif(scene(size), path, *options)
        return scene(size)


_plain_avif("odd-size.avif", "-y", "420", size=(321, 241))
_plain_avif("10-bit.avif", "-d", "10", judge="ffmpeg")
_plain_avif("12-bit.avif", "-d", "12", judge="ffmpeg")
_plain_avif("limited-range.avif", "-r", "limited", judge="ffmpeg")
_plain_avif("bt709-matrix.avif", "--cicp", "1/13/1", judge="ffmpeg")
_plain_avif("identity-matrix.avif", "--lossless")
_plain_avif("half-colour.avif", "-y", "422")
_plain_avif("grid.avif", "--grid", "2x2", size=(256, 192))


@odd("10-bit.heic")
def _(path: Path) -> Image.Image:
    source = path.with_suffix(".png")
    scene().save(path.with_suffix(".8.png"))
    run(*IMAGEMAGICK, path.with_suffix(".8.png"), "-define", "png:bit-depth=16", source)
    run("heif-enc", "-q", "95", "-b", "10", "-o", path, source)
    return scene()


@odd("grey.heic")
def _(path: Path) -> Image.Image:
    path.write_bytes(heic(scene().convert("L")))
    return scene().convert("L").convert("RGB")


@odd("grey.avif")
def _(path: Path) -> Image.Image:
    avif(scene().convert("L"), path, "-y", "400")
    return scene().convert("L").convert("RGB")


# ImageMagick 6 reads no transparency of HEIC and AVIF.
@odd("transparent.heic", judge="maker")
def _(path: Path) -> Image.Image:
    path.write_bytes(heic(half_seen()))
    return on_white(half_seen())


@odd("transparent.avif", judge="maker")
def _(path: Path) -> Image.Image:
    avif(half_seen(), path)
    return on_white(half_seen())


@odd("transparent-premultiplied.avif", judge="maker")
def _(path: Path) -> Image.Image:
    avif(half_seen(), path, "--premultiply")
    return on_white(half_seen())


@odd("animated.avif")
def _(path: Path) -> Image.Image:
    others = [Image.new("RGB", (320, 240), colour) for colour in ("red", "blue")]
    path.write_bytes(encode(scene(), "AVIF", save_all=True, append_images=others, quality=90))
    return scene()


@odd("transparent-and-turned.heic", judge="maker")
def _(path: Path) -> Image.Image:
    path.write_bytes(add_properties(heic(stored(half_seen(), 6)), irot(3), to_all=True))
    return on_white(half_seen())


@odd("transparent-and-turned.avif", judge="maker")
def _(path: Path) -> Image.Image:
    avif(stored(half_seen(), 6), path, "--irot", "3")
    return on_white(half_seen())


@odd("grid-turned.avif")
def _(path: Path) -> Image.Image:
    # Not by avifenc's --irot, which in version 0.11 turns the tiles as well.
    data = avif(stored(scene((192, 256)), 6), path, "--grid", "2x2")
    path.write_bytes(add_properties(data, irot(3)))
    return scene((192, 256))


@odd("grid-turned.heic")
def _(path: Path) -> Image.Image:
    data = heic(stored(scene((601, 403)), 8), tile_size=256)
    path.write_bytes(add_properties(data, irot(1)))
    return scene((601, 403))


@odd("10-bit-grey.avif")
def _(path: Path) -> Image.Image:
    avif(scene().convert("L"), path, "-y", "400", "-d", "10")
    return scene().convert("L").convert("RGB")


@odd("exif-says-one-thing-and-the-container-another.avif", taken=EXIF_TAKEN, warns=True)
def _(path: Path) -> Image.Image:
    exif_file = path.with_suffix(".exif")
    exif_file.write_bytes(exif(3).removeprefix(b"Exif\0\0"))
    avif(stored(scene(), 6), path, "--irot", "3", "--exif", exif_file)
    return scene()


# -- crops -----------------------------------------------------------------------------------------


WHOLE = (640, 480)


def framed(left: int, top: int, size: tuple[int, int] = WHOLE, turn: int = 1) -> Image.Image:
    """The scene within red that its maker cuts off, and that nobody must see."""
    whole = Image.new("RGB", size, (200, 0, 0))
    whole.paste(stored(scene(), turn), (left, top))
    return whole


@odd("crop.avif", crop=True)
def _(path: Path) -> Image.Image:
    avif(framed(160, 120), path, "--crop", "160,120,320,240")
    return scene()


@odd("crop.heic", crop=True)
def _(path: Path) -> Image.Image:
    path.write_bytes(add_properties(heic(framed(160, 120)), clap(WHOLE, 160, 120, 320, 240)))
    return scene()


@odd("crop-of-a-few-pixels.heic", crop=True)
def _(path: Path) -> Image.Image:
    data = heic(framed(4, 2, (330, 244)))
    path.write_bytes(add_properties(data, clap((330, 244), 4, 2, 320, 240)))
    return scene()


@odd("crop-at-a-corner.avif", crop=True)
def _(path: Path) -> Image.Image:
    data = encode(framed(320, 240), "AVIF", quality=90)
    path.write_bytes(add_properties(data, clap(WHOLE, 320, 240, 320, 240)))
    return scene()


@odd("crop-then-turn.heic", crop=True)
def _(path: Path) -> Image.Image:
    data = heic(framed(40, 90, (480, 640), turn=6))
    path.write_bytes(add_properties(data, clap((480, 640), 40, 90, 240, 320), irot(3)))
    return scene()


@odd("crop-then-turn.avif", crop=True)
def _(path: Path) -> Image.Image:
    picture = framed(40, 90, (480, 640), turn=6)
    avif(picture, path, "--crop", "40,90,240,320", "--irot", "3")
    return scene()


@odd("crop-then-mirror.heic", crop=True)
def _(path: Path) -> Image.Image:
    data = heic(framed(160, 30, turn=2))
    path.write_bytes(add_properties(data, clap(WHOLE, 160, 30, 320, 240), imir(1)))
    return scene()


@odd("crop-to-an-odd-size.avif", crop=True)
def _(path: Path) -> Image.Image:
    data = encode(framed(161, 121), "AVIF", quality=90, subsampling="4:4:4")
    path.write_bytes(add_properties(data, clap(WHOLE, 166, 126, 311, 229)))
    return scene().crop((5, 5, 316, 234))


@odd("crop-of-a-transparent.heic", crop=True, judge="maker")
def _(path: Path) -> Image.Image:
    whole = framed(160, 120)
    whole.putalpha(255)
    whole.paste(half_seen(), (160, 120))
    crop = clap(WHOLE, 160, 120, 320, 240)
    path.write_bytes(add_properties(heic(whole), crop, to_all=True))
    return on_white(half_seen())


@odd("crop-of-a-transparent.avif", crop=True, judge="maker")
def _(path: Path) -> Image.Image:
    whole = framed(160, 120)
    whole.putalpha(255)
    whole.paste(half_seen(), (160, 120))
    avif(whole, path, "--crop", "160,120,320,240")
    return on_white(half_seen())


@odd("crop-of-a-grid.avif", crop=True)
def _(path: Path) -> Image.Image:
    data = avif(framed(70, 110, (512, 512)), path, "--grid", "2x2")
    path.write_bytes(add_properties(data, clap((512, 512), 70, 110, 320, 240)))
    return scene()


@odd("crop-of-a-grid.heic", crop=True)
def _(path: Path) -> Image.Image:
    data = heic(framed(70, 110, (512, 512)), tile_size=256)
    path.write_bytes(add_properties(data, clap((512, 512), 70, 110, 320, 240)))
    return scene()


# -- colours ---------------------------------------------------------------------------------------


def _with_profile(name: str, profile: bytes) -> None:
    # ImageMagick 6 reads no profile of HEIC and AVIF, and is told it.
    @odd(name, profile=profile)
    def _(path: Path) -> Image.Image:
        numbers = convert_to(scene(), profile)
        if name.endswith(".heic"):
            numbers.info["icc_profile"] = profile
            pillow_heif.from_pillow(numbers).save(path, quality=95)
        else:
            path.write_bytes(encode(numbers, "AVIF", quality=90, icc_profile=profile))
        return scene()


_with_profile("profile-p3.heic", P3)
_with_profile("profile-p3.avif", P3)


@odd("profile-and-numbers.avif", profile=P3)
def _(path: Path) -> Image.Image:
    # The profile stands above the numbers, which say BT.2020.
    profile = path.with_suffix(".p3.icc")
    profile.write_bytes(P3)
    avif(convert_to(scene(), P3), path, "--icc", profile, "--cicp", "9/13/6")
    return scene()


def _with_primaries(name: str, primaries: int, profile: bytes) -> None:
    # The judges read the numbers as they are, and are told what these mean.
    @odd(name, profile=profile)
    def _(path: Path) -> Image.Image:
        numbers = convert_to(scene(), profile)
        if name.endswith(".heic"):
            nclx = {"color_primaries": primaries, "transfer_characteristics": 13}
            path.write_bytes(heic(numbers, matrix_coefficients=6, **nclx))
        else:
            avif(numbers, path, "--cicp", f"{primaries}/13/6")
        return scene()


_with_primaries("nclx-p3.heic", 12, P3)
_with_primaries("nclx-p3.avif", 12, P3)
_with_primaries("nclx-bt2020.heic", 9, BT2020)
_with_primaries("nclx-bt2020.avif", 9, BT2020)


def _to_hdr(picture: Image.Image, transfer: int) -> Image.Image:
    """The picture in BT.2020 and PQ or HLG, whose white is paper's: 203 cd/m2, or 75 % of HLG.

    Transfer functions by ITU-R BT.2100, paper white by ITU-R BT.2408.
    """
    wide = np.asarray(convert_to(picture, BT2020), float) / 255
    linear = np.where(wide <= 0.04045, wide / 12.92, ((wide + 0.055) / 1.055) ** 2.4)
    if transfer == PQ:
        power = (linear * 203 / 10_000) ** 0.1593017578125
        signal = ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    else:
        scenic = linear * 0.265  # what 75 % of the signal stands for
        root, log = np.sqrt(3 * scenic), 12 * scenic - 0.28466892
        curve = 0.17883277 * np.log(np.maximum(log, 1e-9)) + 0.55991073
        signal = np.where(scenic <= 1 / 12, root, curve)
    return Image.fromarray((signal * 255).round().astype("uint8"))


def _hdr(name: str, transfer: int) -> None:
    # No judge converts these; they are the twin of the picture that they were made of.
    @odd(name, judge="maker", hdr=True, tolerance=24)
    def _(path: Path) -> Image.Image:
        numbers = _to_hdr(scene(), transfer)
        if name.endswith(".avif"):
            avif(numbers, path, "-d", "10", "--cicp", f"9/{transfer}/9")
        else:
            nclx = {"color_primaries": 9, "transfer_characteristics": transfer}
            path.write_bytes(heic(numbers, matrix_coefficients=9, **nclx))
        return scene()


_hdr("pq.avif", PQ)
_hdr("hlg.avif", HLG)
_hdr("pq.heic", PQ)
_hdr("hlg.heic", HLG)


# -- brands ----------------------------------------------------------------------------------------


def _branded(brand: bytes) -> None:
    @odd(f"brand-{brand.decode()}.heic")
    def _(path: Path) -> Image.Image:
        path.write_bytes(replace_brand(heic(scene()), b"heic", brand))
        return scene()


_branded(b"mif1")
_branded(b"mif2")
_branded(b"mif3")
