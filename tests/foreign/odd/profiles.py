"""ICC profiles, made of the one for sRGB that LittleCMS makes."""

import io
import struct

from PIL import Image, ImageCms

__all__ = ["ADOBE_RGB", "BT2020", "P3", "P3_CALLED_SRGB", "SRGB", "convert_to"]

# Red, green and blue in XYZ at D50, by the matrix of each space's primaries and white (D65),
# adapted by Bradford's matrix: Display P3 (SMPTE EG 432-1), Adobe RGB (1998), ITU-R BT.2020.
_PRIMARIES = {
    "P3": ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),
    "Adobe": (
        (0.60974, 0.31111, 0.01947),
        (0.20528, 0.62567, 0.06087),
        (0.14919, 0.06322, 0.74457),
    ),
    "BT2020": (
        (0.67348, 0.27904, -0.00194),
        (0.16568, 0.67535, 0.02998),
        (0.12505, 0.04561, 0.79684),
    ),
}
# Gamma, a, b, c, d of ICC's parametric curve 3.
_ADOBE_CURVE = (2.19921875, 1.0, 0.0, 0.0, 0.0)

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _fixed(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def _make(space: str, curve: tuple[float, ...] | None, name: str) -> bytes:
    profile = bytearray(SRGB)
    (count,) = struct.unpack_from(">I", profile, 128)
    for at in range(132, 132 + 12 * count, 12):
        tag, (where, _) = bytes(profile[at : at + 4]), struct.unpack_from(">II", profile, at + 4)
        if tag in (b"rXYZ", b"gXYZ", b"bXYZ"):
            profile[where + 8 : where + 20] = _fixed(*_PRIMARIES[space]["rgb".index(chr(tag[0]))])
        elif tag in (b"rTRC", b"gTRC", b"bTRC") and curve:
            assert profile[where : where + 10] == b"para\0\0\0\0\0\x03"
            profile[where + 12 : where + 32] = _fixed(*curve)
    return bytes(profile).replace("sRGB".encode("utf-16-be"), name.encode("utf-16-be"))


P3 = _make("P3", None, "P3 x")
P3_CALLED_SRGB = _make("P3", None, "sRGB")
ADOBE_RGB = _make("Adobe", _ADOBE_CURVE, "Adob")
BT2020 = _make("BT2020", None, "2020")


def convert_to(picture: Image.Image, profile: bytes) -> Image.Image:
    """The numbers that show the same colours in another space."""
    made = ImageCms.profileToProfile(
        picture,
        ImageCms.ImageCmsProfile(io.BytesIO(SRGB)),
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        outputMode="RGB",
    )
    assert made is not None
    made.info = {}
    return made
