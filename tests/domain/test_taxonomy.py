import math
import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import inspectiq
from inspectiq import ConfigError, IssueType, SeverityPolicy, Taxonomy
from tests.severity.cases import finding

TAXONOMY = Taxonomy.default()
APP_NAMES = """
    scratch stain crack dent hole water_damage mold_signs broken_fixture flooring_damage
    electrical_violation plumbing_violation safety_violation structural_violation
    fire_safety_violation ventilation_issue other
"""


def test_the_shipped_taxonomy_is_complete_and_goes_through_json_and_pickle() -> None:
    assert len(TAXONOMY.types) == 115
    assert len(TAXONOMY.groups) == 17
    assert all(kinds for _, kinds in TAXONOMY.list_groups())
    assert sum(len(kinds) for _, kinds in TAXONOMY.list_groups()) == len(TAXONOMY.types)
    assert Taxonomy.model_validate_json(TAXONOMY.model_dump_json()) == TAXONOMY
    assert pickle.loads(pickle.dumps(TAXONOMY)).sha256 == TAXONOMY.sha256


@pytest.mark.parametrize("kind", TAXONOMY.types, ids=lambda kind: kind.key)
def test_a_type_says_what_is_done_and_how_a_tenant_puts_it(kind: IssueType) -> None:
    assert kind.label[0].isupper()
    assert kind.trade.isidentifier()
    for sentence in filter(None, (kind.action, kind.safety)):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert not sentence.endswith("..")
        assert sentence.isascii()
    assert kind.action.count(".") == 1
    assert kind.symptoms
    assert len(set(kind.symptoms)) == len(kind.symptoms)
    assert all(2 <= len(words) <= 50 for words in kind.symptoms)


@pytest.mark.parametrize("kind", TAXONOMY.types, ids=lambda kind: kind.key)
def test_how_bad_a_type_usually_is_is_no_less_than_the_house_rules_make_it(kind: IssueType) -> None:
    policy = SeverityPolicy.of("house")
    assert kind.usual_level is not None
    severity = policy.grade(finding(kind.key, kind.usual_level, confidence=0.9))
    assert severity.level == kind.usual_level


@pytest.mark.parametrize("kind", TAXONOMY.types, ids=lambda kind: kind.key)
def test_symptoms_are_many(kind: IssueType) -> None:
    assert len(kind.symptoms) >= 5


def test_what_can_kill_is_usually_high_or_critical() -> None:
    for key in (
        "gas_leak_reported",
        "flue_fault",
        "water_at_electrics",
        "exposed_wiring",
        "scorch_marks",
        "sewage",
        "guardrail_missing_loose",
        "egress_blocked",
        "smoke_alarm_missing",
        "co_alarm_missing",
        "no_heat",
    ):
        assert TAXONOMY[key].usual_level in ("high", "critical")


@pytest.mark.parametrize(
    ("key", "system"),
    [
        ("water_heater_fault", "plumbing"),
        ("flue_fault", "hvac"),
        ("alarm_aged", "electrical"),
        ("stair_tread", "structure"),
        ("window_broken", "structure"),
        ("dryer_duct", "appliance"),
        ("gutter_downspout", "roof"),
        ("mold_suspect", "other"),
    ],
)
def test_a_type_belongs_to_a_system_of_the_building(key: str, system: str) -> None:
    assert TAXONOMY[key].system == system


def test_a_type_of_ones_own_belongs_to_no_system_and_has_no_usual_level() -> None:
    kind = IssueType(key="pool_water", group="pool", label="Pool water", trade="pool_service")
    assert (kind.system, kind.usual_level) == ("other", None)


def test_labels_are_told_apart() -> None:
    assert len({kind.label for kind in TAXONOMY.types}) == len(TAXONOMY.types)


def test_gas_sewage_and_panels_are_never_left_to_an_amateur() -> None:
    for key in (
        "gas_leak_reported",
        "range_fault",
        "sewage",
        "panel_fault",
        "asbestos_suspect",
        "lead_suspect",
        "paint_suspect_lead",
    ):
        assert TAXONOMY[key].decide_diy() is False
        assert TAXONOMY[key].decide_diy(extent=0) is False
    assert all(kind.diy_veto for kind in TAXONOMY.types if kind.group in ("structure", "roof"))


