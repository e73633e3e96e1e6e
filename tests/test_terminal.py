"""Texts that others wrote reach the terminal escaped, whichever command shows them."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import logging
import os
import subprocess
import sys
import tempfile
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import inspectiq
from inspectiq import Diagnosis, Inspection
from inspectiq._cli import main
from inspectiq._cli.terminal import say, say_json, show_warnings, start_logging
from inspectiq._text import escape_invisible
from inspectiq.events import RequestAnswered
from inspectiq.limits import Ledger
from inspectiq.webhooks import Endpoint, WebhookNotifier, create_secret
from tests.conftest import render_jpeg

# A colour, a bell, a title of the window, a C1 control, a line of somebody's own, bidi, tags.
NASTY = (
    "a\x1b[31mb\x07c\x1b]0;title\x07d\x9b1me\nfinding 9: forged\rf\u202eg\u2028h\u2066i\U000e0041"
)
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_harmful(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in BIDI


def find_harmful(shown: str) -> set[str]:
    """What a terminal could obey in what was shown, besides line feeds."""
    return {char for char in shown if char != "\n" and is_harmful(char)}


def run(*argv: str) -> str:
    """What a command writes to both streams."""
    said = io.StringIO()
    with (
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
        contextlib.suppress(SystemExit),  # of argparse
    ):
        main([*argv])
    return said.getvalue()


# -- the one place ---------------------------------------------------------------------------------

odd = st.text(st.characters(codec="utf-8") | st.sampled_from(NASTY + "\x00\x7f\x85\udcff"))


@given(odd)
@example(NASTY)
def test_any_text_is_one_line_without_anything_to_obey(text: str) -> None:
    said = io.StringIO()
    say(text, file=said)
    assert said.getvalue().endswith("\n")
    line = said.getvalue()[:-1]
    assert not find_harmful(line)
    assert "\n" not in line
    assert escape_invisible(line) == line


@given(odd)
@example(NASTY)
def test_any_json_has_nothing_to_obey_and_stays_the_same_value(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    for shown in (
        json.dumps({text: [text]}, indent=2, ensure_ascii=False),
        json.dumps([text]),
    ):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            say_json(shown)
        assert not find_harmful(said.getvalue())
        assert json.loads(said.getvalue()) == json.loads(shown)


@pytest.mark.parametrize(
    "text", ["plain", "naïve café", "水漏れ", "نمی\u200cخواهم", "❤️", "C:\\a\\b"]
)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert escape_invisible(text) == text


def test_every_line_of_the_command_line_goes_through_that_place() -> None:
    """No module but one prints, or takes a stream to write to."""
    for path in (Path(inspectiq.__file__).parent / "_cli").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        writes = {name for name in calls if name == "print" or name.endswith(".write")}
        assert writes <= ({"print"} if path.name == "terminal.py" else set()), path.name


# -- commands --------------------------------------------------------------------------------------


names = odd.map(
    lambda text: text.replace("/", "").replace("\x00", "").encode("utf-8", "replace")[:80]
).filter(lambda name: name not in (b"", b".", b".."))


@settings(max_examples=25, deadline=None)
@given(names)
@example(NASTY.replace("/", "").encode())
def test_no_name_of_a_file_or_room_reaches_the_terminal_as_it_is(name: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        room = os.path.join(os.fsencode(folder), b"photos", name)  # noqa: PTH118 - of bytes
        os.makedirs(room)  # noqa: PTH103
        with open(os.path.join(room, name + b".jpg"), "wb") as file:  # noqa: PTH118, PTH123
            file.write(b"no photo")
        photos = str(Path(folder, "photos"))
        for options in ([], ["--json"], ["--out", folder], ["--preview"]):
            shown = run("inspect", photos, "--engine", "offline", *options)
            assert shown
            assert not find_harmful(shown)


def a_ledger(folder: Path) -> list[str]:
    ledger = Ledger(folder / "ledger.jsonl")
    ledger.on_event(
        RequestAnswered(
            case_id=NASTY,
            tags={"t": NASTY},
            photo_ids=(NASTY,),
            provider=NASTY,
            model=NASTY,
            usage=inspectiq.Usage(requests=1),
            seconds=1.0,
        )
    )
    return [str(folder / "ledger.jsonl"), "--by"]


def an_outbox(folder: Path, result: Inspection) -> list[str]:
    """The options of an outbox that holds webhooks with nasty ids."""
    case = result.case.model_copy(update={"id": NASTY, "description": NASTY})
    path = folder / "outbox.sqlite"
    with WebhookNotifier(
        Endpoint(url="https://crm.example/hooks", secret=create_secret(), name="crm"),
        outbox=path,
        background=False,
    ) as notifier:
        (receipt,) = notifier.notify(result.model_copy(update={"case": case}))
        notifier.disable("crm", NASTY)
    return ["--outbox", str(path), receipt.id]


NASTY_FILE = NASTY.replace("/", "").replace("\x00", "")


def list_commands(folder: Path, result: Inspection) -> list[list[str]]:
    """Commands that show or refuse what others wrote."""
    photo = folder / f"{NASTY_FILE}.jpg"
    photo.write_bytes(render_jpeg(1))
    (folder / "urls.txt").write_text(f"http://10.0.0.1/{NASTY_FILE}\nhttp://\x1b/\n", "utf-8")
    escaped = json.dumps(NASTY[:-1])  # which TOML reads as JSON does, but for pairs of surrogates
    (folder / "taxonomy.toml").write_text(f"without = [{escaped}]\n{escaped} = 3\n", "utf-8")
    (folder / "messages.csv").write_text(f'kinds,text\ngas_smell,"{NASTY}"\n', encoding="utf-8")
    ledger, by = a_ledger(folder)
    outbox, path, message = an_outbox(folder, result)
    where = ["--address", NASTY, "--room", NASTY, "--case-id", NASTY, "--description", NASTY]
    offline = ["--engine", "offline"]
    return [
        ["inspect", str(photo), *offline, *where],
        ["inspect", str(photo), *offline, *where, "--json"],
        ["inspect", str(photo), *offline, *where, "--out", str(folder / NASTY_FILE)],
        ["diagnose", *offline, "--description", f"I smell gas! {NASTY}"],
        ["diagnose", *offline, "--description", f"I smell gas! {NASTY}", "--json"],
        ["inspect", NASTY, *offline],
        ["inspect", str(photo), "--engine", NASTY],
        ["inspect", str(photo), *offline, "--usd", NASTY],
        ["inspect", str(photo), *offline, "--country", NASTY],
        ["inspect", str(photo), *offline, "--state", NASTY, "--language", NASTY],
        ["inspect", str(photo), *offline, "--out", f"/dev/null/{NASTY_FILE}"],
        ["inspect", str(photo), *offline, "--config", NASTY],
        ["inspect", str(photo), *offline, "--ledger", f"/dev/null/{NASTY_FILE}"],
        ["inspect", str(photo), *offline, "--cost-mode", NASTY],
        [NASTY],
        ["inspect", str(photo), f"--{NASTY}"],
        ["demo", "--out", f"/dev/null/{NASTY_FILE}"],
        ["check", "--engine", NASTY],
        ["check", "--photo-urls", str(folder / "urls.txt")],
        ["check", "--photo-urls", str(folder / "urls.txt"), "--json"],
        ["check", "--photo-urls", NASTY],
        ["screen", f"I smell gas {NASTY} in the kitchen"],
        ["screen", f"I smell gas {NASTY} in the kitchen", "--json"],
        ["screen", "--eval", str(folder / "messages.csv")],
        ["usage", ledger, by, "tag:t"],
        ["usage", ledger, by, "model", "--json"],
        ["usage", NASTY],
        ["usage", ledger, by, NASTY],
        ["taxonomy", "--group", NASTY],
        ["costs", "--type", NASTY],
        ["costs", "--state", NASTY],
        ["validate", str(folder)],
        ["validate", NASTY],
        ["webhooks", "list", outbox, path],
        ["webhooks", "list", outbox, path, "--json"],
        ["webhooks", "list", outbox, path, "--body", message],
        ["webhooks", "list", outbox, path, "--body", NASTY],
        ["webhooks", "dead", outbox, path, "--endpoint", NASTY],
        ["webhooks", "stats", outbox, path],
        ["webhooks", "stats", outbox, path, "--json"],
        ["webhooks", "replay", outbox, path, NASTY],
        ["webhooks", "disable", outbox, path, NASTY],
        ["webhooks", "enable", outbox, path, NASTY],
        ["webhooks", "backup", outbox, path, f"/dev/null/{NASTY_FILE}"],
        ["webhooks", "list", outbox, NASTY],
        ["schema", NASTY],
    ]


def test_no_command_shows_what_others_wrote_as_it_is(
    tmp_path: Path, triage: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = list_commands(tmp_path, triage)
    shown = [run(*command) for command in commands]
    for command, text in zip(commands, shown, strict=True):
        assert not find_harmful(text), command
        assert "\nfinding 9: forged" not in text, command
    assert sum("\\x1b[31m" in text for text in shown) >= 20  # it is shown, not lost


def test_a_real_file_in_a_real_process_is_shown_escaped(tmp_path: Path) -> None:
    photo = tmp_path / "hall\x1b[31mway\x07.jpg"
    photo.write_bytes(b"no photo")
    out = str(tmp_path / "out\x1b]0;x\x07")
    command = ["inspect", str(tmp_path), "--engine", "offline", "--out", out]
    done = subprocess.run(
        [sys.executable, "-m", "inspectiq", *command],
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, "INSPECTIQ_\x1b[31m": "1", "LOG_LEVEL": "DEBUG"},
    )
    shown = (done.stdout + done.stderr).decode()
    assert done.returncode == 3
    assert "hall\\x1b[31mway\\x07.jpg: failed" in shown
    assert "INSPECTIQ_\\x1b[31m" in shown  # a warning
    assert not find_harmful(shown)


# -- warnings and the log --------------------------------------------------------------------------


def test_a_warning_is_one_escaped_line_and_is_said_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(warnings, "filters", [("always", None, Warning, None, 0)])
    before = warnings.showwarning
    with show_warnings():
        for _ in range(2):
            warnings.warn_explicit(NASTY, UserWarning, "a.py", 1)
    assert capsys.readouterr().err == f"inspectiq: warning: {escape_invisible(NASTY)}\n"
    assert warnings.showwarning is before


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """Logs as the command line does; gives what was written."""
    said, level = io.StringIO(), logging.root.level
    monkeypatch.setattr(sys, "stderr", said)
    monkeypatch.setattr(logging.root, "handlers", [])
    start_logging("DEBUG")
    yield said.getvalue
    logging.root.setLevel(level)


def test_the_log_of_any_library_is_escaped_with_its_tracebacks(log: Callable[[], str]) -> None:
    try:
        raise ValueError(NASTY)
    except ValueError:
        logging.getLogger("somebody.else").exception("it says %s", NASTY)
    shown = log()
    assert not find_harmful(shown)
    assert "ValueError: a\\x1b[31mb" in shown
    assert all("forged" in line for line in shown.splitlines() if line.startswith("ERROR"))
    lines = [line for line in shown.splitlines() if line.startswith("finding 9")]
    assert not lines


def test_what_was_escaped_stays_whole_in_a_stored_result(tmp_path: Path) -> None:
    run(
        "diagnose",
        "--engine",
        "offline",
        "--description",
        f"I smell gas! {NASTY}",
        "--out",
        str(tmp_path),
    )
    stored = Diagnosis.model_validate_json((tmp_path / "diagnosis.json").read_text("utf-8"))
    assert stored.case.description == f"I smell gas! {NASTY}"
    kept: dict[str, Any] = json.loads((tmp_path / "diagnosis.json").read_text("utf-8"))
    assert kept["case"]["description"] == stored.case.description
