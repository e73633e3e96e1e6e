"""The command line's severity, limits and detail, and what is regraded."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspectiq import Inspection, InspectionAgent, Photo
from inspectiq._cli import main
from inspectiq.reports import write_report
from inspectiq.testing import FunctionTransport, WebhookReceiver, make_answer, make_issue

Photos = Callable[..., tuple[Photo, ...]]

OWN = 'name = "ours"\nversion = "1"\nbase = "house"\n[floors]\nclog = "critical"\n'
BOOK = 'name = "ours"\nversion = "1"\nbase = "us"\n[items.clog]\nunit = "each"\nrate = 77\n'


@pytest.fixture
def stored(photos: Photos, tmp_path: Path) -> Path:
    """The file of an inspection with one finding."""
    engine = FunctionTransport(
        lambda request: make_answer(request, [make_issue("clog", 1, severity="low")])
    )
    write_report(InspectionAgent(engine).inspect(photos(1), id="c"), tmp_path / "report")
    return tmp_path / "report" / "inspection.json"


def _read(text: str) -> Inspection:
    return Inspection.model_validate_json(text)


def test_severity_is_a_name_or_a_file(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.toml").write_text(OWN)
    for given, made in (("nspire", "nspire"), (tmp_path / "own.toml", "ours")):
        argv = ["inspect", samples / "kitchen", "--engine", "offline", "--severity", given]
        assert main([*map(str, argv), "--json", "--deadline", "100"]) == 1
        inspection = _read(capsys.readouterr().out)
        assert inspection.provenance.severity.startswith(f"{made} ")


def test_regrading_does_not_say_what_an_engine_was_paid(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = json.loads(stored.read_text())
    raw["usage"] |= {"requests": 1, "usd": None}  # of an engine whose price is not known
    stored.write_text(json.dumps(raw))
    out = str(tmp_path / "out")
    assert main(["regrade", str(stored), "--severity", "nspire", "--out", out]) == 0
    assert "paid" not in capsys.readouterr().out


def test_a_deadline_ends_the_run(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["inspect", str(samples / "kitchen"), "--engine", "offline", "--out"]
    out = str(samples / "late")
    assert main([*argv, out, "--deadline", "0.000001", "--quiet"]) == 3
    assert main([*argv, out, "--deadline", "0.000001"]) == 3
    assert "longer --deadline" in capsys.readouterr().out


def test_detail_is_what_a_model_is_asked_with(
    samples: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-nobody")
    tokens = []
    for detail in ("low", "high"):
        argv = ["inspect", str(samples / "kitchen"), "--engine", "openai:gpt-4.1", "--preview"]
        assert main([*argv, "--json", "--detail", detail]) == 0
        tokens.append(json.loads(capsys.readouterr().out)["input_tokens"])
    assert tokens[0] < tokens[1]
    assert main([*argv, "--detail", "auto"]) == 2
    assert "--detail auto is refused" in capsys.readouterr().err


def test_a_stored_result_is_regraded_by_name(
    stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["regrade", str(stored), "--severity", "nspire", "--json"]) == 0
    regraded = _read(capsys.readouterr().out)
    before = _read(stored.read_text())
    assert regraded.parent == before.id
    assert regraded.provenance.severity.startswith("nspire ")
    assert regraded.issues[0].severity != before.issues[0].severity
    assert main(["regrade", str(stored), "--severity", "nspire"]) == 0
    assert capsys.readouterr().out == regraded.to_markdown()


def test_it_is_priced_again_by_a_book_or_by_what_a_folder_has(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "cost_book.toml").write_text(BOOK)
    before = _read(stored.read_text())
    for option in (("--cost-book", folder / "cost_book.toml"), ("--config", folder)):
        assert main(["regrade", str(stored), *map(str, option), "--json"]) == 0
        regraded = _read(capsys.readouterr().out)
        assert regraded.provenance.cost_book == "ours 1"
        assert regraded.provenance.severity == before.provenance.severity
        assert regraded.cost is not None
        assert "77" in regraded.cost.explain()
    (folder / "cost_book.toml").unlink()
    (folder / "severity.toml").write_text(OWN)
    assert main(["regrade", str(stored), "--config", str(folder), "--json"]) == 0
    regraded = _read(capsys.readouterr().out)
    assert regraded.provenance.cost_book == before.provenance.cost_book
    assert regraded.issues[0].severity.level == "critical"


def test_a_regraded_report_has_pictures_where_the_photos_are_named(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    argv = ["inspect", str(samples / "living room"), "--engine", "offline", "--out", str(first)]
    main(argv)
    argv = ["regrade", str(first / "inspection.json"), "--severity", "nspire", "--out"]
    assert main([*argv, str(second), "--photos", str(samples)]) == 0
    (picture,) = (second / "pictures").iterdir()
    assert str(picture) in capsys.readouterr().out
    assert main([*argv, str(first)]) == 2
    assert "holds the result that is regraded" in capsys.readouterr().err
    assert [*(first / "pictures").iterdir()]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "say by which rules"),
        (("--severity", "nspir"), "use one of house, nspire"),
        (("--cost-book", "ours"), "--cost-book ours: there is no such book"),
        (("--severity", "nspire", "--as-of", "May"), "--as-of May: this is no day"),
        (("--severity", "nspire", "--as-of", "2019-01-01"), "2019-01-01 is before that"),
        (("--severity", "nspire", "--photos", "nix", "--out", "new"), "--photos nix is no folder"),
    ],
)
def test_what_is_wrong_with_regrading_is_said(
    stored: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.chdir(stored.parent)
    assert main(["regrade", str(stored), *options]) == 2
    assert words in capsys.readouterr().err


def test_that_nothing_changes_is_said(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["regrade", str(stored), "--severity", "house", "--json"]) == 0
    caught = capsys.readouterr()
    assert "nothing changes" in caught.err
    assert _read(caught.out) == _read(stored.read_text())


@pytest.fixture
def crm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A receiver of webhooks that the environment names, for commands that run in a new folder."""
    monkeypatch.chdir(tmp_path)
    with WebhookReceiver() as receiver:
        monkeypatch.setenv("INSPECTION_WEBHOOK_URL", receiver.url)
        monkeypatch.setenv("INSPECTIQ_WEBHOOK_SECRET", receiver.secret)
        host = receiver.url.partition("://")[2].partition("/")[0]
        monkeypatch.setenv("INSPECTIQ_PRIVATE_NETWORKS", host)
        yield receiver


