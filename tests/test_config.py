"""A folder of configuration: what it may hold, and how it is told what is wrong with it."""

import inspect
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from inspectiq import (
    ConfigError,
    CostBook,
    DiagnosisAgent,
    InspectionAgent,
    Photo,
    SeverityPolicy,
    Taxonomy,
    load_config,
)
from inspectiq.config import validate_config
from inspectiq.testing import FunctionTransport, make_answer, make_issue

Photos = Callable[..., tuple[Photo, ...]]
Write = Callable[..., Path]

POOL = """
[groups.pool]
label = "Pool"
trade = "pool_service"
types.pool_water = { label = "Pool water" }
"""
SEVERITY = """
name = "ours"
version = "3"
base = "house"
[floors]
pool_water = "medium"
"""
BOOK = """
name = "ours"
version = "3"
base = "us"
[items.pool_water]
trade = "plumber"
unit = "each"
hours = "2"
"""
RATES = "type,trade,rate,currency\nclog,plumber,80,{currency}\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(**texts: str) -> Path:
        for name, text in texts.items():
            stem, _, suffix = name.rpartition("_")
            (tmp_path / f"{stem}.{suffix}").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def _whats(folder: Path) -> list[str]:
    return [str(fault) for fault in validate_config(folder)]


def test_an_empty_folder_means_what_ships_with_inspectiq(tmp_path: Path) -> None:
    config = load_config(tmp_path)
    assert config.taxonomy is Taxonomy.default()
    assert config.severity == SeverityPolicy.default()
    assert config.cost_book == CostBook.default()
    assert config.prompt is None
    assert validate_config(tmp_path) == ()


def test_each_file_counts_and_an_agent_works_by_them(write: Write, photos: Photos) -> None:
    folder = write(
        taxonomy_toml=POOL,
        severity_toml=SEVERITY,
        cost_book_toml=BOOK,
        prompt_md="Look for pools.",
        README_md="For people.",
    )
    assert validate_config(folder) == ()
    config = load_config(str(folder))
    assert config.cost_book.label == "ours 3"
    engine = FunctionTransport(
        lambda request: make_answer(request, [make_issue("pool_water", 1, severity="low")])
    )
    inspection = InspectionAgent(engine, **config.to_agent_options()).inspect(photos(1))
    assert inspection.issues[0].label == "Pool water"
    assert inspection.issues[0].severity.level == "medium"
    assert engine.requests[0].instructions.startswith("Look for pools.")
    made = inspection.provenance
    assert (made.prompt, made.severity) == ("prompt.md", "ours 3")


def test_an_agent_is_given_all_that_it_takes_of_a_configuration(tmp_path: Path) -> None:
    taken = set(inspect.signature(InspectionAgent).parameters)
    options = load_config(tmp_path).to_agent_options()
    assert set(options) == taken & {
        "taxonomy",
        "severity",
        "cost_book",
        "emergency_screen",
        "prompt",
        "models",
    }


def test_a_screen_of_the_house_lies_in_the_folder_too(write: Write) -> None:
    bees = "kinds.bees.rank = 40\n[languages.en.kinds.bees]\n"
    text = bees + 'label = "Bees"\ninstructions = ["Stay inside."]\nphrases = ["swarm of bees"]\n'
    folder = write(screen_toml=text)
    options = load_config(folder).to_agent_options()
    with DiagnosisAgent("offline", **options) as agent:
        diagnosis = agent.diagnose(description="there is a swarm of bees at the door")
    assert "bees" in {urgent.kind for urgent in diagnosis.emergencies}
    (fault,) = validate_config(write(screen_toml="colour = 1"))
    assert "colour" in str(fault)


