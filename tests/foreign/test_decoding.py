"""Odd pictures, as they are sent, beside what their makers meant and other programs decode."""

import io
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from inspectiq import Photo
from inspectiq.errors import PhotoError
from inspectiq.photos import ImageRule, PreparedPhoto
from tests.foreign import judges
from tests.foreign.odd import heifs, jpegs, pngs  # noqa: F401 - they fill the catalogue
from tests.foreign.odd.catalogue import ODD

pytestmark = pytest.mark.foreign

RULE = ImageRule(long_side=4096, short_side=4096, quality=95)
JUDGED_WITHIN = 4.0  # levels of 255: two decoders, and our JPEG between them
OPENED_BY_PILLOW = (".jpg", ".png", ".webp", ".gif")
# Pillow keeps neither the numbers of a cICP chunk nor colours of 16 bits when it opens them.
LOST_BY_PILLOW = ("cicp-p3.png", "transparent-colour-of-16-bits.png")


def mean_colours(picture: Image.Image) -> bytes:
    """8 x 8 colours of the whole picture."""
    return picture.convert("RGB").resize((8, 8), Image.Resampling.BOX).tobytes()


def apart(one: Image.Image, other: Image.Image) -> float:
    """How far the two differ at most, in any place and colour."""
    assert one.size == other.size
    pairs = zip(mean_colours(one), mean_colours(other), strict=True)
    return max(abs(this - that) for this, that in pairs)


def prepare(path: Path) -> PreparedPhoto | PhotoError:
    try:
        return Photo.from_path(path).prepare_for(RULE)
    except PhotoError as error:
        return error


@pytest.mark.parametrize("name", ODD)
def test_a_picture_is_sent_as_its_maker_meant_it(name: str, tmp_path: Path) -> None:
    odd, path = ODD[name], tmp_path / name
    meant, prepared = odd.make(path), prepare(path)
    if isinstance(prepared, PhotoError):
        assert prepared.reason == "unsupported_format"
        assert meant is None or (odd.crop and "crop" in str(prepared))
        return
    assert meant is not None
    sent = Image.open(io.BytesIO(prepared.jpeg))
    assert sent.size == meant.size
    assert prepared.taken_at == (datetime.fromisoformat(odd.taken) if odd.taken else None)
    assert prepared.warnings or not odd.warns
    if odd.hdr and "hdr" in prepared.warnings:
        return
    assert apart(sent, meant) <= odd.tolerance
    if odd.judge != "maker":
        assert apart(sent, judges.decode(odd.judge, path, odd.profile)) <= JUDGED_WITHIN


@pytest.mark.parametrize("name", [name for name in ODD if name.endswith(OPENED_BY_PILLOW)])
def test_a_picture_that_pillow_opened_is_sent_as_its_file_is(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    ODD[name].make(path)
    try:
        picture = Image.open(path)
    except (OSError, SyntaxError, ValueError):
        return  # what Pillow refuses is never handed over
    with picture:
        photo = Photo.from_picture(picture)
    try:
        of_picture = photo.prepare_for(RULE)
    except PhotoError as error:
        assert "give the file itself" in str(error)  # noqa: PT017 - both are right
        return
    of_file = Photo.from_path(path).prepare_for(RULE)
    assert of_picture.taken_at == of_file.taken_at
    one, other = (Image.open(io.BytesIO(made.jpeg)) for made in (of_picture, of_file))
    assert one.size == other.size
    assert apart(one, other) <= JUDGED_WITHIN or name in LOST_BY_PILLOW
