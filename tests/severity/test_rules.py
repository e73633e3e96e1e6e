from typing import Any

import pytest

from inspectiq.severity import Rule, When
from tests.severity.cases import case, finding

WORRYING: list[dict[str, Any]] = [
    {"facts_any": ["movement"]},
    {"facts_all": ["movement"]},
    {"extent_over": 1},
    {"extent_at_least": "mold_sq_ft"},
    {"occupants_at_risk": True},
]


@pytest.mark.parametrize("when", WORRYING)
@pytest.mark.parametrize("outcome", [{"level": "low"}, {"at_most": "low"}, {"review": True}])
def test_a_worse_thing_may_only_raise(when: dict[str, Any], outcome: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"rule 'mine': .* may only make it worse"):
        Rule.model_validate({"id": "mine", "when": when, **outcome})
    Rule.model_validate({"id": "mine", "when": when, "at_least": "high"})
    Rule.model_validate({"id": "mine", "when": when, "raise_by": 1})


@pytest.mark.parametrize("outcome", [{"level": "low"}, {"at_most": "low"}, {"raise_by": 1}])
def test_a_low_confidence_may_only_ask_for_a_person(outcome: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"rule 'mine': .* may only ask for a person"):
        Rule.model_validate({"id": "mine", "when": {"confidence_below": 0.3}, **outcome})


@pytest.mark.parametrize("outcome", [{}, {"level": "low", "review": True}, {"review": False}])
def test_a_rule_has_one_outcome(outcome: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="give one of level, at_least"):
        Rule.model_validate({"id": "mine", **outcome})


def test_raising_by_nothing_is_an_outcome() -> None:
    assert Rule(id="mine", raise_by=0).raise_by == 0


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (When(), True),
        (When(types=("damp",)), True),
        (When(types=("clog",), groups=("moisture_mold",)), True),
        (When(types=("clog",), groups=("roof",)), False),
        (When(areas=("unit", "inside")), True),
        (When(areas=("outside",)), False),
        (When(rooms=("child's room",)), True),
        (When(rooms=("CHILD",)), True),
        (When(rooms=("dining room", "bed")), False),
        (When(condition="wear"), True),
        (When(condition="damage"), False),
        (When(facts_any=("movement", "growing")), True),
        (When(facts_all=("movement", "growing")), False),
        (When(facts_all=("growing", "live_pest")), True),
        (When(extent_over=11), True),
        (When(extent_over=12), False),
        (When(extent_at_least=12), True),
        (When(extent_at_least="large"), False),
        (When(confidence_below=0.5), False),
        (When(confidence_below="sure"), True),
        (When(occupants_at_risk=True), True),
        (When(types=("damp",), areas=("outside",)), False),
    ],
)
def test_a_rule_applies_where_all_that_it_gives_holds(when: When, holds: bool) -> None:
    seen = finding(
        "damp",
        "low",
        "growing",
        "live_pest",
        extent=12,
        confidence=0.6,
        room="2nd floor/Child's room_2",
        condition="wear",
    )
    assert when.holds(seen, case(at_risk=True), {"large": 13, "sure": 0.8}) is holds


def test_what_is_not_known_is_neither_large_nor_doubtful_nor_at_risk() -> None:
    seen = finding("damp", extent=None, confidence=None)
    for when in (
        When(extent_over=0),
        When(extent_at_least=0),
        When(confidence_below=1),
        When(occupants_at_risk=True),
        When(rooms=("bedroom",)),
    ):
        assert not when.holds(seen, None, {})
        assert not when.holds(seen, case(), {})


def test_a_room_without_a_letter_is_refused() -> None:
    with pytest.raises(ValueError, match="'12' has no letters"):
        When(rooms=("12",))


def test_a_rule_that_names_no_source_is_our_assumption() -> None:
    assert Rule(id="mine", at_least="high").cite == "our assumption [A]"
