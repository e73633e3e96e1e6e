"""Tells a file's format by its first bytes. Names and declared types are never believed."""

from __future__ import annotations

__all__ = ["ACCEPTED", "HEAD_BYTES", "describe_format", "sniff"]

ACCEPTED = "JPEG, PNG, WebP, HEIC/HEIF, AVIF or GIF"
HEAD_BYTES = 512

# Brands of the AVIF specification 1.1, and of ISO/IEC 23008-12 (HEIF): of any picture, of HEVC, and
# of other codecs, which are refused once it is known what they hold.
_AVIF = frozenset({b"avif", b"avis"})
_HEIF = frozenset(
    {
        *(b"mif1", b"mif2", b"mif3", b"msf1", b"miaf", b"unif"),
        *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"),
        *(b"jpeg", b"jpgs", b"j2ki", b"j2is", b"avci", b"avcs", b"vvic", b"vvis", b"evbi", b"evbs"),
    }
)

_REFUSED = (
    (b"%PDF-", "a PDF document"),
    (b"II*\x00", "a TIFF or camera raw file"),
    (b"MM\x00*", "a TIFF or camera raw file"),
    (b"II+\x00", "a TIFF file"),
    (b"MM\x00+", "a TIFF file"),
    (b"IIU\x00", "a camera raw file"),
    (b"FUJIFILMCCD-RAW", "a camera raw file"),
    (b"BM", "a BMP picture"),
    (b"8BPS", "a Photoshop document"),
    (b"%!PS", "a PostScript file"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"PK\x03\x04", "a zip archive or office document"),
    (b"\x1a\x45\xdf\xa3", "a WebM or Matroska video"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
)
_PLAIN = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)


def sniff(head: bytes) -> str | None:
    """Names the format of an accepted picture from its first bytes (64 are enough), else None.

    Returns:
        `jpeg`, `png`, `webp`, `heic`, `avif` or `gif`.
    """
    for magic, name in _PLAIN:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    brands = set(_read_brands(head))
    # `mif1` is the brand of both kinds of still picture; the others tell which, and what is in the
    # file tells in the end.
    return "avif" if _AVIF & brands else "heic" if _HEIF & brands else None


def describe_format(head: bytes) -> str:
    """Describes what a refused file seems to be, for a message."""
    for magic, words in _REFUSED:
        if head.startswith(magic):
            return words
    if brands := _read_brands(head):
        return "a camera raw file" if brands[0] == b"crx " else "an MP4 or QuickTime video"
    return _describe_text(head.lstrip(b"\xef\xbb\xbf \t\r\n").lower())


def _describe_text(text: bytes) -> str:
    if b"<svg" in text:
        return "an SVG drawing"
    if text.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    if text.startswith(b"<?xml"):
        return "an XML document"
    if text and all(byte >= 32 or byte in b"\t\r\n\f" for byte in text):
        return "text"
    return "an unknown kind of file"


def _read_brands(head: bytes) -> list[bytes]:
    """Reads the major brand and then the compatible ones of an ISO media file."""
    if head[4:8] != b"ftyp":
        return []
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return [head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))]
