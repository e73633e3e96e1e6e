from decimal import Decimal

import pytest

from inspectiq import Taxonomy
from inspectiq.costs import find_condition_basis, find_useful_life
from inspectiq.costs._useful_lives import UsefulLives
from inspectiq.domain import ConditionBasis


@pytest.mark.parametrize(
    ("item", "years"),
    [
        ("water_heater", 10),
        ("carpet", 5),
        ("air_conditioner", 10),
        ("range", 20),
        ("refrigerator", 10),
        ("enamel_paint", 5),
        ("flat_paint", 3),
        ("tile_or_linoleum", 5),
        ("blinds", 3),
        ("smoke_alarm", 10),
    ],
)
def test_an_item_has_its_published_life(item: str, years: int) -> None:
    assert find_useful_life(item) == years


def test_a_type_has_the_life_of_what_it_is_about() -> None:
    assert find_useful_life("carpet_tear_burn") == 5
    assert find_useful_life("paint_peel") is None  # the kind of paint decides
    assert find_useful_life("clog") is None


def test_every_type_that_is_named_exists_and_every_figure_has_a_source() -> None:
    lives, taxonomy = UsefulLives.default(), Taxonomy.default()
    assert {*lives.items, *lives.listed} <= {kind.key for kind in taxonomy.types}
    assert set(lives.items.values()) <= set(lives.lives)
    assert {life.source.mark for life in lives.lives.values()} == {"S"}
    assert lives.list_source.mark == "S"


def test_a_basis_tells_list_life_and_age_with_their_sources() -> None:
    basis = find_condition_basis("carpet_tear_burn", "damage", age="7.5")
    assert (basis.listed, basis.useful_life, basis.age, basis.past_life) == (
        "damage",
        5,
        Decimal("7.5"),
        True,
    )
    assert basis.reasons == (
        "listed as damage: burns (HUD, Special Claims Processing Guide, appendix 5C) [S]",
        "useful life 5 years (HUD, Special Claims Processing Guide, appendix 5D) [S]",
        "7.5 years old, past its useful life",
    )


def test_what_is_not_known_is_left_open() -> None:
    assert find_condition_basis("clog", "unclear", age=3).reasons == ()
    assert find_condition_basis("range_fault", "wear").past_life is None
    assert find_condition_basis("range_fault", "wear", age=20).past_life is False


def test_a_basis_holds_no_share_of_anything() -> None:
    assert not {"share", "blame", "tenant", "owner", "charge"} & set(ConditionBasis.model_fields)


def test_an_age_is_not_below_nothing() -> None:
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        find_condition_basis("clog", "wear", age=-1)
