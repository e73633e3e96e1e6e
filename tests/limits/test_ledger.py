import errno
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import ConfigError, InspectionAgent, Photo, Usage
from inspectiq.events import (
    AttemptFailed,
    BudgetRefused,
    CacheHit,
    Event,
    PhotoCompleted,
    RequestAnswered,
    RequestFailed,
    RunCompleted,
    WebhookAttemptFailed,
    WebhookDeadLettered,
    WebhookDelivered,
)
from inspectiq.limits import Ledger
from inspectiq.limits._ledger_entries import LedgerEntry
from inspectiq.testing import FunctionTransport, make_answer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAID = Usage(requests=1, input_tokens=1000, output_tokens=50, usd=Decimal("0.0024"))
ACME = {"tenant": "acme"}
OPENAI: Any = {"provider": "openai", "model": "gpt-4.1"}


def answered(model: str = "gpt-4.1", usage: Usage = PAID, **fields: Any) -> Event:
    given: dict[str, Any] = {"photo_ids": ("p1", "p2"), "provider": "openai", "seconds": 2.0}
    return RequestAnswered(**{"case_id": "c1", "model": model, "usage": usage, **given, **fields})


def failed(**fields: Any) -> Event:
    given: dict[str, Any] = {"photo_ids": ("p3",), "error": "ProviderTimeout", "seconds": 60.0}
    return RequestFailed(**{"case_id": "c1", **OPENAI, **given, **fields})


def hit(**fields: Any) -> Event:
    given: dict[str, Any] = {"photo_ids": ("p1", "p2"), "provider": "openai", "model": "gpt-4.1"}
    return CacheHit(**{"case_id": "c1", "saved": PAID, **given, **fields})


def run(status: Any = "complete", **fields: Any) -> Event:
    given: dict[str, Any] = {"result_id": "r1", "findings": 3, "usage": PAID, "seconds": 9.0}
    return RunCompleted(**{"case_id": "c1", "status": status, **given, **fields})


def refused() -> Event:
    one = Decimal(1)
    return BudgetRefused(
        case_id="c1", photo_ids=("p1",), **OPENAI, limit=one, spent=one, needed=one
    )


def noon() -> datetime:
    return NOON


def told(*events: Event, **arguments: Any) -> Ledger:
    ledger = Ledger(**{"clock": noon, **arguments})
    for event in events:
        ledger.on_event(event)
    return ledger


def test_requests_runs_and_the_cache_are_summed_and_a_run_is_not_paid_for_twice() -> None:
    ledger = told(answered(), answered(), failed(usage=PAID), refused(), run(), run("partial"))
    ledger.on_event(PhotoCompleted(case_id="c1", photo_id="p1", status="assessed"))
    (line,) = ledger.summarise(None)
    assert (line.requests, line.failed, line.refused, line.photos) == (3, 1, 1, 5)
    assert (line.input_tokens, line.output_tokens) == (3000, 150)
    assert line.usd == line.usd_known == Decimal("0.0072")
    assert (line.runs_complete, line.runs_partial, line.runs_failed) == (1, 1, 0)


def test_a_cached_answer_saves_and_costs_nothing_and_does_not_make_an_engine_look_fast() -> None:
    nothing = Usage()
    ledger = told(answered(seconds=4.0), hit(), answered(usage=nothing, seconds=0.0))
    (line,) = ledger.summarise(None)
    assert (line.requests, line.cached, line.photos) == (2, 1, 4)
    assert (line.usd, line.saved_usd) == (PAID.usd, PAID.usd)
    assert line.p50_seconds == pytest.approx(4.0, rel=0.05)


def test_dollars_are_not_stated_where_the_price_of_a_call_is_not_known() -> None:
    ledger = told(answered(), answered(usage=Usage(requests=1, usd=None)), failed())
    (line,) = ledger.summarise(None)
    assert line.usd is None
    assert (line.usd_known, line.unpriced) == (PAID.usd, 2)
    assert "0.0024 +2?" in ledger.to_text([line])
    assert "0.0024 +2?" in str(ledger)


