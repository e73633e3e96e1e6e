"""Decodes pictures with ImageMagick and ffmpeg, upright, in sRGB, on white."""

import io
import shutil
import subprocess
from pathlib import Path

from PIL import Image

from tests.foreign.odd.profiles import SRGB

__all__ = ["IMAGEMAGICK", "decode"]

_PROGRAMS = ("magick", "convert-im6.q16", "convert")  # of versions 7 and 6, the last in Debian too
IMAGEMAGICK = (next(filter(shutil.which, _PROGRAMS), _PROGRAMS[0]),)


WITHOUT_PROFILE = ("cmyk.jpg", "ycck.jpg")


def decode(judge: str, path: Path, profile: bytes | None = None) -> Image.Image:
    """Decodes the first picture of a file, as this program reads it."""
    return _ask_imagemagick(path, profile) if judge == "imagemagick" else _ask_ffmpeg(path)


def _ask_imagemagick(path: Path, profile: bytes | None) -> Image.Image:
    srgb, told = path.with_suffix(".srgb.icc"), path.with_suffix(".told.icc")
    srgb.write_bytes(SRGB)
    profiles = ["-profile", str(srgb)]
    if profile is not None:
        told.write_bytes(profile)
        profiles = ["-colorspace", "sRGB", "-profile", str(told), *profiles]
    elif path.name in WITHOUT_PROFILE:
        profiles = ["-colorspace", "sRGB"]
    return _read(
        *(*IMAGEMAGICK, f"{path}[0]", "-auto-orient", "+repage", *profiles),
        *("-background", "white", "-alpha", "remove", "-depth", "8", "-type", "TrueColor", "ppm:-"),
    )


def _ask_ffmpeg(path: Path) -> Image.Image:
    return _read(
        *("ffmpeg", "-v", "error", "-i", str(path), "-frames:v", "1"),
        *("-pix_fmt", "rgb24", "-f", "image2pipe", "-c:v", "ppm", "-"),
    )


def _read(*command: str) -> Image.Image:
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.stdout, done.stderr.decode()
    return Image.open(io.BytesIO(done.stdout)).convert("RGB")
