"""The command line: `python -m inspectiq inspect PATH... --engine offline --out DIR`."""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspectiq._log import redact
from inspectiq.errors import ConfigError, InspectIQError

if TYPE_CHECKING:
    from inspectiq.domain.results import Inspection
    from inspectiq.events import Event, Observer

__all__ = ["main"]

EXIT_CODES = {"complete": 0, "partial": 1, "failed": 3}
USAGE = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells expect


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns:
        0 complete, 1 partial, 2 usage or configuration, 3 failed.
    """
    arguments = _parser().parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # an old terminal costs no result
    level = (os.environ.get("LOG_LEVEL") or "WARNING").upper()
    if level not in logging.getLevelNamesMapping():
        print(f"inspectiq: LOG_LEVEL={level} is no level; use DEBUG, INFO, …", file=sys.stderr)
        return USAGE
    logging.basicConfig(level=level)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except ConfigError as error:
        print(f"inspectiq: {error}", file=sys.stderr)
        return USAGE
    except InspectIQError as error:
        print(f"inspectiq: {type(error).__name__}: {error}", file=sys.stderr)
        return EXIT_CODES["failed"]
    except KeyboardInterrupt:
        print("inspectiq: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe left; keep the interpreter from complaining as it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_CODES["complete"]
    except Exception as error:
        # Any other way out would end with 1, which means partial.
        logging.getLogger("inspectiq").debug("the command failed", exc_info=error)
        said = redact(f"{type(error).__name__}: {error}")
        print(f"inspectiq: {said} (LOG_LEVEL=DEBUG shows where)", file=sys.stderr)
        return EXIT_CODES["failed"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="inspectiq",
        description="Property photos in, findings that stand up in a dispute out.",
        epilog="exit codes: 0 complete, 1 partial, 2 usage or configuration, 3 failed",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    inspect = commands.add_parser("inspect", help="inspect photos and write a report")
    inspect.add_argument("paths", nargs="+", metavar="PATH", help="photos, folders or globs")
    inspect.add_argument("--engine", required=True, help="who looks at the photos, such as offline")
    inspect.add_argument("--out", type=Path, metavar="DIR", help="write the report here")
    inspect.add_argument("--json", action="store_true", help="print the result as JSON")
    inspect.add_argument("--quiet", "-q", action="store_true", help="no progress bar, no summary")
    inspect.add_argument("--room", help="the room, for all photos")
    inspect.add_argument("--case-id", help="your own id; the same one gives the same result id")
    inspect.add_argument("--description", help="words that came with the case")
    inspect.add_argument("--language", help="language of the findings, such as es")
    inspect.add_argument("--address", help="address for the report; it is sent to nobody")
    inspect.add_argument("--state", help="state or region, such as CA")
    inspect.add_argument("--country", help="country, such as US")
    inspect.set_defaults(command=_inspect)

    demo = commands.add_parser("demo", help="render sample photos, inspect them, show what comes")
    demo.add_argument("--engine", default="offline", help="who looks at the photos")
    demo.add_argument("--out", type=Path, default=Path("inspectiq-demo"), metavar="DIR")
    demo.add_argument("--quiet", "-q", action="store_true", help="no progress bar")
    demo.set_defaults(command=_demo)

    schema = commands.add_parser("schema", help="print the JSON Schema of an inspection")
    schema.set_defaults(command=_schema)

    version = commands.add_parser("version", help="print the version")
    version.set_defaults(command=_version)
    return parser


def _inspect(arguments: argparse.Namespace) -> int:
    place = {name: getattr(arguments, name) for name in ("address", "state", "country")}
    fields: dict[str, Any] = {
        "id": arguments.case_id,
        "room": arguments.room,
        "description": arguments.description,
        "language": arguments.language,
        "property": {name: value for name, value in place.items() if value} or None,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    if arguments.out:
        _try_folder(arguments.out)
    inspection = _run(arguments, arguments.paths, given)
    written = _write(inspection, arguments.out) if arguments.out else ()
    if arguments.json:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # as JSON is defined
        print(inspection.to_json(), end="", flush=True)
    elif not arguments.out:
        print(inspection.to_markdown(), end="")
    elif not arguments.quiet:
        _say(inspection, written)
    return EXIT_CODES[inspection.status]


def _demo(arguments: argparse.Namespace) -> int:
    from inspectiq.samples import write_samples

    _try_folder(arguments.out)
    samples = write_samples(arguments.out / "photos")
    print("Rendered samples, not photographs:")
    for path, sample in samples:
        print(f"  {path}: {sample.shows}")
    inspection = _run(arguments, arguments.out / "photos", {"id": "demo"})
    _say(inspection, _write(inspection, arguments.out))
    shown = {item.photo_id for issue in inspection.issues for item in issue.evidence}
    found = {outcome.photo.name for outcome in inspection.photos if outcome.photo.id in shown}
    missed = [sample.name for _, sample in samples if sample.defects and sample.name not in found]
    if missed:
        print(
            f"\nWith a defect drawn, and nothing found: {', '.join(missed)}.\n"
            "So is a triage: the offline engine looks for cracks only, and misses some."
        )
    # A demonstration did its job once it has shown what comes out, also where that is a triage.
    return EXIT_CODES["failed"] if inspection.status == "failed" else EXIT_CODES["complete"]


def _schema(_: argparse.Namespace) -> int:
    from inspectiq.domain.results import Inspection

    print(json.dumps(Inspection.published_schema(), indent=2))
    return EXIT_CODES["complete"]


def _version(_: argparse.Namespace) -> int:
    from inspectiq import __version__

    print(__version__)
    return EXIT_CODES["complete"]


def _run(arguments: argparse.Namespace, photos: Any, fields: dict[str, Any]) -> Inspection:
    from inspectiq.agents import InspectionAgent

    bar = sys.stderr.isatty() and not arguments.quiet
    observers: list[Observer] = [_Progress()] if bar else []
    with InspectionAgent(arguments.engine, observers=observers) as agent:
        return agent.inspect(photos, **fields)


def _try_folder(folder: Path) -> None:
    """Finds out that a folder cannot be written to before anything is paid for."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ConfigError(
            f"cannot write to {folder} ({type(error).__name__}); give another --out"
        ) from error