def test_lines_are_by_model_or_day_or_tag() -> None:
    moments = iter([NOON, NOON, NOON + timedelta(days=1)])
    ledger = told(
        answered(tags=ACME), answered("gpt-5", tags={"tenant": "b"}), run(), clock=moments.__next__
    )
    assert [line.key for line in ledger.summarise("model")] == [
        "",
        "openai:gpt-4.1",
        "openai:gpt-5",
    ]
    assert [line.key for line in ledger.summarise("day")] == ["2026-03-01", "2026-03-02"]
    assert [line.key for line in ledger.summarise("tag:tenant")] == ["", "acme", "b"]


def test_days_are_those_of_utc_and_the_last_one_counts() -> None:
    east = datetime.fromisoformat("2026-03-02T05:00:00+08:00")  # the 1st, in UTC
    ledger = told(answered(), clock=lambda: east)
    first = date(2026, 3, 1)
    assert ledger.summarise("day", since=first, until=first)[0].requests == 1
    assert ledger.summarise("day", since=date(2026, 3, 2)) == ()
    assert ledger.summarise(None, until=date(2026, 2, 28))[0].requests == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"by": "tenant"}, "tag:NAME"), ({"by": "day", "since": NOON}, "give a date")],
)
def test_a_wrong_question_is_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Ledger().summarise(**arguments)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.001, 86_400), min_size=1, max_size=60))
def test_percentiles_are_within_five_percent(times: list[float]) -> None:
    (line,) = told(*(answered(seconds=seconds) for seconds in times)).summarise(None)
    ordered = sorted(round(seconds, 3) for seconds in times)
    for percent, said in ((50, line.p50_seconds), (95, line.p95_seconds)):
        nearest_rank = ordered[-(-len(ordered) * percent // 100) - 1]
        assert said == pytest.approx(nearest_rank, rel=0.05)


EVENTS = st.sampled_from(
    [
        *(answered(model, tags={"tenant": t}) for model in "ab" for t in "xy"),
        answered(usage=Usage(requests=1, usd=None)),
        *(failed(), failed(usage=PAID, tags=ACME), hit(tags=ACME), refused()),
        *(run(), run("failed", tags=ACME)),
    ]
)


@settings(max_examples=30, deadline=None)
@given(st.lists(EVENTS, max_size=30))
def test_a_file_sums_to_what_memory_holds_and_lines_sum_to_the_total(events: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger = told(*events, path=Path(folder) / "usage.jsonl")
        written = Ledger.read(Path(folder) / "usage.jsonl")
    (total,) = ledger.summarise(None)
    for by in ("model", "day", "tag:tenant"):
        lines = ledger.summarise(by)
        assert written.summarise(by) == lines
        for name in set(type(total).model_fields) - {"key", "p50_seconds", "p95_seconds"}:
            assert sum(getattr(line, name) for line in lines) == getattr(total, name)


def test_memory_is_bounded_and_totals_and_models_stay_exact_beyond_it() -> None:
    ledger = told(*(answered(tags={"case": str(number)}) for number in range(20)), keep=5)
    assert len(ledger._sums._sums) == 6
    assert ledger.summarise("model")[0].requests == 20
    by_case = {line.key: line.requests for line in ledger.summarise("tag:case")}
    assert by_case == {**{str(number): 1 for number in range(5)}, "(tags not kept)": 15}


def test_a_line_of_the_file_says_what_was_accounted_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "usage.jsonl"
    told(answered(run_id="r", tags=ACME), failed(), path=path)
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    first, second = map(json.loads, path.read_text().splitlines())
    assert first == {
        "ts": "2026-03-01T12:00:00Z",
        "kind": "answered",
        "run_id": "r",
        "case_id": "c1",
        "tags": {"tenant": "acme"},
        "provider": "openai",
        "model": "gpt-4.1",
        "photos": 2,
        "usage": PAID.model_dump(mode="json"),
        "seconds": 2.0,
        "error": None,
        "status": None,
        "endpoint": None,
    }
    assert first["usage"]["usd"] == "0.0024"
    assert (second["error"], second["usage"]["usd"]) == ("ProviderTimeout", None)


def test_an_attempt_is_not_accounted_since_its_request_is(tmp_path: Path) -> None:
    attempt = AttemptFailed(
        case_id="c1", photo_ids=("p1",), provider="x", model="y", attempt=1, error="RateLimited"
    )
    told(attempt, path=tmp_path / "usage.jsonl")
    assert (tmp_path / "usage.jsonl").read_bytes() == b""


def test_long_and_odd_words_of_a_host_leave_lines_short_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "usage.jsonl"
    tags = {f"{number}": "é\n\x1b[31m\ud800" * 500 for number in range(100)}
    told(answered(tags=tags, case_id="x" * 999), path=path)
    (line,) = path.read_bytes().splitlines()
    assert len(line) < 6_000
    assert b"\x1b" not in line
    assert Ledger.read(path).skipped == 0


@pytest.mark.parametrize(
    "torn", [b'{"ts": "2026-03', b"\xff\xfe\n", b'{"level": "INFO"}\n', b"[" * 70_000]
)
def test_torn_and_foreign_lines_are_skipped_and_counted(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "usage.jsonl"
    told(answered(), path=path)
    with path.open("ab") as file:
        file.write(b"\n" + torn)  # an empty line is nothing
    told(answered(), path=path)
    ledger = Ledger.read(path)
    assert ledger.summarise(None)[0].requests == 2
    assert ledger.skipped == (2 if len(torn) > 65_536 else 1)


def test_a_full_disk_is_logged_once_and_breaks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path, write = tmp_path / "usage.jsonl", os.write

    def full(file: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "no space")

    def half(file: int, data: bytes) -> int:
        return write(file, data[: len(data) // 2])

    ledger = told(path=path)
    for fault in (full, half):
        monkeypatch.setattr(os, "write", fault)
        ledger.on_event(answered())
    monkeypatch.setattr(os, "write", write)
    ledger.on_event(answered())
    (record,) = caplog.records
    assert record.getMessage() == ("the ledger cannot be written: file=usage.jsonl error=OSError")
    assert ledger.summarise(None)[0].requests == 3
    written = Ledger.read(path)
    assert (written.summarise(None)[0].requests, written.skipped) == (1, 1)


@pytest.mark.parametrize("name", ["no/such/folder/usage.jsonl", ".", "nul\0"])
@pytest.mark.parametrize("make", [Ledger, Ledger.read])
def test_a_file_that_cannot_be_used_is_found_out_at_once(
    tmp_path: Path, name: str, make: Callable[[Path], Ledger]
) -> None:
    with pytest.raises(ConfigError, match="give"):
        make(tmp_path / name)


def test_a_ledger_that_keeps_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="keep is 0; give a whole number from 1"):
        Ledger(keep=0)


def test_a_file_may_be_moved_away_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "usage.jsonl"
    ledger = told(answered(), path=path)
    path.rename(tmp_path / "usage.1.jsonl")
    ledger.on_event(answered())
    assert [Ledger.read(file).summarise(None)[0].requests for file in tmp_path.iterdir()] == [1, 1]


def test_threads_lose_nothing(tmp_path: Path) -> None:
    ledger = told(path=tmp_path / "usage.jsonl")

    def tell() -> None:
        for _ in range(200):
            ledger.on_event(answered())

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert ledger.summarise(None)[0].requests == 800
    written = Ledger.read(tmp_path / "usage.jsonl")
    assert (written.summarise(None)[0].requests, written.skipped) == (800, 0)


WORKER = """
import sys
from inspectiq import InspectionAgent, Photo, Usage
from inspectiq.events import RequestAnswered
from inspectiq.limits import Ledger

ledger = Ledger(sys.argv[1])
for number in range(300):
    ledger.on_event(RequestAnswered(case_id="c", photo_ids=("p",), provider="openai", model="m",
        tags={"n": "x" * (number % 90)}, usage=Usage(requests=1), seconds=1.0))
"""


def test_processes_append_to_one_file_and_no_line_is_torn(tmp_path: Path) -> None:
    path = tmp_path / "usage.jsonl"
    command = [sys.executable, "-c", WORKER, str(path)]
    workers = [subprocess.Popen(command) for _ in range(3)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    ledger = Ledger.read(path)
    assert (ledger.summarise(None)[0].requests, ledger.skipped) == (900, 0)
    entries = map(LedgerEntry.model_validate_json, path.read_bytes().split())
    assert {entry.kind for entry in entries} == {"answered"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on Windows")
def test_a_child_that_is_forked_amid_an_event_goes_on(tmp_path: Path) -> None:
    code = f"""{WORKER}
import os, threading
threading.Thread(target=lambda: [ledger.summarise() for _ in range(2000)], daemon=True).start()
for _ in range(20):
    child = os.fork()
    if not child:
        ledger.on_event(RequestAnswered(case_id="c", photo_ids=("p",), provider="openai",
            model="child", usage=Usage(requests=1), seconds=1.0))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""
    path = tmp_path / "usage.jsonl"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(path)], check=True, timeout=60)
    written = {line.key: line.requests for line in Ledger.read(path).summarise("model")}
    assert written == {"openai:child": 20, "openai:m": 300}


def test_it_watches_an_agent(photos: Callable[..., tuple[Photo, ...]]) -> None:
    ledger = Ledger()
    engine = FunctionTransport(make_answer)
    with InspectionAgent(engine, observers=[ledger], photos_per_request=2) as agent:
        agent.inspect(photos(3))
    (line,) = ledger.summarise(None)
    assert (line.requests, line.photos, line.runs_complete) == (2, 3, 1)
    assert [line.key for line in ledger.summarise()] == ["", "scripted:scripted"]


def test_webhooks_are_accounted_with_the_share_that_was_delivered(tmp_path: Path) -> None:
    common: dict[str, Any] = {
        "case_id": "c1",
        "tags": ACME,
        "webhook_id": "msg_1",
        "endpoint": "crm",
        "type": "t",
    }
    taken = WebhookDelivered(**common, attempt=2, status_code=200, seconds=0.5, waited=9)
    lost = WebhookDeadLettered(**common, attempts=10, reason="http_500")
    failed_once = WebhookAttemptFailed(
        **common,
        attempt=1,
        reason="timeout",
        status_code=None,
        seconds=20,
        likely_permanent=False,
        wait=60,
    )
    path = tmp_path / "usage.jsonl"
    ledger = told(taken, taken, taken, failed_once, lost, path=path)
    for one in (ledger, Ledger.read(path)):
        (line,) = one.summarise("tag:tenant")
        assert (line.key, line.webhooks_delivered, line.webhooks_dead) == ("acme", 3, 1)
        assert (line.webhook_attempts_failed, line.webhook_success_rate) == (1, 0.75)
        assert line.requests == 0
    assert '"endpoint":"crm"' in path.read_text()
    assert told(answered()).summarise(None)[0].webhook_success_rate is None


def test_the_table_has_a_row_for_each_line_and_shows_odd_keys_harmlessly() -> None:
    ledger = told(answered(tags={"tenant": "a\x1b[2Jb"}), run("failed"), hit(tags=ACME))
    head, *rows, legend = ledger.to_text(ledger.summarise("tag:tenant")).splitlines()
    assert head.split()[:4] == ["requests", "failed", "cached", "refused"]
    assert [row.split()[0] for row in rows] == ["-", "a[2Jb", "acme"]
    assert rows[0].split()[-2:] == ["0/0/1", "0/0"]
    assert len({len(row) for row in (head, *rows)}) == 1
    assert "unknown price" in legend
