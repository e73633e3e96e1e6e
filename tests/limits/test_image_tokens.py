import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from inspectiq.domain._grid import Grid
from inspectiq.limits import FlatTokens, PatchTokens, TileTokens
from inspectiq.limits._image_tokens import ImageTokens

sides = st.integers(1, 20_000)
limits = st.none() | st.integers(1, 8000)
grids = st.builds(
    Grid,
    cell=st.integers(1, 600),
    long_side=limits,
    short_side=limits,
    most=st.none() | st.integers(1, 20_000),
)


@pytest.mark.parametrize(
    ("size", "tiles"),
    [
        ((512, 512), 1),
        ((513, 512), 2),
        ((1024, 768), 4),
        ((1025, 768), 6),
        ((4032, 3024), 4),
        ((3024, 4032), 4),
        ((3840, 2160), 6),
        ((8000, 200), 4),
    ],
)
def test_tiles_are_counted_on_the_picture_as_the_provider_shrinks_it(
    size: tuple[int, int], tiles: int
) -> None:
    assert TileTokens(base=85, per_tile=170).count(*size) == 85 + 170 * tiles


@pytest.mark.parametrize(
    ("size", "seen", "tokens"),
    [
        ((320, 64), (320, 64), 24),  # 20 patches times 1.2, which is no tenth above in floats
        ((1024, 1024), (1024, 1024), 1229),
        ((4032, 3024), (1824, 1368), 2942),
        ((3024, 4032), (1368, 1824), 2942),
        ((3840, 2160), (2048, 1152), 2765),
    ],
)
def test_patches_are_counted_on_the_picture_as_the_provider_shrinks_it(
    size: tuple[int, int], seen: tuple[int, int], tokens: int
) -> None:
    patches = PatchTokens(multiplier=1.2, long_side=2048, patches=2500)
    assert patches.grid.shrink(*size) == seen
    assert patches.count(*size) == tokens


def test_patches_without_limits_grow_with_the_picture() -> None:
    assert PatchTokens(multiplier=1.2).count(4032, 3024) == 14_364


def test_a_flat_count_knows_no_size() -> None:
    flat = FlatTokens(tokens=85)
    assert flat.count(1, 1) == flat.count(8000, 6000) == 85
    assert flat.grid is None
    grid = FlatTokens(tokens=85, side=512).grid
    assert grid is not None
    assert grid.shrink(4032, 3024) == (512, 384)


@given(grids, sides, sides)
def test_a_shrunk_picture_is_within_all_limits_and_not_shrunk_again(
    grid: Grid, width: int, height: int
) -> None:
    seen = grid.shrink(width, height)
    assert 1 <= seen[0] <= width
    assert 1 <= seen[1] <= height
    assert max(seen) <= (grid.long_side or max(seen))
    assert min(seen) <= (grid.short_side or min(seen))
    assert grid.shrink(*seen) == seen or grid.most is not None
    assert grid.count_cells(*seen) == grid.count_cells(width, height)


@given(grids, sides, sides)
def test_a_turned_picture_has_as_many_cells(grid: Grid, width: int, height: int) -> None:
    assert grid.count_cells(width, height) == grid.count_cells(height, width)
    assert 1 <= grid.count_cells(width, height) <= (grid.most or width * height)


def test_each_way_of_counting_goes_through_json_and_pickle() -> None:
    adapter: TypeAdapter[ImageTokens] = TypeAdapter(ImageTokens)
    for tokens in (
        FlatTokens(tokens=85, side=512),
        TileTokens(base=85, per_tile=170),
        PatchTokens(multiplier=1.62, patches=1536),
    ):
        tokens.count(640, 480)  # what is computed once does not travel along
        assert adapter.validate_json(tokens.model_dump_json()) == tokens
        assert pickle.loads(pickle.dumps(tokens)) == tokens
        assert hash(tokens.model_copy()) == hash(tokens)
