"""Odd arguments of single functions: each is told, and nothing is done in silence."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspectiq import (
    ConfigError,
    CostBook,
    InspectionAgent,
    OpenAITransport,
    Photo,
    Taxonomy,
    load_config,
    write_report,
)
from inspectiq.domain import CostEstimate
from inspectiq.limits import LocalBudget, ModelTable
from inspectiq.severity import SeverityProfile
from inspectiq.testing import FunctionTransport, make_answer, make_issue
from inspectiq.transports import SQLiteCache
from inspectiq.webhooks import SQLiteOutbox, WebhookPayload
from tests.conftest import render_jpeg

PATHS = ["\ud800", "x" * 5000, "x" * 300, "a/" * 3000]
TAKE_PATHS: dict[str, Callable[[str], object]] = {
    "cache": SQLiteCache,
    "cache of an agent": lambda path: InspectionAgent("offline", cache=path),
    "outbox": SQLiteOutbox,
    "csv": CostBook.from_csv,
    "toml": CostBook.from_toml,
    "taxonomy": Taxonomy.from_file,
    "profile": SeverityProfile.from_file,
    "config": load_config,
    "report": lambda path: write_report(inspection(), path),
}


def inspection() -> Any:
    engine = FunctionTransport(
        lambda request: make_answer(request, [make_issue("clog", 1, box=(100, 100, 500, 500))])
    )
    return InspectionAgent(engine).inspect(Photo.from_bytes(render_jpeg(1), id="p1"))


@pytest.mark.parametrize("taker", TAKE_PATHS)
@pytest.mark.parametrize("path", PATHS, ids=["half a character", "long", "long name", "deep"])
def test_a_path_that_no_file_system_takes_is_refused_in_short_words(taker: str, path: str) -> None:
    with pytest.raises(ConfigError, match="path") as caught:
        TAKE_PATHS[taker](path)
    assert len(str(caught.value)) < 300
    str(caught.value).encode()


CALLS: dict[str, Callable[[], object]] = {
    "stated_range": lambda: CostEstimate.stated_range("1", 10**30, "USD", "me"),
    "budget per None": lambda: LocalBudget(calls=1, per=None),  # type: ignore[arg-type]
    "budget per [5]": lambda: LocalBudget(calls=1, per=(5,)),  # type: ignore[arg-type]
    "with_models": lambda: ModelTable.default().with_models(5),  # type: ignore[arg-type]
    "client": lambda: OpenAITransport("gpt-4.1", client=5),  # type: ignore[arg-type]
    "plan": lambda: InspectionAgent("offline").plan(None),  # type: ignore[arg-type]
    "taxonomy[[]]": lambda: Taxonomy.default()[[]],  # type: ignore[index]
    "replace": lambda: Photo.from_bytes(b"x").replace(nosuch=1),  # type: ignore[call-arg]
    "photos=5": lambda: write_report(inspection(), "report", 5),  # type: ignore[arg-type]
    "photos=nope": lambda: write_report(inspection(), "report", "nope"),
}


@pytest.mark.parametrize("call", CALLS)
def test_an_odd_argument_is_told(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError):
        CALLS[call]()


def test_a_report_says_which_given_photo_it_does_not_show(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "inspectiq"):
        written = write_report(inspection(), tmp_path, {"p1": b"notapicture"})
    assert [path.name for path in written] == ["report.md", "inspection.json"]
    assert "a picture is left out" in caplog.text
    assert "p1" in caplog.text


def test_no_words_of_pydantic_s_inside_stand_in_a_message() -> None:
    with pytest.raises(ConfigError) as caught:
        WebhookPayload.model_validate_json('{"type": "inspection.completed", "data": 5}')
    assert "function-" not in str(caught.value)
