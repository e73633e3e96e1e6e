from hypothesis import given
from hypothesis import strategies as st

from inspectiq.photos import ImageRule

sides = st.integers(1, 20_000)


@given(sides, sides, st.integers(1, 4096), st.integers(1, 4096))
def test_a_fitted_size_is_within_both_limits_and_never_larger(
    width: int, height: int, long_side: int, short_side: int
) -> None:
    fitted = ImageRule(long_side=long_side, short_side=short_side).fit(width, height)
    assert 1 <= max(fitted) <= max(long_side, 1)
    assert 1 <= min(fitted) <= max(short_side, 1)
    assert fitted[0] <= width
    assert fitted[1] <= height


@given(sides, sides)
def test_a_fitted_size_keeps_the_proportions_to_a_pixel(width: int, height: int) -> None:
    fitted = ImageRule().fit(width, height)
    scale = max(fitted) / max(width, height)
    assert abs(min(fitted) - max(1, min(width, height) * scale)) <= 1


@given(sides, sides)
def test_a_turned_picture_is_fitted_alike(width: int, height: int) -> None:
    rule = ImageRule()
    assert rule.fit(width, height) == rule.fit(height, width)[::-1]


def test_a_picture_a_hair_over_four_to_three_is_not_made_wider_than_two_tiles() -> None:
    assert ImageRule().fit(4032, 3024) == (1024, 768)
    assert ImageRule().fit(4034, 3024) == (1024, 768)
    assert ImageRule().fit(4080, 3024) == (1024, 759)


def test_rules_are_values() -> None:
    assert ImageRule() == ImageRule(long_side=1024)
    assert len({ImageRule(), ImageRule(), ImageRule(quality=60)}) == 2
