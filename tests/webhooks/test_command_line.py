"""The commands that look after webhooks, on a real outbox and a real receiver."""

import asyncio
import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest

from inspectiq import WebhookNotifier
from inspectiq._cli import main
from inspectiq.testing import WebhookReceiver
from inspectiq.webhooks import Endpoint
from tests.webhooks.results import an_inspection, numbered

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebhookReceiver]:
    monkeypatch.chdir(tmp_path)
    with WebhookReceiver(answers=[500]) as receiver:
        monkeypatch.setenv("INSPECTION_WEBHOOK_URL", receiver.url)
        monkeypatch.setenv("INSPECTIQ_WEBHOOK_SECRET", receiver.secret)
        monkeypatch.setenv("INSPECTIQ_PRIVATE_NETWORKS", receiver.policy.private[0])
        monkeypatch.setenv("INSPECTIQ_OUTBOX", "outbox.sqlite")
        yield receiver


@pytest.fixture
def accepted(receiver: WebhookReceiver) -> str:
    notifier = WebhookNotifier(background=False)
    (receipt,) = notifier.notify(an_inspection())
    notifier.close()
    return receipt.id


def run(capsys: Capture, *arguments: str) -> tuple[int, str]:
    code = main(["webhooks", *arguments])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def make_due() -> None:
    with closing(sqlite3.connect("outbox.sqlite")) as file, file:
        file.execute("UPDATE deliveries SET due = 0")


def test_it_delivers_what_is_due_and_says_what_came_of_it(
    receiver: WebhookReceiver, accepted: str, capsys: Capture
) -> None:
    code, said = run(capsys, "deliver")
    assert code == 1
    told = r"0 delivered, 1 to be tried again, 0 given up; 1 left, next in \d+ s\n"
    assert re.fullmatch(told, said)
    code, said = run(capsys, "deliver")
    assert code == 0  # nothing was due
    assert re.fullmatch(told.replace("1 to be", "0 to be"), said)
    make_due()
    assert run(capsys, "deliver") == (0, "1 delivered, 0 to be tried again, 0 given up\n")
    assert run(capsys, "deliver") == (0, "0 delivered, 0 to be tried again, 0 given up\n")
    assert receiver.ids == [accepted, accepted]
    assert all(webhook.verified for webhook in receiver.received)


def test_it_names_an_endpoint_that_waits_and_is_not_its_own(
    receiver: WebhookReceiver, capsys: Capture
) -> None:
    other = WebhookNotifier(receiver.url, policy=receiver.policy, background=False)
    other.notify(an_inspection())
    other.close()
    _, said = run(capsys, "deliver")
    assert f"1 wait for {next(iter(other.endpoints))}" in said


def test_it_lists_what_stands_where(accepted: str, capsys: Capture) -> None:
    run(capsys, "deliver")
    code, said = run(capsys, "list")
    assert code == 0
    assert all(word in said for word in (accepted, "inspection.completed", "case-1", "http_500"))
    code, said = run(capsys, "list", "--json", "--state", "pending")
    assert json.loads(said)[0]["attempts"] == 1
    assert run(capsys, "list", "--json", "--state", "dead")[1] == "[]\n"
    _, body = run(capsys, "list", "--body", accepted)
    assert json.loads(body)["data"]["case_id"] == "case-1"


def test_dead_letters_are_listed_and_replayed(accepted: str, capsys: Capture) -> None:
    with closing(sqlite3.connect("outbox.sqlite")) as file, file:
        file.execute("UPDATE deliveries SET state = 'dead', reason = 'http_404'")
    assert "http_404" in run(capsys, "dead")[1]
    assert run(capsys, "replay")[0] == 2
    assert run(capsys, "replay", "msg_other", accepted)[0] == 2
    assert run(capsys, "replay", "--all") == (0, "1 are due again\n")
    make_due()
    run(capsys, "deliver")
    make_due()
    assert run(capsys, "deliver")[0] == 0
    assert run(capsys, "replay", accepted) == (0, "1 are due again\n")  # a delivered one, by its id


def test_an_endpoint_is_disabled_and_enabled(accepted: str, capsys: Capture) -> None:
    run(capsys, "disable", "inspection", "--reason", "moving house")
    assert "moving house" in run(capsys, "stats")[1]
    _, said = run(capsys, "deliver")
    assert said.startswith("0 delivered, 0 to be tried")
    assert "; 1 left, for an endpoint that is disabled" in said
    run(capsys, "enable", "inspection")
    assert run(capsys, "deliver")[1].startswith("0 delivered, 1 to be tried")


WRONG = {
    "replay msg_other": "there is no webhook 'msg_other' in the outbox",
    "replay msg_other --all": "there is no webhook 'msg_other' in the outbox",
    "replay \udcff": "there is no webhook '\\udcff' in the outbox",
    "replay --endpoint other": "there is no endpoint 'other'; there are inspection",
    "replay --all --endpoint other": "there is no endpoint 'other'; there are inspection",
    "list --body msg_other": "there is no webhook 'msg_other' in the outbox",
    "list --body ''": "there is no webhook '' in the outbox",
    "list --endpoint other": "there is no endpoint 'other'; there are inspection",
    "list --endpoint ''": "there is no endpoint ''; there are inspection",
    "list --limit 0": "the limit is 0; give a whole number from 1",
    "dead --limit -1": "the limit is -1; give a whole number from 1",
    "dead --endpoint other": "there is no endpoint 'other'; there are inspection",
    "disable other": "there is no endpoint 'other'; there are inspection",
    "disable Inspection": "there is no endpoint 'Inspection'; there are inspection",
    "disable inspection --reason ''": "the reason is empty; say why",
    "enable other": "there is no endpoint 'other'; there are inspection",
    "test other": "there is no endpoint 'other'; there are inspection",
    "purge delivered --days -1": "the days are -1; give a number from 0",
    "purge dead --days nan": "the days are nan; give a number from 0",
    "purge dead --days inf": "the days are inf; give a number from 0",
}


