import copy
import json
import math
import pickle
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectiq.domain import CaseFacts, FrozenMap, hash_content
from tests.domain.strategies import json_values, maps, text


@given(maps)
def test_a_frozen_map_survives_pickle_and_deepcopy_and_hashes_alike(value: FrozenMap[Any]) -> None:
    for twin in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value), FrozenMap(dict(value))):
        assert twin == value
        assert hash(twin) == hash(value)


@given(st.dictionaries(text, json_values))
def test_a_frozen_map_gives_back_the_json_it_was_made_of(plain: dict[str, Any]) -> None:
    assert FrozenMap(plain).to_dict() == plain


def test_a_frozen_map_cannot_be_changed() -> None:
    frozen: FrozenMap[Any] = FrozenMap({"a": [1, {"b": 2}]})
    with pytest.raises(TypeError):
        frozen["a"] = 2  # type: ignore[index]
    assert isinstance(frozen["a"], tuple)
    assert isinstance(frozen["a"][1], FrozenMap)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_frozen_map_refuses_what_has_no_json_form(number: float) -> None:
    with pytest.raises(ValueError, match="no JSON form"):
        FrozenMap({"a": [number]})


@given(st.dictionaries(text, json_values))
def test_the_content_hash_does_not_depend_on_the_order_of_keys(plain: dict[str, Any]) -> None:
    turned = dict(reversed(plain.items()))
    assert hash_content(plain) == hash_content(turned)
    assert hash_content(plain) == hash_content(json.loads(json.dumps(plain)))


@pytest.mark.parametrize("wrong", [{1: "a"}, {None: "a"}, {"a": {1, 2}}, {"a": bytearray(b"x")}])
def test_a_frozen_map_refuses_what_is_no_json(wrong: Any) -> None:
    with pytest.raises(ValueError):
        FrozenMap(wrong)


def test_a_frozen_map_compares_with_anything() -> None:
    frozen: FrozenMap[Any] = FrozenMap(a=1)
    assert frozen != {"a": math.nan}
    assert frozen != 3
    assert frozen == {"a": 1}


def test_a_moment_in_the_hour_that_comes_twice_is_the_same_after_json() -> None:
    zone = ZoneInfo("America/Los_Angeles")
    for fold in (0, 1):
        moment = datetime(2026, 11, 1, 1, 30, tzinfo=zone, fold=fold)
        facts = CaseFacts(id="c", reported_at=moment)
        twin = CaseFacts.model_validate_json(facts.model_dump_json())
        assert twin == facts
        assert hash(twin) == hash(facts)
        assert facts.reported_at is not None
        assert facts.reported_at.timestamp() == moment.timestamp()


def test_text_that_is_no_text_is_refused_when_it_comes_in() -> None:
    with pytest.raises(ValueError):
        CaseFacts(tags={"a": "\udcff"})