def _write(inspection: Inspection, folder: Path) -> tuple[Path, ...]:
    from inspectiq.reports.folder import write_report

    return write_report(inspection, folder)


def _say(inspection: Inspection, written: Sequence[Path]) -> None:
    print(f"\n{inspection.summary.headline} The result is {inspection.status}.")
    for outcome in inspection.photos:
        note = outcome.fault.message if outcome.fault else ", ".join(outcome.warnings)
        if outcome.duplicate_of:
            note = f"same as {outcome.duplicate_of}"
        print(f"  {outcome.photo.id} {outcome.photo.name}: {outcome.status} {note}".rstrip())
    for number, issue in enumerate(inspection.issues, start=1):
        room = f" in {issue.location.room}" if issue.location.room else ""
        print(f"  finding {number}: {issue.label}{room}, {issue.severity.label}")
    print("\nWritten:")
    for path in written:
        print(f"  {path}")


class _Progress:
    """A progress bar: two steps a photo, read and answered."""

    def __init__(self) -> None:
        from tqdm import tqdm

        self._make = tqdm
        self._bar: tqdm[Any] | None = None

    def on_event(self, event: Event, /) -> None:
        from inspectiq.events import (
            PhotoExamined,
            RequestAnswered,
            RequestFailed,
            RunCompleted,
            RunStarted,
        )

        if isinstance(event, RunStarted):
            self._bar = self._make(total=2 * event.photos, unit="step", desc="photos", leave=False)
        elif self._bar is not None and isinstance(event, PhotoExamined):
            self._bar.update()
        elif self._bar is not None and isinstance(event, RequestAnswered | RequestFailed):
            self._bar.update(len(event.photo_ids))
        elif self._bar is not None and isinstance(event, RunCompleted):
            self._bar.close()
