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
    assert find_quality_warnings(Image.new("RGB", (1024, 1), "grey")) == ()


def test_a_white_photo_is_flagged_as_a_black_one_is() -> None:
    assert find_quality_warnings(Image.new("RGB", (64, 48), "black")) == ("dark",)
    assert find_quality_warnings(Image.new("RGB", (64, 48), "white")) == ("overexposed",)
    assert find_quality_warnings(Image.new("L", (1024, 1), 250)) == ("overexposed",)


def test_a_photo_whose_larger_part_is_clipped_is_overexposed_and_a_white_wall_is_not() -> None:
    burnt = ImageEnhance.Brightness(corpus.scene()).enhance(4)
    assert "overexposed" in find_quality_warnings(burnt)
    window = corpus.scene()
    window.paste("white", (0, 0, 300, 480))  # 47 % of it
    assert find_quality_warnings(window) == ()
    assert find_quality_warnings(Image.new("RGB", (640, 480), (238, 236, 230))) == ()
