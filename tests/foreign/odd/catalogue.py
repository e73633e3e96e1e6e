"""What is known of an odd picture, and the pictures that all of them are made of."""

import io
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from PIL import Image, ImageDraw, ImageFilter
from PIL.Image import Transpose

__all__ = [
    "EXIF_TAKEN",
    "ODD",
    "TURNS",
    "Judge",
    "Odd",
    "encode",
    "exif",
    "odd",
    "run",
    "scene",
    "stored",
]

Judge = Literal["imagemagick", "ffmpeg", "maker"]

EXIF_TAKEN = "2024-05-07T10:11:12+02:00"


@dataclass(frozen=True)
class Odd:
    """One odd picture.

    Attributes:
        make: Writes the file, and returns the picture that its maker meant: upright, in sRGB, on
            white; None where no library can read it, and `unsupported_format` is right.
        judge: Whose decoding is compared besides. The maker's word alone where other programs are
            known to be wrong, as a comment beside it says.
        profile: Which profile the judge must be told, where it reads none from the file.
        taken: When it was taken, in ISO 8601's form.
        crop: Whether it may also be refused, since it is cropped.
        warns: Whether some warning must be given.
        hdr: Whether the warning `hdr` stands for right colours.
        tolerance: How far colours may be off, in levels of 255.
    """

    make: Callable[[Path], Image.Image | None]
    judge: Judge = "imagemagick"
    profile: bytes | None = None
    taken: str | None = None
    crop: bool = False
    warns: bool = False
    hdr: bool = False
    tolerance: float = 6.0


ODD: dict[str, Odd] = {}


def odd(name: str, **known: Any) -> Callable[[Callable[[Path], Image.Image | None]], None]:
    """Adds the decorated maker to the catalogue."""

    def add(make: Callable[[Path], Image.Image | None]) -> None:
        assert name not in ODD
        ODD[name] = Odd(make, **known)

    return add


def scene(size: tuple[int, int] = (320, 240)) -> Image.Image:
    """A muted picture that looks otherwise turned, mirrored, cropped, or with colours swapped.

    Its edges are soft, since coarser colours, as most files have them, move hard ones.
    """
    across = Image.linear_gradient("L").transpose(Transpose.ROTATE_90).resize(size)
    down = Image.linear_gradient("L").resize(size)
    bands = [
        across.point(lambda level: 60 + level * 0.5),
        down.point(lambda level: 70 + level * 0.4),
        Image.new("L", size, 110),
    ]
    picture = Image.merge("RGB", bands)
    draw, (width, height) = ImageDraw.Draw(picture), size
    draw.rectangle((0, 0, width * 3 // 8 - 1, height // 4 - 1), fill=(190, 70, 60))
    draw.rectangle((width * 5 // 8, height * 3 // 4, width, height), fill=(60, 80, 170))
    return picture.filter(ImageFilter.GaussianBlur(4))


# What was done to the upright picture before it was stored, by EXIF orientation.
TURNS = {
    1: None,
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_90,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_270,
}


def stored(picture: Image.Image, orientation: int) -> Image.Image:
    """The picture as a camera stores it that notes this orientation."""
    turn = TURNS[orientation]
    return picture if turn is None else picture.transpose(turn)


def exif(orientation: int = 6) -> bytes:
    """An EXIF block with an orientation, and with `EXIF_TAKEN`."""
    block = Image.Exif()
    block[0x0112] = orientation
    block.get_ifd(0x8769).update({0x9003: "2024:05:07 10:11:12", 0x9011: "+02:00"})
    return block.tobytes()


def encode(picture: Image.Image, format: str, **options: Any) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def run(*command: object) -> None:
    """Runs a program, which must succeed."""
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=60)
