"""The commands that run an agent."""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from inspectiq._cli.codes import EXIT_CODES
from inspectiq._cli.terminal import say, say_json
from inspectiq._progress import ProgressBar
from inspectiq.agents._agent import Agent
from inspectiq.agents._case import make_case
from inspectiq.agents._diagnosis import DiagnosisAgent
from inspectiq.agents._inspection import InspectionAgent
from inspectiq.config import load_config
from inspectiq.domain._results import PhotoOutcome, Result
from inspectiq.errors import ConfigError
from inspectiq.limits._ledger import Ledger
from inspectiq.limits._limits import Limits
from inspectiq.reports._report_folder import write_report

if TYPE_CHECKING:
    from inspectiq.events import Observer
    from inspectiq.transports._health import EngineHealth

__all__ = ["check", "diagnose", "inspect", "run_demo"]

AgentT = TypeVar("AgentT", bound=Agent[Any, Any, Any])


def inspect(arguments: argparse.Namespace) -> int:
    """Inspects photos and writes a report."""
    return _run(InspectionAgent, arguments)


def diagnose(arguments: argparse.Namespace) -> int:
    """Diagnoses photos, words, or both, and writes a report."""
    return _run(DiagnosisAgent, arguments)


def run_demo(arguments: argparse.Namespace) -> int:
    """Writes the sample photos, inspects them, and prints the result."""
    from inspectiq._samples import write_samples

    _try_folder(arguments.out)
    samples = write_samples(arguments.out / "photos")
    say("Rendered samples, not photographs:")
    for path, sample in samples:
        say(f"  {path}: {sample.shows}")
    with _open_agent(InspectionAgent, arguments) as agent:
        inspection = agent.inspect(arguments.out / "photos", id="demo")
    _print_summary(inspection, write_report(inspection, arguments.out))
    found = _list_photos_with_findings(inspection)
    missed = [sample.name for _, sample in samples if sample.defects and sample.name not in found]
    if missed:
        say(
            "",
            f"With a defect drawn, and nothing found: {', '.join(missed)}.",
            "So is a triage: the offline engine looks for cracks only, and misses some.",
        )
    # A demonstration did its job once it has shown what comes out, also where that is a triage.
    return EXIT_CODES["failed"] if inspection.status == "failed" else EXIT_CODES["complete"]


def _list_photos_with_findings(result: Result) -> set[str]:
    shown = {item.photo_id for finding in result.found for item in finding.evidence}
    return {outcome.photo.name for outcome in result.photos if outcome.photo.id in shown}


def check(arguments: argparse.Namespace) -> int:
    """Checks whether a call to the engine would work now."""
    with _make_agent(InspectionAgent, arguments) as agent:
        found = agent.check()
    if arguments.json:
        say_json(found.model_dump_json(indent=2))
    elif found.ok:
        took = f"answered in {found.seconds:.1f} s"
        say(f"{found.provider}:{found.model} {took}{_describe_cost(found)}")
        say(*(f"  {problem}" for problem in found.problems))
    else:
        wrong = f"{found.error}: {found.message}" if found.error else found.message
        say(f"{found.provider}:{found.model}{_describe_cost(found)}: {wrong}", file=sys.stderr)
    return EXIT_CODES["complete" if found.ok else "failed"]


def _describe_cost(found: EngineHealth) -> str:
    spent = found.usage
    if spent is None or not spent.requests:
        return ""
    tokens = f", {spent.input_tokens + spent.output_tokens} tokens"
    return tokens if spent.usd is None else f"{tokens}, ${spent.usd:.4f}"


def _collect_fields(arguments: argparse.Namespace) -> dict[str, Any]:
    """Collects the fields of the case that were given."""
    place = {name: getattr(arguments, name) for name in ("address", "state", "country")}
    fields: dict[str, Any] = {
        "id": arguments.case_id,
        "room": arguments.room,
        "description": arguments.description,
        "language": arguments.language,
        "reported_at": arguments.reported_at,
        "inspected_at": arguments.inspected_at,
        "property": {name: value for name, value in place.items() if value} or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _run(kind: type[Agent[Any, Any, Any]], arguments: argparse.Namespace) -> int:
    """Runs an agent, then writes and prints the result as the arguments say."""
    case = make_case(arguments.paths or None, _collect_fields(arguments))
    if arguments.preview:
        with _make_agent(kind, arguments) as agent:
            say(agent.preview(case))
        return EXIT_CODES["complete"]
    if arguments.out:
        _try_folder(arguments.out)
    with _open_agent(kind, arguments) as agent:
        result: Result = agent.run(case)
    written = write_report(result, arguments.out) if arguments.out else ()
    if arguments.json:
        _print_json(result)
    elif not arguments.out:
        say(*result.to_markdown().removesuffix("\n").split("\n"))
    elif not arguments.quiet:
        _print_summary(result, written)
    return EXIT_CODES[result.status]


def _print_json(result: Result) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # as JSON is defined
    say_json(result.to_json(), flush=True)


@contextmanager
def _open_agent(kind: type[AgentT], arguments: argparse.Namespace) -> Iterator[AgentT]:
    """Opens an agent with a progress bar."""
    with (
        ProgressBar(disable=arguments.quiet or None) as bar,
        _make_agent(kind, arguments, observers=[bar]) as agent,
    ):
        yield agent


def _make_agent(
    kind: type[AgentT], arguments: argparse.Namespace, observers: Iterable[Observer] = ()
) -> AgentT:
    limits = None
    if usd := getattr(arguments, "usd", None):
        try:
            limits = Limits(usd=usd)
        except ValueError:
            raise ConfigError(f"--usd {usd} is no amount of dollars") from None
    if file := getattr(arguments, "ledger", None):
        observers = [*observers, Ledger(file)]
    folder = getattr(arguments, "config", None)
    return kind(
        arguments.engine,
        limits=limits,
        cost_mode=getattr(arguments, "cost_mode", "book"),
        cache=getattr(arguments, "cache", None),
        observers=observers,
        **(load_config(folder).to_agent_options() if folder else {}),
    )


def _try_folder(folder: Path) -> None:
    """Raises if a folder cannot be written to, before anything is paid for."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ConfigError(
            f"cannot write to {folder} ({type(error).__name__}); give another --out"
        ) from error


def _print_summary(result: Result, written: Sequence[Path]) -> None:
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
    if spent.usd is None or spent.usd:
        dollars = "an unknown amount" if spent.usd is None else f"${spent.usd:.4f}"
        say("", f"The engine was paid {dollars} for {spent.requests} requests.")
    say("", "Written:")
    for path in written:
        say(f"  {path}")


def _make_note(outcome: PhotoOutcome) -> str:
    if outcome.duplicate_of:
        return f"same as {outcome.duplicate_of}"
    return outcome.fault.message if outcome.fault else ", ".join(outcome.warnings)