def test_models_of_the_house_lie_in_the_folder_too(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = '{ name = "llava", api = "chat", pricing = { input = 0.3, output = 0.9 } }'
    folder = write(models_toml=f"models = [{row}]")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    agent = InspectionAgent("openai:llava", **load_config(folder).to_agent_options())
    assert agent.profile.settings["api"] == "chat"
    assert agent.profile.pricing is not None
    (fault,) = validate_config(write(models_toml="models = [\n{ name = 'a', price = 1 }]"))
    assert "models.0.price: there is no such name; use one of" in str(fault)


def test_a_cost_book_may_be_json(write: Write) -> None:
    book = {"name": "ours", "version": "4", "base": "us"}
    assert load_config(write(cost_book_json=json.dumps(book))).cost_book.label == "ours 4"


def test_rates_in_dollars_are_laid_over_the_shipped_book(write: Write) -> None:
    book = load_config(write(cost_book_csv=RATES.format(currency="USD"))).cost_book
    assert len(book.items) == len(CostBook.default().items)
    assert book.items["clog"].rate == 80


def test_rates_in_another_currency_stand_alone(write: Write) -> None:
    book = load_config(write(cost_book_csv=RATES.format(currency="GBP"))).cost_book
    assert book.currency == "GBP"
    assert set(book.items) == {"clog"}


def test_every_fault_of_every_file_is_told_with_file_line_and_how_to_mend_it(write: Write) -> None:
    folder = write(
        taxonomy_toml='[groups.pool]\nlabel = 3\n\n[groups.hvac]\ntypes.no_heat = { unit = "m" }\n',
        severity_toml='name = "x"\nversion = "1"\nbase = "house"\n\n[floors]\nclog = "terrible"\n',
        cost_book_json='{"name": "x",\n "version": }',
        prompt_md=" ",
        models_toml="",
    )
    faults = validate_config(folder)
    places = {(fault.file, fault.line) for fault in faults}
    assert places >= {
        ("taxonomy.toml", 2),
        ("taxonomy.toml", 5),
        ("cost_book.json", 2),
        ("prompt.md", None),
    }
    assert any(fault.file == "severity.toml" and "terrible" in fault.what for fault in faults)
    assert all(fault.what and fault.mend for fault in faults)
    assert not [line for line in _whats(folder) if str(folder) in line]
    with pytest.raises(ConfigError):
        load_config(folder)


def test_rules_are_found_by_their_line(write: Write) -> None:
    rules = '[[rules]]\nid = "a"\nreview = true\n\n[[rules]]\nid = "b"\nraise_by = -2\n'
    folder = write(severity_toml=f'name = "x"\nversion = "1"\nbase = "house"\n{rules}')
    assert ("severity.toml", 10) in {(fault.file, fault.line) for fault in validate_config(folder)}


def test_a_row_of_rates_is_found_by_its_number(write: Write) -> None:
    folder = write(cost_book_csv="type,trade,rate\nclog,plumber,80\ndamp,,9\n")
    (fault,) = validate_config(folder)
    assert (fault.file, fault.line) == ("cost_book.csv", 3)
    assert "column trade" in fault.what


def test_files_must_agree_on_the_types(write: Write) -> None:
    unknown_floor = SEVERITY.replace("pool_water", "spa_water")
    folder = write(
        taxonomy_toml=POOL,
        severity_toml=unknown_floor,
        cost_book_toml=BOOK.replace("pool_water", "spa_water"),
    )
    severity, costs = validate_config(folder)
    assert severity.file == "severity.toml"
    assert "spa_water" in severity.what
    assert (costs.file, costs.line) == ("cost_book.toml", 5)
    assert costs.what == "items.spa_water: there is no such type"


def test_one_cost_book_is_enough(write: Write) -> None:
    folder = write(cost_book_toml=BOOK.replace("pool_water", "clog"), cost_book_csv="")
    assert _whats(folder) == [
        "cost_book.csv: cost_book.toml is a cost book as well; keep one of them"
    ]


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("taxonomies.toml", "taxonomy.toml"),
        ("taxonomy.json", "taxonomy.toml"),
        ("costbook.csv", "cost_book.csv"),
        ("prompt.txt", "prompt.md"),
    ],
)
def test_a_file_with_almost_the_right_name_is_not_passed_over(
    tmp_path: Path, name: str, right: str
) -> None:
    (tmp_path / name).touch()
    with pytest.raises(ConfigError, match=f"{name}: this file is not read; name it {right}"):
        load_config(tmp_path)


@pytest.mark.parametrize("name", ["taxonomies.toml", "taxonomys.toml", "taxonomy.json"])
def test_it_is_not_passed_over_beside_the_right_one_either(write: Write, name: str) -> None:
    folder = write(taxonomy_toml=POOL)
    (folder / name).touch()
    assert _whats(folder) == [
        f"{name}: this file is not read; taxonomy.toml is; bring them together, or move it away"
    ]


@pytest.mark.parametrize(
    ("name", "text", "right"),
    [
        ("strict.toml", SEVERITY, "severity.toml"),
        ("pools.toml", POOL, "taxonomy.toml"),
        ("prices.json", '{"name": "ours", "items": {}}', "cost_book.json"),
        ("rates.csv", RATES.format(currency="USD"), "cost_book.csv"),
        ("bees.toml", "kinds.bees.rank = 40\n", "screen.toml"),
    ],
)
def test_a_file_that_holds_configuration_is_found_by_what_is_in_it(
    tmp_path: Path, name: str, text: str, right: str
) -> None:
    (tmp_path / name).write_text(text)
    assert _whats(tmp_path) == [f"{name}: this file is not read; name it {right}"]
    (tmp_path / name).write_text("tenants = 3\n")
    assert validate_config(tmp_path) == ()


def test_an_old_copy_beside_the_file_is_left_alone(write: Write) -> None:
    folder = write(taxonomy_toml=POOL)
    (folder / "taxonomy-old.toml").touch()
    assert validate_config(folder) == ()


@pytest.mark.parametrize("name", ["models.toml", "holidays.json", "taxonomy.toml~", ".gitignore"])
def test_other_files_may_lie_in_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert validate_config(tmp_path) == ()


def test_a_folder_that_is_not_there_is_said_and_never_means_the_defaults(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be listed"):
        load_config(tmp_path / "config")
    (fault,) = validate_config(tmp_path / "config")
    assert (fault.file, fault.mend) == ("config", "check the path and who may read it")


@pytest.mark.parametrize(
    "name",
    [
        *("cost_book.xls", "cost_book.ods", "COST_BOOK.CSV", "severity.TOML", "cost_book.csv "),
        *("costs.csv", "Taxonomy.toml"),
    ],
)
def test_configuration_under_a_name_that_is_not_read_is_told(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("x")
    (fault,) = validate_config(tmp_path)
    assert "this file is not read" in fault.what
    with pytest.raises(ConfigError, match="not read"):
        load_config(tmp_path)


def test_copies_and_folders_that_somebody_keeps_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "severity.toml.bak").write_text("x")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "taxonomy.toml").write_text("x")
    assert validate_config(tmp_path) == ()


def test_types_outside_of_their_groups_are_told_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "taxonomy.toml").write_text('[types.clog]\nlabel = "Mine"\n')
    (fault,) = validate_config(tmp_path)
    assert "[groups.plumbing.types.clog]" in f"{fault.what} {fault.mend}"
