"""Taxonomies from files of one's own."""

import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import ConfigError, Taxonomy
from inspectiq._validate import list_faults

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "taxonomy.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_file_adds_groups_types_facts_and_aliases(write: Write) -> None:
    taxonomy = Taxonomy.from_file(
        write("""
            version = "7"
            facts = { no_lifebuoy = "no lifebuoy at the pool" }
            aliases = { green_pool = "pool_water" }
            [groups.pool]
            label = "Pool"
            trade = "pool_service"
            types.pool_water = { label = "Pool water", action = "Treat the water." }
            types.pool_fence = { label = "Faulty pool fence", trade = "fence_erector" }
            [groups.flooring]
            types.stair_carpet = { label = "Loose carpet on stairs", trade = "carpet_installer" }
        """)
    )
    assert taxonomy.groups["pool"] == "Pool"
    assert taxonomy["pool_water"].trade == "pool_service"
    assert taxonomy["pool_fence"].trade == "fence_erector"
    assert taxonomy["green_pool"].action == "Treat the water."
    assert taxonomy["stair_carpet"].group == "flooring"
    assert "no_lifebuoy" in taxonomy.facts
    assert "active_water" in taxonomy.facts
    assert (taxonomy.name, taxonomy.version) == ("inspectiq", "7")
    assert len(taxonomy.types) == 115 + 3


def test_of_a_type_that_exists_only_what_the_file_gives_is_changed(write: Write) -> None:
    shipped = Taxonomy.default()
    path = write('groups.plumbing.types.clog = { label = "Stopped drain", diy_veto = true }')
    taxonomy = Taxonomy.from_file(path)
    changed = {"label": "Stopped drain", "diy_veto": True}
    assert taxonomy["clog"] == shipped["clog"].model_copy(update=changed)
    assert [kind.key for kind in taxonomy.types] == [kind.key for kind in shipped.types]


def test_a_group_gives_the_system_and_the_level_and_a_type_overrides_them(write: Write) -> None:
    taxonomy = Taxonomy.from_file(
        write("""
            [groups.pool]
            label = "Pool"
            trade = "pool_service"
            system = "plumbing"
            usual_level = "low"
            types.pool_water = { label = "Pool water" }
            types.pool_light = { label = "Pool light", system = "electrical", usual_level = "high" }
        """)
    )
    water, light = taxonomy["pool_water"], taxonomy["pool_light"]
    assert (water.system, water.usual_level) == ("plumbing", "low")
    assert (light.system, light.usual_level) == ("electrical", "high")


def test_a_file_takes_types_away(write: Write) -> None:
    taxonomy = Taxonomy.from_file(write('without = ["graffiti", "other"]'))
    assert "graffiti" not in taxonomy
    assert "other" not in taxonomy.groups


def test_a_standalone_file_keeps_nothing_of_the_shipped_taxonomy(write: Write) -> None:
    path = write("""
        name = "pools"
        version = "1"
        standalone = true
        groups.pool = { label = "Pool", types.pool_water = { label = "Water", trade = "x" } }
    """)
    taxonomy = Taxonomy.from_file(path)
    assert [kind.key for kind in taxonomy.types] == ["pool_water"]
    assert not taxonomy.aliases
    assert not taxonomy.facts


def test_files_can_be_laid_over_each_other(write: Write) -> None:
    pool = 'groups.pool = { label = "Pool", types.water = { label = "Water", trade = "x" } }'
    first = Taxonomy.from_file(write(pool))
    second = Taxonomy.from_file(write('groups.pool.types.water = { trade = "y" }'), over=first)
    assert (second["water"].label, second["water"].trade) == ("Water", "y")