def test_the_environments_webhook_is_told_of_an_inspection(
    samples: Path, crm: WebhookReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["inspect", str(samples / "kitchen"), "--engine", "offline", "--json"]
    assert main([*argv, "--case-id", "c1"]) == 1
    caught = capsys.readouterr()
    (webhook,) = crm.received
    assert (webhook.type, webhook.data["case_id"]) == ("inspection.partial", "c1")
    assert _read(caught.out).case.id == "c1"
    assert webhook.verified
    assert "webhook inspection.partial was delivered to the endpoint inspection" in caught.err
    assert main([*argv, "--case-id", "c1"]) == 1
    assert "it is not sent twice" in capsys.readouterr().err
    assert main([*argv, "--no-webhooks"]) == 1
    assert "webhook" not in capsys.readouterr().err
    assert len(crm.received) == 1


def test_what_is_not_taken_waits_in_the_outbox_and_that_is_said(
    samples: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BACKEND_BASE_URL", "http://127.0.0.1:1")  # where nobody listens
    monkeypatch.setenv("INSPECTIQ_PRIVATE_NETWORKS", "127.0.0.1:1")
    argv = ["inspect", str(samples / "kitchen"), "--engine", "offline", "--quiet", "--out", "out"]
    assert main(argv) == 1
    said = capsys.readouterr().err
    assert re.fullmatch(r"inspectiq: webhook .* `inspectiq webhooks deliver` sends it\n", said)
    assert main(["webhooks", "stats", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["pending"] == 1


def test_a_webhook_that_cannot_be_sent_is_told_before_anything_is_looked_at(
    samples: Path,
    crm: WebhookReceiver,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("INSPECTIQ_PRIVATE_NETWORKS")
    argv = ["inspect", str(samples / "kitchen"), "--engine", "offline", "--json"]
    assert main(argv) == 2
    caught = capsys.readouterr()
    assert caught.out == ""
    assert "set INSPECTIQ_PRIVATE_NETWORKS=127.0.0.1" in caught.err
    assert "--no-webhooks" in caught.err


def test_regrading_and_the_demo_tell_nobody_and_say_so(
    stored: Path, crm: WebhookReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["regrade", str(stored), "--severity", "nspire", "--json"])
    main(["demo", "--quiet"])
    said = capsys.readouterr().err
    assert said.count("no webhook is sent to INSPECTION_WEBHOOK_URL") == 2
    assert crm.received == []


def test_one_cost_book_is_read_by_every_command_that_prices(
    stored: Path, samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "b.csv"
    book.write_text("type;trade;unit;rate;currency\nclog;plumber;each;38,50;EUR\n")
    given = ["--cost-book", str(book)]
    assert main(["costs", "--type", "clog", *given]) == 0
    assert "38.50 EUR expected" in capsys.readouterr().out
    for command in ("inspect", "diagnose"):
        argv = [command, str(samples / "kitchen"), "--engine", "offline", "--json", *given]
        assert main(argv) == 1
        assert '"cost_book": "b 1"' in capsys.readouterr().out
    assert main(["regrade", str(stored), "--json", *given]) == 0
    assert '"cost_book": "b 1"' in capsys.readouterr().out
    book.write_text("type;trade;unit;rate;currency\nclogg;plumber;each;38,50;EUR\n")
    assert main(["costs", *given]) == 2
    assert "did you mean clog?" in capsys.readouterr().err
    assert main(["costs", "--cost-book", "eu"]) == 2
    assert "--cost-book eu: there is no such book" in capsys.readouterr().err
