"""`inspectiq models`: the table as a reader sees it, and beside a server's own list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inspectiq._cli import main
from inspectiq.limits import ModelTable
from tests.transports.openai.stand_in import StandIn, responses

TABLE = ModelTable.default()


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "INSPECTIQ_MODELS"):
        monkeypatch.delenv(name, raising=False)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["models", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_model_is_shown_with_price_day_tokens_and_dollars(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, said, _ = run(capsys, "gpt-4.1")
    assert code == 0
    assert "Prices as of 2026-11" in said
    assert "gpt-4.1          2 / 0.5 / 8; " in said
    assert "shut down on 2027-01-14; its provider recommends gpt-6-luna" in said
    # 500 tokens of text, 765 of the picture, and an answer of 1,000: (1265 * 2 + 1000 * 8) / 1e6
    assert "high         765  * 1.05" in said


def test_each_effort_has_its_dollars_and_the_usual_one_is_marked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, said, _ = run(capsys, "gpt-6.1-terra")
    # Text and picture are written to the cache: 1297 * 1.25 + (1000 + 2000 / 4) * 5, in millionths
    # Without reasoning a request holds three photos: (500 + 922) * 1.25 + 1000 * 5
    assert "high         922  none 0.68  low* 0.91  medium 1.16" in said


def test_models_that_are_gone_are_shown_only_if_they_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, said, _ = run(capsys)
    assert "gpt-6-luna" in said
    assert "gpt-4-turbo" not in said
    code, said, _ = run(capsys, "gpt-4-turbo")
    assert code == 0
    assert "was shut down on 2026-10-23" in said


def test_all_of_it_is_json_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    _, said, _ = run(capsys, "--json", "gpt-6-luna")
    (model,) = json.loads(said)
    assert model["pricing"]["input"] == "0.1"
    assert [photo["detail"] for photo in model["photos"]] == ["low", "high", "original"]
    assert model["photos"][1]["tokens"] == 922
    assert model["photos"][1]["most_usd"]["none"] == "0.00067775"


def test_a_table_of_ones_own_is_shown_over_the_one_that_ships(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "models.toml"
    path.write_text('models = [{ name = "llava" }]')
    code, said, _ = run(capsys, "--models", str(path), "llava")
    assert (code, "llava            no price" in said) == (0, True)


def test_a_model_that_is_not_in_the_table_is_told_with_those_that_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, _, wrong = run(capsys, "gpt-9")
    assert code == 2
    assert "there is no model 'gpt-9' in the table; there is gpt-6.2-astra, " in wrong


def check(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, body: Any
) -> tuple[int, str, str]:
    with StandIn(lambda _: responses("never asked"), models={"": body}) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        return run(capsys, "--check")


def test_what_a_server_lists_otherwise_than_the_table_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [
        {"id": "gpt-6-luna", "shutdown_date": "2028-01-01"},
        {"id": "gpt-4.1", "shutdown_date": "2027-01-14"},
        {"id": "gpt-7-luna", "shutdown_date": None},
        {"id": "gpt-audio-mini"},
        {"id": "gpt-4.1-2025-04-14"},
        "no entry",
    ]
    code, said, _ = check(capsys, monkeypatch, {"data": entries})
    assert code == 1
    assert said.splitlines() == [
        "gpt-6-luna: the day of its shutdown is by the server 2028-01-01, in the table no day",
        "gpt-7-luna: listed by the server, and not in the table",
    ]


def test_a_server_that_lists_nothing_else_differs_in_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said, _ = check(capsys, monkeypatch, {"data": [{"id": "llava"}]})
    assert code == 0
    assert "lists the models of the table" in said


@pytest.mark.parametrize("body", [{"data": 1}, {"error": "no"}, ["gpt-4.1"]])
def test_a_server_without_a_list_fails_with_what_to_check(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, body: Any
) -> None:
    code, _, wrong = check(capsys, monkeypatch, body)
    assert code == 3
    assert "no list of models; check base_url" in wrong


def test_without_a_key_the_own_server_is_not_asked(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, wrong = run(capsys, "--check")
    assert code == 2
    assert "OPENAI_API_KEY" in wrong
