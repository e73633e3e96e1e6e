import pickle

from hypothesis import given
from hypothesis import strategies as st

from inspectiq.domain._grid import Grid
from inspectiq.photos import ImageRule

sides = st.integers(1, 20_000)
TILES = ImageRule(
    long_side=2048, short_side=768, grid=Grid(cell=512, long_side=2048, short_side=768)
)
PATCHES = ImageRule(
    long_side=2048, short_side=2048, grid=Grid(cell=32, long_side=2048, most=2500), slack=0
)
rules = st.sampled_from([ImageRule(), TILES, PATCHES])


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


@given(rules, sides, sides)
def test_a_turned_picture_is_fitted_alike(rule: ImageRule, width: int, height: int) -> None:
    assert rule.fit(width, height) == rule.fit(height, width)[::-1]


def test_a_picture_a_hair_over_four_to_three_is_not_made_wider_than_two_tiles() -> None:
    assert ImageRule().fit(4032, 3024) == (1024, 768)
    assert ImageRule().fit(4034, 3024) == (1024, 768)
    assert ImageRule().fit(4080, 3024) == (1024, 759)


def test_an_engine_gets_no_more_pixels_than_it_looks_at() -> None:
    assert TILES.fit(4032, 3024) == (1024, 768)
    assert TILES.fit(8000, 1000) == (2048, 256)
    assert PATCHES.fit(4032, 3024) == (1824, 1368)
    assert PATCHES.fit(3840, 2160) == (2048, 1152)
    assert PATCHES.fit(640, 480) == (640, 480)


def test_a_side_a_hair_over_a_row_of_tiles_gives_the_hair_up() -> None:
    assert TILES.fit(4032, 3016) == (1024, 766)
    assert TILES.fit(1030, 700) == (1024, 696)
    assert TILES.fit(2048, 530) == (1978, 512)


def test_a_side_well_into_a_row_of_tiles_keeps_it() -> None:
    assert TILES.fit(3840, 2160) == (1365, 768)
    assert TILES.fit(1100, 600) == (1100, 600)


def test_without_slack_no_pixel_is_given_up() -> None:
    assert TILES.model_copy(update={"slack": 0}).fit(1030, 700) == (1030, 700)
    assert PATCHES.fit(1025, 769) == (1025, 769)


def test_smaller_sides_than_the_engine_looks_at_hold() -> None:
    assert TILES.model_copy(update={"long_side": 640}).fit(4032, 3024) == (640, 480)
    assert PATCHES.model_copy(update={"short_side": 768}).fit(3024, 4032) == (768, 1024)


@given(st.builds(Grid, cell=sides, long_side=sides, most=sides), sides, sides)
def test_whatever_the_grid_a_picture_is_never_enlarged_and_never_costs_more(
    grid: Grid, width: int, height: int
) -> None:
    fitted = ImageRule(long_side=3000, short_side=2000, grid=grid).fit(width, height)
    assert 1 <= fitted[0] <= width
    assert 1 <= fitted[1] <= height
    assert grid.count_cells(*fitted) <= grid.count_cells(width, height)


def test_rules_are_values() -> None:
    assert ImageRule() == ImageRule(long_side=1024)
    assert len({ImageRule(), ImageRule(), ImageRule(quality=60)}) == 2
    assert ImageRule.model_validate_json(TILES.model_dump_json()) == TILES
    assert pickle.loads(pickle.dumps(TILES)) == TILES
