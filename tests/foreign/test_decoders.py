"""Odd files against the decoders of others: ImageMagick's, and ffmpeg's own for HDR."""

import io
import itertools
import os
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from inspectiq.photos import ImageRule
from inspectiq.photos._prepare import PreparedPhoto, prepare_picture
from tests.photos import corpus, heif_files
from tests.photos.heif_files import clap, imir, irot, squares, with_properties
from tests.photos.test_jpeg import FILES as JPEGS

pytestmark = pytest.mark.foreign

FULL = ImageRule(long_side=4000, short_side=4000, quality=95)
LEVELS = 8  # of 255; a JPEG of quality 95 and two ways of enlarging colour stand in between


def collect() -> dict[str, Callable[[], bytes]]:
    """About 70 files, each made when it is asked for. The ending tells the format."""
    encoded = corpus.encoded
    files: dict[str, Callable[[], bytes]] = {}
    files |= {f"{name}.jpg": make for name, make in JPEGS.items()}
    files |= {f"{name} without its end.jpg": partial(cut, make, 2) for name, make in JPEGS.items()}
    for turn in range(1, 9):
        exif = corpus.exif(turn)
        files[f"turned {turn}.jpg"] = partial(encoded, squares(), "JPEG", quality=95, exif=exif)
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        picture = squares().convert("L").convert("I;16") if mode == "I;16" else squares()
        files[f"{mode}.png"] = partial(encoded, picture.convert(mode), "PNG")
    half = squares()
    half.putalpha(128)
    files["half.png"] = partial(encoded, half, "PNG")
    files["half.webp"] = partial(encoded, half, "WEBP", lossless=True)
    files["lossy.webp"] = partial(encoded, squares(), "WEBP", quality=95)
    files["plain.gif"] = partial(encoded, squares(), "GIF")
    for kind, (quarters, axis) in itertools.product(
        ("heic", "avif"), ((0, None), (1, None), (2, None), (3, None), (1, 0), (3, 1))
    ):
        turns = [irot(quarters), *([] if axis is None else [imir(axis)])]
        plain = partial(heif_files.example, kind)
        files[f"turned {quarters} {axis}.{kind}"] = partial(patch, plain, *turns)
        crop = clap(160, 120, 40, -20)
        files[f"cropped and turned {quarters} {axis}.{kind}"] = partial(patch, plain, crop, *turns)
    for kind, size in itertools.product(("heic", "avif"), ((321, 241), (63, 95))):
        files[f"odd {size}.{kind}"] = partial(heif_files.ENCODERS[kind], squares(size))
    return files


def cut(make: Callable[[], bytes], by: int) -> bytes:
    return make()[:-by]


def patch(make: Callable[[], bytes], *boxes: bytes) -> bytes:
    return with_properties(make(), *boxes)


FILES = collect()


def run(*command: Any) -> bytes:
    return subprocess.run([str(part) for part in command], capture_output=True, check=True).stdout


def assert_alike(result: PreparedPhoto, judge: Image.Image, levels: int = LEVELS) -> None:
    """Compares sizes, and the mean colours of 8 x 8 parts."""
    picture = Image.open(io.BytesIO(result.jpeg)).convert("RGB")
    assert picture.size == judge.size
    ours, theirs = (
        image.convert("RGB").resize((8, 8), Image.Resampling.BOX).tobytes()
        for image in (picture, judge)
    )
    assert max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) <= levels


@pytest.mark.parametrize("name", FILES)
def test_a_picture_is_the_one_that_imagemagick_sees(name: str, tmp_path: Path) -> None:
    data = FILES[name]()
    file = tmp_path / f"photo{Path(name).suffix}"
    file.write_bytes(data)
    seen = run(
        *(
            os.environ["FOREIGN_CONVERT"],
            f"{file}[0]",
            "-auto-orient",
            "+repage",
            "-colorspace",
            "sRGB",
        ),
        *("-background", "white", "-flatten", "-depth", "8", "ppm:-"),
    )
    assert_alike(prepare_picture(data, FULL, name=name), Image.open(io.BytesIO(seen)))


@pytest.mark.parametrize(
    ("primaries", "curve", "named"),
    [
        ("bt2020", "smpte2084", "smpte2084"),
        ("bt2020", "arib-std-b67", "arib-std-b67"),
        ("bt2020", "2020_10", "bt2020-10"),
        ("smpte432", "iec61966-2-1", "iec61966-2-1"),
    ],
)
def test_hdr_and_wide_colour_as_ffmpeg_makes_it_is_like_its_twin_in_srgb(
    primaries: str, curve: str, named: str, tmp_path: Path
) -> None:
    twin = Image.blend(squares(), Image.new("RGB", (320, 240), (128, 128, 128)), 0.4)
    twin.save(tmp_path / "twin.png")
    convert = (
        "zscale=pin=bt709:tin=iec61966-2-1:min=gbr"
        f":p={primaries}:t={curve}:m=bt2020nc:r=full:npl=203,format=yuv444p10le"
    )
    run(
        *(os.environ["FOREIGN_FFMPEG"], "-loglevel", "error", "-i", tmp_path / "twin.png"),
        *("-vf", convert, "-c:v", "libaom-av1", "-still-picture", "1", "-crf", "5"),
        *("-color_primaries", primaries, "-color_trc", named, "-colorspace", "bt2020nc"),
        *("-color_range", "pc", tmp_path / "photo.avif"),
    )
    result = prepare_picture((tmp_path / "photo.avif").read_bytes(), FULL, name="photo.avif")
    assert ("hdr" in result.warnings) == (curve in {"smpte2084", "arib-std-b67"})
    assert_alike(result, twin, 16)  # 8 bits of PQ are few in the dark


@pytest.mark.parametrize("kind", ["heic", "avif"])
def test_what_debians_heif_enc_leaves_in_exif_alone_is_told(kind: str, tmp_path: Path) -> None:
    corpus_jpeg = corpus.encoded(squares(), "JPEG", exif=corpus.exif(6, "2024:05:07 10:11:12"))
    (tmp_path / "photo.jpg").write_bytes(corpus_jpeg)
    codec = ["-A"] if kind == "avif" else []
    out = tmp_path / f"photo.{kind}"
    run(os.environ["FOREIGN_HEIF_ENC"], *codec, "-q", "95", tmp_path / "photo.jpg", "-o", out)
    result = prepare_picture(out.read_bytes(), FULL, name="photo.heic")
    assert result.warnings == ("orientation",)
    assert str(result.taken_at) == "2024-05-07 10:11:12"
    assert_alike(result, squares(), 12)
