"""Every shell command of the runbooks is run, in the situation that its section tells of."""

import asyncio
import os
import re
import shlex
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import pytest

import inspectiq
from inspectiq import WebhookNotifier
from inspectiq._cli import main as command_line
from inspectiq.errors import UnsafeReason
from inspectiq.testing import WebhookReceiver
from inspectiq.webhooks import AttemptOutcome, Endpoint, Message, SQLiteOutbox, create_secret
from tests.webhooks.results import an_emergency, numbered

RUNBOOK = Path(__file__).parent.parent / "docs" / "runbooks" / "webhooks-fail.md"
HOURS = 3600.0
DELIVERED = AttemptOutcome.delivered()


@dataclass(frozen=True)
class Block:
    """Commands, and what they print."""

    commands: str
    printed: str


def sections(page: str) -> Iterator[tuple[str, list[Block]]]:
    """Each heading with its blocks."""
    for part in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        heading, _, text = part.partition("\n")
        fenced = re.findall(r"^```(sh|text)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        kinds = [kind for kind, _ in fenced]
        assert kinds == ["sh", "text"] * (len(kinds) // 2), f"{heading}: sh, then what it prints"
        yield (
            heading,
            [
                Block(commands, printed)
                for (_, commands), (_, printed) in zip(fenced[::2], fenced[1::2], strict=True)
            ],
        )


@dataclass
class Night:
    """A service at 2 a.m.: an outbox, two receivers, and the variables of an operator's shell."""

    folder: Path
    stack: ExitStack
    receivers: dict[str, WebhookReceiver] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def outbox(self) -> Path:
        return self.folder / "outbox.sqlite"

    def secret(self, value: str) -> None:
        self.environ["INSPECTIQ_WEBHOOK_SECRET"] = value

    def inspections(self, count: int, endpoint: str = "inspection", first: int = 1) -> None:
        """Accepts so many, three hours ago."""
        self._accept(endpoint, [numbered(number) for number in range(first, first + count)])

    def diagnosis(self) -> None:
        self._accept("diagnosis", [an_emergency()], events=("diagnosis.*",))

    def attempted(self, count: int, outcome: AttemptOutcome, endpoint: str, times: int = 1) -> None:
        """Attempts so many of what is due, so often; what is said is what the last one came to."""

        async def settle() -> None:
            for _ in range(times):
                for lease in await outbox.claim({endpoint: count}, now=ago(3), lease=60):
                    last = times - 1 == lease.attempts
                    again = AttemptOutcome.retry(ago(4), outcome.reason)  # the first of what is due
                    await outbox.record_outcome(lease, outcome if last else again, now=ago(10 * 24))

        outbox = SQLiteOutbox(self.outbox)
        asyncio.run(settle())
        asyncio.run(outbox.aclose())

    def disabled(self, endpoint: str, reason: str) -> None:
        outbox = SQLiteOutbox(self.outbox)
        asyncio.run(outbox.disable(endpoint, reason, now=ago(3)))
        asyncio.run(outbox.aclose())

    def _accept(
        self, endpoint: str, results: Iterable[object], events: tuple[str, ...] = ("*",)
    ) -> None:
        to = Endpoint(name=endpoint, url="https://crm.example/hooks", events=events)
        with WebhookNotifier(to, outbox=self.outbox, background=False) as notifier:
            messages: list[Message] = []
            for result in results:
                messages += notifier.messages(result)  # type: ignore[arg-type]
            asyncio.run(notifier.outbox.add(messages, now=ago(3)))


def ago(hours: float) -> float:
    return time.time() - hours * HOURS


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    secret = create_secret()
    with ExitStack() as stack:
        night = Night(tmp_path, stack)
        for name in ("inspection", "diagnosis"):
            receiver = WebhookReceiver(
                secret,
                answers=lambda webhook, name=name: (  # type: ignore[misc]
                    400 if webhook.fault else night.answers.get(name, 200)
                ),
            )
            night.receivers[name] = stack.enter_context(receiver)
        night.environ = {
            "INSPECTIQ_OUTBOX": str(night.outbox),
            "INSPECTION_WEBHOOK_URL": night.receivers["inspection"].url,
            "DIAGNOSIS_WEBHOOK_URL": night.receivers["diagnosis"].url,
            "INSPECTIQ_PRIVATE_NETWORKS": ",".join(
                entry for one in night.receivers.values() for entry in one.policy.private
            ),
        }
        night.secret(secret)
        yield night


# -- the situation of each section -----------------------------------------------------------------


def look(night: Night) -> None:
    night.inspections(4)
    night.attempted(1, DELIVERED, "inspection")
    night.attempted(1, AttemptOutcome.dead("http_401", likely_permanent=True), "inspection", 10)
    soon = time.time() + 3_320
    night.attempted(2, AttemptOutcome.retry(soon, "http_503"), "inspection", 4)
    night.diagnosis()
    night.attempted(1, AttemptOutcome.retry(ago(3), "http_410"), "diagnosis")
    night.disabled("diagnosis", "http_410")
    night.answers["inspection"] = 503


def nobody_delivers(night: Night) -> None:
    night.inspections(2)


def receiver_was_down(night: Night) -> None:
    night.inspections(3)
    night.attempted(3, AttemptOutcome.dead("http_500"), "inspection", 10)


def receiver_lost_some(night: Night) -> None:
    night.inspections(1)
    night.attempted(1, DELIVERED, "inspection")


def endpoint_is_disabled(night: Night) -> None:
    night.diagnosis()
    night.attempted(1, AttemptOutcome.retry(ago(3), "http_410"), "diagnosis")
    night.disabled("diagnosis", "http_410")


def secret_was_changed(night: Night) -> None:
    """The receiver has the old one, the sender the new one."""
    night.environ["OLD_SECRET"] = night.receivers["inspection"].secret
    night.environ["NEW_SECRET"] = create_secret()
    night.secret(night.environ["NEW_SECRET"])


def endpoint_is_unknown(night: Night) -> None:
    night.inspections(2, endpoint="crm")


def outbox_is_damaged(night: Night) -> None:
    night.inspections(2)
    size = night.outbox.stat().st_size
    with night.outbox.open("r+b") as file:
        file.seek(100)  # after the header, so that it is still a database
        file.write(b"\xff" * (size - 100))


def outbox_is_open(night: Night) -> None:
    night.inspections(1)
    held = night.stack.enter_context(closing(sqlite3.connect(night.outbox)))
    held.execute("BEGIN IMMEDIATE")


def all_is_well(night: Night) -> None:
    night.inspections(3)
    night.attempted(1, DELIVERED, "inspection")


SITUATIONS: dict[str, Callable[[Night], None]] = {
    "Look": look,
    "Nobody delivers": nobody_delivers,
    "The receiver was down": receiver_was_down,
    "The receiver lost some": receiver_lost_some,
    "The endpoint is disabled": endpoint_is_disabled,
    "Maintenance at the receiver": nobody_delivers,
    "Every attempt fails with 400 or 401": secret_was_changed,
    "The clock is wrong": all_is_well,
    "Nobody delivers for an endpoint": endpoint_is_unknown,
    "The outbox cannot be used": outbox_is_damaged,
    "Who has it open": outbox_is_open,
    "Back up and restore": all_is_well,
    "Make room": all_is_well,
}
PAGE = {name: blocks for name, blocks in sections(RUNBOOK.read_text(encoding="utf-8")) if blocks}


# -- running ---------------------------------------------------------------------------------------


def in_bash(commands: str, night: Night) -> str:
    """What commands print in a shell where `python` is the one that runs the tests."""
    programs = night.folder / "bin"
    programs.mkdir(exist_ok=True)
    python = programs / "python"
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', encoding="utf-8")
    python.chmod(stat.S_IRWXU)
    here = Path(inspectiq.__file__).parent.parent
    done = subprocess.run(
        ["bash", "-c", commands],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
        cwd=night.folder,
        env={
            **os.environ,
            **night.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(here),
        },
    )
    return done.stdout


def in_process(
    commands: str, night: Night, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """The same for commands of ours alone, without a new interpreter for each."""
    patch.chdir(night.folder)
    for name, value in night.environ.items():
        patch.setenv(name, value)
    printed = ""
    for command in commands.splitlines():
        command_line(shlex.split(command)[3:])
        printed += "".join(capsys.readouterr())
    return printed


def only_ours(commands: str) -> bool:
    return all(
        line.startswith("python -m inspectiq ") and "$" not in line
        for line in commands.splitlines()
    )


def same(printed: str, told: str) -> bool:
    """Whether that was printed: `…` stands for anything, and columns are as wide as need be."""
    lines, said = (
        [" ".join(line.split()) for line in text.splitlines()] for text in (printed, told)
    )
    patterns = [".*".join(map(re.escape, line.split("…"))) for line in said]
    if patterns and patterns[-1] == ".*":
        patterns, lines = patterns[:-1], lines[: len(patterns) - 1]
    return len(lines) == len(patterns) and all(
        re.fullmatch(pattern, line) for pattern, line in zip(patterns, lines, strict=True)
    )


def test_each_section_with_commands_has_its_situation() -> None:
    assert set(PAGE) == set(SITUATIONS)


@pytest.mark.skipif(os.name == "nt", reason="use a machine with bash")
@pytest.mark.parametrize("name", PAGE)
def test_the_commands_of_a_section_print_what_it_says(
    name: str, night: Night, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if "/proc/" in PAGE[name][0].commands and sys.platform != "linux":
        pytest.skip("use a Linux machine")
    SITUATIONS[name](night)
    for block in PAGE[name]:
        if only_ours(block.commands):
            printed = in_process(block.commands, night, monkeypatch, capsys)
        else:
            printed = in_bash(block.commands, night)
        assert same(printed, block.printed), printed


@pytest.mark.system
@pytest.mark.parametrize("name", PAGE)
def test_the_commands_of_a_section_print_the_same_in_a_shell(name: str, night: Night) -> None:
    SITUATIONS[name](night)
    for block in PAGE[name]:
        printed = in_bash(block.commands, night)
        assert same(printed, block.printed), printed


def test_webhooks_arrive_by_the_commands_with_the_ids_that_they_had(
    night: Night, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver_was_down(night)
    for block in PAGE["The receiver was down"]:
        in_process(block.commands, night, monkeypatch, capsys)
    received = night.receivers["inspection"].received
    came = [webhook for webhook in received if webhook.type != "webhook.test"]
    assert all(webhook.verified for webhook in came)
    outbox = SQLiteOutbox(night.outbox)
    records = asyncio.run(outbox.list_records(state="delivered", now=time.time()))
    asyncio.run(outbox.aclose())
    assert sorted(webhook.id for webhook in came) == sorted(record.id for record in records)


def test_every_reason_of_an_outbox_that_cannot_be_used_is_told_of() -> None:
    page = RUNBOOK.read_text(encoding="utf-8")
    for reason in ("locked", "full", "read_only", "disk", "corrupt", "closed", "failed"):
        assert f"| `{reason}` |" in page


@pytest.mark.parametrize("reason", get_args(UnsafeReason))
def test_every_reason_of_an_unsafe_url_is_told_of(reason: str) -> None:
    if reason != "redirect":  # webhooks follow none
        assert f"`unsafe_url_{reason}`" in RUNBOOK.read_text(encoding="utf-8")