def test_what_is_vetoed_or_dangerous_comes_with_a_word_of_safety() -> None:
    for key in (
        "gas_leak_reported",
        "sewage",
        "panel_fault",
        "asbestos_suspect",
        "co_alarm_missing",
    ):
        assert TAXONOMY[key].safety


@pytest.mark.parametrize(
    ("extent", "diy"), [(0, None), (10, None), (10.1, False), (None, False), (math.nan, False)]
)
def test_mold_is_vetoed_over_ten_square_feet_and_where_its_size_is_not_known(
    extent: float | None, diy: bool | None
) -> None:
    assert TAXONOMY["mold_suspect"].unit == "sq_ft"
    assert TAXONOMY["mold_suspect"].decide_diy(extent) is diy


@given(st.sampled_from(TAXONOMY.types), st.none() | st.floats(min_value=0), st.floats(min_value=0))
@settings(max_examples=60)
def test_more_of_it_never_lifts_a_veto(kind: IssueType, some: float | None, more: float) -> None:
    if kind.decide_diy(some) is False:
        assert kind.decide_diy((some or 0) + more if some is not None else None) is False
    assert kind.decide_diy(some) in (False, None)


def test_the_names_of_the_first_app_still_resolve_but_engines_do_not_get_them() -> None:
    assert {*TAXONOMY.aliases, "other"} == set(APP_NAMES.split())
    assert TAXONOMY["scratch"] is TAXONOMY["scuff_scratch"]
    assert "scratch" in TAXONOMY
    assert not {kind.key for kind in TAXONOMY.types} & set(TAXONOMY.aliases)


def test_types_can_be_added_and_replaced_and_change_the_hash() -> None:
    pool = IssueType(key="pool_water", group="pool", label="Pool water", trade="pool_service")
    taxonomy = TAXONOMY.with_types(pool, groups={"pool": "Pool"})
    assert taxonomy["pool_water"] is pool
    assert taxonomy["scratch"].key == "scuff_scratch"
    assert taxonomy.sha256 != TAXONOMY.sha256
    again = taxonomy.with_types(pool.model_copy(update={"label": "Water"}))
    assert again["pool_water"].label == "Water"
    assert len(again.types) == len(taxonomy.types)


def test_a_type_of_ones_own_takes_its_name_back_from_an_alias() -> None:
    dent = IssueType(key="dent", group="other", label="Dent", trade="painter")
    taxonomy = TAXONOMY.with_types(dent)
    assert taxonomy["dent"] is dent
    assert "dent" not in taxonomy.aliases


def test_types_can_be_taken_away_with_their_aliases_and_emptied_groups() -> None:
    taxonomy = TAXONOMY.without_types("vent_blocked", "other", "graffiti")
    assert len(taxonomy.types) == len(TAXONOMY.types) - 3
    assert "ventilation_issue" not in taxonomy
    assert "other" not in taxonomy.groups
    assert "hvac" in taxonomy.groups
    with pytest.raises(ConfigError, match="no type 'other'"):
        taxonomy.without_types("other")


def test_a_taxonomy_without_any_type_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one type"):
        TAXONOMY.without_types(*(kind.key for kind in TAXONOMY.types))


def test_a_type_in_an_unknown_group_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown group 'pool'"):
        TAXONOMY.with_types(
            IssueType(key="pool_water", group="pool", label="Pool water", trade="x")
        )


def test_a_type_that_is_given_twice_is_refused() -> None:
    one = TAXONOMY.types[0]
    with pytest.raises(ValueError, match="defined twice"):
        Taxonomy(name="x", version="1", groups=TAXONOMY.groups, types=(one, one))


@pytest.mark.parametrize(
    ("alias", "key", "message"),
    [("clog", "litter", "cannot be an alias as well"), ("old", "gone", "which is no type")],
)
def test_an_alias_stands_for_a_type_and_is_none(alias: str, key: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Taxonomy.model_validate(TAXONOMY.model_dump() | {"aliases": {alias: key}})


def test_a_key_that_is_no_code_is_refused() -> None:
    with pytest.raises(ValueError, match="lower-case"):
        IssueType(key="Pool Water", group="other", label="x", trade="x")


def test_an_unknown_type_says_how_to_add_it() -> None:
    with pytest.raises(ConfigError, match="with_types"):
        TAXONOMY["unicorn"]


def test_the_shipped_file_can_be_copied_and_changed() -> None:
    shipped = Path(inspectiq.__file__).parent / "domain" / "taxonomy.toml"
    assert Taxonomy.from_file(shipped) == TAXONOMY
