"""The schema keeps to the subset of strict structured outputs."""

from collections.abc import Iterator
from typing import Any

import pytest

from inspectiq import ConfigError, IssueObservation
from inspectiq.agents import PhotoVerdict, WireModel
from inspectiq.transports._wire import build_definitions, fill_blank
from tests.transports.requests import request_of


def _walk(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from _walk(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _walk(value)


SCHEMA = request_of(4).schema.to_dict()


def test_every_object_is_closed_and_requires_all_of_its_properties() -> None:
    for node in _walk(SCHEMA):
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert sorted(node["required"]) == sorted(node["properties"])


def test_nothing_that_strict_schemas_refuse_is_in_it() -> None:
    for node in _walk(SCHEMA):
        assert not {"oneOf", "allOf", "default", "patternProperties"} & set(node)
    assert SCHEMA["type"] == "object"


def test_types_and_facts_are_closed_lists_of_the_taxonomy() -> None:
    finding = SCHEMA["$defs"]["finding"]["properties"]
    assert len(finding["issue_type"]["enum"]) == 115
    assert "active_water" in finding["facts"]["items"]["enum"]
    assert sum(len(node.get("enum", ())) for node in _walk(SCHEMA)) < 1000


def test_blank_fills_what_may_be_null_or_empty_and_refuses_to_invent_the_rest() -> None:
    with pytest.raises(KeyError, match="issue_type"):
        fill_blank(SCHEMA, "finding", {})
    given = {"issue_type": "clog", "description": "", "confidence": 1, "area": "unit"}
    filled = fill_blank(SCHEMA, "finding", given | {"condition": "wear"})
    assert filled["extent"] is None
    assert filled["evidence"] == []


def test_a_part_stands_where_it_is_used_unless_it_is_used_more_than_once() -> None:
    assert SCHEMA["$defs"].keys() == {"verdict", "finding"}
    evidence = SCHEMA["$defs"]["finding"]["properties"]["evidence"]
    assert evidence["items"]["properties"].keys() == {"photo", "box"}

    class Overall(WireModel):
        first: PhotoVerdict
        second: PhotoVerdict

    parts = build_definitions(PhotoVerdict, IssueObservation, Overall)
    assert parts.keys() == {"verdict", "finding", "overall", "Unclear"}


def test_a_model_that_takes_a_reserved_name_is_refused() -> None:
    finding = type("finding", (WireModel,), {"__annotations__": {"depth": float}})

    class Nested(IssueObservation):
        more: finding  # type: ignore[valid-type]

    with pytest.raises(ConfigError, match="rename it"):
        build_definitions(PhotoVerdict, Nested)


def test_a_model_that_is_named_like_one_of_ours_is_refused_and_not_mixed_up_with_it() -> None:
    unclear = type("Unclear", (WireModel,), {"__annotations__": {"depth": float}})

    class Nested(IssueObservation):
        more: unclear  # type: ignore[valid-type]

    with pytest.raises(ConfigError, match="'Unclear'; rename it"):
        build_definitions(PhotoVerdict, Nested)
