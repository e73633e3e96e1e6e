import pytest
from PIL import Image, ImageEnhance, ImageFilter

from inspectiq.photos._quality import find_quality_warnings
from tests.photos import corpus


@pytest.mark.parametrize("seed", range(5))
def test_a_good_photo_has_no_warning(seed: int) -> None:
    assert find_quality_warnings(corpus.scene(seed)) == ()


def test_a_blurred_photo_is_flagged() -> None:
    assert find_quality_warnings(corpus.scene().filter(ImageFilter.GaussianBlur(5))) == ("blurred",)


def test_a_dark_photo_is_flagged() -> None:
    assert find_quality_warnings(ImageEnhance.Brightness(corpus.scene()).enhance(0.2)) == ("dark",)


def test_a_smooth_wall_is_not_taken_for_a_blurred_photo() -> None:
    assert find_quality_warnings(corpus.wall()) == ()
    assert find_quality_warnings(Image.new("RGB", (640, 480), (200, 200, 190))) == ()


def test_the_smallest_pictures_are_judged_too() -> None:
    assert find_quality_warnings(Image.new("RGB", (16, 16), "black")) == ("dark",)
    assert find_quality_warnings(Image.new("RGB", (1024, 1), "white")) == ()
