"""Writes and prints a result as the options say."""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from inspectiq._cli.terminal import say, say_json
from inspectiq._cli.wording import to_command_words
from inspectiq._files import read_text
from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._results import Inspection, PhotoOutcome, Result
from inspectiq.errors import ConfigError
from inspectiq.reports._report_folder import write_report

__all__ = [
    "print_json",
    "print_summary",
    "put_out",
    "read_result",
    "require_out",
    "try_folder",
]


def try_folder(folder: Path) -> None:
    """Raises if a folder cannot be written to, before anything is paid for."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ConfigError(
            f"cannot write to {folder} ({type(error).__name__}); give another --out"
        ) from error


def require_out(arguments: argparse.Namespace) -> None:
    """Raises if a format was asked for, and there is no folder to write it to."""
    if arguments.formats and not arguments.out:
        raise ConfigError(f"--{arguments.formats[0]} writes a file; give --out DIR as well")


def put_out(
    result: Result,
    arguments: argparse.Namespace,
    photos: Path | None = None,
    *,
    asked: bool = True,
) -> None:
    """Writes a result into `--out`, and prints it as JSON, as a summary, or as the report.

    Args:
        result: The result.
        arguments: With `out`, `json` and `quiet`.
        photos: The folder of its photos; a live result knows.
        asked: Whether an engine was asked just now, and what it was paid is news.
    """
    written: Sequence[Path] = ()
    if arguments.out:
        written = write_report(result, arguments.out, photos, also=arguments.formats)
    if arguments.json:
        print_json(result.to_json())
    elif not arguments.out:
        say(*result.to_markdown().removesuffix("\n").split("\n"))
    elif not arguments.quiet:
        print_summary(result, written, asked=asked)


def print_json(text: str) -> None:
    """Prints JSON as UTF-8, as it is defined, whatever the terminal's encoding is."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    say_json(text, flush=True)


def print_summary(result: Result, written: Sequence[Path], *, asked: bool = True) -> None:
    """Prints what was found, what became of each photo, and what was written."""
    for urgent in result.emergencies:
        say("", f"! {urgent.label}: {' '.join(urgent.instructions)}")
    say("", f"{result.summary.headline} The result is {result.status}.")
    for outcome in result.photos:
        line = f"{outcome.photo.id} {outcome.photo.name}: {outcome.status} {_make_note(outcome)}"
        say(f"  {line}".rstrip())
    for number, finding in enumerate(result.found, start=1):
        room = f" in {finding.location.room}" if finding.location.room else ""
        say(f"  finding {number}: {finding.label}{room}, {finding.severity.label}")
    spent = result.usage
    if asked and (spent.usd is None or spent.usd):
        requests = f"{spent.requests} request{'s' * (spent.requests != 1)}"
        dollars = "an unknown amount" if spent.usd is None else f"${spent.usd:.4f}"
        say("", f"The engine was paid {dollars} for {requests}.")
    say("", "Written:")
    for path in written:
        say(f"  {path}")


def _make_note(outcome: PhotoOutcome) -> str:
    if outcome.duplicate_of:
        return f"same as {outcome.duplicate_of}"
    if outcome.fault:
        return to_command_words(outcome.fault.message)
    return ", ".join(outcome.warnings)


def read_result(path: Path) -> Result:
    """Reads a result from the JSON that `inspect` or `diagnose` wrote."""
    how = "give the inspection.json or diagnosis.json that --out or --json wrote"
    if path.is_dir():
        raise ConfigError(f"{path} is a folder; {how}")
    try:
        text = read_text(path, "result")
    except ConfigError as error:
        if isinstance(error.__cause__, UnicodeDecodeError):
            raise ConfigError(f"{path} is no result of inspectiq; {how}") from None
        raise
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raw = None
    form: type[Result] | None = None
    if isinstance(raw, dict):
        form = Inspection if "issues" in raw else Diagnosis if "findings" in raw else None
    if form is None:
        raise ConfigError(f"{path} is no result of inspectiq; {how}")
    try:
        return form.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ConfigError(
            f"{path} is no result of inspectiq ({place}: {first['msg']}); {how}"
        ) from None
