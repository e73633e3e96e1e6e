import copy
import pickle
from datetime import date
from typing import Any

import pytest

from inspectiq import ConfigError, IssueType, SeverityPolicy, Taxonomy
from inspectiq.severity import Assignment, Rule, SeverityProfile, Threshold, When, WorkingCalendar
from tests.severity.cases import case, finding


def test_the_shipped_policy_keeps_what_the_engine_proposed_and_says_so() -> None:
    severity = SeverityPolicy.default().grade(finding("clog", "high"))
    assert (severity.level, severity.rank, severity.proposed) == ("high", 3, "high")
    assert severity.rule == "proposed by the engine"


def test_what_a_person_must_look_at_has_no_level_and_no_deadline() -> None:
    policy = SeverityPolicy.default()
    for seen in (
        finding("clog", "critical", review=["seen by a triage only"]),
        finding("clog"),
        finding("clog", "dire"),
    ):
        severity = policy.grade(seen)
        assert severity.is_review
        assert severity.level is None
        assert severity.deadlines == ()
        assert severity.review == severity.rule


def test_a_proposed_level_that_the_profile_lacks_is_left_to_a_person_with_the_reason() -> None:
    severity = SeverityPolicy.default().grade(finding("clog", "dire"))
    assert severity.rule == "house has no such level as was proposed"
    assert severity.proposed == "dire"


def test_a_level_that_does_not_exist_names_the_choices() -> None:
    with pytest.raises(ConfigError, match="it has low, medium, high, critical"):
        SeverityPolicy.default().make_severity("dire", because="house rule")


def test_a_level_of_ones_own_has_deadlines_that_start_with_the_case() -> None:
    policy = SeverityPolicy.of("awaab")
    severity = policy.make_severity(
        "critical", because="house rule", case=case(reported="2026-03-02")
    )
    assert (severity.level, severity.rule) == ("emergency", "house rule")
    assert [deadline.due is None for deadline in severity.deadlines] == [False, True]
    alone = policy.make_severity("emergency", because="house rule", proposed="low")
    assert alone.proposed == "low"
    assert [deadline.needs for deadline in alone.deadlines] == ["reported_at", "investigated_at"]


@pytest.mark.parametrize("field", ["key", "rank"])
def test_two_levels_may_not_share_a_key_or_a_rank(field: str) -> None:
    raw = SeverityPolicy.default().model_dump()
    raw["levels"][1][field] = raw["levels"][0][field]
    with pytest.raises(ValueError, match=f"share a {field}"):
        SeverityPolicy.model_validate(raw)


@pytest.mark.parametrize("name", ["house", "nspire", "nspire_hcv", "awaab", "asap"])
def test_a_policy_goes_through_json_and_pickle_and_keeps_its_hash(name: str) -> None:
    calendar = WorkingCalendar(holidays=(date(2026, 12, 25),))
    policy = SeverityPolicy.of(name, calendar=calendar, floors={"damp": "high"})
    for twin in (
        SeverityPolicy.model_validate_json(policy.model_dump_json()),
        pickle.loads(pickle.dumps(policy)),
        copy.deepcopy(policy),
    ):
        assert twin == policy
        assert hash(twin) == hash(policy)
        assert twin.sha256 == policy.sha256


def test_every_override_changes_the_hash_that_results_record() -> None:
    policies = [
        SeverityPolicy.default(),
        SeverityPolicy.of("house", review_below=0.6),
        SeverityPolicy.of("house", floors={"damp": "medium"}),
        SeverityPolicy.of("house", caps={"damp": "medium"}),
        SeverityPolicy.of("house", rules=[Rule(id="mine", raise_by=1)]),
        SeverityPolicy.of("house", calendar=WorkingCalendar(weekend=(6,))),
    ]
    assert len({policy.sha256 for policy in policies}) == len(policies)
    assert {policy.name for policy in policies} == {"house"}


def test_a_threshold_is_set_in_one_line_and_says_that_the_house_set_it() -> None:
    policy = SeverityPolicy.of("house", mold_sq_ft=3, review_below=0.2)
    severity = policy.grade(finding("mold_suspect", "low", extent=3, confidence=0.3))
    assert (severity.level, severity.rule) == ("medium", "mold")
    assert severity.source.endswith("mold_sq_ft 3: house override [A]")
    assert SeverityPolicy.default().thresholds["mold_sq_ft"].value == 10