def test_every_fault_is_found_at_once_with_its_line_and_how_to_mend_it(write: Write) -> None:
    path = write("""colour = "blue"
without = ["unicorn"]
standalone = 3
[aliases]
old = "nowhere"
clog = "litter"
[groups.pool]
unit = "m2"
types.pump = { label = "Pump", trade = "x", condition = "tear" }
types.heater = { lable = "Heater", trade = "x", group = "hvac" }
[groups.structure]
types.pump = { label = "Pump", trade = "x" }
types.settlement = 3
[groups.hvac]
trade = "x"
""")
    with pytest.raises(ConfigError, match=r"taxonomy\.toml, line 3: standalone: .*13 more") as told:
        Taxonomy.from_file(path)
    faults = list_faults(path, told.value)
    assert [(fault.line, fault.what.partition(": ")[0]) for fault in faults] == [
        (1, "colour"),
        (2, "without.unicorn"),
        (3, "standalone"),
        (5, "aliases.old"),
        (6, "aliases.clog"),
        (7, "groups.pool.label"),
        (8, "groups.pool.unit"),
        (9, "groups.pool.types.pump.condition"),
        (10, "groups.pool.types.heater.group"),
        (10, "groups.pool.types.heater.label"),
        (10, "groups.pool.types.heater.lable"),
        (12, "groups.structure.types.pump"),
        (13, "groups.structure.types.settlement"),
        (14, "groups.hvac"),
    ]
    assert all(fault.file == "taxonomy.toml" and fault.mend for fault in faults)
    assert "use one of label, trade, unit" in str(faults[10])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("groups = 3", "groups: this is no table"),
        ("[groups]\npool = 3", "groups.pool: this is no table"),
        ("[groups.pool]\nlabel = 3", "write label ="),
        ('without = "graffiti"', "this is no list of types"),
        ("without = [[1]]", "there is no such type"),
        ("standalone = true\nversion = '1'", "name: this is missing"),
        ("standalone = true\nversion = '1'\nname = 'x'", "at least one type"),
        (
            "[groups.hvac]\nsystem = 'air'\ntypes.no_heat = {}",
            "groups.hvac.system: use one of|hvac",
        ),
        ("[facts]\nwet = 3", "facts.wet: Input should be a valid string"),
        ("[aliases]\nold = 3", "stands for one"),
        ("[groups.pool]\nlabel = 'a'\ntypes.Pump = { label = 'a', trade = 'b' }", "lower-case"),
        ("[groups.other\nlabel = 'x'", "this is not TOML: .* line 1"),
    ],
)
def test_a_wrong_file_is_a_config_error_that_names_the_place(
    write: Write, text: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=rf"(?s)taxonomy\.toml.*{message}"):
        Taxonomy.from_file(write(text))


def test_all_types_cannot_be_taken_away_one_by_one(write: Write) -> None:
    keys = [kind.key for kind in Taxonomy.default().types]
    with pytest.raises(ConfigError, match="write standalone = true"):
        Taxonomy.from_file(write(f"without = {keys}"))


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="FileNotFoundError"):
        Taxonomy.from_file(tmp_path / "taxonomy.toml")
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe9"')
    with pytest.raises(ConfigError, match="not UTF-8"):
        Taxonomy.from_file(tmp_path / "latin.toml")


scalars = st.sampled_from(["Pool", "sq_ft", "clog", "", 3, -1.5, True, [], ["clog"], [["x"]]])
names = st.sampled_from(
    ["groups", "types", "label", "trade", "unit", "hvac", "clog", "pool", "key"]
)
tables = st.recursive(scalars, lambda inner: st.dictionaries(names, inner, max_size=4))
top = st.sampled_from(["name", "standalone", "without", "facts", "aliases", "groups", "colour"])


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)


@given(st.dictionaries(top, tables, max_size=4))
@settings(max_examples=80, deadline=None)
def test_whatever_a_file_says_it_is_a_taxonomy_or_a_config_error(raw: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "taxonomy.toml"
        path.write_text("".join(f"{key} = {_toml(value)}\n" for key, value in raw.items()))
        with suppress(ConfigError):
            taxonomy = Taxonomy.from_file(path)
            assert Taxonomy.model_validate_json(taxonomy.model_dump_json()) == taxonomy
