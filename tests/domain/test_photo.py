import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectiq.domain import Box, PhotoRef, PictureFile
from tests.domain.strategies import boxes


@given(boxes(), boxes())
def test_a_box_within_a_crop_stays_within_the_crop(inner: Box, crop: Box) -> None:
    try:
        mapped = inner.to_outer(crop)
    except ValueError:
        return  # too thin for floating point
    assert crop.x0 <= mapped.x0 <= mapped.x1 <= crop.x1 + 1e-9
    assert crop.y0 <= mapped.y0 <= mapped.y1 <= crop.y1 + 1e-9


@given(boxes(), st.integers(1, 8))
def test_a_pixel_box_lies_on_the_stored_picture(box: Box, orientation: int) -> None:
    original = PictureFile(sha256="0" * 64, format="jpeg", bytes=1, width=4000, height=3000)
    ref = PhotoRef(id="p1", name="a.jpg", original=original, orientation=orientation)
    left, top, right, bottom = ref.to_pixel_box(box)
    assert 0 <= left <= right <= 4000
    assert 0 <= top <= bottom <= 3000
    area = (box.x1 - box.x0) * (box.y1 - box.y0)
    assert abs((right - left) * (bottom - top) - area * 12e6) <= 2 * 7000


def test_a_photo_held_sideways_maps_its_upper_left_to_the_stored_lower_left() -> None:
    # Orientation 6: the stored picture is shown turned by 90 degrees clockwise.
    original = PictureFile(sha256="0" * 64, format="jpeg", bytes=1, width=400, height=300)
    ref = PhotoRef(id="p1", name="a.jpg", original=original, orientation=6)
    assert ref.to_pixel_box(Box(x0=0, y0=0, x1=0.1, y1=0.1)) == (0, 270, 40, 300)


def test_pixels_of_a_photo_that_was_never_read_are_unknown() -> None:
    with pytest.raises(ValueError, match="was not read"):
        PhotoRef(id="p1", name="a.jpg").to_pixel_box(Box(x0=0, y0=0, x1=1, y1=1))


@pytest.mark.parametrize("side", [-0.1, 1.1, float("nan")])
def test_a_box_outside_the_picture_is_refused(side: float) -> None:
    with pytest.raises(ValueError):
        Box(x0=0, y0=0, x1=side, y1=1)


def test_a_box_without_an_area_is_refused() -> None:
    with pytest.raises(ValueError, match="x0 < x1"):
        Box(x0=0.5, y0=0, x1=0.5, y1=1)
