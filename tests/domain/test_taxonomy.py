import pickle

import pytest

from inspectiq import ConfigError, IssueType, Taxonomy


def test_the_shipped_taxonomy_is_complete_and_goes_through_json_and_pickle() -> None:
    taxonomy = Taxonomy.default()
    assert len(taxonomy.groups) == 17
    assert all(kinds for _, kinds in taxonomy.by_group())
    assert sum(len(kinds) for _, kinds in taxonomy.by_group()) == len(taxonomy.types)
    assert Taxonomy.model_validate_json(taxonomy.model_dump_json()) == taxonomy
    assert pickle.loads(pickle.dumps(taxonomy)).sha256 == taxonomy.sha256


def test_gas_sewage_and_panels_are_never_left_to_an_amateur() -> None:
    taxonomy = Taxonomy.default()
    for key in ("gas_leak_reported", "sewage", "panel_fault", "asbestos_suspect", "lead_suspect"):
        assert taxonomy[key].diy_veto
    assert all(kind.diy_veto for kind in taxonomy.types if kind.group in ("structure", "roof"))


def test_types_can_be_added_and_replaced_and_change_the_hash() -> None:
    pool = IssueType(key="pool_water", group="pool", label="Pool water", trade="pool_service")
    taxonomy = Taxonomy.default().with_types(pool, groups={"pool": "Pool"})
    assert taxonomy["pool_water"] is pool
    assert taxonomy.sha256 != Taxonomy.default().sha256
    again = taxonomy.with_types(pool.model_copy(update={"label": "Water"}))
    assert again["pool_water"].label == "Water"
    assert len(again.types) == len(taxonomy.types)


def test_a_type_in_an_unknown_group_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown group 'pool'"):
        Taxonomy.default().with_types(
            IssueType(key="pool_water", group="pool", label="Pool water", trade="x")
        )


def test_a_key_that_is_no_code_is_refused() -> None:
    with pytest.raises(ValueError, match="lower-case"):
        IssueType(key="Pool Water", group="other", label="x", trade="x")


def test_an_unknown_type_says_how_to_add_it() -> None:
    with pytest.raises(ConfigError, match="with_types"):
        Taxonomy.default()["unicorn"]
