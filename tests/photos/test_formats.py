import pytest

from inspectiq.photos._formats import describe_format, sniff
from tests.photos import corpus


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_every_accepted_format_is_known_by_its_first_bytes(kind: str) -> None:
    assert sniff(corpus.encoded(corpus.scene(), kind)[:64]) == kind.lower()


def test_heic_is_known_by_its_brand() -> None:
    assert sniff(corpus.heic()[:64]) == "heic"
    assert sniff(b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic") == "heic"
    assert sniff(b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf") == "avif"


@pytest.mark.parametrize(
    "head",
    [
        *(b"", b"\xff\xd8", b"RIFF\x00\x00\x00\x00WAVE", b"GIF88a", b"II*\x00", b"%PDF-", b"<svg"),
        *(
            b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
            b"\x00\x00\x00\x08ftyp",
            b"ftyp" * 3,
        ),
    ],
)
def test_nothing_else_is_taken_for_a_picture(head: bytes) -> None:
    assert sniff(head) is None


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"%PDF-1.7", "a PDF document"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<svg>", "an SVG drawing"),
        (b"<?xml version='1.0'?><note/>", "an XML document"),
        (b"\n<!DOCTYPE html>", "an HTML page"),
        (b"MM\x00*", "a TIFF or camera raw file"),
        (b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x00", "a camera raw file"),
        (b"\x00\x00\x00\x18ftypqt  \x00\x00\x00\x00", "an MP4 or QuickTime video"),
        ("Grüße".encode(), "text"),
        (b"\x00\x01\x02", "an unknown kind of file"),
    ],
)
def test_a_refused_file_is_named_in_words(head: bytes, words: str) -> None:
    assert describe_format(head) == words
