"""Where one of our objects is wanted, the name of one that ships or a path will do as well."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspectiq import (
    ConfigError,
    CostBook,
    DiagnosisAgent,
    Inspection,
    InspectionAgent,
    SeverityPolicy,
    Taxonomy,
    regrade_all,
)
from inspectiq.costs import calibrate
from inspectiq.limits import ModelTable
from inspectiq.screening import EmergencyScreen
from inspectiq.severity import SeverityProfile, WorkingCalendar, project_nspire_score
from inspectiq.testing import FunctionTransport, make_answer, make_issue
from inspectiq.transports import OfflineTransport, OpenAITransport

TOML = b'name = "ours"\nversion = "1"\nbase = "us"\n[trades.plumber]\nminimum = 120\n'
CSV = "type,trade,unit,rate,currency\nclog,plumber,each,120.50,USD\n"


@pytest.fixture
def engine() -> FunctionTransport:
    return FunctionTransport(lambda request: make_answer(request, [make_issue("clog", 1)]))


@pytest.fixture
def inspection(samples: Path, engine: FunctionTransport) -> Inspection:
    return InspectionAgent(engine).inspect(samples / "kitchen.jpg")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "book.toml").write_bytes(TOML)
    (tmp_path / "rates.csv").write_text(CSV)
    (tmp_path / "euro.csv").write_text(CSV.replace("USD", "EUR"))
    (tmp_path / "over.toml").write_text('name = "over"\nversion = "1"\nbase = "rates.csv"\n')
    (tmp_path / "severity.toml").write_text(
        'name = "mine"\nversion = "1"\nbase = "house"\nsource = "us"\nmark = "A"\n'
    )
    (tmp_path / "taxonomy.toml").write_text('without = ["graffiti"]\n')
    (tmp_path / "screen.toml").write_text("[kinds]\nswarm = { rank = 90 }\n")
    (tmp_path / "holidays.json").write_text('["2026-12-25"]')
    (tmp_path / "models.json").write_text(ModelTable.default().model_dump_json())
    return tmp_path


@pytest.mark.parametrize("kind", [InspectionAgent, DiagnosisAgent])
def test_an_agent_takes_names(kind: Any, engine: FunctionTransport) -> None:
    agent = kind(engine, severity="nspire", cost_book="us")
    assert agent.severity == SeverityPolicy.of("nspire")
    assert agent.cost_book is CostBook.default()
    assert kind(engine, severity=SeverityProfile.named("asap")).severity == SeverityPolicy.of(
        "asap"
    )
    own = SeverityPolicy.of("house", mold_sq_ft=5)
    assert kind(engine, severity=own).severity is own


def test_an_agent_takes_paths(engine: FunctionTransport, files: Path) -> None:
    agent = InspectionAgent(
        engine,
        severity=str(files / "severity.toml"),
        cost_book=files / "rates.csv",
        taxonomy=files / "taxonomy.toml",
        emergency_screen=str(files / "screen.toml"),
    )
    assert agent.severity.name == "mine"
    assert agent.cost_book is not None
    assert agent.cost_book.built_on == CostBook.default().label
    assert "graffiti" not in agent.taxonomy
    assert "swarm" in agent.emergency_screen.kinds


def test_a_result_is_regraded_by_name(inspection: Inspection) -> None:
    again = inspection.regrade(severity="nspire", cost_book="us")
    assert again == inspection.regrade(severity=SeverityPolicy.of("nspire"))
    assert again.provenance.severity.startswith("nspire ")
    assert [*regrade_all([inspection, inspection.to_json()], severity="nspire")] == [again, again]
    with pytest.raises(ConfigError, match="did you mean 'nspire'"):
        regrade_all([inspection], severity="nspir")  # told at once, not at the first result


def test_whatever_takes_a_book_takes_a_name_or_a_path(files: Path) -> None:
    us = CostBook.default()
    over_us = [
        CostBook.from_csv(files / "rates.csv", base="us", name="rates"),
        CostBook.of(files / "rates.csv"),
        CostBook.of(str(files / "rates.csv")),
    ]
    assert {book.items["clog"].rate for book in over_us} == {over_us[0].items["clog"].rate}
    assert {book.built_on for book in over_us} == {us.label}
    assert CostBook.of(files / "euro.csv").built_on is None
    assert CostBook.of(files / "over.toml").items["clog"] == over_us[0].items["clog"]
    assert CostBook.of(files / "book.toml").merge_over("us").built_on == us.label
    assert calibrate([], [], book="us").book is us
    rates = CostBook.from_csv(files / "rates.csv", base=files / "book.toml")
    assert rates.trades["plumber"].minimum == 120


def test_whatever_takes_another_object_takes_a_path(files: Path, inspection: Inspection) -> None:
    calendar = WorkingCalendar.from_file(files / "holidays.json")
    assert SeverityPolicy.of("awaab", calendar=files / "holidays.json").calendar == calendar
    assert SeverityPolicy.of(files / "severity.toml").name == "mine"
    named = project_nspire_score(inspection.issues, 1, policy="nspire")
    assert named == project_nspire_score(inspection.issues, 1)
    (files / "more.toml").write_text('without = ["clog"]')
    taxonomy = Taxonomy.from_file(files / "more.toml", over=files / "taxonomy.toml")
    assert not {"clog", "graffiti"} & {kind.key for kind in taxonomy.types}
    OfflineTransport(taxonomy=files / "taxonomy.toml")
    table = ModelTable.default()
    models = OpenAITransport("gpt-4.1", api_key="k", models=files / "models.json")
    assert models.profile == OpenAITransport("gpt-4.1", api_key="k", models=table).profile
    assert (
        "swarm"
        in EmergencyScreen.from_file(files / "screen.toml", over=files / "screen.toml").kinds
    )


@pytest.mark.parametrize(
    ("read", "content"),
    [(CostBook.from_toml, TOML), (CostBook.from_csv, CSV.encode())],
)
def test_a_book_is_read_from_an_open_file(
    read: Callable[..., CostBook], content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "rates.file"
    path.write_bytes(content)
    from_path = read(path)
    with path.open("rb") as binary, path.open(encoding="utf-8") as text:
        assert read(binary) == read(text) == from_path
        assert not binary.closed
    unnamed = [read(io.BytesIO(content)), read(io.StringIO(content.decode()))]
    assert {book.items["clog"] for book in unnamed} == {from_path.items["clog"]}
    with pytest.raises(ConfigError, match=r"rates\.file: the cost book cannot be read"):
        read(binary)


def test_json_is_read_from_an_open_file() -> None:
    us = CostBook.default()
    assert CostBook.from_json(io.StringIO(us.model_dump_json())) == us
    assert (
        CostBook.from_json(io.BytesIO(json.dumps(json.loads(us.model_dump_json())).encode())) == us
    )


def test_what_is_read_in_another_way_is_told_so() -> None:
    class Upload:
        filename = "rates.csv"

        async def read(self) -> bytes:
            return CSV.encode()

    with pytest.raises(ConfigError, match="gives a coroutine, not text or bytes"):
        CostBook.from_csv(Upload())  # type: ignore[arg-type]