@pytest.mark.parametrize("command", WRONG)
def test_a_wrong_name_id_or_number_fails_with_what_there_is_and_changes_nothing(
    command: str, accepted: str, capsys: Capture
) -> None:
    with closing(sqlite3.connect("outbox.sqlite")) as file, file:
        file.execute("UPDATE deliveries SET state = 'dead', updated = 0")
        before = list(file.iterdump())
    code, said = run(capsys, *shlex.split(command))
    assert (code, WRONG[command] in said) == (2, True), said
    assert len(said.splitlines()) == 1
    with closing(sqlite3.connect("outbox.sqlite")) as file, file:
        assert list(file.iterdump()) == before


def test_an_endpoint_of_somebody_elses_code_is_known_once_the_outbox_has_something_for_it(
    accepted: str, capsys: Capture
) -> None:
    assert run(capsys, "disable", "crm")[0] == 2
    crm = Endpoint(name="crm", url="https://crm.example.com/in")
    with WebhookNotifier(crm, outbox="outbox.sqlite", background=False) as notifier:
        notifier.notify(an_inspection())
    assert run(capsys, "disable", "crm")[0] == 0
    assert run(capsys, "list", "--endpoint", "crm")[0] == 0
    assert run(capsys, "enable", "crm")[0] == 0
    assert run(capsys, "enable", "crm")[0] == 0  # twice does no harm


def test_it_counts_as_the_notifier_does(accepted: str, capsys: Capture) -> None:
    (counted,) = json.loads(run(capsys, "stats", "--json")[1])
    assert (counted["endpoint"], counted["pending"], counted["dead"]) == ("inspection", 1, 0)
    with WebhookNotifier(background=False) as notifier:
        assert [asdict(one) for one in notifier.stats()] == [counted]


def test_a_test_says_how_an_endpoint_answers(receiver: WebhookReceiver, capsys: Capture) -> None:
    code, said = run(capsys, "test")
    assert (code, "failed: http_500" in said) == (3, True)
    code, said = run(capsys, "test", "inspection")
    assert (code, "took the test, with 200" in said) == (0, True)
    assert run(capsys, "test", "diagnosis")[0] == 2
    assert not Path("outbox.sqlite").exists()


def test_a_backup_can_be_delivered_from(
    receiver: WebhookReceiver, accepted: str, capsys: Capture
) -> None:
    assert run(capsys, "backup", "copy.sqlite")[0] == 0
    assert Path("copy.sqlite").stat().st_mode & 0o777 == 0o600
    assert run(capsys, "backup", "copy.sqlite")[0] == 2
    assert run(capsys, "deliver", "--outbox", "copy.sqlite")[0] == 1
    assert receiver.ids == [accepted]


def test_old_ones_are_forgotten(accepted: str, capsys: Capture) -> None:
    run(capsys, "deliver")
    make_due()
    run(capsys, "deliver")
    assert run(capsys, "purge", "delivered") == (0, "0 forgotten\n")
    assert run(capsys, "purge", "delivered", "--days", "0") == (0, "1 forgotten\n")
    assert run(capsys, "stats", "--json")[1] == "[]\n"


@pytest.mark.parametrize("action", ["list", "dead", "stats", "deliver", "backup x", "replay x"])
def test_an_outbox_that_is_not_there_is_not_made(
    receiver: WebhookReceiver, action: str, capsys: Capture
) -> None:
    code, said = run(capsys, *action.split(), "--outbox", "misspelt.sqlite")
    assert (code, "there is no outbox misspelt.sqlite" in said) == (2, True)
    assert not Path("misspelt.sqlite").exists()


def test_it_delivers_until_it_is_interrupted(
    receiver: WebhookReceiver, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    notifier = WebhookNotifier(background=False)
    for number in range(3):
        notifier.notify(numbered(number))
    notifier.close()

    def interrupted(_: float) -> None:
        receiver.wait_for(3)
        raise KeyboardInterrupt

    monkeypatch.setattr("inspectiq._cli.webhooks.time.sleep", interrupted)
    code, said = run(capsys, "deliver", "--forever")
    assert code == 0
    assert "delivering to inspection" in said


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGTERM here; run it on Linux or macOS")
def test_sigterm_finishes_what_is_under_way_and_gives_back_the_rest(
    receiver: WebhookReceiver,
) -> None:
    notifier = WebhookNotifier(background=False)
    notifier.notify(an_inspection())
    command = [sys.executable, "-m", "inspectiq", "webhooks", "deliver", "--forever"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        receiver.wait_for(1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    (counted,) = asyncio.run(notifier.outbox.count(now=0))
    notifier.close()
    assert (counted.pending, counted.leased) == (1, 0)


def test_listing_an_empty_file_leaves_it_empty(tmp_path: Path) -> None:
    empty = tmp_path / "e.json"
    empty.touch()
    for command in (["list"], ["stats"], ["dead"]):
        assert main(["webhooks", *command, "--outbox", str(empty)]) == 0
    assert empty.read_bytes() == b""