def test_rooms_and_people_count_for_as_many_levels_as_the_house_says() -> None:
    bedroom, at_risk = finding("damp", "low", room="bedroom"), case(at_risk=True)
    plain = SeverityPolicy.of("house", sleeping_room=0, occupants_at_risk=0)
    assert plain.grade(bedroom, at_risk).level == "low"
    strict = SeverityPolicy.of("house", sleeping_room=0, occupants_at_risk=2)
    assert strict.grade(bedroom, at_risk).level == "high"


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"review_below": 1.5}, "from 0 to 1"),
        ({"sleeping_room": 0.5}, "whole numbers"),
        ({"mold_sq_ft": -1}, "greater than or equal to 0"),
        ({"floors": {"damp": "dire"}}, "the floor of 'damp' names the level 'dire'; there is low"),
        ({"caps": {"damp": "dire"}}, "the cap of 'damp' names the level 'dire'"),
        ({"rules": [Rule(id="mine", at_least="dire")]}, "rule 'mine' names the level 'dire'"),
        (
            {"rules": [Rule(id="mine", raise_by="storeys")]},
            "rule 'mine' names the threshold 'storeys'; there is review_below",
        ),
    ],
)
def test_an_override_that_cannot_be_is_refused(wrong: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        SeverityPolicy.of("house", **wrong)


def test_an_unknown_threshold_names_the_choices() -> None:
    with pytest.raises(ConfigError, match="house has no threshold 'mould'; it has review_below"):
        SeverityPolicy.of("house", mould=3)


def test_floors_and_caps_are_one_line_each_and_a_floor_stands_above_a_cap() -> None:
    policy = SeverityPolicy.of(
        "nspire",
        floors={"pest": "severe", "child_reach": "high"},
        caps={"roach": "low", "plumbing": "moderate"},
    )
    roach = policy.grade(finding("roach", "low"))
    assert (roach.level, roach.rule, roach.source) == (
        "severe",
        "floor: pest",
        "house override [A]",
    )
    assert policy.grade(finding("graffiti", "low", "child_reach")).level == "severe"
    clog = policy.grade(finding("clog", "critical"))
    assert (clog.level, clog.rule) == ("moderate", "cap: plumbing")


def test_an_override_may_cite_its_source() -> None:
    lease = Assignment(level="high", source="lease, clause 9", mark="V")
    severity = SeverityPolicy.of("house", floors={"damp": lease}).grade(finding("damp", "low"))
    assert severity.source == "lease, clause 9 [V]"


def test_a_rule_of_the_house_comes_first_and_replaces_one_of_the_same_id() -> None:
    rule = Rule(id="heating", when=When(types=("no_heat",)), at_least="critical")
    policy = SeverityPolicy.of("house", rules=[rule])
    assert policy.rules[0] is rule
    assert len(policy.rules) == len(SeverityPolicy.default().rules)
    assert policy.grade(finding("no_heat", "low")).level == "critical"


def test_overrides_go_over_a_policy_too_and_keep_its_calendar() -> None:
    calendar = WorkingCalendar(weekend=(4, 5))
    first = SeverityPolicy.of("awaab", calendar=calendar, review_below=0.2)
    second = SeverityPolicy.of(first, floors={"damp": "emergency"})
    assert second.calendar == calendar
    assert second.thresholds["review_below"].value == 0.2


def test_a_copy_with_other_levels_grades_with_them() -> None:
    policy = SeverityPolicy.default()
    green = tuple(level.model_copy(update={"colour": "#00b000"}) for level in policy.levels)
    twin = policy.model_copy(update={"levels": green})
    assert twin.grade(finding("clog", "high")).colour == "#00b000"


def test_a_policy_may_be_nothing_but_levels() -> None:
    policy = SeverityPolicy.model_validate(
        {
            "name": "one",
            "version": "1",
            "source": "test",
            "levels": [{"key": "high", "label": "High", "rank": 1, "colour": "#000000"}],
        }
    )
    assert policy.grade(finding("clog", "high")).level == "high"
    assert policy.grade(finding("clog", "low")).is_review


# -- the taxonomy that a policy is bound to ------------------------------------------------------


@pytest.mark.parametrize("name", ["house", "nspire", "nspire_hcv", "awaab", "asap"])
def test_a_shipped_profile_fits_the_shipped_taxonomy_and_a_smaller_one(name: str) -> None:
    policy, taxonomy = SeverityPolicy.of(name), Taxonomy.default()
    policy.check(taxonomy)
    policy.check(taxonomy.model_copy(update={"types": taxonomy.types[:3]}))


@pytest.mark.parametrize(
    ("overrides", "match"),
    [
        ({"rules": [Rule(id="m", when=When(types=("mould",)), raise_by=1)]}, "rule 'm' of house"),
        ({"rules": [Rule(id="m", when=When(types=("mould",)), raise_by=1)]}, "type 'mould'"),
        ({"rules": [Rule(id="m", when=When(groups=("pool",)), raise_by=1)]}, "group 'pool'"),
        ({"rules": [Rule(id="m", when=When(facts_any=("wet",)), raise_by=1)]}, "fact 'wet'"),
        ({"rules": [Rule(id="m", when=When(facts_all=("wet",)), raise_by=1)]}, "fact 'wet'"),
        ({"rules": [Rule(id="m", when=When(extent_over=3), raise_by=1)]}, "extent of anything"),
        (
            {"rules": [Rule(id="m", when=When(types=("clog", "damp"), extent_over=3), raise_by=1)]},
            "counted differently",
        ),
        ({"floors": {"mould": "high"}}, "floor 'mould' of house .* type, group or fact"),
        ({"caps": {"movement": "high"}}, "cap 'movement' of house .* type or group"),
    ],
)
def test_a_word_that_the_taxonomy_lacks_is_an_error_that_names_the_rule(
    overrides: dict[str, Any], match: str
) -> None:
    with pytest.raises(ConfigError, match=match):
        SeverityPolicy.of("house", **overrides).check(Taxonomy.default())


def test_an_extent_is_compared_in_the_unit_of_its_type() -> None:
    linear = Taxonomy.default()["mold_suspect"].model_copy(update={"unit": "lin_ft"})
    with pytest.raises(ConfigError, match="'mold_suspect', which is counted in lin_ft"):
        SeverityPolicy.default().check(Taxonomy.default().with_types(linear))


def test_types_of_ones_own_can_be_ruled_on() -> None:
    pool = IssueType(key="pool_water", group="pool", label="Pool water", trade="pool_service")
    taxonomy = Taxonomy.default().with_types(pool, groups={"pool": "Pool"})
    SeverityPolicy.of("house", floors={"pool_water": "high", "pool": "low"}).check(taxonomy)


def test_a_profile_that_is_read_is_a_profile_that_can_be_overridden() -> None:
    profile = SeverityProfile.named("asap").model_copy(
        update={"thresholds": {"review_below": Threshold(value=0.9, unit="share")}, "rules": ()}
    )
    assert SeverityPolicy.of(profile, review_below=0.8).thresholds["review_below"].value == 0.8
